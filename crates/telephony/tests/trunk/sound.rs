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
/// Everybody speaks at this amplitude: -20 dBFS.
const SPOKEN: f32 = 0.1;
/// Above it a tone is there: -40 dBFS.
const AUDIBLE: f32 = 0.01;

/// A socket for sound. It ends with its last copy.
#[derive(Clone)]
pub struct Sound {
    rtp: Arc<UdpSocket>,
    heard: Heard,
    tasks: Arc<Tasks>,
}

#[derive(Default)]
struct Tasks(Mutex<Vec<JoinHandle<()>>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.lock().unwrap().drain(..).for_each(|task| task.abort());
    }
}

impl Sound {
    pub async fn new() -> Self {
        let rtp = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let sound = Self { rtp, heard: Arc::default(), tasks: Arc::default() };
        let task = tokio::spawn(listen(sound.rtp.clone(), sound.heard.clone()));
        sound.tasks.0.lock().unwrap().push(task);
        sound
    }

    /// A session with this end.
    pub fn sdp(&self) -> String {
        let port = self.rtp.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP {PCMU}\r\na=sendrecv\r\n"
        )
    }

    /// Says a tone to the other end of a session, from now on.
    pub fn speak(&self, answer: &str, hz: f32) {
        let line = |start: &str| answer.lines().find_map(|line| line.strip_prefix(start)).unwrap();
        let (ip, port) = (line("c=IN IP4 ").trim(), line("m=audio ").split(' ').next().unwrap());
        let to: SocketAddr = format!("{ip}:{port}").parse().unwrap();
        self.tasks.0.lock().unwrap().push(tokio::spawn(speak(self.rtp.clone(), to, hz)));
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
async fn speak(rtp: Arc<UdpSocket>, to: SocketAddr, hz: f32) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for number in 0_usize.. {
        ticks.tick().await;
        let sample = |at: usize| {
            // A whole second repeats, with a tone of whole hertz.
            let time = ((number * FRAME_SAMPLES + at) % RATE_HZ as usize) as f32 / RATE_HZ;
            ((TAU * hz * time).sin() * SPOKEN * 32_768.0) as i16
        };
        let samples: Vec<i16> = (0..FRAME_SAMPLES).map(sample).collect();
        let mut sound = [0; FRAME_SAMPLES];
        g711::encode_ulaw_into(&samples, &mut sound);
        let mut packet = vec![0x80, PCMU];
        packet.extend((number as u16).to_be_bytes());
        packet.extend(((number * FRAME_SAMPLES) as u32).to_be_bytes());
        packet.extend(0x5EED_u32.to_be_bytes());
        packet.extend(sound);
        // The other end may have ended.
        let _ = rtp.send_to(&packet, to).await;
    }
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
