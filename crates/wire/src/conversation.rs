//! Conversations: what may be asked of them, and what their readers see.
//!
//! A requester's view counts nothing that is private: their messages have numbers of their own,
//! and the fields marked "staff only" are absent.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{HandoverView, Mode, UserRef};

/// `POST /conversations`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct OpenConversation {
    /// The queue's key.
    pub queue: String,
    /// What it is about, ≤ 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub subject: Option<String>,
    /// A random id that a guest's browser keeps, 32 hexadecimal digits in lower case: by it staff find the browser's
    /// other conversations. It gives no rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub visitor: Option<String>,
}

/// `POST /conversations/{id}/accept`, `/decline`: which offer is meant.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct OfferAnswer {
    /// The request; absent: the conversation itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub handover: Option<String>,
}

/// `POST /conversations/{id}/messages`. The same `client_id` again is the same message: a retry is
/// harmless.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    /// The text, ≤ 4,000 characters; may be empty if something is attached.
    pub text: String,
    /// Who it is for.
    pub visibility: Visibility,
    /// The client's own id of this message, 1–64 characters; best a UUID.
    pub client_id: String,
    /// Ids of uploads, ≤ 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub attachments: Vec<String>,
}

/// Who a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody in the conversation.
    Public,
    /// Staff: "Message only visible internally".
    Private,
}

/// The answer to a message that was sent: it is kept.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct MessageReceipt {
    /// Its number in the author's eyes.
    #[ts(type = "number")]
    pub number: u64,
    /// Its place among the public ones; absent for a private message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub public: Option<u64>,
    /// When it was kept, Unix ms; for a retry, when it first was.
    #[ts(type = "number")]
    pub at: u64,
}

/// `POST /conversations/{id}/typing`. Typing in private reaches nobody.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct TypingRequest {
    /// In which tab.
    pub visibility: Visibility,
    /// Typing, or stopped.
    pub typing: bool,
}

/// `PUT /conversations/{id}/marks`: how far public messages got. Of readers who are neither the
/// customer nor an agent nothing is noted.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct MarkRequest {
    /// How far.
    pub kind: MarkKind,
    /// Up to this public place.
    #[ts(type = "number")]
    pub up_to: u64,
}

/// How far public messages got at somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// They reached a device.
    Delivered,
    /// They were looked at.
    Read,
}

/// `PUT /conversations/{id}/supervision`: begins to supervise, or changes the mode.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SupervisionRequest {
    /// The wanted mode. Supervision begins with `listen`.
    pub mode: Mode,
    /// "Yes, I'm sure": needed for the first step into `barge`, of which everybody is told, and for a
    /// `take_over` that does not follow on `barge`.
    #[serde(default)]
    pub announce: bool,
    /// The revision on which the decision was made; 409 when it is another now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
}

/// The answer to a change of supervision: what now holds at the server.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct SupervisionState {
    /// The mode.
    pub mode: Mode,
    /// The conversation's revision.
    #[ts(type = "number")]
    pub revision: u64,
}

/// `POST /conversations/{id}/colleagues`: tags somebody in (`@name`).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct TagRequest {
    /// The colleague's user id.
    pub user: String,
}

/// `GET /colleagues`: whom one can tag in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ColleagueList {
    /// The people of one's teams, by name, without oneself.
    pub colleagues: Vec<UserRef>,
}

/// A conversation as its viewer may see it; its messages are paged apart.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ConversationView {
    /// Opaque id.
    pub id: String,
    /// Where it stands.
    pub state: ConversationPhase,
    /// How the customer's messages come and go: `web_chat`, `voice` (beside a call), or a
    /// connector's name.
    pub channel: String,
    /// The call that it stands beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub call: Option<String>,
    /// The queue's key; absent for one straight to an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// The customer.
    pub requester: UserRef,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub subject: Option<String>,
    /// Who is in it, as far as the viewer may know.
    pub members: Vec<MemberView>,
    /// Messages that the viewer may read.
    #[ts(type = "number")]
    pub messages: u64,
    /// How far public messages got.
    pub marks: Vec<MarkView>,
    /// While it is handed over: the name of the queue or agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub transferring_to: Option<String>,
    /// When it was opened, Unix ms.
    #[ts(type = "number")]
    pub opened_at: u64,
    /// When the first agent came, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub answered_at: Option<u64>,
    /// What the viewer may do here besides reading.
    pub may: ConversationRights,
    /// The help request; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub help: Option<HelpRequestView>,
    /// Requests that wait for an agent; staff only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<HandoverView>>")]
    pub handovers: Vec<HandoverView>,
    /// The mood of the customer's last messages; staff only, if the queue has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mood: Option<MoodView>,
    /// The customer's place in the queue, 1 for the next one; to the customer alone, where the queue has it switched
    /// on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub place: Option<u32>,
    /// Counts changes of who is there; supervisors only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
    /// How it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub end_reason: Option<ConversationEnd>,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConversationPhase {
    /// Waits for an agent.
    Waiting,
    /// An agent is in it.
    Active,
    /// Handed over, and nobody has taken it yet.
    Parked,
    /// Over.
    Ended,
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConversationEnd {
    /// The customer left.
    Requester,
    /// An agent ended it, or the last one left.
    Agent,
    /// "No agents were available".
    NoAgents,
    /// The server ended it.
    Server,
}

/// What the viewer may do in a conversation at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct ConversationRights {
    /// Write to everybody.
    pub write_public: bool,
    /// Write to staff; absent: no. Never there for a customer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub write_private: bool,
    /// Have the external transcript.
    pub transcript: bool,
}

/// Somebody in a conversation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct MemberView {
    /// User id.
    pub user: String,
    /// The name shown.
    pub name: String,
    /// As what.
    pub part: MemberPart,
    /// A supervisor's mode; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mode: Option<Mode>,
    /// Since when the viewer may know of them, Unix ms.
    #[ts(type = "number")]
    pub since: u64,
}

/// As what somebody takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum MemberPart {
    /// The customer.
    Requester,
    /// Answers the customer.
    Agent,
    /// Was tagged in.
    Colleague,
    /// Supervises.
    Supervisor,
}

/// How far public messages got at one member.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct MarkView {
    /// User id.
    pub user: String,
    /// How far.
    pub kind: MarkKind,
    /// Up to this public place.
    #[ts(type = "number")]
    pub up_to: u64,
}

/// A message as its viewer may see it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct MessageView {
    /// Its number in the viewer's eyes, from 1 and without gaps: a gap is a lost message.
    #[ts(type = "number")]
    pub number: u64,
    /// Its place among the public ones, for marks; absent: the message is private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub public: Option<u64>,
    /// Who wrote it.
    pub author: UserRef,
    /// As what.
    pub part: MemberPart,
    /// When, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// The text, as it was written: plain, to be escaped.
    pub text: String,
    /// What is attached.
    pub attachments: Vec<AttachmentView>,
    /// The author's own id; told to the author only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub client_id: Option<String>,
    /// Why it never reaches the customer, who writes at another channel; to staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub delivery_failure: Option<DeliveryFailureView>,
}

/// Why a message never reaches the customer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct DeliveryFailureView {
    /// The cause.
    pub cause: DeliveryFailureCause,
    /// What the channel's connector said to it, as one line: `403 Forbidden: the window is closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
}

/// Why a message was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryFailureCause {
    /// The channel refused it for good.
    Refused,
    /// The channel did not take it for a day.
    Expired,
    /// It can't be sent any more.
    Unsendable,
}

/// Something attached; also the answer to `POST /conversations/{id}/attachments`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AttachmentView {
    /// Opaque id; `GET /conversations/{id}/attachments/{attachment}` has the content.
    pub id: String,
    /// Its name, as its owner called it.
    pub name: String,
    /// Its media type, as found in its content.
    pub media_type: String,
    /// Its size in bytes, ≤ 10 MB.
    #[ts(type = "number")]
    pub size_bytes: u64,
}

/// `GET /conversations/{id}/messages?before=…&limit=…`: the newest ones before a number.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct MessagePage {
    /// The messages, in rising order.
    pub messages: Vec<MessageView>,
    /// Whether there are older ones.
    pub more: bool,
}

/// `GET /conversations`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ConversationList {
    /// Those that this user may see and that go on.
    pub conversations: Vec<ConversationView>,
}

/// A help request of an interaction.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct HelpRequestView {
    /// Who asked.
    pub agent: UserRef,
    /// Why; private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// How far it got.
    pub state: HelpState,
    /// When the hand was raised, Unix ms.
    #[ts(type = "number")]
    pub raised_at: u64,
    /// Who is on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub taken_by: Option<UserRef>,
    /// Since when, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub taken_at: Option<u64>,
}

/// How far a help request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum HelpState {
    /// Nobody has taken it up.
    Open,
    /// A supervisor is on it.
    InProgress,
    /// Settled.
    Closed,
    /// Withdrawn, transferred, or its interaction ended.
    Cancelled,
}

/// The mood of somebody's last messages: an indicator, not a judgement of a person.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct MoodView {
    /// −1 (bad) … 1 (good).
    pub value: f32,
    /// How it changes: −1, 0 or 1.
    pub trend: i8,
}

/// `GET /reports/help`: help requests by day and agent. As CSV with `Accept: text/csv`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct HelpReport {
    /// One row an agent, team, queue and day.
    pub rows: Vec<HelpReportRow>,
    /// The reasons given, the most frequent first.
    pub reasons: Vec<HelpReason>,
}

/// One row of the report.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct HelpReportRow {
    /// When the day begins, Unix ms.
    #[ts(type = "number")]
    pub day: i64,
    /// The agent.
    pub agent: UserRef,
    /// The team's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub team: Option<String>,
    /// The queue's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// Requests raised.
    #[ts(type = "number")]
    pub count: u64,
    /// Of these, taken up.
    #[ts(type = "number")]
    pub answered: u64,
    /// Of these, cancelled.
    #[ts(type = "number")]
    pub cancelled: u64,
    /// The mean time until one was taken up, ms; absent if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub answer_ms_mean: Option<u64>,
    /// The longest time until one was taken up, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub answer_ms_max: Option<u64>,
}

/// A reason for help, and how often it was given.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct HelpReason {
    /// In the agents' words.
    pub reason: String,
    /// How often.
    #[ts(type = "number")]
    pub count: u64,
}
