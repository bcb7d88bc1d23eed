//! What comes in: read, told apart, and refused without state if it is not to be worked with.

use std::time::Instant;

use super::call::Origin;
use super::phones::Standing;
use super::{ALLOW, REQUIRABLE, SUPPORTED, UserAgent, Verdict};
use crate::dialog::DialogId;
use crate::message::{Malformed, Message, Method, Reply, Request, Scheme, Via, parse};
use crate::server_transaction::ServerKey;
use crate::types::{Output, Peer, Transport};

impl UserAgent {
    /// Bytes have come: a datagram, or what was cut out of a stream.
    pub fn handle_bytes(&mut self, now: Instant, from: Peer, bytes: &[u8]) -> Verdict {
        let Some(standing) = self.standing(from) else { return Verdict::Stranger };
        match parse(bytes) {
            Ok(Message::Request(request)) => self.handle_request(now, (from, standing), request),
            Ok(Message::Response(response)) => {
                self.handle_response(now, from, &response);
                Verdict::Taken
            }
            Err(malformed) => {
                match standing {
                    Standing::Trunk(_) | Standing::Phone => {
                        self.answer_malformed(from, &malformed);
                    }
                    // What scans a port is told nothing.
                    Standing::Unregistered => {}
                }
                Verdict::Malformed
            }
        }
    }

    /// The head of a message on a stream that does not say how long it is: nothing behind it can be read, and its
    /// stream ends once it is answered.
    pub fn handle_unframed(&mut self, from: Peer, head: &[u8]) -> Verdict {
        let malformed = match parse(head) {
            Err(malformed) => malformed,
            Ok(Message::Request(request)) if request.method != Method::Ack => {
                let why = "Content-Length Missing";
                Malformed { why, status: 400, request: Some(request.headers) }
            }
            Ok(Message::Request(_) | Message::Response(_)) => return Verdict::Malformed,
        };
        match self.standing(from) {
            None => return Verdict::Stranger,
            Some(Standing::Trunk(_) | Standing::Phone) => self.answer_malformed(from, &malformed),
            Some(Standing::Unregistered) => {}
        }
        Verdict::Malformed
    }

    fn answer_malformed(&mut self, from: Peer, malformed: &Malformed) {
        let Some(headers) = &malformed.request else { return };
        let Some(via) = headers.list("Via").next().and_then(Via::parse) else { return };
        let tag = self.stateless_tag(headers.get("Call-ID").unwrap_or_default(), 0);
        let reply = Reply::to_headers(headers, from.address, malformed.status);
        let reply = reply.because(malformed.why).tagged(&tag).with("Server", &self.config.product);
        let address = match from.transport {
            Transport::Udp => via.response_address(from.address),
            Transport::Tcp | Transport::Tls => from.address,
        };
        self.output
            .push_back(Output::Send { to: Peer { address, ..from }, bytes: reply.to_bytes() });
    }

    fn handle_request(
        &mut self,
        now: Instant,
        (from, standing): (Peer, Standing),
        request: Request,
    ) -> Verdict {
        let key = ServerKey::of(&request);
        if request.method == Method::Ack {
            self.handle_ack(now, &key, &request);
            return Verdict::Taken;
        }
        if let Some(transaction) = self.servers.get(&key) {
            if let Some(bytes) = transaction.handle_again() {
                let (to, bytes) = (transaction.reply_to, bytes.to_vec());
                self.output.push_back(Output::Send { to, bytes });
            }
            return Verdict::Taken;
        }
        if request.method == Method::Cancel {
            self.handle_cancel(now, from, &request);
            return Verdict::Taken;
        }
        match DialogId::of(&request) {
            Some(id) => {
                match self.dialogs.get(&id).copied() {
                    Some(call) => self.handle_within(now, call, (key, from), request),
                    None if standing == Standing::Unregistered => return Verdict::Stranger,
                    None => {
                        let reply = Reply::to(&request, from.address, 481);
                        self.answer_stateless(&request, from, reply);
                    }
                }
                Verdict::Taken
            }
            None if request.method == Method::Register && self.takes_register(from) => {
                self.handle_register(now, from, &key, &request)
            }
            None => self.handle_outside(now, (from, standing), key, request),
        }
    }

    /// A request that belongs to no dialog.
    fn handle_outside(
        &mut self,
        now: Instant,
        (from, standing): (Peer, Standing),
        key: ServerKey,
        request: Request,
    ) -> Verdict {
        if standing == Standing::Unregistered {
            return Verdict::Stranger;
        }
        if let Some(reply) = self.refusal(&request, from) {
            self.answer_stateless(&request, from, reply);
            return Verdict::Taken;
        }
        let answer = |status| Reply::to(&request, from.address, status);
        let reply = match request.method {
            Method::Invite => match standing {
                Standing::Trunk(trunk) => {
                    return self.handle_invite(now, (from, trunk), key, request);
                }
                Standing::Phone | Standing::Unregistered => {
                    answer(403).because("Calls Begin In The Page")
                }
            },
            Method::Options => answer(200)
                .with("Allow", ALLOW)
                .with("Accept", "application/sdp")
                .with("Supported", SUPPORTED),
            // Only within a dialog.
            Method::Bye | Method::Update | Method::Prack | Method::Info => answer(481),
            Method::Register
            | Method::Refer
            | Method::Notify
            | Method::Subscribe
            | Method::Message
            | Method::Publish => answer(405).with("Allow", ALLOW),
            Method::Other(_) => answer(501).with("Allow", ALLOW),
            Method::Ack | Method::Cancel => unreachable!("they were taken out before"),
        };
        self.answer_stateless(&request, from, reply);
        Verdict::Taken
    }

    /// Why a request outside of a dialog is not worked with, whatever it asks (RFC 3261 §8.2).
    fn refusal(&self, request: &Request, from: Peer) -> Option<Reply> {
        let answer = |status| Reply::to(request, from.address, status);
        let is_reachable = matches!(request.uri.scheme, Scheme::Sip | Scheme::Sips | Scheme::Tel);
        if !is_reachable {
            return Some(answer(416));
        }
        if matches!(request.method, Method::Other(_)) {
            return Some(answer(501).with("Allow", ALLOW));
        }
        if request.method == Method::Invite {
            // RFC 3261 §16.3 asks it of proxies. Who sends an INVITE with no hop left is in a loop.
            let hops = request.headers.get("Max-Forwards").and_then(|it| it.trim().parse().ok());
            if hops == Some(0_u32) {
                return Some(answer(483));
            }
            if self.origins.contains_key(&Origin::of(request)) {
                return Some(answer(482));
            }
        }
        let unknown = unknown_extensions(request);
        if !unknown.is_empty() {
            return Some(answer(420).with("Unsupported", unknown.join(", ")));
        }
        if request.method == Method::Invite && request.session_description().is_err() {
            return Some(unsupported_body(request, from));
        }
        if request.method == Method::Invite && !takes_sdp(request) {
            return Some(answer(406).with("Accept", "application/sdp"));
        }
        None
    }
}

/// Whether whoever calls takes a session description for an answer (RFC 3261 §20.1). One that says nothing does.
fn takes_sdp(request: &Request) -> bool {
    let is_it = |range: &str| {
        let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(range.as_str(), "application/sdp" | "application/*" | "*/*")
    };
    request.headers.get("Accept").is_none() || request.headers.list("Accept").any(is_it)
}

/// 415, with what is understood.
pub(super) fn unsupported_body(request: &Request, from: Peer) -> Reply {
    Reply::to(request, from.address, 415)
        .with("Accept", "application/sdp")
        .with("Accept-Encoding", "identity")
}

/// What the request requires that is not known here (RFC 3261 §8.2.2.3).
pub(super) fn unknown_extensions(request: &Request) -> Vec<&str> {
    let is_known = |tag: &&str| REQUIRABLE.iter().any(|known| known.eq_ignore_ascii_case(tag));
    request.headers.list("Require").filter(|tag| !is_known(tag)).collect()
}
