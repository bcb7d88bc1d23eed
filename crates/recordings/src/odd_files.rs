//! Sound files as people have them, made by the byte: for the tests.

use std::f32::consts::TAU;

/// The rate of the telephone's sound, Hz.
pub(crate) const RATE: u32 = 8_000;
/// Seconds of it in each file.
pub(crate) const SECONDS: usize = 3;

/// Both parties: the caller says 440 Hz, the agent 1000 Hz, each at 0.3 of full scale.
pub(crate) fn parties() -> [Vec<f32>; 2] {
    [440.0, 1000.0].map(|hz| {
        let samples = SECONDS * RATE as usize;
        (0..samples).map(|n| 0.3 * (TAU * hz * n as f32 / RATE as f32).sin()).collect()
    })
}

/// Both parties' samples in turn, each written by `write`.
pub(crate) fn stereo<const N: usize>(write: impl Fn(f32) -> [u8; N]) -> Vec<u8> {
    let [caller, agent] = parties();
    caller.iter().zip(&agent).flat_map(|(&a, &b)| [write(a), write(b)]).flatten().collect()
}

/// One party's samples.
pub(crate) fn mono<const N: usize>(party: usize, write: impl Fn(f32) -> [u8; N]) -> Vec<u8> {
    parties()[party].iter().flat_map(|&sample| write(sample)).collect()
}

/// The level of a tone in sound at 48 kHz, dB below one of full scale.
pub(crate) fn tone_dbfs(signal: &[f32], hz: f32) -> f32 {
    let step = std::f64::consts::TAU * f64::from(hz) / 48_000.0;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, &sample) in signal.iter().enumerate() {
        re += f64::from(sample) * (step * n as f64).cos();
        im += f64::from(sample) * (step * n as f64).sin();
    }
    let amplitude = 2.0 * f64::hypot(re, im) / signal.len() as f64;
    20.0 * amplitude.max(1e-9).log10() as f32
}

pub(crate) fn i16(sample: f32) -> i16 {
    (sample * 32767.0) as i16
}

pub(crate) fn s16(sample: f32) -> [u8; 2] {
    i16(sample).to_le_bytes()
}

pub(crate) fn s24(sample: f32) -> [u8; 3] {
    let [a, b, c, _] = ((sample * 8_388_607.0) as i32).to_le_bytes();
    [a, b, c]
}

pub(crate) fn mu_law(sample: f32) -> [u8; 1] {
    let mut out = [0];
    codec::g711::encode_ulaw_into(&[i16(sample)], &mut out);
    out
}

pub(crate) fn a_law(sample: f32) -> [u8; 1] {
    let mut out = [0];
    codec::g711::encode_alaw_into(&[i16(sample)], &mut out);
    out
}

/// A WAV's format: tag, channels, bits of a sample, and what follows the 16 bytes.
pub(crate) fn format(tag: u16, channels: u16, bits: u16, more: &[u8]) -> Vec<u8> {
    let block = channels * bits.div_ceil(8);
    let mut body = [tag, channels].map(u16::to_le_bytes).concat();
    body.extend([RATE, RATE * u32::from(block)].map(u32::to_le_bytes).concat());
    body.extend([block, bits].map(u16::to_le_bytes).concat());
    body.extend(more);
    body
}

/// What WAVE_FORMAT_EXTENSIBLE adds to it: the bits used, the speakers, the format's GUID.
pub(crate) fn extension(tag: u16, bits: u16, speakers: u32) -> Vec<u8> {
    let mut more = [22, bits].map(u16::to_le_bytes).concat();
    more.extend(speakers.to_le_bytes());
    more.extend(tag.to_le_bytes());
    more.extend(*b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    more
}

/// A chunk that says it is `length` long.
pub(crate) fn lying(id: &[u8; 4], length: u32, body: &[u8]) -> Vec<u8> {
    [id, &length.to_le_bytes()[..], body].concat()
}

/// A chunk, padded to an even length.
pub(crate) fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = lying(id, body.len() as u32, body);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// A file of chunks that says it is `length` long.
pub(crate) fn riff(id: &[u8; 4], length: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    [id, &length.to_le_bytes()[..], b"WAVE", &chunks.concat()].concat()
}

/// A WAV in order.
pub(crate) fn wav(format: &[u8], data: &[u8]) -> Vec<u8> {
    let chunks = [chunk(b"fmt ", format), chunk(b"data", data)];
    riff(b"RIFF", 4 + chunks.concat().len() as u32, &chunks)
}

/// A WAV of both parties with 16 bits.
pub(crate) fn good() -> Vec<u8> {
    wav(&format(1, 2, 16, &[]), &stereo(s16))
}

/// A page of an Ogg file.
pub(crate) struct OggPage<'a> {
    pub serial: u32,
    pub number: u32,
    /// 1 continued, 2 first, 4 last.
    pub flags: u8,
    pub granule: u64,
    pub packets: &'a [Vec<u8>],
}

impl OggPage<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let mut lacing = Vec::new();
        for packet in self.packets {
            lacing.extend(std::iter::repeat_n(255, packet.len() / 255));
            lacing.push((packet.len() % 255) as u8);
        }
        let mut page = b"OggS\0".to_vec();
        page.push(self.flags);
        page.extend(self.granule.to_le_bytes());
        page.extend([self.serial, self.number, 0].map(u32::to_le_bytes).concat());
        page.push(lacing.len() as u8);
        page.extend(lacing);
        page.extend(self.packets.concat());
        let sum = checksum(&page).to_le_bytes();
        page[22..26].copy_from_slice(&sum);
        page
    }
}

/// RFC 3533 §6: CRC-32 with the polynomial 0x04C11DB7, nothing reflected.
fn checksum(page: &[u8]) -> u32 {
    page.iter().fold(0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 24, |sum, _| {
            if sum & 1 << 31 == 0 { sum << 1 } else { sum << 1 ^ 0x04C1_1DB7 }
        })
    })
}

/// An Ogg Opus stream of both parties, page by page.
pub(crate) struct OggOpus {
    pub serial: u32,
    /// The identification header.
    pub head: Vec<u8>,
    pub packets: Vec<Vec<u8>>,
    /// What a packet lasts, samples.
    pub packet_samples: u64,
    /// The granule position at which the sound begins.
    pub origin: u64,
}

impl OggOpus {
    /// The first `seconds` of the project's own call: two uncoupled mono streams of 20 ms packets.
    pub fn of_demo_call(seconds: usize) -> Self {
        let call = &crate::Recording::demo_calls().unwrap()[0];
        let packets = call.caller.iter().zip(&call.agent).take(50 * seconds);
        Self {
            serial: 1,
            head: head(2, 312, 0, &[1, 2, 0, 0, 1]),
            packets: packets
                .map(|(caller, agent)| [&delimited(caller)[..], agent].concat())
                .collect(),
            packet_samples: 960,
            origin: 0,
        }
    }

    /// Its pages: two of headers, then ten packets each.
    pub fn pages(&self) -> Vec<Vec<u8>> {
        let page = |number: usize, flags, granule, packets: &[Vec<u8>]| {
            OggPage { serial: self.serial, number: number as u32, flags, granule, packets }.bytes()
        };
        let tags = b"OpusTags\x07\0\0\0made-up\0\0\0\0".to_vec();
        let mut pages =
            vec![page(0, 2, 0, std::slice::from_ref(&self.head)), page(1, 0, 0, &[tags])];
        let count = self.packets.chunks(10).len();
        for (n, packets) in self.packets.chunks(10).enumerate() {
            let flags = if n + 1 == count { 4 } else { 0 };
            let granule = self.origin + (10 * n + packets.len()) as u64 * self.packet_samples;
            pages.push(page(n + 2, flags, granule, packets));
        }
        pages
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.pages().concat()
    }
}

/// An identification header of Opus: channels, pre-skip, gain in 1/256 dB, mapping.
pub(crate) fn head(channels: u8, pre_skip: u16, gain: i16, mapping: &[u8]) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels);
    head.extend(pre_skip.to_le_bytes());
    head.extend(48_000_u32.to_le_bytes());
    head.extend(gain.to_le_bytes());
    head.extend(mapping);
    head
}

/// A packet of one frame in self-delimiting form (RFC 6716, appendix B).
fn delimited(packet: &[u8]) -> Vec<u8> {
    [&packet[..1], &length(packet.len() - 1), &packet[1..]].concat()
}

/// A frame's length in one or two bytes (RFC 6716 §3.2.1).
fn length(bytes: usize) -> Vec<u8> {
    match bytes {
        0..252 => vec![bytes as u8],
        _ => vec![252 + (bytes & 3) as u8, ((bytes - 252 - (bytes & 3)) / 4) as u8],
    }
}

/// Packets of 60 ms: three of 20 ms in one each (code 3, VBR), where they are of one kind.
pub(crate) fn of_60_ms(caller: &[Vec<u8>], agent: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let three = |packets: &[Vec<u8>], listed: usize| {
        let lengths = packets[..listed].iter().flat_map(|packet| length(packet.len() - 1));
        let frames = packets.iter().flat_map(|packet| packet[1..].to_vec());
        let toc = [packets[0][0] | 3, 0x83];
        toc.into_iter().chain(lengths).chain(frames).collect::<Vec<u8>>()
    };
    let alike = |packets: &[Vec<u8>]| packets.iter().all(|packet| packet[0] == packets[0][0]);
    let pairs = caller.chunks_exact(3).zip(agent.chunks_exact(3));
    pairs
        .filter(|(caller, agent)| alike(caller) && alike(agent))
        // The first stream's packet tells all three lengths, the last one's two.
        .map(|(caller, agent)| [three(caller, 3), three(agent, 2)].concat())
        .collect()
}
