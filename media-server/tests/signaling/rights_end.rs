//! Rights end: what was opened by a sign-in ends with it, and nothing begins with a right that was
//! taken, however late the body of the request comes.

use std::time::Duration;

use client::api::{Api, Method};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::{Mode, Role};

use crate::text::{Scene, Writer, problem};
use crate::{PATIENCE, Person, Server, Talk, refusal, refused};

const WATCHING: [&str; 2] = ["view_contact_center_dashboard", "monitor_live_calls"];

/// A request whose headers are there, and whose body is not.
struct HeldBack {
    stream: TcpStream,
    body: String,
}

impl HeldBack {
    async fn begin(server: &Server, api: &Api, path: &str, content_type: &str, body: &str) -> Self {
        let mut stream = TcpStream::connect(server.running.http).await.unwrap();
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\n\
             content-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            server.running.http,
            api.token().unwrap().header(),
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server has read the headers by then.
        tokio::time::sleep(Duration::from_millis(300)).await;
        Self { stream, body: body.to_owned() }
    }

    /// Sends the body; the answer's status.
    async fn finish(mut self) -> u16 {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.stream.read_to_end(&mut answer)).await;
        read.expect("an answer").unwrap();
        String::from_utf8_lossy(&answer)[9..12].parse().unwrap()
    }
}

/// Changes an account as an administrator does.
pub async fn save(admin: &Writer, username: &str, changes: Value) {
    let users = admin.ask(Method::GET, "/admin/users", None).await.1;
    let all = users["users"].as_array().unwrap();
    let mut account = all.iter().find(|it| it["username"] == username).unwrap().clone();
    let fields = account.as_object_mut().unwrap();
    let id = fields.remove("id").unwrap();
    fields.extend(changes.as_object().unwrap().clone());
    let path = format!("/admin/users/{}", id.as_str().unwrap());
    let (status, saved) = admin.ask(Method::PUT, &path, Some(account)).await;
    assert_eq!(status, 200, "{saved}");
}

async fn another_team(admin: &Writer, username: &str) -> Value {
    let users = admin.ask(Method::GET, "/admin/users", None).await.1;
    let all = users["users"].as_array().unwrap();
    all.iter().find(|it| it["username"] == username).unwrap()["teams"].clone()
}

async fn supervisors_on(watcher: &Writer, call: &str) -> usize {
    let legs = watcher.api().call(call).await.unwrap().legs;
    legs.iter().filter(|leg| leg.role == Role::Supervisor).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_back_body_does_nothing_after_the_right_was_taken() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let admin = Writer::staff(&server, "admin").await;
    let mei = Writer::staff(&server, "supervisor2").await;
    let path = format!("/calls/{}/legs", talk.call);
    let taken = [
        ("the permission", Some(json!({"permissions": [WATCHING[0]]})), [403, 404]),
        (
            "another team",
            Some(json!({"teams": another_team(&admin, "supervisor3").await})),
            [404, 404],
        ),
        ("signed out", None, [401, 401]),
        ("a new password", Some(json!({"password": "another-pass"})), [401, 401]),
        ("switched off", Some(json!({"disabled": true})), [401, 404]),
    ];
    let own_team = another_team(&admin, "supervisor1").await;
    for (what, change, expected) in taken {
        let sam = server.person("supervisor1").await;
        let body = json!({"station": sam.session.station_id().unwrap()}).to_string();
        let held = HeldBack::begin(&server, sam.api(), &path, "application/json", &body).await;
        match change {
            Some(change) => save(&admin, "supervisor1", change).await,
            None => sam.api().logout().await.unwrap(),
        }
        let status = held.finish().await;
        assert!(expected.contains(&status), "{what}: {status}");
        assert_eq!(supervisors_on(&mei, &talk.call).await, 0, "{what}");
        let all = [
            "view_contact_center_dashboard",
            "monitor_live_calls",
            "whisper_live_calls",
            "barge_live_calls",
        ];
        let again = json!({"permissions": all, "teams": own_team, "disabled": false,
            "password": "sotto-demo"});
        save(&admin, "supervisor1", again).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_ended_elsewhere_ends_what_it_opened_and_a_password_waits_for_work() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let mei = Writer::staff(&server, "supervisor2").await;
    let sam = server.person("supervisor1").await;
    sam.session.listen(&talk.call).await.unwrap();
    let here = Writer::staff(&server, "supervisor1").await;
    let new = json!({"current": "sotto-demo", "new": "another-pass"});
    for busy in [&here, &Writer::staff(&server, "agent1").await] {
        let answer = busy.ask(Method::PUT, "/me/password", Some(new.clone())).await;
        assert_eq!(problem(answer), (409, "ends-work".to_owned()));
    }
    assert_eq!(supervisors_on(&mei, &talk.call).await, 1);
    let listed = here.ask(Method::GET, "/me/sign-ins", None).await.1;
    let listed = listed["sign_ins"].as_array().unwrap();
    assert!(listed.iter().all(|it| it["connected"] == true), "{listed:?}");
    let other = listed.iter().find(|it| it["own"] == false).unwrap()["id"].as_str().unwrap();
    let path = format!("/me/sign-ins/{other}");
    assert_eq!(here.ask(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(supervisors_on(&mei, &talk.call).await, 0, "it has ended when that is answered");
    assert_eq!(here.ask(Method::PUT, "/me/password", Some(new)).await.0, 200);
    drop(sam);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dismissed_administrator_and_a_disabled_account_make_nothing_by_a_late_body() {
    let server = Server::start().await;
    let admin = Writer::staff(&server, "admin").await;
    let account = |name: &str| {
        json!({"username": name, "name": name, "role": "admin", "permissions": ["administer"],
            "teams": [], "queues": [], "skills": [], "disabled": false, "password": "a good password"})
    };
    let made = admin.ask(Method::POST, "/admin/users", Some(account("boss2"))).await;
    assert_eq!(made.0, 201, "{}", made.1);
    let url = server.url();
    let boss = client::session::Session::sign_in(&url, "boss2", "a good password").await.unwrap();
    let body = account("backdoor").to_string();
    let json = "application/json";
    let held = HeldBack::begin(&server, boss.api(), "/admin/users", json, &body).await;
    let offer = "v=0\r\n";
    let station = HeldBack::begin(&server, boss.api(), "/stations", "application/sdp", offer).await;
    save(&admin, "boss2", json!({"disabled": true, "permissions": []})).await;
    assert_eq!(held.finish().await, 401);
    assert_eq!(station.finish().await, 401);
    let users = admin.ask(Method::GET, "/admin/users", None).await.1;
    let is_there = |it: &Value| it["username"] == "backdoor";
    assert!(!users["users"].as_array().unwrap().iter().any(is_there));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let begun = std::time::Instant::now();
    let mut held =
        HeldBack::begin(&server, admin.api(), "/admin/teams", "application/json", "{}").await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, held.stream.read_to_end(&mut answer)).await;
    read.expect("it is not waited for").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_opened_by_a_sign_in_ends_with_it() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let admin = Writer::staff(&server, "admin").await;
    let mei = Writer::staff(&server, "supervisor2").await;
    for what in ["signed out", "a new password"] {
        let sam = server.person("supervisor1").await;
        // Another sign-in of the same person stays as it is, unless it is the password that ends it.
        let elsewhere = server.person("supervisor1").await;
        let leg = sam.session.listen(&talk.call).await.unwrap().leg;
        sam.session.set_mode(&talk.call, &leg, Mode::Whisper).await.unwrap();
        let station = sam.session.station_id().unwrap().to_owned();
        match what {
            "signed out" => sam.api().logout().await.unwrap(),
            _ => save(&admin, "supervisor1", json!({"password": "another-pass"})).await,
        }
        assert_eq!(supervisors_on(&mei, &talk.call).await, 0, "{what}: when it is answered");
        assert_eq!(refusal(sam.api().me().await), refused(401, "not-signed-in"));
        save(&admin, "supervisor1", json!({"password": "sotto-demo"})).await;
        let again = server.sign_in("supervisor1").await;
        let gone = again.api().delete_station(&station).await;
        assert_eq!(refusal(gone), refused(404, "not-found"), "{what}: the station");
        drop(elsewhere);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_leaves_the_other_sign_ins_of_the_same_person() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let here = server.person("supervisor1").await;
    let elsewhere = server.person("supervisor1").await;
    elsewhere.session.listen(&talk.call).await.unwrap();
    here.api().logout().await.unwrap();
    let mei = Writer::staff(&server, "supervisor2").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(supervisors_on(&mei, &talk.call).await, 1);
    elsewhere.api().me().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_and_a_callers_sign_out_end_their_part_in_the_call() {
    let server = Server::start().await;
    let Talk { mut caller, agent, .. } = server.talk().await;
    caller.until("call.started").await;
    agent.api().logout().await.unwrap();
    caller.until("call.ended").await;

    let server = Server::start().await;
    let Talk { caller, mut agent, .. } = server.talk().await;
    agent.until("call.started").await;
    caller.api().logout().await.unwrap();
    agent.until("call.ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn supervision_needs_an_event_stream_of_the_same_sign_in() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let Person { session, events } = server.person("supervisor1").await;
    // A stream of another sign-in of the same person is none.
    let elsewhere = server.person("supervisor1").await;
    drop(events);
    let blind = async {
        loop {
            match session.listen(&talk.call).await {
                Err(error) => return Err::<(), _>(error),
                // The end of the stream has not been seen yet.
                Ok(leg) => drop(session.stop(&talk.call, &leg.leg).await),
            }
        }
    };
    let blind = tokio::time::timeout(PATIENCE, blind).await.unwrap();
    assert_eq!(refusal(blind), refused(409, "no-event-stream"));
    elsewhere.session.listen(&talk.call).await.unwrap();
    let _events = session.events().await.unwrap();
    session.listen(&talk.call).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn text_supervision_needs_one_too_and_ends_with_it() {
    let server = Server::start().await;
    let Scene { id, .. } = Scene::new(&server).await;
    let Writer { session, events } = Writer::staff(&server, "supervisor1").await;
    let mei = Writer::staff(&server, "supervisor2").await;
    let listen = json!({"mode": "listen"});
    let path = format!("/conversations/{id}/supervision");
    let ask = async || {
        let request = session.api().request(Method::PUT, &path).json(&listen);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(ask().await.0, 200);
    drop(events);
    // While they are being taken off, a change of mode is refused as one who is not in it.
    let ended = async {
        loop {
            let answer = ask().await;
            if answer.0 == 409 {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, ended).await.expect("their last stream is gone");
    assert_eq!(problem(answer), (409, "no-event-stream".to_owned()));
    assert_eq!(mei.supervise(&id, listen.clone()).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_take_calls_any_more_is_off_them() {
    let server = Server::start().await;
    let Talk { mut caller, agent, .. } = server.talk().await;
    caller.until("call.started").await;
    let requester = Writer::guest(&server, "Nora").await;
    let mut yuki = Writer::ready(&server, "agent3").await;
    let id = requester.open("support").await.id;
    yuki.take(&id).await;
    let admin = Writer::staff(&server, "admin").await;
    save(&admin, "agent1", json!({"permissions": []})).await;
    caller.until("call.ended").await;
    let ready = agent.session.ready().await;
    assert_eq!(refusal(ready), refused(403, "not-allowed"));

    // In text: the conversation waits for another agent, and writing is over.
    save(&admin, "agent3", json!({"permissions": []})).await;
    let answer = yuki.post(&id, "public", "Still here?").await;
    assert!([403, 404].contains(&answer.0), "{answer:?}");
    let mut luis = Writer::ready(&server, "agent2").await;
    luis.take(&id).await;
    assert_eq!(requester.post(&id, "public", "Hello again").await.0, 201);

    // Nothing rings at somebody who may not answer.
    let mei = Writer::staff(&server, "supervisor2").await;
    let _headset = server.person("agent2").await;
    let dina = server.guest("Dina").await;
    let call = dina.session.place_call("support", None).await.unwrap();
    let ringing = mei.api().call(&call.id).await.unwrap().ringing.expect("Luis is ready");
    assert_eq!(ringing.user, luis.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_outs_of_guests_are_nobody_elses_business() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let mut sam = server.person("supervisor1").await;
    let leg = sam.session.listen(&talk.call).await.unwrap().leg;
    sam.session.set_mode(&talk.call, &leg, Mode::Whisper).await.unwrap();
    let Scene { requester, agent, id } = Scene::of(&server, "agent3").await;
    let mut guests = Vec::new();
    for _ in 0..480 {
        let api = Api::new(server.url()).unwrap();
        let token = api.guest("x").await.unwrap().token;
        guests.push(api.with_token(client::api::Token::new(token)));
    }
    let admin = Writer::staff(&server, "admin").await;
    let mut storm = tokio::task::JoinSet::new();
    guests.into_iter().for_each(|guest| drop(storm.spawn(async move { guest.logout().await })));
    // In the middle of it somebody else's rights are taken, and that is not lost.
    save(&admin, "supervisor2", json!({"disabled": true})).await;
    while let Some(done) = storm.join_next().await {
        done.unwrap().unwrap();
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let view = sam.api().call(&talk.call).await.unwrap();
    assert_eq!(view.legs.len(), 3, "call and supervision go on");
    agent.session.api().me().await.unwrap();
    assert_eq!(requester.post(&id, "public", "Still there").await.0, 201);
    // Every stream is still the one that it was.
    sam.session.set_mode(&talk.call, &leg, Mode::Barge).await.unwrap();
    sam.until("supervision.mode_changed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guests_sign_out_survives_a_restart() {
    let server = Server::start().await;
    let Scene { requester, .. } = Scene::new(&server).await;
    let token = requester.api().token().unwrap().clone();
    requester.api().logout().await.unwrap();
    let server = server.restart().await;
    let api = Api::new(server.url()).unwrap().with_token(token);
    assert_eq!(refusal(api.me().await), refused(401, "not-signed-in"));
}
