//! People and a stage for tests: the real live state, fed by the real call model, with a clock of
//! its own. Only the media workers are left out. Behind the feature `testing`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use interaction::offers::{Choice, LineConfig, Medium};
use interaction::{
    AccountRole, Actor, Applied, CallId, CallState, Command, LegId, Membership, ModeKind,
    Permission, Permissions, Policy, QueueId, QueueRef, Refusal, StationId, StationState, Target,
    TeamId, UnixMs, User, UserId,
};

use crate::{
    AgentBusy, CallerInfo, CallerSource, Delivery, Effect, Ending, LegNames, LiveState, MediaFact,
    Moment, NewCall, Publication, Receiver, StreamId,
};

/// A team.
pub const SUPPORT: TeamId = TeamId(1);
/// Another team.
pub const SALES: TeamId = TeamId(2);
/// The one call of a stage.
pub const CALL: CallId = CallId(0xca11);

/// Somebody without rights.
pub fn user(id: u64) -> Arc<User> {
    person(id, "Somebody", AccountRole::Caller, Permissions::NONE, &[])
}

/// The caller.
pub fn guest() -> Arc<User> {
    Arc::new(User::guest(UserId::guest(100), "Daniel".to_owned(), vec![queue(SUPPORT)]))
}

/// An agent of Support.
pub fn agent(id: u64, name: &str) -> Arc<User> {
    let permissions = Permissions::NONE.with(Permission::TakeCalls);
    person(id, name, AccountRole::Agent, permissions, &[SUPPORT])
}

/// A supervisor of a team, with every right.
pub fn supervisor(id: u64, name: &str, team: TeamId) -> Arc<User> {
    let permissions = [
        Permission::ViewContactCenterDashboard,
        Permission::MonitorLiveCalls,
        Permission::WhisperLiveCalls,
        Permission::BargeLiveCalls,
    ];
    let permissions = permissions.into_iter().collect();
    person(id, name, AccountRole::Supervisor, permissions, &[team])
}

/// A team's queue.
pub fn queue(team: TeamId) -> QueueRef {
    let key = if team == SUPPORT { "support" } else { "sales" };
    QueueRef { id: QueueId(team.0), key: key.to_owned(), name: key.to_owned(), team }
}

fn person(
    id: u64,
    name: &str,
    role: AccountRole,
    permissions: Permissions,
    teams: &[TeamId],
) -> Arc<User> {
    let membership = |team: &TeamId| Membership { id: *team, name: format!("Team {}", team.0) };
    Arc::new(User {
        id: UserId(id),
        username: format!("user{id}"),
        name: name.to_owned(),
        role,
        permissions,
        teams: teams.iter().map(membership).collect(),
        queues: teams.iter().map(|team| queue(*team)).collect(),
        authority: interaction::Authority::LookedUp,
    })
}

/// The station that somebody has on a [`Stage`].
pub fn station_of(user: UserId) -> StationId {
    StationId(user.0.wrapping_add(1 << 32))
}

/// A live state with the calls that a media worker would hold.
pub struct Stage {
    /// What is tested.
    pub live: LiveState,
    /// The time.
    pub now: Moment,
    /// What a worker would hold.
    pub states: BTreeMap<CallId, CallState>,
    /// What was wanted of others, but for commands and news.
    pub kept: Vec<Effect>,
    /// What waits on each stream.
    inboxes: BTreeMap<StreamId, Inbox>,
}

impl Stage {
    /// `names` is shared by stages that are to be compared.
    pub fn new(names: &LegNames, start: Instant) -> Self {
        Self {
            live: LiveState::new(Policy::default(), LineConfig::of(Medium::Voice), names.clone()),
            now: Moment { instant: start, unix: UnixMs(1_000_000) },
            states: BTreeMap::new(),
            kept: Vec::new(),
            inboxes: BTreeMap::new(),
        }
    }

    /// Time passes.
    pub fn pass(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.unix.0 += time.as_millis() as u64;
        let effects = self.live.handle_timeout(self.now);
        self.run(effects);
    }

    /// Opens an event stream, for who takes calls with a station beside it.
    pub fn connect(&mut self, user: &Arc<User>) -> (StreamId, Inbox) {
        if user.permissions.has(Permission::TakeCalls) {
            self.open_station(user);
        }
        self.connect_without_media(user)
    }

    /// Opens an event stream and nothing else.
    pub fn connect_without_media(&mut self, user: &Arc<User>) -> (StreamId, Inbox) {
        let (id, effects) = self.live.handle_connected(self.now, user).unwrap();
        let inbox = Inbox { waiting: Arc::default(), names: self.live.leg_names().clone() };
        self.inboxes.insert(id, inbox.clone());
        self.run(effects);
        (id, inbox)
    }

    /// A telephone of the user's is there.
    pub fn connect_phone(&mut self, user: &Arc<User>) -> (StreamId, Inbox) {
        let (id, effects) = self.live.handle_phone_connected(self.now, user).unwrap();
        let inbox = Inbox { waiting: Arc::default(), names: self.live.leg_names().clone() };
        self.inboxes.insert(id, inbox.clone());
        self.run(effects);
        (id, inbox)
    }

    /// Closes one.
    pub fn disconnect(&mut self, id: StreamId) {
        let effects = self.live.handle_disconnected(self.now, id);
        self.run(effects);
    }

    /// The agent is ready.
    pub fn ready(&mut self, agent: &User) {
        let effects = self.live.handle_choice(self.now, agent, Choice::Ready);
        self.run(effects);
    }

    /// Opens the user's station, and its media are up.
    pub fn open_station(&mut self, user: &User) {
        let station = station_of(user.id);
        self.live.handle_station_opening(station, user);
        let state = StationState::Connected(None);
        let fact = MediaFact::StationChanged { station, state };
        let effects = self.live.handle_media(self.now, fact);
        self.run(effects);
    }

    /// Places the call to Support.
    pub fn place(&mut self, caller: &Arc<User>) {
        self.open_station(caller);
        self.place_by(caller);
    }

    /// The same, with a station whose media are not up.
    pub fn place_silently(&mut self, caller: &Arc<User>) {
        self.live.handle_station_opening(station_of(caller.id), caller);
        self.place_by(caller);
    }

    /// An agent of Support calls somebody: the agent is on the call.
    ///
    /// # Errors
    /// See [`AgentBusy`].
    pub fn dial(&mut self, agent: &User, callee: &Arc<User>) -> Result<(), AgentBusy> {
        let state = CallState::new(CALL, Policy::default());
        let call =
            NewCall { queue: None, dialed_by: Some(agent.id), ..self.call_of(callee, &state) };
        self.live.handle_dialing(call, agent)?;
        self.states.insert(CALL, state);
        self.apply(Command::JoinAgent { user: agent.id }).expect("a fresh call takes an agent");
        Ok(())
    }

    fn call_of(&self, caller: &Arc<User>, state: &CallState) -> NewCall {
        NewCall {
            id: CALL,
            caller: caller.clone(),
            info: CallerInfo {
                name: caller.name.clone(),
                number: None,
                source: CallerSource::Stated,
            },
            queue: Some(queue(SUPPORT)),
            teams: vec![SUPPORT],
            placed_at: self.now.unix,
            dialed_by: None,
            mood: true,
            tells_place: false,
            state: state.clone(),
        }
    }

    fn place_by(&mut self, caller: &Arc<User>) {
        let state = CallState::new(CALL, Policy::default());
        let call = self.call_of(caller, &state);
        self.states.insert(CALL, state);
        self.live.handle_opening(call);
        self.apply(Command::JoinCaller { user: caller.id }).unwrap();
        let target = Target::Queue(QueueId(SUPPORT.0));
        let effects =
            self.live.handle_placed(self.now, CALL, target, station_of(caller.id)).unwrap();
        self.run(effects);
    }

    /// The agent answers; their leg.
    pub fn answer(&mut self, agent: &User) -> LegId {
        let join = match self.live.handle_claim(CALL, agent).unwrap() {
            Some(handover) => Command::AcceptHandover { user: agent.id, handover },
            None => Command::JoinAgent { user: agent.id },
        };
        self.apply(join).unwrap().joined.unwrap()
    }

    /// The first agent's leg.
    pub fn agent_leg(&self) -> LegId {
        self.states[&CALL].agents().next().expect("an agent is on the call").id
    }

    /// Lets the call know of a queue or agent and hands it there.
    pub fn hand_over(&mut self, target: Target, command: impl FnOnce(Target) -> Command) {
        let queue = match target {
            Target::Queue(id) => Some(queue(TeamId(id.0))),
            Target::Agent(_) => None,
        };
        self.live.handle_receiver(CALL, &Receiver { target, queue });
        self.apply(command(target)).unwrap();
    }

    /// Begins to listen; the supervisor's leg.
    pub fn supervise(&mut self, user: &User) -> LegId {
        self.live.learn(CALL, user);
        let command = Command::Supervise { user: user.id, rights: user.permissions.rights() };
        self.apply(command).unwrap().joined.unwrap()
    }

    /// Changes a supervisor's mode.
    pub fn set_mode(&mut self, leg: LegId, mode: ModeKind) {
        self.apply(Command::SetMode { leg, mode, coach: None, announce: true, expected: None })
            .unwrap();
    }

    /// Applies a command as the call's worker would, and reports what happened.
    pub fn apply(&mut self, command: Command) -> Result<Applied, Refusal> {
        let state = self.states.get_mut(&CALL).expect("the call was placed");
        let applied = state.apply(self.now.unix, Actor::System, command)?;
        let (state, events) = (Arc::new(state.clone()), applied.events.clone());
        let effects = self.live.handle_media(self.now, MediaFact::CallChanged { state, events });
        self.run(effects);
        Ok(applied)
    }

    /// A level for every leg, sent on.
    pub fn meters(&mut self) {
        let legs = self.states[&CALL].legs().iter();
        let levels = legs.map(|leg| (leg.id, -20, true)).collect();
        let effects = self.live.handle_media(self.now, MediaFact::Meters { call: CALL, levels });
        self.run(effects);
        let effects = self.live.handle_meters_due(self.now.unix);
        self.run(effects);
    }

    /// Does what is wanted, as the shell would.
    pub fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // A leg that is gone meanwhile is refused, as a worker would.
                Effect::ToMedia { command, .. } => drop(self.apply(command)),
                Effect::Publish(publication) => self.publish(&publication),
                Effect::EndStream(id, ending) => {
                    if let Some(inbox) = self.inboxes.get(&id) {
                        lock(&inbox.waiting).ending = Some(ending);
                    }
                }
                other => self.kept.push(other),
            }
        }
    }

    /// Lossy news is left out for whoever is behind, as by a real outbox.
    fn publish(&mut self, publication: &Publication) {
        for stream in &publication.to {
            let Some(inbox) = self.inboxes.get(stream) else { continue };
            let mut waiting = lock(&inbox.waiting);
            if publication.delivery == Delivery::Reliable || waiting.news.is_empty() {
                waiting.news.push(publication.clone());
            }
        }
    }
}

/// What waits for one reader. Copies are of the same one.
#[derive(Clone, Debug)]
pub struct Inbox {
    waiting: Arc<Mutex<Waiting>>,
    names: LegNames,
}

#[derive(Debug, Default)]
struct Waiting {
    news: Vec<Publication>,
    ending: Option<Ending>,
}

impl Inbox {
    /// Takes what waits.
    pub fn take(&self) -> Vec<Publication> {
        std::mem::take(&mut lock(&self.waiting).news)
    }

    /// Why the server ended the stream, if it did.
    pub fn ending(&self) -> Option<Ending> {
        lock(&self.waiting).ending
    }

    /// The names of legs, as the stage has them.
    pub fn names(&self) -> &LegNames {
        &self.names
    }
}

fn lock(waiting: &Mutex<Waiting>) -> std::sync::MutexGuard<'_, Waiting> {
    waiting.lock().expect("a test has one thread")
}
