//! A conversation of recorded human speech: two parties in turn, who sometimes talk at the same time.

use std::path::{Path, PathBuf};
use std::{fs, io};

use codec::band::{Band, BandEncoder};
use codec::g722::G722Decoder;
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig, SAMPLE_RATE_HZ};

/// PESQ's wide band, Hz.
pub const PESQ_RATE_HZ: u32 = 16_000;
const FACTOR: usize = (SAMPLE_RATE_HZ / PESQ_RATE_HZ) as usize;
const CUTOFF_HZ: f32 = 7_600.0;
/// Half the length of the resampling filter, samples at 48 kHz.
const REACH: usize = 96;
/// Prompts of this length are turns of a conversation, s.
const TURN_S: std::ops::RangeInclusive<f32> = 2.5..=7.0;
/// How long the conversation is, s.
const LENGTH_S: usize = 64;
/// Pauses between two turns, s; a negative one is an overlap.
const PAUSES_S: [f32; 5] = [0.4, 0.7, -0.5, 0.3, 0.9];
/// Speech level, RMS of the whole, dBFS.
const LEVEL_DBFS: f32 = -26.0;
/// Noise of each line, RMS, dBFS.
const NOISE_DBFS: f32 = -72.0;

/// What both parties say, 48 kHz, as long as each other, in whole frames.
pub struct Conversation {
    pub said: [Vec<f32>; 2],
}

impl Conversation {
    /// Of the prompts below `folder` (`*.g722`), in the order of their names.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        files.sort();
        let mut said = [vec![0.0; LENGTH_S * 48_000], vec![0.0; LENGTH_S * 48_000]];
        let (mut at, mut turn) = (24_000_usize, 0_usize);
        for file in files {
            let prompt = trimmed(decode(&fs::read(file)?));
            let length_s = prompt.len() as f32 / PESQ_RATE_HZ as f32;
            if !TURN_S.contains(&length_s) {
                continue;
            }
            let prompt = up(&prompt);
            let Some(room) = said[turn % 2].get_mut(at..at + prompt.len()) else { break };
            room.copy_from_slice(&prompt);
            let pause = (PAUSES_S[turn % PAUSES_S.len()] * 48_000.0) as isize;
            at = (at + prompt.len()).saturating_add_signed(pause);
            turn += 1;
        }
        if turn < 6 {
            return Err(io::Error::new(io::ErrorKind::NotFound, "too few prompts (*.g722)"));
        }
        let mut random = 1_u32;
        for sample in said.iter_mut().flatten() {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (random >> 8) as f32 / (1 << 23) as f32 - 1.0;
            *sample += noise * 3.0_f32.sqrt() * 10.0_f32.powf(NOISE_DBFS / 20.0);
        }
        Ok(Self { said })
    }

    /// What both say together: what a listener should hear.
    pub fn together(&self) -> Vec<f32> {
        self.said[0].iter().zip(&self.said[1]).map(|(a, b)| a + b).collect()
    }
}

/// The packets of one party's sound.
pub fn encode(sound: &[f32], config: OpusEncoderConfig) -> Vec<Vec<u8>> {
    let mut encoder = OpusEncoder::new(config).expect("a configuration within the limits");
    let mut out = [0; OPUS_PACKET_BYTES_MAX];
    let (frames, _) = sound.as_chunks::<FRAME_SAMPLES>();
    let packet = |frame| {
        let length = encoder.encode_into(frame, &mut out).expect("a whole frame encodes");
        out[..length].to_vec()
    };
    frames.iter().map(packet).collect()
}

/// The packets of one party's sound as a telephone would have it: at 8 kHz.
pub fn encode_narrow(sound: &[f32], config: OpusEncoderConfig) -> Vec<Vec<u8>> {
    let mut encoder =
        BandEncoder::new(Band::Narrow, config).expect("a configuration within the limits");
    let mut out = [0; OPUS_PACKET_BYTES_MAX];
    let packet = |frame: &[i16]| {
        let length = encoder.encode_into(frame, &mut out).expect("a whole frame encodes");
        out[..length].to_vec()
    };
    decimate(sound, Band::Narrow.divisor(), 3_600.0)
        .chunks_exact(Band::Narrow.frame_samples())
        .map(packet)
        .collect()
}

/// 48 kHz to 16 kHz, `delay` samples of 48 kHz left out at the beginning.
pub fn down(sound: &[f32], delay: usize) -> Vec<i16> {
    decimate(&sound[delay.min(sound.len())..], FACTOR, CUTOFF_HZ)
}

/// Every `factor`th sample, of what is below `cutoff_hz`.
fn decimate(sound: &[f32], factor: usize, cutoff_hz: f32) -> Vec<i16> {
    let filter = filter(cutoff_hz);
    (0..sound.len() / factor)
        .map(|n| {
            let tap = |(k, weight): (usize, &f32)| {
                let at = (n * factor + k).checked_sub(REACH);
                at.and_then(|at| sound.get(at)).map_or(0.0, |sample| sample * weight)
            };
            let sample: f32 = filter.iter().enumerate().map(tap).sum();
            (sample * 32_768.0).clamp(-32_768.0, 32_767.0) as i16
        })
        .collect()
}

/// 16 kHz to 48 kHz.
fn up(sound: &[f32]) -> Vec<f32> {
    let filter = filter(CUTOFF_HZ);
    (0..sound.len() * FACTOR)
        .map(|n| {
            let tap = |(k, weight): (usize, &f32)| {
                let at = (n + k).checked_sub(REACH)?;
                at.is_multiple_of(FACTOR).then(|| sound.get(at / FACTOR))?.map(|it| it * weight)
            };
            filter.iter().enumerate().filter_map(tap).sum::<f32>() * FACTOR as f32
        })
        .collect()
}

/// A low-pass with a Hann window.
fn filter(cutoff_hz: f32) -> [f32; 2 * REACH + 1] {
    let cutoff = 2.0 * cutoff_hz / SAMPLE_RATE_HZ as f32;
    std::array::from_fn(|k| {
        let t = k as f32 - REACH as f32;
        let x = std::f32::consts::PI * cutoff * t;
        let sinc = if t == 0.0 { 1.0 } else { x.sin() / x };
        let window = 0.5 + 0.5 * (std::f32::consts::PI * t / (REACH as f32 + 1.0)).cos();
        cutoff * sinc * window
    })
}

fn decode(bytes: &[u8]) -> Vec<f32> {
    let mut samples = vec![0; 2 * bytes.len()];
    let count = G722Decoder::default().decode_into(bytes, &mut samples).unwrap_or(0);
    samples[..count].iter().map(|sample| f32::from(*sample) / 32_768.0).collect()
}

/// Without the silence around it, at [`LEVEL_DBFS`].
fn trimmed(sound: Vec<f32>) -> Vec<f32> {
    let is_loud = |sample: &f32| sample.abs() > 0.01;
    let begin = sound.iter().position(is_loud).unwrap_or(0).saturating_sub(800);
    let end = (sound.iter().rposition(is_loud).unwrap_or(0) + 1_600).min(sound.len());
    let sound = sound.get(begin..end).unwrap_or(&[]);
    let power = sound.iter().map(|it| it * it).sum::<f32>() / sound.len().max(1) as f32;
    let gain = 10.0_f32.powf(LEVEL_DBFS / 20.0) / power.sqrt().max(1e-6);
    sound.iter().map(|sample| sample * gain).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|it| it == "g722") {
            files.push(path);
        }
    }
    Ok(())
}
