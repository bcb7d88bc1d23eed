//! What whoever is called writes: answers, and BYE.

use std::net::SocketAddr;

use sip::message::Request;

/// Our end of every dialog.
const TAG: &str = "desk";
/// The number of a BYE: later than whatever came before it.
pub(crate) const BYE_SEQUENCE: u32 = 100;

/// An answer by this user at this address; `more` are headers, each with its line end.
pub(crate) fn reply(
    request: &Request,
    (own, user): (SocketAddr, &str),
    (status, more): (&str, &str),
    sdp: &str,
) -> String {
    let vias: Vec<&str> = request.headers.all("Via").collect();
    let tag = match request.core.to.tag() {
        Some(_) => String::new(),
        None => format!(";tag={TAG}"),
    };
    format!(
        "SIP/2.0 {status}\r\nVia: {}\r\nFrom: {}\r\nTo: {}{tag}\r\nCall-ID: {}\r\nCSeq: {} {}\r\n\
         Contact: <sip:{user}@{own}>\r\n{more}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        vias.join("\r\nVia: "),
        request.core.from.as_str(),
        request.core.to.as_str(),
        request.core.call_id,
        request.core.sequence,
        request.core.method,
        sdp.len(),
    )
}

/// BYE of the call that this INVITE began.
pub(crate) fn bye(invite: &Request, own: SocketAddr, server: SocketAddr) -> String {
    within(invite, (own, server), ("BYE", BYE_SEQUENCE), "")
}

/// A request in the call that this INVITE began; `more` are headers, each with its line end.
pub(crate) fn within(
    invite: &Request,
    (own, server): (SocketAddr, SocketAddr),
    (method, sequence): (&str, u32),
    more: &str,
) -> String {
    let core = &invite.core;
    format!(
        "{method} sip:{server} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {own};branch=z9hG4bK{method}{sequence}{};rport\r\n\
         Max-Forwards: 70\r\nFrom: {};tag={TAG}\r\nTo: {}\r\nCall-ID: {}\r\n\
         CSeq: {sequence} {method}\r\nContact: <sip:{own}>\r\n{more}Content-Length: 0\r\n\r\n",
        core.call_id,
        core.to.as_str(),
        core.from.as_str(),
        core.call_id,
    )
}
