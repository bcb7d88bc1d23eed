//! People and a stage for tests: the real floor, fed by the real call model, with a clock of its
//! own. Only the media workers are left out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interaction::dispatch::{Choice, DispatchConfig, Target};
use interaction::{
    Actor, Applied, CallId, CallState, Command, LegId, ModeKind, Permission, Permissions, Policy,
    QueueId, Refusal, TeamId, UnixMs, UserId,
};
use wire::CallerInfo;

use super::floor::{Effect, Floor, Moment, Receiver};
use super::record::NewCall;
use crate::auth::{Membership, QueueRef, User};
use crate::hub::view::LegNames;
use crate::hub::{ConnectionId, Outbox};
use media_workers::MediaEvent;

pub(crate) const SUPPORT: TeamId = TeamId(1);
pub(crate) const SALES: TeamId = TeamId(2);
pub(crate) const CALL: CallId = CallId(0xca11);

/// Somebody without rights.
pub(crate) fn user(id: u64) -> Arc<User> {
    person(id, "Somebody", store::Role::Caller, Permissions::NONE, &[])
}

pub(crate) fn guest() -> Arc<User> {
    Arc::new(User::guest(UserId(100), "Daniel".to_owned(), vec![queue(SUPPORT)]))
}

pub(crate) fn agent(id: u64, name: &str) -> Arc<User> {
    let permissions = Permissions::NONE.with(Permission::TakeCalls);
    person(id, name, store::Role::Agent, permissions, &[SUPPORT])
}

pub(crate) fn supervisor(id: u64, name: &str, team: TeamId) -> Arc<User> {
    let permissions = [
        Permission::ViewContactCenterDashboard,
        Permission::MonitorLiveCalls,
        Permission::WhisperLiveCalls,
        Permission::BargeLiveCalls,
    ];
    let permissions = permissions.into_iter().collect();
    person(id, name, store::Role::Supervisor, permissions, &[team])
}

pub(crate) fn queue(team: TeamId) -> QueueRef {
    let key = if team == SUPPORT { "support" } else { "sales" };
    QueueRef { id: QueueId(team.0), key: key.to_owned(), name: key.to_owned(), team }
}

fn person(
    id: u64,
    name: &str,
    role: store::Role,
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
    })
}

/// A floor with the calls that a media worker would hold.
pub(crate) struct Stage {
    pub(crate) floor: Floor,
    pub(crate) now: Moment,
    pub(crate) states: BTreeMap<CallId, CallState>,
    /// What the floor wanted kept.
    pub(crate) kept: Vec<Effect>,
}

impl Stage {
    /// `names` is shared by stages that are to be compared.
    pub(crate) fn new(names: &LegNames) -> Self {
        Self {
            floor: Floor::new(Policy::default(), DispatchConfig::default(), names.clone()),
            now: Moment { instant: Instant::now(), unix: UnixMs(1_000_000) },
            states: BTreeMap::new(),
            kept: Vec::new(),
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.unix.0 += time.as_millis() as u64;
        let effects = self.floor.handle_timeout(self.now);
        self.run(effects);
    }

    pub(crate) fn connect(&mut self, user: &Arc<User>) -> (ConnectionId, Outbox) {
        let (id, outbox, effects) = self.floor.handle_connected(self.now, user).unwrap();
        self.run(effects);
        (id, outbox)
    }

    pub(crate) fn disconnect(&mut self, id: ConnectionId) {
        let effects = self.floor.handle_disconnected(self.now, id);
        self.run(effects);
    }

    pub(crate) fn ready(&mut self, agent: &User) {
        let effects = self.floor.handle_choice(self.now, agent, Choice::Ready);
        self.run(effects);
    }

    pub(crate) fn place(&mut self, caller: &Arc<User>) {
        let policy = Policy::default();
        let state = CallState::new(CALL, policy);
        self.states.insert(CALL, state.clone());
        self.floor.handle_opening(NewCall {
            id: CALL,
            caller: caller.clone(),
            info: CallerInfo { name: caller.name.clone(), number: None },
            queue: Some(queue(SUPPORT)),
            teams: vec![SUPPORT],
            placed_at: self.now.unix,
            mood: true,
            state,
        });
        self.apply(Command::JoinCaller { user: caller.id }).unwrap();
        let target = Target::Queue(QueueId(SUPPORT.0));
        let effects = self.floor.handle_placed(self.now, CALL, target).unwrap();
        self.run(effects);
    }

    pub(crate) fn answer(&mut self, agent: &User) -> LegId {
        let join = match self.floor.handle_claim(CALL, agent).unwrap() {
            Some(handover) => Command::AcceptHandover { user: agent.id, handover },
            None => Command::JoinAgent { user: agent.id },
        };
        self.apply(join).unwrap().joined.unwrap()
    }

    /// The first agent's leg.
    pub(crate) fn agent_leg(&self) -> LegId {
        self.states[&CALL].agents().next().expect("an agent is on the call").id
    }

    /// Lets the call know of a queue or agent and hands it there.
    pub(crate) fn hand_over(&mut self, target: Target, command: impl FnOnce(Target) -> Command) {
        let queue = match target {
            Target::Queue(id) => Some(queue(TeamId(id.0))),
            Target::Agent(_) => None,
        };
        self.floor.handle_receiver(CALL, &Receiver { target, queue });
        self.apply(command(target)).unwrap();
    }

    pub(crate) fn supervise(&mut self, user: &User) -> LegId {
        self.floor.learn(CALL, user);
        let command = Command::Supervise { user: user.id, rights: user.permissions.rights() };
        self.apply(command).unwrap().joined.unwrap()
    }

    pub(crate) fn set_mode(&mut self, leg: LegId, mode: ModeKind) {
        self.apply(Command::SetMode { leg, mode, coach: None, expected: None }).unwrap();
    }

    pub(crate) fn apply(&mut self, command: Command) -> Result<Applied, Refusal> {
        let state = self.states.get_mut(&CALL).expect("the call was placed");
        let applied = state.apply(self.now.unix, Actor::System, command)?;
        let (state, events) = (Arc::new(state.clone()), applied.events.clone());
        let effects = self.floor.handle_media(self.now, MediaEvent::CallChanged { state, events });
        self.run(effects);
        Ok(applied)
    }

    /// A level for every leg, sent on.
    pub(crate) fn meters(&mut self) {
        let legs = self.states[&CALL].legs().iter();
        let levels = legs.map(|leg| (leg.id, -20, true)).collect();
        let effects = self.floor.handle_media(self.now, MediaEvent::Meters { call: CALL, levels });
        self.run(effects);
        self.floor.flush_meters(self.now.unix);
    }

    pub(crate) fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // A leg that is gone meanwhile is refused, as a worker would.
                Effect::Command { command, .. } => drop(self.apply(command)),
                other => self.kept.push(other),
            }
        }
    }
}

/// Everything that waits on a stream, as it would go over the wire.
pub(crate) fn read(outbox: &mut Outbox) -> Vec<String> {
    std::iter::from_fn(|| outbox.messages.try_recv().ok()).collect()
}
