//! A signed-in user with a station: what tests and the load tester want to write in a line.

use std::sync::Arc;

use wire::{
    CallView, CallerInfo, Destination, HelpAction, HelpRequest, LegState, LegUpdate, LoginResponse,
    Mode, PlaceCall, PresenceChoice, User,
};

use crate::api::{Api, Token};
use crate::events::Events;
use crate::media::{Offer, RtpReceived, Station, StationConfig};
use crate::{ClientError, Server};

/// A user of a server.
pub struct Session {
    api: Api,
    user: User,
    station: Option<OpenStation>,
}

/// A station that stands, with its name at the server.
pub struct OpenStation {
    /// Its id at the server.
    pub id: String,
    /// Its media.
    pub media: Arc<Station>,
}

impl OpenStation {
    /// Opens a station and waits until media can flow. `on_rtp` gets what it hears.
    ///
    /// # Errors
    /// The server refuses, or no media flow in time.
    pub async fn open(
        api: &Api,
        config: &StationConfig,
        on_rtp: impl FnMut(RtpReceived) + Send + 'static,
    ) -> Result<Self, ClientError> {
        let offer = Offer::new(config, on_rtp).await?;
        let answer = api.create_station(offer.sdp()).await?;
        match offer.accept_answer(&answer.sdp).await {
            Ok(station) => Ok(Self { id: answer.id, media: Arc::new(station) }),
            Err(error) => {
                // The server would find out by itself, later.
                drop(api.delete_station(&answer.id).await);
                Err(error.into())
            }
        }
    }

    /// Restarts ICE from a fresh local port, as after a change of network.
    ///
    /// # Errors
    /// The server has no such station any more, or can't be reached.
    pub async fn restart(&self, api: &Api) -> Result<(), ClientError> {
        let fragment = self.media.restart().await?;
        let answer = api.patch_station(&self.id, &fragment).await?;
        Ok(self.media.finish_restart(&answer).await?)
    }

    /// Ends it, at the server and here.
    pub async fn close(&self, api: &Api) {
        if let Err(error) = api.delete_station(&self.id).await {
            tracing::debug!(%error, "deleting a station");
        }
        self.media.close().await;
    }
}

impl Session {
    /// Signs in with an account.
    pub async fn sign_in(
        server: impl Into<Server>,
        username: &str,
        password: &str,
    ) -> Result<Self, ClientError> {
        let api = Api::new(server)?;
        let login = api.login(username, password).await?;
        Ok(Self::of(&api, login))
    }

    /// Comes in as a guest, who can place a call to an open queue.
    pub async fn guest(server: impl Into<Server>, name: &str) -> Result<Self, ClientError> {
        let api = Api::new(server)?;
        let login = api.guest(name).await?;
        Ok(Self::of(&api, login))
    }

    /// Goes on with a token that `api` has.
    pub async fn of_token(api: Api) -> Result<Self, ClientError> {
        let user = api.me().await?;
        Ok(Self { api, user, station: None })
    }

    fn of(api: &Api, login: LoginResponse) -> Self {
        Self { api: api.with_token(Token::new(login.token)), user: login.user, station: None }
    }

    /// Who this is.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The API as this user.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Opens an event stream.
    pub async fn events(&self) -> Result<Events, ClientError> {
        Events::connect(&self.api).await
    }

    /// Opens the station that calls will use, and waits until media can flow. `on_rtp` gets what
    /// it hears. A station opened before is closed.
    pub async fn open_station(
        &mut self,
        config: &StationConfig,
        on_rtp: impl FnMut(RtpReceived) + Send + 'static,
    ) -> Result<Arc<Station>, ClientError> {
        self.close_station().await;
        let station = OpenStation::open(&self.api, config, on_rtp).await?;
        let media = station.media.clone();
        self.station = Some(station);
        Ok(media)
    }

    /// The station.
    ///
    /// # Errors
    /// [`ClientError::NoStation`] before [`Session::open_station`].
    pub fn station(&self) -> Result<&Arc<Station>, ClientError> {
        let station = self.station.as_ref().ok_or(ClientError::NoStation)?;
        Ok(&station.media)
    }

    /// The station's id.
    ///
    /// # Errors
    /// [`ClientError::NoStation`] before [`Session::open_station`].
    pub fn station_id(&self) -> Result<&str, ClientError> {
        let station = self.station.as_ref().ok_or(ClientError::NoStation)?;
        Ok(&station.id)
    }

    /// Ends the station, at the server and here.
    pub async fn close_station(&mut self) {
        if let Some(station) = self.station.take() {
            station.close(&self.api).await;
        }
    }

    /// An agent is ready for calls.
    pub async fn ready(&self) -> Result<(), ClientError> {
        self.api.set_presence(PresenceChoice::Ready, None).await
    }

    /// An agent wants no calls.
    pub async fn not_ready(&self, reason: &str) -> Result<(), ClientError> {
        self.api.set_presence(PresenceChoice::NotReady, Some(reason)).await
    }

    /// Calls a queue. `caller`: as the agent shall see it, else the user's own name.
    pub async fn place_call(
        &self,
        queue: &str,
        caller: Option<CallerInfo>,
    ) -> Result<CallView, ClientError> {
        let call = PlaceCall {
            station: self.station_id()?.to_owned(),
            to: Destination::Queue(queue.to_owned()),
            caller,
        };
        self.api.place_call(&call).await
    }

    /// Takes an offered call.
    pub async fn answer(&self, call: &str) -> Result<(), ClientError> {
        self.api.answer(call, self.station_id()?).await
    }

    /// Passes an offered call on.
    pub async fn decline(&self, call: &str) -> Result<(), ClientError> {
        self.api.decline(call).await
    }

    /// Hangs up.
    pub async fn hang_up(&self, call: &str) -> Result<(), ClientError> {
        self.api.hang_up(call).await
    }

    /// Puts the caller on hold.
    pub async fn hold(&self, call: &str) -> Result<(), ClientError> {
        self.api.hold(call).await
    }

    /// Takes the caller back from hold.
    pub async fn resume(&self, call: &str) -> Result<(), ClientError> {
        self.api.resume(call).await
    }

    /// An agent raises a hand.
    pub async fn ask_for_help(&self, call: &str, reason: &str) -> Result<(), ClientError> {
        let help = HelpRequest { action: HelpAction::Raise, reason: Some(reason.to_owned()) };
        self.api.help(call, &help).await
    }

    /// A supervisor begins to listen.
    pub async fn listen(&self, call: &str) -> Result<LegState, ClientError> {
        self.api.listen(call, self.station_id()?).await
    }

    /// A supervisor's leg takes another mode.
    pub async fn set_mode(
        &self,
        call: &str,
        leg: &str,
        mode: Mode,
    ) -> Result<LegState, ClientError> {
        // Whoever asks for it is sure that everybody shall be told.
        let announce = mode == Mode::TakeOver;
        let update = LegUpdate { mode: Some(mode), announce, ..LegUpdate::default() };
        self.api.update_leg(call, leg, &update).await
    }

    /// One's own mute.
    pub async fn mute(&self, call: &str, leg: &str, muted: bool) -> Result<LegState, ClientError> {
        let update = LegUpdate { muted: Some(muted), ..LegUpdate::default() };
        self.api.update_leg(call, leg, &update).await
    }

    /// An agent's own statement: the microphone hears the loudspeaker, or no longer does.
    pub async fn tell_echo(
        &self,
        call: &str,
        leg: &str,
        on: bool,
    ) -> Result<LegState, ClientError> {
        let update = LegUpdate { echo: Some(on), ..LegUpdate::default() };
        self.api.update_leg(call, leg, &update).await
    }

    /// Brings one's own leg over from another station of one's own, as after a lost connection.
    pub async fn move_here(&self, call: &str, leg: &str) -> Result<LegState, ClientError> {
        let station = Some(self.station_id()?.to_owned());
        let update = LegUpdate { station, ..LegUpdate::default() };
        self.api.update_leg(call, leg, &update).await
    }

    /// Ends supervision.
    pub async fn stop(&self, call: &str, leg: &str) -> Result<(), ClientError> {
        self.api.delete_leg(call, leg).await
    }
}
