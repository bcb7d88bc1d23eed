//! Whether trunks are there: each is asked by OPTIONS now and then (RFC 3261 §11).
//!
//! One that has several servers is asked at one after the other until one answers; it is down when none does. As long
//! as a server answers it is the one that is asked, and called first.

use std::time::{Duration, Instant};

use super::call::Purpose;
use super::{NO_ANSWER, Timer, UserAgent};
use crate::admission::TrunkId;
use crate::message::{Headers, Method, Uri};
use crate::timers::TimerKey;
use crate::types::{Event, Peer, PingConfig, TrunkState};

/// How often one that answers is asked.
const INTERVAL: Duration = Duration::from_secs(30);
/// How soon one that is down is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// One trunk that is asked.
#[derive(Debug)]
pub(super) struct Pinged {
    config: PingConfig,
    /// Which of its servers is asked, and called first.
    server: usize,
    /// How many of them have failed since one answered.
    failed: usize,
    call_id: String,
    tag: String,
    sequence: u32,
    state: TrunkState,
    /// It was asked, and has not answered.
    is_asked: bool,
    /// When it is asked again.
    again: Option<TimerKey>,
}

impl Pinged {
    pub(super) fn new(config: PingConfig, call_id: String, tag: String) -> Self {
        Self {
            config,
            server: 0,
            failed: 0,
            call_id,
            tag,
            sequence: 0,
            state: TrunkState::Unknown,
            is_asked: false,
            again: None,
        }
    }

    fn peer(&self) -> Option<Peer> {
        self.config.servers.get(self.server).copied()
    }
}

impl UserAgent {
    /// Asks every trunk that is to be asked, from then on again and again. [`Event::Trunk`] says how each is.
    pub fn ping_trunks(&mut self, now: Instant) {
        for place in 0..self.pinged.len() {
            self.ping(now, place);
        }
    }

    /// Where calls by a trunk go, one after the other: first to the server that answers.
    pub fn trunk_servers(&self, trunk: TrunkId) -> Vec<Peer> {
        let Some(pinged) = self.pinged.iter().find(|it| it.config.trunk == trunk) else {
            return Vec::new();
        };
        let servers = &pinged.config.servers;
        let first = pinged.peer();
        let others = servers.iter().copied().filter(|it| Some(*it) != first);
        first.into_iter().chain(others).collect()
    }

    /// A trunk that is asked is there from now on, the most wanted server first. The one that it was asked at stays the
    /// first to be asked if it is among them.
    pub fn set_trunk_servers(&mut self, now: Instant, trunk: TrunkId, servers: Vec<Peer>) {
        let Some(place) = self.pinged.iter().position(|it| it.config.trunk == trunk) else {
            return;
        };
        let pinged = &mut self.pinged[place];
        let before = pinged.peer();
        let stays = servers.iter().position(|it| Some(*it) == before);
        pinged.config.servers = servers;
        pinged.server = stays.unwrap_or(0);
        if stays.is_none() && !pinged.is_asked {
            pinged.failed = 0;
            if let Some(again) = pinged.again.take() {
                self.timers.cancel(again);
            }
            self.ping(now, place);
        }
    }

    pub(super) fn ping(&mut self, now: Instant, place: usize) {
        let Some(pinged) = self.pinged.get_mut(place) else { return };
        let Some(to) = pinged.peer() else { return };
        (pinged.is_asked, pinged.again) = (true, None);
        let own = self.own_address(to.transport);
        let contact = self.contact(to.transport);
        let pinged = &mut self.pinged[place];
        pinged.sequence += 1;
        let address = Uri::sip(None, &to.address.ip().to_string(), Some(to.address.port()));
        let from = Uri::sip(None, &own.ip().to_string(), Some(own.port()));
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        headers.push("From", format!("<{from}>;tag={}", pinged.tag));
        headers.push("To", format!("<{address}>"));
        headers.push("Call-ID", pinged.call_id.clone());
        headers.push("CSeq", format!("{} OPTIONS", pinged.sequence));
        headers.push("Contact", contact);
        headers.push("Accept", "application/sdp");
        let start = format!("OPTIONS {address} SIP/2.0");
        let purpose = Purpose::Ping(place);
        self.send_request(now, (&start, headers, ""), &Method::Options, (to, purpose));
    }

    /// The final answer, or as what it counts that there was none.
    pub(super) fn ping_answered(&mut self, now: Instant, place: usize, status: u16) {
        let Some(pinged) = self.pinged.get_mut(place) else { return };
        let before = pinged.state;
        let is_down = matches!(status, NO_ANSWER | 500..);
        pinged.is_asked = false;
        pinged.failed = if is_down { pinged.failed + 1 } else { 0 };
        if is_down {
            let count = pinged.config.servers.len().max(1);
            pinged.server = (pinged.server + 1) % count;
            if pinged.failed < count {
                return self.ping(now, place);
            }
            pinged.failed = 0;
        }
        pinged.state = match (is_down, before) {
            (true, TrunkState::Down { since, .. }) => TrunkState::Down { since, status },
            (true, TrunkState::Unknown | TrunkState::Up { .. }) => {
                TrunkState::Down { since: now, status }
            }
            // Whatever else it says to OPTIONS, it is there and understood it: 404 and 405 are usual.
            (false, TrunkState::Up { since, .. }) => {
                TrunkState::Up { since, answered_at: now, status }
            }
            (false, TrunkState::Unknown | TrunkState::Down { .. }) => {
                TrunkState::Up { since: now, answered_at: now, status }
            }
        };
        let (state, trunk) = (pinged.state, pinged.config.trunk);
        let again = match state {
            TrunkState::Up { .. } => INTERVAL,
            TrunkState::Unknown | TrunkState::Down { .. } => RETRY,
        };
        pinged.again = Some(self.timers.set(now + again, Timer::Ping(place)));
        self.tell(Event::Trunk { trunk, state });
    }
}
