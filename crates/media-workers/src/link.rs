//! RTP between two workers: a station of one, a call of the other.
//!
//! A bounded ring for each ordered pair of workers. When it is full the packet is lost, as on a
//! network; nobody waits.

use std::sync::Arc;

use call_engine::{OPUS_PACKET_BYTES_MAX, RtpPacket, Track};
use interaction::{CallId, StationId};
use rtc_station::RtpOut;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::bell::Bell;

/// Packets in one direction between two workers that can wait at most.
const LINK_PACKETS_MAX: usize = 1_024;
/// Bytes of their payloads that can wait at most: so many of the largest packets of speech at 64 kbit/s and 20 ms.
const LINK_BYTES_MAX: usize = LINK_PACKETS_MAX * 160;

/// Where a packet is to go, on the worker that needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination {
    /// From a station, for its call.
    Call { call: CallId, station: StationId },
    /// From a call, for a station.
    Station { station: StationId, track: Track },
}

/// A packet on its way, but for its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parcel {
    pub to: Destination,
    sequence: u16,
    timestamp: u32,
    marker: bool,
    level_dbov: Option<u8>,
    is_restored: bool,
    length: u16,
}

/// The payload of the parcel that was received last.
pub(crate) type Payload = [u8; OPUS_PACKET_BYTES_MAX];

/// The sending end of a ring.
pub(crate) struct Sender {
    parcels: Producer<Parcel>,
    /// Payloads, one after the other: a slot for the largest packet would be ten times as much memory as a packet of
    /// speech fills, all of it cold.
    bytes: Producer<u8>,
}

/// The receiving end of a ring.
pub(crate) struct Receiver {
    parcels: Consumer<Parcel>,
    bytes: Consumer<u8>,
}

/// The two ends of a worker's links to one other worker.
pub(crate) struct Link {
    sender: Sender,
    pub receiver: Receiver,
    bell: Arc<Bell>,
    unannounced: bool,
}

/// A ring, from its one end to the other.
pub(crate) fn ring() -> (Sender, Receiver) {
    let (to, from) = RingBuffer::new(LINK_PACKETS_MAX);
    let (bytes_to, bytes_from) = RingBuffer::new(LINK_BYTES_MAX);
    (Sender { parcels: to, bytes: bytes_to }, Receiver { parcels: from, bytes: bytes_from })
}

impl Parcel {
    /// The packet, coming in.
    pub fn as_in<'a>(&self, payload: &'a Payload) -> RtpPacket<'a> {
        let Self { sequence, timestamp, marker, level_dbov, is_restored, .. } = *self;
        let payload = self.payload(payload);
        RtpPacket { sequence, timestamp, marker, level_dbov, is_restored, payload }
    }

    /// The packet, going out.
    pub fn as_out<'a>(&self, payload: &'a Payload) -> RtpOut<'a> {
        let Self { sequence, timestamp, marker, .. } = *self;
        RtpOut { sequence, timestamp, marker, payload: self.payload(payload) }
    }

    fn payload<'a>(&self, payload: &'a Payload) -> &'a [u8] {
        &payload[..usize::from(self.length)]
    }
}

impl Sender {
    /// Sends a packet; `false`: there was no room, or it is longer than any Opus packet. It is lost then.
    pub fn send(&mut self, to: Destination, packet: RtpPacket<'_>) -> bool {
        let RtpPacket { sequence, timestamp, marker, payload, level_dbov, is_restored } = packet;
        if payload.len() > OPUS_PACKET_BYTES_MAX || self.parcels.is_full() {
            return false;
        }
        // The payload first: whoever sees the parcel finds it.
        if self.bytes.push_entire_slice(payload).is_err() {
            return false;
        }
        let length = payload.len() as u16;
        let parcel = Parcel { to, sequence, timestamp, marker, level_dbov, is_restored, length };
        self.parcels.push(parcel).is_ok()
    }
}

impl Receiver {
    /// The next parcel; its payload is in `payload` then.
    pub fn receive(&mut self, payload: &mut Payload) -> Option<Parcel> {
        let parcel = self.parcels.pop().ok()?;
        let payload = &mut payload[..usize::from(parcel.length)];
        self.bytes.pop_entire_slice(payload).expect("a payload is there before its parcel");
        Some(parcel)
    }
}

impl Link {
    /// Sends a packet, without waking the other worker yet; `false`: it is lost.
    pub fn send(&mut self, to: Destination, packet: RtpPacket<'_>) -> bool {
        self.unannounced = true;
        self.sender.send(to, packet)
    }

    /// Wakes the other worker if anything was sent since the last time, and it sleeps.
    pub fn announce(&mut self) {
        if std::mem::take(&mut self.unannounced) {
            self.bell.ring();
        }
    }
}

/// A packet that goes out, as a link takes it.
pub(crate) fn outgoing(packet: RtpOut<'_>) -> RtpPacket<'_> {
    let RtpOut { sequence, timestamp, marker, payload } = packet;
    RtpPacket { sequence, timestamp, marker, payload, level_dbov: None, is_restored: false }
}

/// Links between all pairs of workers, each of which has one of the `bells`: `result[a][b]` is a's end of its link
/// with b; `None` for a worker with itself.
pub(crate) fn connect(bells: &[Arc<Bell>]) -> Vec<Vec<Option<Link>>> {
    let count = bells.len();
    let mut ends: Vec<Vec<Option<Link>>> =
        (0..count).map(|_| (0..count).map(|_| None).collect()).collect();
    for a in 0..count {
        for b in a + 1..count {
            let (to_b, from_a) = ring();
            let (to_a, from_b) = ring();
            let link = |sender, receiver, bell: &Arc<Bell>| {
                Some(Link { sender, receiver, bell: bell.clone(), unannounced: false })
            };
            ends[a][b] = link(to_b, from_b, &bells[b]);
            ends[b][a] = link(to_a, from_a, &bells[a]);
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(n: u16, payload: &[u8]) -> RtpPacket<'_> {
        let (level_dbov, is_restored) = (Some(30), n.is_multiple_of(2));
        RtpPacket { sequence: n, timestamp: 7, marker: true, payload, level_dbov, is_restored }
    }

    const TO: Destination = Destination::Call { call: CallId(1), station: StationId(2) };

    #[test]
    fn packets_of_all_lengths_come_out_as_they_went_in() {
        let (mut sender, mut receiver) = ring();
        let mut payload = [0; OPUS_PACKET_BYTES_MAX];
        // Several times around.
        for n in 0..2_000_u16 {
            let length = usize::from(n) * 37 % (OPUS_PACKET_BYTES_MAX + 1);
            let bytes = vec![n as u8; length];
            assert!(sender.send(TO, packet(n, &bytes)));
            let parcel = receiver.receive(&mut payload).unwrap();
            assert_eq!(parcel.as_in(&payload), packet(n, &bytes));
        }
        assert!(receiver.receive(&mut payload).is_none());
    }

    #[test]
    fn a_full_ring_loses_packets_whole_and_recovers() {
        let (mut sender, mut receiver) = ring();
        let mut payload = [0; OPUS_PACKET_BYTES_MAX];
        for (bytes, fits) in [(60, LINK_PACKETS_MAX), (1_200, LINK_BYTES_MAX / 1_200)] {
            let bytes = vec![9; bytes];
            let sent = (0..2_000).filter(|n| sender.send(TO, packet(*n, &bytes))).count();
            assert_eq!(sent, fits);
            for n in 0..fits as u16 {
                let parcel = receiver.receive(&mut payload).unwrap();
                assert_eq!(parcel.as_in(&payload), packet(n, &bytes));
            }
            assert!(receiver.receive(&mut payload).is_none());
        }
        assert!(!sender.send(TO, packet(0, &[0; OPUS_PACKET_BYTES_MAX + 1])), "no Opus");
    }
}
