//! Records: lists, search, timelines, notes, and the report of help requests.

use std::time::Duration;

use client::api::Method;
use interaction::conversation::PartKind;
use serde_json::{Value, json};
use store::{InteractionChange, InteractionKind, InteractionRecord, MemberRecord, MessageRecord};
use wire::{HelpAction, HelpRequest, Mode};

use crate::staff::{Staff, kind};
use crate::text::{Scene, Writer};
use crate::{PATIENCE, Server, Talk};

/// Waits until the books have the call.
pub async fn recorded(staff: &Staff, call: &str) -> Value {
    let wait = async {
        loop {
            let (status, record) =
                staff.ask(Method::GET, &format!("/interactions/{call}"), None).await;
            if status == 200 {
                return record;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("the call is recorded")
}

fn ids(page: &Value) -> Vec<&str> {
    let list = page["interactions"].as_array().unwrap();
    list.iter().map(|it| it["id"].as_str().unwrap()).collect()
}

fn kinds(timeline: &Value) -> Vec<&str> {
    let list = timeline["entries"].as_array().unwrap();
    list.iter().map(|it| it["kind"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_leaves_a_record_that_each_reads_as_they_knew_it() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    agent.session.ask_for_help(&call, "=refund above my limit").await.unwrap();
    let leg = sam.session.listen(&call).await.unwrap().leg;
    let take = HelpRequest { action: HelpAction::Take, reason: None };
    sam.api().help(&call, &take).await.unwrap();
    sam.session.set_mode(&call, &leg, Mode::Whisper).await.unwrap();
    sam.session.set_mode(&call, &leg, Mode::Listen).await.unwrap();
    let close = HelpRequest { action: HelpAction::Close, reason: None };
    sam.api().help(&call, &close).await.unwrap();
    caller.session.hang_up(&call).await.unwrap();

    let sam = Staff::new(&server, "supervisor1").await;
    let ana = Staff::new(&server, "agent1").await;
    let record = recorded(&sam, &call).await;
    let interaction = &record["interaction"];
    assert_eq!(interaction["requester"]["name"], "Daniel");
    assert_eq!(interaction["agents"][0]["name"], "Ana Duarte");
    assert_eq!(
        (&interaction["end_reason"], &interaction["help"]),
        (&json!("caller"), &json!("closed"))
    );
    // How the parties' sound came is their supervisors' to read; nothing is counted of a supervisor.
    let sound = record["sound"].as_array().expect("of a call that is over");
    let names: Vec<_> = sound.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Daniel", "Ana Duarte"]);
    assert!(sound.iter().all(|it| it["lost_packets"] == 0 && it["concealed_ms"] == 0), "{sound:?}");
    assert_eq!(recorded(&ana, &call).await.get("sound"), None);
    let parts = |record: &Value| record["members"].as_array().unwrap().len();
    assert_eq!((parts(&record), parts(&recorded(&ana, &call).await)), (3, 2));

    let path = format!("/interactions/{call}/timeline");
    let timeline = sam.get(&path).await;
    assert_eq!(
        kinds(&timeline)[..8],
        [
            "placed",
            "joined",
            "help_raised",
            "listening",
            "help_taken",
            "whispering",
            "listening",
            "help_closed"
        ],
    );
    assert_eq!(kinds(&timeline).last(), Some(&"ended"));
    let raised = &timeline["entries"][2];
    assert_eq!(
        (&raised["private"], &raised["detail"]),
        (&json!(true), &json!("=refund above my limit"))
    );
    assert_eq!(timeline["entries"][4]["actor"]["name"], "Sam Okafor");
    let of_ana = ana.get(&path).await;
    assert!(!kinds(&of_ana).contains(&"listening"), "{of_ana}");
    assert!(
        kinds(&of_ana).contains(&"whispering") && kinds(&of_ana).contains(&"supervision_ended")
    );

    for stranger in ["agent2", "supervisor3"] {
        let stranger = Staff::new(&server, stranger).await;
        assert_eq!(stranger.ask(Method::GET, &path, None).await.0, 404);
        assert!(ids(&stranger.get("/interactions").await).is_empty());
        let note = Some(json!({"text": "x"}));
        let path = format!("/interactions/{call}/notes");
        assert_eq!(stranger.ask(Method::POST, &path, note).await.0, 404);
    }
    for stranger in [
        server.guest("Eve").await.session.api().clone(),
        server.sign_in("admin").await.api().clone(),
    ] {
        let stranger = Staff { api: stranger, id: String::new() };
        for path in ["/interactions", &path] {
            let (status, problem) = stranger.ask(Method::GET, path, None).await;
            assert_eq!((status, kind(&problem)), (403, "not-allowed"));
        }
    }
    help_report(&server, &sam, &ana).await;
}

/// Continues the test above: a call's help request is in the report of its team.
async fn help_report(server: &Server, sam: &Staff, ana: &Staff) {
    let report = sam.get("/reports/help").await;
    let row = &report["rows"][0];
    assert_eq!((&row["agent"]["name"], &row["queue"]), (&json!("Ana Duarte"), &json!("support")));
    assert_eq!(
        (&row["count"], &row["answered"], &row["cancelled"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert!(row["answer_ms_mean"].is_u64());
    assert_eq!(report["reasons"][0], json!({"reason": "=refund above my limit", "count": 1}));
    let csv = |query: &'static str| {
        let request = sam.api.request(Method::GET, &format!("/reports/help{query}"));
        async move { request.header("accept", "text/csv").send().await.unwrap() }
    };
    let answer = csv("").await;
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(
        answer.headers()["content-disposition"].to_str().unwrap().contains("help-requests.csv")
    );
    let text = answer.text().await.unwrap();
    assert!(text.lines().nth(1).unwrap().contains(",Ana Duarte,Support,support,1,1,0,"), "{text}");
    let text = csv("?table=reasons").await.text().await.unwrap();
    assert_eq!(text.lines().nth(1), Some("'=refund above my limit,1"));

    let other = Staff::new(server, "supervisor3").await;
    assert_eq!(other.get("/reports/help").await["rows"], json!([]));
    let team = row["team"].as_str().unwrap();
    let path = format!("/reports/help?team={team}");
    assert_eq!(sam.get(&path).await["rows"][0], *row);
    assert_eq!(other.ask(Method::GET, &path, None).await.0, 404);
    assert_eq!(ana.ask(Method::GET, "/reports/help", None).await.0, 403);
    let admin = Staff::new(server, "admin").await;
    assert_eq!(admin.get("/reports/help").await["rows"][0], *row);
    for bad in ["?from=9&until=1", "?offset_min=9999", "?from=0", "?team=x&color=red"] {
        let (status, problem) = sam.ask(Method::GET, &format!("/reports/help{bad}"), None).await;
        assert_eq!((status, kind(&problem)), (400, "bad-input"), "{bad}");
    }
}

/// Puts a conversation into the books, as if it had been held.
async fn conversation(server: &Server, id: &str, at: u64, agent: &Staff, ended: bool) {
    let user = u64::from_str_radix(&agent.id, 16).unwrap();
    let record = InteractionRecord {
        id: id.to_owned(),
        kind: InteractionKind::Conversation,
        channel: "web_chat".to_owned(),
        queue: Some("support".to_owned()),
        requester: 77,
        requester_name: "Priya Raman".to_owned(),
        subject: Some("Router".to_owned()),
        opened_at: at,
        answered_at: Some(at),
        ended_at: None,
        end_reason: None,
        opening: None,
        customer: None,
    };
    let part = |user, part: PartKind, name: &str| MemberRecord {
        user,
        part,
        name: name.to_owned(),
        joined_event: None,
        left: None,
    };
    let members = vec![
        part(77, PartKind::Requester, "Priya Raman"),
        part(user, PartKind::Agent, "Ana Duarte"),
    ];
    let change = InteractionChange { members, ..InteractionChange::default() };
    server.running.store.open_interaction(&record, &change).await.unwrap();
    let message = |position, public_position, text: &str| MessageRecord {
        position,
        public_position,
        at: at + position,
        author: user,
        author_name: "Ana Duarte".to_owned(),
        client_id: position.to_string(),
        text: text.to_owned(),
    };
    let last = ended.then(|| (at + 9, "agent".to_owned()));
    for (message, ended) in
        [(message(1, Some(1), "hello there"), None), (message(2, None, "secretword"), last)]
    {
        let message = Some(message);
        let change = InteractionChange { message, ended, ..InteractionChange::default() };
        server.running.store.keep(id, &change).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_read_and_noted() {
    let server = Server::start().await;
    let ana = Staff::new(&server, "agent1").await;
    let sam = Staff::new(&server, "supervisor1").await;
    for number in 1..=60_u64 {
        conversation(&server, &format!("c{number:02}"), number * 1_000, &ana, number != 60).await;
    }
    let first = sam.get("/interactions").await;
    assert_eq!(ids(&first).len(), 50);
    assert_eq!(ids(&first)[0], "c60");
    let next = first["next"].as_str().unwrap();
    let second = sam.get(&format!("/interactions?before={next}")).await;
    assert_eq!((ids(&second).len(), ids(&second)[0], second.get("next")), (10, "c10", None));
    let some = sam.get("/interactions?from=3000&until=5000").await;
    assert_eq!(ids(&some), ["c04", "c03"]);
    assert!(ids(&sam.get("/interactions?kind=call").await).is_empty());
    assert_eq!(ids(&sam.get("/interactions?search=priya%20SECRETWORD&until=2000").await), ["c01"]);
    let luis = Staff::new(&server, "agent2").await;
    assert!(ids(&luis.get("/interactions?search=secretword").await).is_empty());
    for bad in ["?kind=fax", "?before=x", "?from=soon", "?colour=red"] {
        let (status, problem) = sam.ask(Method::GET, &format!("/interactions{bad}"), None).await;
        assert_eq!((status, kind(&problem)), (400, "bad-input"), "{bad}");
    }

    let record = ana.get("/interactions/c01").await;
    let texts: Vec<&Value> =
        record["messages"].as_array().unwrap().iter().map(|it| &it["text"]).collect();
    assert_eq!(texts, ["hello there", "secretword"]);
    assert_eq!(record["messages"][1].get("public"), None, "private");
    assert_eq!(sam.get("/interactions/c01").await["messages"].as_array().unwrap().len(), 2);
    assert_eq!(sam.get("/interactions/c60").await["messages"], json!([]), "it goes on: listen in");
    assert_eq!(ana.get("/interactions/c60").await["messages"].as_array().unwrap().len(), 2);
    let page = ana.get("/interactions/c01/messages?before=2&limit=1").await;
    assert_eq!((&page["messages"][0]["number"], &page["more"]), (&json!(1), &json!(false)));

    let path = "/interactions/c01/notes";
    let (status, note) =
        ana.ask(Method::POST, path, Some(json!({"text": "Call back on Friday"}))).await;
    assert_eq!((status, &note["author"]["name"]), (201, &json!("Ana Duarte")));
    let wrap_up = json!({"text": "", "wrap_up": "resolved"});
    assert_eq!(ana.ask(Method::POST, path, Some(wrap_up)).await.0, 201);
    for bad in [
        json!({"text": " "}),
        json!({"text": "x".repeat(4_001)}),
        json!({"text": "", "wrap_up": " "}),
    ] {
        assert_eq!(ana.ask(Method::POST, path, Some(bad)).await.0, 400);
    }
    let notes = sam.get("/interactions/c01").await["notes"].clone();
    assert_eq!((notes.as_array().unwrap().len(), &notes[1]["wrap_up"]), (2, &json!("resolved")));
    assert_eq!(ids(&sam.get("/interactions?search=friday").await), ["c01"]);
    assert_eq!(kinds(&sam.get("/interactions/c01/timeline").await), ["note", "wrap_up"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_leaves_a_record_with_what_was_private() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let sam = Writer::staff(&server, "supervisor1").await;
    assert_eq!(requester.post(&id, "public", "Where is my refund?").await.0, 201);
    assert_eq!(sam.supervise(&id, json!({"mode": "listen"})).await.0, 200);
    assert_eq!(sam.supervise(&id, json!({"mode": "whisper"})).await.0, 200);
    assert_eq!(sam.post(&id, "private", "Pay it by hand").await.0, 201);
    let help = json!({"action": "raise", "reason": "above my limit"});
    let path = format!("/conversations/{id}/help");
    assert_eq!(agent.ask(Method::POST, &path, Some(help)).await.0, 204);
    let path = format!("/conversations/{id}/end");
    assert_eq!(agent.ask(Method::POST, &path, None).await.0, 204);

    let sam = Staff::new(&server, "supervisor1").await;
    let record = sam.get(&format!("/interactions/{id}")).await;
    assert_eq!(record["interaction"]["agents"][0]["name"], "Ana Duarte");
    assert_eq!(record["interaction"]["help"], "cancelled");
    let messages = record["messages"].as_array().unwrap();
    assert_eq!((messages.len(), messages[1].get("public")), (2, None));
    assert_eq!(
        (&messages[0]["part"], &messages[1]["part"]),
        (&json!("requester"), &json!("supervisor"))
    );
    assert_eq!(ids(&sam.get("/interactions?search=hand&kind=conversation").await), [id.as_str()]);

    let path = format!("/interactions/{id}/timeline");
    let all = sam.get(&path).await;
    for kind in ["opened", "joined", "listening", "whispering", "help_raised", "ended"] {
        assert!(kinds(&all).contains(&kind), "{kind}: {all}");
    }
    let entries = all["entries"].as_array().unwrap();
    let private = |kind: &str| {
        entries.iter().find(|entry| entry["kind"] == kind).unwrap()["private"] == json!(true)
    };
    assert!(private("listening") && private("help_raised") && !private("opened"));
    let ana = Staff::new(&server, "agent1").await;
    let own = ana.get(&path).await;
    assert!(!kinds(&own).contains(&"listening") && kinds(&own).contains(&"whispering"), "{own}");
    let requester = Staff { api: requester.api().clone(), id: String::new() };
    for path in [&path, &format!("/interactions/{id}"), "/reports/help"] {
        assert_eq!(requester.ask(Method::GET, path, None).await.0, 403);
    }
}

/// Everything that a reader gets of a conversation through each of its doors, as one text.
async fn all_doors(who: &Writer, id: &str) -> String {
    let mut read = String::new();
    for door in [
        format!("/conversations/{id}"),
        format!("/conversations/{id}/messages"),
        format!("/conversations/{id}/transcript?kind=internal"),
        format!("/interactions/{id}"),
        format!("/interactions/{id}/messages"),
        format!("/interactions/{id}/timeline"),
        "/interactions".to_owned(),
    ] {
        let (_, answer) = who.ask(Method::GET, &door, None).await;
        read += &answer.to_string();
    }
    read
}

async fn found(who: &Writer, word: &str) -> bool {
    let (status, page) = who.ask(Method::GET, &format!("/interactions?search={word}"), None).await;
    assert_eq!(status, 200, "{page}");
    !ids(&page).is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_reads_until_then_and_who_does_not_listen_reads_nothing_that_runs() {
    let server = Server::start().await;
    let mut luis = Writer::ready(&server, "agent2").await;
    let requester = Writer::guest(&server, "Daniel Ortiz").await;
    let id = requester.open("support").await.id;
    luis.take(&id).await;
    let sam = Writer::staff(&server, "supervisor1").await;
    let mei = Writer::staff(&server, "supervisor2").await;
    assert_eq!(luis.post(&id, "private", "earlyword").await.0, 201);
    let mut ana = Writer::ready(&server, "agent1").await;
    let to = json!({"to": {"agent": ana.id()}});
    let path = format!("/conversations/{id}/transfer");
    assert_eq!(luis.ask(Method::POST, &path, Some(to)).await.0, 201);
    ana.take(&id).await;
    assert_eq!(sam.supervise(&id, json!({"mode": "listen"})).await.0, 200);
    assert_eq!(sam.supervise(&id, json!({"mode": "whisper"})).await.0, 200);
    assert_eq!(sam.post(&id, "private", "lateword").await.0, 201);

    let left = all_doors(&luis, &id).await;
    assert!(left.contains("earlyword") && !left.contains("lateword"), "{left}");
    assert!(!left.contains("Sam Okafor"), "came after they left: {left}");
    assert!(!found(&luis, "lateword").await && !found(&luis, "earlyword").await, "it runs");
    let blind = all_doors(&mei, &id).await;
    assert!(!blind.contains("earlyword") && !blind.contains("lateword"), "{blind}");
    assert!(!found(&mei, "earlyword").await && found(&mei, "refund").await, "only its subject");
    assert!(all_doors(&sam, &id).await.contains("lateword") && found(&sam, "lateword").await);
    let path = format!("/conversations/{id}/supervision");
    assert_eq!(sam.ask(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(ana.post(&id, "private", "lastword").await.0, 201);
    let stopped = all_doors(&sam, &id).await;
    assert!(!stopped.contains("lateword") && !stopped.contains("lastword"), "{stopped}");

    let end = format!("/conversations/{id}/end");
    assert_eq!(ana.ask(Method::POST, &end, None).await.0, 204);
    let left = all_doors(&luis, &id).await;
    assert!(left.contains("earlyword") && !left.contains("lateword"), "for ever: {left}");
    assert!(found(&luis, "earlyword").await && !found(&luis, "lastword").await);
    for reader in [&ana, &mei] {
        let all = all_doors(reader, &id).await;
        assert!(all.contains("earlyword") && all.contains("lastword"), "{all}");
        assert!(found(reader, "lastword").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_told_by_the_policy_of_its_own_time() {
    let server = Server::start().await;
    let Scene { requester: _requester, agent, id } = Scene::new(&server).await;
    let sam = Writer::staff(&server, "supervisor1").await;
    assert_eq!(sam.supervise(&id, json!({"mode": "listen"})).await.0, 200);
    let timeline = format!("/interactions/{id}/timeline");
    let before = agent.ask(Method::GET, &timeline, None).await.1;
    assert!(!kinds(&before).contains(&"listening"), "{before}");
    let admin = Writer::staff(&server, "admin").await;
    let (_, mut policies) = admin.ask(Method::GET, "/admin/policies", None).await;
    policies["policies"]["notify_agent_on_listen"] = json!(true);
    let (status, answer) = admin.ask(Method::PUT, "/admin/policies", Some(policies)).await;
    assert!(status < 300, "{answer}");
    let after = agent.ask(Method::GET, &timeline, None).await.1;
    assert_eq!(before, after, "what was hidden stays so");
    // A restart takes today's neither.
    let user = agent.id();
    drop((agent, sam, admin));
    let server = server.restart().await;
    let agent = Writer::staff(&server, "agent1").await;
    assert_eq!(agent.id(), user);
    let later = agent.ask(Method::GET, &timeline, None).await.1;
    assert!(!kinds(&later).contains(&"listening"), "{later}");
    let sam = Writer::staff(&server, "supervisor1").await;
    assert_eq!(sam.supervise(&id, json!({"mode": "listen"})).await.0, 200);
    let view = agent.view(&id).await.1;
    assert_eq!(view["members"].as_array().unwrap().len(), 2, "nobody is told: {view}");
}
