//! Requests of our own within a call, and what comes back.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use super::call::{Call, Purpose};
use super::{ClientKey, SUPPORTED, Timer, UserAgent, allow};
use crate::client_transaction::Heard;
use crate::message::{Method, Response};
use crate::types::{CallKey, Event, Output, Peer, Refusal, SipEnd, Transport};

impl UserAgent {
    /// Ends the call: refuses it while it rings, hangs up once it is confirmed. It is not told of again.
    pub fn hang_up(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        if call.calling.is_some() {
            self.take_back(now, key);
        } else if !call.is_answered() {
            self.refuse(now, key, Refusal::new(480));
        } else if call.unconfirmed.as_ref().is_some_and(|it| it.is_first) {
            call.hanging_up = true;
        } else {
            self.send_bye(now, key);
        }
    }

    /// Sends BYE; the call is forgotten at once, whatever comes back.
    pub(super) fn send_bye(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let (start, headers, _) = call.dialog.request(&Method::Bye);
        let to = next_hop(call, |ip| self.admission.trunk_of(ip).is_some());
        self.forget(key);
        self.send_request(now, (&start, headers, ""), &Method::Bye, (to, Purpose::Bye));
    }

    /// Renews the session (RFC 4028 §7.4), by UPDATE where the other end takes it.
    pub(super) fn send_refresh(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(session) = call.session else { return };
        let (method, body) = match (call.peer_updates, &call.local_sdp) {
            (false, Some(sdp)) => (Method::Invite, sdp.clone()),
            (true, _) | (false, None) => (Method::Update, String::new()),
        };
        call.refreshing = true;
        let refers = call.refers;
        let (start, mut headers, _) = call.dialog.request(&method);
        let to = next_hop(call, |ip| self.admission.trunk_of(ip).is_some());
        headers.push("Contact", self.contact(to.transport));
        headers.push("Allow", allow(refers));
        headers.push("Supported", SUPPORTED);
        headers.push("Session-Expires", session.request());
        if !body.is_empty() {
            headers.push("Content-Type", "application/sdp");
        }
        self.send_request(now, (&start, headers, &body), &method, (to, Purpose::Refresh(key)));
    }

    /// An answer to a request of ours.
    pub(super) fn handle_response(&mut self, now: Instant, from: Peer, response: &Response) {
        let Some(branch) = response.core.via.branch() else { return };
        let key = ClientKey(branch.to_owned(), response.core.method.clone());
        let Some((transaction, purpose)) = self.clients.get_mut(&key) else { return };
        // Nobody else than the one who was asked answers.
        if transaction.peer.address.ip() != from.address.ip() {
            return;
        }
        let heard = transaction.handle_answer(now, response.status);
        let (purpose, to) = (purpose.clone(), transaction.peer);
        let deadline = transaction.deadline();
        let is_final = response.status >= 200;
        if is_final && key.1 == Method::Invite && heard != Heard::Nothing {
            self.acknowledge(&key, to, (response, &purpose));
        }
        if let Some(at) = deadline {
            self.timers.set(at, Timer::Client(key));
        }
        if heard == Heard::New && is_final {
            self.answered(now, &purpose, response);
        } else if let (Heard::New, Purpose::Call(key, _)) = (heard, &purpose) {
            self.call_progressed(now, *key, response.status);
        }
    }

    /// No answer comes: as if it were this.
    pub(super) fn unanswered(&mut self, now: Instant, purpose: &Purpose, status: u16) {
        match purpose {
            Purpose::Bye | Purpose::Cancel | Purpose::Notify => {}
            Purpose::Refresh(key) => self.gone(now, *key),
            Purpose::Call(key, _) => self.call_failed(now, *key, status, true),
            Purpose::Line(line) => self.line_unanswered(now, *line, status),
            Purpose::Ping(place) => self.ping_answered(now, *place, status),
        }
    }

    fn answered(&mut self, now: Instant, purpose: &Purpose, response: &Response) {
        let key = match purpose {
            Purpose::Bye | Purpose::Cancel | Purpose::Notify => return,
            Purpose::Call(key, _) => return self.call_answered(now, *key, response),
            Purpose::Line(line) => return self.line_answered(now, *line, response),
            Purpose::Ping(place) => return self.ping_answered(now, *place, response.status),
            Purpose::Refresh(key) => key,
        };
        match response.status {
            // RFC 3261 §12.2.1.2: the other end does not know the call any more.
            408 | 481 => self.gone(now, *key),
            status => {
                let Some(call) = self.calls.get_mut(key) else { return };
                call.refreshing = false;
                if let Some(session) = call.session.as_mut().filter(|_| status < 300) {
                    session.renewed(now);
                    call.dialog.refresh_target(&response.headers);
                } else if let Some(session) = call.session.as_mut() {
                    // Refused (glare, say): the other end is there; the next turn comes at half of the
                    // interval again, and the call ends if nothing is renewed by then.
                    session.renewed(now);
                }
                self.watch_call(*key);
            }
        }
    }

    fn gone(&mut self, now: Instant, key: CallKey) {
        if !self.calls.contains_key(&key) {
            return;
        }
        self.send_bye(now, key);
        self.tell(Event::Ended { call: key, end: SipEnd::Gone });
    }

    /// ACK of an answer to a change of a session: of a refusal in the INVITE's own transaction, of an acceptance in
    /// one of its own (RFC 3261 §17.1.1.3, §13.2.2.4).
    fn acknowledge(
        &mut self,
        key: &ClientKey,
        to: Peer,
        (response, purpose): (&Response, &Purpose),
    ) {
        let call = match purpose {
            Purpose::Bye
            | Purpose::Cancel
            | Purpose::Notify
            | Purpose::Line(_)
            | Purpose::Ping(_) => return,
            Purpose::Call(call, uri) => {
                return self.acknowledge_call(key, to, (response, *call, uri));
            }
            Purpose::Refresh(call) => call,
        };
        let Some(call) = self.calls.get(call) else { return };
        let sequence = response.core.sequence;
        let (start, headers) = call.dialog.request_with(&Method::Ack, sequence);
        let branch = match response.status {
            200..300 => format!("z9hG4bK{}", self.token()),
            _refused => key.0.clone(),
        };
        let bytes = self.request_bytes(&start, &headers, "", (to.transport, &branch));
        self.output.push_back(Output::Send { to, bytes });
    }
}

/// Where requests within the call go: to the next hop if it is an address that `is_known` (a peer names what it wants),
/// else (a NAT, a name) to where the peer is. Over a stream: on the one that the call came by, as long as it is open;
/// then on a new one, not to the port that the old one came from, at which nobody listens.
pub(super) fn next_hop(call: &Call, is_known: impl Fn(IpAddr) -> bool) -> Peer {
    let (hop, peer) = (call.dialog.next_hop(), call.peer);
    let default = if peer.transport == Transport::Tls { 5061 } else { 5060 };
    let port = hop.port.unwrap_or(default);
    let named = hop.address().map(|ip| SocketAddr::new(ip, port));
    let address = match peer.transport {
        Transport::Udp => named.filter(|it| it.ip() == peer.address.ip()),
        Transport::Tcp | Transport::Tls if peer.connection != 0 => None,
        Transport::Tcp | Transport::Tls => {
            let came = call.admitted.is_some().then(|| SocketAddr::new(peer.address.ip(), port));
            named.filter(|it| is_known(it.ip())).or(came)
        }
    };
    Peer { address: address.unwrap_or(peer.address), ..peer }
}
