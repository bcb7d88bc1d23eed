//! A user as the server works with one: identity, rights, teams and queues of this moment.

use interaction::{Permission, Permissions, QueueId, TeamId, UserId};

/// Says that an id is an external customer's, known to a connector: accounts have 53 bits, guests
/// the bit above this one.
pub const EXTERNAL_BIT: u64 = 1 << 62;

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
    pub role: store::Role,
    /// What the user may do.
    pub permissions: Permissions,
    /// The user's teams, by name.
    pub teams: Vec<Membership>,
    /// Agents: the queues they serve. Guests: those they may call. Others: those of their teams.
    pub queues: Vec<QueueRef>,
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

impl User {
    /// An account, from what the store says now.
    pub fn account(
        record: store::User,
        teams: Vec<store::Team>,
        queues: Vec<store::Queue>,
    ) -> Self {
        Self {
            id: UserId(record.id.0),
            username: record.username,
            name: record.name,
            role: record.role,
            permissions: permissions_of(&record.permissions),
            teams: teams
                .into_iter()
                .map(|team| Membership { id: TeamId(team.id.0), name: team.name })
                .collect(),
            queues: queues.into_iter().map(queue_ref).collect(),
        }
    }

    /// A guest, who may place a call to `queues`.
    pub fn guest(id: UserId, name: String, queues: Vec<QueueRef>) -> Self {
        Self {
            id,
            username: String::new(),
            name,
            role: store::Role::Caller,
            permissions: Permissions::NONE.with(Permission::PlaceCalls),
            teams: Vec::new(),
            queues,
        }
    }

    /// A customer for whom the connector of `channel` speaks.
    pub fn external(id: UserId, channel: &str, name: String) -> Self {
        Self {
            id,
            username: channel.to_owned(),
            name,
            role: store::Role::Caller,
            permissions: Permissions::NONE.with(Permission::PlaceCalls),
            teams: Vec::new(),
            queues: Vec::new(),
        }
    }

    /// Whether this is somebody without an account.
    pub fn is_guest(&self) -> bool {
        self.username.is_empty()
    }

    /// Whether the user belongs to `team`.
    pub fn in_team(&self, team: TeamId) -> bool {
        self.teams.iter().any(|membership| membership.id == team)
    }

    /// Whether the user may see and listen to the calls of `team`.
    pub fn supervises(&self, team: TeamId) -> bool {
        self.permissions.may_supervise() && self.in_team(team)
    }
}

/// A queue of the store's.
pub fn queue_ref(queue: store::Queue) -> QueueRef {
    QueueRef {
        id: QueueId(queue.id.0),
        key: queue.key,
        name: queue.name,
        team: TeamId(queue.team.0),
    }
}

/// A permission's name, in the store and on the wire.
pub fn permission_name(permission: Permission) -> &'static str {
    match permission {
        Permission::ViewContactCenterDashboard => "view_contact_center_dashboard",
        Permission::MonitorLiveCalls => "monitor_live_calls",
        Permission::WhisperLiveCalls => "whisper_live_calls",
        Permission::BargeLiveCalls => "barge_live_calls",
        Permission::TakeCalls => "take_calls",
        Permission::PlaceCalls => "place_calls",
        Permission::Administer => "administer",
    }
}

/// The permissions of these names. A name that nobody knows allows nothing.
pub fn permissions_of(names: &[String]) -> Permissions {
    Permission::ALL
        .into_iter()
        .filter(|permission| names.iter().any(|name| name == permission_name(*permission)))
        .collect()
}
