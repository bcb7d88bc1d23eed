//! What becomes of each section of an offer.

use crate::certificate::Fingerprint;

use super::section::{Attributes, Direction, Format, Media, Section};
use super::{Offer, OfferError, ice_credentials};
use crate::types::TRACKS_MAX;

/// How a section is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Use {
    /// It carries sound this way, as the client sees it.
    Audio {
        payload_type: u8,
        /// Opus with copies of earlier packets (RFC 2198), if the client sends that.
        redundant: Option<u8>,
        direction: Direction,
        /// The client asked for discontinuous transmission.
        discontinuous: bool,
    },
    /// It is bundled with the audio: it shares the transport and carries nothing.
    Inactive(Format),
    /// It names the bundle's transport. No data channel is ever opened on it.
    Data,
    /// It is rejected.
    Rejected(Format),
}

/// One section of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) kind: String,
    pub(crate) protocol: String,
    pub(crate) mid: Option<String>,
    pub(crate) usage: Use,
}

impl Planned {
    /// Whether it stays, used or not.
    pub(crate) fn is_kept(&self) -> bool {
        !matches!(self.usage, Use::Rejected(_))
    }
}

/// The sections that carry sound, by their places: most often one, both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tracks {
    first: Track,
    /// The other way, if the client splits them.
    second: Option<Track>,
    /// Further ones on which it receives, bundled with the first, in their order.
    further: Vec<Track>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Track {
    section: usize,
    payload_type: u8,
    redundant: Option<u8>,
    direction: Direction,
}

pub(super) fn plan(session: &Attributes, sections: &[Section]) -> Result<Offer, OfferError> {
    let tracks = choose(session, sections)?;
    if session.ice_lite {
        return Err(OfferError::IceLite);
    }
    let audio = &sections[tracks.first.section];
    let group = group_of(session, audio);
    let planned: Vec<Planned> = (0..sections.len())
        .map(|place| Planned {
            kind: sections[place].kind.clone(),
            protocol: sections[place].protocol.clone(),
            mid: sections[place].attributes.mid.clone(),
            usage: usage(place, sections, &tracks, group),
        })
        .collect();
    let kept = |name: &&String| {
        planned.iter().any(|section| section.is_kept() && section.mid.as_ref() == Some(name))
    };
    let bundle: Option<Vec<String>> =
        group.map(|names| names.iter().filter(kept).cloned().collect());
    let named = |name: Option<&String>| {
        let section = sections.iter().find(|it| it.attributes.mid.as_ref() == name);
        name.and(section).map(|section| &section.attributes)
    };
    let transport = Transport([
        named(bundle.as_ref().and_then(|names| names.first())),
        named(group.and_then(|names| names.first())),
        Some(&audio.attributes),
        Some(session),
    ]);
    let is_muxed = transport.any(|it| it.rtcp_mux) || audio.is_bundle_only();
    if !is_muxed {
        return Err(OfferError::NoRtcpMux);
    }
    let setup = transport.first(|it| it.setup.as_deref());
    if !matches!(setup, Some("actpass" | "active")) {
        return Err(OfferError::DtlsRole);
    }
    let ufrag = transport.first(|it| it.ufrag.as_deref());
    let password = transport.first(|it| it.password.as_deref());
    let credentials = ufrag.zip(password).and_then(|(ufrag, it)| ice_credentials(ufrag, it));
    let speaking = tracks.up().map(|track| &sections[track.section].attributes);
    let level = speaking.and_then(|it| it.audio_level_id).or(session.audio_level_id);
    Ok(Offer {
        up: tracks.up().map(|track| track.payload_type),
        up_redundant: tracks.up().and_then(|track| track.redundant),
        down: tracks.down().map(|track| track.payload_type).collect(),
        audio_level_id: level,
        sources: speaking.map_or_else(Vec::new, |it| it.sources.clone()),
        ice: credentials.ok_or(OfferError::NoIceCredentials)?,
        fingerprints: transport.fingerprints()?,
        sections: planned,
        bundle,
    })
}

/// The BUNDLE group that a section is in, if it is in one.
fn group_of<'a>(session: &'a Attributes, section: &Section) -> Option<&'a [String]> {
    let mid = section.attributes.mid.as_ref()?;
    session.bundles.iter().find(|names| names.contains(mid)).map(Vec::as_slice)
}

fn usage(place: usize, sections: &[Section], tracks: &Tracks, group: Option<&[String]>) -> Use {
    let section = &sections[place];
    if let Some(track) = tracks.at(place) {
        return Use::Audio {
            payload_type: track.payload_type,
            redundant: track.redundant,
            direction: track.direction,
            discontinuous: section.attributes.discontinuous.contains(&track.payload_type),
        };
    }
    let mid = section.attributes.mid.as_ref();
    let is_bundled = mid.is_some_and(|mid| group.is_some_and(|names| names.contains(mid)));
    let is_tagged = is_bundled && mid == group.and_then(|names| names.first());
    match section.media() {
        Media::Audio | Media::Video if is_bundled && !section.is_rejected() => {
            Use::Inactive(section.first_format())
        }
        Media::Data if is_tagged && !section.is_rejected() && section.attributes.has_sctp_port => {
            Use::Data
        }
        Media::Audio | Media::Video | Media::Data | Media::Other => {
            Use::Rejected(section.first_format())
        }
    }
}

/// Where the attributes of the transport are looked for: the answer's tagged section, the offer's, the
/// audio's own, the session (RFC 9143 §7.3).
struct Transport<'a>([Option<&'a Attributes>; 4]);

impl<'a> Transport<'a> {
    fn first<T>(&self, read: impl Fn(&'a Attributes) -> Option<T>) -> Option<T> {
        self.0.iter().flatten().find_map(|attributes| read(attributes))
    }

    fn any(&self, is_so: impl Fn(&Attributes) -> bool) -> bool {
        self.0.iter().flatten().any(|attributes| is_so(attributes))
    }

    fn fingerprints(&self) -> Result<Vec<Fingerprint>, OfferError> {
        let is_there =
            |it: &'a Attributes| (!it.fingerprints.is_empty()).then_some(&it.fingerprints);
        self.first(is_there).cloned().ok_or_else(|| {
            let odd = self.first(|it| it.odd_fingerprint);
            odd.map_or(OfferError::NoFingerprint, |line| OfferError::OddFingerprint { line })
        })
    }
}

/// Chooses the audio that is used: the first section that goes both ways; else the first of each.
fn choose(session: &Attributes, sections: &[Section]) -> Result<Tracks, OfferError> {
    let audio = sections.iter().enumerate().filter(|(_, section)| section.kind == "audio");
    let mut refused = None;
    let mut tracks = Vec::new();
    for (place, section) in audio {
        match track(session, place, section) {
            Ok(track) => tracks.push(track),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    let going = |direction| tracks.iter().copied().find(|track| track.direction == direction);
    if let Some(first) = going(Direction::SendRecv) {
        let further = further(session, sections, &tracks, first, None);
        return Ok(Tracks { first, second: None, further });
    }
    match (going(Direction::SendOnly), going(Direction::RecvOnly)) {
        (Some(up), Some(down)) => {
            let (first, second) = if up.section < down.section { (up, down) } else { (down, up) };
            let [line, other] = [first, second].map(|it| &sections[it.section]);
            let group = group_of(session, line);
            if group.is_none() || group != group_of(session, other) {
                return Err(OfferError::AudioSplit { line: line.line, other: other.line });
            }
            let further = further(session, sections, &tracks, first, Some(second));
            Ok(Tracks { first, second: Some(second), further })
        }
        (Some(first), None) | (None, Some(first)) => {
            let further = further(session, sections, &tracks, first, None);
            Ok(Tracks { first, second: None, further })
        }
        (None, None) => Err(refused.unwrap_or(OfferError::NoAudio)),
    }
}

/// The sections on which the client receives beside those that are chosen, in the bundle of these: the
/// client has them for one source each.
fn further(
    session: &Attributes,
    sections: &[Section],
    tracks: &[Track],
    first: Track,
    second: Option<Track>,
) -> Vec<Track> {
    let Some(group) = group_of(session, &sections[first.section]) else { return Vec::new() };
    let chosen = [Some(first), second];
    let receives = chosen.iter().flatten().any(|track| track.direction.client_receives());
    let is_further = |track: &&Track| {
        track.direction == Direction::RecvOnly
            && !chosen.contains(&Some(**track))
            && group_of(session, &sections[track.section]) == Some(group)
    };
    // What comes before the first one to receive on would take its place.
    let from = chosen.iter().flatten().filter(|track| track.direction.client_receives());
    let from = from.map(|track| track.section).min().unwrap_or(0);
    let further = tracks.iter().filter(is_further).filter(|track| track.section > from);
    further.take(if receives { TRACKS_MAX - 1 } else { 0 }).copied().collect()
}

/// What an audio section carries, or why it can't be used.
fn track(session: &Attributes, place: usize, section: &Section) -> Result<Track, OfferError> {
    let line = section.line;
    if section.media() != Media::Audio {
        return Err(OfferError::AudioProfile { line });
    }
    if section.is_rejected() {
        return Err(OfferError::AudioRejected { line });
    }
    // A direction of the session holds for sections that say none (RFC 8866 §6.7).
    let direction = section.attributes.direction.or(session.direction);
    let direction = direction.unwrap_or(Direction::SendRecv);
    if direction == Direction::Inactive {
        return Err(OfferError::AudioInactive { line });
    }
    let opus = section.opus().map_err(|value| OfferError::InvalidPayloadType { value })?;
    let payload_type = opus.ok_or(OfferError::NoOpus { line })?;
    let redundant = section.redundant(payload_type).filter(|_| direction.client_sends());
    Ok(Track { section: place, payload_type, redundant, direction })
}

impl Tracks {
    /// In the order of the offer, as far as the client receives.
    fn all(&self) -> impl Iterator<Item = Track> {
        std::iter::once(self.first).chain(self.second).chain(self.further.iter().copied())
    }

    fn at(&self, place: usize) -> Option<Track> {
        self.all().find(|track| track.section == place)
    }

    fn up(&self) -> Option<Track> {
        self.all().find(|track| track.direction.client_sends())
    }

    fn down(&self) -> impl Iterator<Item = Track> {
        self.all().filter(|track| track.direction.client_receives())
    }
}
