//! The verifier at work: a thread of its own that follows the run second by second.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use codec::CodecError;
use tokio::task::JoinHandle;

use super::{RunConfig, RunError};
use crate::measure::book::Book;
use crate::measure::probe::ProbeStats;
use crate::measure::verifier::{HINDSIGHT, Verifier};
use crate::report::data::{FindingKind, Percentiles, Second};
use crate::report::live::Live;
use crate::report::server::{Load, Watch};

/// How often the verifier looks.
const EVERY: Duration = Duration::from_secs(1);
/// What the verifier gives way by: whoever ought to speak goes first.
const NICENESS: i32 = 10;
/// The verifier is slower than the calls: what is found comes too late.
const BEHIND_MAX: Duration = Duration::from_secs(6);

/// What was watched.
pub struct Watched {
    /// The verifier, which has heard everything.
    pub verifier: Verifier,
    /// Figures by second.
    pub seconds: Vec<Second>,
}

/// A watch over a run.
pub struct Watcher {
    stop: Sender<()>,
    judging: std::thread::JoinHandle<Result<Watched, CodecError>>,
    loads: JoinHandle<()>,
}

/// CPU and memory, as last measured.
#[derive(Debug, Clone, Copy, Default)]
struct Loads {
    server: Option<Load>,
    own: Option<Load>,
}

impl Watcher {
    /// Begins to watch.
    pub fn start(book: Book, config: &RunConfig, server: Option<Watch>) -> Self {
        let (stop, stopped) = channel();
        let (measured, loads) = channel();
        let live = config.live.then(|| Live::new(config.scenario.duration, config.scenario.calls));
        let verifier =
            Verifier::new(book.clone(), config.evidence.clone(), config.reference.clone());
        let judging = std::thread::spawn(move || {
            let thread = Some(rustix::thread::gettid());
            if let Err(error) = rustix::process::setpriority_process(thread, NICENESS) {
                tracing::info!(%error, "the verifier can't give way to the calls");
            }
            let mut desk = Desk::new(book, verifier, live);
            desk.work(&stopped, &loads)?;
            Ok(desk.close())
        });
        Self { stop, judging, loads: tokio::spawn(measure_loads(server, measured)) }
    }

    /// Ends the watch once everything was judged.
    ///
    /// # Errors
    /// libopus had no memory.
    pub async fn finish(self) -> Result<Watched, RunError> {
        self.loads.abort();
        drop(self.stop);
        let judging = self.judging;
        let joined = tokio::task::spawn_blocking(move || judging.join()).await;
        match joined {
            Ok(Ok(watched)) => Ok(watched?),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

async fn measure_loads(mut server: Option<Watch>, measured: Sender<Loads>) {
    let mut own = Watch::own();
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let mut loads = Loads { own: own.load().await.ok(), server: None };
        if let Some(server) = &mut server {
            loads.server = server.load().await.ok();
        }
        if measured.send(loads).is_err() {
            return;
        }
    }
}

/// What the verifier's thread holds.
struct Desk {
    book: Book,
    verifier: Verifier,
    live: Option<Live>,
    seconds: Vec<Second>,
    last: Sums,
    findings_told: usize,
}

/// Counters at the end of the last second.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    probes: ProbeStats,
    mode_changes: usize,
    failed: usize,
}

impl Desk {
    fn new(book: Book, verifier: Verifier, live: Option<Live>) -> Self {
        let last = Sums::default();
        Self { book, verifier, live, seconds: Vec::new(), last, findings_told: 0 }
    }

    fn work(&mut self, stopped: &Receiver<()>, loads: &Receiver<Loads>) -> Result<(), CodecError> {
        loop {
            let began = Instant::now();
            let done = matches!(stopped.recv_timeout(EVERY), Err(RecvTimeoutError::Disconnected));
            let now = Instant::now();
            self.verifier.verify_until(now.checked_sub(HINDSIGHT).unwrap_or(now))?;
            if now.elapsed() > BEHIND_MAX {
                self.book.doubt("the analysis could not keep up with the calls: fewer, please");
            }
            self.second(loads.try_iter().last().unwrap_or_default());
            if done {
                // What was on its way when the last party left.
                std::thread::sleep(HINDSIGHT.saturating_sub(began.elapsed()));
                self.verifier.verify_until(Instant::now())?;
                return Ok(());
            }
        }
    }

    fn close(self) -> Watched {
        if let Some(live) = self.live {
            live.finish();
        }
        Watched { verifier: self.verifier, seconds: self.seconds }
    }

    fn second(&mut self, loads: Loads) {
        let totals = self.verifier.totals();
        let recent = Percentiles::of(std::mem::take(&mut totals.recent_ms));
        let probes = totals.sum();
        let (at_s, calls, sums, lateness) = {
            let mut tally = self.book.tally();
            let failed = tally.counts.failed;
            let lateness = std::mem::take(&mut tally.delays.lateness_max_ms);
            drop(tally);
            let pages = self.book.open();
            let calls = pages.calls.iter().filter(|call| call.until.is_none()).count();
            let mode_changes = pages.changes.len();
            let at_s = pages.began.elapsed().as_secs_f64();
            (at_s, calls, Sums { probes, mode_changes, failed }, lateness)
        };
        let last = std::mem::replace(&mut self.last, sums);
        let packets = probes.received.saturating_sub(last.probes.received);
        let lost = probes.lost.saturating_sub(last.probes.lost);
        let played = probes.played_frames.saturating_sub(last.probes.played_frames);
        let concealed = probes.concealed_ms.saturating_sub(last.probes.concealed_ms);
        let share =
            |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let second = Second {
            at_s,
            calls,
            packets,
            loss: share(lost, packets + lost),
            concealed: share(concealed, played * 20),
            mode_changes: sums.mode_changes - last.mode_changes,
            setup_failures: sums.failed - last.failed,
            mouth_to_ear_p50_ms: recent.map(|it| it.p50),
            mouth_to_ear_p99_ms: recent.map(|it| it.p99),
            lateness_max_ms: Some(lateness),
            server_cpu: loads.server.and_then(|it| it.cpu),
            server_memory_mib: loads.server.map(|it| it.memory_mib),
            own_cpu: loads.own.and_then(|it| it.cpu),
            own_memory_mib: loads.own.map(|it| it.memory_mib),
        };
        if let Some(live) = &mut self.live {
            for finding in self.verifier.findings().all().iter().skip(self.findings_told) {
                let what = match finding.kind {
                    FindingKind::Leak => "LEAK",
                    FindingKind::Crossed => "CROSSED",
                    FindingKind::Missing => "missing",
                };
                let (listener, source) = (&finding.listener, &finding.source);
                live.note(&format!("{:7.1} s  {what}: {listener} hears {source}", finding.at_s));
            }
            live.second(&second);
        }
        self.findings_told = self.verifier.findings().all().len();
        self.seconds.push(second);
    }
}
