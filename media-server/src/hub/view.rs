//! A call as one viewer may see it: from the domain to the wire.
//!
//! Who is told of whom is decided by [`interaction::sees`] and [`interaction::disclose`] alone.
//! This module adds what would give a supervisor away sideways: ids that count up, the order of
//! legs, and since when somebody has been there.

use std::hash::{BuildHasher, RandomState};

use interaction::Target;
use interaction::disclosure::sees;
use interaction::{
    CallId, CallState, Disclosed, Handover, HandoverKind, HandoverOutcome, Help, HelpStage, Leg,
    LegId, Mode, ModeKind, Role, UnixMs, UserId, Viewer,
};
use wire::{
    CallPhase, CallView, ConsultationState, ConsultationView, Destination, Event, HandoverView,
    HelpState, HelpView, LegMeter, LegView, MoodView, TalkView, UserRef,
};

use crate::centre::record::CallRecord;

/// Makes the ids under which legs are known outside. A leg's own id counts up within its call, so
/// a caller could tell from a gap that somebody joined unseen.
///
/// To everybody but supervisors, a supervisor's leg is named after the user: a second Barge looks
/// the same whether the supervisor had stayed meanwhile or not.
#[derive(Clone, Debug, Default)]
pub struct LegNames {
    key: RandomState,
}

impl LegNames {
    /// The leg's id in this viewer's eyes.
    pub fn name(&self, call: CallId, viewer: Viewer, leg: &Leg) -> String {
        let hash = if leg.role() == Role::Supervisor && viewer != Viewer::Supervisor {
            self.key.hash_one((call, "user", leg.user))
        } else {
            self.key.hash_one((call, "leg", leg.id))
        };
        format!("{hash:016x}")
    }

    /// The leg of this name, if this viewer sees it.
    pub fn find<'a>(&self, state: &'a CallState, viewer: Viewer, name: &str) -> Option<&'a Leg> {
        visible(state, viewer).find(|leg| self.name(state.id(), viewer, leg) == name)
    }
}

/// The legs that the viewer knows of.
pub fn visible(state: &CallState, viewer: Viewer) -> impl Iterator<Item = &Leg> {
    state.legs().iter().filter(move |leg| sees(state.policy(), viewer, leg))
}

/// The call in the viewer's eyes. `own` is the viewer's user id.
pub fn call(
    names: &LegNames,
    record: &CallRecord,
    state: &CallState,
    viewer: Viewer,
    own: UserId,
) -> CallView {
    let staff = viewer != Viewer::Caller;
    let sound = if viewer == Viewer::Supervisor { mood(record) } else { None };
    let requested = state.handover();
    let mut legs: Vec<&Leg> = visible(state, viewer).collect();
    if viewer != Viewer::Supervisor {
        // A supervisor who listened before the second agent joined must not stand before them.
        legs.sort_by_key(|leg| leg.mode().is_some().then(|| shown_since(viewer, leg)));
    }
    CallView {
        id: record.id.to_string(),
        state: phase(record, state),
        queue: record.queue.as_ref().map(|queue| queue.key.clone()),
        caller: record.info.clone(),
        legs: legs.into_iter().map(|it| leg(names, record, viewer, it)).collect(),
        ringing: record.offer.filter(|_| staff).map(|offer| user_ref(record, offer.agent)),
        held: state.held(),
        placed_at: record.placed_at.0,
        answered_at: state.answered_at().map(|at| at.0),
        help: state.help().filter(|_| staff).map(|it| help(names, record, state, viewer, it)),
        handovers: requested.filter(|_| staff).map(|it| handover(record, it)).into_iter().collect(),
        consultation: if staff { consultation(names, record, state, viewer) } else { None },
        transferring_to: requested
            .filter(|it| it.kind == HandoverKind::Transfer)
            .map(|it| destination(record, it.to).1),
        mood: sound.map(|(mood, _)| mood),
        talk: sound.map(|(_, talk)| talk),
        listen_told: viewer == Viewer::Supervisor && state.policy().notify_agent_on_listen,
        own_leg: state.leg_of(own).map(|it| names.name(record.id, viewer, it)),
        revision: (viewer == Viewer::Supervisor).then_some(state.revision().0),
        end_reason: record.end_reason.filter(|_| state.ended()),
    }
}

/// One leg in the viewer's eyes.
pub fn leg(names: &LegNames, record: &CallRecord, viewer: Viewer, leg: &Leg) -> LegView {
    let mode = leg.mode();
    let coached = match mode {
        Some(Mode::Whisper { coached }) => Some(coached),
        _ => None,
    };
    LegView {
        id: names.name(record.id, viewer, leg),
        user: leg.user.to_string(),
        name: record.known.name_of(leg.user),
        role: role(leg.role()),
        mode: mode.map(|mode| mode_kind(mode.kind())),
        coach: coached.map(|id| agent_name(names, record.id, viewer, leg, id)),
        mode_since: mode.is_some().then(|| mode_since(leg).0),
        consulted_by: leg.consulted_by().map(|id| agent_name(names, record.id, viewer, leg, id)),
        muted: leg.muted(),
        lost: leg.media_lost && viewer != Viewer::Caller,
        echo: leg.echo && viewer != Viewer::Caller,
        joined_at: shown_since(viewer, leg).0,
    }
}

/// The event in the viewer's eyes.
pub fn event(
    names: &LegNames,
    record: &CallRecord,
    state: &CallState,
    viewer: Viewer,
    own: UserId,
    disclosed: &Disclosed,
) -> Option<Event> {
    let call = call(names, record, state, viewer, own);
    let shown = |it: &Leg| leg(names, record, viewer, it);
    Some(match disclosed {
        // The caller's arrival is what makes the call; an agent's first one is its start.
        Disclosed::LegJoined(it) if it.role() == Role::Caller => Event::CallUpdated { call },
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
        // For a caller the only visible mode is Barge: there is nothing to change from.
        Disclosed::ModeChanged(..) if viewer == Viewer::Caller => return None,
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
            Event::HelpChanged { call, request: help(names, record, state, viewer, it) }
        }
        Disclosed::HandoverRequested(it) => {
            Event::HandoverRequested { call, handover: handover(record, it) }
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
pub fn handover(record: &CallRecord, handover: &Handover) -> HandoverView {
    let (to, to_name) = destination(record, handover.to);
    HandoverView {
        id: handover.id.0.to_string(),
        kind: match handover.kind {
            HandoverKind::Transfer => wire::HandoverKind::Transfer,
            HandoverKind::Consultation => wire::HandoverKind::Consultation,
            HandoverKind::Conference => wire::HandoverKind::Conference,
        },
        from: user_ref(record, handover.from),
        to,
        to_name,
        note: handover.note.clone(),
        requested_at: handover.requested_at.0,
    }
}

/// How a request ended, and who accepted it.
pub fn outcome(
    record: &CallRecord,
    outcome: HandoverOutcome,
) -> (wire::HandoverOutcome, Option<UserRef>) {
    match outcome {
        HandoverOutcome::Accepted(by) => {
            (wire::HandoverOutcome::Accepted, Some(user_ref(record, by)))
        }
        HandoverOutcome::NoAgents => (wire::HandoverOutcome::NoAgents, None),
        HandoverOutcome::Declined => (wire::HandoverOutcome::Declined, None),
        HandoverOutcome::Cancelled => (wire::HandoverOutcome::Cancelled, None),
    }
}

/// How a call sounds, as its supervisors see it.
pub fn mood(record: &CallRecord) -> Option<(MoodView, TalkView)> {
    let figures = record.mood()?;
    let talk = TalkView {
        caller_share: figures.caller_share,
        talk_over: figures.talk_over,
        dead_air: figures.dead_air,
        silent_ms: figures.silent_ms,
        caller_raised: figures.caller_raised,
        agent_raised: figures.agent_raised,
    };
    Some((MoodView { value: figures.value, trend: figures.trend }, talk))
}

/// The levels of the legs that the viewer knows of.
pub fn meters(
    names: &LegNames,
    state: &CallState,
    viewer: Viewer,
    levels: &[(LegId, i8, bool)],
) -> Vec<LegMeter> {
    visible(state, viewer)
        .filter_map(|leg| {
            let (_, level, speaking) = *levels.iter().find(|(id, ..)| *id == leg.id)?;
            Some(LegMeter { leg: names.name(state.id(), viewer, leg), level, speaking })
        })
        .collect()
}

/// A mode's name on the wire.
pub fn mode_kind(kind: ModeKind) -> wire::Mode {
    match kind {
        ModeKind::Listen => wire::Mode::Listen,
        ModeKind::Whisper => wire::Mode::Whisper,
        ModeKind::Barge => wire::Mode::Barge,
    }
}

/// A mode's name from the wire.
pub fn wanted_mode(mode: wire::Mode) -> ModeKind {
    match mode {
        wire::Mode::Listen => ModeKind::Listen,
        wire::Mode::Whisper => ModeKind::Whisper,
        wire::Mode::Barge => ModeKind::Barge,
    }
}

fn role(role: Role) -> wire::Role {
    match role {
        Role::Caller => wire::Role::Caller,
        Role::Agent => wire::Role::Agent,
        Role::Supervisor => wire::Role::Supervisor,
    }
}

fn phase(record: &CallRecord, state: &CallState) -> CallPhase {
    if state.ended() {
        CallPhase::Ended
    } else if state.answered_at().is_some() {
        CallPhase::Active
    } else if record.offer.is_some() {
        CallPhase::Ringing
    } else {
        CallPhase::Waiting
    }
}

fn help(
    names: &LegNames,
    record: &CallRecord,
    state: &CallState,
    viewer: Viewer,
    help: &Help,
) -> HelpView {
    let agent = state.leg_of(help.agent);
    let (stage, ended_at) = match help.stage {
        HelpStage::Open => (HelpState::Open, None),
        HelpStage::InProgress { .. } => (HelpState::InProgress, None),
        HelpStage::Closed { at, .. } => (HelpState::Closed, Some(at.0)),
        HelpStage::Cancelled { at, .. } => (HelpState::Cancelled, Some(at.0)),
    };
    HelpView {
        leg: agent.map_or_else(String::new, |leg| names.name(record.id, viewer, leg)),
        agent: help.agent.to_string(),
        reason: help.reason.clone(),
        state: stage,
        requested_at: help.raised_at.0,
        taken_by: help.taken_by().map(|user| user_ref(record, user)),
        taken_at: help.taken_at.map(|at| at.0),
        ended_at,
    }
}

fn consultation(
    names: &LegNames,
    record: &CallRecord,
    state: &CallState,
    viewer: Viewer,
) -> Option<ConsultationView> {
    if let Some(leg) = state.consulted() {
        let by = leg.consulted_by()?;
        return Some(ConsultationView {
            state: ConsultationState::Talking,
            by: agent_name(names, record.id, viewer, leg, by),
            with: record.known.name_of(leg.user),
            leg: Some(names.name(record.id, viewer, leg)),
            since: leg.joined_at.0,
        });
    }
    let asked = state.handover().filter(|it| it.kind == HandoverKind::Consultation)?;
    Some(ConsultationView {
        state: ConsultationState::Ringing,
        by: names.name(record.id, viewer, state.leg_of(asked.from)?),
        with: destination(record, asked.to).1,
        leg: None,
        since: asked.requested_at.0,
    })
}

/// Where something goes, and the name of it.
fn destination(record: &CallRecord, to: Target) -> (Destination, String) {
    match to {
        Target::Queue(id) => {
            let key = record.known.queue_of(id).map(|queue| queue.key.clone());
            (Destination::Queue(key.unwrap_or_default()), record.known.target_name(to))
        }
        Target::Agent(id) => (Destination::Agent(id.to_string()), record.known.target_name(to)),
    }
}

fn user_ref(record: &CallRecord, user: UserId) -> UserRef {
    UserRef { user: user.to_string(), name: record.known.name_of(user) }
}

/// The name of an agent's leg, which depends on its id only.
fn agent_name(names: &LegNames, call: CallId, viewer: Viewer, coach: &Leg, agent: LegId) -> String {
    let party = interaction::Party::Agent { muted: false, consulted_by: None };
    let leg = Leg { id: agent, party, ..coach.clone() };
    names.name(call, viewer, &leg)
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
