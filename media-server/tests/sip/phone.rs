//! A telephone of our own: SIP by datagrams, G.711 µ-law, and a tone that it says all the time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use client::probe::sine;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::people::{PATIENCE, tones};

/// The packets that came, and when.
type Heard = Arc<Mutex<Vec<(Instant, Vec<u8>)>>>;

/// Samples of 20 ms at 8 kHz.
const FRAME_SAMPLES: usize = 160;
/// `client::probe` measures at 48 kHz: a tone at 8 kHz is six times as high there.
const RATE: f32 = 6.0;
/// 100 ms.
const PIECE_SAMPLES: usize = 800;
const PCMU: u8 = 0;
/// G.711 µ-law: the bias of ITU-T G.711, in 16 bits.
const BIAS: i32 = 0x84;

/// A call of this telephone's that has been answered.
pub struct Phone {
    sip: UdpSocket,
    server: SocketAddr,
    tag: String,
    heard: Heard,
    tasks: Vec<JoinHandle<()>>,
}

impl Phone {
    /// Calls a queue, and waits until somebody takes the call.
    pub async fn call(server: SocketAddr, queue: &str, hz: f32) -> Self {
        let sip = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let rtp = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let port = rtp.local_addr().unwrap().port();
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 0\r\na=sendrecv\r\n"
        );
        let mut phone =
            Self { sip, server, tag: String::new(), heard: Arc::default(), tasks: Vec::new() };
        phone.send("INVITE", 1, queue, &sdp).await;
        let answer = phone.answer("200 OK").await;
        let to = answer.lines().find(|line| line.starts_with("To: ")).expect("To");
        phone.tag = to.split(";tag=").nth(1).expect("a tag").to_owned();
        phone.send("ACK", 1, queue, "").await;
        let media = media_address(&answer);
        phone.tasks.push(tokio::spawn(speak(rtp.clone(), media, hz)));
        phone.tasks.push(tokio::spawn(listen(rtp, phone.heard.clone())));
        phone
    }

    /// Which of the tones are heard since then, in most of the time.
    pub fn tones(&self, of: &[f32], since: Instant) -> Vec<f32> {
        let heard = self.heard.lock().unwrap();
        let payloads = heard.iter().filter(|(at, _)| *at >= since);
        let signal: Vec<f32> =
            payloads.flat_map(|(_, payload)| payload.iter().map(|byte| decoded(*byte))).collect();
        tones(&signal, of, PIECE_SAMPLES, RATE)
    }

    /// The RTP headers (sequence, timestamp, SSRC) that came, in order.
    pub fn packets(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// Hangs up, and waits until that is confirmed.
    pub async fn hang_up(self) {
        self.send("BYE", 2, "support", "").await;
        self.answer("200 OK").await;
    }

    /// Waits until the server hangs up, and confirms it.
    pub async fn hung_up(self) {
        let bye = self.message(|text| text.starts_with("BYE ")).await;
        let copied: Vec<&str> = bye
            .lines()
            .filter(|line| {
                ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|it| line.starts_with(it))
            })
            .collect();
        let answer =
            format!("SIP/2.0 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n", copied.join("\r\n"));
        self.sip.send_to(answer.as_bytes(), self.server).await.unwrap();
    }

    async fn send(&self, method: &str, sequence: u32, queue: &str, sdp: &str) {
        let own = self.sip.local_addr().unwrap();
        let to = if self.tag.is_empty() { String::new() } else { format!(";tag={}", self.tag) };
        let message = format!(
            "{method} sip:{queue}@{} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{method}{sequence};rport\r\nMax-Forwards: 70\r\n\
             From: \"Phone\" <sip:500@{own}>;tag=phone\r\nTo: <sip:{queue}@{}>{to}\r\n\
             Call-ID: {}@phone\r\nCSeq: {sequence} {method}\r\nContact: <sip:500@{own}>\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
            self.server,
            self.server,
            own.port(),
            sdp.len()
        );
        self.sip.send_to(message.as_bytes(), self.server).await.unwrap();
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

impl Drop for Phone {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn media_address(answer: &str) -> SocketAddr {
    let line = |start: &str| answer.lines().find_map(|line| line.strip_prefix(start)).expect("SDP");
    let address = line("c=IN IP4 ").trim();
    let port = line("m=audio ").split(' ').next().expect("a port");
    format!("{address}:{port}").parse().expect("an address")
}

/// Says a tone, in packets of 20 ms.
async fn speak(rtp: Arc<UdpSocket>, to: SocketAddr, hz: f32) {
    let second: Vec<u8> =
        sine(hz * RATE, -20.0, 8_000).iter().map(|sample| encoded(*sample)).collect();
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for (number, frame) in second.chunks_exact(FRAME_SAMPLES).cycle().enumerate() {
        ticks.tick().await;
        let mut packet = vec![0x80, PCMU];
        packet.extend((number as u16).to_be_bytes());
        packet.extend(((number * FRAME_SAMPLES) as u32).to_be_bytes());
        packet.extend(0x5EED_u32.to_be_bytes());
        packet.extend(frame);
        // The server may have ended.
        let _ = rtp.send_to(&packet, to).await;
    }
}

async fn listen(rtp: Arc<UdpSocket>, heard: Heard) {
    let mut bytes = [0; 2_048];
    while let Ok(length) = rtp.recv(&mut bytes).await {
        assert_eq!(bytes[0], 0x80, "no CSRC, no extension");
        if bytes[1] & 0x7F == PCMU && length > 12 {
            heard.lock().unwrap().push((Instant::now(), bytes[12..length].to_vec()));
        }
    }
}

fn encoded(sample: f32) -> u8 {
    let value = (sample * 32_767.0) as i32;
    let sign = if value < 0 { 0x80 } else { 0 };
    let magnitude = value.abs().min(32_635) + BIAS;
    let exponent = (magnitude.ilog2() as i32 - 7).clamp(0, 7);
    let mantissa = (magnitude >> (exponent + 3)) & 0x0F;
    !(sign | (exponent << 4) | mantissa) as u8
}

fn decoded(byte: u8) -> f32 {
    let byte = i32::from(!byte);
    let magnitude = ((((byte & 0x0F) << 3) + BIAS) << ((byte >> 4) & 7)) - BIAS;
    let value = if byte & 0x80 == 0 { magnitude } else { -magnitude };
    value as f32 / 32_768.0
}

#[test]
fn g711_comes_back_as_it_went() {
    for step in -100..=100 {
        let sample = step as f32 / 101.0;
        assert!(
            (decoded(encoded(sample)) - sample).abs() < 0.04 * sample.abs() + 0.001,
            "{sample}"
        );
    }
}
