//! Take-over through the API: who may, who is told, and what nobody may do meanwhile.

use std::time::{Duration, Instant};

use client::ClientError;
use client::api::Method;
use serde_json::{Value, json};
use wire::{CallPhase, EndReason, Event, LegUpdate, Mode};

use crate::text::{Scene, Writer, problem};
use crate::{PATIENCE, Server, Talk, kinds, refusal, refused};

/// The true cause of a refusal.
fn cause<T>(result: Result<T, ClientError>) -> Option<String> {
    match result {
        Err(ClientError::Problem(problem)) => problem.cause,
        _ => panic!("not refused"),
    }
}

/// The entries of a timeline that are of these kinds.
fn of_kinds<'a>(timeline: &'a Value, kinds: &[&str]) -> Vec<&'a str> {
    let entries = timeline["entries"].as_array().unwrap_or_else(|| panic!("{timeline}"));
    let all = entries.iter().filter_map(|entry| entry["kind"].as_str());
    all.filter(|kind| kinds.contains(kind)).collect()
}

fn update(announce: bool) -> LegUpdate {
    LegUpdate { mode: Some(Mode::TakeOver), announce, ..LegUpdate::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_taken_over_and_handed_back() {
    let server = Server::start().await;
    let Talk { mut caller, mut agent, call } = server.talk().await;
    caller.until("call.started").await;
    agent.until("call.started").await;
    let sam = server.person("supervisor1").await;
    let mei = server.person("supervisor2").await;
    let leg = sam.session.listen(&call).await.unwrap().leg;

    let unasked = sam.api().update_leg(&call, &leg, &update(false)).await;
    assert_eq!(refusal(unasked), refused(409, "announce-first"));
    let taken = sam.api().update_leg(&call, &leg, &update(true)).await.unwrap();
    assert_eq!(taken.mode, Some(Mode::TakeOver));
    let told = caller.until("leg.joined").await;
    assert_eq!(told.len(), 1, "as of a Barge: {:?}", kinds(&told));
    agent.until("supervision.started").await;

    // Nobody else directs the call, and the reason has a name.
    let held = agent.api().hold(&call).await;
    assert_eq!(cause(held).as_deref(), Some("taken-over"));
    let second = mei.session.listen(&call).await.unwrap().leg;
    let taken_twice = mei.api().update_leg(&call, &second, &update(true)).await;
    assert_eq!(cause(taken_twice).as_deref(), Some("taken-over"));

    sam.session.set_mode(&call, &leg, Mode::Barge).await.unwrap();
    let told = agent.until("supervision.mode_changed").await;
    let Event::SupervisionModeChanged { leg: shown, from, .. } = &told.last().unwrap().event else {
        unreachable!()
    };
    assert_eq!((shown.mode, *from), (Some(Mode::Barge), Mode::TakeOver));
    caller.until("leg.changed").await;
    agent.api().hold(&call).await.unwrap();
    let again = sam.api().update_leg(&call, &leg, &update(false)).await.unwrap();
    assert_eq!(again.mode, Some(Mode::TakeOver), "it follows on Barge");
    assert!(!caller.api().call(&call).await.unwrap().held, "and takes the caller off hold");
    let path = format!("/interactions/{call}/timeline");
    let wanted = ["taken_over", "handed_back", "held", "taken_over", "resumed"];
    // Of a call that goes on it is written a little later.
    let until = Instant::now() + PATIENCE;
    loop {
        let timeline = sam.api().request(Method::GET, &path).send().await.unwrap();
        let timeline: Value = timeline.json().await.unwrap();
        let found = of_kinds(&timeline, &wanted);
        if found == wanted {
            return;
        }
        assert!(Instant::now() < until, "{found:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The caller is not cut off by an agent who is not speaking with them.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_hangs_up_does_not_end_a_call_that_is_taken_over() {
    let server = Server::start().await;
    let Talk { mut caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    let leg = sam.session.listen(&call).await.unwrap().leg;
    sam.session.set_mode(&call, &leg, Mode::TakeOver).await.unwrap();
    agent.session.hang_up(&call).await.unwrap();
    let view = caller.api().call(&call).await.unwrap();
    assert_eq!((view.state, view.legs.len()), (CallPhase::Active, 2));
    let back = sam.session.set_mode(&call, &leg, Mode::Barge).await;
    assert_eq!(cause(back).as_deref(), Some("no-agent"), "there is nobody to hand it back to");

    sam.session.stop(&call, &leg).await.unwrap();
    let told = caller.until("call.ended").await;
    let Event::CallEnded { call: over } = &told.last().unwrap().event else { unreachable!() };
    assert_eq!(over.end_reason, Some(EndReason::Agent));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_barge_may_not_take_over() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let leg = talk.agent.api().call(&talk.call).await.unwrap().own_leg.unwrap();
    for person in [&talk.agent, &talk.caller] {
        let refused = person.api().update_leg(&talk.call, &leg, &update(true)).await;
        assert!(matches!(refusal(refused).0, 403 | 404));
    }
    let stray = LegUpdate { muted: Some(true), announce: true, ..LegUpdate::default() };
    let refused_stray = talk.agent.api().update_leg(&talk.call, &leg, &stray).await;
    assert_eq!(refusal(refused_stray), refused(400, "bad-input"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_taken_over_and_the_agent_reads_on() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let sam = Writer::staff(&server, "supervisor1").await;
    sam.supervise(&id, json!({"mode": "listen"})).await;
    let unasked = sam.supervise(&id, json!({"mode": "take_over"})).await;
    assert_eq!(problem(unasked), (409, "announce-first".to_owned()));
    let (status, state) = sam.supervise(&id, json!({"mode": "take_over", "announce": true})).await;
    assert_eq!((status, state["mode"].as_str()), (200, Some("take_over")));

    assert_eq!(sam.post(&id, "public", "Sam here").await.0, 201);
    let (status, refused) = agent.post(&id, "public", "me, too").await;
    assert_eq!((status, refused["cause"].as_str()), (409, Some("taken-over")));
    let (_, view) = agent.view(&id).await;
    assert_eq!(view["may"]["write_public"], json!(false), "{view}");
    assert_eq!(agent.messages(&id).await.messages.len(), 1, "she reads on");
    assert_eq!(agent.post(&id, "private", "thank you").await.0, 201);
    assert_eq!(requester.post(&id, "public", "hello Sam").await.0, 201);
    let (_, seen) = requester.view(&id).await;
    assert!(!seen.to_string().contains("take_over"), "the customer knows who writes: {seen}");

    sam.supervise(&id, json!({"mode": "barge"})).await;
    assert_eq!(agent.post(&id, "public", "back again").await.0, 201);
    let (_, timeline) = agent.ask(Method::GET, &format!("/interactions/{id}/timeline"), None).await;
    let wanted = ["taken_over", "handed_back"];
    assert_eq!(of_kinds(&timeline, &wanted), wanted);
}
