//! The mixer of one call.

use interaction::call::Cue;
use interaction::source::AUDIENCES_MAX;
use interaction::{Audience, Delivery, LEGS_MAX, RoutePlan, Slot, Source, SourceSet, Tone};

use crate::limiter::Limiter;
use crate::meter::{Level, Measured, Meter, measure, power_of};
use crate::row::ListenerRow;
use crate::tone::{Playback, Tones};
use crate::{ConfigError, FRAME_SAMPLES, Frame, MixerConfig, SAMPLES_PER_MS, SlotSet};

/// For each [`Audience`], by its index, the frame of each slot's leg as it was decoded for that
/// audience; `None`: it has sent nothing that the audience may hear.
pub type Inputs<'a> = [[Option<&'a Frame>; LEGS_MAX]; AUDIENCES_MAX];

/// Turns decoded frames and a route plan into one mix per distinct listener row and audience.
///
/// Between two ticks any number of plans and cues may come; the last plan counts. Cues come after
/// the plan that allows them. What a plan removes is silent before the next tick has ended
/// ([`Mixer::settled`]); what it adds fades in within the next tick.
///
/// All gains are followed for forwarded rows too: when such a row becomes a mix, the voice that
/// was already heard goes on at its gain.
#[derive(Clone, Debug)]
pub struct Mixer {
    ramp_samples: usize,
    ceiling: f32,
    match_db_max: f32,
    tones: Tones,
    rows: [ListenerRow; LEGS_MAX],
    /// Whose row is not empty for good: nothing of the others changes at a tick.
    seated: SlotSet,
    meters: [Meter; LEGS_MAX],
    /// Powers that senders of forwarded legs have stated since the last tick.
    reported: [Option<f32>; LEGS_MAX],
    groups: [Group; LEGS_MAX],
    groups_len: usize,
    /// Where mixes are made: grown when a plan comes, never in the tick.
    frames: Vec<Frame>,
    rejected_frames: u64,
}

/// What one or more listeners hear in one frame.
#[derive(Clone, Copy, Debug)]
pub struct Mix<'a> {
    /// Who hears it.
    pub listeners: SlotSet,
    /// The sound, 20 ms at 48 kHz, never above the limiter's ceiling.
    pub samples: &'a Frame,
    /// Every source that went into it at a gain above 0, sources that fade out included.
    pub contains: SourceSet,
    /// Those of them that are still open at its end.
    pub lasting: SourceSet,
    /// Whether it is nothing but the plan's voices: no gain moves and no tone sounds.
    pub is_steady: bool,
}

/// The mixes of one tick, in the order of their lowest listeners.
#[derive(Clone, Debug)]
pub struct Mixes<'a> {
    groups: std::slice::Iter<'a, Group>,
    frames: std::slice::Iter<'a, Frame>,
}

/// Listeners of one audience with equal sounds.
#[derive(Clone, Copy, Debug)]
struct Group {
    audience: Audience,
    leader: usize,
    listeners: SlotSet,
    contains: SourceSet,
    lasting: SourceSet,
    is_steady: bool,
    limiter: Limiter,
}

impl Mixer {
    /// A mixer for a call on which nobody hears anything yet.
    ///
    /// # Errors
    /// A choice of `config` is out of its limits.
    pub fn new(config: &MixerConfig) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            ramp_samples: (config.ramp_ms * SAMPLES_PER_MS) as usize,
            ceiling: 10f32.powf(config.ceiling_dbfs / 20.0),
            match_db_max: config.match_db_max,
            tones: Tones::new(config),
            rows: [const { ListenerRow::EMPTY }; LEGS_MAX],
            seated: SlotSet::EMPTY,
            meters: [Meter::default(); LEGS_MAX],
            reported: [None; LEGS_MAX],
            groups: [Group::EMPTY; LEGS_MAX],
            groups_len: 0,
            frames: Vec::new(),
            rejected_frames: 0,
        })
    }

    /// Takes a plan, and who gets each source of their row on a track of its own: such a row is not
    /// mixed ([`Delivery::Tracks`]). A slot whose leg is another one than before begins in silence, as
    /// a listener and as a source.
    pub fn set_plan(&mut self, plan: &RoutePlan, by_tracks: SlotSet) {
        for slot in Slot::all() {
            let leg = plan.listener(slot);
            if leg == self.rows[slot.index()].leg() {
                continue;
            }
            self.rows[slot.index()].seat(leg);
            if leg.is_some() {
                self.rows.iter_mut().for_each(|row| row.forget(slot));
                self.meters[slot.index()] = Meter::default();
                self.reported[slot.index()] = None;
            }
        }
        for (slot, row) in Slot::all().zip(&mut self.rows) {
            row.aim(slot, plan.row(slot), by_tracks.contains(slot), self.match_db_max);
        }
        let is_seated =
            |slot: &Slot| plan.listener(*slot).is_some() || !plan.row(*slot).sources().is_empty();
        self.seated = Slot::all().filter(is_seated).fold(SlotSet::EMPTY, SlotSet::with);
        let needed = self
            .rows
            .iter()
            .filter(|row| row.delivery() == Delivery::Mix || row.may_hear_tones())
            .count();
        if needed > self.frames.len() {
            self.frames.resize(needed, [0.0; FRAME_SAMPLES]);
        }
    }

    /// Starts a tone for those of the cue's listeners whom the plan lets hear it. Where it sounds
    /// already, it sounds once more afterwards. The hold tone needs no cue: it follows the plan.
    pub fn cue(&mut self, cue: &Cue) {
        for slot in Slot::all().filter(|slot| cue.listeners.contains(Source::Leg(*slot))) {
            self.rows[slot.index()].cue(cue.tone);
        }
    }

    /// The tones that sound for the listener in `slot`, or will from the next tick on; the hold
    /// tone for as long as the plan has it, its pauses included.
    pub fn playing(&self, slot: Slot) -> SourceSet {
        self.rows[slot.index()].tones_playing()
    }

    /// The slots in which somebody sits. A call of two has two rows, however many there is room for.
    pub fn seated(&self) -> SlotSet {
        self.seated
    }

    /// Whether some row is to be mixed at the next tick.
    pub fn is_mixing(&self) -> bool {
        self.seated.iter().any(|slot| self.rows[slot.index()].delivery() == Delivery::Mix)
    }

    /// How the row of the listener in `slot` is to be delivered now.
    pub fn delivery(&self, slot: Slot) -> Delivery {
        self.rows[slot.index()].delivery()
    }

    /// Whether the row of the listener in `slot` takes decoders and an encoder by this plan: it is a
    /// mix, or a tone may make it one.
    pub fn may_mix(&self, slot: Slot) -> bool {
        self.rows[slot.index()].may_mix()
    }

    /// The frame of a tone that the next tick plays to the listener in `slot`, counted from the tone's
    /// beginning.
    pub fn tone_frame(&self, slot: Slot, tone: Tone) -> Option<usize> {
        self.rows[slot.index()].sound().playing(tone).map(Playback::frame)
    }

    /// The legs whose frames, decoded for `audience`, the next tick needs; the others need not be
    /// decoded.
    pub fn needed(&self, audience: Audience) -> SourceSet {
        Slot::all()
            .zip(&self.rows)
            .filter(|(slot, row)| Audience::of(*slot) == audience && row.is_due())
            .flat_map(|(_, row)| row.sound().voices().iter())
            .fold(SourceSet::EMPTY, SourceSet::with)
    }

    /// Whether everything that the plan has removed is silent: if not, it is after the next tick.
    pub fn settled(&self) -> bool {
        self.rows.iter().all(ListenerRow::is_settled)
    }

    /// Leaves out the next tick of the row of the listener in `slot`, whose mix has not begun: it begins a tick later, with
    /// whatever moves or sounds in it.
    pub fn hold(&mut self, slot: Slot) {
        self.rows[slot.index()].hold();
    }

    /// The level of the leg in `slot`, as of the last tick.
    pub fn level(&self, slot: Slot) -> Level {
        self.meters[slot.index()].level()
    }

    /// Takes the level that the sender of a forwarded leg states about itself (RFC 6464), −127 to
    /// 0. It counts in the next tick, unless the leg's decoded frame is there.
    pub fn report_level(&mut self, slot: Slot, dbfs: i8) {
        self.reported[slot.index()] = Some(power_of(dbfs));
    }

    /// How many input frames were silenced because they were no sound: not a number, infinite, or
    /// more than 12 dB above full scale. A fault of a decoder.
    pub fn rejected_frames(&self) -> u64 {
        self.rejected_frames
    }

    /// Plays one frame: a mix for every row whose delivery was [`Delivery::Mix`]. Allocates
    /// nothing.
    pub fn tick(&mut self, inputs: &Inputs<'_>) -> Mixes<'_> {
        let voices = self.examine(inputs);
        for slot in self.seated.iter() {
            let row = &mut self.rows[slot.index()];
            if row.is_due() {
                row.hear(&voices[Audience::of(slot).index()]);
            }
        }
        self.group();
        for index in 0..self.groups_len {
            self.mix(index, &voices);
        }
        self.advance();
        let groups = self.groups[..self.groups_len].iter();
        Mixes { groups, frames: self.frames.iter() }
    }

    /// Lets one frame pass in which nothing is mixed: what [`Mixer::tick`] does then, without inputs.
    pub fn pass(&mut self) {
        debug_assert!(!self.is_mixing(), "a row is to be mixed");
        self.groups_len = 0;
        for slot in self.seated.iter() {
            let reported = self.reported[slot.index()].take();
            self.meters[slot.index()].update(reported.unwrap_or(0.0));
        }
        self.advance();
    }

    /// Moves the meters, and leaves out what is silence or no sound at all. Supervisors hear the
    /// most, and the meters are theirs, so a leg's level is that of the frame decoded for them,
    /// before that of a frame decoded for a party, before what its sender states.
    fn examine<'a>(&mut self, inputs: &Inputs<'a>) -> Inputs<'a> {
        let mut voices: Inputs<'a> = [[None; LEGS_MAX]; AUDIENCES_MAX];
        for slot in 0..LEGS_MAX {
            let mut power = None;
            for audience in (0..AUDIENCES_MAX).rev() {
                let input = inputs[audience][slot];
                let measured = match input.map(measure) {
                    Some(Measured::Sound(power)) => {
                        voices[audience][slot] = input;
                        Some(power)
                    }
                    Some(Measured::Silence) => Some(0.0),
                    Some(Measured::Unusable) => {
                        self.rejected_frames += 1;
                        Some(0.0)
                    }
                    None => None,
                };
                power = power.or(measured);
            }
            let reported = self.reported[slot].take();
            self.meters[slot].update(power.or(reported).unwrap_or(0.0));
        }
        voices
    }

    /// Puts listeners of one audience with equal sounds together; the lowest slot leads.
    fn group(&mut self) {
        self.groups_len = 0;
        for (slot, row) in Slot::all().zip(&self.rows) {
            if !row.is_due() {
                continue;
            }
            let audience = Audience::of(slot);
            let equals = |group: &&mut Group| {
                group.audience == audience && self.rows[group.leader].sound() == row.sound()
            };
            match self.groups[..self.groups_len].iter_mut().find(equals) {
                Some(group) => group.listeners = group.listeners.with(slot),
                None => {
                    self.groups[self.groups_len] = Group {
                        audience,
                        leader: slot.index(),
                        listeners: SlotSet::EMPTY.with(slot),
                        contains: SourceSet::EMPTY,
                        lasting: SourceSet::EMPTY,
                        is_steady: !row.sound().is_in_motion(),
                        limiter: row.sound().limiter,
                    };
                    self.groups_len += 1;
                }
            }
        }
    }

    /// Makes the mix of one group.
    fn mix(&mut self, index: usize, voices: &Inputs<'_>) {
        let group = &mut self.groups[index];
        let voices = &voices[group.audience.index()];
        let sound = self.rows[group.leader].sound();
        let mut sum = [0.0; FRAME_SAMPLES];
        for slot in Slot::all() {
            let source = Source::Leg(slot);
            let ramp = sound.ramp(source, self.ramp_samples);
            if let Some(frame) = voices[slot.index()].filter(|_| ramp.is_open()) {
                ramp.add(frame, &mut sum);
                group.contains = group.contains.with(source);
                if ramp.to != 0.0 {
                    group.lasting = group.lasting.with(source);
                }
            }
        }
        for tone in Tone::ALL {
            let Some(playback) = sound.playing(tone) else {
                continue;
            };
            let source = Source::Tone(tone);
            let mut frame = [0.0; FRAME_SAMPLES];
            if self.tones.render(tone, playback, &mut frame) {
                let ramp = sound.ramp(source, self.ramp_samples);
                ramp.add(&frame, &mut sum);
                group.contains = group.contains.with(source);
                if ramp.to != 0.0 {
                    group.lasting = group.lasting.with(source);
                }
            }
        }
        let out = &mut self.frames[index];
        out.iter_mut().zip(&sum).for_each(|(sample, sum)| *sample = *sum as f32);
        if group.contains.is_empty() {
            group.limiter.rest();
        } else {
            group.limiter.process(self.ceiling, out);
        }
    }

    /// Ramps are over, tones move on.
    fn advance(&mut self) {
        let groups = &self.groups[..self.groups_len];
        for slot in self.seated.iter() {
            let row = &mut self.rows[slot.index()];
            let group = groups.iter().find(|group| group.listeners.contains(slot));
            row.advance(&self.tones, group.map(|group| group.limiter));
        }
    }
}

impl Mix<'_> {
    /// Nothing went into it: the encoder need not be called.
    pub fn is_silent(&self) -> bool {
        self.contains.is_empty()
    }

    /// The lowest of the listeners' slots: whose encoder is to be used.
    pub fn leader(&self) -> Option<Slot> {
        self.listeners.iter().next()
    }
}

impl<'a> Iterator for Mixes<'a> {
    type Item = Mix<'a>;

    fn next(&mut self) -> Option<Mix<'a>> {
        let (group, samples) = (self.groups.next()?, self.frames.next()?);
        let Group { listeners, contains, lasting, is_steady, .. } = *group;
        Some(Mix { listeners, samples, contains, lasting, is_steady })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.groups.size_hint()
    }
}

impl ExactSizeIterator for Mixes<'_> {}

impl Group {
    const EMPTY: Self = Self {
        audience: Audience::SUPERVISORS,
        leader: 0,
        listeners: SlotSet::EMPTY,
        contains: SourceSet::EMPTY,
        lasting: SourceSet::EMPTY,
        is_steady: true,
        limiter: Limiter::OPEN,
    };
}
