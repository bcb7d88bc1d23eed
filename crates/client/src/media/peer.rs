//! Setting up the peer connection: offer, answer, connected.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::transport::RTCDtlsTransportState;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use tokio::sync::watch;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::transport::DtlsTransport;
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
    RTCIceGatheringState, RTCPeerConnectionState, RTCSessionDescription, Registry,
    SettingEngineBuilder, configure_rtcp_reports,
};
use webrtc::rtp_transceiver::RtpSender;

use super::station::{Outgoing, RtpReceived, SAMPLE_RATE_HZ, Station};
use super::via::Via;

/// RFC 6464: the level of the packet's audio, for meters that don't decode.
const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// The dynamic payload type this client offers for Opus (the one browsers use).
const OPUS_PAYLOAD_TYPE: u8 = 111;
/// Between two ICE checks until connected. The stack's own 200 ms would make a station wait for
/// 400 ms.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);
/// Unanswered checks before ICE fails; longer than any [`StationConfig::connect_timeout`].
const CHECKS_MAX: u16 = 3000;
/// Without a sign of the server ICE is disconnected after this, and failed after twice this.
const ICE_TIMEOUT: Duration = Duration::from_secs(5);
/// How soon the server's DTLS goodbye is noticed.
const GOODBYE_POLL: Duration = Duration::from_millis(250);
/// Gathering host candidates asks nobody; longer than this is a fault.
const GATHER_TIMEOUT: Duration = Duration::from_secs(5);

/// What a station needs to know before it makes its offer.
#[derive(Debug, Clone)]
pub struct StationConfig {
    /// Local UDP address. Port 0: any free one. An unspecified address means every interface
    /// except loopback.
    pub bind: SocketAddr,
    /// From the answer until ICE and DTLS are done; after it the station is given up.
    pub connect_timeout: Duration,
    /// A detour for its packets, such as a proxy that makes the network worse.
    pub via: Option<Via>,
}

impl Default for StationConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            connect_timeout: Duration::from_secs(10),
            via: None,
        }
    }
}

/// What is wrong with a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing has come for five seconds. An ICE restart may mend it.
    Silent,
    /// It was closed, here or by the server.
    Over,
}

/// Why there is no (longer a) station.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The WebRTC stack refused something, most often an answer it can't use.
    #[error("WebRTC: {0}")]
    WebRtc(#[from] webrtc::error::Error),
    /// The local candidates were not found in time.
    #[error("gathering candidates took longer than {GATHER_TIMEOUT:?}")]
    GatherTimeout,
    /// ICE or DTLS did not finish before [`StationConfig::connect_timeout`].
    #[error("not connected within {0:?}")]
    ConnectTimeout(Duration),
    /// The connection went to this state instead of `connected`.
    #[error("the connection is {0}")]
    NotConnected(RTCPeerConnectionState),
    /// The server has closed the station.
    #[error("the server has closed the station")]
    Closed,
    /// The answer to an ICE restart holds no credentials.
    #[error("the server's fragment has no ICE credentials")]
    NoCredentials,
    /// The answer holds no Opus.
    #[error("the answer agrees to no Opus codec")]
    NoOpus,
    /// The answer names no UDP address, so no detour can be taken.
    #[error("the answer has no UDP candidate")]
    NoCandidate,
    /// The detour of [`StationConfig::via`] can't be taken.
    #[error("the detour: {0}")]
    Via(std::io::Error),
}

/// An SDP offer that waits for its answer.
///
/// Dropping it closes the connection.
pub struct Offer {
    connection: Connection,
    track: Arc<TrackLocalStaticRTP>,
    sender: Arc<dyn RtpSender>,
    ssrc: u32,
    sdp: String,
    connect_timeout: Duration,
    via: Option<Via>,
}

impl Offer {
    /// Makes an offer of one `sendrecv` Opus line with all candidates in it.
    ///
    /// `on_rtp` gets every packet that arrives, in the order of arrival; it runs in a task of
    /// this station's own and must not block.
    pub async fn new(
        config: &StationConfig,
        on_rtp: impl FnMut(RtpReceived) + Send + 'static,
    ) -> Result<Self, MediaError> {
        let state = watch::Sender::new(RTCPeerConnectionState::New);
        let gathered = watch::Sender::new(false);
        let handler = Handler {
            state: state.clone(),
            gathered: gathered.clone(),
            on_rtp: Mutex::new(Some(Box::new(on_rtp))),
        };
        let peer = PeerConnectionBuilder::new()
            .with_media_engine(media_engine()?)
            .with_interceptor_registry(configure_rtcp_reports(Registry::new()))
            .with_setting_engine(
                SettingEngineBuilder::new()
                    .with_include_loopback_candidate(true)
                    .with_ice_connection_attempts(Some(CHECK_INTERVAL), Some(CHECKS_MAX))
                    .with_ice_timeouts(Some(ICE_TIMEOUT), Some(ICE_TIMEOUT), None)
                    .with_discard_local_candidates_during_ice_restart(true)
                    .build(),
            )
            .with_handler(Arc::new(handler))
            .with_udp_addrs(vec![config.bind])
            .build()
            .await?;
        let connection = Connection { peer: Arc::new(peer), state, gathered, dtls: None };

        let ssrc = rand::random();
        let track = Arc::new(TrackLocalStaticRTP::new(local_track(ssrc)));
        let local: Arc<dyn TrackLocal> = track.clone();
        let sender = connection.peer.add_track(local).await?;

        let sdp = connection.offer().await?;
        let (connect_timeout, via) = (config.connect_timeout, config.via.clone());
        Ok(Self { connection, track, sender, ssrc, sdp, connect_timeout, via })
    }

    /// The offer, to be sent as `application/sdp`.
    pub fn sdp(&self) -> &str {
        &self.sdp
    }

    /// Takes the server's answer and waits until media can flow.
    pub async fn accept_answer(self, sdp: &str) -> Result<Station, MediaError> {
        let Self { mut connection, track, sender, ssrc, connect_timeout, via, .. } = self;
        let answer = via.map_or_else(|| Ok(sdp.to_owned()), |via| via.apply(sdp))?;
        connection.accept(answer).await?;
        connection.connected(connect_timeout).await?;

        // The track was bound before there was an answer: what was agreed on is to be asked for
        // now.
        let agreed = sender.get_parameters().await?.rtp_parameters;
        let payload_type = agreed
            .codecs
            .iter()
            .find(|codec| codec.rtp_codec.mime_type.eq_ignore_ascii_case("audio/opus"))
            .ok_or(MediaError::NoOpus)?
            .payload_type;
        let level_extension = agreed
            .header_extensions
            .iter()
            .find(|extension| extension.uri == AUDIO_LEVEL_URI)
            .and_then(|extension| u8::try_from(extension.id).ok());
        let outgoing = Outgoing::new(track, ssrc, payload_type, level_extension);
        connection.dtls = sender.transport().await?;
        Ok(Station::new(connection, outgoing))
    }
}

/// A peer connection that ends with its owner. (`webrtc` leaves its driver running when a
/// connection is merely dropped.)
pub(super) struct Connection {
    peer: Arc<dyn PeerConnection>,
    pub(super) state: watch::Sender<RTCPeerConnectionState>,
    gathered: watch::Sender<bool>,
    /// Known once the connection stands.
    dtls: Option<Arc<dyn DtlsTransport>>,
}

impl Connection {
    /// The offer of this moment, complete with candidates.
    async fn offer(&self) -> Result<String, MediaError> {
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
    pub(super) async fn restart_offer(&self) -> Result<String, MediaError> {
        self.peer.restart_ice().await?;
        self.offer().await
    }

    /// The server's answer as it stands.
    pub(super) async fn answer(&self) -> Result<String, MediaError> {
        let description = self.peer.current_remote_description().await;
        Ok(description.ok_or(MediaError::Closed)?.sdp)
    }

    pub(super) async fn accept(&self, answer: String) -> Result<(), MediaError> {
        let answer = RTCSessionDescription::answer(answer)?;
        Ok(self.peer.set_remote_description(answer).await?)
    }

    pub(super) async fn close(&self) {
        if let Err(error) = self.peer.close().await {
            tracing::debug!(%error, "closing a peer connection");
        }
        // `webrtc` reports no state after its own `close`.
        self.state.send_replace(RTCPeerConnectionState::Closed);
    }

    /// Waits until nothing comes any more, or until the end.
    pub(super) async fn trouble(&self) -> Trouble {
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
    pub(super) async fn ended(&self) {
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

    pub(super) async fn connected(&self, timeout: Duration) -> Result<(), MediaError> {
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

type OnRtp = Box<dyn FnMut(RtpReceived) + Send>;

struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
    gathered: watch::Sender<bool>,
    /// Taken by the first (and only) track.
    on_rtp: Mutex<Option<OnRtp>>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.gathered.send_replace(true);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let on_rtp = self.on_rtp.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        match on_rtp {
            Some(on_rtp) => drop(tokio::spawn(receive(track, on_rtp))),
            None => tracing::warn!("a second track from the server is ignored"),
        }
    }
}

/// Stamps packets as they come; ends with the track.
async fn receive(track: Arc<dyn TrackRemote>, mut on_rtp: OnRtp) {
    while let Some(event) = track.poll().await {
        match event {
            TrackRemoteEvent::OnRtpPacket(packet) => {
                on_rtp(RtpReceived::new(packet, Instant::now()));
            }
            TrackRemoteEvent::OnEnded => break,
            _ => {}
        }
    }
}

fn media_engine() -> Result<MediaEngine, MediaError> {
    let mut engine = MediaEngine::default();
    engine.register_codec(
        RTCRtpCodecParameters { rtp_codec: opus(), payload_type: OPUS_PAYLOAD_TYPE },
        RtpCodecKind::Audio,
    )?;
    engine.register_header_extension(
        RTCRtpHeaderExtensionCapability { uri: AUDIO_LEVEL_URI.to_owned() },
        RtpCodecKind::Audio,
        None,
    )?;
    Ok(engine)
}

/// RFC 7587: always 48 kHz and two channels in SDP, whatever is in the packets.
fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: "audio/opus".to_owned(),
        clock_rate: SAMPLE_RATE_HZ,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        rtcp_feedback: vec![],
    }
}

fn local_track(ssrc: u32) -> MediaStreamTrack {
    MediaStreamTrack::new(
        "station".to_owned(),
        "microphone".to_owned(),
        "microphone".to_owned(),
        RtpCodecKind::Audio,
        vec![RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(ssrc),
                ..Default::default()
            },
            codec: opus(),
            ..Default::default()
        }],
    )
}
