//! Who a client is, by the address it comes from and by what trusted proxies say.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

/// Hops of a forwarding header that are looked at, from the server outwards.
const HOPS_MAX: usize = 32;
/// The bits of an IPv6 address that name a client: whoever has one address of a /64 has all of them
/// (RFC 6177, RFC 7934).
const V6_CLIENT_BITS: u32 = 64;

/// Whoever shares a budget: an IPv4 address, or an IPv6 network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client(IpAddr);

/// Addresses and networks that are named together: proxies whose word about others is taken, say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// The forwarding headers of a request, each in the order in which its lines stand.
#[derive(Clone, Debug, Default)]
pub struct Forwarding<'a> {
    /// `Forwarded` (RFC 7239).
    pub forwarded: Vec<&'a str>,
    /// `X-Forwarded-For`.
    pub x_forwarded_for: Vec<&'a str>,
}

/// Who sends a request that came from `peer`: the peer, unless it is a trusted proxy; then whoever
/// the nearest proxy that is not one of ours, or the client itself, is said to be.
///
/// The headers are read from their end, where our own proxies write. What stands before the first
/// hop that can't be read, or that is no proxy of ours, is anybody's to invent, and is not looked at.
/// A proxy writes one of the two headers, and passes the other one on as the client sent it: if there
/// are both, and they name different clients, neither is believed.
pub fn client_of(peer: IpAddr, forwarding: &Forwarding<'_>, trusted: &Networks) -> Client {
    if !trusted.contains(peer) {
        return Client::of(peer);
    }
    let walk = |lines: &[&str], read: fn(&str) -> Option<IpAddr>| {
        let hops = last_elements(lines);
        (!hops.is_empty()).then(|| trusted.nearest_other(peer, hops.into_iter().map(read)))
    };
    let forwarded = walk(&forwarding.forwarded, forwarded_for);
    let x_forwarded_for = walk(&forwarding.x_forwarded_for, node);
    match (forwarded, x_forwarded_for) {
        (Some(one), Some(other)) if one != other => Client::of(peer),
        (Some(client), _) | (None, Some(client)) => client,
        (None, None) => Client::of(peer),
    }
}

impl Client {
    /// The client of this address. An IPv4 address that is written as an IPv6 one (RFC 4291 §2.5.5.2)
    /// is itself.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let mask = u128::MAX << (Ipv6Addr::BITS - V6_CLIENT_BITS);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        })
    }
}

/// As in a log: the address, or the network.
impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/{V6_CLIENT_BITS}"),
        }
    }
}

impl Networks {
    /// Whether the address is in one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Reads a list of addresses (`10.0.0.1`) and networks (`10.0.0.0/8`, `fd00::/8`).
    ///
    /// # Errors
    /// The first that is neither.
    pub fn parse<'a>(list: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let network = |text: &'a str| {
            let address = IpAddr::from_str(text).map(|it| IpNet::from(it.to_canonical()));
            address.or_else(|_| IpNet::from_str(text)).map_err(|_| text)
        };
        list.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the client is in one of them.
    pub fn has(&self, client: Client) -> bool {
        self.contains(client.0)
    }

    /// Walks over `hops`, the nearest first, as long as they are our proxies; `None`: can't be read.
    fn nearest_other(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> Client {
        let mut nearest = peer;
        for hop in hops {
            // The hop before the one that can't be read is the last that somebody of ours vouches for.
            let Some(hop) = hop else { break };
            nearest = hop;
            if !self.contains(nearest) {
                break;
            }
        }
        Client::of(nearest)
    }
}

/// The list elements of a header's lines, the last first. Commas within quotes part them, too: what a
/// proxy of ours writes has none, and what a client wrote may have a quote that is never closed, which
/// would swallow what the proxy wrote after it.
fn last_elements<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let elements = lines.iter().rev().flat_map(|line| line.rsplit(','));
    elements.map(str::trim).filter(|it| !it.is_empty()).take(HOPS_MAX).collect()
}

/// The `for` of an element of `Forwarded` (RFC 7239 §4). Said twice, it says nothing; nor does a part
/// of a quoted string, which may be what the client sent as `Host`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    if element.contains('\\') || !element.matches('"').count().is_multiple_of(2) {
        return None;
    }
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("for"));
    let (_, value) = values.next()?;
    if values.next().is_some() {
        return None;
    }
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    node(quoted.unwrap_or(value))
}

/// An address with or without a port; IPv6 also in brackets (RFC 7239 §6). `unknown`, a hidden name
/// (`_…`) and everything else is none.
fn node(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip());
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        // A hidden port (`:_name`) says nothing about who it is.
        None => text.split_once(':')?,
    };
    let is_port = |port: &str| port.strip_prefix(":_").or(port.strip_prefix('_')).is_some();
    let address = host.parse::<IpAddr>().ok()?;
    (port.is_empty() || is_port(port)).then_some(address)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn trusted() -> Networks {
        Networks::parse(["10.0.0.0/8", "fd00::1"]).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn of(text: &str) -> Client {
        Client::of(ip(text))
    }

    fn by_x(peer: &str, lines: &[&str]) -> Client {
        let forwarding = Forwarding { x_forwarded_for: lines.to_vec(), ..Forwarding::default() };
        client_of(ip(peer), &forwarding, &trusted())
    }

    fn by_rfc(peer: &str, lines: &[&str]) -> Client {
        let forwarding = Forwarding { forwarded: lines.to_vec(), ..Forwarding::default() };
        client_of(ip(peer), &forwarding, &trusted())
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_about_the_hop_before_them() {
        assert_eq!(by_x("192.0.2.9", &["198.51.100.1"]), of("192.0.2.9"), "a stranger's word");
        assert_eq!(by_x(PROXY, &[]), of(PROXY));
        assert_eq!(by_x(PROXY, &["198.51.100.1"]), of("198.51.100.1"));
        assert_eq!(by_x(PROXY, &["1.1.1.1, 198.51.100.1"]), of("198.51.100.1"), "invented hops");
        assert_eq!(by_x(PROXY, &["1.1.1.1", "198.51.100.1, 10.9.9.9"]), of("198.51.100.1"));
        assert_eq!(by_x(PROXY, &["10.0.0.3, 10.0.0.2"]), of("10.0.0.3"), "a client within");
        assert_eq!(by_x("::ffff:10.0.0.1", &["198.51.100.1"]), of("198.51.100.1"));
    }

    #[test]
    fn at_a_hop_that_can_not_be_read_the_one_before_it_counts() {
        for bad in ["unknown", "_hidden", "1.2.3", "1.2.3.4.5", "[::1", "evil", "\"", "1.2.3.4:x"] {
            assert_eq!(by_x(PROXY, &[bad]), of(PROXY), "{bad}");
            assert_eq!(
                by_x(PROXY, &[&format!("8.8.8.8, {bad}, 10.9.9.9")]),
                of("10.9.9.9"),
                "{bad}"
            );
        }
        assert_eq!(by_rfc(PROXY, &["proto=https"]), of(PROXY));
        assert_eq!(by_rfc(PROXY, &["for=1.1.1.1;for=2.2.2.2"]), of(PROXY));
    }

    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        assert_eq!(by_rfc(PROXY, &["for=192.0.2.60;proto=http;by=203.0.113.43"]), of("192.0.2.60"));
        assert_eq!(by_rfc(PROXY, &["For=\"[2001:db8:cafe::17]:4711\""]), of("2001:db8:cafe::17"));
        assert_eq!(by_rfc(PROXY, &["for=1.1.1.1, for=\"198.51.100.17:_x\""]), of("198.51.100.17"));
        assert_eq!(by_rfc(PROXY, &["for=\"a,for=1.1.1.1\", for=192.0.2.43"]), of("192.0.2.43"));
        let swallowing = "for=9.9.9.9;a=\", for=192.0.2.43;host=\"sotto.example\"";
        assert_eq!(
            by_rfc(PROXY, &[swallowing]),
            of("192.0.2.43"),
            "a quote that the client opened"
        );
        for host in
            ["a,for=1.1.1.1;x=", "a,for=1.1.1.1,b", "a\\\",for=1.1.1.1;x=\\\"b", "a;for=1.1.1.1"]
        {
            let line = format!("for=192.0.2.43;host=\"{host}\"");
            assert_ne!(by_rfc(PROXY, &[&line]), of("1.1.1.1"), "{line}");
        }
        assert_eq!(by_rfc(PROXY, &["for=192.0.2.43", "for=10.1.1.1"]), of("192.0.2.43"));
    }

    #[test]
    fn two_headers_that_disagree_are_both_not_believed() {
        let both = |one, other| {
            let forwarding = Forwarding { forwarded: vec![one], x_forwarded_for: vec![other] };
            client_of(ip(PROXY), &forwarding, &trusted())
        };
        assert_eq!(both("for=192.0.2.43", "192.0.2.43"), of("192.0.2.43"));
        assert_eq!(both("for=192.0.2.43", "192.0.2.44"), of(PROXY));
    }

    #[test]
    fn an_ipv6_client_is_its_network_and_a_mapped_address_is_the_ipv4_one() {
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_eq!(of("2001:db8:1:2:3::").to_string(), "2001:db8:1:2::/64");
        assert_eq!(Networks::parse(["10.0.0.0/8", "proxy.example"]), Err("proxy.example"));
    }

    proptest! {
        /// Whatever is sent, the nearest hop that is not ours is who counts.
        #[test]
        fn nothing_before_the_first_strange_hop_matters(invented in ".{0,80}") {
            let line = format!("{invented}, 198.51.100.7, 10.2.2.2");
            prop_assert_eq!(by_x(PROXY, &[&line]), of("198.51.100.7"));
        }

        #[test]
        fn nothing_panics(one in ".{0,80}", other in ".{0,80}") {
            let forwarding = Forwarding { forwarded: vec![&one], x_forwarded_for: vec![&other] };
            client_of(ip(PROXY), &forwarding, &trusted());
        }
    }
}
