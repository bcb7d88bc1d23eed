//! An alarm that a poll waits for, to the microsecond: its own time-outs are whole milliseconds.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// What is past goes off at once; nothing at all would put it off.
const AT_ONCE: Duration = Duration::from_nanos(1);

pub(crate) struct Alarm {
    timer: OwnedFd,
    set_for: Option<Instant>,
}

impl Alarm {
    /// An alarm that `registry`'s poll tells of by `token`.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self { timer, set_for: None })
    }

    /// Goes off at `at`, and no longer at what it was set for before.
    ///
    /// # Errors
    /// The kernel does not take it.
    pub fn set(&mut self, at: Instant, now: Instant) -> io::Result<()> {
        if self.set_for == Some(at) && at > now {
            return Ok(());
        }
        let after = at.saturating_duration_since(now).max(AT_ONCE);
        let never = Timespec { tv_sec: 0, tv_nsec: 0 };
        let once = Itimerspec {
            it_interval: never,
            it_value: Timespec {
                tv_sec: after.as_secs().cast_signed(),
                tv_nsec: after.subsec_nanos().into(),
            },
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        self.set_for = Some(at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mio::{Events, Poll};

    use super::*;

    const TOKEN: Token = Token(3);
    const PATIENCE: Duration = Duration::from_secs(5);

    fn goes_off(poll: &mut Poll) -> bool {
        let mut events = Events::with_capacity(4);
        poll.poll(&mut events, Some(PATIENCE)).unwrap();
        events.iter().any(|event| event.token() == TOKEN)
    }

    #[test]
    fn it_goes_off_each_time_it_is_set_and_never_too_early() {
        let mut poll = Poll::new().unwrap();
        let mut alarm = Alarm::new(poll.registry(), TOKEN).unwrap();
        for _ in 0..3 {
            let now = Instant::now();
            let at = now + Duration::from_micros(1_500);
            alarm.set(at, now).unwrap();
            assert!(goes_off(&mut poll));
            assert!(Instant::now() >= at);
        }
        let past = Instant::now();
        alarm.set(past, past).unwrap();
        assert!(goes_off(&mut poll), "what is past goes off at once");
    }
}
