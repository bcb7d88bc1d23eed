//! Calls that we make, until they are taken, refused or taken back (RFC 3261 §13.2, §9.1).

use std::time::Instant;

use super::call::{Call, Calling, Purpose};
use super::lines::challenge_headers;
use super::{ClientKey, UNREACHABLE, UserAgent, allow};
use crate::dialog::Dialog;
use crate::digest::Challenge;
use crate::message::{Headers, Method, NameAddr, Response, Uri};
use crate::session_timer::SessionTimer;
use crate::timers::GIVE_UP;
use crate::types::{CallKey, Event, NetworkCaller, Outgoing, Output, Peer};

/// The number of the first INVITE of a call.
const FIRST_SEQUENCE: u32 = 1;
/// How often one call may be asked who we are: once, and once more if the nonce was too old.
const CHALLENGES_MAX: u32 = 2;

impl UserAgent {
    /// Calls somebody. [`Event::Taken`] or [`Event::Refused`] says what came of it, unless
    /// [`Self::hang_up`] takes it back before.
    pub fn call(&mut self, now: Instant, outgoing: Outgoing) -> CallKey {
        let Outgoing { to, then, uri, caller, sdp, login, refers } = outgoing;
        let key = CallKey(self.number());
        let (call_id, tag) = (format!("{}{}", self.token(), self.token()), self.token());
        let host = self.own_address(to.transport).ip().to_string();
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        headers.push("From", format!("{};tag={tag}", from(&caller, &host)));
        headers.push("To", format!("<{uri}>"));
        headers.push("Call-ID", call_id.clone());
        headers.push("CSeq", format!("{FIRST_SEQUENCE} INVITE"));
        headers.push("Contact", self.contact(to.transport));
        headers.push("Allow", allow(refers));
        headers.push("Supported", "timer, replaces");
        headers.push("Content-Type", "application/sdp");
        let request = (format!("INVITE {uri} SIP/2.0"), headers, sdp);
        let dialog = Dialog::to_be(&call_id, &tag, &uri, FIRST_SEQUENCE);
        let (branch, sequence) = (format!("z9hG4bK{}", self.token()), FIRST_SEQUENCE);
        let (start, invite, sdp) = &request;
        let purpose = Purpose::Call(key, uri.to_string());
        let transaction = (&Method::Invite, branch.clone());
        self.send_in_transaction(now, (start, invite.clone(), sdp), transaction, (to, purpose));
        let calling = Calling {
            branch,
            request,
            sequence,
            is_heard: false,
            login,
            challenged: 0,
            then: then.into_iter(),
            gives_up_at: None,
        };
        let call = Call { refers, ..Call::outgoing(to, dialog, calling) };
        self.calls.insert(key, call);
        key
    }

    /// Takes a call of ours back that nobody has taken. It is not told of again.
    pub(super) fn take_back(&mut self, now: Instant, key: CallKey) {
        let Some(calling) = self.calls.get_mut(&key).and_then(|it| it.calling.as_mut()) else {
            return;
        };
        if calling.gives_up_at.is_some() {
            return;
        }
        calling.gives_up_at = Some(now + GIVE_UP);
        let is_heard = calling.is_heard;
        if is_heard {
            self.send_cancel(now, key);
        }
        self.watch_call(key);
    }

    /// CANCEL has the branch, the number and the names of its INVITE (RFC 3261 §9.1).
    fn send_cancel(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get(&key) else { return };
        let Some(calling) = &call.calling else { return };
        let (start, invite, _) = &calling.request;
        let mut headers = Headers::default();
        for name in ["Max-Forwards", "From", "To", "Call-ID"] {
            headers.push(name, invite.get(name).unwrap_or_default());
        }
        headers.push("CSeq", format!("{} CANCEL", calling.sequence));
        let start = start.replacen("INVITE", "CANCEL", 1);
        let (branch, to) = (calling.branch.clone(), call.peer);
        let transaction = (&Method::Cancel, branch);
        self.send_in_transaction(now, (&start, headers, ""), transaction, (to, Purpose::Cancel));
    }

    /// Forgets a call that was taken back and never answered, with its transaction, which has no end otherwise.
    pub(super) fn give_up(&mut self, key: CallKey) {
        let calling = self.calls.get_mut(&key).and_then(|it| it.calling.take());
        if let Some(calling) = calling {
            self.clients.remove(&ClientKey(calling.branch, Method::Invite));
        }
        self.forget(key);
    }

    /// A provisional answer.
    pub(super) fn call_progressed(&mut self, now: Instant, key: CallKey, status: u16) {
        let Some(calling) = self.calls.get_mut(&key).and_then(|it| it.calling.as_mut()) else {
            return;
        };
        let is_first = !std::mem::replace(&mut calling.is_heard, true);
        if calling.gives_up_at.is_some() {
            if is_first {
                self.send_cancel(now, key);
            }
        } else if status > 100 {
            self.tell(Event::Ringing { call: key });
        }
    }

    /// The first final answer.
    pub(super) fn call_answered(&mut self, now: Instant, key: CallKey, response: &Response) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        if response.status >= 300 {
            if !self.proves(now, key, response) {
                self.call_failed(now, key, response.status, response.status == UNREACHABLE);
            }
            return;
        }
        let is_taken_back = call.calling.take().is_some_and(|it| it.gives_up_at.is_some());
        let Some(dialog) = Dialog::of_acceptance(response) else {
            // Nothing can be sent to it, not even that it is over.
            self.forget(key);
            if !is_taken_back {
                self.tell(Event::Refused { call: key, status: 500 });
            }
            return;
        };
        self.dialogs.insert(dialog.id.clone(), key);
        call.dialog = dialog;
        call.session = SessionTimer::accepted(now, response);
        call.peer_updates =
            response.headers.list("Allow").any(|it| it.eq_ignore_ascii_case("UPDATE"));
        if is_taken_back {
            // The two have crossed (RFC 3261 §9.1): it was taken, so it is hung up.
            self.send_bye(now, key);
            return;
        }
        let sdp = response.session_description().ok().flatten();
        self.tell(Event::Taken { call: key, sdp });
        self.watch_call(key);
    }

    /// We are asked who we are: calls again, and says it. `false`: we were not asked, or can't say it.
    fn proves(&mut self, now: Instant, key: CallKey, response: &Response) -> bool {
        if !matches!(response.status, 401 | 407) {
            return false;
        }
        let (asks, answers) = challenge_headers(response.status);
        let cnonce = self.token();
        let Some(call) = self.calls.get_mut(&key) else { return false };
        let Some(calling) = call.calling.as_mut().filter(|it| it.gives_up_at.is_none()) else {
            return false;
        };
        let Some(challenge) = Challenge::first(&response.headers, asks) else { return false };
        let Some(login) = &calling.login else { return false };
        calling.challenged += 1;
        // A wrong secret is not tried again.
        if calling.challenged > CHALLENGES_MAX || (calling.challenged > 1 && !challenge.stale) {
            return false;
        }
        let (start, headers, _) = &mut calling.request;
        let uri = start.split(' ').nth(1).unwrap_or_default().to_owned();
        let who = (login.username.as_str(), &login.secret);
        let proof = challenge.answer(who, (&Method::Invite, &uri), (1, &cnonce));
        headers.remove(answers);
        headers.push(answers, proof);
        self.call_again(now, key);
        true
    }

    /// Sends the INVITE once more, as it is now, to where the call is now.
    fn call_again(&mut self, now: Instant, key: CallKey) {
        let branch = format!("z9hG4bK{}", self.token());
        let Some(call) = self.calls.get_mut(&key) else { return };
        let to = call.peer;
        let Some(calling) = &mut call.calling else { return };
        calling.sequence += 1;
        calling.branch = branch.clone();
        calling.is_heard = false;
        let (start, headers, sdp) = &mut calling.request;
        headers.remove("CSeq");
        headers.push("CSeq", format!("{} INVITE", calling.sequence));
        let uri = start.split(' ').nth(1).unwrap_or_default().to_owned();
        let request = (start.clone(), headers.clone(), sdp.clone());
        let purpose = Purpose::Call(key, uri);
        let request = (request.0.as_str(), request.1, request.2.as_str());
        self.send_in_transaction(now, request, (&Method::Invite, branch), (to, purpose));
    }

    /// Nobody takes it; `tries`: it may go to the next server, if there is one (RFC 3263 §4.3).
    pub(super) fn call_failed(&mut self, now: Instant, key: CallKey, status: u16, tries: bool) {
        let call = self.calls.get_mut(&key);
        let next = call.and_then(|call| {
            let calling = call.calling.as_mut().filter(|it| tries && it.gives_up_at.is_none())?;
            call.peer = calling.then.next()?;
            calling.challenged = 0;
            // What was proved to one is not told another.
            for name in ["Authorization", "Proxy-Authorization"] {
                calling.request.1.remove(name);
            }
            Some(())
        });
        match next {
            Some(()) => self.call_again(now, key),
            None => self.call_refused(key, status),
        }
    }

    /// It was not taken, or nobody answered.
    fn call_refused(&mut self, key: CallKey, status: u16) {
        let Some(calling) = self.calls.get(&key).and_then(|it| it.calling.as_ref()) else {
            return;
        };
        let is_taken_back = calling.gives_up_at.is_some();
        self.forget(key);
        if !is_taken_back {
            self.tell(Event::Refused { call: key, status });
        }
    }

    /// ACK of an answer to an INVITE that begins a call. An acceptance by another phone than the first that a
    /// proxy on the way has asked, too, is hung up (RFC 3261 §13.2.2.4).
    pub(super) fn acknowledge_call(
        &mut self,
        key: &ClientKey,
        to: Peer,
        (response, call, uri): (&Response, CallKey, &str),
    ) {
        if response.status >= 300 {
            let core = &response.core;
            let mut headers = Headers::default();
            headers.push("Max-Forwards", "70");
            headers.push("From", core.from.as_str());
            headers.push("To", core.to.as_str());
            headers.push("Call-ID", core.call_id.clone());
            headers.push("CSeq", format!("{} ACK", core.sequence));
            let start = format!("ACK {uri} SIP/2.0");
            let bytes = self.request_bytes(&start, &headers, "", (to.transport, &key.0));
            self.output.push_back(Output::Send { to, bytes });
            return;
        }
        let Some(mut dialog) = Dialog::of_acceptance(response) else { return };
        let call = self.calls.get(&call);
        let is_first = call.is_some_and(|it| it.calling.is_some() || it.dialog.id == dialog.id);
        let (start, headers) = dialog.request_with(&Method::Ack, response.core.sequence);
        let branch = format!("z9hG4bK{}", self.token());
        let bytes = self.request_bytes(&start, &headers, "", (to.transport, &branch));
        self.output.push_back(Output::Send { to, bytes });
        if !is_first {
            let (start, headers, _) = dialog.request(&Method::Bye);
            let branch = format!("z9hG4bK{}", self.token());
            let bytes = self.request_bytes(&start, &headers, "", (to.transport, &branch));
            self.output.push_back(Output::Send { to, bytes });
        }
    }
}

/// Who calls, as From of an INVITE. The name is a text of anybody's, and quoted.
fn from(caller: &NetworkCaller, host: &str) -> String {
    let address = Uri::sip(Some(caller.number.as_deref().unwrap_or("anonymous")), host, None);
    let is_shown = |letter: &char| !letter.is_control();
    let name: String = caller.name.iter().flat_map(|it| it.chars()).filter(is_shown).collect();
    let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!("\"{quoted}\" <{address}>");
    match NameAddr::parse(&text) {
        Some(_) => text,
        // What can't be read back can't be read there.
        None => format!("<{}>", Uri::sip(Some("anonymous"), host, None)),
    }
}
