//! Opus encoder: one 20 ms mono frame in, one packet out.

use crate::{CodecError, FRAME_SAMPLES, SAMPLE_RATE_HZ};

const BITRATE_BPS_MIN: u32 = 6_000;
const BITRATE_BPS_MAX: u32 = 510_000;
const COMPLEXITY_MAX: u8 = 10;
const PERCENT_MAX: u8 = 100;

/// What an [`OpusEncoder`] is for (RFC 6716 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OpusApplication {
    /// Speech: SILK, or both layers. A frame is predicted from the signal before it.
    #[default]
    Voip,
    /// CELT alone, with less delay. After it a decoder takes whatever SILK stream comes next from
    /// that stream's beginning (RFC 6716 §4.5.2), and tones are kept as they are.
    LowDelay,
}

/// How an [`OpusEncoder`] encodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpusEncoderConfig {
    /// What it is for.
    pub application: OpusApplication,
    /// Mean bitrate of the payload (variable bitrate), bit/s, 6000 to 510000.
    pub bitrate_bps: u32,
    /// Effort, 0 (cheapest) to 10 (best).
    pub complexity: u8,
    /// Whether a packet also carries a coarse copy of the frame before it (RFC 6716 §2.1.7).
    pub inband_fec: bool,
    /// The loss to prepare for, percent. libopus spends bits on in-band FEC according to it: at 24 kbit/s and 5 % or
    /// less, none at all.
    pub expected_loss_percent: u8,
    /// Whether silence yields packets of one or two bytes, which need not be sent (RFC 7587 §3.1.3).
    pub dtx: bool,
}

impl Default for OpusEncoderConfig {
    /// Telephone speech: 24 kbit/s, complexity 5, in-band FEC prepared for 10 % loss, no DTX.
    fn default() -> Self {
        Self {
            application: OpusApplication::Voip,
            bitrate_bps: 24_000,
            complexity: 5,
            inband_fec: true,
            expected_loss_percent: 10,
            dtx: false,
        }
    }
}

impl OpusEncoderConfig {
    /// An encoder of libopus's with these choices.
    pub(crate) fn build(&self, sample_rate_hz: u32) -> Result<opus::Encoder, CodecError> {
        self.check()?;
        let application = match self.application {
            OpusApplication::Voip => opus::Application::Voip,
            OpusApplication::LowDelay => opus::Application::LowDelay,
        };
        let mut inner = opus::Encoder::new(sample_rate_hz, opus::Channels::Mono, application)?;
        inner.set_bitrate(opus::Bitrate::Bits(self.bitrate_bps.cast_signed()))?;
        inner.set_complexity(i32::from(self.complexity))?;
        inner.set_inband_fec(self.inband_fec)?;
        inner.set_packet_loss_perc(i32::from(self.expected_loss_percent))?;
        inner.set_dtx(self.dtx)?;
        Ok(inner)
    }

    fn check(&self) -> Result<(), CodecError> {
        if !(BITRATE_BPS_MIN..=BITRATE_BPS_MAX).contains(&self.bitrate_bps) {
            return Err(CodecError::Bitrate(self.bitrate_bps));
        }
        if self.complexity > COMPLEXITY_MAX {
            return Err(CodecError::Complexity(self.complexity));
        }
        check_loss(self.expected_loss_percent)
    }
}

fn check_loss(percent: u8) -> Result<(), CodecError> {
    if percent > PERCENT_MAX { Err(CodecError::ExpectedLoss(percent)) } else { Ok(()) }
}

/// Opus encoder, 48 kHz mono, 20 ms a packet.
#[derive(Debug)]
pub struct OpusEncoder {
    inner: opus::Encoder,
    lookahead_samples: usize,
}

impl OpusEncoder {
    /// Makes an encoder.
    ///
    /// # Errors
    /// A value of `config` out of its range.
    pub fn new(config: OpusEncoderConfig) -> Result<Self, CodecError> {
        let mut inner = config.build(SAMPLE_RATE_HZ)?;
        let lookahead_samples = usize::try_from(inner.get_lookahead()?).map_err(|_| {
            CodecError::Library { function: "opus_encoder_ctl(OPUS_GET_LOOKAHEAD)" }
        })?;
        Ok(Self { inner, lookahead_samples })
    }

    /// Encodes one frame into `out` and returns the packet's length in bytes.
    ///
    /// [`crate::OPUS_PACKET_BYTES_MAX`] bytes always suffice; with fewer, libopus lowers the quality to fit. With DTX a
    /// result of one or two bytes need not be sent.
    ///
    /// # Errors
    /// [`CodecError::BufferTooSmall`] when `out` is empty or absurdly short.
    pub fn encode_into(
        &mut self,
        frame: &[f32; FRAME_SAMPLES],
        out: &mut [u8],
    ) -> Result<usize, CodecError> {
        if out.is_empty() {
            return Err(CodecError::BufferTooSmall);
        }
        Ok(self.inner.encode_float(frame, out)?)
    }

    /// Tells the encoder what loss to prepare for, percent, as receivers report it (RTCP).
    ///
    /// # Errors
    /// [`CodecError::ExpectedLoss`] above 100.
    pub fn set_expected_loss_percent(&mut self, percent: u8) -> Result<(), CodecError> {
        check_loss(percent)?;
        Ok(self.inner.set_packet_loss_perc(i32::from(percent))?)
    }

    /// Changes the effort, 0 (cheapest) to 10 (best), from the next frame on.
    ///
    /// # Errors
    /// [`CodecError::Complexity`] above 10.
    pub fn set_complexity(&mut self, complexity: u8) -> Result<(), CodecError> {
        if complexity > COMPLEXITY_MAX {
            return Err(CodecError::Complexity(complexity));
        }
        Ok(self.inner.set_complexity(i32::from(complexity))?)
    }

    /// The delay the codec itself adds (encoder's look-ahead, decoder's included), samples.
    pub fn lookahead_samples(&self) -> usize {
        self.lookahead_samples
    }

    /// Forgets all signal history; the configuration stays.
    pub fn reset(&mut self) {
        self.inner.reset_state().expect("libopus resets any encoder it has created");
    }
}
