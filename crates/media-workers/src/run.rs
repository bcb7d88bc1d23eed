//! The loop of one media worker: datagrams, mailbox, links, tick.
//!
//! Everything that a packet or a command sets off happens before the next one is looked at.

use std::net::SocketAddr;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use call_engine::{Moment, TICK_MS};
use interaction::UnixMs;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};
use rtc_station::RtpOut;
use tokio::sync::mpsc;
use tracing::error;

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

/// What a worker starts from.
pub(crate) struct Setup {
    pub index: usize,
    pub config: MediaConfig,
    pub poll: Poll,
    pub socket: UdpSocket,
    pub reached_at: SocketAddr,
    pub inbox: Receiver<Message>,
    pub mailboxes: Vec<Mailbox>,
    pub links: Vec<Option<Link>>,
    pub events: mpsc::Sender<MediaEvent>,
}

/// One media worker; owned by its thread.
pub(crate) struct Worker {
    poll: Poll,
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
        let Setup { index, config, poll, mut socket, reached_at, inbox, mailboxes, links, events } =
            setup;
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            poll,
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
        let mut buffer = [0u8; DATAGRAM_BYTES_MAX];
        let mut next_tick = Instant::now() + TICK;
        while !self.stopping {
            let wait = next_tick.saturating_duration_since(Instant::now());
            if let Err(error) = self.poll.poll(&mut ready, Some(wait))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                error!(%error, "the media socket cannot be polled");
            }
            self.take_datagrams(&mut buffer);
            self.take_plain(&ready, &mut buffer);
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
        if taken == DATAGRAMS_PER_PASS {
            // The socket is edge-triggered: what is left must be asked for again.
            self.outbox.wake_self();
        }
    }

    /// Takes what came to plain stations' sockets.
    fn take_plain(&mut self, ready: &Events, buffer: &mut [u8]) {
        for event in ready.iter() {
            self.stations.plain_ready(event.token().0);
        }
        if self.stations.take_plain(Instant::now(), buffer) {
            // They are edge-triggered, too.
            self.outbox.wake_self();
        }
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
            let deliver = |station, packet: RtpOut<'_>| self.stations.deliver(now, station, packet);
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
                        let liveness = Liveness::Gone;
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
        let deliver = |station, packet: RtpOut<'_>| self.stations.deliver(now, station, packet);
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
                self.calls.apply(moment(now), apply, &mut self.outbox);
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

fn moment(now: Instant) -> Moment {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { now, unix: UnixMs(unix.as_millis() as u64) }
}
