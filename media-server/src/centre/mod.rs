//! The control plane: the single owner of stations' owners, call records and agents' presence.
//!
//! [`Floor`] decides; [`Centre`] holds it behind a lock with short critical sections, asks the
//! media workers, and keeps the books. Nothing of this is on the path of an audio packet, and who
//! hears whom is decided by `interaction` alone. HTTP is not known here: refusals are [`Error`]s.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use interaction::dispatch::Choice;
use interaction::{
    Actor, CallId, Command, ConversationId, ModeKind, Permission, QueueId, Revision, UserId, Viewer,
};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use wire::{CallView, PresenceChoice};

use crate::auth::{Auth, User, unix_now};
use crate::channels::{Channels, sender};
use crate::desk::files::Files;
use crate::hub::view::LegNames;
use crate::hub::{ConnectionId, Ending, HubError, Outbox};
use crate::settings::Settings;
use media_workers::{CommandError, CommandReply, Media, MediaEvent};

mod books;
mod call;
mod chats;
mod error;
pub mod floor;
mod following;
mod handing;
pub mod happened;
pub(crate) mod known;
pub mod mood;
pub mod record;
mod station;
mod telling;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use call::{LegChange, Placement};
pub use error::Error;
pub use floor::{Effect, Floor, Moment};
pub use handing::Handing;

use books::Books;
use floor::AgentEntry;

/// How long an answer waits until the event streams have told of the change.
const TOLD_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a command of the server's own is repeated while a worker has no room for it.
const OWN_COMMAND_ATTEMPTS: u32 = 500;
/// The pause between such attempts.
const OWN_COMMAND_PAUSE: Duration = Duration::from_millis(20);

/// How long the calls may take to end when the server stops.
const GOODBYE_MAX: Duration = Duration::from_millis(250);
/// How often it is looked whether they have.
const GOODBYE_PAUSE: Duration = Duration::from_millis(5);

/// What the centre needs.
pub struct CentreConfig {
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
    /// Other channels.
    pub channels: Channels,
}

/// The control plane. Cheap to clone.
#[derive(Clone)]
pub struct Centre {
    inner: Arc<Inner>,
}

struct Inner {
    floor: Mutex<Floor>,
    media: Media,
    auth: Auth,
    store: store::Store,
    settings: Settings,
    files: Files,
    channels: Channels,
    books: Books,
    /// Something changed: the timer looks again.
    changed: Notify,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Centre {
    /// Starts the control plane over workers that have been started.
    ///
    /// # Errors
    /// The agents can't be read from the store.
    pub async fn start(config: CentreConfig) -> Result<Self, store::StoreError> {
        let (policy, dispatch) = (config.settings.policy(), config.settings.dispatch());
        let mut floor = Floor::new(policy, dispatch, LegNames::default());
        config.store.cancel_orphaned_help(unix_now().0).await?;
        let queues = config.store.queues().await?;
        for agent in config.store.agents().await? {
            let served = queues.iter().filter(|queue| agent.queues.contains(&queue.id));
            let entry = AgentEntry {
                queues: served.map(|queue| queue.key.clone()).collect(),
                queue_ids: agent.queues.iter().map(|queue| QueueId(queue.0)).collect(),
                teams: agent.teams.iter().map(|team| interaction::TeamId(team.0)).collect(),
                since: unix_now(),
                name: agent.name,
            };
            floor.handle_agent(UserId(agent.id.0), entry);
        }
        let changes = config.auth.changes();
        let (books, bookkeeping) = books::open(config.store.clone());
        let inner = Inner {
            floor: Mutex::new(floor),
            media: config.media,
            auth: config.auth,
            store: config.store,
            settings: config.settings,
            files: config.files,
            channels: config.channels,
            books,
            changed: Notify::new(),
            tasks: Mutex::default(),
        };
        let centre = Self { inner: Arc::new(inner) };
        centre.choose_text();
        centre.take_up_chats().await?;
        centre.take_up().await?;
        let mut tasks = vec![
            tokio::spawn(centre.clone().follow_media(config.events)),
            tokio::spawn(centre.clone().follow_rights(changes)),
            tokio::spawn(centre.clone().follow_settings()),
            tokio::spawn(centre.clone().tidy_uploads()),
            tokio::spawn(centre.clone().keep_time()),
            tokio::spawn(centre.clone().send_meters()),
            tokio::spawn(bookkeeping),
        ];
        for channel in centre.inner.channels.iter() {
            tasks.push(tokio::spawn(sender::run(centre.clone(), channel.clone())));
        }
        *lock(&centre.inner.tasks) = tasks;
        Ok(centre)
    }

    /// Ends all calls, the event streams and the centre's own tasks, and writes the books. The
    /// workers are stopped by whoever started them.
    pub async fn stop(&self) {
        self.change(|floor, _| ((), floor.handle_stopping()));
        let deadline = Instant::now() + GOODBYE_MAX;
        while Instant::now() < deadline && !self.floor().calls.is_empty() {
            tokio::time::sleep(GOODBYE_PAUSE).await;
        }
        self.floor().hub.end_all(Ending::Stopping);
        self.inner.books.written().await;
        for task in lock(&self.inner.tasks).drain(..) {
            task.abort();
        }
    }

    /// Opens an event stream; its first message is the snapshot.
    ///
    /// # Errors
    /// See [`HubError`].
    pub fn connect(&self, user: &Arc<User>) -> Result<(ConnectionId, Outbox), HubError> {
        self.change(|floor, now| match floor.handle_connected(now, user) {
            Ok((id, outbox, effects)) => (Ok((id, outbox)), effects),
            Err(error) => (Err(error), Vec::new()),
        })
    }

    /// Whether there is room for another event stream of this user.
    ///
    /// # Errors
    /// See [`HubError`].
    pub fn may_connect(&self, user: &User) -> Result<(), HubError> {
        self.floor().hub.check(user.id)
    }

    /// An event stream has ended.
    pub fn disconnect(&self, id: ConnectionId) {
        self.change(|floor, now| ((), floor.handle_disconnected(now, id)));
    }

    /// What an agent wants to be. Without an event stream it takes effect once there is one.
    ///
    /// # Errors
    /// [`Error::Lacks`].
    pub fn set_presence(
        &self,
        user: &User,
        choice: PresenceChoice,
        reason: Option<String>,
    ) -> Result<(), Error> {
        require(user, Permission::TakeCalls)?;
        let choice = match choice {
            PresenceChoice::Ready => Choice::Ready,
            PresenceChoice::NotReady => Choice::NotReady { reason },
        };
        self.change(|floor, now| ((), floor.handle_choice(now, user, choice)));
        Ok(())
    }

    /// The calls that the user may see.
    pub fn calls(&self, user: &User) -> Vec<CallView> {
        self.floor().calls_of(user)
    }

    /// One call as the user may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn call(&self, user: &User, call: CallId) -> Result<CallView, Error> {
        let floor = self.floor();
        let (record, viewer) = floor.seen(user, call).ok_or(Error::NotFound("call"))?;
        Ok(floor.view(record, &record.state, viewer, user.id))
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

    pub(crate) fn floor(&self) -> MutexGuard<'_, Floor> {
        lock(&self.inner.floor)
    }

    /// Changes the floor, then does what comes of it.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Floor, Moment) -> (T, Vec<Effect>),
    ) -> T {
        let (result, effects) = change(&mut self.floor(), now());
        self.inner.changed.notify_one();
        self.bring_about(effects);
        result
    }

    /// Does what came of a change. Not generic: what is made of each change is made once.
    fn bring_about(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Command { call, command } => {
                    in_background(self.clone().command_as_server(call, command));
                }
                Effect::Finished(record) => self.inner.books.finished(record),
                Effect::Happened { call, events } => self.inner.books.happened(call, events),
                Effect::Helped { call, request } => self.inner.books.helped(call, request),
                Effect::Supervised(record) => self.inner.books.supervised(record),
                Effect::GuestDone(user) => self.inner.auth.call_ended(user),
                Effect::Converse { conversation, command } => {
                    let centre = self.clone();
                    in_background(async move {
                        centre.converse_as_server(conversation, command).await;
                    });
                }
                Effect::Heard { conversation, place, text } => {
                    in_background(self.clone().hear(conversation, place, text));
                }
                Effect::FollowCall(call) => in_background(self.clone().follow_call(call)),
                Effect::Transcribe(id) => in_background(self.clone().transcribe(id)),
            }
        }
    }

    /// The mood of what a customer wrote.
    async fn hear(self, id: ConversationId, place: u64, text: String) {
        let score = crate::desk::mood::score(&text);
        self.change(|floor, now| (floor.handle_mood(now, id, place, score), Vec::new()));
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

    /// Waits until the event streams have been told of what `reply` says, so that whoever gets an
    /// answer reads no older state afterwards.
    async fn told(&self, call: CallId, revision: Revision) {
        let told = self.floor().calls.get(&call).map(|record| record.told.subscribe());
        let Some(mut told) = told else { return };
        let wait = told.wait_for(|told| *told >= revision);
        if tokio::time::timeout(TOLD_TIMEOUT, wait).await.is_err() {
            tracing::warn!(%call, "the event streams lag behind the media workers");
        }
    }

    /// A refusal, with the call in the eyes of the one who asked.
    fn refused(&self, user: &User, call: CallId, error: CommandError) -> Error {
        metrics::counter!("sotto_refusals_total").increment(1);
        match error {
            CommandError::Refused { refusal, state } => {
                let floor = self.floor();
                let view = floor
                    .seen(user, call)
                    .map(|(record, viewer)| Box::new(floor.view(record, &state, viewer, user.id)));
                Error::Refused { refusal, call: view }
            }
            CommandError::NoSuchCall => Error::NotFound("call"),
            CommandError::NoSuchStation => Error::NotFound("station"),
            CommandError::StationBusy => Error::StationBusy,
            CommandError::Overloaded => Error::Overloaded,
        }
    }

    /// Keeps a refused act of supervision; what was done is kept when the call or conversation
    /// tells of it.
    pub(crate) fn audited<T>(
        &self,
        user: &User,
        id: impl Display,
        mode: ModeKind,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        if let Err(error) = &result {
            self.inner.books.supervised(store::SupervisionRecord {
                at: unix_now().0,
                user: user.id.0,
                username: user.username.clone(),
                call: id.to_string(),
                action: mode_name(mode).to_owned(),
                outcome: error.to_string(),
            });
        }
        result
    }

    /// How the user sees the call.
    fn viewer(&self, user: &User, call: CallId) -> Result<Viewer, Error> {
        let floor = self.floor();
        floor.seen(user, call).map(|(_, viewer)| viewer).ok_or(Error::NotFound("call"))
    }

    /// Sends a user's command and waits until it has been told of.
    async fn command(
        &self,
        user: &User,
        call: CallId,
        command: Command,
        station: Option<interaction::StationId>,
    ) -> Result<CommandReply, Error> {
        let by = Actor::User(user.id);
        match self.inner.media.command(call, by, command, station).await {
            Ok(reply) => {
                self.told(call, reply.state.revision()).await;
                Ok(reply)
            }
            Err(error) => Err(self.refused(user, call, error)),
        }
    }
}

/// Refuses without `permission`.
pub(crate) fn require(user: &User, permission: Permission) -> Result<(), Error> {
    if user.permissions.has(permission) { Ok(()) } else { Err(Error::Lacks(permission)) }
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
    }
}

/// The control plane goes on after a panic in a request: each change of the floor is whole or
/// concerns one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
