//! A dialog: what the two ends of a call know of each other (RFC 3261 §12).

use crate::message::{Headers, Method, Request, Response, Scheme, Uri, elements};

/// A dialog's name: Call-ID, our tag, theirs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DialogId {
    /// The call.
    pub call_id: String,
    /// Our end.
    pub local_tag: String,
    /// The other end; empty for one of RFC 2543.
    pub remote_tag: String,
}

/// One dialog, from our end.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// Its name.
    pub id: DialogId,
    /// We, as From of our requests.
    local: String,
    /// They, as To of our requests.
    remote: String,
    /// Where our requests go in the end.
    target: Uri,
    /// By which proxies.
    route: Vec<String>,
    local_sequence: u32,
    /// `None`: no request of the other end's has come.
    remote_sequence: Option<u32>,
}

/// The other end's number is older than one that was used already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("out of order")]
pub struct OutOfOrder;

impl DialogId {
    /// The dialog that a request of the other end's belongs to, if it names one.
    pub fn of(request: &Request) -> Option<Self> {
        let core = &request.core;
        Some(Self {
            call_id: core.call_id.clone(),
            local_tag: core.to.tag()?.to_owned(),
            remote_tag: core.from.tag().unwrap_or_default().to_owned(),
        })
    }
}

impl Dialog {
    /// The dialog that our first answer to this INVITE makes; `None`: it names no Contact that
    /// requests could be sent to.
    pub fn of_invite(invite: &Request, local_tag: &str) -> Option<Self> {
        let core = &invite.core;
        let id = DialogId {
            call_id: core.call_id.clone(),
            local_tag: local_tag.to_owned(),
            remote_tag: core.from.tag().unwrap_or_default().to_owned(),
        };
        Some(Self {
            id,
            local: format!("{};tag={local_tag}", core.to.as_str()),
            remote: core.from.as_str().to_owned(),
            target: contact(&invite.headers).or_else(|| before_contact(invite))?,
            route: elements(&invite.headers, "Record-Route"),
            local_sequence: 0,
            remote_sequence: Some(core.sequence),
        })
    }

    /// The dialog that this acceptance of an INVITE of ours makes (RFC 3261 §12.1.2); `None`: it names no
    /// Contact that requests could be sent to, or no tag.
    pub fn of_acceptance(response: &Response) -> Option<Self> {
        let core = &response.core;
        let mut route = elements(&response.headers, "Record-Route");
        route.reverse();
        Some(Self {
            id: DialogId {
                call_id: core.call_id.clone(),
                local_tag: core.from.tag()?.to_owned(),
                remote_tag: core.to.tag()?.to_owned(),
            },
            local: core.from.as_str().to_owned(),
            remote: core.to.as_str().to_owned(),
            target: contact(&response.headers)?,
            route,
            local_sequence: core.sequence,
            remote_sequence: None,
        })
    }

    /// What stands for a dialog until an INVITE of ours is accepted: nothing is sent in it.
    pub fn to_be(call_id: &str, local_tag: &str, target: &Uri, sequence: u32) -> Self {
        let (call_id, local_tag) = (call_id.to_owned(), local_tag.to_owned());
        Self {
            id: DialogId { call_id, local_tag, remote_tag: String::new() },
            local: String::new(),
            remote: String::new(),
            target: target.clone(),
            route: Vec::new(),
            local_sequence: sequence,
            remote_sequence: None,
        }
    }

    /// Takes the number of a request of the other end's.
    ///
    /// # Errors
    /// [`OutOfOrder`] (RFC 3261 §12.2.2: 500).
    pub fn take_sequence(&mut self, sequence: u32) -> Result<(), OutOfOrder> {
        if self.remote_sequence.is_some_and(|last| sequence <= last) {
            return Err(OutOfOrder);
        }
        self.remote_sequence = Some(sequence);
        Ok(())
    }

    /// The other end is elsewhere now (RFC 3261 §12.2.1.2: target refresh).
    pub fn refresh_target(&mut self, headers: &Headers) {
        if let Some(target) = contact(headers) {
            self.target = target;
        }
    }

    /// The next hop of our requests: a proxy, or the other end.
    pub fn next_hop(&self) -> Uri {
        let first = self.route.first().and_then(|it| crate::message::NameAddr::parse(it));
        first.map_or_else(|| self.target.clone(), |route| route.uri)
    }

    /// A new request within the dialog: its request line and headers, but for Via; its number.
    pub fn request(&mut self, method: &Method) -> (String, Headers, u32) {
        self.local_sequence += 1;
        let (start, headers) = self.request_with(method, self.local_sequence);
        (start, headers, self.local_sequence)
    }

    /// The same with a number that was used: an ACK has its INVITE's.
    pub fn request_with(&self, method: &Method, sequence: u32) -> (String, Headers) {
        let first = self.route.first().and_then(|it| crate::message::NameAddr::parse(it));
        // Strict routing (RFC 2543): the proxy is in the request line, the target last in the list.
        let strict = first.filter(|first| first.uri.parameter("lr").is_none());
        let (uri, route) = match strict {
            Some(first) => {
                let rest = self.route[1..].iter().cloned();
                let last = std::iter::once(format!("<{}>", self.target));
                (first.uri, rest.chain(last).collect())
            }
            None => (self.target.clone(), self.route.clone()),
        };
        let mut headers = Headers::default();
        route.iter().for_each(|it| headers.push("Route", it.clone()));
        headers.push("Max-Forwards", "70");
        headers.push("From", self.local.clone());
        headers.push("To", self.remote.clone());
        headers.push("Call-ID", self.id.call_id.clone());
        headers.push("CSeq", format!("{sequence} {method}"));
        (format!("{method} {uri} SIP/2.0"), headers)
    }
}

/// Where one of RFC 2543, which has neither tag nor Contact, is reached: where it says that it calls from.
fn before_contact(invite: &Request) -> Option<Uri> {
    let from = &invite.core.from;
    let is_old = from.tag().is_none() && invite.headers.get("Contact").is_none();
    is_old.then(|| from.uri.clone()).filter(is_reachable)
}

/// The first Contact, if it is an address that SIP can reach.
fn contact(headers: &Headers) -> Option<Uri> {
    let first = crate::message::NameAddr::parse(headers.list("Contact").next()?)?.uri;
    Some(first).filter(is_reachable)
}

fn is_reachable(uri: &Uri) -> bool {
    matches!(uri.scheme, Scheme::Sip | Scheme::Sips)
}
