//! The PROXY protocol, versions 1 and 2: what a proxy that passes bytes on says first, about whom it
//! passes them on for ("The PROXY protocol", HAProxy, 2020-03-05).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Bytes that may be before the first one of the client: version 1 has 107 at most (§2.1), and of
/// version 2 this much of additional information is taken.
pub const HEADER_BYTES_MAX: usize = 16 + 512;
/// The longest line of version 1, its end included (§2.1).
const LINE_BYTES_MAX: usize = 107;
const LINE_START: &[u8] = b"PROXY ";
/// §2.2.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The signature, version and command, family and protocol, length.
const FIXED_BYTES: usize = 16;
/// Bytes of addresses and ports of IPv4 (§2.2).
const V4_BYTES: usize = 12;
/// Bytes of addresses and ports of IPv6 (§2.2).
const V6_BYTES: usize = 36;

/// A header that has arrived whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many bytes it has; the client's own come after them.
    pub bytes: usize,
    /// Who connected to the proxy; `None`: the proxy speaks for itself (a health check), or won't say.
    pub source: Option<SocketAddr>,
}

/// Why there is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// More bytes have to arrive first.
    #[error("the header is not here yet")]
    Incomplete,
    /// These bytes begin no header, or break its rules. The connection is to be closed (§4).
    #[error("no header of the PROXY protocol")]
    Malformed,
}

/// Reads the header that stands at the start of `bytes`.
///
/// # Errors
/// See [`HeaderError`].
pub fn parse(bytes: &[u8]) -> Result<Header, HeaderError> {
    let begins = |with: &[u8]| bytes.iter().zip(with).all(|(one, other)| one == other);
    if begins(SIGNATURE) {
        return binary(bytes);
    }
    if begins(LINE_START) {
        return line(bytes);
    }
    Err(HeaderError::Malformed)
}

/// Version 1: a line of text.
fn line(bytes: &[u8]) -> Result<Header, HeaderError> {
    let start = &bytes[..bytes.len().min(LINE_BYTES_MAX)];
    let Some(end) = start.windows(2).position(|it| it == b"\r\n") else {
        let is_too_long = bytes.len() >= LINE_BYTES_MAX;
        return Err(if is_too_long { HeaderError::Malformed } else { HeaderError::Incomplete });
    };
    let text = std::str::from_utf8(&start[..end]).map_err(|_| HeaderError::Malformed)?;
    let words: Vec<&str> = text.split(' ').collect();
    let source = match words[..] {
        ["PROXY", "UNKNOWN", ..] => None,
        [
            "PROXY",
            family @ ("TCP4" | "TCP6"),
            source,
            destination,
            source_port,
            destination_port,
        ] => {
            let address = |text: &str| {
                let address: IpAddr = text.parse().ok()?;
                (address.is_ipv4() == (family == "TCP4")).then_some(address)
            };
            let port = |text: &str| text.parse::<u16>().ok();
            let whole =
                (address(source), address(destination), port(source_port), port(destination_port));
            let (Some(source), Some(_), Some(port), Some(_)) = whole else {
                return Err(HeaderError::Malformed);
            };
            Some(SocketAddr::new(source, port))
        }
        _ => return Err(HeaderError::Malformed),
    };
    Ok(Header { bytes: end + 2, source })
}

/// Version 2: binary.
fn binary(bytes: &[u8]) -> Result<Header, HeaderError> {
    let Some(fixed) = bytes.first_chunk::<FIXED_BYTES>() else {
        return Err(HeaderError::Incomplete);
    };
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    let whole = FIXED_BYTES + length;
    if whole > HEADER_BYTES_MAX {
        return Err(HeaderError::Malformed);
    }
    let Some(rest) = bytes.get(FIXED_BYTES..whole) else { return Err(HeaderError::Incomplete) };
    let source = match (fixed[12], fixed[13]) {
        // LOCAL: whatever follows is skipped.
        (0x20, _) => None,
        (0x21, 0x11) => Some(v4(rest)?),
        (0x21, 0x21) => Some(v6(rest)?),
        // PROXY for something that is not TCP over IP: it won't say.
        (0x21, _) => None,
        _ => return Err(HeaderError::Malformed),
    };
    Ok(Header { bytes: whole, source })
}

fn v4(rest: &[u8]) -> Result<SocketAddr, HeaderError> {
    let [a, b, c, d, _, _, _, _, high, low, ..] =
        *rest.first_chunk::<V4_BYTES>().ok_or(HeaderError::Malformed)?;
    Ok(SocketAddr::from((Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([high, low]))))
}

fn v6(rest: &[u8]) -> Result<SocketAddr, HeaderError> {
    let addresses = rest.first_chunk::<V6_BYTES>().ok_or(HeaderError::Malformed)?;
    let source: &[u8; 16] = addresses.first_chunk().ok_or(HeaderError::Malformed)?;
    let port = u16::from_be_bytes([addresses[32], addresses[33]]);
    Ok(SocketAddr::from((Ipv6Addr::from(*source), port)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([command, family]);
        bytes.extend((rest.len() as u16).to_be_bytes());
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn version_1() {
        let header = b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";
        let with_request = [header.as_slice(), b"GET / HTTP/1.1\r\n"].concat();
        let source = Some("192.0.2.1:56324".parse().unwrap());
        assert_eq!(parse(&with_request), Ok(Header { bytes: header.len(), source }));
        let v6 = parse(b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n").unwrap();
        assert_eq!(v6.source, Some("[2001:db8::1]:1".parse().unwrap()));
        assert_eq!(parse(b"PROXY UNKNOWN anything\r\n").unwrap().source, None);
        for bad in [
            "PROXY TCP4 ::1 ::1 1 2\r\n",
            "PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n",
            "PROXY TCP4 1.1.1.1 1.1.1.1 1 99999\r\n",
            "PROXY UDP4 1.1.1.1 1.1.1.1 1 2\r\n",
            "GET / HTTP/1.1\r\n",
        ] {
            assert_eq!(parse(bad.as_bytes()), Err(HeaderError::Malformed), "{bad}");
        }
        let endless = [b"PROXY UNKNOWN ".as_slice(), &[b'x'; 200]].concat();
        assert_eq!(parse(&endless), Err(HeaderError::Malformed));
    }

    #[test]
    fn version_2() {
        let v4 = v2(0x21, 0x11, &[192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 4, 1, 0xbb, 4, 0, 1, 0]);
        let source = Some("192.0.2.1:56324".parse().unwrap());
        assert_eq!(parse(&v4), Ok(Header { bytes: v4.len(), source }), "with a TLV behind it");
        let mut addresses = [0; V6_BYTES];
        addresses[..2].copy_from_slice(&[0x20, 1]);
        addresses[32..34].copy_from_slice(&[0, 7]);
        let v6 = parse(&v2(0x21, 0x21, &addresses)).unwrap();
        assert_eq!(v6.source, Some("[2001::]:7".parse().unwrap()));
        assert_eq!(parse(&v2(0x20, 0, &[])).unwrap().source, None, "a health check");
        assert_eq!(parse(&v2(0x21, 0x11, &[1, 2])), Err(HeaderError::Malformed));
        assert_eq!(parse(&v2(0x31, 0x11, &[0; 12])), Err(HeaderError::Malformed));
        assert_eq!(parse(&v2(0x21, 0x11, &[0; 600])), Err(HeaderError::Malformed));
    }

    #[test]
    fn what_has_only_begun_is_waited_for() {
        for whole in [b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n".to_vec(), v2(0x21, 0x11, &[0; 12])] {
            for length in 0..whole.len() {
                assert_eq!(parse(&whole[..length]), Err(HeaderError::Incomplete), "{length}");
            }
            assert!(parse(&whole).is_ok());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), cut in 0_usize..17) {
            let mut hostile = SIGNATURE[..cut.min(12)].to_vec();
            hostile.extend(bytes);
            if let Ok(header) = parse(&hostile) {
                prop_assert!(header.bytes <= hostile.len().min(HEADER_BYTES_MAX));
            }
        }
    }
}
