//! The promise, for text: the requester is told nothing of what staff do in private, on random
//! sequences of commands.
//!
//! The proof is differential. Each sequence runs twice: once whole, once without anything hidden
//! (reading along, whispering, tagging, help, invitations, private messages). Every byte that the
//! requester is told, sees, may fetch or is refused must be the same, times and numbers included.

mod steps;

use std::collections::BTreeSet;

use interaction::Target;
use interaction::conversation::{
    Applied, Channel, Command, Conversation, ConversationConfig, Disclosed, Draft, Entry, Event,
    Features, MarkKind, Part, PartKind, Reader, Refusal, TranscriptKind, Viewer, Visibility,
    disclose, transcript,
};
use interaction::{
    Actor, AttachmentId, ConversationId, HandoverKind, HandoverOutcome, LeaveReason, ModeKind,
    Policy, QueueId, Rights, UnixMs, UserId,
};
use proptest::prelude::*;

use steps::{Hidden, Step, policy, step};

const REQUESTER: UserId = UserId(1);
const STAFF: std::ops::RangeInclusive<u64> = 2..=7;
const FULL: Rights = Rights { whisper: true, barge: true };
/// In every private text, and in no public one.
const SECRET: char = '§';

/// A conversation, what happened in it, and what the requester got of it.
struct Run {
    conversation: Conversation,
    entries: Vec<Entry>,
    /// Everything that went to the requester, as text.
    told: String,
    whole: bool,
    refused: usize,
    done: usize,
}

fn config(policy: &Policy) -> ConversationConfig {
    ConversationConfig {
        id: ConversationId(1),
        requester: REQUESTER,
        channel: Channel::WebChat,
        queue: Some(QueueId(1)),
        policy: policy.clone(),
        features: Features::default(),
    }
}

fn target(agent: Option<u64>) -> Target {
    agent.map_or(Target::Queue(QueueId(2)), |agent| Target::Agent(UserId(agent)))
}

impl Run {
    fn new(policy: &Policy, whole: bool) -> Self {
        let (conversation, entry) = Conversation::open(UnixMs(0), config(policy));
        let entries = vec![entry];
        Self { conversation, entries, told: String::new(), whole, refused: 0, done: 0 }
    }

    fn requester(&self) -> Viewer {
        Viewer { user: REQUESTER, reader: Reader::Requester }
    }

    fn apply(&mut self, at: u64, by: Actor, command: Command) -> Result<Applied, Refusal> {
        let before = self.conversation.clone();
        let decided = self.conversation.decide(UnixMs(at), by, command.clone());
        assert_eq!(self.conversation, before, "deciding changed the conversation");
        let result = self.conversation.apply(UnixMs(at), by, command);
        assert_eq!(decided, result.clone().map(|applied| applied.entries));
        match &result {
            Err(refusal) => {
                assert_eq!(self.conversation, before, "a refusal changed the conversation");
                self.refused += 1;
                if by == Actor::User(REQUESTER) {
                    self.told += &format!("refused {refusal}\n");
                }
            }
            Ok(applied) => {
                self.done += 1;
                let policy = self.conversation.config().policy.clone();
                for entry in &applied.entries {
                    if let Some(told) = disclose(&policy, self.requester(), entry) {
                        self.told += &format!("{told:?}\n");
                    }
                }
                if let (Actor::User(REQUESTER), Some(receipt)) = (by, applied.receipt) {
                    self.told += &format!("receipt {:?} {}\n", receipt.public, receipt.again);
                }
                self.entries.extend(applied.entries.iter().cloned());
            }
        }
        result
    }

    fn user(&mut self, at: u64, user: u64, command: Command) {
        let _ = self.apply(at, Actor::User(UserId(user)), command);
    }

    fn barges(&self, user: u64) -> bool {
        let mode = self.conversation.member(UserId(user)).and_then(|it| it.mode());
        mode.is_some_and(ModeKind::is_open)
    }

    fn pending(&self, kind: HandoverKind) -> Option<interaction::HandoverId> {
        self.conversation.handovers().iter().find(|it| it.kind == kind).map(|it| it.id)
    }

    fn step(&mut self, at: u64, step: &Step) {
        match step {
            Step::Hidden(hidden) if self.whole => self.hidden(at, hidden),
            Step::Hidden(_) => {}
            public => {
                self.public(at, public);
                self.look();
            }
        }
    }

    fn public(&mut self, at: u64, step: &Step) {
        match *step {
            Step::Join(user) => {
                let join = Command::JoinAgent { user: UserId(user), rights: FULL, handover: None };
                let _ = self.apply(at, Actor::System, join);
            }
            Step::Leave(user) => {
                let reason = LeaveReason::HungUp;
                self.user(at, user, Command::Leave { user: UserId(user), reason });
            }
            Step::LeaveLost(user) => {
                let leave = Command::Leave { user: UserId(user), reason: LeaveReason::Lost };
                let _ = self.apply(at, Actor::System, leave);
            }
            Step::Transfer(by, to) => {
                self.user(at, by, Command::Transfer { to: target(to), note: None });
            }
            Step::EndTransfer => {
                let Some(handover) = self.pending(HandoverKind::Transfer) else { return };
                let outcome = HandoverOutcome::NoAgents;
                let end = Command::EndHandover { handover, outcome };
                let _ = self.apply(at, Actor::System, end);
            }
            Step::Public(user, n) => self.user(at, user, post(Visibility::Public, n)),
            Step::PublicTyping(user, on) => {
                self.user(at, user, Command::Typing { visibility: Visibility::Public, on });
            }
            Step::Mark(user, read, up_to) => {
                let kind = if read { MarkKind::Read } else { MarkKind::Delivered };
                self.user(at, user, Command::Mark { kind, up_to });
            }
            Step::Barge(user) => self.speak_up(at, user, ModeKind::Barge),
            Step::TakeOver(user) => self.speak_up(at, user, ModeKind::TakeOver),
            Step::Unbarge(user) if self.barges(user) && self.whole => {
                self.mode(at, user, ModeKind::Listen);
            }
            Step::Unbarge(user) if self.barges(user) => {
                let reason = LeaveReason::HungUp;
                self.user(at, user, Command::Leave { user: UserId(user), reason });
            }
            Step::Recover => drop(self.apply(at, Actor::System, Command::Recover)),
            Step::End(user) => self.user(at, user, Command::End),
            Step::Probe(n) => self.probe(at, n),
            Step::Unbarge(_) | Step::Hidden(_) => {}
        }
    }

    fn probe(&mut self, at: u64, n: u64) {
        let outcome = HandoverOutcome::Cancelled;
        let mode = ModeKind::Listen;
        for command in [
            Command::EndHandover { handover: interaction::HandoverId(n), outcome },
            Command::Tag { user: UserId(n), rights: FULL },
            Command::Leave { user: UserId(1 + n), reason: LeaveReason::HungUp },
            Command::SetMode { mode, announce: false, expected: None },
            Command::RaiseHelp { reason: None },
            Command::TakeHelp,
            Command::ReleaseHelp { user: UserId(n) },
            Command::CloseHelp,
            Command::Transfer { to: target(Some(n)), note: None },
            Command::Invite { to: target(Some(n)), note: None },
        ] {
            self.user(at, REQUESTER.0, command);
        }
    }

    fn speak_up(&mut self, at: u64, user: u64, mode: ModeKind) {
        if self.barges(user) {
            self.mode(at, user, mode);
            return;
        }
        if self.conversation.member(UserId(user)).and_then(|it| it.mode()).is_none() {
            let supervise = Command::Supervise { user: UserId(user), rights: FULL };
            let _ = self.apply(at, Actor::System, supervise);
        } else {
            let rights = Some(FULL);
            let _ =
                self.apply(at, Actor::System, Command::SetRights { user: UserId(user), rights });
        }
        self.mode(at, user, mode);
    }

    fn mode(&mut self, at: u64, user: u64, mode: ModeKind) {
        self.user(at, user, Command::SetMode { mode, announce: true, expected: None });
    }

    fn hidden(&mut self, at: u64, step: &Hidden) {
        match *step {
            // What a supervisor in Barge or take-over does about the own mode is public.
            Hidden::Supervise(user)
            | Hidden::Mode(user, _)
            | Hidden::Rights(user, _)
            | Hidden::StopReading(user)
                if self.barges(user) => {}
            Hidden::Supervise(user) => {
                let supervise = Command::Supervise { user: UserId(user), rights: FULL };
                let _ = self.apply(at, Actor::System, supervise);
            }
            Hidden::Mode(user, whisper) => {
                self.mode(at, user, if whisper { ModeKind::Whisper } else { ModeKind::Listen });
            }
            Hidden::Tag(by, user) => {
                self.user(at, by, Command::Tag { user: UserId(user), rights: FULL });
            }
            Hidden::Private(user, n) => self.user(at, user, post(Visibility::Private, n)),
            Hidden::Typing(user) => {
                let typing = Command::Typing { visibility: Visibility::Private, on: true };
                let applied = self.apply(at, Actor::User(UserId(user)), typing);
                assert!(applied.is_err() || applied.unwrap().entries.is_empty());
            }
            Hidden::Help(user, why) => {
                let reason = why.then(|| format!("{SECRET}why"));
                self.user(at, user, Command::RaiseHelp { reason });
            }
            Hidden::TakeHelp(user) => self.user(at, user, Command::TakeHelp),
            Hidden::ReleaseHelp(user) => {
                let _ = self.apply(at, Actor::System, Command::ReleaseHelp { user: UserId(user) });
            }
            Hidden::CloseHelp(user) => self.user(at, user, Command::CloseHelp),
            Hidden::Invite(by, to) => {
                let note = Some(format!("{SECRET}note"));
                self.user(at, by, Command::Invite { to: target(to), note });
            }
            Hidden::EndInvite => {
                let Some(handover) = self.pending(HandoverKind::Conference) else { return };
                let outcome = HandoverOutcome::NoAgents;
                let _ = self.apply(at, Actor::System, Command::EndHandover { handover, outcome });
            }
            Hidden::Rights(user, whisper) => {
                let rights = whisper.map(|whisper| Rights { whisper, barge: false });
                let set = Command::SetRights { user: UserId(user), rights };
                let _ = self.apply(at, Actor::System, set);
            }
            Hidden::StopReading(user) => {
                let member = self.conversation.member(UserId(user));
                let reads = member.is_some_and(|it| {
                    matches!(it.part.kind(), PartKind::Supervisor | PartKind::Colleague)
                });
                if reads {
                    let reason = LeaveReason::HungUp;
                    self.user(at, user, Command::Leave { user: UserId(user), reason });
                }
            }
        }
    }

    /// The requester loads the whole anew.
    fn look(&mut self) {
        self.told += &format!("{:?}\n", self.conversation.view(self.requester()));
    }

    fn external(&self) -> String {
        let policy = &self.conversation.config().policy;
        let external = transcript(TranscriptKind::External, policy, REQUESTER, &self.entries);
        assert!(external.lines.iter().all(|line| !line.private));
        external.text(|user| format!("u{user}"), |to| format!("{to:?}"))
    }

    fn internal(&self) -> String {
        let policy = &self.conversation.config().policy;
        let internal = transcript(TranscriptKind::Internal, policy, REQUESTER, &self.entries);
        internal.text(|user| format!("u{user}"), |to| format!("{to:?}"))
    }
}

/// Some ids come again with the same text, some with another.
fn post(visibility: Visibility, n: u64) -> Command {
    let (prefix, id, secret) = match visibility {
        Visibility::Public => ("open", n, ""),
        Visibility::Private => ("closed", 50 + n, "§"),
    };
    Command::Post(Draft {
        visibility,
        client_id: format!("{prefix}-{}", n % 20),
        text: format!("{secret}{prefix} {}\n{secret}[PRIVATE] not", n % 25),
        attachments: if n.is_multiple_of(3) { vec![AttachmentId(id)] } else { Vec::new() },
    })
}

/// What each reader is told, added up, must be what they may see of the whole.
fn check_told(run: &Run) -> Result<(), TestCaseError> {
    let policy = &run.conversation.config().policy;
    for reader in [Reader::Requester, Reader::Agent, Reader::Supervisor, Reader::Overseer] {
        let viewer = Viewer { user: UserId(0), reader };
        let mut known: BTreeSet<UserId> = BTreeSet::new();
        let mut messages = 0;
        for entry in &run.entries {
            match disclose(policy, viewer, entry).map(|told| told.what) {
                Some(Disclosed::Opened(it) | Disclosed::Joined(it)) => {
                    prop_assert!(known.insert(it.user), "told twice of {it:?}");
                }
                Some(Disclosed::Left(user, ..)) => {
                    prop_assert!(known.remove(&user), "an unknown one left: {user:?}");
                }
                Some(Disclosed::ModeChanged(it, _)) => prop_assert!(known.contains(&it.user)),
                Some(Disclosed::Posted(message)) => {
                    messages += 1;
                    prop_assert_eq!(message.number, messages, "a number was left out");
                    prop_assert!(reader != Reader::Requester || message.public == Some(messages));
                }
                _ => {}
            }
        }
        let view = run.conversation.view(viewer);
        let seen: BTreeSet<UserId> = view.members.iter().map(|it| it.user).collect();
        prop_assert_eq!(&known, &seen, "{:?}", reader);
        prop_assert_eq!(messages, view.messages, "{:?}", reader);
    }
    Ok(())
}

fn check_state(conversation: &Conversation) -> Result<(), TestCaseError> {
    let users: BTreeSet<UserId> = conversation.members().iter().map(|it| it.user).collect();
    prop_assert_eq!(users.len(), conversation.members().len(), "somebody is in it twice");
    for member in conversation.members() {
        if let Part::Supervisor { mode, rights, announced, .. } = member.part {
            prop_assert!(rights.allow(mode), "a mode without its right");
            prop_assert!(!mode.is_open() || announced, "nobody was told of it");
            prop_assert!(conversation.ended().is_none(), "supervised after the end");
        }
    }
    if let Some(help) = conversation.help() {
        let agent = conversation.member(help.agent).map(|it| it.part.kind());
        prop_assert_eq!(agent, Some(PartKind::Agent), "help for somebody who is not there");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn the_requester_is_told_the_same_with_and_without_all_that_is_private(
        policy in policy(),
        steps in prop::collection::vec(step(), 90),
    ) {
        let (mut with, mut without) = (Run::new(&policy, true), Run::new(&policy, false));
        for (at, step) in steps.iter().enumerate() {
            let at = 1_000 * (at as u64 + 1);
            let before = with.told.len();
            with.step(at, step);
            without.step(at, step);
            check_state(&with.conversation)?;
            prop_assert_eq!(&with.told[before..], &without.told[before..], "at {}", at);
        }
        check_told(&with)?;
        check_told(&without)?;
        prop_assert!(!with.told.contains(SECRET));
        let external = with.external();
        prop_assert_eq!(&external, &without.external());
        prop_assert!(!external.contains(SECRET) && !external.contains("] [PRIVATE]"));
        for line in with.internal().lines().filter(|line| line.contains(SECRET)) {
            prop_assert!(line.starts_with("    ") || line.contains(" [PRIVATE] "), "{}", line);
        }
        for run in [&with, &without] {
            let kept = run.entries.iter().filter(|entry| entry.event.is_kept());
            let again = Conversation::replay(config(&policy), kept);
            prop_assert_eq!(&again, &run.conversation, "after a restart");
        }
    }
}

#[test]
fn the_comparison_sees_what_it_is_to_see() {
    let policy = Policy::default();
    let run = |steps: &[Step]| {
        let mut run = Run::new(&policy, true);
        for (at, step) in steps.iter().enumerate() {
            run.step(at as u64, step);
        }
        run
    };
    let quiet = [Step::Join(2), Step::Hidden(Hidden::Supervise(3)), Step::Mark(1, true, 0)];
    let barge = [Step::Join(2), Step::Barge(3), Step::Mark(1, true, 0)];
    assert_ne!(run(&quiet).told, run(&barge).told);
    let whisper = [
        Step::Join(2),
        Step::Hidden(Hidden::Supervise(3)),
        Step::Hidden(Hidden::Mode(3, true)),
        Step::Hidden(Hidden::Private(3, 0)),
        Step::Public(2, 1),
    ];
    let run = run(&whisper);
    assert!(run.internal().contains("[PRIVATE] u3: §closed 0"), "{}", run.internal());
    assert!(run.entries.iter().any(|it| matches!(&it.event, Event::Posted(m) if m.position == 2)));
    assert!(run.told.contains("number: 1") && !run.told.contains("number: 2"));
}

/// An agent who comes in takes the transfer that the requester knows of, not a hidden invitation.
#[test]
fn an_invitation_does_not_stand_in_the_way_of_a_transfer() {
    let steps = [
        Step::Join(2),
        Step::Join(3),
        Step::Hidden(Hidden::Invite(3, Some(4))),
        Step::Transfer(2, Some(4)),
        Step::Join(4),
        Step::EndTransfer,
    ];
    let told = |whole| {
        let mut run = Run::new(&Policy::default(), whole);
        for (at, step) in (1..).zip(&steps) {
            run.step(1_000 * at, step);
        }
        run.told
    };
    assert_eq!(told(true), told(false));
    assert!(!told(true).contains("NotTransferred"), "{}", told(true));
}
