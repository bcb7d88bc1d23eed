//! What a viewer is told of a call, in words that are the same in two worlds: ids of legs and the call's
//! revision are left out, for viewers who may not know of supervisors get neither.

use interaction::disclosure::sees;
use interaction::{CallState, Disclosed, Event, Leg, Mode, Party, Viewer, disclose};

/// What `viewer` is told of `event`; `None`: nothing.
pub fn told(call: &CallState, viewer: Viewer, event: &Event) -> Option<String> {
    disclose(call.policy(), viewer, event).map(|disclosed| describe(call, &disclosed))
}

/// What `viewer` may see of the call as it is.
pub fn seen(call: &CallState, viewer: Viewer) -> String {
    let visible = call.legs().iter().filter(|it| sees(call.policy(), viewer, it));
    let mut legs: Vec<String> = visible.map(|it| leg(call, it)).collect();
    // Supervisors are shown by when they became visible; here the order is of no account.
    legs.sort_unstable();
    format!("held {}, over {}: {}", call.held(), call.ended(), legs.join("; "))
}

fn describe(call: &CallState, disclosed: &Disclosed) -> String {
    match disclosed {
        Disclosed::LegJoined(it) => format!("joined: {}", leg(call, it)),
        Disclosed::LegLeft(it, reason) => format!("left: {}, {reason:?}", leg(call, it)),
        Disclosed::SupervisionStarted(it) => format!("supervises: {}", leg(call, it)),
        Disclosed::ModeChanged(it, from) => {
            format!("mode: {}, which {} before", leg(call, it), mode(call, *from))
        }
        // In which mode they are now, the viewer may not know.
        Disclosed::SupervisionEnded(it) => format!("no longer supervises: {}", it.user),
        Disclosed::MuteChanged(it) => format!("mute: {}", leg(call, it)),
        Disclosed::HeldChanged(held) => format!("held: {held}"),
        Disclosed::MediaLostChanged(it) => format!("media: {}", leg(call, it)),
        Disclosed::EchoChanged(it) => format!("echo: {}", leg(call, it)),
        Disclosed::HelpChanged(help) => format!("help: {help:?}"),
        Disclosed::Admitted(it) => format!("admitted: {}", leg(call, it)),
        Disclosed::Transferring(to) => format!("transferring to {to:?}"),
        Disclosed::NotTransferred => "not transferred".to_owned(),
        Disclosed::HandoverRequested(handover) => format!("wanted: {handover:?}"),
        Disclosed::HandoverEnded(handover, outcome) => format!("{outcome:?}: {handover:?}"),
        Disclosed::Ended => "over".to_owned(),
    }
}

fn leg(call: &CallState, leg: &Leg) -> String {
    let party = match leg.party {
        Party::Caller { muted } => format!("caller, muted {muted}"),
        Party::Agent { muted, consulted_by } => {
            let by = consulted_by.and_then(|by| call.leg(by)).map(|by| by.user);
            format!("agent, muted {muted}, consulted by {by:?}")
        }
        Party::Supervisor { mode: it, .. } => mode(call, it),
    };
    let Leg { user, media_lost, echo, .. } = leg;
    format!("{user} {party}, lost {media_lost}, echo {echo}, since {}", leg.mode_since().0)
}

fn mode(call: &CallState, mode: Mode) -> String {
    match mode {
        Mode::Listen => "listens".to_owned(),
        Mode::Whisper { coached } => {
            format!("whispers to {:?}", call.leg(coached).map(|leg| leg.user))
        }
        Mode::Barge => "barges".to_owned(),
        Mode::TakeOver => "takes over".to_owned(),
    }
}
