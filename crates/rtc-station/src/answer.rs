//! Writes the SDP answer, and the answer to an ICE restart.
//!
//! Nothing here depends on who the user is or what a call does: two stations' answers differ only
//! in random values and in what their offers asked for.

use std::fmt::Write as _;
use std::net::SocketAddr;

use str0m::IceCreds;
use str0m::config::Fingerprint;

use crate::offer::{Offer, Section};

/// RFC 8445 §5.1.2.1 for a host candidate of component 1; later addresses are preferred less.
const HOST_PRIORITY: u32 = (126 << 24) | (65_535 << 8) | 255;

/// What of the station the answer tells.
pub(crate) struct Local<'a> {
    pub(crate) session_id: u64,
    pub(crate) candidates: &'a [SocketAddr],
    pub(crate) ice: &'a IceCreds,
    pub(crate) fingerprint: &'a Fingerprint,
    pub(crate) ssrc: u32,
    pub(crate) cname: &'a str,
}

/// The answer (RFC 8829 §5.3): Opus on the audio section, every other section rejected.
pub(crate) fn answer(offer: &Offer, local: &Local<'_>) -> String {
    let mut sdp = String::with_capacity(2048);
    let Local { session_id, .. } = local;
    line(&mut sdp, format_args!("v=0"));
    line(&mut sdp, format_args!("o=- {session_id} 1 IN IP4 0.0.0.0"));
    line(&mut sdp, format_args!("s=-"));
    line(&mut sdp, format_args!("t=0 0"));
    if let Some(mid) = &offer.sections[offer.audio].mid {
        line(&mut sdp, format_args!("a=group:BUNDLE {mid}"));
    }
    line(&mut sdp, format_args!("a=ice-lite"));
    line(&mut sdp, format_args!("a=msid-semantic: WMS sotto"));
    for (index, section) in offer.sections.iter().enumerate() {
        if index == offer.audio {
            audio(&mut sdp, section, offer, local);
        } else {
            rejected(&mut sdp, section);
        }
    }
    sdp
}

/// The answer to an ICE restart: a `trickle-ice-sdpfrag` (RFC 8840 §9, RFC 9725 §4.3.3).
pub(crate) fn restart_fragment(
    audio: &Section,
    payload_type: u8,
    ice: &IceCreds,
    candidates: &[SocketAddr],
) -> String {
    let mut fragment = String::with_capacity(512);
    line(&mut fragment, format_args!("a=ice-lite"));
    if let Some(mid) = &audio.mid {
        line(&mut fragment, format_args!("a=group:BUNDLE {mid}"));
    }
    line(&mut fragment, format_args!("m=audio 9 {} {payload_type}", audio.protocol));
    mid(&mut fragment, audio);
    ice_lines(&mut fragment, ice, candidates);
    fragment
}

fn audio(sdp: &mut String, section: &Section, offer: &Offer, local: &Local<'_>) {
    let opus = offer.opus;
    let direction = match (offer.client_sends, offer.client_receives) {
        (true, true) => "sendrecv",
        (true, false) => "recvonly",
        (false, _) => "sendonly",
    };
    line(sdp, format_args!("m=audio 9 {} {opus}", section.protocol));
    line(sdp, format_args!("c=IN IP4 0.0.0.0"));
    line(sdp, format_args!("a=rtcp:9 IN IP4 0.0.0.0"));
    mid(sdp, section);
    ice_lines(sdp, local.ice, local.candidates);
    line(sdp, format_args!("a=fingerprint:{}", local.fingerprint));
    line(sdp, format_args!("a=setup:passive"));
    if let Some(id) = offer.audio_level_id {
        // The client sends levels; the station reads them and never sends any.
        line(sdp, format_args!("a=extmap:{id} urn:ietf:params:rtp-hdrext:ssrc-audio-level"));
    }
    line(sdp, format_args!("a={direction}"));
    line(sdp, format_args!("a=rtcp-mux"));
    line(sdp, format_args!("a=rtcp-rsize"));
    line(sdp, format_args!("a=rtpmap:{opus} opus/48000/2"));
    let dtx = if offer.discontinuous { ";usedtx=1" } else { "" };
    line(sdp, format_args!("a=fmtp:{opus} minptime=10;useinbandfec=1{dtx}"));
    if offer.client_receives {
        line(sdp, format_args!("a=msid:sotto sotto-audio"));
        line(sdp, format_args!("a=ssrc:{} cname:{}", local.ssrc, local.cname));
    }
}

/// Port 0 rejects a section (RFC 3264 §6).
fn rejected(sdp: &mut String, section: &Section) {
    let Section { kind, protocol, format, .. } = section;
    line(sdp, format_args!("m={kind} 0 {protocol} {format}"));
    line(sdp, format_args!("c=IN IP4 0.0.0.0"));
    mid(sdp, section);
    line(sdp, format_args!("a=inactive"));
}

fn mid(sdp: &mut String, section: &Section) {
    if let Some(mid) = &section.mid {
        line(sdp, format_args!("a=mid:{mid}"));
    }
}

fn ice_lines(sdp: &mut String, ice: &IceCreds, candidates: &[SocketAddr]) {
    line(sdp, format_args!("a=ice-ufrag:{}", ice.ufrag));
    line(sdp, format_args!("a=ice-pwd:{}", ice.pass));
    for (index, address) in candidates.iter().enumerate() {
        let foundation = index + 1;
        let priority = HOST_PRIORITY.saturating_sub((index as u32) << 8);
        let (ip, port) = (address.ip(), address.port());
        line(sdp, format_args!("a=candidate:{foundation} 1 udp {priority} {ip} {port} typ host"));
    }
    line(sdp, format_args!("a=end-of-candidates"));
}

fn line(sdp: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = sdp.write_fmt(text);
    sdp.push_str("\r\n");
}
