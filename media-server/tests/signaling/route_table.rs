//! Every route × who asks × running or over → what they are answered.
//!
//! The operations are those of the OpenAPI document: one without a row fails, and so does a row
//! without an operation. A new route thus has to say who may use it.

use std::collections::{BTreeMap, BTreeSet};

use client::api::{Api, Method};
use interaction::{Permission, Permissions, UserId};
use serde_json::{Value, json};

use crate::route_rows::{ROWS, Row};
use crate::text::Writer;
use crate::{PATIENCE, Person, Server};

/// Who asks, in the order of the rows' letters. All are of the Support team where nothing else is
/// said, and so is the queue.
pub const ROLES: [&str; 10] = [
    "a foreign guest",
    "the customer",
    "the agent in it",
    "an agent who left it",
    "an agent of another team",
    "a supervisor who listens",
    "a supervisor who does not listen",
    "a supervisor of another team",
    "a supervisor who listened and lost every right",
    "an administrator",
];
const CUSTOMER: usize = 1;
const AGENT: usize = 2;

/// What the places in a path stand for.
type Places = BTreeMap<&'static str, String>;

/// Those who ask, signed in.
struct Cast {
    agent: Writer,
    left: Writer,
    listener: Writer,
    former: Writer,
    others: [Api; 4],
}

impl Cast {
    async fn new(server: &Server) -> Self {
        let overseer = [Permission::ViewContactCenterDashboard, Permission::MonitorLiveCalls];
        let session = server.sign_in("agent4").await;
        may(server, &session.user().id, overseer.into_iter().collect()).await;
        let api = async |username: &str| server.sign_in(username).await.api().clone();
        Self {
            agent: Writer::staff(server, "agent1").await,
            left: Writer::staff(server, "agent2").await,
            listener: Writer::staff(server, "supervisor1").await,
            former: Writer::staff(server, "supervisor2").await,
            others: [
                api("agent5").await,
                api("agent4").await,
                api("supervisor3").await,
                api("admin").await,
            ],
        }
    }

    /// The API of each role, in the order of [`ROLES`].
    fn apis(&self, guest: &Api, customer: &Api) -> [Api; ROLES.len()] {
        let [foreign_agent, overseer, foreign_supervisor, admin] = self.others.clone();
        [
            guest.clone(),
            customer.clone(),
            self.agent.api().clone(),
            self.left.api().clone(),
            foreign_agent,
            self.listener.api().clone(),
            overseer,
            foreign_supervisor,
            self.former.api().clone(),
            admin,
        ]
    }
}

async fn may(server: &Server, user: &str, permissions: Permissions) {
    let id: UserId = user.parse().unwrap();
    server.running.auth.set_permissions(id, permissions).await.unwrap();
}

/// What the upload of a small file answers. The same agent uploads in every scene, faster than one
/// may: waits until it may again.
async fn attach(agent: &Api, path: &str) -> Value {
    loop {
        let upload = agent.request(Method::POST, path).body("a private file");
        let answer = upload.send().await.unwrap();
        if answer.status() != 429 {
            assert_eq!(answer.status(), 201);
            return answer.json().await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

/// A conversation with all of them, as far as they have a part in it; the customer.
async fn conversation(cast: &mut Cast) -> (Api, Places) {
    cast.agent.session.not_ready("later").await.unwrap();
    cast.left.session.ready().await.unwrap();
    let server = cast.agent.api().clone();
    let login = server.guest("Nora").await.unwrap();
    let customer = server.with_token(client::api::Token::new(login.token));
    let open = json!({"queue": "support"});
    let (status, view) = ask(&customer, "post", "/conversations", Some(open)).await;
    assert_eq!(status, 201, "{view}");
    let id = view["id"].as_str().unwrap().to_owned();
    cast.left.take(&id).await;
    cast.listener.supervise(&id, json!({"mode": "listen"})).await;
    cast.former.supervise(&id, json!({"mode": "listen"})).await;
    cast.agent.session.ready().await.unwrap();
    let to = json!({"to": {"agent": cast.agent.id()}});
    let path = format!("/conversations/{id}/transfer");
    let (status, made) = cast.left.ask(Method::POST, &path, Some(to)).await;
    assert_eq!(status, 201, "{made}");
    cast.agent.take(&id).await;
    let path = format!("/conversations/{id}/attachments?name=a.txt");
    let upload = attach(cast.agent.api(), &path).await;
    let file = upload["id"].as_str().unwrap().to_owned();
    let private = json!({"text": "", "visibility": "private", "client_id": "f",
        "attachments": [file]});
    let path = format!("/conversations/{id}/messages");
    // The same agent writes in every scene: faster than one may.
    let mut status = cast.agent.ask(Method::POST, &path, Some(private.clone())).await.0;
    while status == 429 {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        status = cast.agent.ask(Method::POST, &path, Some(private.clone())).await.0;
    }
    assert_eq!(status, 201);
    let yuki = cast.agent.ask(Method::GET, "/colleagues", None).await.1;
    let yuki = yuki["colleagues"].as_array().unwrap().iter();
    let mut yuki =
        yuki.filter(|it| it["name"] == "Yuki Tanaka").map(|it| it["user"].as_str().unwrap());
    let yuki = yuki.next_back().unwrap().to_owned();
    let to = json!({"to": {"agent": yuki}});
    let path = format!("/conversations/{id}/conference");
    let (status, made) = cast.agent.ask(Method::POST, &path, Some(to)).await;
    assert_eq!(status, 201, "{made}");
    let handover = made["id"].as_str().unwrap().to_owned();
    let places =
        [("id", id), ("attachment", file), ("handover", handover), ("colleague", yuki)].into();
    (customer, places)
}

/// Callers and staff with stations, for calls.
struct OnCalls {
    agent: Person,
    left: Person,
    listener: Person,
    former: Person,
}

/// A call with all of them, as far as they have a part in it; the caller.
async fn call(server: &Server, people: &mut OnCalls) -> (Person, Places) {
    people.agent.session.not_ready("later").await.unwrap();
    people.left.session.ready().await.unwrap();
    let caller = server.guest("Daniel").await;
    let id = caller.session.place_call("support", None).await.unwrap().id;
    assert_eq!(people.left.events.offered(PATIENCE).await.unwrap().id, id);
    people.left.session.answer(&id).await.unwrap();
    people.listener.session.listen(&id).await.unwrap();
    // Whoever has lost the right already does not listen.
    let _ = people.former.session.listen(&id).await;
    people.agent.session.ready().await.unwrap();
    let to = json!({"to": {"agent": people.agent.session.user().id}});
    let path = format!("/calls/{id}/transfer");
    let (status, made) = ask(people.left.api(), "post", &path, Some(to)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(people.agent.events.offered(PATIENCE).await.unwrap().id, id);
    people.agent.session.answer(&id).await.unwrap();
    let leg = people.agent.api().call(&id).await.unwrap().own_leg.unwrap();
    let places = [("id", id), ("leg", leg), ("handover", "99".to_owned())].into();
    (caller, places)
}

async fn ask(api: &Api, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let method: Method = method.to_uppercase().parse().unwrap();
    let mut request = api.request(method, path);
    match body {
        // What is no JSON is sent as it is.
        Some(Value::String(bytes)) => request = request.body(bytes),
        Some(json) => request = request.json(&json),
        None => {}
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

/// `o` for whatever is not about who asks; a refusal of the rules is an answer, too.
fn letter(status: u16, operation: &str) -> char {
    match status {
        401 => '1',
        403 => '3',
        404 => '4',
        500.. => panic!("{operation}: {status}"),
        _ => 'o',
    }
}

async fn answered(row: &Row, api: &Api, places: &Places) -> char {
    let (method, path) = row.operation.split_once(' ').unwrap();
    let mut path = path.to_owned();
    for (place, value) in places {
        path = path.replace(&format!("{{{place}}}"), value);
    }
    let filled = path.replace(['{', '}'], "") + row.query;
    let colleague = places.get("colleague").cloned().unwrap_or_default();
    let body = row.body.map(|body| body.replace("COLLEAGUE", &colleague));
    let body = body.map(|body| serde_json::from_str(&body).unwrap_or(Value::String(body)));
    letter(ask(api, method, &filled, body).await.0, row.operation)
}

/// What all roles are answered. Those who are refused ask first: they change nothing.
async fn answers(row: &Row, expected: &str, apis: &[Api], places: &Places) -> String {
    let mut order: Vec<usize> = (0..apis.len()).collect();
    order.sort_by_key(|role| expected.as_bytes()[*role] == b'o');
    let mut letters = vec!['?'; apis.len()];
    for role in order {
        if expected.as_bytes()[role] != b'-' {
            letters[role] = answered(row, &apis[role], places).await;
        } else {
            letters[role] = '-';
        }
    }
    letters.into_iter().collect()
}

fn compare(row: &Row, when: &str, expected: &str, given: &str, wrong: &mut Vec<String>) {
    if expected == given {
        return;
    }
    for (role, (wanted, got)) in ROLES.iter().zip(expected.chars().zip(given.chars())) {
        if wanted != got {
            wrong.push(format!("{} {when}, {role}: {got}, not {wanted}", row.operation));
        }
    }
}

fn of<'a>(prefix: &'a str) -> impl Iterator<Item = &'static Row> + 'a {
    ROWS.iter().filter(move |row| row.operation.split_once(' ').unwrap().1.starts_with(prefix))
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let document = api::document();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix(wire::API_ROOT).unwrap();
        operations.extend(item.as_object().unwrap().keys().map(|it| format!("{it} {path}")));
    }
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(rows.len(), ROWS.len(), "one row for each");
    let missing: Vec<_> = operations.difference(&rows).collect();
    assert!(missing.is_empty(), "say in route_rows.rs who may use {missing:?}");
    let gone: Vec<_> = rows.difference(&operations).collect();
    assert!(gone.is_empty(), "no such route any more: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_and_records_answer_as_the_table_says() {
    let server = Server::start().await;
    let mut cast = Cast::new(&server).await;
    let login = cast.agent.api().guest("Eve").await.unwrap();
    let guest = cast.agent.api().with_token(client::api::Token::new(login.token));
    let (customer, places) = conversation(&mut cast).await;
    let former = cast.former.id();
    may(&server, &former, Permissions::NONE).await;
    let mut wrong = Vec::new();
    for row in of("/conversations/{id}").chain(of("/interactions/{id}")) {
        let apis = cast.apis(&guest, &customer);
        if !row.changes {
            let given = answers(row, row.running, &apis, &places).await;
            compare(row, "running", row.running, &given, &mut wrong);
            continue;
        }
        // Who may do it gets a conversation of their own for it.
        let denied: String = row.running.replace('o', "-");
        let given = answers(row, &denied, &apis, &places).await;
        compare(row, "running", &denied, &given, &mut wrong);
        for role in (0..ROLES.len()).filter(|role| row.running.as_bytes()[*role] == b'o') {
            let (customer, places) = conversation(&mut cast).await;
            let apis = cast.apis(&guest, &customer);
            let got = answered(row, &apis[role], &places).await;
            if got != 'o' {
                wrong.push(format!("{} running, {}: {got}, not o", row.operation, ROLES[role]));
            }
            let end = format!("/conversations/{}/end", places["id"]);
            ask(&apis[CUSTOMER], "post", &end, None).await;
        }
    }
    let end = format!("/conversations/{}/end", places["id"]);
    assert_eq!(cast.agent.ask(Method::POST, &end, None).await.0, 204);
    for row in of("/conversations/{id}").chain(of("/interactions/{id}")) {
        let given = answers(row, row.over, &cast.apis(&guest, &customer), &places).await;
        compare(row, "over", row.over, &given, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_answer_as_the_table_says() {
    let server = Server::start().await;
    let mut people = OnCalls {
        agent: server.person("agent1").await,
        left: server.person("agent2").await,
        listener: server.person("supervisor1").await,
        former: server.person("supervisor2").await,
    };
    let cast = Cast::new(&server).await;
    let guest = server.guest("Eve").await;
    let (caller, places) = call(&server, &mut people).await;
    let former = people.former.session.user().id.clone();
    may(&server, &former, Permissions::NONE).await;
    let mut wrong = Vec::new();
    for row in of("/calls/{id}") {
        let expected =
            if row.changes { row.running.replace('o', "-") } else { row.running.to_owned() };
        let apis = cast.apis(guest.api(), caller.api());
        let given = answers(row, &expected, &apis, &places).await;
        compare(row, "running", &expected, &given, &mut wrong);
    }
    ask(caller.api(), "post", &format!("/calls/{}/hangup", places["id"]), None).await;
    let apis = cast.apis(guest.api(), caller.api());
    for row in of("/calls/{id}") {
        let given = answers(row, row.over, &apis, &places).await;
        compare(row, "over", row.over, &given, &mut wrong);
    }
    for row in of("/calls/{id}").filter(|row| row.changes) {
        for role in (0..ROLES.len()).filter(|role| row.running.as_bytes()[*role] == b'o') {
            let (caller, places) = call(&server, &mut people).await;
            let apis = cast.apis(guest.api(), caller.api());
            let got = answered(row, &apis[role], &places).await;
            if got != 'o' {
                wrong.push(format!("{} running, {}: {got}, not o", row.operation, ROLES[role]));
            }
            ask(caller.api(), "post", &format!("/calls/{}/hangup", places["id"]), None).await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_on_no_interaction_answers_as_the_table_says() {
    let server = Server::start().await;
    let mut cast = Cast::new(&server).await;
    let login = cast.agent.api().guest("Eve").await.unwrap();
    let guest = cast.agent.api().with_token(client::api::Token::new(login.token));
    let (customer, _) = conversation(&mut cast).await;
    let former = cast.former.id();
    may(&server, &former, Permissions::NONE).await;
    let bound = ["/conversations/{id}", "/interactions/{id}", "/calls/{id}"];
    let mut wrong = Vec::new();
    let apis = cast.apis(&guest, &customer);
    let (last, rows): (Vec<&Row>, Vec<&Row>) = ROWS
        .iter()
        .filter(|row| !bound.iter().any(|it| row.operation.contains(it)))
        .partition(|row| row.changes);
    for row in rows.into_iter().chain(last) {
        assert_eq!(row.over, row.running, "{}: it hangs on none", row.operation);
        let given = answers(row, row.running, &apis, &Places::new()).await;
        compare(row, "at any time", row.running, &given, &mut wrong);
    }
    assert_eq!(ROLES[AGENT], "the agent in it");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
