//! What whoever is called writes: answers, and BYE.

use std::net::SocketAddr;

use sip::message::Request;

/// Our end of every dialog.
const TAG: &str = "desk";

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
    let core = &invite.core;
    format!(
        "BYE sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKbye{};rport\r\n\
         Max-Forwards: 70\r\nFrom: {};tag={TAG}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\n\
         Content-Length: 0\r\n\r\n",
        core.call_id,
        core.to.as_str(),
        core.from.as_str(),
        core.call_id,
    )
}
