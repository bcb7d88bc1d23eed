//! Calls that come in, until they are answered, refused or taken back.

use std::time::Instant;

use rand::RngExt as _;

use super::call::{Call, Origin, Pending, RING_AGAIN, Reliable, Repeated, Unconfirmed};
use super::{ALLOW, SUPPORTED, UserAgent, Verdict};
use crate::admission::TrunkId;
use crate::dialog::Dialog;
use crate::digest::{Credentials, Denied};
use crate::message::{NameAddr, Reply, Request, Scheme};
use crate::server_transaction::ServerKey;
use crate::session_timer::{MIN_SE_S, SessionTimer};
use crate::types::{CallKey, Event, Invitation, NetworkCaller, Output, Peer, Refusal, SipEnd};

/// What whoever calls by a trunk is asked.
enum Asks {
    /// Nothing: it has none to prove, or has proved it.
    Nothing,
    /// This.
    Proof(Reply),
    /// It has answered wrongly so often that it is not answered any more, for a while.
    NoMore,
}

impl UserAgent {
    /// An INVITE that begins a call.
    pub(super) fn handle_invite(
        &mut self,
        now: Instant,
        (from, trunk): (Peer, TrunkId),
        key: ServerKey,
        request: Request,
    ) -> Verdict {
        let session = SessionTimer::agreed(now, &request);
        let Ok(session) = session else {
            let reply = Reply::to(&request, from.address, 422).with("Min-SE", MIN_SE_S.to_string());
            self.answer_stateless(&request, from, reply);
            return Verdict::Taken;
        };
        let tag = self.token();
        let Some(dialog) = Dialog::of_invite(&request, &tag) else {
            let reply = Reply::to(&request, from.address, 400).because("Missing Contact");
            self.answer_stateless(&request, from, reply);
            return Verdict::Taken;
        };
        match self.asks_trunk(now, (from, trunk), &request) {
            Asks::Nothing => {}
            Asks::Proof(reply) => {
                self.answer_stateless(&request, from, reply);
                return Verdict::Taken;
            }
            Asks::NoMore => return Verdict::TooMany,
        }
        if request.headers.get("Replaces").is_some() {
            let agreed = (dialog, session);
            return self.handle_replacing(now, (from, trunk), (key, request), agreed);
        }
        if let Err(full) = self.admission.admit(now, trunk, from.address.ip()) {
            let after = full.retry_after.as_secs().max(1).to_string();
            let reply = Reply::to(&request, from.address, 503).with("Retry-After", after);
            self.answer_stateless(&request, from, reply);
            return Verdict::TooMany;
        }
        let offer = request.session_description().ok().flatten();
        let call = CallKey(self.number());
        self.begin_server(&key, &request, from);
        self.answer(now, &key, &Reply::to(&request, from.address, 100));
        let invitation = Invitation {
            call,
            trunk,
            called: called(&request),
            caller: caller(&request),
            offer,
            peer: from,
            call_id: request.core.call_id.clone(),
        };
        self.origins.insert(Origin::of(&request), call);
        self.dialogs.insert(dialog.id.clone(), call);
        self.invites.insert(key.clone(), call);
        let pending = Pending::new(key, request);
        self.calls.insert(call, Call::incoming((trunk, from), dialog, session, pending));
        self.tell(Event::Invited(Box::new(invitation)));
        Verdict::Taken
    }

    /// What a trunk that has a secret is asked, unless it has proved it.
    fn asks_trunk(
        &mut self,
        now: Instant,
        (from, trunk): (Peer, TrunkId),
        request: &Request,
    ) -> Asks {
        let Some(login) = self.admission.login(trunk) else { return Asks::Nothing };
        let Some(verifier) = self.trunk_verifiers.get_mut(&trunk) else { return Asks::Nothing };
        let credentials = Credentials::of(&request.headers, verifier.realm());
        let address = from.address.ip();
        let is_stale = match credentials {
            None => false,
            // Whoever guesses learns nothing more, not even whether this guess was right.
            Some(_) if self.wrong_proofs.check(now, &address).is_err() => return Asks::NoMore,
            Some(credentials) => {
                let secret = (credentials.username == login.username).then_some(&login.secret);
                match verifier.verify(now, ("INVITE", &request.uri), &credentials, secret) {
                    Ok(()) => return Asks::Nothing,
                    Err(Denied::Stale) => true,
                    Err(Denied::Wrong) => {
                        // There is room: it was looked at before.
                        let _ = self.wrong_proofs.take(now, address);
                        false
                    }
                }
            }
        };
        let random = self.random.random();
        let asks = verifier.challenges(now, random, is_stale).into_iter();
        let reply = Reply::to(request, from.address, 401);
        Asks::Proof(asks.fold(reply, |reply, it| reply.with("WWW-Authenticate", it)))
    }

    /// It rings, or waits. `sdp` is our side of the session, which is sent only when it is accepted;
    /// with an INVITE that has no offer and requires reliable answers, at once (RFC 3262 §5).
    pub fn ring(&mut self, now: Instant, key: CallKey, sdp: String) {
        let tag = self.local_tag(key);
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.local_sdp = Some(sdp.clone());
        let Some(pending) = &mut call.pending else { return };
        pending.ring_again = Some(now + RING_AGAIN);
        let mut reply = Reply::to(&pending.request, call.peer.address, 180).tagged(&tag);
        for route in pending.request.headers.all("Record-Route") {
            reply = reply.with("Record-Route", route);
        }
        let is_first = pending.reliable.is_none();
        let is_reliable = pending.wants_reliable && is_first;
        let (invite, peer) = (pending.key.clone(), call.peer);
        let has_offer = is_reliable && call.owes_answer;
        if is_reliable {
            reply = reply.with("Require", "100rel").with("RSeq", "1");
        }
        reply = reply.with("Contact", self.contact(peer.transport));
        if has_offer {
            reply = reply.with_sdp(sdp);
        }
        self.answer(now, &invite, &reply);
        if is_reliable
            && let Some(to) = self.servers.get(&invite).map(|it| it.reply_to)
            && let Some(pending) = self.calls.get_mut(&key).and_then(|it| it.pending.as_mut())
        {
            let again = Repeated::new(now, to, reply.to_bytes());
            pending.reliable = Some(Reliable { number: 1, again, has_offer });
        }
        self.watch_call(key);
    }

    /// Answers the call, with the session that [`Self::ring`] or this names.
    pub fn accept(&mut self, now: Instant, key: CallKey, sdp: String) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(pending) = &mut call.pending else { return };
        let unanswered_offer = pending.reliable.as_ref().is_some_and(|it| it.has_offer);
        call.local_sdp = Some(sdp.clone());
        if unanswered_offer {
            // RFC 3262 §3: not while our offer waits for its PRACK.
            pending.taken = true;
            return;
        }
        let Some(pending) = call.pending.take() else { return };
        if let Some(session) = &mut call.session {
            session.renewed(now);
        }
        let (tag, peer, session) = (call.dialog.id.local_tag.clone(), call.peer, call.session);
        // With an offer in a reliable ringing the session stands already.
        let is_agreed =
            pending.wants_reliable && pending.request.body.is_empty() && !call.owes_answer;
        let has_offer = call.owes_answer;
        let mut reply = Reply::to(&pending.request, peer.address, 200).tagged(&tag);
        for route in pending.request.headers.all("Record-Route") {
            reply = reply.with("Record-Route", route);
        }
        reply = self.with_session(reply.with("Contact", self.contact(peer.transport)), session);
        if !is_agreed {
            reply = reply.with_sdp(sdp);
        }
        self.invites.remove(&pending.key);
        self.answer(now, &pending.key, &reply);
        self.await_ack(now, key, (&pending.key, &pending.request), &reply, (has_offer, true));
    }

    /// Does not take the call.
    pub fn refuse(&mut self, now: Instant, key: CallKey, refusal: Refusal) {
        let Some(call) = self.calls.get(&key) else { return };
        let Some(pending) = &call.pending else { return };
        let mut reply = Reply::to(&pending.request, call.peer.address, refusal.status);
        reply = reply.tagged(&call.dialog.id.local_tag).with("Server", &self.config.product);
        if let Some(after) = refusal.retry_after {
            reply = reply.with("Retry-After", after.as_secs().max(1).to_string());
        }
        let invite = pending.key.clone();
        self.answer(now, &invite, &reply);
        self.forget(key);
    }

    /// The caller takes the call back. Once it is answered that comes too late (RFC 3261 §9.2).
    pub(super) fn handle_cancel(&mut self, now: Instant, from: Peer, request: &Request) {
        let key = ServerKey::of_cancelled(request);
        if !self.servers.contains_key(&key) {
            let reply = Reply::to(request, from.address, 481);
            self.answer_stateless(request, from, reply);
            return;
        }
        let reply = Reply::to(request, from.address, 200);
        self.answer_stateless(request, from, reply);
        if let Some(call) = self.invites.get(&key).copied() {
            self.end_invite(now, call, SipEnd::Cancelled);
        }
    }

    /// The INVITE comes to nothing: 487.
    pub(super) fn end_invite(&mut self, now: Instant, key: CallKey, end: SipEnd) {
        self.refuse(now, key, Refusal::new(487));
        self.tell(Event::Ended { call: key, end });
    }

    /// The acceptance of an INVITE is repeated until it is confirmed.
    pub(super) fn await_ack(
        &mut self,
        now: Instant,
        key: CallKey,
        (invite, request): (&ServerKey, &Request),
        reply: &Reply,
        (has_offer, is_first): (bool, bool),
    ) {
        let Some(to) = self.servers.get(invite).map(|it| it.reply_to) else { return };
        let again = Repeated::new(now, to, reply.to_bytes());
        let sequence = request.core.sequence;
        if let Some(call) = self.calls.get_mut(&key) {
            call.unconfirmed = Some(Unconfirmed { sequence, again, has_offer, is_first });
        }
        self.watch_call(key);
    }

    /// An acceptance or a refusal is confirmed.
    pub(super) fn handle_ack(&mut self, now: Instant, key: &ServerKey, request: &Request) {
        if let Some(transaction) = self.servers.get_mut(key)
            && transaction.handle_ack(now)
        {
            self.watch_server(key.clone());
            return;
        }
        let dialog = crate::dialog::DialogId::of(request);
        let Some(key) = dialog.and_then(|it| self.dialogs.get(&it).copied()) else { return };
        let Some(call) = self.calls.get_mut(&key) else { return };
        let is_it = |it: &Unconfirmed| it.sequence == request.core.sequence;
        let Some(confirmed) = call.unconfirmed.take_if(|it| is_it(it)) else { return };
        if confirmed.has_offer {
            call.owes_answer = false;
            let sdp = request.session_description().ok().flatten();
            self.tell(Event::Answered { call: key, sdp });
        }
        if self.calls.get(&key).is_some_and(|it| it.hanging_up) {
            self.send_bye(now, key);
        }
        self.watch_call(key);
    }

    /// Adds what says by when the session is to be renewed, and what can be done.
    pub(super) fn with_session(&self, reply: Reply, session: Option<SessionTimer>) -> Reply {
        let mut reply = reply.with("Allow", ALLOW).with("Supported", SUPPORTED);
        if let Some(session) = session {
            if session.peer_supports {
                reply = reply.with("Require", "timer");
            }
            reply = reply.with("Session-Expires", session.answer());
        }
        reply.with("Server", &self.config.product)
    }

    /// Nothing is known of the call any more.
    pub(super) fn forget(&mut self, key: CallKey) {
        let Some(call) = self.calls.remove(&key) else { return };
        if let Some(timer) = call.watched {
            self.timers.cancel(timer);
        }
        self.dialogs.remove(&call.dialog.id);
        if let Some(pending) = call.pending {
            self.invites.remove(&pending.key);
        }
        if let Some(reoffer) = call.reoffer {
            // Its own transaction: whoever asked gets an answer.
            let source = reoffer.successor.as_ref().map_or(call.peer.address, |it| it.peer.address);
            let reply = Reply::to(&reoffer.request, source, 487);
            let reply = match &reoffer.successor {
                Some(successor) => reply.tagged(&successor.dialog.id.local_tag),
                None => reply,
            };
            self.answer_late(&reoffer.key, &reply);
        }
        if let Some(admitted) = call.admitted {
            self.origins.remove(&admitted.origin);
            self.admission.released(admitted.trunk, admitted.address);
        }
    }

    /// The last answer of a transaction whose call is gone.
    fn answer_late(&mut self, key: &ServerKey, reply: &Reply) {
        if let Some(transaction) = self.servers.remove(key) {
            let (to, bytes) = (transaction.reply_to, reply.to_bytes());
            self.output.push_back(Output::Send { to, bytes });
        }
    }

    fn local_tag(&self, key: CallKey) -> String {
        self.calls.get(&key).map(|call| call.dialog.id.local_tag.clone()).unwrap_or_default()
    }
}

/// The user part that was called.
fn called(request: &Request) -> String {
    request.uri.user.clone().unwrap_or_default()
}

/// Who calls: as the network asserts (RFC 3325), else as the caller's own phone says.
fn caller(request: &Request) -> NetworkCaller {
    let asserted = request.headers.list("P-Asserted-Identity").find_map(NameAddr::parse);
    let privacy = request.headers.get("Privacy").unwrap_or_default();
    let is_private = privacy.split(';').any(|it| it.trim().eq_ignore_ascii_case("id"));
    let identity = asserted.filter(|_| !is_private).unwrap_or_else(|| request.core.from.clone());
    let anonymous = |user: &String| user.eq_ignore_ascii_case("anonymous");
    let number = match identity.uri.scheme {
        Scheme::Sip | Scheme::Sips | Scheme::Tel => identity.uri.user.filter(|it| !anonymous(it)),
        Scheme::Other => None,
    };
    NetworkCaller { name: identity.name, number }
}
