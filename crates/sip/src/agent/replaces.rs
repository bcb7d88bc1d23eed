//! An INVITE that takes the place of a call (Replaces, RFC 3891): how a PBX connects two calls that one of its
//! telephones has, one of them with us (attended transfer).
//!
//! The call goes on, by the new dialog: to whoever carries it, it is a change of the session like any other, and its
//! answer the one to that change. Only a peer of the trunk by which the call goes may do so.

use std::time::Instant;

use super::call::{Call, Origin, Purpose, Reoffer, Successor};
use super::own_requests::next_hop;
use super::{UserAgent, Verdict};
use crate::admission::TrunkId;
use crate::dialog::{Dialog, DialogId};
use crate::message::{Method, Reply, Request};
use crate::server_transaction::ServerKey;
use crate::session_timer::SessionTimer;
use crate::types::{CallKey, Event, OfferKey, Peer, Refusal};

/// When an INVITE may come again whose call is being changed, s.
const EARLY_RETRY_S: &str = "1";

/// The header's value.
struct Replaces {
    id: DialogId,
    /// Only if it is not answered yet.
    early_only: bool,
}

impl Replaces {
    /// `None`: it is none (RFC 3891 §6.1).
    fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split(';').map(str::trim);
        let call_id = parts.next().filter(|it| !it.is_empty())?;
        let (mut to, mut from, mut early_only) = (None, None, false);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "to-tag" => to = Some(value.trim()),
                "from-tag" => from = Some(value.trim()),
                "early-only" => early_only = true,
                _other => {}
            }
        }
        // As we see it: our end is the To of whoever replaces (§3).
        let (local_tag, remote_tag) = (to?.to_owned(), from?.to_owned());
        Some(Self {
            id: DialogId { call_id: call_id.to_owned(), local_tag, remote_tag },
            early_only,
        })
    }
}

impl UserAgent {
    /// An INVITE with Replaces. It is let in as the call was that it names: nothing is counted anew.
    pub(super) fn handle_replacing(
        &mut self,
        now: Instant,
        (from, trunk): (Peer, TrunkId),
        (transaction, request): (ServerKey, Request),
        (dialog, session): (Dialog, Option<SessionTimer>),
    ) -> Verdict {
        let key = match self.replaced(&request, trunk) {
            Ok(key) => key,
            Err(status) => {
                let mut reply = Reply::to(&request, from.address, status);
                if status == 500 {
                    reply = reply.with("Retry-After", EARLY_RETRY_S);
                }
                self.answer_stateless(&request, from, reply);
                return Verdict::Taken;
            }
        };
        let number = OfferKey(self.number());
        let offer = request.session_description().ok().flatten();
        self.begin_server(&transaction, &request, from);
        self.answer(now, &transaction, &Reply::to(&request, from.address, 100));
        let successor = Some(Box::new(Successor { dialog, peer: from, session }));
        if let Some(call) = self.calls.get_mut(&key) {
            call.reoffer = Some(Reoffer { number, key: transaction, request, successor });
        }
        self.tell(Event::Reoffered { call: key, key: number, offer });
        Verdict::Taken
    }

    /// The call that it names, if its place can be taken; else why not (RFC 3891 §3).
    fn replaced(&self, request: &Request, trunk: TrunkId) -> Result<CallKey, u16> {
        let mut values = request.headers.all("Replaces");
        let (Some(value), None) = (values.next(), values.next()) else { return Err(400) };
        let replaces = Replaces::parse(value).ok_or(400_u16)?;
        let key = *self.dialogs.get(&replaces.id).ok_or(481_u16)?;
        let call = self.calls.get(&key).ok_or(481_u16)?;
        // Another trunk's, or one that still rings here (theirs to cancel): as if there were none.
        if self.trunk_of(call) != Some(trunk) || !call.is_answered() {
            return Err(481);
        }
        if call.hanging_up {
            return Err(603);
        }
        if replaces.early_only {
            return Err(486);
        }
        if !call.may_refresh() || call.owes_answer {
            return Err(500);
        }
        Ok(key)
    }

    /// By which trunk a call goes, whoever has made it.
    fn trunk_of(&self, call: &Call) -> Option<TrunkId> {
        match &call.admitted {
            Some(admitted) => Some(admitted.trunk),
            None => self.admission.trunk_of(call.peer.address.ip()),
        }
    }

    /// The change is answered: the new dialog is the call's, and the old one is hung up.
    pub(super) fn succeed(
        &mut self,
        now: Instant,
        key: CallKey,
        (invite, request, successor): (ServerKey, Request, Successor),
        answer: Result<String, Refusal>,
    ) {
        let Successor { dialog, peer, session } = successor;
        let (id, source) = (dialog.id.clone(), peer.address);
        let sdp = match answer {
            Ok(sdp) => sdp,
            Err(refusal) => {
                let mut reply = Reply::to(&request, source, refusal.status).tagged(&id.local_tag);
                if let Some(after) = refusal.retry_after {
                    reply = reply.with("Retry-After", after.as_secs().max(1).to_string());
                }
                self.answer(now, &invite, &reply);
                self.watch_call(key);
                return;
            }
        };
        let Some(call) = self.calls.get_mut(&key) else { return };
        let (bye, bye_headers, _) = call.dialog.request(&Method::Bye);
        let bye_to = next_hop(call, |ip| self.admission.trunk_of(ip).is_some());
        let has_offer = matches!(request.session_description(), Ok(None));
        let before = std::mem::replace(&mut call.dialog, dialog);
        call.peer = peer;
        call.session = session;
        call.peer_updates = request.names_option("Allow", "UPDATE");
        call.local_sdp = Some(sdp.clone());
        call.owes_answer = has_offer;
        let origin = Origin::of(&request);
        let origin_before = call.admitted.as_mut();
        let origin_before =
            origin_before.map(|it| std::mem::replace(&mut it.origin, origin.clone()));
        self.dialogs.remove(&before.id);
        self.dialogs.insert(id.clone(), key);
        if let Some(before) = origin_before {
            self.origins.remove(&before);
            self.origins.insert(origin, key);
        }
        let mut reply = Reply::to(&request, source, 200).tagged(&id.local_tag);
        for route in request.headers.all("Record-Route") {
            reply = reply.with("Record-Route", route);
        }
        let reply = reply.with("Contact", self.contact(peer.transport));
        let reply = self.with_session(reply, session).with_sdp(sdp);
        self.answer(now, &invite, &reply);
        self.await_ack(now, key, (&invite, &request), &reply, (has_offer, true));
        let bye = (bye.as_str(), bye_headers, "");
        self.send_request(now, bye, &Method::Bye, (bye_to, Purpose::Bye));
    }
}
