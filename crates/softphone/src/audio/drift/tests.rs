use client::probe::{rms_dbfs, sine, tone_dbfs};
use rtrb::RingBuffer;

use super::*;

const TONE_HZ: f32 = 1_000.0;
const LEVEL_DBFS: f32 = -12.0;
/// How long a clock is followed, s; its drift is the mean over the second half.
const SECONDS: usize = 200;

/// A microphone whose clock is `ppm` fast hears a tone; what comes out.
fn captured(rate_hz: u32, ppm: f64) -> (Vec<f32>, DriftStats) {
    let period = rate_hz / 100;
    let (mut tx, rx) = RingBuffer::new(rate_hz as usize);
    let mut end = CaptureEnd::new(rx, rate_hz, period);
    let omega =
        std::f64::consts::TAU * f64::from(TONE_HZ) / (f64::from(rate_hz) * (1.0 + ppm / 1e6));
    let amplitude = 10_f64.powf(f64::from(LEVEL_DBFS) / 20.0);
    let (mut made, mut due) = (0_u64, 0.0);
    let mut heard = Vec::new();
    let mut frame = [0.0; FRAME_SAMPLES];
    let mut drift_ppm = 0.0;
    for step in 0..SECONDS * 50 {
        due += f64::from(rate_hz) * (1.0 + ppm / 1e6) / 50.0;
        while made as f64 + f64::from(period) <= due {
            for n in made..made + u64::from(period) {
                tx.push((amplitude * (omega * n as f64).sin()) as f32).unwrap();
            }
            made += u64::from(period);
        }
        end.pull(&mut frame);
        heard.extend_from_slice(&frame);
        drift_ppm += mean_part(step, end.stats());
    }
    (heard, DriftStats { drift_ppm, ..end.stats() })
}

/// A tone as a speaker whose clock is `ppm` fast plays it.
fn played(rate_hz: u32, ppm: f64) -> (Vec<f32>, DriftStats) {
    let period = rate_hz as usize / 100;
    let (tx, mut rx) = RingBuffer::<[f32; 2]>::new(rate_hz as usize);
    let mut end = PlaybackEnd::new(tx, rate_hz, period as u32);
    let signal = sine(TONE_HZ, LEVEL_DBFS, SECONDS * SAMPLE_RATE_HZ as usize);
    let (mut taken, mut due) = (0, 0.0);
    let mut heard = Vec::new();
    let mut drift_ppm = 0.0;
    for (step, mono) in signal.as_chunks::<FRAME_SAMPLES>().0.iter().enumerate() {
        end.push(&mono.map(|sample| [sample, 0.0]));
        due += f64::from(rate_hz) * (1.0 + ppm / 1e6) / 50.0;
        while (taken + period) as f64 <= due {
            for _ in 0..period {
                let [left, right] = rx.pop().unwrap_or_default();
                assert_eq!(right, 0.0);
                heard.push(left);
            }
            taken += period;
        }
        drift_ppm += mean_part(step, end.stats());
    }
    (heard, DriftStats { drift_ppm, ..end.stats() })
}

/// What one step adds to the mean of the second half.
fn mean_part(step: usize, stats: DriftStats) -> f32 {
    let half = SECONDS * 50 / 2;
    if step < half { 0.0 } else { stats.drift_ppm / half as f32 }
}

/// The tone's level in the last seconds, and that of everything else.
fn level_and_rest(heard: &[f32], hz: f32) -> (f32, f32) {
    let last = &heard[heard.len() - 2 * 48_000..];
    let rms = rms_dbfs(last);
    // A steady sine of this RMS; what is left over shows as flutter of the level.
    let track = last.chunks_exact(4_800).map(|piece| tone_dbfs(piece, hz));
    let (least, most) = track.fold((0.0_f32, -150.0_f32), |(a, b), l| (a.min(l), b.max(l)));
    (rms + 3.01, most - least)
}

#[test]
fn a_clock_that_is_off_is_followed_with_nothing_lost() {
    for (rate_hz, ppm) in [(48_000, 200.0), (44_100, -150.0), (16_000, 300.0)] {
        let (heard, stats) = captured(rate_hz, ppm);
        assert_eq!((stats.underruns, stats.skips), (0, 0), "{rate_hz} Hz, {ppm} ppm");
        assert!(
            (f64::from(stats.drift_ppm) - ppm).abs() < 40.0,
            "{rate_hz} Hz, {ppm} ppm: {stats:?}"
        );
        let (level, flutter) = level_and_rest(&heard, TONE_HZ);
        assert!((level - LEVEL_DBFS).abs() < 0.5 && flutter < 0.3, "{level} dB, {flutter} dB");
    }
}

#[test]
fn a_speaker_is_followed_the_other_way() {
    for (rate_hz, ppm) in [(48_000, 200.0), (44_100, -150.0)] {
        let (heard, stats) = played(rate_hz, ppm);
        assert_eq!((stats.underruns, stats.skips), (0, 0), "{rate_hz} Hz, {ppm} ppm");
        // A fast speaker empties the ring.
        assert!(
            (f64::from(stats.drift_ppm) + ppm).abs() < 40.0,
            "{rate_hz} Hz, {ppm} ppm: {stats:?}"
        );
        // The probe takes 48 kHz for granted.
        let hz = TONE_HZ * 48_000.0 / rate_hz as f32;
        let (level, flutter) = level_and_rest(&heard, hz);
        assert!((level - LEVEL_DBFS).abs() < 0.5 && flutter < 0.3, "{level} dB, {flutter} dB");
    }
}

#[test]
fn a_narrow_speaker_gets_nothing_above_its_band() {
    let (tx, mut rx) = RingBuffer::<[f32; 2]>::new(16_000);
    let mut end = PlaybackEnd::new(tx, 16_000, 160);
    for mono in sine(11_000.0, -6.0, 24_000).as_chunks::<FRAME_SAMPLES>().0 {
        end.push(&mono.map(|sample| [sample; 2]));
        while rx.slots() > 640 {
            rx.pop().unwrap();
        }
    }
    let rest: Vec<f32> = std::iter::from_fn(|| rx.pop().ok().map(|[left, _]| left)).collect();
    assert!(rms_dbfs(&rest) < -70.0, "11 kHz would be heard as 5 kHz: {}", rms_dbfs(&rest));
}

#[test]
fn a_burst_is_skipped_and_a_stall_is_silent() {
    let (mut tx, rx) = RingBuffer::new(48_000);
    let mut end = CaptureEnd::new(rx, 48_000, 480);
    let mut frame = [0.5; FRAME_SAMPLES];
    assert!(!end.pull(&mut frame) && frame == [0.0; FRAME_SAMPLES], "nothing yet");
    assert_eq!(end.stats().underruns, 0, "it has not begun");
    for _ in 0..30_000 {
        tx.push(0.1).unwrap();
    }
    assert!(end.pull(&mut frame));
    assert_eq!(end.stats().skips, 1);
    assert!(end.stats().fill_ms < 60.0);
    while end.pull(&mut frame) {}
    assert_eq!(end.stats().underruns, 1);
    assert!(!end.pull(&mut frame), "it waits until there is enough again");
    assert_eq!(end.stats().underruns, 1);
}

#[test]
fn the_trim_is_bounded() {
    let mut steering = Steering::new(0.04);
    for _ in 0..10_000 {
        assert!(steering.step(5.0).abs() <= TRIM_MAX);
    }
    assert!(steering.drift_ppm() <= TRIM_MAX * 1e6);
}
