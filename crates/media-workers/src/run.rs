//! The loop of one media worker: datagrams, mailbox, links, tick.
//!
//! Everything that a packet or a command sets off happens before the next one is looked at.
//!
//! Datagrams are taken at the instants of a fixed grid and at ticks, whoever sent them: many are taken with
//! one waking, and when a packet goes on says nothing of whose packets came beside it. Commands and what
//! other workers hand over are looked at as they come.

use std::net::SocketAddr;
use std::os::fd::AsRawFd as _;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use call_engine::{Moment, TICK_MS};
use interaction::{StationEnd, UnixMs};
use mio::net::UdpSocket;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use rtc_station::RtpOut;
use tokio::sync::mpsc;
use tracing::error;

use crate::alarm::Alarm;
use crate::calls::Calls;
use crate::counters::Counters;
use crate::link::{Link, Parcel};
use crate::mailbox::{Liveness, Mailbox, Message};
use crate::outbox::Outbox;
use crate::overload::Overload;
use crate::stations::{StationNews, Stations};
use crate::{MediaConfig, MediaEvent};

/// The token by which other threads wake a worker.
pub(crate) const WAKE: Token = Token(0);
/// Those after it are plain stations'.
const SOCKET: Token = Token(1);
const ALARM: Token = Token(2);
/// Sockets that are looked at in one pass; others are told of again in the next.
const READY_MAX: usize = 256;

/// Datagrams taken before the loop looks at anything else.
const DATAGRAMS_PER_PASS: usize = 256;
/// Messages taken before the loop looks at anything else.
const MESSAGES_PER_PASS: usize = 64;
/// The largest datagram that is read whole; WebRTC stays under the path's 1,500 bytes.
const DATAGRAM_BYTES_MAX: usize = 2_048;
/// Ticks between two rounds of meters, metrics and liveness: 100 ms.
const TICKS_PER_ROUND: u64 = 5;
/// A worker that is later than this does not make up for the ticks: it goes on from now.
const LATE_TICKS_MAX: u32 = 5;
const TICK: Duration = Duration::from_millis(TICK_MS);
/// Instants in a tick at which datagrams are taken. A packet waits for half of the time between two on average:
/// twelve keep that below a millisecond, of which the ear notices nothing.
const SLOTS_PER_TICK: u32 = 12;
/// With so many datagrams in a tick the sockets are looked at in every slot, and nobody waits for the first of
/// them: a thread is then woken once a slot. With fewer, that would be more often than they come. When a packet
/// goes on is the same either way.
const BUSY_DATAGRAMS: u32 = SLOTS_PER_TICK / 2;

/// What a worker starts from.
pub(crate) struct Setup {
    pub index: usize,
    pub config: MediaConfig,
    /// From when all workers count their ticks. They take datagrams at the same instants, so that what one hands
    /// another finds it awake.
    pub epoch: Instant,
    /// Tells of what other threads and workers want.
    pub wakes: Poll,
    pub socket: UdpSocket,
    pub reached_at: SocketAddr,
    pub inbox: Receiver<Message>,
    pub mailboxes: Vec<Mailbox>,
    pub links: Vec<Option<Link>>,
    pub events: mpsc::Sender<MediaEvent>,
}

/// One media worker; owned by its thread.
pub(crate) struct Worker {
    /// The sockets, and `wakes` as a whole.
    poll: Poll,
    /// Commands, other workers, and the alarm.
    wakes: Poll,
    alarm: Alarm,
    epoch: Instant,
    /// The sockets may hold more than was taken.
    unread: bool,
    /// Datagrams taken in this tick, and in the one before.
    taken: [u32; 2],
    inbox: Receiver<Message>,
    outbox: Outbox,
    stations: Stations,
    calls: Calls,
    overload: Overload,
    published: Counters,
    ticks: u64,
    stopping: bool,
}

impl Worker {
    pub fn new(setup: Setup) -> std::io::Result<Self> {
        let Setup {
            index,
            config,
            epoch,
            wakes,
            mut socket,
            reached_at,
            inbox,
            mailboxes,
            links,
            events,
        } = setup;
        let poll = Poll::new()?;
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let nested = &mut SourceFd(&wakes.as_raw_fd());
        poll.registry().register(nested, WAKE, Interest::READABLE)?;
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            poll,
            alarm: Alarm::new(wakes.registry(), ALARM)?,
            epoch,
            wakes,
            unread: false,
            taken: [0; 2],
            inbox,
            outbox: Outbox::new(index, mailboxes, events),
            calls: Calls::new(config.calls_max, config.call.clone()),
            stations: Stations::new(index, config, socket, reached_at, links, registry),
            overload: Overload::default(),
            published: Counters::default(),
            ticks: 0,
            stopping: false,
        })
    }

    /// Runs until it is told to stop.
    pub fn run(mut self) {
        let mut ready = Events::with_capacity(READY_MAX);
        let mut woken = Events::with_capacity(4);
        let mut buffer = [0u8; DATAGRAM_BYTES_MAX];
        let mut next_tick = tick_after(Instant::now(), self.epoch);
        while !self.stopping {
            if self.is_busy() {
                self.rest(&mut woken, next_tick);
                self.look(&mut ready, Some(Duration::ZERO));
                self.take_datagrams(&ready, &mut buffer);
            } else {
                self.wait(&mut ready, &mut woken, next_tick);
                if self.unread || ready.iter().any(|event| event.token() != WAKE) {
                    self.rest(&mut woken, next_tick);
                    self.take_datagrams(&ready, &mut buffer);
                }
            }
            self.take_messages();
            self.carry(Instant::now());
            let now = Instant::now();
            if now >= next_tick {
                self.tick(now, now - next_tick);
                next_tick += TICK;
                if now > next_tick + TICK * LATE_TICKS_MAX {
                    self.stations.counters.late_ticks += 1;
                    next_tick = tick_after(now, self.epoch);
                }
            }
            self.carry(now);
            self.stations.announce();
            self.outbox.flush();
        }
        let now = Instant::now();
        self.stations.close_all(now);
    }

    /// Whether datagrams come in nearly every slot.
    fn is_busy(&self) -> bool {
        self.taken.iter().any(|taken| *taken >= BUSY_DATAGRAMS)
    }

    /// Waits for a datagram, for what others want, or for the tick.
    fn wait(&mut self, ready: &mut Events, woken: &mut Events, next_tick: Instant) {
        let unset = self.alarm.set(next_tick, Instant::now());
        let limit = match unset {
            Ok(()) if !self.unread => None,
            _ => Some(Duration::ZERO),
        };
        told(unset);
        self.look(ready, limit);
        // What it told of is seen; otherwise it would not tell again.
        told(self.wakes.poll(woken, Some(Duration::ZERO)));
    }

    /// Asks which sockets have something to read. The worker's own is read in any case, so that without others there
    /// is nothing to ask unless there is something to wait for.
    fn look(&mut self, ready: &mut Events, limit: Option<Duration>) {
        if limit.is_some() && !self.unread && !self.stations.has_plain() {
            return ready.clear();
        }
        told(self.poll.poll(ready, limit));
    }

    /// Lets datagrams lie until the next slot. What others want is done meanwhile.
    fn rest(&mut self, woken: &mut Events, next_tick: Instant) {
        let until = slot_end(Instant::now(), next_tick);
        loop {
            let now = Instant::now();
            if now >= until || self.stopping {
                return;
            }
            let waited = self.alarm.set(until, now).and_then(|()| self.wakes.poll(woken, None));
            if waited.is_err() {
                return told(waited);
            }
            if woken.iter().any(|event| event.token() == WAKE) {
                self.take_messages();
                self.carry(Instant::now());
                self.stations.announce();
                self.outbox.flush();
            }
        }
    }

    /// Takes what came to the worker's own socket, and to those of plain stations that are `ready`.
    fn take_datagrams(&mut self, ready: &Events, buffer: &mut [u8]) {
        // One reading of the clock serves the batch: its packets came while the thread slept.
        let now = Instant::now();
        let mut taken = 0;
        while taken < DATAGRAMS_PER_PASS
            && let Some((length, from)) = self.stations.receive(buffer)
        {
            let datagram = &mut buffer[..length];
            if let Some(arrival) = self.stations.handle_datagram(now, from, datagram) {
                let (stations, calls) = (&mut self.stations, &mut self.calls);
                let mut deliver = |station, track, packet: RtpOut<'_>| {
                    stations.deliver(now, station, track, packet);
                };
                for packet in arrival.packets(datagram) {
                    calls.handle_rtp(now, arrival.call, arrival.station, packet, &mut deliver);
                }
            }
            taken += 1;
        }
        // The socket is edge-triggered: what is left must be asked for again.
        self.unread = taken == DATAGRAMS_PER_PASS;
        self.taken[0] = self.taken[0].saturating_add(taken as u32);
        self.take_plain(ready, buffer);
    }

    /// Takes what came to plain stations' sockets.
    fn take_plain(&mut self, ready: &Events, buffer: &mut [u8]) {
        for event in ready.iter() {
            self.stations.plain_ready(event.token().0);
        }
        // They are edge-triggered, too.
        self.unread |= self.stations.take_plain(Instant::now(), buffer);
    }

    fn take_messages(&mut self) {
        for _ in 0..MESSAGES_PER_PASS {
            let Ok(message) = self.inbox.try_recv() else { return };
            self.handle_message(message);
        }
        self.outbox.wake_self();
    }

    /// Brings packets into calls, and news of stations to calls and to the hub.
    fn carry(&mut self, now: Instant) {
        self.stations.exchange(now);
        while let Some(parcel) = self.stations.arrivals.pop_front() {
            let Parcel::In { call, station, packet } = parcel else { continue };
            let deliver = |station, track, packet: RtpOut<'_>| {
                self.stations.deliver(now, station, track, packet);
            };
            self.calls.handle_rtp(now, call, station, packet.as_in(), deliver);
        }
        for news in std::mem::take(&mut self.stations.news) {
            match news {
                StationNews::Changed { station, state } => {
                    self.outbox.tell(MediaEvent::StationChanged { station, state });
                }
                StationNews::Digit { station, digit } => {
                    self.outbox.tell(MediaEvent::Dtmf { station, digit });
                }
                StationNews::Held { station, held } => {
                    self.outbox.tell(MediaEvent::StationHeld { station, held });
                }
                StationNews::Closed { station, call, end } => {
                    if let Some(call) = call {
                        let liveness = match end {
                            StationEnd::ByClient => Liveness::Away,
                            StationEnd::Closed
                            | StationEnd::Lost
                            | StationEnd::NoIce
                            | StationEnd::NoDtls
                            | StationEnd::DtlsFailed
                            | StationEnd::WrongCertificate => Liveness::Gone,
                        };
                        self.outbox.send(call.0, Message::Liveness { call, station, liveness });
                    }
                    self.outbox.tell(MediaEvent::StationClosed { station, end });
                }
                StationNews::Liveness { station, call, liveness } => {
                    self.outbox.send(call.0, Message::Liveness { call, station, liveness });
                }
            }
        }
        while let Some(message) = self.outbox.own.pop_front() {
            self.handle_message(message);
        }
    }

    /// One tick, which begins so `late`.
    fn tick(&mut self, now: Instant, late: Duration) {
        self.ticks += 1;
        if let Some(relief) = self.overload.handle_tick(late) {
            self.calls.relieve(relief);
        }
        self.taken = [0, self.taken[0]];
        let moment = moment(now);
        let deliver = |station, track, packet: RtpOut<'_>| {
            self.stations.deliver(now, station, track, packet);
        };
        self.calls.tick(moment, deliver, &mut self.outbox);
        self.stations.handle_timeouts(now);
        if self.ticks.is_multiple_of(TICKS_PER_ROUND) {
            self.stations.sweep(now);
            self.calls.report(&mut self.stations.counters, &mut self.outbox);
            self.calls.tell_awaited(&mut self.outbox);
            self.stations.counters.publish(&self.published);
            self.published = self.stations.counters;
        }
    }

    fn handle_message(&mut self, message: Message) {
        let now = Instant::now();
        // A reply that nobody waits for any more is no error.
        match message {
            Message::OpenStation { id, station, reply } => {
                let _ = reply.send(self.stations.add(now, id, *station));
            }
            Message::PatchStation { id, fragment, if_match, reply } => {
                let _ = reply.send(self.stations.patch(now, id, &fragment, if_match.as_ref()));
            }
            Message::CloseStation { id, reply } => {
                let _ = reply.send(self.stations.close(now, id));
            }
            Message::OpenPlain { id, plain, reply } => {
                let _ = reply.send(self.stations.add_plain(now, id, *plain));
            }
            Message::AnswerPlain { id, answer, reply } => {
                let _ = reply.send(self.stations.answer_plain(now, id, &answer));
            }
            Message::ReofferPlain { id, offer, reply } => {
                let _ = reply.send(self.stations.reoffer_plain(now, id, offer.as_deref()));
            }
            Message::SendDigit { id, digit, reply } => {
                let _ = reply.send(self.stations.send_digit(now, id, digit));
            }
            Message::OpenCall { id, policy, reply } => {
                let _ = reply.send(self.calls.open(id, policy));
            }
            Message::Apply(apply) => {
                self.calls.apply(moment(now), *apply, &mut self.outbox);
            }
            Message::Reserve { station, call, reply } => {
                let _ = reply.send(self.stations.reserve(station, call));
            }
            Message::Release { station, call } => self.stations.release(now, station, call),
            Message::Liveness { call, station, liveness } => {
                self.calls.liveness(moment(now), call, station, liveness, &mut self.outbox);
            }
            Message::Await { station, call, awaited } => {
                self.stations.set_awaited(now, station, call, awaited);
            }
            Message::Stop => self.stopping = true,
        }
    }
}

/// The first tick after `now`.
fn tick_after(now: Instant, epoch: Instant) -> Instant {
    let into_tick = now.saturating_duration_since(epoch).as_nanos() % TICK.as_nanos();
    now + TICK - Duration::from_nanos(into_tick as u64)
}

/// The end of the slot that `now` is in; of the last one in a tick, the tick.
fn slot_end(now: Instant, next_tick: Instant) -> Instant {
    let left = next_tick.saturating_duration_since(now);
    let slots_left = (left * SLOTS_PER_TICK).as_nanos() / TICK.as_nanos();
    next_tick - TICK * (slots_left as u32) / SLOTS_PER_TICK
}

fn told(polled: std::io::Result<()>) {
    if let Err(error) = polled
        && error.kind() != std::io::ErrorKind::Interrupted
    {
        error!(%error, "the media sockets cannot be polled");
    }
}

fn moment(now: Instant) -> Moment {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { now, unix: UnixMs(unix.as_millis() as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slots_of_a_tick_end_with_it_and_are_as_long_as_each_other() {
        let start = Instant::now();
        let next_tick = start + TICK;
        let mut ends = vec![start];
        let mut now = start;
        while now < next_tick {
            let end = slot_end(now, next_tick);
            assert!(end >= now && end <= next_tick);
            ends.extend((end > now).then_some(end));
            now = end + Duration::from_micros(3);
        }
        assert_eq!(ends.len(), 1 + SLOTS_PER_TICK as usize);
        assert_eq!(ends.last(), Some(&next_tick));
        let slot = TICK / SLOTS_PER_TICK;
        for pair in ends.windows(2) {
            assert!((pair[1] - pair[0]).abs_diff(slot) < Duration::from_micros(1), "{pair:?}");
        }
        assert_eq!(slot_end(next_tick + TICK, next_tick), next_tick, "late: at once");
    }
}
