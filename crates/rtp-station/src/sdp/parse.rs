//! A session description as it is read: bounded, and tolerant of what real peers get wrong.
//!
//! Lines may end in LF, may be blank, and those that are not known are skipped; `s=` and `t=` may be
//! missing. What matters is checked where it is used.

use std::net::IpAddr;

use super::SdpError;
use crate::crypto::CryptoLine;

/// The largest description that is read, bytes.
pub const SDP_BYTES_MAX: usize = 16_384;
/// Media lines that are looked at, at most.
pub const MEDIA_LINES_MAX: usize = 16;
/// Formats of one media line, at most.
const FORMATS_MAX: usize = 64;
/// `a=crypto` lines of one media line, at most.
const CRYPTO_LINES_MAX: usize = 8;

/// Who sends, from the peer's point of view (RFC 3264 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Direction {
    pub sends: bool,
    pub receives: bool,
}

/// Where the peer receives (RFC 4566 §5.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connection {
    Address(IpAddr),
    /// A host name: it is not looked up.
    Name,
}

#[derive(Debug, Default)]
pub(crate) struct Description<'a> {
    pub connection: Option<Connection>,
    pub direction: Option<Direction>,
    pub media: Vec<Media<'a>>,
}

/// One media line and what belongs to it.
#[derive(Debug)]
pub(crate) struct Media<'a> {
    pub kind: &'a str,
    pub port: u16,
    pub protocol: &'a str,
    pub formats: Vec<&'a str>,
    pub connection: Option<Connection>,
    pub direction: Option<Direction>,
    pub maps: Vec<Map<'a>>,
    pub ptime_ms: Option<u32>,
    pub maxptime_ms: Option<u32>,
    pub rtcp_mux: bool,
    pub rtcp: Option<(u16, Option<IpAddr>)>,
    pub crypto: Vec<CryptoLine>,
}

/// `a=rtpmap` (RFC 4566 §6).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Map<'a> {
    pub payload_type: u8,
    pub name: &'a str,
    pub clock_hz: u32,
}

impl Direction {
    pub const BOTH: Self = Self { sends: true, receives: true };

    fn parse(attribute: &str) -> Option<Self> {
        let (sends, receives) = match attribute {
            "sendrecv" => (true, true),
            "sendonly" => (true, false),
            "recvonly" => (false, true),
            "inactive" => (false, false),
            _ => return None,
        };
        Some(Self { sends, receives })
    }

    pub fn as_str(self) -> &'static str {
        match (self.sends, self.receives) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        }
    }
}

impl<'a> Description<'a> {
    /// Reads a description.
    pub fn parse(text: &'a str) -> Result<Self, SdpError> {
        if text.len() > SDP_BYTES_MAX {
            return Err(SdpError::TooLong);
        }
        let mut lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
        if lines.next() != Some("v=0") {
            return Err(SdpError::NotSdp);
        }
        let mut description = Self::default();
        for line in lines {
            let Some((kind, value)) = line.split_once('=') else { continue };
            match kind {
                "m" if description.media.len() == MEDIA_LINES_MAX => {
                    return Err(SdpError::TooManyMediaLines);
                }
                "m" => description.media.push(Media::parse(value)?),
                "c" => description.set_connection(value),
                "a" => description.set_attribute(value),
                _ => {}
            }
        }
        Ok(description)
    }

    /// Where one media line is received: its own `c=` or that of the session.
    pub fn connection(&self, media: &Media<'_>) -> Option<Connection> {
        media.connection.or(self.connection)
    }

    /// Its own direction, that of the session, or both ways (RFC 3264 §5.1).
    pub fn direction(&self, media: &Media<'_>) -> Direction {
        media.direction.or(self.direction).unwrap_or(Direction::BOTH)
    }

    fn set_connection(&mut self, value: &str) {
        let Some(connection) = parse_connection(value) else { return };
        match self.media.last_mut() {
            // The first of several addresses (RFC 4566 §5.7: layered multicast).
            Some(media) => media.connection = media.connection.or(Some(connection)),
            None => self.connection = Some(connection),
        }
    }

    fn set_attribute(&mut self, attribute: &'a str) {
        if let Some(direction) = Direction::parse(attribute) {
            match self.media.last_mut() {
                Some(media) => media.direction = Some(direction),
                None => self.direction = Some(direction),
            }
        } else if let Some(media) = self.media.last_mut() {
            media.set_attribute(attribute);
        }
    }
}

impl<'a> Media<'a> {
    fn parse(value: &'a str) -> Result<Self, SdpError> {
        let mut words = value.split_ascii_whitespace();
        let kind = words.next().ok_or(SdpError::NotSdp)?;
        let port = words.next().ok_or(SdpError::NotSdp)?;
        let port = port.split_once('/').map_or(port, |(port, _)| port);
        let protocol = words.next().ok_or(SdpError::NotSdp)?;
        Ok(Self {
            kind,
            port: port.parse().map_err(|_| SdpError::NotSdp)?,
            protocol,
            formats: words.take(FORMATS_MAX).collect(),
            connection: None,
            direction: None,
            maps: Vec::new(),
            ptime_ms: None,
            maxptime_ms: None,
            rtcp_mux: false,
            rtcp: None,
            crypto: Vec::new(),
        })
    }

    fn set_attribute(&mut self, attribute: &'a str) {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name {
            "rtpmap" if self.maps.len() < FORMATS_MAX => self.maps.extend(Map::parse(value)),
            "ptime" => self.ptime_ms = parse_number(value),
            "maxptime" => self.maxptime_ms = parse_number(value),
            "rtcp-mux" => self.rtcp_mux = true,
            "rtcp" => self.rtcp = parse_rtcp(value),
            "crypto" if self.crypto.len() < CRYPTO_LINES_MAX => {
                self.crypto.extend(CryptoLine::parse(value));
            }
            _ => {}
        }
    }

    /// The name and clock of a format: its `a=rtpmap`, or what RFC 3551 §6 gives its number.
    pub fn map(&self, format: &str) -> Option<Map<'a>> {
        let payload_type: u8 = format.parse().ok().filter(|it| *it < 128)?;
        let own = self.maps.iter().find(|map| map.payload_type == payload_type).copied();
        own.or_else(|| {
            let name = match payload_type {
                0 => "PCMU",
                8 => "PCMA",
                9 => "G722",
                13 => "CN",
                _ => return None,
            };
            Some(Map { payload_type, name, clock_hz: 8_000 })
        })
    }
}

impl<'a> Map<'a> {
    fn parse(value: &'a str) -> Option<Self> {
        let (payload_type, encoding) = value.trim().split_once(' ')?;
        let mut parts = encoding.trim().split('/');
        let name = parts.next()?;
        let clock_hz = parts.next()?.parse().ok()?;
        let payload_type = payload_type.parse().ok().filter(|it| *it < 128)?;
        Some(Self { payload_type, name, clock_hz })
    }

    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

fn parse_connection(value: &str) -> Option<Connection> {
    let mut words = value.split_ascii_whitespace();
    if !words.next()?.eq_ignore_ascii_case("IN") {
        return None;
    }
    let _family = words.next()?;
    let address = words.next()?;
    let address = address.split_once('/').map_or(address, |(address, _)| address);
    Some(address.parse().map_or(Connection::Name, Connection::Address))
}

/// `a=rtcp:port [IN IP4 address]` (RFC 3605).
fn parse_rtcp(value: &str) -> Option<(u16, Option<IpAddr>)> {
    let (port, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    let address = match parse_connection(rest) {
        Some(Connection::Address(address)) => Some(address),
        Some(Connection::Name) | None => None,
    };
    Some((port.parse().ok().filter(|port| *port != 0)?, address))
}

/// A whole number; a fraction (`a=ptime:20.0`) is cut off.
fn parse_number(value: &str) -> Option<u32> {
    value.trim().split('.').next()?.parse().ok()
}
