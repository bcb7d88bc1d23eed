//! What each permission keeps open, as a table: whoever loses a permission loses what it kept.
//!
//! The sweep of the control plane enforces it, and `docs/operations.md` says it to administrators.

use crate::{Permission, Permissions};

/// Something that goes on in a user's name and ends when a permission is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Open {
    /// Listening to a call or reading a conversation as a supervisor. Ends at once.
    Supervision,
    /// Whispering. Falls back to Listen.
    Whisper,
    /// Barging in and taking over. Falls back to Listen.
    Barge,
    /// Being offered calls and conversations. What is offered goes on to the next agent.
    Offers,
    /// An agent's part in a call. The agent leaves it; the last one's leaving ends the call.
    AgentLeg,
    /// An agent's part in a conversation. The agent leaves it, and it waits for another one.
    AgentPart,
}

impl Open {
    /// Everything that a permission may keep open.
    pub const ALL: [Self; 6] = [
        Self::Supervision,
        Self::Whisper,
        Self::Barge,
        Self::Offers,
        Self::AgentLeg,
        Self::AgentPart,
    ];

    /// Whether it may stay open for somebody with these permissions: only while they hold every
    /// permission that keeps it.
    pub fn may_stay(self, permissions: Permissions) -> bool {
        let mut keepers = Permission::ALL.into_iter().filter(|it| keeps_open(*it).contains(&self));
        keepers.all(|keeper| permissions.has(keeper))
    }
}

/// What ends when `permission` is taken.
pub const fn keeps_open(permission: Permission) -> &'static [Open] {
    match permission {
        Permission::ViewContactCenterDashboard | Permission::MonitorLiveCalls => {
            &[Open::Supervision, Open::Whisper, Open::Barge]
        }
        Permission::WhisperLiveCalls => &[Open::Whisper],
        Permission::BargeLiveCalls => &[Open::Barge],
        Permission::TakeCalls => &[Open::Offers, Open::AgentLeg, Open::AgentPart],
        // A customer's running call and conversation go on to their end; no new one begins.
        Permission::PlaceCalls => &[],
        // Nothing of these stays open: each request asks for the right.
        Permission::Administer | Permission::ReadAudit => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_set() -> impl Iterator<Item = Permissions> {
        (0..1_u32 << Permission::ALL.len()).map(|bits| {
            let held = |(index, _): &(usize, Permission)| bits & (1 << index) != 0;
            Permission::ALL.into_iter().enumerate().filter(held).map(|(_, it)| it).collect()
        })
    }

    #[test]
    fn the_table_and_the_rights_say_the_same() {
        for set in every_set() {
            assert_eq!(Open::Supervision.may_stay(set), set.may_supervise(), "{set:?}");
            assert_eq!(Open::Whisper.may_stay(set), set.rights().whisper, "{set:?}");
            assert_eq!(Open::Barge.may_stay(set), set.rights().barge, "{set:?}");
            for open in [Open::Offers, Open::AgentLeg, Open::AgentPart] {
                assert_eq!(open.may_stay(set), set.has(Permission::TakeCalls), "{set:?}");
            }
        }
    }

    #[test]
    fn everything_is_kept_open_by_something() {
        for open in Open::ALL {
            assert!(!open.may_stay(Permissions::NONE), "{open:?}");
            assert!(open.may_stay(Permission::ALL.into_iter().collect()), "{open:?}");
        }
    }
}
