//! A centre in full swing: the live state, fed by the call model in the media workers' place.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use control_plane::{
    AgentEntry, CallerInfo, CallerSource, Effect, LegNames, LiveState, MediaFact, Moment, NewCall,
    StreamId,
};
use interaction::offers::{LineConfig, Medium};
use interaction::{
    AccountRole, Actor, Authority, CallId, CallState, Command, Membership, Permission, Permissions,
    Policy, QueueId, QueueRef, TeamId, UnixMs, User, UserId,
};
use orchestrator::event_streams::{EventStreams, Outbox};

/// Supervisors with an event stream each.
pub const SUPERVISORS: u64 = 200;
const AGENTS: u64 = 5_000;
/// Supervisors' ids begin here; agents' at 0.
const FIRST_SUPERVISOR: u64 = 100_000;

/// Copies are of the same centre.
#[derive(Clone)]
pub struct Centre {
    inner: Arc<Mutex<Inner>>,
    streams: EventStreams,
    teams: u64,
}

struct Inner {
    live: LiveState,
    calls: Vec<CallState>,
    /// For levels that look like speech; any sequence will do, but each run has the same.
    noise: u32,
}

impl Centre {
    /// Its agents are known; nobody is there.
    pub fn new(names: LegNames, streams: EventStreams, teams: u64) -> Self {
        let mut live = LiveState::new(Policy::default(), LineConfig::of(Medium::Voice), names);
        for agent in 0..AGENTS {
            let team = agent % teams;
            let entry = AgentEntry {
                name: format!("Agent {agent}"),
                queues: vec![queue(team).key],
                teams: vec![TeamId(team)],
                since: now().unix,
                until: None,
            };
            live.handle_agent(UserId(agent), entry);
        }
        let inner = Inner { live, calls: Vec::new(), noise: 1 };
        Self { inner: Arc::new(Mutex::new(inner)), streams, teams }
    }

    /// Puts so many agents on calls.
    pub fn fill(&self, calls: usize) {
        let mut inner = self.lock();
        for number in 0..calls as u64 {
            // Ids as long as the server's.
            let (id, team) = (CallId(1 << 63 | number), number % self.teams);
            let caller = UserId::guest(number + 1);
            let guest = User::guest(caller, format!("Caller {number}"), vec![queue(team)]);
            inner.live.handle_opening(NewCall {
                id,
                info: CallerInfo {
                    name: guest.name.clone(),
                    number: None,
                    source: CallerSource::Stated,
                },
                caller: Arc::new(guest),
                queue: Some(queue(team)),
                teams: vec![TeamId(team)],
                placed_at: now().unix,
                dialed_by: None,
                mood: true,
                tells_place: false,
                state: CallState::new(id, Policy::default()),
            });
            inner.calls.push(CallState::new(id, Policy::default()));
            self.apply(&mut inner, number as usize, Command::JoinCaller { user: caller });
            let agent = UserId(number);
            inner.live.learn(id, &staff(agent, AccountRole::Agent, team));
            self.apply(&mut inner, number as usize, Command::JoinAgent { user: agent });
        }
    }

    /// A supervisor's page opens its event stream.
    pub fn connect(&self, supervisor: u64) -> (StreamId, Outbox) {
        let id = UserId(FIRST_SUPERVISOR + supervisor);
        let user = staff(id, AccountRole::Supervisor, supervisor % self.teams);
        let mut inner = self.lock();
        let (id, effects) =
            inner.live.handle_connected(now(), &Arc::new(user)).expect("there is room for all");
        let outbox = self.streams.open(id);
        self.run(effects);
        (id, outbox)
    }

    /// A page that fell behind begins again with a snapshot.
    pub fn resynchronise(&self, stream: StreamId) {
        let effects = self.lock().live.handle_resynchronisation(now(), stream);
        self.run(effects);
    }

    /// The agent of this call puts the caller on hold, or takes them back.
    pub fn toggle_hold(&self, call: usize) {
        let mut inner = self.lock();
        let held = !inner.calls[call].held();
        self.apply(&mut inner, call, Command::SetHeld { held });
    }

    /// Everybody's levels, each another than before, as from the workers.
    pub fn meters(&self) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        for state in &inner.calls {
            let levels = state.legs().iter().map(|leg| {
                inner.noise = inner.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let level = -20 - (inner.noise >> 27) as i8;
                (leg.id, level, level > -35)
            });
            let fact = MediaFact::Meters { call: state.id(), levels: levels.collect() };
            self.run(inner.live.handle_media(now(), fact));
        }
        self.run(inner.live.handle_meters_due(now().unix));
    }

    fn apply(&self, inner: &mut Inner, call: usize, command: Command) {
        let at = now();
        let state = &mut inner.calls[call];
        let applied = state.apply(at.unix, Actor::System, command).expect("the story is allowed");
        let fact =
            MediaFact::CallChanged { state: Arc::new(state.clone()), events: applied.events };
        self.run(inner.live.handle_media(at, fact));
    }

    fn run(&self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Publish(publication) = effect {
                self.streams.publish(publication);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn staff(id: UserId, role: AccountRole, team: u64) -> User {
    let permissions = match role {
        AccountRole::Agent => Permissions::NONE.with(Permission::TakeCalls),
        _ => [Permission::ViewContactCenterDashboard, Permission::MonitorLiveCalls]
            .into_iter()
            .collect(),
    };
    User {
        id,
        username: format!("user{}", id.0),
        name: format!("User {}", id.0),
        role,
        permissions,
        teams: vec![Membership { id: TeamId(team), name: format!("Team {team}") }],
        queues: vec![queue(team)],
        authority: Authority::LookedUp,
    }
}

fn queue(team: u64) -> QueueRef {
    let key = format!("queue{team}");
    QueueRef { id: QueueId(team), name: key.clone(), key, team: TeamId(team) }
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { instant: Instant::now(), unix: UnixMs(since.as_millis() as u64) }
}
