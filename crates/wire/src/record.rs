//! Interaction records: lists, search, timeline, transcripts, notes. Staff only, but for the
//! external transcript.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{HelpState, MemberPart, MessageView, UserRef};

/// `GET /interactions?search=…&kind=…&from=…&until=…&before=…`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct InteractionPage {
    /// Newest first.
    pub interactions: Vec<InteractionView>,
    /// For `before` of the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
}

/// One contact of a customer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct InteractionView {
    /// Opaque id, the call's or conversation's.
    pub id: String,
    /// Which of the two.
    pub kind: InteractionKind,
    /// `voice`, `web_chat`, or a connector's name.
    pub channel: String,
    /// The queue's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// The customer.
    pub requester: UserRef,
    /// The agent who made the call; the requester is whom they called. Absent: the customer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub dialed_by: Option<UserRef>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub subject: Option<String>,
    /// When it was opened, Unix ms.
    #[ts(type = "number")]
    pub opened_at: u64,
    /// When the first agent came, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub answered_at: Option<u64>,
    /// When it ended, Unix ms; absent: it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub ended_at: Option<u64>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub end_reason: Option<String>,
    /// The agents who answered the customer.
    pub agents: Vec<UserRef>,
    /// The latest help request, if there was one: how far it got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub help: Option<HelpState>,
    /// What it was wrapped up with, the latest last; empty also for who does not read its notes to the end.
    pub codes: Vec<String>,
}

/// What an interaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// By voice.
    Call,
    /// By text.
    Conversation,
}

/// `GET /interactions/{id}/timeline`: everything that happened, as the viewer may know it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct Timeline {
    /// In order.
    pub entries: Vec<TimelineEntry>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TimelineEntry {
    /// When, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// What, by name: `joined`, `help_raised`, `transfer_requested`, …
    pub kind: String,
    /// Whose doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub actor: Option<UserRef>,
    /// For staff only.
    pub private: bool,
    /// The particular of it: a reason, or the name of the queue or person that it went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
    /// In a sentence.
    pub text: String,
}

/// `GET /conversations/{id}/transcript?kind=external|internal`. As text with
/// `Accept: text/plain`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TranscriptView {
    /// Which one.
    pub kind: TranscriptKind,
    /// Its lines, in order.
    pub lines: Vec<TranscriptLine>,
}

/// Which transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptKind {
    /// Public lines only.
    External,
    /// With private lines; staff only.
    Internal,
}

/// One line of a transcript: a message, or something that happened.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TranscriptLine {
    /// When, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// For staff only; absent from an external transcript.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub private: bool,
    /// Who wrote; absent for something that happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub author: Option<UserRef>,
    /// What was written or happened.
    pub text: String,
}

/// `POST /interactions/{id}/notes`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    /// The text, ≤ 4,000 characters.
    pub text: String,
    /// Ends the work on the interaction, with this code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wrap_up: Option<String>,
}

/// A note of staff's.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct NoteView {
    /// When, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// Who.
    pub author: UserRef,
    /// The text.
    pub text: String,
    /// The wrap-up code, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wrap_up: Option<String>,
}

/// `GET /interactions/{id}`: the whole record.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct InteractionDetail {
    /// The interaction.
    pub interaction: InteractionView,
    /// Who took part, as far as the viewer may know.
    pub members: Vec<RecordMember>,
    /// The newest messages, in rising order; older ones are paged. Of one that goes on, only for
    /// those who are in it.
    pub messages: Vec<MessageView>,
    /// The notes.
    pub notes: Vec<NoteView>,
    /// Of a call that is over: how the parties' sound came. For its supervisors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sound: Option<Vec<PartySound>>,
}

/// How the sound of somebody on a call came to the server. It is counted in the same way whether or not anybody
/// supervised.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct PartySound {
    /// User id.
    pub user: String,
    /// The name at that time.
    pub name: String,
    /// Packets that came.
    #[ts(type = "number")]
    pub received_packets: u64,
    /// Packets that were lost and came with a later one's redundancy (RFC 2198).
    #[ts(type = "number")]
    pub restored_packets: u64,
    /// Packets that never came.
    #[ts(type = "number")]
    pub lost_packets: u64,
    /// Packets that came too late to be played.
    #[ts(type = "number")]
    pub late_packets: u64,
    /// Sound that in-band FEC restores (RFC 6716 §2.1.7), ms.
    #[ts(type = "number")]
    pub fec_ms: u64,
    /// Sound that had to be made up, ms.
    #[ts(type = "number")]
    pub concealed_ms: u64,
    /// The delay that nearly all packets needed at the end, ms.
    pub delay_ms: u32,
}

/// `GET /interactions/{id}/contacts`: the customer's other contacts, as far as you may see them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CustomerContacts {
    /// By what the customer is known from one contact to the next; absent: by nothing, and so none are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub known_by: Option<KnownBy>,
    /// Running and earlier ones, newest first, at most 20.
    pub contacts: Vec<InteractionView>,
}

/// What identifies a customer, as far as anything does. Names are nothing to go by, nor is a number that a caller
/// typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// The telephone number as the network stated it, or as an agent called it. Nobody has proved it.
    Number,
    /// The id at the channel by which they write.
    Channel,
    /// Their account.
    Account,
    /// A random id that their browser keeps, where a site's widget asks for it. Others may use that browser.
    Visitor,
}

/// Somebody who took part in an interaction.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct RecordMember {
    /// User id.
    pub user: String,
    /// The name at that time.
    pub name: String,
    /// As what.
    pub part: MemberPart,
}
