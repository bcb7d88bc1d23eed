//! Where a voice goes on in packets of another maker, a little later: the place to go back to, so that nobody hears it.
//!
//! Packets that were passed on are early: of each all was known when it came. A mix is known a tick at a time, so its first
//! packet has to begin in sound that was sent already. It goes back by as much as makes the sound alike, which in speech is
//! one period of its pitch or several, and fades from the one into the other (as `jitter`'s stretching does).

use codec::FRAME_SAMPLES;

/// What is looked at, samples: the present frame and the two before it.
pub(crate) const SEEN: usize = 3 * FRAME_SAMPLES;
/// From one to the other within 5 ms.
const FADE: usize = 240;
/// Pieces are compared over 10 ms, half of it before the joint.
const COMPARED: usize = 480;
/// Every fourth place is tried, and every fourth sample compared: pitch is far below 6 kHz.
const STRIDE: usize = 4;
/// What is less alike than the best by no more than this is as good, and nearer.
const AS_GOOD: f32 = 0.03;

/// A frame that goes on in `sound` where `ahead` samples of its last frame are heard already, and how far back that went:
/// from `ahead` to a whole frame.
pub(crate) fn join(sound: &[f32; SEEN], ahead: usize) -> ([f32; FRAME_SAMPLES], usize) {
    let here = SEEN - FRAME_SAMPLES + ahead;
    let piece = |from: usize| &sound[from - COMPARED / 2..from + COMPARED / 2];
    let lags = || (ahead..=FRAME_SAMPLES).step_by(STRIDE);
    let alike = |lag: usize| alike(piece(here), piece(here - lag));
    let most = lags().map(alike).fold(f32::MIN, f32::max);
    let is_peak = |lag: usize| alike(lag) >= most - AS_GOOD && alike(lag) >= alike(lag + STRIDE);
    let back = lags().find(|lag| is_peak(*lag)).unwrap_or(FRAME_SAMPLES);
    let mut frame = [0.0; FRAME_SAMPLES];
    frame.copy_from_slice(&sound[here - back..here - back + FRAME_SAMPLES]);
    for (n, (sample, before)) in frame.iter_mut().zip(&sound[here..]).take(FADE).enumerate() {
        let later = (n as f32 + 0.5) / FADE as f32;
        *sample = before * (1.0 - later) + *sample * later;
    }
    (frame, back)
}

/// How much alike two pieces are: 1 for the same, at most; a difference of level counts as well. Silence is like silence.
fn alike(a: &[f32], b: &[f32]) -> f32 {
    let (mut product, mut power) = (f32::MIN_POSITIVE, f32::MIN_POSITIVE);
    for (a, b) in a.iter().zip(b).step_by(STRIDE) {
        product += a * b;
        power += (a * a + b * b) / 2.0;
    }
    product / power
}

#[cfg(test)]
mod tests {
    use super::*;

    const AHEAD: usize = 312;

    /// A voice of this pitch.
    fn voice(hz: f32) -> [f32; SEEN] {
        std::array::from_fn(|n| {
            let turns = hz * n as f32 / 48_000.0;
            (1..9).map(|k| 0.1 / k as f32 * (std::f32::consts::TAU * turns * k as f32).sin()).sum()
        })
    }

    #[test]
    fn it_goes_back_by_whole_periods_and_without_a_step() {
        for hz in [80.0, 117.0, 160.0, 233.0, 310.0] {
            let sound = voice(hz);
            let (frame, back) = join(&sound, AHEAD);
            let period = 48_000.0 / hz;
            let rest = (back as f32 / period).round() * period - back as f32;
            assert!(rest.abs() <= STRIDE as f32, "{hz} Hz: {back} samples");
            assert!((AHEAD..=FRAME_SAMPLES).contains(&back), "{back}");
            let here = SEEN - FRAME_SAMPLES + AHEAD;
            let steps = sound.windows(2).map(|it| (it[1] - it[0]).abs()).fold(0.0, f32::max);
            let first = (frame[0] - sound[here - 1]).abs();
            let within = frame.windows(2).map(|it| (it[1] - it[0]).abs()).fold(first, f32::max);
            assert!(within < 1.1 * steps, "{hz} Hz: a step of {within}, {steps} in the voice");
            // It ends so far behind the last sample as it went back less what was ahead.
            let behind = back - AHEAD;
            assert_eq!(frame[FRAME_SAMPLES - 1], sound[SEEN - 1 - behind], "{hz} Hz");
        }
    }

    #[test]
    fn it_goes_back_no_further_than_it_must() {
        for (hz, periods) in [(320.0, 3.0), (160.0, 2.0), (117.0, 1.0), (60.0, 1.0)] {
            let (_, back) = join(&voice(hz), AHEAD);
            let wanted = periods * 48_000.0 / hz;
            assert!((back as f32 - wanted).abs() <= STRIDE as f32, "{hz} Hz: {back}, not {wanted}");
        }
        assert_eq!(join(&[0.0; SEEN], AHEAD).1, AHEAD, "silence is like silence");
    }
}
