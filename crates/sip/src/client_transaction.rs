//! A request of ours and the other end's answers (RFC 3261 §17.1, with RFC 6026).

use std::time::{Duration, Instant};

use crate::timers::{GIVE_UP, T1, T2, T4};
use crate::types::Peer;

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing has come.
    Calling,
    /// A provisional answer has come.
    Proceeding,
    /// A final answer has come.
    Completed,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// New: whoever sent the request has to know.
    New,
    /// A final answer that is known already. An INVITE's is acknowledged again.
    Again,
    /// Late or out of turn.
    Nothing,
}

/// What a passed deadline means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientStep {
    /// Not yet.
    Nothing,
    /// To be sent again.
    Resend(Vec<u8>),
    /// No final answer came in time.
    TimedOut,
    /// It is over.
    Ended,
}

/// One transaction.
#[derive(Debug)]
pub struct ClientTransaction {
    /// Where the request went.
    pub peer: Peer,
    is_invite: bool,
    state: State,
    bytes: Vec<u8>,
    /// Timer A or E, with its next interval.
    resend: Option<(Instant, Duration)>,
    /// Timer B, F, D, K or M.
    ends_at: Option<Instant>,
}

impl ClientTransaction {
    /// A request has been sent.
    pub fn new(now: Instant, is_invite: bool, peer: Peer, bytes: Vec<u8>) -> Self {
        let resend = (!peer.transport.is_reliable()).then(|| (now + T1, T1));
        let ends_at = Some(now + GIVE_UP);
        Self { peer, is_invite, state: State::Calling, bytes, resend, ends_at }
    }

    /// An answer of this status has come.
    pub fn handle_answer(&mut self, now: Instant, status: u16) -> Heard {
        match self.state {
            State::Completed if status >= 200 => Heard::Again,
            State::Completed => Heard::Nothing,
            State::Calling | State::Proceeding if status < 200 => {
                self.state = State::Proceeding;
                if self.is_invite {
                    // A phone may ring for as long as it likes; whoever calls gives up otherwise.
                    (self.resend, self.ends_at) = (None, None);
                } else if let Some((at, interval)) = &mut self.resend {
                    (*at, *interval) = (now + T2, T2);
                }
                Heard::New
            }
            State::Calling | State::Proceeding => {
                self.state = State::Completed;
                self.resend = None;
                let is_reliable = self.peer.transport.is_reliable();
                let linger = if self.is_invite { GIVE_UP } else { T4 };
                let linger = if is_reliable && !self.is_invite { Duration::ZERO } else { linger };
                self.ends_at = Some(now + linger);
                Heard::New
            }
        }
    }

    /// Whether nothing has been answered.
    pub fn is_unheard(&self) -> bool {
        self.state == State::Calling
    }

    /// When it is to be looked at again.
    pub fn deadline(&self) -> Option<Instant> {
        let resend = self.resend.map(|(at, _)| at);
        resend.into_iter().chain(self.ends_at).min()
    }

    /// Its time has come.
    pub fn handle_timeout(&mut self, now: Instant) -> ClientStep {
        if self.ends_at.is_some_and(|at| at <= now) {
            return match self.state {
                State::Calling | State::Proceeding => ClientStep::TimedOut,
                State::Completed => ClientStep::Ended,
            };
        }
        let Some((at, interval)) = self.resend else { return ClientStep::Nothing };
        if at > now {
            return ClientStep::Nothing;
        }
        let doubled = interval * 2;
        let interval = if self.is_invite { doubled } else { doubled.min(T2) };
        self.resend = Some((now + interval, interval));
        ClientStep::Resend(self.bytes.clone())
    }
}
