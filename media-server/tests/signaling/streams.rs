//! The event stream: whose it is, what it bears, and what happens when it ends.

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;
use control_plane::{Delivery, Ending, LegNames, News, Publication, StreamId};
use futures_util::{SinkExt, StreamExt};
use interaction::offers::Choice;
use interaction::{StationEnd, StationId, UnixMs, UserId};
use orchestrator::event_streams::EventStreams;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use wire::Mode;

use crate::{Server, Talk};

async fn token(server: &Server, username: &str) -> String {
    let api = client::api::Api::new(server.url()).unwrap();
    api.login(username, "sotto-demo").await.unwrap().token
}

/// Sends one message and gives the code with which the server closes, after the snapshot.
async fn closed_after(server: &Server, token: &str, message: Message) -> u16 {
    let url = server.url().replace("http", "ws") + "/api/v1/events";
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let first = socket.next().await.unwrap().unwrap();
    assert!(first.to_text().unwrap().starts_with(r#"{"seq":0,"#));
    socket.send(message).await.unwrap();
    loop {
        match socket.next().await.expect("a close frame").unwrap() {
            Message::Close(frame) => return frame.expect("with a code").code.into(),
            _ => continue,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_closes_the_stream_that_sent_it() {
    let server = Server::start().await;
    let token = token(&server, "agent1").await;
    let text = |text: &str| Message::text(text.to_owned());
    assert_eq!(closed_after(&server, &token, text("hello")).await, 1008);
    assert_eq!(closed_after(&server, &token, text(r#"{"type":"barge"}"#)).await, 1008);
    assert_eq!(closed_after(&server, &token, Message::binary(vec![0; 64])).await, 1008);
    assert_eq!(closed_after(&server, &token, text(&"x".repeat(100_000))).await, 1002);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_of_another_site_gets_no_stream() {
    let server = Server::start().await;
    let token = token(&server, "agent1").await;
    let upgrade = async |origin: &str| {
        let url = server.url().replace("http", "ws") + "/api/v1/events";
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("cookie", format!("sotto_session={token}").parse().unwrap());
        headers.insert("origin", origin.parse().unwrap());
        connect_async(request).await.map(drop).map_err(|error| error.to_string())
    };
    upgrade(&server.url()).await.unwrap();
    assert!(upgrade("https://evil.example").await.unwrap_err().contains("403"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_cookies_gets_its_own_stream_by_the_token_it_offers() {
    let server = Server::start().await;
    let [agent, other] = [token(&server, "agent1").await, token(&server, "agent2").await];
    let upgrade = async |offered: String| {
        let url = server.url().replace("http", "ws") + "/api/v1/events";
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", offered.parse().unwrap());
        // Another who is signed in to this browser is not meant; nor does the origin matter.
        headers.insert("cookie", format!("sotto_session={other}").parse().unwrap());
        headers.insert("origin", "null".parse().unwrap());
        connect_async(request).await.map_err(|error| error.to_string())
    };
    let (mut socket, response) = upgrade(format!("sotto, sotto.bearer.{agent}")).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "sotto");
    let first = socket.next().await.unwrap().unwrap();
    assert!(first.to_text().unwrap().contains(r#""username":"agent1""#), "{first}");
    let refused = upgrade("sotto, sotto.bearer.x.y.z".to_owned()).await.unwrap_err();
    assert!(refused.contains("401"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisors_stream_gone_is_supervision_gone() {
    let server = Server::start().await;
    let Talk { mut caller, mut agent, call } = server.talk().await;
    caller.until("call.started").await;
    let sam = server.person("supervisor1").await;
    let leg = sam.session.listen(&call).await.unwrap().leg;
    sam.session.set_mode(&call, &leg, Mode::Barge).await.unwrap();
    caller.until("leg.joined").await;
    let gone_at = Instant::now();
    drop(sam.events);
    caller.until("leg.left").await;
    agent.until("supervision.ended").await;
    assert!(gone_at.elapsed() < Duration::from_secs(2));
    let mut events = sam.session.events().await.unwrap();
    let snapshot = events.snapshot(crate::PATIENCE).await.unwrap();
    assert_eq!(snapshot.calls[0].own_leg, None, "it does not come back by itself");
    assert_eq!(snapshot.calls[0].legs.len(), 2, "the call goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_falls_behind_begins_anew_and_supervises_on() {
    let server = Server::start().await;
    let talk = server.talk().await;
    let mut sam = server.person("supervisor1").await;
    sam.session.listen(&talk.call).await.unwrap();
    sam.events.snapshot(crate::PATIENCE).await.unwrap();
    // More agents than messages may wait, and more news of them than any buffer holds; nobody reads.
    let id = talk.agent.session.user().id.parse().unwrap();
    let agent = server.running.auth.load(id).await.unwrap().unwrap();
    let authority = interaction::Authority::Connector;
    let agents: Vec<interaction::User> = (0..400)
        .map(|n| interaction::User { id: UserId(1_000_000 + n), authority, ..agent.clone() })
        .collect();
    let reason = Some("x".repeat(80));
    let begun = Instant::now();
    for round in 0..300 {
        for agent in &agents {
            let choice = match round % 2 {
                0 => Choice::NotReady { reason: reason.clone() },
                _ => Choice::Ready,
            };
            server.running.orchestrator().set_presence(agent, choice).unwrap();
        }
        // What could be written is written; what is left over piles up.
        tokio::task::yield_now().await;
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "the centre must not wait for a reader");
    // No number is missing on the way, or the client would say so.
    let again = sam.events.snapshot(crate::PATIENCE).await.expect("a second snapshot");
    assert!(again.agents.len() >= agents.len());
    let legs = sam.api().call(&talk.call).await.unwrap().legs;
    assert_eq!(legs.len(), 3, "supervision goes on");
    // And so does the stream. On a busy machine its reader may have fallen behind once more.
    let own = talk.caller.api().call(&talk.call).await.unwrap().own_leg.unwrap();
    talk.caller.session.mute(&talk.call, &own, true).await.unwrap();
    let is_told = |envelope: wire::Envelope| match envelope.event {
        wire::Event::LegChanged { .. } => Some(()),
        wire::Event::Snapshot(snapshot) => {
            let mut legs = snapshot.calls.iter().flat_map(|call| &call.legs);
            legs.any(|leg| leg.muted).then_some(())
        }
        _ => None,
    };
    sam.events.find("the mute", crate::PATIENCE, is_told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_no_ping_is_closed() {
    let server = Server::start().await;
    let token = token(&server, "agent1").await;
    let mut mute = TcpStream::connect(server.running.http).await.unwrap();
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
         connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.running.http
    );
    mute.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    mute.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    let silence = api::event_socket::SILENCE_MAX + Duration::from_secs(5);
    let mut rest = Vec::new();
    let drained = tokio::time::timeout(silence, mute.read_to_end(&mut rest)).await;
    // An end or a reset: both mean closed.
    drained.expect("the server closes it").ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_says_goodbye() {
    let server = Server::start().await;
    let mut talk = server.talk().await;
    let begun = Instant::now();
    server.running.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(3));
    talk.caller.until("call.ended").await;
    let end = talk.caller.events.next().await;
    assert!(matches!(end, Ok(None) | Err(_)), "{end:?}");
}

/// What waits on a stream that is ended before its socket sends anything, and the code of its end.
async fn told_at_the_end(ending: Ending) -> (usize, u16) {
    const WAITING: usize = 100;
    let stream = StreamId(1);
    let render = |_: &LegNames, _: &News| Some(r#"{"type":"station.closed"}"#.to_owned());
    let (streams, publish) = EventStreams::new(LegNames::default(), render);
    let outbox = streams.open(stream);
    for _ in 0..WAITING {
        let news = News::StationClosed(StationId(1), StationEnd::Lost);
        let to = vec![stream];
        streams.publish(Publication { at: UnixMs(1), news, to, delivery: Delivery::Reliable });
    }
    streams.end(stream, ending);
    drop(streams);
    publish.await;

    let outbox = Arc::new(Mutex::new(Some(outbox)));
    let route = get(async move |upgrade: WebSocketUpgrade| {
        let outbox = outbox.lock().unwrap().take().expect("one connection");
        let for_long = tokio::time::Instant::now() + Duration::from_secs(60);
        upgrade.on_upgrade(move |socket| api::event_socket::serve(socket, outbox, for_long, || ()))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, Router::new().route("/", route)).into_future());
    let (mut socket, _) = connect_async(url).await.unwrap();
    let mut told = 0;
    loop {
        match socket.next().await.expect("a close frame").unwrap() {
            Message::Close(frame) => return (told, frame.expect("with a code").code.into()),
            _ => told += 1,
        }
    }
}

/// The calls' ends are published right before the streams are ended: a loaded machine lost them.
#[tokio::test]
async fn what_was_published_before_a_stop_is_told_and_after_a_lost_right_nothing() {
    assert_eq!(told_at_the_end(Ending::Stopping).await, (100, 1001));
    assert_eq!(told_at_the_end(Ending::RightsChanged).await, (0, 4001));
    assert_eq!(told_at_the_end(Ending::SignInEnded).await, (0, 4003));
}
