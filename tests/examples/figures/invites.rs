//! A peer that calls 5,000 times a second: what the running calls notice of it, and the server's memory.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::server::Server;

/// INVITEs a second.
const INVITES_PER_S: f64 = 5_000.0;
/// How long the calls are watched meanwhile.
pub const MEASURING: Duration = Duration::from_secs(30);
/// The one peer's address: not that of the calls' people.
const PEER: &str = "127.0.0.2:0";
/// How often the server's memory is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// What the peer sent, and how it was answered.
#[derive(Default)]
struct Sent {
    invites: u64,
    let_in: u64,
    refused: u64,
    otherwise: u64,
}

/// Floods until then; what was sent, as text.
pub fn flood(sip: &str, until: Instant) -> anyhow::Result<String> {
    let to: SocketAddr = sip.parse()?;
    let socket = UdpSocket::bind(PEER)?;
    socket.connect(to)?;
    socket.set_nonblocking(true)?;
    let own = socket.local_addr()?;
    let (begun, mut sent) = (Instant::now(), Sent::default());
    let mut bytes = [0; 4_096];
    while Instant::now() < until {
        let due = (begun.elapsed().as_secs_f64() * INVITES_PER_S) as u64;
        while sent.invites < due {
            // A full buffer loses the datagram: the flood goes on.
            let _ = socket.send(invite(own, to, sent.invites).as_bytes());
            sent.invites += 1;
        }
        while let Ok(length) = socket.recv(&mut bytes) {
            match bytes[..length].get(8..11) {
                Some(b"100") => {}
                Some(b"180") => sent.let_in += 1,
                Some(b"503") => sent.refused += 1,
                _ => sent.otherwise += 1,
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let per_s = sent.invites as f64 / begun.elapsed().as_secs_f64();
    let Sent { let_in, refused, otherwise, .. } = sent;
    Ok(format!(
        "{per_s:.0} INVITEs a second; {let_in} answers 180, {refused} answers 503, {otherwise} others"
    ))
}

/// The server's memory in the time of a flood, as text: at its beginning and at each look after it, MiB.
pub async fn memory(server: &Server) -> anyhow::Result<String> {
    let mut looks = Vec::new();
    let ends = Instant::now() + MEASURING;
    loop {
        looks.push(format!("{:.1}", server.resident_kib()? / 1_024.0));
        if Instant::now() >= ends {
            return Ok(format!("{} MiB", looks.join(", ")));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A call of its own each time.
fn invite(own: SocketAddr, to: SocketAddr, number: u64) -> String {
    let (ip, port) = (own.ip(), own.port());
    let sdp = format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"
    );
    format!(
        "INVITE sip:support@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{port}x{number};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:{number}@{own}>;tag={number}\r\nTo: <sip:support@{to}>\r\n\
         Call-ID: {number}@{own}\r\nCSeq: 1 INVITE\r\nContact: <sip:{number}@{own}>\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    )
}
