//! What may be asked of a call, what happens on it, and why something is refused.

use crate::Target;
use crate::handover::{Handover, HandoverId, HandoverOutcome, NOTE_CHARS_MAX};
use crate::help::{HELP_REASON_CHARS_MAX, Help, HelpRefusal};
use crate::roster::{HandoverRefusal, SupervisionRefusal};
use crate::{LeaveReason, Leg, LegId, Mode, ModeKind, Revision, Rights, SourceSet, Tone, UserId};

/// What may be asked of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Attaches the caller, or whom an agent has called. A call has one.
    JoinCaller {
        /// Whose leg it is.
        user: UserId,
    },
    /// Attaches somebody outside whom this agent has called, beside the caller and a caller like them. A call has one
    /// of them at a time.
    JoinOutside {
        /// Whose leg it is.
        user: UserId,
        /// The leg of the agent who has called them, and talks with the caller still.
        by: LegId,
        /// The agent leaves the call to the two.
        transfer: bool,
    },
    /// Attaches an agent; the first one answers the call, or makes it if there is no caller yet. While a request waits, this is who
    /// accepts it (see [`Self::AcceptHandover`]): a consulted agent hears the consulting one alone.
    JoinAgent {
        /// Whose leg it is.
        user: UserId,
    },
    /// Attaches the agent who takes this request on. Refused once it waits no more, so that nobody
    /// who answers too late walks in on a call.
    AcceptHandover {
        /// Whose leg it is.
        user: UserId,
        /// Which request.
        handover: HandoverId,
    },
    /// Begins to supervise, always in Listen. An older leg of the same user is replaced.
    Supervise {
        /// Whose leg it is.
        user: UserId,
        /// What the user may choose besides Listen.
        rights: Rights,
    },
    /// Asks for a mode. Asking for the present one changes nothing and is no error.
    SetMode {
        /// The supervisor's leg.
        leg: LegId,
        /// The wanted mode.
        mode: ModeKind,
        /// Whom to coach in Whisper; `None`: the agent who answered first and is still there.
        coach: Option<LegId>,
        /// A take-over out of Listen or Whisper needs this: everybody will be told.
        announce: bool,
        /// The revision that the decision was made on; refused when the call has moved on.
        expected: Option<Revision>,
    },
    /// The user's own mute (caller or agent).
    SetMuted {
        /// The leg.
        leg: LegId,
        /// On or off.
        muted: bool,
    },
    /// Parts caller and agents, or brings them together again.
    SetHeld {
        /// On or off.
        held: bool,
    },
    /// Takes a leg out. The caller's ends the call, and so does the last agent's; of a call that has been
    /// taken over the supervisor's, once no agent is there any more.
    Leave {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: LeaveReason,
    },
    /// The leg's media went missing, or came back. A supervisor falls back to Listen.
    SetMediaLost {
        /// The leg.
        leg: LegId,
        /// Missing or back.
        lost: bool,
    },
    /// An agent's own statement that the microphone hears the loudspeaker, or no longer does.
    SetEcho {
        /// The agent's leg.
        leg: LegId,
        /// It does.
        echo: bool,
    },
    /// Another station of the same user carries the leg from now on. Supervision does not move:
    /// after a fault it is off.
    MoveLeg {
        /// The caller's or agent's leg.
        leg: LegId,
    },
    /// A user's rights changed: modes that are no longer allowed end.
    SetRights {
        /// Whose.
        user: UserId,
        /// What is allowed now; `None`: may not supervise at all any more.
        rights: Option<Rights>,
    },
    /// Raises an agent's hand; asking again replaces the reason.
    RequestHelp {
        /// The agent's leg.
        leg: LegId,
        /// Why.
        reason: Option<String>,
    },
    /// A supervisor takes the request up.
    TakeHelp {
        /// The supervisor.
        user: UserId,
    },
    /// A supervisor who may be on the request is gone from the centre: it waits again. Leaving the
    /// interaction does not give it back: who listened may not be missed.
    ReleaseHelp {
        /// The supervisor.
        user: UserId,
    },
    /// The request is settled or withdrawn.
    CloseHelp,
    /// Blind transfer: the agent leaves, the caller waits for another one.
    Transfer {
        /// The agent's leg.
        leg: LegId,
        /// To whom.
        to: Target,
        /// A note to the receiver.
        note: Option<String>,
    },
    /// Puts the caller on hold and asks another agent, who will hear this one alone.
    Consult {
        /// The agent's leg.
        leg: LegId,
        /// Whom.
        to: Target,
        /// A note to the receiver.
        note: Option<String>,
    },
    /// Asks another agent to join beside this one.
    Invite {
        /// The agent's leg.
        leg: LegId,
        /// Whom.
        to: Target,
        /// A note to the receiver.
        note: Option<String>,
    },
    /// The request that waits found nobody, or its sender takes it back (`Cancelled`).
    EndHandover {
        /// Which request.
        handover: HandoverId,
        /// How it ended; not `Accepted`, which is joining.
        outcome: HandoverOutcome,
    },
    /// Leaves the call to the consulted agent.
    CompleteTransfer {
        /// The consulting agent's leg.
        leg: LegId,
    },
    /// Brings caller, agent and consulted agent together.
    MergeConsultation {
        /// The consulting agent's leg.
        leg: LegId,
    },
    /// Lets the consulted agent go, or rings at nobody any more. The caller stays on hold.
    CancelConsultation {
        /// The consulting agent's leg.
        leg: LegId,
    },
    /// Ends the call for everybody.
    Hangup,
}

/// A fact about the call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Event {
    /// A caller or agent was attached.
    LegJoined(Leg),
    /// A caller or agent left.
    LegLeft(Leg, LeaveReason),
    /// A supervisor listens.
    SupervisionStarted(Leg),
    /// A supervisor's mode changed; the leg is as it is now.
    ModeChanged {
        /// The leg, with its new mode.
        leg: Leg,
        /// The mode before.
        from: Mode,
    },
    /// The modes that a supervisor may choose changed, and nothing else.
    RightsChanged(Leg),
    /// A supervisor is gone; the leg is as it was, its mode the last one.
    SupervisionEnded(Leg, LeaveReason),
    /// A caller's or agent's own mute changed.
    MuteChanged(Leg),
    /// Caller and agents were parted or brought together.
    HeldChanged(bool),
    /// A leg's media went missing or came back.
    MediaLostChanged(Leg),
    /// An agent's microphone hears the loudspeaker, or no longer does.
    EchoChanged(Leg),
    /// A help request was raised, taken up, given back, or ended.
    HelpChanged(Help),
    /// An agent wants to hand the call over, to consult, or to ask somebody in.
    HandoverRequested(Handover),
    /// That came to an end.
    HandoverEnded(Handover, HandoverOutcome),
    /// A consulted agent now talks with the caller.
    Admitted(Leg),
    /// The call is over.
    Ended,
}

/// A tone to be played once, and the legs that it is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Which tone.
    pub tone: Tone,
    /// Its listeners, as the sources of the same slots.
    pub listeners: SourceSet,
}

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What happened, in order. Empty: the call was already as asked.
    pub events: Vec<Event>,
    /// Tones to play.
    pub cues: Vec<Cue>,
    /// The leg that joined, if one did.
    pub joined: Option<LegId>,
    /// The leg that another station carries now, if it was moved.
    pub moved: Option<LegId>,
}

/// Why a command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The call is over.
    #[error("the call has ended")]
    Ended,
    /// No such leg on this call.
    #[error("there is no such leg on this call")]
    NoSuchLeg,
    /// A user tried to move somebody else's leg.
    #[error("this leg belongs to somebody else")]
    NotYours,
    /// The command does not fit the leg's role.
    #[error("this leg's role does not allow that")]
    WrongRole,
    /// Nobody is on the call but those who made it: whoever is called has not taken it yet.
    #[error("nobody has taken the call yet")]
    NoCaller,
    /// There is no agent to listen to or to coach.
    #[error("no agent is on the call")]
    NoAgent,
    /// The leg that was to be coached is no agent's.
    #[error("only an agent's leg can be coached")]
    NotAnAgent,
    /// The user lacks the right for this mode.
    #[error("the right for this mode is missing")]
    NotPermitted,
    /// The mode cannot be had while the supervisor's media are lost.
    #[error("the supervisor's media are lost; reconnect first")]
    MediaLost,
    /// The command was decided on an older state of the call.
    #[error("the call has changed since; look at its present state and decide again")]
    Stale,
    /// The user is on this call already, in another role.
    #[error("this user is a party of the call")]
    AlreadyParty,
    /// The call has a caller already.
    #[error("the call has a caller already")]
    CallerPresent,
    /// The call has no room for another party, or for another supervisor.
    #[error("the call is full")]
    Full,
    /// Nobody has asked for help.
    #[error("no help request is open on this call")]
    NoHelpOpen,
    /// The reason is too long.
    #[error("a reason has at most {HELP_REASON_CHARS_MAX} characters")]
    ReasonTooLong,
    /// The note is too long.
    #[error("a note has at most {NOTE_CHARS_MAX} characters")]
    NoteTooLong,
    /// The agent who is wanted is on the call.
    #[error("this agent is on the call already")]
    TargetPresent,
    /// A transfer, consultation or invitation is under way.
    #[error("a transfer, consultation or invitation is under way; finish or cancel it first")]
    HandoverPending,
    /// Nothing of the kind is under way.
    #[error("no such request or consultation is under way")]
    NoHandover,
    /// A take-over out of Listen or Whisper was not confirmed.
    #[error(
        "the caller and the agents will be told that you take the call over; confirm that first"
    )]
    AnnounceFirst,
    /// A supervisor has taken the call over.
    #[error("a supervisor has taken the call over; it has to be handed back first")]
    TakenOver,
}

impl Event {
    /// The leg that joined by it.
    pub fn joined(&self) -> Option<LegId> {
        match self {
            Self::LegJoined(leg) | Self::SupervisionStarted(leg) => Some(leg.id),
            Self::LegLeft(..)
            | Self::ModeChanged { .. }
            | Self::RightsChanged(_)
            | Self::SupervisionEnded(..)
            | Self::MuteChanged(_)
            | Self::HeldChanged(_)
            | Self::MediaLostChanged(_)
            | Self::EchoChanged(_)
            | Self::HelpChanged(_)
            | Self::HandoverRequested(_)
            | Self::HandoverEnded(..)
            | Self::Admitted(_)
            | Self::Ended => None,
        }
    }
}

impl From<SupervisionRefusal> for Refusal {
    fn from(refusal: SupervisionRefusal) -> Self {
        match refusal {
            SupervisionRefusal::Stale => Self::Stale,
            SupervisionRefusal::NotPermitted => Self::NotPermitted,
        }
    }
}

impl From<HandoverRefusal> for Refusal {
    fn from(refusal: HandoverRefusal) -> Self {
        match refusal {
            HandoverRefusal::NoteTooLong => Self::NoteTooLong,
            HandoverRefusal::TargetPresent => Self::TargetPresent,
            HandoverRefusal::NotWaiting => Self::NoHandover,
            HandoverRefusal::NotAnEnd => Self::WrongRole,
            HandoverRefusal::NotYours => Self::NotYours,
        }
    }
}

impl From<HelpRefusal> for Refusal {
    fn from(refusal: HelpRefusal) -> Self {
        match refusal {
            HelpRefusal::NotOpen => Self::NoHelpOpen,
            HelpRefusal::ReasonTooLong => Self::ReasonTooLong,
        }
    }
}
