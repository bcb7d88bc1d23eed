//! Reads the SDP offer of a client: a bounded scanner, not a general SDP parser.
//!
//! It takes what a station needs (the audio section with Opus, and the transport that carries it) and
//! plans an answer for the whole offer: what else is bundled with the audio is kept, inactive, because
//! it may be what names the transport; the rest is rejected (RFC 8829 §5.3.1, RFC 9143 §7.3).
//! Candidates are skipped: an ICE-lite agent sends no checks and learns addresses from the client's.

mod plan;
mod section;

use crate::certificate::Fingerprint;
use is::IceCreds;

use crate::sdp;
pub(crate) use plan::{Planned, Use};
use section::{Attributes, Section};
pub(crate) use section::{Direction, ice_credentials};

/// The largest offer that is read, in bytes. A browser's audio offer has 2 to 8 KB.
pub const OFFER_BYTES_MAX: usize = 64 * 1024;
/// The most `m=` sections an offer may have.
pub const MEDIA_LINES_MAX: usize = 8;

/// Why an offer was refused; the sentence says what the client should change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// Longer than [`OFFER_BYTES_MAX`].
    #[error("the offer is too large: {bytes} bytes, at most {OFFER_BYTES_MAX} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// More than [`MEDIA_LINES_MAX`] sections.
    #[error("the offer has more than {MEDIA_LINES_MAX} m= sections; offer one audio track")]
    TooManyMediaLines,
    /// A line that is not SDP.
    #[error("line {line} of the offer is not SDP (RFC 8866)")]
    NotSdp {
        /// Counted from 1.
        line: usize,
    },
    /// Nothing to carry sound.
    #[error("the offer has no audio section; add an m=audio section with opus/48000/2")]
    NoAudio,
    /// Audio over something that is not RTP.
    #[error("the audio section in line {line} is not over RTP; offer UDP/TLS/RTP/SAVPF")]
    AudioProfile {
        /// Where its `m=` stands, counted from 1.
        line: usize,
    },
    /// Audio with port 0 that is not bundle-only (RFC 8829 §5.2.2).
    #[error("the audio section in line {line} has port 0: offer port 9, or a=bundle-only")]
    AudioRejected {
        /// Where its `m=` stands, counted from 1.
        line: usize,
    },
    /// Audio that goes neither way.
    #[error("the audio section in line {line} is inactive; offer sendrecv, sendonly or recvonly")]
    AudioInactive {
        /// Where its `m=` stands, counted from 1.
        line: usize,
    },
    /// Two audio sections, one each way, on two transports.
    #[error(
        "the audio sections in lines {line} and {other} go one way each; bundle them \
         (a=group:BUNDLE), or offer one that is sendrecv"
    )]
    AudioSplit {
        /// Where the first one's `m=` stands, counted from 1.
        line: usize,
        /// Where the other one's does.
        other: usize,
    },
    /// Audio, but not Opus.
    #[error("the audio section in line {line} does not offer opus/48000/2 (RFC 7587)")]
    NoOpus {
        /// Where its `m=` stands, counted from 1.
        line: usize,
    },
    /// Opus by a payload type RTP cannot carry, or that RTCP would be taken for (RFC 5761 §4).
    #[error(
        "payload type {value} cannot be used for Opus: 0 to 63 and 96 to 127 can (RFC 5761 §4)"
    )]
    InvalidPayloadType {
        /// As offered.
        value: u32,
    },
    /// No certificate fingerprint.
    #[error("the offer has no a=fingerprint; media are taken over DTLS-SRTP only (RFC 5763)")]
    NoFingerprint,
    /// Fingerprints, but none that can be checked.
    #[error(
        "the fingerprint in line {line} is not 32 bytes of sha-256, which is what is checked; \
         add an a=fingerprint:sha-256 of the same certificate (RFC 8122 §5)"
    )]
    OddFingerprint {
        /// The first of them, counted from 1.
        line: usize,
    },
    /// `a=ice-ufrag` or `a=ice-pwd` absent or malformed.
    #[error("the offer has no valid a=ice-ufrag and a=ice-pwd for its audio (RFC 8839 §5.4)")]
    NoIceCredentials,
    /// The server only takes the passive DTLS role.
    #[error("the offer must say a=setup:actpass or a=setup:active (RFC 8842 §5.2)")]
    DtlsRole,
    /// The server is ICE-lite; one side must send checks.
    #[error("the client must be a full ICE agent, not ice-lite")]
    IceLite,
    /// RTP and RTCP must share a port.
    #[error("the audio section must say a=rtcp-mux (RFC 5761)")]
    NoRtcpMux,
    /// A fault of the server, not of the offer.
    #[error("the server has no usable local address for this station")]
    NoLocalAddress,
}

/// Says whether [`crate::Station::accept_offer`] would take this offer, without the cost of keys.
///
/// # Errors
/// As `accept_offer`, but for [`OfferError::NoLocalAddress`].
pub fn check_offer(text: &str) -> Result<(), OfferError> {
    Offer::parse(text).map(|_| ())
}

/// What a station needs to know of an offer.
#[derive(Debug)]
pub(crate) struct Offer {
    /// Every section in the order offered: an answer has the same (RFC 3264 §6).
    pub(crate) sections: Vec<Planned>,
    /// The names in the answer's BUNDLE group, the tagged section's first; `None`: there is none.
    pub(crate) bundle: Option<Vec<String>>,
    /// Opus as the client sends it; `None`: it only listens.
    pub(crate) up: Option<u8>,
    /// The same with copies of earlier packets (RFC 2198), if the client offers that.
    pub(crate) up_redundant: Option<u8>,
    /// Opus as the client receives it, one a track; empty: it only speaks.
    pub(crate) down: Vec<u8>,
    /// The id of the audio level extension (RFC 6464), if offered.
    pub(crate) audio_level_id: Option<u8>,
    /// SSRCs the client announced; empty if it announced none.
    pub(crate) sources: Vec<u32>,
    pub(crate) ice: IceCreds,
    /// Of certificates, one of which the client has; never empty.
    pub(crate) fingerprints: Vec<Fingerprint>,
}

impl Offer {
    pub(crate) fn parse(text: &str) -> Result<Self, OfferError> {
        let bytes = text.len();
        if bytes > OFFER_BYTES_MAX {
            return Err(OfferError::TooLarge { bytes });
        }
        let mut session = Attributes::default();
        let mut sections: Vec<Section> = Vec::new();
        let mut started = false;
        for line in sdp::lines(text) {
            let sdp::Line { number, kind, value } =
                line.map_err(|line| OfferError::NotSdp { line })?;
            let not_sdp = OfferError::NotSdp { line: number };
            if !std::mem::replace(&mut started, true) && (kind, value) != ('v', "0") {
                return Err(not_sdp);
            }
            match kind {
                'm' if sections.len() == MEDIA_LINES_MAX => {
                    return Err(OfferError::TooManyMediaLines);
                }
                'm' => sections.push(Section::parse(number, value).ok_or(not_sdp)?),
                'a' => sections
                    .last_mut()
                    .map_or(&mut session, |section| &mut section.attributes)
                    .read(number, value),
                _ => {}
            }
        }
        if !started {
            return Err(OfferError::NotSdp { line: 1 });
        }
        plan::plan(&session, &sections)
    }

    /// The section that names the transport in the answer.
    pub(crate) fn carrier(&self) -> &Planned {
        let tagged = self.bundle.as_ref().and_then(|names| names.first());
        let tagged = tagged.and_then(|name| {
            self.sections.iter().find(|it| it.is_kept() && it.mid.as_ref() == Some(name))
        });
        tagged
            .or_else(|| self.sections.iter().find(|it| it.is_kept()))
            .expect("an offer without an audio section is refused")
    }
}
