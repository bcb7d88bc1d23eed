//! Who may call, and how much: decided before anything is remembered of a request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use budget::{Networks, Rate, Rates};

use crate::digest::{Algorithm, Login};

/// Peers whose calls per second are counted at the same time; beyond, those that made fewest are forgotten.
const PEERS_MAX: usize = 4_096;
/// Until a peer that has as many calls as it may tries again.
const FULL_RETRY: Duration = Duration::from_secs(10);

/// Which trunk: its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrunkId(pub usize);

/// Who is behind a trunk, and how much they may do.
#[derive(Clone, Debug)]
pub struct TrunkPeers {
    /// Addresses that are trusted to be this trunk.
    pub peers: Networks,
    /// Calls that one peer may begin in a second; twice as many in one moment.
    pub calls_per_second: u32,
    /// Calls of the whole trunk at the same time.
    pub calls_max: usize,
    /// Calls of one peer at the same time.
    pub calls_per_peer: usize,
    /// What whoever calls has to prove besides being there; `None`: nothing.
    pub login: Option<TrunkLogin>,
}

/// What a trunk has to prove.
#[derive(Clone, Debug)]
pub struct TrunkLogin {
    /// Name and secret.
    pub login: Login,
    /// How, the better one first.
    pub algorithms: Vec<Algorithm>,
}

/// Why a call is not let in: 503, and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many calls; again in {} s", .retry_after.as_secs())]
pub struct TooMany {
    /// When to try again.
    pub retry_after: Duration,
}

/// Counts calls, by trunk and peer.
#[derive(Debug)]
pub struct Admission {
    trunks: Vec<Trunk>,
}

#[derive(Debug)]
struct Trunk {
    config: TrunkPeers,
    begun: Rates<IpAddr>,
    calls: usize,
    by_peer: HashMap<IpAddr, usize>,
}

impl Admission {
    /// Nobody calls yet.
    pub fn new(trunks: Vec<TrunkPeers>) -> Self {
        let trunk = |config: TrunkPeers| {
            let per_second = config.calls_per_second.max(1);
            let rate = Rate::new(per_second * 2, Duration::from_secs(1) / per_second);
            let begun = Rates::new(rate, PEERS_MAX);
            Trunk { config, begun, calls: 0, by_peer: HashMap::new() }
        };
        Self { trunks: trunks.into_iter().map(trunk).collect() }
    }

    /// Whose address it is; `None`: nobody's that is known.
    pub fn trunk_of(&self, address: IpAddr) -> Option<TrunkId> {
        let is_its = |trunk: &Trunk| trunk.config.peers.contains(address);
        self.trunks.iter().position(is_its).map(TrunkId)
    }

    /// What whoever calls by this trunk has to prove.
    pub fn login(&self, id: TrunkId) -> Option<&Login> {
        self.trunks.get(id.0)?.config.login.as_ref().map(|it| &it.login)
    }

    /// Lets one more call in.
    ///
    /// # Errors
    /// See [`TooMany`].
    pub fn admit(&mut self, now: Instant, id: TrunkId, peer: IpAddr) -> Result<(), TooMany> {
        let full = TooMany { retry_after: FULL_RETRY };
        let trunk = self.trunks.get_mut(id.0).ok_or(full)?;
        let of_peer = trunk.by_peer.get(&peer).copied().unwrap_or(0);
        if trunk.calls >= trunk.config.calls_max || of_peer >= trunk.config.calls_per_peer {
            return Err(full);
        }
        trunk.begun.take(now, peer).map_err(|retry_after| TooMany { retry_after })?;
        trunk.calls += 1;
        *trunk.by_peer.entry(peer).or_default() += 1;
        Ok(())
    }

    /// A call that was let in is over.
    pub fn released(&mut self, id: TrunkId, peer: IpAddr) {
        let Some(trunk) = self.trunks.get_mut(id.0) else { return };
        trunk.calls = trunk.calls.saturating_sub(1);
        if let Some(calls) = trunk.by_peer.get_mut(&peer) {
            *calls -= 1;
            if *calls == 0 {
                trunk.by_peer.remove(&peer);
            }
        }
    }

    /// Calls at this moment.
    pub fn calls(&self) -> usize {
        self.trunks.iter().map(|trunk| trunk.calls).sum()
    }
}
