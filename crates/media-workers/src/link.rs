//! RTP between two workers: a station of one, a call of the other.
//!
//! A bounded ring for each ordered pair of workers. When it is full the packet is lost, as on a
//! network; nobody waits.

use std::sync::Arc;

use call_engine::{OPUS_PACKET_BYTES_MAX, RtpPacket, Track};
use interaction::{CallId, StationId};
use mio::Waker;
use rtc_station::RtpOut;
use rtrb::{Consumer, Producer, RingBuffer};

/// Packets in one direction between two workers that can wait at most.
const LINK_PACKETS_MAX: usize = 1_024;

/// A packet on its way to the worker that needs it.
pub(crate) enum Parcel {
    /// From a station, for its call.
    In { call: CallId, station: StationId, packet: OwnedRtp },
    /// From a call, for a station.
    Out { station: StationId, track: Track, packet: OwnedRtp },
}

/// A packet that owns its payload without an allocation.
pub(crate) struct OwnedRtp {
    sequence: u16,
    timestamp: u32,
    marker: bool,
    level_dbov: Option<u8>,
    is_restored: bool,
    length: u16,
    bytes: [u8; OPUS_PACKET_BYTES_MAX],
}

/// The two ends of a worker's links to one other worker.
pub(crate) struct Link {
    outgoing: Producer<Parcel>,
    incoming: Consumer<Parcel>,
    waker: Arc<Waker>,
    unannounced: bool,
}

impl OwnedRtp {
    /// Copies a packet; `None`: it is longer than any Opus packet.
    pub fn new(packet: RtpPacket<'_>) -> Option<Self> {
        let RtpPacket { sequence, timestamp, marker, payload, level_dbov, is_restored } = packet;
        let mut bytes = [0; OPUS_PACKET_BYTES_MAX];
        bytes.get_mut(..payload.len())?.copy_from_slice(payload);
        let length = payload.len() as u16;
        Some(Self { sequence, timestamp, marker, level_dbov, is_restored, length, bytes })
    }

    /// A packet that goes out.
    pub fn outgoing(packet: RtpOut<'_>) -> Option<Self> {
        let RtpOut { sequence, timestamp, marker, payload } = packet;
        let (level_dbov, is_restored) = (None, false);
        Self::new(RtpPacket { sequence, timestamp, marker, payload, level_dbov, is_restored })
    }

    /// The packet, coming in.
    pub fn as_in(&self) -> RtpPacket<'_> {
        let Self { sequence, timestamp, marker, level_dbov, is_restored, .. } = *self;
        let payload = self.payload();
        RtpPacket { sequence, timestamp, marker, level_dbov, is_restored, payload }
    }

    /// The packet, going out.
    pub fn as_out(&self) -> RtpOut<'_> {
        let Self { sequence, timestamp, marker, .. } = *self;
        RtpOut { sequence, timestamp, marker, payload: self.payload() }
    }

    fn payload(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Link {
    /// Sends, without waking the other worker yet; `false`: the ring was full, the packet is lost.
    pub fn send(&mut self, parcel: Parcel) -> bool {
        self.unannounced = true;
        self.outgoing.push(parcel).is_ok()
    }

    /// Wakes the other worker if anything was sent since the last time.
    pub fn announce(&mut self) {
        if std::mem::take(&mut self.unannounced) {
            let _ = self.waker.wake();
        }
    }

    /// The next parcel from the other worker.
    pub fn receive(&mut self) -> Option<Parcel> {
        self.incoming.pop().ok()
    }
}

/// Links between all pairs of `wakers`: `result[a][b]` is a's end of its link with b; `None` for
/// a worker with itself.
pub(crate) fn connect(wakers: &[Arc<Waker>]) -> Vec<Vec<Option<Link>>> {
    let count = wakers.len();
    let mut ends: Vec<Vec<Option<Link>>> =
        (0..count).map(|_| (0..count).map(|_| None).collect()).collect();
    for a in 0..count {
        for b in a + 1..count {
            let (to_b, from_a) = RingBuffer::new(LINK_PACKETS_MAX);
            let (to_a, from_b) = RingBuffer::new(LINK_PACKETS_MAX);
            ends[a][b] = Some(Link {
                outgoing: to_b,
                incoming: from_b,
                waker: wakers[b].clone(),
                unannounced: false,
            });
            ends[b][a] = Some(Link {
                outgoing: to_a,
                incoming: from_a,
                waker: wakers[a].clone(),
                unannounced: false,
            });
        }
    }
    ends
}
