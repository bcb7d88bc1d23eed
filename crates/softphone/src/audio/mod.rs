//! The headset: devices, streams, and sound at 48 kHz to and from them.
//!
//! - [`devices`]: what there is, and which one is meant. [`headset`]: opens them, notices when one vanishes, falls back,
//!   tells, comes back.
//! - [`stream`]: cpal's callbacks and the rings behind them. Nothing is allocated, locked or logged there.
//! - [`drift`]: resampling between a device's clock and ours, steered by how full the ring is.
//! - [`router`]: which sound goes to which ear. [`tone`]: the ring.
//!
//! No codec and no network here.

pub mod devices;
pub mod drift;
pub mod headset;
pub mod router;
pub mod stream;
pub mod tone;
mod watch;

/// Samples a second between the headset and the codec.
pub const SAMPLE_RATE_HZ: u32 = 48_000;
/// Samples in one frame of 20 ms.
pub const FRAME_SAMPLES: usize = 960;

/// One mono frame of 20 ms at 48 kHz.
pub type Frame = [f32; FRAME_SAMPLES];
/// One stereo frame of 20 ms at 48 kHz: left, right.
pub type StereoFrame = [[f32; 2]; FRAME_SAMPLES];

/// What a device is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Hears the user.
    Microphone,
    /// The user's ears.
    Speaker,
    /// Where it rings, too.
    Ringer,
}

/// Why there is no sound.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// The system's audio can't be used at all.
    #[error(
        "the system's audio can't be used: {0}. On Linux, is the package libasound2 installed?"
    )]
    Host(#[source] cpal::Error),
    /// A device can't be opened.
    #[error(
        "{device} can't be used: {error}. Is it plugged in, and free? `softphone devices` lists what there is"
    )]
    Open {
        /// Its name.
        device: String,
        /// cpal's reason.
        error: cpal::Error,
    },
    /// A device offers nothing that can be converted.
    #[error(
        "{0} offers no format that this program can convert; choose another one (`softphone devices`)"
    )]
    Format(String),
    /// No device of this kind at all.
    #[error("there is no {0}. Plug a headset in, or name a device (`softphone devices`)")]
    None(&'static str),
}
