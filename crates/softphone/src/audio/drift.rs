//! Between a device's clock and ours: resampling with a ratio that is steered by how full the ring is.
//!
//! A device's "48 kHz" is never quite ours. What it delivers too much or too little piles up in the ring between its
//! callback and us, so the ring's fill tells the error, and a controller turns it into a tiny change of the ratio: no
//! sample is ever dropped or repeated while clocks are within half a percent of each other. Only when a device stalls
//! or bursts is sound skipped or silence filled in, and counted.
//!
//! No clock and no device in here: the caller comes every 20 ms.

use rtrb::{Consumer, Producer};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable, Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

use super::{FRAME_SAMPLES, Frame, SAMPLE_RATE_HZ, StereoFrame};

/// The ratio is moved by so much at most: half a percent, which nobody hears as pitch.
const TRIM_MAX: f64 = 0.005;
/// The fill is smoothed over about a second (of 20 ms steps): callbacks come in lumps.
const SMOOTHING: f64 = 0.02;
/// The controller: critically damped, settling within a minute. Gains on seconds of error. It must be slow: a callback's
/// lumps beat with our steps, so that the fill swings by a period over as much as a minute.
const PROPORTIONAL_PER_S: f64 = 0.1;
const INTEGRAL_PER_S2: f64 = 0.0025;
/// Only an error this small, s, tells of the clocks; a larger one is a burst or a beginning.
const LEARNT_FROM_S: f64 = 0.02;
/// A step of the controller, s.
const STEP_S: f64 = 0.02;
/// Sound kept beyond what one step and one callback need, ms: for threads that come late.
const MARGIN_MS: u32 = 15;
/// A fill so far above the target is cut at once instead of steered away, ms.
const EXCESS_MS: u32 = 60;
/// Taps of the resampler's filter: its delay is half of it, 1.3 ms.
const SINC_TAPS: usize = 128;

/// What the ring's fill is steered by.
#[derive(Debug, Clone)]
pub struct Steering {
    target_s: f64,
    smooth_s: Option<f64>,
    integral: f64,
}

impl Steering {
    /// Steers towards a fill of `target_s` seconds.
    pub fn new(target_s: f64) -> Self {
        Self { target_s, smooth_s: None, integral: 0.0 }
    }

    /// Takes the fill of this step, s, and says by how much the ring must drain faster than nominal: 0.001 is 0.1 %.
    pub fn step(&mut self, fill_s: f64) -> f64 {
        let smooth = self.smooth_s.map_or(fill_s, |smooth| smooth + SMOOTHING * (fill_s - smooth));
        self.smooth_s = Some(smooth);
        let error = smooth - self.target_s;
        let limit = TRIM_MAX / INTEGRAL_PER_S2;
        if error.abs() <= LEARNT_FROM_S {
            self.integral = (self.integral + error * STEP_S).clamp(-limit, limit);
        }
        (PROPORTIONAL_PER_S * error + INTEGRAL_PER_S2 * self.integral).clamp(-TRIM_MAX, TRIM_MAX)
    }

    /// Forgets the fill, which has jumped; what is known of the clocks stays.
    fn jumped(&mut self) {
        self.smooth_s = None;
    }

    /// The difference of the clocks as learnt so far, parts per million; it swings around the truth by some tens.
    pub fn drift_ppm(&self) -> f64 {
        INTEGRAL_PER_S2 * self.integral * 1e6
    }
}

/// What a stream has gone through.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct DriftStats {
    /// The device's clock against ours, parts per million; positive: the ring fills too fast.
    pub drift_ppm: f32,
    /// Sound in the ring, ms.
    pub fill_ms: f32,
    /// Times there was nothing to take: silence was filled in.
    pub underruns: u64,
    /// Times too much had piled up: sound was skipped.
    pub skips: u64,
}

/// The fill to steer for: one step, one callback and a margin, frames of the device.
fn target_frames(rate_hz: u32, period_frames: u32) -> u32 {
    rate_hz / 50 + period_frames + rate_hz * MARGIN_MS / 1000
}

fn resampler(ratio: f64, channels: usize, fixed: FixedAsync) -> Async<f32> {
    let parameters = SincInterpolationParameters::new(SINC_TAPS, WindowFunction::BlackmanHarris2)
        .interpolation(SincInterpolationType::Quadratic);
    let most = 1.0 + 2.0 * TRIM_MAX;
    Async::new_sinc(ratio, most, &parameters, FRAME_SAMPLES, channels, fixed)
        .expect("a positive ratio and a chunk of 960 frames are valid")
}

/// The microphone's end: a ring at the device's rate in, frames at 48 kHz out.
pub struct CaptureEnd {
    ring: Consumer<f32>,
    rate_hz: u32,
    target_frames: u32,
    resampler: Async<f32>,
    steering: Steering,
    input: Vec<f32>,
    is_primed: bool,
    stats: DriftStats,
}

impl CaptureEnd {
    /// `ring`: mono samples at `rate_hz`, that come `period_frames` at a time.
    pub fn new(ring: Consumer<f32>, rate_hz: u32, period_frames: u32) -> Self {
        let ratio = f64::from(SAMPLE_RATE_HZ) / f64::from(rate_hz);
        let resampler = resampler(ratio, 1, FixedAsync::Output);
        let target = target_frames(rate_hz, period_frames);
        let input = vec![0.0; resampler.input_frames_max()];
        let steering = Steering::new(f64::from(target) / f64::from(rate_hz));
        let stats = DriftStats::default();
        Self {
            ring,
            rate_hz,
            target_frames: target,
            resampler,
            steering,
            input,
            is_primed: false,
            stats,
        }
    }

    /// Takes the next 20 ms; false, and silence, when they are not there.
    pub fn pull(&mut self, frame: &mut Frame) -> bool {
        self.skip_excess();
        let fill = self.ring.slots();
        self.is_primed |= fill >= self.target_frames as usize;
        let fill_s = fill as f64 / f64::from(self.rate_hz);
        self.stats.fill_ms = (fill_s * 1e3) as f32;
        if self.is_primed {
            let trim = self.steering.step(fill_s);
            set_ratio(&mut self.resampler, 1.0 / (1.0 + trim));
        }
        let needed = self.resampler.input_frames_next();
        if !self.is_primed || fill < needed {
            self.stats.underruns += u64::from(self.is_primed);
            self.is_primed = false;
            self.steering.jumped();
            frame.fill(0.0);
            return false;
        }
        let input = &mut self.input[..needed];
        self.ring
            .pop_entire_slice(input)
            .expect("`fill` samples are there, and nobody else takes them");
        let from =
            InterleavedSlice::new(&*input, 1, needed).expect("one channel of `needed` frames");
        let mut to =
            InterleavedSlice::new_mut(&mut frame[..], 1, FRAME_SAMPLES).expect("one channel");
        self.resampler
            .process_into_buffer(&from, &mut to, None)
            .expect("both buffers have the size asked for");
        true
    }

    /// What it has gone through.
    pub fn stats(&self) -> DriftStats {
        DriftStats { drift_ppm: self.steering.drift_ppm() as f32, ..self.stats }
    }

    fn skip_excess(&mut self) {
        let limit = self.target_frames + self.rate_hz * EXCESS_MS / 1000;
        let fill = self.ring.slots();
        if fill <= limit as usize {
            return;
        }
        let excess = fill - self.target_frames as usize;
        if let Ok(chunk) = self.ring.read_chunk(excess) {
            chunk.commit_all();
            self.stats.skips += 1;
            self.steering.jumped();
        }
    }
}

/// The speaker's end: stereo frames at 48 kHz in, a ring at the device's rate out.
pub struct PlaybackEnd {
    ring: Producer<[f32; 2]>,
    rate_hz: u32,
    target_frames: u32,
    resampler: Async<f32>,
    steering: Steering,
    output: Vec<f32>,
    is_primed: bool,
    stats: DriftStats,
}

impl PlaybackEnd {
    /// `ring`: stereo frames at `rate_hz`, that are taken `period_frames` at a time.
    pub fn new(ring: Producer<[f32; 2]>, rate_hz: u32, period_frames: u32) -> Self {
        let ratio = f64::from(rate_hz) / f64::from(SAMPLE_RATE_HZ);
        let resampler = resampler(ratio, 2, FixedAsync::Input);
        let target = target_frames(rate_hz, period_frames);
        let output = vec![0.0; 2 * resampler.output_frames_max()];
        let steering = Steering::new(f64::from(target) / f64::from(rate_hz));
        let stats = DriftStats::default();
        Self {
            ring,
            rate_hz,
            target_frames: target,
            resampler,
            steering,
            output,
            is_primed: false,
            stats,
        }
    }

    /// Plays the next 20 ms.
    pub fn push(&mut self, frame: &StereoFrame) {
        let fill = self.ring.buffer().capacity() - self.ring.slots();
        if fill == 0 {
            // It begins, or has run dry: the target's worth of silence first.
            self.stats.underruns += u64::from(self.is_primed);
            self.is_primed = true;
            self.silence(self.target_frames as usize);
            self.steering.jumped();
        }
        let fill_s = fill.max(1) as f64 / f64::from(self.rate_hz);
        self.stats.fill_ms = (fill_s * 1e3) as f32;
        if fill > 0 {
            // The fill is looked at before the push: a step less than the target.
            let trim = self.steering.step(fill_s + STEP_S);
            set_ratio(&mut self.resampler, 1.0 / (1.0 + trim));
        }
        let limit = self.target_frames + self.rate_hz * EXCESS_MS / 1000;
        if fill > limit as usize {
            self.stats.skips += 1;
            self.steering.jumped();
            return;
        }
        let samples = frame.as_flattened();
        let from =
            InterleavedSlice::new(samples, 2, FRAME_SAMPLES).expect("two channels of 960 frames");
        let room = self.output.len() / 2;
        let mut to =
            InterleavedSlice::new_mut(&mut self.output[..], 2, room).expect("two channels");
        let (_, made) = self
            .resampler
            .process_into_buffer(&from, &mut to, None)
            .expect("both buffers have the size asked for");
        let (pairs, _) = self.output[..2 * made].as_chunks::<2>();
        // What a full ring can't take is lost; the next push sees the excess.
        let _ = self.ring.push_partial_slice(pairs);
    }

    /// What it has gone through.
    pub fn stats(&self) -> DriftStats {
        // Here a ring that fills too fast means a device that is slow.
        DriftStats { drift_ppm: self.steering.drift_ppm() as f32, ..self.stats }
    }

    fn silence(&mut self, frames: usize) {
        for _ in 0..frames.min(self.ring.slots()) {
            // It can't fail: there is room for as many.
            let _ = self.ring.push([0.0; 2]);
        }
    }
}

fn set_ratio(resampler: &mut Async<f32>, relative: f64) {
    resampler
        .set_resample_ratio_relative(relative, true)
        .expect("trims are within what it was made for");
}

#[cfg(test)]
mod tests;
