//! A telephone's own bytes beside the Opus that was made of them.
//!
//! They stand in the Opus packet's padding (RFC 6716 §3.2.5), which every decoder skips: a call takes the packet as
//! any other, and forwards, mixes or drops it as any other. A telephone that speaks the same codec is sent the bytes
//! instead of what Opus made of them, so that between two such telephones nothing is coded twice. The bytes are those
//! of the very sound that the Opus beside them has, so either may follow the other.
//!
//! G.711 has no state: each byte is a sample. G.722 has: what a byte means depends on all before it, so the bytes say
//! where in their telephone's stream they stand, and whoever passes them on knows whether they follow what was passed
//! on before.
//!
//! Only this crate makes such packets. What comes from outside and looks like one is not let in
//! ([`claims_original`]): it could say one thing to a telephone and another to whoever is sent the Opus.

use codec::{OPUS_PACKET_BYTES_MAX, g711};

/// Bytes of a frame of 20 ms: of G.711 one for a sample, of G.722 one for two.
pub(crate) const FRAME_BYTES: usize = 160;

/// The frame count code "any number of frames", and the byte after it: padded, one frame.
const ANY_COUNT: u8 = 3;
const PADDED_ONE: u8 = 0x41;
/// Behind the bytes: where they stand in their stream.
const POSITION_BYTES: usize = 4;
/// What stands behind that; the codec's own byte comes after it.
const MARK: [u8; 3] = [0xB7, b'T', b'l'];
/// Of all padding. Lengths up to 254 are one byte.
const PADDING_BYTES: usize = FRAME_BYTES + POSITION_BYTES + MARK.len() + 1;
const PADDING_LENGTH: u8 = PADDING_BYTES as u8;
const _: () = assert!(PADDING_BYTES < 255);
/// The bytes before the frame: the packet's first one, the count, the padding's length.
const HEAD_BYTES: usize = 3;

/// One of G.711's two laws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Law {
    A,
    Mu,
}

/// A codec whose bytes can be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    G711(Law),
    G722,
}

/// A frame of a telephone's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Original<'a> {
    pub coding: Coding,
    /// Where the frame begins in its telephone's stream: samples of 48 kHz, from a number on that is chosen at random.
    pub position: u32,
    pub bytes: &'a [u8; FRAME_BYTES],
}

impl Coding {
    fn byte(self) -> u8 {
        match self {
            Self::G711(Law::A) => b'A',
            Self::G711(Law::Mu) => b'U',
            Self::G722 => b'9',
        }
    }

    fn of(byte: u8) -> Option<Self> {
        let all = [Self::G711(Law::A), Self::G711(Law::Mu), Self::G722];
        all.into_iter().find(|coding| coding.byte() == byte)
    }
}

impl Law {
    /// The byte of silence.
    pub fn silence(self) -> u8 {
        match self {
            Self::A => 0xD5,
            Self::Mu => 0xFF,
        }
    }

    pub fn decode_into(self, bytes: &[u8], samples: &mut [i16]) -> usize {
        match self {
            Self::A => g711::decode_alaw_into(bytes, samples),
            Self::Mu => g711::decode_ulaw_into(bytes, samples),
        }
    }

    pub fn encode_into(self, samples: &[i16], bytes: &mut [u8]) -> usize {
        match self {
            Self::A => g711::encode_alaw_into(samples, bytes),
            Self::Mu => g711::encode_ulaw_into(samples, bytes),
        }
    }
}

impl<'a> Original<'a> {
    /// That of a packet; `None`: it has none.
    pub fn of(packet: &'a [u8]) -> Option<Self> {
        let (rest, coding) = match packet {
            [first, PADDED_ONE, PADDING_LENGTH, rest @ .., coding] if first & 3 == ANY_COUNT => {
                (rest, Coding::of(*coding)?)
            }
            _ => return None,
        };
        let (rest, position) = rest.strip_suffix(&MARK)?.split_last_chunk()?;
        let (_, bytes) = rest.split_last_chunk()?;
        Some(Self { coding, position: u32::from_be_bytes(*position), bytes })
    }

    /// Writes an Opus packet of one frame with these bytes beside it; how long it is, and as it was where the bytes have no
    /// place.
    pub fn put(self, opus: &[u8], out: &mut [u8]) -> usize {
        let length = opus.len() + HEAD_BYTES - 1 + PADDING_BYTES;
        let (Some((first, frame)), true) = (opus.split_first(), length <= out.len()) else {
            return copied(opus, out);
        };
        if first & 3 != 0 {
            return copied(opus, out);
        }
        out[..HEAD_BYTES].copy_from_slice(&[first | ANY_COUNT, PADDED_ONE, PADDING_LENGTH]);
        let (to, padding) = out[HEAD_BYTES..length].split_at_mut(frame.len());
        to.copy_from_slice(frame);
        let (to, mark) = padding.split_at_mut(FRAME_BYTES);
        to.copy_from_slice(self.bytes);
        let (position, mark) = mark.split_at_mut(POSITION_BYTES);
        position.copy_from_slice(&self.position.to_be_bytes());
        mark[..MARK.len()].copy_from_slice(&MARK);
        mark[MARK.len()] = self.coding.byte();
        length
    }
}

fn copied(from: &[u8], to: &mut [u8]) -> usize {
    let length = from.len().min(to.len());
    to[..length].copy_from_slice(&from[..length]);
    length
}

/// Whether a packet has, or pretends to have, a telephone's own bytes beside its Opus. None from outside may.
pub fn claims_original(packet: &[u8]) -> bool {
    Original::of(packet).is_some()
}

/// The Opus of a packet alone, for whoever can do nothing with a telephone's own bytes: the packet as it is, or in `room`.
pub fn opus_alone<'a>(packet: &'a [u8], room: &'a mut [u8; OPUS_PACKET_BYTES_MAX]) -> &'a [u8] {
    if Original::of(packet).is_none() {
        return packet;
    }
    let frame = &packet[HEAD_BYTES..packet.len() - PADDING_BYTES];
    room[0] = packet[0] & !ANY_COUNT;
    let length = frame.len().min(OPUS_PACKET_BYTES_MAX - 1);
    room[1..=length].copy_from_slice(&frame[..length]);
    &room[..=length]
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::band::{Band, BandDecoder, BandEncoder};
    use codec::{OpusEncoderConfig, packet};

    #[test]
    fn opus_sounds_the_same_with_and_without_what_is_beside_it() {
        let mut encoder = BandEncoder::new(Band::Narrow, OpusEncoderConfig::default()).unwrap();
        let [mut plain, mut beside] = [(); 2].map(|()| BandDecoder::new(Band::Narrow).unwrap());
        for n in 0..50_i32 {
            let tone: Vec<i16> = (0..160)
                .map(|at| (f64::from(n * 160 + at).mul_add(0.4, 0.0).sin() * 9e3) as i16)
                .collect();
            let mut opus = [0; OPUS_PACKET_BYTES_MAX];
            let length = encoder.encode_into(&tone, &mut opus).unwrap();
            let opus = &opus[..length];
            let bytes = [n as u8; FRAME_BYTES];
            let mut out = [0; OPUS_PACKET_BYTES_MAX];
            let coding = if n % 2 == 0 { Coding::G711(Law::Mu) } else { Coding::G722 };
            let put = Original { coding, position: n as u32 * 960, bytes: &bytes };
            let length = put.put(opus, &mut out);
            let both = &out[..length];
            assert_eq!(Original::of(both), Some(put));
            assert!(packet::is_valid(both) && claims_original(both) && !claims_original(opus));
            assert_eq!(packet::duration_samples(both), Some(960));
            assert_eq!(packet::speech_flag(both), packet::speech_flag(opus));
            assert_eq!(packet::redundancy_flag(both), packet::redundancy_flag(opus));
            let mut room = [0; OPUS_PACKET_BYTES_MAX];
            assert_eq!(opus_alone(both, &mut room), opus);
            assert_eq!(opus_alone(opus, &mut [0; OPUS_PACKET_BYTES_MAX]), opus);
            let (mut a, mut b) = ([0; 160], [0; 160]);
            assert_eq!(plain.decode_into(opus, &mut a), beside.decode_into(both, &mut b));
            assert_eq!(a, b);
        }
    }

    #[test]
    fn what_has_no_place_is_left_as_it_is_and_nothing_else_is_taken_for_one() {
        let bytes = &[7; FRAME_BYTES];
        let original = Original { coding: Coding::G711(Law::A), position: 1, bytes };
        let mut out = [0; OPUS_PACKET_BYTES_MAX];
        let long = [8; OPUS_PACKET_BYTES_MAX - 10];
        for opus in [&long[..], &[8 | 1, 1, 2, 3], &[]] {
            let length = original.put(opus, &mut out);
            assert_eq!(&out[..length], opus);
            assert!(!claims_original(&out[..length]));
        }
        let length = original.put(&[8, 1, 2], &mut out);
        for at in [0, 1, 2, length - 4, length - 1] {
            let mut other = out[..length].to_vec();
            other[at] ^= 0x42;
            assert!(!claims_original(&other), "{at}");
        }
        for short in 0..length {
            assert!(!claims_original(&out[..short]), "{short}");
        }
    }

    #[test]
    fn both_laws_give_back_what_they_took() {
        for law in [Law::A, Law::Mu] {
            let all: Vec<u8> = (0..=255).collect();
            let (mut samples, mut again) = ([0; 256], [0; 256]);
            law.decode_into(&all, &mut samples);
            law.encode_into(&samples, &mut again);
            for (byte, again) in all.iter().zip(again) {
                // µ-law has two zeros.
                assert!(*byte == again || (law == Law::Mu && *byte == 0x7F), "{law:?} {byte:#x}");
            }
            law.decode_into(&[law.silence()], &mut samples);
            assert!(samples[0].abs() <= 8, "{law:?}");
        }
    }
}
