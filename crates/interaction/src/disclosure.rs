//! Who is told of a supervisor: the counterpart of who hears whom.
//!
//! [`sees`] decides whether a viewer knows that a leg is there, and [`disclose`] what a viewer is
//! told of an [`Event`]. A caller learns of a supervisor in Barge and in a take-over only; an agent of
//! one who coaches them, has barged or has taken over (of a listener too, if the policy says so);
//! supervisors of everything.

use crate::Target;
use crate::handover::{Handover, HandoverKind, HandoverOutcome};
use crate::help::Help;
use crate::{Event, LeaveReason, Leg, LegId, Mode, ModeKind, Policy, Role};

/// What somebody is to a supervisor who may be hidden from them: on a call and in text alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Onlooker {
    /// The customer.
    Customer,
    /// To whom a conversation is only offered: learns of nobody who supervises.
    Outside,
    /// Somebody who works in it.
    Staff {
        /// A whisper is meant for them.
        whispered_to: bool,
    },
    /// Somebody who may supervise it.
    Supervisor,
}

/// How a change of mode looks to an onlooker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Unknown before and after: nothing is told.
    Hidden,
    /// Somebody comes, since now.
    Appears,
    /// Somebody who was known does something else.
    Stays,
    /// Somebody goes: whether they stopped or only read on is not said.
    Vanishes,
}

/// Whether the onlooker knows of a supervisor in this mode. The only place that decides it.
pub(crate) fn knows_of(policy: &Policy, onlooker: Onlooker, mode: ModeKind) -> bool {
    match (onlooker, mode) {
        (Onlooker::Supervisor, _) => true,
        (Onlooker::Outside, _) => false,
        (Onlooker::Customer | Onlooker::Staff { .. }, ModeKind::Barge | ModeKind::TakeOver) => true,
        (Onlooker::Customer, ModeKind::Listen | ModeKind::Whisper) => false,
        (Onlooker::Staff { whispered_to }, ModeKind::Whisper) => {
            whispered_to || policy.notify_agent_on_listen
        }
        (Onlooker::Staff { .. }, ModeKind::Listen) => policy.notify_agent_on_listen,
    }
}

/// What a change is to somebody who knew of the supervisor before, or knows of them after it.
pub(crate) fn sight(before: bool, after: bool) -> Sight {
    match (before, after) {
        (false, false) => Sight::Hidden,
        (false, true) => Sight::Appears,
        (true, true) => Sight::Stays,
        (true, false) => Sight::Vanishes,
    }
}

/// Through whose eyes a call is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The call's caller.
    Caller,
    /// An agent on the call, with their leg; `None` for one at whom it only rings.
    Agent(Option<LegId>),
    /// Somebody who may supervise the call.
    Supervisor,
}

/// What one viewer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disclosed {
    /// A party joined.
    LegJoined(Leg),
    /// A party left.
    LegLeft(Leg, LeaveReason),
    /// A supervisor became visible to this viewer, in the mode that the leg has.
    SupervisionStarted(Leg),
    /// A supervisor that the viewer knew of changed mode.
    ModeChanged(Leg, Mode),
    /// A supervisor ceased to be visible to this viewer.
    SupervisionEnded(Leg),
    /// A caller's or agent's own mute changed.
    MuteChanged(Leg),
    /// Caller and agents were parted or brought together.
    HeldChanged(bool),
    /// A leg's media went missing or came back.
    MediaLostChanged(Leg),
    /// An agent's microphone hears the loudspeaker, or no longer does; staff only.
    EchoChanged(Leg),
    /// A help request was raised, taken up, or ended.
    HelpChanged(Help),
    /// A consulted agent now talks with the caller.
    Admitted(Leg),
    /// The call is handed over, to be told to the caller.
    Transferring(Target),
    /// Nobody took it over, to be told to the caller.
    NotTransferred,
    /// An agent wants to hand over, to consult, or to ask somebody in; staff only.
    HandoverRequested(Handover),
    /// That came to an end; staff only.
    HandoverEnded(Handover, HandoverOutcome),
    /// The call is over.
    Ended,
}

/// Whether `viewer` knows that `leg` is there.
pub fn sees(policy: &Policy, viewer: Viewer, leg: &Leg) -> bool {
    if viewer == Viewer::Caller && leg.consulted_by().is_some() {
        return false;
    }
    leg.mode().is_none_or(|mode| sees_mode(policy, viewer, mode))
}

/// What `viewer` is told of `event`; `None`: nothing at all.
pub fn disclose(policy: &Policy, viewer: Viewer, event: &Event) -> Option<Disclosed> {
    match event {
        Event::LegJoined(leg) => {
            sees(policy, viewer, leg).then(|| Disclosed::LegJoined(leg.clone()))
        }
        Event::LegLeft(leg, reason) => {
            sees(policy, viewer, leg).then(|| Disclosed::LegLeft(leg.clone(), *reason))
        }
        Event::SupervisionStarted(leg) => {
            sees(policy, viewer, leg).then(|| Disclosed::SupervisionStarted(leg.clone()))
        }
        Event::ModeChanged { leg, from } => mode_changed(policy, viewer, leg, *from),
        Event::RightsChanged(_) => None,
        Event::SupervisionEnded(leg, _) => {
            sees(policy, viewer, leg).then(|| Disclosed::SupervisionEnded(leg.clone()))
        }
        Event::MuteChanged(leg) => {
            sees(policy, viewer, leg).then(|| Disclosed::MuteChanged(leg.clone()))
        }
        Event::HeldChanged(held) => Some(Disclosed::HeldChanged(*held)),
        Event::EchoChanged(leg) => {
            (viewer != Viewer::Caller).then(|| Disclosed::EchoChanged(leg.clone()))
        }
        Event::MediaLostChanged(leg) => media_lost_changed(policy, viewer, leg),
        Event::HelpChanged(help) => {
            (viewer != Viewer::Caller).then(|| Disclosed::HelpChanged(help.clone()))
        }
        Event::Admitted(leg) if viewer == Viewer::Caller => Some(Disclosed::LegJoined(leg.clone())),
        Event::Admitted(leg) => Some(Disclosed::Admitted(leg.clone())),
        Event::HandoverRequested(handover) => requested(viewer, handover),
        Event::HandoverEnded(handover, outcome) => handover_ended(viewer, handover, *outcome),
        Event::Ended => Some(Disclosed::Ended),
    }
}

fn requested(viewer: Viewer, handover: &Handover) -> Option<Disclosed> {
    match (viewer, handover.kind) {
        (Viewer::Caller, HandoverKind::Transfer) => Some(Disclosed::Transferring(handover.to)),
        (Viewer::Caller, _) => None,
        _ => Some(Disclosed::HandoverRequested(handover.clone())),
    }
}

fn handover_ended(
    viewer: Viewer,
    handover: &Handover,
    outcome: HandoverOutcome,
) -> Option<Disclosed> {
    let failed = !matches!(outcome, HandoverOutcome::Accepted(_));
    match (viewer, handover.kind) {
        (Viewer::Caller, HandoverKind::Transfer) => failed.then_some(Disclosed::NotTransferred),
        (Viewer::Caller, _) => None,
        _ => Some(Disclosed::HandoverEnded(handover.clone(), outcome)),
    }
}

fn mode_changed(policy: &Policy, viewer: Viewer, leg: &Leg, from: Mode) -> Option<Disclosed> {
    match sight(sees_mode(policy, viewer, from), sees(policy, viewer, leg)) {
        Sight::Hidden => None,
        Sight::Appears => Some(Disclosed::SupervisionStarted(leg.clone())),
        Sight::Stays => Some(Disclosed::ModeChanged(leg.clone(), from)),
        Sight::Vanishes => Some(Disclosed::SupervisionEnded(leg.clone())),
    }
}

/// A party's lost media concern the staff; a caller is told of nobody's.
fn media_lost_changed(policy: &Policy, viewer: Viewer, leg: &Leg) -> Option<Disclosed> {
    let told = viewer != Viewer::Caller
        && sees(policy, viewer, leg)
        && (leg.role() != Role::Supervisor || viewer == Viewer::Supervisor);
    told.then(|| Disclosed::MediaLostChanged(leg.clone()))
}

fn sees_mode(policy: &Policy, viewer: Viewer, mode: Mode) -> bool {
    let onlooker = match (viewer, mode) {
        (Viewer::Supervisor, _) => Onlooker::Supervisor,
        (Viewer::Caller, _) => Onlooker::Customer,
        (Viewer::Agent(own), Mode::Whisper { coached }) => {
            Onlooker::Staff { whispered_to: own == Some(coached) }
        }
        (Viewer::Agent(_), Mode::Listen | Mode::Barge | Mode::TakeOver) => {
            Onlooker::Staff { whispered_to: false }
        }
    };
    knows_of(policy, onlooker, mode.kind())
}
