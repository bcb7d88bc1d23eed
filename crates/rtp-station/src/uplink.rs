//! From the peer to the call: its codec in, Opus at 48 kHz out, packet by packet.
//!
//! The call's own jitter buffer puts packets in order and makes up for lost ones, so what it needs to see is
//! kept: a lost packet is a gap in the sequence numbers, a pause is a gap in the timestamps alone, and time
//! is the peer's. Only what comes after later packets is dropped: an encoder cannot go back.

use std::sync::Arc;
use std::time::Instant;

use codec::band::{Band, BandEncoder};
use codec::g722::G722Decoder;
use codec::{CodecError, FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoderConfig};
use rtc_station::RtpIn;

use crate::original::{Coding, Law};
use crate::own_bytes::OwnBytes;
use crate::types::PlainCodec;
use rtp::{Rtp, steps};

/// The longest packet that is decoded, in samples of the wide band: 200 ms.
const PACKET_SAMPLES_MAX: usize = 3_200;
/// Numbers that jump by more begin a new run: 2 s of packets of 20 ms.
const STEP_MAX: i16 = 100;
/// A gap in the time of at most so long is a gap; more is another clock. In the 8 kHz of the RTP clock: a minute.
const GAP_MAX: i32 = 8_000 * 60;
/// RTP's clock of every codec here but Opus, Hz.
const CLOCK_HZ: u64 = 8_000;
/// Samples of 48 kHz in one tick of that clock.
const TICK_SAMPLES: u32 = 6;

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Fresh,
    /// Seen before, or after later ones.
    Late,
}

/// Makes Opus packets of what the peer says.
pub(crate) struct Uplink {
    decoder: Decoder,
    encoder: BandEncoder,
    band: Band,
    /// The frame that is being filled: `frame[..filled]`.
    frame: [i16; 320],
    filled: usize,
    /// The peer's own bytes of that frame.
    own: OwnBytes,
    /// The number and the end, in RTP ticks, of the last packet, and when it came.
    last: Option<Last>,
    /// The numbers of the next Opus packet.
    sequence: u16,
    timestamp: u32,
    /// The next packet begins a talk spurt.
    opens: bool,
    /// The next packet has other numbers than those before.
    is_interrupted: bool,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    sequence: u16,
    ends_at: u32,
    ticks: u32,
    at: Instant,
}

enum Decoder {
    G711(Law),
    G722(Box<G722Decoder>),
}

impl Uplink {
    /// Begins with the numbers `sequence` and `timestamp`. `None`: Opus needs none of this.
    pub fn new(
        codec: PlainCodec,
        encoder: OpusEncoderConfig,
        sequence: u16,
        timestamp: u32,
    ) -> Result<Option<Self>, CodecError> {
        let (decoder, band) = match codec {
            PlainCodec::Opus => return Ok(None),
            PlainCodec::Pcma => (Decoder::G711(Law::A), Band::Narrow),
            PlainCodec::Pcmu => (Decoder::G711(Law::Mu), Band::Narrow),
            PlainCodec::G722 => (Decoder::G722(Box::default()), Band::Wide),
        };
        let coding = match decoder {
            Decoder::G711(law) => Coding::G711(law),
            Decoder::G722(_) => Coding::G722,
        };
        Ok(Some(Self {
            own: OwnBytes::new(coding),
            decoder,
            encoder: BandEncoder::new(band, encoder)?,
            band,
            frame: [0; 320],
            filled: 0,
            last: None,
            sequence,
            timestamp,
            opens: true,
            is_interrupted: false,
        }))
    }

    /// The numbers of the next packet, for whoever goes on after this.
    pub fn position(&self) -> (u16, u32) {
        (self.sequence, self.timestamp)
    }

    /// Whether this is the codec that it takes.
    pub fn speaks(&self, codec: PlainCodec) -> bool {
        match self.decoder {
            Decoder::G711(Law::A) => codec == PlainCodec::Pcma,
            Decoder::G711(Law::Mu) => codec == PlainCodec::Pcmu,
            Decoder::G722(_) => codec == PlainCodec::G722,
        }
    }

    /// Another source goes on, whose numbers have nothing to do with those before.
    pub fn interrupt(&mut self) {
        self.is_interrupted = true;
    }

    /// How long a packet of sound lasts, in RTP ticks: a byte is one in all of these codecs.
    pub fn ticks(payload: &[u8]) -> u32 {
        payload.len() as u32
    }

    /// Takes a packet of sound; what is whole goes out through `send`. `mutes`: its sound is a key's tone.
    pub fn handle(
        &mut self,
        now: Instant,
        packet: &Rtp<'_>,
        mutes: bool,
        send: impl FnMut(RtpIn),
    ) -> Taken {
        let ticks = Self::ticks(packet.payload);
        if self.place(now, packet, ticks) == Taken::Late {
            return Taken::Late;
        }
        let mut samples = [0; PACKET_SAMPLES_MAX];
        let decoded = self.decoder.decode_into(packet.payload, &mut samples);
        if mutes {
            samples[..decoded].fill(0);
        }
        let own = &packet.payload[..decoded / self.samples_a_byte()];
        self.push(now, &samples[..decoded], Some(own).filter(|_| !mutes), send);
        Taken::Fresh
    }

    /// Takes the number of a packet that is no sound (comfort noise, a key): it is not lost.
    pub fn skip(&mut self, now: Instant, sequence: u16) {
        let Some(last) = &mut self.last else { return };
        let step = steps(last.sequence, sequence);
        if step == 1 {
            (last.sequence, last.at) = (sequence, now);
        }
    }

    /// Puts a packet into the run: what is missing before it becomes a gap.
    fn place(&mut self, now: Instant, packet: &Rtp<'_>, ticks: u32) -> Taken {
        let ends_at = packet.timestamp.wrapping_add(ticks);
        let next = Last { sequence: packet.sequence, ends_at, ticks, at: now };
        // The very first source interrupts nothing.
        let is_interrupted = std::mem::take(&mut self.is_interrupted);
        let Some(last) = self.last.replace(next) else { return Taken::Fresh };
        let step = steps(last.sequence, packet.sequence);
        let gap = packet.timestamp.wrapping_sub(last.ends_at) as i32;
        if (-STEP_MAX..=0).contains(&step) && !is_interrupted {
            self.last = Some(last);
            return Taken::Late;
        }
        let goes_on = (1..=STEP_MAX).contains(&step) && (0..=GAP_MAX).contains(&gap);
        if is_interrupted || !goes_on {
            // Another clock or another run of numbers: time goes on by our own.
            let elapsed_ms = now.saturating_duration_since(last.at).as_millis() as u64;
            let elapsed = (elapsed_ms * CLOCK_HZ / 1_000).saturating_sub(u64::from(ticks));
            self.leave_out(elapsed.min(GAP_MAX as u64) as u32, 0);
        } else if gap > 0 {
            let lost = (step - 1).unsigned_abs();
            self.leave_out(gap.unsigned_abs(), u32::from(lost) * last.ticks);
        }
        Taken::Fresh
    }

    /// Lets `ticks` of time pass without sound; as far as `lost` of it were packets, their numbers pass, too.
    fn leave_out(&mut self, ticks: u32, lost: u32) {
        self.own.interrupt();
        let frame_ticks = (FRAME_SAMPLES as u32) / TICK_SAMPLES;
        let scale = self.samples_a_byte() as u32;
        let begun = self.filled as u32 / scale;
        // A frame that was begun stays open only if what follows falls into it.
        let whole = (begun + ticks) / frame_ticks;
        if whole == 0 {
            let end = self.filled + (ticks * scale) as usize;
            self.silence_until(end);
            return;
        }
        let lost_frames = if lost == 0 { 0 } else { lost.div_ceil(frame_ticks).min(whole) };
        self.sequence = self.sequence.wrapping_add(lost_frames as u16);
        self.timestamp = self.timestamp.wrapping_add(whole * FRAME_SAMPLES as u32);
        self.opens |= lost_frames < whole;
        let rest = (begun + ticks) % frame_ticks;
        self.filled = 0;
        self.silence_until((rest * scale) as usize);
    }

    /// Fills the frame up to there with silence.
    fn silence_until(&mut self, end: usize) {
        self.frame[self.filled..end].fill(0);
        let scale = self.samples_a_byte();
        self.own.leave_silent(self.filled / scale, end / scale);
        self.filled = end;
    }

    /// Samples in a byte of the peer's, which is a tick of the RTP clock.
    fn samples_a_byte(&self) -> usize {
        self.band.sample_rate_hz() as usize / CLOCK_HZ as usize
    }

    /// Takes samples and the peer's own bytes of them; `None`: those are not to be passed on.
    fn push(
        &mut self,
        now: Instant,
        mut samples: &[i16],
        mut own: Option<&[u8]>,
        mut send: impl FnMut(RtpIn),
    ) {
        let (whole, scale) = (self.band.frame_samples(), self.samples_a_byte());
        while !samples.is_empty() {
            let taken = samples.len().min(whole - self.filled);
            let (head, rest) = samples.split_at(taken);
            self.frame[self.filled..self.filled + taken].copy_from_slice(head);
            samples = rest;
            let (from, to) = (self.filled / scale, (self.filled + taken) / scale);
            match &mut own {
                Some(own) => {
                    let (head, rest) = own.split_at(to - from);
                    self.own.push(from, head);
                    *own = rest;
                }
                None => self.own.leave_silent(from, to),
            }
            self.filled += taken;
            if self.filled == whole {
                self.filled = 0;
                self.finish(now, &mut send);
            }
        }
    }

    fn finish(&mut self, now: Instant, send: &mut impl FnMut(RtpIn)) {
        let frame = &self.frame[..self.band.frame_samples()];
        let (mut opus, mut out) = ([0; OPUS_PACKET_BYTES_MAX], [0; OPUS_PACKET_BYTES_MAX]);
        // The frame is whole and the buffer large enough, so libopus has nothing to object to.
        if let Ok(length) = self.encoder.encode_into(frame, &mut opus) {
            let opus = &opus[..length];
            let payload = match self.own.frame(self.timestamp) {
                Some(own) => {
                    let length = own.put(opus, &mut out);
                    &out[..length]
                }
                None => opus,
            };
            send(RtpIn {
                sequence: self.sequence,
                timestamp: self.timestamp,
                marker: std::mem::take(&mut self.opens),
                payload: Arc::from(payload),
                audio_level_dbov: Some(level_dbov(frame)),
                voice_activity: None,
                arrived_at: now,
            });
        }
        self.own.next_frame();
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }
}

impl Decoder {
    fn decode_into(&mut self, payload: &[u8], out: &mut [i16; PACKET_SAMPLES_MAX]) -> usize {
        match self {
            Self::G711(law) => law.decode_into(payload, out),
            Self::G722(decoder) => {
                let payload = &payload[..payload.len().min(PACKET_SAMPLES_MAX / 2)];
                decoder.decode_into(payload, out).unwrap_or(0)
            }
        }
    }
}

/// The level of a frame as RFC 6464 has it: −127 (silence) to 0.
fn level_dbov(frame: &[i16]) -> i8 {
    let power: i64 = frame.iter().map(|it| i64::from(*it) * i64::from(*it)).sum();
    let mean = power as f64 / frame.len() as f64 / (32_768.0 * 32_768.0);
    if mean <= 0.0 { -127 } else { (10.0 * mean.log10()).round().clamp(-127.0, 0.0) as i8 }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    struct Stage {
        uplink: Uplink,
        now: Instant,
        out: Vec<RtpIn>,
    }

    impl Stage {
        #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
        fn new(codec: PlainCodec) -> Self {
            let config = OpusEncoderConfig::default();
            let uplink = Uplink::new(codec, config, 100, 48_000).unwrap().unwrap();
            Self { uplink, now: Instant::now(), out: Vec::new() }
        }

        /// A packet of `ms` of a loud tone.
        fn packet(&mut self, sequence: u16, timestamp: u32, ms: usize) -> Taken {
            let payload: Vec<u8> =
                (0..8 * ms).map(|n| if n % 8 < 4 { 0x2A } else { 0xAA }).collect();
            let (marker, ssrc, payload_type) = (false, 1, 8);
            let payload = &payload[..];
            let packet = Rtp { payload_type, marker, sequence, timestamp, ssrc, payload };
            self.now += MS * ms as u32;
            self.uplink.handle(self.now, &packet, false, |packet| self.out.push(packet))
        }

        /// Sequence and timestamp of what came out, from the beginning on.
        fn numbers(&self) -> Vec<(u16, u32, bool)> {
            let number = |it: &RtpIn| (it.sequence - 100, (it.timestamp - 48_000) / 960, it.marker);
            self.out.iter().map(number).collect()
        }
    }

    #[test]
    fn packets_of_every_length_become_frames_of_20_ms() {
        for ms in [10, 20, 30, 40, 60] {
            let mut stage = Stage::new(PlainCodec::Pcma);
            for n in 0..(600 / ms) as u32 {
                stage.packet(65_530_u16.wrapping_add(n as u16), n * 8 * ms as u32, ms);
            }
            let wanted: Vec<_> = (0..30).map(|n| (n as u16, n, n == 0)).collect();
            assert_eq!(stage.numbers(), wanted, "{ms} ms");
            for packet in &stage.out {
                assert_eq!(codec::packet::duration_samples(&packet.payload), Some(960));
            }
        }
    }

    #[test]
    fn lost_packets_are_gaps_in_numbers_and_pauses_in_time_alone() {
        let mut stage = Stage::new(PlainCodec::Pcmu);
        stage.packet(1, 0, 20);
        stage.packet(4, 480, 20); // two lost
        stage.packet(5, 480 + 160 * 50, 20); // a pause of 49 packets
        let wanted = [(0, 0, true), (3, 3, false), (4, 53, true)];
        assert_eq!(stage.numbers(), wanted);
        assert_eq!(stage.packet(5, 480 + 160 * 50, 20), Taken::Late, "twice");
        assert_eq!(stage.packet(3, 320, 20), Taken::Late, "out of order");
        stage.packet(6, 480 + 160 * 51, 20);
        assert_eq!(stage.numbers().last(), Some(&(5, 54, false)));
    }

    #[test]
    fn a_lost_packet_of_30_ms_leaves_the_rest_in_its_place() {
        let mut stage = Stage::new(PlainCodec::Pcma);
        stage.packet(1, 0, 30);
        stage.packet(3, 480, 30); // 30 ms are missing after 30
        stage.packet(4, 720, 30);
        // 0–20 whole; 20–40 begun, its end lost; 40–60 lost; 60–80, 80–100, 100–120 whole.
        let wanted = [(0, 0, true), (2, 3, true), (3, 4, false), (4, 5, false)];
        let numbers = stage.numbers();
        let times: Vec<u32> = numbers.iter().map(|it| it.1).collect();
        assert_eq!(times, wanted.map(|it| it.1), "{numbers:?}");
        assert!(numbers[1].0 > numbers[0].0 + 1, "the loss is seen: {numbers:?}");
    }

    #[test]
    fn another_clock_goes_on_by_ours() {
        let mut stage = Stage::new(PlainCodec::G722);
        stage.packet(1, 1_000_000, 20);
        stage.packet(2, 5, 20);
        stage.packet(40_000, 165, 20);
        assert_eq!(stage.numbers(), [(0, 0, true), (1, 1, false), (2, 2, false)]);
        stage.now += MS * 1_000;
        stage.packet(7, 3_000_000, 20);
        assert_eq!(stage.numbers().last(), Some(&(3, 53, true)));
    }

    #[test]
    fn what_is_not_sound_is_no_loss() {
        let mut stage = Stage::new(PlainCodec::Pcma);
        stage.packet(1, 0, 20);
        for sequence in 2..9 {
            stage.uplink.skip(stage.now, sequence);
        }
        stage.packet(9, 160 * 8, 20);
        assert_eq!(stage.numbers(), [(0, 0, true), (1, 8, true)]);
    }

    #[test]
    fn nothing_is_allocated_but_the_payload() {
        let mut stage = Stage::new(PlainCodec::G722);
        stage.out.reserve(10);
        stage.packet(1, 0, 20);
        let payload = [0x55; 160];
        let info = allocation_counter::measure(|| {
            for n in 2..7 {
                let packet = Rtp {
                    payload_type: 9,
                    marker: false,
                    sequence: n,
                    timestamp: 160 * u32::from(n - 1),
                    ssrc: 1,
                    payload: &payload,
                };
                stage.uplink.handle(stage.now, &packet, false, |packet| stage.out.push(packet));
            }
        });
        assert_eq!((info.count_total, stage.out.len()), (5, 6));
    }
}
