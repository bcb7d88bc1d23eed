//! Ids of what is kept. Drawn at random, so that no id tells how many there are.

use rand::RngExt;

/// Ids have 53 bits, so that no reader of JSON rounds them.
const ID_BITS: u32 = 53;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl $name {
            pub(crate) fn random() -> Self {
                Self(rand::rng().random_range(1..1 << ID_BITS))
            }

            pub(crate) fn from_column(value: i64) -> Self {
                Self(value.cast_unsigned())
            }

            /// As the databases hold it.
            pub(crate) fn column(self) -> i64 {
                self.0.cast_signed()
            }
        }

        /// Hexadecimal, as the API shows it.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:x}", self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                u64::from_str_radix(text, 16).map(Self)
            }
        }
    };
}

id!(
    /// A user with an account.
    UserId
);
id!(
    /// A team.
    TeamId
);
id!(
    /// A queue.
    QueueId
);
id!(
    /// A skill.
    SkillId
);
id!(
    /// A canned reply.
    ReplyId
);

/// An id for a row that nobody names.
pub(crate) fn row_id() -> i64 {
    rand::rng().random_range(1..i64::MAX)
}
