//! Who hears whom: the one rule.
//!
//! [`RoutePlan::derive`] is a pure function of a call's state, and the only place that decides
//! it. Default deny: a pair that no line below names is silent.
//!
//! | listener ↓ hears source → | caller | agent | listen | whisper | barge | take-over |
//! |---|---|---|---|---|---|---|
//! | caller | yes (see below) | yes | no | **no** | yes | yes |
//! | agent | yes | other agents | no | if coached by it | yes | yes (policy) |
//! | supervisor | yes | yes | no | other supervisors' (policy) | yes | yes |
//!
//! While a supervisor has taken the call over, nobody hears an agent, but for the two of a consultation,
//! who still hear each other. What the agents hear of what is said with the caller (callers, Barge,
//! take-over) is the policy's: all, or nothing. A whisper reaches them as ever.
//!
//! Somebody outside whom an agent has brought to the caller is a caller, too: the two hear each other unless they are
//! on hold, and neither hears a supervisor before Barge or a take-over.
//!
//! An agent who is being consulted is not yet with the caller: they and the consulting agent hear
//! each other, supervisors hear them, and neither the caller nor other agents do; the consulted
//! agent hears a whisper only if coached, and Barge and take-over like other agents.

use crate::source::{Gain, SOURCES_MAX, Slot, Source, SourceSet, Tone};
use crate::{CallState, LEGS_MAX, Leg, LegId, Mode, Party, Policy, Role};

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
    /// Each source on a track of its own, its packets passed on; the ear mixes, at gains of its choice.
    /// [`Row::delivery`] never says so: it depends on how many tracks the listener's station has.
    Tracks,
}

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
        _ if apart(listener, source) || taken_from(call, listener, source) => None,
        // On hold, caller and agents do not hear each other; everything else stays as it is.
        (Party::Caller { .. }, Party::Agent { .. }) => (!call.held()).then_some(Gain::UNITY),
        (Party::Agent { .. }, Party::Caller { .. }) => {
            (!call.held()).then(|| caller_gain(call, listener, policy))
        }
        (Party::Agent { .. }, Party::Agent { .. }) => Some(Gain::UNITY),
        (Party::Supervisor { .. }, Party::Caller { .. } | Party::Agent { .. }) => Some(Gain::UNITY),
        (_, Party::Supervisor { mode: Mode::Barge | Mode::TakeOver, .. }) => Some(Gain::UNITY),
        (Party::Agent { .. }, Party::Supervisor { mode: Mode::Whisper { coached }, .. }) => {
            (*coached == listener.id).then_some(Gain::UNITY)
        }
        (Party::Supervisor { .. }, Party::Supervisor { mode: Mode::Whisper { .. }, .. }) => {
            policy.supervisors_hear_whispers.then_some(Gain::UNITY)
        }
        (Party::Caller { .. }, Party::Caller { .. }) => (!call.held()).then_some(Gain::UNITY),
        (_, Party::Supervisor { mode: Mode::Listen, .. })
        | (Party::Caller { .. }, Party::Supervisor { mode: Mode::Whisper { .. }, .. }) => None,
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

/// Whether a take-over stands between the two: an agent is mute, and deaf to what is said with the caller
/// if the policy says so. A consultation is not said with the caller, nor is a whisper.
fn taken_from(call: &CallState, listener: &Leg, source: &Leg) -> bool {
    let consults =
        listener.consulted_by() == Some(source.id) || source.consulted_by() == Some(listener.id);
    if call.taken_over_by().is_none() || consults {
        return false;
    }
    let is_said_with_caller = match source.party {
        Party::Caller { .. } => true,
        Party::Supervisor { mode, .. } => mode.kind().is_open(),
        Party::Agent { .. } => return true,
    };
    let is_deaf = listener.role() == Role::Agent && !call.policy().agents_hear_take_over;
    is_said_with_caller && is_deaf
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
        (Tone::Barge, Role::Caller) => policy.barge_tone.caller && call.anybody_is_open(),
        (Tone::Barge, Role::Agent) => policy.barge_tone.agents && call.anybody_is_open(),
        (Tone::Hold, Role::Caller) => (policy.hold_tone && call.held()) || call.transferring(),
        _ => false,
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
