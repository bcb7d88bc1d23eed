//! Newtypes for identities, revisions and wall-clock time.
//!
//! Ids of calls and stations are drawn at random by the shell (a guess must not find one); ids of
//! users, teams and queues come from the store; a leg's id counts up within its call.

use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:x}", self.0)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                u64::from_str_radix(text, 16).map(Self)
            }
        }
    };
}

id!(
    /// One call, from the moment it is placed until it ends.
    CallId
);
id!(
    /// A person with an account, or a guest for the length of one call.
    UserId
);
id!(
    /// A user's media connection.
    StationId
);
id!(
    /// A station's attachment to a call; unique within the call and never used again in it.
    LegId
);
id!(
    /// What an agent takes interactions from.
    QueueId
);
id!(
    /// Whom a supervisor may see.
    TeamId
);

id!(
    /// One text conversation, from its opening on.
    ConversationId
);
id!(
    /// Two people of the centre who write to each other.
    ChatId
);
id!(
    /// Something that was attached to a message.
    AttachmentId
);
id!(
    /// What somebody is good at.
    SkillId
);

/// Counts the changes of one call or conversation; a command may name the revision it was decided on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// Wall-clock time in milliseconds since 1970, UTC: for people and records, never for media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnixMs(pub u64);
