//! Two people of the centre who write to each other.

use interaction::chat::{
    Chat, ChatApplied, ChatCommand, ChatEvent, ChatRefusal, Colleague, may_start,
};
use interaction::{ChatId, TeamId, UnixMs, UserId};

const ANA: UserId = UserId(1);
const BEN: UserId = UserId(2);

fn chat() -> Chat {
    Chat::open(ChatId(1), UnixMs(0), ANA, BEN)
}

fn post(chat: &mut Chat, by: UserId, id: &str) -> Result<ChatApplied, ChatRefusal> {
    chat.apply(by, ChatCommand::Post { client_id: id.into(), text: id.into() })
}

#[test]
fn it_is_pending_until_answered() {
    let mut it = chat();
    post(&mut it, ANA, "a").unwrap();
    post(&mut it, ANA, "b").unwrap();
    assert!(it.is_pending());
    assert_eq!((it.unread(BEN), it.unread(ANA)), (2, 0));
    assert!(matches!(
        it.apply(BEN, ChatCommand::Read { up_to: 2 }),
        Ok(ChatApplied::Done(ChatEvent::Read { up_to: 2, .. }))
    ));
    assert!(it.is_pending(), "reading is no answer");
    post(&mut it, BEN, "c").unwrap();
    assert!(!it.is_pending());
    assert_eq!((it.unread(BEN), it.unread(ANA)), (0, 1));
}

#[test]
fn a_retry_is_harmless_even_after_the_end() {
    let mut it = chat();
    post(&mut it, ANA, "a").unwrap();
    assert_eq!(
        it.apply(BEN, ChatCommand::End),
        Ok(ChatApplied::Done(ChatEvent::Ended { by: BEN }))
    );
    assert_eq!(it.apply(ANA, ChatCommand::End), Ok(ChatApplied::Nothing));
    assert_eq!(post(&mut it, ANA, "a"), Ok(ChatApplied::There(1)));
    assert_eq!(post(&mut it, ANA, "b"), Err(ChatRefusal::Ended));
    let other = ChatCommand::Post { client_id: "a".into(), text: "x".into() };
    assert_eq!(it.apply(ANA, other), Err(ChatRefusal::ClientIdReused));
}

#[test]
fn it_comes_back_from_its_events() {
    let mut it = chat();
    let mut events = Vec::new();
    for (by, command) in [
        (ANA, ChatCommand::Post { client_id: "a".into(), text: "hello".into() }),
        (BEN, ChatCommand::Read { up_to: 1 }),
        (BEN, ChatCommand::Post { client_id: "a".into(), text: "hi".into() }),
        (ANA, ChatCommand::End),
    ] {
        if let ChatApplied::Done(event) = it.apply(by, command).unwrap() {
            events.push(event);
        }
    }
    let mut again = chat();
    events.iter().for_each(|event| again.evolve(event));
    assert_eq!(again, it);
    assert_eq!(events.len(), 4);
}

#[test]
fn strangers_and_nonsense_are_refused() {
    let mut it = chat();
    assert_eq!(post(&mut it, UserId(3), "a"), Err(ChatRefusal::NotAMember));
    assert_eq!(it.apply(ANA, ChatCommand::Read { up_to: 1 }), Err(ChatRefusal::NoSuchMessage));
    assert_eq!(post(&mut it, ANA, ""), Err(ChatRefusal::Empty));
    let long = ChatCommand::Post { client_id: "l".into(), text: "x".repeat(100_000) };
    assert_eq!(it.apply(ANA, long), Err(ChatRefusal::TextTooLong));
    assert_eq!(it.count(), 0);
}

#[test]
fn chats_begin_within_a_group_and_supervisors_begin_them_anywhere() {
    let support = [TeamId(1), TeamId(2)];
    let sales = [TeamId(3)];
    let who = |user, teams, supervisor| Colleague { user: UserId(user), teams, supervisor };
    let ana = who(1, &support[..], false);
    assert!(may_start(ana, who(2, &support[1..], false)));
    assert!(!may_start(ana, who(3, &sales, false)));
    assert!(!may_start(ana, who(4, &sales, true)));
    assert!(may_start(who(4, &sales, true), ana));
    assert!(!may_start(ana, ana));
    assert!(!may_start(who(5, &[], false), who(6, &[], false)));
}

#[test]
fn what_is_only_decided_changes_nothing() {
    let it = chat();
    let command = ChatCommand::Post { client_id: "a".into(), text: "hello".into() };
    let events = it.decide(ANA, command.clone()).unwrap();
    assert_eq!(it, chat());
    let mut decided = it.clone();
    events.iter().for_each(|event| decided.evolve(event));
    let mut applied = it;
    applied.apply(ANA, command.clone()).unwrap();
    assert_eq!(decided, applied);
    assert_eq!(decided.decide(ANA, command), Ok(vec![]), "it is there already");
}
