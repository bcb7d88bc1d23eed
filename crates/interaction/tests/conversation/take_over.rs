//! A supervisor writes to the customer in the agents' stead, and hands back.

use super::*;

fn take_over(announce: bool) -> Command {
    Command::SetMode { mode: ModeKind::TakeOver, announce, expected: None }
}

#[test]
fn a_take_over_follows_on_barge_or_is_confirmed_each_time() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    assert_eq!(by(&mut it, SAM, take_over(false)), Err(Refusal::AnnounceFirst));
    let applied = by(&mut it, SAM, take_over(true)).unwrap();
    for (user, reader) in [(NORA, Reader::Requester), (ANA, Reader::Agent)] {
        let told = told(&applied, user, reader);
        assert!(matches!(&told[..], [Disclosed::Joined(who)] if who.user == SAM), "{told:?}");
    }
    by(&mut it, SAM, mode(ModeKind::Whisper)).unwrap();
    assert_eq!(by(&mut it, SAM, take_over(false)), Err(Refusal::AnnounceFirst), "each time");
    by(&mut it, SAM, mode(ModeKind::Barge)).expect("that everybody is told was confirmed once");
    let applied = by(&mut it, SAM, take_over(false)).expect("it follows on Barge");
    assert_eq!(told(&applied, NORA, Reader::Requester), [], "they know who writes");
    let seen = told(&applied, ANA, Reader::Agent);
    assert!(matches!(&seen[..], [Disclosed::ModeChanged(who, ModeKind::Barge)] if who.user == SAM));
}

#[test]
fn while_it_is_taken_over_the_agent_reads_and_does_not_write_to_the_customer() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    by(&mut it, SAM, take_over(true)).unwrap();
    by(&mut it, SAM, public("I go on here")).expect("the supervisor writes");
    by(&mut it, NORA, public("please do")).expect("the customer writes");
    let typing = Command::Typing { visibility: Visibility::Public, on: true };
    let to = Target::Agent(BEN);
    for command in [
        public("me, too"),
        typing.clone(),
        Command::Transfer { to, note: None },
        Command::Invite { to, note: None },
        Command::End,
    ] {
        assert_eq!(by(&mut it, ANA, command.clone()), Err(Refusal::TakenOver), "{command:?}");
    }
    by(&mut it, ANA, Command::Post(draft(Visibility::Private, "p", "thank you"))).unwrap();
    supervise_as(&mut it, BEN, FULL);
    assert_eq!(by(&mut it, BEN, take_over(true)), Err(Refusal::TakenOver), "one at a time");
    by(&mut it, SAM, mode(ModeKind::Barge)).unwrap();
    by(&mut it, ANA, typing).expect("handed back");
    by(&mut it, ANA, public("me again")).expect("handed back");
}

#[test]
fn whatever_ends_a_take_over_the_agent_writes_again_at_once() {
    let leave = |reason| Command::Leave { user: SAM, reason };
    for command in [
        leave(LeaveReason::HungUp),
        leave(LeaveReason::Lost),
        Command::SetRights { user: SAM, rights: None },
        Command::SetRights { user: SAM, rights: Some(Rights { whisper: true, barge: false }) },
        Command::Recover,
    ] {
        let mut it = conversation();
        supervise(&mut it, FULL);
        by(&mut it, SAM, take_over(true)).unwrap();
        it.apply(UnixMs(9), Actor::System, command.clone()).unwrap();
        by(&mut it, ANA, public("back")).unwrap_or_else(|error| panic!("{command:?}: {error}"));
    }
}

/// The agent leaves it to the supervisor, and it waits for another one.
#[test]
fn an_agent_who_leaves_what_is_taken_over_does_not_end_it() {
    let mut it = conversation();
    supervise(&mut it, FULL);
    by(&mut it, SAM, take_over(true)).unwrap();
    by(&mut it, ANA, Command::Leave { user: ANA, reason: LeaveReason::HungUp }).unwrap();
    assert_eq!((it.phase(), it.ended()), (Phase::Waiting, None));
    by(&mut it, SAM, public("still here")).unwrap();
    join(&mut it, BEN);
    assert_eq!(by(&mut it, BEN, public("hello")), Err(Refusal::TakenOver));
    by(&mut it, SAM, mode(ModeKind::Listen)).unwrap();
    by(&mut it, BEN, public("hello")).unwrap();
}
