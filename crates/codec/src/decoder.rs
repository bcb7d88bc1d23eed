//! Opus decoder: any valid packet in, 48 kHz mono out.

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
