//! The handle that the rest of the server holds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use call_engine::{OpusEncoderConfig, ToneClips};
use interaction::{Actor, CallId, Command, Policy, StationId};
use mio::{Poll, Waker};
use rand::Rng;
use rtc_station::{IfMatch, Station, StationConfig};
use rtp_station::{Digit, PlainConfig};
use tokio::sync::{mpsc, oneshot};

use crate::bell::{Bell, Sleepers};
use crate::crew::Crew;
use crate::mailbox::{Apply, Mailbox, Message, Unposted};
use crate::plain::{Plain, PortPool};
use crate::thread::{self, Thread};
use crate::worker::{self, Worker};
use crate::{
    CommandError, CommandReply, MediaConfig, MediaEvent, MixCodec, Opened, Patched, StationError,
    link, socket,
};

/// Events that wait for the hub at most; meters are dropped first.
const EVENTS_MAX: usize = 4_096;

/// Pause between two attempts to give a station back.
const RELEASE_RETRY: Duration = Duration::from_millis(10);

/// The media workers. Cheap to clone.
#[derive(Clone)]
pub struct Media {
    inner: Arc<Inner>,
}

struct Inner {
    mailboxes: Vec<Mailbox>,
    addresses: Vec<SocketAddr>,
    consent_timeout: Duration,
    /// The ports of plain stations.
    pool: Option<Arc<PortPool>>,
    /// What encodes a telephone's sound.
    encoder: OpusEncoderConfig,
    threads: std::sync::Mutex<Vec<JoinHandle<()>>>,
}

impl Media {
    /// Binds the sockets and starts the workers.
    ///
    /// # Errors
    /// A socket cannot be bound, or a thread cannot be started.
    pub fn start(mut config: MediaConfig) -> std::io::Result<(Self, mpsc::Receiver<MediaEvent>)> {
        let clips = ToneClips::encode(&config.call.mixer, config.call.encoder);
        config.call.clips = Some(Arc::new(clips.map_err(std::io::Error::other)?));
        let workers = config.workers.max(1);
        let pool = config.plain.clone().map(PortPool::new).transpose()?.map(Arc::new);
        let (events, receiver) = mpsc::channel(EVENTS_MAX);
        let wakes: Vec<Poll> = (0..workers).map(|_| Poll::new()).collect::<Result<_, _>>()?;
        let waker = |wakes: &Poll| Waker::new(wakes.registry(), thread::WAKE);
        let sleepers = Sleepers::new(wakes.iter().map(waker).collect::<Result<_, _>>()?);
        let crew = Arc::new(Crew::new(Arc::new(sleepers)));
        let epoch = Instant::now();
        let (addresses, mailboxes, mut workers) =
            make_workers(&config, &crew.sleepers, epoch, &events)?;
        let mut threads = Vec::new();
        for (index, wakes) in wakes.into_iter().enumerate() {
            // The first one drives them all, for as long as there is little to do.
            let workers = std::mem::take(&mut workers);
            let setup = thread::Setup { index, crew: crew.clone(), epoch, wakes, workers };
            threads.push(spawn(setup)?);
        }
        let threads = std::sync::Mutex::new(threads);
        let consent_timeout = config.consent_timeout;
        let encoder = config.call.encoder;
        let inner = Inner { mailboxes, addresses, consent_timeout, pool, encoder, threads };
        Ok((Self { inner: Arc::new(inner) }, receiver))
    }

    /// The addresses at which clients reach the workers.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.inner.addresses
    }

    /// Sets a station up: SDP offer in, SDP answer out. Reading the offer and making keys takes
    /// about a millisecond, so it is done on a thread of its own and not between two ticks.
    pub async fn open_station(&self, id: StationId, offer: String) -> Result<Opened, StationError> {
        let mut seed = [0u8; 32];
        rand::rng().fill_bytes(&mut seed);
        let worker = crate::outbox::worker_of(id.0, self.inner.mailboxes.len());
        let config = StationConfig {
            local_candidates: vec![self.inner.addresses[worker]],
            consent_timeout: self.inner.consent_timeout,
            seed,
        };
        let accept = move || Station::accept_offer(config, &offer, Instant::now());
        let accepted = tokio::task::spawn_blocking(accept).await;
        let (station, answer) =
            accepted.map_err(|_| StationError::Overloaded)?.map_err(StationError::Offer)?;
        let opened = Opened { sdp: answer.sdp, entity_tag: station.entity_tag().to_owned() };
        let station = Box::new(station);
        self.ask_station(id.0, |reply| Message::OpenStation { id, station, reply }).await?;
        Ok(opened)
    }

    /// Takes a trickled candidate or an ICE restart; the latter is answered.
    pub async fn patch_station(
        &self,
        id: StationId,
        fragment: String,
        if_match: Option<IfMatch>,
    ) -> Result<Patched, StationError> {
        let message = |reply| Message::PatchStation { id, fragment, if_match, reply };
        self.ask_station(id.0, message).await
    }

    /// Ends a station; its leg leaves its call.
    pub async fn close_station(&self, id: StationId) -> Result<(), StationError> {
        self.ask_station(id.0, |reply| Message::CloseStation { id, reply }).await
    }

    /// An id for a call that begins with this station, whose worker the call is to be on: then what the
    /// station says has one way less.
    pub fn call_beside(&self, station: StationId) -> CallId {
        let workers = self.inner.mailboxes.len();
        let worker = crate::outbox::worker_of(station.0, workers);
        loop {
            let id = rand::random();
            if crate::outbox::worker_of(id, workers) == worker {
                return CallId(id);
            }
        }
    }

    /// Sets a plain station up. With an offer: our answer. Without one (an INVITE had none): our offer, and
    /// [`Media::answer_plain_station`] takes the answer to it.
    ///
    /// # Errors
    /// [`StationError`]: the offer cannot be accepted, or there is no port or room for a station.
    pub async fn open_plain_station(
        &self,
        id: StationId,
        offer: Option<String>,
        config: PlainConfig,
    ) -> Result<Opened, StationError> {
        let pool = self.inner.pool.clone().ok_or(StationError::NoPlainPorts)?;
        let encoder = self.inner.encoder;
        let open = move || Plain::open(&pool, offer.as_deref(), config, encoder);
        let opened = tokio::task::spawn_blocking(open).await;
        let (plain, sdp) = opened.map_err(|_| StationError::Overloaded)??;
        let plain = Box::new(plain);
        self.ask_station(id.0, |reply| Message::OpenPlain { id, plain, reply }).await?;
        Ok(Opened { sdp, entity_tag: String::new() })
    }

    /// Takes the answer to our offer.
    ///
    /// # Errors
    /// [`StationError`]; the station waits for another answer then.
    pub async fn answer_plain_station(
        &self,
        id: StationId,
        answer: String,
    ) -> Result<(), StationError> {
        self.ask_station(id.0, |reply| Message::AnswerPlain { id, answer, reply }).await
    }

    /// Takes a new offer in a dialog (re-INVITE, UPDATE): hold, moved media, another codec. `None`: the
    /// re-INVITE had none; then this is our offer, and [`Media::answer_plain_station`] takes the answer.
    ///
    /// # Errors
    /// [`StationError`]; the session goes on as it was then (RFC 3264 §8).
    pub async fn reoffer_plain_station(
        &self,
        id: StationId,
        offer: Option<String>,
    ) -> Result<String, StationError> {
        self.ask_station(id.0, |reply| Message::ReofferPlain { id, offer, reply }).await
    }

    /// Sends a key press (RFC 4733).
    ///
    /// # Errors
    /// [`StationError`].
    pub async fn send_dtmf(&self, id: StationId, digit: Digit) -> Result<(), StationError> {
        self.ask_station(id.0, |reply| Message::SendDigit { id, digit, reply }).await
    }

    /// Opens a call without legs. `codec`: how its mixes are encoded, if otherwise than most.
    ///
    /// # Errors
    /// No room for it, or too much to do.
    pub async fn open_call(
        &self,
        id: CallId,
        policy: Policy,
        codec: Option<MixCodec>,
    ) -> Result<(), StationError> {
        self.ask_station(id.0, |reply| Message::OpenCall { id, policy, codec, reply }).await
    }

    /// Applies a command; answers a slot after the call's next tick, when what it took away is silent.
    /// `station` carries the leg that a join or the begin of supervision makes.
    ///
    /// A caller that stops waiting does not cut the command in half: it is carried through.
    pub async fn command(
        &self,
        call: CallId,
        by: Actor,
        command: Command,
        station: Option<StationId>,
    ) -> Result<CommandReply, CommandError> {
        let media = self.clone();
        let work = async move { media.carry_through(call, by, command, station).await };
        tokio::spawn(work).await.unwrap_or(Err(CommandError::Overloaded))
    }

    /// Ends all stations and calls, and waits for the threads.
    pub async fn stop(&self) {
        for mailbox in &self.inner.mailboxes {
            let _ = mailbox.post(Message::Stop);
        }
        let threads = match self.inner.threads.lock() {
            Ok(mut threads) => std::mem::take(&mut *threads),
            Err(_) => return,
        };
        let join = tokio::task::spawn_blocking(move || {
            for thread in threads {
                let _ = thread.join();
            }
        });
        let _ = join.await;
    }

    async fn carry_through(
        &self,
        call: CallId,
        by: Actor,
        command: Command,
        station: Option<StationId>,
    ) -> Result<CommandReply, CommandError> {
        let station = match station {
            Some(id) => Some((id, self.reserve(id, call).await?)),
            None => None,
        };
        let (reply, answer) = oneshot::channel();
        let apply = Apply { call, by, command, station, reply };
        let result = match self.mailbox(call.0).post(Message::Apply(Box::new(apply))) {
            Ok(()) => answer.await.unwrap_or(Err(CommandError::NoSuchCall)),
            Err(_) => Err(CommandError::Overloaded),
        };
        if let (Some((station, _)), Err(_)) = (station, &result) {
            self.release(station, call).await;
        }
        result
    }

    /// Gives a reserved station back, however long its worker's mailbox is full.
    async fn release(&self, station: StationId, call: CallId) {
        let mut message = Message::Release { station, call };
        while let Err(Unposted::Full(unsent)) = self.mailbox(station.0).post(message) {
            message = unsent;
            tokio::time::sleep(RELEASE_RETRY).await;
        }
    }

    async fn reserve(
        &self,
        station: StationId,
        call: CallId,
    ) -> Result<call_engine::TrackPositions, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.mailbox(station.0)
            .post(Message::Reserve { station, call, reply })
            .map_err(|_| CommandError::Overloaded)?;
        answer.await.unwrap_or(Err(CommandError::Overloaded))
    }

    async fn ask_station<T>(
        &self,
        id: u64,
        message: impl FnOnce(oneshot::Sender<Result<T, StationError>>) -> Message,
    ) -> Result<T, StationError> {
        let (reply, answer) = oneshot::channel();
        self.mailbox(id).post(message(reply)).map_err(|_| StationError::Overloaded)?;
        answer.await.unwrap_or(Err(StationError::Overloaded))
    }

    fn mailbox(&self, id: u64) -> &Mailbox {
        &self.inner.mailboxes[crate::outbox::worker_of(id, self.inner.mailboxes.len())]
    }
}

/// The workers, where clients reach them, and their mailboxes.
pub(crate) type Workers = (Vec<SocketAddr>, Vec<Mailbox>, Vec<Worker>);

/// Binds the sockets of all workers; the first thread is to drive them.
pub(crate) fn make_workers(
    config: &MediaConfig,
    sleepers: &Arc<Sleepers>,
    epoch: Instant,
    events: &mpsc::Sender<MediaEvent>,
) -> std::io::Result<Workers> {
    let bell = |_| Arc::new(Bell::new(sleepers.clone(), 0));
    let bells: Vec<Arc<Bell>> = (0..sleepers.len()).map(bell).collect();
    let (mailboxes, inboxes): (Vec<_>, Vec<_>) = bells.iter().cloned().map(Mailbox::new).unzip();
    let (mut addresses, mut workers) = (Vec::new(), Vec::new());
    let links = link::connect(&bells);
    for (index, ((bell, inbox), links)) in bells.into_iter().zip(inboxes).zip(links).enumerate() {
        let mut bind = config.bind;
        if bind.port() != 0 {
            let port = bind.port().checked_add(index as u16);
            bind.set_port(port.ok_or_else(|| std::io::Error::other("no UDP port after 65535"))?);
        }
        let socket = socket::bind(bind, socket::WORKER_BUFFER_BYTES)?;
        let mut reached_at = socket.local_addr()?;
        if let Some(ip) = config.public_address {
            reached_at.set_ip(ip);
        }
        addresses.push(reached_at);
        workers.push(Worker::new(worker::Setup {
            index,
            config: config.clone(),
            epoch,
            socket,
            reached_at,
            inbox,
            mailboxes: mailboxes.clone(),
            bell,
            links,
            events: events.clone(),
        })?);
    }
    Ok((addresses, mailboxes, workers))
}

/// Starts a thread; returns once it runs, or cannot.
fn spawn(setup: thread::Setup) -> std::io::Result<JoinHandle<()>> {
    let (started, outcome) = std::sync::mpsc::sync_channel(1);
    let name = format!("media-{}", setup.index);
    let handle = std::thread::Builder::new().name(name).spawn(move || {
        let thread = match Thread::new(setup) {
            Ok(thread) => thread,
            Err(error) => return drop(started.send(Err(error))),
        };
        let _ = started.send(Ok(()));
        thread.run();
    })?;
    outcome.recv().map_err(std::io::Error::other)??;
    Ok(handle)
}
