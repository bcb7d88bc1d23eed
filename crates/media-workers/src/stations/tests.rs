//! Whose an address is.

use std::time::Duration;

use call_engine::CallConfig;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use rtc_station::StationConfig;

use super::*;

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
    a=ice-ufrag:client\r\na=ice-pwd:a-password-of-enough-chars\r\na=setup:actpass\r\na=rtcp-mux\r\n\
    a=rtpmap:111 opus/48000/2\r\na=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:\
    FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";

/// The stations of one worker, and what their clients know.
struct Stage {
    stations: Stations,
    /// Each station's username fragment and password.
    credentials: Table<StationId, (String, String)>,
    now: Instant,
}

impl Stage {
    fn new() -> Self {
        let socket = crate::socket::bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1 << 20).unwrap();
        let reached_at = socket.local_addr().unwrap();
        let config = MediaConfig {
            bind: reached_at,
            public_address: None,
            workers: 1,
            consent_timeout: StationConfig::CONSENT_TIMEOUT,
            stations_max: 10,
            calls_max: 1,
            call: CallConfig::default(),
            plain: None,
        };
        let registry = mio::Poll::new().unwrap().registry().try_clone().unwrap();
        let stations = Stations::new(config, socket, reached_at, vec![None], registry);
        Self { stations, credentials: Table::default(), now: Instant::now() }
    }

    fn open(&mut self, id: u64) -> StationId {
        let config = StationConfig {
            local_candidates: vec![self.stations.reached_at],
            consent_timeout: StationConfig::CONSENT_TIMEOUT,
            seed: [id as u8; 32],
        };
        let (station, answer) = Station::accept_offer(config, OFFER, self.now).unwrap();
        let field = |name: &str| {
            let line = answer.sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.to_owned()
        };
        let id = StationId(id);
        self.credentials.insert(id, (field("a=ice-ufrag:"), field("a=ice-pwd:")));
        self.stations.add(self.now, id, station).unwrap();
        id
    }

    /// An authentic check for a station, from whatever address.
    fn check(&mut self, id: StationId, from: SocketAddr) {
        let (ufrag, password) = &self.credentials[&id];
        let mut check = check(&format!("{ufrag}:client"), password);
        self.stations.handle_datagram(self.now, from, &mut check);
    }

    fn owner(&self, address: SocketAddr) -> Option<StationId> {
        self.stations.by_address.get(&address).copied()
    }
}

/// A STUN binding request (RFC 8489) that nominates.
fn check(username: &str, password: &str) -> Vec<u8> {
    let mut check = vec![0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42];
    check.extend([7; 12]);
    let attribute = |check: &mut Vec<u8>, kind: u16, value: &[u8]| {
        check.extend(kind.to_be_bytes());
        check.extend((value.len() as u16).to_be_bytes());
        check.extend(value);
        check.resize(check.len().next_multiple_of(4), 0);
    };
    attribute(&mut check, 0x0006, username.as_bytes());
    attribute(&mut check, 0x0024, &1_u32.to_be_bytes());
    attribute(&mut check, 0x802A, &[9; 8]);
    attribute(&mut check, 0x0025, &[]);
    let length = (check.len() - 20 + 24) as u16;
    check[2..4].copy_from_slice(&length.to_be_bytes());
    let key = PKey::hmac(password.as_bytes()).unwrap();
    let integrity =
        Signer::new(MessageDigest::sha1(), &key).unwrap().sign_oneshot_to_vec(&check).unwrap();
    attribute(&mut check, 0x0008, &integrity);
    check
}

#[test]
fn an_address_is_the_first_live_stations() {
    let mut stage = Stage::new();
    let (first, second) = (stage.open(1), stage.open(2));
    let address = SocketAddr::from(([203, 0, 113, 5], 61_000));
    stage.check(first, address);
    assert_eq!(stage.owner(address), Some(first));
    // The owner of the second forges the first one's address.
    for _ in 0..10 {
        stage.now += Duration::from_secs(1);
        stage.check(second, address);
        assert_eq!(stage.owner(address), Some(first));
    }
    assert_eq!(stage.stations.counters.address_held, 10);
    assert!(!stage.stations.slots[&second].kind.holds(address, stage.now));
    // Silent for so long, it may be anybody's: a NAT gives its ports away again.
    stage.now += Duration::from_secs(5);
    stage.check(second, address);
    assert_eq!(stage.owner(address), Some(second));
}

#[test]
fn an_address_is_free_once_its_station_has_closed() {
    let mut stage = Stage::new();
    let (first, second) = (stage.open(1), stage.open(2));
    let address = SocketAddr::from(([203, 0, 113, 5], 61_000));
    stage.check(first, address);
    stage.stations.close(stage.now, first).unwrap();
    stage.check(second, address);
    assert_eq!(stage.owner(address), Some(second));
}

#[test]
fn a_client_that_puts_bytes_for_telephones_beside_its_opus_is_found_out() {
    // As `rtp-station` writes them: one padded frame, the bytes, where they stand, and what stands behind them.
    let mut forged = vec![0x0B, 0x41, 168, 1, 2, 3];
    forged.extend([0x2A; 160]);
    forged.extend([0; 4]);
    forged.extend(*b"\xB7TlA");
    assert!(rtp_station::claims_original(&forged));
    let received = |payload| Received {
        sequence: 1,
        timestamp: 960,
        marker: false,
        audio_level_dbov: None,
        voice_activity: None,
        payload,
        restored: Default::default(),
    };
    let mut datagram = vec![0; 12];
    datagram.extend(&forged);
    assert!(pretends(&received(12..datagram.len()), &datagram));
    assert!(!pretends(&received(12..datagram.len() - 1), &datagram));
}
