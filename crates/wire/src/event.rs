//! What comes over the WebSocket `GET /events`.
//!
//! The first message is a [`Event::Snapshot`] with `seq` 0; each later one carries the next
//! `seq`, so that a gap shows. [`Event::Meters`] is lossy and carries no `seq`. A call's event
//! holds the whole call as this viewer may see it: a reader replaces, and never patches.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    AgentView, CallView, HandoverOutcome, HandoverView, HelpView, LegView, Mode, MoodView,
    StationEnd, StationView, TalkView, User, UserRef,
};

/// One message of the WebSocket, server to client.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct Envelope {
    /// Counts up by one on each connection; absent on lossy messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub seq: Option<u64>,
    /// The server's clock, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened, as one user is told of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
#[serde(tag = "type")]
pub enum Event {
    /// Everything that this user may see at this moment.
    #[serde(rename = "snapshot")]
    Snapshot(Box<Snapshot>),
    /// A call rings at this agent: a new one, or one that somebody hands over or asks them into.
    #[serde(rename = "call.offered")]
    CallOffered {
        /// The call.
        call: CallView,
        /// The request, with its note: "Conference request from …"; absent for a new call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        handover: Option<HandoverView>,
        /// Until when it rings here, Unix ms.
        #[ts(type = "number")]
        expires_at: u64,
    },
    /// An offer to this agent is over: answered elsewhere, declined, timed out or hung up.
    #[serde(rename = "call.offer_ended")]
    CallOfferEnded {
        /// The call's id.
        call: String,
    },
    /// A call was placed, rings, or waits again (staff and its caller).
    #[serde(rename = "call.updated")]
    CallUpdated {
        /// The call.
        call: CallView,
    },
    /// An agent answered.
    #[serde(rename = "call.started")]
    CallStarted {
        /// The call.
        call: CallView,
    },
    /// The call is over; it goes from the lists.
    #[serde(rename = "call.ended")]
    CallEnded {
        /// The call, as it was.
        call: CallView,
    },
    /// Somebody joined whom the viewer may know of.
    #[serde(rename = "leg.joined")]
    LegJoined {
        /// The call.
        call: CallView,
        /// Who joined.
        leg: LegView,
    },
    /// Somebody left whom the viewer knew of.
    #[serde(rename = "leg.left")]
    LegLeft {
        /// The call.
        call: CallView,
        /// Who left.
        leg: LegView,
    },
    /// Mute, hold, media or echo of a leg changed.
    #[serde(rename = "leg.changed")]
    LegChanged {
        /// The call.
        call: CallView,
    },
    /// A supervisor became visible to this viewer (never sent to callers).
    #[serde(rename = "supervision.started")]
    SupervisionStarted {
        /// The call.
        call: CallView,
        /// The supervisor's leg.
        leg: LegView,
    },
    /// A visible supervisor's mode changed (never sent to callers).
    #[serde(rename = "supervision.mode_changed")]
    SupervisionModeChanged {
        /// The call.
        call: CallView,
        /// The supervisor's leg.
        leg: LegView,
        /// The mode before.
        from: Mode,
    },
    /// A supervisor ceased to be visible to this viewer (never sent to callers).
    #[serde(rename = "supervision.ended")]
    SupervisionEnded {
        /// The call.
        call: CallView,
        /// The supervisor's leg, as it was.
        leg: LegView,
    },
    /// A help request was raised, taken up, closed or cancelled; staff only.
    #[serde(rename = "help.changed")]
    HelpChanged {
        /// The call, with the request if one is open.
        call: CallView,
        /// The request as it is now, also when it is over.
        request: HelpView,
    },
    /// A transfer, consultation or invitation was requested; staff only.
    #[serde(rename = "call.handover_requested")]
    HandoverRequested {
        /// The call.
        call: CallView,
        /// The request.
        handover: HandoverView,
    },
    /// Such a request ended; staff only, and its sender even after leaving. How the call is now
    /// came just before.
    #[serde(rename = "call.handover_ended")]
    HandoverEnded {
        /// The call's id.
        call: String,
        /// The request.
        handover: HandoverView,
        /// How: "No agents were available".
        outcome: HandoverOutcome,
        /// Who accepted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        by: Option<UserRef>,
    },
    /// An agent's presence changed (staff; agents get their own).
    #[serde(rename = "presence.changed")]
    PresenceChanged {
        /// The agent.
        agent: AgentView,
    },
    /// Levels of the calls that the viewer sees, ten times a second. Lossy. To supervisors, and to
    /// agents while they know of a supervisor.
    #[serde(rename = "meters")]
    Meters {
        /// One entry a call.
        calls: Vec<CallMeters>,
    },
    /// How calls sound, every few seconds. Lossy; supervisors only.
    #[serde(rename = "moods")]
    Moods {
        /// One entry a call.
        calls: Vec<CallMood>,
    },
    /// A station of the user's: its media came up, or something is wrong with them, or right again.
    #[serde(rename = "station.changed")]
    StationChanged {
        /// The station as it is now.
        station: StationView,
    },
    /// One of the user's stations is gone.
    #[serde(rename = "station.closed")]
    StationClosed {
        /// The station's id.
        station: String,
        /// Why.
        reason: StationEnd,
    },
}

/// Everything that a user may see at one moment.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct Snapshot {
    /// The user.
    pub me: User,
    /// The calls.
    pub calls: Vec<CallView>,
    /// The agents: of the supervisor's teams; for an agent, the agent alone.
    pub agents: Vec<AgentView>,
    /// A call that rings at this agent right now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub offer: Option<Offer>,
    /// The centre's choices that the pages must know; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub policy: Option<PolicyView>,
}

/// A call that rings at an agent.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct Offer {
    /// The call.
    pub call: CallView,
    /// The request, if it is handed over or this agent is asked in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub handover: Option<HandoverView>,
    /// Until when it rings here, Unix ms.
    #[ts(type = "number")]
    pub expires_at: u64,
}

/// The centre's choices that the pages must know.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct PolicyView {
    /// Agents are told of listeners.
    pub notify_agent_on_listen: bool,
}

/// How one call sounds.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CallMood {
    /// The call's id.
    pub call: String,
    /// An indicator, not a judgement of a person.
    pub mood: MoodView,
    /// What it was made of.
    pub talk: TalkView,
}

/// Levels on one call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct CallMeters {
    /// The call's id.
    pub call: String,
    /// A number for each leg of the call, in the order of its `legs` as they were told last: the level in dBFS
    /// (−127 … 0), and 128 more (1 … 128) while the leg speaks.
    pub legs: Vec<i16>,
}
