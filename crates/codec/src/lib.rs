//! Opus (RFC 6716), G.711 and G.722 with caller-owned buffers: the only crate that touches foreign code.
//!
//! Everything is mono at 48 kHz ([`SAMPLE_RATE_HZ`]), but for [`OpusStereoDecoder`] and for the telephone's codecs and
//! [`band`]; the mixer's frame is 20 ms ([`FRAME_SAMPLES`]). Samples are `f32` in −1.0 … 1.0 for Opus and `i16` for the
//! telephone. No `*_into` call allocates, locks
//! or logs, so all of them may be used in the mix tick.
//!
//! It deliberately does not resample, does not know RTP, and does not decide what to do about a lost packet: that is
//! `jitter`'s.

pub mod band;
pub mod g711;
pub mod g722;
pub mod packet;

mod decoder;
mod encoder;
mod error;

pub use decoder::{OpusDecoder, OpusStereoDecoder};
pub use encoder::{OpusApplication, OpusEncoder, OpusEncoderConfig};
pub use error::CodecError;

/// Sampling rate of everything here, Hz. RFC 7587 §4.1 fixes Opus's RTP clock to the same rate.
pub const SAMPLE_RATE_HZ: u32 = 48_000;

/// Samples in one 20 ms mono frame.
pub const FRAME_SAMPLES: usize = 960;

/// The longest single Opus frame with its TOC byte fits here, bytes (RFC 6716 §3.2.1: a frame has at most 1275).
///
/// A 20 ms packet never needs more; packets that bundle several frames may.
pub const OPUS_PACKET_BYTES_MAX: usize = 1275;

/// The longest duration of an Opus packet, samples: 120 ms (RFC 6716 §3.2.5).
pub const OPUS_PACKET_SAMPLES_MAX: usize = 5760;

/// The shortest Opus frame and the grain of every duration, samples: 2.5 ms (RFC 6716 §2.1.4).
pub const OPUS_GRAIN_SAMPLES: usize = 120;
