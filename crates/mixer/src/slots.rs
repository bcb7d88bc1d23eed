//! Sets of listeners.

use interaction::Slot;

/// A set of slots, as a bit mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SlotSet(u32);

impl SlotSet {
    /// No slot.
    pub const EMPTY: Self = Self(0);

    /// Adds one slot.
    #[must_use]
    pub fn with(self, slot: Slot) -> Self {
        Self(self.0 | 1 << slot.index())
    }

    /// Whether `slot` is in the set.
    pub fn contains(self, slot: Slot) -> bool {
        self.0 & (1 << slot.index()) != 0
    }

    /// Whether no slot is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many slots are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The slots in the set, in rising order.
    pub fn iter(self) -> impl Iterator<Item = Slot> {
        Slot::all().filter(move |slot| self.contains(*slot))
    }
}

const _: () = assert!(interaction::LEGS_MAX <= u32::BITS as usize);
