//! A conversation's timeline: what happened, each in a sentence, as one reader may know it.
//!
//! What is told is decided by `interaction`'s [`disclose`]; here it only gets its words. Messages,
//! typing and marks are not in it: messages have pages of their own.

use std::collections::BTreeMap;

use interaction::Target;
use interaction::conversation::{Disclosed, EndReason, Entry, MemberView, PartKind, Reader};
use interaction::conversation::{Viewer, disclose};
use interaction::{
    Handover, HandoverKind, HandoverOutcome, Help, HelpStage, ModeKind, Policy, QueueId, UserId,
};
use store::NoteRecord;
use wire::{TimelineEntry, UserRef};

use orchestrator::records::help::cancel_name;

/// How people and queues are called.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// People, at the time of the interaction if it is known.
    pub users: BTreeMap<UserId, String>,
    /// Queues, as they are called now.
    pub queues: BTreeMap<QueueId, String>,
}

/// One thing that happened, before it gets its names.
struct Happening {
    /// Its name in the API.
    pub kind: &'static str,
    /// Whose doing.
    pub actor: Option<UserId>,
    /// The particular of it.
    pub detail: Option<String>,
    /// In a sentence; `{}` stands for the actor.
    pub text: String,
}

impl Names {
    /// The person, as the API shows them.
    pub fn user(&self, id: UserId) -> UserRef {
        let name = self.users.get(&id).cloned().unwrap_or_else(|| "Somebody".to_owned());
        UserRef { user: id.to_string(), name }
    }

    fn target(&self, target: Target) -> String {
        match target {
            Target::Queue(id) => {
                self.queues.get(&id).cloned().unwrap_or_else(|| "another queue".to_owned())
            }
            Target::Agent(id) => self.user(id).name,
        }
    }

    fn entry(&self, at: u64, private: bool, happening: Happening) -> TimelineEntry {
        let actor = happening.actor.map(|id| self.user(id));
        let name = actor.as_ref().map_or("Somebody", |actor| actor.name.as_str());
        let text = happening.text.replacen("{}", name, 1);
        let (kind, detail) = (happening.kind.to_owned(), happening.detail);
        TimelineEntry { at, kind, actor, private, detail, text }
    }
}

impl Happening {
    fn of(kind: &'static str, actor: UserId, text: &str) -> Self {
        Self { kind, actor: Some(actor), detail: None, text: text.to_owned() }
    }

    fn nobodys(kind: &'static str, text: &str) -> Self {
        Self { kind, actor: None, detail: None, text: text.to_owned() }
    }

    fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

/// What happened in a conversation, as `viewer` may know it.
pub fn of_conversation<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    policy: &Policy,
    viewer: Viewer,
    requester: UserId,
    names: &Names,
) -> Vec<TimelineEntry> {
    let customer = Viewer { user: requester, reader: Reader::Requester };
    let line = |entry: &Entry| {
        let told = disclose(policy, viewer, entry)?;
        let private = disclose(policy, customer, entry).is_none();
        let happening = happening(&told.what, private, names)?;
        Some(names.entry(told.at.0, private, happening))
    };
    entries.into_iter().filter_map(line).collect()
}

/// The notes, as entries of a timeline.
pub fn of_notes(notes: &[NoteRecord], names: &Names) -> Vec<TimelineEntry> {
    let entry = |note: &NoteRecord| {
        let author = UserId(note.author);
        let happening = match &note.code {
            Some(code) => Happening::of("wrap_up", author, "{} wrapped it up.").with(code),
            None => Happening::of("note", author, "{} wrote a note."),
        };
        TimelineEntry {
            actor: Some(UserRef { user: author.to_string(), name: note.author_name.clone() }),
            ..names.entry(note.at, true, happening)
        }
    };
    notes.iter().map(entry).collect()
}

fn happening(what: &Disclosed, private: bool, names: &Names) -> Option<Happening> {
    Some(match what {
        Disclosed::Opened(member) => {
            Happening::of("opened", member.user, "{} opened the conversation.")
        }
        Disclosed::Joined(member) => joined(member),
        Disclosed::ModeChanged(member, ModeKind::TakeOver)
            if member.mode == Some(ModeKind::Barge) =>
        {
            Happening::of("handed_back", member.user, "{} has handed the conversation back.")
        }
        Disclosed::ModeChanged(member, _) => mode(member.user, member.mode?),
        Disclosed::Left(user, PartKind::Supervisor, _) if private => {
            Happening::of("supervision_ended", *user, "{} stopped supervising.")
        }
        Disclosed::Left(user, ..) => Happening::of("left", *user, "{} left the conversation."),
        Disclosed::HelpChanged(request) => help(request),
        Disclosed::HandoverRequested(request) => requested(request, names),
        Disclosed::HandoverEnded(request, outcome) => handed_over(request, *outcome),
        Disclosed::Ended(reason) => ended(*reason),
        // The customer's words for what staff are told as requests.
        Disclosed::Transferring(_) | Disclosed::NotTransferred => return None,
        Disclosed::Posted(_) | Disclosed::Typing(..) | Disclosed::Marked(..) => return None,
    })
}

fn joined(member: &MemberView) -> Happening {
    match (member.part, member.mode) {
        (PartKind::Supervisor, Some(kind)) => mode(member.user, kind),
        (PartKind::Colleague, _) => Happening::of("tagged_in", member.user, "{} was tagged in."),
        _ => Happening::of("joined", member.user, "{} has joined the conversation."),
    }
}

/// A supervisor's mode, as it begins.
fn mode(user: UserId, kind: ModeKind) -> Happening {
    match kind {
        ModeKind::Listen => Happening::of("listening", user, "{} listens; nobody notices."),
        ModeKind::Whisper => Happening::of("whispering", user, "{} whispers to staff."),
        ModeKind::Barge => Happening::of("barged", user, "{} has joined, for everybody."),
        ModeKind::TakeOver => {
            Happening::of("taken_over", user, "{} has taken the conversation over.")
        }
    }
}

fn help(help: &Help) -> Happening {
    let agent = help.agent;
    match help.stage {
        HelpStage::Open if help.taken_at.is_some() => {
            Happening::nobodys("help_waits", "The help request waits again.")
        }
        HelpStage::Open => raised(agent, help.reason.as_deref()),
        HelpStage::InProgress { by } => Happening::of("help_taken", by, "{} came to help."),
        HelpStage::Closed { by: Some(by), .. } => {
            Happening::of("help_closed", by, "{} closed the help request.")
        }
        HelpStage::Closed { by: None, .. } => {
            Happening::nobodys("help_closed", "The help request was closed.")
        }
        HelpStage::Cancelled { why, .. } => {
            Happening::nobodys("help_cancelled", "The help request was cancelled.")
                .with(cancel_name(why))
        }
    }
}

/// A raised hand.
fn raised(agent: UserId, reason: Option<&str>) -> Happening {
    match reason {
        Some(reason) => {
            Happening::of("help_raised", agent, &format!("{{}} asked for help: {reason}"))
                .with(reason)
        }
        None => Happening::of("help_raised", agent, "{} asked for help."),
    }
}

fn requested(request: &Handover, names: &Names) -> Happening {
    let to = names.target(request.to);
    let (kind, text) = match request.kind {
        HandoverKind::Transfer => ("transfer_requested", format!("{{}} transfers it to {to}.")),
        HandoverKind::Conference => ("conference_requested", format!("{{}} asks {to} to join.")),
        HandoverKind::Consultation => ("consultation_requested", format!("{{}} consults {to}.")),
    };
    let detail = match &request.note {
        Some(note) => format!("{to} · {note}"),
        None => to,
    };
    Happening::of(kind, request.from, &text).with(detail)
}

fn handed_over(request: &Handover, outcome: HandoverOutcome) -> Happening {
    let transfer = request.kind == HandoverKind::Transfer;
    match outcome {
        HandoverOutcome::Accepted(by) => {
            Happening::of("handover_accepted", by, "{} accepted the request.")
        }
        HandoverOutcome::NoAgents if transfer => {
            Happening::nobodys("transfer_no_agents", "No agents were available")
        }
        HandoverOutcome::NoAgents => Happening::nobodys(
            "conference_no_agents",
            "No agents were available to join the conference conversation",
        ),
        HandoverOutcome::Declined => {
            Happening::nobodys("handover_declined", "The request was declined.")
        }
        HandoverOutcome::Cancelled => {
            Happening::nobodys("handover_cancelled", "The request was taken back.")
        }
    }
}

fn ended(reason: EndReason) -> Happening {
    let (detail, text) = match reason {
        EndReason::Requester => ("requester", "The customer ended the conversation."),
        EndReason::Agent => ("agent", "The agent ended the conversation."),
        EndReason::NoAgents => ("no_agents", "The conversation ended: no agents were available."),
        EndReason::Server => ("server", "The server ended the conversation."),
    };
    Happening::nobodys("ended", text).with(detail)
}

#[cfg(test)]
mod tests {
    use interaction::conversation::{Command, Conversation, ConversationConfig, Draft, Visibility};
    use interaction::{Actor, ConversationId, Rights, UnixMs};

    use super::*;

    const DANIEL: UserId = UserId(1);
    const ANA: UserId = UserId(2);
    const SAM: UserId = UserId(3);

    /// A conversation in which Sam listens, then whispers, and Ana asks for help.
    fn entries() -> Vec<Entry> {
        let config = ConversationConfig {
            id: ConversationId(1),
            requester: DANIEL,
            channel: interaction::conversation::Channel::WebChat,
            queue: Some(QueueId(1)),
            policy: Policy::default(),
            features: Default::default(),
        };
        let rights = Rights { whisper: true, barge: true };
        let (mut conversation, opened) = Conversation::open(UnixMs(1), config);
        let mut entries = vec![opened];
        let by = |user| Actor::User(user);
        let private = Draft {
            client_id: "1".to_owned(),
            text: "secret".to_owned(),
            visibility: Visibility::Private,
            attachments: Vec::new(),
        };
        for (at, actor, command) in [
            (2, Actor::System, Command::JoinAgent { user: ANA, rights, handover: None }),
            (3, Actor::System, Command::Supervise { user: SAM, rights }),
            (4, by(ANA), Command::RaiseHelp { reason: Some("refund {}".to_owned()) }),
            (
                5,
                by(SAM),
                Command::SetMode { mode: ModeKind::Whisper, announce: false, expected: None },
            ),
            (6, by(SAM), Command::Post(private)),
            (
                7,
                by(ANA),
                Command::Transfer { to: Target::Queue(QueueId(2)), note: Some("VIP".to_owned()) },
            ),
        ] {
            let applied = conversation.apply(UnixMs(at), actor, command).unwrap();
            entries.extend(applied.entries);
        }
        entries
    }

    fn told(reader: Reader, user: UserId) -> Vec<TimelineEntry> {
        let names = Names {
            users: [(DANIEL, "Daniel"), (ANA, "Ana"), (SAM, "Sam")]
                .map(|(id, name)| (id, name.to_owned()))
                .into(),
            queues: [(QueueId(2), "Sales".to_owned())].into(),
        };
        let viewer = Viewer { user, reader };
        of_conversation(&entries(), &Policy::default(), viewer, DANIEL, &names)
    }

    #[test]
    fn a_supervisor_reads_everything_that_happened() {
        let told = told(Reader::Supervisor, SAM);
        let kinds: Vec<&str> = told.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(kinds[..5], ["opened", "joined", "listening", "help_raised", "whispering"]);
        assert!(kinds.contains(&"transfer_requested") && kinds.contains(&"left"), "{kinds:?}");
        let help = &told[3];
        assert!(help.private && help.detail.as_deref() == Some("refund {}"));
        assert_eq!(help.text, "Ana asked for help: refund {}", "a reason is no template");
        let transfer = told.iter().find(|entry| entry.kind == "transfer_requested").unwrap();
        assert_eq!(transfer.detail.as_deref(), Some("Sales · VIP"));
        assert!(!told[0].private && told[2].private);
        assert!(told.iter().all(|entry| !entry.text.contains("secret")));
    }

    #[test]
    fn an_agent_reads_of_a_supervisor_from_the_whisper_on() {
        let told = told(Reader::Agent, ANA);
        assert!(told.iter().all(|entry| entry.kind != "listening"));
        let first =
            told.iter().find(|entry| entry.actor.as_ref().is_some_and(|it| it.name == "Sam"));
        assert_eq!(first.unwrap().at, 5);
    }

    #[test]
    fn a_customer_would_read_nothing_private() {
        assert!(told(Reader::Requester, DANIEL).iter().all(|entry| !entry.private));
    }
}
