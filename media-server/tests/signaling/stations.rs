//! Stations over HTTP: how their media stand is told, and ICE sessions have entity tags (RFC 9725).

use client::api::Method;
use wire::{Event, StationEnd, StationState, StationView};

use crate::{Person, Server};

/// An offer behind which nobody is.
const NOBODY: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:first\r\n\
    a=ice-pwd:a-password-of-the-first\r\na=setup:actpass\r\na=rtcp-mux\r\n\
    a=rtpmap:111 opus/48000/2\r\na=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:\
    FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";

/// How a station is, as its owner is told who asks.
async fn shown(person: &Person, id: &str) -> StationView {
    let request = person.api().request(Method::GET, &format!("/stations/{id}"));
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_station_is_connected_once_its_media_are_up() {
    let server = Server::start().await;
    let session = server.sign_in("agent1").await;
    let events = session.events().await.unwrap();
    let mut agent = Person { session, events };
    agent.session.open_station(&Default::default(), |_| {}).await.unwrap();
    let told = agent.until("station.changed").await;
    let Event::StationChanged { station } = &told.last().unwrap().event else { unreachable!() };
    assert_eq!(station.id, agent.session.station_id().unwrap());
    assert_eq!((station.state, station.fault), (StationState::Connected, None));
    assert_eq!(shown(&agent, &station.id).await, *station);
}

#[tokio::test(flavor = "multi_thread")]
async fn media_that_never_come_up_are_told() {
    let server: Server =
        testkit::Server::with(|config| config.limits.consent_timeout_s = 5).await.into();
    let session = server.sign_in("agent1").await;
    let events = session.events().await.unwrap();
    let mut agent = Person { session, events };
    let id = agent.api().create_station(NOBODY).await.unwrap().id;
    assert_eq!(shown(&agent, &id).await.state, StationState::Connecting);
    let told = agent.until("station.closed").await;
    let Event::StationClosed { station, reason } = &told.last().unwrap().event else {
        unreachable!()
    };
    assert_eq!((station, *reason), (&id, StationEnd::NoIce));
    let connected = |it: &wire::Envelope| matches!(it.event, Event::StationChanged { .. });
    assert!(!told.iter().any(connected), "it never was");
}

#[tokio::test(flavor = "multi_thread")]
async fn ice_sessions_have_entity_tags() {
    let server = Server::start().await;
    let session = server.sign_in("agent1").await;
    let opening = session.api().request(Method::POST, "/stations");
    let opened =
        opening.header("content-type", "application/sdp").body(NOBODY).send().await.unwrap();
    assert_eq!(opened.status(), 201);
    let location = opened.headers()["location"].to_str().unwrap();
    let path = location.strip_prefix(wire::API_ROOT).unwrap().to_owned();
    let first = opened.headers()["etag"].to_str().unwrap().to_owned();
    assert!(first.len() > 4 && first.starts_with('"') && first.ends_with('"'), "{first}");

    let patch = async |if_match: Option<&str>, fragment: &str| {
        let mut request = session.api().request(Method::PATCH, &path);
        request = request.header("content-type", "application/trickle-ice-sdpfrag");
        if let Some(tag) = if_match {
            request = request.header("if-match", tag);
        }
        let response = request.body(fragment.to_owned()).send().await.unwrap();
        let etag = response.headers().get("etag").map(|it| it.to_str().unwrap().to_owned());
        (response.status().as_u16(), etag)
    };
    let candidate = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n\
        a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
    let restart = "a=ice-ufrag:second\r\na=ice-pwd:a-password-of-the-second\r\n";
    let late = "a=ice-ufrag:first\r\na=ice-pwd:a-password-of-the-first\r\n";
    assert_eq!(patch(Some("\"nonsense\""), restart).await, (412, None));
    assert_eq!(patch(Some(&first), candidate).await, (204, Some(first.clone())));
    let (status, second) = patch(Some("*"), restart).await;
    assert_eq!(status, 200);
    assert_ne!(second.as_ref(), Some(&first));
    assert_eq!(patch(Some(&first), candidate).await, (412, None));
    assert_eq!(patch(None, late).await, (204, second));
}
