//! Which thread drives which worker, and how a worker goes from one to another.
//!
//! There are as many threads as workers, and each has its own. But every waking of a thread costs, most of all the
//! cold caches that it finds; so as long as there is little to do the first thread drives all workers, one after the
//! other in the same slot, and the others sleep. A worker is at every moment one thread's alone: it is given away
//! whole, between two passes.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::bell::Sleepers;
use crate::worker::Worker;

/// The threads of the media workers.
pub(crate) struct Crew {
    pub sleepers: Arc<Sleepers>,
    seats: Vec<Seat>,
}

/// One thread, as the others see it.
#[derive(Default)]
struct Seat {
    /// Processor time of a tick of its, µs, as it was published last.
    load_us: AtomicU32,
    /// Workers that it is to drive. Locked where one is given away and taken, not on a packet's way.
    given: Mutex<Given>,
    has_given: AtomicBool,
    /// The worker of its own has ended, whoever drove it.
    has_ended: AtomicBool,
}

#[derive(Default)]
struct Given {
    workers: Vec<Worker>,
    /// The thread has ended.
    is_closed: bool,
}

impl Crew {
    /// As many threads as there are sleepers.
    pub fn new(sleepers: Arc<Sleepers>) -> Self {
        let seats = (0..sleepers.len()).map(|_| Seat::default()).collect();
        Self { sleepers, seats }
    }

    /// Publishes what a tick of this thread takes, in processor time.
    pub fn publish_load(&self, thread: usize, load: Duration) {
        let load_us = u32::try_from(load.as_micros()).unwrap_or(u32::MAX);
        self.seats[thread].load_us.store(load_us, Ordering::Relaxed);
    }

    /// What a tick of all threads takes together, in processor time.
    pub fn load(&self) -> Duration {
        let load_us = |seat: &Seat| u64::from(seat.load_us.load(Ordering::Relaxed));
        Duration::from_micros(self.seats.iter().map(load_us).sum())
    }

    /// Gives a worker to another thread; the worker back if that has ended.
    pub fn give(&self, worker: Worker, thread: usize) -> Result<(), Box<Worker>> {
        let seat = &self.seats[thread];
        {
            let mut given = seat.given.lock().unwrap_or_else(PoisonError::into_inner);
            if given.is_closed {
                return Err(Box::new(worker));
            }
            worker.bell.set_driver(thread);
            given.workers.push(worker);
            seat.has_given.store(true, Ordering::SeqCst);
        }
        self.sleepers.ring(thread);
        Ok(())
    }

    /// The workers that a thread was given since it asked last.
    pub fn take_given(&self, thread: usize) -> Vec<Worker> {
        let seat = &self.seats[thread];
        if !seat.has_given.load(Ordering::SeqCst) {
            return Vec::new();
        }
        let mut given = seat.given.lock().unwrap_or_else(PoisonError::into_inner);
        seat.has_given.store(false, Ordering::SeqCst);
        std::mem::take(&mut given.workers)
    }

    /// Whether a thread was given workers that it has not taken yet.
    pub fn has_given(&self, thread: usize) -> bool {
        self.seats[thread].has_given.load(Ordering::SeqCst)
    }

    /// A worker has ended; the thread of its own need not wait for it any more.
    pub fn end(&self, worker: usize) {
        self.seats[worker].has_ended.store(true, Ordering::SeqCst);
        self.sleepers.ring(worker);
    }

    /// Whether the worker of a thread's own has ended.
    pub fn has_ended(&self, thread: usize) -> bool {
        self.seats[thread].has_ended.load(Ordering::SeqCst)
    }

    /// Whether a thread that drives nobody may end: its own worker has, and from now on it is given none.
    pub fn may_end(&self, thread: usize) -> bool {
        if !self.has_ended(thread) {
            return false;
        }
        let mut given = self.seats[thread].given.lock().unwrap_or_else(PoisonError::into_inner);
        given.is_closed = given.workers.is_empty();
        given.is_closed
    }
}
