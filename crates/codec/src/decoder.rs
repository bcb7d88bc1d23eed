//! Opus decoders: any valid packet in, 48 kHz out, mono or stereo.

use crate::{CodecError, OPUS_GRAIN_SAMPLES, OPUS_PACKET_SAMPLES_MAX, SAMPLE_RATE_HZ, packet};

/// Opus decoder, 48 kHz mono. Stereo packets are mixed down by libopus, other rates are brought to 48 kHz.
///
/// The state follows the stream: every packet's time must pass through exactly one of the three calls (decode, conceal,
/// decode from FEC), in the order of play.
#[derive(Debug)]
pub struct OpusDecoder {
    inner: opus::Decoder,
}

impl OpusDecoder {
    /// Makes a decoder.
    ///
    /// # Errors
    /// [`CodecError::Library`] when libopus has no memory.
    pub fn new() -> Result<Self, CodecError> {
        Ok(Self { inner: opus::Decoder::new(SAMPLE_RATE_HZ, opus::Channels::Mono)? })
    }

    /// Decodes a packet into the beginning of `out` and returns its duration in samples.
    ///
    /// [`OPUS_PACKET_SAMPLES_MAX`] samples of room always suffice.
    ///
    /// # Errors
    /// [`CodecError::InvalidPacket`]; [`CodecError::BufferTooSmall`] when the packet lasts longer than `out`.
    pub fn decode_into(&mut self, packet: &[u8], out: &mut [f32]) -> Result<usize, CodecError> {
        let samples = valid_duration(packet)?;
        let out = out.get_mut(..samples).ok_or(CodecError::BufferTooSmall)?;
        Ok(self.inner.decode_float(packet, out, false)?)
    }

    /// Makes up `samples` of sound in place of a lost packet and returns their count.
    ///
    /// # Errors
    /// [`CodecError::Duration`] unless `samples` is a multiple of 2.5 ms within 120 ms; [`CodecError::BufferTooSmall`].
    pub fn conceal_into(&mut self, samples: usize, out: &mut [f32]) -> Result<usize, CodecError> {
        let out = concealed(samples, out)?;
        // An empty packet is libopus's sign for a lost one.
        Ok(self.inner.decode_float(&[], out, false)?)
    }

    /// Restores `samples` of sound before `next_packet` from the in-band FEC it may carry, and returns their count.
    ///
    /// What `next_packet` has no copy of is concealed. Afterwards decode `next_packet` itself as usual.
    ///
    /// # Errors
    /// Those of [`Self::decode_into`] and [`Self::conceal_into`].
    pub fn decode_fec_into(
        &mut self,
        next_packet: &[u8],
        samples: usize,
        out: &mut [f32],
    ) -> Result<usize, CodecError> {
        valid_duration(next_packet)?;
        let out = concealed(samples, out)?;
        Ok(self.inner.decode_float(next_packet, out, true)?)
    }

    /// Forgets all signal history: for a stream that begins anew.
    pub fn reset(&mut self) {
        self.inner.reset_state().expect("libopus resets any decoder it has created");
    }
}

/// Opus decoder, 48 kHz stereo: for files. In a call everything is mono ([`OpusDecoder`]).
///
/// A mono packet is decoded into both channels alike. Like [`OpusDecoder`], it must see every packet in the order of
/// play.
#[derive(Debug)]
pub struct OpusStereoDecoder {
    inner: opus::Decoder,
}

impl OpusStereoDecoder {
    /// Makes a decoder.
    ///
    /// # Errors
    /// [`CodecError::Library`] when libopus has no memory.
    pub fn new() -> Result<Self, CodecError> {
        Ok(Self { inner: opus::Decoder::new(SAMPLE_RATE_HZ, opus::Channels::Stereo)? })
    }

    /// Decodes a packet into the beginning of `out`, left and right in turn, and returns its duration in samples of one
    /// channel: twice as many are written.
    ///
    /// Twice [`OPUS_PACKET_SAMPLES_MAX`] samples of room always suffice.
    ///
    /// # Errors
    /// [`CodecError::InvalidPacket`]; [`CodecError::BufferTooSmall`] when the packet lasts longer than `out`.
    pub fn decode_into(&mut self, packet: &[u8], out: &mut [f32]) -> Result<usize, CodecError> {
        let samples = valid_duration(packet)?;
        let out = out.get_mut(..2 * samples).ok_or(CodecError::BufferTooSmall)?;
        Ok(self.inner.decode_float(packet, out, false)?)
    }
}

fn valid_duration(packet: &[u8]) -> Result<usize, CodecError> {
    if !packet::is_valid(packet) {
        return Err(CodecError::InvalidPacket);
    }
    packet::duration_samples(packet).ok_or(CodecError::InvalidPacket)
}

fn concealed(samples: usize, out: &mut [f32]) -> Result<&mut [f32], CodecError> {
    if samples == 0
        || samples > OPUS_PACKET_SAMPLES_MAX
        || !samples.is_multiple_of(OPUS_GRAIN_SAMPLES)
    {
        return Err(CodecError::Duration(samples));
    }
    out.get_mut(..samples).ok_or(CodecError::BufferTooSmall)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FRAME_SAMPLES;

    fn tone(frequency_hz: f32, index: usize) -> f32 {
        0.3 * (std::f32::consts::TAU * frequency_hz * index as f32 / SAMPLE_RATE_HZ as f32).sin()
    }

    /// A second of 500 Hz on the left and 1200 Hz on the right, as 50 packets.
    fn stereo_packets() -> Vec<Vec<u8>> {
        let (rate, channels) = (SAMPLE_RATE_HZ, opus::Channels::Stereo);
        let mut encoder = opus::Encoder::new(rate, channels, opus::Application::Audio).unwrap();
        encoder.set_bitrate(opus::Bitrate::Bits(96_000)).unwrap();
        let signal: Vec<f32> =
            (0..50 * FRAME_SAMPLES).flat_map(|n| [tone(500.0, n), tone(1200.0, n)]).collect();
        signal
            .chunks_exact(2 * FRAME_SAMPLES)
            .map(|frame| encoder.encode_vec_float(frame, 1275).unwrap())
            .collect()
    }

    /// The share of the signal's power that is the tone, whatever its phase.
    fn share_of(frequency_hz: f32, signal: &[f32]) -> f32 {
        let step = std::f32::consts::TAU * frequency_hz / SAMPLE_RATE_HZ as f32;
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in signal.iter().enumerate() {
            re += sample * (step * n as f32).cos();
            im += sample * (step * n as f32).sin();
        }
        let power: f32 = signal.iter().map(|sample| sample * sample).sum();
        2.0 * (re * re + im * im) / (signal.len() as f32 * power)
    }

    #[test]
    fn each_channel_keeps_its_own_sound() {
        let mut decoder = OpusStereoDecoder::new().unwrap();
        let mut out = [0.0; 2 * FRAME_SAMPLES];
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for packet in stereo_packets() {
            assert_eq!(decoder.decode_into(&packet, &mut out), Ok(FRAME_SAMPLES));
            left.extend(out.iter().step_by(2));
            right.extend(out.iter().skip(1).step_by(2));
        }
        let (left, right) = (&left[9600..], &right[9600..]);
        assert!(share_of(500.0, left) > 0.95, "{}", share_of(500.0, left));
        assert!(share_of(1200.0, right) > 0.95, "{}", share_of(1200.0, right));
        assert!(share_of(1200.0, left) < 0.01, "{}", share_of(1200.0, left));
        assert!(share_of(500.0, right) < 0.01, "{}", share_of(500.0, right));
    }

    #[test]
    fn bad_packets_and_little_room_are_refused() {
        let mut decoder = OpusStereoDecoder::new().unwrap();
        let packet = &stereo_packets()[0];
        let mut out = [0.0; 2 * FRAME_SAMPLES - 1];
        assert_eq!(decoder.decode_into(packet, &mut out), Err(CodecError::BufferTooSmall));
        assert_eq!(decoder.decode_into(&[], &mut out), Err(CodecError::InvalidPacket));
        assert_eq!(decoder.decode_into(&[1, 2], &mut out), Err(CodecError::InvalidPacket));
    }
}
