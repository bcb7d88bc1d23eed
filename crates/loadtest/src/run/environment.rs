//! What the parties of a run share: the server, the network, the voices, the book.

use std::sync::{Arc, OnceLock};

use client::Server;
use client::media::StationConfig;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::RunConfig;
use super::placed::PlacedCalls;
use super::sip::SipTarget;
use super::voices::Voices;
use crate::impair::Impairments;
use crate::impair::model::leg_seed;
use crate::impair::proxy::{Proxy, ProxyError};
use crate::measure::book::Book;
use crate::measure::probe::Inbox;
use crate::measure::routes::{PartyId, Role};
use crate::telephone::Connection;

/// What the parties share.
pub struct Environment {
    /// The server.
    pub server: Server,
    /// Where telephones call.
    pub sip: Option<SipTarget>,
    /// The queue that telephones call where nothing else is said.
    pub any_queue: OnceLock<String>,
    /// How stations are opened.
    pub station: StationConfig,
    /// What the network does.
    pub impair: Impairments,
    /// What the network's chances come of.
    pub seed: u64,
    /// What is asked and answered.
    pub book: Book,
    /// Who speaks how.
    pub voices: Voices,
    /// The callers' names by recording, where a text beside it tells.
    pub caller_names: Vec<Option<String>>,
    /// Ends everything in order.
    pub closing: CancellationToken,
    /// One for each call at a time.
    pub lines: Arc<Semaphore>,
    /// One for each agent who is at work.
    pub at_work: Semaphore,
    /// The calls that go on.
    pub calls: PlacedCalls,
}

impl Environment {
    /// What a run begins with.
    pub fn new(
        config: &RunConfig,
        book: Book,
        voices: Voices,
        caller_names: Vec<Option<String>>,
    ) -> Self {
        Self {
            station: StationConfig {
                tracks: config.scenario.delivery.tracks(),
                ..StationConfig::for_server(config.server.url())
            },
            server: config.server.clone(),
            sip: config.sip.clone(),
            any_queue: OnceLock::new(),
            impair: config.scenario.impair,
            seed: config.seed,
            book,
            voices,
            caller_names,
            closing: CancellationToken::new(),
            lines: Arc::new(Semaphore::new(config.scenario.calls)),
            at_work: Semaphore::new(0),
            calls: PlacedCalls::default(),
        }
    }

    /// Somebody comes in, whose packets will go to the inbox. `None`, and a run in doubt: there are more than marks
    /// can tell apart.
    pub fn enter(&self, role: Role, name: &str, by: Connection) -> Option<(PartyId, Inbox)> {
        let entered = self.book.enter(role, name, by);
        if entered.is_none() {
            self.book.doubt("more parties than marks can tell apart (65,536)");
        }
        entered
    }

    /// What stands between a party and the server, if the network is to be worse than it is.
    ///
    /// # Errors
    /// No socket can be had.
    pub fn proxy(&self, role: Role, party: PartyId) -> Result<Option<Proxy>, ProxyError> {
        let seed = leg_seed(self.seed, u64::from(party));
        self.impair.of(role).map(|profile| Proxy::start(profile, seed)).transpose()
    }
}
