//! Whether trunks are there: each is asked by OPTIONS now and then (RFC 3261 §11).

use std::time::{Duration, Instant};

use super::call::Purpose;
use super::{NO_ANSWER, Timer, UserAgent};
use crate::message::{Headers, Method, Uri};
use crate::types::{Event, PingConfig, TrunkState};

/// How often one that answers is asked.
const INTERVAL: Duration = Duration::from_secs(30);
/// How soon one that is down is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// One trunk that is asked.
#[derive(Debug)]
pub(super) struct Pinged {
    config: PingConfig,
    call_id: String,
    tag: String,
    sequence: u32,
    state: TrunkState,
}

impl Pinged {
    pub(super) fn new(config: PingConfig, call_id: String, tag: String) -> Self {
        Self { config, call_id, tag, sequence: 0, state: TrunkState::Unknown }
    }
}

impl UserAgent {
    /// Asks every trunk that is to be asked, from then on again and again. [`Event::Trunk`] says how each is.
    pub fn ping_trunks(&mut self, now: Instant) {
        for place in 0..self.pinged.len() {
            self.ping(now, place);
        }
    }

    pub(super) fn ping(&mut self, now: Instant, place: usize) {
        let Some(pinged) = self.pinged.get(place) else { return };
        let to = pinged.config.peer;
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
        pinged.state = match status {
            NO_ANSWER | 500.. => match before {
                TrunkState::Down { since, .. } => TrunkState::Down { since, status },
                TrunkState::Unknown | TrunkState::Up { .. } => {
                    TrunkState::Down { since: now, status }
                }
            },
            // Whatever else it says to OPTIONS, it is there and understood it: 404 and 405 are usual.
            _answer => {
                let since = match before {
                    TrunkState::Up { since, .. } => since,
                    TrunkState::Unknown | TrunkState::Down { .. } => now,
                };
                TrunkState::Up { since, answered_at: now, status }
            }
        };
        let (state, trunk) = (pinged.state, pinged.config.trunk);
        let again = match state {
            TrunkState::Up { .. } => INTERVAL,
            TrunkState::Unknown | TrunkState::Down { .. } => RETRY,
        };
        self.timers.set(now + again, Timer::Ping(place));
        self.tell(Event::Trunk { trunk, state });
    }
}
