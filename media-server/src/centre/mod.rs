//! The control plane: the single owner of stations' owners, call records and agents' presence.
//!
//! [`Floor`] decides; [`Centre`] holds it behind a lock with short critical sections, asks the
//! media workers, and keeps the books. Nothing of this is on the path of an audio packet, and who
//! hears whom is decided by `interaction` alone. HTTP is not known here: refusals are [`Error`]s.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use interaction::dispatch::Choice;
use interaction::{
    Actor, CallId, Command, ConversationId, ModeKind, Permission, QueueId, Refusal, Revision,
    UserId, Viewer,
};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::task::JoinHandle;
use wire::{CallView, PresenceChoice};

use crate::auth::{Auth, User, unix_now};
use crate::channels::{Channels, sender};
use crate::desk::files::Files;
use crate::hub::view::LegNames;
use crate::hub::{ConnectionId, Ending, HubError, Outbox};
use crate::settings::Settings;
use crate::worker::{CommandError, CommandReply, Media, MediaEvent, StationError};

mod books;
mod call;
mod chats;
pub mod floor;
mod handing;
pub mod happened;
pub mod mood;
pub mod record;
mod station;
mod telling;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use call::{LegChange, Placement};
pub use floor::{Effect, Floor, Moment};
pub use handing::Handing;

use books::Books;
use floor::AgentEntry;

/// How often levels are sent.
const METER_INTERVAL: Duration = Duration::from_millis(100);
/// Meters between two looks at how calls sound: every 2 s.
const METERS_PER_MOOD: u32 = 20;
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

/// Why the centre refused. Whoever answers for it says it in HTTP's terms.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not for this user to know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A right is missing.
    #[error("the permission {0:?} is missing")]
    Lacks(Permission),
    /// The user's part in the call does not allow it.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// Supervision begins in Listen, nowhere else.
    #[error("supervision begins in listen")]
    NotListen(Box<CallView>),
    /// The call does not ring at this agent.
    #[error("the call does not ring here")]
    OfferGone,
    /// The user has as many stations as they may.
    #[error("too many stations")]
    StationsFull,
    /// Too many calls wait.
    #[error("all lines are busy")]
    LinesBusy,
    /// The call's rules forbid it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The call as it is, in the eyes of the one who asked.
        call: Option<Box<CallView>>,
    },
    /// The station is on a call already.
    #[error("the station is on a call already")]
    StationBusy,
    /// The station could not be set up or changed.
    #[error(transparent)]
    Station(#[from] StationError),
    /// The workers have too much to do.
    #[error("the media workers are overloaded")]
    Overloaded,
    /// The conversation's rules forbid it.
    #[error("{0}")]
    Text(interaction::conversation::Refusal),
    /// Supervision of a conversation begins in Listen, nowhere else.
    #[error("supervision begins in listen")]
    TextNotListen,
    /// The conversation is not offered to this agent.
    #[error("the conversation is not offered here")]
    TextOfferGone,
    /// Another agent was faster; their name.
    #[error("{0} has taken it")]
    Taken(String),
    /// The agent holds as many conversations as they may.
    #[error("as many conversations as allowed")]
    HoldsEnough,
    /// More messages than a person writes; how long to wait.
    #[error("too many messages at once")]
    TooFast(Duration),
    /// Its transcript is made at its end.
    #[error("the conversation goes on")]
    StillGoesOn,
    /// What was uploaded is of a type that is not taken.
    #[error("a type of file that is not taken")]
    UnknownType,
    /// The conversation has as many attachments, or the user as many unsent ones, as allowed.
    #[error("too many uploads")]
    TooManyUploads,
    /// It could not be kept, and so has not happened.
    #[error("it could not be kept")]
    NotKept,
}

impl From<store::StoreError> for Error {
    fn from(error: store::StoreError) -> Self {
        tracing::error!(%error, "the store could not be read");
        Self::NotKept
    }
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

    /// The books.
    pub(crate) fn books(&self) -> &Books {
        &self.inner.books
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

    async fn follow_media(self, mut events: mpsc::Receiver<MediaEvent>) {
        while let Some(event) = events.recv().await {
            self.change(|floor, now| ((), floor.handle_media(now, event)));
        }
    }

    async fn follow_rights(self, mut changes: broadcast::Receiver<UserId>) {
        loop {
            match changes.recv().await {
                Ok(id) => self.rights_changed(id).await,
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    // Whose change was missed is not known: everybody is looked at again.
                    let users: Vec<UserId> =
                        self.floor().hub.users().map(|(_, user)| user.id).collect();
                    for id in users {
                        self.rights_changed(id).await;
                    }
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// The text side as administrators chose it.
    fn choose_text(&self) {
        let settings = &self.inner.settings;
        let (dispatch, messages) = (settings.text_dispatch(), settings.messages_per_minute());
        self.change(|floor, _| (floor.desk.handle_settings(dispatch, messages), Vec::new()));
    }

    async fn follow_settings(self) {
        let settings = &self.inner.settings;
        let (mut changes, mut rule) = (settings.changes(), settings.whisper_rule());
        while changes.changed().await.is_ok() {
            let (policy, dispatch) = (settings.policy(), settings.dispatch());
            self.change(|floor, _| (floor.handle_settings(policy, dispatch), Vec::new()));
            self.choose_text();
            let before = std::mem::replace(&mut rule, settings.whisper_rule());
            if before != rule {
                self.whisper_rule_changed().await;
            }
        }
    }

    /// Rights changed, or somebody signed out. Of a user who can't be read only the supervision
    /// ends: that is the safe side.
    async fn rights_changed(&self, id: UserId) {
        let loaded = self.inner.auth.load(id).await;
        let is_gone = matches!(loaded, Ok(None));
        let user = loaded.ok().flatten();
        self.change(|floor, now| {
            let mut effects = floor.handle_rights(id, user.as_ref());
            if user.is_some() || is_gone {
                effects.extend(floor.handle_account(now, id, user.as_ref()));
            }
            ((), effects)
        });
        self.text_rights_changed(id, user.as_ref()).await;
        if is_gone {
            let stations = self.floor().stations_of(id);
            for station in stations {
                // One that is closed already is what was wanted.
                let _ = self.inner.media.close_station(station).await;
            }
        }
    }

    async fn keep_time(self) {
        loop {
            let deadline = self.floor().next_deadline();
            let sleep = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = sleep => self.change(|floor, now| ((), floor.handle_timeout(now))),
                () = self.inner.changed.notified() => {}
            }
        }
    }

    async fn send_meters(self) {
        let mut ticks = tokio::time::interval(METER_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        for count in 1_u32.. {
            ticks.tick().await;
            let mut floor = self.floor();
            // Moods go first: meters are sent to those alone who have read all the rest.
            if count.is_multiple_of(METERS_PER_MOOD) {
                floor.flush_moods(unix_now());
            }
            floor.flush_meters(unix_now());
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
