//! Reports of calls and of supervision. Staff only, each with a right of its own.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{InteractionKind, Mode, ServiceGoal, UserRef};

/// `GET /reports/supervision`: who listened to, whispered to, barged in on and took over from whom. As CSV with
/// `Accept: text/csv`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct SupervisionReport {
    /// One row a stretch of time in one mode, and one an attempt that led to none; oldest first.
    pub rows: Vec<SupervisionReportRow>,
}

/// One row of the report.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct SupervisionReportRow {
    /// Who.
    pub supervisor: UserRef,
    /// In which mode.
    pub mode: Mode,
    /// The agents who were in the interaction meanwhile.
    pub agents: Vec<UserRef>,
    /// The interaction's id.
    pub interaction: String,
    /// Call or conversation; absent: nothing is known of it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kind: Option<InteractionKind>,
    /// The queue's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// Since when, Unix ms; of an attempt when it was made.
    #[ts(type = "number")]
    pub from: u64,
    /// Until when, Unix ms; absent: it goes on, or never began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub until: Option<u64>,
    /// How it ended.
    pub end: SupervisionEnd,
    /// The log's own words: why it was refused, or how it ended otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
}

/// How a stretch of supervision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum SupervisionEnd {
    /// It goes on.
    Running,
    /// The supervisor went on in another mode.
    ModeChanged,
    /// The supervisor stopped.
    Stopped,
    /// The interaction ended, the connection was lost, a right was taken, …: see `detail`.
    Other,
    /// It went with the server.
    CutOff,
    /// It never began: see `detail`.
    Refused,
    /// It was asked for, and the server did not live to write what came of it.
    Unknown,
}

/// `GET /reports/calls?by=queue|agent|hour|day`: how calls were offered, answered and worked on. As
/// CSV with `Accept: text/csv`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CallReport {
    /// One row a queue, agent, hour or day; hours and days in order, those without a call left out.
    pub rows: Vec<CallReportRow>,
    /// Of all these calls together.
    pub total: CallReportFigures,
}

/// One row of the report.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CallReportRow {
    /// When the hour or day begins, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub start: Option<i64>,
    /// The queue's key; absent in a report by queue: calls that were placed straight to an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
    /// The queue's goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub goal: Option<ServiceGoal>,
    /// The agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub agent: Option<UserRef>,
    /// The figures.
    pub figures: CallReportFigures,
}

/// Figures of some calls.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CallReportFigures {
    /// Calls that came; of an agent, those that rang at them and those that they came to otherwise.
    #[ts(type = "number")]
    pub offered: u64,
    /// Of these, answered.
    #[ts(type = "number")]
    pub answered: u64,
    /// Of these, hung up by the caller before anybody answered; 0 by agent.
    #[ts(type = "number")]
    pub abandoned: u64,
    /// Of these, answered within the goal of their queue; 0 by agent. The service level is this part
    /// of `answered` and `abandoned` together.
    #[ts(type = "number")]
    pub within_goal: u64,
    /// By agent: those that they let ring until it went on; else 0.
    #[ts(type = "number")]
    pub missed: u64,
    /// By agent: conversations that they let run out, which no other figure counts; else 0.
    #[ts(type = "number")]
    pub missed_chats: u64,
    /// By agent: those that they did not want; else 0.
    #[ts(type = "number")]
    pub declined: u64,
    /// How long callers waited until an agent answered; absent by agent, and if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wait: Option<TimeSpread>,
    /// How long calls that are over were worked on: from the answer to the end, or as long as the
    /// agent was on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub handle: Option<TimeSpread>,
    /// How long callers were on hold, of the calls that were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hold: Option<TimeSpread>,
    /// How long agents wrote calls up before they were there for the next one; absent: the centre leaves
    /// them no such time, or nobody used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wrap: Option<TimeSpread>,
}

/// How times are spread, ms. Percentiles are by nearest rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct TimeSpread {
    /// Half of them are not longer.
    #[ts(type = "number")]
    pub median: u64,
    /// Nine of ten are not longer.
    #[ts(type = "number")]
    pub p90: u64,
    /// Nineteen of twenty are not longer.
    #[ts(type = "number")]
    pub p95: u64,
    /// The arithmetic mean.
    #[ts(type = "number")]
    pub mean: u64,
    /// The longest.
    #[ts(type = "number")]
    pub max: u64,
}

/// `GET /me/day?from=…&until=…`: an agent's own day.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct OwnDay {
    /// Calls that the agent was on.
    #[ts(type = "number")]
    pub answered: u64,
    /// Calls that the agent did not want.
    #[ts(type = "number")]
    pub declined: u64,
    /// How long half of them took at most, ms; absent: none is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub handle_median_ms: Option<u64>,
    /// Calls that the agent let ring and conversations that they let run out, the latest first.
    pub missed: Vec<MissedOffer>,
    /// How often the agent asked for help.
    #[ts(type = "number")]
    pub help: u64,
}

/// What was offered to an agent who let it go on to the next. Who it was is not told: they were served by
/// somebody else, or nobody.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct MissedOffer {
    /// When it was first offered to the agent, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// A call, or a conversation.
    pub kind: InteractionKind,
    /// The queue's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub queue: Option<String>,
}
