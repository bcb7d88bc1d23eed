//! Stations: whose they are. What they are is the media workers' matter.

use control_plane::Pool;
use interaction::{StationId, StationState, User, UserId};

use tokio::sync::broadcast;

use crate::Orchestrator;
use crate::budgets::NoRoomForGuest;
use crate::error::NotFound;
use accounts::NotCurrent;
use media_workers::{Digit, IfMatch, Opened, Patched, PlainConfig, StationError};

/// What the peer of a plain station did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainNews {
    /// It pressed a key.
    Dtmf {
        /// The station.
        station: StationId,
        /// The key.
        digit: Digit,
    },
    /// It put us on hold, or took us back.
    Held {
        /// The station.
        station: StationId,
        /// Whether it takes no sound of ours now.
        held: bool,
    },
}

/// Why no station was set up.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenStationError {
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// As many guests have one as may.
    #[error(transparent)]
    NoRoom(#[from] NoRoomForGuest),
    /// The user has as many as they may.
    #[error("too many stations")]
    TooMany,
    /// The workers can't set it up.
    #[error(transparent)]
    Station(#[from] StationError),
}

/// Why a station is as it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChangeStationError {
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// No such station of the user's.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The workers can't change it.
    #[error(transparent)]
    Station(#[from] StationError),
}

impl Orchestrator {
    /// What the peers of plain stations do from now on.
    pub fn plain_news(&self) -> broadcast::Receiver<PlainNews> {
        self.inner.plain_news.subscribe()
    }

    /// Sets a station up for a user; its id and the answer.
    ///
    /// # Errors
    /// [`OpenStationError`].
    pub async fn open_station(
        &self,
        owner: &User,
        offer: String,
    ) -> Result<(StationId, Opened), OpenStationError> {
        let id = self.begin_station(owner)?;
        let result = self.inner.media.open_station(id, offer).await;
        self.finish_station(owner, id, result).await
    }

    /// Makes room for a station of a user's; its id.
    fn begin_station(&self, owner: &User) -> Result<StationId, OpenStationError> {
        let id = StationId(rand::random());
        let mut live = self.live();
        self.check(owner)?;
        self.check_guest(&live, owner, Pool::Stations)?;
        let is_opening = live.handle_station_opening(id, owner);
        if is_opening { Ok(id) } else { Err(OpenStationError::TooMany) }
    }

    /// Hands a station over that the workers have set up, or gives its room back.
    async fn finish_station(
        &self,
        owner: &User,
        id: StationId,
        result: Result<Opened, StationError>,
    ) -> Result<(StationId, Opened), OpenStationError> {
        match result {
            Ok(answer) => {
                // The sweep may have come before there was anything to close.
                if let Err(ended @ NotCurrent::SignInEnded) = self.check(owner) {
                    self.inner.media.close_station(id).await?;
                    return Err(ended.into());
                }
                Ok((id, answer))
            }
            Err(error) => {
                self.live().handle_station_failed(id);
                Err(error.into())
            }
        }
    }

    /// How a station of the user's is.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn station(&self, owner: UserId, id: StationId) -> Result<StationState, NotFound> {
        self.live().station_state(owner, id).ok_or(NotFound("station"))
    }

    /// A trickled candidate, or an ICE restart, which is answered.
    ///
    /// # Errors
    /// [`ChangeStationError`].
    pub async fn patch_station(
        &self,
        owner: &User,
        id: StationId,
        fragment: String,
        if_match: Option<IfMatch>,
    ) -> Result<Patched, ChangeStationError> {
        self.check(owner)?;
        self.own_station(owner.id, id)?;
        Ok(self.inner.media.patch_station(id, fragment, if_match).await?)
    }

    /// Closes a station; its leg leaves the call.
    ///
    /// # Errors
    /// [`ChangeStationError`].
    pub async fn close_station(
        &self,
        owner: UserId,
        id: StationId,
    ) -> Result<(), ChangeStationError> {
        self.own_station(owner, id)?;
        Ok(self.inner.media.close_station(id).await?)
    }

    /// Sets a plain station up for a user; its id, and our answer or, without an offer, our offer.
    ///
    /// # Errors
    /// Those of [`Self::open_station`].
    pub async fn open_plain_station(
        &self,
        owner: &User,
        offer: Option<String>,
        config: PlainConfig,
    ) -> Result<(StationId, Opened), OpenStationError> {
        let id = self.begin_station(owner)?;
        let result = self.inner.media.open_plain_station(id, offer, config).await;
        self.finish_station(owner, id, result).await
    }

    /// Takes the answer to our offer.
    ///
    /// # Errors
    /// [`ChangeStationError`].
    pub async fn answer_plain_station(
        &self,
        owner: &User,
        id: StationId,
        answer: String,
    ) -> Result<(), ChangeStationError> {
        self.check(owner)?;
        self.own_station(owner.id, id)?;
        Ok(self.inner.media.answer_plain_station(id, answer).await?)
    }

    /// Takes a new offer in a dialog, or makes ours if there is none.
    ///
    /// # Errors
    /// [`ChangeStationError`].
    pub async fn reoffer_plain_station(
        &self,
        owner: &User,
        id: StationId,
        offer: Option<String>,
    ) -> Result<String, ChangeStationError> {
        self.check(owner)?;
        self.own_station(owner.id, id)?;
        Ok(self.inner.media.reoffer_plain_station(id, offer).await?)
    }

    /// Sends a key press to a plain station's peer.
    ///
    /// # Errors
    /// [`ChangeStationError`].
    pub async fn send_dtmf(
        &self,
        owner: &User,
        id: StationId,
        digit: Digit,
    ) -> Result<(), ChangeStationError> {
        self.check(owner)?;
        self.own_station(owner.id, id)?;
        Ok(self.inner.media.send_dtmf(id, digit).await?)
    }

    /// Refuses a station that is not the user's.
    pub(super) fn own_station(&self, user: UserId, id: StationId) -> Result<(), NotFound> {
        let own = self.live().owns_station(user, id);
        if own { Ok(()) } else { Err(NotFound("station")) }
    }
}
