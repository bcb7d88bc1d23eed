//! Where a trunk or a line is that is named by a host's name (RFC 3263): SRV records, then addresses; asked anew as
//! often as the answers say.
//!
//! DNS says where somebody is, and not who is trusted: an address that is not among the trunk's peers is passed over.

use std::net::SocketAddr;
use std::time::Duration;

use budget::Networks;
use rand::RngExt as _;
use sip::admission::TrunkId;
use sip::{LineId, Peer, Transport};
use tokio::sync::mpsc;

use crate::config::NamedServer;
use crate::dns::{Answer, Kind, Record, ask, name_server};
use crate::services::{Service, in_order};

/// Servers of one name, at most.
const SERVERS_MAX: usize = 8;
/// Hosts of one name whose addresses are asked for, at most.
const TARGETS_MAX: usize = 8;
/// Answers that may wait to be put into force.
pub(crate) const FOUND_MAX: usize = 16;
/// How often it is asked anew, at most and at least, whatever the answers say.
const ASK_MIN: Duration = Duration::from_secs(30);
const ASK_MAX: Duration = Duration::from_secs(3_600);
/// When it is asked again after it could not be told.
const RETRY: Duration = Duration::from_secs(10);

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Trunk(TrunkId),
    Line(LineId),
}

/// A name, and who may be behind it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) of: Of,
    pub(crate) server: NamedServer,
    pub(crate) peers: Networks,
}

/// How names are looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup {
    /// The name server; `None`: the machine's own.
    pub(crate) dns: Option<SocketAddr>,
    /// Our sockets are of IPv6.
    pub(crate) is_v6: bool,
}

/// Where it is, and for how long that is so.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Whereabouts {
    servers: Vec<Peer>,
    ttl: Option<Duration>,
}

/// Keeps saying where it is, until nobody listens.
pub(crate) async fn keep(named: Named, lookup: Lookup, found: mpsc::Sender<(Of, Vec<Peer>)>) {
    loop {
        let host = &named.server.host;
        let wait = match whereabouts(&named, lookup).await {
            Ok(Whereabouts { servers, ttl }) => {
                tracing::debug!(%host, servers = servers.len(), "where a SIP server is");
                if found.send((named.of, servers)).await.is_err() {
                    return;
                }
                ttl.unwrap_or(ASK_MIN).clamp(ASK_MIN, ASK_MAX)
            }
            Err(why) => {
                tracing::warn!(%host, %why, "where a SIP server is can't be told; what was known holds");
                RETRY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = found.closed() => return,
        }
    }
}

async fn whereabouts(named: &Named, lookup: Lookup) -> Result<Whereabouts, String> {
    let dns = match lookup.dns {
        Some(dns) => dns,
        None => name_server().await.ok_or("this machine names no name server")?,
    };
    let (targets, mut ttl) = targets(&named.server, dns).await?;
    let mut servers = Vec::new();
    let mut strangers = 0;
    let mut none = "there is no server of that name".to_owned();
    for (host, port) in targets {
        let kind = if lookup.is_v6 { Kind::V6 } else { Kind::V4 };
        let answer = match told(ask(dns, &host, kind).await) {
            Ok(answer) => answer,
            // Another host may be known.
            Err(why) => {
                none = why;
                continue;
            }
        };
        ttl = [ttl, answer.ttl].into_iter().flatten().min();
        for record in answer.records {
            let Record::Address(ip) = record else { continue };
            if !named.peers.contains(ip) {
                strangers += 1;
                continue;
            }
            let address = SocketAddr::new(ip, port);
            let peer = Peer { transport: named.server.transport, ..Peer::udp(address) };
            if servers.len() < SERVERS_MAX && !servers.contains(&peer) {
                servers.push(peer);
            }
        }
    }
    if strangers > 0 {
        let host = &named.server.host;
        tracing::warn!(%host, strangers, "DNS names addresses that are none of the trunk's peers: they are not used");
    }
    if servers.is_empty() {
        return Err(none);
    }
    Ok(Whereabouts { servers, ttl })
}

/// The hosts and ports behind a name, as they are to be tried (RFC 3263 §4.2).
async fn targets(
    server: &NamedServer,
    dns: SocketAddr,
) -> Result<(Vec<(String, u16)>, Option<Duration>), String> {
    if let Some(port) = server.port {
        return Ok((vec![(server.host.clone(), port)], None));
    }
    let (service, port) = match server.transport {
        Transport::Udp => ("_sip._udp", 5_060),
        Transport::Tcp => ("_sip._tcp", 5_060),
        Transport::Tls => ("_sips._tcp", 5_061),
    };
    let name = format!("{service}.{}", server.host);
    let Answer { records, ttl } = told(ask(dns, &name, Kind::Services).await)?;
    let services: Vec<Service> = records.into_iter().filter_map(Record::service).collect();
    if services.is_empty() {
        // Without such records the name is a host's.
        return Ok((vec![(server.host.clone(), port)], ttl));
    }
    let ordered = in_order(services, |most| rand::rng().random_range(0..=most));
    let targets = ordered.into_iter().take(TARGETS_MAX).map(|it| (it.target, it.port));
    Ok((targets.collect(), ttl))
}

fn told(answer: std::io::Result<Answer>) -> Result<Answer, String> {
    answer.map_err(|error| format!("the name server: {error}"))
}
