//! What the parties of a run share: the server, the network, the voices, the book.

use std::sync::Arc;

use client::Server;
use client::media::StationConfig;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::RunConfig;
use super::placed::PlacedCalls;
use super::voices::Voices;
use crate::impair::Impairments;
use crate::measure::book::Book;

/// What the parties share.
pub struct Environment {
    /// The server.
    pub server: Server,
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
            impair: config.scenario.impair,
            seed: config.seed,
            book,
            voices,
            caller_names,
            closing: CancellationToken::new(),
            lines: Arc::new(Semaphore::new(config.scenario.calls)),
            calls: PlacedCalls::default(),
        }
    }
}
