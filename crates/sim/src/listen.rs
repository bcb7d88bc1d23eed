//! The ear: decoding what a leg received, and looking for a signal in it.

use codec::{OPUS_PACKET_SAMPLES_MAX, OpusDecoder, SAMPLE_RATE_HZ};

use crate::Received;

/// What a leg heard: each of its tracks decoded, and their sum, as [`heard_on`] has them.
pub fn heard(received: &[Received]) -> Vec<f32> {
    let tracks = received.iter().map(|packet| packet.track + 1).max().unwrap_or(0);
    let mut sum: Vec<f32> = Vec::new();
    for track in 0..tracks {
        let signal = heard_on(track, received);
        sum.resize(sum.len().max(signal.len()), 0.0);
        sum.iter_mut().zip(signal).for_each(|(sum, sample)| *sum += sample);
    }
    sum
}

/// Decodes what a leg received on one track into one signal at 48 kHz, mono, placed in virtual time: sample `i`
/// sounded `i / 48` ms after the room's beginning, had the listener no playout buffer. Where no
/// packet was there is silence.
pub fn heard_on(track: usize, received: &[Received]) -> Vec<f32> {
    let mut packets: Vec<&Received> =
        received.iter().filter(|packet| packet.track == track).collect();
    let Some(first) = packets.first().copied() else { return Vec::new() };
    packets.sort_by_key(|packet| packet.timestamp.wrapping_sub(first.timestamp).cast_signed());
    let mut decoder = OpusDecoder::new().expect("libopus makes a decoder");
    let mut frame = [0f32; OPUS_PACKET_SAMPLES_MAX];
    let mut signal = Vec::new();
    let begin = (first.at_us * u64::from(SAMPLE_RATE_HZ) / 1_000_000) as i64;
    for packet in packets {
        let offset = packet.timestamp.wrapping_sub(first.timestamp).cast_signed();
        let Ok(at) = usize::try_from(begin + i64::from(offset)) else { continue };
        let Ok(length) = decoder.decode_into(&packet.payload, &mut frame) else { continue };
        if signal.len() < at + length {
            signal.resize(at + length, 0.0);
        }
        signal[at..at + length].copy_from_slice(&frame[..length]);
    }
    signal
}

/// The part of a signal between two times, ms.
pub fn between_ms(signal: &[f32], from_ms: u64, to_ms: u64) -> &[f32] {
    let at = |ms: u64| (ms as usize * SAMPLE_RATE_HZ as usize / 1_000).min(signal.len());
    &signal[at(from_ms)..at(to_ms)]
}

/// What a matched filter found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The peak of the filter's output over its standard deviation elsewhere.
    pub sigma: f64,
    /// The delay of the pilot at the peak, samples.
    pub lag_samples: usize,
}

/// Looks for `pilot` in `signal`, delayed by up to `lag_max` samples.
///
/// The filter's output at every lag is compared with its spread over all lags beyond the peak's
/// own width: a signal without the pilot stays below some 5 σ whatever it holds.
pub fn find(signal: &[f32], pilot: &[f32], lag_max: usize) -> Match {
    let span = signal.len().saturating_sub(lag_max).min(pilot.len());
    let output: Vec<f64> = (0..lag_max)
        .map(|lag| {
            let pairs = signal[lag.min(signal.len())..].iter().zip(&pilot[..span]);
            pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        })
        .collect();
    let peak = (0..lag_max).max_by(|a, b| output[*a].abs().total_cmp(&output[*b].abs()));
    let Some(peak) = peak else { return Match { sigma: 0.0, lag_samples: 0 } };
    let elsewhere: Vec<f64> = output
        .iter()
        .enumerate()
        .filter(|(lag, _)| lag.abs_diff(peak) > PEAK_WIDTH_SAMPLES)
        .map(|(_, value)| *value)
        .collect();
    let spread =
        (elsewhere.iter().map(|v| v * v).sum::<f64>() / elsewhere.len().max(1) as f64).sqrt();
    let sigma = if spread > 0.0 { output[peak].abs() / spread } else { 0.0 };
    Match { sigma, lag_samples: peak }
}

/// The width of a pilot's own peak: a few periods of its lowest frequency.
const PEAK_WIDTH_SAMPLES: usize = 480;

/// RMS level, dBFS; −150 for digital silence.
pub fn rms_dbfs(signal: &[f32]) -> f64 {
    let power: f64 = signal.iter().map(|s| f64::from(*s).powi(2)).sum();
    let mean = power / signal.len().max(1) as f64;
    if mean > 1e-15 { 10.0 * mean.log10() } else { -150.0 }
}
