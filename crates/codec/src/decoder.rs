//! Opus decoders: any valid packet in, 48 kHz out, mono or stereo.

use crate::{
    CodecError, Downmix, OPUS_GRAIN_SAMPLES, OPUS_PACKET_SAMPLES_MAX, SAMPLE_RATE_HZ, packet,
};

/// Opus decoder, 48 kHz mono. Stereo packets are mixed down ([`Downmix`]), other rates are brought to 48 kHz.
///
/// libopus would mix them down as well, by their mean, in which one capsule of two is half as loud and an inverted
/// channel cancels the voice. So from the first stereo packet on a stereo decoder is used; both are there from the
/// beginning, since nothing is allocated on a packet's way.
///
/// The state follows the stream: every packet's time must pass through exactly one of the three calls (decode, conceal,
/// decode from FEC), in the order of play.
#[derive(Debug)]
pub struct OpusDecoder {
    mono: opus::Decoder,
    stereo: opus::Decoder,
    is_stereo: bool,
    downmix: Downmix,
}

impl OpusDecoder {
    /// Makes a decoder.
    ///
    /// # Errors
    /// [`CodecError::Library`] when libopus has no memory.
    pub fn new() -> Result<Self, CodecError> {
        Ok(Self {
            mono: opus::Decoder::new(SAMPLE_RATE_HZ, opus::Channels::Mono)?,
            stereo: opus::Decoder::new(SAMPLE_RATE_HZ, opus::Channels::Stereo)?,
            is_stereo: false,
            downmix: Downmix::new(SAMPLE_RATE_HZ),
        })
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
        self.decode(packet, out, false)
    }

    /// Makes up `samples` of sound in place of a lost packet and returns their count.
    ///
    /// # Errors
    /// [`CodecError::Duration`] unless `samples` is a multiple of 2.5 ms within 120 ms; [`CodecError::BufferTooSmall`].
    pub fn conceal_into(&mut self, samples: usize, out: &mut [f32]) -> Result<usize, CodecError> {
        let out = concealed(samples, out)?;
        // An empty packet is libopus's sign for a lost one.
        self.decode(&[], out, false)
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
        self.decode(next_packet, out, true)
    }

    /// Forgets all signal history: for a stream that begins anew.
    pub fn reset(&mut self) {
        for decoder in [&mut self.mono, &mut self.stereo] {
            decoder.reset_state().expect("libopus resets any decoder it has created");
        }
        self.is_stereo = false;
        self.downmix.reset();
    }

    fn decode(&mut self, packet: &[u8], out: &mut [f32], fec: bool) -> Result<usize, CodecError> {
        self.is_stereo |= packet::is_stereo(packet);
        if !self.is_stereo {
            return Ok(self.mono.decode_float(packet, out, fec)?);
        }
        let mut room = [0.0; 2 * OPUS_PACKET_SAMPLES_MAX];
        let samples = self.stereo.decode_float(packet, &mut room[..2 * out.len()], fec)?;
        let (frames, _) = room[..2 * samples].as_chunks::<2>();
        let mut out = out.iter_mut();
        self.downmix.mix(frames.iter().copied(), |sample| {
            if let Some(out) = out.next() {
                *out = sample;
            }
        });
        Ok(samples)
    }
}

/// Opus decoder, 48 kHz, several channels: for files (RFC 7845). In a call everything is mono ([`OpusDecoder`]).
///
/// A packet holds one or more Opus streams, all but the last self-delimited (RFC 6716, appendix B). Like
/// [`OpusDecoder`], it must see every packet in the order of play.
#[derive(Debug)]
pub struct OpusMultistreamDecoder {
    inner: opus::MSDecoder,
    channels: usize,
}

impl OpusMultistreamDecoder {
    /// Makes a decoder of `streams` streams, of which the first `coupled` are stereo; for each channel `mapping` says
    /// which of the decoded ones it is, or 255 for silence (RFC 7845 §5.1.1).
    ///
    /// # Errors
    /// [`CodecError::Mapping`] for channels that no stream has; [`CodecError::Library`] when libopus has no memory.
    pub fn new(streams: u8, coupled: u8, mapping: &[u8]) -> Result<Self, CodecError> {
        let decoded = usize::from(streams) + usize::from(coupled);
        let is_there = |&channel: &u8| channel == 255 || usize::from(channel) < decoded;
        let is_possible = streams > 0 && coupled <= streams && decoded <= 255;
        if !is_possible || mapping.is_empty() || !mapping.iter().all(is_there) {
            return Err(CodecError::Mapping);
        }
        let inner = opus::MSDecoder::new(SAMPLE_RATE_HZ, streams, coupled, mapping)?;
        Ok(Self { inner, channels: mapping.len() })
    }

    /// Decodes a packet into the beginning of `out`, the channels in turn, and returns its duration in samples of one
    /// channel: as many are written for each.
    ///
    /// [`OPUS_PACKET_SAMPLES_MAX`] samples of room for each channel always suffice.
    ///
    /// # Errors
    /// [`CodecError::InvalidPacket`]; [`CodecError::BufferTooSmall`] when the packet lasts longer than `out`.
    pub fn decode_into(&mut self, packet: &[u8], out: &mut [f32]) -> Result<usize, CodecError> {
        if packet.is_empty() {
            return Err(CodecError::InvalidPacket);
        }
        let samples = (out.len() / self.channels).min(OPUS_PACKET_SAMPLES_MAX);
        Ok(self.inner.decode_float(packet, &mut out[..samples * self.channels], false)?)
    }

    /// Makes up `samples` of sound of each channel in place of a lost packet and returns their count.
    ///
    /// # Errors
    /// [`CodecError::Duration`] unless `samples` is a multiple of 2.5 ms within 120 ms; [`CodecError::BufferTooSmall`].
    pub fn conceal_into(&mut self, samples: usize, out: &mut [f32]) -> Result<usize, CodecError> {
        if !is_concealable(samples) {
            return Err(CodecError::Duration(samples));
        }
        let out = out.get_mut(..samples * self.channels).ok_or(CodecError::BufferTooSmall)?;
        Ok(self.inner.decode_float(&[], out, false)?)
    }
}

fn valid_duration(packet: &[u8]) -> Result<usize, CodecError> {
    if !packet::is_valid(packet) {
        return Err(CodecError::InvalidPacket);
    }
    packet::duration_samples(packet).ok_or(CodecError::InvalidPacket)
}

fn concealed(samples: usize, out: &mut [f32]) -> Result<&mut [f32], CodecError> {
    if !is_concealable(samples) {
        return Err(CodecError::Duration(samples));
    }
    out.get_mut(..samples).ok_or(CodecError::BufferTooSmall)
}

fn is_concealable(samples: usize) -> bool {
    (1..=OPUS_PACKET_SAMPLES_MAX).contains(&samples) && samples.is_multiple_of(OPUS_GRAIN_SAMPLES)
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
        let mut decoder = OpusMultistreamDecoder::new(1, 1, &[0, 1]).unwrap();
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

    /// What is heard in mono of a stereo voice whose channels are `left` and `right` times it, dB below the voice.
    fn loss_db(left: f32, right: f32) -> f32 {
        let (rate, channels) = (SAMPLE_RATE_HZ, opus::Channels::Stereo);
        let mut encoder = opus::Encoder::new(rate, channels, opus::Application::Audio).unwrap();
        encoder.set_bitrate(opus::Bitrate::Bits(96_000)).unwrap();
        let mut decoder = OpusDecoder::new().unwrap();
        let (mut heard, mut said) = (0.0, 0.0);
        let mut out = [0.0; FRAME_SAMPLES];
        for frame in 0..50 {
            let voice = |n: usize| tone(500.0, frame * FRAME_SAMPLES + n);
            let both = |n: usize| [left * voice(n), right * voice(n)];
            let signal: Vec<f32> = (0..FRAME_SAMPLES).flat_map(both).collect();
            let packet = encoder.encode_vec_float(&signal, 1275).unwrap();
            decoder.decode_into(&packet, &mut out).unwrap();
            if frame >= 5 {
                heard += out.iter().map(|sample| sample * sample).sum::<f32>();
                said += (0..FRAME_SAMPLES).map(|n| voice(n) * voice(n)).sum::<f32>();
            }
        }
        10.0 * (said / heard).log10()
    }

    #[test]
    fn a_stereo_sender_is_as_loud_in_a_mix_whatever_its_channels_carry() {
        for (left, right) in [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (1.0, -1.0)] {
            let loss = loss_db(left, right);
            assert!(loss.abs() < 1.0, "{left}, {right}: {loss} dB quieter");
        }
    }

    #[test]
    fn bad_packets_and_little_room_are_refused() {
        let mut decoder = OpusMultistreamDecoder::new(1, 1, &[0, 1]).unwrap();
        let packet = &stereo_packets()[0];
        let mut out = [0.0; 2 * FRAME_SAMPLES - 1];
        assert_eq!(decoder.decode_into(packet, &mut out), Err(CodecError::BufferTooSmall));
        assert_eq!(decoder.decode_into(&[], &mut out), Err(CodecError::InvalidPacket));
        assert_eq!(decoder.decode_into(&[1, 2], &mut out), Err(CodecError::InvalidPacket));
        assert_eq!(decoder.conceal_into(100, &mut out), Err(CodecError::Duration(100)));
        assert_eq!(decoder.conceal_into(960, &mut out), Err(CodecError::BufferTooSmall));
        for (streams, coupled, mapping) in
            [(0, 0, &[0][..]), (1, 2, &[0]), (1, 0, &[1]), (1, 0, &[])]
        {
            let refused = OpusMultistreamDecoder::new(streams, coupled, mapping).unwrap_err();
            assert_eq!(refused, CodecError::Mapping);
        }
    }
}
