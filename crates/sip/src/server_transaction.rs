//! A request of the other end's and our answers to it (RFC 3261 §17.2, with RFC 6026).

use std::time::{Duration, Instant};

use crate::message::{Method, Request};
use crate::timers::{GIVE_UP, T1, T2, T4};
use crate::types::Peer;

/// Which transaction a request belongs to (RFC 3261 §17.2.3). ACK belongs to its INVITE's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerKey(String);

impl ServerKey {
    /// The key of a request.
    pub fn of(request: &Request) -> Self {
        let method = match request.method {
            Method::Ack => Method::Invite,
            ref other => other.clone(),
        };
        Self::with(request, &method)
    }

    /// The key of the INVITE that a CANCEL takes back (RFC 3261 §9.2).
    pub fn of_cancelled(request: &Request) -> Self {
        Self::with(request, &Method::Invite)
    }

    fn with(request: &Request, method: &Method) -> Self {
        let core = &request.core;
        let via = &core.via;
        let port = via.port.unwrap_or(5060);
        let sent_by = format!("{}:{port}", via.host.to_ascii_lowercase());
        Self(match via.branch() {
            Some(branch) => format!("{method} {branch} {sent_by}"),
            // RFC 2543 had no branch to go by.
            None => {
                let (from, call) = (core.from.tag().unwrap_or_default(), &core.call_id);
                format!("{method} {call} {} {from} {sent_by} {}", core.sequence, request.uri)
            }
        })
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No final answer yet.
    Proceeding,
    /// Refused, or answered if it was no INVITE.
    Completed,
    /// The refusal of an INVITE was acknowledged.
    Confirmed,
    /// An INVITE was accepted: its answer is repeated by the call, not by the transaction (RFC 6026).
    Accepted,
}

/// What a passed deadline means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerStep {
    /// Not yet.
    Nothing,
    /// To be sent again.
    Resend(Vec<u8>),
    /// It is over.
    Ended,
}

/// One transaction.
#[derive(Debug)]
pub struct ServerTransaction {
    /// Where answers go.
    pub reply_to: Peer,
    is_invite: bool,
    state: State,
    last: Option<Vec<u8>>,
    /// Timer G, with its next interval.
    resend: Option<(Instant, Duration)>,
    /// Timer H, I, J or L.
    ends_at: Option<Instant>,
}

impl ServerTransaction {
    /// A request has come.
    pub fn new(request: &Request, reply_to: Peer) -> Self {
        let is_invite = request.method == Method::Invite;
        let state = State::Proceeding;
        Self { reply_to, is_invite, state, last: None, resend: None, ends_at: None }
    }

    /// The request came again: what is to be sent again, if anything.
    pub fn handle_again(&self) -> Option<&[u8]> {
        match self.state {
            State::Proceeding | State::Completed => self.last.as_deref(),
            State::Confirmed | State::Accepted => None,
        }
    }

    /// Answers. A final answer begins the end.
    pub fn answer(&mut self, now: Instant, status: u16, bytes: Vec<u8>) {
        self.last = Some(bytes);
        if status < 200 {
            return;
        }
        let is_reliable = self.reply_to.transport.is_reliable();
        if self.is_invite && status < 300 {
            self.state = State::Accepted;
            self.last = None;
            self.ends_at = Some(now + GIVE_UP);
            return;
        }
        self.state = State::Completed;
        if self.is_invite {
            self.resend = (!is_reliable).then(|| (now + T1, T1));
            self.ends_at = Some(now + GIVE_UP);
        } else {
            self.ends_at = Some(if is_reliable { now } else { now + GIVE_UP });
        }
    }

    /// Its ACK has come: `false` if it acknowledges an accepted INVITE, which is the call's.
    pub fn handle_ack(&mut self, now: Instant) -> bool {
        match self.state {
            State::Completed => {
                self.state = State::Confirmed;
                self.resend = None;
                let is_reliable = self.reply_to.transport.is_reliable();
                self.ends_at = Some(if is_reliable { now } else { now + T4 });
                true
            }
            State::Confirmed | State::Proceeding => true,
            State::Accepted => false,
        }
    }

    /// When it is to be looked at again.
    pub fn deadline(&self) -> Option<Instant> {
        let resend = self.resend.map(|(at, _)| at);
        resend.into_iter().chain(self.ends_at).min()
    }

    /// Its time has come.
    pub fn handle_timeout(&mut self, now: Instant) -> ServerStep {
        if self.ends_at.is_some_and(|at| at <= now) {
            return ServerStep::Ended;
        }
        match self.resend.filter(|(at, _)| *at <= now).zip(self.last.clone()) {
            Some(((_, interval), bytes)) => {
                let interval = (interval * 2).min(T2);
                self.resend = Some((now + interval, interval));
                ServerStep::Resend(bytes)
            }
            None => ServerStep::Nothing,
        }
    }
}
