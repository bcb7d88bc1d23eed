//! Stations: whose they are. What they are is the media workers' matter.

use control_plane::Pool;
use interaction::{StationId, StationState, User, UserId};

use crate::{Error, Orchestrator};
use accounts::NotCurrent;
use media_workers::{IfMatch, Opened, Patched};

impl Orchestrator {
    /// Sets a station up for a user; its id and the answer.
    ///
    /// # Errors
    /// [`Error::StationsFull`], [`Error::Station`], [`Error::NotCurrent`], for guests also
    /// [`Error::GuestsFull`] and [`Error::ClientFull`].
    pub async fn open_station(
        &self,
        owner: &User,
        offer: String,
    ) -> Result<(StationId, Opened), Error> {
        let id = StationId(rand::random());
        {
            let mut live = self.live();
            self.check(owner)?;
            self.check_guest(&live, owner, Pool::Stations)?;
            if !live.handle_station_opening(id, owner) {
                return Err(Error::StationsFull);
            }
        }
        let result = self.inner.media.open_station(id, offer).await;
        match result {
            Ok(answer) => {
                // The sweep may have come before there was anything to close.
                if let Err(ended @ Error::NotCurrent(NotCurrent::SignInEnded)) = self.check(owner) {
                    self.inner.media.close_station(id).await?;
                    return Err(ended);
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
    /// [`Error::NotFound`].
    pub fn station(&self, owner: UserId, id: StationId) -> Result<StationState, Error> {
        self.live().station_state(owner, id).ok_or(Error::NotFound("station"))
    }

    /// A trickled candidate, or an ICE restart, which is answered.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Station`].
    pub async fn patch_station(
        &self,
        owner: &User,
        id: StationId,
        fragment: String,
        if_match: Option<IfMatch>,
    ) -> Result<Patched, Error> {
        self.check(owner)?;
        self.own_station(owner.id, id)?;
        Ok(self.inner.media.patch_station(id, fragment, if_match).await?)
    }

    /// Closes a station; its leg leaves the call.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Station`].
    pub async fn close_station(&self, owner: UserId, id: StationId) -> Result<(), Error> {
        self.own_station(owner, id)?;
        Ok(self.inner.media.close_station(id).await?)
    }

    /// Refuses a station that is not the user's.
    pub(super) fn own_station(&self, user: UserId, id: StationId) -> Result<(), Error> {
        let own = self.live().owns_station(user, id);
        if own { Ok(()) } else { Err(Error::NotFound("station")) }
    }
}
