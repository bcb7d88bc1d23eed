//! What is repeated until it is confirmed, and what else is due on a call: reliable ringing (RFC 3262),
//! acceptances without ACK, sessions that nobody renews.

use std::time::Instant;

use super::UserAgent;
use super::call::{Call, RING_AGAIN};
use crate::message::{Reply, Request};
use crate::server_transaction::ServerKey;
use crate::types::{CallKey, Event, Output, Peer, Refusal, SipEnd};

impl UserAgent {
    /// Something of a call's is due.
    pub(super) fn call_timeout(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.watched = call.watched.filter(|timer| timer.at > now);
        if call.calling.as_ref().and_then(|it| it.gives_up_at).is_some_and(|at| at <= now) {
            self.give_up(key);
            return;
        }
        let not_confirmed = call.unconfirmed.as_ref().is_some_and(|it| it.again.until <= now);
        let not_pracked = call.pending.as_ref().and_then(|it| it.reliable.as_ref());
        let not_pracked = not_pracked.is_some_and(|it| it.again.until <= now);
        let session = call.session.filter(|_| call.is_answered());
        if not_pracked {
            // RFC 3262 §3: a 5xx.
            self.refuse(now, key, Refusal::new(504));
            self.tell(Event::Ended { call: key, end: SipEnd::NotConfirmed });
            return;
        }
        if not_confirmed || session.is_some_and(|it| it.expires_at() <= now) {
            let end = if not_confirmed { SipEnd::NotConfirmed } else { SipEnd::Expired };
            call.unconfirmed = None;
            let was_ours = call.hanging_up;
            self.send_bye(now, key);
            if !was_ours {
                self.tell(Event::Ended { call: key, end });
            }
            return;
        }
        for (to, bytes) in repeated(call, now) {
            self.output.push_back(Output::Send { to, bytes });
        }
        let is_due = session.and_then(|it| it.refresh_at()).is_some_and(|at| at <= now);
        if is_due && call.may_refresh() {
            self.send_refresh(now, key);
        }
        self.ring_on(now, key);
        self.watch_call(key);
    }

    /// The ringing was heard of (RFC 3262 §3).
    pub(super) fn handle_prack(
        &mut self,
        now: Instant,
        key: CallKey,
        (transaction, from): (&ServerKey, Peer),
        request: &Request,
    ) {
        let answer = |status| Reply::to(request, from.address, status);
        let Some(call) = self.calls.get_mut(&key) else { return };
        let owes_answer = call.owes_answer;
        let invite = call.pending.as_mut();
        let reliable = invite.and_then(|it| {
            let sequence = it.request.core.sequence;
            it.reliable.take_if(|it| names(request, it.number, sequence))
        });
        let Some(reliable) = reliable else {
            let reply = answer(481);
            self.answer(now, transaction, &reply);
            return;
        };
        self.answer(now, transaction, &answer(200));
        if !(reliable.has_offer && owes_answer) {
            return;
        }
        let sdp = request.session_description().ok().flatten();
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.owes_answer = false;
        let taken = call.pending.as_ref().is_some_and(|it| it.taken);
        let local = call.local_sdp.clone();
        self.tell(Event::Answered { call: key, sdp });
        if let Some(sdp) = local.filter(|_| taken) {
            self.accept(now, key, sdp);
        }
    }

    /// Says again that it rings.
    fn ring_on(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(pending) = &mut call.pending else { return };
        if pending.ring_again.is_none_or(|at| at > now) {
            return;
        }
        pending.ring_again = Some(now + RING_AGAIN);
        let reply = Reply::to(&pending.request, call.peer.address, 180);
        let reply = reply.tagged(&call.dialog.id.local_tag);
        let (invite, transport) = (pending.key.clone(), call.peer.transport);
        let reply = reply.with("Contact", self.contact(transport));
        self.answer(now, &invite, &reply);
    }
}

/// What is to be sent again now.
fn repeated(call: &mut Call, now: Instant) -> Vec<(Peer, Vec<u8>)> {
    let unconfirmed = call.unconfirmed.as_mut().map(|it| &mut it.again);
    let reliable = call.pending.as_mut().and_then(|it| it.reliable.as_mut());
    let reliable = reliable.map(|it| &mut it.again);
    unconfirmed.into_iter().chain(reliable).filter_map(|it| it.due(now)).collect()
}

/// Whether RAck names this provisional answer.
fn names(request: &Request, number: u32, sequence: u32) -> bool {
    let rack = request.headers.get("RAck").unwrap_or_default();
    let mut words = rack.split_ascii_whitespace();
    let is = |word: Option<&str>, wanted: u32| word.and_then(|it| it.parse().ok()) == Some(wanted);
    is(words.next(), number) && is(words.next(), sequence) && words.next() == Some("INVITE")
}
