//! One end of a conversation on the wire: RTP with G.711 µ-law, a tone that is said, and what is heard.

use std::f32::consts::TAU;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use codec::g711;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// The packets that came, and when.
type Heard = Arc<Mutex<Vec<(Instant, Vec<u8>)>>>;

const RATE_HZ: f32 = 8_000.0;
/// Samples of 20 ms.
const FRAME_SAMPLES: usize = 160;
/// Tones are looked for in pieces of 100 ms.
const PIECE_SAMPLES: usize = 800;
const PCMU: u8 = 0;
/// Key presses (RFC 4733).
const KEYS: u8 = 101;
/// Packets of one key press; the last three say that it ends.
const KEY_PACKETS: usize = 8;
/// Everybody's source.
const SSRC: u32 = 0x5EED;
/// Everybody speaks at this amplitude: -20 dBFS.
const SPOKEN: f32 = 0.1;
/// Above it a tone is there: -40 dBFS.
const AUDIBLE: f32 = 0.01;

/// A socket for sound. It ends with its last copy.
#[derive(Clone, Debug)]
pub struct Sound {
    rtp: Arc<UdpSocket>,
    heard: Heard,
    /// A key that is to be pressed.
    key: Arc<Mutex<Option<u8>>>,
    /// Where it speaks to.
    to: Arc<Mutex<Option<SocketAddr>>>,
    tasks: Arc<Tasks>,
}

#[derive(Debug, Default)]
struct Tasks(Mutex<Vec<JoinHandle<()>>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.lock().unwrap().drain(..).for_each(|task| task.abort());
    }
}

impl Sound {
    /// A socket of this machine's that hears what comes.
    pub async fn new() -> Self {
        let rtp = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let (heard, key, to, tasks) = Default::default();
        let sound = Self { rtp, heard, key, to, tasks };
        let task = tokio::spawn(listen(sound.rtp.clone(), sound.heard.clone()));
        sound.tasks.0.lock().unwrap().push(task);
        sound
    }

    /// A session with this end.
    pub fn sdp(&self) -> String {
        let port = self.rtp.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP {PCMU} {KEYS}\r\na=rtpmap:{KEYS} telephone-event/8000\r\na=sendrecv\r\n"
        )
    }

    /// Says a tone to the other end of a session, from now on.
    pub fn speak(&self, answer: &str, hz: f32) {
        let line = |start: &str| answer.lines().find_map(|line| line.strip_prefix(start)).unwrap();
        let (ip, port) = (line("c=IN IP4 ").trim(), line("m=audio ").split(' ').next().unwrap());
        let to: SocketAddr = format!("{ip}:{port}").parse().unwrap();
        *self.to.lock().unwrap() = Some(to);
        self.tasks.0.lock().unwrap().push(tokio::spawn(speak(
            (self.rtp.clone(), self.key.clone()),
            to,
            hz,
        )));
    }

    /// Says nothing any more; with `reports` it reports that it is there, as a telephone does that is silent while
    /// nobody speaks.
    pub async fn falls_silent(&self, reports: bool) {
        // All but the one that listens.
        self.tasks.0.lock().unwrap().drain(1..).for_each(|task| task.abort());
        let to = self.to.lock().unwrap().expect("it has spoken");
        if reports {
            let rtcp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let to = SocketAddr::new(to.ip(), to.port() + 1);
            self.tasks.0.lock().unwrap().push(tokio::spawn(report(rtcp, to)));
        }
    }

    /// Presses a key, by its event number, as soon as it speaks.
    pub async fn press(&self, event: u8) {
        *self.key.lock().unwrap() = Some(event);
        while self.key.lock().unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Which of the tones are heard since then, in most of the time.
    pub fn tones(&self, of: &[f32], since: Instant) -> Vec<f32> {
        let signal = self.signal(since);
        let is_heard = |hz: &f32| {
            let (pieces, _) = signal.as_chunks::<PIECE_SAMPLES>();
            let loud = pieces.iter().filter(|piece| amplitude(&piece[..], *hz) > AUDIBLE).count();
            loud * 2 > pieces.len()
        };
        of.iter().copied().filter(is_heard).collect()
    }

    /// Whether the tone is in any tenth of a second since then.
    pub fn ever(&self, hz: f32, since: Instant) -> bool {
        let signal = self.signal(since);
        let (pieces, _) = signal.as_chunks::<PIECE_SAMPLES>();
        pieces.iter().any(|piece| amplitude(&piece[..], hz) > AUDIBLE)
    }

    /// Packets that were heard.
    pub fn packets(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    fn signal(&self, since: Instant) -> Vec<f32> {
        let heard = self.heard.lock().unwrap();
        let sounds = heard.iter().filter(|(at, _)| *at >= since).map(|(_, sound)| sound);
        let mut signal = Vec::new();
        for sound in sounds {
            let mut samples = vec![0_i16; sound.len()];
            g711::decode_ulaw_into(sound, &mut samples);
            signal.extend(samples.iter().map(|sample| f32::from(*sample) / 32_768.0));
        }
        signal
    }
}

/// Says a tone, in packets of 20 ms.
async fn speak((rtp, key): (Arc<UdpSocket>, Arc<Mutex<Option<u8>>>), to: SocketAddr, hz: f32) {
    let (mut key_began, mut key_packets) = (0, 0);
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for number in 0_usize.. {
        ticks.tick().await;
        let pressed = *key.lock().unwrap();
        if let Some(event) = pressed {
            key_began = if key_packets == 0 { number } else { key_began };
            let is_end = key_packets + 3 >= KEY_PACKETS;
            let length = ((number - key_began + 1) * FRAME_SAMPLES) as u16;
            let mut packet =
                header(if key_packets == 0 { KEYS | 0x80 } else { KEYS }, number, key_began);
            packet.extend([event, if is_end { 0x8A } else { 0x0A }]);
            packet.extend(length.to_be_bytes());
            let _ = rtp.send_to(&packet, to).await;
            key_packets += 1;
            if key_packets == KEY_PACKETS {
                key_packets = 0;
                *key.lock().unwrap() = None;
            }
            continue;
        }
        let sample = |at: usize| {
            // A whole second repeats, with a tone of whole hertz.
            let time = ((number * FRAME_SAMPLES + at) % RATE_HZ as usize) as f32 / RATE_HZ;
            ((TAU * hz * time).sin() * SPOKEN * 32_768.0) as i16
        };
        let samples: Vec<i16> = (0..FRAME_SAMPLES).map(sample).collect();
        let mut sound = [0; FRAME_SAMPLES];
        g711::encode_ulaw_into(&samples, &mut sound);
        let mut packet = header(PCMU, number, number);
        packet.extend(sound);
        // The other end may have ended.
        let _ = rtp.send_to(&packet, to).await;
    }
}

/// Reports each second that it has sent nothing (RFC 3550 §6.4.2).
async fn report(rtcp: UdpSocket, to: SocketAddr) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let mut report = vec![0x80, 201, 0, 1];
        report.extend(SSRC.to_be_bytes());
        // The other end may have ended.
        let _ = rtcp.send_to(&report, to).await;
    }
}

/// An RTP header: of this packet, with the time of that one.
fn header(kind: u8, number: usize, time_of: usize) -> Vec<u8> {
    let mut header = vec![0x80, kind];
    header.extend((number as u16).to_be_bytes());
    header.extend(((time_of * FRAME_SAMPLES) as u32).to_be_bytes());
    header.extend(SSRC.to_be_bytes());
    header
}

async fn listen(rtp: Arc<UdpSocket>, heard: Heard) {
    let mut bytes = [0; 2_048];
    loop {
        // An error is of a datagram that was sent before.
        let Ok(length) = rtp.recv(&mut bytes).await else { continue };
        if length > 12 && bytes[1] & 0x7F == PCMU {
            assert_eq!(bytes[0], 0x80, "no CSRC, no extension, no padding");
            heard.lock().unwrap().push((Instant::now(), bytes[12..length].to_vec()));
        }
    }
}

/// The amplitude of a tone, by a Hann-windowed Goertzel filter.
fn amplitude(signal: &[f32], hz: f32) -> f32 {
    let coefficient = 2.0 * (TAU * hz / RATE_HZ).cos();
    let (mut previous, mut before) = (0.0_f32, 0.0_f32);
    for (n, sample) in signal.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * n as f32 / signal.len() as f32).cos();
        let state = sample * window + coefficient * previous - before;
        (before, previous) = (previous, state);
    }
    let power = previous * previous + before * before - coefficient * previous * before;
    power.max(0.0).sqrt() * 4.0 / signal.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_one_end_says_the_other_one_hears_and_nothing_else() {
        let (one, other) = (Sound::new().await, Sound::new().await);
        one.speak(&other.sdp(), 1_211.0);
        let from = Instant::now();
        while other.packets() < 25 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(other.tones(&[1_211.0, 1_633.0], from), [1_211.0]);
        assert!(!other.ever(1_633.0, from));
        assert!(one.tones(&[1_211.0], from).is_empty(), "nobody speaks to it");
    }
}
