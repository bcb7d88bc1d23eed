//! A call, its parties and the time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use call_engine::{
    Call, CallConfig, Moment, Outgoing, RtpPacket, RtpPosition, ToneClips, TrackPositions,
};
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use interaction::Applied;
use interaction::{
    Actor, CallId, Command, Event, LegId, ModeKind, Policy, Refusal, Rights, UnixMs, UserId,
};

use crate::network::{Network, NetworkConfig};
use crate::signal::{Signal, Voice};

/// A step of virtual time, µs.
const STEP_US: u64 = 1_000;
/// The time between two packets of a party, µs.
const FRAME_US: u64 = 20_000;

/// What a room is made of.
#[derive(Clone, Debug)]
pub struct RoomConfig {
    /// Everything random comes of it.
    pub seed: u64,
    /// The path from each party to the server.
    pub network: NetworkConfig,
    /// The centre's choices.
    pub policy: Policy,
    /// Codec, mixer, playout; tones are made into packets beside.
    pub call: CallConfig,
    /// Tracks that each party's station has, 1 or more.
    pub tracks: usize,
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            network: NetworkConfig::default(),
            policy: Policy::default(),
            call: CallConfig::default(),
            tracks: 1,
        }
    }
}

/// One packet that the call sent to a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When, in virtual time since the room's beginning, µs.
    pub at_us: u64,
    /// On which of the station's tracks.
    pub track: usize,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, samples of 48 kHz.
    pub timestamp: u32,
    /// Marker bit.
    pub marker: bool,
    /// One Opus packet.
    pub payload: Vec<u8>,
}

impl Received {
    /// What was sent at this time.
    pub(crate) fn new(at_us: u64, out: Outgoing<'_>) -> Self {
        let Outgoing { track, sequence, timestamp, marker, payload, .. } = out;
        let track = track.index();
        Self { at_us, track, sequence, timestamp, marker, payload: payload.to_vec() }
    }
}

/// One call in virtual time.
pub struct Room {
    call: Call,
    config: RoomConfig,
    epoch: Instant,
    now_us: u64,
    parties: Vec<Party>,
    in_flight: Vec<InFlight>,
    /// What the call did by itself.
    events: Vec<Event>,
}

struct Party {
    leg: LegId,
    voice: Voice,
    encoder: OpusEncoder,
    network: Network,
    sequence: u16,
    timestamp: u32,
    phase_us: u64,
    /// When its first frame was sent.
    begun_us: u64,
    received: Vec<Received>,
}

struct InFlight {
    at_us: u64,
    leg: LegId,
    sequence: u16,
    timestamp: u32,
    payload: Vec<u8>,
}

impl Room {
    /// An empty room at time 0.
    ///
    /// # Panics
    /// `config.call` is out of its limits.
    pub fn new(mut config: RoomConfig) -> Self {
        let clips = ToneClips::encode(&config.call.mixer, config.call.encoder)
            .expect("a test's configuration is within the limits");
        config.call.clips = Some(Arc::new(clips));
        let call = Call::new(CallId(1), config.policy.clone(), config.call.clone())
            .expect("a test's configuration is within the limits");
        Self {
            call,
            config,
            epoch: Instant::now(),
            now_us: 0,
            parties: Vec::new(),
            in_flight: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The caller comes in, saying `signal`.
    pub fn join_caller(&mut self, signal: Signal) -> LegId {
        let user = UserId(1);
        self.join(user, Command::JoinCaller { user }, signal)
    }

    /// An agent comes in; `user` tells agents apart.
    pub fn join_agent(&mut self, user: u64, signal: Signal) -> LegId {
        let user = UserId(100 + user);
        self.join(user, Command::JoinAgent { user }, signal)
    }

    /// A supervisor begins to listen, sending `signal` whatever the mode, as a client might that
    /// does not keep to the rules.
    pub fn supervise(&mut self, user: u64, signal: Signal) -> LegId {
        let user = UserId(200 + user);
        let rights = Rights { whisper: true, barge: true };
        self.join(user, Command::Supervise { user, rights }, signal)
    }

    /// A supervisor asks for a mode, and is sure of it.
    ///
    /// # Errors
    /// The call refuses.
    pub fn set_mode(&mut self, leg: LegId, mode: ModeKind) -> Result<Applied, Refusal> {
        self.command(Command::SetMode { leg, mode, coach: None, announce: true, expected: None })
    }

    /// Any command, from the server itself.
    ///
    /// # Errors
    /// The call refuses.
    pub fn command(&mut self, command: Command) -> Result<Applied, Refusal> {
        let moment = self.moment();
        self.call.handle_command(moment, Actor::System, command, None)
    }

    /// Another station of the same user carries the leg from now on, with an encoder, tracks and numbers of its own.
    ///
    /// # Errors
    /// The call refuses.
    pub fn move_leg(&mut self, leg: LegId) -> Result<Applied, Refusal> {
        let moment = self.moment();
        let number = (self.now_us as u32).wrapping_mul(0x9e37_79b9);
        let from = starts(number, self.config.tracks, moment.now);
        let command = Command::MoveLeg { leg };
        let applied = self.call.handle_command(moment, Actor::System, command, Some(from))?;
        self.in_flight.retain(|packet| packet.leg != leg);
        if let Some(party) = self.parties.iter_mut().find(|party| party.leg == leg) {
            party.encoder = encoder();
            (party.sequence, party.timestamp) = (number as u16 ^ 0x3333, number ^ 0x3333_3333);
        }
        Ok(applied)
    }

    /// Changes what a party says from its next packet on.
    pub fn say(&mut self, leg: LegId, signal: Signal) {
        if let Some(party) = self.parties.iter_mut().find(|party| party.leg == leg) {
            party.voice = Voice::new(signal);
        }
    }

    /// Lets time pass.
    pub fn run_ms(&mut self, duration_ms: u64) {
        let end_us = self.now_us + duration_ms * 1_000;
        while self.now_us < end_us {
            self.now_us += STEP_US;
            self.send_frames();
            self.deliver();
            if self.now_us.is_multiple_of(FRAME_US) {
                self.tick();
            }
        }
    }

    /// Virtual time since the beginning, ms.
    pub fn now_ms(&self) -> u64 {
        self.now_us / 1_000
    }

    /// The call.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// When the first frame of this party's was sent, ms: its packet comes as long after the sound in it as one lasts.
    pub fn begins_ms(&self, leg: LegId) -> u64 {
        self.parties.iter().find(|party| party.leg == leg).map_or(0, |party| party.begun_us / 1_000)
    }

    /// What the call did by itself, at its ticks.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Every packet that the call sent to this leg, in order.
    pub fn received(&self, leg: LegId) -> &[Received] {
        self.parties.iter().find(|party| party.leg == leg).map_or(&[], |party| &party.received)
    }

    fn join(&mut self, user: UserId, command: Command, signal: Signal) -> LegId {
        let seed = self.config.seed ^ user.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let number = (seed >> 17) as u32;
        let from = starts(number, self.config.tracks, self.moment().now);
        let applied = self
            .call
            .handle_command(self.moment(), Actor::System, command, Some(from))
            .expect("the scenario lets this party in");
        let leg = applied.joined.expect("a join makes a leg");
        self.parties.push(Party {
            leg,
            voice: Voice::new(signal),
            encoder: encoder(),
            network: Network::new(self.config.network, seed),
            sequence: number as u16 ^ 0x5555,
            timestamp: number ^ 0x5555_5555,
            phase_us: (seed % (FRAME_US / STEP_US)) * STEP_US,
            begun_us: 0,
            received: Vec::new(),
        });
        leg
    }

    fn send_frames(&mut self) {
        for party in &mut self.parties {
            if self.now_us % FRAME_US != party.phase_us {
                continue;
            }
            if party.begun_us == 0 {
                party.begun_us = self.now_us;
            }
            let frame = party.voice.frame();
            party.timestamp = party.timestamp.wrapping_add(FRAME_SAMPLES as u32);
            let Some(frame) = frame else { continue };
            let mut payload = vec![0; OPUS_PACKET_BYTES_MAX];
            let length =
                party.encoder.encode_into(&frame, &mut payload).expect("a whole frame encodes");
            payload.truncate(length);
            party.sequence = party.sequence.wrapping_add(1);
            for at_us in party.network.arrivals_us(self.now_us) {
                self.in_flight.push(InFlight {
                    at_us,
                    leg: party.leg,
                    sequence: party.sequence,
                    timestamp: party.timestamp,
                    payload: payload.clone(),
                });
            }
        }
    }

    fn deliver(&mut self) {
        let now_us = self.now_us;
        let now = self.moment().now;
        let mut due: Vec<InFlight> =
            self.in_flight.extract_if(.., |packet| packet.at_us <= now_us).collect();
        due.sort_by_key(|packet| packet.at_us);
        for packet in due {
            let rtp = RtpPacket {
                sequence: packet.sequence,
                timestamp: packet.timestamp,
                marker: false,
                payload: &packet.payload,
                level_dbov: None,
                is_restored: false,
            };
            let parties = &mut self.parties;
            self.call.handle_rtp(now, packet.leg, rtp, |out| keep(parties, now_us, out));
        }
    }

    fn tick(&mut self) {
        let (moment, now_us) = (self.moment(), self.now_us);
        let parties = &mut self.parties;
        let events = self.call.handle_tick(moment, |out| keep(parties, now_us, out));
        self.events.extend(events);
    }

    fn moment(&self) -> Moment {
        let now = self.epoch + Duration::from_micros(self.now_us);
        Moment { now, unix: UnixMs(self.now_us / 1_000) }
    }
}

fn encoder() -> OpusEncoder {
    OpusEncoder::new(OpusEncoderConfig::default()).expect("defaults are valid")
}

/// Where the tracks of a station begin that has sent nothing yet.
pub(crate) fn starts(number: u32, tracks: usize, at: Instant) -> TrackPositions {
    let start = |track: u32| {
        let number = number.wrapping_add(track * 0x0123_4567);
        RtpPosition::start(number as u16, number, at)
    };
    let starts: Vec<RtpPosition> = (0..tracks as u32).map(start).collect();
    TrackPositions::new(&starts).expect("a station has a track")
}

fn keep(parties: &mut [Party], at_us: u64, out: Outgoing<'_>) {
    if let Some(party) = parties.iter_mut().find(|party| party.leg == out.leg) {
        party.received.push(Received::new(at_us, out));
    }
}
