//! What is anonymous has a budget: calls ring only once they can be heard, each client has its share,
//! and a flooded queue asks for a proof.

use std::time::Duration;

use client::media::StationConfig;
use client::session::Session;
use connectors::{Secret, signature};
use serde_json::{Value, json};
use wire::{Event, PresenceNeed, PresenceState};

use crate::{PATIENCE, Server, refusal, refused};

/// A server that counts what comes from this machine.
async fn strict(change: impl FnOnce(&mut media_server::Config)) -> Server {
    let server = testkit::Server::with(|config| {
        config.ring_timeout_s = 1;
        config.limits.unlimited_clients.clear();
        change(config);
    });
    server.await.into()
}

/// An offer of somebody who will never be reached.
fn phantom_offer() -> String {
    let fingerprint = ["AB"; 32].join(":");
    format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
         c=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:abcdefgh\r\na=ice-pwd:abcdefghabcdefghabcdefgh\r\n\
         a=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\na=rtcp-mux\r\n\
         a=rtpmap:111 opus/48000/2\r\n"
    )
}

/// `POST`s as somebody who is signed in.
async fn post(
    server: &Server,
    session: &Session,
    path: &str,
    body: Value,
    proof: Option<String>,
) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", server.url());
    let mut request = reqwest::Client::new().post(url).json(&body);
    request = request.header("authorization", session.api().token().unwrap().header());
    if let Some(proof) = proof {
        request = request.header("sotto-challenge", proof);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn phantom_calls_ring_nowhere_and_leave_every_agent_ready() {
    let server = strict(|_| ()).await;
    let mut ana = server.person("agent1").await;
    ana.session.ready().await.unwrap();
    let mei = server.sign_in("supervisor2").await;
    let mut phantoms = Vec::new();
    for n in 0..4 {
        let guest = Session::guest(&server.url(), &format!("Ghost {n}")).await.unwrap();
        let station = guest.api().create_station(&phantom_offer()).await.unwrap().id;
        let to = json!({"station": station, "to": {"queue": "support"}});
        let (status, call) = post(&server, &guest, "/calls", to, None).await;
        assert_eq!(status, 201, "{call}");
        phantoms.push((guest, call["id"].as_str().unwrap().to_owned()));
    }
    // A real one comes after them, and is heard first.
    let real = server.guest("Daniel").await;
    let call = real.session.place_call("support", None).await.unwrap();
    assert_eq!(ana.events.offered(PATIENCE).await.unwrap().id, call.id);
    ana.session.answer(&call.id).await.unwrap();
    real.session.hang_up(&call.id).await.unwrap();
    // Longer than they wait for their media.
    tokio::time::sleep(control_plane::MEDIA_PATIENCE + Duration::from_secs(1)).await;
    for (guest, call) in &phantoms {
        assert_eq!(
            refusal(guest.api().call(call).await),
            refused(404, "not-found"),
            "it has ended"
        );
    }
    let (_, agents) = get(&server, &mei, "/agents").await;
    let all = agents["agents"].as_array().unwrap();
    let own = all.iter().find(|it| it["user"] == ana.session.user().id).unwrap();
    assert_eq!(own["state"], "ready", "{own}");
    let (_, record) = get(&server, &mei, &format!("/interactions/{}", phantoms[0].1)).await;
    assert_eq!(
        record["interaction"]["end_reason"].as_str().or(record["end_reason"].as_str()),
        Some("no_media"),
        "{record}"
    );
}

async fn get(server: &Server, session: &Session, path: &str) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", server.url());
    let request = reqwest::Client::new().get(url);
    let request = request.header("authorization", session.api().token().unwrap().header());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_what_keeps_calls_away() {
    let server = Server::start().await;
    let mut ana = server.sign_in("agent1").await;
    let missing = async |session: &Session| {
        let url = format!("{}/api/v1/me/presence", server.url());
        let request = reqwest::Client::new().put(url).json(&json!({"state": "ready"}));
        let request = request.header("authorization", session.api().token().unwrap().header());
        let result: wire::PresenceResult = request.send().await.unwrap().json().await.unwrap();
        (result.state, result.missing)
    };
    let both = vec![PresenceNeed::EventStream, PresenceNeed::Station];
    assert_eq!(missing(&ana).await, (PresenceState::Offline, both));
    let mut events = ana.events().await.unwrap();
    events.snapshot(PATIENCE).await.unwrap();
    assert_eq!(missing(&ana).await, (PresenceState::Ready, vec![PresenceNeed::Station]));
    let caller = server.guest("Daniel").await;
    let call = caller.session.place_call("support", None).await.unwrap();
    let none = events.find("a call", Duration::from_millis(500), |told| {
        matches!(told.event, Event::CallOffered { .. }).then_some(())
    });
    assert!(none.await.is_err(), "nobody would hear it");
    ana.open_station(&StationConfig::default(), |_| {}).await.unwrap();
    assert_eq!(events.offered(PATIENCE).await.unwrap().id, call.id);
    assert_eq!(missing(&ana).await, (PresenceState::Ringing, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_of_one_client_have_a_share_and_staff_always_a_station() {
    let server = strict(|config| {
        config.limits.interactions_per_client = 2;
    })
    .await;
    let mut guests = Vec::new();
    let mut stations = Vec::new();
    for _ in 0..5 {
        let guest = Session::guest(&server.url(), "Ghost").await.unwrap();
        stations.push(guest.api().create_station(&phantom_offer()).await.map(|it| it.id));
        guests.push(guest);
    }
    let (opened, refusals): (Vec<_>, Vec<_>) = stations.into_iter().partition(Result::is_ok);
    assert_eq!((opened.len(), refusals.len()), (4, 1), "twice as many as interactions");
    let error = refusals.into_iter().next().unwrap();
    assert_eq!(refusal(error), refused(429, "too-many-attempts"));
    let opened: Vec<String> = opened.into_iter().map(Result::unwrap).collect();
    let mut placed = Vec::new();
    for (guest, station) in guests.iter().zip(opened) {
        let to = json!({"station": station, "to": {"queue": "support"}});
        placed.push(post(&server, guest, "/calls", to, None).await.0);
    }
    assert_eq!(placed, [201, 201, 429, 429]);
    let elsewhere =
        post(&server, &guests[4], "/conversations", json!({"queue": "support"}), None).await;
    assert_eq!(elsewhere.0, 201, "conversations are counted apart");
    server.person("agent1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_together_do_not_take_the_last_stations() {
    let server = Server::from(
        testkit::Server::with(|config| {
            config.workers = Some(1);
            config.limits.stations_max = 10;
        })
        .await,
    );
    let mut open = Vec::new();
    for _ in 0..9 {
        let guest = Session::guest(&server.url(), "Ghost").await.unwrap();
        open.push(guest.api().create_station(&phantom_offer()).await);
    }
    assert_eq!(open.iter().filter(|it| it.is_ok()).count(), 8, "four fifths");
    assert_eq!(refusal(open.pop().unwrap()), refused(503, "overloaded"));
    server.person("agent1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flooded_queue_asks_for_a_proof() {
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    let server = strict(|config| {
        config.challenge.url = Some("https://voice.example/person".to_owned());
        config.challenge.key = Some(key.clone());
        config.challenge.waiting = 2;
    })
    .await;
    let open = async |queue: &str, proof: Option<String>| {
        let guest = Session::guest(&server.url(), "Nora").await.unwrap();
        post(&server, &guest, "/conversations", json!({"queue": queue}), proof).await
    };
    assert_eq!(open("support", None).await.0, 201);
    assert_eq!(open("support", None).await.0, 201);
    let (status, problem) = open("support", None).await;
    assert_eq!((status, problem["type"].as_str()), (429, Some("/problems/challenge-required")));
    assert!(problem["detail"].as_str().unwrap().contains("https://voice.example/person"));
    assert_eq!(open("sales", None).await.0, 201, "another queue is not flooded");
    let now = accounts::unix_now().0 / 1000;
    let proof = format!("{now}.once.{}", signature::sign(&key, now, b"once"));
    assert_eq!(open("support", Some(proof.clone())).await.0, 201);
    assert_eq!(open("support", Some(proof)).await.0, 429, "once");
}
