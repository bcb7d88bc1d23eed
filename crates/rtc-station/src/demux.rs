//! What a datagram is, and whom a STUN check is for, from its bytes alone.
//!
//! A worker has one socket for many stations. It finds the station by source address; when the
//! address is new, only a STUN binding request can introduce it, and that names the station by
//! its ICE username fragment. Nothing here is authenticated: [`crate::Station`] checks that.

/// The protocols that share a WebRTC socket (RFC 7983 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// STUN: ICE connectivity and consent checks.
    Stun,
    /// DTLS: the key exchange and its closing alert.
    Dtls,
    /// SRTP.
    Rtp,
    /// SRTCP.
    Rtcp,
    /// Anything else, including what is too short to be what its first byte claims.
    Unknown,
}

const STUN_HEADER_BYTES: usize = 20;
const DTLS_HEADER_BYTES: usize = 13;
const RTP_HEADER_BYTES: usize = 12;
const RTCP_HEADER_BYTES: usize = 8;
const STUN_MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const STUN_BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const ATTRIBUTE_USERNAME: u16 = 0x0006;
const ATTRIBUTE_MESSAGE_INTEGRITY: u16 = 0x0008;
const ATTRIBUTE_USE_CANDIDATE: u16 = 0x0025;
/// RFC 8489 §14.3: a USERNAME is shorter than 509 bytes.
const USERNAME_BYTES_MAX: usize = 508;

/// Says what `datagram` is by its first two bytes (RFC 7983 §7, RFC 5761 §4).
pub fn classify(datagram: &[u8]) -> Class {
    let length = datagram.len();
    match datagram {
        [0..=3, ..] if length >= STUN_HEADER_BYTES => Class::Stun,
        [20..=63, ..] if length >= DTLS_HEADER_BYTES => Class::Dtls,
        [128..=191, second, ..] => match second & 0x7f {
            64..=95 if length >= RTCP_HEADER_BYTES => Class::Rtcp,
            64..=95 => Class::Unknown,
            _ if length >= RTP_HEADER_BYTES => Class::Rtp,
            _ => Class::Unknown,
        },
        _ => Class::Unknown,
    }
}

/// The server's username fragment in a STUN binding request: the part of USERNAME before the
/// colon (RFC 8445 §7.2.2). `None` for anything that is not a well-formed binding request.
pub fn stun_username_local_ufrag(datagram: &[u8]) -> Option<&str> {
    BindingRequest::parse(datagram).map(|request| request.local_ufrag)
}

/// What we read from a STUN binding request ourselves; not yet authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BindingRequest<'a> {
    /// Whom it is for.
    pub(crate) local_ufrag: &'a str,
    /// The peer nominates this path (RFC 8445 §8.1).
    pub(crate) use_candidate: bool,
}

impl<'a> BindingRequest<'a> {
    pub(crate) fn parse(datagram: &'a [u8]) -> Option<Self> {
        let (header, mut attributes) = datagram.split_at_checked(STUN_HEADER_BYTES)?;
        let declared = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[..2] != STUN_BINDING_REQUEST
            || header[4..8] != STUN_MAGIC_COOKIE
            || declared != attributes.len()
        {
            return None;
        }
        let mut local_ufrag = None;
        let mut use_candidate = false;
        while let Some((kind, value, rest)) = next_attribute(attributes) {
            match kind {
                ATTRIBUTE_USERNAME if local_ufrag.is_none() => {
                    local_ufrag = Some(ufrag_of(value)?);
                }
                ATTRIBUTE_USE_CANDIDATE => use_candidate = true,
                // What follows is not covered by the integrity check, so it is not the peer's word.
                ATTRIBUTE_MESSAGE_INTEGRITY => break,
                _ => {}
            }
            attributes = rest;
        }
        Some(Self { local_ufrag: local_ufrag?, use_candidate })
    }
}

/// Splits off one attribute: type, value, and what follows its padding to 4 bytes.
fn next_attribute(attributes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (header, body) = attributes.split_at_checked(4)?;
    let kind = u16::from_be_bytes([header[0], header[1]]);
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let value = body.get(..length)?;
    let rest = body.get(length.next_multiple_of(4)..).unwrap_or(&[]);
    Some((kind, value, rest))
}

fn ufrag_of(username: &[u8]) -> Option<&str> {
    if username.len() > USERNAME_BYTES_MAX {
        return None;
    }
    let (local, _remote) = std::str::from_utf8(username).ok()?.split_once(':')?;
    (!local.is_empty()).then_some(local)
}

/// The SSRC in an RTP header (RFC 3550 §5.1); `None` if the datagram is too short for one.
pub(crate) fn rtp_ssrc(datagram: &[u8]) -> Option<u32> {
    let bytes = datagram.get(8..RTP_HEADER_BYTES)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// The payload type in an RTP header; `None` if the datagram is too short for one.
pub(crate) fn rtp_payload_type(datagram: &[u8]) -> Option<u8> {
    datagram.get(1).map(|byte| byte & 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A binding request with the attributes given as (type, value); lengths and padding are right.
    fn request(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend_from_slice(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut datagram = vec![0x00, 0x01];
        datagram.extend((body.len() as u16).to_be_bytes());
        datagram.extend(STUN_MAGIC_COOKIE);
        datagram.extend([7; 12]);
        datagram.extend(body);
        datagram
    }

    #[test]
    fn classes_follow_rfc_7983() {
        let padded = |first: u8, second: u8| {
            let mut bytes = [0_u8; 20];
            bytes[..2].copy_from_slice(&[first, second]);
            classify(&bytes)
        };
        assert_eq!(padded(0, 1), Class::Stun);
        assert_eq!(padded(3, 1), Class::Stun);
        assert_eq!(padded(4, 1), Class::Unknown);
        assert_eq!(padded(19, 0), Class::Unknown);
        assert_eq!(padded(20, 0), Class::Dtls);
        assert_eq!(padded(63, 0), Class::Dtls);
        assert_eq!(padded(64, 0), Class::Unknown);
        assert_eq!(padded(128, 111), Class::Rtp);
        assert_eq!(padded(128, 0x80 | 111), Class::Rtp);
        assert_eq!(padded(128, 200), Class::Rtcp);
        assert_eq!(padded(191, 206), Class::Rtcp);
        assert_eq!(padded(192, 0), Class::Unknown);
        assert_eq!(classify(&[]), Class::Unknown);
        assert_eq!(classify(&[128]), Class::Unknown);
        assert_eq!(classify(&[128, 111, 0]), Class::Unknown);
    }

    #[test]
    fn finds_the_servers_half_of_the_username() {
        let datagram = request(&[(0x8022, b"agent"), (0x0006, b"server:client")]);
        assert_eq!(stun_username_local_ufrag(&datagram), Some("server"));
    }

    #[test]
    fn ignores_what_the_integrity_check_does_not_cover() {
        let covered = request(&[(0x0006, b"s:c"), (0x0025, b""), (0x0008, &[0; 20])]);
        let appended = request(&[(0x0006, b"s:c"), (0x0008, &[0; 20]), (0x0025, b"")]);
        assert!(BindingRequest::parse(&covered).unwrap().use_candidate);
        assert!(!BindingRequest::parse(&appended).unwrap().use_candidate);
        let late_name = request(&[(0x0008, &[0; 20]), (0x0006, b"s:c")]);
        assert_eq!(stun_username_local_ufrag(&late_name), None);
    }

    #[test]
    fn refuses_what_is_not_a_binding_request() {
        let good = request(&[(0x0006, b"server:client")]);
        let mut response = good.clone();
        response[0] = 0x01;
        let mut cookie = good.clone();
        cookie[5] ^= 1;
        let mut long = good.clone();
        long.push(0);
        let nameless = request(&[(0x0006, b"no-colon")]);
        let empty = request(&[(0x0006, b":client")]);
        let binary = request(&[(0x0006, &[0xff, b':', 0xfe])]);
        for bad in [response, cookie, long, nameless, empty, binary] {
            assert_eq!(stun_username_local_ufrag(&bad), None);
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            classify(&bytes);
            let _ = stun_username_local_ufrag(&bytes);
        }

        #[test]
        fn never_panics_on_attributes_that_lie(
            body in proptest::collection::vec(any::<u8>(), 0..100),
            declared in any::<u16>(),
            honest in any::<bool>(),
        ) {
            let mut datagram = request(&[]);
            let length = if honest { body.len() as u16 } else { declared };
            datagram[2..4].copy_from_slice(&length.to_be_bytes());
            datagram.extend(body);
            let _ = stun_username_local_ufrag(&datagram);
        }

        #[test]
        fn finds_any_name(local in "[a-zA-Z0-9+/]{1,40}", remote in "[a-zA-Z0-9+/]{0,40}") {
            let name = format!("{local}:{remote}");
            let datagram = request(&[(0x0006, name.as_bytes())]);
            prop_assert_eq!(stun_username_local_ufrag(&datagram), Some(local.as_str()));
        }
    }
}
