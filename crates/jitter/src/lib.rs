//! Jitter buffer for one RTP source of Opus: puts packets in order and says, 20 ms at a time, what to play.
//!
//! Pure: it reads no clock, does no IO and allocates nothing after it was made. [`JitterBuffer`] decodes nothing: payloads
//! go in with [`JitterBuffer::insert`] and come out of [`JitterBuffer::pop`] as borrowed bytes. [`Receiver`] is the buffer
//! with an Opus decoder behind it. [`ArrivalMeter`] only counts: what a listener has to make up of a source that is
//! passed on.
//!
//! # One tick
//!
//! The caller keeps a short queue of decoded samples for every source. Each tick of 20 ms it calls `pop` until
//! [`Playout::Covered`], appends the sound of every answer before that, and then takes [`TICK_SAMPLES`] from the queue.
//! So a 20 ms packet is one answer a tick, two 10 ms packets are two, and a 60 ms packet is followed by two ticks that
//! are `Covered` at once. The queue never holds more than [`QUEUE_SAMPLES_MAX`].
//!
//! # Delay
//!
//! A packet's *delay* is the time between its play and the moment it would have come had it travelled as fast as the
//! fastest of the last seconds. The *target* is the delay that nearly all packets need (see `estimator`) and one tick,
//! within the configured bounds. Play stays within (target − one tick, target]:
//!
//! - it **grows** when the sound runs out: what is made up meanwhile postpones the rest; and after a loss, when
//!   waiting one packet longer would have let in-band FEC restore it;
//! - it **shrinks** by leaving out one packet every 400 ms at most (100 ms while the source is quiet, see
//!   [`JitterBuffer::set_quiet`]); beyond the upper bound at once. A [`Receiver`] leaves out none: it makes the sound
//!   shorter by a period of its pitch, every 60 ms at most, and longer, where the delay has to grow, before it runs out
//!   (unless told to keep packets whole: [`Receiver::keep_packets`]);
//! - it **starts over** after every silence (RFC 7587 §3.1.3, DTX), so that neither pauses nor drifting clocks add up.
//!
//! # What it does not do
//!
//! No retransmission, no knowledge of SSRCs: one buffer serves one source, and [`JitterBuffer::reset`] is for another one.
//! Redundancy (RFC 2198) is taken apart before: what it restores comes in as a packet like others.

mod arrivals;
mod buffer;
mod estimator;
mod packet;
mod played;
mod playout;
mod receiver;
mod ring;
mod stats;
mod stretch;
mod timeline;

pub use arrivals::{Arrival, ArrivalMeter, ArrivalStats};
pub use buffer::JitterBuffer;
pub use packet::{Inserted, PacketRef, Playout};
pub use played::{Played, WholePacket};
pub use receiver::Receiver;
pub use stats::JitterStats;

/// Samples a second: RTP's clock for Opus (RFC 7587 §4.1).
pub const SAMPLE_RATE_HZ: u32 = 48_000;

/// Samples in one tick of 20 ms.
pub const TICK_SAMPLES: usize = 960;

/// The longest packet, samples: 120 ms (RFC 6716 §3.2.5).
pub const PACKET_SAMPLES_MAX: usize = 5760;

/// Every duration is a multiple of this many samples: 2.5 ms (RFC 6716 §2.1.4).
pub const GRAIN_SAMPLES: usize = 120;

/// The longest payload that is stored, bytes.
pub const PAYLOAD_BYTES_MAX: usize = 1275;

/// Packets that are stored at most: 640 ms of 20 ms packets, 320 ms of 10 ms packets.
pub const PACKETS_MAX: usize = 32;

/// Made-up sound in a row, at most, samples (100 ms). Then silence: longer inventions drone.
pub const CONCEAL_SAMPLES_MAX: usize = 4800;

/// What the caller's queue of decoded samples holds at most, between `Covered` and the taking of a tick, samples.
pub const QUEUE_SAMPLES_MAX: usize = TICK_SAMPLES + PACKET_SAMPLES_MAX;

/// Bounds of the playout delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JitterConfig {
    /// Lower bound of the target, ms. Taken as 20 (one tick) if less.
    pub delay_min_ms: u32,
    /// Upper bound of the target, ms. Taken as [`JitterConfig::DELAY_MAX_LIMIT_MS`] if more, as the lower bound if less.
    pub delay_max_ms: u32,
}

impl JitterConfig {
    /// The largest upper bound that the storage allows with 10 ms packets, ms.
    pub const DELAY_MAX_LIMIT_MS: u32 = 240;
}

impl Default for JitterConfig {
    fn default() -> Self {
        Self { delay_min_ms: 20, delay_max_ms: 200 }
    }
}

/// Microseconds that `samples` last.
fn micros(samples: i64) -> i64 {
    samples * 125 / 6
}
