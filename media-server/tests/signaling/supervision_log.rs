//! Supervision is written down before it is heard, and so is who tried.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{AnyPool, Executor};
use store::SupervisionRecord;
use wire::{LegUpdate, Mode};

use crate::text::{Scene, Writer, problem};
use crate::{Server, Talk, refusal, refused};

/// The entries about a call or conversation: what, and what came of it.
async fn entries(server: &Server, id: &str) -> Vec<(String, String)> {
    let acts = server.running.store.supervision_of_call(id).await.unwrap();
    let told = |act: SupervisionRecord| (act.action, act.outcome);
    acts.into_iter().map(told).collect()
}

/// A database that nobody can write until this is [released](Self::release).
struct Locked(AnyPool);

impl Locked {
    async fn hold(server: &Server) -> Self {
        sqlx::any::install_default_drivers();
        let file = server.data.path().join("demo").join(store::FILE_NAME);
        let file = if file.exists() { file } else { server.data.path().join(store::FILE_NAME) };
        let options = sqlx::any::AnyPoolOptions::new().max_connections(1);
        let pool = options.connect(&format!("sqlite://{}", file.display())).await.unwrap();
        pool.execute("BEGIN IMMEDIATE").await.unwrap();
        Self(pool)
    }

    async fn release(self) {
        self.0.execute("ROLLBACK").await.unwrap();
        self.0.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_written_down_before_and_what_came_of_it_after() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let sam = server.person("supervisor1").await;
    let leg = sam.session.listen(&talk.call).await.unwrap().leg;
    let asked = ("listen".to_owned(), "asked".to_owned());
    assert_eq!(entries(&server, &talk.call).await[0], asked, "on the disk before the answer");
    sam.session.set_mode(&talk.call, &leg, Mode::Whisper).await.unwrap();
    sam.session.set_mode(&talk.call, &leg, Mode::TakeOver).await.unwrap();
    sam.session.stop(&talk.call, &leg).await.unwrap();

    // Refused attempts of staff, too: without the right, and of another team.
    let daniel = server.person("supervisor3").await;
    assert_eq!(refusal(daniel.session.listen(&talk.call).await), refused(404, "not-found"));
    assert_eq!(refusal(talk.agent.session.listen(&talk.call).await), refused(403, "not-allowed"));
    let Talk { call, .. } = talk;
    let store = server.running.store.clone();
    server.running.orchestrator().stop().await;
    let acts = store.supervision_of_call(&call).await.unwrap();
    let told: Vec<String> =
        acts.iter().map(|it| format!("{} {} {}", it.username, it.action, it.outcome)).collect();
    assert_eq!(
        told,
        [
            "supervisor1 listen asked",
            "supervisor1 listen done",
            "supervisor1 whisper asked",
            "supervisor1 whisper done",
            "supervisor1 take_over asked",
            "supervisor1 take_over done",
            "supervisor1 stop done",
            "supervisor3 listen asked",
            "supervisor3 listen there is no such call",
            "agent1 listen asked",
            "agent1 listen the permission MonitorLiveCalls is missing",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_written_down_is_not_done_and_what_goes_on_goes_on() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let Scene { id, .. } = Scene::of(&server, "agent3").await;
    let sam = server.person("supervisor1").await;
    let mei = server.person("supervisor2").await;
    let writer = Writer::staff(&server, "supervisor2").await;
    let leg = sam.session.listen(&talk.call).await.unwrap().leg;
    sam.session.set_mode(&talk.call, &leg, Mode::Whisper).await.unwrap();
    let locked = Locked::hold(&server).await;

    let begun = Instant::now();
    let unavailable = refused(503, "audit-unavailable");
    assert_eq!(refusal(mei.session.listen(&talk.call).await), unavailable);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let barge = sam.session.set_mode(&talk.call, &leg, Mode::Barge).await;
    assert_eq!(refusal(barge), unavailable);
    let take_over = sam.session.set_mode(&talk.call, &leg, Mode::TakeOver).await;
    assert_eq!(refusal(take_over), unavailable);
    let text = writer.supervise(&id, json!({"mode": "listen"})).await;
    assert_eq!(problem(text), (503, "audit-unavailable".to_owned()));

    // The call goes on, and the way to silence is open.
    assert_eq!(talk.caller.api().call(&talk.call).await.unwrap().legs.len(), 2);
    let listening = sam.session.set_mode(&talk.call, &leg, Mode::Listen).await.unwrap();
    assert_eq!(listening.mode, Some(Mode::Listen));
    sam.session.stop(&talk.call, &leg).await.unwrap();
    locked.release().await;

    // It is written as soon as it can be, in its order.
    let until = Instant::now() + Duration::from_secs(15);
    let written = loop {
        let written = entries(&server, &talk.call).await;
        if written.iter().any(|(action, _)| action == "stop") || Instant::now() > until {
            break written;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let done: Vec<_> = written.iter().filter(|it| it.1 == "done").map(|it| &it.0).collect();
    assert_eq!(done, ["listen", "whisper", "listen", "stop"], "{written:?}");
    let refused = written.iter().filter(|it| it.1.starts_with("the audit log"));
    assert_eq!(refused.count(), 3, "{written:?}");
    mei.session.listen(&talk.call).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_of_customers_are_limited_and_leave_no_entry() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let own = talk.caller.api().call(&talk.call).await.unwrap().own_leg.unwrap();
    let barge = LegUpdate { mode: Some(Mode::Barge), ..LegUpdate::default() };
    let mut answers = Vec::new();
    for _ in 0..50 {
        answers.push(refusal(talk.caller.api().update_leg(&talk.call, &own, &barge).await).0);
    }
    assert_eq!(answers[0], 403);
    assert_eq!(answers[49], 429);
    let sam = server.person("supervisor1").await;
    sam.session.listen(&talk.call).await.unwrap();
    let entries = entries(&server, &talk.call).await;
    assert!(entries.iter().all(|(action, _)| action == "listen"), "{entries:?}");
    // What the caller is still free to do is not limited by that.
    talk.caller.session.mute(&talk.call, &own, true).await.unwrap();
}
