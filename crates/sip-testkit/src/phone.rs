//! A telephone of our own: SIP by datagrams, and a tone that it says all the time.

use std::net::SocketAddr;

use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::{PATIENCE, Sound};

/// A call of this telephone's that has been answered.
#[derive(Debug)]
pub struct Phone {
    sip: UdpSocket,
    server: SocketAddr,
    tag: String,
    /// What it says and hears.
    pub sound: Sound,
}

impl Phone {
    /// Calls a queue, and waits until somebody takes the call.
    pub async fn call(server: SocketAddr, queue: &str, hz: f32) -> Self {
        Self::calling(server, queue, hz, "").await
    }

    /// Takes the place of another one in its call (RFC 3891), as a PBX lets it that connects two calls.
    pub async fn in_place_of(other: &Self, hz: f32) -> Self {
        let (call_id, tag) = (other.call_id(), &other.tag);
        let replaces = format!("Replaces: {call_id};to-tag={tag};from-tag=phone\r\n");
        let more = format!("{replaces}Require: replaces\r\n");
        Self::calling(other.server, "support", hz, &more).await
    }

    async fn calling(server: SocketAddr, queue: &str, hz: f32, more: &str) -> Self {
        let sip = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut phone = Self { sip, server, tag: String::new(), sound: Sound::new().await };
        phone.send_with(("INVITE", 1), queue, (more, &phone.sound.sdp())).await;
        let answer = phone.answer("200 OK").await;
        let to = answer.lines().find(|line| line.starts_with("To: ")).expect("To");
        phone.tag = to.split(";tag=").nth(1).expect("a tag").to_owned();
        phone.send("ACK", 1, queue, "").await;
        phone.sound.speak(&answer, hz);
        phone
    }

    /// Hangs up, and waits until that is confirmed.
    pub async fn hang_up(self) {
        self.send("BYE", 2, "support", "").await;
        self.answer("200 OK").await;
    }

    /// Waits until the server hangs up, and confirms it.
    pub async fn hung_up(self) {
        let bye = self.message(|text| text.starts_with("BYE ")).await;
        let copied = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
        let copied: Vec<&str> =
            bye.lines().filter(|line| copied.iter().any(|it| line.starts_with(it))).collect();
        let copied = copied.join("\r\n");
        let answer = format!("SIP/2.0 200 OK\r\n{copied}\r\nContent-Length: 0\r\n\r\n");
        self.sip.send_to(answer.as_bytes(), self.server).await.unwrap();
    }

    fn call_id(&self) -> String {
        format!("{}@phone", self.sip.local_addr().unwrap().port())
    }

    async fn send(&self, method: &str, sequence: u32, queue: &str, sdp: &str) {
        self.send_with((method, sequence), queue, ("", sdp)).await;
    }

    async fn send_with(
        &self,
        (method, sequence): (&str, u32),
        queue: &str,
        (more, sdp): (&str, &str),
    ) {
        let own = self.sip.local_addr().unwrap();
        let server = self.server;
        let to = match self.tag.as_str() {
            "" => String::new(),
            tag => format!(";tag={tag}"),
        };
        let message = format!(
            "{method} sip:{queue}@{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{method}{sequence};rport\r\nMax-Forwards: 70\r\n\
             From: \"Phone\" <sip:500@{own}>;tag=phone\r\nTo: <sip:{queue}@{server}>{to}\r\n\
             Call-ID: {}\r\nCSeq: {sequence} {method}\r\nContact: <sip:500@{own}>\r\n{more}\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
            self.call_id(),
            sdp.len()
        );
        self.sip.send_to(message.as_bytes(), server).await.unwrap();
    }

    async fn answer(&self, status: &str) -> String {
        let start = format!("SIP/2.0 {status}");
        self.message(|text| {
            assert!(!text.starts_with("SIP/2.0 4") && !text.starts_with("SIP/2.0 5"), "{text}");
            text.starts_with(&start)
        })
        .await
    }

    async fn message(&self, is_it: impl Fn(&str) -> bool) -> String {
        let mut bytes = [0; 4_096];
        let wait = async {
            loop {
                let length = self.sip.recv(&mut bytes).await.unwrap();
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                if is_it(&text) {
                    return text;
                }
            }
        };
        timeout(PATIENCE, wait).await.expect("a message of the server's")
    }
}
