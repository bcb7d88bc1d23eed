//! What can go wrong with a codec. Always the input's or the configuration's fault, never a reason to end a call.

use crate::{OPUS_GRAIN_SAMPLES, OPUS_PACKET_SAMPLES_MAX};

/// Why a codec refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Bitrate outside 6000–510000 bit/s (RFC 6716 §2.1.1).
    #[error("an Opus bitrate is 6000 to 510000 bit/s, not {0}")]
    Bitrate(u32),
    /// Complexity above 10.
    #[error("an Opus complexity is 0 to 10, not {0}")]
    Complexity(u8),
    /// More than a hundred percent.
    #[error("an expected loss is 0 to 100 percent, not {0}")]
    ExpectedLoss(u8),
    /// Not a packet by the rules of RFC 6716 §3.4.
    #[error("not an Opus packet")]
    InvalidPacket,
    /// Channels of a file that none of its streams has.
    #[error("a channel that none of the Opus streams has")]
    Mapping,
    /// The output buffer holds less than what was asked for or what the packet contains.
    #[error("the output buffer is too small")]
    BufferTooSmall,
    /// A duration to conceal that is not a multiple of 2.5 ms within 120 ms.
    #[error(
        "a duration to conceal is a multiple of {OPUS_GRAIN_SAMPLES} up to {OPUS_PACKET_SAMPLES_MAX} samples, not {0}"
    )]
    Duration(usize),
    /// libopus failed in a way our own checks leave no room for.
    #[error("libopus failed in {function}")]
    Library {
        /// The function of libopus.
        function: &'static str,
    },
}

impl From<opus::Error> for CodecError {
    fn from(error: opus::Error) -> Self {
        match error.code() {
            opus::ErrorCode::InvalidPacket => Self::InvalidPacket,
            opus::ErrorCode::BufferTooSmall => Self::BufferTooSmall,
            _ => Self::Library { function: error.function() },
        }
    }
}
