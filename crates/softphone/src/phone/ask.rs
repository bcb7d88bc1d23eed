//! What the user wants, as a request to the server; or why that can't be. Pure.
//!
//! Nothing is confirmed here. What closes the microphone is noted at once, what opens it only as *wanted*.

use std::time::Instant;

use wire::Mode;

use super::Phone;
use super::command::{Act, Action, Command, Note, Request};
use super::standing::Talk;

/// A reason's length, characters; the server's limit.
pub(super) const REASON_CHARS_MAX: usize = 500;
/// The reason given with presence, characters; the server's limit.
const PRESENCE_REASON_CHARS_MAX: usize = 80;

impl Phone {
    pub(super) fn command(&mut self, now: Instant, command: Command, actions: &mut Vec<Action>) {
        let asked = match command {
            Command::Ready {} => Ok(Request::Presence { ready: true, reason: None }),
            Command::NotReady { reason } => {
                let reason = reason.map(|reason| cut(&reason, PRESENCE_REASON_CHARS_MAX));
                Ok(Request::Presence { ready: false, reason })
            }
            Command::Answer {} => self.answer(),
            Command::Decline {} => self.on_ringing(Act::Decline),
            Command::Mute { on } => self.mute(on),
            Command::Hold { on } => self.on_talk(if on { Act::Hold } else { Act::Resume }),
            Command::HangUp {} => self.hang_up(),
            Command::Help { reason } => {
                let reason = reason.map(|reason| cut(&reason, REASON_CHARS_MAX));
                self.on_talk(Act::Help { reason: reason.filter(|reason| !reason.is_empty()) })
            }
            Command::WithdrawHelp {} => self.on_talk(Act::WithdrawHelp),
            Command::Calls {} => {
                actions.push(Action::Say(Note::Calls { calls: self.live_calls(now) }));
                return;
            }
            Command::Listen { call: Some(call) } => self.listen(call),
            Command::Listen { call: None } => self.mode(Mode::Listen),
            Command::Whisper {} => self.mode(Mode::Whisper),
            Command::Talk { on } => match self.talk_key(on) {
                Some(asked) => asked,
                None => return,
            },
            Command::Barge {} => self.mode(Mode::Barge),
            Command::TakeOver {} => self.mode(Mode::TakeOver),
            Command::Stop {} => self.stop(),
            // The program's, not the phone's.
            Command::Devices {}
            | Command::Use { .. }
            | Command::Levels { .. }
            | Command::Quit {} => {
                return;
            }
        };
        actions.push(match asked {
            Ok(request) => Action::Ask(request),
            Err(text) => Action::Say(Note::Refused { text: text.to_owned() }),
        });
    }

    pub(super) fn on_ringing(&mut self, act: Act) -> Result<Request, &'static str> {
        let ringing = self.ringing.as_ref().ok_or("No call rings here.")?;
        let call = ringing.call.id.clone();
        if act == Act::Answer {
            self.has_fresh_station = false;
            self.is_answering = true;
            self.here.insert(call.clone());
        }
        Ok(Request::Call { call, act })
    }

    fn agents_talk(&self) -> Result<&Talk, &'static str> {
        let talk = self.talk().ok_or("You are not on a call.")?;
        if talk.is_supervised() {
            return Err("That is the agent's to do: you supervise this call.");
        }
        Ok(talk)
    }

    fn on_talk(&self, act: Act) -> Result<Request, &'static str> {
        Ok(Request::Call { call: self.agents_talk()?.call.id.clone(), act })
    }

    fn mute(&mut self, on: bool) -> Result<Request, &'static str> {
        let talk = self.agents_talk()?;
        let (call, leg) = (talk.call.id.clone(), talk.leg.id.clone());
        self.mute_wanted = Some(on);
        Ok(Request::Call { call, act: Act::Mute { leg, on } })
    }

    fn hang_up(&mut self) -> Result<Request, &'static str> {
        if self.talk().is_some_and(Talk::is_supervised) {
            return self.stop();
        }
        let request = self.on_talk(Act::HangUp)?;
        self.is_leaving = true;
        Ok(request)
    }

    fn supervised(&self) -> Result<&Talk, &'static str> {
        let talk = self.talk().filter(|talk| talk.is_supervised());
        talk.ok_or("You are not supervising a call: listen to one first.")
    }

    fn listen(&mut self, call: String) -> Result<Request, &'static str> {
        if let Some(talk) = self.talk() {
            return if talk.call.id == call {
                self.mode(Mode::Listen)
            } else {
                Err("Leave the call you are on first (stop).")
            };
        }
        if !self.calls.contains_key(&call) {
            return Err("There is no such live call. `calls` lists them.");
        }
        self.has_fresh_station = false;
        self.here.insert(call.clone());
        Ok(Request::Call { call, act: Act::Listen })
    }

    fn mode(&mut self, mode: Mode) -> Result<Request, &'static str> {
        let talk = self.supervised()?;
        if !talk.is_here && mode != Mode::Listen {
            return Err("This call's sound is on another page or headset of yours: speak there.");
        }
        let (call, leg) = (talk.call.id.clone(), talk.leg.id.clone());
        self.mode_wanted = Some(mode);
        Ok(Request::Call { call, act: Act::Mode { leg, mode } })
    }

    /// The key held or let go; `None`: nothing to do. In Barge and a take-over it does nothing.
    fn talk_key(&mut self, on: bool) -> Option<Result<Request, &'static str>> {
        let mode = match self.supervised() {
            Ok(talk) => self.mode_wanted.or(talk.leg.mode),
            Err(text) => return on.then_some(Err(text)),
        };
        match (on, mode) {
            (true, Some(Mode::Listen)) => Some(self.mode(Mode::Whisper)),
            (false, Some(Mode::Whisper)) => Some(self.mode(Mode::Listen)),
            _ => None,
        }
    }

    fn stop(&mut self) -> Result<Request, &'static str> {
        let talk = self.supervised()?;
        let (call, leg) = (talk.call.id.clone(), talk.leg.id.clone());
        self.is_leaving = true;
        Ok(Request::Call { call, act: Act::Leave { leg } })
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    text.trim().chars().take(chars_max).collect()
}
