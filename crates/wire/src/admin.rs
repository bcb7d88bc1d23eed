//! What administrators see and change, and canned replies. Everything that two administrators
//! could change at the same time has a `revision`: a change names the one it was made on.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{Brand, Permission, Role, UserRef};

/// `GET /admin/users`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AdminUserList {
    /// Every account, by name.
    pub users: Vec<AdminUser>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AdminUser {
    /// Opaque id.
    pub id: String,
    /// What one signs in with.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// The role.
    pub role: Role,
    /// What the user may do.
    pub permissions: Vec<Permission>,
    /// The teams, by id.
    pub teams: Vec<String>,
    /// The queues that an agent serves, by key.
    pub queues: Vec<String>,
    /// The skills, by id.
    pub skills: Vec<String>,
    /// Switched off: can't sign in.
    pub disabled: bool,
    /// Counts the account's changes.
    #[ts(type = "number")]
    pub revision: u64,
}

/// `POST /admin/users`, `PUT /admin/users/{id}`: the account as it shall be.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveUser {
    /// What one signs in with, 1–80 characters.
    pub username: String,
    /// The name that others see, 1–80 characters.
    pub name: String,
    /// The role.
    pub role: Role,
    /// What the user may do.
    pub permissions: Vec<Permission>,
    /// The teams, by id.
    pub teams: Vec<String>,
    /// The queues that an agent serves, by key; empty for others.
    pub queues: Vec<String>,
    /// The skills, by id.
    pub skills: Vec<String>,
    /// Switched off: can't sign in.
    pub disabled: bool,
    /// A new password, 8–256 bytes; it ends the sign-ins. Needed for a new account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub password: Option<String>,
    /// The revision that is changed; absent for a new account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
}

/// `GET /admin/teams`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AdminTeamList {
    /// Every team, by name.
    pub teams: Vec<AdminName>,
}

/// A team or a skill.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AdminName {
    /// Opaque id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Counts its changes.
    #[ts(type = "number")]
    pub revision: u64,
}

/// `POST /admin/teams`, `PUT /admin/teams/{id}`, and the same for skills.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveName {
    /// The name, 1–80 characters.
    pub name: String,
    /// The revision that is changed; absent for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
}

/// `GET` and `PUT /admin/brand`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct BrandView {
    /// The choices.
    pub brand: Brand,
    /// Counts their changes; 0: nobody has chosen yet.
    #[ts(type = "number")]
    pub revision: u64,
}

/// `GET /admin/skills`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AdminSkillList {
    /// Every skill, by name.
    pub skills: Vec<AdminName>,
}

/// `GET` and `PUT /admin/whisper-rule`: who may write private messages.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct WhisperRuleView {
    /// Agents may.
    pub agents: bool,
    /// Colleagues who were tagged in may.
    pub colleagues: bool,
    /// Supervisors with the permission may.
    pub supervisors: bool,
    /// One of these skills is needed, by id; empty: none.
    pub skills: Vec<String>,
    /// Counts the rule's changes.
    #[ts(type = "number")]
    pub revision: u64,
}

/// `GET` and `PUT /admin/policies`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct PoliciesView {
    /// The choices.
    pub policies: Policies,
    /// Counts their changes; 0: as the server was started.
    #[ts(type = "number")]
    pub revision: u64,
}

/// Choices for the whole centre. Calls and conversations that go on keep those they began with.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Agents are told when somebody only listens.
    pub notify_agent_on_listen: bool,
    /// Supervisors on the same call hear each other's whispers.
    pub supervisors_hear_whispers: bool,
    /// The coached agent hears a beep at each Whisper.
    pub whisper_beep: bool,
    /// The caller hears the barge tone.
    pub barge_tone_caller: bool,
    /// The agents hear the barge tone.
    pub barge_tone_agents: bool,
    /// A caller on hold hears a tone.
    pub hold_tone: bool,
    /// Agents whose call a supervisor has taken over hear on what is said; true, if left out.
    #[serde(default = "yes")]
    pub agents_hear_take_over: bool,
    /// The caller's level for an agent who is being coached, −30 to 0 dB.
    pub duck_db: i16,
    /// How long a call rings at one agent, 1–300 s.
    pub ring_timeout_s: u32,
    /// How long a call waits for an answer, 10–3600 s.
    pub call_wait_s: u32,
    /// Conversations that an agent may hold, 1–20.
    pub conversations_per_agent: u32,
    /// How long a conversation is offered to one agent, 5–300 s.
    pub offer_timeout_s: u32,
    /// How long a new conversation waits, 10–86400 s.
    pub conversation_wait_s: u32,
    /// How long a transfer or a request for a conference waits, 10–3600 s.
    pub handover_wait_s: u32,
    /// Messages that one person may write in a minute, 5–600.
    pub messages_per_minute: u32,
    /// For how long an agent who was on a call is offered nothing, to write it up, 0–900 s; 0: not at all. Left
    /// out of a change: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "number")]
    pub after_call_s: Option<u32>,
}

fn yes() -> bool {
    true
}

/// `GET /replies` (agents: those of their queues, and general ones), `GET /admin/replies` (all).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CannedReplyList {
    /// By title.
    pub replies: Vec<CannedReply>,
}

/// A text that agents send with a click.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CannedReply {
    /// Opaque id.
    pub id: String,
    /// What agents find it by.
    pub title: String,
    /// The text.
    pub text: String,
    /// Only for conversations of this queue, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// Counts its changes.
    #[ts(type = "number")]
    pub revision: u64,
}

/// `POST /admin/replies`, `PUT /admin/replies/{id}`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveReply {
    /// What agents find it by, 1–80 characters.
    pub title: String,
    /// The text, 1–4,000 characters.
    pub text: String,
    /// Only for conversations of this queue, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// The revision that is changed; absent for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
}

/// `GET /admin/audit?kind=…&search=…&before=…`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// For `before` of the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub next: Option<u64>,
}

/// One change by an administrator.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AuditEntry {
    /// Counts up by one.
    #[ts(type = "number")]
    pub position: u64,
    /// When, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// Who.
    pub actor: UserRef,
    /// What became of it.
    pub action: AuditAction,
    /// What kind of thing it is.
    pub kind: AuditKind,
    /// What people called it then.
    pub subject: String,
    /// What it was, in words: teams and skills by name. Never a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "Record<string, unknown>")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// What it is since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "Record<string, unknown>")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
}

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// It was made.
    Created,
    /// It was changed.
    Changed,
    /// It was deleted.
    Deleted,
}

/// What administrators change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// An account.
    User,
    /// A team.
    Team,
    /// A queue.
    Queue,
    /// A skill.
    Skill,
    /// Who may whisper in text.
    WhisperRule,
    /// Choices for the whole centre.
    Policies,
    /// A canned reply.
    Reply,
    /// How the centre presents itself.
    Brand,
}

/// `GET /admin/telephony`: how the trunks and lines of the telephone side are.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TelephonyView {
    /// Trunks.
    pub trunks: Vec<TelephonyWay>,
    /// Lines, by their extensions.
    pub lines: Vec<TelephonyWay>,
}

/// A trunk, or a line.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TelephonyWay {
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: TelephonyWayState,
    /// Since when it is so, Unix ms; absent: since the server began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub since: Option<u64>,
    /// When it answered last, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub answered_at: Option<u64>,
    /// What it said last, as SIP's status; 408 if it said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub status: Option<u16>,
    /// Until when a line is registered, unless it is renewed, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub registered_until: Option<u64>,
}

/// How a trunk or line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum TelephonyWayState {
    /// Nothing is sent there but answers, so nobody knows.
    NotAsked,
    /// It was asked, and has not answered yet.
    Unknown,
    /// A trunk answers; a line is registered.
    Up,
    /// A trunk does not answer, or not well; a line is not registered.
    Down,
}
