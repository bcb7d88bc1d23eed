//! A call's timeline: the events that were kept, as one reader may know them, in sentences.
//!
//! What the caller was not told of is marked private by who kept it. Of supervision an agent reads
//! what they noticed: a whisper to themself, and a Barge; of who listened only supervisors read.

use std::collections::BTreeSet;

use interaction::UserId;
use interaction::conversation::Reader;
use store::EventRecord;
use wire::{TimelineEntry, UserRef};

use super::knows_listeners;
use crate::centre::happened::Particulars;

/// What happened on a call, as the reader may know it.
pub fn of_call(events: &[EventRecord], reader: Reader, own: UserId) -> Vec<TimelineEntry> {
    // Supervisors of whom this reader knows at that moment.
    let mut known: BTreeSet<Option<u64>> = BTreeSet::new();
    let mut entries = Vec::new();
    for event in events {
        // What this server did not write says at least what and when.
        let about: Particulars = serde_json::from_str(&event.data).unwrap_or_default();
        let Some(kind) = told(event, &about, reader, own, &mut known) else { continue };
        entries.push(entry(event, kind, about));
    }
    entries
}

/// What the reader is told of an event; `None`: nothing.
fn told<'a>(
    event: &'a EventRecord,
    about: &Particulars,
    reader: Reader,
    own: UserId,
    known: &mut BTreeSet<Option<u64>>,
) -> Option<&'a str> {
    let kind = event.kind.as_str();
    if knows_listeners(reader) {
        return Some(kind);
    }
    let notices = match kind {
        "barged" => true,
        "whispering" => about.coached == Some(own.0),
        "listening" | "supervision_ended" => false,
        _ => return Some(kind),
    };
    if notices {
        known.insert(event.actor);
        return Some(kind);
    }
    // Stopped, or listens on, or coaches another one: which of these is not said.
    known.remove(&event.actor).then_some("supervision_ended")
}

fn entry(event: &EventRecord, kind: &str, about: Particulars) -> TimelineEntry {
    let name = match about.name.as_str() {
        "" => "Somebody",
        name => name,
    };
    let detail = match (&about.to, &about.detail) {
        (Some(to), Some(note)) => Some(format!("{to} · {note}")),
        (to, note) => to.clone().or_else(|| note.clone()),
    };
    // How somebody left is told by what happens next.
    let detail = detail.filter(|_| !matches!(kind, "left" | "supervision_ended"));
    let text = sentence(kind, name, about.to.as_deref(), about.detail.as_deref());
    let actor =
        event.actor.map(|user| UserRef { user: UserId(user).to_string(), name: name.to_owned() });
    TimelineEntry {
        at: event.at,
        kind: kind.to_owned(),
        actor,
        private: event.private,
        detail,
        text,
    }
}

fn sentence(kind: &str, name: &str, to: Option<&str>, detail: Option<&str>) -> String {
    let to = to.unwrap_or("somebody");
    match kind {
        "placed" => format!("{name} called."),
        "joined" => format!("{name} is on the call."),
        "left" => format!("{name} left the call."),
        "consulted" => format!("{name} is consulted; the caller does not hear it."),
        "consultation_ended" => format!("{name} is no longer consulted."),
        "listening" => format!("{name} listens; nobody notices."),
        "whispering" => format!("{name} whispers to {to}."),
        "barged" => format!("{name} has joined, for everybody."),
        "supervision_ended" => format!("{name} stopped supervising."),
        "held" => "The caller was put on hold.".to_owned(),
        "resumed" => "The caller was taken back from hold.".to_owned(),
        "connection_lost" => format!("{name} lost the connection."),
        "connection_back" => format!("{name} has the connection back."),
        "help_raised" => match detail {
            Some(reason) => format!("{name} asked for help: {reason}"),
            None => format!("{name} asked for help."),
        },
        "help_taken" => format!("{name} came to help."),
        "help_closed" => "The help request was closed.".to_owned(),
        "help_cancelled" => "The help request was cancelled.".to_owned(),
        "transfer_requested" => format!("{name} transfers the call to {to}."),
        "consultation_requested" => format!("{name} consults {to}."),
        "conference_requested" => format!("{name} asks {to} to join."),
        "handover_accepted" => format!("{name} accepted the request."),
        "handover_declined" => "The request was declined.".to_owned(),
        "handover_cancelled" => "The request was taken back.".to_owned(),
        "transfer_no_agents" | "consultation_no_agents" => "No agents were available".to_owned(),
        "conference_no_agents" => {
            "No agents were available to join the conference conversation".to_owned()
        }
        "ended" => end_text(detail.unwrap_or_default()).to_owned(),
        // Of a newer server: its name says more than nothing.
        other => format!("{name}: {other}"),
    }
}

fn end_text(reason: &str) -> &'static str {
    match reason {
        "caller" => "The caller hung up.",
        "agent" => "The agent hung up.",
        "no_agent" => "The call ended: no agents were available.",
        "lost" => "The call ended: the connection was lost.",
        _ => "The server ended the call.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: u64 = 2;
    const BEN: u64 = 3;
    const SAM: u64 = 9;

    fn event(kind: &str, actor: u64, coached: Option<u64>) -> EventRecord {
        let about = Particulars {
            name: format!("User {actor}"),
            detail: None,
            to: coached.map(|user| format!("User {user}")),
            coached,
        };
        EventRecord {
            position: 1,
            at: 1,
            kind: kind.to_owned(),
            actor: Some(actor),
            private: kind != "barged" && kind != "joined",
            data: serde_json::to_string(&about).unwrap(),
        }
    }

    /// Sam listens, whispers to Ana, then to Ben, listens on, barges, and stops.
    fn events() -> Vec<EventRecord> {
        vec![
            event("joined", ANA, None),
            event("listening", SAM, None),
            event("whispering", SAM, Some(ANA)),
            event("whispering", SAM, Some(BEN)),
            event("listening", SAM, None),
            event("barged", SAM, None),
            event("supervision_ended", SAM, None),
        ]
    }

    fn kinds(reader: Reader, own: u64) -> Vec<String> {
        let entries = of_call(&events(), reader, UserId(own));
        entries.into_iter().map(|entry| entry.kind).collect()
    }

    #[test]
    fn supervisors_read_of_every_mode() {
        assert_eq!(kinds(Reader::Supervisor, SAM).len(), events().len());
    }

    #[test]
    fn an_agent_reads_of_the_whispers_to_themself_and_of_the_barge() {
        assert_eq!(
            kinds(Reader::Agent, ANA),
            ["joined", "whispering", "supervision_ended", "barged", "supervision_ended"]
        );
        assert_eq!(
            kinds(Reader::Agent, BEN),
            ["joined", "whispering", "supervision_ended", "barged", "supervision_ended"]
        );
        assert_eq!(kinds(Reader::Agent, 4), ["joined", "barged", "supervision_ended"]);
        let listens = [event("listening", SAM, None), event("supervision_ended", SAM, None)];
        assert!(of_call(&listens, Reader::Agent, UserId(ANA)).is_empty());
    }

    #[test]
    fn what_is_unreadable_is_told_by_its_name() {
        let odd = EventRecord { data: "[]".to_owned(), ..event("beamed_up", ANA, None) };
        let told = of_call(&[odd], Reader::Agent, UserId(ANA));
        assert_eq!(told[0].text, "Somebody: beamed_up");
    }

    #[test]
    fn a_transfer_says_where_to_and_why() {
        let about = Particulars {
            name: "Ana".to_owned(),
            detail: Some("VIP".to_owned()),
            to: Some("Sales".to_owned()),
            coached: None,
        };
        let data = serde_json::to_string(&about).unwrap();
        let transfer = EventRecord { data, ..event("transfer_requested", ANA, None) };
        let told = of_call(&[transfer], Reader::Agent, UserId(ANA));
        assert_eq!(told[0].text, "Ana transfers the call to Sales.");
        assert_eq!(told[0].detail.as_deref(), Some("Sales · VIP"));
    }
}
