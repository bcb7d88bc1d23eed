//! One call: RTP in, RTP out.
//!
//! [`Call`] joins the model (`interaction`) with the sound: it applies commands, derives the route
//! plan, and carries it out. A row with one source at unity gain is *forwarded*, packet by packet,
//! without a decoder; a row with more is *mixed* at the tick and encoded once per distinct mix and
//! audience (a party, or the supervisors together). While one source of such a row talks alone, its packets stand for the
//! mix, in time with it.
//! A station with several tracks gets each source of its row forwarded on a track of its own, and tones as
//! packets that were encoded once.
//! A source that nobody may hear is dropped on arrival, before any decoder.
//!
//! It deliberately knows no sockets, no encryption, no threads and no clock. One owner calls it
//! with the time; what is to be sent goes into a closure, at once.

mod arrivals;
mod call;
mod clips;
mod decoding;
mod egress;
mod encoding;
mod joint;
mod kept;
mod numbering;
mod packet;
mod past;
mod playout;
mod reception;
mod talk;
mod talker;
mod tracks;

pub use call::{Call, CallConfig, Counters, LegLevel, Moment, Outgoing};
pub use clips::{ToneClips, ToneClipsError};
pub use codec::{OPUS_PACKET_BYTES_MAX, OpusEncoderConfig};
pub use egress::RtpPosition;
pub use mixer::ConfigError;
pub use packet::RtpPacket;
pub use playout::{Arrived, Playout};
pub use tracks::{TRACKS_MAX, Track, TrackPositions};

/// Length of a tick and of every mixed frame, in milliseconds.
pub const TICK_MS: u64 = 20;
