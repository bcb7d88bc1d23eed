//! The promise to agents, for text: nobody who may not know of a listener can tell that there is
//! one, not by what they are told, see, or are answered.
//!
//! Each seeded story is played twice: whole, and without those who listen (a supervisor comes in
//! at the moment in which they become visible, and goes when they cease to be). Everything that the
//! customer, the agents and the colleagues can observe must be the same, numbers, orders, times and
//! refusals included. What the customer may not know beyond that is in `conversation_model`.

use interaction::Target;
use interaction::conversation::{
    Applied, Channel, Command, Conversation, ConversationConfig, Draft, Entry, Features, MarkKind,
    Part, PartKind, Reader, Refusal, Told, TranscriptKind, View, Viewer, Visibility, disclose,
    transcript,
};
use interaction::{
    Actor, AttachmentId, ConversationId, HandoverOutcome, LeaveReason, ModeKind, Policy, QueueId,
    Rights, UnixMs, UserId,
};

const STORIES: u64 = 2_500;
const STEPS: usize = 70;
const REQUESTER: UserId = UserId(1);
/// Agents are 2 to 5, supervisors 6 to 8: a supervisor may be tagged, and may take it over.
const PEOPLE: std::ops::RangeInclusive<u64> = 1..=8;
const FULL: Rights = Rights { whisper: true, barge: true };

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (SplitMix64).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn agent(&mut self) -> UserId {
        UserId(2 + self.below(4))
    }

    fn supervisor(&mut self) -> UserId {
        UserId(6 + self.below(3))
    }

    fn anybody(&mut self) -> UserId {
        UserId(1 + self.below(8))
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// One command, and who sends it.
#[derive(Clone, Debug)]
struct Step {
    by: Actor,
    command: Command,
}

fn step(seeded: &mut Seeded, pending: Option<interaction::HandoverId>) -> Step {
    let user = |user| Actor::User(user);
    let (by, command) = match seeded.below(24) {
        0 | 1 => (Actor::System, join(seeded.agent())),
        2 => (Actor::System, join(seeded.supervisor())),
        3..=6 => {
            let supervise = Command::Supervise { user: seeded.supervisor(), rights: FULL };
            (Actor::System, supervise)
        }
        7..=9 => {
            let mode = ModeKind::ALL[seeded.below(4) as usize];
            let set = Command::SetMode { mode, announce: true, expected: None };
            (user(seeded.supervisor()), set)
        }
        10..=12 => (user(seeded.agent()), Command::Tag { user: seeded.supervisor(), rights: FULL }),
        13 => (user(seeded.anybody()), Command::Tag { user: seeded.anybody(), rights: FULL }),
        14 => {
            let who = seeded.anybody();
            let reason = LeaveReason::HungUp;
            // The customer's leaving would end most stories at once.
            let by = if who == REQUESTER { Actor::User(UserId(2)) } else { user(who) };
            (by, Command::Leave { user: who, reason })
        }
        15 => {
            let rights = seeded.coin().then(|| Rights { whisper: seeded.coin(), barge: false });
            (Actor::System, Command::SetRights { user: seeded.anybody(), rights })
        }
        16 => {
            let visibility = visibility(seeded);
            (user(seeded.anybody()), Command::Typing { visibility, on: seeded.coin() })
        }
        17 => {
            let kind = if seeded.coin() { MarkKind::Read } else { MarkKind::Delivered };
            (user(seeded.anybody()), Command::Mark { kind, up_to: seeded.below(8) })
        }
        18 => (user(seeded.agent()), help(seeded)),
        19 => match seeded.below(3) {
            0 => (user(seeded.supervisor()), Command::TakeHelp),
            1 => (Actor::System, Command::ReleaseHelp { user: seeded.supervisor() }),
            _ => (user(seeded.anybody()), Command::CloseHelp),
        },
        20 => (user(seeded.agent()), hand_over(seeded)),
        21 if pending.is_some() => {
            let handover = pending.expect("looked at in the guard");
            let outcome = HandoverOutcome::NoAgents;
            (Actor::System, Command::EndHandover { handover, outcome })
        }
        21 => {
            let handover = interaction::HandoverId(1 + seeded.below(4));
            let outcome = HandoverOutcome::Cancelled;
            (user(seeded.anybody()), Command::EndHandover { handover, outcome })
        }
        22 if seeded.below(8) == 0 => (Actor::System, Command::Recover),
        _ => (user(seeded.anybody()), post(seeded)),
    };
    Step { by, command }
}

fn join(user: UserId) -> Command {
    Command::JoinAgent { user, rights: FULL, handover: None }
}

fn visibility(seeded: &mut Seeded) -> Visibility {
    if seeded.coin() { Visibility::Public } else { Visibility::Private }
}

fn help(seeded: &mut Seeded) -> Command {
    Command::RaiseHelp { reason: seeded.coin().then(|| "a refund".to_owned()) }
}

fn hand_over(seeded: &mut Seeded) -> Command {
    let to = match seeded.below(3) {
        0 => Target::Queue(QueueId(2)),
        1 => Target::Agent(seeded.agent()),
        _ => Target::Agent(seeded.supervisor()),
    };
    let note = Some("see the order".to_owned());
    if seeded.below(3) == 0 { Command::Transfer { to, note } } else { Command::Invite { to, note } }
}

fn post(seeded: &mut Seeded) -> Command {
    let n = seeded.below(30);
    let attachments = if n.is_multiple_of(4) { vec![AttachmentId(n)] } else { Vec::new() };
    Command::Post(Draft {
        visibility: visibility(seeded),
        // Some ids come again, with the same text or with another.
        client_id: format!("m{n}"),
        text: format!("text {}", seeded.below(2) * 100 + n),
        attachments,
    })
}

/// One of the two plays.
struct Play {
    conversation: Conversation,
    entries: Vec<Entry>,
}

impl Play {
    fn new() -> Self {
        let config = ConversationConfig {
            id: ConversationId(1),
            requester: REQUESTER,
            channel: Channel::WebChat,
            queue: Some(QueueId(1)),
            policy: Policy::default(),
            features: Features::default(),
        };
        let (conversation, opened) = Conversation::open(UnixMs(0), config);
        Self { conversation, entries: vec![opened] }
    }

    fn apply(&mut self, at: UnixMs, step: &Step) -> Result<Applied, Refusal> {
        let applied = self.conversation.apply(at, step.by, step.command.clone());
        if let Ok(applied) = &applied {
            self.entries.extend(applied.entries.iter().cloned());
        }
        applied
    }

    /// Those who may not know of a listener.
    fn observers(&self) -> Vec<Viewer> {
        let seen = PEOPLE.filter_map(|user| self.conversation.viewer(UserId(user), None));
        seen.filter(|viewer| viewer.reader != Reader::Supervisor).collect()
    }

    fn transcripts(&self) -> [String; 2] {
        [TranscriptKind::External, TranscriptKind::Internal].map(|kind| {
            let policy = &self.conversation.config().policy;
            let made = transcript(kind, policy, REQUESTER, &self.entries);
            made.text(|user| format!("u{user}"), |to| format!("{to:?}"))
        })
    }
}

/// What a supervisor is to somebody who may not know of listeners.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// No supervisor at all.
    Otherwise,
    Hidden,
    Visible,
}

fn seen(conversation: &Conversation, user: UserId) -> Seen {
    match conversation.member(user).and_then(|member| member.mode()) {
        None => Seen::Otherwise,
        Some(ModeKind::Listen) => Seen::Hidden,
        Some(ModeKind::Whisper | ModeKind::Barge | ModeKind::TakeOver) => Seen::Visible,
    }
}

/// What the same moment is without the listeners: the commands of the second play.
fn without(before: &Conversation, after: &Conversation, step: &Step, silent: bool) -> Vec<Step> {
    let target = match (&step.command, step.by) {
        (Command::Supervise { user, .. } | Command::SetRights { user, .. }, _)
        | (Command::Leave { user, .. }, Actor::User(_) | Actor::System) => Some(*user),
        (Command::SetMode { .. }, Actor::User(user)) => Some(user),
        _ => None,
    };
    let was_supervisor = matches!(step.by, Actor::User(by) if seen(before, by) != Seen::Otherwise);
    let Some(user) = target.filter(|user| {
        seen(before, *user) != Seen::Otherwise || seen(after, *user) != Seen::Otherwise
    }) else {
        // What a supervisor is refused, or does without a trace, is between them and the server.
        return if was_supervisor && silent { Vec::new() } else { vec![step.clone()] };
    };
    let gone =
        Step { by: Actor::System, command: Command::Leave { user, reason: LeaveReason::HungUp } };
    match (seen(before, user), seen(after, user)) {
        (Seen::Hidden, Seen::Hidden | Seen::Otherwise) => Vec::new(),
        (Seen::Otherwise, Seen::Hidden) if before.member(user).is_some() => vec![gone],
        (Seen::Otherwise, Seen::Hidden) => Vec::new(),
        (Seen::Visible, Seen::Hidden) => vec![gone],
        (Seen::Hidden, Seen::Visible) => {
            let member = after.member(user).expect("is visible");
            let Part::Supervisor { rights, .. } = member.part else { unreachable!("supervises") };
            let command = Command::Supervise { user, rights };
            vec![Step { by: Actor::System, command }, step.clone()]
        }
        (Seen::Visible | Seen::Otherwise, Seen::Visible | Seen::Otherwise) => vec![step.clone()],
    }
}

/// All that one observer gets of one step.
#[derive(Debug, PartialEq)]
struct Observed {
    told: Vec<Told>,
    sees: View,
    /// How they were answered, if the step was theirs.
    answer: Option<String>,
}

fn observed(play: &Play, from: usize, viewer: Viewer, answer: Option<String>) -> Observed {
    let policy = &play.conversation.config().policy;
    let told = play.entries[from..].iter().filter_map(|entry| disclose(policy, viewer, entry));
    Observed { told: told.collect(), sees: play.conversation.view(viewer), answer }
}

fn answer(result: &Result<Applied, Refusal>) -> String {
    match result {
        Ok(applied) => format!("{:?} {:?}", applied.receipt, applied.handover),
        Err(refusal) => format!("{refusal:?}"),
    }
}

/// What the stories had in them, so that none of it is missing unnoticed.
#[derive(Debug, Default)]
struct Counts {
    listened: usize,
    hidden_tagged: usize,
    surfaced: usize,
    refused: usize,
    compared: usize,
}

fn play(seed: u64, counts: &mut Counts) {
    let mut seeded = Seeded(seed);
    let (mut whole, mut bare) = (Play::new(), Play::new());
    for number in 1..=STEPS {
        let at = UnixMs(number as u64 * 10);
        let pending = whole.conversation.handovers().first().map(|it| it.id);
        let step = step(&mut seeded, pending);
        let before = whole.conversation.clone();
        let (from, bare_from) = (whole.entries.len(), bare.entries.len());
        let (observers, result) = (whole.observers(), whole.apply(at, &step));
        let silent = whole.entries.len() == from;
        let instead = without(&before, &whole.conversation, &step, silent);
        let answers: Vec<String> =
            instead.iter().map(|step| answer(&bare.apply(at, step))).collect();
        count(counts, &before, &whole.conversation, &step, result.is_err());
        // Who left in it is told of it, as they were; who came, as they are.
        let now = whole.observers();
        let mut viewers = now.clone();
        viewers.extend(observers.into_iter().filter(|it| {
            whole.conversation.member(it.user).is_none()
                && now.iter().all(|new| new.user != it.user)
        }));
        for viewer in viewers {
            let own = step.by == Actor::User(viewer.user);
            let given = own.then(|| answer(&result));
            let instead = own.then(|| answers.last().cloned().unwrap_or_default());
            let left = observed(&whole, from, viewer, given);
            let right = observed(&bare, bare_from, viewer, instead);
            assert_eq!(left, right, "seed {seed}, step {number}: {step:?}, {viewer:?}");
            counts.compared += 1;
        }
        if whole.conversation.ended().is_some() {
            break;
        }
    }
    assert_eq!(whole.transcripts(), bare.transcripts(), "seed {seed}");
}

fn count(
    counts: &mut Counts,
    before: &Conversation,
    after: &Conversation,
    step: &Step,
    refused: bool,
) {
    let users = || PEOPLE.map(UserId);
    counts.listened += users().filter(|user| seen(after, *user) == Seen::Hidden).count();
    let surfaces =
        |user: &UserId| seen(before, *user) == Seen::Hidden && seen(after, *user) == Seen::Visible;
    counts.surfaced += users().filter(surfaces).count();
    counts.refused += usize::from(refused);
    if let Command::Tag { user, .. } = &step.command
        && seen(before, *user) == Seen::Hidden
        && !refused
    {
        counts.hidden_tagged += 1;
    }
}

#[test]
fn nobody_who_may_not_know_can_tell_that_somebody_listens() {
    let mut counts = Counts::default();
    for seed in 0..STORIES {
        play(seed, &mut counts);
    }
    println!("{counts:?}");
    assert!(counts.listened > 10_000, "{counts:?}");
    assert!(counts.hidden_tagged > 500, "{counts:?}");
    assert!(counts.surfaced > 1_000, "{counts:?}");
    assert!(counts.refused > 5_000, "{counts:?}");
    assert!(counts.compared > 100_000, "{counts:?}");
}

#[test]
fn a_tagged_listener_comes_in_openly() {
    let mut play = Play::new();
    let (ana, sam, kim) = (UserId(2), UserId(6), UserId(7));
    let mut done = |by, command| play.apply(UnixMs(1), &Step { by, command });
    done(Actor::System, join(ana)).unwrap();
    done(Actor::System, Command::Supervise { user: sam, rights: FULL }).unwrap();
    let tag = |user| Command::Tag { user, rights: FULL };
    let of_listener = done(Actor::User(ana), tag(sam)).unwrap();
    let of_another = done(Actor::User(ana), tag(kim)).unwrap();
    assert_eq!(of_another.entries.len(), 1);
    assert_eq!(of_listener.entries.len(), 2, "the hidden part ends");
    assert_eq!(done(Actor::User(ana), tag(sam)), Err(Refusal::AlreadyMember), "now they are seen");
    let sam = play.conversation.member(sam).unwrap();
    assert_eq!(sam.part.kind(), PartKind::Colleague);
}
