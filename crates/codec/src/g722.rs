//! ITU-T G.722 at 64 kbit/s (RTP payload type 9): 16 kHz in sub-band ADPCM, one byte for two samples.

use audio_codec::{Decoder as _, Encoder as _};

use crate::CodecError;

/// Encoder; its state follows the stream.
pub struct G722Encoder(audio_codec::g722::G722Encoder);

/// Decoder; its state follows the stream.
pub struct G722Decoder(audio_codec::g722::G722Decoder);

impl Default for G722Encoder {
    fn default() -> Self {
        Self(audio_codec::g722::G722Encoder::new())
    }
}

impl Default for G722Decoder {
    fn default() -> Self {
        Self(audio_codec::g722::G722Decoder::new())
    }
}

impl G722Encoder {
    /// Encodes an even count of samples into the beginning of `out`; returns how many bytes.
    ///
    /// # Errors
    /// [`CodecError::BufferTooSmall`] with less room than half as many bytes as samples.
    pub fn encode_into(&mut self, samples: &[i16], out: &mut [u8]) -> Result<usize, CodecError> {
        self.0.encode_into(samples, out).map_err(|_| CodecError::BufferTooSmall)
    }
}

impl G722Decoder {
    /// Decodes any bytes into the beginning of `out`; returns how many samples: two a byte.
    ///
    /// # Errors
    /// [`CodecError::BufferTooSmall`] with less room than that.
    pub fn decode_into(&mut self, bytes: &[u8], out: &mut [i16]) -> Result<usize, CodecError> {
        self.0.decode_into(bytes, out).map_err(|_| CodecError::BufferTooSmall)
    }
}

impl std::fmt::Debug for G722Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("G722Encoder")
    }
}

impl std::fmt::Debug for G722Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("G722Decoder")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = 320;

    /// The ratio of a tone to what is not the tone, dB, after both directions.
    fn clearness_db(frequency_hz: f64) -> f64 {
        let (mut encoder, mut decoder) = (G722Encoder::default(), G722Decoder::default());
        let step = std::f64::consts::TAU * frequency_hz / 16_000.0;
        let mut heard = Vec::new();
        for frame in 0..50 {
            let tone: Vec<i16> = (0..FRAME)
                .map(|n| (8_000.0 * (step * (frame * FRAME + n) as f64).sin()) as i16)
                .collect();
            let (mut bytes, mut out) = ([0; FRAME / 2], [0; FRAME]);
            assert_eq!(encoder.encode_into(&tone, &mut bytes), Ok(FRAME / 2));
            assert_eq!(decoder.decode_into(&bytes, &mut out), Ok(FRAME));
            heard.extend(out.map(f64::from));
        }
        let heard = &heard[10 * FRAME..];
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in heard.iter().enumerate() {
            re += sample * (step * n as f64).cos();
            im += sample * (step * n as f64).sin();
        }
        let power: f64 = heard.iter().map(|it| it * it).sum();
        let tone = 2.0 * (re * re + im * im) / heard.len() as f64;
        10.0 * (tone / (power - tone)).log10()
    }

    #[test]
    fn both_bands_pass() {
        for (frequency_hz, least_db) in
            [(300.0, 20.0), (1_000.0, 20.0), (3_000.0, 20.0), (6_000.0, 8.0)]
        {
            let clearness = clearness_db(frequency_hz);
            assert!(clearness > least_db, "{frequency_hz} Hz: {clearness:.1} dB");
        }
    }

    #[test]
    fn little_room_is_refused() {
        let (mut encoder, mut decoder) = (G722Encoder::default(), G722Decoder::default());
        assert_eq!(encoder.encode_into(&[0; 4], &mut [0; 1]), Err(CodecError::BufferTooSmall));
        assert_eq!(decoder.decode_into(&[0; 2], &mut [0; 3]), Err(CodecError::BufferTooSmall));
    }
}
