//! Whether a peer answers: one OPTIONS, and what its answer, or its silence, means.

use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sip::message::{Headers, Message, parse, write};
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// The usual port of SIP (RFC 3261 §19.1.2).
pub const SIP_PORT: u16 = 5060;
/// How often it is asked: datagrams get lost.
const ATTEMPTS: u32 = 3;
/// How long each time.
const PATIENCE: Duration = Duration::from_secs(1);

/// What came of asking a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is there and talks to us.
    Answers(Duration),
    /// It is there and does not know us (401, 403, 407): its configuration lacks this machine.
    Unwelcome(u16),
    /// It is there, and not well.
    Unwell(u16),
    /// The machine is there; at that port nobody listens.
    NobodyListens,
    /// Nothing came.
    Silent,
    /// It can't be sent to from here.
    Unreachable(ErrorKind),
}

impl Answer {
    /// Whether calls can be expected to work.
    pub fn is_well(self) -> bool {
        match self {
            Self::Answers(_) => true,
            Self::Unwelcome(_)
            | Self::Unwell(_)
            | Self::NobodyListens
            | Self::Silent
            | Self::Unreachable(_) => false,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers(after) => write!(f, "answers within {} ms", after.as_millis().max(1)),
            Self::Unwelcome(status) => {
                write!(f, "is there and refuses us ({status}): let it trust this machine's address")
            }
            Self::Unwell(status) => {
                write!(f, "is there and answers {status}: look at its own log")
            }
            Self::NobodyListens => write!(
                f,
                "the machine is there, and nobody listens at this port: is SIP by UDP switched on, and at which port?"
            ),
            Self::Silent => write!(
                f,
                "no answer: is the address right, does a firewall let UDP through both ways, and does it answer \
                 this machine's address?"
            ),
            Self::Unreachable(kind) => write!(f, "can't be sent to from here ({kind})"),
        }
    }
}

/// Asks a peer by datagrams whether it is there.
pub async fn ask(peer: SocketAddr) -> Answer {
    match options(peer).await {
        Ok(answer) => answer,
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Answer::NobodyListens,
        Err(error) => Answer::Unreachable(error.kind()),
    }
}

async fn options(peer: SocketAddr) -> std::io::Result<Answer> {
    let any: SocketAddr = match peer {
        SocketAddr::V4(_) => (std::net::Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(peer).await?;
    let own = socket.local_addr()?;
    let name = format!("{:016x}", rand::random::<u64>());
    let request = request(peer, own, &name);
    let mut bytes = vec![0; sip::message::MESSAGE_BYTES_MAX];
    for _ in 0..ATTEMPTS {
        let asked = Instant::now();
        socket.send(&request).await?;
        let status = timeout(PATIENCE, async {
            loop {
                let length = socket.recv(&mut bytes).await?;
                if let Ok(Message::Response(response)) = parse(&bytes[..length])
                    && response.core.call_id == name
                    && response.status >= 200
                {
                    return std::io::Result::Ok(response.status);
                }
            }
        });
        match status.await {
            Ok(status) => return Ok(meaning(status?, asked.elapsed())),
            Err(_) => continue,
        }
    }
    Ok(Answer::Silent)
}

fn meaning(status: u16, after: Duration) -> Answer {
    match status {
        401 | 403 | 407 => Answer::Unwelcome(status),
        // Whatever it says to OPTIONS, it understood them: 404 and 405 are usual.
        200..500 => Answer::Answers(after),
        _failure => Answer::Unwell(status),
    }
}

fn request(peer: SocketAddr, own: SocketAddr, name: &str) -> Vec<u8> {
    let mut headers = Headers::default();
    headers.push("Via", format!("SIP/2.0/UDP {own};branch=z9hG4bK{name};rport"));
    headers.push("Max-Forwards", "70");
    headers.push("From", format!("<sip:check@{own}>;tag={name}"));
    headers.push("To", format!("<sip:{peer}>"));
    headers.push("Call-ID", name);
    headers.push("CSeq", "1 OPTIONS");
    headers.push("Contact", format!("<sip:check@{own}>"));
    headers.push("Accept", "application/sdp");
    write(&format!("OPTIONS sip:{peer} SIP/2.0"), &headers, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A peer that answers each request with this status.
    async fn peer(status: &'static str) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut bytes = [0; 4_096];
            while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                let (_, headers) = text.split_once("\r\n").unwrap();
                let answer = format!("SIP/2.0 {status}\r\n{headers}");
                socket.send_to(answer.as_bytes(), from).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn what_a_peer_says_and_what_it_means() {
        assert!(matches!(ask(peer("200 OK").await).await, Answer::Answers(_)));
        assert!(ask(peer("405 Method Not Allowed").await).await.is_well());
        assert_eq!(ask(peer("403 Forbidden").await).await, Answer::Unwelcome(403));
        assert_eq!(ask(peer("503 Service Unavailable").await).await, Answer::Unwell(503));
        let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert_eq!(ask(closed).await, Answer::NobodyListens);
        let mute = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        assert_eq!(ask(mute.local_addr().unwrap()).await, Answer::Silent);
    }
}
