//! Somebody with a station, who speaks all the time that they are on a call, whatever the mode: what
//! must not be heard is only proved by somebody who speaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use client::ClientError;
use client::media::{FRAME_SAMPLES, MediaError, Station, StationConfig};
use client::session::Session;
use tokio::task::JoinHandle;

use super::environment::Environment;
use crate::impair::proxy::Proxy;
use crate::measure::book::{Book, ms};
use crate::measure::routes::{PartyId, Role};
use crate::measure::voice::Speaker;
use crate::telephone::Connection;

/// Frames that are later than this are left out: no jitter buffer would play them.
const LATE_MAX: Duration = Duration::from_millis(100);
/// From the station's opening until the first frame.
const LEAD_IN: Duration = Duration::from_millis(20);
/// Lateness is written into the book once in so many frames.
const FRAMES_PER_ENTRY: usize = 50;

/// Nobody else can come in.
const NO_MARK: ClientError = ClientError::Timeout("a free mark");

/// Somebody with a station.
pub struct Party {
    /// The number in the book.
    pub id: PartyId,
    /// Role.
    pub role: Role,
    /// The session.
    pub session: Session,
    speech: JoinHandle<()>,
    on_air: Arc<AtomicBool>,
    /// What stands between the station and the server.
    proxy: Option<Proxy>,
}

impl Party {
    /// Opens the station and begins to speak, with the voice of `recording` if it is a caller.
    pub async fn open(
        environment: &Environment,
        mut session: Session,
        role: Role,
        recording: usize,
    ) -> Result<Self, ClientError> {
        let name = session.user().name.clone();
        let connection = Connection::Station { tracks: environment.station.tracks };
        let (id, inbox) = environment.enter(role, &name, connection).ok_or(NO_MARK)?;
        let proxy = environment.proxy(role, id);
        let proxy = proxy.map_err(|error| MediaError::Via(std::io::Error::other(error)))?;
        let config =
            StationConfig { via: proxy.as_ref().map(Proxy::via), ..environment.station.clone() };
        let began = Instant::now();
        let station = session.open_station(&config, inbox.recorder()).await?;
        environment.book.tally().delays.station_setup_ms.push(ms(began.elapsed()));
        let (voice, offset) = environment.voices.of(role, id, recording);
        let speaker = environment.book.speaks(id, voice, offset, Instant::now() + LEAD_IN);
        let on_air = Arc::new(AtomicBool::new(role == Role::Caller));
        let speech =
            tokio::spawn(speak(station, speaker, on_air.clone(), environment.book.clone()));
        Ok(Self { id, role, session, speech, on_air, proxy })
    }

    /// Speaks from now on, or is silent between two calls.
    pub fn speak(&self, on_air: bool) {
        self.on_air.store(on_air, Ordering::Relaxed);
    }

    /// Falls silent and closes the station. A proxy that did what it was not told is told of.
    pub async fn close(mut self, book: &Book) {
        self.speech.abort();
        self.session.close_station().await;
        doubt_proxy(self.proxy.as_ref(), book);
    }
}

/// Doubts a run whose proxy did what it was not told.
pub(super) fn doubt_proxy(proxy: Option<&Proxy>, book: &Book) {
    let Some(counts) = proxy.map(Proxy::counts) else { return };
    for direction in [counts.up, counts.down] {
        if direction.dropped > 0 || direction.lateness_max > LATE_MAX {
            book.doubt("an impairing proxy was late or overloaded");
        }
    }
}

async fn speak(station: Arc<Station>, speaker: Speaker, on_air: Arc<AtomicBool>, book: Book) {
    let mut punctuality = Punctuality::default();
    let mut n = 0_u32;
    loop {
        let due = speaker.due(n);
        tokio::time::sleep_until(due.into()).await;
        if !on_air.load(Ordering::Relaxed) {
            station.pause(FRAME_SAMPLES);
            n += 1;
            continue;
        }
        if punctuality.is_late(due, &book) {
            station.pause(FRAME_SAMPLES);
        } else if station.send(&speaker.frame(n)).await.is_err() {
            return;
        }
        n += 1;
    }
}

/// How late somebody speaks, written into the book from time to time.
#[derive(Debug, Default)]
pub(super) struct Punctuality {
    latest: Duration,
    late: Vec<f64>,
}

impl Punctuality {
    /// Notes a frame that was due then, and is about to be sent: whether it is so late that it is left out.
    pub fn is_late(&mut self, due: Instant, book: &Book) -> bool {
        let lateness = due.elapsed();
        self.latest = self.latest.max(lateness);
        self.late.push(ms(lateness));
        let is_late = lateness > LATE_MAX;
        if is_late {
            book.tally().counts.skipped += 1;
        }
        if self.late.len() >= FRAMES_PER_ENTRY {
            let delays = &mut book.tally().delays;
            self.late.drain(..).for_each(|value| delays.lateness_ms.push(value));
            delays.lateness_max_ms = delays.lateness_max_ms.max(ms(self.latest));
            self.latest = Duration::ZERO;
        }
        is_late
    }
}
