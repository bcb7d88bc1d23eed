//! Our own descriptions.

use std::fmt::Write;
use std::net::SocketAddr;

use super::parse::{Description, Direction};
use super::session::{EVENTS_8K, EVENTS_48K, Session, Terms};
use crate::crypto::{CryptoLine, Suite};
use crate::types::{PlainCodec, Srtp};

/// Gives each description its `o=` line: the version rises when anything else has changed (RFC 3264 §8).
#[derive(Debug)]
pub(crate) struct Writer {
    session_id: u64,
    version: u64,
    last: String,
}

impl Writer {
    pub fn new(session_id: u64) -> Self {
        Self { session_id, version: 1, last: String::new() }
    }

    /// The whole description with this body, which begins after the `s=` line.
    pub fn write(&mut self, local: SocketAddr, body: String) -> String {
        if !self.last.is_empty() && self.last != body {
            self.version += 1;
        }
        let family = if local.is_ipv4() { "IP4" } else { "IP6" };
        let Self { session_id, version, .. } = self;
        let address = local.ip();
        let description = format!(
            "v=0\r\no=- {session_id} {version} IN {family} {address}\r\ns=-\r\n\
             c=IN {family} {address}\r\nt=0 0\r\n{body}"
        );
        self.last = body;
        description
    }
}

/// The body of our answer: the line that is accepted, and all others refused with port 0.
pub(crate) fn answer(
    offer: &Description<'_>,
    accepted: usize,
    session: &Session,
    terms: &Terms<'_>,
) -> String {
    let mut body = String::new();
    for (index, media) in offer.media.iter().enumerate() {
        if index == accepted {
            let lines = Lines {
                protocol: media.protocol,
                maps: session_maps(session),
                direction: Direction {
                    sends: session.direction.receives,
                    receives: session.direction.sends,
                },
                ptime_ms: session.ptime_ms,
                rtcp_mux: session.rtcp_mux,
                crypto: session.keys.iter().map(|it| line(it.tag, it.suite, terms)).collect(),
            };
            lines.write(terms.local, &mut body);
        } else {
            let formats = if media.formats.is_empty() { "0" } else { &media.formats.join(" ") };
            let _ = write!(body, "m={} 0 {} {formats}\r\n", media.kind, media.protocol);
        }
    }
    body
}

/// The body of our offer: everything that the configuration allows.
pub(crate) fn offer(terms: &Terms<'_>) -> String {
    let config = terms.config;
    let mut maps: Vec<Format> = Vec::new();
    for codec in &config.codecs {
        maps.push(Format::codec(codec.offered_as(), *codec));
    }
    let has_clock = |hz| config.codecs.iter().any(|it| it.encoding().1 == hz);
    if has_clock(8_000) {
        maps.push(Format { payload_type: 13, encoding: "CN/8000".to_owned(), fmtp: None });
        maps.push(Format::events(EVENTS_8K, 8_000));
    }
    if has_clock(48_000) {
        maps.push(Format::events(EVENTS_48K, 48_000));
    }
    let is_secure = config.srtp == Srtp::Required;
    let suites = [(1, Suite::Sha1_80), (2, Suite::Sha1_32)];
    let crypto = suites.into_iter().filter(|_| is_secure);
    let mut body = String::new();
    let lines = Lines {
        protocol: if is_secure { "RTP/SAVP" } else { "RTP/AVP" },
        maps,
        direction: Direction::BOTH,
        ptime_ms: config.ptime_ms,
        rtcp_mux: true,
        crypto: crypto.map(|(tag, suite)| line(tag, suite, terms)).collect(),
    };
    lines.write(terms.local, &mut body);
    body
}

fn line(tag: u32, suite: Suite, terms: &Terms<'_>) -> CryptoLine {
    CryptoLine { tag, suite, master: terms.masters[usize::from(suite == Suite::Sha1_32)] }
}

fn session_maps(session: &Session) -> Vec<Format> {
    let codecs = session.receives.iter().map(|(number, codec)| Format::codec(*number, *codec));
    let noise = session.comfort_noise.map(|payload_type| Format {
        payload_type,
        encoding: format!("CN/{}", session.codec.encoding().1),
        fmtp: None,
    });
    let events = session.events_in.map(|it| Format::events(it.payload_type, it.clock_hz));
    codecs.chain(noise).chain(events).collect()
}

/// One format of a media line.
struct Format {
    payload_type: u8,
    encoding: String,
    fmtp: Option<&'static str>,
}

impl Format {
    fn codec(payload_type: u8, codec: PlainCodec) -> Self {
        let (name, clock_hz) = codec.encoding();
        let is_opus = codec == PlainCodec::Opus;
        // RFC 7587 §7: always two channels.
        let channels = if is_opus { "/2" } else { "" };
        let fmtp = is_opus.then_some("minptime=10;useinbandfec=1");
        Self { payload_type, encoding: format!("{name}/{clock_hz}{channels}"), fmtp }
    }

    fn events(payload_type: u8, clock_hz: u32) -> Self {
        let encoding = format!("telephone-event/{clock_hz}");
        Self { payload_type, encoding, fmtp: Some("0-15") }
    }
}

/// One media line with all its attributes.
struct Lines<'a> {
    protocol: &'a str,
    maps: Vec<Format>,
    direction: Direction,
    ptime_ms: u8,
    rtcp_mux: bool,
    crypto: Vec<CryptoLine>,
}

impl Lines<'_> {
    fn write(&self, local: SocketAddr, body: &mut String) {
        // Writing to a string cannot fail.
        let _ = write!(body, "m=audio {} {}", local.port(), self.protocol);
        for map in &self.maps {
            let _ = write!(body, " {}", map.payload_type);
        }
        body.push_str("\r\n");
        for Format { payload_type, encoding, fmtp } in &self.maps {
            let _ = write!(body, "a=rtpmap:{payload_type} {encoding}\r\n");
            if let Some(fmtp) = fmtp {
                let _ = write!(body, "a=fmtp:{payload_type} {fmtp}\r\n");
            }
        }
        let _ = write!(body, "a=ptime:{}\r\n", self.ptime_ms);
        if self.rtcp_mux {
            body.push_str("a=rtcp-mux\r\n");
        }
        for line in &self.crypto {
            let _ = write!(body, "a=crypto:{line}\r\n");
        }
        let _ = write!(body, "a={}\r\n", self.direction.as_str());
    }
}
