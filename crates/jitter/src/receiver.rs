//! The whole receiving end of one source: buffer, decoder, and the frame that a tick plays.

use std::time::Instant;

use codec::{CodecError, OpusDecoder};

use crate::buffer::Wish;
use crate::played::Played;
use crate::{
    CONCEAL_SAMPLES_MAX, Inserted, JitterBuffer, JitterConfig, JitterStats, PacketRef, Playout,
    QUEUE_SAMPLES_MAX, TICK_SAMPLES, stretch,
};

/// Made-up sound is as loud as it comes for so long, samples (40 ms); then it fades out, to nothing where it ends.
const FADE_AFTER_SAMPLES: usize = 1_920;
/// Sound that comes back while it fades rises to its level within this, samples: 5 ms.
const RISE_SAMPLES: f32 = 240.0;
/// Below this (−50 dBFS) a frame counts as quiet: excess delay may be cut unheard.
const QUIET_AMPLITUDE: f32 = 0.003;
/// Below this (−34 dBFS) so may a frame be in which the encoder found no speech: a line's noise. Louder, it may be music.
const NOISE_AMPLITUDE: f32 = 0.02;
/// A shorter pause is one between two syllables.
const PAUSE_TICKS_MIN: u32 = 4;

/// Packets in, one frame of 20 ms out at each tick. Allocates nothing after [`Receiver::new`].
#[derive(Debug)]
pub struct Receiver {
    jitter: JitterBuffer,
    opus: OpusDecoder,
    /// Decoded samples that wait for their tick: `queue[..queued]`.
    queue: [f32; QUEUE_SAMPLES_MAX],
    queued: usize,
    /// Sound made up since the last packet, samples, and how loud its end was.
    concealed: usize,
    gain: f32,
    frame: [f32; TICK_SAMPLES],
    has_sound: bool,
    /// Whether play keeps to whole packets, so that a tick plays one from its first sample to its last.
    keeps_packets: bool,
    /// Whether the last frame is no louder than a line's noise.
    is_faint: bool,
    /// For how many ticks there has been a pause.
    pause_ticks: u32,
    /// What the last tick played, and the one before it.
    played: [Played; 2],
    /// The source has parted in the middle of its sound.
    is_parting: bool,
}

impl Receiver {
    /// An empty receiver.
    ///
    /// # Errors
    /// libopus has no memory for a decoder.
    pub fn new(config: JitterConfig) -> Result<Self, CodecError> {
        Ok(Self {
            jitter: JitterBuffer::stretching(config),
            opus: OpusDecoder::new()?,
            queue: [0.0; QUEUE_SAMPLES_MAX],
            queued: 0,
            concealed: 0,
            gain: 1.0,
            frame: [0.0; TICK_SAMPLES],
            has_sound: false,
            keeps_packets: false,
            is_faint: true,
            pause_ticks: 0,
            played: [const { Played::SILENCE }; 2],
            is_parting: false,
        })
    }

    /// Takes a packet that arrived at `now`, in any order. Its duration is found in its payload.
    pub fn insert(
        &mut self,
        now: Instant,
        sequence: u16,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
    ) -> Inserted {
        let duration_samples = codec::packet::duration_samples(payload).unwrap_or(0);
        let packet = PacketRef { sequence, timestamp, marker, duration_samples, payload };
        let inserted = self.jitter.insert(now, packet);
        if inserted == Inserted::Restarted {
            self.opus.reset();
        }
        inserted
    }

    /// Takes a packet that was played elsewhere to whoever listens here from now on, and came at `at`: the next tick plays
    /// what comes after it, as if it had been played here. For an empty receiver ([`Receiver::reset`]) and packets in order.
    /// Returns how it sounded.
    pub fn follow(&mut self, at: Instant, sequence: u16, timestamp: u32, payload: &[u8]) -> &[f32] {
        self.insert(at, sequence, timestamp, false, payload);
        let Some((payload, samples)) = self.jitter.pass(at) else { return &[] };
        let sound = &mut self.queue[..samples];
        if self.opus.decode_into(payload, sound).is_err() {
            sound.fill(0.0);
        }
        sound
    }

    /// The packets that wait for their ticks, in order.
    pub fn waiting(&self) -> impl Iterator<Item = PacketRef<'_>> {
        self.jitter.waiting()
    }

    /// The packet that the last tick played from its first sample to its last, if it did.
    pub fn played_packet(&self) -> Option<PacketRef<'_>> {
        let payload = self.played[0].whole()?.payload;
        let (sequence, end) = self.jitter.played_until();
        let timestamp = end.wrapping_sub(TICK_SAMPLES as u32);
        let (marker, duration_samples) = (false, TICK_SAMPLES);
        Some(PacketRef { sequence, timestamp, marker, duration_samples, payload })
    }

    /// Decodes the frame that the tick at `now` plays; `None`: silence.
    pub fn tick(&mut self, now: Instant) -> Option<&[f32; TICK_SAMPLES]> {
        self.played.swap(0, 1);
        if std::mem::take(&mut self.is_parting) {
            self.fade_out();
            return self.frame();
        }
        let mut has_sound = self.queued > 0;
        self.played[0].begin(self.queued == 0);
        loop {
            let free = &mut self.queue[self.queued..];
            // A packet that does not decode sounds like a lost one would at its worst: silence.
            let (wanted, decoded, is_made_up) = match self.jitter.pop(now) {
                Playout::Covered => break,
                Playout::Packet { payload, duration_samples } => {
                    self.played[0].packet(payload, duration_samples);
                    (duration_samples, self.opus.decode_into(payload, free), false)
                }
                Playout::Fec { next_payload, missing_samples } => {
                    self.played[0].missing(missing_samples);
                    let decoded = self.opus.decode_fec_into(next_payload, missing_samples, free);
                    (missing_samples, decoded, false)
                }
                Playout::Conceal { samples } => {
                    self.played[0].missing(samples);
                    (samples, self.opus.conceal_into(samples, free), true)
                }
                Playout::Silence { samples } => {
                    self.played[0].silence(samples);
                    let end = samples.min(free.len());
                    free[..end].fill(0.0);
                    self.queued += end;
                    (self.concealed, self.gain) = (0, 1.0);
                    continue;
                }
            };
            has_sound = true;
            let end = wanted.min(free.len());
            match decoded {
                Ok(samples) if samples < end => free[samples..end].fill(0.0),
                Ok(_) => {}
                Err(_) => free[..end].fill(0.0),
            }
            self.fade(end, is_made_up);
            self.queued += end;
            self.adapt(end);
        }
        self.has_sound = has_sound;
        self.take_frame();
        self.played[0].end(self.queued == 0, self.jitter.played_sequence());
        self.pause_ticks = if self.is_pause() { self.pause_ticks.saturating_add(1) } else { 0 };
        self.frame()
    }

    /// The frame of the last tick; `None`: silence.
    pub fn frame(&self) -> Option<&[f32; TICK_SAMPLES]> {
        self.has_sound.then_some(&self.frame)
    }

    /// What the last tick played.
    pub fn played(&self) -> &Played {
        &self.played[0]
    }

    /// What the tick before the last one played.
    pub fn played_before(&self) -> &Played {
        &self.played[1]
    }

    /// Whether sound is never stretched, so that ticks go on playing whole packets ([`Played::whole`]): then the delay
    /// shrinks by a packet left out in a pause, and grows by one repeated there, or where the sound runs out.
    pub fn keep_packets(&mut self, keeps_packets: bool) {
        self.keeps_packets = keeps_packets;
    }

    /// Forgets everything that was received: for another source, or one that is heard again after
    /// a pause.
    pub fn reset(&mut self) {
        self.jitter.reset();
        self.opus.reset();
        self.queued = 0;
        (self.concealed, self.gain) = (0, 1.0);
        self.has_sound = false;
        self.is_parting = false;
        self.played.iter_mut().for_each(|it| *it = Played::SILENCE);
    }

    /// What is received from now on is of another source in the same place, which has nothing to do with what was received:
    /// as [`Receiver::reset`], but what sounds at this moment is faded out by the next tick.
    pub fn part(&mut self) {
        if !self.has_sound {
            self.reset();
            return;
        }
        self.jitter.reset();
        self.is_parting = true;
    }

    /// What the buffer has seen and done.
    pub fn stats(&self) -> JitterStats {
        self.jitter.stats()
    }

    /// Plays the end of a source that has parted, with as much made up as is missing of the tick.
    fn fade_out(&mut self) {
        if self.queued < TICK_SAMPLES {
            let free = &mut self.queue[self.queued..];
            if self.opus.conceal_into(TICK_SAMPLES, free).is_err() {
                free[..TICK_SAMPLES].fill(0.0);
            }
            free[..TICK_SAMPLES].iter_mut().for_each(|sample| *sample *= self.gain);
        }
        self.frame.copy_from_slice(&self.queue[..TICK_SAMPLES]);
        for (n, sample) in self.frame.iter_mut().enumerate() {
            *sample *= 1.0 - (n + 1) as f32 / TICK_SAMPLES as f32;
        }
        self.opus.reset();
        self.played[0].begin(false);
        (self.queued, self.concealed, self.gain) = (0, 0, 0.0);
    }

    /// Fades out what is made up, so that it has an end nobody hears; what comes after it rises from there.
    fn fade(&mut self, samples: usize, is_made_up: bool) {
        let sound = &mut self.queue[self.queued..][..samples];
        if is_made_up {
            let faded = (CONCEAL_SAMPLES_MAX - FADE_AFTER_SAMPLES) as f32;
            for sample in sound {
                self.concealed += 1;
                let passed = self.concealed.saturating_sub(FADE_AFTER_SAMPLES) as f32;
                self.gain = (1.0 - passed / faded).max(0.0);
                *sample *= self.gain;
            }
            return;
        }
        self.concealed = 0;
        for sample in sound {
            if self.gain >= 1.0 {
                break;
            }
            self.gain = (self.gain + 1.0 / RISE_SAMPLES).min(1.0);
            *sample *= self.gain;
        }
    }

    /// Changes the delay, if it is to change and that can be done unheard, after a packet of so many samples.
    fn adapt(&mut self, samples: usize) {
        let Some(wish) = self.jitter.take_wish() else { return };
        if !self.keeps_packets {
            self.stretch(wish);
        } else if self.pause_ticks >= PAUSE_TICKS_MIN && self.is_pause() {
            match wish.shorter {
                true => self.jitter.leave_out_next(),
                false => self.repeat(samples),
            }
        }
    }

    /// Plays the last of the sound once more, as far as there is room behind it.
    fn repeat(&mut self, samples: usize) {
        if self.queued + samples <= self.queue.len() {
            self.queue.copy_within(self.queued - samples..self.queued, self.queued);
            self.queued += samples;
            self.jitter.stretched(samples as i64);
        }
    }

    /// Whether the source is quiet, or its encoder found no speech in the packet that is played now.
    fn is_pause(&self) -> bool {
        let flag = |packet: crate::WholePacket<'_>| codec::packet::speech_flag(packet.payload);
        let is_noise = self.is_faint && self.played[0].whole().and_then(flag) == Some(false);
        self.jitter.is_quiet || is_noise
    }

    /// Makes the waiting sound shorter or longer.
    fn stretch(&mut self, Wish { shorter, must }: Wish) {
        let before = self.queued;
        self.queued = match shorter {
            true => stretch::shorten(&mut self.queue, before, must),
            false => stretch::lengthen(&mut self.queue, before, must),
        };
        if self.queued != before {
            self.jitter.stretched(self.queued as i64 - before as i64);
        }
    }

    fn take_frame(&mut self) {
        let taken = self.queued.min(TICK_SAMPLES);
        self.frame[..taken].copy_from_slice(&self.queue[..taken]);
        self.frame[taken..].fill(0.0);
        self.queue.copy_within(taken..self.queued, 0);
        self.queued -= taken;
        let is_below = |sound: &[f32], limit| sound.iter().all(|sample| sample.abs() < limit);
        self.jitter.set_quiet(is_below(&self.frame, QUIET_AMPLITUDE));
        self.is_faint = is_below(&self.frame, NOISE_AMPLITUDE);
        // Sound was stretched before, or the sender's clock is off by less than a packet: a pause puts that right.
        let rest = &self.queue[..self.queued];
        let is_rest = !rest.is_empty() && rest.len() < TICK_SAMPLES;
        if self.keeps_packets && is_rest && is_below(rest, QUIET_AMPLITUDE) {
            self.jitter.stretched(-(self.queued as i64));
            self.queued = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};

    use super::*;

    /// 20 ms of a voice that goes on.
    fn voice(n: usize) -> [f32; FRAME_SAMPLES] {
        std::array::from_fn(|k| {
            let turns = 140.0 * (n * FRAME_SAMPLES + k) as f32 / 48_000.0;
            (1..4).map(|k| 0.1 / k as f32 * (std::f32::consts::TAU * turns * k as f32).sin()).sum()
        })
    }

    /// Another sender takes over in the middle of a sound.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn what_parts_is_faded_out_and_what_comes_in_its_place_begins_anew() {
        let epoch = Instant::now();
        let mut receiver = Receiver::new(JitterConfig::default()).unwrap();
        let mut heard = Vec::new();
        let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
        for n in 0..50_u32 {
            let now = epoch + Duration::from_millis(20) * n;
            if n == 20 {
                receiver.part();
                encoder.reset();
            }
            let mut packet = [0; OPUS_PACKET_BYTES_MAX];
            let length = encoder.encode_into(&voice(n as usize), &mut packet).unwrap();
            let (sequence, timestamp) = (if n < 20 { n } else { n + 30_000 }, n * 960);
            receiver.insert(now, sequence as u16, timestamp, n == 0, &packet[..length]);
            let frame = receiver.tick(now + Duration::from_millis(5));
            heard.extend_from_slice(frame.unwrap_or(&[0.0; TICK_SAMPLES]));
        }
        let bends: Vec<f32> =
            heard.windows(3).map(|it| (it[0] - 2.0 * it[1] + it[2]).abs()).collect();
        let largest = |part: &[f32]| part.iter().fold(0.0_f32, |most, bend| most.max(*bend));
        let [spoken, parted] = [&bends[5_000..18_000], &bends[18_000..30_000]].map(largest);
        // A step of −50 dBFS is not heard; a cut is one of a tenth of full scale.
        assert!(spoken < 0.003 && parted < 0.003, "{parted} after {spoken}");
        let stats = receiver.stats();
        assert_eq!((stats.restarts, stats.lost_packets, stats.refused_packets), (0, 0, 0));
        let power = |sound: &[f32]| sound.iter().map(|it| it * it).sum::<f32>();
        assert!(power(&heard[40_000..]) > 0.8 * power(&heard[10_000..18_000]), "it goes on");
    }

    /// The sound runs out at any place, as it does once it was stretched: what is made up goes on from there.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn what_is_made_up_follows_without_a_click_wherever_the_sound_runs_out() {
        let epoch = Instant::now();
        for cut in (0..960).step_by(60) {
            let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
            let mut receiver = Receiver::new(JitterConfig::default()).unwrap();
            let mut heard = Vec::new();
            for n in 0..46 {
                let now = epoch + Duration::from_millis(20) * n;
                if n < 40 {
                    let mut packet = [0; OPUS_PACKET_BYTES_MAX];
                    let length = encoder.encode_into(&voice(n as usize), &mut packet).unwrap();
                    receiver.insert(now, n as u16, n * 960, n == 0, &packet[..length]);
                }
                if n == 20 {
                    // Some of what waits is taken out; what goes on is faded in by whoever stretches.
                    receiver.jitter.stretched(-cut);
                }
                let frame = receiver.tick(now + Duration::from_millis(5));
                heard.extend_from_slice(frame.unwrap_or(&[0.0; TICK_SAMPLES]));
            }
            let bends: Vec<f32> =
                heard.windows(3).map(|it| (it[0] - 2.0 * it[1] + it[2]).abs()).collect();
            let largest = |part: &[f32]| part.iter().fold(0.0_f32, |most, bend| most.max(*bend));
            let [spoken, made_up] = [largest(&bends[5_000..18_000]), largest(&bends[18_000..])];
            assert!(made_up < 2.0 * spoken, "{cut} samples: {made_up} after {spoken}");
        }
    }
}
