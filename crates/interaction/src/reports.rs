//! Whose interactions a report is made of: the one rule, for every report.
//!
//! | the report | who may read it | of which teams |
//! |---|---|---|
//! | help requests, calls | who administers | all |
//! | | who supervises | those that they supervise |
//! | supervision | who has [`Permission::ReadAudit`] and administers | all |
//! | | who has [`Permission::ReadAudit`] | those that they belong to |
//!
//! Default deny: nobody else reads any. Nobody learns from a report who listened to themself; that
//! is [`names_reader`]'s, and holds whatever the rights.

use crate::people::User;
use crate::{Permission, TeamId, UserId};

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Help that agents asked for.
    Help,
    /// Calls: how they were offered, answered and held.
    Calls,
    /// Who supervised whom.
    Supervision,
}

/// Whose interactions somebody's report is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All teams', and those of no team.
    Centre,
    /// These teams'.
    Teams(Vec<TeamId>),
}

/// What `user` may read of a report at this moment.
///
/// # Errors
/// The permission that is missing.
pub fn report_scope(user: &User, report: Report) -> Result<Scope, Permission> {
    let administers = user.permissions.has(Permission::Administer);
    match report {
        Report::Help | Report::Calls if administers => Ok(Scope::Centre),
        Report::Help | Report::Calls if user.permissions.may_supervise() => {
            Ok(Scope::Teams(user.supervised_teams().collect()))
        }
        Report::Help | Report::Calls => Err(Permission::ViewContactCenterDashboard),
        Report::Supervision if !user.permissions.has(Permission::ReadAudit) => {
            Err(Permission::ReadAudit)
        }
        Report::Supervision if administers => Ok(Scope::Centre),
        Report::Supervision => {
            Ok(Scope::Teams(user.teams.iter().map(|membership| membership.id).collect()))
        }
    }
}

/// Whether the reader is among the agents of a line of the report of supervision, which is then not
/// for them.
pub fn names_reader(reader: UserId, agents: impl IntoIterator<Item = UserId>) -> bool {
    agents.into_iter().any(|agent| agent == reader)
}

impl Scope {
    /// The same, narrowed to one team; `None`: that team is not in it.
    #[must_use]
    pub fn within(self, team: TeamId) -> Option<Self> {
        self.has(&[team]).then(|| Self::Teams(vec![team]))
    }

    /// Whether something of these teams is in it. What is of no team is the whole centre's alone.
    pub fn has(&self, teams: &[TeamId]) -> bool {
        match self {
            Self::Centre => true,
            Self::Teams(own) => teams.iter().any(|team| own.contains(team)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Authority, Membership, Permissions};

    const SUPPORT: TeamId = TeamId(1);
    const SALES: TeamId = TeamId(2);

    fn user(permissions: &[Permission]) -> User {
        let teams = vec![Membership { id: SUPPORT, name: "Support".to_owned() }];
        let permissions: Permissions = permissions.iter().copied().collect();
        let guest = User::guest(UserId(7), "Sam".to_owned(), Vec::new());
        User { teams, permissions, authority: Authority::LookedUp, ..guest }
    }

    #[test]
    fn each_set_of_rights_reads_what_the_table_says() {
        use Permission::{Administer, MonitorLiveCalls, ReadAudit, ViewContactCenterDashboard};
        for bits in 0..1_u32 << Permission::ALL.len() {
            let held: Vec<Permission> = Permission::ALL
                .into_iter()
                .enumerate()
                .filter(|(index, _)| bits & (1 << index) != 0)
                .map(|(_, permission)| permission)
                .collect();
            let has = |permission| held.contains(&permission);
            let own = Scope::Teams(vec![SUPPORT]);
            let calls =
                match (has(Administer), has(ViewContactCenterDashboard) && has(MonitorLiveCalls)) {
                    (true, _) => Some(Scope::Centre),
                    (false, true) => Some(own.clone()),
                    (false, false) => None,
                };
            let supervision = match (has(ReadAudit), has(Administer)) {
                (true, true) => Some(Scope::Centre),
                (true, false) => Some(own),
                (false, _) => None,
            };
            let user = user(&held);
            assert_eq!(report_scope(&user, Report::Help).ok(), calls, "{held:?}");
            assert_eq!(report_scope(&user, Report::Calls).ok(), calls, "{held:?}");
            assert_eq!(report_scope(&user, Report::Supervision).ok(), supervision, "{held:?}");
        }
    }

    #[test]
    fn a_scope_has_its_own_teams_alone() {
        let own = Scope::Teams(vec![SUPPORT]);
        assert!(own.has(&[SALES, SUPPORT]) && !own.has(&[SALES]) && !own.has(&[]));
        assert!(Scope::Centre.has(&[]));
        assert_eq!(own.clone().within(SALES), None);
        assert_eq!(Scope::Centre.within(SALES), Some(Scope::Teams(vec![SALES])));
        assert!(names_reader(UserId(1), [UserId(2), UserId(1)]) && !names_reader(UserId(1), []));
    }
}
