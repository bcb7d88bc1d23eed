//! More than a trunk may: what is remembered does not grow, and who is served stays served.

use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

use budget::Networks;
use sip_testkit::PATIENCE;
use telephony::TrunkConfig;

use crate::centre::Centre;

const FLOOD: usize = 5_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_invites_is_refused_and_options_are_still_answered() {
    let peers = Networks::parse(["127.0.0.1"]).unwrap();
    let trunk = TrunkConfig::new("pbx", peers);
    let centre = Centre::with(TrunkConfig { calls_max: 3, calls_per_second: 5, ..trunk }).await;
    let _agent = centre.agent("agent", 1_633.0).await;
    let address = centre.sip;
    let flood = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let own = flood.local_addr().unwrap();
    for number in 0..FLOOD {
        let invite = format!(
            "INVITE sip:support@{address} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{number};rport\r\n\
             From: <sip:a@b>;tag={number}\r\nTo: <sip:support@{address}>\r\nCall-ID: {number}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:a@{own}>\r\nContent-Length: 0\r\n\r\n"
        );
        flood.send_to(invite.as_bytes(), address).await.unwrap();
        if number % 100 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let own = other.local_addr().unwrap();
    let options = format!(
        "OPTIONS sip:{address} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKo;rport\r\n\
         From: <sip:a@b>;tag=o\r\nTo: <sip:{address}>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n\r\n"
    );
    other.send_to(options.as_bytes(), address).await.unwrap();
    let mut answer = [0; 2_048];
    let length = timeout(PATIENCE, other.recv(&mut answer)).await.expect("an answer").unwrap();
    assert!(answer[..length].starts_with(b"SIP/2.0 200 OK"));
    let calls = centre.orchestrator.guests_waiting("support");
    assert!((1..=3).contains(&calls), "{calls} calls were let in");
    centre.stop().await;
}
