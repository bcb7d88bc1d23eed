//! A UDP relay between a client and the server that notes when each RTP packet passes. RTP headers
//! are not encrypted.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::Context;

const DATAGRAM_BYTES_MAX: usize = 2_048;
const OPUS_PAYLOAD_TYPE: u8 = 111;

/// A packet that passed.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub at: Instant,
    pub sequence: u16,
    pub timestamp: u32,
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// A relay; its threads run as long as the program.
pub struct Tap {
    sent: Log,
    received: Log,
}

impl Tap {
    /// A tap before the media port that an SDP answer names, and the answer that leads to it.
    pub fn into_answer(answer: &str) -> anyhow::Result<(Self, String)> {
        let candidate = answer.lines().find(|line| line.starts_with("a=candidate:"));
        let candidate = candidate.context("no candidate")?;
        let parts: Vec<&str> = candidate.split(' ').collect();
        let server: SocketAddr = format!("{}:{}", parts[4], parts[5]).parse()?;
        let near = UdpSocket::bind("127.0.0.1:0")?;
        let far = UdpSocket::bind("127.0.0.1:0")?;
        far.connect(server)?;
        let port = near.local_addr()?.port();
        let led = candidate.replace(&format!(" {} ", server.port()), &format!(" {port} "));
        let tap = Self { sent: Log::default(), received: Log::default() };
        tap.relay(near, far)?;
        Ok((tap, answer.replace(candidate, &led)))
    }

    /// What went to the server so far; the time is right before it.
    pub fn sent(&self) -> Vec<Seen> {
        self.sent.lock().expect("nobody panics with it").clone()
    }

    /// What came from the server so far; the time is right after it.
    pub fn received(&self) -> Vec<Seen> {
        self.received.lock().expect("nobody panics with it").clone()
    }

    fn relay(&self, near: UdpSocket, far: UdpSocket) -> anyhow::Result<()> {
        let client = Arc::new(Mutex::new(None));
        let (near_too, far_too, client_too) = (near.try_clone()?, far.try_clone()?, client.clone());
        let log = self.sent.clone();
        std::thread::spawn(move || {
            let mut datagram = [0; DATAGRAM_BYTES_MAX];
            while let Ok((length, from)) = near.recv_from(&mut datagram) {
                *client.lock().expect("nobody panics with it") = Some(from);
                note(&log, Instant::now(), &datagram[..length]);
                // What the server does not take is lost, as on any network.
                let _ = far.send(&datagram[..length]);
            }
        });
        let log = self.received.clone();
        std::thread::spawn(move || {
            let mut datagram = [0; DATAGRAM_BYTES_MAX];
            while let Ok(length) = far_too.recv(&mut datagram) {
                note(&log, Instant::now(), &datagram[..length]);
                if let Some(client) = *client_too.lock().expect("nobody panics with it") {
                    let _ = near_too.send_to(&datagram[..length], client);
                }
            }
        });
        Ok(())
    }
}

fn note(log: &Log, at: Instant, datagram: &[u8]) {
    if let [128..=191, kind, s0, s1, t0, t1, t2, t3, ..] = datagram
        && kind & 0x7f == OPUS_PAYLOAD_TYPE
    {
        let sequence = u16::from_be_bytes([*s0, *s1]);
        let timestamp = u32::from_be_bytes([*t0, *t1, *t2, *t3]);
        log.lock().expect("nobody panics with it").push(Seen { at, sequence, timestamp });
    }
}
