//! Waking a thread, if it sleeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

use mio::Waker;

/// The threads of the media workers, as somebody sees them who has something for them.
pub(crate) struct Sleepers(Vec<Sleeper>);

struct Sleeper {
    waker: Waker,
    /// It waits, or is about to after another look at what it was sent.
    sleeps: AtomicBool,
}

/// Wakes whichever thread drives a worker.
pub(crate) struct Bell {
    sleepers: Arc<Sleepers>,
    driver: AtomicUsize,
}

impl Sleepers {
    /// Threads that are woken by these.
    pub fn new(wakers: Vec<Waker>) -> Self {
        let sleeper = |waker| Sleeper { waker, sleeps: AtomicBool::new(false) };
        Self(wakers.into_iter().map(sleeper).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// This thread is about to sleep: whatever it is sent from now on wakes it. It has to look once more at what was
    /// sent before.
    pub fn lie_down(&self, thread: usize) {
        self.0[thread].sleeps.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// This thread is awake: it looks at what it is sent by itself.
    pub fn get_up(&self, thread: usize) {
        self.0[thread].sleeps.store(false, Ordering::SeqCst);
    }

    /// Wakes a thread if it sleeps. What it is to see was sent before.
    pub fn ring(&self, thread: usize) {
        // Either this sees the thread sleep, or the thread sees what was sent before this.
        fence(Ordering::SeqCst);
        let Sleeper { waker, sleeps } = &self.0[thread];
        if sleeps.load(Ordering::SeqCst) && sleeps.swap(false, Ordering::SeqCst) {
            // A thread that cannot be woken still looks at its next tick.
            let _ = waker.wake();
        }
    }
}

impl Bell {
    /// The bell of a worker that this thread drives.
    pub fn new(sleepers: Arc<Sleepers>, driver: usize) -> Self {
        Self { sleepers, driver: AtomicUsize::new(driver) }
    }

    /// From now on this thread drives the worker. It looks by itself at what that was sent before.
    pub fn set_driver(&self, thread: usize) {
        self.driver.store(thread, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Wakes the worker's thread if it sleeps. What it is to see was sent before.
    pub fn ring(&self) {
        fence(Ordering::SeqCst);
        self.sleepers.ring(self.driver.load(Ordering::SeqCst));
    }
}

#[cfg(test)]
pub(crate) fn bell(waker: Waker) -> Arc<Bell> {
    Arc::new(Bell::new(Arc::new(Sleepers::new(vec![waker])), 0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mio::{Events, Poll, Token};

    use super::*;

    #[test]
    fn only_who_sleeps_is_woken_and_only_once() {
        let mut polls = [Poll::new().unwrap(), Poll::new().unwrap()];
        let wakers = polls.iter().map(|poll| Waker::new(poll.registry(), Token(0)).unwrap());
        let sleepers = Arc::new(Sleepers::new(wakers.collect()));
        let bell = Bell::new(sleepers.clone(), 0);
        let mut is_woken = |thread: usize| {
            let mut events = Events::with_capacity(1);
            polls[thread].poll(&mut events, Some(Duration::ZERO)).unwrap();
            !events.is_empty()
        };
        bell.ring();
        assert!(!is_woken(0), "it is awake");
        sleepers.lie_down(0);
        sleepers.lie_down(1);
        bell.ring();
        assert!(is_woken(0) && !is_woken(1));
        bell.ring();
        assert!(!is_woken(0), "it was woken before");
        bell.set_driver(1);
        bell.ring();
        assert!(!is_woken(0) && is_woken(1));
        sleepers.lie_down(1);
        sleepers.get_up(1);
        bell.ring();
        assert!(!is_woken(1));
    }
}
