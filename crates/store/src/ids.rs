//! Ids as the databases hold them. Drawn at random, so that no id tells how many there are.

pub use interaction::{QueueId, SkillId, TeamId, UserId};
use rand::RngExt;

/// Ids have 53 bits, so that no reader of JSON rounds them.
const ID_BITS: u32 = 53;

/// A canned reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyId(pub u64);

/// An id that a column holds.
pub(crate) trait StoredId: Sized {
    /// A fresh one.
    fn random() -> Self {
        Self::from_column(rand::rng().random_range(1..1 << ID_BITS))
    }

    /// From what a database holds.
    fn from_column(value: i64) -> Self;

    /// As the databases hold it.
    fn column(self) -> i64;
}

macro_rules! stored {
    ($($name:ident),+) => {$(
        impl StoredId for $name {
            fn from_column(value: i64) -> Self {
                Self(value.cast_unsigned())
            }

            fn column(self) -> i64 {
                self.0.cast_signed()
            }
        }
    )+};
}

stored!(UserId, TeamId, QueueId, SkillId, ReplyId);

/// Hexadecimal, as the API shows it.
impl std::fmt::Display for ReplyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl std::str::FromStr for ReplyId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// An id for a row that nobody names.
pub(crate) fn row_id() -> i64 {
    rand::rng().random_range(1..i64::MAX)
}
