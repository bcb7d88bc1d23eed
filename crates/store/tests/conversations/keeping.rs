//! What was acknowledged is kept: messages, attachments, transcripts, chats, and what other
//! channels are to be told.

use interaction::conversation::PartKind;
use store::{
    AttachmentRecord, AttachmentTotals, AttachmentUse, ChatMessageRecord, ChatRecord,
    GivenUpRecord, InteractionChange, InteractionRecord, Kept, LeftRecord, MemberRecord,
    MessageRecord, OutgoingEnd, OutgoingRecord, PlaceRecord, Store, StoreError, TranscriptRecord,
    UserId,
};

use super::{ANA, NORA, member, message, open, opened, record, user, with_store, wrote};

#[tokio::test]
async fn a_conversation_survives_a_restart_to_the_last_acknowledged_message() {
    let (directory, store) = with_store().await;
    opened(&store, "k1", "support", 1_000).await;
    for n in 1..=20 {
        let public = (n % 2 == 1).then_some(n / 2 + 1);
        let text = format!("message {n}");
        let change = wrote(n + 2, message(n, public, &format!("c{n}"), &text));
        assert_eq!(store.keep("k1", &change).await.unwrap(), Kept::Done);
    }
    // No orderly end: the process is gone, and with it the connections.
    std::mem::forget(store);
    let store = open(&directory).await;
    let running = store.running_conversations().await.unwrap();
    let expected = InteractionRecord { answered_at: Some(1_005), ..record("k1", "support", 1_000) };
    assert_eq!(running, [expected]);
    assert_eq!(store.events_of("k1", 0, 500).await.unwrap().len(), 22);
    assert_eq!(store.events_of("k1", 20, 500).await.unwrap()[0].position, 21);
    assert_eq!(store.messages("k1", None, 500).await.unwrap().len(), 20);
    assert_eq!(store.members_of("k1").await.unwrap().len(), 2);

    let ended = (9_000, "agent".to_owned());
    let change = InteractionChange { ended: Some(ended), ..InteractionChange::default() };
    store.keep("k1", &change).await.unwrap();
    assert_eq!(store.running_conversations().await.unwrap(), []);
    assert_eq!(store.interaction("k1").await.unwrap().unwrap().ended_at, Some(9_000));
}

#[tokio::test]
async fn concurrent_retries_of_one_message_keep_it_once() {
    let (_directory, store) = with_store().await;
    concurrent_retries_in(&store, "k1").await;
}

pub async fn concurrent_retries_in(store: &Store, id: &str) {
    opened(store, id, "support", 1_000).await;
    let mut retries = tokio::task::JoinSet::new();
    for n in 0..16 {
        let (store, id) = (store.clone(), id.to_owned());
        // Two servers could give the retry a position of its own; the message is one all the same.
        let change = wrote(3 + n, message(1 + n, Some(1 + n), "same", "hello"));
        retries.spawn(async move { store.keep(&id, &change).await.unwrap() });
    }
    let mut kept = Vec::new();
    while let Some(joined) = retries.join_next().await {
        kept.push(joined.unwrap());
    }
    assert_eq!(kept.iter().filter(|kept| **kept == Kept::Done).count(), 1);
    let messages = store.messages(id, None, 50).await.unwrap();
    assert_eq!(messages.len(), 1);
    let there = Kept::There(messages[0].position);
    assert!(kept.iter().all(|kept| *kept == Kept::Done || *kept == there), "{kept:?}");
    assert_eq!(store.events_of(id, 0, 50).await.unwrap().len(), 3, "whole or not at all");
}

#[tokio::test]
async fn a_position_is_taken_once() {
    let (_directory, store) = with_store().await;
    opened(&store, "k1", "support", 1_000).await;
    store.keep("k1", &wrote(3, message(1, Some(1), "a", "first"))).await.unwrap();
    for (event, position, public) in [(3, 2, None), (4, 1, None), (4, 2, Some(1))] {
        let change = wrote(event, message(position, public, "b", "second"));
        let refused = store.keep("k1", &change).await;
        assert!(matches!(refused, Err(StoreError::Taken(_))), "{refused:?}");
    }
    let nowhere = store.keep("k2", &wrote(1, message(1, Some(1), "a", "x"))).await;
    assert!(nowhere.is_err(), "no such conversation");
    assert_eq!(store.events_of("k1", 0, 50).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_customer_s_pages_know_nothing_private() {
    let (_directory, store) = with_store().await;
    pages_in(&store, "k1").await;
}

pub async fn pages_in(store: &Store, id: &str) {
    opened(store, id, "support", 1_000).await;
    for n in 1..=10 {
        let public = n % 3 == 0;
        let text = if public { "open" } else { "secret" };
        let change = wrote(n + 2, message(n, public.then_some(n / 3), &format!("c{n}"), text));
        store.keep(id, &change).await.unwrap();
    }
    let positions = |messages: Vec<MessageRecord>| -> Vec<(u64, Option<u64>)> {
        messages.iter().map(|message| (message.position, message.public_position)).collect()
    };
    let all = store.public_messages(id, None, 50).await.unwrap();
    assert!(all.iter().all(|message| message.text == "open"));
    assert_eq!(positions(all), [(1, Some(1)), (2, Some(2)), (3, Some(3))]);
    let page = store.public_messages(id, Some(3), 1).await.unwrap();
    assert_eq!(positions(page), [(2, Some(2))]);
    let staff = store.messages(id, Some(7), 3).await.unwrap();
    assert_eq!(positions(staff), [(4, None), (5, None), (6, Some(2))]);
    let one_page = store.messages(id, None, 0).await.unwrap();
    assert_eq!(one_page.len(), 1, "a page has at least a row");
}

fn attachment(id: u64, interaction: &str, owner: u64) -> AttachmentRecord {
    AttachmentRecord {
        id,
        interaction: interaction.to_owned(),
        owner,
        position: None,
        name: "invoice.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        size_bytes: 12_345,
        sha256: "00ff".to_owned(),
        uploaded_at: 1_500,
    }
}

#[tokio::test]
async fn an_attachment_is_in_one_message_of_its_owner() {
    let (_directory, store) = with_store().await;
    attachments_in(&store, "k1", 0).await;
}

/// `base` keeps the ids of one run apart from another's.
pub async fn attachments_in(store: &Store, id: &str, base: u64) {
    opened(store, id, "support", 1_000).await;
    for (n, owner) in [(1, ANA), (2, 8), (3, ANA)] {
        store.add_attachment(&attachment(base + n, id, owner)).await.unwrap();
    }
    let with = |event, position, client_id: &str, attachment| InteractionChange {
        attachments: vec![base + attachment],
        ..wrote(event, message(position, Some(position), client_id, ""))
    };
    store.keep(id, &with(3, 1, "a", 1)).await.unwrap();
    for refused in [with(4, 2, "b", 1), with(4, 2, "b", 2), with(4, 2, "b", 99)] {
        let result = store.keep(id, &refused).await;
        assert!(matches!(result, Err(StoreError::Missing("attachment"))), "{result:?}");
    }
    assert_eq!(store.messages(id, None, 9).await.unwrap().len(), 1, "nothing of it was kept");
    assert_eq!(store.attachment(base + 1).await.unwrap().unwrap().position, Some(1));
    assert_eq!(store.attachments_of(id, 1, 9).await.unwrap().len(), 1);
    assert_eq!(store.prune_attachments(1_500).await.unwrap(), [0; 0]);
    let mut unsent = store.unsent_attachments(1_501).await.unwrap();
    unsent.sort_unstable();
    assert_eq!(unsent, [base + 2, base + 3]);
    let mut pruned = store.prune_attachments(1_501).await.unwrap();
    pruned.sort_unstable();
    assert_eq!(pruned, [base + 2, base + 3]);
    assert!(store.attachment(base + 1).await.unwrap().is_some());
}

#[tokio::test]
async fn there_are_two_transcripts() {
    let (_directory, store) = with_store().await;
    opened(&store, "k1", "support", 1_000).await;
    let transcript = |kind: &str, text: &str| TranscriptRecord {
        kind: kind.to_owned(),
        text: text.to_owned(),
        json: "[]".to_owned(),
        made_at: 9_000,
    };
    store.keep_transcript("k1", &transcript("external", "old")).await.unwrap();
    store.keep_transcript("k1", &transcript("external", "new")).await.unwrap();
    store.keep_transcript("k1", &transcript("internal", "[PRIVATE]")).await.unwrap();
    let external = store.transcript("k1", "external").await.unwrap();
    assert_eq!(external, Some(transcript("external", "new")));
    assert_eq!(store.transcript("k2", "external").await.unwrap(), None);
}

#[tokio::test]
async fn a_chat_survives_a_restart_and_keeps_a_retry_once() {
    let (directory, store) = with_store().await;
    let (ana, ben) = chatted_in(&store, "c1", "").await;
    std::mem::forget(store);
    let store = open(&directory).await;
    assert_eq!(store.running_chats().await.unwrap(), [chat_of("c1", ana, ben)]);
    chat_is_there_in(&store, "c1", ana, ben).await;
    assert_eq!(store.running_chats().await.unwrap(), []);
}

fn chat_of(id: &str, from: UserId, with: UserId) -> ChatRecord {
    let id = id.to_owned();
    ChatRecord { id, from, with, opened_at: 1_000, ended_at: None, ended_by: None }
}

fn chat_message(author: UserId, position: u64, client_id: &str) -> ChatMessageRecord {
    ChatMessageRecord {
        position,
        at: 2_000,
        author: author.0,
        client_id: client_id.to_owned(),
        text: "hello".to_owned(),
    }
}

pub async fn chatted_in(store: &Store, id: &str, suffix: &str) -> (UserId, UserId) {
    let ana = user(store, &format!("ana{suffix}")).await;
    let ben = user(store, &format!("ben{suffix}")).await;
    store.open_chat(&chat_of(id, ana, ben)).await.unwrap();
    let keep = async |position, client_id: &str| {
        store.keep_chat_message(id, &chat_message(ana, position, client_id)).await
    };
    assert_eq!(keep(1, "a").await.unwrap(), Kept::Done);
    assert_eq!(keep(2, "a").await.unwrap(), Kept::There(1));
    let taken = keep(1, "b").await;
    assert!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
    keep(2, "b").await.unwrap();
    store.keep_chat_read(id, ben, 2).await.unwrap();
    store.keep_chat_read(id, ben, 1).await.unwrap();
    (ana, ben)
}

pub async fn chat_is_there_in(store: &Store, id: &str, ana: UserId, ben: UserId) {
    assert_eq!(store.chat_messages(id, None, 50).await.unwrap().len(), 2);
    let first = store.chat_messages(id, Some(2), 50).await.unwrap();
    assert_eq!(first, [chat_message(ana, 1, "a")]);
    assert_eq!(store.chat_reads(id).await.unwrap(), [(ben, 2)]);
    store.end_chat(id, ben, 3_000).await.unwrap();
    store.end_chat(id, ana, 4_000).await.unwrap();
    let ended = &store.chats_of(ana, None, 50).await.unwrap()[0];
    assert_eq!((ended.ended_at, ended.ended_by), (Some(3_000), Some(ben.0)));
    assert_eq!(store.chats_of(ben, Some((1_000, id)), 50).await.unwrap(), []);
}

#[tokio::test]
async fn what_connectors_are_to_be_told_is_kept_in_order() {
    let (directory, store) = with_store().await;
    outbox_in(&store, "k1").await;
    drop(store);
    let store = open(&directory).await;
    assert_eq!(store.outbox("w").await.unwrap(), [("k1".to_owned(), 2)], "it survives");
    let why = GivenUpRecord { cause: "refused".to_owned(), detail: Some("403".to_owned()) };
    store.end_outgoing("k1", 2, &OutgoingEnd::GivenUp(why.clone())).await.unwrap();
    assert_eq!(store.outbox("w").await.unwrap(), []);
    assert_eq!(store.given_up("k1", 1, 2).await.unwrap(), [(2, why)]);
    assert_eq!(store.given_up("k1", 3, 9).await.unwrap(), []);
}

async fn outbox_in(store: &Store, id: &str) {
    let nora = store.channel_customer("w", "+81", NORA).await.unwrap();
    assert_eq!(nora, NORA);
    assert_eq!(store.channel_customer("w", "+81", NORA + 1).await.unwrap(), NORA, "the same one");
    assert_eq!(store.channel_customer("f", "+81", NORA + 2).await.unwrap(), NORA + 2);
    opened(store, id, "support", 1_000).await;
    let outgoing = |n: u64| OutgoingRecord {
        channel: "w".to_owned(),
        at: n,
        public_position: Some(n),
        body: format!("\"{n}\""),
    };
    for n in [1, 2] {
        let wrote = wrote(2 + n, message(n, Some(n), &format!("c{n}"), "Hello"));
        let change = InteractionChange { outgoing: vec![outgoing(n)], ..wrote };
        store.keep(id, &change).await.unwrap();
        assert_eq!(store.keep(id, &change).await.unwrap(), Kept::There(n), "with it or not at all");
    }
    assert_eq!(store.outbox("w").await.unwrap(), [(id.to_owned(), 1)]);
    assert_eq!(store.outbox("f").await.unwrap(), []);
    let waiting = store.outgoing(id, 1).await.unwrap().unwrap();
    assert_eq!((waiting.what, waiting.requester), (outgoing(1), NORA));
    assert_eq!(waiting.external_id, "+81");
    store.end_outgoing(id, 1, &OutgoingEnd::Delivered).await.unwrap();
    assert_eq!(store.outgoing(id, 1).await.unwrap(), None);
    assert_eq!(store.outbox("w").await.unwrap(), [(id.to_owned(), 2)]);
    let (conversation, found) = store.message_by(ANA, "c2").await.unwrap().unwrap();
    assert_eq!((conversation.as_str(), found.position), (id, 2));
    assert_eq!(store.message_by(ANA, "c3").await.unwrap(), None);
}

#[tokio::test]
async fn where_somebody_left_is_kept_and_coming_back_forgets_it() {
    let (_directory, store) = with_store().await;
    opened(&store, "k1", "support", 1_000).await;
    let place = PlaceRecord { event: 4, message: 1, at: 1_010 };
    let left = LeftRecord { user: ANA, part: PartKind::Agent, place };
    let leaves = InteractionChange { left: vec![left], ..InteractionChange::default() };
    store.keep("k1", &leaves).await.unwrap();
    let agent = async || {
        let members = store.members_of("k1").await.unwrap();
        members.into_iter().find(|it| it.user == ANA).unwrap()
    };
    assert_eq!(agent().await.left, Some(place));
    assert_eq!(store.members_of_all(&["k1"]).await.unwrap()[0].1.left, Some(place));
    let back = MemberRecord { joined_event: Some(9), ..member(ANA, PartKind::Agent, "Ana Duarte") };
    let comes = InteractionChange { members: vec![back], ..InteractionChange::default() };
    store.keep("k1", &comes).await.unwrap();
    assert_eq!(agent().await.left, None);
    assert_eq!(agent().await.joined_event, Some(1), "first came then");
}

#[tokio::test]
async fn uploads_are_counted_by_who_may_know_of_them() {
    let (_directory, store) = with_store().await;
    opened(&store, "k1", "support", 1_000).await;
    let upload = |id, owner| AttachmentRecord {
        id,
        interaction: "k1".to_owned(),
        owner,
        position: None,
        name: "a.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size_bytes: id,
        sha256: String::new(),
        uploaded_at: 1,
    };
    for (id, owner) in [(1, NORA), (2, NORA), (3, NORA), (4, ANA), (5, ANA)] {
        store.add_attachment(&upload(id, owner)).await.unwrap();
    }
    let public = MessageRecord { author: NORA, ..message(1, Some(1), "a", "hi") };
    let change = InteractionChange { attachments: vec![1, 2], ..wrote(3, public) };
    store.keep("k1", &change).await.unwrap();
    let private = MessageRecord { author: ANA, ..message(2, None, "b", "psst") };
    let change = InteractionChange { attachments: vec![4], ..wrote(4, private) };
    store.keep("k1", &change).await.unwrap();
    let elsewhere = AttachmentRecord { interaction: "k2".to_owned(), ..upload(6, NORA) };
    opened(&store, "k2", "support", 1_000).await;
    store.add_attachment(&elsewhere).await.unwrap();
    let nora = AttachmentUse {
        public: 2,
        public_bytes: 3,
        private: 1,
        private_bytes: 4,
        unsent: 1,
        unsent_bytes: 3,
        recent_bytes: 12,
    };
    assert_eq!(store.attachment_use("k1", NORA, 1).await.unwrap(), nora);
    let later = AttachmentUse { recent_bytes: 0, ..nora };
    assert_eq!(store.attachment_use("k1", NORA, 2).await.unwrap(), later);
    let ana = AttachmentUse { unsent: 1, unsent_bytes: 5, recent_bytes: 9, ..nora };
    assert_eq!(store.attachment_use("k1", ANA, 0).await.unwrap(), ana);
    let none = AttachmentUse { recent_bytes: 12, ..AttachmentUse::default() };
    assert_eq!(store.attachment_use("k0", NORA, 0).await.unwrap(), none);
    let totals = AttachmentTotals { customers_bytes: 12, staff_bytes: 9 };
    assert_eq!(store.attachment_totals().await.unwrap(), totals);
}
