//! A peer connection: its state, its end, and the descriptions that it is set up and restarted with.

use std::sync::Arc;
use std::time::Duration;

use rtc::peer_connection::transport::RTCDtlsTransportState;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use tokio::sync::watch;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::peer_connection::transport::DtlsTransport;
use webrtc::peer_connection::{PeerConnection, RTCPeerConnectionState, RTCSessionDescription};
use webrtc::rtp_transceiver::RtpSender;

use super::error::{GATHER_TIMEOUT, MediaError, Trouble};

/// How soon the server's DTLS goodbye is noticed.
const GOODBYE_POLL: Duration = Duration::from_millis(250);

/// A peer connection that ends with its owner. (`webrtc` leaves its driver running when a
/// connection is merely dropped.)
pub(super) struct Connection {
    peer: Arc<dyn PeerConnection>,
    state: watch::Sender<RTCPeerConnectionState>,
    gathered: watch::Sender<bool>,
    /// Known once the connection stands.
    dtls: Option<Arc<dyn DtlsTransport>>,
}

impl Connection {
    /// One that has not been offered yet; `state` and `gathered` are what its events say.
    pub fn new(
        peer: Arc<dyn PeerConnection>,
        state: watch::Sender<RTCPeerConnectionState>,
        gathered: watch::Sender<bool>,
    ) -> Self {
        Self { peer, state, gathered, dtls: None }
    }

    /// Gives it something to send.
    pub async fn add_track(
        &self,
        track: Arc<dyn TrackLocal>,
    ) -> Result<Arc<dyn RtpSender>, MediaError> {
        Ok(self.peer.add_track(track).await?)
    }

    /// Asks for one more track.
    pub async fn add_receiving_section(&self) -> Result<(), MediaError> {
        // Without an `init` it receives only.
        self.peer.add_transceiver_from_kind(RtpCodecKind::Audio, None).await?;
        Ok(())
    }

    /// Names the transport that it stands on, once it does.
    pub fn stands_on(&mut self, dtls: Option<Arc<dyn DtlsTransport>>) {
        self.dtls = dtls;
    }

    /// Whether media can flow at this moment.
    pub fn is_connected(&self) -> bool {
        *self.state.borrow() == RTCPeerConnectionState::Connected
    }

    /// The offer of this moment, complete with candidates.
    pub async fn offer(&self) -> Result<String, MediaError> {
        self.gathered.send_replace(false);
        let offer = self.peer.create_offer(None).await?;
        self.peer.set_local_description(offer).await?;
        let mut gathered = self.gathered.subscribe();
        tokio::time::timeout(GATHER_TIMEOUT, gathered.wait_for(|done| *done))
            .await
            .map_err(|_| MediaError::GatherTimeout)?
            .map_err(|_| MediaError::Closed)?;
        let description = self.peer.local_description().await;
        Ok(description.ok_or(MediaError::Closed)?.sdp)
    }

    /// Begins an ICE restart on a fresh socket.
    pub async fn restart_offer(&self) -> Result<String, MediaError> {
        self.peer.restart_ice().await?;
        self.offer().await
    }

    /// The server's answer as it stands.
    pub async fn answer(&self) -> Result<String, MediaError> {
        let description = self.peer.current_remote_description().await;
        Ok(description.ok_or(MediaError::Closed)?.sdp)
    }

    pub async fn accept(&self, answer: String) -> Result<(), MediaError> {
        let answer = RTCSessionDescription::answer(answer)?;
        Ok(self.peer.set_remote_description(answer).await?)
    }

    pub async fn close(&self) {
        if let Err(error) = self.peer.close().await {
            tracing::debug!(%error, "closing a peer connection");
        }
        // `webrtc` reports no state after its own `close`.
        self.state.send_replace(RTCPeerConnectionState::Closed);
    }

    /// Waits until nothing comes any more, or until the end.
    pub async fn trouble(&self) -> Trouble {
        use RTCPeerConnectionState::{Closed, Disconnected, Failed};
        let mut state = self.state.subscribe();
        tokio::select! {
            state = state.wait_for(|it| matches!(it, Disconnected | Failed | Closed)) => {
                // It can't fail: the sender lives as long as `self`.
                if state.is_ok_and(|state| *state != Closed) { Trouble::Silent } else { Trouble::Over }
            }
            () = self.dtls_closed() => Trouble::Over,
        }
    }

    /// Waits for the end, from whichever side it comes.
    pub async fn ended(&self) {
        use RTCPeerConnectionState::{Closed, Failed};
        let mut state = self.state.subscribe();
        tokio::select! {
            // It can't fail: the sender lives as long as `self`.
            _ = state.wait_for(|state| matches!(state, Failed | Closed)) => {}
            () = self.dtls_closed() => {}
        }
    }

    /// The peer's goodbye (DTLS close_notify) changes no connection state and makes no event.
    async fn dtls_closed(&self) {
        let Some(dtls) = &self.dtls else {
            return std::future::pending().await;
        };
        while !matches!(dtls.state().await, Err(_) | Ok(RTCDtlsTransportState::Closed)) {
            tokio::time::sleep(GOODBYE_POLL).await;
        }
    }

    pub async fn connected(&self, timeout: Duration) -> Result<(), MediaError> {
        use RTCPeerConnectionState::{Closed, Connected, Failed};
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| matches!(state, Connected | Failed | Closed));
        let state = tokio::time::timeout(timeout, settled)
            .await
            .map_err(|_| MediaError::ConnectTimeout(timeout))?
            .map_or(Closed, |state| *state);
        match state {
            Connected => Ok(()),
            other => Err(MediaError::NotConnected(other)),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let peer = self.peer.clone();
            runtime.spawn(async move { peer.close().await });
        }
    }
}
