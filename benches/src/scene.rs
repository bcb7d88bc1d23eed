//! A call of the engine's, fed with recorded speech.

use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Moment, RtpPacket, TICK_MS};
use interaction::{Actor, CallId, Command, LegId, ModeKind, Policy, Rights, UnixMs, UserId};

use crate::{Speech, SpeechOf};

/// What goes on on the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// Caller and agent alone: two forwarded rows.
    Plain,
    /// A supervisor listens: one mix.
    Listen,
    /// A supervisor whispers: two mixes.
    Whisper,
    /// A supervisor has barged: three mixes.
    Barge,
}

/// A call between recorded parties, on a clock of its own.
pub struct Scene {
    call: Call,
    legs: Vec<LegId>,
    now: Instant,
    frame: usize,
}

impl Situation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Listen, Self::Whisper, Self::Barge];

    fn mode(self) -> Option<ModeKind> {
        match self {
            Self::Plain => None,
            Self::Listen => Some(ModeKind::Listen),
            Self::Whisper => Some(ModeKind::Whisper),
            Self::Barge => Some(ModeKind::Barge),
        }
    }
}

impl Scene {
    /// Ticks until tones are over and playout is steady: 1 s.
    const WARM_UP_FRAMES: usize = 50;

    /// Sets a call up and lets it run until it is steady.
    ///
    /// # Panics
    /// The call refuses a command: the bench is wrong.
    pub fn new(situation: Situation, speech: &[Speech; 3]) -> Self {
        Self::with(situation, speech, CallConfig::default())
    }

    /// The same, with these choices.
    ///
    /// # Panics
    /// The call refuses a command or the configuration: the bench is wrong.
    pub fn with(situation: Situation, speech: &[Speech; 3], config: CallConfig) -> Self {
        let call = Call::new(CallId(1), Policy::default(), config);
        let call = call.expect("a valid configuration");
        let mut scene = Self { call, legs: Vec::new(), now: Instant::now(), frame: 0 };
        let rights = Rights { whisper: true, barge: true };
        scene.join(Command::JoinCaller { user: UserId(1) });
        scene.join(Command::JoinAgent { user: UserId(2) });
        if let Some(mode) = situation.mode() {
            scene.join(Command::Supervise { user: UserId(3), rights });
            let leg = scene.legs[2];
            scene.apply(Command::SetMode {
                leg,
                mode,
                coach: None,
                announce: false,
                expected: None,
            });
        }
        for _ in 0..Self::WARM_UP_FRAMES {
            scene.tick(speech);
        }
        scene
    }

    /// The speech of caller, agent and supervisor, as [`Scene::tick`] wants it.
    ///
    /// # Errors
    /// See [`Speech::read`].
    pub fn speech() -> anyhow::Result<[Speech; 3]> {
        Ok([
            Speech::read(SpeechOf::Caller)?,
            Speech::read(SpeechOf::Agent)?,
            Speech::read(SpeechOf::Supervisor)?,
        ])
    }

    /// 20 ms of the call: one packet of each leg, then the tick. Returns the bytes that went out.
    pub fn tick(&mut self, speech: &[Speech; 3]) -> usize {
        let mut sent = 0;
        let mut index = 0;
        while index < self.legs.len() {
            sent += self.packet(index, speech);
            index += 1;
        }
        let moment = self.moment();
        self.call.handle_tick(moment, |outgoing| sent += outgoing.payload.len());
        self.frame += 1;
        self.now += Duration::from_millis(TICK_MS);
        sent
    }

    /// The next packet of one leg, without the tick. Returns the bytes that went out at once.
    pub fn packet(&mut self, leg: usize, speech: &[Speech; 3]) -> usize {
        let packets = &speech[leg].packets;
        let packet = RtpPacket {
            sequence: self.frame as u16,
            timestamp: (self.frame * codec::FRAME_SAMPLES) as u32,
            marker: self.frame == 0,
            payload: &packets[self.frame % packets.len()],
            level_dbov: None,
            is_restored: false,
        };
        let mut sent = 0;
        self.call.handle_rtp(self.now, self.legs[leg], packet, |it| sent += it.payload.len());
        sent
    }

    /// Where the next tick is in the recordings, in frames.
    pub fn frame(&self) -> usize {
        self.frame
    }

    /// Mixes encoded so far.
    pub fn encoded(&self) -> u64 {
        self.call.counters().encoded
    }

    /// Packets so far that stood for a mix, while their source talked alone.
    pub fn stood_in(&self) -> u64 {
        self.call.counters().stood_in
    }

    fn join(&mut self, command: Command) {
        let leg = self.apply(command).expect("a command that joins");
        self.legs.push(leg);
    }

    fn apply(&mut self, command: Command) -> Option<LegId> {
        let moment = self.moment();
        let applied = self.call.handle_command(moment, Actor::System, command, None);
        applied.expect("a command that the call's state allows").joined
    }

    fn moment(&self) -> Moment {
        Moment { now: self.now, unix: UnixMs(0) }
    }
}
