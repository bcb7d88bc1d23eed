//! A user read from the store: identity, rights, teams and queues of this moment.

use interaction::{
    Authority, Membership, Permission, Permissions, QueueId, QueueRef, TeamId, User, UserId,
};

/// An account, from what the store says now.
pub fn account(record: store::User, teams: Vec<store::Team>, queues: Vec<store::Queue>) -> User {
    User {
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
        authority: Authority::LookedUp,
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
        Permission::ReadAudit => "read_audit",
    }
}

/// The permissions of these names. A name that nobody knows allows nothing.
pub fn permissions_of(names: &[String]) -> Permissions {
    Permission::ALL
        .into_iter()
        .filter(|permission| names.iter().any(|name| name == permission_name(*permission)))
        .collect()
}
