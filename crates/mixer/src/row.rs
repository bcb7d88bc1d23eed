//! One listener's row: what is open now, what is to be open, and which tones sound.

use interaction::source::SOURCES_MAX;
use interaction::{Audience, Delivery, Gain, LEGS_MAX, LegId, Row, Slot, Source, SourceSet, Tone};

use crate::Frame;
use crate::limiter::Limiter;
use crate::loudness::Matching;
use crate::ramp::Ramp;
use crate::tone::{Playback, Tones};

/// Everything that decides what a listener hears in the next frame: listeners of one audience with
/// equal sounds share a mix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sound {
    /// Amplitudes at the end of the last frame.
    current: [f32; SOURCES_MAX],
    /// Amplitudes that the plan wants, and the matching; 0 for a source that is not in it.
    target: [f32; SOURCES_MAX],
    /// `None`: nobody is ducked for a coach, or it is not mixed.
    matching: Option<Box<Matched>>,
    playing: [Option<Playback>; Tone::ALL.len()],
    pub limiter: Limiter,
}

/// Who is matched to whom.
#[derive(Clone, Debug, PartialEq)]
struct Matched {
    matching: Matching,
    /// Voices that the plan lowers.
    ducked: SourceSet,
    /// Supervisors' voices, which it lowers them for.
    coaches: SourceSet,
}

/// A listener.
#[derive(Clone, Debug)]
pub(crate) struct ListenerRow {
    leg: Option<LegId>,
    sound: Sound,
    /// The delivery of the plan's row alone: without ramps, without tones.
    planned: Delivery,
    /// The last frame went through the mixer, so that what is open can be ramped.
    was_mixed: bool,
    /// The coming frame is left out: nothing of it has begun.
    is_held: bool,
    delivery: Delivery,
}

impl Sound {
    const SILENT: Self = Self {
        current: [0.0; SOURCES_MAX],
        target: [0.0; SOURCES_MAX],
        matching: None,
        playing: [None; Tone::ALL.len()],
        limiter: Limiter::OPEN,
    };

    /// How the gain of `source` moves in the coming frame.
    pub fn ramp(&self, source: Source, samples: usize) -> Ramp {
        let index = source.index();
        Ramp { from: self.current[index], to: self.target[index], samples }
    }

    /// Where the listener is in `tone`, if it sounds.
    pub fn playing(&self, tone: Tone) -> Option<Playback> {
        self.playing[tone as usize]
    }

    /// Takes from the plan's row who is matched to whom.
    fn pair_up(&mut self, row: &Row, match_db_max: f32) {
        let of = |wanted: fn(Slot, Gain) -> bool| {
            row.iter().fold(SourceSet::EMPTY, |set, (source, gain)| match source {
                Source::Leg(slot) if wanted(slot, gain) => set.with(source),
                Source::Leg(_) | Source::Tone(_) => set,
            })
        };
        let ducked = of(|_, gain| gain < Gain::UNITY);
        let coaches =
            of(|slot, gain| gain == Gain::UNITY && Audience::of(slot) == Audience::SUPERVISORS);
        if match_db_max == 0.0 || ducked.is_empty() || coaches.is_empty() {
            self.matching = None;
            return;
        }
        let fresh = || Box::new(Matched { matching: Matching::new(match_db_max), ducked, coaches });
        let matched = self.matching.get_or_insert_with(fresh);
        (matched.ducked, matched.coaches) = (ducked, coaches);
        matched.aim(&mut self.target);
    }

    /// The legs whose voices are open, or will be in the coming frame.
    pub fn voices(&self) -> SourceSet {
        Slot::all()
            .map(Source::Leg)
            .filter(|source| self.ramp(*source, 0).is_open())
            .fold(SourceSet::EMPTY, SourceSet::with)
    }

    /// Whether it takes a mix whatever the plan's row is: a gain moves, or a tone sounds.
    pub fn is_in_motion(&self) -> bool {
        self.current != self.target || self.playing.iter().any(Option::is_some)
    }
}

impl Matched {
    fn aim(&self, target: &mut [f32; SOURCES_MAX]) {
        for slot in Slot::supervisors().filter(|slot| self.coaches.contains(Source::Leg(*slot))) {
            target[slot.index()] = self.matching.amplitude(slot);
        }
    }
}

impl ListenerRow {
    pub const EMPTY: Self = Self {
        leg: None,
        sound: Sound::SILENT,
        planned: Delivery::Silent,
        was_mixed: false,
        is_held: false,
        delivery: Delivery::Silent,
    };

    pub fn leg(&self) -> Option<LegId> {
        self.leg
    }

    pub fn sound(&self) -> &Sound {
        &self.sound
    }

    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Whether the coming frame is mixed.
    pub fn is_due(&self) -> bool {
        self.delivery == Delivery::Mix && !self.is_held
    }

    /// Leaves the coming frame out, if the mix has not begun.
    pub fn hold(&mut self) {
        self.is_held = !self.was_mixed;
    }

    /// Another leg, or none, listens from here on: it begins in silence.
    pub fn seat(&mut self, leg: Option<LegId>) {
        *self = Self { leg, ..Self::EMPTY };
    }

    /// The leg behind `slot` is another one: nothing of it is open yet.
    pub fn forget(&mut self, slot: Slot) {
        self.sound.current[slot.index()] = 0.0;
        if let Some(matched) = &mut self.sound.matching {
            matched.matching.forget(slot);
        }
    }

    /// Takes the plan's row for this listener, who sits in `own`, and whether each source of it has a
    /// track of its own. Coaches are matched by up to `match_db_max`.
    pub fn aim(&mut self, own: Slot, row: &Row, by_tracks: bool, match_db_max: f32) {
        // Nobody hears themselves, whatever a plan says.
        let row = row.clone().without(Source::Leg(own));
        self.sound.target = [0.0; SOURCES_MAX];
        for (source, gain) in row.iter() {
            self.sound.target[source.index()] = gain.amplitude();
        }
        self.sound.pair_up(&row, if by_tracks { 0.0 } else { match_db_max });
        self.planned = if by_tracks { Delivery::Tracks } else { row.delivery() };
        if !self.was_mixed {
            self.cut();
        }
        self.aim_tones();
        self.deliver();
    }

    /// Takes the voices that are played next, by the legs' slots: how loud they are moves the gains of coaches.
    pub fn hear(&mut self, voices: &[Option<&Frame>; LEGS_MAX]) {
        let sound = &mut self.sound;
        if let Some(it) = &mut sound.matching {
            it.matching.hear(voices, it.ducked, it.coaches);
            it.aim(&mut sound.target);
        }
    }

    /// Starts a one-shot tone, if the plan lets this listener hear it.
    pub fn cue(&mut self, tone: Tone) {
        if tone == Tone::Hold || self.sound.target[Source::Tone(tone).index()] == 0.0 {
            return;
        }
        match &mut self.sound.playing[tone as usize] {
            Some(playback) => playback.repeat_once(),
            silent => *silent = Some(Playback::default()),
        }
        self.deliver();
    }

    /// One frame has been played; `limiter` is what the mix has left behind, if there was one.
    pub fn advance(&mut self, tones: &Tones, limiter: Option<Limiter>) {
        if std::mem::take(&mut self.is_held) {
            return;
        }
        let sound = &mut self.sound;
        sound.current = sound.target;
        sound.limiter = limiter.unwrap_or(Limiter::OPEN);
        self.was_mixed = limiter.is_some();
        for tone in Tone::ALL {
            let is_wanted = sound.target[Source::Tone(tone).index()] != 0.0;
            let playing = &mut sound.playing[tone as usize];
            *playing = playing.filter(|_| is_wanted).and_then(|now| tones.advance(tone, now));
        }
        self.deliver();
    }

    /// Whether no source that the plan has removed can still be heard.
    pub fn is_settled(&self) -> bool {
        self.sound.current.iter().zip(&self.sound.target).all(|(now, to)| *to != 0.0 || *now == 0.0)
    }

    /// The tones that sound.
    pub fn tones_playing(&self) -> SourceSet {
        Tone::ALL
            .into_iter()
            .filter(|tone| self.sound.playing[*tone as usize].is_some())
            .fold(SourceSet::EMPTY, |set, tone| set.with(Source::Tone(tone)))
    }

    /// Whether a cue could start a tone here.
    pub fn may_hear_tones(&self) -> bool {
        self.sound.target[LEGS_MAX..].iter().any(|gain| *gain != 0.0)
    }

    /// Whether it takes decoders and an encoder.
    pub fn may_mix(&self) -> bool {
        match self.planned {
            Delivery::Mix => true,
            Delivery::Tracks => false,
            Delivery::Silent | Delivery::Forward(_) => self.may_hear_tones(),
        }
    }

    fn deliver(&mut self) {
        let sound = &self.sound;
        let is_mixed = match self.planned {
            // Tones are packets of their own there. A mix that ends fades what it has lost.
            Delivery::Tracks => self.was_mixed && sound.current != sound.target,
            Delivery::Silent | Delivery::Forward(_) | Delivery::Mix => sound.is_in_motion(),
        };
        self.delivery = if is_mixed { Delivery::Mix } else { self.planned };
    }

    /// The listener got packets as they are, or nothing: what is removed cannot be ramped, for no
    /// decoder has heard it, so it ends at the frame's boundary. Nor is there anything to ramp
    /// where packets are passed on from now on.
    fn cut(&mut self) {
        let passed_on = self.planned != Delivery::Mix;
        let sound = &mut self.sound;
        for (now, to) in sound.current.iter_mut().zip(&sound.target) {
            if *to == 0.0 || passed_on {
                *now = *to;
            }
        }
    }

    /// Tones have soft edges of their own: they open at once. A removed one is faded, unless it
    /// has not begun.
    fn aim_tones(&mut self) {
        let sound = &mut self.sound;
        for tone in Tone::ALL {
            let index = Source::Tone(tone).index();
            let playing = &mut sound.playing[tone as usize];
            if sound.target[index] != 0.0 {
                sound.current[index] = sound.target[index];
                if tone == Tone::Hold && playing.is_none() {
                    *playing = Some(Playback::default());
                }
            } else if playing.is_none_or(Playback::is_beginning) || sound.current[index] == 0.0 {
                sound.current[index] = 0.0;
                *playing = None;
            }
        }
    }
}
