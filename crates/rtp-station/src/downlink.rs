//! From the call to the peer: Opus at 48 kHz in, the peer's codec out.
//!
//! What leaves is a function of the Opus packets of this leg and of the time, and of nothing else. Lost packets are
//! restored from in-band FEC, or concealed, here: the peer sees an unbroken run. A telephone's own bytes (see
//! `original`) take the place of Opus where the peer speaks that codec (`passing`), and what is lost of them is the
//! peer's to conceal. While the call sends nothing (hold, silence) silence is sent, so that neither a NAT nor the
//! peer takes the line for dead.

use std::time::{Duration, Instant};

use codec::band::{Band, BandDecoder};
use codec::g722::G722Encoder;
use codec::{CodecError, OPUS_PACKET_BYTES_MAX};
use rtc_station::RtpOut;

use crate::original::{Coding, FRAME_BYTES, Law, Original, opus_alone};
use crate::passing::{KEPT, Stream, Unheard};
use crate::types::PlainCodec;
use rtp::steps;

/// A packet of at most 60 ms of G.711 or G.722: a byte for each tick of 8 kHz.
const PAYLOAD_BYTES_MAX: usize = 480;
/// What can wait to fill a packet, in samples of the wide band: a packet of ours, one of Opus, and what was lost before.
const WAITING_MAX: usize = 960 + 1_920 + 1_920;
/// Lost sound that is made up at most, samples of 48 kHz: 120 ms.
const RESTORED_MAX: u32 = 5_760;
/// The longest pause, samples of 48 kHz: an hour. What jumps by more has another clock.
const PAUSE_MAX: u32 = 48_000 * 3_600;
/// Packets of silence that are sent at once when their time was missed.
const FILL_AT_ONCE_MAX: u32 = 5;
/// After so long without a packet of the call's, silence is sent.
const FILL_AFTER: Duration = Duration::from_millis(200);
/// Silence for a peer that speaks Opus: a frame of 20 ms (RFC 7587 §3.1.3 would let us send none).
const OPUS_SILENCE: [u8; 3] = [0xF8, 0xFF, 0xFE];
/// The same, in samples of 48 kHz and in ms.
const OPUS_SILENCE_SAMPLES: u32 = 960;
const OPUS_SILENCE_MS: u32 = 20;

/// One packet for the peer, not numbered yet.
pub(crate) struct Sound<'a> {
    pub payload: &'a [u8],
    /// RTP ticks since the last packet.
    pub ticks: u32,
    /// How many packets the peer is to see as lost before it.
    pub lost: u16,
    pub marker: bool,
}

/// Makes the peer's packets of what the call says.
pub(crate) struct Downlink {
    coder: Coder,
    ptime_ms: u32,
    last: Option<Last>,
    /// When the last packet was sent, or is to be thought of as sent.
    sent_at: Option<Instant>,
    /// Silence is being sent.
    fills: bool,
    /// RTP ticks that pass with the next packet.
    ticks: u32,
    /// Packets that the peer is to see as lost before it.
    lost: u16,
    opens: bool,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    sequence: u16,
    /// Where it ends, 48 kHz.
    ends_at: u32,
}

enum Coder {
    /// Passed through.
    Opus,
    Telephone(Box<Telephone>),
}

struct Telephone {
    decoder: BandDecoder,
    encoder: Encoder,
    band: Band,
    waiting: [i16; WAITING_MAX],
    filled: usize,
    unheard: Unheard,
    stream: Stream,
}

enum Encoder {
    G711(Law),
    G722(Box<G722Encoder>),
}

impl Downlink {
    pub fn new(codec: PlainCodec, ptime_ms: u8) -> Result<Self, CodecError> {
        let telephone = |encoder, band| {
            let decoder = BandDecoder::new(band)?;
            let telephone = Telephone {
                decoder,
                encoder,
                band,
                waiting: [0; WAITING_MAX],
                filled: 0,
                unheard: Unheard::default(),
                stream: Stream::default(),
            };
            Ok::<_, CodecError>(Coder::Telephone(Box::new(telephone)))
        };
        let coder = match codec {
            PlainCodec::Opus => Coder::Opus,
            PlainCodec::Pcma => telephone(Encoder::G711(Law::A), Band::Narrow)?,
            PlainCodec::Pcmu => telephone(Encoder::G711(Law::Mu), Band::Narrow)?,
            PlainCodec::G722 => telephone(Encoder::G722(Box::default()), Band::Wide)?,
        };
        Ok(Self {
            coder,
            ptime_ms: u32::from(ptime_ms),
            last: None,
            sent_at: None,
            fills: false,
            ticks: 0,
            lost: 0,
            opens: true,
        })
    }

    /// Another length of packets.
    pub fn set_ptime(&mut self, ptime_ms: u8) {
        self.ptime_ms = u32::from(ptime_ms);
    }

    /// Takes a packet of the call's; what is whole goes out through `send`. `false`: it came after later ones.
    pub fn handle(
        &mut self,
        now: Instant,
        packet: &RtpOut<'_>,
        mut send: impl FnMut(Sound<'_>),
    ) -> bool {
        let Some(samples) = codec::packet::duration_samples(packet.payload) else { return false };
        let ends_at = packet.timestamp.wrapping_add(samples as u32);
        let next = Last { sequence: packet.sequence, ends_at };
        let before = self.last.replace(next);
        let step = before.map_or(1, |last| steps(last.sequence, packet.sequence));
        if step <= 0 {
            self.last = before;
            return false;
        }
        let gap = before.map_or(0, |last| packet.timestamp.wrapping_sub(last.ends_at));
        let gap = if gap <= PAUSE_MAX { gap } else { 0 };
        let goes_on = !std::mem::take(&mut self.fills) && before.is_some();
        self.sent_at = Some(now);
        match &mut self.coder {
            Coder::Opus => {
                // Whatever was filled in has taken its time already.
                let gap = if goes_on { gap } else { 0 };
                let lost = if goes_on { step.unsigned_abs() - 1 } else { 0 };
                let ticks = std::mem::replace(&mut self.ticks, samples as u32).wrapping_add(gap);
                let marker = std::mem::take(&mut self.opens) || packet.marker;
                let mut room = [0; OPUS_PACKET_BYTES_MAX];
                let payload = opus_alone(packet.payload, &mut room);
                send(Sound { payload, ticks, lost, marker });
            }
            Coder::Telephone(telephone) => {
                let cuts = self.ptime_ms * 8 != FRAME_BYTES as u32;
                let original = telephone.original(packet.payload, cuts);
                if goes_on && gap > 0 {
                    let is_lost = step > 1 && gap <= RESTORED_MAX;
                    if is_lost && original.is_none() {
                        telephone.restore(packet.payload, gap);
                    } else {
                        self.ticks = self.ticks.wrapping_add(gap / 6);
                        self.opens |= !is_lost;
                        let packets = if is_lost { gap / (self.ptime_ms * 48) } else { 0 };
                        self.lost = self.lost.wrapping_add(packets as u16);
                    }
                }
                match original {
                    Some(original) => self.pass_on(packet.payload, original, &mut send),
                    None => {
                        telephone.decode(packet.payload, samples);
                        self.drain(&mut send);
                    }
                }
            }
        }
        true
    }

    /// Sends a telephone's own bytes as they are if they are a packet of the peer's, otherwise as its sound.
    fn pass_on(&mut self, packet: &[u8], original: Original<'_>, send: &mut impl FnMut(Sound<'_>)) {
        let Coder::Telephone(telephone) = &mut self.coder else { return };
        telephone.unheard.push(packet);
        let is_a_packet = telephone.filled == 0 && self.ptime_ms * 8 == FRAME_BYTES as u32;
        match original.coding {
            Coding::G711(law) if !(is_a_packet && telephone.encoder.speaks(law)) => {
                telephone.append(law, original.bytes);
                self.drain(send);
            }
            Coding::G711(_) | Coding::G722 => {
                let ticks = std::mem::replace(&mut self.ticks, FRAME_BYTES as u32);
                let (lost, marker) =
                    (std::mem::take(&mut self.lost), std::mem::take(&mut self.opens));
                send(Sound { payload: original.bytes, ticks, lost, marker });
            }
        }
    }

    /// Sends silence if it is time for it.
    pub fn handle_timeout(&mut self, now: Instant, mut send: impl FnMut(Sound<'_>)) {
        let mut sent = 0;
        while let Some(at) = self.fill_at()
            && at <= now
        {
            sent += 1;
            let at = if sent > FILL_AT_ONCE_MAX { now } else { at };
            // What was waited for has passed in silence, too.
            let waited = if self.fills { Duration::ZERO } else { FILL_AFTER - self.period() };
            self.opens |= !self.fills;
            self.fills = true;
            self.sent_at = Some(at);
            let waited_ms = waited.as_millis() as u32;
            match &mut self.coder {
                Coder::Opus => {
                    let ticks = std::mem::replace(&mut self.ticks, OPUS_SILENCE_SAMPLES)
                        .wrapping_add(waited_ms * 48);
                    let marker = std::mem::take(&mut self.opens);
                    send(Sound { payload: &OPUS_SILENCE, ticks, lost: 0, marker });
                }
                Coder::Telephone(telephone) => {
                    self.ticks = self.ticks.wrapping_add(waited_ms * 8);
                    telephone.push_silence(self.ptime_ms);
                    self.drain(&mut send);
                }
            }
        }
    }

    /// When silence is to be sent; `None`: nothing has been sent yet.
    pub fn fill_at(&self) -> Option<Instant> {
        let wait = if self.fills { self.period() } else { FILL_AFTER };
        self.sent_at.map(|at| at + wait)
    }

    /// The peer is there: from now on it is sent something.
    pub fn start(&mut self, now: Instant) {
        self.sent_at.get_or_insert(now);
    }

    /// The peer takes nothing any more, until [`Self::start`].
    pub fn stop(&mut self) {
        self.sent_at = None;
        self.fills = false;
        self.last = None;
        self.opens = true;
        if let Coder::Telephone(telephone) = &mut self.coder {
            telephone.filled = 0;
            telephone.stream.interrupt();
        }
    }

    /// Between two packets of silence.
    fn period(&self) -> Duration {
        let ms = match self.coder {
            Coder::Opus => OPUS_SILENCE_MS,
            Coder::Telephone(_) => self.ptime_ms,
        };
        Duration::from_millis(ms.into())
    }

    /// Sends all packets that are whole.
    fn drain(&mut self, send: &mut impl FnMut(Sound<'_>)) {
        let Coder::Telephone(telephone) = &mut self.coder else { return };
        let samples = self.ptime_ms as usize * telephone.band.sample_rate_hz() as usize / 1_000;
        let mut payload = [0; PAYLOAD_BYTES_MAX];
        let mut taken = 0;
        while telephone.filled - taken >= samples {
            let sound = &telephone.waiting[taken..taken + samples];
            let bytes = telephone.encoder.encode_into(sound, &mut payload);
            taken += samples;
            let ticks = std::mem::replace(&mut self.ticks, self.ptime_ms * 8);
            let (lost, marker) = (std::mem::take(&mut self.lost), std::mem::take(&mut self.opens));
            send(Sound { payload: &payload[..bytes], ticks, lost, marker });
        }
        telephone.waiting.copy_within(taken..telephone.filled, 0);
        telephone.filled -= taken;
    }
}

impl Telephone {
    /// A telephone's own bytes, if the peer is to get them; `cuts`: its packets are not as long as a frame.
    fn original<'a>(&mut self, packet: &'a [u8], cuts: bool) -> Option<Original<'a>> {
        let original = Original::of(packet);
        match (&self.encoder, &original) {
            (Encoder::G711(_), Some(Original { coding: Coding::G711(_), .. })) => original,
            // In pieces they would be the same; that is not done, and Opus between the two sounds well.
            (Encoder::G722(_), Some(it))
                if it.coding == Coding::G722 && !cuts && self.filled == 0 =>
            {
                original.filter(|it| self.stream.take(it, RESTORED_MAX))
            }
            (Encoder::G711(_) | Encoder::G722(_), _) => {
                self.stream.interrupt();
                None
            }
        }
    }

    /// Appends the sound of a telephone's own bytes.
    fn append(&mut self, law: Law, bytes: &[u8; FRAME_BYTES]) {
        let Some(room) = self.waiting[self.filled..].get_mut(..FRAME_BYTES) else { return };
        self.filled += law.decode_into(bytes, room);
    }

    /// The decoder hears what it has missed, and the encoder comes to where the peer's decoder is, so that both go on
    /// without a break.
    fn catch_up(&mut self) {
        let Self { unheard, decoder, encoder, .. } = self;
        let most = match encoder {
            Encoder::G711(_) => 1,
            Encoder::G722(_) => KEPT,
        };
        unheard.take(most, |packet| {
            let mut samples = [0; WAITING_MAX];
            // What can't be decoded is of no use here.
            let decoded = decoder.decode_into(packet, &mut samples).unwrap_or(0);
            encoder.encode_into(&samples[..decoded], &mut [0; PAYLOAD_BYTES_MAX]);
        });
    }

    fn decode(&mut self, packet: &[u8], samples_48k: usize) {
        self.catch_up();
        let wanted = samples_48k / self.band.divisor();
        let room = &mut self.waiting[self.filled..];
        let Some(room) = room.get_mut(..wanted) else { return };
        if self.decoder.decode_into(packet, room).is_err() {
            room.fill(0);
        }
        self.filled += wanted;
    }

    /// Makes up for lost sound before `packet`.
    fn restore(&mut self, packet: &[u8], lost_48k: u32) {
        self.catch_up();
        let wanted = lost_48k as usize / self.band.divisor();
        let Some(room) = self.waiting.get_mut(self.filled..self.filled + wanted) else { return };
        if self.decoder.restore_into(packet, wanted, room).is_err() {
            room.fill(0);
        }
        self.filled += wanted;
    }

    fn push_silence(&mut self, ms: u32) {
        self.catch_up();
        self.stream.interrupt();
        let samples = ms as usize * self.band.sample_rate_hz() as usize / 1_000;
        if let Some(room) = self.waiting.get_mut(self.filled..self.filled + samples) {
            room.fill(0);
            self.filled += samples;
        }
    }
}

impl Encoder {
    fn speaks(&self, law: Law) -> bool {
        matches!(self, Self::G711(own) if *own == law)
    }

    fn encode_into(&mut self, samples: &[i16], out: &mut [u8]) -> usize {
        match self {
            Self::G711(law) => law.encode_into(samples, out),
            Self::G722(encoder) => encoder.encode_into(samples, out).unwrap_or(0),
        }
    }
}
