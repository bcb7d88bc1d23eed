//! Telephones in a supervised call, in virtual time: what a caller on a plain station is sent is the same to
//! the byte and the millisecond, whether nobody supervises, somebody listens, or somebody whispers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use call_engine::{OpusEncoderConfig, RtpPosition};
use codec::g722::{G722Decoder, G722Encoder};
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, g711};
use interaction::{ModeKind, Rights, UnixMs, UserId};
use mio::{Poll, Token, Waker};
use rtc_station::RtpIn;
use rtp_station::{Channel, Output, PlainCodec, PlainConfig, Station, StationConfig};
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::mailbox::Mailbox;
use crate::stations::plain::rtp_packet;

const CALL: CallId = CallId(1);
const CALLER: StationId = StationId(1);
const AGENT: StationId = StationId(2);
const COLLEAGUE: StationId = StationId(3);
const SUPERVISOR: StationId = StationId(9);

const CALLER_HZ: f64 = 1_000.0;
const AGENT_HZ: f64 = 620.0;
const COLLEAGUE_HZ: f64 = 410.0;
const SUPERVISOR_HZ: f64 = 1_730.0;

/// When supervision begins, when the mode is chosen, and when it ends, ms.
const BEGIN_MS: u64 = 1_000;
const CHANGE_MS: u64 = 2_000;
const END_MS: u64 = 4_000;

/// A telephone on a plain station.
struct Phone {
    station: Station,
    address: SocketAddr,
    codec: PlainCodec,
    encoder: G722Encoder,
    frequency_hz: f64,
    /// Within each 20 ms, when it sends.
    phase_ms: u64,
    packets: u16,
    seed: u32,
    /// What it was sent: when, ms, and what.
    heard: Vec<(u64, Vec<u8>)>,
}

struct Stage {
    calls: Calls,
    outbox: Outbox,
    phones: BTreeMap<StationId, Phone>,
    encoder: OpusEncoder,
    spoken: u64,
    epoch: Instant,
    now_ms: u64,
    _poll: Poll,
    _told: mpsc::Receiver<MediaEvent>,
}

impl Phone {
    fn new(id: StationId, codec: PlainCodec, frequency_hz: f64, now: Instant) -> Self {
        let address = SocketAddr::from(([192, 0, 2, id.0 as u8], 4_000));
        let number = payload_type(codec);
        let offer =
            format!("v=0\r\nc=IN IP4 {}\r\nm=audio 4000 RTP/AVP {number}\r\n", address.ip());
        let config = StationConfig {
            plain: PlainConfig { signalled_from: address.ip(), ..PlainConfig::default() },
            local: SocketAddr::from(([198, 51, 100, 1], 10_000)),
            encoder: OpusEncoderConfig::default(),
            seed: [id.0 as u8; 32],
        };
        let (station, _) = Station::accept_offer(config, &offer, now).unwrap();
        let (phase_ms, seed) = (3 + 4 * id.0, id.0 as u32);
        let (encoder, heard) = (G722Encoder::default(), Vec::new());
        Self { station, address, codec, encoder, frequency_hz, phase_ms, packets: 0, seed, heard }
    }

    /// The next packet that it says; `None`: the network has lost it.
    fn say(&mut self) -> Option<Vec<u8>> {
        let bytes = self.packet();
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.seed >> 24 > 7).then_some(bytes)
    }

    fn packet(&mut self) -> Vec<u8> {
        let samples_20_ms = rate_hz(self.codec) / 50;
        let step = std::f64::consts::TAU * self.frequency_hz / rate_hz(self.codec) as f64;
        let n = self.packets;
        self.packets += 1;
        let at = |sample: usize| step * (usize::from(n) * samples_20_ms + sample) as f64;
        let samples: Vec<i16> =
            (0..samples_20_ms).map(|it| (6_000.0 * at(it).sin()) as i16).collect();
        let mut sound = [0; 160];
        let length = match self.codec {
            PlainCodec::Pcma => g711::encode_alaw_into(&samples, &mut sound),
            PlainCodec::G722 => self.encoder.encode_into(&samples, &mut sound).unwrap(),
            PlainCodec::Pcmu | PlainCodec::Opus => g711::encode_ulaw_into(&samples, &mut sound),
        };
        assert_eq!(length, 160);
        let mut bytes = vec![0x80, payload_type(self.codec)];
        bytes.extend(n.to_be_bytes());
        bytes.extend((u32::from(n) * 160).to_be_bytes());
        bytes.extend([0, 0, 0, 7]);
        bytes.extend(sound);
        bytes
    }

    /// Takes out what the station wants to be done: sound for the call, and packets for the telephone.
    fn drain(&mut self, now_ms: u64) -> Vec<RtpIn> {
        let mut sound = Vec::new();
        loop {
            match self.station.poll_output() {
                Output::Rtp(packet) => sound.push(packet),
                Output::Transmit { bytes, .. } => self.heard.push((now_ms, bytes)),
                Output::Wait(_) | Output::Done => return sound,
                Output::Digit(_) | Output::Held(_) | Output::Connected | Output::Closed(_) => {}
            }
        }
    }

    /// How loud a tone is in each 100 ms between two moments.
    fn loudness(&self, frequency_hz: f64, from_ms: u64, to_ms: u64) -> Vec<f64> {
        let (mut signal, mut decoder) = (Vec::new(), G722Decoder::default());
        for (at, bytes) in self.heard.iter().filter(|(_, bytes)| bytes[1] & 0x7F < 64) {
            let mut samples = [0; 320];
            let count = match self.codec {
                PlainCodec::Pcma => g711::decode_alaw_into(&bytes[12..], &mut samples),
                // From the beginning on: it has a state.
                PlainCodec::G722 => decoder.decode_into(&bytes[12..], &mut samples).unwrap(),
                PlainCodec::Pcmu | PlainCodec::Opus => {
                    g711::decode_ulaw_into(&bytes[12..], &mut samples)
                }
            };
            if (from_ms..to_ms).contains(at) {
                signal.extend(samples[..count].iter().map(|it| f64::from(*it)));
            }
        }
        let step = std::f64::consts::TAU * frequency_hz / rate_hz(self.codec) as f64;
        let window = |window: &[f64]| {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, sample) in window.iter().enumerate() {
                // A window of Hann's: the other tones leave little here.
                let shape = (std::f64::consts::PI * n as f64 / window.len() as f64).sin().powi(2);
                re += shape * sample * (step * n as f64).cos();
                im += shape * sample * (step * n as f64).sin();
            }
            (re * re + im * im).sqrt() / window.len() as f64
        };
        signal.chunks_exact(rate_hz(self.codec) / 10).map(window).collect()
    }
}

/// What the caller and the agent, who come first, speak; the colleague speaks µ-law.
type Codecs = [PlainCodec; 2];

const NARROW: Codecs = [PlainCodec::Pcmu, PlainCodec::Pcma];
const WIDE: Codecs = [PlainCodec::G722; 2];

fn payload_type(codec: PlainCodec) -> u8 {
    match codec {
        PlainCodec::Pcmu | PlainCodec::Opus => 0,
        PlainCodec::Pcma => 8,
        PlainCodec::G722 => 9,
    }
}

fn rate_hz(codec: PlainCodec) -> usize {
    if codec == PlainCodec::G722 { 16_000 } else { 8_000 }
}

impl Stage {
    fn new([caller, agent]: Codecs, agents: usize) -> Self {
        let poll = Poll::new().unwrap();
        let bell = crate::bell::bell(Waker::new(poll.registry(), Token(0)).unwrap());
        let (mailbox, _) = Mailbox::new(bell);
        let (events, told) = mpsc::channel(10_000);
        let epoch = Instant::now();
        let mut stage = Self {
            calls: Calls::new(1, CallConfig::default()),
            outbox: Outbox::new(0, vec![mailbox], events),
            phones: BTreeMap::new(),
            encoder: OpusEncoder::new(OpusEncoderConfig::default()).unwrap(),
            spoken: 0,
            epoch,
            now_ms: 0,
            _poll: poll,
            _told: told,
        };
        stage.calls.open(CALL, Policy::default(), None).unwrap();
        let everybody = [
            (CALLER, caller, CALLER_HZ, Command::JoinCaller { user: UserId(1) }),
            (AGENT, agent, AGENT_HZ, Command::JoinAgent { user: UserId(2) }),
            (COLLEAGUE, PlainCodec::Pcmu, COLLEAGUE_HZ, Command::JoinAgent { user: UserId(3) }),
        ];
        for (id, codec, frequency_hz, join) in everybody.into_iter().take(1 + agents) {
            stage.phones.insert(id, Phone::new(id, codec, frequency_hz, epoch));
            stage.command(join, Some(id));
        }
        stage
    }

    fn now(&self) -> Instant {
        self.epoch + Duration::from_millis(self.now_ms)
    }

    fn command(&mut self, command: Command, station: Option<StationId>) {
        let position = RtpPosition::start(1, 1, self.now());
        let station = station.map(|id| (id, position.into()));
        let (reply, _) = oneshot::channel();
        let apply = Apply { call: CALL, by: Actor::System, command, station, reply };
        let moment = Moment { now: self.now(), unix: UnixMs(self.now_ms) };
        self.calls.apply(moment, apply, &mut self.outbox);
    }

    fn set_mode(&mut self, mode: ModeKind) {
        let state = self.calls.slots[&CALL].call.state();
        let leg = state.leg_of(UserId(9)).expect("the supervisor's leg").id;
        let coach = state.leg_of(UserId(2)).map(|leg| leg.id);
        let coach = coach.filter(|_| mode == ModeKind::Whisper);
        self.command(Command::SetMode { leg, mode, coach, announce: true, expected: None }, None);
    }

    fn run_to(&mut self, end_ms: u64, supervises: bool) {
        while self.now_ms < end_ms {
            self.now_ms += 1;
            let phase_ms = self.now_ms % 20;
            let speaking: Vec<StationId> = self
                .phones
                .iter()
                .filter(|(_, phone)| phone.phase_ms == phase_ms)
                .map(|(id, _)| *id)
                .collect();
            for id in speaking {
                self.speak(id);
            }
            if phase_ms == 17 && supervises {
                self.speak_as_supervisor();
            }
            if phase_ms == 0 {
                self.tick();
            }
        }
    }

    fn speak(&mut self, id: StationId) {
        let (now, now_ms) = (self.now(), self.now_ms);
        let phone = self.phones.get_mut(&id).unwrap();
        let Some(bytes) = phone.say() else { return };
        let from = phone.address;
        phone.station.handle_datagram(now, Channel::Rtp, from, &bytes).unwrap();
        for packet in phone.drain(now_ms) {
            self.arrive(id, packet);
        }
    }

    /// The supervisor is on a WebRTC station: Opus.
    fn speak_as_supervisor(&mut self) {
        let step = std::f64::consts::TAU * SUPERVISOR_HZ / 48_000.0;
        let start = self.spoken as usize * FRAME_SAMPLES;
        let frame = std::array::from_fn(|n| (0.3 * (step * (start + n) as f64).sin()) as f32);
        let mut payload = [0; OPUS_PACKET_BYTES_MAX];
        let length = self.encoder.encode_into(&frame, &mut payload).unwrap();
        let packet = RtpIn {
            sequence: self.spoken as u16,
            timestamp: start as u32,
            marker: self.spoken == 0,
            payload: payload[..length].into(),
            audio_level_dbov: Some(-13),
            voice_activity: None,
            arrived_at: self.now(),
        };
        self.spoken += 1;
        self.arrive(SUPERVISOR, packet);
    }

    fn arrive(&mut self, station: StationId, packet: RtpIn) {
        let (now, now_ms) = (self.now(), self.now_ms);
        let phones = &mut self.phones;
        let packet = rtp_packet(&packet);
        self.calls.handle_rtp(now, CALL, station, packet, |to, track, out| {
            assert_eq!(track, Track::FIRST, "a telephone has one");
            deliver(phones, now, now_ms, to, out);
        });
    }

    fn tick(&mut self) {
        let (now, now_ms) = (self.now(), self.now_ms);
        let moment = Moment { now, unix: UnixMs(now_ms) };
        let phones = &mut self.phones;
        let send = |to, _, out: RtpOut<'_>| deliver(phones, now, now_ms, to, out);
        self.calls.tick(moment, send, &mut self.outbox);
        for phone in self.phones.values_mut() {
            phone.station.handle_timeout(now);
            assert!(phone.drain(now_ms).is_empty());
        }
    }
}

fn deliver(
    phones: &mut BTreeMap<StationId, Phone>,
    now: Instant,
    now_ms: u64,
    to: StationId,
    out: RtpOut<'_>,
) {
    let Some(phone) = phones.get_mut(&to) else { return };
    let _ = phone.station.send_rtp(now, out);
    assert!(phone.drain(now_ms).is_empty());
}

/// A call with so many agents in which somebody supervises in this mode, if at all.
fn played(codecs: Codecs, agents: usize, mode: Option<ModeKind>) -> Stage {
    let mut stage = Stage::new(codecs, agents);
    stage.run_to(BEGIN_MS, false);
    if let Some(mode) = mode {
        let rights = Rights { whisper: true, barge: true };
        stage.command(Command::Supervise { user: UserId(9), rights }, Some(SUPERVISOR));
        stage.run_to(CHANGE_MS, true);
        if mode != ModeKind::Listen {
            stage.set_mode(mode);
        }
    }
    stage.run_to(END_MS, mode.is_some());
    stage
}

#[test]
fn what_a_telephone_caller_is_sent_is_the_same_whoever_listens_or_whispers() {
    for (codecs, agents) in [(NARROW, 1), (NARROW, 2), (WIDE, 1), (WIDE, 2)] {
        let alone = played(codecs, agents, None);
        let wanted = &alone.phones[&CALLER].heard;
        assert!(wanted.len() > 180, "{}", wanted.len());
        for mode in [ModeKind::Listen, ModeKind::Whisper] {
            let supervised = played(codecs, agents, Some(mode));
            let heard = &supervised.phones[&CALLER].heard;
            let first = wanted.iter().zip(heard).position(|(a, b)| a != b);
            assert_eq!(first, None, "{codecs:?}, {agents} agents, {mode:?}: another packet");
            assert_eq!(wanted.len(), heard.len(), "{codecs:?}, {agents} agents, {mode:?}");
        }
        // The comparison would see it: in Barge they differ.
        let barged = played(codecs, agents, Some(ModeKind::Barge));
        assert_ne!(wanted, &barged.phones[&CALLER].heard);
    }
}

#[test]
fn a_whisper_reaches_the_agents_telephone_and_never_the_callers() {
    for (codecs, agents) in [(NARROW, 1), (NARROW, 2), (WIDE, 1), (WIDE, 2)] {
        let stage = played(codecs, agents, Some(ModeKind::Whisper));
        let (caller, agent) = (&stage.phones[&CALLER], &stage.phones[&AGENT]);
        let before = caller.loudness(SUPERVISOR_HZ, 200, CHANGE_MS);
        let during = caller.loudness(SUPERVISOR_HZ, CHANGE_MS, END_MS);
        let mean = before.iter().sum::<f64>() / before.len() as f64;
        let variance = before.iter().map(|it| (it - mean).powi(2)).sum::<f64>();
        let sigma = (variance / before.len() as f64).sqrt();
        let loudest = during.iter().copied().fold(0.0, f64::max);
        assert!(loudest <= mean + 6.0 * sigma, "{loudest} over {mean} ± {sigma}");
        // The agent hears it, far above what would be found at the caller's.
        let whispered = agent.loudness(SUPERVISOR_HZ, CHANGE_MS + 500, END_MS);
        let quietest = whispered.iter().copied().fold(f64::MAX, f64::min);
        assert!(quietest > mean + 20.0 * sigma, "{quietest} at the agent's, {mean} ± {sigma}");
        assert!(quietest > 100.0, "{quietest}");
        // The colleague is not the one who is coached.
        if let Some(colleague) = stage.phones.get(&COLLEAGUE) {
            let heard = colleague.loudness(SUPERVISOR_HZ, CHANGE_MS + 500, END_MS);
            assert!(heard.iter().all(|it| *it < quietest / 10.0), "{heard:?}");
        }
    }
}

#[test]
fn a_barge_reaches_every_telephone() {
    for codecs in [NARROW, WIDE] {
        let stage = played(codecs, 2, Some(ModeKind::Barge));
        for (id, phone) in &stage.phones {
            let heard = phone.loudness(SUPERVISOR_HZ, CHANGE_MS + 500, END_MS);
            let before = phone.loudness(SUPERVISOR_HZ, 200, CHANGE_MS);
            let loudest_before = before.iter().copied().fold(0.0, f64::max);
            assert!(heard.iter().all(|it| *it > 100.0), "{codecs:?}, {id}: {heard:?}");
            assert!(heard.iter().all(|it| *it > 3.0 * loudest_before), "{codecs:?}, {id}");
        }
        // And each hears the others.
        let caller = &stage.phones[&CALLER];
        for frequency_hz in [AGENT_HZ, COLLEAGUE_HZ] {
            let heard = caller.loudness(frequency_hz, 500, BEGIN_MS);
            assert!(heard.iter().all(|it| *it > 100.0), "{codecs:?}");
        }
    }
}

/// The comparisons above would be of little worth if the bytes were not passed on in them.
#[test]
fn two_telephones_of_one_codec_are_sent_each_others_bytes() {
    for (codecs, is_passed_on) in [(NARROW, false), ([PlainCodec::Pcma; 2], true), (WIDE, true)] {
        let mut stage = Stage::new(codecs, 1);
        let mut said = Vec::new();
        stage.run_to(BEGIN_MS, false);
        // The agent's packets once more, also those that were lost.
        let agent = stage.phones.get_mut(&AGENT).unwrap();
        agent.encoder = G722Encoder::default();
        let spoken = std::mem::take(&mut agent.packets);
        for _ in 0..spoken {
            said.extend(agent.packet()[12..].to_vec());
        }
        let heard = stage.phones[&CALLER].heard.iter().filter(|(_, it)| it[1] & 0x7F < 64);
        let is_said = |sent: &[u8]| said.windows(100).any(|it| it == &sent[12..112]);
        let found = heard.filter(|(_, it)| is_said(it)).count();
        assert_eq!(found > 15, is_passed_on, "{codecs:?}: {found}");
        assert!(is_passed_on || found == 0, "{codecs:?}: {found}");
    }
}

/// What an agent's telephone sends while the call is taken over is heard nowhere; what it gets is the call.
#[test]
fn a_take_over_silences_every_agents_telephone() {
    let stage = played(NARROW, 2, Some(ModeKind::TakeOver));
    let caller = &stage.phones[&CALLER];
    let during = |phone: &Phone, hz| phone.loudness(hz, CHANGE_MS + 500, END_MS);
    assert!(during(caller, SUPERVISOR_HZ).iter().all(|it| *it > 100.0));
    for frequency_hz in [AGENT_HZ, COLLEAGUE_HZ] {
        let before = caller.loudness(frequency_hz, 500, BEGIN_MS);
        let quietest = before.iter().copied().fold(f64::INFINITY, f64::min);
        let heard = during(caller, frequency_hz);
        assert!(heard.iter().all(|it| *it < quietest / 10.0), "{frequency_hz} Hz: {heard:?}");
    }
    for (id, phone) in stage.phones.iter().filter(|(id, _)| **id != CALLER) {
        assert!(during(phone, SUPERVISOR_HZ).iter().all(|it| *it > 100.0), "{id}");
    }
}
