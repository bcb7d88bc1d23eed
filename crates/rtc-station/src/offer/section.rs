//! One `m=` section of an offer, and the attributes of a section or of the session.

use crate::certificate::Fingerprint;
use is::IceCreds;

use crate::sdp;

/// The most payload types a section may list: more than RTP has.
const FORMATS_MAX: usize = 128;
/// Sources a client may announce for its one track (a second one is its RTX or FEC).
const SOURCES_MAX: usize = 4;
/// Certificates that a client may have announced: an old and a new one, in some hashes each.
const FINGERPRINTS_MAX: usize = 16;
/// The longest format description that an answer repeats, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 256;
const SHA_256_BYTES: usize = 32;
const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/// What RFC 8829 §5.1.2 tells to accept for RTP. Whether DTLS is meant is said by `a=fingerprint`; the
/// answer repeats the profile.
const RTP_PROFILES: [&str; 8] = [
    "UDP/TLS/RTP/SAVPF",
    "UDP/TLS/RTP/SAVP",
    "TCP/DTLS/RTP/SAVPF",
    "TCP/DTLS/RTP/SAVP",
    "RTP/SAVPF",
    "RTP/SAVP",
    "RTP/AVPF",
    "RTP/AVP",
];

/// What a section is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// Sound over RTP.
    Audio,
    /// Pictures over RTP.
    Video,
    /// A data channel (SCTP over DTLS).
    Data,
    /// Something else, or over something else.
    Other,
}

/// One `m=` section as it was offered.
#[derive(Debug)]
pub(crate) struct Section {
    /// Where its `m=` line stands, counted from 1.
    pub(crate) line: usize,
    pub(crate) kind: String,
    pub(crate) protocol: String,
    pub(crate) formats: Vec<String>,
    port: u16,
    pub(crate) attributes: Attributes,
}

/// A payload type and what it stands for, as an answer repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) number: String,
    /// `name/clock rate`.
    pub(crate) encoding: Option<String>,
    /// Its parameters.
    pub(crate) parameters: Option<String>,
}

impl Section {
    /// Reads the value of `m=`: kind, port, protocol, formats.
    pub(crate) fn parse(line: usize, value: &str) -> Option<Self> {
        let mut words = sdp::words(value);
        let kind = sdp::token(words.next()?)?;
        // `port/number of ports`
        let port = words.next()?.split('/').next()?.parse().ok()?;
        let protocol = sdp::token(words.next()?)?;
        let formats: Vec<String> =
            words.take(FORMATS_MAX).map(sdp::token).collect::<Option<_>>()?;
        let is_whole = !formats.is_empty();
        let attributes = Attributes::default();
        is_whole.then_some(Self { line, kind, protocol, formats, port, attributes })
    }

    pub(crate) fn media(&self) -> Media {
        let is_rtp = RTP_PROFILES.contains(&self.protocol.as_str());
        match (self.kind.as_str(), is_rtp) {
            ("audio", true) => Media::Audio,
            ("video", true) => Media::Video,
            ("application", false) if self.protocol.ends_with("DTLS/SCTP") => Media::Data,
            _ => Media::Other,
        }
    }

    /// Whether the client has given it up (RFC 8829 §5.2.2: port 0, unless it is bundle-only).
    pub(crate) fn is_rejected(&self) -> bool {
        self.port == 0 && !self.attributes.bundle_only
    }

    /// It shares another section's transport, or is not used at all (RFC 9143 §6), and so its RTCP
    /// shares the port of its RTP.
    pub(crate) fn is_bundle_only(&self) -> bool {
        self.attributes.bundle_only
    }

    /// The first offered payload type that is Opus and that RTP can carry beside RTCP; otherwise the
    /// number that it can't be.
    pub(crate) fn opus(&self) -> Result<Option<u8>, u32> {
        let mut unusable = None;
        for format in &self.formats {
            let Some(number) = format.parse().ok().filter(|it| self.attributes.opus.contains(it))
            else {
                continue;
            };
            match payload_type(number) {
                Some(payload_type) => return Ok(Some(payload_type)),
                None => unusable = unusable.or(Some(number)),
            }
        }
        unusable.map_or(Ok(None), Err)
    }

    /// The first offered payload type that is RED (RFC 2198) over this one of Opus, and that RTP can carry beside RTCP.
    /// One that does not say of what its blocks are is not taken: nobody would know.
    pub(crate) fn redundant(&self, opus: u8) -> Option<u8> {
        let Attributes { encodings, parameters, .. } = &self.attributes;
        let is_red = |number: &&String| {
            let named = encodings.iter().find(|(it, _)| it == *number);
            let blocks = parameters.iter().find(|(it, _)| it == *number);
            let is_opus = |block: &str| block.trim().parse() == Ok(opus);
            named.is_some_and(|(_, name)| name.eq_ignore_ascii_case("red/48000/2"))
                && blocks.is_some_and(|(_, blocks)| blocks.split('/').all(is_opus))
        };
        let mut offered = self.formats.iter().filter(is_red);
        offered.find_map(|number| payload_type(number.parse().ok()?))
    }

    /// What an answer repeats of a section that is not used: a format with its meaning, because some
    /// stacks look it up even in a section that is rejected.
    pub(crate) fn first_format(&self) -> Format {
        let encodings = &self.attributes.encodings;
        let is_codec = |number: &&String| {
            let encoding = encodings.iter().find(|(it, _)| it == *number);
            encoding.is_some_and(|(_, name)| !is_helper(name))
        };
        let number = self.formats.iter().find(is_codec).or(self.formats.first());
        let number = number.cloned().unwrap_or_default();
        let of = |list: &[(String, String)]| {
            list.iter().find(|(it, _)| *it == number).map(|(_, text)| text.clone())
        };
        Format { encoding: of(encodings), parameters: of(&self.attributes.parameters), number }
    }
}

/// A format that repairs or repeats another one.
fn is_helper(encoding: &str) -> bool {
    let name = encoding.split('/').next().unwrap_or_default();
    ["rtx", "red", "ulpfec", "flexfec-03", "CN"].iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// Which way a section's media go, as its client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    fn read(name: &str) -> Option<Self> {
        Some(match name {
            "sendrecv" => Self::SendRecv,
            "sendonly" => Self::SendOnly,
            "recvonly" => Self::RecvOnly,
            "inactive" => Self::Inactive,
            _ => return None,
        })
    }

    pub(crate) fn client_sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    pub(crate) fn client_receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// The attributes of a section, or of the session, that a station looks at.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) mid: Option<String>,
    pub(crate) ufrag: Option<String>,
    pub(crate) password: Option<String>,
    /// Of kinds that can be checked.
    pub(crate) fingerprints: Vec<Fingerprint>,
    /// The first line with one that can't be, whatever is wrong with it.
    pub(crate) odd_fingerprint: Option<usize>,
    pub(crate) setup: Option<String>,
    pub(crate) direction: Option<Direction>,
    pub(crate) ice_lite: bool,
    pub(crate) rtcp_mux: bool,
    bundle_only: bool,
    pub(crate) has_sctp_port: bool,
    /// `a=group:BUNDLE`, each with its sections' names.
    pub(crate) bundles: Vec<Vec<String>>,
    /// Payload types that are Opus, as they were offered.
    opus: Vec<u32>,
    pub(crate) discontinuous: Vec<u8>,
    encodings: Vec<(String, String)>,
    parameters: Vec<(String, String)>,
    pub(crate) audio_level_id: Option<u8>,
    pub(crate) sources: Vec<u32>,
}

impl Attributes {
    /// Takes one `a=` line. What is malformed is as good as absent.
    pub(crate) fn read(&mut self, line: usize, attribute: &str) {
        let (name, value) = sdp::attribute(attribute);
        let name = name.to_ascii_lowercase();
        if let Some(direction) = Direction::read(&name) {
            self.direction = Some(direction);
            return;
        }
        match name.as_str() {
            "mid" => self.mid = sdp::token(value),
            "ice-ufrag" => self.ufrag = sdp::token_of(value, 256),
            "ice-pwd" => self.password = sdp::token_of(value, 256),
            "fingerprint" => self.read_fingerprint(line, value),
            "setup" => self.setup = sdp::token(value).map(|it| it.to_ascii_lowercase()),
            "ice-lite" => self.ice_lite = true,
            "rtcp-mux" | "rtcp-mux-only" => self.rtcp_mux = true,
            "bundle-only" => self.bundle_only = true,
            "sctp-port" => self.has_sctp_port = true,
            "group" => self.read_group(value),
            "rtpmap" => self.read_rtpmap(value),
            "fmtp" => self.read_fmtp(value),
            "extmap" => self.read_extmap(value),
            "ssrc" => self.read_ssrc(value),
            _ => {}
        }
    }

    fn read_fingerprint(&mut self, line: usize, value: &str) {
        match sha_256(value) {
            Some(fingerprint) if self.fingerprints.len() < FINGERPRINTS_MAX => {
                self.fingerprints.push(fingerprint);
            }
            Some(_) => {}
            None => self.odd_fingerprint = self.odd_fingerprint.or(Some(line)),
        }
    }

    fn read_group(&mut self, value: &str) {
        let Some((semantics, members)) = sdp::first_word(value) else { return };
        let has_room = self.bundles.len() < super::MEDIA_LINES_MAX;
        if semantics.eq_ignore_ascii_case("BUNDLE") && has_room {
            let members = sdp::words(members).take(super::MEDIA_LINES_MAX);
            self.bundles.push(members.filter_map(sdp::token).collect());
        }
    }

    fn read_rtpmap(&mut self, value: &str) {
        let Some((number, encoding)) = sdp::first_word(value) else { return };
        if encoding.eq_ignore_ascii_case("opus/48000/2")
            && let Ok(number) = number.parse()
            && self.opus.len() < FORMATS_MAX
        {
            self.opus.push(number);
        }
        if let (Some(number), Some(encoding)) = (sdp::token(number), sdp::token(encoding))
            && self.encodings.len() < FORMATS_MAX
        {
            self.encodings.push((number, encoding));
        }
    }

    fn read_fmtp(&mut self, value: &str) {
        let Some((number, parameters)) = sdp::first_word(value) else { return };
        let is_discontinuous = parameters.split(';').any(|it| it.trim() == "usedtx=1");
        if let (true, Ok(number)) = (is_discontinuous, number.parse())
            && self.discontinuous.len() < FORMATS_MAX
        {
            self.discontinuous.push(number);
        }
        let parameters = sdp::phrase_of(parameters, DESCRIPTION_BYTES_MAX);
        if let (Some(number), Some(parameters)) = (sdp::token(number), parameters)
            && self.parameters.len() < FORMATS_MAX
        {
            self.parameters.push((number, parameters));
        }
    }

    fn read_extmap(&mut self, value: &str) {
        let mut words = sdp::words(value);
        let id = words.next().and_then(|id| id.split('/').next()?.parse().ok());
        // One-byte header extensions have the ids 1 to 14 (RFC 8285 §4.2).
        if let (Some(id @ 1..=14), Some(AUDIO_LEVEL_URI)) = (id, words.next()) {
            self.audio_level_id = Some(id);
        }
    }

    fn read_ssrc(&mut self, value: &str) {
        let number = sdp::words(value).next().and_then(|n| n.parse::<u32>().ok());
        if let Some(ssrc) = number
            && ssrc != 0
            && self.sources.len() < SOURCES_MAX
            && !self.sources.contains(&ssrc)
        {
            self.sources.push(ssrc);
        }
    }
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

/// RTP's payload type is 7 bits, and with rtcp-mux 64 to 95 would be read as RTCP (RFC 5761 §4).
fn payload_type(value: u32) -> Option<u8> {
    u8::try_from(value).ok().filter(|number| matches!(number, 0..=63 | 96..=127))
}

/// `sha-256 AB:CD:…` (RFC 8122 §5).
fn sha_256(value: &str) -> Option<Fingerprint> {
    let (hash, digest) = sdp::first_word(value)?;
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
    (bytes.len() == SHA_256_BYTES).then_some(Fingerprint(bytes))
}
