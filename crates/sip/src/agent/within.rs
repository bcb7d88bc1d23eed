//! Requests of the other end's within a call.

use std::time::Instant;

use super::arrive::{unknown_extensions, unsupported_body};
use super::call::{Call, Reoffer};
use super::{SUPPORTED, UserAgent, allow};
use crate::message::{Method, Reply, Request};
use crate::server_transaction::ServerKey;
use crate::session_timer::{MIN_SE_S, SessionTimer};
use crate::types::{CallKey, Event, OfferKey, Peer, Refusal, SipEnd};

/// When a change that came too early may come again (RFC 3261 §14.2: 0 to 10 s, at random).
const EARLY_RETRY_MAX_S: u64 = 10;

impl UserAgent {
    /// A request within a dialog has come, for the first time.
    pub(super) fn handle_within(
        &mut self,
        now: Instant,
        call: CallKey,
        (key, from): (ServerKey, Peer),
        request: Request,
    ) {
        self.begin_server(&key, &request, from);
        let Some(it) = self.calls.get_mut(&call) else { return };
        if it.dialog.take_sequence(request.core.sequence).is_err() {
            let reply = Reply::to(&request, from.address, 500);
            self.answer(now, &key, &reply);
            return;
        }
        let unknown = unknown_extensions(&request);
        if !unknown.is_empty() {
            let reply = Reply::to(&request, from.address, 420);
            let reply = reply.with("Unsupported", unknown.join(", "));
            self.answer(now, &key, &reply);
            return;
        }
        // A stream that was opened anew, or a NAT that has moved.
        it.peer = Peer { address: from.address, connection: from.connection, ..it.peer };
        let allow = allow(it.refers);
        let answer = |status| Reply::to(&request, from.address, status);
        let reply = match request.method {
            Method::Bye => return self.handle_bye(now, call, &key, &request, from),
            Method::Invite | Method::Update => {
                return self.handle_change(now, call, (key, from), request);
            }
            Method::Prack => return self.handle_prack(now, call, (&key, from), &request),
            Method::Info => {
                self.tell_digit(call, &request);
                answer(200)
            }
            Method::Refer => return self.handle_refer(now, call, (&key, from), &request),
            Method::Options => answer(200).with("Allow", allow).with("Supported", SUPPORTED),
            Method::Register
            | Method::Notify
            | Method::Subscribe
            | Method::Message
            | Method::Publish => answer(405).with("Allow", allow),
            Method::Other(_) => answer(501).with("Allow", allow),
            Method::Ack | Method::Cancel => unreachable!("they were taken out before"),
        };
        self.answer(now, &key, &reply);
    }

    /// Answers the other end's wish for another session with ours, or refuses it.
    ///
    /// A key that is answered already, or whose call is over, is ignored.
    pub fn answer_offer(
        &mut self,
        now: Instant,
        key: CallKey,
        number: OfferKey,
        answer: Result<String, Refusal>,
    ) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(reoffer) = call.reoffer.take_if(|it| it.number == number) else { return };
        if let Some(successor) = reoffer.successor {
            let asked = (reoffer.key, reoffer.request, *successor);
            return self.succeed(now, key, asked, answer);
        }
        let source = call.peer.address;
        let transport = call.peer.transport;
        let sdp = match answer {
            Ok(sdp) => sdp,
            Err(refusal) => {
                let mut reply = Reply::to(&reoffer.request, source, refusal.status);
                if let Some(after) = refusal.retry_after {
                    reply = reply.with("Retry-After", after.as_secs().max(1).to_string());
                }
                self.answer(now, &reoffer.key, &reply);
                return;
            }
        };
        let is_invite = reoffer.request.method == Method::Invite;
        let has_offer = is_invite && reoffer.request.body.is_empty();
        call.local_sdp = Some(sdp.clone());
        call.owes_answer = has_offer;
        // Agreed when the request was let in; the session is renewed by it.
        let session = call.session;
        let reply =
            Reply::to(&reoffer.request, source, 200).with("Contact", self.contact(transport));
        let reply = self.with_session(reply, session).with_sdp(sdp);
        self.answer(now, &reoffer.key, &reply);
        if is_invite {
            let invite = (&reoffer.key, &reoffer.request);
            self.await_ack(now, key, invite, &reply, (has_offer, false));
        }
        self.watch_call(key);
    }

    fn handle_bye(
        &mut self,
        now: Instant,
        key: CallKey,
        bye: &ServerKey,
        request: &Request,
        from: Peer,
    ) {
        self.answer(now, bye, &Reply::to(request, from.address, 200));
        match self.calls.get(&key).is_some_and(Call::is_answered) {
            true => {
                self.forget(key);
                self.tell(Event::Ended { call: key, end: SipEnd::Bye });
            }
            // Of a call that is not answered yet: its INVITE is answered, too (RFC 3261 §15.1.2).
            false => self.end_invite(now, key, SipEnd::Bye),
        }
    }

    /// re-INVITE and UPDATE: another session, another address, or a sign of life.
    fn handle_change(
        &mut self,
        now: Instant,
        key: CallKey,
        (transaction, from): (ServerKey, Peer),
        request: Request,
    ) {
        if let Some(reply) = self.change_refusal(key, &request, from) {
            self.answer(now, &transaction, &reply);
            return;
        }
        let agreed = SessionTimer::agreed(now, &request);
        let Ok(session) = agreed else {
            let reply = Reply::to(&request, from.address, 422).with("Min-SE", MIN_SE_S.to_string());
            self.answer(now, &transaction, &reply);
            return;
        };
        let number = OfferKey(self.number());
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.dialog.refresh_target(&request.headers);
        call.session = session.or(call.session).map(|mut it| {
            it.renewed(now);
            it
        });
        let (session, transport) = (call.session, call.peer.transport);
        let offer = request.session_description().ok().flatten();
        if request.method == Method::Update && offer.is_none() {
            let reply =
                Reply::to(&request, from.address, 200).with("Contact", self.contact(transport));
            let reply = self.with_session(reply, session);
            self.answer(now, &transaction, &reply);
        } else {
            let key_of = transaction.clone();
            call.reoffer = Some(Reoffer { number, key: transaction, request, successor: None });
            // For as long as it takes to ask: an INVITE is repeated otherwise.
            let reoffer = call.reoffer.as_ref().map(|it| Reply::to(&it.request, from.address, 100));
            if let Some(reply) = reoffer {
                self.answer(now, &key_of, &reply);
            }
            self.tell(Event::Reoffered { call: key, key: number, offer });
        }
        self.watch_call(key);
    }

    /// Why another session is not talked about now (RFC 3261 §14.2, RFC 3311 §5.2).
    fn change_refusal(&mut self, key: CallKey, request: &Request, from: Peer) -> Option<Reply> {
        if request.session_description().is_err() {
            return Some(unsupported_body(request, from));
        }
        let wait = self.number() % EARLY_RETRY_MAX_S;
        let call = self.calls.get(&key)?;
        let answer = |status| Reply::to(request, from.address, status);
        let is_invite = request.method == Method::Invite;
        let has_offer = is_invite || !request.body.is_empty();
        // Theirs, not answered yet; before the first answer an INVITE is one, too.
        let answers_owed = call.reoffer.is_some() || (!call.is_answered() && has_offer);
        if answers_owed {
            return Some(answer(500).with("Retry-After", wait.to_string()));
        }
        // Ours, not answered yet.
        let is_glare = call.refreshing || call.owes_answer;
        (is_glare && has_offer).then(|| answer(491))
    }

    /// `Signal=5` (application/dtmf-relay), or the digit alone (application/dtmf).
    fn tell_digit(&mut self, call: CallKey, request: &Request) {
        let kind = request.headers.get("Content-Type").unwrap_or_default();
        let body = std::str::from_utf8(&request.body).unwrap_or_default();
        let digit = match kind.trim().to_ascii_lowercase().as_str() {
            "application/dtmf-relay" => body.lines().find_map(|line| {
                let (name, value) = line.split_once('=')?;
                name.trim().eq_ignore_ascii_case("signal").then(|| value.trim().chars().next())?
            }),
            "application/dtmf" => body.trim().chars().next(),
            _other => None,
        };
        if let Some(digit) = digit.filter(|it| it.is_ascii_hexdigit() || "*#".contains(*it)) {
            self.tell(Event::Digit { call, digit });
        }
    }
}
