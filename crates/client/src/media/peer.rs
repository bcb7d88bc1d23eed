//! Setting up the peer connection: offer, answer, connected.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rtc::media_stream::MediaStreamTrack;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use tokio::sync::watch;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState, Registry, SettingEngineBuilder, configure_rtcp_reports,
};
use webrtc::rtp_transceiver::RtpSender;

use super::connection::Connection;
use super::error::MediaError;
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
    /// Tracks to receive. 1: everything mixed. More: one source a track, as far as they go round; the
    /// caller is on the first one, for those who work at the centre.
    pub tracks: usize,
}

impl StationConfig {
    /// For the server at this address: one on this machine is reached by loopback, any other from every other
    /// interface.
    pub fn for_server(url: &str) -> Self {
        let host = url.split("://").nth(1).unwrap_or(url);
        let host = host.split(['/', '?']).next().unwrap_or(host);
        let is_local =
            host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
        let ip = if is_local { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
        Self { bind: SocketAddr::from((ip, 0)), ..Self::default() }
    }
}

impl Default for StationConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            connect_timeout: Duration::from_secs(10),
            via: None,
            tracks: 1,
        }
    }
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
    /// Whose packets are of which track; known once there is an answer.
    sources: Sources,
    connect_timeout: Duration,
    via: Option<Via>,
}

impl Offer {
    /// Makes an offer of one `sendrecv` Opus line, and a `recvonly` one for each further track, with all
    /// candidates in it.
    ///
    /// `on_rtp` gets every packet that arrives, in the order of arrival; it runs in a task of
    /// this station's own and must not block.
    pub async fn new(
        config: &StationConfig,
        on_rtp: impl FnMut(RtpReceived) + Send + 'static,
    ) -> Result<Self, MediaError> {
        let state = watch::Sender::new(RTCPeerConnectionState::New);
        let gathered = watch::Sender::new(false);
        let sources = Sources::default();
        let handler = Handler {
            state: state.clone(),
            gathered: gathered.clone(),
            on_rtp: Arc::new(Mutex::new(Box::new(on_rtp))),
            sources: sources.clone(),
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
        let connection = Connection::new(Arc::new(peer), state, gathered);

        let ssrc = rand::random();
        let track = Arc::new(TrackLocalStaticRTP::new(local_track(ssrc)));
        let local: Arc<dyn TrackLocal> = track.clone();
        let sender = connection.add_track(local).await?;

        for _ in 1..config.tracks {
            connection.add_receiving_section().await?;
        }

        let sdp = connection.offer().await?;
        let (connect_timeout, via) = (config.connect_timeout, config.via.clone());
        Ok(Self { connection, track, sender, ssrc, sdp, sources, connect_timeout, via })
    }

    /// The offer, to be sent as `application/sdp`.
    pub fn sdp(&self) -> &str {
        &self.sdp
    }

    /// Takes the server's answer and waits until media can flow.
    pub async fn accept_answer(self, sdp: &str) -> Result<Station, MediaError> {
        let Self { mut connection, track, sender, ssrc, sources, connect_timeout, via, .. } = self;
        // Before the first packet can come. It was empty, so this cannot fail.
        let _ = sources.set(announced_sources(sdp));
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
        connection.stands_on(sender.transport().await?);
        Ok(Station::new(connection, outgoing))
    }
}

type OnRtp = Box<dyn FnMut(RtpReceived) + Send>;

/// The SSRCs of the tracks, in their order.
type Sources = Arc<OnceLock<Vec<u32>>>;

/// The SSRCs that an answer announces (RFC 5576), in the order of its sections.
fn announced_sources(sdp: &str) -> Vec<u32> {
    let mut sources: Vec<u32> = Vec::new();
    for value in sdp.lines().filter_map(|line| line.strip_prefix("a=ssrc:")) {
        let ssrc = value.split(' ').next().and_then(|it| it.parse().ok());
        sources.extend(ssrc.filter(|ssrc| !sources.contains(ssrc)));
    }
    sources
}

struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
    gathered: watch::Sender<bool>,
    /// Of every track; held for one packet at a time.
    on_rtp: Arc<Mutex<OnRtp>>,
    sources: Sources,
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
        drop(tokio::spawn(receive(track, self.on_rtp.clone(), self.sources.clone())));
    }
}

/// Stamps packets as they come; ends with the track.
async fn receive(track: Arc<dyn TrackRemote>, on_rtp: Arc<Mutex<OnRtp>>, sources: Sources) {
    while let Some(event) = track.poll().await {
        match event {
            TrackRemoteEvent::OnRtpPacket(packet) => {
                let (now, ssrc) = (Instant::now(), packet.header.ssrc);
                let known = sources.get().and_then(|it| it.iter().position(|it| *it == ssrc));
                // A source that was not announced is taken for the track that every station has.
                let received = RtpReceived::new(packet, known.unwrap_or(0), now);
                on_rtp.lock().unwrap_or_else(PoisonError::into_inner)(received);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_this_machine_is_reached_by_loopback() {
        let is_local = |url: &str| StationConfig::for_server(url).bind.ip().is_loopback();
        assert!(is_local("http://127.0.0.1:8080") && is_local("http://localhost:8080/"));
        assert!(is_local("http://[::1]:8080") && is_local("ws://127.0.0.1?x"));
        assert!(!is_local("https://sotto.example") && !is_local("http://10.0.0.7:8080"));
    }
}
