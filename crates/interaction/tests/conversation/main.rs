//! Stories of one conversation: what each part may do, and what the others are told.

mod take_over;

use interaction::Target;
use interaction::conversation::{
    Applied, Channel, Command, Conversation, ConversationConfig, Disclosed, Draft, EndReason,
    Event, Features, MarkKind, Part, Phase, Reader, Refusal, StaffRole, TEXT_CHARS_MAX,
    TranscriptKind, Viewer, Visibility, WhisperRule, disclose, may_have_transcript, may_write,
    text_rights,
};
use interaction::{
    Actor, AttachmentId, ConversationId, HandoverOutcome, HelpCancel, HelpStage, LeaveReason,
    ModeKind, Permission, Permissions, Policy, QueueId, Revision, Rights, SkillId, UnixMs, UserId,
};

const NORA: UserId = UserId(1);
const ANA: UserId = UserId(2);
const BEN: UserId = UserId(3);
const SAM: UserId = UserId(4);
const FULL: Rights = Rights { whisper: true, barge: true };
const BILLING: Target = Target::Queue(QueueId(9));

fn config() -> ConversationConfig {
    ConversationConfig {
        id: ConversationId(1),
        requester: NORA,
        channel: Channel::WebChat,
        queue: Some(QueueId(1)),
        policy: Policy::default(),
        features: Features::default(),
    }
}

/// Nora talks with Ana.
fn conversation() -> Conversation {
    let (mut conversation, _) = Conversation::open(UnixMs(0), config());
    join(&mut conversation, ANA);
    conversation
}

fn join(conversation: &mut Conversation, user: UserId) -> Applied {
    let join = Command::JoinAgent { user, rights: FULL, handover: None };
    conversation.apply(UnixMs(1), Actor::System, join).unwrap()
}

fn supervise(conversation: &mut Conversation, rights: Rights) {
    supervise_as(conversation, SAM, rights);
}

fn supervise_as(conversation: &mut Conversation, user: UserId, rights: Rights) {
    let supervise = Command::Supervise { user, rights };
    conversation.apply(UnixMs(2), Actor::System, supervise).unwrap();
}

fn by(conversation: &mut Conversation, user: UserId, command: Command) -> Result<Applied, Refusal> {
    conversation.apply(UnixMs(5), Actor::User(user), command)
}

fn draft(visibility: Visibility, client_id: &str, text: &str) -> Draft {
    Draft { visibility, client_id: client_id.into(), text: text.into(), attachments: vec![] }
}

fn public(text: &str) -> Command {
    Command::Post(draft(Visibility::Public, text, text))
}

fn private(text: &str) -> Command {
    Command::Post(draft(Visibility::Private, text, text))
}

fn mode(mode: ModeKind) -> Command {
    Command::SetMode { mode, announce: false, expected: None }
}

fn told(applied: &Applied, user: UserId, reader: Reader) -> Vec<Disclosed> {
    let viewer = Viewer { user, reader };
    let entries = applied.entries.iter();
    entries.filter_map(|it| disclose(&Policy::default(), viewer, it)).map(|it| it.what).collect()
}

#[test]
fn the_modes_decide_where_a_supervisor_may_write() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    assert_eq!(by(&mut it, SAM, private("hint")), Err(Refusal::WrongMode));
    assert_eq!(by(&mut it, SAM, public("hello")), Err(Refusal::WrongMode));
    by(&mut it, SAM, mode(ModeKind::Whisper)).unwrap();
    let hint = by(&mut it, SAM, private("hint")).unwrap();
    assert_eq!(told(&hint, NORA, Reader::Requester), []);
    for reader in [Reader::Agent, Reader::Colleague, Reader::Supervisor] {
        assert_eq!(told(&hint, UserId(0), reader).len(), 1, "{reader:?}");
    }
    for reader in [Reader::Offered, Reader::Overseer] {
        assert_eq!(told(&hint, UserId(0), reader), [], "{reader:?}");
    }
    assert_eq!(by(&mut it, SAM, public("hello")), Err(Refusal::WrongMode));
}

#[test]
fn the_first_step_into_barge_is_confirmed_and_told_to_all() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    assert_eq!(by(&mut it, SAM, mode(ModeKind::Barge)), Err(Refusal::AnnounceFirst));
    let confirmed = Command::SetMode { mode: ModeKind::Barge, announce: true, expected: None };
    let applied = by(&mut it, SAM, confirmed).unwrap();
    for (user, reader) in [(NORA, Reader::Requester), (ANA, Reader::Agent)] {
        let told = told(&applied, user, reader);
        assert!(matches!(&told[..], [Disclosed::Joined(who)] if who.user == SAM), "{told:?}");
    }
    by(&mut it, SAM, public("hello")).unwrap();
    by(&mut it, SAM, mode(ModeKind::Whisper)).unwrap();
    by(&mut it, SAM, mode(ModeKind::Barge)).expect("confirmed once");
}

#[test]
fn rights_bound_the_modes_and_taking_them_away_leads_to_listen() {
    let mut it = conversation();
    supervise(&mut it, Rights { whisper: true, barge: false });
    let barge = Command::SetMode { mode: ModeKind::Barge, announce: true, expected: None };
    assert_eq!(by(&mut it, SAM, barge), Err(Refusal::NotPermitted));
    by(&mut it, SAM, mode(ModeKind::Whisper)).unwrap();
    let less = Command::SetRights { user: SAM, rights: Some(Rights::default()) };
    it.apply(UnixMs(6), Actor::System, less).unwrap();
    assert_eq!(it.member(SAM).unwrap().mode(), Some(ModeKind::Listen));
    it.apply(UnixMs(7), Actor::System, Command::SetRights { user: SAM, rights: None }).unwrap();
    assert!(it.member(SAM).is_none());
}

#[test]
fn a_decision_on_an_old_picture_is_refused_but_the_way_back_never() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    let expected = Some(it.revision());
    join(&mut it, BEN);
    let whisper =
        |expected| Command::SetMode { mode: ModeKind::Whisper, announce: false, expected };
    assert_eq!(by(&mut it, SAM, whisper(expected)), Err(Refusal::Stale));
    let now = Some(it.revision());
    by(&mut it, NORA, public("messages do not make it stale")).unwrap();
    by(&mut it, SAM, whisper(now)).unwrap();
    let back =
        Command::SetMode { mode: ModeKind::Listen, announce: false, expected: Some(Revision(0)) };
    by(&mut it, SAM, back).unwrap();
}

#[test]
fn a_retry_is_the_same_message_and_another_text_is_refused() {
    let mut it = conversation();
    let first = by(&mut it, NORA, public("hello")).unwrap().receipt.unwrap();
    let again = by(&mut it, NORA, public("hello")).unwrap();
    assert_eq!(again.entries, []);
    let receipt = again.receipt.unwrap();
    assert!(receipt.again && receipt.public == first.public);
    let other = Command::Post(draft(Visibility::Public, "hello", "something else"));
    assert_eq!(by(&mut it, NORA, other), Err(Refusal::ClientIdReused));
    // A private message must not become public by a retry from the wrong tab.
    by(&mut it, ANA, private("between us")).unwrap();
    assert_eq!(by(&mut it, ANA, public("between us")), Err(Refusal::ClientIdReused));
    // Another author may have the same id.
    assert!(!by(&mut it, ANA, public("hello")).unwrap().receipt.unwrap().again);
}

#[test]
fn what_is_too_long_or_empty_is_refused() {
    let mut it = conversation();
    let post = |text: &str, id: &str| Command::Post(draft(Visibility::Public, id, text));
    let long = "ü".repeat(TEXT_CHARS_MAX);
    by(&mut it, NORA, post(&long, "1")).unwrap();
    assert_eq!(by(&mut it, NORA, post(&(long + "x"), "2")), Err(Refusal::TextTooLong));
    assert_eq!(by(&mut it, NORA, post(&"x".repeat(100_000), "3")), Err(Refusal::TextTooLong));
    assert_eq!(by(&mut it, NORA, post(" \n", "4")), Err(Refusal::Empty));
    assert_eq!(by(&mut it, NORA, post("x", "")), Err(Refusal::BadClientId));
    assert_eq!(by(&mut it, NORA, post("x", &"i".repeat(65))), Err(Refusal::BadClientId));
    let attachments = vec![AttachmentId(1); 11];
    let many = Command::Post(Draft { attachments, ..draft(Visibility::Public, "5", "") });
    assert_eq!(by(&mut it, NORA, many), Err(Refusal::TooManyAttachments));
}

#[test]
fn attachments_follow_their_message() {
    let mut it = conversation();
    let mut attached = |visibility, id| {
        let attachments = vec![AttachmentId(id)];
        let post = Draft { attachments, ..draft(visibility, &id.to_string(), "") };
        let applied = by(&mut it, ANA, Command::Post(post)).unwrap();
        let of = |reader| match &told(&applied, UserId(0), reader)[..] {
            [Disclosed::Posted(message)] => message.attachments.clone(),
            other => {
                assert_eq!(other, []);
                Vec::new()
            }
        };
        [Reader::Requester, Reader::Supervisor, Reader::Overseer].map(of)
    };
    let (none, one) = (vec![], |id| vec![AttachmentId(id)]);
    assert_eq!(attached(Visibility::Private, 1), [none.clone(), one(1), none.clone()]);
    assert_eq!(attached(Visibility::Public, 2), [one(2), one(2), none]);
}

#[test]
fn the_customer_writes_nothing_private() {
    let mut it = conversation();
    assert_eq!(by(&mut it, NORA, private("psst")), Err(Refusal::NotPermitted));
    let typing = Command::Typing { visibility: Visibility::Private, on: true };
    assert_eq!(by(&mut it, NORA, typing), Err(Refusal::NotPermitted));
    for command in [
        Command::RaiseHelp { reason: None },
        Command::TakeHelp,
        Command::Transfer { to: BILLING, note: None },
        Command::Invite { to: BILLING, note: None },
        Command::Tag { user: BEN, rights: FULL },
        mode(ModeKind::Barge),
    ] {
        assert_eq!(by(&mut it, NORA, command.clone()), Err(Refusal::WrongPart), "{command:?}");
    }
    by(&mut it, ANA, Command::RaiseHelp { reason: None }).unwrap();
    assert_eq!(by(&mut it, NORA, Command::CloseHelp), Err(Refusal::WrongPart));
}

#[test]
fn a_tagged_colleague_reads_and_whispers_and_is_unseen() {
    let mut it = conversation();
    let tag = by(&mut it, ANA, Command::Tag { user: BEN, rights: FULL }).unwrap();
    assert_eq!(told(&tag, NORA, Reader::Requester), []);
    by(&mut it, BEN, private("try this")).unwrap();
    assert_eq!(by(&mut it, BEN, public("hello")), Err(Refusal::NotPermitted));
    let joined = join(&mut it, BEN);
    let told = told(&joined, NORA, Reader::Requester);
    assert!(matches!(&told[..], [Disclosed::Joined(who)] if who.user == BEN), "{told:?}");
    by(&mut it, BEN, public("hello")).unwrap();
}

#[test]
fn who_listens_unseen_brings_nobody_in() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    let tag = || Command::Tag { user: BEN, rights: FULL };
    assert_eq!(by(&mut it, SAM, tag()), Err(Refusal::WrongPart));
    by(&mut it, SAM, mode(ModeKind::Whisper)).unwrap();
    by(&mut it, SAM, tag()).unwrap();
}

#[test]
fn marks_are_of_public_messages_and_leave_no_trace_of_readers() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    by(&mut it, ANA, private("one")).unwrap();
    by(&mut it, ANA, public("two")).unwrap();
    let read = |up_to| Command::Mark { kind: MarkKind::Read, up_to };
    let applied = by(&mut it, NORA, read(1)).unwrap();
    assert_eq!(told(&applied, ANA, Reader::Agent), [Disclosed::Marked(NORA, MarkKind::Read, 1)]);
    assert_eq!(told(&applied, NORA, Reader::Requester), []);
    assert_eq!(by(&mut it, NORA, read(2)), Err(Refusal::NoSuchMessage));
    assert_eq!(by(&mut it, NORA, read(1)).unwrap().entries, []);
    assert_eq!(by(&mut it, SAM, read(1)).unwrap().entries, []);
}

#[test]
fn a_transfer_parks_the_conversation_and_cancels_help() {
    let mut it = conversation();
    by(&mut it, ANA, Command::RaiseHelp { reason: Some("angry".into()) }).unwrap();
    let applied = by(&mut it, ANA, Command::Transfer { to: BILLING, note: None }).unwrap();
    let handover = applied.handover.unwrap();
    assert_eq!(it.phase(), Phase::Parked(BILLING));
    let customer = told(&applied, NORA, Reader::Requester);
    assert!(matches!(customer[..], [Disclosed::Transferring(BILLING), Disclosed::Left(ANA, ..)]));
    assert!(applied.entries.iter().any(|entry| matches!(&entry.event, Event::HelpChanged(help)
        if matches!(help.stage, HelpStage::Cancelled { why: HelpCancel::Transferred, .. }))));
    by(&mut it, NORA, public("still here")).unwrap();
    let accept = Command::JoinAgent { user: BEN, rights: FULL, handover: Some(handover) };
    let accepted = it.apply(UnixMs(9), Actor::System, accept.clone()).unwrap();
    let customer = told(&accepted, NORA, Reader::Requester);
    assert!(matches!(&customer[..], [Disclosed::Joined(who)] if who.user == BEN));
    assert_eq!(it.phase(), Phase::Active);
    assert_eq!(it.apply(UnixMs(9), Actor::System, accept), Err(Refusal::NoSuchHandover));
}

#[test]
fn help_waits_again_once_its_supervisor_is_gone_and_not_when_they_leave_the_conversation() {
    let leave = Command::Leave { user: SAM, reason: LeaveReason::Lost };
    let release = |user| Command::ReleaseHelp { user };
    let (unseen, seen) = (Some(ModeKind::Listen), Some(ModeKind::Barge));
    for (part, command, gives_back) in [
        // Who reads along is not to be missed, nor is who seems to leave and reads on.
        (seen, leave.clone(), false),
        (unseen, leave, false),
        (unseen, Command::Recover, true),
        // Who takes a request up need not read along.
        (None, Command::Recover, true),
        (None, release(SAM), true),
        (unseen, release(BEN), false),
        (seen, Command::Supervise { user: SAM, rights: FULL }, false),
    ] {
        let mut it = conversation();
        if let Some(mode) = part {
            supervise(&mut it, FULL);
            let set = Command::SetMode { mode, announce: true, expected: None };
            by(&mut it, SAM, set).unwrap();
        }
        by(&mut it, ANA, Command::RaiseHelp { reason: None }).unwrap();
        by(&mut it, SAM, Command::TakeHelp).unwrap();
        let applied = it.apply(UnixMs(9), Actor::System, command.clone()).unwrap();
        let help = it.help().expect("nobody settled it");
        assert_eq!(help.stage == HelpStage::Open, gives_back, "{part:?}, {command:?}");
        let of_help =
            |told: Vec<Disclosed>| told.iter().any(|it| matches!(it, Disclosed::HelpChanged(_)));
        assert_eq!(of_help(told(&applied, ANA, Reader::Agent)), gives_back, "{command:?}");
        assert!(!of_help(told(&applied, NORA, Reader::Requester)), "{command:?}");
    }
    let mut it = conversation();
    by(&mut it, ANA, Command::RaiseHelp { reason: None }).unwrap();
    by(&mut it, SAM, Command::TakeHelp).unwrap();
    assert_eq!(by(&mut it, ANA, release(SAM)), Err(Refusal::NotYours));
}

#[test]
fn a_transfer_that_nobody_takes_ends_with_no_agents() {
    let mut it = conversation();
    let applied = by(&mut it, ANA, Command::Transfer { to: BILLING, note: None }).unwrap();
    let handover = applied.handover.unwrap();
    let outcome = HandoverOutcome::NoAgents;
    let end = Command::EndHandover { handover, outcome };
    let applied = it.apply(UnixMs(9), Actor::System, end).unwrap();
    assert_eq!(
        told(&applied, NORA, Reader::Requester),
        [Disclosed::NotTransferred, Disclosed::Ended(EndReason::NoAgents)]
    );
}

#[test]
fn an_invited_agent_has_equal_rights_and_goes_on_alone() {
    let mut it = conversation();
    let invite = Command::Invite { to: Target::Agent(BEN), note: Some("vip".into()) };
    let applied = by(&mut it, ANA, invite).unwrap();
    assert_eq!(told(&applied, NORA, Reader::Requester), []);
    let handover = applied.handover;
    let accept = Command::JoinAgent { user: BEN, rights: FULL, handover };
    it.apply(UnixMs(8), Actor::System, accept).unwrap();
    let leave = Command::Leave { user: ANA, reason: LeaveReason::HungUp };
    by(&mut it, ANA, leave).unwrap();
    assert_eq!(it.phase(), Phase::Active);
    by(&mut it, BEN, public("I go on")).unwrap();
    by(&mut it, BEN, Command::Leave { user: BEN, reason: LeaveReason::HungUp }).unwrap();
    assert_eq!(it.ended(), Some(EndReason::Agent));
}

#[test]
fn an_invitation_that_finds_nobody_changes_nothing_for_the_customer() {
    let mut it = conversation();
    let invite = Command::Invite { to: BILLING, note: None };
    let handover = by(&mut it, ANA, invite).unwrap().handover.unwrap();
    let outcome = HandoverOutcome::NoAgents;
    let other = by(&mut it, BEN, Command::EndHandover { handover, outcome });
    assert_eq!(other, Err(Refusal::NotYours));
    let end = Command::EndHandover { handover, outcome };
    let applied = it.apply(UnixMs(9), Actor::System, end).unwrap();
    assert_eq!(told(&applied, NORA, Reader::Requester), []);
    assert_eq!(told(&applied, ANA, Reader::Agent).len(), 1);
    assert_eq!(it.phase(), Phase::Active);
}

#[test]
fn a_lost_agent_does_not_end_it_and_a_restart_ends_supervision() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    by(&mut it, SAM, mode(ModeKind::Whisper)).unwrap();
    it.apply(UnixMs(6), Actor::System, Command::Recover).unwrap();
    assert!(it.member(SAM).is_none());
    let lost = Command::Leave { user: ANA, reason: LeaveReason::Lost };
    it.apply(UnixMs(7), Actor::System, lost).unwrap();
    assert_eq!(it.phase(), Phase::Waiting);
    join(&mut it, BEN);
    assert_eq!(it.phase(), Phase::Active);
}

#[test]
fn a_queue_switches_private_chat_and_help_off() {
    let features = Features { private_chat: false, help: false, transcript_download: false };
    let (mut it, _) = Conversation::open(UnixMs(0), ConversationConfig { features, ..config() });
    join(&mut it, ANA);
    supervise(&mut it, FULL);
    assert_eq!(by(&mut it, ANA, private("psst")), Err(Refusal::SwitchedOff));
    assert_eq!(by(&mut it, SAM, mode(ModeKind::Whisper)), Err(Refusal::SwitchedOff));
    assert_eq!(by(&mut it, ANA, Command::RaiseHelp { reason: None }), Err(Refusal::SwitchedOff));
    let external = TranscriptKind::External;
    assert!(!may_have_transcript(Reader::Requester, external, &features));
    assert!(may_have_transcript(Reader::Requester, external, &Features::default()));
    let internal = TranscriptKind::Internal;
    assert!(!may_have_transcript(Reader::Requester, internal, &Features::default()));
}

#[test]
fn whispering_is_given_by_role_and_skill() {
    let permissions: Permissions = Permission::ALL.into_iter().collect();
    let rule = WhisperRule { skills: vec![SkillId(1)], colleagues: false, ..Default::default() };
    let whisper = |role, skills: &[SkillId]| text_rights(role, permissions, skills, &rule).whisper;
    assert!(whisper(StaffRole::Agent, &[SkillId(2), SkillId(1)]));
    assert!(!whisper(StaffRole::Agent, &[SkillId(2)]));
    assert!(!whisper(StaffRole::Colleague, &[SkillId(1)]));
    assert!(whisper(StaffRole::Supervisor, &[SkillId(1)]));
    let nobody = text_rights(StaffRole::Supervisor, Permissions::NONE, &[SkillId(1)], &rule);
    assert_eq!(nobody, Rights::default());
}

/// The modes mean the same in text as in sound: who may write to the customer is who is heard.
#[test]
fn text_and_sound_agree_on_every_mode() {
    use interaction::{CallId, CallState, RoutePlan, Source};
    for mode in ModeKind::ALL {
        let mut call = CallState::new(CallId(1), Policy::default());
        let mut apply = |command| call.apply(UnixMs(1), Actor::System, command).unwrap().joined;
        let caller = apply(interaction::Command::JoinCaller { user: UserId(1) }).unwrap();
        let agent = apply(interaction::Command::JoinAgent { user: UserId(2) }).unwrap();
        let supervise = interaction::Command::Supervise { user: UserId(3), rights: FULL };
        let leg = apply(supervise).unwrap();
        let (coach, announce) = (None, true);
        apply(interaction::Command::SetMode { leg, mode, coach, announce, expected: None });
        let plan = RoutePlan::derive(&call);
        let hears = |source, listener| {
            let source = Source::Leg(call.leg(source).unwrap().slot);
            plan.row(call.leg(listener).unwrap().slot).gain(source).is_some()
        };
        let part = Part::Supervisor { mode, mode_since: UnixMs(0), rights: FULL, announced: true };
        let taken_over = mode == ModeKind::TakeOver;
        let may = |part: &Part, visibility| may_write(part, visibility, taken_over);
        assert_eq!(may(&part, Visibility::Public), hears(leg, caller), "{mode:?}");
        assert_eq!(may(&part, Visibility::Private), hears(leg, agent), "{mode:?}");
        let part = Part::Agent { rights: FULL };
        assert_eq!(may(&part, Visibility::Public), hears(agent, caller), "{mode:?}");
    }
}
