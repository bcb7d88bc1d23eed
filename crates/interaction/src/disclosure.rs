//! Who is told of a supervisor: the counterpart of who hears whom.
//!
//! [`sees`] decides whether a viewer knows that a leg is there, and [`disclose`] what a viewer is
//! told of an [`Event`]. A caller learns of a supervisor in Barge only; an agent of one who coaches
//! them or has barged (of a listener too, if the policy says so); supervisors of everything.

use crate::{Event, HelpState, LeaveReason, Leg, LegId, Mode, Policy, Role};

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
    /// A help request was raised, taken up, or closed.
    HelpChanged(Option<HelpState>),
    /// The call is over.
    Ended,
}

/// Whether `viewer` knows that `leg` is there.
pub fn sees(policy: &Policy, viewer: Viewer, leg: &Leg) -> bool {
    leg.mode().is_none_or(|mode| sees_mode(policy, viewer, mode))
}

/// What `viewer` is told of `event`; `None`: nothing at all.
pub fn disclose(policy: &Policy, viewer: Viewer, event: &Event) -> Option<Disclosed> {
    match event {
        Event::LegJoined(leg) => Some(Disclosed::LegJoined(leg.clone())),
        Event::LegLeft(leg, reason) => Some(Disclosed::LegLeft(leg.clone(), *reason)),
        Event::SupervisionStarted(leg) => {
            sees(policy, viewer, leg).then(|| Disclosed::SupervisionStarted(leg.clone()))
        }
        Event::ModeChanged { leg, from } => mode_changed(policy, viewer, leg, *from),
        Event::SupervisionEnded(leg, _) => {
            sees(policy, viewer, leg).then(|| Disclosed::SupervisionEnded(leg.clone()))
        }
        Event::MuteChanged(leg) => Some(Disclosed::MuteChanged(leg.clone())),
        Event::HeldChanged(held) => Some(Disclosed::HeldChanged(*held)),
        Event::MediaLostChanged(leg) => media_lost_changed(policy, viewer, leg),
        Event::HelpChanged(help) => {
            (viewer != Viewer::Caller).then(|| Disclosed::HelpChanged(help.clone()))
        }
        Event::Ended => Some(Disclosed::Ended),
    }
}

fn mode_changed(policy: &Policy, viewer: Viewer, leg: &Leg, from: Mode) -> Option<Disclosed> {
    match (sees_mode(policy, viewer, from), sees(policy, viewer, leg)) {
        (false, false) => None,
        (false, true) => Some(Disclosed::SupervisionStarted(leg.clone())),
        (true, true) => Some(Disclosed::ModeChanged(leg.clone(), from)),
        (true, false) => Some(Disclosed::SupervisionEnded(leg.clone())),
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
    match (viewer, mode) {
        (Viewer::Supervisor, _) | (_, Mode::Barge) => true,
        (Viewer::Caller, Mode::Listen | Mode::Whisper { .. }) => false,
        (Viewer::Agent(own), Mode::Whisper { coached }) => {
            policy.notify_agent_on_listen || own == Some(coached)
        }
        (Viewer::Agent(_), Mode::Listen) => policy.notify_agent_on_listen,
    }
}
