//! A recorded conversation through a call: what a supervisor gets of it, and what that took.

use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Counters, Moment, RtpPacket, TICK_MS};
use codec::FRAME_SAMPLES;
use interaction::{Actor, CallId, Command, LegId, Policy, Rights, UnixMs, UserId};

use crate::Received;

/// When in its 20 ms a party's packets come, µs: the caller's, the agent's.
const PHASES_US: [u64; 2] = [3_000, 11_000];

/// A caller and an agent, 20 ms a packet, and how the call is to be carried.
#[derive(Clone, Debug)]
pub struct Conversation<'a> {
    /// What the caller and the agent send; an empty packet is lost on its way.
    pub said: [&'a [Vec<u8>]; 2],
    /// Codec, mixer, playout, and whether mixes are always encoded.
    pub call: CallConfig,
    /// Whether a supervisor listens.
    pub is_supervised: bool,
}

/// What came of a conversation.
#[derive(Clone, Debug)]
pub struct Carried {
    /// What the supervisor got; without one what the agent got.
    pub received: Vec<Received>,
    /// What went through the call.
    pub counters: Counters,
    /// The time that each frame took, packets and tick.
    pub took: Vec<Duration>,
}

impl Conversation<'_> {
    /// Carries the conversation from its first packet to its last.
    ///
    /// # Panics
    /// The configuration is out of its limits.
    pub fn carry(&self) -> Carried {
        let mut call = Call::new(CallId(1), Policy::default(), self.call.clone())
            .expect("a configuration within the limits");
        let epoch = Instant::now();
        let mut join = |command| -> LegId {
            let moment = Moment { now: epoch, unix: UnixMs(0) };
            let applied = call.handle_command(moment, Actor::System, command, None);
            applied.expect("they may come in").joined.expect("a join makes a leg")
        };
        let caller = join(Command::JoinCaller { user: UserId(1) });
        let agent = join(Command::JoinAgent { user: UserId(2) });
        let rights = Rights { whisper: true, barge: true };
        let ear = match self.is_supervised {
            true => join(Command::Supervise { user: UserId(3), rights }),
            false => agent,
        };
        let (mut received, mut took) = (Vec::new(), Vec::new());
        for frame in 0..self.said[0].len().max(self.said[1].len()) {
            let begun = Instant::now();
            for ((leg, said), phase_us) in [caller, agent].into_iter().zip(self.said).zip(PHASES_US)
            {
                let Some(payload) = said.get(frame).filter(|it| !it.is_empty()) else { continue };
                let at_us = frame as u64 * TICK_MS * 1_000 + phase_us;
                let packet = RtpPacket {
                    sequence: frame as u16,
                    timestamp: (frame * FRAME_SAMPLES) as u32,
                    marker: false,
                    payload,
                    level_dbov: None,
                    is_restored: false,
                };
                call.handle_rtp(epoch + Duration::from_micros(at_us), leg, packet, |out| {
                    if out.leg == ear {
                        received.push(Received::new(at_us, out));
                    }
                });
            }
            let at_us = (frame as u64 + 1) * TICK_MS * 1_000;
            let now = epoch + Duration::from_micros(at_us);
            call.handle_tick(Moment { now, unix: UnixMs(at_us / 1_000) }, |out| {
                if out.leg == ear {
                    received.push(Received::new(at_us, out));
                }
            });
            took.push(begun.elapsed());
        }
        Carried { received, counters: call.counters(), took }
    }
}
