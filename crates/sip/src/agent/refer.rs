//! REFER within a call of ours (RFC 3515): its other end asks that whoever it talks with be connected with somebody
//! else.
//!
//! Whether that is done, and how, is not decided here. How far it is, is told to whoever asked by NOTIFY, unless they
//! want none (RFC 4488). Taken only on calls for which it is said: a REFER makes others call.

use std::time::Instant;

use super::call::{Purpose, Referral};
use super::own_requests::next_hop;
use super::{UserAgent, allow};
use crate::message::{Method, NameAddr, Reply, Request, Scheme, reason_phrase};
use crate::server_transaction::ServerKey;
use crate::types::{CallKey, Event, Peer};

/// For how long we say that we go on telling, s: longer than it may ring anywhere.
const TOLD_FOR_S: u32 = 300;

impl UserAgent {
    /// A REFER within a dialog.
    pub(super) fn handle_refer(
        &mut self,
        now: Instant,
        key: CallKey,
        (transaction, from): (&ServerKey, Peer),
        request: &Request,
    ) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let answer = |status| Reply::to(request, from.address, status);
        let to = match whom(request) {
            _ if !call.refers => Err(answer(405).with("Allow", allow(false))),
            _ if call.referral.is_some() => Err(answer(491)),
            Ok(to) => Ok(to),
            Err(status) => Err(answer(status)),
        };
        let to = match to {
            Ok(to) => to,
            Err(reply) => return self.answer(now, transaction, &reply),
        };
        let wants_news = !request.names_option("Refer-Sub", "false");
        // RFC 3515 §2.4.6: the first one needs no number, later ones are told apart by it.
        let event = match std::mem::replace(&mut call.was_referred, true) {
            false => "refer".to_owned(),
            true => format!("refer;id={}", request.core.sequence),
        };
        call.referral = Some(Referral { event: wants_news.then_some(event) });
        let mut reply = answer(202).with("Contact", self.contact(from.transport));
        if !wants_news {
            reply = reply.with("Refer-Sub", "false");
        }
        self.answer(now, transaction, &reply);
        // RFC 3515 §2.4.4: at once.
        self.refer_is(now, key, 100);
        self.tell(Event::Referred { call: key, to });
    }

    /// How far it is with what a REFER has asked, as a status; from 200 on that is the end of it.
    ///
    /// Without anything that was asked it is ignored.
    pub fn refer_is(&mut self, now: Instant, key: CallKey, status: u16) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let is_last = status >= 200;
        let referral = match is_last {
            true => call.referral.take().and_then(|it| it.event),
            false => call.referral.as_ref().and_then(|it| it.event.clone()),
        };
        let Some(event) = referral else { return };
        let state = match is_last {
            true => "terminated;reason=noresource".to_owned(),
            false => format!("active;expires={TOLD_FOR_S}"),
        };
        let (start, mut headers, _) = call.dialog.request(&Method::Notify);
        let to = next_hop(call, |ip| self.admission.trunk_of(ip).is_some());
        headers.push("Contact", self.contact(to.transport));
        headers.push("Event", event);
        headers.push("Subscription-State", state);
        headers.push("Content-Type", "message/sipfrag;version=2.0");
        let body = format!("SIP/2.0 {status} {}\r\n", reason_phrase(status));
        self.send_request(now, (&start, headers, &body), &Method::Notify, (to, Purpose::Notify));
    }
}

/// Whom it names: somebody to be called, and no other call (RFC 3515 §2.1, RFC 3891 §3).
fn whom(request: &Request) -> Result<crate::message::Uri, u16> {
    let mut named = request.headers.all("Refer-To");
    let (Some(value), None) = (named.next(), named.next()) else { return Err(400) };
    let uri = NameAddr::parse(value).ok_or(400_u16)?.uri;
    if !matches!(uri.scheme, Scheme::Sip | Scheme::Sips | Scheme::Tel) {
        return Err(416);
    }
    let is_call = uri.parameter("method").is_none_or(|it| it.eq_ignore_ascii_case("INVITE"));
    // With headers it would be another INVITE than one of ours: to take another call's place, say.
    if !is_call || uri.as_str().contains('?') { Err(603) } else { Ok(uri) }
}
