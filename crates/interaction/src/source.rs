//! What can be heard, by whom, and how loud: places on a call, tones, sets of them, gains.
//!
//! The words of [`RoutePlan`](crate::RoutePlan), which decides; nothing is decided here.

use crate::{LEGS_MAX, PARTIES_MAX};

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

/// A sound that the server makes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Two short tones for the coached agent at each entry into Whisper.
    WhisperBeep,
    /// Announces a supervisor who barges or takes over.
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
    pub fn all() -> impl Iterator<Item = Self> + Clone {
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
