//! Between headset and network, every 20 ms: microphone → Opus → station, packets → jitter buffer → speaker.
//!
//! One task owns all of it. The microphone's gate is here: while it is closed nothing is encoded and nothing is sent,
//! not even silence. Who opens it is [`crate::phone`]'s to say.

use std::sync::Arc;
use std::time::Instant;

use client::clip::Pacer;
use client::media::{OpusFrame, RtpReceived, Station};
use client::probe::{level_dbov, rms_dbfs};
use codec::{CodecError, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use tokio::sync::{mpsc, watch};

use crate::audio::drift::{CaptureEnd, DriftStats, PlaybackEnd};
use crate::audio::headset::End;
use crate::audio::router::{Ears, Router, Source};
use crate::audio::tone::Ring;
use crate::audio::{FRAME_SAMPLES, Frame};
use crate::echo::EchoWatch;
use crate::noise::NoiseSuppressor;
use crate::playout::Playout;
use crate::quality::{Quality, QualityMeter};

/// Orders that wait for the next 20 ms.
pub const ORDERS_MAX: usize = 64;
/// Tracks that are asked for, whoever phones and whether or not anybody supervises: as far as they go round, the server puts
/// one voice on each, and all of them mixed on the first one where they do not.
pub const TRACKS: usize = 4;
/// Packets that wait for the next 20 ms: more than any network delivers at once and means well.
pub const PACKETS_MAX: usize = 64 * TRACKS;
/// Every so many frames the figures are published: five times a second.
const FRAMES_A_REPORT: u64 = 10;
/// Meters fall by so much a frame, dB.
const FALL_DB: f32 = 1.0;
/// What a meter shows at least, dBFS.
const FLOOR_DBFS: f32 = -90.0;

/// What the media task may be told.
pub enum Order {
    /// A device has come or gone.
    End(End),
    /// The station to send to, and what it receives; replaces the one before.
    Station(Arc<Station>, mpsc::Receiver<RtpReceived>),
    /// Opens or closes the microphone.
    Microphone(bool),
    /// Starts or stops the ring.
    Ring(bool),
    /// Somebody begins or ceases to coach the user.
    Coached(bool),
    /// A call begins: what was learnt of the last one is forgotten.
    NewCall,
}

/// The figures of this moment.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct MediaStats {
    /// The microphone's level, open or not, dBFS.
    pub microphone_dbfs: f32,
    /// The level of what is heard, dBFS.
    pub speaker_dbfs: f32,
    /// Whether the microphone's sound is sent.
    pub is_open: bool,
    /// Packets sent since the start.
    pub sent_packets: u64,
    /// The line.
    pub quality: Quality,
    /// The microphone's clock; `None`: there is none.
    pub microphone: Option<DriftStats>,
    /// The speaker's clock; `None`: there is none.
    pub speaker: Option<DriftStats>,
    /// The far end is found in the microphone: this is no headset.
    pub is_echo: bool,
}

impl Default for MediaStats {
    fn default() -> Self {
        Self {
            microphone_dbfs: FLOOR_DBFS,
            speaker_dbfs: FLOOR_DBFS,
            is_open: false,
            sent_packets: 0,
            quality: Quality::default(),
            microphone: None,
            speaker: None,
            is_echo: false,
        }
    }
}

/// The running task; dropping it ends it.
pub struct Media {
    orders: mpsc::Sender<Order>,
    stats: watch::Receiver<MediaStats>,
    task: tokio::task::JoinHandle<()>,
}

impl Media {
    /// Starts it, with nothing connected to it; `suppresses_noise`: of the microphone's room.
    ///
    /// # Errors
    /// libopus has no memory.
    pub fn start(ears: Ears, suppresses_noise: bool) -> Result<Self, CodecError> {
        let (publish, stats) = watch::channel(MediaStats::default());
        let (orders, inbox) = mpsc::channel(ORDERS_MAX);
        let desk = Desk::new(ears, suppresses_noise, publish)?;
        let task = tokio::spawn(desk.run(inbox));
        Ok(Self { orders, stats, task })
    }

    /// Where orders go. They are taken within 20 ms.
    pub fn orders(&self) -> mpsc::Sender<Order> {
        self.orders.clone()
    }

    /// The figures, published five times a second.
    pub fn stats(&self) -> watch::Receiver<MediaStats> {
        self.stats.clone()
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Desk {
    playout: Playout,
    ring: Ring,
    is_ringing: bool,
    encoder: OpusEncoder,
    echo: EchoWatch,
    /// `None`: the room is heard as it is.
    noise: Option<NoiseSuppressor>,
    meter: QualityMeter,
    capture: Option<Box<CaptureEnd>>,
    playback: Option<Box<PlaybackEnd>>,
    ringer: Option<Box<PlaybackEnd>>,
    ringer_router: Router,
    station: Option<Arc<Station>>,
    is_open: bool,
    stats: MediaStats,
    publish: watch::Sender<MediaStats>,
    frames: u64,
}

impl Desk {
    fn new(
        ears: Ears,
        suppresses_noise: bool,
        publish: watch::Sender<MediaStats>,
    ) -> Result<Self, CodecError> {
        Ok(Self {
            playout: Playout::new(ears),
            ring: Ring::default(),
            is_ringing: false,
            encoder: OpusEncoder::new(OpusEncoderConfig::default())?,
            echo: EchoWatch::default(),
            noise: suppresses_noise.then(NoiseSuppressor::default),
            meter: QualityMeter::default(),
            capture: None,
            playback: None,
            ringer: None,
            ringer_router: Router::new(Ears::Both),
            station: None,
            is_open: false,
            stats: MediaStats::default(),
            publish,
            frames: 0,
        })
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Order>) {
        let mut pacer = Pacer::start();
        let (mut played, mut heard) = ([0.0; FRAME_SAMPLES], [0.0; FRAME_SAMPLES]);
        loop {
            pacer.tick().await;
            loop {
                match inbox.try_recv() {
                    Ok(order) => self.take(order),
                    Err(mpsc::error::TryRecvError::Empty) => break,
                    Err(mpsc::error::TryRecvError::Disconnected) => return,
                }
            }
            self.play(Instant::now(), &mut played);
            self.record(&played, &mut heard).await;
            self.report();
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::End(End::Capture(end)) => {
                self.capture = end;
                self.echo.reset();
            }
            Order::End(End::Playback(end)) => {
                self.playback = end;
                self.echo.reset();
            }
            Order::End(End::Ringer(end)) => self.ringer = end,
            Order::Station(station, packets) => {
                if let Err(error) = self.playout.connect(TRACKS, packets) {
                    tracing::warn!(%error, "nothing can be heard");
                }
                self.station = Some(station);
                // Its counters begin anew.
                self.meter = QualityMeter::default();
            }
            Order::Microphone(is_open) => {
                if is_open && !self.is_open {
                    self.encoder.reset();
                }
                self.is_open = is_open;
            }
            Order::Ring(is_ringing) => {
                if is_ringing && !self.is_ringing {
                    self.ring.restart();
                }
                self.is_ringing = is_ringing;
            }
            Order::Coached(is_coached) => self.playout.coach(is_coached),
            Order::NewCall => self.echo.reset(),
        }
    }

    /// The network's next 20 ms, and the ring, to the ears. `line` gets what the network said.
    fn play(&mut self, now: Instant, line: &mut Frame) {
        self.playout.play(now, line);
        if self.is_ringing {
            let mut tone = [0.0; FRAME_SAMPLES];
            self.ring.fill(&mut tone);
            self.playout.add_tone(&tone);
            self.ringer_router.clear();
            self.ringer_router.add(Source::Tone, &tone, [1.0; 2]);
        }
        if let Some(playback) = &mut self.playback {
            playback.push(self.playout.limited());
        }
        if let Some(ringer) = &mut self.ringer {
            if !self.is_ringing {
                self.ringer_router.clear();
            }
            ringer.push(self.ringer_router.limited());
        }
        self.stats.speaker_dbfs = fallen(self.stats.speaker_dbfs, line);
    }

    /// The microphone's next 20 ms to the network, if it is open.
    async fn record(&mut self, played: &Frame, heard: &mut Frame) {
        let is_there = self.capture.as_mut().is_some_and(|capture| capture.pull(heard));
        if !is_there {
            heard.fill(0.0);
        }
        // The far end is sought in what is heard, before anything is taken out of it.
        self.echo.push(played, heard);
        if let Some(noise) = &mut self.noise {
            noise.suppress(heard);
        }
        self.stats.microphone_dbfs = fallen(self.stats.microphone_dbfs, heard);
        let Some(station) = &self.station else { return };
        if !self.is_open {
            station.pause(FRAME_SAMPLES as u32);
            return;
        }
        let mut packet = [0; OPUS_PACKET_BYTES_MAX];
        match self.encoder.encode_into(heard, &mut packet) {
            Ok(bytes) => {
                let frame = OpusFrame::new(packet[..bytes].to_vec(), level_dbov(heard));
                // A station that has ended is told of by its own task.
                self.stats.sent_packets += u64::from(station.send(&frame).await.is_ok());
            }
            Err(error) => tracing::warn!(%error, "encoding"),
        }
    }

    fn report(&mut self) {
        self.frames += 1;
        if !self.frames.is_multiple_of(FRAMES_A_REPORT) {
            return;
        }
        self.stats.is_open = self.is_open;
        if let Some(stats) = self.playout.stats() {
            self.stats.quality = self.meter.read(stats);
        }
        self.stats.microphone = self.capture.as_ref().map(|end| end.stats());
        self.stats.speaker = self.playback.as_ref().map(|end| end.stats());
        self.stats.is_echo = self.echo.is_echo();
        self.publish.send_replace(self.stats);
    }
}

/// A meter rises at once and falls slowly.
fn fallen(before: f32, frame: &Frame) -> f32 {
    rms_dbfs(frame).max(before - FALL_DB).max(FLOOR_DBFS)
}
