//! The messages of RFC 4475, sent to a server's sockets: each gets the right answer, and none of them stops it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use budget::Networks;
use sip::digest::Secret;
use sip_testkit::{PATIENCE, RFC_4475, Torture};
use telephony::{PhoneConfig, PhonesConfig, TrunkConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::centre::{Centre, Person};

/// An address of this machine's at which nothing else has SIP's ports: the messages ask for no `rport`, so that answers
/// go to the port in Via, or to the usual one.
const PEER: Ipv4Addr = Ipv4Addr::new(127, 0, 44, 75);
/// Ports that Vias of the messages name.
const PORTS: [u16; 2] = [5_060, 5_050];
/// The Call-ID of what is asked to see that the server is well.
const ALIVE: &str = "alive";
/// How long a stream on which nothing is to come is looked at.
const SILENCE: Duration = Duration::from_millis(200);

/// A server that lets the peer call anybody, and has a telephone; its agent, who takes nothing.
async fn centre() -> (Centre, Person) {
    let peers = Networks::parse(["127.0.44.75"]).unwrap();
    let trunk = TrunkConfig {
        default_queue: Some("support".to_owned()),
        calls_per_second: 100,
        ..TrunkConfig::new("torture", peers.clone())
    };
    let phone = PhoneConfig {
        extension: "500".to_owned(),
        username: "second".to_owned(),
        secret: Secret::new("correct-horse-battery"),
        ready: true,
    };
    let phones = PhonesConfig::new(peers, vec![phone]);
    let centre = Centre::with_all(trunk, Vec::new(), Some(phones)).await;
    let agent = centre.agent("agent", 400.0).await;
    (centre, agent)
}

fn alive(transport: &str) -> Vec<u8> {
    let branch = format!("{:016x}", rand::random::<u64>());
    format!(
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} {PEER};branch=z9hG4bK{branch};rport\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: {ALIVE}\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// The status of an answer, unless it is the provisional 100; `None`: it is that, or the one to [`alive`].
fn status(answer: &str) -> Option<u16> {
    let status = answer.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no answer: {answer}"));
    (status != 100 && !is_alive(answer)).then_some(status)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_alive(answer: &str) -> bool {
    answer.contains(&format!("Call-ID: {ALIVE}\r\n"))
}

/// The peer, by datagrams.
struct Sockets {
    usual: UdpSocket,
    other: UdpSocket,
}

impl Sockets {
    async fn next(&self, to: &Torture) -> String {
        let (mut one, mut two) = ([0; 8_192], [0; 8_192]);
        let read = async {
            tokio::select! {
                length = self.usual.recv(&mut one) => text(&one[..length.unwrap()]),
                length = self.other.recv(&mut two) => text(&two[..length.unwrap()]),
            }
        };
        timeout(PATIENCE, read).await.unwrap_or_else(|_| panic!("no answer to {}", to.name))
    }

    /// What is answered to a message: all of it, since the server answers OPTIONS that come behind it.
    async fn answered(&self, server: SocketAddr, message: &Torture) -> Vec<u16> {
        self.usual.send_to(message.bytes, server).await.unwrap();
        self.usual.send_to(&alive("UDP"), server).await.unwrap();
        let (mut found, mut is_well) = (Vec::new(), false);
        while !is_well || found.len() < message.by_datagram.len() {
            let answer = self.next(message).await;
            is_well |= is_alive(&answer);
            found.extend(status(&answer));
        }
        found
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_of_rfc_4475_is_answered_rightly_by_datagram() {
    let (centre, _agent) = centre().await;
    let [usual, other] = PORTS.map(|port| UdpSocket::bind((PEER, port)));
    let sockets = Sockets { usual: usual.await.unwrap(), other: other.await.unwrap() };
    for message in RFC_4475 {
        let answered = sockets.answered(centre.sip, message).await;
        assert_eq!(answered, message.by_datagram, "{}", message.name);
    }
    centre.stop().await;
}

/// The next message of a stream's; `None`: it ends, or nothing comes.
async fn read(stream: &mut TcpStream, patience: Duration) -> Option<String> {
    let mut bytes = Vec::new();
    let read = async {
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(stream.read_u8().await.ok()?);
        }
        Some(())
    };
    timeout(patience, read).await.ok()??;
    // None of the answers that are waited for has a body.
    Some(text(&bytes))
}

async fn answered_on_a_stream(server: SocketAddr, message: &Torture) -> Vec<u16> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((PEER, 0).into()).unwrap();
    let mut stream = socket.connect(server).await.unwrap();
    stream.write_all(message.bytes).await.unwrap();
    if message.is_unfinished() {
        let answer = read(&mut stream, SILENCE).await;
        return answer.iter().filter_map(|it| status(it)).collect();
    }
    // It may be closed by now: what was answered last is read all the same.
    drop(stream.write_all(&alive("TCP")).await);
    let (mut found, mut is_well) = (Vec::new(), false);
    while !is_well || found.len() < message.by_stream.len() {
        let Some(answer) = read(&mut stream, PATIENCE).await else { break };
        is_well |= is_alive(&answer);
        found.extend(status(&answer));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_of_rfc_4475_is_answered_rightly_on_a_stream() {
    let (centre, _agent) = centre().await;
    for message in RFC_4475 {
        let answered = answered_on_a_stream(centre.sip, message).await;
        assert_eq!(answered, message.by_stream, "{}", message.name);
    }
    centre.stop().await;
}
