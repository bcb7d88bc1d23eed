//! Who may do what in conversations: rights by role and skill, whom one may tag in, and what
//! follows when rights change.

use interaction::conversation::{Command, PartKind, Reader, StaffRole};
use interaction::{ConversationId, Permission, Rights, UserId};

use super::error::{SuperviseError, TagError, TaggableError};
use crate::Orchestrator;
use crate::error::{Lacks, NotAllowed, NotFound, Unread};
use accounts::User;

impl Orchestrator {
    /// Tags a colleague in, who is told and reads along.
    ///
    /// # Errors
    /// No such conversation or colleague, or it refuses.
    pub async fn tag(&self, user: &User, id: ConversationId, whom: UserId) -> Result<(), TagError> {
        self.text_viewer(user, id)?;
        let colleague = self.colleague(user, whom).await?;
        let rights = self.text_rights(&colleague, StaffRole::Colleague).await?;
        self.learn_in(id, &colleague);
        self.converse(user, id, Command::Tag { user: whom, rights }).await?;
        Ok(())
    }

    pub(super) fn may_oversee(
        &self,
        user: &User,
        id: ConversationId,
    ) -> Result<(), SuperviseError> {
        let viewer = self.text_viewer(user, id)?;
        match viewer.reader {
            Reader::Supervisor | Reader::Overseer => Ok(()),
            Reader::Colleague if self.oversees(user, id) => Ok(()),
            Reader::Requester | Reader::Agent | Reader::Colleague | Reader::Offered => {
                Err(Lacks(Permission::MonitorLiveCalls).into())
            }
        }
    }

    pub(super) fn oversees(&self, user: &User, id: ConversationId) -> bool {
        let live = self.live();
        let record = live.text().get(id);
        record.is_some_and(|record| record.teams.iter().any(|team| user.supervises(*team)))
    }

    /// Rights changed, or somebody signed out: what they may do in their conversations follows.
    /// `user` is who they are now, `None` nobody any more.
    pub(crate) async fn text_rights_changed(&self, id: UserId, user: Option<&User>) {
        let works_in = self.live().text().works_in(id);
        for conversation in works_in {
            let role = {
                let live = self.live();
                let Some(record) = live.text().get(conversation) else { continue };
                let Some(member) = record.state.member(id) else { continue };
                let oversees =
                    |user: &&User| record.teams.iter().any(|team| user.supervises(*team));
                match member.part.kind() {
                    PartKind::Requester => continue,
                    // Who may not work here any more has left it already, or is leaving.
                    PartKind::Agent => user.map(|user| (user, StaffRole::Agent)),
                    PartKind::Colleague => user.map(|user| (user, StaffRole::Colleague)),
                    PartKind::Supervisor => {
                        user.filter(oversees).map(|user| (user, StaffRole::Supervisor))
                    }
                }
            };
            let rights = match role {
                // Rights that can't be read are none.
                Some((user, role)) => Some(self.text_rights(user, role).await.unwrap_or_default()),
                None => None,
            };
            self.converse_as_server(conversation, Command::SetRights { user: id, rights }).await;
        }
    }

    /// The rule of who may whisper is another: it holds in the conversations that go on, too.
    pub(crate) async fn whisper_rule_changed(&self) {
        let staff = self.live().text().staff();
        for id in staff {
            // Of somebody who can't be read the old rights hold: nobody loses a conversation.
            if let Ok(user) = self.auth().load(id).await {
                self.text_rights_changed(id, user.as_ref()).await;
            }
        }
    }

    /// What the user may do in conversations in this role, by rights, skills and the centre's rule.
    pub(super) async fn text_rights(&self, user: &User, role: StaffRole) -> Result<Rights, Unread> {
        let skills = self.store().skills_of(store::UserId(user.id.0)).await?;
        let skills: Vec<_> = skills.iter().map(|it| interaction::SkillId(it.0)).collect();
        let rule = self.settings().whisper_rule();
        Ok(interaction::conversation::text_rights(role, user.permissions, &skills, &rule))
    }

    /// Whom the user can tag in: the people of their teams, by name.
    ///
    /// # Errors
    /// A customer's asking.
    pub async fn taggable(&self, user: &User) -> Result<Vec<(UserId, String)>, TaggableError> {
        if user.role == store::Role::Caller {
            return Err(NotAllowed("Only staff can bring colleagues in.").into());
        }
        let mut staff = self.store().staff().await?;
        staff.retain(|it| {
            let shared = it.teams.iter().any(|team| user.in_team(interaction::TeamId(team.0)));
            shared && it.id.0 != user.id.0
        });
        let refer = |it: store::StaffRecord| (UserId(it.id.0), it.name);
        Ok(staff.into_iter().map(refer).collect())
    }

    /// Somebody of the user's own teams.
    pub(super) async fn colleague(&self, user: &User, whom: UserId) -> Result<User, NotFound> {
        let found = self.auth().load(whom).await.ok().flatten();
        found
            .filter(|it| it.role != store::Role::Caller && it.id != user.id)
            .filter(|it| it.teams.iter().any(|team| user.in_team(team.id)))
            .ok_or(NotFound("colleague"))
    }
}
