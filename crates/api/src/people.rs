//! People, their rights and queues in the API's words.

use interaction::Permission;

use accounts::{QueueRef, User};

/// A user as the user sees themself.
pub fn user_view(user: &User) -> wire::User {
    wire::User {
        id: user.id.to_string(),
        username: user.username.clone(),
        name: user.name.clone(),
        role: role_view(user.role),
        permissions: user.permissions.iter().map(permission_view).collect(),
        teams: user
            .teams
            .iter()
            .map(|team| wire::Named { id: team.id.to_string(), name: team.name.clone() })
            .collect(),
        queues: user.queues.iter().map(queue_view).collect(),
    }
}

/// A queue as the API shows it.
pub fn queue_view(queue: &QueueRef) -> wire::Queue {
    wire::Queue { id: queue.key.clone(), name: queue.name.clone(), team: queue.team.to_string() }
}

pub(super) fn role_view(role: store::Role) -> wire::Role {
    match role {
        store::Role::Caller => wire::Role::Caller,
        store::Role::Agent => wire::Role::Agent,
        store::Role::Supervisor => wire::Role::Supervisor,
        store::Role::Admin => wire::Role::Admin,
    }
}

pub(super) fn permission_view(permission: Permission) -> wire::Permission {
    match permission {
        Permission::ViewContactCenterDashboard => wire::Permission::ViewContactCenterDashboard,
        Permission::MonitorLiveCalls => wire::Permission::MonitorLiveCalls,
        Permission::WhisperLiveCalls => wire::Permission::WhisperLiveCalls,
        Permission::BargeLiveCalls => wire::Permission::BargeLiveCalls,
        Permission::TakeCalls => wire::Permission::TakeCalls,
        Permission::PlaceCalls => wire::Permission::PlaceCalls,
        Permission::Administer => wire::Permission::Administer,
        Permission::ReadAudit => wire::Permission::ReadAudit,
    }
}
