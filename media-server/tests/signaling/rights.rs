//! Who may do what: 404 without the right to see, 403 without the right to act.

use client::api::Method;
use client::session::Session;
use interaction::{Permission, Permissions, UserId};
use serde_json::{Value, json};
use wire::{AttachStation, LegUpdate, Mode, TextEvent};

use crate::text::{Scene, Writer, problem};
use crate::{PATIENCE, Person, Server, Talk, refusal, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_teams_call_is_not_there() {
    let server = Server::start().await;
    let Talk { caller: _caller, agent: _agent, call } = server.talk().await;
    let daniel = server.person("supervisor3").await;
    assert_eq!(daniel.api().calls().await.unwrap(), []);
    assert_eq!(refusal(daniel.api().call(&call).await), refused(404, "not-found"));
    assert_eq!(refusal(daniel.session.listen(&call).await), refused(404, "not-found"));
    assert_eq!(refusal(daniel.session.hang_up(&call).await), refused(404, "not-found"));
    let other = server.person("agent2").await;
    assert_eq!(refusal(other.api().call(&call).await), refused(404, "not-found"));
    let admin = server.sign_in("admin").await;
    assert_eq!(refusal(admin.api().call(&call).await), refused(404, "not-found"));
    assert_eq!(server.sign_in("supervisor1").await.api().calls().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn parties_cannot_supervise_and_supervisors_cannot_hang_up() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    assert_eq!(refusal(agent.session.listen(&call).await), refused(403, "not-allowed"));
    assert_eq!(refusal(caller.session.listen(&call).await), refused(403, "not-allowed"));
    assert_eq!(refusal(sam.session.hang_up(&call).await), refused(403, "not-allowed"));
    assert_eq!(refusal(sam.session.hold(&call).await), refused(403, "not-allowed"));
    assert_eq!(refusal(caller.session.hold(&call).await), refused(403, "not-allowed"));
    assert_eq!(agent.api().call(&call).await.unwrap().legs.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_is_its_users_own() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    let mei = server.person("supervisor2").await;
    let leg = sam.session.listen(&call).await.unwrap().leg;
    let barge = mei.session.set_mode(&call, &leg, Mode::Barge).await;
    assert_eq!(refusal(barge), refused(403, "not-allowed"));
    assert_eq!(refusal(mei.session.stop(&call, &leg).await), refused(403, "not-allowed"));
    // Caller and agent don't even find it.
    for party in [&caller, &agent] {
        assert_eq!(refusal(party.session.stop(&call, &leg).await), refused(404, "not-found"));
    }
    let of_caller = mei.api().call(&call).await.unwrap().legs[0].id.clone();
    let mute = mei.session.mute(&call, &of_caller, true).await;
    assert_eq!(refusal(mute), refused(403, "not-allowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_is_a_right_of_its_own_and_can_be_lost() {
    let server = Server::start().await;
    let Talk { mut caller, agent: _agent, call } = server.talk().await;
    caller.until("call.started").await;
    let mut sam = server.person("supervisor1").await;
    let id: UserId = sam.session.user().id.parse().unwrap();
    let leg = sam.session.listen(&call).await.unwrap().leg;
    sam.session.set_mode(&call, &leg, Mode::Barge).await.unwrap();
    caller.until("leg.joined").await;
    let listen_only: Permissions =
        [Permission::ViewContactCenterDashboard, Permission::MonitorLiveCalls]
            .into_iter()
            .collect();
    server.running.auth.set_permissions(id, listen_only).await.unwrap();
    caller.until("leg.left").await;
    let barge = sam.session.set_mode(&call, &leg, Mode::Barge).await;
    let (status, _) = refusal(barge);
    // The page's stream was ended to start anew, and with it the supervision.
    assert!(status == 403 || status == 404, "{status}");
    sam.events = sam.session.events().await.unwrap();
    let leg = listen_when_free(&sam, &call).await;
    for mode in [Mode::Whisper, Mode::Barge] {
        let result = sam.session.set_mode(&call, &leg, mode).await;
        assert_eq!(refusal(result), refused(403, "not-allowed"));
    }
}

/// The leg, once the station has let go of the one that was taken away.
async fn listen_when_free(supervisor: &Person, call: &str) -> String {
    loop {
        match supervisor.session.listen(call).await {
            Ok(joined) => return joined.leg,
            Err(error) => assert_eq!(refusal::<()>(Err(error)).0, 409),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_whisper_changes_in_a_conversation_that_goes_on() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let mut yuki = Writer::staff(&server, "agent3").await;
    let path = format!("/conversations/{id}/colleagues");
    let tag = json!({"user": yuki.id()});
    assert_eq!(agent.ask(Method::POST, &path, Some(tag)).await.0, 204);
    yuki.until(|event| matches!(event, TextEvent::Tagged { .. }).then_some(())).await;
    may_whisper(&yuki, &id, true).await;
    let admin = Writer::staff(&server, "admin").await;
    let (_, before) = yuki.view(&id).await;
    assert_eq!(before["may"]["write_private"], true, "{before}");

    // By role: colleagues no more. They still read along, and the agent still whispers.
    set_rule(&admin, &json!({"colleagues": false})).await;
    may_whisper(&yuki, &id, false).await;
    assert_eq!(agent.post(&id, "private", "Between us.").await.0, 201);
    let read = yuki.messages(&id).await.messages;
    assert_eq!(read.last().unwrap().text, "Between us.");
    assert_ne!(yuki.view(&id).await.1["may"]["write_private"], json!(true));

    // By skill: nobody has it, then one does.
    let skill = json!({"name": "Coaching"});
    let (status, skill) = admin.ask(Method::POST, "/admin/skills", Some(skill)).await;
    assert_eq!(status, 201, "{skill}");
    set_rule(&admin, &json!({"colleagues": true, "skills": [skill["id"]]})).await;
    may_whisper(&agent, &id, false).await;
    may_whisper(&yuki, &id, false).await;
    let users = admin.ask(Method::GET, "/admin/users", None).await.1;
    let all = users["users"].as_array().unwrap();
    let mut account = all.iter().find(|it| it["username"] == "agent3").unwrap().clone();
    account["skills"] = json!([skill["id"]]);
    account.as_object_mut().unwrap().remove("id");
    let path = format!("/admin/users/{}", yuki.id());
    let (status, saved) = admin.ask(Method::PUT, &path, Some(account)).await;
    assert_eq!(status, 200, "{saved}");
    may_whisper(&yuki, &id, true).await;
    may_whisper(&agent, &id, false).await;

    // The requester could always write, and knows of nothing.
    assert_eq!(requester.post(&id, "public", "Still there?").await.0, 201);
    assert_eq!(requester.messages(&id).await.messages.len(), 1);
}

/// Changes the rule of who may whisper.
async fn set_rule(admin: &Writer, changes: &Value) {
    let (_, mut rule) = admin.ask(Method::GET, "/admin/whisper-rule", None).await;
    let rule_fields = rule.as_object_mut().unwrap();
    rule_fields.extend(changes.as_object().unwrap().clone());
    let (status, saved) = admin.ask(Method::PUT, "/admin/whisper-rule", Some(rule)).await;
    assert_eq!(status, 200, "{saved}");
}

/// Waits until a private message is taken, or refused for want of the right.
async fn may_whisper(who: &Writer, id: &str, may: bool) {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        // No repetition of one that was taken: that would be answered as it was then.
        let text = format!("{}", rand::random::<u64>());
        let answer = who.post(id, "private", &text).await;
        match (may, answer.0) {
            (true, 201) => return,
            (false, 201) | (true, 403) => {}
            _ => return assert_eq!(problem(answer), (403, "not-allowed".to_owned())),
        }
        assert!(tokio::time::Instant::now() < until, "may whisper: {may}, and can't be seen");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn supervision_begins_in_listen_and_on_ones_own_station() {
    let server = Server::start().await;
    let Talk { caller: _caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    let begin = async |station: &str, mode| {
        let body = AttachStation { station: station.to_owned(), mode };
        let request = sam.api().request(Method::POST, &format!("/calls/{call}/legs"));
        request.json(&body).send().await.unwrap()
    };
    let own = sam.session.station_id().unwrap();
    assert_eq!(begin(own, Some(Mode::Barge)).await.status(), 409);
    assert_eq!(begin(agent.session.station_id().unwrap(), None).await.status(), 404);
    assert_eq!(begin("nonsense", None).await.status(), 404);
    assert_eq!(begin(own, Some(Mode::Listen)).await.status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_calls_once_and_a_queue() {
    let server = Server::start().await;
    let caller = server.guest("Daniel").await;
    let agent = server.sign_in("agent1").await.user().id.clone();
    let to_agent = wire::PlaceCall {
        station: caller.session.station_id().unwrap().to_owned(),
        to: wire::Destination::Agent(agent),
        caller: None,
    };
    assert_eq!(refusal(caller.api().place_call(&to_agent).await), refused(403, "not-allowed"));
    let nowhere = caller.session.place_call("no-such-queue", None).await;
    assert_eq!(refusal(nowhere), refused(404, "not-found"));
    // A refusal does not use the call up.
    let call = caller.session.place_call("support", None).await.unwrap();
    assert_eq!(call.state, wire::CallPhase::Waiting);
    caller.session.hang_up(&call.id).await.unwrap();
    let second = caller.session.place_call("support", None).await;
    assert_eq!(refusal(second), refused(403, "guest-call-used"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_there_is_nothing() {
    let server = Server::start().await;
    let api = client::api::Api::new(server.url()).unwrap();
    assert_eq!(refusal(api.calls().await), refused(401, "not-signed-in"));
    assert_eq!(refusal(api.create_station("v=0").await), refused(401, "not-signed-in"));
    let forged = api.with_token(client::api::Token::new("e30.e30."));
    assert_eq!(refusal(forged.calls().await), refused(401, "not-signed-in"));
    let caller_without_rights = Session::guest(&server.url(), "Eve").await.unwrap();
    let update = LegUpdate { mode: Some(Mode::Barge), ..LegUpdate::default() };
    let result = caller_without_rights.api().update_leg("1", "1", &update).await;
    assert_eq!(refusal(result), refused(404, "not-found"));
}
