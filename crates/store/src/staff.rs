//! The people who work in the centre: everybody with an account who is no customer.

use sqlx::Row;

use crate::account::Role;
use crate::ids::StoredId as _;
use crate::{Store, StoreError, TeamId, UserId};

/// Somebody who works here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRecord {
    /// The account.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// Agent, supervisor or admin.
    pub role: Role,
    /// The teams, in no particular order.
    pub teams: Vec<TeamId>,
}

impl Store {
    /// Everybody who works here and whose account is not switched off, by name.
    pub async fn staff(&self) -> Result<Vec<StaffRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT users.id, name, role, COALESCE(team_id, 0) AS team FROM users \
             LEFT JOIN team_members ON team_members.user_id = users.id \
             WHERE role <> 'caller' AND disabled = 0 ORDER BY name, users.id, team",
        )
        .fetch_all(&self.reads)
        .await?;
        let mut staff: Vec<StaffRecord> = Vec::new();
        for row in &rows {
            let id = UserId::from_column(row.try_get("id")?);
            // The rows of one user follow each other.
            if staff.last().is_none_or(|last| last.id != id) {
                let name = row.try_get("name")?;
                let role = crate::account::role_named(row.try_get("role")?)?;
                staff.push(StaffRecord { id, name, role, teams: Vec::new() });
            }
            let team: i64 = row.try_get("team")?;
            if let Some(member) = staff.last_mut().filter(|_| team != 0) {
                member.teams.push(TeamId::from_column(team));
            }
        }
        Ok(staff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Location, NewUser};

    #[tokio::test]
    async fn everybody_who_works_here_is_staff_once_with_all_teams() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Directory(directory.path().to_owned())).await.unwrap();
        let (one, two) =
            (store.ensure_team("One").await.unwrap(), store.ensure_team("Two").await.unwrap());
        let mut ids = Vec::new();
        for (username, role) in
            [("b", Role::Agent), ("a", Role::Admin), ("c", Role::Caller), ("d", Role::Supervisor)]
        {
            let new = NewUser { username, name: username, password: "x", role, permissions: &[] };
            ids.push(store.create_user(new).await.unwrap());
        }
        store.join_team(one, ids[0]).await.unwrap();
        store.join_team(two, ids[0]).await.unwrap();
        store.set_disabled(ids[3], true).await.unwrap();
        let staff = store.staff().await.unwrap();
        let names: Vec<&str> = staff.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["a", "b"], "no customer, and nobody who is switched off");
        assert!(staff[0].teams.is_empty());
        assert!(staff[1].teams.len() == 2 && staff[1].teams.contains(&two));
    }
}
