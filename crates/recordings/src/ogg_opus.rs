//! Ogg Opus files (RFC 7845), decoded: one or two channels in any mapping, chained one after the other,
//! and picked out from among other streams.

use std::io::{Read, Seek};

use codec::{CodecError, OPUS_PACKET_SAMPLES_MAX, OpusMultistreamDecoder, SAMPLE_RATE_HZ};
use ogg::reading::BasePacketReader;

use crate::PARTY_DURATION_MAX;
use crate::foreign::{Foreign, ogg_codec};
use crate::ogg_pages::{Page, Pages};
use crate::sound::{Note, Sound, SoundError};
use crate::two_streams::HEAD_MAGIC;

/// RFC 7845 §5.1: the identification header without a channel mapping table.
const HEAD_BYTES_MIN: usize = 19;
/// What a lost packet is taken to last if none was there before it: 20 ms.
const PACKET_SAMPLES: usize = codec::FRAME_SAMPLES;
/// More silence than this in place of what was lost is a granule position that is wrong.
const GAP_SAMPLES_MAX: u64 = PARTY_DURATION_MAX.as_secs() * SAMPLE_RATE_HZ as u64;

/// Reads a file to its end, without what its header says to skip and what its last page says to
/// leave out (RFC 7845 §4.2 and §4.4).
///
/// # Errors
/// [`SoundError`].
pub(crate) fn read(file: impl Read + Seek) -> Result<Sound, SoundError> {
    let mut pages = Pages::new(file);
    let mut sound: Option<Sound> = None;
    let mut link: Option<Link> = None;
    let (mut links, mut lost_samples, mut damaged_before) = (0_usize, 0_u64, 0);
    // What the file holds if it isn't Opus.
    let mut other = None;
    while let Some(page) = pages.next()? {
        if page.is_first {
            if !page.head.starts_with(HEAD_MAGIC) {
                other.get_or_insert(ogg_codec(&page.head));
                continue;
            }
            if link.as_ref().is_some_and(|link| !link.has_begun) {
                return Err(SoundError::Format(
                    "two Opus streams side by side in one file; store each in a file of its own",
                ));
            }
            let head = Head::parse(&page.head)?;
            let channels = head.mapping.len();
            if sound.as_ref().is_some_and(|sound| sound.channels.len() != channels) {
                break;
            }
            if sound.is_none() {
                sound = Some(Sound::new(SAMPLE_RATE_HZ, channels)?);
            }
            link = Some(Link::new(page.serial, head)?);
            links += 1;
        }
        let (Some(link), Some(sound)) = (&mut link, &mut sound) else { continue };
        if page.serial != link.serial {
            continue;
        }
        let is_damaged = std::mem::replace(&mut damaged_before, pages.damaged) != pages.damaged;
        lost_samples += link.take(page, is_damaged, sound)?;
        if sound.is_cut {
            break;
        }
    }
    let Some(mut sound) = sound else {
        return Err(match other {
            Some(what) => SoundError::Foreign(Foreign::new(what)),
            None => SoundError::Format("an Ogg file without an intact beginning"),
        });
    };
    if links > 1 {
        sound.notes.push(Note::Links(links));
    }
    if lost_samples > 0 {
        sound.notes.push(Note::Gap(lost_samples as f64 / f64::from(SAMPLE_RATE_HZ)));
    }
    if pages.damaged > damaged_before && !sound.is_cut {
        let why = "a page is damaged or cut off".to_owned();
        sound.notes.push(Note::Broken(sound.duration_s(), why));
    }
    Ok(sound)
}

/// One logical stream of Opus.
struct Link {
    serial: u32,
    head: Head,
    packets: BasePacketReader,
    decoder: OpusMultistreamDecoder,
    /// Of the two header packets, those that are still to come.
    headers: usize,
    /// Whether sound was on it.
    has_begun: bool,
    /// The granule position at which the sound begins, once a page tells.
    origin: Option<u64>,
    /// Samples decoded or put in place of lost ones.
    samples: u64,
    /// How long the last packet was.
    packet_samples: usize,
    is_over: bool,
    room: Vec<f32>,
}

impl Link {
    fn new(serial: u32, head: Head) -> Result<Self, SoundError> {
        let decoder = OpusMultistreamDecoder::new(head.streams, head.coupled, &head.mapping)?;
        Ok(Self {
            serial,
            packets: BasePacketReader::new(),
            decoder,
            headers: 2,
            has_begun: false,
            origin: None,
            samples: 0,
            packet_samples: PACKET_SAMPLES,
            is_over: false,
            room: vec![0.0; head.mapping.len() * OPUS_PACKET_SAMPLES_MAX],
            head,
        })
    }

    /// Decodes a page's packets. `is_damaged`: what came before it was lost. Returns how many samples
    /// were lost and are silent now.
    fn take(&mut self, page: Page, is_damaged: bool, sound: &mut Sound) -> Result<u64, SoundError> {
        if self.is_over {
            return Ok(0);
        }
        if is_damaged {
            // Half a packet may be waiting for its other half.
            self.packets.update_after_seek();
        }
        if self.packets.push_page(page.page).is_err() {
            return Ok(0);
        }
        let mut packets = Vec::new();
        while let Some(packet) = self.packets.read_packet() {
            if self.headers > 0 {
                self.headers -= 1;
            } else {
                packets.push(packet.data);
            }
        }
        self.is_over = page.is_last;
        let mut lost = if is_damaged { self.gap(&packets, page.granule, sound) } else { 0 };
        self.has_begun |= !packets.is_empty();
        let length = self.lengths(&packets);
        // The first page tells where its sound begins; unless it is the last one as well, whose
        // position may be that of an earlier end (RFC 7845 §4.5).
        let begins = page.granule.map_or(0, |granule| granule.saturating_sub(length));
        let origin = *self.origin.get_or_insert(if page.is_last {
            self.samples
        } else {
            begins.saturating_sub(self.samples)
        });
        let end = page.granule.filter(|_| page.is_last).and_then(|end| end.checked_sub(origin));
        // An end before this page's own beginning is none.
        let end = end.filter(|&end| end > self.samples || packets.is_empty()).unwrap_or(u64::MAX);
        for packet in &packets {
            lost += self.packet(packet, end, sound)?;
            if sound.is_cut {
                break;
            }
        }
        Ok(lost)
    }

    /// What all packets together last.
    fn lengths(&self, packets: &[Vec<u8>]) -> u64 {
        packets.iter().map(|it| self.length(it) as u64).sum()
    }

    fn length(&self, packet: &[u8]) -> usize {
        // A multistream packet begins with its first stream's, whose first bytes tell the length.
        codec::packet::duration_samples(packet).unwrap_or(self.packet_samples)
    }

    /// Puts silence where pages were lost, as long as the granule position says.
    fn gap(&mut self, packets: &[Vec<u8>], granule: Option<u64>, sound: &mut Sound) -> u64 {
        let (Some(origin), Some(granule)) = (self.origin, granule) else { return 0 };
        let begins = granule.saturating_sub(self.lengths(packets)).saturating_sub(origin);
        let lost = begins.saturating_sub(self.samples);
        if lost > GAP_SAMPLES_MAX {
            return 0;
        }
        sound.take_silence(lost as usize);
        self.samples += lost;
        lost
    }

    /// Decodes one packet; how many of its samples are made up, since it is none.
    fn packet(&mut self, packet: &[u8], end: u64, sound: &mut Sound) -> Result<u64, SoundError> {
        let (samples, made_up) = match self.decoder.decode_into(packet, &mut self.room) {
            Ok(samples) => (samples, 0),
            Err(CodecError::InvalidPacket | CodecError::BufferTooSmall) => {
                let samples = self.decoder.conceal_into(self.packet_samples, &mut self.room)?;
                (samples, samples as u64)
            }
            Err(error) => return Err(error.into()),
        };
        self.packet_samples = samples;
        let skipped = self.head.pre_skip_samples.saturating_sub(self.samples).min(samples as u64);
        let kept = end.saturating_sub(self.samples).min(samples as u64);
        self.samples += samples as u64;
        let count = self.head.mapping.len();
        let pcm = &mut self.room[skipped as usize * count..kept.max(skipped) as usize * count];
        pcm.iter_mut().for_each(|sample| *sample *= self.head.gain);
        sound.take(pcm);
        Ok(made_up)
    }
}

/// What the identification header says (RFC 7845 §5.1).
#[derive(Debug, PartialEq)]
struct Head {
    /// Opus streams in each packet.
    streams: u8,
    /// Those of them that are stereo; they come first.
    coupled: u8,
    /// For each channel, which decoded one it is.
    mapping: Vec<u8>,
    pre_skip_samples: u64,
    gain: f32,
}

impl Head {
    fn parse(packet: &[u8]) -> Result<Self, SoundError> {
        if packet.len() < HEAD_BYTES_MIN {
            return Err(SoundError::Format("its Opus header is cut off"));
        }
        let channels = usize::from(packet[9]);
        let (streams, coupled, mapping) = match (channels, packet[18], &packet[HEAD_BYTES_MIN..]) {
            (1 | 2, 0, _) => (1, packet[9] - 1, (0..packet[9]).collect()),
            // Family 1 is speakers, 255 is whatever; of one or two channels it is the same.
            (1 | 2, 1 | 255, [streams, coupled, mapping @ ..]) if mapping.len() >= channels => {
                (*streams, *coupled, mapping[..channels].to_vec())
            }
            (1 | 2, _, _) => {
                return Err(SoundError::Format("its Opus is mapped in an unknown way"));
            }
            _ => return Err(SoundError::Channels(channels)),
        };
        let pre_skip_samples = u64::from(u16::from_le_bytes([packet[10], packet[11]]));
        let gain_db = f32::from(i16::from_le_bytes([packet[16], packet[17]])) / 256.0;
        Ok(Self { streams, coupled, mapping, pre_skip_samples, gain: 10_f32.powf(gain_db / 20.0) })
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
        let layout = |head: Head| (head.streams, head.coupled, head.mapping);
        let stereo = head(2, -6 * 256, &[0]).unwrap();
        assert_eq!(stereo.pre_skip_samples, 312);
        assert!((stereo.gain - 0.501).abs() < 0.001, "{}", stereo.gain);
        assert_eq!(layout(stereo), (1, 1, vec![0, 1]));
        assert_eq!(layout(head(1, 0, &[0]).unwrap()), (1, 0, vec![0]));
        assert_eq!(layout(head(2, 0, &[1, 2, 0, 0, 1]).unwrap()), (2, 0, vec![0, 1]));
        assert_eq!(layout(head(2, 0, &[1, 2, 0, 1, 0]).unwrap()), (2, 0, vec![1, 0]));
        assert_eq!(layout(head(2, 0, &[255, 2, 0, 0, 1]).unwrap()), (2, 0, vec![0, 1]));
        assert!(head(2, 0, &[1, 2, 0, 1]).is_err());
        assert!(head(2, 0, &[3, 2, 0, 1, 0]).is_err());
        assert!(matches!(head(6, 0, &[1, 4, 2, 0, 4, 1, 2, 3, 5]), Err(SoundError::Channels(6))));
        assert!(Head::parse(b"OpusHead").is_err());
    }
}
