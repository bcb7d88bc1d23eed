//! What two descriptions agree on (RFC 3264).

use std::net::{IpAddr, SocketAddr};

use super::SdpError;
use super::parse::{Connection, Description, Direction, Map, Media};
use crate::crypto::{CryptoLine, Master, Suite};
use crate::types::{PlainCodec, PlainConfig, Srtp};

/// The shortest and the longest packet, ms.
pub(crate) const PTIME_MS: std::ops::RangeInclusive<u32> = 10..=60;

/// Key presses as events (RFC 4733).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventFormat {
    pub payload_type: u8,
    pub clock_hz: u32,
}

/// Where the peer receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remote {
    pub rtp: SocketAddr,
    pub rtcp: SocketAddr,
}

/// Keys of one session: ours to send with, theirs to receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keys {
    pub tag: u32,
    pub suite: Suite,
    pub ours: Master,
    pub theirs: Master,
}

/// What was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// The codec that we send, and its number.
    pub codec: PlainCodec,
    pub payload_type: u8,
    /// The codecs that we receive, by number.
    pub receives: Vec<(u8, PlainCodec)>,
    pub events_out: Option<EventFormat>,
    pub events_in: Option<EventFormat>,
    /// Comfort noise (RFC 3389) that may come.
    pub comfort_noise: Option<u8>,
    pub ptime_ms: u8,
    /// `None`: held by an address of zeros.
    pub remote: Option<Remote>,
    pub rtcp_mux: bool,
    /// The peer's direction.
    pub direction: Direction,
    pub keys: Option<Keys>,
}

/// What we bring to a negotiation.
pub(crate) struct Terms<'a> {
    pub config: &'a PlainConfig,
    /// Where we receive RTP.
    pub local: SocketAddr,
    /// A master key of ours for each suite that can be chosen, the one of [`Suite::Sha1_80`] first.
    pub masters: [Master; 2],
    /// What was agreed on before: it stays as far as it may.
    pub current: Option<&'a Session>,
}

impl PlainCodec {
    /// Name and clock in an `a=rtpmap`.
    pub(crate) fn encoding(self) -> (&'static str, u32) {
        match self {
            Self::Opus => ("opus", 48_000),
            Self::G722 => ("G722", 8_000),
            Self::Pcma => ("PCMA", 8_000),
            Self::Pcmu => ("PCMU", 8_000),
        }
    }

    /// The number under which we offer it.
    pub(crate) fn offered_as(self) -> u8 {
        match self {
            Self::Opus => 111,
            Self::G722 => 9,
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }

    fn fits(self, map: &Map<'_>) -> bool {
        let (name, clock_hz) = self.encoding();
        // Some write the sampling rate of G.722, which is not its RTP clock (RFC 3551 §4.5.2).
        let clock_fits = map.clock_hz == clock_hz || (self == Self::G722 && map.clock_hz == 16_000);
        map.is(name) && clock_fits
    }
}

/// How an m-line's protocol encrypts; `None`: it is none of ours.
fn is_secure(protocol: &str) -> Option<bool> {
    match protocol {
        "RTP/AVP" | "RTP/AVPF" => Some(false),
        "RTP/SAVP" | "RTP/SAVPF" => Some(true),
        _ => None,
    }
}

impl Session {
    /// Takes an offer: the m-line that is accepted, and what is agreed on.
    pub fn from_offer(
        offer: &Description<'_>,
        terms: &Terms<'_>,
    ) -> Result<(usize, Self), SdpError> {
        let is_wanted = |media: &Media<'_>| media.kind == "audio" && media.port != 0;
        let mut lines: Vec<usize> =
            (0..offer.media.len()).filter(|line| is_wanted(&offer.media[*line])).collect();
        if lines.is_empty() {
            return Err(SdpError::NoAudio);
        }
        // A peer that offers both ways as two lines prefers the first; we prefer encryption.
        lines.sort_by_key(|line| is_secure(offer.media[*line].protocol) != Some(true));
        let mut refusal = SdpError::NoAudio;
        for (index, line) in lines.into_iter().enumerate() {
            match Self::from_media(offer, &offer.media[line], terms) {
                Ok(session) => return Ok((line, session)),
                Err(error) if index == 0 => refusal = error,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    fn from_media(
        offer: &Description<'_>,
        media: &Media<'_>,
        terms: &Terms<'_>,
    ) -> Result<Self, SdpError> {
        let keys = keys_for_offer(media, terms)?;
        let maps: Vec<Map<'_>> = media.formats.iter().filter_map(|it| media.map(it)).collect();
        let (codec, payload_type) = choose(&maps, terms)?;
        let clock_hz = codec.encoding().1;
        let events = event_format(&maps, clock_hz);
        let mut direction = offer.direction(media);
        let remote = remote_of(offer, media, terms)?;
        direction.receives &= remote.is_some();
        Ok(Self {
            codec,
            payload_type,
            receives: vec![(payload_type, codec)],
            events_out: events,
            events_in: events,
            comfort_noise: comfort_noise(&maps, clock_hz),
            ptime_ms: ptime(media, terms.config),
            remote,
            rtcp_mux: media.rtcp_mux,
            direction,
            keys,
        })
    }

    /// Takes the answer to our offer.
    pub fn from_answer(answer: &Description<'_>, terms: &Terms<'_>) -> Result<Self, SdpError> {
        let media =
            answer.media.first().filter(|it| it.kind == "audio").ok_or(SdpError::NoAudio)?;
        if media.port == 0 {
            return Err(SdpError::NoAudio);
        }
        let keys = keys_from_answer(media, terms)?;
        let maps: Vec<Map<'_>> = media.formats.iter().filter_map(|it| media.map(it)).collect();
        let codec_of =
            |map: &Map<'_>| terms.config.codecs.iter().copied().find(|codec| codec.fits(map));
        // The answerer's first is the one that it wants (RFC 3264 §6.1).
        let chosen = maps.iter().find_map(|map| Some((codec_of(map)?, map.payload_type)));
        let (codec, payload_type) = chosen.ok_or(SdpError::NoCodec)?;
        let receives =
            maps.iter().filter_map(codec_of).map(|codec| (codec.offered_as(), codec)).collect();
        let clock_hz = codec.encoding().1;
        let events_out = event_format(&maps, clock_hz);
        let offered = |it: EventFormat| EventFormat {
            payload_type: if it.clock_hz == 8_000 { EVENTS_8K } else { EVENTS_48K },
            ..it
        };
        let mut direction = answer.direction(media);
        let remote = remote_of(answer, media, terms)?;
        direction.receives &= remote.is_some();
        Ok(Self {
            codec,
            payload_type,
            receives,
            events_out,
            events_in: events_out.map(offered),
            comfort_noise: comfort_noise(&maps, clock_hz),
            ptime_ms: ptime(media, terms.config),
            remote,
            rtcp_mux: media.rtcp_mux,
            direction,
            keys,
        })
    }

    /// Whether we may send sound.
    pub fn we_send(&self) -> bool {
        self.direction.receives
    }

    /// Whether the peer may.
    pub fn peer_sends(&self) -> bool {
        self.direction.sends
    }
}

/// Under these numbers we offer key presses.
pub(crate) const EVENTS_8K: u8 = 101;
pub(crate) const EVENTS_48K: u8 = 110;

/// The codec: the one that is spoken already, or the first of ours that is offered.
fn choose(maps: &[Map<'_>], terms: &Terms<'_>) -> Result<(PlainCodec, u8), SdpError> {
    let current = terms.current.map(|it| it.codec).into_iter();
    current
        .chain(terms.config.codecs.iter().copied())
        .find_map(|codec| {
            maps.iter().find(|map| codec.fits(map)).map(|map| (codec, map.payload_type))
        })
        .ok_or(SdpError::NoCodec)
}

/// Events with the clock of the codec, or else with any.
fn event_format(maps: &[Map<'_>], clock_hz: u32) -> Option<EventFormat> {
    let mut events = maps.iter().filter(|map| map.is("telephone-event") && map.clock_hz > 0);
    let fitting = events.clone().find(|map| map.clock_hz == clock_hz);
    let EventFormat { payload_type, clock_hz } = fitting
        .or_else(|| events.next())
        .map(|map| EventFormat { payload_type: map.payload_type, clock_hz: map.clock_hz })?;
    Some(EventFormat { payload_type, clock_hz })
}

fn comfort_noise(maps: &[Map<'_>], clock_hz: u32) -> Option<u8> {
    let map = maps.iter().find(|map| map.is("CN") && map.clock_hz == clock_hz)?;
    Some(map.payload_type)
}

/// How much sound a packet of ours holds: what the peer asks for, within its and our bounds.
fn ptime(media: &Media<'_>, config: &PlainConfig) -> u8 {
    let wanted = media.ptime_ms.unwrap_or(u32::from(config.ptime_ms));
    let at_most = media.maxptime_ms.unwrap_or(*PTIME_MS.end());
    let ptime = wanted.min(at_most).clamp(*PTIME_MS.start(), *PTIME_MS.end());
    (ptime / 10 * 10) as u8
}

fn remote_of(
    description: &Description<'_>,
    media: &Media<'_>,
    terms: &Terms<'_>,
) -> Result<Option<Remote>, SdpError> {
    let address = match description.connection(media).ok_or(SdpError::NoAddress)? {
        Connection::Address(address) => address,
        // Names are not looked up: whoever signals is asked, and where media come from is learnt.
        Connection::Name => terms.config.signalled_from,
    };
    if address.is_unspecified() {
        return Ok(None);
    }
    if address.is_ipv4() != terms.local.is_ipv4() {
        return Err(SdpError::AddressFamily);
    }
    if !is_allowed(address, terms.config.signalled_from) {
        return Err(SdpError::AddressNotAllowed);
    }
    let rtp = SocketAddr::new(address, media.port);
    let (port, rtcp_address) = media.rtcp.unwrap_or((media.port.saturating_add(1), None));
    let rtcp_address =
        rtcp_address.filter(|it| is_allowed(*it, terms.config.signalled_from)).unwrap_or(address);
    let rtcp = if media.rtcp_mux { rtp } else { SocketAddr::new(rtcp_address, port) };
    Ok(Some(Remote { rtp, rtcp }))
}

/// Whether packets may be sent there: to no group of hosts, and not to this machine's own services,
/// unless the peer is on it.
fn is_allowed(address: IpAddr, signalled_from: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(it) if it.is_broadcast());
    let is_own = address.is_loopback() && !signalled_from.is_loopback();
    !address.is_multicast() && !is_broadcast && !is_own
}

fn keys_for_offer(media: &Media<'_>, terms: &Terms<'_>) -> Result<Option<Keys>, SdpError> {
    let secure = is_secure(media.protocol).ok_or(SdpError::Protocol)?;
    match (secure, terms.config.srtp) {
        (true, Srtp::Off) => Err(SdpError::SrtpNotAllowed),
        (false, Srtp::Required) => Err(SdpError::SrtpRequired),
        (false, Srtp::Off | Srtp::Optional) => Ok(None),
        (true, Srtp::Optional | Srtp::Required) => {
            let line = media.crypto.first().ok_or(SdpError::NoKeys)?;
            let CryptoLine { tag, suite, master } = *line;
            let ours = terms.masters[usize::from(suite == Suite::Sha1_32)];
            Ok(Some(Keys { tag, suite, ours, theirs: master }))
        }
    }
}

fn keys_from_answer(media: &Media<'_>, terms: &Terms<'_>) -> Result<Option<Keys>, SdpError> {
    let secure = is_secure(media.protocol).ok_or(SdpError::Protocol)?;
    let wanted = terms.config.srtp == Srtp::Required;
    match (secure, wanted) {
        (false, true) => Err(SdpError::SrtpRequired),
        (true, false) => Err(SdpError::Protocol),
        (false, false) => Ok(None),
        (true, true) => {
            // Our own offer numbers the suites 1 and 2.
            let line = media
                .crypto
                .iter()
                .find(|it| it.tag == if it.suite == Suite::Sha1_80 { 1 } else { 2 });
            let CryptoLine { tag, suite, master } = *line.ok_or(SdpError::NoKeys)?;
            let ours = terms.masters[usize::from(suite == Suite::Sha1_32)];
            Ok(Some(Keys { tag, suite, ours, theirs: master }))
        }
    }
}
