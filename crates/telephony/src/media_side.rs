//! The media of one end of a call: a plain station of the caller's, or of an agent's telephone.

use std::sync::Arc;
use std::time::Duration;

use accounts::User;
use interaction::station::MediaFault;
use interaction::{StationId, StationState};
use media_workers::PlainConfig;
use orchestrator::Orchestrator;
use sip::Refusal;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::refusal::{refusal_of_change, refusal_of_opening};

/// The station of one end, and our side of the session.
pub(crate) struct MediaSide {
    orchestrator: Orchestrator,
    /// Whose it is, with rights as they were last read.
    pub(crate) owner: Arc<User>,
    /// The station.
    pub(crate) station: StationId,
    /// Silence from its beginning on after which the other end counts as lost.
    patience: Duration,
    /// Our answer or, if the caller offered nothing, our offer.
    pub(crate) sdp: String,
}

impl MediaSide {
    /// Sets the station up.
    ///
    /// # Errors
    /// 488 for a session that is not possible, 503 if there is no room.
    pub(crate) async fn open(
        orchestrator: &Orchestrator,
        owner: &Arc<User>,
        (offer, config): (Option<String>, PlainConfig),
    ) -> Result<Self, Refusal> {
        let patience = config.media_timeout;
        let opened = orchestrator.open_plain_station(owner, offer, config).await;
        let (station, opened) = opened.map_err(|error| refusal_of_opening(&error))?;
        let (orchestrator, owner) = (orchestrator.clone(), owner.clone());
        Ok(Self { orchestrator, owner, station, patience, sdp: opened.sdp })
    }

    /// Takes the caller's answer to our offer.
    ///
    /// # Errors
    /// It is none that the call could go on with.
    pub(crate) async fn take_answer(&self, sdp: String) -> Result<(), Refusal> {
        let answered = self.orchestrator.answer_plain_station(&self.owner, self.station, sdp);
        answered.await.map_err(|error| refusal_of_change(&error))
    }

    /// Takes a new offer of the caller's, or makes ours.
    ///
    /// # Errors
    /// The session goes on as it was.
    pub(crate) async fn take_offer(&self, offer: Option<String>) -> Result<String, Refusal> {
        let answered = self.orchestrator.reoffer_plain_station(&self.owner, self.station, offer);
        answered.await.map_err(|error| refusal_of_change(&error))
    }

    /// When it is to be asked whether [`Self::is_unheard`], from now on.
    pub(crate) fn looks(&self) -> Interval {
        let mut looks = interval_at(Instant::now() + self.patience, self.patience);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks
    }

    /// Whether nothing comes from the other end that should: of an answered call that has gone on for as long as its
    /// silence may last it means that the other end has never sent anything. (What falls silent later, the station
    /// notices by itself.)
    pub(crate) fn is_unheard(&self) -> bool {
        let state = self.orchestrator.station(self.owner.id, self.station);
        let is_it = matches!(state, Ok(StationState::Connected(Some(MediaFault::NothingReceived))));
        if is_it {
            tracing::info!(station = %self.station, "nothing was ever heard of a telephone");
        }
        is_it
    }

    /// Closes the station; its leg leaves the call.
    pub(crate) async fn close(self) {
        // It may be closed already: by silence, or with the call.
        if let Err(error) = self.orchestrator.close_station(self.owner.id, self.station).await {
            tracing::debug!(%error, "a telephone's station was closed before");
        }
    }
}
