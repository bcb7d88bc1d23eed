//! What reports are made of, in SQLite and in PostgreSQL.

use interaction::Role;
use interaction::conversation::PartKind;
use store::{
    AgentOfferRecord, AgentTime, CallFacts, CallRecord, EventRecord, HeldChange, InteractionFilter,
    InteractionKind, Location, NoteRecord, OfferOutcome, PartyRecord, Scope, Store,
    SupervisionRecord,
};

fn party(user: u64, role: Role, joined_at: u64, left_at: u64) -> PartyRecord {
    let name = format!("user {user}");
    let (left_event, sound) = (None, None);
    PartyRecord { user, name, role, joined_at, left_at, left_event, sound }
}

fn event(position: u64, at: u64, kind: &str, data: &str) -> EventRecord {
    let (kind, data) = (kind.to_owned(), data.to_owned());
    EventRecord { position, at, kind, actor: None, private: false, data }
}

/// A call with an agent, a hold and a supervisor, and one that nobody answered.
async fn held(store: &Store) {
    let call = CallRecord {
        call: "c1".to_owned(),
        queue: Some("support".to_owned()),
        caller_name: "Daniel".to_owned(),
        caller_number: None,
        placed_at: 100,
        answered_at: Some(110),
        ended_at: 190,
        end_reason: "caller".to_owned(),
        opening: Some("{}".to_owned()),
        customer: None,
        parties: vec![
            party(1, Role::Caller, 100, 190),
            party(2, Role::Agent, 110, 190),
            party(3, Role::Supervisor, 120, 190),
        ],
    };
    let events = [
        event(1, 130, "held_changed", r#"{"version":1,"event":{"held_changed":true}}"#),
        event(2, 140, "held_changed", r#"{"version":1,"event":{"held_changed":false}}"#),
        event(3, 190, "ended", r#"{"version":1,"event":"ended"}"#),
    ];
    store.record_call(&call, false, &events).await.unwrap();
    let waits = CallRecord {
        call: "c2".to_owned(),
        queue: None,
        placed_at: 200,
        answered_at: None,
        ended_at: 201,
        parties: vec![party(1, Role::Caller, 200, 201)],
        ..call
    };
    store.record_call(&waits, true, &[]).await.unwrap();
    let act = |at, action: &str, outcome: &str| SupervisionRecord {
        at,
        user: 3,
        username: "sam".to_owned(),
        call: "c1".to_owned(),
        action: action.to_owned(),
        outcome: outcome.to_owned(),
    };
    let acts =
        [act(119, "listen", "asked"), act(120, "listen", "done"), act(190, "stop", "call ended")];
    store.record_supervision(&acts).await.unwrap();
    let stray = SupervisionRecord { call: "gone".to_owned(), ..act(150, "listen", "no such call") };
    store.record_supervision(&[stray]).await.unwrap();
}

async fn reports_in(store: &Store) {
    held(store).await;
    let facts = store.call_facts(100, 201, 9).await.unwrap();
    let expected = CallFacts {
        call: "c1".to_owned(),
        queue: Some("support".to_owned()),
        opening: None,
        placed_at: 100,
        answered_at: Some(110),
        ended_at: Some(190),
        end_reason: Some("caller".to_owned()),
    };
    assert_eq!(facts[0], expected, "of one with a queue the opening is not read");
    assert_eq!((facts[1].opening.as_deref(), facts[1].ended_at), (Some("{}"), None));
    assert_eq!(store.call_facts(100, 200, 9).await.unwrap().len(), 1, "placed before the end");

    let agent = AgentTime {
        interaction: "c1".to_owned(),
        agent: 2,
        name: "user 2".to_owned(),
        joined_at: 110,
        left_at: Some(190),
    };
    assert_eq!(store.agents_of_calls(0, 999).await.unwrap(), std::slice::from_ref(&agent));
    assert_eq!(store.agent_times(&["c1", "c2", "gone"]).await.unwrap(), [agent]);
    assert!(store.agent_times(&[]).await.unwrap().is_empty());
    let change = |at, held| HeldChange { call: "c1".to_owned(), at, held };
    assert_eq!(
        store.holds_of_calls(0, 999).await.unwrap(),
        [change(130, true), change(140, false)]
    );

    let log = store.supervision_between(190, 191, 9).await.unwrap();
    let told: Vec<(&str, &str)> =
        log.iter().map(|it| (&*it.act.action, &*it.act.outcome)).collect();
    assert_eq!(told, [("listen", "asked"), ("listen", "done"), ("stop", "call ended")]);
    let about = log[0].interaction.as_ref().unwrap();
    assert_eq!((about.queue.as_deref(), about.ended_at), (Some("support"), Some(190)));
    assert_eq!(log[0].name, "sam", "there is no such account");
    let stray = store.supervision_between(150, 151, 9).await.unwrap();
    assert_eq!((stray.len(), &stray[0].interaction), (1, &None));
    assert_eq!(store.supervision_between(0, 999, 2).await.unwrap().len(), 2);

    let offer = AgentOfferRecord {
        interaction: "c1".to_owned(),
        kind: InteractionKind::Call,
        agent: 2,
        agent_name: "Ana".to_owned(),
        queue: None,
        team: Some(7),
        offered_at: 100,
        ended_at: 110,
        outcome: OfferOutcome::Missed,
    };
    store.record_offer(&offer).await.unwrap();
    assert_eq!(
        store.offers_between(100, 101, None, 9).await.unwrap(),
        std::slice::from_ref(&offer)
    );
    assert_eq!(store.offers_between(0, 999, Some(2), 9).await.unwrap(), [offer]);
    assert!(store.offers_between(0, 999, Some(3), 9).await.unwrap().is_empty());
    narrowed_in(store).await;
}

async fn narrowed_in(store: &Store) {
    let note = NoteRecord {
        kind: "wrap_up".to_owned(),
        at: 200,
        author: 2,
        author_name: "Ana".to_owned(),
        code: Some("resolved".to_owned()),
        text: String::new(),
    };
    store.add_note("c1", &note).await.unwrap();
    let scope = Scope { queues: vec!["support".to_owned()], ..Scope::default() };
    let found = async |filter: InteractionFilter| {
        let filter = InteractionFilter { limit: 9, ..filter };
        store.interactions(&scope, &filter).await.unwrap().len()
    };
    let all = InteractionFilter::default;
    assert_eq!(found(all()).await, 1);
    assert_eq!(found(InteractionFilter { queue: Some("support".to_owned()), ..all() }).await, 1);
    assert_eq!(found(InteractionFilter { queue: Some("sales".to_owned()), ..all() }).await, 0);
    assert_eq!(found(InteractionFilter { agent: Some(2), ..all() }).await, 1);
    assert_eq!(found(InteractionFilter { agent: Some(3), ..all() }).await, 0, "no agent in it");
    assert_eq!(found(InteractionFilter { supervised: true, ..all() }).await, 1);
    let code = InteractionFilter { code: Some("resolved".to_owned()), agent: Some(2), ..all() };
    assert_eq!(found(code).await, 1);
    assert_eq!(found(InteractionFilter { code: Some("spam".to_owned()), ..all() }).await, 0);
    let members = store.members_of("c1").await.unwrap();
    assert!(members.iter().any(|member| member.part == PartKind::Supervisor));
}

#[tokio::test]
async fn facts_for_reports_are_found() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::Directory(directory.path().to_owned());
    reports_in(&Store::open(&location).await.unwrap()).await;
}

#[tokio::test]
async fn postgresql_finds_the_same() {
    let postgres = postgres_testkit::Postgres::start();
    reports_in(&Store::open(&Location::Url(postgres.url())).await.unwrap()).await;
}
