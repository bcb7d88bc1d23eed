//! A full-ICE client (`str0m` on its own) and a [`Station`], wired in memory, in virtual time.

#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc_station::{
    Accepted, CloseReason, Dropped, Output, RtpIn, RtpOut, SendError, Station, StationConfig,
};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Direction, Frequency, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::rtcp::Rtcp;
use str0m::rtp::{ExtensionValues, RawPacket, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Rtc, RtcConfig};

pub const OFFER: &str = include_str!("../fixtures/chromium_audio.sdp");
pub const OPUS: u8 = 111;
/// Opus with copies of earlier packets (RFC 2198).
pub const RED: u8 = 63;

pub fn address(text: &str) -> SocketAddr {
    text.parse().expect("a literal address")
}

#[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
pub fn start() -> Instant {
    Instant::now()
}

pub fn config() -> StationConfig {
    StationConfig {
        local_candidates: vec![address("198.51.100.1:40000")],
        consent_timeout: StationConfig::CONSENT_TIMEOUT,
        seed: [7; 32],
    }
}

/// A client that waits for the answer to its offer.
pub struct Client {
    client: Rtc,
    client_mid: Mid,
    pending: SdpPendingOffer,
}

fn client_local() -> SocketAddr {
    address("10.0.0.2:5000")
}

/// A client with a section both ways and further ones that only receive, and its offer.
pub fn client_offer(tracks: usize) -> (Client, String) {
    client_offer_of(tracks, |builder| builder)
}

fn client_offer_of(
    tracks: usize,
    configure: impl FnOnce(RtcConfig) -> RtcConfig,
) -> (Client, String) {
    let builder = Rtc::builder()
        .set_rtp_mode(true)
        .enable_raw_packets(true)
        .clear_codecs()
        .enable_opus(true, false);
    let mut client = configure(builder).build(start());
    client.add_local_candidate(Candidate::host(client_local(), Protocol::Udp).unwrap());
    let mut api = client.sdp_api();
    let client_mid = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    for _ in 1..tracks {
        api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
    }
    let (offer, pending): (SdpOffer, _) = api.apply().unwrap();
    (Client { client, client_mid, pending }, offer.to_sdp_string())
}

/// The two ends and the network between them.
pub struct Pair {
    pub now: Instant,
    pub station: Station,
    pub client: Rtc,
    pub client_mid: Mid,
    /// What the client's NAT shows to the server.
    pub client_address: SocketAddr,
    pub server_address: SocketAddr,
    /// Whether datagrams from the client arrive.
    pub uplink: bool,
    /// Which of them do, if any.
    pub uplink_filter: fn(&[u8]) -> bool,
    /// Which of the server's reach the client.
    pub downlink_filter: fn(&[u8]) -> bool,
    /// Everything the client sent, as the server saw it.
    pub sent_by_client: Vec<Vec<u8>>,
    pub dropped: Vec<Dropped>,
    pub accepted: Vec<Accepted>,
    pub outputs: Vec<Output>,
    /// What the station received, opened.
    pub received: Vec<RtpIn>,
    /// What of it was lost and came with a later packet: number, timestamp, payload.
    pub restored: Vec<(u16, u32, Vec<u8>)>,
    pub client_rtp: Vec<RtpPacket>,
    /// What the client got of it, decrypted.
    pub client_rtcp: Vec<Rtcp>,
    pub client_closed: bool,
    next_client: Instant,
    next_station: Instant,
    client_local: SocketAddr,
    client_sequence: u64,
}

impl Pair {
    pub fn new() -> Self {
        Self::with(config(), |offer| offer)
    }

    /// `edit` changes the client's offer on its way.
    pub fn with(config: StationConfig, edit: impl Fn(String) -> String) -> Self {
        Self::with_client(config, 1, edit)
    }

    /// The client asks for so many tracks.
    pub fn with_tracks(tracks: usize) -> Self {
        Self::with_client(config(), tracks, |offer| offer)
    }

    /// The client offers redundancy. It knows none itself, so that it offers a second Opus, and what it sends with that
    /// is the test's.
    pub fn with_redundancy() -> Self {
        let second = |mut builder: RtcConfig| {
            let opus = FormatParams::default();
            let codecs = builder.codec_config();
            codecs.add_config(
                RED.into(),
                None,
                Codec::Opus,
                Frequency::FORTY_EIGHT_KHZ,
                Some(2),
                opus,
            );
            builder
        };
        let client = client_offer_of(1, second);
        let as_red = |offer: String| {
            let lines = offer.split_inclusive('\n').filter(|it| !it.starts_with("a=fmtp:63 "));
            let red = "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111";
            lines.collect::<String>().replace("a=rtpmap:63 opus/48000/2", red)
        };
        Self::of(config(), client, as_red)
    }

    fn with_client(config: StationConfig, tracks: usize, edit: impl Fn(String) -> String) -> Self {
        Self::of(config, client_offer(tracks), edit)
    }

    fn of(
        config: StationConfig,
        (client, offer): (Client, String),
        edit: impl Fn(String) -> String,
    ) -> Self {
        let now = start();
        let server_address = config.local_candidates[0];
        let Client { mut client, client_mid, pending } = client;
        let offer = edit(offer);
        let (station, answer) = Station::accept_offer(config, &offer, now).unwrap();
        let answer = answer.sdp.replace("red/48000/2\r\na=fmtp:63 111/111", "opus/48000/2");
        let answer = SdpAnswer::from_sdp_string(&answer).expect("an answer str0m can read");
        client.sdp_api().accept_answer(pending, answer).unwrap();
        Self {
            now,
            station,
            client,
            client_mid,
            client_address: address("203.0.113.5:61000"),
            server_address,
            uplink: true,
            uplink_filter: |_| true,
            downlink_filter: |_| true,
            sent_by_client: Vec::new(),
            dropped: Vec::new(),
            accepted: Vec::new(),
            outputs: Vec::new(),
            received: Vec::new(),
            restored: Vec::new(),
            client_rtp: Vec::new(),
            client_rtcp: Vec::new(),
            client_closed: false,
            next_client: now,
            next_station: now,
            client_local: client_local(),
            client_sequence: 1_000,
        }
    }

    pub fn connected() -> Self {
        Self::connected_with(Self::new())
    }

    pub fn connected_with(mut pair: Self) -> Self {
        pair.run_for(Duration::from_secs(2));
        assert!(pair.station.is_connected(), "did not connect in 2 s");
        assert!(pair.outputs.contains(&Output::Connected));
        pair
    }

    /// Lets both ends talk for `span`.
    pub fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        self.exchange();
        while self.now < end {
            let next = self.next_client.min(self.next_station);
            self.now = next.max(self.now + Duration::from_millis(1)).min(end);
            self.client.handle_input(Input::Timeout(self.now)).unwrap();
            self.station.handle_timeout(self.now);
            self.exchange();
        }
    }

    /// Carries datagrams to and fro until both ends are quiet.
    pub fn exchange(&mut self) {
        while self.drain_client() | self.drain_station() {}
    }

    fn drain_client(&mut self) -> bool {
        let mut busy = false;
        loop {
            // A client whose handshake timed out has nothing more to say.
            let output = self.client.poll_output();
            match output.unwrap_or(str0m::Output::Timeout(self.now + Duration::from_secs(3_600))) {
                str0m::Output::Timeout(at) => {
                    self.next_client = at;
                    return busy;
                }
                str0m::Output::Transmit(transmit) => {
                    busy = true;
                    let bytes: Vec<u8> = transmit.contents.into();
                    if self.uplink && (self.uplink_filter)(&bytes) {
                        let _ = self.deliver(self.client_address, &bytes);
                    }
                    self.sent_by_client.push(bytes);
                }
                str0m::Output::Event(Event::RtpPacket(packet)) => self.client_rtp.push(packet),
                str0m::Output::Event(Event::RawPacket(packet)) => {
                    if let RawPacket::RtcpRx(rtcp) = *packet {
                        self.client_rtcp.push(rtcp);
                    }
                }
                str0m::Output::Event(Event::Closed) => self.client_closed = true,
                str0m::Output::Event(_) => {}
            }
        }
    }

    /// Hands a datagram to the station and notes what became of it.
    pub fn deliver(&mut self, from: SocketAddr, bytes: &[u8]) -> Result<Accepted, Dropped> {
        let mut bytes = bytes.to_vec();
        let result = self.station.handle_datagram(self.now, from, self.server_address, &mut bytes);
        match &result {
            Ok(accepted) => {
                if let Accepted::Rtp(packet) = accepted {
                    self.restored.extend(
                        packet.restored.iter().flatten().map(|it| {
                            (it.sequence, it.timestamp, bytes[it.payload.clone()].to_vec())
                        }),
                    );
                    self.received.push(RtpIn {
                        sequence: packet.sequence,
                        timestamp: packet.timestamp,
                        marker: packet.marker,
                        payload: bytes[packet.payload.clone()].into(),
                        audio_level_dbov: packet.audio_level_dbov,
                        voice_activity: packet.voice_activity,
                        arrived_at: self.now,
                    });
                }
                self.accepted.push(accepted.clone());
            }
            Err(dropped) => self.dropped.push(*dropped),
        }
        result
    }

    pub fn drain_station(&mut self) -> bool {
        let mut busy = false;
        loop {
            match self.station.poll_output() {
                Output::Wait(at) => {
                    self.next_station = at;
                    return busy;
                }
                Output::Done => {
                    self.next_station = self.now + Duration::from_secs(3_600);
                    return busy;
                }
                Output::Transmit { to, from, bytes } => {
                    busy = true;
                    assert_eq!(from, self.server_address);
                    self.transmit(to, from, bytes);
                }
                output => self.outputs.push(output),
            }
        }
    }

    fn deliver_to_client(&mut self, from: SocketAddr, bytes: &[u8]) {
        let receive = Receive::new(Protocol::Udp, from, self.client_local, bytes).unwrap();
        self.client.handle_input(Input::Receive(self.now, receive)).unwrap();
        self.drain_client();
    }

    /// The client sends one packet with an audio level.
    pub fn client_speaks(&mut self, payload: &[u8]) {
        self.client_speaks_as(OPUS, payload);
    }

    /// The same with another payload type.
    pub fn client_speaks_as(&mut self, payload_type: u8, payload: &[u8]) {
        self.client_sequence += 1;
        let sequence = self.client_sequence;
        let write = RtpWrite::new(
            Pt::new_with_value(payload_type),
            sequence.into(),
            (sequence * 960) as u32,
            self.now,
            payload,
        )
        .marker(true)
        .ext_vals(ExtensionValues {
            audio_level: Some(-42),
            voice_activity: Some(true),
            ..Default::default()
        });
        self.client.direct_api().stream_tx_by_mid(self.client_mid, None).unwrap().write_rtp(write);
        self.client.handle_input(Input::Timeout(self.now)).unwrap();
        self.exchange();
    }

    pub fn server_speaks(&mut self, sequence: u16, timestamp: u32, payload: &[u8]) {
        match self.send(RtpOut { sequence, timestamp, marker: false, payload }) {
            Ok(()) | Err(SendError::HeldBack) => {}
            Err(error) => panic!("{error}"),
        }
        self.exchange();
    }

    /// Sends one packet on the first track; it is on its way at once.
    pub fn send(&mut self, packet: RtpOut<'_>) -> Result<(), SendError> {
        self.send_on(0, packet)
    }

    pub fn send_on(&mut self, track: usize, packet: RtpOut<'_>) -> Result<(), SendError> {
        let mut bytes = Vec::new();
        let to = self.station.send_rtp_on(track, self.now, packet, &mut bytes)?;
        self.transmit(to, self.server_address, bytes);
        Ok(())
    }

    fn transmit(&mut self, to: SocketAddr, from: SocketAddr, bytes: Vec<u8>) {
        if to == self.client_address && (self.downlink_filter)(&bytes) {
            self.deliver_to_client(from, &bytes);
        }
        self.outputs.push(Output::Transmit { to, from, bytes });
    }

    /// What the station received since the last call.
    pub fn take_rtp(&mut self) -> Vec<RtpIn> {
        std::mem::take(&mut self.received)
    }

    /// What the station sent since the last call, with where to.
    pub fn take_sent(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut sent = Vec::new();
        self.outputs.retain(|output| match output {
            Output::Transmit { to, bytes, .. } => {
                sent.push((*to, bytes.clone()));
                false
            }
            _ => true,
        });
        sent
    }

    pub fn close_reason(&self) -> Option<CloseReason> {
        self.outputs.iter().find_map(|output| match output {
            Output::Closed(reason) => Some(*reason),
            _ => None,
        })
    }
}
