//! The phone as a pure state machine: told what happened, it says what to do.
//!
//! It reads no clock and does no IO. The server's events are the truth about who hears whom; what the user asked for is
//! only ever *pending* until the event is there. One thing is never waited for: the microphone closes at once when the
//! user mutes, goes back to Listen, stops, or when a supervisor's connection is lost, and it opens only after the
//! server's event. After any fault supervision is off.

mod ask;
mod back;
pub mod command;
mod live;
pub mod standing;
pub mod words;

pub use live::LiveCall;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use wire::{CallMeters, CallPhase, CallView, Envelope, Event, Mode, Role, User};

use command::{Act, Action, Command, Note, Request};
use standing::{Ringing, Standing, Talk};

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The user wants something.
    Command(Command),
    /// An event of the server.
    Server(Box<Envelope>),
    /// The event stream has ended.
    Lost,
    /// A sound connection stands, with no call on it yet.
    Station,
    /// Nothing comes from the sound connection any more.
    NoSound,
    /// The microphone hears the loudspeaker, or no longer does.
    Echo(bool),
    /// The server has done what was asked.
    Done(Request),
    /// The server has refused it, or could not be asked.
    Refused(Request, String),
}

/// The level of a leg, as the server tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// dBFS, −127 … 0.
    pub level: i16,
    /// Whether the leg speaks.
    pub speaking: bool,
}

impl Meter {
    /// What the server adds to the level of a leg that speaks.
    const SPEAKS: i16 = 128;

    fn told(level: i16) -> Self {
        let speaking = level > 0;
        Self { level: if speaking { level.saturating_sub(Self::SPEAKS) } else { level }, speaking }
    }
}

/// The phone.
#[derive(Debug, Default)]
pub struct Phone {
    me: Option<User>,
    is_up: bool,
    calls: BTreeMap<String, CallView>,
    presence: Option<(wire::PresenceState, Option<String>)>,
    ringing: Option<Ringing>,
    /// By call, in the order of its legs.
    meters: BTreeMap<String, Vec<Meter>>,
    /// Calls that were answered or are supervised from here, so that their sound is here.
    here: BTreeSet<String>,
    /// There is a station that was not used yet.
    has_fresh_station: bool,
    is_echo: bool,
    /// What the server was last told of it, and for which leg.
    echo_told: Option<(String, bool)>,
    /// What was asked for and is not confirmed.
    mute_wanted: Option<bool>,
    mode_wanted: Option<Mode>,
    is_leaving: bool,
    is_answering: bool,
    /// The server's clock at a moment of ours.
    clock: Option<(Instant, u64)>,
    standing: Standing,
}

impl Phone {
    /// What is to be done because of this. `now` is for the countdown and durations alone.
    pub fn handle(&mut self, now: Instant, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Command(command) => self.command(now, command, &mut actions),
            Input::Server(envelope) => {
                let is_snapshot = matches!(envelope.event, Event::Snapshot(_));
                self.server(now, *envelope);
                if is_snapshot {
                    actions.extend(self.come_back());
                }
            }
            Input::Lost => self.lost(),
            Input::Station => {
                self.has_fresh_station = true;
                actions.extend(self.come_back());
            }
            Input::NoSound => drop(self.supervision_off()),
            Input::Echo(is_echo) => self.is_echo = is_echo,
            Input::Done(request) => self.done(&request),
            Input::Refused(request, text) => {
                self.settled(&request);
                if let Request::Call { act, call } = &request {
                    let has_failed = match act {
                        Act::Answer | Act::Listen => !self.is_own(call),
                        act => matches!(act, Act::ComeBack { .. }),
                    };
                    if has_failed {
                        self.here.remove(call);
                    }
                }
                // The user did not ask for the echo to be told, and has been warned of it.
                if !matches!(&request, Request::Call { act: Act::Echo { .. }, .. }) {
                    actions.push(Action::Say(Note::Refused { text }));
                }
            }
        }
        let standing = self.look();
        actions.extend(self.tell_echo(standing.talk.as_ref()));
        let left = self.seconds_left(now, standing.ringing.as_ref()).unwrap_or(0);
        let mut changes = standing::changes(&self.standing, &standing, left);
        self.standing = standing;
        // A microphone closes before anything is asked.
        changes.append(&mut actions);
        changes.sort_by_key(|action| *action != Action::Microphone(false));
        changes
    }

    /// How things stand.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Who the user is, once the server has said so.
    pub fn me(&self) -> Option<&User> {
        self.me.as_ref()
    }

    /// Whether the user supervises instead of taking calls.
    pub fn is_supervisor(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.role != Role::Agent)
    }

    /// What was asked for and is not confirmed yet, in words.
    pub fn pending(&self) -> Option<String> {
        if self.is_leaving {
            let is_open = |mode| matches!(mode, Some(Mode::Barge | Mode::TakeOver));
            let text = if self.talk().is_some_and(|talk| is_open(talk.leg.mode)) {
                "Leaving… everyone may still hear you until this is confirmed"
            } else {
                "Leaving…"
            };
            return Some(text.to_owned());
        }
        if self.is_answering {
            return Some("Connecting…".to_owned());
        }
        match (self.mode_wanted, self.mute_wanted) {
            (Some(mode), _) => Some(words::pending(mode)),
            (None, Some(true)) => {
                Some("Your microphone is closed. The server is being told…".to_owned())
            }
            (None, Some(false)) => Some("Unmute asked for, not confirmed yet".to_owned()),
            (None, None) => None,
        }
    }

    /// Until it rings elsewhere, s.
    pub fn ringing_seconds_left(&self, now: Instant) -> Option<u64> {
        self.seconds_left(now, self.standing.ringing.as_ref())
    }

    /// How long the user's call lasts, s.
    pub fn talk_seconds(&self, now: Instant) -> Option<u64> {
        let call = &self.talk()?.call;
        Some(self.since(now, call.answered_at.unwrap_or(call.placed_at)))
    }

    /// The level of a leg as the server tells it, if it does.
    pub fn meter(&self, call: &str, leg: &str) -> Option<Meter> {
        let legs = &self.calls.get(call)?.legs;
        let meters = self.meters.get(call).filter(|meters| meters.len() == legs.len())?;
        meters.get(legs.iter().position(|it| it.id == leg)?).copied()
    }

    fn talk(&self) -> Option<&Talk> {
        self.standing.talk.as_ref()
    }

    fn is_own(&self, call: &str) -> bool {
        self.calls.get(call).is_some_and(|call| call.own_leg.is_some())
    }

    /// The picture of this moment.
    fn look(&self) -> Standing {
        let talk = standing::talk_among(self.calls.values(), |call| self.here.contains(call));
        let is_open = talk.as_ref().is_some_and(|talk| talk.is_here && self.may_be_heard(talk));
        Standing {
            is_up: self.is_up,
            presence: self.presence.clone(),
            ringing: self.ringing.clone(),
            talk,
            is_open,
        }
    }

    fn may_be_heard(&self, talk: &Talk) -> bool {
        if self.is_leaving {
            return false;
        }
        match talk.leg.mode {
            Some(mode) if talk.is_supervised() => {
                self.is_up && mode != Mode::Listen && self.mode_wanted != Some(Mode::Listen)
            }
            _ => !talk.is_supervised() && !talk.leg.muted && self.mute_wanted != Some(true),
        }
    }

    fn done(&mut self, request: &Request) {
        // Modes and mutes are confirmed by the event; but one that changed nothing makes no event.
        let Request::Call { act, .. } = request else { return };
        let Some(talk) = &self.standing.talk else { return };
        match act {
            Act::Mute { on, .. } if talk.leg.muted == *on => self.settled(request),
            Act::Mode { mode, .. } if talk.leg.mode == Some(*mode) => self.settled(request),
            _ => {}
        }
    }

    /// It is no longer pending, whatever came of it.
    fn settled(&mut self, request: &Request) {
        let Request::Call { act, .. } = request else { return };
        match act {
            Act::Mute { on, .. } if self.mute_wanted == Some(*on) => self.mute_wanted = None,
            Act::Mode { mode, .. } if self.mode_wanted == Some(*mode) => self.mode_wanted = None,
            Act::Leave { .. } | Act::HangUp => self.is_leaving = false,
            Act::Answer => self.is_answering = false,
            _ => {}
        }
    }

    fn lost(&mut self) {
        self.is_up = false;
        self.ringing = None;
        self.meters.clear();
        self.mode_wanted = None;
        self.is_answering = false;
        for call in self.supervision_off() {
            self.calls.remove(&call);
            self.is_leaving = false;
        }
    }

    /// Supervision is off after any fault; an agent's call goes on. Returns the calls that were supervised.
    fn supervision_off(&mut self) -> Vec<String> {
        let supervised = |call: &&CallView| {
            let own = call.own_leg.as_ref();
            call.legs.iter().any(|leg| Some(&leg.id) == own && leg.role == Role::Supervisor)
        };
        let calls: Vec<_> =
            self.calls.values().filter(supervised).map(|call| call.id.clone()).collect();
        for call in &calls {
            self.here.remove(call);
        }
        calls
    }

    fn server(&mut self, now: Instant, envelope: Envelope) {
        self.clock = Some((now, envelope.at));
        match envelope.event {
            Event::Snapshot(snapshot) => {
                self.is_up = true;
                self.calls =
                    snapshot.calls.into_iter().map(|call| (call.id.clone(), call)).collect();
                let calls = &self.calls;
                self.here.retain(|call| calls.contains_key(call));
                let own = snapshot.agents.into_iter().find(|agent| agent.user == snapshot.me.id);
                self.presence = own.map(|agent| (agent.state, agent.reason));
                self.ringing = snapshot
                    .offer
                    .map(|offer| Ringing { call: offer.call, expires_at: offer.expires_at });
                self.me = Some(snapshot.me);
            }
            Event::CallOffered { call, expires_at, .. } => {
                self.ringing = Some(Ringing { call, expires_at });
            }
            Event::CallOfferEnded { call } => self.not_ringing(&call),
            Event::CallStarted { call }
            | Event::CallUpdated { call }
            | Event::LegChanged { call }
            | Event::HelpChanged { call, .. }
            | Event::HandoverRequested { call, .. }
            | Event::LegJoined { call, .. }
            | Event::LegLeft { call, .. }
            | Event::SupervisionStarted { call, .. }
            | Event::SupervisionModeChanged { call, .. }
            | Event::SupervisionEnded { call, .. } => self.replace(call),
            Event::CallEnded { call } => self.ended(call),
            Event::PresenceChanged { agent } => {
                if self.me.as_ref().is_some_and(|me| me.id == agent.user) {
                    self.presence = Some((agent.state, agent.reason));
                }
            }
            Event::Meters { calls } => {
                let meters =
                    |legs: Vec<i16>| -> Vec<Meter> { legs.into_iter().map(Meter::told).collect() };
                self.meters = calls
                    .into_iter()
                    .map(|CallMeters { call, legs }| (call, meters(legs)))
                    .collect();
            }
            // What they change on the call comes with the call itself.
            Event::HandoverEnded { .. }
            | Event::Moods { .. }
            | Event::StationChanged { .. }
            | Event::StationClosed { .. } => {}
        }
    }

    fn not_ringing(&mut self, call: &str) {
        self.ringing.take_if(|ringing| ringing.call.id == call);
    }

    fn replace(&mut self, call: CallView) {
        // Those who leave an ended call are told of before the end itself.
        if call.state == CallPhase::Ended {
            return self.ended(call);
        }
        let id = call.id.clone();
        if call.own_leg.is_some() {
            self.not_ringing(&id);
            self.is_answering = false;
        } else if self.is_own(&id) {
            self.forget_pending();
            self.here.remove(&id);
        }
        self.calls.insert(id, call);
        let talk = standing::talk_among(self.calls.values(), |call| self.here.contains(call));
        if let Some(talk) = talk {
            // Events come in order, so the newest state that was asked for ends the waiting.
            if self.mute_wanted == Some(talk.leg.muted) {
                self.mute_wanted = None;
            }
            if self.mode_wanted.is_some() && self.mode_wanted == talk.leg.mode {
                self.mode_wanted = None;
            }
        }
    }

    /// How it ended is told with what was known of it while one was on it.
    fn ended(&mut self, call: CallView) {
        self.not_ringing(&call.id);
        self.here.remove(&call.id);
        if self.is_own(&call.id) {
            self.forget_pending();
        }
        self.calls.remove(&call.id);
        if let Some(talk) = &mut self.standing.talk
            && talk.call.id == call.id
        {
            talk.call.end_reason = call.end_reason;
        }
    }

    fn forget_pending(&mut self) {
        self.mute_wanted = None;
        self.mode_wanted = None;
        self.is_leaving = false;
        self.is_answering = false;
    }

    fn since(&self, now: Instant, at_ms: u64) -> u64 {
        self.server_ms(now).saturating_sub(at_ms) / 1000
    }

    fn seconds_left(&self, now: Instant, ringing: Option<&Ringing>) -> Option<u64> {
        Some(ringing?.expires_at.saturating_sub(self.server_ms(now)).div_ceil(1000))
    }

    fn server_ms(&self, now: Instant) -> u64 {
        let Some((at, unix_ms)) = self.clock else { return 0 };
        let passed: Duration = now.saturating_duration_since(at);
        unix_ms + u64::try_from(passed.as_millis()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
