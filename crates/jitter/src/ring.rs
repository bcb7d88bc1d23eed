//! Fixed storage: a packet lies in the slot that its sequence number names.

use crate::{PACKETS_MAX, PAYLOAD_BYTES_MAX, PacketRef};

/// One bit a slot.
type Occupancy = u32;
const _: () = assert!(PACKETS_MAX == Occupancy::BITS as usize);

/// A stored packet but for its payload. Sequence number and timestamp are unwrapped (see `timeline`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) sequence: i64,
    /// Of the first sample.
    pub(crate) timestamp: i64,
    pub(crate) duration_samples: usize,
    pub(crate) marker: bool,
}

impl Header {
    /// The timestamp after its last sample.
    pub(crate) fn end(&self) -> i64 {
        self.timestamp + self.duration_samples as i64
    }
}

#[derive(Debug, Clone)]
struct Slot {
    header: Header,
    payload_bytes: usize,
    payload: [u8; PAYLOAD_BYTES_MAX],
}

const NEVER_USED: Slot = Slot {
    header: Header { sequence: i64::MIN, timestamp: 0, duration_samples: 0, marker: false },
    payload_bytes: 0,
    payload: [0; PAYLOAD_BYTES_MAX],
};

/// Packets of a window of [`PACKETS_MAX`] successive sequence numbers; the caller keeps to the window.
#[derive(Debug)]
pub(crate) struct PacketRing {
    occupied: Occupancy,
    slots: Box<[Slot]>,
}

impl PacketRing {
    pub(crate) fn new() -> Self {
        Self { occupied: 0, slots: vec![NEVER_USED; PACKETS_MAX].into_boxed_slice() }
    }

    /// Forgets everything, also what was here before.
    pub(crate) fn clear(&mut self) {
        self.occupied = 0;
        for slot in &mut self.slots {
            slot.header = NEVER_USED.header;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.occupied.count_ones() as usize
    }

    /// Whether this packet is or was here; remembered until its slot is used again.
    pub(crate) fn has_seen(&self, sequence: i64) -> bool {
        self.slots[index(sequence)].header.sequence == sequence
    }

    /// The payload must not be longer than [`PAYLOAD_BYTES_MAX`].
    pub(crate) fn insert(&mut self, sequence: i64, timestamp: i64, packet: &PacketRef<'_>) {
        let slot = &mut self.slots[index(sequence)];
        let PacketRef { duration_samples, marker, payload, .. } = *packet;
        slot.header = Header { sequence, timestamp, duration_samples, marker };
        slot.payload_bytes = payload.len();
        slot.payload[..payload.len()].copy_from_slice(payload);
        self.occupied |= bit(sequence);
    }

    /// The stored packet with this number.
    pub(crate) fn get(&self, sequence: i64) -> Option<Header> {
        let header = self.slots[index(sequence)].header;
        (self.occupied & bit(sequence) != 0 && header.sequence == sequence).then_some(header)
    }

    /// The stored packet with the lowest number, in a window that begins at `start`.
    pub(crate) fn first_from(&self, start: i64) -> Option<Header> {
        let ahead = self.occupied.rotate_right(index(start) as u32).trailing_zeros();
        (ahead < Occupancy::BITS).then(|| self.slots[index(start + i64::from(ahead))].header)
    }

    /// Frees the slot; the payload stays readable until the slot is used again. Whether there was a packet.
    pub(crate) fn remove(&mut self, sequence: i64) -> bool {
        let was_here = self.get(sequence).is_some();
        if was_here {
            self.occupied &= !bit(sequence);
        }
        was_here
    }

    pub(crate) fn payload(&self, sequence: i64) -> &[u8] {
        let slot = &self.slots[index(sequence)];
        &slot.payload[..slot.payload_bytes]
    }
}

fn index(sequence: i64) -> usize {
    sequence.rem_euclid(PACKETS_MAX as i64) as usize
}

fn bit(sequence: i64) -> Occupancy {
    1 << index(sequence)
}
