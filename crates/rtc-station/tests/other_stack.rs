//! The same against webrtc-rs (`rtc`), an independent stack, so that a mistake shared by both
//! ends of the other tests cannot hide.

mod common;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use common::{OPUS, address, config, start};
use rtc::interceptor::Registry;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MediaEngine};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp::Packet;
use rtc::rtp_transceiver::RTCRtpSenderId;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RtpCodecKind,
};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use rtc_station::{Accepted, CloseReason, Output, Received, RtpOut, Station};

const CLIENT_SSRC: u32 = 0x5077_0001;
/// The content types of the records with which DTLS's last flight begins, and the one before it.
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const STEP: Duration = Duration::from_millis(5);

struct Pair {
    now: Instant,
    client: RTCPeerConnection,
    sender: RTCRtpSenderId,
    station: Station,
    client_address: SocketAddr,
    server_address: SocketAddr,
    dropped: usize,
    heard_by_server: Vec<Received>,
    heard_by_client: Vec<Packet>,
    /// The client's names of the tracks that they came on.
    tracks_of_client: Vec<String>,
    closed: Option<CloseReason>,
    /// Last flights of the station's that get lost from now on.
    losing: usize,
    /// How many last flights it has sent.
    last_flights: usize,
    /// The datagrams of the flight before.
    first_flight: Vec<Vec<u8>>,
    /// Whether what the client sends after the station is connected gets lost.
    is_mute: bool,
    /// The client's flights but the first that get lost from now on.
    losing_of_client: usize,
}

impl Pair {
    fn new() -> Self {
        Self::with_tracks(1)
    }

    fn with_tracks(tracks: usize) -> Self {
        let now = start();
        let client_address = address("203.0.113.5:61000");
        let mut engine = MediaEngine::default();
        engine.register_codec(opus(), RtpCodecKind::Audio).unwrap();
        let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap();
        let mut client = RTCPeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .build(now)
            .unwrap();
        let sender = client.add_track(track()).unwrap();
        for _ in 1..tracks {
            // Without an `init` it receives only.
            client.add_transceiver_from_kind(RtpCodecKind::Audio, None).unwrap();
        }
        let offer = client.create_offer(None).unwrap();
        client.set_local_description(now, offer).unwrap();
        client.add_local_candidate(candidate(client_address)).unwrap();
        let offer = client.local_description().unwrap().sdp;
        let config = config();
        let server_address = config.local_candidates[0];
        let (station, answer) = Station::accept_offer(config, &offer, now).unwrap();
        let answer = RTCSessionDescription::answer(answer.sdp).unwrap();
        client.set_remote_description(now, answer).unwrap();
        Self {
            now,
            client,
            sender,
            station,
            client_address,
            server_address,
            dropped: 0,
            heard_by_server: Vec::new(),
            heard_by_client: Vec::new(),
            tracks_of_client: Vec::new(),
            closed: None,
            losing: 0,
            last_flights: 0,
            first_flight: Vec::new(),
            is_mute: false,
            losing_of_client: 0,
        }
    }

    fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.now += STEP;
            self.client.handle_timeout(self.now).unwrap();
            self.station.handle_timeout(self.now);
            while self.drain_client() | self.drain_station() {}
        }
    }

    fn drain_client(&mut self) -> bool {
        let mut busy = false;
        while let Some(datagram) = self.client.poll_write() {
            busy = true;
            let (from, to) = (self.client_address, self.server_address);
            let mut bytes = datagram.message.to_vec();
            if self.is_mute && self.station.is_connected() {
                continue;
            }
            let is_dtls = bytes.first() == Some(&HANDSHAKE);
            if is_dtls && !self.first_flight.is_empty() && self.losing_of_client > 0 {
                self.losing_of_client -= 1;
                continue;
            }
            match self.station.handle_datagram(self.now, from, to, &mut bytes) {
                Ok(Accepted::Rtp(packet)) => self.heard_by_server.push(packet),
                Ok(_) => {}
                Err(_) => self.dropped += 1,
            }
        }
        while self.client.poll_event().is_some() {}
        while let Some(message) = self.client.poll_read() {
            if let RTCMessage::RtpPacket(track, packet) = message.message {
                self.tracks_of_client.push(track);
                self.heard_by_client.push(packet);
            }
        }
        busy
    }

    fn drain_station(&mut self) -> bool {
        let mut busy = false;
        loop {
            match self.station.poll_output() {
                Output::Wait(_) | Output::Done => return busy,
                Output::Closed(reason) => self.closed = Some(reason),
                Output::Transmit { from, bytes, .. } => {
                    busy = true;
                    let is_last_flight = bytes.first() == Some(&CHANGE_CIPHER_SPEC);
                    self.last_flights += usize::from(is_last_flight);
                    if bytes.first() == Some(&HANDSHAKE) {
                        self.first_flight.push(bytes.clone());
                    }
                    if is_last_flight && self.losing > 0 {
                        self.losing -= 1;
                        continue;
                    }
                    self.deliver_to_client(from, &bytes);
                }
                Output::Connected | Output::AddressChanged { .. } => {}
            }
        }
    }

    fn deliver_to_client(&mut self, from: SocketAddr, bytes: &[u8]) {
        let read = self.client.handle_read(TaggedBytesMut {
            now: self.now,
            transport: TransportContext {
                local_addr: self.client_address,
                peer_addr: from,
                transport_protocol: TransportProtocol::UDP,
                ecn: None,
            },
            message: BytesMut::from(bytes),
        });
        read.unwrap();
    }

    fn server_speaks(&mut self, packet: RtpOut<'_>) {
        self.server_speaks_on(0, packet);
    }

    fn server_speaks_on(&mut self, track: usize, packet: RtpOut<'_>) {
        let mut bytes = Vec::new();
        self.station.send_rtp_on(track, self.now, packet, &mut bytes).unwrap();
        self.deliver_to_client(self.server_address, &bytes);
    }

    fn client_speaks(&mut self, sequence: u16) {
        let mut packet = Packet { payload: Bytes::from_static(b"up"), ..Default::default() };
        packet.header.version = 2;
        packet.header.payload_type = OPUS;
        packet.header.sequence_number = sequence;
        packet.header.timestamp = u32::from(sequence) * 960;
        packet.header.ssrc = CLIENT_SSRC;
        let mut sender = self.client.rtp_sender(self.sender).unwrap();
        sender.write_rtp(self.now, packet).unwrap();
    }
}

fn opus() -> RTCRtpCodecParameters {
    RTCRtpCodecParameters {
        rtp_codec: RTCRtpCodec {
            mime_type: MIME_TYPE_OPUS.to_owned(),
            clock_rate: 48_000,
            channels: 2,
            sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
            rtcp_feedback: vec![],
        },
        payload_type: OPUS,
    }
}

fn track() -> MediaStreamTrack {
    MediaStreamTrack::new(
        "headset".to_owned(),
        "microphone".to_owned(),
        "microphone".to_owned(),
        RtpCodecKind::Audio,
        vec![RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(CLIENT_SSRC),
                ..Default::default()
            },
            codec: opus().rtp_codec,
            ..Default::default()
        }],
    )
}

fn candidate(address: SocketAddr) -> rtc::peer_connection::transport::RTCIceCandidateInit {
    let host = CandidateHostConfig {
        base_config: CandidateConfig {
            network: "udp".to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            component: 1,
            ..Default::default()
        },
        ..Default::default()
    };
    let candidate = host.new_candidate_host().unwrap();
    RTCIceCandidate::from(&candidate).to_json().unwrap()
}

#[test]
fn webrtc_rs_connects_and_media_flows_both_ways() {
    let mut pair = Pair::new();
    pair.run_for(Duration::from_secs(3));
    assert!(pair.station.is_connected());
    for index in 0..200_u16 {
        pair.client_speaks(3_000 + index);
        let sequence = 65_500_u16.wrapping_add(index);
        let packet = RtpOut {
            sequence,
            timestamp: u32::from(index) * 960,
            marker: index == 0,
            payload: b"down",
        };
        pair.server_speaks(packet);
        pair.run_for(Duration::from_millis(20));
    }
    assert_eq!(pair.dropped, 0);
    let up: Vec<_> = pair.heard_by_server.iter().map(|p| p.sequence).collect();
    assert_eq!(up, (3_000..3_200).collect::<Vec<u16>>());
    let down: Vec<_> = pair
        .heard_by_client
        .iter()
        .map(|p| (p.header.sequence_number, p.header.timestamp, p.header.ssrc))
        .collect();
    let expected: Vec<_> = (0..200_u16)
        .map(|i| (65_500_u16.wrapping_add(i), u32::from(i) * 960, pair.station.ssrc()))
        .collect();
    assert_eq!(down, expected);
}

#[test]
fn webrtc_rs_stays_connected_in_silence_and_its_move_is_followed() {
    let mut pair = Pair::new();
    pair.run_for(Duration::from_secs(60));
    assert!(pair.station.is_connected());
    assert_eq!(pair.closed, None);
    pair.client_address = address("203.0.113.5:62000");
    pair.run_for(Duration::from_secs(8));
    pair.client_speaks(1);
    pair.run_for(STEP);
    assert_eq!(pair.heard_by_server.len(), 1);
}

/// As a client whose timer no longer runs: 2 of 1,000 stations never connected with 5 % of the packets lost.
#[test]
fn the_last_flight_comes_again_to_a_client_that_does_not_ask_for_it() {
    let mut pair = Pair { losing: 2, is_mute: true, ..Pair::new() };
    pair.run_for(Duration::from_secs(3));
    assert!(pair.station.is_connected());
    assert_eq!(pair.last_flights, 3, "at once, after 0.5 s and after 1.5 s; the third one came");
    let packet = RtpOut { sequence: 1, timestamp: 0, marker: false, payload: b"down" };
    pair.server_speaks(packet);
    pair.run_for(STEP);
    assert_eq!(pair.heard_by_client.len(), 1);

    // It ends by itself, and with the first thing that the client says.
    pair.run_for(Duration::from_secs(30));
    assert_eq!(pair.last_flights, 5, "after 3.5 s and 7.5 s, and no more");
    let mut pair = Pair { is_mute: true, ..Pair::new() };
    pair.run_for(Duration::from_secs(1));
    pair.is_mute = false;
    pair.client_speaks(1);
    pair.run_for(STEP);
    let sent = pair.last_flights;
    pair.run_for(Duration::from_secs(15));
    assert_eq!((pair.heard_by_server.len(), pair.last_flights), (1, sent));
}

/// OpenSSL's timer, which follows the machine's clock, has a form of its own for it.
#[test]
#[expect(clippy::disallowed_methods, reason = "OpenSSL's timer follows the machine's clock")]
fn a_flight_that_comes_again_comes_as_it_was() {
    let mut pair = Pair { losing_of_client: 1, ..Pair::new() };
    pair.run_for(Duration::from_millis(300));
    assert!(!pair.station.is_connected());
    std::thread::sleep(Duration::from_millis(1_100));
    pair.run_for(Duration::from_secs(3));
    assert!(pair.station.is_connected());
    let [first, again @ ..] = pair.first_flight.as_slice() else { panic!("none was sent") };
    assert!(!again.is_empty());
    assert!(again.iter().all(|it| it == first), "{:?}", pair.first_flight);
}

#[test]
fn webrtc_rs_says_goodbye() {
    let mut pair = Pair::new();
    pair.run_for(Duration::from_secs(3));
    pair.client.close().unwrap();
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.closed, Some(CloseReason::ByPeer));
}

#[test]
fn webrtc_rs_gets_each_track_as_one_of_its_own() {
    let mut pair = Pair::with_tracks(3);
    pair.run_for(Duration::from_secs(3));
    assert!(pair.station.is_connected());
    for sequence in 0..50 {
        for track in 0..3 {
            let payload = &[0x48, track as u8];
            let packet = RtpOut { sequence, timestamp: 0, marker: false, payload };
            pair.server_speaks_on(track, packet);
        }
        pair.run_for(Duration::from_millis(20));
    }
    assert_eq!(pair.heard_by_client.len(), 150);
    let mut names: [Vec<&String>; 3] = Default::default();
    for (name, packet) in pair.tracks_of_client.iter().zip(&pair.heard_by_client) {
        let track = usize::from(packet.payload[1]);
        assert_eq!(Some(packet.header.ssrc), pair.station.ssrc_of(track));
        names[track].push(name);
    }
    for name in &mut names {
        name.dedup();
        assert_eq!(name.len(), 1, "one name a track");
    }
    assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
}
