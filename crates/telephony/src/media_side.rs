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

/// How often it is looked whether anything comes, while silence may last.
const LOOKS_IN_PATIENCE: u32 = 5;
/// And at most.
const LOOK_MIN: Duration = Duration::from_secs(1);
/// How long nothing has come when a station says so first.
const MISSED_AFTER: Duration = Duration::from_secs(5);

/// When it is looked, and what was seen.
pub(crate) struct Looks {
    looks: Interval,
    every: Duration,
    missed: Missed,
}

impl Looks {
    /// Returns when it is time.
    pub(crate) async fn tick(&mut self) {
        self.looks.tick().await;
    }

    /// From now on, as if nothing had been seen.
    pub(crate) fn reset(&mut self) {
        self.looks.reset_after(self.every);
        self.missed = Missed::default();
    }
}

/// Since when nothing has come at all, look by look.
#[derive(Debug, Default)]
struct Missed(Option<std::time::Instant>);

impl Missed {
    /// A look; for how long nothing has come by now.
    fn look(&mut self, now: std::time::Instant, is_missed: bool) -> Option<Duration> {
        self.0 = self.0.or(Some(now)).filter(|_| is_missed);
        self.0.map(|since| now.saturating_duration_since(since) + MISSED_AFTER)
    }
}

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
    pub(crate) fn looks(&self) -> Looks {
        let every = (self.patience / LOOKS_IN_PATIENCE).max(LOOK_MIN);
        let mut looks = interval_at(Instant::now() + every, every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Looks { looks, every, missed: Missed::default() }
    }

    /// Whether nothing, neither sound nor a report, has come from the other end of an answered call for as long as its
    /// silence may last: it has never sent anything. (What falls silent later, the station notices by itself.)
    pub(crate) fn is_unheard(&self, looks: &mut Looks) -> bool {
        let state = self.orchestrator.station(self.owner.id, self.station);
        let is_missed =
            matches!(state, Ok(StationState::Connected(Some(MediaFault::NothingReceived))));
        let missed_for = looks.missed.look(Instant::now().into(), is_missed);
        let is_it = missed_for.is_some_and(|it| it >= self.patience);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_counts_while_it_lasts() {
        let (start, s) = (std::time::Instant::now(), Duration::from_secs);
        let mut missed = Missed::default();
        assert_eq!(missed.look(start, false), None);
        assert_eq!(missed.look(start + s(6), true), Some(s(5)), "a station has waited for it");
        assert_eq!(missed.look(start + s(12), true), Some(s(11)));
        assert_eq!(missed.look(start + s(18), false), None, "something has come");
        assert_eq!(missed.look(start + s(24), true), Some(s(5)), "and counts anew");
    }
}
