//! Conversations, chats, help, notes, search and settings, against SQLite files of their own, and
//! against PostgreSQL where `SOTTO_TEST_POSTGRES` names an empty database.

use store::{
    AttachmentRecord, ChatMessageRecord, ChatRecord, EventRecord, HelpFilter, HelpRecord,
    InteractionChange, InteractionFilter, InteractionRecord, Kept, Location, MemberRecord,
    MessageRecord, NewQueue, NewUser, NoteRecord, OutgoingEnd, OutgoingRecord, QueueSettings, Role,
    Scope, Store, StoreError, TranscriptRecord, UserId,
};

const NORA: u64 = 1 << 63 | 9;
const ANA: u64 = 7;

async fn open(directory: &tempfile::TempDir) -> Store {
    Store::open(&Location::Directory(directory.path().to_owned())).await.unwrap()
}

async fn with_store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory).await;
    (directory, store)
}

fn record(id: &str, queue: &str, opened_at: u64) -> InteractionRecord {
    InteractionRecord {
        id: id.to_owned(),
        kind: "conversation".to_owned(),
        channel: "web_chat".to_owned(),
        queue: Some(queue.to_owned()),
        requester: NORA,
        requester_name: "Nora Lind".to_owned(),
        subject: Some("Where is my parcel?".to_owned()),
        opened_at,
        answered_at: None,
        ended_at: None,
        end_reason: None,
    }
}

fn event(position: u64, kind: &str) -> EventRecord {
    EventRecord {
        position,
        at: 1_000 + position,
        kind: kind.to_owned(),
        actor: Some(ANA),
        private: kind.starts_with("private"),
        data: format!("{{\"n\":{position}}}"),
    }
}

fn message(position: u64, public: Option<u64>, client_id: &str, text: &str) -> MessageRecord {
    MessageRecord {
        position,
        public_position: public,
        at: 2_000 + position,
        author: ANA,
        author_name: "Ana Duarte".to_owned(),
        client_id: client_id.to_owned(),
        text: text.to_owned(),
    }
}

fn wrote(event_position: u64, message: MessageRecord) -> InteractionChange {
    InteractionChange {
        events: vec![event(event_position, "posted")],
        message: Some(message),
        ..InteractionChange::default()
    }
}

fn member(user: u64, part: &str, name: &str) -> MemberRecord {
    MemberRecord { user, part: part.to_owned(), name: name.to_owned() }
}

/// A conversation that Nora opened and Ana answered.
async fn opened(store: &Store, id: &str, queue: &str, at: u64) {
    let change = InteractionChange {
        events: vec![event(1, "opened"), event(2, "joined")],
        members: vec![member(NORA, "requester", "Nora Lind"), member(ANA, "agent", "Ana Duarte")],
        answered_at: Some(at + 5),
        ..InteractionChange::default()
    };
    store.open_interaction(&record(id, queue, at), &change).await.unwrap();
}

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

async fn concurrent_retries_in(store: &Store, id: &str) {
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

async fn pages_in(store: &Store, id: &str) {
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
async fn attachments_in(store: &Store, id: &str, base: u64) {
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

fn help_in(queue: &str, number: u64, agent: u64, at: u64, taken: Option<u64>) -> HelpRecord {
    HelpRecord {
        number,
        agent,
        agent_name: format!("Agent {agent}"),
        queue: Some(queue.to_owned()),
        team: Some(3),
        reason: Some(if agent == 1 { "refund" } else { "angry" }.to_owned()),
        stage: "open".to_owned(),
        raised_at: at,
        taken_at: taken,
        taken_by: taken.map(|_| 50),
        ended_at: None,
        cancelled_why: None,
    }
}

#[tokio::test]
async fn the_help_report_counts_by_agent_and_day() {
    let (_directory, store) = with_store().await;
    help_report_in(&store, "k").await;
}

async fn help_report_in(store: &Store, prefix: &str) {
    const DAY: u64 = 86_400_000;
    let start = 20_000 * DAY;
    let id = |n| format!("{prefix}{n}");
    let queue = format!("support{prefix}");
    let help = |number, agent, at, taken| help_in(&queue, number, agent, at, taken);
    store.keep_help(&id(1), &help(1, 1, start, None)).await.unwrap();
    // The same request again, as it is later.
    store.keep_help(&id(1), &help(1, 1, start, Some(start + 4_000))).await.unwrap();
    store.keep_help(&id(1), &help(2, 1, start + 10, Some(start + 2_010))).await.unwrap();
    store.keep_help(&id(2), &help(1, 2, start + DAY, None)).await.unwrap();
    let cancelled = HelpRecord {
        stage: "cancelled".to_owned(),
        cancelled_why: Some("transferred".to_owned()),
        ended_at: Some(start + DAY + 9),
        ..help(2, 2, start + DAY + 1, None)
    };
    store.keep_help(&id(2), &cancelled).await.unwrap();
    assert_eq!(store.help_of(&id(1)).await.unwrap().len(), 2);
    assert_eq!(store.help_of(&id(2)).await.unwrap()[1], cancelled);

    let all = HelpFilter { from: start, until: start + 2 * DAY, ..HelpFilter::default() };
    assert!(store.help_report(&all).await.unwrap().len() >= 2, "of every queue");
    let filter = HelpFilter { queue: Some(queue.clone()), ..all };
    let rows = store.help_report(&filter).await.unwrap();
    let brief: Vec<_> = rows
        .iter()
        .map(|row| (row.agent, row.count, row.answered, row.cancelled, row.answer_ms))
        .collect();
    assert_eq!(brief, [(1, 2, 2, 0, 6_000), (2, 2, 0, 1, 0)]);
    assert_eq!(rows[0].answer_ms_max, 4_000);
    assert_eq!(rows[0].day, start.cast_signed());
    assert_eq!(rows[1].day, (start + DAY).cast_signed());
    assert_eq!((rows[0].team, rows[0].queue.as_deref()), (Some(3), Some(&*queue)));
    let reasons = store.help_reasons(&filter, 10).await.unwrap();
    assert_eq!(reasons, [("angry".to_owned(), 2), ("refund".to_owned(), 2)]);
    for none in [
        HelpFilter { agent: Some(9), ..filter.clone() },
        HelpFilter { team: Some(4), ..filter.clone() },
        HelpFilter { queue: Some("sales".to_owned()), ..filter.clone() },
        HelpFilter { until: start, ..filter.clone() },
    ] {
        assert_eq!(store.help_report(&none).await.unwrap(), [], "{none:?}");
    }
    // East of Greenwich the first day's requests of 00:00 UTC are of the same local day; west of
    // it, of the day before.
    let west = HelpFilter { day_offset_ms: -3_600_000, ..filter };
    let rows = store.help_report(&west).await.unwrap();
    assert_eq!(rows[0].day, start.cast_signed() - DAY.cast_signed() + 3_600_000);
}

#[tokio::test]
async fn search_finds_words_within_scope_and_private_ones_for_staff() {
    let (_directory, store) = with_store().await;
    search_in(&store, "").await;
}

async fn search_in(store: &Store, suffix: &str) {
    let name = |base: &str| format!("{base}{suffix}");
    let (support, sales) = (name("support"), name("sales"));
    opened(store, &name("k1"), &support, 1_000).await;
    opened(store, &name("k2"), &sales, 2_000).await;
    let public = message(1, Some(1), "a", "The REFUND for order 4711 is on its way");
    store.keep(&name("k1"), &wrote(3, public)).await.unwrap();
    let private = message(2, None, "b", "返金してください: fraudster?");
    store.keep(&name("k1"), &wrote(4, private)).await.unwrap();
    let other = message(1, Some(1), "a", "refund");
    store.keep(&name("k2"), &wrote(3, other)).await.unwrap();
    let note = NoteRecord {
        kind: "wrap_up".to_owned(),
        at: 5,
        author: ANA,
        author_name: "Ana Duarte".to_owned(),
        code: Some("solved".to_owned()),
        text: "called the warehouse".to_owned(),
    };
    store.add_note(&name("k2"), &note).await.unwrap();
    assert_eq!(store.notes_of(&name("k2")).await.unwrap(), [note]);

    let scope = |queues: &[&String], member| Scope {
        queues: queues.iter().map(|queue| (*queue).clone()).collect(),
        member,
    };
    let all = scope(&[&support, &sales], None);
    let find = async |query: &str, private, scope: &Scope| -> Vec<String> {
        let filter = InteractionFilter { limit: 50, ..InteractionFilter::default() };
        let found = store.search(query, private, scope, &filter).await.unwrap();
        found.into_iter().map(|it| it.id).collect()
    };
    assert_eq!(find("refund", false, &all).await, [name("k2"), name("k1")]);
    assert_eq!(find("Refund 4711", false, &all).await, [name("k1")]);
    assert_eq!(find("refund nothing", true, &all).await, [""; 0]);
    assert_eq!(find("parcel lind", false, &all).await.len(), 2, "subject and name");
    assert_eq!(find("fraudster", false, &all).await, [""; 0], "private");
    assert_eq!(find("fraudster", true, &all).await, [name("k1")]);
    assert_eq!(find("返金", true, &all).await, [name("k1")]);
    assert_eq!(find("warehouse", true, &all).await, [name("k2")]);
    assert_eq!(find("warehouse", false, &all).await, [""; 0]);
    assert_eq!(find("refund", true, &scope(&[&sales], None)).await, [name("k2")]);
    assert_eq!(find("refund", true, &scope(&[], None)).await, [""; 0]);
    let own = find("refund 4711", true, &scope(&[], Some(ANA))).await;
    assert!(own.contains(&name("k1")) && !own.contains(&name("k2")), "{own:?}");
    assert_eq!(find("refund", true, &scope(&[], Some(12_345))).await, [""; 0]);
    for nothing in ["", " -- ", "%", "' OR 1=1"] {
        let found = find(nothing, true, &all).await;
        assert_eq!(found, [""; 0], "{nothing:?}");
    }
}

#[tokio::test]
async fn the_list_is_paged_and_narrowed() {
    let (_directory, store) = with_store().await;
    for n in 0..7 {
        opened(&store, &format!("k{n}"), "support", 1_000 + n / 2).await;
    }
    opened(&store, "other", "sales", 5_000).await;
    let ended =
        InteractionChange { ended: Some((9_000, "agent".to_owned())), ..Default::default() };
    store.keep("k3", &ended).await.unwrap();
    let scope = Scope { queues: vec!["support".to_owned()], member: None };
    let mut filter = InteractionFilter { limit: 3, ..InteractionFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = store.interactions(&scope, &filter).await.unwrap();
        let Some(last) = page.last() else { break };
        filter.before = Some((last.opened_at, last.id.clone()));
        seen.extend(page.into_iter().map(|it| it.id));
    }
    assert_eq!(seen, ["k6", "k5", "k4", "k3", "k2", "k1", "k0"]);
    let count = async |filter: InteractionFilter| {
        store.interactions(&scope, &InteractionFilter { limit: 50, ..filter }).await.unwrap().len()
    };
    let none = InteractionFilter::default;
    assert_eq!(count(InteractionFilter { running: Some(true), ..none() }).await, 6);
    assert_eq!(count(InteractionFilter { running: Some(false), ..none() }).await, 1);
    assert_eq!(count(InteractionFilter { kind: Some("call".to_owned()), ..none() }).await, 0);
    assert_eq!(
        count(InteractionFilter { from: Some(1_001), until: Some(1_003), ..none() }).await,
        4
    );
}

async fn user(store: &Store, username: &str) -> UserId {
    let new = NewUser {
        username,
        name: username,
        password: "open sesame",
        role: Role::Agent,
        permissions: &[],
    };
    store.create_user(new).await.unwrap()
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

async fn chatted_in(store: &Store, id: &str, suffix: &str) -> (UserId, UserId) {
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

async fn chat_is_there_in(store: &Store, id: &str, ana: UserId, ben: UserId) {
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
async fn settings_and_skills() {
    let (_directory, store) = with_store().await;
    settings_in(&store, "").await;
}

async fn settings_in(store: &Store, suffix: &str) {
    let name = |base: &str| format!("{base}{suffix}");
    let team = store.ensure_team(&name("Support")).await.unwrap();
    let key = name("support");
    let new = NewQueue { key: &key, name: "Support", team, open_to_guests: false };
    let queue = store.ensure_queue(new).await.unwrap();
    assert_eq!(store.queue_settings(queue).await.unwrap(), QueueSettings::default());
    let settings =
        QueueSettings { pull: true, help: false, mood: false, ..QueueSettings::default() };
    store.set_queue_settings(queue, &settings).await.unwrap();
    store.set_queue_settings(queue, &settings).await.unwrap();
    assert_eq!(store.queue_settings(queue).await.unwrap(), settings);

    let ana = user(store, &name("ana")).await;
    let billing = store.ensure_skill(&name("billing")).await.unwrap();
    let french = store.ensure_skill(&name("French")).await.unwrap();
    assert_eq!(store.ensure_skill(&name("billing")).await.unwrap(), billing);
    let skills = store.skills().await.unwrap();
    let own = skills.iter().filter(|skill| [billing, french].contains(&skill.id));
    assert_eq!(own.count(), 2);
    store.set_skills(ana, &[billing, french, billing]).await.unwrap();
    assert_eq!(store.skills_of(ana).await.unwrap().len(), 2);
    store.set_skills(ana, &[french]).await.unwrap();
    assert_eq!(store.skills_of(ana).await.unwrap(), [french]);
}

#[tokio::test]
async fn calls_are_in_the_list_too() {
    let (_directory, store) = with_store().await;
    let party = |user, role: &str| store::PartyRecord {
        user,
        name: "Nora Lind".to_owned(),
        role: role.to_owned(),
        joined_at: 1,
        left_at: 2,
    };
    let call = store::CallRecord {
        call: "c1".to_owned(),
        queue: Some("support".to_owned()),
        caller_name: "Nora Lind".to_owned(),
        caller_number: None,
        placed_at: 1_000,
        answered_at: None,
        ended_at: 2_000,
        end_reason: "caller".to_owned(),
        parties: vec![party(NORA, "caller"), party(ANA, "agent"), party(ANA, "agent")],
    };
    store.record_call(&call).await.unwrap();
    let scope = Scope { queues: Vec::new(), member: Some(ANA) };
    let filter = InteractionFilter { limit: 9, ..InteractionFilter::default() };
    let found = store.search("nora", false, &scope, &filter).await.unwrap();
    assert_eq!((found[0].id.as_str(), found[0].kind.as_str()), ("c1", "call"));
    assert_eq!(found[0].requester, NORA);
    assert_eq!(store.members_of("c1").await.unwrap().len(), 2);
}

#[tokio::test]
async fn postgresql_does_the_same() {
    let Ok(url) = std::env::var("SOTTO_TEST_POSTGRES") else {
        eprintln!("SOTTO_TEST_POSTGRES is not set: PostgreSQL is not tested here");
        return;
    };
    let store = Store::open(&Location::Url(url)).await.unwrap();
    let suffix = format!("-{}", std::process::id());
    concurrent_retries_in(&store, &format!("r{suffix}")).await;
    pages_in(&store, &format!("p{suffix}")).await;
    help_report_in(&store, &format!("h{suffix}")).await;
    search_in(&store, &suffix).await;
    attachments_in(&store, &format!("a{suffix}"), u64::from(std::process::id()) * 100).await;
    let chat = format!("c{suffix}");
    let (ana, ben) = chatted_in(&store, &chat, &suffix).await;
    chat_is_there_in(&store, &chat, ana, ben).await;
    settings_in(&store, &format!("-s{suffix}")).await;
}

#[tokio::test]
async fn what_connectors_are_to_be_told_is_kept_in_order() {
    let (directory, store) = with_store().await;
    outbox_in(&store, "k1").await;
    drop(store);
    let store = open(&directory).await;
    assert_eq!(store.outbox("w").await.unwrap(), [("k1".to_owned(), 2)], "it survives");
    store.end_outgoing("k1", 2, OutgoingEnd::GivenUp).await.unwrap();
    assert_eq!(store.outbox("w").await.unwrap(), []);
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
    store.end_outgoing(id, 1, OutgoingEnd::Delivered).await.unwrap();
    assert_eq!(store.outgoing(id, 1).await.unwrap(), None);
    assert_eq!(store.outbox("w").await.unwrap(), [(id.to_owned(), 2)]);
    let (conversation, found) = store.message_by(ANA, "c2").await.unwrap().unwrap();
    assert_eq!((conversation.as_str(), found.position), (id, 2));
    assert_eq!(store.message_by(ANA, "c3").await.unwrap(), None);
}
