//! What a telephone speaks: the codecs of a call that comes by SIP, as its SDP names them.
//!
//! Nothing here sends or hears: see `run` for that, and `measure` for the sound.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::units::{Raw, from_text};

/// A telephone's codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "Raw", into = "String")]
pub enum TelephoneCodec {
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// G.722 at 64 kbit/s.
    G722,
    /// Opus, mono.
    Opus,
}

impl TelephoneCodec {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pcma, Self::Pcmu, Self::G722, Self::Opus];

    /// The payload type: that of RFC 3551 §6, and for Opus one of the dynamic ones.
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
            Self::G722 => 9,
            Self::Opus => 111,
        }
    }

    /// As `a=rtpmap` names it. G.722's clock is 8 kHz by an old mistake (RFC 3551 §4.5.2).
    pub fn rtpmap(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU/8000",
            Self::Pcma => "PCMA/8000",
            Self::G722 => "G722/8000",
            Self::Opus => "opus/48000/2",
        }
    }

    /// RTP ticks in 20 ms.
    pub fn frame_ticks(self) -> u32 {
        match self {
            Self::Pcma | Self::Pcmu | Self::G722 => 160,
            Self::Opus => 960,
        }
    }

    /// Samples of 48 kHz in an RTP tick.
    pub fn tick_samples(self) -> u32 {
        960 / self.frame_ticks()
    }
}

impl FromStr for TelephoneCodec {
    type Err = CodecNameError;

    fn from_str(text: &str) -> Result<Self, CodecNameError> {
        let is_named = |it: &Self| it.to_string().eq_ignore_ascii_case(text.trim());
        Self::ALL.into_iter().find(is_named).ok_or_else(|| CodecNameError(text.to_owned()))
    }
}

/// A codec that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no codec of telephones: pcma, pcmu, g722 or opus")]
pub struct CodecNameError(String);

impl fmt::Display for TelephoneCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pcma => "pcma",
            Self::Pcmu => "pcmu",
            Self::G722 => "g722",
            Self::Opus => "opus",
        })
    }
}

from_text!(TelephoneCodec);

/// How a party is connected to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// A WebRTC station with so many tracks to receive on.
    Station {
        /// One at least.
        tracks: usize,
    },
    /// A telephone.
    Telephone(TelephoneCodec),
}

impl Connection {
    /// Tracks on which something may come.
    pub fn tracks(self) -> usize {
        match self {
            Self::Station { tracks } => tracks.max(1),
            Self::Telephone(_) => 1,
        }
    }

    /// Whether what is heard is Opus, whose packets bear marks.
    pub fn is_opus(self) -> bool {
        match self {
            Self::Station { .. } | Self::Telephone(TelephoneCodec::Opus) => true,
            Self::Telephone(_) => false,
        }
    }
}

/// `webrtc`, or the telephone's codec, as in `sip/pcma`.
impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Station { .. } => f.write_str("webrtc"),
            Self::Telephone(codec) => write!(f, "sip/{codec}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_are_read_as_they_are_written() {
        for codec in TelephoneCodec::ALL {
            assert_eq!(codec.to_string().parse(), Ok(codec));
            assert_eq!(codec.frame_ticks() * codec.tick_samples(), 960);
        }
        assert_eq!("PCMU".parse(), Ok(TelephoneCodec::Pcmu));
        let error = "g729".parse::<TelephoneCodec>().unwrap_err().to_string();
        assert!(error.contains("`g729`") && error.contains("g722"), "{error}");
    }
}
