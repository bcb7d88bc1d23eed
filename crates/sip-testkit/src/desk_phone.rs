//! A telephone on an agent's desk: it registers, rings, and is answered, declined or hung up.

use std::net::SocketAddr;

use sip::digest::{Challenge, Secret};
use sip::message::{Message, Method, Request, Response, parse};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::called::{BYE_SEQUENCE, bye, reply, within};
use crate::{PATIENCE, Sound};

/// For how long it registers, s.
const EXPIRES_S: u32 = 60;

/// A telephone, by datagrams.
#[derive(Debug)]
pub struct DeskPhone {
    sip: UdpSocket,
    server: SocketAddr,
    extension: String,
    secret: Secret,
    sequence: u32,
    challenge: Option<Challenge>,
    count: u32,
    /// What it says and hears.
    pub sound: Sound,
}

/// A call that rings there, or is answered.
#[derive(Clone, Debug)]
pub struct Rings {
    /// The INVITE.
    pub invite: Request,
}

impl DeskPhone {
    /// Registers, and panics unless that is taken.
    pub async fn registered(server: SocketAddr, extension: &str, secret: &str) -> Self {
        let mut phone = Self::new(server, extension, secret).await;
        assert_eq!(phone.register(EXPIRES_S).await, 200);
        phone
    }

    /// One that has not registered yet.
    pub async fn new(server: SocketAddr, extension: &str, secret: &str) -> Self {
        Self {
            sip: UdpSocket::bind("127.0.0.1:0").await.expect("a socket"),
            server,
            extension: extension.to_owned(),
            secret: Secret::new(secret),
            sequence: 0,
            challenge: None,
            count: 0,
            sound: Sound::new().await,
        }
    }

    /// Registers for so long, s; 0: no longer. The status of the last answer.
    pub async fn register(&mut self, expires_s: u32) -> u16 {
        let answer = self.send_register(expires_s).await;
        if answer.status != 401 {
            return answer.status;
        }
        self.challenge = Challenge::first(&answer.headers, "WWW-Authenticate");
        self.count = 0;
        self.send_register(expires_s).await.status
    }

    /// Not there any more.
    pub async fn leaves(mut self) {
        assert_eq!(self.register(0).await, 200);
    }

    /// Waits for a call, and rings.
    pub async fn rings(&self) -> Rings {
        let invite = self.request(&Method::Invite).await;
        let rings = Rings { invite };
        self.reply(&rings.invite, "180 Ringing", "").await;
        rings
    }

    /// Takes it, and says a tone from then on.
    pub async fn answers(&self, rings: &Rings, hz: f32) {
        let offer = std::str::from_utf8(&rings.invite.body).expect("an offer");
        self.reply(&rings.invite, "200 OK", &self.sound.sdp()).await;
        self.request(&Method::Ack).await;
        self.sound.speak(offer, hz);
    }

    /// Takes no notice of it but this.
    pub async fn declines(&self, rings: &Rings, status: &str) {
        self.reply(&rings.invite, status, "").await;
        self.request(&Method::Ack).await;
    }

    /// Waits until it is taken back.
    pub async fn cancelled(&self, rings: &Rings) {
        let cancel = self.request(&Method::Cancel).await;
        assert_eq!(cancel.core.via.branch(), rings.invite.core.via.branch());
        self.reply(&cancel, "200 OK", "").await;
        self.reply(&rings.invite, "487 Request Terminated", "").await;
        self.request(&Method::Ack).await;
    }

    /// Waits until the other end hangs up.
    pub async fn hung_up(&self) {
        let bye = self.request(&Method::Bye).await;
        self.reply(&bye, "200 OK", "").await;
    }

    /// Hangs up.
    pub async fn hangs_up(&self, rings: &Rings) {
        self.send(&bye(&rings.invite, self.own(), self.server)).await;
        self.response(BYE_SEQUENCE, &Method::Bye).await;
    }

    /// Has its call transferred to whoever this is at the server; what the server says to that.
    pub async fn refers(&self, rings: &Rings, sequence: u32, to: &str) -> u16 {
        let more = format!("Refer-To: <sip:{to}@{}>\r\n", self.server);
        let ends = (self.own(), self.server);
        self.send(&within(&rings.invite, ends, ("REFER", sequence), &more)).await;
        self.response(sequence, &Method::Refer).await.status
    }

    /// Waits until it is told how far that is: as a status line, and whether it is the last.
    pub async fn told(&self) -> (String, bool) {
        let notify = self.request(&Method::Notify).await;
        self.reply(&notify, "200 OK", "").await;
        let state = notify.headers.get("Subscription-State").unwrap_or_default();
        let said = String::from_utf8_lossy(&notify.body).trim_end().to_owned();
        (said, state.starts_with("terminated"))
    }

    /// Whether an INVITE comes within this time.
    pub async fn is_quiet(&self, time: std::time::Duration) -> bool {
        timeout(time, self.request(&Method::Invite)).await.is_err()
    }

    async fn send_register(&mut self, expires_s: u32) -> Response {
        self.sequence += 1;
        let (own, extension, sequence) = (self.own(), &self.extension, self.sequence);
        let uri = format!("sip:{}", self.server);
        let credentials = self.challenge.as_ref().map(|challenge| {
            self.count += 1;
            let who = (extension.as_str(), &self.secret);
            challenge.answer(who, (&Method::Register, &uri), (self.count, "cnonce"))
        });
        let credentials = credentials.map(|it| format!("Authorization: {it}\r\n"));
        let port = own.port();
        let register = format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKreg{port}x{sequence};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{extension}@{own}>;tag=reg\r\nTo: <sip:{extension}@{own}>\r\n\
             Call-ID: reg{port}\r\nCSeq: {sequence} REGISTER\r\n\
             Contact: <sip:{extension}@{own}>;expires={expires_s}\r\n{}Content-Length: 0\r\n\r\n",
            credentials.unwrap_or_default(),
        );
        self.send(&register).await;
        self.response(sequence, &Method::Register).await
    }

    fn own(&self) -> SocketAddr {
        self.sip.local_addr().expect("an address")
    }

    async fn reply(&self, request: &Request, status: &str, sdp: &str) {
        let reply = reply(request, (self.own(), &self.extension), (status, ""), sdp);
        self.send(&reply).await;
    }

    async fn send(&self, message: &str) {
        self.sip.send_to(message.as_bytes(), self.server).await.expect("it is sent");
    }

    async fn request(&self, method: &Method) -> Request {
        self.message(|message| match message {
            Message::Request(request) if request.method == *method => Some(request),
            Message::Request(_) | Message::Response(_) => None,
        })
        .await
    }

    async fn response(&self, sequence: u32, method: &Method) -> Response {
        self.message(|message| match message {
            Message::Response(it) if it.core.sequence == sequence && it.core.method == *method => {
                Some(it)
            }
            Message::Request(_) | Message::Response(_) => None,
        })
        .await
    }

    async fn message<T>(&self, wanted: impl Fn(Message) -> Option<T>) -> T {
        let mut bytes = [0; 4_096];
        let wait = async {
            loop {
                let length = self.sip.recv(&mut bytes).await.expect("a message");
                let message = parse(&bytes[..length]).expect("a message that can be read");
                if let Some(it) = wanted(message) {
                    return it;
                }
            }
        };
        timeout(PATIENCE, wait).await.expect("a message of the server's")
    }
}
