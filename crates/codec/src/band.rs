//! Opus at the telephone's sampling rates, as 16-bit samples.
//!
//! Opus codes 8 and 16 kHz by itself (RFC 6716 §2: the rate of a coder is that of its sound card, not of the packet), with
//! filters of its own and without a delay of their own. So between G.711 or G.722 and Opus nothing is resampled, and a
//! packet is one packet.

use crate::{CodecError, OPUS_GRAIN_SAMPLES, OpusEncoderConfig, SAMPLE_RATE_HZ, packet};

/// The bandwidth of a telephone's codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// 8 kHz: G.711.
    Narrow,
    /// 16 kHz: G.722.
    Wide,
}

impl Band {
    /// Sampling rate, Hz.
    pub const fn sample_rate_hz(self) -> u32 {
        match self {
            Self::Narrow => 8_000,
            Self::Wide => 16_000,
        }
    }

    /// Samples of 48 kHz in one of this rate.
    pub const fn divisor(self) -> usize {
        (SAMPLE_RATE_HZ / self.sample_rate_hz()) as usize
    }

    /// Samples in 20 ms.
    pub const fn frame_samples(self) -> usize {
        crate::FRAME_SAMPLES / self.divisor()
    }
}

/// Opus encoder for a telephone's sound, mono, 20 ms a packet.
#[derive(Debug)]
pub struct BandEncoder {
    inner: opus::Encoder,
    band: Band,
}

/// Opus decoder for a telephone's ear, mono: any packet in.
#[derive(Debug)]
pub struct BandDecoder {
    inner: opus::Decoder,
    band: Band,
}

impl BandEncoder {
    /// Makes an encoder.
    ///
    /// # Errors
    /// A value of `config` out of its range.
    pub fn new(band: Band, config: OpusEncoderConfig) -> Result<Self, CodecError> {
        Ok(Self { inner: config.build(band.sample_rate_hz())?, band })
    }

    /// Encodes one frame of [`Band::frame_samples`] into `out`; returns the packet's length in bytes.
    ///
    /// # Errors
    /// [`CodecError::Duration`] with another count of samples; [`CodecError::BufferTooSmall`].
    pub fn encode_into(&mut self, frame: &[i16], out: &mut [u8]) -> Result<usize, CodecError> {
        if frame.len() != self.band.frame_samples() {
            return Err(CodecError::Duration(frame.len() * self.band.divisor()));
        }
        if out.is_empty() {
            return Err(CodecError::BufferTooSmall);
        }
        Ok(self.inner.encode(frame, out)?)
    }
}

impl BandDecoder {
    /// Makes a decoder.
    ///
    /// # Errors
    /// [`CodecError::Library`] when libopus has no memory.
    pub fn new(band: Band) -> Result<Self, CodecError> {
        Ok(Self { inner: opus::Decoder::new(band.sample_rate_hz(), opus::Channels::Mono)?, band })
    }

    /// Decodes a packet into the beginning of `out`; returns its samples at this rate.
    ///
    /// # Errors
    /// [`CodecError::InvalidPacket`]; [`CodecError::BufferTooSmall`] when the packet lasts longer than `out`.
    pub fn decode_into(&mut self, packet: &[u8], out: &mut [i16]) -> Result<usize, CodecError> {
        let samples = self.duration(packet)?;
        let out = out.get_mut(..samples).ok_or(CodecError::BufferTooSmall)?;
        Ok(self.inner.decode(packet, out, false)?)
    }

    /// Makes up `samples` (at this rate) before `next_packet`: what it has of them as in-band FEC, and concealment for the
    /// rest. Afterwards decode `next_packet` itself as usual.
    ///
    /// # Errors
    /// Those of [`Self::decode_into`]; [`CodecError::Duration`] unless it is a multiple of 2.5 ms within 120 ms.
    pub fn restore_into(
        &mut self,
        next_packet: &[u8],
        samples: usize,
        out: &mut [i16],
    ) -> Result<usize, CodecError> {
        self.duration(next_packet)?;
        let at_48k = samples * self.band.divisor();
        if samples == 0
            || at_48k > crate::OPUS_PACKET_SAMPLES_MAX
            || !at_48k.is_multiple_of(OPUS_GRAIN_SAMPLES)
        {
            return Err(CodecError::Duration(at_48k));
        }
        let out = out.get_mut(..samples).ok_or(CodecError::BufferTooSmall)?;
        Ok(self.inner.decode(next_packet, out, true)?)
    }

    fn duration(&self, bytes: &[u8]) -> Result<usize, CodecError> {
        let valid = packet::is_valid(bytes).then(|| packet::duration_samples(bytes)).flatten();
        valid.map(|it| it / self.band.divisor()).ok_or(CodecError::InvalidPacket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OPUS_PACKET_BYTES_MAX, OPUS_PACKET_SAMPLES_MAX, OpusDecoder};

    /// A second of a tone in packets of a band's encoder.
    fn packets(band: Band, frequency_hz: f64) -> Vec<Vec<u8>> {
        let mut encoder = BandEncoder::new(band, OpusEncoderConfig::default()).unwrap();
        let step = std::f64::consts::TAU * frequency_hz / f64::from(band.sample_rate_hz());
        let samples = band.frame_samples();
        (0..50)
            .map(|frame| {
                let tone: Vec<i16> = (0..samples)
                    .map(|n| (8_000.0 * (step * (frame * samples + n) as f64).sin()) as i16)
                    .collect();
                let mut packet = vec![0; OPUS_PACKET_BYTES_MAX];
                let length = encoder.encode_into(&tone, &mut packet).unwrap();
                packet.truncate(length);
                packet
            })
            .collect()
    }

    /// The share of the power that is the tone.
    fn share_of(frequency_hz: f64, rate_hz: u32, signal: &[f64]) -> f64 {
        let step = std::f64::consts::TAU * frequency_hz / f64::from(rate_hz);
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in signal.iter().enumerate() {
            re += sample * (step * n as f64).cos();
            im += sample * (step * n as f64).sin();
        }
        let power: f64 = signal.iter().map(|it| it * it).sum();
        2.0 * (re * re + im * im) / (signal.len() as f64 * power)
    }

    #[test]
    fn a_telephones_sound_is_the_same_at_48_khz_and_back() {
        for (band, frequency_hz) in [(Band::Narrow, 1_000.0), (Band::Wide, 5_000.0)] {
            let (mut full, mut narrow) =
                (OpusDecoder::new().unwrap(), BandDecoder::new(band).unwrap());
            let (mut at_48k, mut at_band) = (Vec::new(), Vec::new());
            for packet in packets(band, frequency_hz) {
                let mut out = [0.0; OPUS_PACKET_SAMPLES_MAX];
                let samples = full.decode_into(&packet, &mut out).unwrap();
                at_48k.extend(out[..samples].iter().map(|it| f64::from(*it)));
                let mut out = [0; OPUS_PACKET_SAMPLES_MAX];
                let samples = narrow.decode_into(&packet, &mut out).unwrap();
                assert_eq!(samples, band.frame_samples());
                at_band.extend(out[..samples].iter().map(|it| f64::from(*it)));
            }
            let share = share_of(frequency_hz, SAMPLE_RATE_HZ, &at_48k[9_600..]);
            assert!(share > 0.97, "{band:?}: {share}");
            let skipped = 10 * band.frame_samples();
            let share = share_of(frequency_hz, band.sample_rate_hz(), &at_band[skipped..]);
            assert!(share > 0.97, "{band:?}: {share}");
        }
    }

    #[test]
    fn what_is_lost_is_restored_for_as_long_as_it_lasted() {
        let packets = packets(Band::Narrow, 700.0);
        let mut decoder = BandDecoder::new(Band::Narrow).unwrap();
        let mut out = [0; 960];
        for packet in &packets[..20] {
            decoder.decode_into(packet, &mut out).unwrap();
        }
        assert_eq!(decoder.restore_into(&packets[22], 320, &mut out), Ok(320));
        let loudest = out[160..320].iter().map(|it| it.unsigned_abs()).max().unwrap();
        assert!(loudest > 2_000, "in-band FEC or concealment sounds: {loudest}");
        assert_eq!(decoder.decode_into(&packets[22], &mut out), Ok(160));
        for samples in [0, 7, 961, 2_000] {
            let refused = decoder.restore_into(&packets[23], samples, &mut out);
            assert_eq!(refused, Err(CodecError::Duration(samples * 6)));
        }
        assert_eq!(decoder.decode_into(&[], &mut out), Err(CodecError::InvalidPacket));
    }
}
