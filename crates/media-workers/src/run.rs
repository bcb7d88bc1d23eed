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
use crate::link::Link;
use crate::mailbox::{Liveness, Mailbox, Message};
use crate::outbox::Outbox;
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
/// Between two instants at which datagrams are taken. A packet waits for half of it on average: sixteen in a
/// tick keep that well below a millisecond, of which the ear notices nothing.
const SLOT: Duration = Duration::from_micros(TICK_MS * 1_000 / 16);

/// What a worker starts from.
pub(crate) struct Setup {
    pub index: usize,
    pub config: MediaConfig,
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
    /// From when slots are counted.
    slots_from: Instant,
    /// The sockets may hold more than was taken.
    unread: bool,
    inbox: Receiver<Message>,
    outbox: Outbox,
    stations: Stations,
    calls: Calls,
    published: Counters,
    ticks: u64,
    stopping: bool,
}

impl Worker {
    pub fn new(setup: Setup) -> std::io::Result<Self> {
        let Setup { index, config, wakes, mut socket, reached_at, inbox, mailboxes, links, events } =
            setup;
        let poll = Poll::new()?;
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let nested = &mut SourceFd(&wakes.as_raw_fd());
        poll.registry().register(nested, WAKE, Interest::READABLE)?;
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            poll,
            alarm: Alarm::new(wakes.registry(), ALARM)?,
            wakes,
            slots_from: Instant::now(),
            unread: false,
            inbox,
            outbox: Outbox::new(index, mailboxes, events),
            calls: Calls::new(config.calls_max, config.call.clone()),
            stations: Stations::new(index, config, socket, reached_at, links, registry),
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
        let mut next_tick = Instant::now() + TICK;
        while !self.stopping {
            self.wait(&mut ready, &mut woken, next_tick);
            self.unread |= ready.iter().any(|event| event.token() != WAKE);
            if self.unread {
                self.rest(&mut woken, next_tick);
                self.take_datagrams(&mut buffer);
                self.take_plain(&ready, &mut buffer);
            }
            self.take_messages();
            self.carry(Instant::now());
            let now = Instant::now();
            if now >= next_tick {
                self.tick(now);
                next_tick += TICK;
                if now > next_tick + TICK * LATE_TICKS_MAX {
                    self.stations.counters.late_ticks += 1;
                    next_tick = now + TICK;
                }
            }
            self.carry(now);
            self.stations.announce();
            self.outbox.flush();
        }
        let now = Instant::now();
        self.stations.close_all(now);
    }

    /// Waits for a datagram, for what others want, or for the tick.
    fn wait(&mut self, ready: &mut Events, woken: &mut Events, next_tick: Instant) {
        let now = Instant::now();
        let unset = self.alarm.set(next_tick, now);
        let limit = match unset {
            Ok(()) if !self.unread => None,
            _ => Some(Duration::ZERO),
        };
        told(unset.and_then(|()| self.poll.poll(ready, limit)));
        // What it told of is seen; otherwise it would not tell again.
        told(self.wakes.poll(woken, Some(Duration::ZERO)));
    }

    /// Lets datagrams lie until the next slot. What others want is done meanwhile.
    fn rest(&mut self, woken: &mut Events, next_tick: Instant) {
        let now = Instant::now();
        let into_slot = now.duration_since(self.slots_from).as_nanos() % SLOT.as_nanos();
        let until = (now + SLOT - Duration::from_nanos(into_slot as u64)).min(next_tick);
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

    fn take_datagrams(&mut self, buffer: &mut [u8]) {
        // One reading of the clock serves the batch: its packets came while the thread slept.
        let now = Instant::now();
        let mut taken = 0;
        while taken < DATAGRAMS_PER_PASS
            && let Some((length, from)) = self.stations.receive(buffer)
        {
            self.stations.handle_datagram(now, from, &buffer[..length]);
            taken += 1;
        }
        // The socket is edge-triggered: what is left must be asked for again.
        self.unread = taken == DATAGRAMS_PER_PASS;
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
        while let Some(arrival) = self.stations.arrivals.pop_front() {
            let deliver = |station, track, packet: RtpOut<'_>| {
                self.stations.deliver(now, station, track, packet);
            };
            self.calls.handle_arrival(now, arrival, deliver);
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

    fn tick(&mut self, now: Instant) {
        self.ticks += 1;
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
