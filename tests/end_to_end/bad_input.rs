//! Bad input over the network while a call is on: refused or dropped, and the call goes on.
//!
//! What needs no call (tokens that are none, `alg:none`, slow headers, slow readers, malformed
//! JSON) is tested with the media server.

use std::time::{Duration, Instant};

use client::ClientError;
use client::api::Method;
use client::media::{Offer, StationConfig};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use tokio::net::UdpSocket;
use wire::{AttachStation, LegUpdate, Mode, Problem};

use crate::ears::AUDIBLE_DBFS;
use crate::line::Line;
use crate::stage::{PATIENCE, Party, Server, connect, to_mode, until_heard};

const CALLER_HZ: f32 = 500.0;
const AGENT_HZ: f32 = 1_130.0;
const SUPERVISOR_HZ: f32 = 1_700.0;
const TONES: [f32; 3] = [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ];

const UNKNOWN_SOURCE: &str = "sotto_datagrams_unknown_source_total";
const REJECTED: &str = "sotto_datagrams_rejected_total";

/// A call that is on while something bad happens. Caller and agent are on lines of ours.
struct Talk {
    server: Server,
    caller: Party,
    agent: Party,
    line: Line,
    call: String,
}

impl Talk {
    async fn begin() -> Self {
        let server = Server::start().await;
        let caller = server.guest("Daniel Weber", CALLER_HZ).await;
        let (agent, line) = server.account_on_line("agent1", AGENT_HZ).await;
        agent.ready().await;
        let call = connect(&caller, &agent, "support").await;
        let talk = Self { server, caller, agent, line, call };
        talk.goes_on("at first").await;
        talk
    }

    async fn goes_on(&self, what: &str) {
        let rows = [(&self.caller, &[AGENT_HZ][..]), (&self.agent, &[CALLER_HZ])];
        until_heard(what, &TONES, &rows).await;
    }
}

fn status<T: std::fmt::Debug>(result: Result<T, ClientError>) -> u16 {
    result.expect_err("it was not refused").status().expect("the server answered")
}

async fn offer(server: &Server, token: &str, body: Vec<u8>) -> (u16, String) {
    let url = format!("{}/api/v1/stations", server.running.url());
    let request = reqwest::Client::new().post(url).bearer_auth(token);
    let request = request.header("content-type", "application/sdp").body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_offers() {
    let talk = Talk::begin().await;
    let token = talk.server.sign_in("agent2").await.token;
    let good = Offer::new(&StationConfig::default(), |_| {}).await.unwrap();
    let good = good.sdp();
    let section = &good[good.find("m=audio").unwrap()..];
    let with = |old: &str, new: &str| {
        let changed = good.replace(old, new);
        assert_ne!(changed, good, "{old} is not in the offer");
        changed.into_bytes()
    };
    let bad = [
        ("1,000 whole sections", format!("{good}{}", section.repeat(1_000)).into_bytes(), 413),
        (
            "1,000 m-lines",
            format!("{good}{}", "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n".repeat(1_000)).into(),
            422,
        ),
        ("1 MB", format!("{good}{}", "a=x:y\r\n".repeat(150_000)).into_bytes(), 413),
        ("1 MB in a line", format!("{good}a={}\r\n", "x".repeat(1 << 20)).into_bytes(), 413),
        ("no Opus", with("opus/48000/2", "speex/16000"), 422),
        ("Opus at a clock that it has not", with("opus/48000/2", "opus/8000/2"), 422),
        ("payload type 128", with("111", "128"), 422),
        ("payload type of RTCP", with("111", "72"), 422),
        ("payload type 2^32", with("111", "4294967296"), 422),
        ("negative payload type", with("111", "-1"), 422),
        ("no fingerprint", with("a=fingerprint", "a=footprint"), 422),
        ("no ICE password", with("a=ice-pwd", "a=ice-cream"), 422),
        ("ICE-lite", with("m=audio", "a=ice-lite\r\nm=audio"), 422),
        ("no rtcp-mux", with("a=rtcp-mux", "a=x"), 422),
        ("a zero byte", with("v=0", "v=0\0"), 422),
        ("no UTF-8", [good.as_bytes(), b"a=\xff\xfe\r\n"].concat(), 400),
        ("half a line", good.as_bytes()[..good.find("UDP/TLS").unwrap()].to_vec(), 422),
    ];
    for (what, body, expected) in bad {
        let (status, answer) = offer(&talk.server, &token, body).await;
        assert_eq!(status, expected, "{what}: {answer}");
        serde_json::from_str::<Problem>(&answer).expect("the answer is a problem");
    }
    talk.goes_on("after bad offers").await;
    // None of them took one of the user's places.
    let somebody = talk.server.account("agent2", SUPERVISOR_HZ).await;
    somebody.api.delete_station(&somebody.station_id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_call() {
    let talk = Talk::begin().await;
    let other = talk.server.guest("Eve", SUPERVISOR_HZ).await;
    let their_agent = talk.server.account("agent2", SUPERVISOR_HZ).await;
    their_agent.ready().await;
    let at_caller = talk.caller.told.mark();
    let their_call = connect(&other, &their_agent, "support").await;
    let call = &talk.call;
    let own = talk.caller.api.call(call).await.unwrap().own_leg.unwrap();
    let mute = LegUpdate { muted: Some(true), ..LegUpdate::default() };
    for stranger in [&other, &their_agent] {
        let api = &stranger.api;
        assert_eq!(status(api.call(call).await), 404);
        assert_eq!(status(api.hang_up(call).await), 404);
        assert_eq!(status(api.hold(call).await), 404);
        assert_eq!(status(api.listen(call, &stranger.station_id).await), 404);
        assert_eq!(status(api.update_leg(call, &own, &mute).await), 404);
        assert_eq!(status(api.update_leg(call, &own, &to_mode(Mode::Barge)).await), 404);
        assert_eq!(status(api.delete_leg(call, &own).await), 404);
        assert_eq!(status(api.delete_station(&talk.caller.station_id).await), 404);
        assert!(api.calls().await.unwrap().iter().all(|it| it.id == their_call));
    }
    // A leg's id from one call says nothing in another.
    assert_eq!(status(other.api.delete_leg(&their_call, &own).await), 404);
    assert_eq!(talk.caller.told.kinds_since(at_caller), Vec::<String>::new());
    // Whoever signed out is nobody.
    other.api.logout().await.unwrap();
    assert_eq!(status(other.api.calls().await), 401);
    talk.goes_on("after strangers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_out_of_order() {
    let server = Server::start().await;
    let (caller, agent) =
        tokio::join!(server.guest("Daniel Weber", CALLER_HZ), server.account("agent1", AGENT_HZ));
    let sam = server.account("supervisor1", SUPERVISOR_HZ).await;
    agent.ready().await;
    let at_agent = agent.told.mark();
    let call = caller.place_call("support").await.id;
    agent.told.offered(at_agent).await;

    let begin = async |mode| {
        let body = AttachStation { station: sam.station_id.clone(), mode: Some(mode) };
        let request = sam.api.request(Method::POST, &format!("/calls/{call}/legs"));
        let response = request.json(&body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json::<Problem>().await.unwrap().call.map(|it| it.legs.len()))
    };
    // While it rings there is nobody to coach, and nothing to listen to.
    for mode in [Mode::Listen, Mode::Whisper, Mode::Barge] {
        assert_eq!(begin(mode).await, (409, Some(1)), "{mode:?}");
    }
    agent.api.answer(&call, &agent.station_id).await.unwrap();
    assert_eq!(begin(Mode::Whisper).await, (409, Some(2)));
    assert_eq!(begin(Mode::Barge).await, (409, Some(2)));
    let leg = sam.listen(&call).await.leg;
    sam.api.delete_leg(&call, &leg).await.unwrap();
    // A leg that was left is gone for good.
    assert_eq!(status(sam.api.update_leg(&call, &leg, &to_mode(Mode::Barge)).await), 404);
    assert_eq!(status(sam.api.delete_leg(&call, &leg).await), 404);

    let listening = sam.listen(&call).await;
    assert_eq!(status(sam.api.listen(&call, &sam.station_id).await), 409);
    // The agent does something meanwhile: a decision on what was before does not count.
    agent.api.hold(&call).await.unwrap();
    agent.api.resume(&call).await.unwrap();
    let stale = LegUpdate { revision: listening.revision, ..to_mode(Mode::Barge) };
    let refused = sam.api.update_leg(&call, &listening.leg, &stale).await.unwrap_err();
    let now = refused.problem().and_then(|it| it.call.clone()).expect("how the call is now");
    assert_eq!(refused.status(), Some(409));
    assert!(now.revision > listening.revision);
    let rows = [(&caller, &[AGENT_HZ][..]), (&agent, &[CALLER_HZ]), (&sam, &[CALLER_HZ, AGENT_HZ])];
    until_heard("nothing but listening", &TONES, &rows).await;
    let fresh = LegUpdate { revision: now.revision, ..to_mode(Mode::Barge) };
    sam.api.update_leg(&call, &listening.leg, &fresh).await.unwrap();

    let at_sam = sam.told.mark();
    caller.api.hang_up(&call).await.unwrap();
    sam.told.until(at_sam, "call.ended").await;
    let late = sam.api.update_leg(&call, &listening.leg, &to_mode(Mode::Listen)).await;
    assert_eq!(status(late), 404);
}

/// Datagrams of every kind by their first byte (RFC 7983), most of them of no use.
fn garbage(random: &mut StdRng) -> Vec<u8> {
    let length = match random.random_range(0..10) {
        0 => random.random_range(0..4),
        1 => random.random_range(1_400..4_000),
        _ => random.random_range(4..200),
    };
    let mut datagram = vec![0; length];
    random.fill_bytes(&mut datagram);
    let first = match random.random_range(0..4) {
        0 => random.random_range(0..4),
        1 => random.random_range(20..64),
        2 => random.random_range(128..192),
        _ => random.random(),
    };
    if let Some(byte) = datagram.first_mut() {
        *byte = first;
    }
    datagram
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_replays_on_the_media_port() {
    const EACH: u64 = 1_000;
    let talk = Talk::begin().await;
    let began = Instant::now();
    let unknown = talk.server.counted(UNKNOWN_SOURCE).await;
    let rejected = talk.server.counted(REJECTED).await;
    let mut random = StdRng::seed_from_u64(20_260);

    // From an address that nobody knows, to both workers; and as if it came from the agent.
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for round in 0..EACH as usize {
        let worker = talk.server.running.media[round % 2];
        stranger.send_to(&garbage(&mut random), worker).await.unwrap();
        talk.line.inject(&garbage(&mut random)).await;
        if round % 100 == 99 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    talk.server.until_counted(UNKNOWN_SOURCE, unknown, EACH).await;
    talk.server.until_counted(REJECTED, rejected, EACH / 2).await;
    talk.goes_on("after garbage").await;

    let rejected = talk.server.counted(REJECTED).await;
    talk.line.replay(true);
    talk.goes_on("while everything comes twice").await;
    talk.line.replay(false);
    let replayed = talk.line.replayed();
    assert!(replayed > 20, "only {replayed} were sent again");
    talk.server.until_counted(REJECTED, rejected, replayed * 8 / 10).await;

    // The caller got each packet of the agent's once, and nothing else.
    let packets = talk.caller.ears.packets(began, Instant::now());
    crate::ears::assert_one_source(&packets);
    let sent = talk.agent.clip.frames();
    assert!(packets.iter().all(|it| sent.iter().any(|frame| frame.payload == it.payload)));
    talk.goes_on("after replays").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dtls_from_an_address_that_never_passed_ice() {
    const HELLOS: usize = 300;
    let talk = Talk::begin().await;
    let before = talk.server.counted(UNKNOWN_SOURCE).await;
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let hello = client_hello();
    for round in 0..HELLOS {
        stranger.send_to(&hello, talk.server.running.media[round % 2]).await.unwrap();
    }
    talk.server.until_counted(UNKNOWN_SOURCE, before, HELLOS as u64).await;
    // Not even a HelloVerifyRequest: to a stranger there is nobody.
    let mut answer = [0; 2_048];
    let answered = tokio::time::timeout(Duration::from_millis(300), stranger.recv(&mut answer));
    assert!(answered.await.is_err());
    talk.goes_on("after strange handshakes").await;
}

/// A DTLS 1.2 ClientHello (RFC 6347 §4.2.2) that any DTLS server would answer.
fn client_hello() -> Vec<u8> {
    let mut body = vec![0xfe, 0xfd];
    body.extend([0x5a; 32]); // random
    body.extend([0, 0]); // no session, no cookie
    body.extend([0, 2, 0xc0, 0x2b]); // ECDHE-ECDSA with AES-128-GCM
    body.extend([1, 0]); // no compression
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..], // groups: secp256r1
        &[0, 11, 0, 2, 1, 0],            // point format
        &[0, 13, 0, 4, 0, 2, 4, 3],      // signatures: ECDSA with SHA-256
        &[0, 14, 0, 5, 0, 2, 0, 7, 0],   // use_srtp: AEAD_AES_128_GCM
    ]
    .concat();
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let length = &(body.len() as u32).to_be_bytes()[1..];
    let handshake = [&[1][..], length, &[0, 0, 0, 0, 0], length, &body].concat();
    let record = (handshake.len() as u16).to_be_bytes();
    [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0][..], &record, &handshake].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisors_media_gone_in_a_barge() {
    let talk = Talk::begin().await;
    let (sam, line) = talk.server.account_on_line("supervisor1", SUPERVISOR_HZ).await;
    let began = Instant::now();
    let leg = sam.listen(&talk.call).await.leg;
    sam.mode(&talk.call, &leg, Mode::Barge).await;
    let rows = [
        (&talk.caller, &[AGENT_HZ, SUPERVISOR_HZ][..]),
        (&talk.agent, &[CALLER_HZ, SUPERVISOR_HZ]),
    ];
    until_heard("barge", &TONES, &rows).await;

    // His page is there and his event stream too: only the media stop, without a goodbye.
    let (at_caller, at_sam) = (talk.caller.told.mark(), sam.told.mark());
    line.cut();
    let gone_at = Instant::now();
    talk.caller.told.until(at_caller, "leg.left").await;
    sam.told.until(at_sam, "supervision.ended").await;
    let left_after = gone_at.elapsed();
    assert!(left_after <= Duration::from_secs(5), "removed after {left_after:?}");
    let view = sam.api.call(&talk.call).await.unwrap();
    assert_eq!((view.own_leg, view.legs.len()), (None, 2));
    talk.goes_on("without him").await;
    for party in [&talk.caller, &talk.agent] {
        let last = party.ears.last(SUPERVISOR_HZ, began).expect("he was heard");
        let muted_after = last.saturating_duration_since(gone_at);
        assert!(muted_after <= Duration::from_secs(2), "heard for {muted_after:?}");
        let level =
            party.ears.loudest(SUPERVISOR_HZ, gone_at + Duration::from_secs(2), Instant::now());
        assert!(level < AUDIBLE_DBFS, "{level}");
    }
    // The call's own media are as before.
    let at_caller = talk.caller.told.mark();
    talk.agent.api.hang_up(&talk.call).await.unwrap();
    tokio::time::timeout(PATIENCE, talk.caller.told.until(at_caller, "call.ended")).await.unwrap();
}
