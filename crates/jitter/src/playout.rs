//! What comes out of the buffer: one decision at a time.

use std::time::Instant;

use crate::buffer::{JitterBuffer, Phase, Wish};
use crate::ring::Header;
use crate::{CONCEAL_SAMPLES_MAX, GRAIN_SAMPLES, Playout, TICK_SAMPLES};

/// Opus's speech layer makes up no less than 10 ms at a time: of a shorter piece the rest is lost, and the next one goes on
/// after it, with a click between the two. Packets that are shorter have no speech layer.
const SPEECH_GRAIN_SAMPLES: usize = 480;

/// Excess delay is cut after it has lasted this long, samples played: 400 ms.
const CUT_AFTER_SAMPLES: usize = 19_200;

/// The same while the source is quiet: 100 ms.
const CUT_AFTER_QUIET_SAMPLES: usize = 4_800;

/// Sound is stretched after so long, samples played: 60 ms.
const STRETCH_AFTER_SAMPLES: usize = 2_880;

/// How far the delay must exceed its target before anything is cut, µs.
const EXCESS_US_MIN: i64 = 2_000;

/// A decision, before the payload is looked up.
enum Step {
    Play(Header),
    Fec { next: Header, missing_samples: usize },
    Conceal(usize),
    Silence(usize),
}

impl JitterBuffer {
    /// Says what to play next, in the tick that happens at `now`. Call it until it says [`Playout::Covered`], once a
    /// tick: see the crate's documentation.
    pub fn pop(&mut self, now: Instant) -> Playout<'_> {
        let Some(owed) = usize::try_from(self.owed_samples).ok().filter(|&owed| owed > 0) else {
            self.owed_samples += TICK_SAMPLES as i64;
            return Playout::Covered;
        };
        // Sound that was stretched is of any length; what is made up comes in whole grains.
        let owed = owed.next_multiple_of(GRAIN_SAMPLES);
        let now_us = self.since_epoch_us(now);
        match self.decide(now_us, owed) {
            Step::Play(Header { sequence, duration_samples, .. }) => {
                self.owed_samples -= duration_samples as i64;
                let payload = self.ring.payload(sequence);
                Playout::Packet { payload, duration_samples }
            }
            Step::Fec { next, missing_samples } => {
                self.owed_samples -= missing_samples as i64;
                self.stats.fec_samples += missing_samples as u64;
                let next_payload = self.ring.payload(next.sequence);
                Playout::Fec { next_payload, missing_samples }
            }
            Step::Conceal(samples) => {
                self.owed_samples -= samples as i64;
                self.stats.concealed_samples += samples as u64;
                Playout::Conceal { samples }
            }
            Step::Silence(samples) => {
                self.owed_samples -= samples as i64;
                Playout::Silence { samples }
            }
        }
    }

    /// Takes out what is to be played next, which no tick waits for, as if it had been played at `now`.
    pub(crate) fn pass(&mut self, now: Instant) -> Option<(&[u8], usize)> {
        let now_us = self.since_epoch_us(now);
        let head = self.head()?;
        self.play(head, now_us);
        Some((self.ring.payload(head.sequence), head.duration_samples))
    }

    fn decide(&mut self, now_us: i64, owed: usize) -> Step {
        self.cut_beyond_bound(now_us);
        match (self.head(), self.playhead.phase) {
            (None, Phase::Playing) => self.stretch(owed),
            (None, _) => Step::Silence(owed),
            (Some(head), Phase::Playing) => self.go_on(head, now_us, owed),
            (Some(head), _) if self.delay_us(now_us, head) >= self.estimator.required_us() => {
                self.play(head, now_us)
            }
            (Some(_), _) => Step::Silence(owed),
        }
    }

    fn head(&self) -> Option<Header> {
        self.ring.first_from(self.playhead.sequence)
    }

    fn delay_us(&self, now_us: i64, packet: Header) -> i64 {
        self.estimator.delay_us(now_us, crate::micros(packet.end()))
    }

    /// The store is empty amid sound: whether this is a loss or a delay, the next packet will tell.
    fn stretch(&mut self, owed: usize) -> Step {
        let step = self.conceal(self.whole(owed));
        if let Step::Conceal(samples) = step {
            self.playhead.stretched_samples += samples as i64;
        }
        step
    }

    /// Sound is playing and there is a packet, though perhaps not the next one.
    fn go_on(&mut self, head: Header, now_us: i64, owed: usize) -> Step {
        let gap = (head.timestamp - self.playhead.timestamp).max(0);
        let is_loss = head.sequence > self.playhead.sequence;
        let delay_us = self.delay_us(now_us, head);
        let required_us = self.estimator.required_us();
        let mut missing = missing_samples(gap - self.playhead.stretched_samples);
        if is_loss && delay_us + crate::micros(missing as i64) < required_us {
            // Grow: what was made up counts as waiting, and the lost packet gets its time after that.
            self.playhead.stretched_samples = 0;
            missing = missing_samples(gap);
        }
        // A marked packet after a pause may be moved freely: nobody knows how long the pause was.
        let is_onset = head.marker && !is_loss && gap > 0;
        match missing {
            _ if is_onset && delay_us >= required_us => self.play(head, now_us),
            _ if is_onset => self.conceal(self.whole(owed)),
            0 => {
                let head = self.cut_excess(head, now_us);
                self.play(head, now_us)
            }
            _ if is_loss && missing <= head.duration_samples => self.restore(head, missing),
            _ => {
                let until_restorable = if is_loss { head.duration_samples } else { 0 };
                let whole = self.whole(owed);
                let step = self.conceal(whole.min(missing - until_restorable));
                if let Step::Conceal(samples) = step {
                    self.playhead.timestamp += self.playhead.stretched_samples + samples as i64;
                    self.playhead.stretched_samples = 0;
                }
                step
            }
        }
    }

    fn play(&mut self, packet: Header, now_us: i64) -> Step {
        self.pass_lost(packet);
        self.ring.remove(packet.sequence);
        self.stats.delay_ms = u32::try_from(self.delay_us(now_us, packet) / 1_000).unwrap_or(0);
        self.playhead.phase = Phase::Playing;
        self.playhead.sequence = packet.sequence + 1;
        self.playhead.timestamp = packet.end();
        self.playhead.stretched_samples = 0;
        self.playhead.concealed_samples = 0;
        self.playhead.packet_samples = packet.duration_samples;
        Step::Play(packet)
    }

    /// The packet before `next` is missing; `next` may carry a copy of it.
    fn restore(&mut self, next: Header, missing_samples: usize) -> Step {
        self.pass_lost(next);
        self.playhead.sequence = next.sequence;
        self.playhead.timestamp = next.timestamp;
        self.playhead.stretched_samples = 0;
        Step::Fec { next, missing_samples }
    }

    /// So much is made up where this much is owed.
    fn whole(&self, owed: usize) -> usize {
        owed.next_multiple_of(self.playhead.packet_samples.min(SPEECH_GRAIN_SAMPLES))
    }

    /// Makes up sound, but not for ever.
    fn conceal(&mut self, samples: usize) -> Step {
        self.excess_samples = 0;
        if self.playhead.concealed_samples + samples > CONCEAL_SAMPLES_MAX {
            self.playhead.phase = Phase::Silent;
            self.playhead.stretched_samples = 0;
            return Step::Silence(samples);
        }
        self.playhead.concealed_samples += samples;
        Step::Conceal(samples)
    }

    /// Gives up on the packets before `packet`.
    fn pass_lost(&mut self, packet: Header) {
        let lost = (packet.sequence - self.playhead.sequence).unsigned_abs();
        self.stats.lost_packets += lost;
        self.estimator.observe_turn(lost);
    }

    /// Leaves out `head` if the delay has been too long for long enough; returns what to play.
    fn cut_excess(&mut self, head: Header, now_us: i64) -> Header {
        if self.stretches {
            self.wish_for_length(head, now_us);
            return head;
        }
        let duration_us = crate::micros(head.duration_samples as i64);
        let spare_us = self.delay_us(now_us, head) - self.estimator.required_us() - duration_us;
        if spare_us < EXCESS_US_MIN {
            self.excess_samples = 0;
            return head;
        }
        self.excess_samples += head.duration_samples;
        let cut_after = if self.is_quiet { CUT_AFTER_QUIET_SAMPLES } else { CUT_AFTER_SAMPLES };
        let next = self.ring.get(head.sequence + 1).filter(|next| next.timestamp == head.end());
        match next {
            Some(next) if self.excess_samples >= cut_after => {
                self.excess_samples = 0;
                self.discard(head);
                next
            }
            _ => head,
        }
    }

    /// The sound of `head` is to be made shorter if the delay is above the target, longer if it is below what is
    /// required: not with each packet, and at any cost only if nothing else has helped for long.
    fn wish_for_length(&mut self, head: Header, now_us: i64) {
        let spare_us = self.delay_us(now_us, head) - self.estimator.target_us();
        let short_us = self.estimator.required_us() - self.delay_us(now_us, head);
        // What was taken out must be made good by the next packet.
        let can_go_on = short_us > 0 || self.ring.get(head.sequence + 1).is_some();
        if spare_us.max(short_us) < EXCESS_US_MIN || !can_go_on {
            self.excess_samples = 0;
            return;
        }
        self.excess_samples += head.duration_samples;
        self.wish = (self.excess_samples >= STRETCH_AFTER_SAMPLES).then_some(Wish {
            shorter: spare_us > 0,
            must: self.excess_samples >= CUT_AFTER_SAMPLES,
        });
    }

    /// Beyond the upper bound (a stalled network or caller has caught up) everything above the target goes at once.
    fn cut_beyond_bound(&mut self, now_us: i64) {
        let Some(head) = self.head() else { return };
        let duration_us = crate::micros(head.duration_samples as i64);
        if self.delay_us(now_us, head) <= self.estimator.delay_max_us() + duration_us {
            return;
        }
        while let Some(head) = self.head()
            && self.ring.len() > 1
            && self.delay_us(now_us, head) > self.estimator.target_us()
        {
            self.discard(head);
            if self.playhead.phase == Phase::Playing {
                self.playhead.phase = Phase::Silent;
            }
        }
    }

    /// Leaves out the packet that is to be played next.
    pub(crate) fn leave_out_next(&mut self) {
        self.excess_samples = 0;
        if let Some(head) = self.head() {
            self.discard(head);
        }
    }

    fn discard(&mut self, head: Header) {
        self.pass_lost(head);
        self.ring.remove(head.sequence);
        self.stats.discarded_packets += 1;
        self.playhead.sequence = head.sequence + 1;
        self.playhead.timestamp = head.end();
    }
}

/// A gap in whole grains: made-up sound comes in no smaller pieces.
fn missing_samples(gap: i64) -> usize {
    let gap = usize::try_from(gap).unwrap_or(0);
    gap - gap % GRAIN_SAMPLES
}
