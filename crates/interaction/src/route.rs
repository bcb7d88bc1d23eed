//! Who hears whom: the one rule.
//!
//! [`RoutePlan::derive`] is a pure function of a call's state, and the only place that decides
//! it. Default deny: a pair that no line below names is silent.
//!
//! | listener ↓ hears source → | caller | agent | listen | whisper | barge |
//! |---|---|---|---|---|---|
//! | caller | – | yes | no | **no** | yes |
//! | agent | yes | other agents | no | if coached by it | yes |
//! | supervisor | yes | yes | no | other supervisors' (policy) | yes |
//!
//! An agent who is being consulted is not yet with the caller: they and the consulting agent hear
//! each other, supervisors hear them, and neither the caller nor other agents do; the consulted
//! agent hears a whisper only if coached, and Barge, which is heard by everybody.

use crate::{CallState, LEGS_MAX, Leg, LegId, Mode, PARTIES_MAX, Party, Policy, Role};

/// A leg's place in a call's tables: `0..LEGS_MAX`, the parties' first. Supervisors have places of
/// their own, so that neither whether a party finds one nor the order in which voices are summed
/// depends on who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

/// For whom sound is made: one party, or all supervisors of the call together, who know of each
/// other.
///
/// Nothing that is made for one audience (decoded, mixed, encoded) is used for another. So what a
/// party gets is a function of that party's own row, and no supervisor shows in it whom the row does
/// not name; nor does a whisper to one agent show in what another party gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Audience(u8);

/// Audiences that one call can have.
pub const AUDIENCES_MAX: usize = PARTIES_MAX + 1;

/// How a listener's row is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing is heard: nothing is sent.
    #[default]
    Silent,
    /// Exactly the voice of the leg in this slot, unchanged: its packets can be passed on.
    Forward(Slot),
    /// Decode, mix, encode.
    Mix,
}

/// A sound that the server makes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Two short tones for the coached agent at each entry into Whisper.
    WhisperBeep,
    /// Announces a supervisor who barges.
    Barge,
    /// What a caller on hold hears, if the policy wants more than silence.
    Hold,
}

/// Something that can be heard: a leg's voice, or a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The voice of the leg in this slot.
    Leg(Slot),
    /// A tone of the server's.
    Tone(Tone),
}

/// Sources that one call can have: its legs and the tones.
pub const SOURCES_MAX: usize = LEGS_MAX + Tone::ALL.len();

/// A set of sources, as a bit mask; it travels with every mix to the egress guard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SourceSet(u32);

/// A gain in hundredths of a decibel (millibel): exact, so that rows can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Gain(i16);

/// What one listener may hear: a gain for each source that is in, nothing for the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    gains: [Option<Gain>; SOURCES_MAX],
}

/// Who hears whom on one call, with which gain: listener × source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutePlan {
    listeners: [Option<LegId>; LEGS_MAX],
    rows: [Row; LEGS_MAX],
}

impl RoutePlan {
    /// Derives who hears whom from the state of the call. This is the one rule.
    pub fn derive(call: &CallState) -> Self {
        let mut plan = Self::silent();
        for listener in call.legs() {
            let slot = listener.slot.index();
            plan.listeners[slot] = Some(listener.id);
            for source in call.legs() {
                if let Some(gain) = hears(call, listener, source) {
                    plan.rows[slot].set(Source::Leg(source.slot), gain);
                }
            }
            for tone in Tone::ALL {
                if hears_tone(call, listener, tone) {
                    plan.rows[slot].set(Source::Tone(tone), Gain::UNITY);
                }
            }
        }
        plan
    }

    /// The plan of a call without legs: nobody hears anything.
    pub fn silent() -> Self {
        Self { listeners: [None; LEGS_MAX], rows: [Row::SILENT; LEGS_MAX] }
    }

    /// The leg that listens in `slot`.
    pub fn listener(&self, slot: Slot) -> Option<LegId> {
        self.listeners[slot.index()]
    }

    /// What the listener in `slot` may hear; silence where no leg is.
    pub fn row(&self, slot: Slot) -> &Row {
        &self.rows[slot.index()]
    }

    /// The slots in which somebody listens, in rising order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        Slot::all().filter(|slot| self.listeners[slot.index()].is_some())
    }

    /// Whether anybody may hear `source`. A leg that nobody may hear is dropped on arrival.
    pub fn is_heard(&self, source: Source) -> bool {
        self.rows.iter().any(|row| row.gain(source).is_some())
    }
}

/// Whether `listener` hears the voice of `source`, and how loud.
fn hears(call: &CallState, listener: &Leg, source: &Leg) -> Option<Gain> {
    if listener.id == source.id || source.muted() {
        return None;
    }
    let policy = call.policy();
    match (&listener.party, &source.party) {
        _ if apart(listener, source) => None,
        // On hold, caller and agents do not hear each other; everything else stays as it is.
        (Party::Caller { .. }, Party::Agent { .. }) => (!call.held()).then_some(Gain::UNITY),
        (Party::Agent { .. }, Party::Caller { .. }) => {
            (!call.held()).then(|| caller_gain(call, listener, policy))
        }
        (Party::Agent { .. }, Party::Agent { .. }) => Some(Gain::UNITY),
        (Party::Supervisor { .. }, Party::Caller { .. } | Party::Agent { .. }) => Some(Gain::UNITY),
        (_, Party::Supervisor { mode: Mode::Barge, .. }) => Some(Gain::UNITY),
        (Party::Agent { .. }, Party::Supervisor { mode: Mode::Whisper { coached }, .. }) => {
            (*coached == listener.id).then_some(Gain::UNITY)
        }
        (Party::Supervisor { .. }, Party::Supervisor { mode: Mode::Whisper { .. }, .. }) => {
            policy.supervisors_hear_whispers.then_some(Gain::UNITY)
        }
        (_, Party::Supervisor { mode: Mode::Listen, .. })
        | (Party::Caller { .. }, Party::Supervisor { mode: Mode::Whisper { .. }, .. })
        | (Party::Caller { .. }, Party::Caller { .. }) => None,
    }
}

/// Whether a consultation stands between two parties: one of them is being consulted, and the other
/// is a party who does not consult them.
fn apart(one: &Leg, other: &Leg) -> bool {
    let parted = |consulted: &Leg, party: &Leg| {
        party.role() != Role::Supervisor
            && consulted.consulted_by().is_some_and(|by| by != party.id)
    };
    parted(one, other) || parted(other, one)
}

/// The caller is ducked for an agent who is being coached, so that both can be understood.
fn caller_gain(call: &CallState, agent: &Leg, policy: &Policy) -> Gain {
    if call.coaches_of(agent.id).next().is_some() { policy.duck } else { Gain::UNITY }
}

/// Whether `listener` may hear `tone`. When it sounds is decided by the change that cues it.
fn hears_tone(call: &CallState, listener: &Leg, tone: Tone) -> bool {
    let policy = call.policy();
    match (tone, listener.role()) {
        (Tone::WhisperBeep, Role::Agent) => {
            policy.whisper_beep && call.coaches_of(listener.id).next().is_some()
        }
        (Tone::Barge, Role::Caller) => policy.barge_tone.caller && call.anybody_barges(),
        (Tone::Barge, Role::Agent) => policy.barge_tone.agents && call.anybody_barges(),
        (Tone::Hold, Role::Caller) => (policy.hold_tone && call.held()) || call.transferring(),
        _ => false,
    }
}

impl Slot {
    /// The slot with this index, if there is one.
    pub fn new(index: usize) -> Option<Self> {
        (index < LEGS_MAX).then_some(Self(index as u8))
    }

    /// The slot as an index below [`LEGS_MAX`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Of a leg that was read from a record: it has no place in any call's tables any more.
    pub fn of_a_record() -> Self {
        Self(0)
    }

    /// Every slot, in rising order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LEGS_MAX as u8).map(Self)
    }

    /// The slots of the caller and the agents, in rising order.
    pub fn parties() -> impl Iterator<Item = Self> {
        (0..PARTIES_MAX as u8).map(Self)
    }

    /// The slots of supervisors, in rising order.
    pub fn supervisors() -> impl Iterator<Item = Self> {
        (PARTIES_MAX as u8..LEGS_MAX as u8).map(Self)
    }
}

impl Audience {
    /// The supervisors of the call.
    pub const SUPERVISORS: Self = Self(PARTIES_MAX as u8);

    /// The audience that the listener in `slot` belongs to.
    pub fn of(slot: Slot) -> Self {
        if slot.index() < PARTIES_MAX { Self(slot.0) } else { Self::SUPERVISORS }
    }

    /// Every audience, the parties' first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..AUDIENCES_MAX as u8).map(Self)
    }

    /// The audience as an index below [`AUDIENCES_MAX`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Tone {
    /// Every tone, in the order of the enum.
    pub const ALL: [Self; 3] = [Self::WhisperBeep, Self::Barge, Self::Hold];
}

impl Source {
    /// The source's index below [`SOURCES_MAX`]: legs first, then tones.
    pub fn index(self) -> usize {
        match self {
            Self::Leg(slot) => slot.index(),
            Self::Tone(tone) => LEGS_MAX + tone as usize,
        }
    }

    /// The source with this index, if there is one.
    pub fn from_index(index: usize) -> Option<Self> {
        match Slot::new(index) {
            Some(slot) => Some(Self::Leg(slot)),
            None => Tone::ALL.get(index - LEGS_MAX).copied().map(Self::Tone),
        }
    }
}

impl SourceSet {
    /// No source.
    pub const EMPTY: Self = Self(0);

    /// Adds one source.
    #[must_use]
    pub fn with(self, source: Source) -> Self {
        Self(self.0 | 1 << source.index())
    }

    /// Takes one source out.
    #[must_use]
    pub fn without(self, source: Source) -> Self {
        Self(self.0 & !(1 << source.index()))
    }

    /// Whether `source` is in the set.
    pub fn contains(self, source: Source) -> bool {
        self.0 & (1 << source.index()) != 0
    }

    /// Sources that are in one of the sets, or in both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no source is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many sources are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The sources in the set, in rising order of index.
    pub fn iter(self) -> impl Iterator<Item = Source> {
        (0..SOURCES_MAX)
            .filter(move |index| self.0 & (1 << index) != 0)
            .filter_map(Source::from_index)
    }
}

impl Gain {
    /// 0 dB.
    pub const UNITY: Self = Self(0);

    /// A gain of whole decibels; beyond ±100 dB it is clamped.
    pub fn from_db(db: i16) -> Self {
        Self(db.clamp(-100, 100) * 100)
    }

    /// The gain in decibels.
    pub fn db(self) -> f32 {
        f32::from(self.0) / 100.0
    }

    /// The factor for a sample's amplitude: 10^(dB/20).
    pub fn amplitude(self) -> f32 {
        10f32.powf(self.db() / 20.0)
    }
}

impl Row {
    /// Nothing is heard.
    pub const SILENT: Self = Self { gains: [None; SOURCES_MAX] };

    /// The gain of `source`; `None`: not heard.
    pub fn gain(&self, source: Source) -> Option<Gain> {
        self.gains[source.index()]
    }

    /// Every source that may be heard.
    pub fn sources(&self) -> SourceSet {
        self.iter().fold(SourceSet::EMPTY, |set, (source, _)| set.with(source))
    }

    /// The legs that are heard, without the tones.
    pub fn voices(&self) -> SourceSet {
        self.iter()
            .filter(|(source, _)| matches!(source, Source::Leg(_)))
            .fold(SourceSet::EMPTY, |set, (source, _)| set.with(source))
    }

    /// How the voices of this row are delivered: this alone says whether a row is a mix. While a tone
    /// sounds, or a gain still moves, any row is one.
    pub fn delivery(&self) -> Delivery {
        let mut voices = self.iter().filter_map(|(source, gain)| match source {
            Source::Leg(slot) => Some((slot, gain)),
            Source::Tone(_) => None,
        });
        match (voices.next(), voices.next()) {
            (None, _) => Delivery::Silent,
            (Some((slot, Gain::UNITY)), None) => Delivery::Forward(slot),
            (Some(_), _) => Delivery::Mix,
        }
    }

    /// Whether the row takes decoders and an encoder: it is a mix, or a tone may make it one.
    pub fn may_mix(&self) -> bool {
        self.delivery() == Delivery::Mix || self.sources() != self.voices()
    }

    /// The row without one source.
    #[must_use]
    pub fn without(mut self, source: Source) -> Self {
        self.gains[source.index()] = None;
        self
    }

    /// The sources that may be heard, with their gains.
    pub fn iter(&self) -> impl Iterator<Item = (Source, Gain)> + '_ {
        self.gains.iter().enumerate().filter_map(|(index, gain)| {
            gain.and_then(|gain| Source::from_index(index).map(|source| (source, gain)))
        })
    }

    fn set(&mut self, source: Source, gain: Gain) {
        self.gains[source.index()] = Some(gain);
    }
}
