//! RTP's header (RFC 3550 §5.1).

/// The fixed header, bytes.
pub(crate) const HEADER_BYTES: usize = 12;

/// An RTP packet as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rtp<'a> {
    pub payload_type: u8,
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
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
        let has_extension = header[0] & 0x10 != 0;
        let mut payload = rest.get(4 * usize::from(header[0] & 0x0F)..)?;
        if has_extension {
            let words = u16::from_be_bytes([*payload.get(2)?, *payload.get(3)?]);
            payload = payload.get(4 + 4 * usize::from(words)..)?;
        }
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

    /// The packet as it goes on the wire: no extension, no contributing source.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.payload.len() + SRTP_ROOM_BYTES);
        bytes.extend([0x80, (u8::from(self.marker) << 7) | self.payload_type]);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(self.payload);
        bytes
    }
}

/// Room for an authentication tag.
const SRTP_ROOM_BYTES: usize = 10;

/// Whether a datagram on a port for both is RTCP (RFC 5761 §4).
pub(crate) fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

/// How far `b` is after `a`, in sequence numbers (RFC 1982).
pub(crate) fn steps(a: u16, b: u16) -> i16 {
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

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(packet) = Rtp::parse(&bytes) {
                prop_assert!(packet.payload.len() <= bytes.len() - HEADER_BYTES);
            }
        }
    }
}
