//! A call's timeline: what happened, each in a sentence, as one reader may know it.
//!
//! What is told is decided by `interaction`'s [`disclose`], with the policy of the call's own time;
//! here it only gets its words. An entry is private unless the caller was told the same.

use std::collections::BTreeMap;

use interaction::conversation::Reader;
use interaction::{
    Access, Disclosed, Event, Handover, HandoverKind, HandoverOutcome, Help, HelpStage, Leg, LegId,
    Mode, Policy, Role, UserId, Viewer, disclose,
};
use store::EventRecord;
use wire::{TimelineEntry, UserRef};

use orchestrator::records::help::cancel_name;
use orchestrator::stored::call::CallFact;
use orchestrator::stored::former_call::{Former, Particulars};

/// One thing that happened, in words.
struct Happening {
    kind: &'static str,
    actor: Option<UserId>,
    detail: Option<String>,
    text: String,
}

/// What has happened so far, as far as what follows is about it.
#[derive(Default)]
struct Story {
    names: BTreeMap<UserId, String>,
    users: BTreeMap<LegId, UserId>,
    own_leg: Option<LegId>,
    /// An agent made the call.
    is_dialed: bool,
    /// The customer is on it; another caller is somebody outside whom an agent has called.
    has_caller: bool,
    former: Former,
}

/// What happened on a call, as the reader may know it; `policy` is the one of its time.
pub fn of_call(
    events: &[EventRecord],
    access: Access,
    policy: &Policy,
    own: UserId,
) -> Vec<TimelineEntry> {
    let mut story = Story::default();
    let mut entries = Vec::new();
    for row in events.iter().filter(|row| access.reaches_event(row.position)) {
        let Some(fact) = story.fact(row) else {
            entries.extend(unknown(row, access.reader));
            continue;
        };
        story.follow(&fact, own);
        let viewer = match access.reader {
            Reader::Requester => Viewer::Caller,
            Reader::Offered => Viewer::Agent(None),
            // Of the call, a colleague knows what an agent knows to whom nobody whispers.
            Reader::Agent | Reader::Colleague => Viewer::Agent(story.own_leg),
            Reader::Supervisor | Reader::Overseer => Viewer::Supervisor,
        };
        let in_words = |viewer| {
            let told = disclose(policy, viewer, &fact.event)?;
            story.happening(&fact, &told)
        };
        let (told, caller) = (in_words(viewer), in_words(Viewer::Caller).map(|it| it.kind));
        story.move_on(&fact);
        let Some(happening) = told else { continue };
        entries.push(TimelineEntry {
            at: row.at,
            kind: happening.kind.to_owned(),
            actor: happening.actor.map(|user| story.user(user)),
            private: caller != Some(happening.kind),
            detail: happening.detail,
            text: happening.text,
        });
    }
    entries
}

/// What this server can't read says at least that it was there, to those who know of everything.
fn unknown(row: &EventRecord, reader: Reader) -> Option<TimelineEntry> {
    matches!(reader, Reader::Supervisor | Reader::Overseer).then(|| TimelineEntry {
        at: row.at,
        kind: row.kind.clone(),
        actor: None,
        private: true,
        detail: None,
        text: format!("Something that this server does not know happened: {}.", row.kind),
    })
}

impl Story {
    fn fact(&mut self, row: &EventRecord) -> Option<CallFact> {
        if let Some(fact) = CallFact::of(&row.data) {
            return Some(fact);
        }
        let about: Particulars = serde_json::from_str(&row.data).ok()?;
        let event = self.former.event(row, &about)?;
        let name = about.name.clone();
        let mut fact = CallFact::new(event, |user| {
            if row.actor == Some(user.0) { name.clone() } else { String::new() }
        });
        if fact.event == Event::Ended {
            fact.end_reason = about.detail;
        }
        fact.to = about.to;
        Some(fact)
    }

    fn follow(&mut self, fact: &CallFact, own: UserId) {
        let names = fact.names.iter().map(|(user, name)| (UserId(*user), name.clone()));
        self.names.extend(names);
        if let Event::LegJoined(leg) = &fact.event {
            self.users.insert(leg.id, leg.user);
            self.is_dialed |= leg.role() == Role::Agent && fact.to.is_some();
            if leg.user == own && leg.role() == Role::Agent {
                // They keep it after they left: what they were told of is theirs.
                self.own_leg = Some(leg.id);
            }
        }
    }

    /// To be called once the words for what happened are made.
    fn move_on(&mut self, fact: &CallFact) {
        if let Event::LegJoined(leg) = &fact.event {
            self.has_caller |= leg.role() == Role::Caller;
        }
    }

    fn user(&self, id: UserId) -> UserRef {
        UserRef { user: id.to_string(), name: self.name(id) }
    }

    fn name(&self, user: UserId) -> String {
        self.names.get(&user).cloned().unwrap_or_else(|| "Somebody".to_owned())
    }

    /// What was told, in words; `None`: of no interest in a timeline.
    fn happening(&self, fact: &CallFact, told: &Disclosed) -> Option<Happening> {
        let to = fact.to.as_deref().unwrap_or("somebody");
        Some(match told {
            Disclosed::LegJoined(leg) => self.joined(leg, fact.to.clone()),
            Disclosed::LegLeft(leg, _) => self.left(leg),
            Disclosed::ModeChanged(leg, Mode::TakeOver) if leg.mode() == Some(Mode::Barge) => {
                self.of("handed_back", leg.user, "has handed the call back.")
            }
            Disclosed::SupervisionStarted(leg) | Disclosed::ModeChanged(leg, _) => {
                self.mode(leg, fact.to.as_deref())?
            }
            Disclosed::SupervisionEnded(leg) => {
                self.of("supervision_ended", leg.user, "stopped supervising.")
            }
            Disclosed::HeldChanged(true) => nobodys("held", "The caller was put on hold."),
            Disclosed::HeldChanged(false) => {
                nobodys("resumed", "The caller was taken back from hold.")
            }
            Disclosed::MediaLostChanged(leg) if leg.media_lost => {
                self.of("connection_lost", leg.user, "lost the connection.")
            }
            Disclosed::MediaLostChanged(leg) => {
                self.of("connection_back", leg.user, "has the connection back.")
            }
            Disclosed::HelpChanged(help) => self.help(help),
            Disclosed::Admitted(leg) => self.of("joined", leg.user, "is on the call."),
            Disclosed::HandoverRequested(handover) => self.requested(handover, to),
            Disclosed::HandoverEnded(handover, outcome) => self.handed_over(handover, *outcome),
            Disclosed::Ended => ended(fact.end_reason.as_deref().unwrap_or("server")),
            // The caller's words for what staff are told as requests.
            Disclosed::Transferring(_) | Disclosed::NotTransferred => return None,
            Disclosed::MuteChanged(_) | Disclosed::EchoChanged(_) => return None,
        })
    }

    fn of(&self, kind: &'static str, user: UserId, says: &str) -> Happening {
        let text = format!("{} {says}", self.name(user));
        Happening { kind, actor: Some(user), detail: None, text }
    }

    fn joined(&self, leg: &Leg, to: Option<String>) -> Happening {
        match leg.role() {
            Role::Caller if self.is_dialed || self.has_caller => {
                self.of("taken", leg.user, "took the call.")
            }
            Role::Caller => Happening { detail: to, ..self.of("placed", leg.user, "called.") },
            Role::Agent if to.is_some() => {
                let says = format!("called {}.", to.as_deref().unwrap_or_default());
                Happening { detail: to, ..self.of("dialed", leg.user, &says) }
            }
            Role::Agent | Role::Supervisor if leg.consulted_by().is_some() => {
                self.of("consulted", leg.user, "is consulted; the caller does not hear it.")
            }
            Role::Agent | Role::Supervisor => self.of("joined", leg.user, "is on the call."),
        }
    }

    fn left(&self, leg: &Leg) -> Happening {
        if leg.consulted_by().is_some() {
            return self.of("consultation_ended", leg.user, "is no longer consulted.");
        }
        self.of("left", leg.user, "left the call.")
    }

    /// A supervisor's mode, as it begins. Of a former version the coached one's name was kept.
    fn mode(&self, leg: &Leg, to: Option<&str>) -> Option<Happening> {
        Some(match leg.mode()? {
            Mode::Listen => self.of("listening", leg.user, "listens; nobody notices."),
            Mode::Whisper { coached } => {
                let coached = self.users.get(&coached).map(|user| self.name(*user));
                let coached = coached.or_else(|| to.map(str::to_owned));
                let says = format!("whispers to {}.", coached.as_deref().unwrap_or("somebody"));
                Happening { detail: coached, ..self.of("whispering", leg.user, &says) }
            }
            Mode::Barge => self.of("barged", leg.user, "has joined, for everybody."),
            Mode::TakeOver => self.of("taken_over", leg.user, "has taken the call over."),
        })
    }

    fn help(&self, help: &Help) -> Happening {
        match (help.stage, &help.reason) {
            (HelpStage::Open, _) if help.taken_at.is_some() => {
                nobodys("help_waits", "The help request waits again.")
            }
            (HelpStage::Open, Some(reason)) => {
                let says = format!("asked for help: {reason}");
                let detail = Some(reason.clone());
                Happening { detail, ..self.of("help_raised", help.agent, &says) }
            }
            (HelpStage::Open, None) => self.of("help_raised", help.agent, "asked for help."),
            (HelpStage::InProgress { by }, _) => self.of("help_taken", by, "came to help."),
            (HelpStage::Closed { by, .. }, _) => {
                Happening { actor: by, ..nobodys("help_closed", "The help request was closed.") }
            }
            (HelpStage::Cancelled { why, .. }, _) => Happening {
                detail: Some(cancel_name(why).to_owned()),
                ..nobodys("help_cancelled", "The help request was cancelled.")
            },
        }
    }

    fn requested(&self, handover: &Handover, to: &str) -> Happening {
        let (kind, says) = match handover.kind {
            HandoverKind::Transfer => {
                ("transfer_requested", format!("transfers the call to {to}."))
            }
            HandoverKind::Consultation => ("consultation_requested", format!("consults {to}.")),
            HandoverKind::Conference => ("conference_requested", format!("asks {to} to join.")),
        };
        let detail = match &handover.note {
            Some(note) => format!("{to} · {note}"),
            None => to.to_owned(),
        };
        Happening { detail: Some(detail), ..self.of(kind, handover.from, &says) }
    }

    fn handed_over(&self, handover: &Handover, outcome: HandoverOutcome) -> Happening {
        match (outcome, handover.kind) {
            (HandoverOutcome::Accepted(by), _) => {
                self.of("handover_accepted", by, "accepted the request.")
            }
            (HandoverOutcome::NoAgents, HandoverKind::Transfer) => {
                nobodys("transfer_no_agents", "No agents were available")
            }
            (HandoverOutcome::NoAgents, HandoverKind::Consultation) => {
                nobodys("consultation_no_agents", "No agents were available")
            }
            (HandoverOutcome::NoAgents, HandoverKind::Conference) => nobodys(
                "conference_no_agents",
                "No agents were available to join the conference conversation",
            ),
            (HandoverOutcome::Declined, _) => {
                nobodys("handover_declined", "The request was declined.")
            }
            (HandoverOutcome::Cancelled, _) => {
                nobodys("handover_cancelled", "The request was taken back.")
            }
        }
    }
}

fn nobodys(kind: &'static str, text: &str) -> Happening {
    Happening { kind, actor: None, detail: None, text: text.to_owned() }
}

fn ended(reason: &str) -> Happening {
    let text = match reason {
        "caller" => "The caller hung up.",
        "agent" => "The agent hung up.",
        "no_agent" => "The call ended: no agents were available.",
        "no_media" => "The call ended: the caller's audio could not be connected.",
        "lost" => "The call ended: the connection was lost.",
        "busy" => "The number was busy.",
        "declined" => "The call was declined.",
        "no_answer" => "Nobody answered.",
        "no_such_number" => "The number does not exist.",
        "trunk_refused" => "The telephone network did not let the call through.",
        "no_common_codec" => "The other end could not agree on how to send sound.",
        "trunk_failed" => "The telephone network failed.",
        _ => "The server ended the call.",
    };
    Happening { detail: Some(reason.to_owned()), ..nobodys("ended", text) }
}

#[cfg(test)]
mod tests {
    use interaction::access::{Place, Span};
    use interaction::{Party, Rights, Slot, UnixMs};

    use super::*;
    use orchestrator::stored::call;

    const ANA: u64 = 2;
    const BEN: u64 = 3;
    const SAM: u64 = 9;

    fn access(reader: Reader) -> Access {
        Access { reader, span: Span::All }
    }

    /// As a former version kept it.
    fn former(kind: &str, actor: u64, coached: Option<u64>) -> EventRecord {
        let data = serde_json::json!({
            "name": format!("User {actor}"),
            "to": coached.map(|user| format!("User {user}")),
            "coached": coached,
        });
        EventRecord {
            position: 1,
            at: 1,
            kind: kind.to_owned(),
            actor: Some(actor),
            private: false,
            data: data.to_string(),
        }
    }

    /// Sam listens, whispers to Ana, then to Ben, listens on, barges, and stops.
    fn formerly() -> Vec<EventRecord> {
        vec![
            former("joined", ANA, None),
            former("joined", BEN, None),
            former("listening", SAM, None),
            former("whispering", SAM, Some(ANA)),
            former("whispering", SAM, Some(BEN)),
            former("listening", SAM, None),
            former("barged", SAM, None),
            former("supervision_ended", SAM, None),
        ]
    }

    fn leg(user: u64, party: Party) -> Leg {
        let (id, slot) = (LegId(user * 10), Slot::of_a_record());
        let user = UserId(user);
        Leg { id, slot, user, party, media_lost: false, echo: false, joined_at: UnixMs(1) }
    }

    fn row(position: u64, event: Event) -> EventRecord {
        let fact = CallFact::new(event, |user| format!("User {}", user.0));
        let (kind, actor) = (call::name(&fact.event).to_owned(), call::actor(&fact.event));
        let actor = actor.map(|user| user.0);
        EventRecord { position, at: position, kind, actor, private: false, data: fact.json() }
    }

    /// The same, as this version keeps it.
    fn now() -> Vec<EventRecord> {
        let agent = |user| leg(user, Party::Agent { muted: false, consulted_by: None });
        let sam = |mode| {
            leg(SAM, Party::Supervisor { mode, mode_since: UnixMs(1), rights: Rights::default() })
        };
        let whisper = |user| Mode::Whisper { coached: LegId(user * 10) };
        let events = [
            Event::LegJoined(agent(ANA)),
            Event::LegJoined(agent(BEN)),
            Event::SupervisionStarted(sam(Mode::Listen)),
            Event::ModeChanged { leg: sam(whisper(ANA)), from: Mode::Listen },
            Event::ModeChanged { leg: sam(whisper(BEN)), from: whisper(ANA) },
            Event::ModeChanged { leg: sam(Mode::Listen), from: whisper(BEN) },
            Event::ModeChanged { leg: sam(Mode::Barge), from: Mode::Listen },
            Event::SupervisionEnded(sam(Mode::Barge), interaction::LeaveReason::HungUp),
        ];
        events.into_iter().zip(1..).map(|(event, position)| row(position, event)).collect()
    }

    fn kinds(events: &[EventRecord], reader: Reader, own: u64) -> Vec<String> {
        let entries = of_call(events, access(reader), &Policy::default(), UserId(own));
        entries.into_iter().map(|entry| entry.kind).collect()
    }

    #[test]
    fn supervisors_read_of_every_mode() {
        for events in [formerly(), now()] {
            assert_eq!(
                kinds(&events, Reader::Supervisor, SAM),
                [
                    "joined",
                    "joined",
                    "listening",
                    "whispering",
                    "whispering",
                    "listening",
                    "barged",
                    "supervision_ended"
                ]
            );
        }
    }

    #[test]
    fn an_agent_reads_of_the_whispers_to_themself_and_of_the_barge() {
        for events in [formerly(), now()] {
            for agent in [ANA, BEN] {
                assert_eq!(
                    kinds(&events, Reader::Agent, agent),
                    [
                        "joined",
                        "joined",
                        "whispering",
                        "supervision_ended",
                        "barged",
                        "supervision_ended"
                    ]
                );
            }
            let other = kinds(&events, Reader::Agent, 4);
            assert_eq!(other, ["joined", "joined", "barged", "supervision_ended"]);
        }
    }

    #[test]
    fn the_policy_of_the_calls_own_time_holds() {
        let told = Policy { notify_agent_on_listen: true, ..Policy::default() };
        let entries = of_call(&now(), access(Reader::Agent), &told, UserId(ANA));
        assert_eq!(entries.len(), now().len());
    }

    #[test]
    fn who_left_reads_no_further_and_what_the_caller_was_told_is_not_private() {
        let until = Span::Until(Place { event: 4, message: 0, at: UnixMs(4) });
        let left = Access { reader: Reader::Agent, span: until };
        let entries = of_call(&now(), left, &Policy::default(), UserId(ANA));
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[2].text, "User 9 whispers to User 2.");
        assert!(!entries[0].private && entries[2].private);
        let all = of_call(&now(), access(Reader::Supervisor), &Policy::default(), UserId(SAM));
        let private: Vec<bool> = all.iter().map(|entry| entry.private).collect();
        assert_eq!(private, [false, false, true, true, true, true, false, false]);
    }

    #[test]
    fn what_is_unreadable_is_told_by_its_name_and_to_supervisors_alone() {
        let odd = EventRecord { data: "[]".to_owned(), ..former("beamed_up", ANA, None) };
        let known = former("beamed_up", ANA, None);
        for row in [odd, known] {
            assert_eq!(kinds(std::slice::from_ref(&row), Reader::Supervisor, SAM), ["beamed_up"]);
            assert!(kinds(&[row], Reader::Agent, ANA).is_empty(), "no default that allows");
        }
    }

    #[test]
    fn a_transfer_says_where_to_and_why() {
        let data = r#"{"name":"Ana","to":"Sales","detail":"VIP"}"#.to_owned();
        let transfer = EventRecord { data, ..former("transfer_requested", ANA, None) };
        let told = of_call(&[transfer], access(Reader::Agent), &Policy::default(), UserId(ANA));
        assert_eq!(told[0].text, "Ana transfers the call to Sales.");
        assert_eq!(told[0].detail.as_deref(), Some("Sales · VIP"));
    }

    #[test]
    fn who_called_whom_is_told_and_somebody_outside_took_a_call() {
        let caller = |user| leg(user, Party::Caller { muted: false });
        let agent = leg(ANA, Party::Agent { muted: false, consulted_by: None });
        let numbered = |position, event, to: Option<&str>| {
            let mut fact = CallFact::new(event, |user| format!("User {}", user.0));
            fact.to = to.map(str::to_owned);
            EventRecord { data: fact.json(), ..row(position, fact.event.clone()) }
        };
        let dialed = [
            numbered(1, Event::LegJoined(agent), Some("+4930123")),
            numbered(2, Event::LegJoined(caller(7)), None),
            numbered(3, Event::LegJoined(caller(8)), None),
        ];
        let told = of_call(&dialed, access(Reader::Agent), &Policy::default(), UserId(ANA));
        let texts: Vec<&str> = told.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(
            texts,
            ["User 2 called +4930123.", "User 7 took the call.", "User 8 took the call."]
        );
        let came = [
            numbered(1, Event::LegJoined(caller(7)), Some("Support")),
            numbered(2, Event::LegJoined(caller(8)), None),
        ];
        let told = of_call(&came, access(Reader::Agent), &Policy::default(), UserId(ANA));
        let kinds: Vec<&str> = told.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(kinds, ["placed", "taken"]);
    }
}
