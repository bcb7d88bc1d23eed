//! Frames and a route plan in, one mix per distinct listener row and audience out.
//!
//! A [`Mixer`] belongs to one call. It takes the [`RoutePlan`](interaction::RoutePlan) as it
//! comes, says how each listener's row is to be delivered ([`Delivery`]), and once per 20 ms turns
//! the decoded frames into [`Mix`]es: ramped gains, tones, a coach at the loudness of the caller, a limiter, and with
//! every mix the set of sources that went into it. [`EgressGuard`] checks that set against the plan on a path of its
//! own.
//!
//! It deliberately decides nothing about who hears whom (the plan does; ducking is a gain in it),
//! and knows no codec, no packets, no clock and no IO. Nothing is allocated after
//! [`Mixer::set_plan`] returns.

mod config;
mod guard;
mod limiter;
mod loudness;
mod meter;
mod mixer;
mod ramp;
mod row;
mod slots;
mod tone;

pub use config::{ConfigError, MixerConfig, ToneConfig};
pub use guard::EgressGuard;
pub use interaction::Delivery;
pub use limiter::Limiter;
pub use loudness::{Loudness, MatchGain};
pub use meter::{LEVEL_DBFS_MIN, Level};
pub use mixer::{Inputs, Mix, Mixer, Mixes};
pub use slots::SlotSet;
pub use tone::tone_frames;

/// Sampling rate of every frame, Hz.
pub const SAMPLE_RATE_HZ: u32 = 48_000;

/// Samples in a frame: 20 ms, mono.
pub const FRAME_SAMPLES: usize = 960;

/// Samples in a millisecond.
pub(crate) const SAMPLES_PER_MS: u32 = SAMPLE_RATE_HZ / 1000;

/// 20 ms of mono sound, full scale at ±1.0.
pub type Frame = [f32; FRAME_SAMPLES];
