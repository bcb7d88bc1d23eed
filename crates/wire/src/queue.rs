//! Queues as administrators see and change them: what is switched on, when they are open, and their goals.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `GET /admin/queues`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AdminQueueList {
    /// Every queue, by name.
    pub queues: Vec<AdminQueue>,
}

/// A queue with its settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AdminQueue {
    /// The queue's key; chosen once.
    pub key: String,
    /// The name shown.
    pub name: String,
    /// The owning team's id.
    pub team: String,
    /// Guests may come without an account.
    pub open_to_guests: bool,
    /// What is switched on.
    pub settings: QueueSettings,
    /// What its calls and conversations are wrapped up with; empty: the codes that every queue has.
    pub wrap_up_codes: Vec<String>,
    /// When it takes new calls and conversations.
    pub opening_hours: OpeningHours,
    /// Counts the queue's changes.
    #[ts(type = "number")]
    pub revision: u64,
}

/// `POST /admin/queues` (with the key), `PUT /admin/queues/{key}`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveQueue {
    /// The key, 1–40 of a to z, 0 to 9, - and _; for a new queue only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub key: Option<String>,
    /// The name shown, 1–80 characters.
    pub name: String,
    /// The owning team's id.
    pub team: String,
    /// Guests may come without an account.
    pub open_to_guests: bool,
    /// What is switched on.
    pub settings: SaveQueueSettings,
    /// Up to 40 wrap-up codes of 1–64 characters, each another one; none: those that every queue has. Left out:
    /// as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wrap_up_codes: Option<Vec<String>>,
    /// When it takes new calls and conversations. Left out: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub opening_hours: Option<OpeningHours>,
    /// The revision that is changed; absent for a new queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revision: Option<u64>,
}

/// What a queue has switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct QueueSettings {
    /// How agents come to its conversations.
    pub delivery: Delivery,
    /// Private messages.
    pub private_chat: bool,
    /// Help requests.
    pub help: bool,
    /// The mood of what goes on, on the dashboard.
    pub mood: bool,
    /// The customer may download the external transcript.
    pub transcript_download: bool,
    /// Callers are told their place in the queue.
    pub tell_place: bool,
    /// How fast its calls are to be answered.
    pub goal: ServiceGoal,
    /// What its supervisors are told of.
    pub signs: SignThresholds,
}

/// What a queue shall have switched on. What is left out stays as it is; of a new queue, it is as usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveQueueSettings {
    /// How agents come to its conversations.
    pub delivery: Delivery,
    /// Private messages.
    pub private_chat: bool,
    /// Help requests.
    pub help: bool,
    /// The mood of what goes on, on the dashboard.
    pub mood: bool,
    /// The customer may download the external transcript.
    pub transcript_download: bool,
    /// Callers are told their place in the queue; of a new queue, they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub tell_place: Option<bool>,
    /// How fast its calls are to be answered; of a new queue, 80 % within 20 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub goal: Option<ServiceGoal>,
    /// What its supervisors are told of; of a new queue, 20 s, 25 %, 120 s and 60 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub signs: Option<SignThresholds>,
}

/// When a queue takes new calls and conversations. What staff hand to it comes at any time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct OpeningHours {
    /// By whose clocks: the zone's name in the IANA database, as `Europe/Berlin`.
    pub zone: String,
    /// Up to 21 spans that do not overlap; none: every hour of the week.
    pub weekly: Vec<OpenSpan>,
    /// Up to 100 days on which it is closed, as `2026-12-25`.
    pub closed_on: Vec<String>,
}

/// From when until when a queue is open on one day of the week. One over midnight is two.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct OpenSpan {
    /// The day.
    pub day: Weekday,
    /// From `00:00` on.
    pub from: String,
    /// Until `24:00` at most.
    pub until: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// From where on something is a sign that a call or conversation goes badly. A supervisor may choose
/// otherwise for themself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct SignThresholds {
    /// Nobody speaks for so long, 5–3,600 s.
    pub dead_air_s: u32,
    /// Caller and agent speak at once for this part of the time, 5–100 percent.
    pub talk_over_percent: u8,
    /// The caller is on hold for so long, 10–3,600 s.
    pub hold_s: u32,
    /// Nobody takes a help request up for so long, 5–3,600 s.
    pub help_s: u32,
}

/// `GET /me/queues`: what an administrator chose for the queues that one serves or supervises.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct QueueChoiceList {
    /// By the queue's name.
    pub queues: Vec<QueueChoices>,
}

/// What an administrator chose for a queue.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct QueueChoices {
    /// The queue's key.
    pub queue: String,
    /// What its calls and conversations are wrapped up with; empty: the codes that every queue has.
    pub wrap_up_codes: Vec<String>,
    /// From where on its supervisors are told of something.
    pub signs: SignThresholds,
}

/// A queue's service level: how many of its calls are to be answered how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct ServiceGoal {
    /// This part of them, 1–100 percent,
    pub percent: u8,
    /// within this many seconds, 1–3,600.
    pub seconds: u32,
}

/// How agents come to conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Offered to one agent after the other.
    Push,
    /// Agents pick from the queue's list; several may join.
    Pull,
}
