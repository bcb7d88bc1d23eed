//! A peer as plain as can be, and a station, in virtual time.

#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use codec::{OpusEncoderConfig, g711};
use rtc_station::{Dropped, RtpIn, RtpOut};
use rtp_station::{Accepted, Channel, Output, PlainConfig, Station, StationConfig};

pub const PEER: &str = "192.0.2.2:4000";
pub const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 0 13 101\r\na=rtpmap:101 telephone-event/8000\r\n";

pub fn address(text: &str) -> SocketAddr {
    text.parse().expect("a literal address")
}

pub fn config() -> StationConfig {
    StationConfig {
        plain: PlainConfig { signalled_from: address("192.0.2.1:5060").ip(), ..Default::default() },
        local: address("198.51.100.1:10000"),
        encoder: OpusEncoderConfig::default(),
        seed: [7; 32],
    }
}

/// An RTP packet as a telephone writes it.
#[derive(Clone, Copy)]
pub struct Packet<'a> {
    pub payload_type: u8,
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0x80, (u8::from(self.marker) << 7) | self.payload_type];
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(self.payload);
        bytes
    }

    pub fn read(bytes: &'a [u8]) -> Self {
        assert_eq!(bytes[0], 0x80, "no extension, no contributing source, no padding");
        Self {
            payload_type: bytes[1] & 0x7F,
            marker: bytes[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
            timestamp: u32::from_be_bytes(bytes[4..8].try_into().unwrap()),
            ssrc: u32::from_be_bytes(bytes[8..12].try_into().unwrap()),
            payload: &bytes[12..],
        }
    }
}

/// A station and what came out of it.
pub struct Stage {
    pub now: Instant,
    pub station: Station,
    pub answer: String,
    pub sound: Vec<RtpIn>,
    /// Datagrams to the peer: when, by which socket, where to, what.
    pub sent: Vec<(Instant, Channel, SocketAddr, Vec<u8>)>,
    pub digits: String,
    pub told: Vec<Output>,
    pub wait: Option<Instant>,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(config(), OFFER)
    }

    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    pub fn with(config: StationConfig, offer: &str) -> Self {
        let now = Instant::now();
        let (station, answer) = Station::accept_offer(config, offer, now).unwrap();
        Self::of(station, answer, now)
    }

    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    pub fn offering(config: StationConfig) -> Self {
        let now = Instant::now();
        let (station, offer) = Station::make_offer(config, now);
        Self::of(station, offer, now)
    }

    fn of(station: Station, answer: String, now: Instant) -> Self {
        let (sound, sent, told) = (Vec::new(), Vec::new(), Vec::new());
        let digits = String::new();
        let mut stage = Self { now, station, answer, sound, sent, digits, told, wait: None };
        stage.drain();
        stage
    }

    pub fn drain(&mut self) {
        loop {
            match self.station.poll_output() {
                Output::Rtp(packet) => self.sound.push(packet),
                Output::Transmit { channel, to, bytes } => {
                    self.sent.push((self.now, channel, to, bytes));
                }
                Output::Digit(digit) => self.digits.push(digit.as_char()),
                Output::Wait(at) => {
                    self.wait = Some(at);
                    return;
                }
                Output::Done => {
                    self.wait = None;
                    return;
                }
                other => self.told.push(other),
            }
        }
    }

    /// Lets time pass, waking the station whenever it wants to be.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some(at) = self.wait
            && at <= end
        {
            self.now = self.now.max(at);
            self.station.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    pub fn hear(&mut self, from: &str, packet: &Packet<'_>) -> Result<Accepted, Dropped> {
        self.receive(Channel::Rtp, from, &packet.write())
    }

    pub fn receive(
        &mut self,
        channel: Channel,
        from: &str,
        bytes: &[u8],
    ) -> Result<Accepted, Dropped> {
        let taken = self.station.handle_datagram(self.now, channel, address(from), bytes);
        self.drain();
        taken
    }

    pub fn say(&mut self, sequence: u16, timestamp: u32, payload: &[u8]) -> bool {
        let packet = RtpOut { sequence, timestamp, marker: false, payload };
        let sent = self.station.send_rtp(self.now, packet).is_ok();
        self.drain();
        sent
    }

    /// RTP to the peer, as it went out.
    pub fn rtp_sent(&self) -> Vec<Packet<'_>> {
        let rtp = self.sent.iter().filter(|(_, channel, _, bytes)| {
            *channel == Channel::Rtp && !(192..=223).contains(&bytes[1])
        });
        rtp.map(|(_, _, _, bytes)| Packet::read(bytes)).collect()
    }
}

/// Twenty milliseconds of a tone at 8 kHz in µ-law.
pub fn ulaw_tone(frequency_hz: f64, frame: usize) -> [u8; 160] {
    let step = std::f64::consts::TAU * frequency_hz / 8_000.0;
    let samples: Vec<i16> =
        (0..160).map(|n| (8_000.0 * (step * (frame * 160 + n) as f64).sin()) as i16).collect();
    let mut bytes = [0; 160];
    g711::encode_ulaw_into(&samples, &mut bytes);
    bytes
}

/// The share of a signal's power that is a tone.
pub fn share_of(frequency_hz: f64, rate_hz: f64, signal: &[f64]) -> f64 {
    let step = std::f64::consts::TAU * frequency_hz / rate_hz;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in signal.iter().enumerate() {
        re += sample * (step * n as f64).cos();
        im += sample * (step * n as f64).sin();
    }
    let power: f64 = signal.iter().map(|it| it * it).sum();
    2.0 * (re * re + im * im) / (signal.len() as f64 * power.max(f64::MIN_POSITIVE))
}

/// Opus packets of a tone, 20 ms each.
pub fn opus_tone(frequency_hz: f64, frames: usize) -> Vec<Vec<u8>> {
    let mut encoder = codec::OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let step = std::f64::consts::TAU * frequency_hz / 48_000.0;
    (0..frames)
        .map(|frame| {
            let samples =
                std::array::from_fn(|n| (0.25 * (step * (frame * 960 + n) as f64).sin()) as f32);
            let mut packet = vec![0; codec::OPUS_PACKET_BYTES_MAX];
            let length = encoder.encode_into(&samples, &mut packet).unwrap();
            packet.truncate(length);
            packet
        })
        .collect()
}
