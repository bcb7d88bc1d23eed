//! A caller on a telephone: SIP by datagrams (RFC 3261) and G.711 A-law, to show what a trunk's calls sound like.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use client::clip::Pacer;
use codec::band::{Band, BandDecoder};
use codec::{CodecError, g711};
use rand::RngExt;
use rand::rngs::StdRng;
use sip::message::{Headers, Message, Method, Reply, Request, Response, parse, write};
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use super::Shared;
use crate::caller;
use crate::replay::{Outcome, Plan, Side};

/// Whoever has heard no agent by then hangs up.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long the server may take to say that it has a request.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// The first pause before a request is sent again (RFC 3261 §17.1.1.2: T1).
const SEND_AGAIN: Duration = Duration::from_millis(500);
/// How long the agent may take to hang up when the recording is over.
const AGENT_HANGS_UP_WITHIN: Duration = Duration::from_secs(6);
/// Samples of 20 ms at 8 kHz.
const FRAME_SAMPLES: usize = 160;
/// G.711 A-law (RFC 3551 §6).
const PCMA: u8 = 8;
/// A request's number within the call.
const INVITE: u32 = 1;
const BYE: u32 = 2;

/// Why a telephone's call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum TelephoneError {
    /// No socket, or nothing could be sent.
    #[error("the telephone's sockets: {0}")]
    Socket(#[from] std::io::Error),
    /// The call was refused.
    #[error("the call was refused: {0}")]
    Refused(u16),
    /// The server does not answer.
    #[error("no answer by SIP")]
    Silent,
    /// What it answers can't be worked with.
    #[error("an answer without {0}")]
    Unfit(&'static str),
    /// A recording that can't be decoded.
    #[error("the recording: {0}")]
    Codec(#[from] CodecError),
}

/// A telephone with one call.
struct Telephone {
    sip: UdpSocket,
    rtp: UdpSocket,
    own: SocketAddr,
    server: SocketAddr,
    queue: String,
    from: String,
    call_id: String,
    /// To, with the server's tag once it has one.
    to: String,
}

/// One call, from the INVITE to the end.
pub(super) async fn one_call(
    shared: &Arc<Shared>,
    (server, pair, round): (SocketAddr, usize, usize),
    rng: &mut StdRng,
) -> Result<(), TelephoneError> {
    let plan = Arc::new(caller::plan(shared, pair, round, rng));
    let name = shared.names.take(&plan.script.caller_name, rng);
    let number = format!("+493055{:06}", rng.random_range(0..1_000_000));
    let mut telephone = Telephone::new(server, &plan.queue, (name.as_str(), &number)).await?;
    // The agent knows the call by this number.
    shared.plans.put(&number, plan.clone());
    let outcome = tokio::select! {
        () = shared.closing.cancelled() => Ok(Outcome::Finished),
        outcome = telephone.converse(&plan) => outcome,
    };
    shared.plans.remove(&number);
    if matches!(outcome, Ok(Outcome::Finished)) {
        telephone.end().await?;
    }
    outcome.map(drop)
}

impl Telephone {
    async fn new(
        server: SocketAddr,
        queue: &str,
        (name, number): (&str, &str),
    ) -> Result<Self, TelephoneError> {
        let any = SocketAddr::new(server.ip(), 0);
        let (sip, rtp) = (UdpSocket::bind(any).await?, UdpSocket::bind(any).await?);
        sip.connect(server).await?;
        let own = sip.local_addr()?;
        let random: u64 = rand::random();
        // Names of the demo's have no quotes.
        let from = format!("\"{name}\" <sip:{number}@{own}>;tag={random:x}");
        let (to, call_id) =
            (format!("<sip:{queue}@{server}>"), format!("{random:016x}@{}", own.ip()));
        Ok(Self { sip, rtp, own, server, queue: queue.to_owned(), from, call_id, to })
    }

    async fn converse(&mut self, plan: &Plan) -> Result<Outcome, TelephoneError> {
        let answer = self.invite().await?;
        self.send(&Method::Ack, INVITE, "").await?;
        let sdp = answer.session_description().ok().flatten();
        let media = sdp.as_deref().and_then(media_address).ok_or(TelephoneError::Unfit("media"))?;
        let outcome = self.say(plan, media).await?;
        if outcome == Outcome::Finished && !plan.caller_hangs_up {
            let hung_up = timeout(AGENT_HANGS_UP_WITHIN, self.hung_up()).await;
            return hung_up.unwrap_or(Ok(())).map(|()| Outcome::Ended);
        }
        Ok(outcome)
    }

    /// Calls; the answer of whoever takes the call.
    async fn invite(&mut self) -> Result<Response, TelephoneError> {
        let port = self.rtp.local_addr()?.port();
        let ip = self.own.ip();
        let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
        let sdp = format!(
            "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP {PCMA}\r\na=ptime:20\r\na=sendrecv\r\n"
        );
        let mut pause = SEND_AGAIN;
        let first = timeout(ANSWER_WITHIN, async {
            loop {
                self.send(&Method::Invite, INVITE, &sdp).await?;
                if let Ok(answer) = timeout(pause, self.answer()).await {
                    return answer;
                }
                pause *= 2;
            }
        });
        let mut answer = first.await.map_err(|_| TelephoneError::Silent)??;
        while answer.status < 200 {
            let next = timeout(PATIENCE, self.answer()).await;
            answer = next.map_err(|_| TelephoneError::Silent)??;
        }
        self.to = answer.core.to.as_str().to_owned();
        if answer.status < 300 {
            return Ok(answer);
        }
        self.send(&Method::Ack, INVITE, "").await?;
        Err(TelephoneError::Refused(answer.status))
    }

    /// Says the caller's side, until it is through or the other end hangs up.
    async fn say(&self, plan: &Plan, media: SocketAddr) -> Result<Outcome, TelephoneError> {
        let mut decoder = BandDecoder::new(Band::Narrow)?;
        let mut pacer = Pacer::from(plan.first_word());
        let hung_up = self.hung_up();
        tokio::pin!(hung_up);
        let (mut samples, mut sound) = ([0; FRAME_SAMPLES], [0; FRAME_SAMPLES]);
        for (number, frame) in plan.rest_of(Side::Caller).iter().enumerate() {
            tokio::select! {
                () = pacer.tick() => {}
                ended = &mut hung_up => return ended.map(|()| Outcome::Ended),
            }
            decoder.decode_into(&frame.payload, &mut samples)?;
            g711::encode_alaw_into(&samples, &mut sound);
            self.rtp.send_to(&packet(number, &sound), media).await?;
        }
        Ok(Outcome::Finished)
    }

    /// Waits until the other end hangs up, and confirms it.
    async fn hung_up(&self) -> Result<(), TelephoneError> {
        loop {
            if let Message::Request(request) = self.message().await? {
                self.confirm(&request).await?;
                if request.method == Method::Bye {
                    return Ok(());
                }
            }
        }
    }

    async fn confirm(&self, request: &Request) -> Result<(), TelephoneError> {
        let status = match &request.method {
            Method::Bye | Method::Options => 200,
            Method::Ack => return Ok(()),
            _other => 501,
        };
        let reply = Reply::to(request, self.server, status).to_bytes();
        self.sip.send(&reply).await?;
        Ok(())
    }

    /// Takes the call back, or hangs up.
    async fn end(&self) -> Result<(), TelephoneError> {
        let is_answered = self.to.contains(";tag=");
        let (method, number) =
            if is_answered { (Method::Bye, BYE) } else { (Method::Cancel, INVITE) };
        self.send(&method, number, "").await?;
        let answer = timeout(ANSWER_WITHIN, self.answer()).await;
        if !is_answered && let Ok(Ok(_)) = answer {
            // The INVITE's own answer: 487 is confirmed, too.
            sleep(Duration::from_millis(50)).await;
            self.send(&Method::Ack, INVITE, "").await?;
        }
        Ok(())
    }

    /// The next answer of the server's.
    async fn answer(&self) -> Result<Response, TelephoneError> {
        loop {
            if let Message::Response(response) = self.message().await? {
                return Ok(response);
            }
        }
    }

    async fn message(&self) -> Result<Message, TelephoneError> {
        let mut bytes = vec![0; sip::message::MESSAGE_BYTES_MAX];
        loop {
            let length = self.sip.recv(&mut bytes).await?;
            if let Ok(message) = parse(&bytes[..length]) {
                return Ok(message);
            }
        }
    }

    async fn send(&self, method: &Method, number: u32, sdp: &str) -> Result<(), TelephoneError> {
        let Self { own, server, queue, from, to, call_id, .. } = self;
        let mut headers = Headers::default();
        // One branch for an INVITE and whatever belongs to it, and another for BYE.
        headers
            .push("Via", format!("SIP/2.0/UDP {own};branch=z9hG4bK{}{number};rport", own.port()));
        headers.push("Max-Forwards", "70");
        headers.push("From", from.clone());
        headers.push("To", to.clone());
        headers.push("Call-ID", call_id.clone());
        headers.push("CSeq", format!("{number} {method}"));
        headers.push("Contact", format!("<sip:caller@{own}>"));
        if !sdp.is_empty() {
            headers.push("Content-Type", "application/sdp");
        }
        let start = format!("{method} sip:{queue}@{server} SIP/2.0");
        self.sip.send(&write(&start, &headers, sdp)).await?;
        Ok(())
    }
}

/// Where a session wants its audio.
fn media_address(sdp: &str) -> Option<SocketAddr> {
    let line = |start: &str| sdp.lines().find_map(|line| line.strip_prefix(start));
    let address = line("c=IN IP4 ").or_else(|| line("c=IN IP6 "))?;
    let port = line("m=audio ")?.split(' ').next()?;
    Some(SocketAddr::new(address.trim().parse().ok()?, port.parse().ok()?))
}

/// RTP (RFC 3550 §5.1): the marker bit begins the talk.
fn packet(number: usize, sound: &[u8]) -> Vec<u8> {
    let marker = if number == 0 { 0x80 } else { 0 };
    let mut packet = vec![0x80, marker | PCMA];
    packet.extend((number as u16).to_be_bytes());
    packet.extend(((number * FRAME_SAMPLES) as u32).to_be_bytes());
    packet.extend(0x534F_5454_u32.to_be_bytes());
    packet.extend(sound);
    packet
}
