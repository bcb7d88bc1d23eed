//! Runs the control plane: it keeps the clock and the lock, and does what the live state wants.
//!
//! [`LiveState`] decides; [`Orchestrator`] holds it behind a lock with short critical sections, asks the
//! media workers, keeps what has to be kept and hands news to the event streams. Nothing of this is
//! on the path of an audio packet. HTTP is not known here: refusals are enums of their own for each kind of command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use control_plane::{AgentEntry, CallSight, Effect, Ending, LegNames, LiveState, Moment};
use interaction::{
    Actor, CallId, Command, ModeKind, Permission, Refusal, Revision, UserId, Viewer,
};
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::calls::error::CallError;
use crate::conversations::files::Files;
use crate::error::{Lacks, NotFound};
use crate::event_streams::{EventStreams, Render};
use crate::settings::Settings;
use accounts::{Auth, NotCurrent, User, unix_now};
use connectors::{Channels, sender};
use media_workers::{CommandError, CommandReply, Media, MediaEvent, MixCodec};

mod budgets;
mod call_log;
pub mod calls;
mod chat_error;
pub mod chats;
pub mod conversations;
mod counters;
mod destination;
mod disk_reserve;
mod drain;
mod effects;
pub mod error;
pub mod event_streams;
pub mod opening;
mod outbox;
pub mod phones;
mod presence;
pub mod records;
pub mod reports;
pub mod settings;
pub mod stored;
pub mod stored_rows;
mod supervision_log;
mod sweep;
pub mod telephony_status;
mod turns;
mod upkeep;

pub use budgets::{Limits, NoRoomForGuest};
pub use calls::dialing::{Dial, DialPurpose, DialedIn};
pub use calls::error::DialRefusal;
pub use calls::handover::{ConsultationEnd, Handover};
pub use calls::progress::CallProgress;
pub use calls::stations::{ChangeStationError, OpenStationError, PlainNews};
pub use calls::{HelpAction, LegChange, LegNow, Placement};
pub use chat_error::ChatError;
pub use chats::{ChatPage, Reachable};
pub use destination::Destination;
pub use disk_reserve::{DiskReserve, DiskReserved};
pub use drain::Draining;
pub use phones::ConnectPhoneError;
pub use presence::{ConnectError, DirectError, PasswordError, PresenceError, SignOutError};

use call_log::CallLog;
use supervision_log::SupervisionLog;
use turns::Turns;

/// How long an answer waits until the live state has the change.
const REACHED_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a command of the server's own is repeated while a worker has no room for it.
const OWN_COMMAND_ATTEMPTS: u32 = 500;
/// The pause between such attempts.
const OWN_COMMAND_PAUSE: Duration = Duration::from_millis(20);

/// Reports of connectors' deliveries that may wait to be told of.
const REPORTS_MAX: usize = 1_024;
/// News of plain stations that may wait for whoever speaks SIP; who is further behind misses some.
const PLAIN_NEWS_MAX: usize = 1_024;
/// How long the calls may take to end when the server stops.
const GOODBYE_MAX: Duration = Duration::from_millis(1_000);
/// How often it is looked whether they have.
const GOODBYE_PAUSE: Duration = Duration::from_millis(5);

/// What the centre needs.
pub struct OrchestratorConfig {
    /// The media workers.
    pub media: Media,
    /// What they tell.
    pub events: mpsc::Receiver<MediaEvent>,
    /// Who is who.
    pub auth: Auth,
    /// The books, and who the agents are.
    pub store: store::Store,
    /// The centre's choices, as they are at each moment.
    pub settings: Settings,
    /// Where attachments are.
    pub files: Files,
    /// What they leave free on their disk.
    pub disk_reserve: DiskReserve,
    /// Other channels.
    pub channels: Channels,
    /// Puts news into the words of the API.
    pub render: Render,
    /// How much goes on at the same time.
    pub limits: Limits,
    /// How mixes of calls to a queue are encoded, by its key, if otherwise than most.
    pub queue_codecs: HashMap<String, MixCodec>,
}

/// A call as somebody sees it, and how its legs are called outside.
#[derive(Clone, Debug)]
pub struct ShownCall {
    /// The call through their eyes.
    pub sight: CallSight,
    /// Makes its legs' names.
    pub names: LegNames,
}

/// The control plane. Cheap to clone.
#[derive(Clone)]
pub struct Orchestrator {
    inner: Arc<Inner>,
}

struct Inner {
    live: Mutex<LiveState>,
    streams: EventStreams,
    /// Who may change which conversation or chat next.
    turns: Turns,
    media: Media,
    auth: Auth,
    store: store::Store,
    settings: Settings,
    files: Files,
    disk_reserve: DiskReserve,
    channels: Channels,
    limits: Limits,
    queue_codecs: HashMap<String, MixCodec>,
    call_log: CallLog,
    /// Agents' telephones.
    phones: phones::Phones,
    /// Who calls numbers for agents, if anybody does.
    dialer: OnceLock<calls::dialing::Dialer>,
    /// Calls that somebody outside is called to; each ends when the agent takes it back.
    dialed_in: Mutex<HashMap<CallId, oneshot::Sender<()>>>,
    /// How the telephone side's trunks and lines are.
    telephony_status: Mutex<telephony_status::TelephonyStatus>,
    /// Who waits for which call.
    followers: calls::progress::Followers,
    supervision_log: SupervisionLog,
    /// Something changed: the timer looks again.
    changed: Notify,
    /// Counts the changes of calls, for those who wait for one.
    reached: watch::Sender<u64>,
    /// Key presses and holds of plain stations, for whoever speaks SIP.
    plain_news: broadcast::Sender<PlainNews>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Orchestrator {
    /// Starts the control plane over workers that have been started.
    ///
    /// # Errors
    /// The agents can't be read from the store.
    pub async fn start(config: OrchestratorConfig) -> Result<Self, store::StoreError> {
        let (policy, dispatch) = (config.settings.policy(), config.settings.dispatch());
        let names = LegNames::default();
        let mut live = LiveState::new(policy, dispatch, names.clone());
        live.handle_capacity(config.limits.capacity);
        let (streams, publishing) = EventStreams::new(names, config.render);
        call_log::end_lost_calls(&config.store).await?;
        let queues = config.store.queues().await?;
        for agent in config.store.agents().await? {
            let served = queues.iter().filter(|queue| agent.queues.contains(&queue.id));
            let entry = AgentEntry {
                queues: served.map(|queue| queue.key.clone()).collect(),
                teams: agent.teams.iter().map(|team| interaction::TeamId(team.0)).collect(),
                since: unix_now(),
                until: None,
                name: agent.name,
            };
            live.handle_agent(UserId(agent.id.0), entry);
        }
        let (supervision_log, logging) = supervision_log::open(config.store.clone());
        let inner = Inner {
            live: Mutex::new(live),
            streams,
            turns: Turns::default(),
            media: config.media,
            auth: config.auth,
            store: config.store,
            settings: config.settings,
            files: config.files,
            disk_reserve: config.disk_reserve,
            channels: config.channels,
            limits: config.limits,
            queue_codecs: config.queue_codecs,
            call_log: CallLog::default(),
            phones: phones::Phones::default(),
            dialer: OnceLock::new(),
            dialed_in: Mutex::default(),
            telephony_status: Mutex::default(),
            followers: calls::progress::Followers::default(),
            supervision_log,
            changed: Notify::new(),
            reached: watch::Sender::new(0),
            plain_news: broadcast::Sender::new(PLAIN_NEWS_MAX),
            tasks: Mutex::default(),
        };
        let orchestrator = Self { inner: Arc::new(inner) };
        orchestrator.choose_text();
        orchestrator.take_up_chats().await?;
        orchestrator.take_up().await?;
        orchestrator.take_up_files().await?;
        let (reporting, reports) = mpsc::channel(REPORTS_MAX);
        let mut tasks = vec![
            tokio::spawn(orchestrator.clone().follow_media(config.events)),
            tokio::spawn(orchestrator.clone().sweep()),
            tokio::spawn(orchestrator.auth().clone().keep_sign_outs()),
            tokio::spawn(orchestrator.clone().follow_settings()),
            tokio::spawn(orchestrator.clone().tidy_uploads()),
            tokio::spawn(orchestrator.store().clone().keep_indexed()),
            tokio::spawn(orchestrator.clone().keep_time()),
            tokio::spawn(orchestrator.clone().send_meters()),
            tokio::spawn(orchestrator.clone().keep_calls()),
            tokio::spawn(logging),
            tokio::spawn(publishing),
            tokio::spawn(orchestrator.clone().follow_deliveries(reports)),
        ];
        let store = orchestrator.store();
        for channel in orchestrator.inner.channels.iter() {
            tasks.push(tokio::spawn(sender::run(
                store.clone(),
                channel.clone(),
                reporting.clone(),
            )));
        }
        *lock(&orchestrator.inner.tasks) = tasks;
        Ok(orchestrator)
    }

    /// Ends all calls, the event streams and the centre's own tasks, and writes the books. The
    /// workers are stopped by whoever started them.
    pub async fn stop(&self) {
        self.change(|live, _| ((), live.handle_stopping()));
        let deadline = Instant::now() + GOODBYE_MAX;
        while Instant::now() < deadline && self.live().calls_count() > 0 {
            tokio::time::sleep(GOODBYE_PAUSE).await;
        }
        self.inner.phones.end_all(Ending::Stopping);
        self.inner.streams.end_all(Ending::Stopping);
        self.inner.call_log.written().await;
        self.inner.supervision_log.written().await;
        self.auth().sign_outs_written().await;
        for task in lock(&self.inner.tasks).drain(..) {
            task.abort();
        }
    }

    /// Refuses who may not act any more, or was read with rights that have changed since; see
    /// [`Auth::check`].
    ///
    /// # Errors
    /// [`NotCurrent`].
    pub(crate) fn check(&self, user: &User) -> Result<(), NotCurrent> {
        self.inner.auth.check(user)
    }

    /// The calls that the user may see.
    pub fn calls(&self, user: &User) -> Vec<ShownCall> {
        let live = self.live();
        let names = live.leg_names();
        let shown = |sight| ShownCall { sight, names: names.clone() };
        live.calls_of(user).into_iter().map(shown).collect()
    }

    /// One call as the user may see it.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn call(&self, user: &User, call: CallId) -> Result<ShownCall, NotFound> {
        let live = self.live();
        let (seen, viewer) = live.seen(user, call).ok_or(NotFound("call"))?;
        Ok(ShownCall { sight: seen.sight(viewer, user.id), names: live.leg_names().clone() })
    }

    /// The durable facts.
    pub(crate) fn store(&self) -> &store::Store {
        &self.inner.store
    }

    /// Who is who.
    pub(crate) fn auth(&self) -> &Auth {
        &self.inner.auth
    }

    /// What administrators chose.
    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Other channels.
    pub(crate) fn channels(&self) -> &Channels {
        &self.inner.channels
    }

    /// The attachments' bytes.
    pub(crate) fn files(&self) -> &Files {
        &self.inner.files
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, LiveState> {
        lock(&self.inner.live)
    }

    /// Who may change which conversation or chat next.
    pub(crate) fn turns(&self) -> &Turns {
        &self.inner.turns
    }

    /// Changes the live state, then does what comes of it. News is handed on under the lock, so
    /// that it is told in the order in which it happened; it is put into words elsewhere.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut LiveState, Moment) -> (T, Vec<Effect>),
    ) -> T {
        let mut live = self.live();
        let (result, effects) = change(&mut live, now());
        let rest = self.hand_on_news(effects);
        metrics::gauge!("sotto_calls").set(live.calls_count() as f64);
        metrics::gauge!("sotto_conversations").set(live.text().len() as f64);
        drop(live);
        self.inner.changed.notify_one();
        self.bring_about(rest);
        result
    }

    /// As [`Self::change`], for what only makes news and moves no deadline.
    fn change_quietly(&self, change: impl FnOnce(&mut LiveState) -> Vec<Effect>) {
        let mut live = self.live();
        let effects = change(&mut live);
        let rest = self.hand_on_news(effects);
        drop(live);
        self.bring_about(rest);
    }

    /// A command in the name of the server. It has to arrive: most of them silence somebody.
    async fn command_as_server(self, call: CallId, command: Command) {
        for _ in 0..OWN_COMMAND_ATTEMPTS {
            let sent = self.inner.media.command(call, Actor::System, command.clone(), None);
            match sent.await {
                Err(CommandError::Overloaded) => tokio::time::sleep(OWN_COMMAND_PAUSE).await,
                // A leg or call that is gone meanwhile is what was wanted.
                Ok(_) | Err(_) => return,
            }
        }
        metrics::counter!("sotto_own_commands_lost_total").increment(1);
        tracing::error!(%call, "a worker took no command of the server's");
    }

    /// Waits until the live state has what a reply says, so that whoever gets an answer reads no
    /// older state afterwards.
    async fn reached(&self, call: CallId, revision: Revision) {
        let mut changes = self.inner.reached.subscribe();
        let is_there = || {
            let live = self.live();
            live.live_call(call).is_none_or(|it| it.state.revision() >= revision)
        };
        let wait = async {
            while !is_there() {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        if tokio::time::timeout(REACHED_TIMEOUT, wait).await.is_err() {
            tracing::warn!(%call, "the control plane lags behind the media workers");
        }
    }

    /// A refusal, with the call in the eyes of the one who asked.
    fn refused(&self, user: &User, call: CallId, error: CommandError) -> CallError {
        metrics::counter!("sotto_refusals_total").increment(1);
        match error {
            // Its last tick is to come; to whoever asks it is over, as it will be then.
            CommandError::Refused { refusal: Refusal::Ended, .. } => NotFound("call").into(),
            CommandError::Refused { refusal, state } => {
                let live = self.live();
                let view = live.seen(user, call).map(|(seen, viewer)| {
                    let own_leg = state.leg_of(user.id).map(|leg| leg.id);
                    let sight = CallSight { card: seen.card_in(state.clone()), viewer, own_leg };
                    Box::new(ShownCall { sight, names: live.leg_names().clone() })
                });
                CallError::Refused { refusal, call: view }
            }
            CommandError::NoSuchCall => NotFound("call").into(),
            CommandError::NoSuchStation => NotFound("station").into(),
            CommandError::StationBusy => CallError::StationBusy,
            CommandError::Overloaded => CallError::Overloaded,
        }
    }

    /// How the user sees the call.
    fn viewer(&self, user: &User, call: CallId) -> Result<Viewer, NotFound> {
        let live = self.live();
        live.seen(user, call).map(|(_, viewer)| viewer).ok_or(NotFound("call"))
    }

    /// Sends a user's command and waits until it has been told of.
    async fn command(
        &self,
        user: &User,
        call: CallId,
        command: Command,
        station: Option<interaction::StationId>,
    ) -> Result<CommandReply, CallError> {
        self.check(user)?;
        let by = Actor::User(user.id);
        match self.inner.media.command(call, by, command, station).await {
            Ok(reply) => {
                if self.check(user).is_err() {
                    // The worker was faster than a sweep that did not see this yet.
                    self.auth().look_again(user.id);
                }
                self.reached(call, reply.state.revision()).await;
                Ok(reply)
            }
            Err(error) => Err(self.refused(user, call, error)),
        }
    }
}

/// Refuses without `permission`.
pub(crate) fn require(user: &User, permission: Permission) -> Result<(), Lacks> {
    if user.permissions.has(permission) { Ok(()) } else { Err(Lacks(permission)) }
}

/// Without a runtime the server has stopped, and its calls with it.
fn in_background(work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(work);
    }
}

fn now() -> Moment {
    Moment { instant: Instant::now(), unix: unix_now() }
}

pub(crate) fn mode_name(kind: ModeKind) -> &'static str {
    match kind {
        ModeKind::Listen => "listen",
        ModeKind::Whisper => "whisper",
        ModeKind::Barge => "barge",
        ModeKind::TakeOver => "take_over",
    }
}

/// The control plane goes on after a panic in a request: each change of the live is whole or
/// concerns one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
