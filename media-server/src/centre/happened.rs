//! What happened on a call, as the store keeps it for the card's timeline.
//!
//! Kinds are the names that the API shows. The particulars carry the names of that time, because
//! guests and deleted users have none later. Everything that the caller was not told of is marked
//! private; who of the staff may read what is for whoever shows it.

use control_plane::{CallCard, CallEnd, CallEntry, CallSummary};
use interaction::{
    Event, Handover, HandoverKind, HandoverOutcome, Help, HelpStage, LeaveReason, Leg, Mode, Role,
    UserId,
};
use serde::{Deserialize, Serialize};

use crate::records::help::cancel_name;

/// The particulars of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Particulars {
    /// The name of the event's actor.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Why, or the note that went with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The name of whom or what it is about: who is coached, where a call goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The user who is coached: of the agents, this one knows of the whisper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coached: Option<u64>,
}

/// What is said of one event, before it gets its place.
struct Line {
    kind: &'static str,
    actor: Option<UserId>,
    private: bool,
    detail: Option<String>,
    to: Option<String>,
    coached: Option<UserId>,
}

/// What happened on a call, as it is kept.
pub fn rows(summary: &CallSummary) -> Vec<store::EventRecord> {
    let lines = summary.history.iter().filter_map(|entry| row(&summary.card, entry));
    (1..).zip(lines).map(|(position, row)| store::EventRecord { position, ..row }).collect()
}

/// The event as it is kept; `None`: it is not.
fn row(card: &CallCard, entry: &CallEntry) -> Option<store::EventRecord> {
    let line = line(card, &entry.event)?;
    let particulars = Particulars {
        name: line.actor.map(|user| card.participants.name_of(user)).unwrap_or_default(),
        detail: line.detail,
        to: line.to,
        coached: line.coached.map(|user| user.0),
    };
    Some(store::EventRecord {
        position: 0,
        at: entry.at.0,
        kind: line.kind.to_owned(),
        actor: line.actor.map(|user| user.0),
        private: line.private,
        data: serde_json::to_string(&particulars).expect("texts and numbers under text keys"),
    })
}

fn line(card: &CallCard, event: &Event) -> Option<Line> {
    Some(match event {
        Event::LegJoined(leg) => joined(card, leg),
        Event::LegLeft(leg, reason) => left(leg, *reason),
        Event::SupervisionStarted(leg) => Line::of("listening", leg.user).private(),
        Event::ModeChanged { leg, .. } => mode(card, leg)?,
        Event::SupervisionEnded(leg, reason) => {
            let line = Line::of("supervision_ended", leg.user).with(leave_name(*reason));
            if leg.mode() == Some(Mode::Barge) { line } else { line.private() }
        }
        Event::HeldChanged(held) => Line::nobodys(if *held { "held" } else { "resumed" }),
        Event::MediaLostChanged(leg) => {
            let kind = if leg.media_lost { "connection_lost" } else { "connection_back" };
            Line::of(kind, leg.user).private()
        }
        Event::HelpChanged(help) => help_line(help),
        Event::HandoverRequested(handover) => requested(card, handover),
        Event::HandoverEnded(handover, outcome) => handed_over(handover, *outcome),
        Event::Admitted(leg) => Line::of("joined", leg.user),
        Event::Ended => Line::nobodys("ended").with(card.end.unwrap_or(CallEnd::Server).name()),
        // Too often, and of no interest later.
        Event::MuteChanged(_) | Event::EchoChanged(_) | Event::RightsChanged(_) => return None,
    })
}

fn joined(card: &CallCard, leg: &Leg) -> Line {
    match leg.role() {
        Role::Caller => Line {
            to: card.queue.as_ref().map(|queue| queue.name.clone()),
            ..Line::of("placed", leg.user)
        },
        _ if leg.consulted_by().is_some() => Line::of("consulted", leg.user).private(),
        _ => Line::of("joined", leg.user),
    }
}

fn left(leg: &Leg, reason: LeaveReason) -> Line {
    if leg.consulted_by().is_some() {
        return Line::of("consultation_ended", leg.user).private();
    }
    Line::of("left", leg.user).with(leave_name(reason))
}

fn mode(card: &CallCard, leg: &Leg) -> Option<Line> {
    Some(match leg.mode()? {
        Mode::Listen => Line::of("listening", leg.user).private(),
        Mode::Whisper { coached } => {
            let coached = card.state.leg(coached).map(|agent| agent.user);
            let to = coached.map(|user| card.participants.name_of(user));
            Line { to, coached, ..Line::of("whispering", leg.user).private() }
        }
        Mode::Barge => Line::of("barged", leg.user),
    })
}

fn help_line(help: &Help) -> Line {
    let line = match help.stage {
        HelpStage::Open => {
            Line { detail: help.reason.clone(), ..Line::of("help_raised", help.agent) }
        }
        HelpStage::InProgress { by } => Line::of("help_taken", by),
        HelpStage::Closed { by: Some(by), .. } => Line::of("help_closed", by),
        HelpStage::Closed { by: None, .. } => Line::nobodys("help_closed"),
        HelpStage::Cancelled { why, .. } => Line::nobodys("help_cancelled").with(cancel_name(why)),
    };
    line.private()
}

fn requested(card: &CallCard, handover: &Handover) -> Line {
    let kind = match handover.kind {
        HandoverKind::Transfer => "transfer_requested",
        HandoverKind::Consultation => "consultation_requested",
        HandoverKind::Conference => "conference_requested",
    };
    let to = Some(card.participants.target_name(handover.to));
    Line { to, detail: handover.note.clone(), ..Line::of(kind, handover.from).private() }
}

fn handed_over(handover: &Handover, outcome: HandoverOutcome) -> Line {
    let line = match (outcome, handover.kind) {
        (HandoverOutcome::Accepted(by), _) => Line::of("handover_accepted", by),
        (HandoverOutcome::NoAgents, HandoverKind::Transfer) => Line::nobodys("transfer_no_agents"),
        (HandoverOutcome::NoAgents, HandoverKind::Consultation) => {
            Line::nobodys("consultation_no_agents")
        }
        (HandoverOutcome::NoAgents, HandoverKind::Conference) => {
            Line::nobodys("conference_no_agents")
        }
        (HandoverOutcome::Declined, _) => Line::nobodys("handover_declined"),
        (HandoverOutcome::Cancelled, _) => Line::nobodys("handover_cancelled"),
    };
    line.private()
}

fn leave_name(reason: LeaveReason) -> &'static str {
    match reason {
        LeaveReason::HungUp => "hung_up",
        LeaveReason::CallEnded => "call_ended",
        LeaveReason::Lost => "lost",
        LeaveReason::Replaced => "replaced",
        LeaveReason::Revoked => "revoked",
        LeaveReason::Transferred => "transferred",
    }
}

impl Line {
    fn of(kind: &'static str, actor: UserId) -> Self {
        Self { actor: Some(actor), ..Self::nobodys(kind) }
    }

    fn nobodys(kind: &'static str) -> Self {
        Self { kind, actor: None, private: false, detail: None, to: None, coached: None }
    }

    fn private(self) -> Self {
        Self { private: true, ..self }
    }

    fn with(self, detail: &str) -> Self {
        Self { detail: Some(detail.to_owned()), ..self }
    }
}
