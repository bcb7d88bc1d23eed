//! A call as one kind of viewer may see it: from the domain to the wire.
//!
//! Who is told of whom is decided by [`interaction::disclosure`] alone. This module leaves out what
//! would give a supervisor away sideways: the order of legs, and since when somebody has been
//! there.

use control_plane::{
    Adding, AddingProgress, CallCard, CallEnd, CallFigures, CallSight, Dialed, LegNames,
    NotReached, visible,
};
use interaction::Target;
use interaction::{
    CallState, Disclosed, Handover, HandoverKind, HandoverOutcome, Help, HelpStage, Leg, Mode,
    ModeKind, Role, UnixMs, UserId, Viewer,
};
use wire::{
    AddingView, CallMeters, CallPhase, CallView, CallerInfo, ConsultationState, ConsultationView,
    Destination, EndReason, Event, HandoverView, HelpState, HelpView, LegView, MoodView,
    OutboundProgress, OutboundView, TalkView, UserRef,
};

use super::station::media_fault;

/// Added to the level of a leg that speaks: it is above 0 then.
const SPEAKS: i16 = 128;
/// Of a leg of which nothing is known yet, dBFS: digital silence.
const SILENCE: i16 = -127;

/// The call as a viewer sees it.
pub fn call(names: &LegNames, sight: &CallSight) -> CallView {
    let (card, viewer) = (&*sight.card, sight.viewer);
    let state = &card.state;
    let staff = viewer != Viewer::Caller;
    let sound = if viewer == Viewer::Supervisor { card.mood.as_ref().map(mood) } else { None };
    let requested = state.handover();
    let own_leg = sight.own_leg.and_then(|own| state.leg(own));
    CallView {
        id: card.id.to_string(),
        state: phase(card),
        queue: card.queue.as_ref().map(|queue| queue.key.clone()),
        caller: CallerInfo { name: card.caller.name.clone(), number: card.caller.number.clone() },
        caller_source: caller_source(card.caller.source),
        adding: card.adding.as_ref().filter(|_| staff).map(|it| Box::new(adding(card, it))),
        outbound: card.dialed.filter(|_| staff).map(|it| Box::new(outbound(card, it))),
        legs: shown_legs(state, viewer).map(|it| leg(names, card, viewer, it)).collect(),
        place: card.place.filter(|_| !staff && state.answered_at().is_none()),
        ringing: card.offer.filter(|_| staff).map(|offer| user_ref(card, offer.agent)),
        held: state.held(),
        placed_at: card.placed_at.0,
        answered_at: state.answered_at().map(|at| at.0),
        help: state.help().filter(|_| staff).map(|it| help(names, card, viewer, it)),
        handovers: requested.filter(|_| staff).map(|it| handover(card, it)).into_iter().collect(),
        consultation: if staff { consultation(names, card, viewer) } else { None },
        transferring_to: requested
            .filter(|it| it.kind == HandoverKind::Transfer)
            .map(|it| destination(card, it.to).1),
        mood: sound.map(|(mood, _)| mood),
        talk: sound.map(|(_, talk)| talk),
        listen_told: viewer == Viewer::Supervisor && state.policy().notify_agent_on_listen,
        agents_apart: staff && !state.policy().agents_hear_take_over,
        own_leg: own_leg.map(|it| names.name(card.id, viewer, it)),
        revision: (viewer == Viewer::Supervisor).then_some(state.revision().0),
        end_reason: card.end.filter(|_| state.ended()).map(end),
    }
}

/// The legs that a kind of viewer is told of, in the order in which they are told.
fn shown_legs(state: &CallState, viewer: Viewer) -> impl Iterator<Item = &Leg> {
    let mut legs: Vec<&Leg> = visible(state, viewer).collect();
    if viewer != Viewer::Supervisor {
        // A supervisor who listened before the second agent joined must not stand before them.
        // Of two who came in the same millisecond, the order must not be that in which they listened.
        legs.sort_by_key(|leg| leg.mode().is_some().then(|| (shown_since(viewer, leg), leg.user)));
    }
    legs.into_iter()
}

/// Who says who calls.
fn caller_source(source: control_plane::CallerSource) -> wire::CallerSource {
    match source {
        control_plane::CallerSource::Stated => wire::CallerSource::Stated,
        control_plane::CallerSource::Network => wire::CallerSource::Network,
        control_plane::CallerSource::Dialed => wire::CallerSource::Dialed,
    }
}

/// Somebody outside whom an agent calls to the call.
fn adding(card: &CallCard, it: &Adding) -> AddingView {
    let (progress, reason) = match it.progress {
        AddingProgress::Calling => (wire::AddingProgress::Calling, None),
        AddingProgress::Ringing => (wire::AddingProgress::Ringing, None),
        AddingProgress::Failed(why) => (wire::AddingProgress::Failed, Some(not_reached(why))),
    };
    AddingView {
        by: user_ref(card, it.by),
        number: it.number.clone(),
        transfer: it.transfer,
        progress,
        reason,
    }
}

/// A call that an agent makes.
fn outbound(card: &CallCard, dialed: Dialed) -> OutboundView {
    let progress = match (card.state.answered_at(), dialed.rings) {
        (Some(_), _) => OutboundProgress::Taken,
        (None, true) => OutboundProgress::Ringing,
        (None, false) => OutboundProgress::Calling,
    };
    OutboundView { by: user_ref(card, dialed.by), progress }
}

/// A call that rings at its viewer.
pub fn offer(names: &LegNames, sight: &CallSight, expires_at: UnixMs) -> wire::Offer {
    wire::Offer {
        call: call(names, sight),
        handover: sight.card.state.handover().map(|it| handover(&sight.card, it)),
        expires_at: expires_at.0,
    }
}

/// One leg in the viewer's eyes.
pub fn leg(names: &LegNames, card: &CallCard, viewer: Viewer, leg: &Leg) -> LegView {
    let mode = leg.mode();
    let coached = match mode {
        Some(Mode::Whisper { coached }) => Some(coached),
        _ => None,
    };
    LegView {
        id: names.name(card.id, viewer, leg),
        user: leg.user.to_string(),
        name: shown_name(card, viewer, leg),
        role: role(leg.role()),
        mode: mode.map(|mode| mode_kind(mode.kind())),
        coach: coached.map(|id| names.agent_name(card.id, id)),
        mode_since: mode.is_some().then(|| mode_since(leg).0),
        consulted_by: leg.consulted_by().map(|id| names.agent_name(card.id, id)),
        muted: leg.muted(),
        lost: leg.media_lost && viewer != Viewer::Caller,
        echo: leg.echo && viewer != Viewer::Caller,
        fault: if viewer == Viewer::Supervisor {
            card.fault_of(leg).map(media_fault)
        } else {
            None
        },
        joined_at: shown_since(viewer, leg).0,
    }
}

/// A caller is told of somebody outside who was called to the call, and not by which number.
fn shown_name(card: &CallCard, viewer: Viewer, leg: &Leg) -> String {
    let is_other = card.state.caller().is_some_and(|it| it.id != leg.id);
    let is_outside = leg.role() == Role::Caller && is_other;
    match viewer {
        Viewer::Caller if is_outside => String::new(),
        Viewer::Caller | Viewer::Agent(_) | Viewer::Supervisor => {
            card.participants.name_of(leg.user)
        }
    }
}

/// What a viewer is told of, as an event.
pub fn event(names: &LegNames, sight: &CallSight, disclosed: &Disclosed) -> Option<Event> {
    let (card, viewer) = (&*sight.card, sight.viewer);
    let state = &card.state;
    let call = call(names, sight);
    let shown = |it: &Leg| leg(names, card, viewer, it);
    Some(match disclosed {
        // The caller's arrival is what makes the call, an agent's first one is its start; of a call that an
        // agent makes it is the other way round.
        Disclosed::LegJoined(it)
            if it.role() == Role::Caller
                && card.dialed.is_some()
                && state.answered_at() == Some(it.joined_at) =>
        {
            Event::CallStarted { call }
        }
        Disclosed::LegJoined(it) if it.role() == Role::Caller || state.answered_at().is_none() => {
            Event::CallUpdated { call }
        }
        Disclosed::LegJoined(it) if state.answered_at() == Some(it.joined_at) => {
            Event::CallStarted { call }
        }
        Disclosed::LegJoined(it) => Event::LegJoined { call, leg: shown(it) },
        // The end of the call says it for everybody.
        Disclosed::LegLeft(..) if state.ended() => return None,
        Disclosed::LegLeft(it, _) => Event::LegLeft { call, leg: shown(it) },
        Disclosed::SupervisionStarted(it) if viewer == Viewer::Caller => {
            Event::LegJoined { call, leg: shown(it) }
        }
        Disclosed::SupervisionStarted(it) => Event::SupervisionStarted { call, leg: shown(it) },
        // To a caller that is a party's, between Barge and take-over.
        Disclosed::ModeChanged(..) if viewer == Viewer::Caller => Event::LegChanged { call },
        Disclosed::ModeChanged(it, from) => {
            Event::SupervisionModeChanged { call, leg: shown(it), from: mode_kind(from.kind()) }
        }
        Disclosed::SupervisionEnded(it) if viewer == Viewer::Caller => {
            Event::LegLeft { call, leg: left(shown(it)) }
        }
        Disclosed::SupervisionEnded(it) if viewer == Viewer::Supervisor => {
            Event::SupervisionEnded { call, leg: shown(it) }
        }
        Disclosed::SupervisionEnded(it) => Event::SupervisionEnded { call, leg: left(shown(it)) },
        Disclosed::MuteChanged(_)
        | Disclosed::HeldChanged(_)
        | Disclosed::MediaLostChanged(_)
        | Disclosed::EchoChanged(_) => Event::LegChanged { call },
        Disclosed::HelpChanged(it) => {
            Event::HelpChanged { call, request: help(names, card, viewer, it) }
        }
        Disclosed::HandoverRequested(it) => {
            Event::HandoverRequested { call, handover: handover(card, it) }
        }
        // Who joins says it.
        Disclosed::HandoverEnded(_, HandoverOutcome::Accepted(_)) => return None,
        // The end of the call says it.
        Disclosed::HandoverEnded(..) | Disclosed::NotTransferred if state.ended() => return None,
        // The call waits for another agent, or no longer does.
        Disclosed::Transferring(_) | Disclosed::NotTransferred | Disclosed::HandoverEnded(..) => {
            Event::CallUpdated { call }
        }
        Disclosed::Admitted(_) => Event::LegChanged { call },
        Disclosed::Ended => Event::CallEnded { call },
    })
}

/// A request that waits for an agent, as staff see it.
pub fn handover(card: &CallCard, handover: &Handover) -> HandoverView {
    let (to, to_name) = destination(card, handover.to);
    HandoverView {
        id: handover.id.0.to_string(),
        kind: match handover.kind {
            HandoverKind::Transfer => wire::HandoverKind::Transfer,
            HandoverKind::Consultation => wire::HandoverKind::Consultation,
            HandoverKind::Conference => wire::HandoverKind::Conference,
        },
        from: user_ref(card, handover.from),
        to,
        to_name,
        note: handover.note.clone(),
        requested_at: handover.requested_at.0,
    }
}

/// How a request ended, and who accepted it.
pub fn outcome(
    card: &CallCard,
    outcome: HandoverOutcome,
) -> (wire::HandoverOutcome, Option<UserRef>) {
    match outcome {
        HandoverOutcome::Accepted(by) => {
            (wire::HandoverOutcome::Accepted, Some(user_ref(card, by)))
        }
        HandoverOutcome::NoAgents => (wire::HandoverOutcome::NoAgents, None),
        HandoverOutcome::Declined => (wire::HandoverOutcome::Declined, None),
        HandoverOutcome::Cancelled => (wire::HandoverOutcome::Cancelled, None),
    }
}

/// The end of a request, for staff and for its sender.
pub fn handover_ended(card: &CallCard, it: &Handover, how: HandoverOutcome) -> Event {
    let (outcome, by) = outcome(card, how);
    Event::HandoverEnded { call: card.id.to_string(), handover: handover(card, it), outcome, by }
}

/// How a call sounds, as its supervisors see it.
pub fn mood(figures: &CallFigures) -> (MoodView, TalkView) {
    let talk = TalkView {
        caller_share: figures.caller_share,
        talk_over: figures.talk_over,
        dead_air: figures.dead_air,
        silent_ms: figures.silent_ms,
        caller_raised: figures.caller_raised,
        agent_raised: figures.agent_raised,
    };
    (MoodView { value: figures.value, trend: figures.trend }, talk)
}

/// The levels of the legs that a kind of viewer knows of, in the order in which [`call`] tells these.
pub fn meters(it: &control_plane::CallMeters) -> CallMeters {
    let level = |leg: &Leg| {
        let known = it.levels.iter().find(|(id, ..)| *id == leg.id);
        known.map_or(SILENCE, |(_, level, speaks)| {
            i16::from((*level).clamp(-127, 0)) + if *speaks { SPEAKS } else { 0 }
        })
    };
    CallMeters {
        call: it.call.to_string(),
        legs: shown_legs(&it.state, it.viewer).map(level).collect(),
    }
}

/// A mode's name on the wire.
pub fn mode_kind(kind: ModeKind) -> wire::Mode {
    match kind {
        ModeKind::Listen => wire::Mode::Listen,
        ModeKind::Whisper => wire::Mode::Whisper,
        ModeKind::Barge => wire::Mode::Barge,
        ModeKind::TakeOver => wire::Mode::TakeOver,
    }
}

/// A mode's name from the wire.
pub fn wanted_mode(mode: wire::Mode) -> ModeKind {
    match mode {
        wire::Mode::Listen => ModeKind::Listen,
        wire::Mode::Whisper => ModeKind::Whisper,
        wire::Mode::Barge => ModeKind::Barge,
        wire::Mode::TakeOver => ModeKind::TakeOver,
    }
}

fn role(role: Role) -> wire::Role {
    match role {
        Role::Caller => wire::Role::Caller,
        Role::Agent => wire::Role::Agent,
        Role::Supervisor => wire::Role::Supervisor,
    }
}

fn phase(card: &CallCard) -> CallPhase {
    let state = &card.state;
    if state.ended() {
        CallPhase::Ended
    } else if state.answered_at().is_some() {
        CallPhase::Active
    } else if card.dialed.is_some() {
        CallPhase::Dialing
    } else if card.offer.is_some() {
        CallPhase::Ringing
    } else {
        CallPhase::Waiting
    }
}

fn help(names: &LegNames, card: &CallCard, viewer: Viewer, help: &Help) -> HelpView {
    let agent = card.state.leg_of(help.agent);
    let (stage, ended_at) = match help.stage {
        HelpStage::Open => (HelpState::Open, None),
        HelpStage::InProgress { .. } => (HelpState::InProgress, None),
        HelpStage::Closed { at, .. } => (HelpState::Closed, Some(at.0)),
        HelpStage::Cancelled { at, .. } => (HelpState::Cancelled, Some(at.0)),
    };
    HelpView {
        leg: agent.map_or_else(String::new, |leg| names.name(card.id, viewer, leg)),
        agent: help.agent.to_string(),
        reason: help.reason.clone(),
        state: stage,
        requested_at: help.raised_at.0,
        taken_by: help.taken_by().map(|user| user_ref(card, user)),
        taken_at: help.taken_at.map(|at| at.0),
        ended_at,
    }
}

fn consultation(names: &LegNames, card: &CallCard, viewer: Viewer) -> Option<ConsultationView> {
    let state = &card.state;
    if let Some(leg) = state.consulted() {
        let by = leg.consulted_by()?;
        return Some(ConsultationView {
            state: ConsultationState::Talking,
            by: names.agent_name(card.id, by),
            with: card.participants.name_of(leg.user),
            leg: Some(names.name(card.id, viewer, leg)),
            since: leg.joined_at.0,
        });
    }
    let asked = state.handover().filter(|it| it.kind == HandoverKind::Consultation)?;
    Some(ConsultationView {
        state: ConsultationState::Ringing,
        by: names.name(card.id, viewer, state.leg_of(asked.from)?),
        with: destination(card, asked.to).1,
        leg: None,
        since: asked.requested_at.0,
    })
}

/// Where something goes, and the name of it.
fn destination(card: &CallCard, to: Target) -> (Destination, String) {
    match to {
        Target::Queue(id) => {
            let key = card.participants.queue_of(id).map(|queue| queue.key.clone());
            (Destination::Queue(key.unwrap_or_default()), card.participants.target_name(to))
        }
        Target::Agent(id) => {
            (Destination::Agent(id.to_string()), card.participants.target_name(to))
        }
    }
}

fn user_ref(card: &CallCard, user: UserId) -> UserRef {
    UserRef { user: user.to_string(), name: card.participants.name_of(user) }
}

/// An end's name on the wire.
fn end(end: CallEnd) -> EndReason {
    match end {
        CallEnd::Caller => EndReason::Caller,
        CallEnd::Agent => EndReason::Agent,
        CallEnd::NoAgent => EndReason::NoAgent,
        CallEnd::NoMedia => EndReason::NoMedia,
        CallEnd::Lost => EndReason::Lost,
        CallEnd::Server => EndReason::Server,
        CallEnd::NotReached(why) => not_reached(why),
    }
}

/// Why nobody took a call of an agent's, on the wire.
fn not_reached(why: NotReached) -> EndReason {
    match why {
        NotReached::Busy => EndReason::Busy,
        NotReached::Declined => EndReason::Declined,
        NotReached::NoAnswer => EndReason::NoAnswer,
        NotReached::NoSuchNumber => EndReason::NoSuchNumber,
        NotReached::TrunkRefused => EndReason::TrunkRefused,
        NotReached::NoCommonCodec => EndReason::NoCommonCodec,
        NotReached::TrunkFailed => EndReason::TrunkFailed,
    }
}

/// Since when the viewer may know that the leg is there.
fn shown_since(viewer: Viewer, leg: &Leg) -> UnixMs {
    if viewer == Viewer::Supervisor { leg.joined_at } else { mode_since(leg) }
}

fn mode_since(leg: &Leg) -> UnixMs {
    match leg.party {
        interaction::Party::Supervisor { mode_since, .. } => mode_since,
        _ => leg.joined_at,
    }
}

/// A supervisor who is no longer visible: whether they left or listen on is not said. The
/// present mode and its time would tell, so the leg shows neither.
fn left(mut leg: LegView) -> LegView {
    leg.mode = None;
    leg.coach = None;
    leg.mode_since = None;
    leg.joined_at = 0;
    leg
}
