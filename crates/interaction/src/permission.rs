//! Rights: what a user may do at all, before any call is looked at.

use crate::Rights;

/// One right. The names on the wire are those of the variants in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Permission {
    /// See the live dashboard.
    ViewContactCenterDashboard,
    /// Listen to live calls.
    MonitorLiveCalls,
    /// Whisper on a call that one listens to.
    WhisperLiveCalls,
    /// Barge into a call that one listens to, and take it over.
    BargeLiveCalls,
    /// Take calls as an agent.
    TakeCalls,
    /// Place a call as a caller.
    PlaceCalls,
    /// Change settings and accounts.
    Administer,
    /// Read who supervised whom: the report of supervision.
    ReadAudit,
}

/// A set of [`Permission`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u16);

impl Permission {
    /// Every permission, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::ViewContactCenterDashboard,
        Self::MonitorLiveCalls,
        Self::WhisperLiveCalls,
        Self::BargeLiveCalls,
        Self::TakeCalls,
        Self::PlaceCalls,
        Self::Administer,
        Self::ReadAudit,
    ];
}

impl Permissions {
    /// Nothing allowed.
    pub const NONE: Self = Self(0);

    /// Adds one permission.
    #[must_use]
    pub fn with(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u8)
    }

    /// Whether `permission` is in the set.
    pub fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// Whether calls of one's teams may be seen and listened to: it takes both rights.
    pub fn may_supervise(self) -> bool {
        self.has(Permission::ViewContactCenterDashboard) && self.has(Permission::MonitorLiveCalls)
    }

    /// The modes beyond Listen; none for somebody who may not supervise at all.
    pub fn rights(self) -> Rights {
        let supervise = self.may_supervise();
        Rights {
            whisper: supervise && self.has(Permission::WhisperLiveCalls),
            barge: supervise && self.has(Permission::BargeLiveCalls),
        }
    }

    /// The permissions in the set.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.has(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, Self::with)
    }
}
