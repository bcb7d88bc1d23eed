//! What the control plane wants done elsewhere.

use std::time::Instant;

use interaction::conversation;
use interaction::{
    CallId, CallState, Command, ConversationId, Event, Help, LegId, LegSound, Revision, StationEnd,
    StationId, StationState, TeamId, UnixMs, UserId,
};

use crate::call_terms::OfferOutcome;
use crate::live_call::CallSummary;
use crate::publication::Publication;
use crate::streams::{Ending, StreamId};

/// One moment, on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For deadlines.
    pub instant: Instant,
    /// For people and records.
    pub unix: UnixMs,
}

/// What the media workers report.
#[derive(Clone, Debug)]
pub enum MediaFact {
    /// A call changed at its worker's last tick.
    CallChanged {
        /// The call as it is now.
        state: std::sync::Arc<CallState>,
        /// What happened.
        events: Vec<Event>,
    },
    /// How the sound of a leg had come that leaves its call.
    LegMeasured {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// From its joining on.
        sound: LegSound,
    },
    /// The levels of a call's legs: leg, dBFS, whether somebody speaks.
    Meters {
        /// The call.
        call: CallId,
        /// One entry a leg.
        levels: Vec<(LegId, i8, bool)>,
    },
    /// A station's media came up, or something became wrong with them, or right again.
    StationChanged {
        /// The station.
        station: StationId,
        /// How it is now.
        state: StationState,
    },
    /// A station is gone.
    StationClosed {
        /// The station.
        station: StationId,
        /// Why.
        end: StationEnd,
    },
    /// The worker dropped a call after a fault of ours.
    CallFailed(CallId),
}

/// A fact that is kept for good, in the order in which it was reported.
#[derive(Clone, Debug, PartialEq)]
pub enum DomainEvent {
    /// Something happened on a call that goes on; [`LiveCall::summary`](crate::LiveCall::summary)
    /// has it.
    CallChanged(CallId),
    /// A call is over: what it was, and everything that happened on it.
    CallEnded(Box<CallSummary>),
    /// A help request on a call is as this now.
    HelpChanged {
        /// The call.
        call: CallId,
        /// The request.
        help: Help,
        /// The name of the agent who asked.
        agent_name: String,
        /// The call's queue, by key.
        queue: Option<String>,
        /// The team whose request it is.
        team: Option<TeamId>,
    },
    /// Something is offered to an agent no more.
    OfferEnded(OfferEnd),
    /// An agent has written up a call.
    WrappedUp(WrapUp),
    /// Somebody supervised.
    Supervised(SupervisionAct),
}

/// What an agent did after a call, until they were there for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapUp {
    /// The call.
    pub call: CallId,
    /// The agent.
    pub agent: UserId,
    /// The agent's name.
    pub agent_name: String,
    /// The call's queue, by key.
    pub queue: Option<String>,
    /// The team that has the call.
    pub team: Option<TeamId>,
    /// Since when.
    pub since: UnixMs,
    /// Until when.
    pub until: UnixMs,
}

/// A call that rang at an agent, or a conversation that was offered to one, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferEnd {
    /// The call or conversation.
    pub subject: Subject,
    /// To whom.
    pub agent: UserId,
    /// The agent's name.
    pub agent_name: String,
    /// Its queue, by key.
    pub queue: Option<String>,
    /// The team that has it.
    pub team: Option<TeamId>,
    /// Since when it was offered.
    pub since: UnixMs,
    /// Until when.
    pub until: UnixMs,
    /// What came of it.
    pub outcome: OfferOutcome,
}

/// An act of supervision that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisionAct {
    /// When.
    pub at: UnixMs,
    /// Who.
    pub user: UserId,
    /// The account's name.
    pub username: String,
    /// On what.
    pub subject: Subject,
    /// What was done.
    pub action: SupervisionAction,
}

/// What an act is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A call.
    Call(CallId),
    /// A conversation.
    Conversation(ConversationId),
}

/// What a supervisor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupervisionAction {
    /// Began to listen, or changed to this mode.
    Mode(interaction::ModeKind),
    /// Stopped, for this reason.
    Stop(interaction::LeaveReason),
}

/// What is to be done elsewhere, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this command to the call's worker, in the name of the server. It has to arrive.
    ToMedia {
        /// The call.
        call: CallId,
        /// The command.
        command: Command,
    },
    /// Keep this.
    Persist(DomainEvent),
    /// Tell this on these event streams.
    Publish(Publication),
    /// Close this event stream.
    EndStream(StreamId, Ending),
    /// A guest's only call or conversation is over.
    GuestDone(UserId),
    /// A command to a conversation, in the name of the server.
    ToConversation {
        /// The conversation.
        conversation: ConversationId,
        /// The command.
        command: conversation::Command,
    },
    /// Score the mood of what a customer wrote, and report it.
    ScoreMood {
        /// The conversation.
        conversation: ConversationId,
        /// The message's place among the public ones.
        place: u64,
        /// What it says.
        text: String,
    },
    /// Let the conversation of this call have the call's members.
    FollowCall(CallId),
    /// Make the transcripts of a conversation that has ended.
    Transcribe(ConversationId),
    /// Whoever waits for this revision of a call can read it now.
    CallReached(CallId, Revision),
    /// For the operators' counters.
    Count(Counter),
}

/// What is counted for the operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// A call rang at an agent.
    CallOffered,
    /// A conversation was offered to an agent.
    ConversationOffered,
    /// A call ended, for this reason.
    CallEnded(crate::call_terms::CallEnd),
    /// A worker dropped a call.
    CallFailed,
    /// A conversation ended.
    ConversationEnded,
    /// A call was handed over, or somebody was asked in.
    HandoverRequested(interaction::HandoverKind),
    /// An event of a call found no room in its history.
    HistoryFull,
}
