//! Reads the SDP offer of a client: a strict, bounded scanner, not a general SDP parser.
//!
//! It takes what a station needs (one audio section with Opus, ICE credentials, the DTLS
//! fingerprint) and what the answer must repeat (every section's kind, protocol and `mid`).
//! Candidates are skipped: an ICE-lite agent sends no checks and learns addresses from the
//! client's.

use str0m::IceCreds;
use str0m::config::Fingerprint;

/// The largest offer that is read, in bytes. A browser's audio offer has 2 to 8 KB.
pub const OFFER_BYTES_MAX: usize = 64 * 1024;
/// The most `m=` sections an offer may have.
pub const MEDIA_LINES_MAX: usize = 8;
/// The most payload types a section may list: more than RTP has.
const FORMATS_MAX: usize = 128;
/// The longest token that is repeated in an answer, in bytes.
const TOKEN_BYTES_MAX: usize = 64;
/// Sources a client may announce for its one track (a second one is its RTX or FEC).
const SOURCES_MAX: usize = 4;
const SHA_256_BYTES: usize = 32;
const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

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
    /// No usable audio section.
    #[error("the offer has no active audio section over UDP/TLS/RTP/SAVPF")]
    NoAudio,
    /// Audio, but not Opus.
    #[error("the audio section does not offer opus/48000/2")]
    NoOpus,
    /// A payload type RTP cannot carry, or that RTCP would be taken for (RFC 5761 §4).
    #[error("payload type {value} cannot be used: 0 to 63 and 96 to 127 can")]
    InvalidPayloadType {
        /// As offered.
        value: u32,
    },
    /// No SHA-256 certificate fingerprint.
    #[error("the offer has no sha-256 DTLS fingerprint")]
    NoFingerprint,
    /// `a=ice-ufrag` or `a=ice-pwd` absent or malformed.
    #[error("the offer has no valid a=ice-ufrag and a=ice-pwd (RFC 8839 §5.4)")]
    NoIceCredentials,
    /// The server only takes the passive DTLS role.
    #[error("the offer must say a=setup:actpass or a=setup:active")]
    DtlsRole,
    /// The server is ICE-lite; one side must send checks.
    #[error("the client must be a full ICE agent, not ice-lite")]
    IceLite,
    /// RTP and RTCP must share a port.
    #[error("the audio section must say a=rtcp-mux")]
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
    pub(crate) sections: Vec<Section>,
    /// The index of the audio section that is used.
    pub(crate) audio: usize,
    pub(crate) opus: u8,
    pub(crate) discontinuous: bool,
    /// The id of the audio level extension (RFC 6464), if offered.
    pub(crate) audio_level_id: Option<u8>,
    pub(crate) client_sends: bool,
    pub(crate) client_receives: bool,
    /// SSRCs the client announced; empty if it announced none.
    pub(crate) sources: Vec<u32>,
    pub(crate) ice: IceCreds,
    pub(crate) fingerprint: Fingerprint,
}

/// One `m=` section, as far as an answer repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: String,
    pub(crate) protocol: String,
    pub(crate) format: String,
    pub(crate) mid: Option<String>,
}

impl Offer {
    pub(crate) fn parse(text: &str) -> Result<Self, OfferError> {
        let bytes = text.len();
        if bytes > OFFER_BYTES_MAX {
            return Err(OfferError::TooLarge { bytes });
        }
        let mut session = Attributes::default();
        let mut scanned: Vec<Scanned> = Vec::new();
        let mut started = false;
        for (index, line) in text.lines().enumerate() {
            let not_sdp = OfferError::NotSdp { line: index + 1 };
            let (kind, value) = split_line(line).ok_or(not_sdp)?;
            if !std::mem::replace(&mut started, true) && (kind, value) != ('v', "0") {
                return Err(not_sdp);
            }
            match kind {
                'm' if scanned.len() == MEDIA_LINES_MAX => {
                    return Err(OfferError::TooManyMediaLines);
                }
                'm' => scanned.push(Scanned::parse(value).ok_or(not_sdp)?),
                'a' => scanned
                    .last_mut()
                    .map_or(&mut session, |section| &mut section.attributes)
                    .read(value)?,
                _ => {}
            }
        }
        if !started {
            return Err(OfferError::NotSdp { line: 1 });
        }
        assemble(&session, scanned)
    }
}

/// Splits `k=value`; `None` if it is not an SDP line. Values are printable: no control characters.
pub(crate) fn split_line(line: &str) -> Option<(char, &str)> {
    let (kind, value) = line.split_once('=')?;
    let [kind @ b'a'..=b'z'] = kind.as_bytes() else {
        return None;
    };
    (!value.chars().any(char::is_control)).then_some((char::from(*kind), value))
}

/// `ice-ufrag` and `ice-pwd` as RFC 8839 §5.4 allows them.
pub(crate) fn ice_credentials(ufrag: &str, password: &str) -> Option<IceCreds> {
    let fits = |text: &str, least: usize| {
        (least..=256).contains(&text.len())
            && text.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
            })
    };
    (fits(ufrag, 4) && fits(password, 22))
        .then(|| IceCreds { ufrag: ufrag.to_owned(), pass: password.to_owned() })
}

struct Scanned {
    section: Section,
    formats: Vec<String>,
    port: u16,
    attributes: Attributes,
}

impl Scanned {
    /// Reads the value of `m=`: kind, port, protocol, formats.
    fn parse(value: &str) -> Option<Self> {
        let mut words = value.split(' ').filter(|word| !word.is_empty());
        let kind = token(words.next()?)?;
        let port = words.next()?.parse().ok()?;
        let protocol = token(words.next()?)?;
        let formats: Vec<String> = words.take(FORMATS_MAX).map(token).collect::<Option<_>>()?;
        Some(Self {
            section: Section { kind, protocol, format: formats.first()?.clone(), mid: None },
            formats,
            port,
            attributes: Attributes::default(),
        })
    }

    fn is_usable_audio(&self) -> bool {
        self.section.kind == "audio"
            && self.section.protocol == "UDP/TLS/RTP/SAVPF"
            && (self.port != 0 || self.attributes.bundle_only)
            && (self.attributes.client_sends() || self.attributes.client_receives())
    }

    /// The first offered payload type that is Opus.
    fn opus(&self) -> Result<Option<u8>, OfferError> {
        for format in &self.formats {
            let value = format.parse().map_err(|_| OfferError::NoAudio)?;
            let payload_type = payload_type(value)?;
            if self.attributes.opus.contains(&payload_type) {
                return Ok(Some(payload_type));
            }
        }
        Ok(None)
    }
}

/// The attributes of a section, or of the session, that a station looks at.
#[derive(Default)]
struct Attributes {
    mid: Option<String>,
    ufrag: Option<String>,
    password: Option<String>,
    fingerprint: Option<Fingerprint>,
    setup: Option<String>,
    direction: Option<String>,
    ice_lite: bool,
    rtcp_mux: bool,
    bundle_only: bool,
    opus: Vec<u8>,
    discontinuous: Vec<u8>,
    audio_level_id: Option<u8>,
    sources: Vec<u32>,
}

impl Attributes {
    /// Takes one `a=` line. Only a payload type out of range is an error here: what else is
    /// malformed is as good as absent.
    fn read(&mut self, attribute: &str) -> Result<(), OfferError> {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name {
            "mid" => self.mid = token(value),
            "ice-ufrag" => self.ufrag = token_of(value, 256),
            "ice-pwd" => self.password = token_of(value, 256),
            "fingerprint" if self.fingerprint.is_none() => self.fingerprint = sha_256(value),
            "setup" => self.setup = token(value),
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => {
                self.direction = Some(name.to_owned());
            }
            "ice-lite" => self.ice_lite = true,
            "rtcp-mux" => self.rtcp_mux = true,
            "bundle-only" => self.bundle_only = true,
            "rtpmap" => self.read_rtpmap(value)?,
            "fmtp" => self.read_fmtp(value),
            "extmap" => self.read_extmap(value),
            "ssrc" => self.read_ssrc(value),
            _ => {}
        }
        Ok(())
    }

    fn read_rtpmap(&mut self, value: &str) -> Result<(), OfferError> {
        let Some((number, codec)) = value.split_once(' ') else {
            return Ok(());
        };
        let Ok(number) = number.parse() else {
            return Ok(());
        };
        let payload_type = payload_type(number)?;
        if codec.eq_ignore_ascii_case("opus/48000/2") && self.opus.len() < FORMATS_MAX {
            self.opus.push(payload_type);
        }
        Ok(())
    }

    fn read_fmtp(&mut self, value: &str) {
        let Some((number, parameters)) = value.split_once(' ') else {
            return;
        };
        let discontinuous = parameters.split(';').any(|p| p.trim() == "usedtx=1");
        if let (true, Ok(number)) = (discontinuous, number.parse())
            && self.discontinuous.len() < FORMATS_MAX
        {
            self.discontinuous.push(number);
        }
    }

    fn read_extmap(&mut self, value: &str) {
        let mut words = value.split(' ');
        let id = words.next().and_then(|id| id.split('/').next()?.parse().ok());
        // One-byte header extensions have the ids 1 to 14 (RFC 8285 §4.2).
        if let (Some(id @ 1..=14), Some(AUDIO_LEVEL_URI)) = (id, words.next()) {
            self.audio_level_id = Some(id);
        }
    }

    fn read_ssrc(&mut self, value: &str) {
        let number = value.split(' ').next().and_then(|n| n.parse::<u32>().ok());
        if let Some(ssrc) = number
            && ssrc != 0
            && self.sources.len() < SOURCES_MAX
            && !self.sources.contains(&ssrc)
        {
            self.sources.push(ssrc);
        }
    }

    fn client_sends(&self) -> bool {
        !matches!(self.direction.as_deref(), Some("recvonly" | "inactive"))
    }

    fn client_receives(&self) -> bool {
        !matches!(self.direction.as_deref(), Some("sendonly" | "inactive"))
    }
}

fn assemble(session: &Attributes, scanned: Vec<Scanned>) -> Result<Offer, OfferError> {
    let audio = scanned.iter().position(Scanned::is_usable_audio).ok_or(OfferError::NoAudio)?;
    let section = &scanned[audio];
    let own = &section.attributes;
    let opus = section.opus()?.ok_or(OfferError::NoOpus)?;
    if session.ice_lite {
        return Err(OfferError::IceLite);
    }
    if !own.rtcp_mux {
        return Err(OfferError::NoRtcpMux);
    }
    let setup = own.setup.as_deref().or(session.setup.as_deref());
    if !matches!(setup, Some("actpass" | "active")) {
        return Err(OfferError::DtlsRole);
    }
    let ice = ice_credentials(
        own.ufrag.as_ref().or(session.ufrag.as_ref()).map_or("", |s| s),
        own.password.as_ref().or(session.password.as_ref()).map_or("", |s| s),
    )
    .ok_or(OfferError::NoIceCredentials)?;
    let fingerprint = own
        .fingerprint
        .as_ref()
        .or(session.fingerprint.as_ref())
        .ok_or(OfferError::NoFingerprint)?
        .clone();
    Ok(Offer {
        audio,
        opus,
        discontinuous: own.discontinuous.contains(&opus),
        audio_level_id: own.audio_level_id.or(session.audio_level_id),
        client_sends: own.client_sends(),
        client_receives: own.client_receives(),
        sources: own.sources.clone(),
        ice,
        fingerprint,
        sections: scanned
            .into_iter()
            .map(|scanned| Section { mid: scanned.attributes.mid, ..scanned.section })
            .collect(),
    })
}

/// RTP's payload type is 7 bits, and with rtcp-mux 64 to 95 would be read as RTCP (RFC 5761 §4).
fn payload_type(value: u32) -> Result<u8, OfferError> {
    u8::try_from(value)
        .ok()
        .filter(|number| matches!(number, 0..=63 | 96..=127))
        .ok_or(OfferError::InvalidPayloadType { value })
}

/// A word that is safe to repeat in an answer.
fn token(value: &str) -> Option<String> {
    token_of(value, TOKEN_BYTES_MAX)
}

fn token_of(value: &str, bytes_max: usize) -> Option<String> {
    let printable = value.bytes().all(|byte| byte.is_ascii_graphic());
    (printable && (1..=bytes_max).contains(&value.len())).then(|| value.to_owned())
}

/// `sha-256 AB:CD:…` (RFC 8122 §5).
fn sha_256(value: &str) -> Option<Fingerprint> {
    let (hash, digest) = value.split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") || digest.len() != 3 * SHA_256_BYTES - 1 {
        return None;
    }
    let bytes: Vec<u8> = digest
        .split(':')
        .map(|pair| match pair.as_bytes() {
            [a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                u8::from_str_radix(pair, 16).ok()
            }
            _ => None,
        })
        .collect::<Option<_>>()?;
    (bytes.len() == SHA_256_BYTES).then(|| Fingerprint { hash_func: "sha-256".to_owned(), bytes })
}
