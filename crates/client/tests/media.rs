//! A station against an echoing peer of the same stack, over loopback UDP. (Against the other
//! stack, the server's, it is tested with the server.)

use std::sync::{Arc, Mutex};
use std::time::Duration;

use client::media::{
    FRAME_SAMPLES, MediaError, Offer, OpusFrame, RtpReceived, Station, StationConfig,
    received_channel,
};
use rtc::media_stream::MediaStreamTrack;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use tokio::sync::{mpsc, watch};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
    RTCIceGatheringState, RTCSessionDescription, Registry, SettingEngineBuilder,
};

const ECHO_SSRC: u32 = 0x00ec_0000;
const LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_travel_both_ways_with_their_levels() {
    let (station, mut echo, mut received) = connected_pair().await;
    assert!(station.sends_levels());

    let mut sent = Vec::new();
    for n in 0..25_u8 {
        let frame = OpusFrame::new(vec![0xf8, n, 0xff], 10 + n);
        station.send(&frame).await.unwrap();
        sent.push(frame);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let last = sent.last().unwrap().payload.clone();
    let mut heard: Vec<RtpReceived> = Vec::new();
    while heard.last().is_none_or(|packet| packet.payload != last) {
        let packet = tokio::time::timeout(Duration::from_secs(5), received.recv()).await;
        heard.push(packet.expect("a packet in time").expect("the station lives"));
    }
    // The first frames may be sent before the peer has ended its side of the handshake.
    let early = sent.len() - heard.len();
    assert!(early < 5, "{early} frames are lost");
    for (n, (packet, frame)) in heard.iter().zip(&sent[early..]).enumerate() {
        assert_eq!(packet.payload, frame.payload);
        assert_eq!(packet.ssrc, ECHO_SSRC);
        assert_eq!(packet.marker, early == 0 && n == 0);
        assert!(!packet.has_csrc && !packet.has_extension);
        let steps = u32::try_from(n).unwrap() * FRAME_SAMPLES;
        assert_eq!(packet.timestamp, heard[0].timestamp.wrapping_add(steps));
    }
    for frame in &sent[early..] {
        let level = echo.levels.recv().await.unwrap();
        assert_eq!(level, frame.level_dbov | 0x80);
    }

    station.close().await;
    tokio::time::timeout(Duration::from_secs(2), station.ended())
        .await
        .expect("a closed station has ended");
    assert!(station.send(&sent[0]).await.is_err());
    echo.peer.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_from_nowhere_ends_in_a_timeout() {
    let config =
        StationConfig { connect_timeout: Duration::from_millis(300), ..StationConfig::default() };
    let offer = Offer::new(&config, |_| {}).await.unwrap();
    let (echo, answer) = Echo::answer(offer.sdp()).await;
    echo.peer.close().await.unwrap();
    let refused = offer.accept_answer(&answer).await;
    assert!(matches!(refused, Err(MediaError::ConnectTimeout(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_is_no_answer() {
    let offer = Offer::new(&StationConfig::default(), |_| {}).await.unwrap();
    assert!(offer.sdp().contains("a=candidate:"));
    assert!(offer.sdp().contains("a=sendrecv"));
    assert!(offer.sdp().contains(LEVEL_URI));
    let refused = offer.accept_answer("v=1\r\nthis is no SDP").await;
    assert!(matches!(refused, Err(MediaError::WebRtc(_))));
}

async fn connected_pair() -> (Station, Echo, mpsc::Receiver<RtpReceived>) {
    let (on_rtp, received) = received_channel(64);
    let offer = Offer::new(&StationConfig::default(), on_rtp).await.unwrap();
    let (echo, answer) = Echo::answer(offer.sdp()).await;
    let station = offer.accept_answer(&answer).await.unwrap();
    (station, echo, received)
}

/// A peer that sends back every payload it gets and reports the levels that came with them.
struct Echo {
    peer: Arc<dyn PeerConnection>,
    levels: mpsc::Receiver<u8>,
}

impl Echo {
    async fn answer(offer: &str) -> (Self, String) {
        let (levels_tx, levels) = mpsc::channel(64);
        let (gathered_tx, mut gathered) = watch::channel(false);
        let track = Arc::new(TrackLocalStaticRTP::new(echo_track()));
        let handler = EchoHandler {
            gathered: gathered_tx,
            levels: levels_tx,
            back: Mutex::new(Some(track.clone())),
        };
        let peer = PeerConnectionBuilder::new()
            .with_media_engine(echo_engine())
            .with_interceptor_registry(Registry::new())
            .with_setting_engine(
                SettingEngineBuilder::new().with_include_loopback_candidate(true).build(),
            )
            .with_handler(Arc::new(handler))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await
            .unwrap();
        let peer: Arc<dyn PeerConnection> = Arc::new(peer);
        let local: Arc<dyn TrackLocal> = track;
        peer.add_track(local).await.unwrap();
        let offer = RTCSessionDescription::offer(offer.to_owned()).unwrap();
        peer.set_remote_description(offer).await.unwrap();
        let answer = peer.create_answer(None).await.unwrap();
        peer.set_local_description(answer).await.unwrap();
        gathered.wait_for(|done| *done).await.unwrap();
        let sdp = peer.local_description().await.unwrap().sdp;
        (Self { peer, levels }, sdp)
    }
}

struct EchoHandler {
    gathered: watch::Sender<bool>,
    levels: mpsc::Sender<u8>,
    back: Mutex<Option<Arc<TrackLocalStaticRTP>>>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for EchoHandler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.gathered.send_replace(true);
        }
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let back = self.back.lock().unwrap().take().unwrap();
        let levels = self.levels.clone();
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                let TrackRemoteEvent::OnRtpPacket(mut packet) = event else {
                    continue;
                };
                if let Some(extension) = packet.header.extensions.first() {
                    levels.send(extension.payload[0]).await.unwrap();
                }
                packet.header.extension = false;
                packet.header.extensions.clear();
                packet.header.ssrc = ECHO_SSRC;
                if back.write_rtp(packet).await.is_err() {
                    break;
                }
            }
        });
    }
}

fn echo_engine() -> MediaEngine {
    let mut engine = MediaEngine::default();
    engine
        .register_codec(
            RTCRtpCodecParameters { rtp_codec: opus(), payload_type: 111 },
            RtpCodecKind::Audio,
        )
        .unwrap();
    engine
        .register_header_extension(
            RTCRtpHeaderExtensionCapability { uri: LEVEL_URI.to_owned() },
            RtpCodecKind::Audio,
            None,
        )
        .unwrap();
    engine
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: "audio/opus".to_owned(),
        clock_rate: 48_000,
        channels: 2,
        ..Default::default()
    }
}

fn echo_track() -> MediaStreamTrack {
    MediaStreamTrack::new(
        "echo".to_owned(),
        "echo".to_owned(),
        "echo".to_owned(),
        RtpCodecKind::Audio,
        vec![RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(ECHO_SSRC),
                ..Default::default()
            },
            codec: opus(),
            ..Default::default()
        }],
    )
}
