//! Writes the SDP answer, and the answer to an ICE restart.
//!
//! Nothing here depends on who the user is or what a call does: two stations' answers differ only
//! in random values and in what their offers asked for.

use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::certificate::Fingerprint;
use is::IceCreds;

use crate::offer::{Direction, Offer, Planned, Use};

/// RFC 8445 §5.1.2.1 for a host candidate of component 1; later addresses are preferred less.
const HOST_PRIORITY: u32 = (126 << 24) | (65_535 << 8) | 255;

/// What of the station the answer tells.
pub(crate) struct Local<'a> {
    pub(crate) session_id: u64,
    pub(crate) candidates: &'a [SocketAddr],
    pub(crate) ice: &'a IceCreds,
    pub(crate) fingerprint: &'a Fingerprint,
    /// In the order of the sections that the client receives on.
    pub(crate) tracks: Vec<SentTrack<'a>>,
}

/// A track that goes to the client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SentTrack<'a> {
    pub(crate) ssrc: u32,
    pub(crate) cname: &'a str,
}

/// What an ICE restart repeats of the answer: the section that names the transport.
#[derive(Debug, Clone)]
pub(crate) struct Carrier {
    bundle: Option<Vec<String>>,
    section: Planned,
}

impl Carrier {
    pub(crate) fn of(offer: &Offer) -> Self {
        Self { bundle: offer.bundle.clone(), section: offer.carrier().clone() }
    }
}

/// The answer (RFC 8829 §5.3): every section in its place.
pub(crate) fn answer(offer: &Offer, local: &Local<'_>) -> String {
    let mut sdp = String::with_capacity(2048);
    let Local { session_id, .. } = local;
    line(&mut sdp, format_args!("v=0"));
    line(&mut sdp, format_args!("o=- {session_id} 1 IN IP4 0.0.0.0"));
    line(&mut sdp, format_args!("s=-"));
    line(&mut sdp, format_args!("t=0 0"));
    bundle(&mut sdp, offer.bundle.as_deref());
    line(&mut sdp, format_args!("a=ice-lite"));
    line(&mut sdp, format_args!("a=msid-semantic: WMS sotto"));
    let mut tracks = local.tracks.iter().enumerate();
    for section in &offer.sections {
        media(&mut sdp, section);
        line(&mut sdp, format_args!("c=IN IP4 0.0.0.0"));
        mid(&mut sdp, section);
        // Also where it is rejected: there it says nothing, and some stacks refuse an answer in which
        // any section lacks it.
        credentials(&mut sdp, local.ice);
        line(&mut sdp, format_args!("a=fingerprint:{}", local.fingerprint));
        line(&mut sdp, format_args!("a=setup:passive"));
        if section.is_kept() {
            candidates(&mut sdp, local.candidates);
        }
        match &section.usage {
            Use::Audio { direction, .. } => {
                audio(&mut sdp, section, offer);
                if direction.client_receives()
                    && let Some((place, track)) = tracks.next()
                {
                    sent(&mut sdp, place, *track);
                }
            }
            Use::Inactive(_) | Use::Rejected(_) => unused(&mut sdp, section),
            Use::Data => line(&mut sdp, format_args!("a=sctp-port:5000")),
        }
    }
    sdp
}

/// The answer to an ICE restart: a `trickle-ice-sdpfrag` (RFC 8840 §9, RFC 9725 §4.3.3).
pub(crate) fn restart_fragment(
    carrier: &Carrier,
    ice: &IceCreds,
    addresses: &[SocketAddr],
) -> String {
    let mut fragment = String::with_capacity(512);
    line(&mut fragment, format_args!("a=ice-lite"));
    bundle(&mut fragment, carrier.bundle.as_deref());
    media(&mut fragment, &carrier.section);
    mid(&mut fragment, &carrier.section);
    credentials(&mut fragment, ice);
    candidates(&mut fragment, addresses);
    fragment
}

/// Only what was offered as a group is answered as one (RFC 9143 §7.3).
fn bundle(sdp: &mut String, names: Option<&[String]>) {
    if let Some(names) = names {
        line(sdp, format_args!("a=group:BUNDLE {}", names.join(" ")));
    }
}

/// Port 0 rejects a section (RFC 3264 §6).
fn media(sdp: &mut String, section: &Planned) {
    let Planned { kind, protocol, usage, .. } = section;
    match usage {
        // What stands first is what the client sends (RFC 3264 §6.1).
        Use::Audio { payload_type, redundant: Some(redundant), .. } => {
            line(sdp, format_args!("m={kind} 9 {protocol} {redundant} {payload_type}"));
        }
        Use::Audio { payload_type, redundant: None, .. } => {
            line(sdp, format_args!("m={kind} 9 {protocol} {payload_type}"));
        }
        Use::Inactive(format) => line(sdp, format_args!("m={kind} 9 {protocol} {}", format.number)),
        Use::Data => line(sdp, format_args!("m={kind} 9 {protocol} webrtc-datachannel")),
        Use::Rejected(format) => line(sdp, format_args!("m={kind} 0 {protocol} {}", format.number)),
    }
}

fn audio(sdp: &mut String, section: &Planned, offer: &Offer) {
    let Use::Audio { payload_type, redundant, direction, discontinuous } = &section.usage else {
        return;
    };
    if let (Some(id), true) = (offer.audio_level_id, direction.client_sends()) {
        // The client sends levels; the station reads them and never sends any.
        line(sdp, format_args!("a=extmap:{id} urn:ietf:params:rtp-hdrext:ssrc-audio-level"));
    }
    let direction = match direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "recvonly",
        Direction::RecvOnly => "sendonly",
        Direction::Inactive => "inactive",
    };
    line(sdp, format_args!("a={direction}"));
    rtcp(sdp);
    line(sdp, format_args!("a=rtcp-rsize"));
    line(sdp, format_args!("a=rtpmap:{payload_type} opus/48000/2"));
    let dtx = if *discontinuous { ";usedtx=1" } else { "" };
    line(sdp, format_args!("a=fmtp:{payload_type} minptime=10;useinbandfec=1{dtx}"));
    if let Some(redundant) = redundant {
        line(sdp, format_args!("a=rtpmap:{redundant} red/48000/2"));
        line(sdp, format_args!("a=fmtp:{redundant} {payload_type}/{payload_type}"));
    }
}

/// The SSRC tells the client which packets are of this section: nothing in them does.
fn sent(sdp: &mut String, place: usize, track: SentTrack<'_>) {
    match place {
        0 => line(sdp, format_args!("a=msid:sotto sotto-audio")),
        spare => line(sdp, format_args!("a=msid:sotto-{spare} sotto-audio-{spare}")),
    }
    line(sdp, format_args!("a=ssrc:{} cname:{}", track.ssrc, track.cname));
}

fn unused(sdp: &mut String, section: &Planned) {
    line(sdp, format_args!("a=inactive"));
    if let Use::Inactive(format) | Use::Rejected(format) = &section.usage
        && let Some(encoding) = &format.encoding
    {
        let number = &format.number;
        rtcp(sdp);
        line(sdp, format_args!("a=rtpmap:{number} {encoding}"));
        if let Some(parameters) = &format.parameters {
            line(sdp, format_args!("a=fmtp:{number} {parameters}"));
        }
    }
}

fn rtcp(sdp: &mut String) {
    line(sdp, format_args!("a=rtcp:9 IN IP4 0.0.0.0"));
    line(sdp, format_args!("a=rtcp-mux"));
}

fn mid(sdp: &mut String, section: &Planned) {
    if let Some(mid) = &section.mid {
        line(sdp, format_args!("a=mid:{mid}"));
    }
}

fn credentials(sdp: &mut String, ice: &IceCreds) {
    line(sdp, format_args!("a=ice-ufrag:{}", ice.ufrag));
    line(sdp, format_args!("a=ice-pwd:{}", ice.pass));
}

fn candidates(sdp: &mut String, candidates: &[SocketAddr]) {
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
