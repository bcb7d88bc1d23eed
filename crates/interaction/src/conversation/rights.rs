//! Who may whisper, barge and take over in text: permissions, narrowed by role and skill.

use crate::{Permissions, Rights, SkillId};

/// What somebody of the centre is to a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaffRole {
    /// Takes conversations.
    Agent,
    /// Was tagged in.
    Colleague,
    /// Supervises the team.
    Supervisor,
}

/// Who may write private messages. Default: every role, no skill needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhisperRule {
    /// Agents may.
    pub agents: bool,
    /// Colleagues who were tagged in may.
    pub colleagues: bool,
    /// Supervisors with the permission may.
    pub supervisors: bool,
    /// One of these skills is needed; empty: none.
    pub skills: Vec<SkillId>,
}

impl Default for WhisperRule {
    fn default() -> Self {
        Self { agents: true, colleagues: true, supervisors: true, skills: Vec::new() }
    }
}

/// What somebody may do in a conversation. Supervisors need the permissions that they need on a
/// call; agents and colleagues never barge, nor take over: an agent writes to the customer anyway, a colleague
/// has to be asked in.
pub fn text_rights(
    role: StaffRole,
    permissions: Permissions,
    skills: &[SkillId],
    rule: &WhisperRule,
) -> Rights {
    let skilled = rule.skills.is_empty() || rule.skills.iter().any(|it| skills.contains(it));
    match role {
        StaffRole::Agent => Rights { whisper: rule.agents && skilled, barge: false },
        StaffRole::Colleague => Rights { whisper: rule.colleagues && skilled, barge: false },
        StaffRole::Supervisor => {
            let own = permissions.rights();
            Rights { whisper: own.whisper && rule.supervisors && skilled, barge: own.barge }
        }
    }
}
