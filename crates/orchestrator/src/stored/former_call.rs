//! Calls' events as former versions kept them: a name and a few particulars each. They become
//! domain events again, so that they are disclosed by the same rule as any other.
//!
//! What was not kept is made up in the narrowest way: a leg's id is its user's, a whisper whose
//! coached agent is not known is nobody's. What can't be made an event is none.

use std::collections::{BTreeMap, BTreeSet};

use interaction::Target;
use interaction::{
    Event, Handover, HandoverId, HandoverKind, HandoverOutcome, Help, HelpCancel, HelpStage,
    LeaveReason, Leg, LegId, Mode, Party, QueueId, Rights, Slot, UnixMs, UserId,
};
use serde::Deserialize;
use store::EventRecord;

/// No leg has this id: no user does.
const NOBODYS_LEG: LegId = LegId(u64::MAX);

/// The particulars that were kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Particulars {
    /// The name of the event's actor.
    pub name: String,
    /// Why, or the note that went with it.
    pub detail: Option<String>,
    /// The name of whom or what it is about: who is coached, where a call goes to.
    pub to: Option<String>,
    /// The user who is coached.
    pub coached: Option<u64>,
}

/// What has to be known of the events so far.
#[derive(Clone, Debug, Default)]
pub struct Former {
    caller: Option<UserId>,
    consulted: BTreeSet<UserId>,
    modes: BTreeMap<UserId, Mode>,
    asked_for_help: Option<UserId>,
}

impl Former {
    /// The event that was kept in this row, the next one; `None`: not one that this server knows.
    pub fn event(&mut self, row: &EventRecord, about: &Particulars) -> Option<Event> {
        let at = UnixMs(row.at);
        let kind = row.kind.as_str();
        match kind {
            "held" => return Some(Event::HeldChanged(true)),
            "resumed" => return Some(Event::HeldChanged(false)),
            "ended" => return Some(Event::Ended),
            _ => {}
        }
        if let Some(event) = self.help(row, about, at) {
            return Some(event);
        }
        if let Some(event) = handover(row, about, at) {
            return Some(event);
        }
        let user = UserId(row.actor?);
        self.supervision(kind, user, about, at).or_else(|| self.party(kind, user, about, at))
    }

    fn party(
        &mut self,
        kind: &str,
        user: UserId,
        about: &Particulars,
        at: UnixMs,
    ) -> Option<Event> {
        let agent = |consulted_by| leg(user, at, Party::Agent { muted: false, consulted_by });
        let reason = leave_reason(about.detail.as_deref());
        Some(match kind {
            "placed" => {
                self.caller = Some(user);
                Event::LegJoined(leg(user, at, Party::Caller { muted: false }))
            }
            "consulted" => {
                self.consulted.insert(user);
                Event::LegJoined(agent(Some(NOBODYS_LEG)))
            }
            "joined" if self.consulted.remove(&user) => Event::Admitted(agent(None)),
            "joined" => Event::LegJoined(agent(None)),
            "consultation_ended" => {
                self.consulted.remove(&user);
                Event::LegLeft(agent(Some(NOBODYS_LEG)), reason)
            }
            "left" if self.caller == Some(user) => {
                Event::LegLeft(leg(user, at, Party::Caller { muted: false }), reason)
            }
            "left" => Event::LegLeft(agent(None), reason),
            "connection_lost" | "connection_back" => {
                let party = match self.modes.get(&user) {
                    Some(mode) => supervisor(*mode, at),
                    None if self.caller == Some(user) => Party::Caller { muted: false },
                    None => Party::Agent { muted: false, consulted_by: None },
                };
                let media_lost = kind == "connection_lost";
                Event::MediaLostChanged(Leg { media_lost, ..leg(user, at, party) })
            }
            _ => return None,
        })
    }

    fn supervision(
        &mut self,
        kind: &str,
        user: UserId,
        about: &Particulars,
        at: UnixMs,
    ) -> Option<Event> {
        let before = self.modes.get(&user).copied();
        let mode = match kind {
            "listening" => Mode::Listen,
            "whispering" => Mode::Whisper { coached: about.coached.map_or(NOBODYS_LEG, LegId) },
            "barged" => Mode::Barge,
            "supervision_ended" => {
                self.modes.remove(&user);
                let last = supervisor(before.unwrap_or_default(), at);
                let reason = leave_reason(about.detail.as_deref());
                return Some(Event::SupervisionEnded(leg(user, at, last), reason));
            }
            _ => return None,
        };
        self.modes.insert(user, mode);
        let leg = leg(user, at, supervisor(mode, at));
        Some(match (before, mode) {
            (None, Mode::Listen) => Event::SupervisionStarted(leg),
            _ => Event::ModeChanged { leg, from: before.unwrap_or_default() },
        })
    }

    fn help(&mut self, row: &EventRecord, about: &Particulars, at: UnixMs) -> Option<Event> {
        let by = row.actor.map(UserId);
        let stage = match row.kind.as_str() {
            "help_raised" => {
                self.asked_for_help = by;
                HelpStage::Open
            }
            "help_taken" => HelpStage::InProgress { by: by? },
            "help_closed" => HelpStage::Closed { by, at },
            "help_cancelled" => {
                HelpStage::Cancelled { why: cancelled(about.detail.as_deref()), at }
            }
            _ => return None,
        };
        let reason = about.detail.clone().filter(|_| stage == HelpStage::Open);
        let agent = self.asked_for_help?;
        Some(Event::HelpChanged(Help {
            number: 1,
            agent,
            reason,
            raised_at: at,
            stage,
            taken_at: None,
        }))
    }
}

fn leg(user: UserId, at: UnixMs, party: Party) -> Leg {
    let (id, slot) = (LegId(user.0), Slot::of_a_record());
    Leg { id, slot, user, party, media_lost: false, echo: false, joined_at: at }
}

fn supervisor(mode: Mode, mode_since: UnixMs) -> Party {
    Party::Supervisor { mode, mode_since, rights: Rights::default() }
}

/// A request, or its end. Where it went to is kept by name alone.
fn handover(row: &EventRecord, about: &Particulars, at: UnixMs) -> Option<Event> {
    let (kind, outcome) = match row.kind.as_str() {
        "transfer_requested" => (HandoverKind::Transfer, None),
        "consultation_requested" => (HandoverKind::Consultation, None),
        "conference_requested" => (HandoverKind::Conference, None),
        "handover_accepted" => {
            let by = UserId(row.actor?);
            (HandoverKind::Transfer, Some(HandoverOutcome::Accepted(by)))
        }
        "handover_declined" => (HandoverKind::Transfer, Some(HandoverOutcome::Declined)),
        "handover_cancelled" => (HandoverKind::Transfer, Some(HandoverOutcome::Cancelled)),
        "transfer_no_agents" => (HandoverKind::Transfer, Some(HandoverOutcome::NoAgents)),
        "consultation_no_agents" => (HandoverKind::Consultation, Some(HandoverOutcome::NoAgents)),
        "conference_no_agents" => (HandoverKind::Conference, Some(HandoverOutcome::NoAgents)),
        _ => return None,
    };
    let handover = Handover {
        id: HandoverId(1),
        kind,
        from: row.actor.map_or(UserId(0), UserId),
        to: Target::Queue(QueueId(0)),
        note: about.detail.clone(),
        requested_at: at,
    };
    Some(match outcome {
        Some(outcome) => Event::HandoverEnded(handover, outcome),
        None => Event::HandoverRequested(handover),
    })
}

fn leave_reason(name: Option<&str>) -> LeaveReason {
    match name {
        Some("call_ended") => LeaveReason::CallEnded,
        Some("lost") => LeaveReason::Lost,
        Some("replaced") => LeaveReason::Replaced,
        Some("revoked") => LeaveReason::Revoked,
        Some("transferred") => LeaveReason::Transferred,
        // It is in no timeline: what happens next says how somebody left.
        Some(_) | None => LeaveReason::HungUp,
    }
}

fn cancelled(name: Option<&str>) -> HelpCancel {
    match name {
        Some("withdrawn") => HelpCancel::Withdrawn,
        Some("transferred") => HelpCancel::Transferred,
        Some("agent_left") => HelpCancel::AgentLeft,
        Some(_) | None => HelpCancel::Ended,
    }
}
