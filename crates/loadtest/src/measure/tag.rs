//! A mark on each packet sent, in Opus's own padding (RFC 6716 §3.2.5): who sent it, and which.
//!
//! A server that passes the packet on passes the mark on, so that its way can be told exactly; one
//! that decodes and mixes loses it, and the sound itself has to be recognised.

/// Which party sent it, and the number of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// The party's number in this run.
    pub party: u16,
    /// Frames since the party began to speak.
    pub frame: u32,
}

const MAGIC: [u8; 2] = *b"s\xf2";
const TAG_BYTES: usize = 8;
/// The frame count code of "any number of frames", and the bits of its second byte.
const CODE_ANY: u8 = 3;
const PADDED: u8 = 0x40;
const ONE_FRAME: u8 = 1;

impl Tag {
    /// The packet with the mark; `None` for one that is not a single frame (code 0).
    pub fn put_on(self, packet: &[u8]) -> Option<Vec<u8>> {
        let (&toc, frame) = packet.split_first()?;
        if toc & CODE_ANY != 0 {
            return None;
        }
        let mut marked = Vec::with_capacity(packet.len() + 2 + TAG_BYTES);
        marked.extend([toc | CODE_ANY, PADDED | ONE_FRAME, TAG_BYTES as u8]);
        marked.extend(frame);
        marked.extend(MAGIC);
        marked.extend(self.party.to_be_bytes());
        marked.extend(self.frame.to_be_bytes());
        Some(marked)
    }

    /// The mark on a packet, if it has one.
    pub fn of(packet: &[u8]) -> Option<Self> {
        let [toc, count, padding, rest @ ..] = packet else { return None };
        if toc & CODE_ANY != CODE_ANY
            || *count != PADDED | ONE_FRAME
            || usize::from(*padding) != TAG_BYTES
        {
            return None;
        }
        let [m0, m1, p0, p1, f0, f1, f2, f3] = *rest.last_chunk::<TAG_BYTES>()?;
        ([m0, m1] == MAGIC).then(|| Self {
            party: u16::from_be_bytes([p0, p1]),
            frame: u32::from_be_bytes([f0, f1, f2, f3]),
        })
    }
}

#[cfg(test)]
mod tests {
    use codec::{
        FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OPUS_PACKET_SAMPLES_MAX, OpusDecoder, OpusEncoder,
        OpusEncoderConfig,
    };

    use super::*;

    #[test]
    fn a_marked_packet_sounds_the_same() {
        let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
        let (mut plain, mut marked) = (OpusDecoder::new().unwrap(), OpusDecoder::new().unwrap());
        let mut packet = [0; OPUS_PACKET_BYTES_MAX];
        let (mut a, mut b) = ([0.0; OPUS_PACKET_SAMPLES_MAX], [0.0; OPUS_PACKET_SAMPLES_MAX]);
        for n in 0..20_u32 {
            let sine = |i: usize| ((n as usize * FRAME_SAMPLES + i) as f32 * 0.06).sin() * 0.2;
            let length = encoder.encode_into(&std::array::from_fn(sine), &mut packet).unwrap();
            let tag = Tag { party: 700, frame: n };
            let with_tag = tag.put_on(&packet[..length]).unwrap();
            assert!(codec::packet::is_valid(&with_tag));
            assert_eq!(codec::packet::duration_samples(&with_tag), Some(FRAME_SAMPLES));
            assert_eq!(Tag::of(&with_tag), Some(tag));
            assert_eq!(Tag::of(&packet[..length]), None);
            assert_eq!(plain.decode_into(&packet[..length], &mut a).unwrap(), FRAME_SAMPLES);
            assert_eq!(marked.decode_into(&with_tag, &mut b).unwrap(), FRAME_SAMPLES);
            assert_eq!(a[..FRAME_SAMPLES], b[..FRAME_SAMPLES]);
        }
    }

    #[test]
    fn other_packets_bear_no_mark() {
        let tag = Tag { party: 1, frame: 2 };
        assert_eq!(tag.put_on(&[]), None);
        assert_eq!(tag.put_on(&[3, 1, 9]), None);
        for packet in [&[][..], &[3], &[3, 0x41, 8, 1, 2], &[3, 0x41, 8, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(Tag::of(packet), None);
        }
    }
}
