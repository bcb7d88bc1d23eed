//! A detour for a station's packets: a proxy that stands between this client and the server.
//!
//! The server's answer names where it takes packets (its ICE candidates). Whoever wants to stand in
//! the way is told that address, names one of its own, and the answer is changed accordingly before
//! WebRTC sees it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::error::MediaError;

const CANDIDATE: &str = "a=candidate:";

type Detour = dyn Fn(SocketAddr) -> io::Result<SocketAddr> + Send + Sync;

/// Where to send instead: given the server's address, an address that leads there.
#[derive(Clone)]
pub struct Via(Arc<Detour>);

impl Via {
    /// `detour` is asked when the answer is there. It must not block.
    pub fn new(
        detour: impl Fn(SocketAddr) -> io::Result<SocketAddr> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(detour))
    }

    /// The answer that leads through the detour.
    ///
    /// # Errors
    /// As [`answer_via`].
    pub fn apply(&self, answer: &str) -> Result<String, MediaError> {
        answer_via(answer, |server| self.0(server))
    }
}

impl fmt::Debug for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Via(…)")
    }
}

/// An answer whose first UDP candidate has the address that `detour` names for it. The others are
/// left out: nothing goes past the detour.
///
/// # Errors
/// [`MediaError::NoCandidate`], or [`MediaError::Via`] with what `detour` says.
pub fn answer_via(
    answer: &str,
    detour: impl FnOnce(SocketAddr) -> io::Result<SocketAddr>,
) -> Result<String, MediaError> {
    let (line, server) = answer
        .lines()
        .find_map(|line| Some((line, address(line)?)))
        .ok_or(MediaError::NoCandidate)?;
    let detour = detour(server).map_err(MediaError::Via)?;
    // RFC 8839 §5.1: foundation, component, transport, priority, address, port, then the rest.
    let mut words: Vec<&str> = line.split(' ').collect();
    let (ip, port) = (detour.ip().to_string(), detour.port().to_string());
    (words[4], words[5]) = (&ip, &port);
    let led = words.join(" ");
    let lines = answer.lines().filter(|other| *other == line || !other.starts_with(CANDIDATE));
    Ok(lines.flat_map(|other| [if other == line { &led } else { other }, "\r\n"]).collect())
}

/// The address of a UDP candidate's line.
fn address(line: &str) -> Option<SocketAddr> {
    let mut words = line.strip_prefix(CANDIDATE)?.split(' ').skip(2);
    if !words.next()?.eq_ignore_ascii_case("udp") {
        return None;
    }
    let (ip, port) = (words.nth(1)?, words.next()?);
    Some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
        a=candidate:1 1 tcp 3 10.0.0.1 9 typ host tcptype active\r\n\
        a=candidate:2 1 UDP 2 127.0.0.1 5004 typ host\r\n\
        a=candidate:3 1 udp 1 10.0.0.1 5004 typ host\r\na=end-of-candidates\r\n";

    #[test]
    fn the_answer_leads_through_the_detour_alone() {
        let via = Via::new(|server| {
            assert_eq!(server.to_string(), "127.0.0.1:5004");
            Ok("127.0.0.1:7001".parse().unwrap())
        });
        let expected = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
            a=candidate:2 1 UDP 2 127.0.0.1 7001 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(via.apply(ANSWER).unwrap(), expected);
    }

    #[test]
    fn an_answer_without_an_address_and_a_detour_that_fails_are_errors() {
        let never = |_| -> io::Result<SocketAddr> { unreachable!("there is no address") };
        for answer in ["v=0\r\n", "a=candidate:1 1 udp\r\n", "a=candidate:1 1 udp 1 host 9\r\n"] {
            assert!(matches!(answer_via(answer, never), Err(MediaError::NoCandidate)));
        }
        let fails = |_| Err(io::ErrorKind::AddrInUse.into());
        assert!(matches!(answer_via(ANSWER, fails), Err(MediaError::Via(_))));
    }
}
