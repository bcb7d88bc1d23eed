//! One media worker: its socket and mailbox, its stations and its calls.
//!
//! It does not wait and reads no clock: the `thread` that drives it does.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use call_engine::{Moment, OPUS_PACKET_BYTES_MAX, TICK_MS};
use interaction::{StationEnd, UnixMs};
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};
use rtc_station::RtpOut;
use tokio::sync::mpsc;

use crate::batch::{BATCH_DATAGRAMS_MAX, Inbound};
use crate::bell::Bell;
use crate::calls::Calls;
use crate::counters::Counters;
use crate::link::{Destination, Link, Payload};
use crate::mailbox::{Liveness, Mailbox, Message};
use crate::outbox::Outbox;
use crate::overload::Overload;
use crate::stations::{StationNews, Stations};
use crate::{MediaConfig, MediaEvent};

/// The worker's own socket; the tokens after it are plain stations'.
const SOCKET: Token = Token(1);

/// Datagrams taken before the loop looks at anything else.
const DATAGRAMS_PER_PASS: usize = 8 * BATCH_DATAGRAMS_MAX;
/// Messages taken before the loop looks at anything else.
const MESSAGES_PER_PASS: usize = 64;
/// Ticks between two rounds of meters, metrics and liveness: 100 ms.
pub(crate) const TICKS_PER_ROUND: u64 = 5;
/// A worker that is later than this does not make up for the ticks: it goes on from now.
const LATE_TICKS_MAX: u32 = 5;
pub(crate) const TICK: Duration = Duration::from_millis(TICK_MS);
/// Instants in a tick at which datagrams are taken. A packet waits for half of the time between two on average:
/// twelve keep that below a millisecond, of which the ear notices nothing.
pub(crate) const SLOTS_PER_TICK: u32 = 12;
/// The time between two of them.
const SLOT: Duration = Duration::from_nanos(TICK.as_nanos() as u64 / SLOTS_PER_TICK as u64);

/// What a worker starts from.
pub(crate) struct Setup {
    pub index: usize,
    pub config: MediaConfig,
    /// From when all workers count their ticks. They take datagrams at the same instants, so that what one hands
    /// another finds it awake.
    pub epoch: Instant,
    pub socket: UdpSocket,
    pub reached_at: std::net::SocketAddr,
    pub inbox: Receiver<Message>,
    pub mailboxes: Vec<Mailbox>,
    pub bell: Arc<Bell>,
    pub links: Vec<Option<Link>>,
    pub events: mpsc::Sender<MediaEvent>,
}

/// One media worker; owned by the thread that drives it.
pub(crate) struct Worker {
    pub index: usize,
    /// Wakes the thread that drives it.
    pub bell: Arc<Bell>,
    /// Tells which of its sockets have something to read.
    pub sockets: Poll,
    epoch: Instant,
    next_tick: Instant,
    /// When it says what the last tick has put in force: a slot after it, however long it took.
    tells_at: Option<Instant>,
    /// There is nothing that a tick would do. It was so at the end of the last pass.
    is_idle: bool,
    /// The sockets may hold more than was taken.
    unread: bool,
    /// Datagrams taken in this tick, and in the one before.
    taken: [u32; 2],
    inbox: Receiver<Message>,
    outbox: Outbox,
    stations: Stations,
    calls: Calls,
    overload: Overload,
    /// Of the packet that is being carried.
    payload: Payload,
    published: Counters,
    ticks: u64,
    stopping: bool,
    failed: bool,
}

impl Worker {
    pub fn new(setup: Setup) -> std::io::Result<Self> {
        let Setup { index, config, epoch, mut socket, reached_at, .. } = setup;
        let sockets = Poll::new()?;
        sockets.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let registry = sockets.registry().try_clone()?;
        Ok(Self {
            index,
            bell: setup.bell,
            sockets,
            epoch,
            next_tick: tick_after(epoch, epoch),
            tells_at: None,
            is_idle: true,
            unread: false,
            taken: [0; 2],
            inbox: setup.inbox,
            outbox: Outbox::new(index, setup.mailboxes, setup.events),
            calls: Calls::new(config.calls_max, config.call.clone()),
            overload: Overload::default(),
            stations: Stations::new(config, socket, reached_at, setup.links, registry),
            payload: [0; OPUS_PACKET_BYTES_MAX],
            published: Counters::default(),
            ticks: 0,
            stopping: false,
            failed: false,
        })
    }

    /// Datagrams that came in this tick or in the one before, whichever had more.
    pub fn taken(&self) -> u32 {
        self.taken[0].max(self.taken[1])
    }

    /// Whether its sockets may hold more than was taken.
    pub fn is_unread(&self) -> bool {
        self.unread
    }

    /// Whether it was told to stop, or has failed.
    pub fn is_stopping(&self) -> bool {
        self.stopping || self.failed
    }

    /// Something panicked in it: nothing that this left half done is looked at any more.
    pub fn fail(&mut self) {
        self.failed = true;
    }

    /// Whether something panicked in it.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Whether the next tick is one with a round of meters.
    pub fn has_round_next(&self) -> bool {
        (self.ticks + 1).is_multiple_of(TICKS_PER_ROUND)
    }

    /// When it wants to be called next, whatever comes; `None`: it does not.
    pub fn due_at(&self) -> Option<Instant> {
        let tick = (!self.is_idle).then_some(self.next_tick);
        self.tells_at.into_iter().chain(tick).min()
    }

    /// Whether its tick is due.
    pub fn is_tick_due(&self, now: Instant) -> bool {
        !self.is_idle && self.next_tick <= now
    }

    /// Asks which sockets of plain stations have something to read. The worker's own is read in any case.
    pub fn look(&mut self, ready: &mut Events) -> std::io::Result<()> {
        if !self.stations.has_plain() {
            return Ok(());
        }
        self.sockets.poll(ready, Some(Duration::ZERO))?;
        for event in ready.iter() {
            self.stations.plain_ready(event.token().0);
        }
        Ok(())
    }

    /// The beginning of a pass. Whoever had nothing to do has missed no tick.
    pub fn begin(&mut self, now: Instant) {
        if self.is_idle {
            self.next_tick = tick_after(now, self.epoch);
        }
        if self.tells_at.take_if(|at| *at <= now).is_some() {
            self.calls.tell(&mut self.outbox);
            self.outbox.flush();
        }
    }

    /// Takes what came to the worker's own socket, and to those of plain stations that are ready. `is_thorough`: until
    /// the socket says that there is nothing left, so that it tells of what comes next. Whether any came.
    pub fn take_datagrams(
        &mut self,
        now: Instant,
        inbound: &mut Inbound,
        is_thorough: bool,
    ) -> bool {
        let mut total = 0;
        let mut is_drained = false;
        while total < DATAGRAMS_PER_PASS && !is_drained {
            let count = self.stations.receive(inbound);
            is_drained = if is_thorough { count.taken == 0 } else { !count.is_full };
            for index in 0..count.taken {
                self.take_datagram(now, inbound, index);
            }
            total += count.taken;
        }
        self.taken[0] = self.taken[0].saturating_add(total as u32);
        let more = self.stations.take_plain(now, inbound.scratch());
        // The sockets are edge-triggered: what is left must be asked for again.
        self.unread = !is_drained || more;
        total > 0
    }

    fn take_datagram(&mut self, now: Instant, inbound: &mut Inbound, index: usize) {
        let (from, datagram) = inbound.datagram(index);
        let Some(arrival) = self.stations.handle_datagram(now, from, datagram) else { return };
        let (stations, calls) = (&mut self.stations, &mut self.calls);
        let mut deliver = |station, track, packet: RtpOut<'_>| {
            stations.deliver(now, station, track, packet);
        };
        for packet in arrival.packets(datagram) {
            calls.handle_rtp(now, arrival.call, arrival.station, packet, &mut deliver);
        }
    }

    /// Takes messages; whether there was one.
    pub fn take_messages(&mut self, now: Instant) -> bool {
        for count in 0..MESSAGES_PER_PASS {
            let Ok(message) = self.inbox.try_recv() else { return count > 0 };
            self.handle_message(now, message);
        }
        self.outbox.wake_self();
        true
    }

    /// Brings packets into calls and to stations, and news of stations to calls and to the hub. Whether there was one.
    pub fn carry(&mut self, now: Instant) -> bool {
        let mut has_carried = false;
        while let Some(parcel) = self.stations.next_parcel(&mut self.payload) {
            has_carried = true;
            match parcel.to {
                Destination::Call { call, station } => {
                    let (stations, calls) = (&mut self.stations, &mut self.calls);
                    let deliver = |station, track, packet: RtpOut<'_>| {
                        stations.deliver(now, station, track, packet);
                    };
                    calls.handle_rtp(now, call, station, parcel.as_in(&self.payload), deliver);
                }
                Destination::Station { station, track } => {
                    self.stations.deliver(now, station, track, parcel.as_out(&self.payload));
                }
            }
        }
        if !self.stations.news.is_empty() {
            self.tell_news();
        }
        while let Some(message) = self.outbox.own.pop_front() {
            has_carried = true;
            self.handle_message(now, message);
        }
        has_carried
    }

    /// Hands on everything that was made: datagrams, packets for other workers, messages and events. Whether all of
    /// it was taken.
    pub fn hand_on(&mut self) -> bool {
        self.stations.send();
        self.stations.announce();
        self.outbox.flush();
        self.outbox.is_empty()
    }

    /// The tick, if it is due; whether it was.
    pub fn tick_if_due(&mut self, now: Instant) -> bool {
        if now < self.next_tick {
            return false;
        }
        self.tick(now, now - self.next_tick);
        self.tells_at = self.calls.has_unsaid().then_some(self.next_tick + SLOT);
        self.next_tick += TICK;
        if now > self.next_tick + TICK * LATE_TICKS_MAX {
            self.stations.counters.late_ticks += 1;
            self.next_tick = tick_after(now, self.epoch);
        }
        true
    }

    /// The end of a pass; whether there is more to do before something comes.
    pub fn finish(&mut self) -> bool {
        let is_handed_on = self.hand_on();
        self.is_idle = is_handed_on
            && self.calls.is_empty()
            && self.stations.is_empty()
            && self.stations.counters == self.published;
        !self.is_idle
    }

    /// Ends its stations; whether it had any.
    pub fn close(&mut self, now: Instant) -> bool {
        let had_stations = !self.stations.is_empty();
        self.stations.close_all(now);
        self.stations.send();
        had_stations
    }

    fn tell_news(&mut self) {
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
                StationNews::Reception { station, call, lost } => {
                    self.outbox.send(call.0, Message::Reception { call, station, lost });
                }
            }
        }
    }

    /// One tick, which begins so `late`.
    fn tick(&mut self, now: Instant, late: Duration) {
        if let Some(relief) = self.overload.handle_tick(late) {
            self.calls.relieve(relief);
        }
        let has_round = self.has_round_next();
        self.ticks += 1;
        self.taken = [0, self.taken[0]];
        let moment = moment(now);
        // A mix takes far longer than a system call: what is made is sent before the next one is.
        let deliver = |station, track, packet: RtpOut<'_>| {
            self.stations.deliver(now, station, track, packet);
            self.stations.send();
        };
        self.calls.tick(moment, deliver, &mut self.outbox);
        self.stations.handle_timeouts(now);
        if has_round {
            self.stations.sweep(now);
            self.calls.report(&mut self.stations.counters, &mut self.outbox);
            self.calls.tell_awaited(&mut self.outbox);
            self.stations.counters.publish(&self.published);
            self.published = self.stations.counters;
        }
    }

    fn handle_message(&mut self, now: Instant, message: Message) {
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
            Message::OpenCall { id, policy, codec, reply } => {
                let _ = reply.send(self.calls.open(id, policy, codec));
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
            Message::Reception { call, station, lost } => self.calls.reception(call, station, lost),
            Message::Await { station, call, awaited } => {
                self.stations.set_awaited(now, station, call, awaited);
            }
            Message::Stop => self.stopping = true,
        }
    }
}

/// The first tick after `now`.
pub(crate) fn tick_after(now: Instant, epoch: Instant) -> Instant {
    let into_tick = now.saturating_duration_since(epoch).as_nanos() % TICK.as_nanos();
    now + TICK - Duration::from_nanos(into_tick as u64)
}

fn moment(now: Instant) -> Moment {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { now, unix: UnixMs(unix.as_millis() as u64) }
}
