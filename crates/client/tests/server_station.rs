//! A station against the server's own stack (crate `rtc-station`), over loopback UDP: two
//! independent implementations of ICE, DTLS and SRTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::clip::Clip;
use client::media::{
    FRAME_SAMPLES, Offer, OpusFrame, Station, StationConfig, Via, received_channel,
};
use client::playout::Heard;
use client::probe::tone_dbfs;
use rtc_station::{Accepted, Output, Received, RtpIn, RtpOut, StationConfig as ServerConfig};
use tokio::net::UdpSocket;
use tokio::sync::{Notify, mpsc, oneshot};

const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn levels_and_numbers_reach_the_server() {
    let (station, mut server, heard) = connected().await;
    assert!(station.sends_levels());
    let mut frames = vec![OpusFrame::new(vec![0xf8, 0xff, 0xfe], 127)];
    frames.extend((0..20).map(|n| OpusFrame::new(vec![0xf8, n, 0xfe], 20 + n)));
    for frame in &frames {
        station.send(frame).await.unwrap();
    }
    station.pause(4 * FRAME_SAMPLES);
    station.send(&frames[1]).await.unwrap();

    let mut arrived = Vec::new();
    for _ in 0..=frames.len() {
        arrived.push(server.received().await);
    }
    for (n, (rtp, frame)) in arrived.iter().zip(&frames).enumerate() {
        assert_eq!(rtp.payload[..], frame.payload[..]);
        let level = i16::from(frame.level_dbov);
        assert_eq!(rtp.audio_level_dbov.map(i16::from), Some(-level));
        assert_eq!(rtp.voice_activity, Some(frame.voice));
        assert_eq!(rtp.marker, n == 0);
    }
    for pair in arrived.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
    }
    let [.., before, after] = &arrived[..] else { unreachable!("there are more than two") };
    let step = after.timestamp.wrapping_sub(before.timestamp);
    assert_eq!((step, after.marker), (5 * FRAME_SAMPLES, true));

    // What comes back is bare: no extension, no contributing source.
    let deadline = Instant::now() + PATIENCE;
    while heard.packets().len() < arrived.len() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let back = heard.packets();
    assert_eq!(back.len(), arrived.len());
    assert!(back.iter().all(|p| !p.has_extension && !p.has_csrc));
    assert!(back.iter().all(|p| p.ssrc == back[0].ssrc));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tone_comes_back_as_it_was() {
    let (station, _server, heard) = connected().await;
    let clip = Clip::tone(700.0, -20.0, Duration::from_secs(1)).unwrap();
    let speech = clip.repeat(station);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    drop(speech);
    let signal = heard.signal().unwrap();
    assert!(signal.samples.len() > 48_000, "{}", signal.samples.len());
    let steady = &signal.samples[9_600..40_000];
    assert!((tone_dbfs(steady, 700.0) + 20.0).abs() < 1.0);
    assert!(tone_dbfs(steady, 1100.0) < -60.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_goodbye_is_heard_on_either_side() {
    let (station, server, _) = connected().await;
    server.close.notify_one();
    tokio::time::timeout(PATIENCE, station.ended())
        .await
        .expect("the server's goodbye ends the station");

    let (station, mut server, _) = connected().await;
    station.close().await;
    tokio::time::timeout(PATIENCE, async { while server.rtp.recv().await.is_some() {} })
        .await
        .expect("the station's goodbye ends the server's side");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_go_on_over_an_ice_restart_from_another_port() {
    let (station, mut server, heard) = connected().await;
    let speech = Clip::tone(700.0, -20.0, Duration::from_secs(1)).unwrap().repeat(station.clone());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let fragment = station.restart().await.unwrap();
    let answer = server.patch(fragment).await;
    station.finish_restart(&answer).await.unwrap();
    tokio::time::timeout(PATIENCE, server.moved.notified())
        .await
        .expect("media come from the new port");
    heard.clear();
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(speech);
    let signal = heard.signal().unwrap();
    assert!(signal.samples.len() > 40_000, "{}", signal.samples.len());
    assert!((tone_dbfs(&signal.samples[4_800..], 700.0) + 20.0).abs() < 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_takes_the_detour_that_is_asked_for() {
    let relay = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let (near, (named, server)) = (relay.local_addr().unwrap(), oneshot::channel());
    let named = std::sync::Mutex::new(Some(named));
    let via = Via::new(move |server| {
        // It is asked once: there is one answer.
        named.lock().unwrap().take().unwrap().send(server).unwrap();
        Ok(near)
    });
    tokio::spawn(async move {
        let (server, mut client, mut datagram) = (server.await.unwrap(), None, [0; 2000]);
        loop {
            let (length, from) = relay.recv_from(&mut datagram).await.unwrap();
            let to = if from == server { client } else { Some(server) };
            if from != server {
                client = Some(from);
            }
            if let Some(to) = to {
                relay.send_to(&datagram[..length], to).await.unwrap();
            }
        }
    });
    let config = StationConfig { via: Some(via), ..StationConfig::default() };
    let offer = Offer::new(&config, |_| {}).await.unwrap();
    let (mut server, answer) = EchoServer::answer(offer.sdp()).await;
    let station = offer.accept_answer(&answer).await.unwrap();
    station.send(&OpusFrame::new(vec![0xf8, 1, 2], 30)).await.unwrap();
    assert_eq!(server.received().await.payload[..], [0xf8, 1, 2]);
    assert_eq!(server.client(), Some(near));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_track_is_told_apart() {
    let (recorder, mut heard) = received_channel(100);
    let config = StationConfig { tracks: 3, ..StationConfig::default() };
    let offer = Offer::new(&config, recorder).await.unwrap();
    let (_server, answer) = EchoServer::answer(offer.sdp()).await;
    let station = offer.accept_answer(&answer).await.unwrap();
    for n in 0..12 {
        // The server sends it back on the track that its last byte names.
        station.send(&OpusFrame::new(vec![0xf8, 0xff, n % 3], 30)).await.unwrap();
    }
    for _ in 0..12 {
        let packet = tokio::time::timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
        assert_eq!(packet.track, usize::from(packet.payload[2]));
    }
}

async fn connected() -> (Arc<Station>, EchoServer, Heard) {
    let heard = Heard::new(1000);
    let offer = Offer::new(&StationConfig::default(), heard.recorder()).await.unwrap();
    let (server, answer) = EchoServer::answer(offer.sdp()).await;
    let began = Instant::now();
    let station = offer.accept_answer(&answer).await.unwrap();
    println!("connected in {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(1));
    (Arc::new(station), server, heard)
}

/// One server station that sends every packet back, on the first track, or on the one that its last byte names.
struct EchoServer {
    rtp: mpsc::Receiver<RtpIn>,
    close: Arc<Notify>,
    moved: Arc<Notify>,
    patches: mpsc::Sender<(String, oneshot::Sender<String>)>,
    /// Where the last datagram came from.
    client: Arc<std::sync::Mutex<Option<SocketAddr>>>,
}

impl EchoServer {
    async fn answer(offer: &str) -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let config = ServerConfig {
            local_candidates: vec![local],
            consent_timeout: ServerConfig::CONSENT_TIMEOUT,
            seed: [7; 32],
        };
        let (station, answer) =
            rtc_station::Station::accept_offer(config, offer, Instant::now()).unwrap();
        let (rtp_tx, rtp) = mpsc::channel(100);
        let close = Arc::new(Notify::new());
        let moved = Arc::new(Notify::new());
        let (patches, patches_rx) = mpsc::channel(1);
        let client = Arc::default();
        let doings = Doings {
            rtp: rtp_tx,
            close: close.clone(),
            moved: moved.clone(),
            patches: patches_rx,
            client: Arc::clone(&client),
        };
        tokio::spawn(serve(station, socket, local, doings));
        let server = Self { rtp, close, moved, patches, client };
        (server, answer.sdp)
    }

    async fn patch(&mut self, fragment: String) -> String {
        let (answer_tx, answer) = oneshot::channel();
        self.patches.send((fragment, answer_tx)).await.unwrap();
        answer.await.unwrap()
    }

    fn client(&self) -> Option<SocketAddr> {
        *self.client.lock().unwrap()
    }

    async fn received(&mut self) -> RtpIn {
        tokio::time::timeout(PATIENCE, self.rtp.recv())
            .await
            .expect("a packet in time")
            .expect("the server lives")
    }
}

/// The other ends of an [`EchoServer`].
struct Doings {
    rtp: mpsc::Sender<RtpIn>,
    close: Arc<Notify>,
    moved: Arc<Notify>,
    patches: mpsc::Receiver<(String, oneshot::Sender<String>)>,
    client: Arc<std::sync::Mutex<Option<SocketAddr>>>,
}

async fn serve(
    mut station: rtc_station::Station,
    socket: UdpSocket,
    local: SocketAddr,
    mut doings: Doings,
) {
    let mut datagram = [0; 2000];
    loop {
        let wake_at = loop {
            match station.poll_output() {
                Output::Transmit { to, bytes, .. } => {
                    // The peer may be gone, as on any network.
                    drop(socket.send_to(&bytes, to).await);
                }
                Output::AddressChanged { .. } => doings.moved.notify_one(),
                Output::Wait(at) => break at,
                Output::Done => return,
                _ => {}
            }
        };
        tokio::select! {
            () = tokio::time::sleep_until(wake_at.into()) => station.handle_timeout(Instant::now()),
            Some((fragment, answer)) = doings.patches.recv() => {
                let reply = station.handle_patch(&fragment, None, Instant::now()).unwrap();
                answer.send(reply.expect("new credentials are answered")).unwrap();
            }
            () = doings.close.notified() => station.close(Instant::now()),
            got = socket.recv_from(&mut datagram) => {
                let (length, from) = got.unwrap();
                *doings.client.lock().unwrap() = Some(from);
                // Late retransmissions are dropped there; that is its business.
                let (now, datagram) = (Instant::now(), &mut datagram[..length]);
                if let Ok(Accepted::Rtp(packet)) = station.handle_datagram(now, from, local, datagram) {
                    let Received { sequence, timestamp, marker, .. } = packet;
                    let payload = &datagram[packet.payload];
                    let back = RtpOut { sequence, timestamp, marker, payload };
                    let mut bytes = Vec::new();
                    let named = payload.last().map_or(0, |last| usize::from(*last));
                    let track = if named < station.tracks() { named } else { 0 };
                    let to = station.send_rtp_on(track, now, back, &mut bytes).unwrap();
                    drop(socket.send_to(&bytes, to).await);
                    // A test may not care for what arrives.
                    drop(doings.rtp.try_send(RtpIn {
                        sequence,
                        timestamp,
                        marker,
                        payload: payload.into(),
                        audio_level_dbov: packet.audio_level_dbov,
                        voice_activity: packet.voice_activity,
                        arrived_at: now,
                    }));
                }
            }
        }
    }
}
