//! A thread that drives media workers: when it sleeps, and in which order they do what is to be done.
//!
//! Everything that a packet or a command sets off happens before the next one is looked at.
//!
//! Datagrams are taken at the instants of a fixed grid and at ticks, whoever sent them: many are taken with
//! one waking, and when a packet goes on says nothing of whose packets came beside it. Commands and what
//! other workers hand over are looked at as they come.

use std::io;
use std::os::fd::AsRawFd as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use rustix::time::{ClockId, clock_gettime};
use tracing::error;

use crate::alarm::Alarm;
use crate::batch::Inbound;
use crate::crew::Crew;
use crate::worker::{SLOTS_PER_TICK, TICK, TICKS_PER_ROUND, Worker, tick_after};

/// The token by which others wake a thread.
pub(crate) const WAKE: Token = Token(0);
const ALARM: Token = Token(1);
/// Those after it are the sockets of one worker each.
const FIRST_WORKER: usize = 2;
/// Sockets that are looked at in one pass; others are told of again in the next.
const READY_MAX: usize = 256;

/// With so many datagrams in a tick the sockets are looked at in every slot, and nobody waits for the first of
/// them: a thread is then woken once a slot. With fewer, that would be more often than they come. When a packet
/// goes on is the same either way.
const BUSY_DATAGRAMS: u32 = SLOTS_PER_TICK / 2;
/// From a station to its call, and on to another station, and once more for what came meanwhile.
const CARRIES_PER_PASS: usize = 3;

/// The thread that drives all workers while there is little to do.
const FIRST: usize = 0;
/// The first thread keeps all workers as long as its ticks take less processor time than this on average, mixes
/// included. It is less than a slot: whatever comes in meanwhile goes on at the end of its slot all the same.
const SPREAD_ABOVE: Duration = Duration::from_micros(1_500);
/// It gets them back once the ticks of all threads together take less than this.
const GATHER_BELOW: Duration = Duration::from_micros(1_000);
/// And have done for so many rounds: 5 s.
const CALM_ROUNDS: u32 = 50;
/// Of a tick's time, this part counts for the average: it follows a change within 16 ticks, 320 ms.
const AVERAGED_TICKS: u32 = 16;

/// What a thread starts from.
pub(crate) struct Setup {
    pub index: usize,
    pub crew: Arc<Crew>,
    pub epoch: Instant,
    /// Where its waker is registered, by [`WAKE`].
    pub wakes: Poll,
    /// What it drives at first.
    pub workers: Vec<Worker>,
}

/// A thread and the workers that it drives. It does not leave the thread on which it was made.
pub(crate) struct Thread {
    index: usize,
    crew: Arc<Crew>,
    epoch: Instant,
    /// In the order of their numbers.
    pub workers: Vec<Worker>,
    /// The sockets of each worker, and `wakes` as a whole.
    all: Poll,
    /// Commands, other threads, and the alarm.
    wakes: Poll,
    alarm: Alarm,
    inbound: Inbound,
    ready: Events,
    woken: Events,
    /// Processor time of a tick, on average.
    load: Duration,
    ticks: u64,
    calm_rounds: u32,
}

impl Thread {
    /// # Errors
    /// There are too many open files.
    pub fn new(setup: Setup) -> io::Result<Self> {
        let Setup { index, crew, epoch, wakes, workers } = setup;
        let all = Poll::new()?;
        let nested = &mut SourceFd(&wakes.as_raw_fd());
        all.registry().register(nested, WAKE, Interest::READABLE)?;
        let mut thread = Self {
            index,
            crew,
            epoch,
            workers: Vec::new(),
            all,
            alarm: Alarm::new(wakes.registry(), ALARM)?,
            wakes,
            inbound: Inbound::new(),
            ready: Events::with_capacity(READY_MAX),
            woken: Events::with_capacity(4),
            load: Duration::ZERO,
            ticks: 0,
            calm_rounds: 0,
        };
        workers.into_iter().for_each(|worker| thread.drive(worker));
        Ok(thread)
    }

    /// Runs until the worker of its own has stopped, and it drives no other.
    pub fn run(mut self) {
        loop {
            self.adopt();
            if !self.workers.is_empty() {
                let takes = self.wait_for_slot();
                let now = Instant::now();
                self.pass(now, takes);
                self.dismiss(now);
            } else if self.crew.may_end(self.index) {
                return;
            } else {
                self.wait_for_worker();
            }
        }
    }

    /// Drives the workers that it was given.
    pub fn adopt(&mut self) {
        let given = self.crew.take_given(self.index);
        given.into_iter().for_each(|worker| self.drive(worker));
    }

    /// Does what is to be done at one instant; `takes`: datagrams are taken.
    pub fn pass(&mut self, now: Instant, takes: bool) {
        let begun = self.is_tick_due(now).then(processor_time);
        let is_thorough = !self.is_busy();
        let inbound = &mut self.inbound;
        each(&mut self.workers, |worker| {
            worker.begin(now);
            takes && worker.take_datagrams(now, inbound, is_thorough)
        });
        // What is passed on goes before anything is mixed.
        if !self.serve(now) {
            each(&mut self.workers, Worker::hand_on);
        }
        let ticked = each(&mut self.workers, |worker| worker.tick_if_due(now));
        self.carry(now);
        each(&mut self.workers, Worker::finish);
        if let (true, Some(begun)) = (ticked, begun) {
            let spent = processor_time().saturating_sub(begun);
            self.load = (self.load * (AVERAGED_TICKS - 1) + spent) / AVERAGED_TICKS;
            self.ticks += 1;
            if self.ticks.is_multiple_of(TICKS_PER_ROUND) {
                self.balance();
            }
        }
    }

    /// Gives its workers to other threads: each of the others' their own, or all to the first.
    pub fn give_away(&mut self) {
        let index = self.index;
        let home = |worker: &Worker| if index == FIRST { worker.index } else { FIRST };
        let is_given = |worker: &mut Worker| home(worker) != index;
        let given: Vec<(usize, Worker)> =
            self.workers.extract_if(.., is_given).map(|it| (home(&it), it)).collect();
        for (thread, worker) in given {
            told(self.all.registry().deregister(&mut SourceFd(&worker.sockets.as_raw_fd())));
            if let Err(worker) = self.crew.give(worker, thread) {
                self.drive(*worker);
            }
        }
    }

    fn drive(&mut self, worker: Worker) {
        let token = Token(FIRST_WORKER + worker.index);
        let sockets = &mut SourceFd(&worker.sockets.as_raw_fd());
        told(self.all.registry().register(sockets, token, Interest::READABLE));
        self.workers.push(worker);
        self.workers.sort_by_key(|worker| worker.index);
    }

    /// Whether datagrams come in nearly every slot.
    fn is_busy(&self) -> bool {
        self.workers.iter().map(|worker| worker.taken()).sum::<u32>() >= BUSY_DATAGRAMS
    }

    fn is_stopping(&self) -> bool {
        self.workers.iter().any(|worker| worker.is_stopping())
    }

    fn is_tick_due(&self, now: Instant) -> bool {
        self.workers.iter().any(|worker| worker.is_tick_due(now))
    }

    /// When a worker wants to be called next, whatever comes.
    fn due_at(&self) -> Option<Instant> {
        self.workers.iter().filter_map(|worker| worker.due_at()).min()
    }

    /// Waits until there may be something to be done; `true`: datagrams are to be taken.
    fn wait_for_slot(&mut self) -> bool {
        let takes = self.is_busy() || self.wait();
        if takes {
            let now = Instant::now();
            let due_at = self.due_at().unwrap_or_else(|| tick_after(now, self.epoch));
            self.rest(slot_end(now, due_at));
            for worker in &mut self.workers {
                told(worker.look(&mut self.ready));
            }
        }
        takes
    }

    /// Waits for a datagram, for what others want, or for the tick; whether there are datagrams.
    fn wait(&mut self) -> bool {
        let now = Instant::now();
        self.crew.sleepers.lie_down(self.index);
        let is_unread = self.workers.iter().any(|worker| worker.is_unread());
        let is_awaited = self.serve(now) || self.crew.has_given(self.index);
        if !is_unread && !is_awaited {
            let set = self.due_at().map_or(Ok(()), |at| self.alarm.set(at, now));
            let limit = set.is_err().then_some(Duration::ZERO);
            told(set);
            told(self.all.poll(&mut self.ready, limit));
            // What it told of is seen; otherwise it would not tell again.
            told(self.wakes.poll(&mut self.woken, Some(Duration::ZERO)));
        } else {
            self.ready.clear();
        }
        self.crew.sleepers.get_up(self.index);
        is_unread || self.ready.iter().any(|event| event.token() != WAKE)
    }

    /// Lets datagrams lie until the slot ends. What others want is done meanwhile.
    fn rest(&mut self, until: Instant) {
        loop {
            let now = Instant::now();
            if now >= until || self.is_stopping() {
                break;
            }
            self.crew.sleepers.lie_down(self.index);
            if self.serve(now) {
                continue;
            }
            let set = self.alarm.set(until, now);
            let waited = set.and_then(|()| self.wakes.poll(&mut self.woken, None));
            if waited.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted) {
                told(waited);
                break;
            }
        }
        self.crew.sleepers.get_up(self.index);
    }

    /// Waits for a worker to drive, or for the end of its own.
    fn wait_for_worker(&mut self) {
        self.crew.sleepers.lie_down(self.index);
        if !self.crew.has_given(self.index) && !self.crew.has_ended(self.index) {
            told(self.wakes.poll(&mut self.woken, None));
        }
        self.crew.sleepers.get_up(self.index);
    }

    /// Does what others want, and hands on what comes of it; whether there was anything.
    fn serve(&mut self, now: Instant) -> bool {
        let had_message = each(&mut self.workers, |worker| worker.take_messages(now));
        let has_served = self.carry(now) | had_message;
        if has_served {
            each(&mut self.workers, Worker::hand_on);
        }
        has_served
    }

    /// Brings packets and news where they belong; whether there were any.
    fn carry(&mut self, now: Instant) -> bool {
        for pass in 0..CARRIES_PER_PASS {
            if !each(&mut self.workers, |worker| worker.carry(now)) {
                return pass > 0;
            }
        }
        true
    }

    /// Ends the workers that were told to stop.
    fn dismiss(&mut self, now: Instant) {
        if !self.is_stopping() {
            return;
        }
        each(&mut self.workers, |worker| worker.is_stopping() && worker.close(now));
        for worker in self.workers.extract_if(.., |worker| worker.is_stopping()) {
            self.crew.end(worker.index);
        }
    }

    /// Gives workers away if there is too much to do for one thread, or little enough.
    fn balance(&mut self) {
        self.crew.publish_load(self.index, self.load);
        let is_calm = self.crew.load() < GATHER_BELOW;
        self.calm_rounds = if is_calm { self.calm_rounds + 1 } else { 0 };
        if self.index == FIRST && self.workers.len() > 1 && self.load > SPREAD_ABOVE {
            self.give_away();
        } else if self.index != FIRST && self.calm_rounds >= CALM_ROUNDS {
            self.give_away();
            self.load = Duration::ZERO;
            self.calm_rounds = 0;
            self.crew.publish_load(self.index, self.load);
        }
    }
}

/// Has each worker do something; whether any says so. A worker in which something panics ends, and no other.
fn each(workers: &mut [Worker], mut work: impl FnMut(&mut Worker) -> bool) -> bool {
    let mut any = false;
    for worker in workers.iter_mut().filter(|worker| !worker.has_failed()) {
        match catch_unwind(AssertUnwindSafe(|| work(worker))) {
            Ok(done) => any |= done,
            Err(_) => {
                error!(worker = worker.index, "a bug has ended a media worker; please report it");
                worker.fail();
            }
        }
    }
    any
}

/// The processor time of this thread: unlike the time of day it does not grow while others have the processor.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec as u32)
}

/// The end of the slot that `now` is in, reckoned from the end of another: a tick, or a slot after one.
fn slot_end(now: Instant, due_at: Instant) -> Instant {
    let left = due_at.saturating_duration_since(now);
    let slots_left = (left * SLOTS_PER_TICK).as_nanos() / TICK.as_nanos();
    due_at - TICK * (slots_left as u32) / SLOTS_PER_TICK
}

fn told(polled: io::Result<()>) {
    if let Err(error) = polled
        && error.kind() != io::ErrorKind::Interrupted
    {
        error!(%error, "the media sockets cannot be polled");
    }
}

#[cfg(test)]
mod tests;
