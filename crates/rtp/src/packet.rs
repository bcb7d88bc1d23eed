//! RTP's header (RFC 3550 §5.1).

/// The fixed header, bytes.
pub const HEADER_BYTES: usize = 12;

/// An RTP packet as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rtp<'a> {
    /// What the payload is, 0 to 127.
    pub payload_type: u8,
    /// Marker bit: of sound, the first packet after silence (RFC 3551 §4.1).
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, in units of the payload's clock.
    pub timestamp: u32,
    /// Who sends.
    pub ssrc: u32,
    /// Without padding.
    pub payload: &'a [u8],
}

impl<'a> Rtp<'a> {
    /// Reads a packet; header extensions and contributing sources are passed over.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        if header[0] >> 6 != 2 {
            return None;
        }
        let has_padding = header[0] & 0x20 != 0;
        let mut payload = rest.get(header_bytes(bytes)? - HEADER_BYTES..)?;
        if has_padding {
            let padding = usize::from(*payload.last()?);
            let length = payload.len().checked_sub(padding).filter(|_| padding > 0)?;
            payload = &payload[..length];
        }
        Some(Self {
            payload_type: header[1] & 0x7F,
            marker: header[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([header[2], header[3]]),
            timestamp: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            ssrc: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            payload,
        })
    }

    /// The packet as it goes on the wire, in place of what `bytes` held: no extension, no contributing source.
    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        bytes.reserve(HEADER_BYTES + self.payload.len() + SRTP_ROOM_BYTES);
        bytes.extend([0x80, (u8::from(self.marker) << 7) | self.payload_type]);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(self.payload);
    }

    /// The packet as it goes on the wire.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes);
        bytes
    }
}

/// Room for an authentication tag.
const SRTP_ROOM_BYTES: usize = 16;
/// The profile of header extensions with one byte before each (RFC 8285 §4.2).
const ONE_BYTE: u16 = 0xBEDE;
/// That of extensions with two, without its four application bits (RFC 8285 §4.3).
const TWO_BYTES: u16 = 0x1000;

/// The length of a packet's header with its contributing sources and its extension, which SRTP leaves in the clear;
/// `None` if it is cut short.
pub fn header_bytes(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    let mut length = HEADER_BYTES + 4 * usize::from(first & 0x0F);
    if first & 0x10 != 0 {
        let words = u16::from_be_bytes([*packet.get(length + 2)?, *packet.get(length + 3)?]);
        length += 4 + 4 * usize::from(words);
    }
    (length <= packet.len()).then_some(length)
}

/// The data of the header extension with this identifier (RFC 8285), if the packet has one.
pub fn extension(packet: &[u8], id: u8) -> Option<&[u8]> {
    let first = *packet.first()?;
    if first & 0x10 == 0 {
        return None;
    }
    let (profile, mut rest) =
        split_extension(packet.get(HEADER_BYTES + 4 * usize::from(first & 0x0F)..)?)?;
    let is_two_bytes = profile & 0xFFF0 == TWO_BYTES;
    if profile != ONE_BYTE && !is_two_bytes {
        return None;
    }
    loop {
        let (&head, after) = rest.split_first()?;
        if head == 0 {
            rest = after;
            continue;
        }
        let (found, length, after) = if is_two_bytes {
            let (&length, after) = after.split_first()?;
            (head, usize::from(length), after)
        } else {
            (head >> 4, usize::from(head & 0x0F) + 1, after)
        };
        let data = after.get(..length)?;
        if found == id {
            return Some(data);
        }
        rest = &after[length..];
    }
}

/// Profile and data of a header extension.
fn split_extension(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let head = bytes.first_chunk::<4>()?;
    let words = u16::from_be_bytes([head[2], head[3]]);
    let data = bytes.get(4..4 + 4 * usize::from(words))?;
    Some((u16::from_be_bytes([head[0], head[1]]), data))
}

/// Whether a datagram on a port for both is RTCP (RFC 5761 §4).
pub fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

/// How far `b` is after `a`, in sequence numbers (RFC 1982).
pub fn steps(a: u16, b: u16) -> i16 {
    b.wrapping_sub(a) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extensions_sources_and_padding_are_passed_over() {
        let plain = Rtp {
            payload_type: 8,
            marker: true,
            sequence: 0xFFFE,
            timestamp: 0x0102_0304,
            ssrc: 0xDEAD_BEEF,
            payload: &[1, 2, 3],
        };
        let bytes = plain.write();
        assert_eq!(Rtp::parse(&bytes), Some(plain));
        let mut dressed = bytes[..12].to_vec();
        dressed[0] |= 0x20 | 0x10 | 2;
        dressed.extend([9; 8]); // two contributing sources
        dressed.extend([0xBE, 0xDE, 0, 1, 7, 7, 7, 7]); // one word of extension
        dressed.extend([1, 2, 3, 0, 0, 3]); // three bytes of padding
        assert_eq!(Rtp::parse(&dressed), Some(plain));
    }

    #[test]
    fn what_is_cut_short_is_no_packet() {
        let bad: [&[u8]; 5] = [
            &[],
            &[0x80; 11],
            &[0x40; 12],
            &[0x8F; 20],
            &[0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // padding of no bytes
        ];
        for bytes in bad {
            assert_eq!(Rtp::parse(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn header_extensions_are_found_in_both_forms() {
        let with = |extension: &[u8]| {
            let mut packet = vec![0x91, 111, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 1, 1, 1, 1];
            packet.extend(extension);
            packet.extend([42; 20]);
            packet
        };
        // Identifier 5 of two bytes, a byte of padding, identifier 3 of one.
        let one = with(&[0xBE, 0xDE, 0, 2, 0x51, 8, 9, 0, 0x30, 0xAA, 0, 0]);
        assert_eq!(extension(&one, 3), Some(&[0xAA][..]));
        assert_eq!(extension(&one, 5), Some(&[8, 9][..]));
        assert_eq!(extension(&one, 4), None);
        assert_eq!(header_bytes(&one), Some(28));
        let two = with(&[0x10, 0x00, 0, 2, 5, 2, 8, 9, 0, 3, 1, 0xAA]);
        assert_eq!(extension(&two, 3), Some(&[0xAA][..]));
        assert_eq!(extension(&with(&[0xAB, 0xCD, 0, 1, 0x30, 0xAA, 0, 0]), 3), None);
        let cut_short = with(&[0xBE, 0xDE, 0, 1, 0x3F, 0xAA, 0, 0]);
        assert_eq!(extension(&cut_short, 3), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            extension(&bytes, 3);
            if let Some(packet) = Rtp::parse(&bytes) {
                prop_assert!(packet.payload.len() <= bytes.len() - HEADER_BYTES);
            }
        }
    }
}
