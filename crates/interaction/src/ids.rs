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

/// Accounts' ids have 53 bits, so that no reader of JSON rounds them; above are the kinds of those
/// without one.
const GUEST_BIT: u64 = 1 << 63;
const EXTERNAL_BIT: u64 = 1 << 62;

/// What kind of somebody a [`UserId`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserKind {
    /// Somebody with an account.
    Account,
    /// A customer without one, for the length of one call or conversation.
    Guest,
    /// A customer known to a connector.
    External,
}

impl UserId {
    /// A guest's id, of a random number.
    pub fn guest(random: u64) -> Self {
        Self(random | GUEST_BIT)
    }

    /// The id of a connector's customer, of a random number.
    pub fn external(random: u64) -> Self {
        Self((random % EXTERNAL_BIT) | EXTERNAL_BIT)
    }

    /// The kind, which an id keeps for ever. The only place that knows how it is written.
    pub fn kind(self) -> UserKind {
        // A guest's lower bits are all random.
        match (self.0 & GUEST_BIT != 0, self.0 & EXTERNAL_BIT != 0) {
            (true, _) => UserKind::Guest,
            (false, true) => UserKind::External,
            (false, false) => UserKind::Account,
        }
    }
}

/// Counts the changes of one call or conversation; a command may name the revision it was decided on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// Wall-clock time in milliseconds since 1970, UTC: for people and records, never for media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnixMs(pub u64);

impl UnixMs {
    /// So much later.
    #[must_use]
    pub fn after(self, time: std::time::Duration) -> Self {
        Self(self.0.saturating_add(time.as_millis() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_of_what_kind_its_user_is() {
        for random in [0, 1, 0x1f_ffff_ffff_ffff, u64::MAX] {
            assert_eq!(UserId::guest(random).kind(), UserKind::Guest);
            assert_eq!(UserId::external(random).kind(), UserKind::External);
        }
        assert_eq!(UserId((1 << 53) - 1).kind(), UserKind::Account);
        let ids = [UserId(5), UserId::guest(5), UserId::external(5)];
        assert!(ids.iter().enumerate().all(|(n, id)| ids[..n].iter().all(|other| other != id)));
    }
}
