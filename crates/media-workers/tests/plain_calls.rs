//! Telephones on real sockets, in a real call on real workers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use call_engine::CallConfig;
use interaction::{Actor, CallId, Command, Policy, StationEnd, StationId, StationState, UserId};
use media_workers::{
    Digit, Media, MediaConfig, MediaEvent, PlainConfig, PlainPorts, SdpError, StationError,
};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

const CALL: CallId = CallId(4);
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn start(ports: std::ops::RangeInclusive<u16>) -> (Media, mpsc::Receiver<MediaEvent>) {
    let config = MediaConfig {
        bind: SocketAddr::new(LOCALHOST, 0),
        public_address: None,
        // The call on one, the caller on the other.
        workers: 2,
        consent_timeout: Duration::from_secs(30),
        stations_max: 10,
        calls_max: 10,
        call: CallConfig::default(),
        plain: Some(PlainPorts { bind: LOCALHOST, public_address: None, ports }),
    };
    Media::start(config).unwrap()
}

fn plain() -> PlainConfig {
    PlainConfig { signalled_from: LOCALHOST, ..PlainConfig::default() }
}

/// A telephone: its socket, and where the server receives from it.
struct Phone {
    socket: UdpSocket,
    server: SocketAddr,
    payload_type: u8,
    level: u8,
}

impl Phone {
    /// Calls: `level` is the byte of which all its sound consists.
    async fn open(media: &Media, id: StationId, payload_type: u8, level: u8) -> Self {
        let socket = UdpSocket::bind(SocketAddr::new(LOCALHOST, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let offer = offer(port, payload_type);
        let opened = media.open_plain_station(id, Some(offer), plain()).await.unwrap();
        let server = SocketAddr::new(LOCALHOST, port_of(&opened.sdp));
        Self { socket, server, payload_type, level }
    }

    async fn say(&self, n: u16) {
        let mut bytes = vec![0x80, self.payload_type];
        bytes.extend(n.to_be_bytes());
        bytes.extend((u32::from(n) * 160).to_be_bytes());
        bytes.extend([0, 0, 0, 7]);
        // A square wave of 500 Hz.
        bytes.extend((0..160).map(|it| if it % 16 < 8 { self.level } else { self.level ^ 0x80 }));
        self.socket.send_to(&bytes, self.server).await.unwrap();
    }

    /// The sound packets that have come.
    fn hear(&self) -> Vec<Vec<u8>> {
        let (mut buffer, mut heard) = ([0; 1_500], Vec::new());
        while let Ok((length, from)) = self.socket.try_recv_from(&mut buffer) {
            assert_eq!(from, self.server, "symmetric");
            if buffer[1] & 0x7F == self.payload_type {
                heard.push(buffer[..length].to_vec());
            }
        }
        heard
    }
}

fn offer(port: u16, payload_type: u8) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {payload_type} 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
}

fn port_of(sdp: &str) -> u16 {
    let line = sdp.lines().find(|line| line.starts_with("m=audio")).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

async fn join(media: &Media, command: Command, station: StationId) {
    media.command(CALL, Actor::System, command, Some(station)).await.unwrap();
}

/// The next event that `wanted` finds.
async fn event<T>(
    events: &mut mpsc::Receiver<MediaEvent>,
    wanted: impl Fn(&MediaEvent) -> Option<T>,
) -> T {
    let next = async {
        loop {
            let event = events.recv().await.expect("the workers run");
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), next).await.expect("the event comes")
}

/// How many of the packets are as loud as the square wave of a telephone: most of their bytes are far from silence.
fn loud(packets: &[Vec<u8>], silence: u8) -> usize {
    let is_loud = |byte: &&u8| (**byte ^ silence) & 0x70 > 0x20;
    packets.iter().filter(|it| it[12..].iter().filter(is_loud).count() > 100).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_telephones_hear_each_other_and_a_stranger_is_heard_by_nobody() {
    let (media, mut events) = start(47_200..=47_299);
    media.open_call(CALL, Policy::default(), None).await.unwrap();
    let caller = Phone::open(&media, StationId(1), 0, 0x20).await;
    let agent = Phone::open(&media, StationId(2), 8, 0x3A).await;
    join(&media, Command::JoinCaller { user: UserId(1) }, StationId(1)).await;
    join(&media, Command::JoinAgent { user: UserId(2) }, StationId(2)).await;
    event(&mut events, |it| {
        let connected = StationState::Connected(None);
        matches!(it, MediaEvent::StationChanged { state, .. } if *state == connected).then_some(())
    })
    .await;
    let stranger = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    let (mut to_caller, mut to_agent) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    for n in 0..100_u16 {
        caller.say(n).await;
        agent.say(n).await;
        stranger.send_to(&[0x80; 172], caller.server).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        to_caller.extend(caller.hear());
        to_agent.extend(agent.hear());
    }
    let took = begun.elapsed();
    assert!(
        loud(&to_agent, 0xD5) > 60,
        "{} of {} in {took:?}",
        loud(&to_agent, 0xD5),
        to_agent.len()
    );
    assert!(loud(&to_caller, 0xFF) > 60, "{} of {}", loud(&to_caller, 0xFF), to_caller.len());
    assert!(stranger.try_recv_from(&mut [0; 100]).is_err(), "it is sent nothing");
    media.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_holds_and_ends_are_told() {
    let (media, mut events) = start(47_300..=47_399);
    let phone = Phone::open(&media, StationId(1), 0, 0x20).await;
    // The very first packet is a key.
    let key = [0x80, 0x80 | 101, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 5, 10, 0, 160];
    phone.socket.send_to(&key, phone.server).await.unwrap();
    let digit = event(&mut events, |it| match it {
        MediaEvent::Dtmf { digit, .. } => Some(*digit),
        _ => None,
    });
    assert_eq!(digit.await, Digit::from_char('5').unwrap());
    media.send_dtmf(StationId(1), Digit::from_char('9').unwrap()).await.unwrap();
    let mut buffer = [0; 1_500];
    let sent = async {
        loop {
            let (length, _) = phone.socket.recv_from(&mut buffer).await.unwrap();
            if length == 16 && buffer[1] & 0x7F == 101 {
                return buffer[12];
            }
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(10), sent).await;
    assert_eq!(sent.expect("the key is sent"), 9);
    let port = phone.socket.local_addr().unwrap().port();
    let hold = offer(port, 0) + "a=sendonly\r\n";
    let answer = media.reoffer_plain_station(StationId(1), Some(hold)).await.unwrap();
    assert!(answer.contains("a=recvonly"), "{answer}");
    let held = event(&mut events, |it| match it {
        MediaEvent::StationHeld { held, .. } => Some(*held),
        _ => None,
    });
    assert!(held.await);
    let refused = media.reoffer_plain_station(StationId(1), Some("v=0\r\n".to_owned())).await;
    assert!(matches!(refused, Err(StationError::Plain(SdpError::NoAudio))), "{refused:?}");
    media.close_station(StationId(1)).await.unwrap();
    let end = event(&mut events, |it| match it {
        MediaEvent::StationClosed { end, .. } => Some(*end),
        _ => None,
    });
    assert_eq!(end.await, StationEnd::Closed);
    media.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_without_sdp_is_our_offer_and_the_answer_connects() {
    let (media, mut events) = start(47_400..=47_499);
    let opened = media.open_plain_station(StationId(1), None, plain()).await.unwrap();
    assert!(opened.sdp.contains("RTP/AVP 111 9 8 0 13 101 110"), "{}", opened.sdp);
    media.answer_plain_station(StationId(1), offer(4_000, 8)).await.unwrap();
    event(&mut events, |it| matches!(it, MediaEvent::StationChanged { .. }).then_some(())).await;
    let again = media.answer_plain_station(StationId(1), offer(4_000, 8)).await;
    assert!(matches!(again, Err(StationError::Plain(SdpError::OutOfTurn))), "{again:?}");
    let nobody = media.answer_plain_station(StationId(2), offer(4_000, 8)).await;
    assert!(matches!(nobody, Err(StationError::NoSuchStation)), "{nobody:?}");
    media.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ports_that_are_used_up_are_a_clear_error_and_come_back() {
    let (media, mut events) = start(47_500..=47_503);
    let open = |id| media.open_plain_station(StationId(id), Some(offer(4_000, 0)), plain());
    open(1).await.unwrap();
    open(2).await.unwrap();
    let refused = open(3).await;
    assert!(matches!(refused, Err(StationError::PortsExhausted)), "{refused:?}");
    // An offer that is refused keeps no port.
    let bad = media.open_plain_station(StationId(4), Some(offer(4_000, 18)), plain()).await;
    assert!(matches!(bad, Err(StationError::PortsExhausted)), "{bad:?}");
    media.close_station(StationId(1)).await.unwrap();
    event(&mut events, |it| matches!(it, MediaEvent::StationClosed { .. }).then_some(())).await;
    for _ in 0..3 {
        let bad = media.open_plain_station(StationId(4), Some(offer(4_000, 18)), plain()).await;
        assert!(matches!(bad, Err(StationError::Plain(SdpError::NoCodec))), "{bad:?}");
    }
    open(5).await.unwrap();
    media.stop().await;
}
