//! Bytes that no phone sends, and peers that speak half of the protocol.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use budget::Networks;
use sip_testkit::PATIENCE;
use telephony::TrunkConfig;

use crate::centre::Centre;

fn options(from: SocketAddr, transport: &str, number: usize) -> String {
    format!(
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} {from};branch=z9hG4bK{number};rport\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: {number}\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

async fn socket(server: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(server).await.unwrap();
    socket
}

/// The server answers OPTIONS on this socket.
async fn assert_answers(socket: &UdpSocket, number: usize) {
    let message = options(socket.local_addr().unwrap(), "UDP", number);
    socket.send(message.as_bytes()).await.unwrap();
    let mut answer = [0; 2_048];
    let length = timeout(PATIENCE, socket.recv(&mut answer)).await.expect("an answer").unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(
        answer.starts_with("SIP/2.0 200 OK") && answer.contains(&format!("Call-ID: {number}\r\n")),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_and_half_messages_are_not_answered_and_harm_nobody() {
    let centre = Centre::start().await;
    let socket = socket(centre.sip).await;
    let half = options(socket.local_addr().unwrap(), "UDP", 1);
    let noise: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\r\n\r\n".to_vec(),
        vec![0; 3_000],
        vec![0xFF; 60_000],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"INVITE".to_vec(),
        half.as_bytes()[..half.len() / 2].to_vec(),
    ];
    for bytes in noise {
        socket.send(&bytes).await.unwrap();
    }
    // The first answer is the one to the only whole message.
    assert_answers(&socket, 2).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_reads_nothing_is_let_go_and_stops_nobody() {
    let centre = Centre::start().await;
    let address = centre.sip;
    let mut deaf = TcpStream::connect(address).await.unwrap();
    let own = deaf.local_addr().unwrap();
    let flood: String = (0..200).map(|number| options(own, "TCP", number)).collect();
    let written = timeout(PATIENCE, async {
        // It ends with an error: the server has closed the stream.
        while deaf.write_all(flood.as_bytes()).await.is_ok() {}
    });
    let other = socket(address).await;
    let (written, ()) = tokio::join!(written, async {
        for number in 0..20 {
            assert_answers(&other, number).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    written.expect("a peer that reads nothing is let go");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_no_answer_and_no_stream() {
    let peers = Networks::parse(["192.0.2.1"]).unwrap();
    let centre = Centre::with(TrunkConfig::new("pbx", peers)).await;
    let address = centre.sip;
    let socket = socket(address).await;
    let message = options(socket.local_addr().unwrap(), "UDP", 1);
    socket.send(message.as_bytes()).await.unwrap();
    let silence = timeout(Duration::from_millis(500), socket.recv(&mut [0; 2_048])).await;
    assert!(silence.is_err(), "an answer to a stranger");
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A reset is an end, too.
    let read = timeout(PATIENCE, stream.read(&mut [0; 1])).await.expect("it is closed at once");
    assert!(matches!(read, Ok(0) | Err(_)));
    centre.stop().await;
}
