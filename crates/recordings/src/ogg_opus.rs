//! Ogg Opus files (RFC 7845), decoded: mono, stereo, and two uncoupled mono streams.

use std::io::{Read, Seek};

use codec::{CodecError, OPUS_PACKET_SAMPLES_MAX, OpusDecoder, OpusStereoDecoder, SAMPLE_RATE_HZ};
use ogg::PacketReader;

use crate::sound::{Sound, SoundError};
use crate::two_streams::{HEAD_MAGIC, split_packet};

/// RFC 7845 §5.1: the identification header without a channel mapping table.
const HEAD_BYTES_MIN: usize = 19;

/// Reads a file to its end, without what its header says to skip and what its last page says to
/// leave out (RFC 7845 §4.2 and §4.4).
pub(crate) fn read(file: impl Read + Seek) -> Result<Sound, SoundError> {
    let mut packets = PacketReader::new(file);
    let mut at_s = 0.0;
    let mut next =
        |at_s| packets.read_packet().map_err(|error| SoundError::Broken(at_s, error.to_string()));
    let packet = next(at_s)?.ok_or(SoundError::Empty)?;
    let serial = packet.stream_serial();
    let head = Head::parse(&packet.data)?;
    next(at_s)?.ok_or(SoundError::Empty)?; // the tags

    let mut decoder = Decoder::new(head.layout).map_err(|error| SoundError::Packet(at_s, error))?;
    let mut sound = Sound::empty(SAMPLE_RATE_HZ, decoder.channels());
    let mut room = vec![0.0; 2 * OPUS_PACKET_SAMPLES_MAX];
    let (mut decoded_samples, mut is_ended) = (0, false);
    while let Some(packet) = next(at_s)? {
        if packet.stream_serial() != serial || is_ended {
            return Err(SoundError::Opus("it holds several streams; one can be used"));
        }
        let broken = |error| SoundError::Packet(at_s, error);
        let samples = decoder.decode(&packet.data, &mut room).map_err(broken)?;
        let begin = head.pre_skip_samples.saturating_sub(decoded_samples).min(samples);
        decoded_samples += samples;
        is_ended = packet.last_in_stream();
        let kept = match usize::try_from(packet.absgp_page()) {
            Ok(end) if is_ended => samples.saturating_sub(decoded_samples.saturating_sub(end)),
            _ => samples,
        };
        let count = decoder.channels();
        let pcm = &mut room[begin * count..kept.max(begin) * count];
        pcm.iter_mut().for_each(|sample| *sample *= head.gain);
        if sound.take(pcm) {
            break;
        }
        at_s = decoded_samples as f64 / f64::from(SAMPLE_RATE_HZ);
    }
    Ok(sound)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Mono,
    Stereo,
    Uncoupled,
}

/// What the identification header says (RFC 7845 §5.1).
#[derive(Debug, PartialEq)]
struct Head {
    layout: Layout,
    pre_skip_samples: usize,
    gain: f32,
}

impl Head {
    fn parse(packet: &[u8]) -> Result<Self, SoundError> {
        if !packet.starts_with(HEAD_MAGIC) {
            return Err(SoundError::Opus("an Ogg file, but its codec is not Opus"));
        }
        if packet.len() < HEAD_BYTES_MIN {
            return Err(SoundError::Opus("its Opus header is cut off"));
        }
        let layout = match (packet[9], packet[18], &packet[HEAD_BYTES_MIN..]) {
            (1, 0, _) | (1, 1, [1, 0, 0]) => Layout::Mono,
            (2, 0, _) | (2, 1, [1, 1, 0, 1]) => Layout::Stereo,
            (2, 1, [2, 0, 0, 1]) => Layout::Uncoupled,
            _ => return Err(SoundError::Opus("its Opus is neither mono nor stereo")),
        };
        let pre_skip_samples = usize::from(u16::from_le_bytes([packet[10], packet[11]]));
        let gain_db = f32::from(i16::from_le_bytes([packet[16], packet[17]])) / 256.0;
        Ok(Self { layout, pre_skip_samples, gain: 10_f32.powf(gain_db / 20.0) })
    }
}

enum Decoder {
    Mono(OpusDecoder),
    Stereo(OpusStereoDecoder),
    Uncoupled(OpusDecoder, OpusDecoder),
}

impl Decoder {
    fn new(layout: Layout) -> Result<Self, CodecError> {
        Ok(match layout {
            Layout::Mono => Self::Mono(OpusDecoder::new()?),
            Layout::Stereo => Self::Stereo(OpusStereoDecoder::new()?),
            Layout::Uncoupled => Self::Uncoupled(OpusDecoder::new()?, OpusDecoder::new()?),
        })
    }

    fn channels(&self) -> usize {
        match self {
            Self::Mono(_) => 1,
            Self::Stereo(_) | Self::Uncoupled(..) => 2,
        }
    }

    /// Decodes a packet into the beginning of `out`, interleaved; samples of one channel.
    fn decode(&mut self, packet: &[u8], out: &mut [f32]) -> Result<usize, CodecError> {
        match self {
            Self::Mono(decoder) => decoder.decode_into(packet, out),
            Self::Stereo(decoder) => decoder.decode_into(packet, out),
            Self::Uncoupled(left, right) => {
                let packets = split_packet(packet).ok_or(CodecError::InvalidPacket)?;
                let mut room = [[0.0; codec::FRAME_SAMPLES]; 2];
                left.decode_into(&packets.0, &mut room[0])?;
                right.decode_into(&packets.1, &mut room[1])?;
                for (n, pair) in out.chunks_exact_mut(2).take(codec::FRAME_SAMPLES).enumerate() {
                    pair.copy_from_slice(&[room[0][n], room[1][n]]);
                }
                Ok(codec::FRAME_SAMPLES)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_how_to_play() {
        let head = |channels, gain: i16, tail: &[u8]| {
            let [low, high] = gain.to_le_bytes();
            let fixed = [1, channels, 56, 1, 128, 187, 0, 0, low, high];
            Head::parse(&[HEAD_MAGIC, &fixed, tail].concat())
        };
        let stereo = head(2, -6 * 256, &[0]).unwrap();
        assert_eq!((stereo.layout, stereo.pre_skip_samples), (Layout::Stereo, 312));
        assert!((stereo.gain - 0.501).abs() < 0.001, "{}", stereo.gain);
        assert_eq!(head(1, 0, &[0]).unwrap().layout, Layout::Mono);
        assert_eq!(head(2, 0, &[1, 2, 0, 0, 1]).unwrap().layout, Layout::Uncoupled);
        assert!(head(2, 0, &[1, 2, 0, 1, 0]).is_err());
        assert!(head(6, 0, &[1, 4, 2, 0, 4, 1, 2, 3, 5]).is_err());
        assert!(Head::parse(b"OpusHead").is_err());
        assert!(Head::parse(b"\x01vorbis").is_err());
    }
}
