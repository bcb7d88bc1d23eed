//! Looking it up again: the help report, search, the list of interactions.

use interaction::Role;
use store::{
    HelpFilter, HelpRecord, InteractionChange, InteractionFilter, InteractionKind,
    InteractionRecord, NoteRecord, Scope, Store,
};

use super::{ANA, NORA, indexed, message, open, opened, record, with_store, wrote};

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

pub async fn help_report_in(store: &Store, prefix: &str) {
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

pub async fn search_in(store: &Store, suffix: &str) {
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
        reads: vec![name("k1"), name("k2")],
    };
    let all = scope(&[&support, &sales], None);
    let find = async |query: &str, private, scope: &Scope| -> Vec<String> {
        let filter = InteractionFilter { limit: 50, ..InteractionFilter::default() };
        let found = store.search(query, private, scope, &filter).await.unwrap();
        found.into_iter().map(|it| it.id).collect()
    };
    assert_eq!(find("parcel", false, &all).await.len(), 2, "the subject, at once");
    assert_eq!(find("refund", false, &all).await, [""; 0], "messages, after their answer");
    indexed(store).await;
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
    let blind = Scope { reads: Vec::new(), ..all.clone() };
    assert_eq!(find("refund", true, &blind).await, [""; 0], "it runs, and is not read");
    assert_eq!(find("parcel lind", true, &blind).await.len(), 2, "what a list shows anyway");
    assert!(store.contains(&name("k1"), "refund 4711", 1).await.unwrap());
    assert!(!store.contains(&name("k1"), "refund fraudster", 1).await.unwrap(), "a later message");
    assert!(store.contains(&name("k1"), "refund fraudster", 2).await.unwrap());
    assert!(!store.contains(&name("k2"), "warehouse", 9).await.unwrap(), "a note's");
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
    let scope = Scope { queues: vec!["support".to_owned()], ..Scope::default() };
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
    assert_eq!(count(InteractionFilter { kind: Some(InteractionKind::Call), ..none() }).await, 0);
    assert_eq!(
        count(InteractionFilter { from: Some(1_001), until: Some(1_003), ..none() }).await,
        4
    );
}

#[tokio::test]
async fn calls_are_in_the_list_too() {
    let (_directory, store) = with_store().await;
    let party = |user, role: Role| store::PartyRecord {
        user,
        name: "Nora Lind".to_owned(),
        role,
        joined_at: 1,
        left_at: 2,
        left_event: None,
        sound: None,
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
        opening: None,
        customer: None,
        parties: vec![party(NORA, Role::Caller), party(ANA, Role::Agent), party(ANA, Role::Agent)],
    };
    store.record_call(&call, false, &[]).await.unwrap();
    let scope = Scope { member: Some(ANA), ..Scope::default() };
    let filter = InteractionFilter { limit: 9, ..InteractionFilter::default() };
    let found = store.search("nora", false, &scope, &filter).await.unwrap();
    assert_eq!((found[0].id.as_str(), found[0].kind), ("c1", InteractionKind::Call));
    assert_eq!(found[0].requester, NORA);
    assert_eq!(store.members_of("c1").await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_not_indexed_is_caught_up_after_a_restart() {
    let (directory, store) = with_store().await;
    opened(&store, "k1", "support", 1_000).await;
    store.keep("k1", &wrote(3, message(1, Some(1), "a", "refund"))).await.unwrap();
    store.close().await;
    let store = open(&directory).await;
    assert_eq!(store.unindexed().await.unwrap(), 1);
    assert!(!store.contains("k1", "refund", 9).await.unwrap());
    indexed(&store).await;
    assert!(store.contains("k1", "refund", 9).await.unwrap());
    store.keep("k1", &wrote(4, message(2, Some(2), "b", ""))).await.unwrap();
    assert_eq!(store.unindexed().await.unwrap(), 0, "nothing to be found in it");
}

/// As many different words as 4,000 characters hold.
fn hostile_text(number: u64) -> String {
    let letters: Vec<char> = ('a'..='z').collect();
    let word = |n: usize| {
        let n = n + number as usize * 1_000;
        String::from_iter([letters[n / 676 % 26], letters[n / 26 % 26], letters[n % 26], ' '])
    };
    (0..1_000).map(word).collect()
}

#[tokio::test]
async fn a_hostile_message_takes_a_bounded_part_of_the_database() {
    const MESSAGES: u64 = 50;
    let (directory, store) = with_store().await;
    opened(&store, "0123456789abcdef", "support", 1_000).await;
    let id = |n| format!("{n:016x}");
    for n in 0..MESSAGES {
        opened(&store, &id(n), "support", 1_000).await;
    }
    store.close().await;
    let size = || std::fs::metadata(directory.path().join(store::FILE_NAME)).unwrap().len();
    let before = size();
    let store = open(&directory).await;
    for n in 0..MESSAGES {
        // Each by another author: no budget of a person bounds them.
        let mut text = message(1, Some(1), "a", &hostile_text(n));
        text.author = n + 1_000;
        store.keep(&id(n), &wrote(3, text)).await.unwrap();
    }
    indexed(&store).await;
    store.close().await;
    let each = (size() - before) / MESSAGES;
    assert!(each < 50_000, "{each} bytes of the database for a message of 4,000 characters");
    eprintln!("{each} bytes a message");
}

#[tokio::test]
async fn a_flood_of_one_author_is_indexed_to_a_bound() {
    let (_directory, store) = with_store().await;
    opened(&store, "k1", "support", 1_000).await;
    for n in 1..=15 {
        let text = message(n, Some(n), &n.to_string(), &hostile_text(n));
        store.keep("k1", &wrote(n + 2, text)).await.unwrap();
    }
    indexed(&store).await;
    let first = hostile_text(1);
    assert!(store.contains("k1", first.split(' ').next().unwrap(), 99).await.unwrap());
    let last = hostile_text(15);
    assert!(!store.contains("k1", last.split(' ').next().unwrap(), 99).await.unwrap());
}

#[tokio::test]
async fn the_contacts_of_one_customer_are_found_newest_first_page_by_page() {
    let (_directory, store) = with_store().await;
    let known = |id: &str, at, customer: &str| InteractionRecord {
        customer: Some(customer.to_owned()),
        ..record(id, "support", at)
    };
    let rows = [
        known("k1", 1_000, "number:+4930"),
        known("k2", 2_000, "number:+4930"),
        known("k3", 2_000, "number:+4930"),
        known("other", 1_500, "number:+49301"),
        record("nobody", "support", 1_500),
    ];
    for row in &rows {
        store.open_interaction(row, &InteractionChange::default()).await.unwrap();
    }
    let first = store.contacts_of("number:+4930", None, 2).await.unwrap();
    assert_eq!(first, [rows[2].clone(), rows[1].clone()]);
    let last = (first[1].opened_at, first[1].id.clone());
    let second = store.contacts_of("number:+4930", Some(&last), 2).await.unwrap();
    assert_eq!(second, [rows[0].clone()]);
    assert_eq!(store.contacts_of("", None, 9).await.unwrap(), []);
}
