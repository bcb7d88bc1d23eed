//! Who somebody is at this moment: identity, rights, teams and queues.
//!
//! A [`User`] is read afresh for each request, so it says what holds now. Where it is read from
//! (accounts, guests, connectors) is not known here.

use crate::{Authority, Permission, Permissions, QueueId, TeamId, UserId, UserKind};

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountRole {
    /// A customer: with an account, a guest, or known to a connector.
    Caller,
    /// Takes calls and conversations.
    Agent,
    /// Supervises them.
    Supervisor,
    /// Manages accounts and settings.
    Admin,
}

/// A user at the moment of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Who it is.
    pub id: UserId,
    /// The account's name; empty for a guest.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// The account's role.
    pub role: AccountRole,
    /// What the user may do.
    pub permissions: Permissions,
    /// The user's teams, by name.
    pub teams: Vec<Membership>,
    /// Agents: the queues they serve. Guests: those they may call. Others: those of their teams.
    pub queues: Vec<QueueRef>,
    /// What entitles the user to act; nothing, if they were only looked up.
    pub authority: Authority,
}

/// A team that the user belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The team.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// A queue, as far as it concerns a user.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRef {
    /// The queue.
    pub id: QueueId,
    /// The key used in the API: `support`.
    pub key: String,
    /// The name shown.
    pub name: String,
    /// The owning team.
    pub team: TeamId,
}

impl AccountRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Caller, Self::Agent, Self::Supervisor, Self::Admin];

    /// The role's name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

impl User {
    /// A guest, who may place a call to `queues`.
    pub fn guest(id: UserId, name: String, queues: Vec<QueueRef>) -> Self {
        Self {
            id,
            username: String::new(),
            name,
            role: AccountRole::Caller,
            permissions: Permissions::NONE.with(Permission::PlaceCalls),
            teams: Vec::new(),
            queues,
            authority: Authority::LookedUp,
        }
    }

    /// A customer for whom the connector of `channel` speaks.
    pub fn external(id: UserId, channel: &str, name: String) -> Self {
        Self {
            id,
            username: channel.to_owned(),
            name,
            role: AccountRole::Caller,
            permissions: Permissions::NONE.with(Permission::PlaceCalls),
            teams: Vec::new(),
            queues: Vec::new(),
            authority: Authority::Connector,
        }
    }

    /// Whether this is somebody without an account.
    pub fn is_guest(&self) -> bool {
        self.id.kind() == UserKind::Guest
    }

    /// Whether the user belongs to `team`.
    pub fn in_team(&self, team: TeamId) -> bool {
        self.teams.iter().any(|membership| membership.id == team)
    }

    /// Whether the user may see and listen to the calls of `team`.
    pub fn supervises(&self, team: TeamId) -> bool {
        self.permissions.may_supervise() && self.in_team(team)
    }

    /// The teams whose calls and conversations the user may see and supervise, in rising order.
    pub fn supervised_teams(&self) -> impl Iterator<Item = TeamId> + '_ {
        let mut teams: Vec<TeamId> = self.teams.iter().map(|membership| membership.id).collect();
        teams.retain(|team| self.supervises(*team));
        teams.sort_unstable();
        teams.into_iter()
    }
}
