//! A call's events, as they stand in the store: the domain's event, and how everybody was called.

use std::collections::BTreeMap;

use interaction::Target;
use interaction::{Event, Handover, HandoverOutcome, Help, HelpStage, Leg, UserId};
use serde::{Deserialize, Serialize};

/// The version of what is written here. What has none is a former version's: see
/// [`former_call`](super::former_call).
const VERSION: u32 = 1;

/// An event of a call, with the names of its time: guests and deleted users have none later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFact {
    /// The form; see the module.
    version: u32,
    /// What happened.
    pub event: Event,
    /// Those whom it is about, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<u64, String>,
    /// The name of the queue or agent that the call goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How the call ended, as named in the API: with its last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
}

impl CallFact {
    /// What is to be kept of an event.
    pub fn new(event: Event, name_of: impl Fn(UserId) -> String) -> Self {
        let users = users(&event);
        let names = users.into_iter().map(|user| (user.0, name_of(user)));
        let names = names.filter(|(_, name)| !name.is_empty()).collect();
        Self { version: VERSION, event, names, to: None, end_reason: None }
    }

    /// As it stands in the store.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("facts are maps with text keys")
    }

    /// What was kept; `None`: not in this form.
    pub fn of(json: &str) -> Option<Self> {
        let kept: Self = serde_json::from_str(json).ok()?;
        (kept.version == VERSION).then_some(kept)
    }
}

/// The event's name in the store.
pub fn name(event: &Event) -> &'static str {
    match event {
        Event::LegJoined(_) => "leg_joined",
        Event::LegLeft(..) => "leg_left",
        Event::SupervisionStarted(_) => "supervision_started",
        Event::ModeChanged { .. } => "mode_changed",
        Event::SupervisionEnded(..) => "supervision_ended",
        Event::RightsChanged(_) => "rights_changed",
        Event::MuteChanged(_) => "mute_changed",
        Event::HeldChanged(_) => "held_changed",
        Event::MediaLostChanged(_) => "media_lost_changed",
        Event::EchoChanged(_) => "echo_changed",
        Event::HelpChanged(_) => "help_changed",
        Event::HandoverRequested(_) => "handover_requested",
        Event::HandoverEnded(..) => "handover_ended",
        Event::Admitted(_) => "admitted",
        Event::Ended => "ended",
    }
}

/// Whose doing it was, if anybody's.
pub fn actor(event: &Event) -> Option<UserId> {
    match event {
        Event::LegJoined(leg)
        | Event::LegLeft(leg, _)
        | Event::SupervisionStarted(leg)
        | Event::ModeChanged { leg, .. }
        | Event::SupervisionEnded(leg, _)
        | Event::RightsChanged(leg)
        | Event::MuteChanged(leg)
        | Event::MediaLostChanged(leg)
        | Event::EchoChanged(leg)
        | Event::Admitted(leg) => Some(leg.user),
        Event::HelpChanged(help) => helper(help),
        Event::HandoverRequested(handover) => Some(handover.from),
        Event::HandoverEnded(_, HandoverOutcome::Accepted(by)) => Some(*by),
        Event::HandoverEnded(
            _,
            HandoverOutcome::NoAgents | HandoverOutcome::Declined | HandoverOutcome::Cancelled,
        )
        | Event::HeldChanged(_)
        | Event::Ended => None,
    }
}

fn helper(help: &Help) -> Option<UserId> {
    match help.stage {
        HelpStage::Open => Some(help.agent),
        HelpStage::InProgress { by } => Some(by),
        HelpStage::Closed { by, .. } => by,
        HelpStage::Cancelled { .. } => None,
    }
}

/// Those whom an event names.
fn users(event: &Event) -> Vec<UserId> {
    let of_leg = |leg: &Leg| vec![leg.user];
    let of_handover = |handover: &Handover| match handover.to {
        Target::Agent(agent) => vec![handover.from, agent],
        Target::Queue(_) => vec![handover.from],
    };
    match event {
        Event::LegJoined(leg)
        | Event::LegLeft(leg, _)
        | Event::SupervisionStarted(leg)
        | Event::ModeChanged { leg, .. }
        | Event::SupervisionEnded(leg, _)
        | Event::RightsChanged(leg)
        | Event::MuteChanged(leg)
        | Event::MediaLostChanged(leg)
        | Event::EchoChanged(leg)
        | Event::Admitted(leg) => of_leg(leg),
        Event::HelpChanged(help) => {
            [Some(help.agent), helper(help)].into_iter().flatten().collect()
        }
        Event::HandoverRequested(handover) => of_handover(handover),
        Event::HandoverEnded(handover, outcome) => {
            let by = match outcome {
                HandoverOutcome::Accepted(by) => Some(*by),
                HandoverOutcome::NoAgents
                | HandoverOutcome::Declined
                | HandoverOutcome::Cancelled => None,
            };
            of_handover(handover).into_iter().chain(by).collect()
        }
        Event::HeldChanged(_) | Event::Ended => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use interaction::{LegId, Mode, Party, Rights, Slot, UnixMs};

    use super::*;

    fn sam(mode: Mode) -> Leg {
        let rights = Rights { whisper: true, barge: false };
        Leg {
            id: LegId(3),
            slot: Slot::of_a_record(),
            user: UserId(9),
            party: Party::Supervisor { mode, mode_since: UnixMs(8), rights },
            media_lost: false,
            echo: false,
            joined_at: UnixMs(7),
        }
    }

    #[test]
    fn an_event_comes_back_as_it_was() {
        let leg = sam(Mode::Whisper { coached: LegId(2) });
        let event = Event::ModeChanged { leg, from: Mode::Listen };
        let fact = CallFact::new(event, |user| format!("User {}", user.0));
        assert_eq!(CallFact::of(&fact.json()), Some(fact.clone()));
        assert_eq!(fact.names, BTreeMap::from([(9, "User 9".to_owned())]));
    }

    #[test]
    fn what_was_written_once_is_read_for_ever() {
        let written = r#"{"version":1,"event":{"mode_changed":{"leg":{"id":3,"user":9,
            "party":{"supervisor":{"mode":{"whisper":{"coached":2}},"mode_since":8,
            "rights":{"whisper":true,"barge":false}}},"media_lost":false,"echo":false,
            "joined_at":7},"from":"listen"}},"names":{"9":"Sam"}}"#;
        let fact = CallFact::of(written).expect("in the form of version 1");
        let leg = sam(Mode::Whisper { coached: LegId(2) });
        assert_eq!(fact.event, Event::ModeChanged { leg, from: Mode::Listen });
        let simple = r#"{"version":1,"event":"ended","end_reason":"caller"}"#;
        assert_eq!(CallFact::of(simple).map(|it| it.event), Some(Event::Ended));
        assert_eq!(CallFact::of(r#"{"version":2,"event":"ended"}"#), None);
        assert_eq!(CallFact::of(r#"{"name":"Sam","coached":2}"#), None, "of a former version");
    }
}
