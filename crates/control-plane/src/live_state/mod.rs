//! The live state as a plain struct: presence, stations, calls, and who is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use interaction::offers::{Choice, LineConfig, Medium, Offers, Presence};
use interaction::{
    AccountRole, CallId, Command, LeaveReason, LegId, Open, Permission, Policy, QueueId, QueueRef,
    Role, SignInId, StationId, StationState, TeamId, UnixMs, User, UserId, Viewer,
};

use crate::call_terms::CallEnd;
use crate::chats::Chats;
use crate::conversations::Conversations;
use crate::effect::{Effect, MediaFact, Moment, Subject, WrapUp};
use crate::leg_names::LegNames;
use crate::live_call::{LiveCall, NewCall};
use crate::publication::{Delivery, News, Publication};
use crate::streams::{Ending, StreamId, StreamRefusal, Streams};

mod calls;
mod capacity;
mod conversations;
mod dialing;
mod handover;
mod phones;
mod places;
mod publish_calls;
mod publish_conversations;
mod reach;
mod ringing;
mod sign_ins;
mod staffing;
mod wrap_up;

pub use capacity::{Capacity, Pool};
pub use conversations::spoken;
pub use dialing::AgentBusy;
pub use handover::{Destinations, QueueAvailability, Receiver};
use reach::Awaiting;
pub use reach::{MEDIA_PATIENCE, Missing};
pub use sign_ins::Ended;
use sign_ins::Opener;

/// Stations that one user may have: a page, its reload, and a phone or two.
pub const STATIONS_PER_USER_MAX: usize = 4;
/// How long an agent whose last event stream ended still counts as there: a reload of the page.
pub const AWAY_GRACE: Duration = Duration::from_secs(5);

/// Everything that goes on in the centre at this moment.
#[derive(Debug)]
pub struct LiveState {
    streams: Streams,
    offers: Offers,
    calls: BTreeMap<CallId, LiveCall>,
    agents: BTreeMap<UserId, AgentEntry>,
    text: Conversations,
    chats: Chats,
    /// The latest levels, overwritten and never queued.
    levels: BTreeMap<CallId, Vec<(LegId, i8, bool)>>,
    names: LegNames,
    policy: Policy,
    stations: BTreeMap<StationId, Opener>,
    /// Calls that do not ring yet: their caller's media are not up.
    awaiting: BTreeMap<CallId, Awaiting>,
    capacity: Capacity,
    /// Calls that wait and whose callers are told their place in the queue.
    telling_place: BTreeSet<CallId>,
    /// By which sign-in somebody supervises what.
    supervision: BTreeMap<(Subject, UserId), SignInId>,
    /// Those event streams that are telephones: their users can be heard without a station.
    phones: BTreeSet<StreamId>,
    /// Users whose last event stream has ended, and until when that is forgiven.
    away: BTreeMap<UserId, Instant>,
    /// Who writes up which call; `until` is not known yet.
    wrapping_up: BTreeMap<UserId, WrapUp>,
}

/// An agent of the centre, there or not.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentEntry {
    /// The name shown.
    pub name: String,
    /// The queues that the agent serves, by key.
    pub queues: Vec<String>,
    /// The agent's teams.
    pub teams: Vec<TeamId>,
    /// Since when the agent's presence holds.
    pub since: UnixMs,
    /// Until when the agent writes up their last call.
    pub until: Option<UnixMs>,
}

impl LiveState {
    /// Nobody is there and nothing goes on. `names` makes legs' ids.
    pub fn new(policy: Policy, calls: LineConfig, names: LegNames) -> Self {
        let mut offers = Offers::default();
        offers.configure(Medium::Voice, calls);
        Self {
            streams: Streams::default(),
            offers,
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            levels: BTreeMap::new(),
            names,
            policy,
            chats: Chats::default(),
            text: Conversations::default(),
            stations: BTreeMap::new(),
            awaiting: BTreeMap::new(),
            capacity: Capacity::default(),
            telling_place: BTreeSet::new(),
            supervision: BTreeMap::new(),
            phones: BTreeSet::new(),
            away: BTreeMap::new(),
            wrapping_up: BTreeMap::new(),
        }
    }

    /// The centre chose otherwise: for calls from now on.
    pub fn handle_settings(&mut self, policy: Policy, calls: LineConfig) {
        self.policy = policy;
        self.offers.configure(Medium::Voice, calls);
    }

    /// The same for text; what is offered keeps its deadline.
    pub fn handle_text_settings(&mut self, conversations: LineConfig, messages_per_minute: u32) {
        self.offers.configure(Medium::Text, conversations);
        self.text.rates.configure(messages_per_minute);
    }

    /// Makes an agent known, so that supervisors see them before they first connect.
    pub fn handle_agent(&mut self, agent: UserId, entry: AgentEntry) {
        self.agents.insert(agent, entry);
    }

    /// A user opens an event stream; the first things told on it are the two snapshots.
    ///
    /// # Errors
    /// See [`StreamRefusal`].
    pub fn handle_connected(
        &mut self,
        now: Moment,
        user: &Arc<User>,
    ) -> Result<(StreamId, Vec<Effect>), StreamRefusal> {
        self.streams.check(user.id)?;
        self.away.remove(&user.id);
        let mut effects = Vec::new();
        if user.permissions.has(Permission::TakeCalls) {
            effects = self.agent_arrives(now, user);
        }
        // What the arrival changes is in the snapshot, which comes first.
        let id = self.streams.open(user.clone())?;
        effects.extend(self.snapshots(now, id, user));
        Ok((id, effects))
    }

    /// A reader has fallen behind: they begin again with what holds now.
    pub fn handle_resynchronisation(&self, now: Moment, id: StreamId) -> Vec<Effect> {
        let user = self.streams.user(id);
        user.map(|user| self.snapshots(now, id, user).to_vec()).unwrap_or_default()
    }

    fn snapshots(&self, now: Moment, id: StreamId, user: &Arc<User>) -> [Effect; 2] {
        let calls = News::Snapshot(Box::new(self.snapshot(user)));
        let text = News::TextSnapshot(Box::new(self.text_snapshot(now, user)));
        [calls, text].map(|news| publish(now.unix, vec![id], news))
    }

    /// An event stream has ended. With the last one of a sign-in, what it supervises ends at once.
    pub fn handle_disconnected(&mut self, now: Moment, id: StreamId) -> Vec<Effect> {
        let Some(user) = self.streams.close(id) else { return Vec::new() };
        let mut effects = match self.phones.remove(&id) {
            true => self.reach_changed(now, user.id),
            false => Vec::new(),
        };
        effects.extend(self.stream_ended(now, &user));
        effects
    }

    fn stream_ended(&mut self, now: Moment, user: &User) -> Vec<Effect> {
        if self.streams.count(user.id) == 0 {
            self.away.insert(user.id, now.instant + AWAY_GRACE);
            let mut effects = self.end_supervision_of(user.id, None, LeaveReason::Lost);
            effects.extend(self.give_back_help(user.id));
            return effects;
        }
        match user.authority.sign_in() {
            Some(sign_in) if !self.has_stream(user.id, sign_in.id) => {
                self.end_supervision_of(user.id, Some(sign_in.id), LeaveReason::Lost)
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// What an agent wants to be. Takes effect once they are connected, too.
    pub fn handle_choice(&mut self, now: Moment, user: &User, choice: Choice) -> Vec<Effect> {
        self.agents.entry(user.id).or_insert_with(|| AgentEntry::of(user, now.unix));
        let decisions = self.offers.handle_choice(now.instant, user.id, choice);
        self.carry_out(now, decisions)
    }

    /// Rights may have changed: `user` is who they are now, `None` nobody any more. Only event streams
    /// that were opened with others end.
    pub fn handle_rights(&mut self, id: UserId, user: Option<&User>) -> Vec<Effect> {
        let is_as_opened = |stream: &StreamId| {
            let opened_by = self.streams.user(*stream);
            opened_by.zip(user).is_some_and(|(before, now)| sign_ins::is_same(before, now))
        };
        let outdated = self.streams.of_user(id).filter(|stream| !is_as_opened(stream));
        let mut effects: Vec<Effect> =
            outdated.map(|stream| Effect::EndStream(stream, Ending::RightsChanged)).collect();
        let calls: Vec<CallId> = self.supervised_by(id).map(|(call, _)| call).collect();
        let rights_on = |call: &CallId| {
            let live = self.calls.get(call)?;
            let user = user.filter(|user| live.teams.iter().any(|team| user.supervises(*team)))?;
            Some(user.permissions.rights())
        };
        effects.extend(calls.iter().map(|call| {
            let command = Command::SetRights { user: id, rights: rights_on(call) };
            Effect::ToMedia { call: *call, command }
        }));
        effects
    }

    /// An account changed: an agent has another name, other queues or teams, or is none any more.
    pub fn handle_account(&mut self, now: Moment, id: UserId, user: Option<&User>) -> Vec<Effect> {
        let mut effects = self.handle_permissions(now, id, user.map(|user| user.permissions));
        let is_agent = |user: &&User| {
            user.role == AccountRole::Agent || Open::Offers.may_stay(user.permissions)
        };
        let Some(user) = user.filter(is_agent) else {
            self.agents.remove(&id);
            return effects;
        };
        let before = self.agents.get(&id);
        let since = before.map_or(now.unix, |entry| entry.since);
        let until = before.and_then(|entry| entry.until);
        let entry = AgentEntry { until, ..AgentEntry::of(user, since) };
        if self.agents.get(&id) != Some(&entry) {
            self.agents.insert(id, entry);
            effects.extend(self.publish_presence(now.unix, id));
            let queues: Vec<QueueId> = user.queues.iter().map(|queue| queue.id).collect();
            let decisions = self.offers.handle_queues(now.instant, id, &queues);
            effects.extend(self.carry_out(now, decisions));
        }
        effects
    }

    /// Reserves a station for a user; `false`: they have as many as they may.
    pub fn handle_station_opening(&mut self, id: StationId, owner: &User) -> bool {
        let own = self.stations.values().filter(|it| it.user == owner.id).count();
        if own >= STATIONS_PER_USER_MAX {
            return false;
        }
        self.stations.insert(id, Opener::of(owner));
        true
    }

    /// The station never came to be.
    pub fn handle_station_failed(&mut self, id: StationId) {
        self.stations.remove(&id);
    }

    /// Whether the station is the user's own.
    pub fn owns_station(&self, user: UserId, id: StationId) -> bool {
        self.stations.get(&id).is_some_and(|opener| opener.user == user)
    }

    /// How a station of the user's is; `None`: they have no such station.
    pub fn station_state(&self, user: UserId, id: StationId) -> Option<StationState> {
        self.stations.get(&id).filter(|opener| opener.user == user).map(|opener| opener.state)
    }

    /// Whether the user has a station whose media are up.
    pub fn has_connected_station(&self, user: UserId) -> bool {
        let own = self.stations.values().filter(|opener| opener.user == user);
        own.map(|opener| opener.state).any(StationState::is_connected)
    }

    /// A call is being placed: from now on its state's changes are told.
    pub fn handle_opening(&mut self, call: NewCall) {
        if call.tells_place {
            self.telling_place.insert(call.id);
        }
        self.calls.insert(call.id, LiveCall::new(call));
    }

    /// The call could not be placed.
    pub fn handle_opening_failed(&mut self, call: CallId) {
        self.telling_place.remove(&call);
        self.calls.remove(&call);
    }

    /// The media workers report something.
    pub fn handle_media(&mut self, now: Moment, fact: MediaFact) -> Vec<Effect> {
        match fact {
            MediaFact::CallChanged { state, events } => self.call_changed(now, state, &events),
            MediaFact::LegMeasured { call, leg, sound } => {
                if let Some(live) = self.calls.get_mut(&call) {
                    live.handle_sound(leg, sound);
                }
                Vec::new()
            }
            MediaFact::Meters { call, levels } => {
                if let Some(live) = self.calls.get_mut(&call) {
                    live.handle_levels(now.unix, &levels);
                    self.levels.insert(call, levels);
                }
                Vec::new()
            }
            MediaFact::StationChanged { station, state } => {
                self.station_changed(now, station, state)
            }
            MediaFact::StationClosed { station, end } => self.station_closed(now, station, end),
            MediaFact::CallFailed(id) => self.call_failed(now, id),
        }
    }

    /// Time passes.
    pub fn handle_timeout(&mut self, now: Moment) -> Vec<Effect> {
        let over = |until: &Instant| *until <= now.instant;
        let gone: Vec<UserId> =
            self.away.iter().filter(|(_, until)| over(until)).map(|(id, _)| *id).collect();
        let mut effects = Vec::new();
        for user in gone {
            self.away.remove(&user);
            if self.agents.contains_key(&user) {
                let decisions = self.offers.handle_offline(now.instant, user);
                effects.extend(self.carry_out(now, decisions));
            }
        }
        effects.extend(self.give_up_silent(now));
        let decisions = self.offers.handle_timeout(now.instant);
        effects.extend(self.carry_out(now, decisions));
        effects
    }

    /// The server will stop: nothing new is offered, and calls that wait for an agent end.
    pub fn handle_draining(&mut self, now: Moment) -> Vec<Effect> {
        let decisions = self.offers.close(now.instant);
        self.carry_out(now, decisions)
    }

    /// Whether the server will stop, so that no call may begin.
    pub fn is_draining(&self) -> bool {
        self.offers.is_closed()
    }

    /// The server stops: every call ends.
    pub fn handle_stopping(&mut self) -> Vec<Effect> {
        let hang_up = |live: &mut LiveCall| {
            live.end = Some(CallEnd::Server);
            Effect::ToMedia { call: live.id, command: Command::Hangup }
        };
        self.calls.values_mut().map(hang_up).collect()
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        let silent = self.awaiting.values().map(|it| it.until);
        self.away.values().copied().chain(silent).chain(self.offers.next_deadline()).min()
    }

    /// The text half.
    pub fn text(&self) -> &Conversations {
        &self.text
    }

    /// The text half, to be changed.
    pub fn text_mut(&mut self) -> &mut Conversations {
        &mut self.text
    }

    /// The chats between people of the centre.
    pub fn chats(&self) -> &Chats {
        &self.chats
    }

    /// The chats, to be changed.
    pub fn chats_mut(&mut self) -> &mut Chats {
        &mut self.chats
    }

    /// The event streams.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// The live call, whoever may see it.
    pub fn live_call(&self, call: CallId) -> Option<&LiveCall> {
        self.calls.get(&call)
    }

    /// How many calls go on.
    pub fn calls_count(&self) -> usize {
        self.calls.len()
    }

    /// The centre's choices about supervision, for calls and conversations from now on.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the agent is.
    pub fn presence(&self, agent: UserId) -> Presence {
        self.offers.presence(agent)
    }

    /// The names of legs.
    pub fn leg_names(&self) -> &LegNames {
        &self.names
    }

    /// The call and through whose eyes the user sees it; `None`: there is none for this user.
    pub fn seen(&self, user: &User, call: CallId) -> Option<(&LiveCall, Viewer)> {
        let live = self.calls.get(&call)?;
        Some((live, live.viewer(user)?))
    }

    /// Lets the call remember who is about to join it.
    pub fn learn(&mut self, call: CallId, user: &User) {
        if let Some(live) = self.calls.get_mut(&call) {
            live.learn(user.id, &user.name, &user.username);
        }
    }

    /// A call of a queue may be placed to this agent; their teams, who may see it.
    pub fn agent(&self, id: UserId) -> Option<&AgentEntry> {
        self.agents.get(&id)
    }

    /// Tells one user, on all their event streams.
    fn publish_to(&self, at: UnixMs, user: UserId, news: News) -> Vec<Effect> {
        let to: Vec<StreamId> = self.streams.of_user(user).collect();
        if to.is_empty() { Vec::new() } else { vec![publish(at, to, news)] }
    }

    fn agent_arrives(&mut self, now: Moment, user: &User) -> Vec<Effect> {
        let since = self.agents.get(&user.id).map_or(now.unix, |entry| entry.since);
        self.agents.insert(user.id, AgentEntry::of(user, since));
        let queues: Vec<_> = user.queues.iter().map(|queue| queue.id).collect();
        // Before they are there: what waits must not ring where nobody can hear it.
        let mut decisions =
            self.offers.handle_reach(now.instant, user.id, self.can_be_heard(user.id));
        decisions.extend(self.offers.handle_online(now.instant, user.id, &queues));
        self.carry_out(now, decisions)
    }

    fn supervised_by(&self, user: UserId) -> impl Iterator<Item = (CallId, LegId)> {
        self.calls.values().filter_map(move |live| {
            let leg = live.state.leg_of(user)?;
            (leg.role() == Role::Supervisor).then_some((live.id, leg.id))
        })
    }
}

impl AgentEntry {
    fn of(user: &User, since: UnixMs) -> Self {
        Self {
            name: user.name.clone(),
            queues: user.queues.iter().map(|queue: &QueueRef| queue.key.clone()).collect(),
            teams: user.teams.iter().map(|team| team.id).collect(),
            since,
            until: None,
        }
    }
}

/// News that has to arrive.
fn publish(at: UnixMs, to: Vec<StreamId>, news: News) -> Effect {
    Effect::Publish(Publication { at, news, to, delivery: Delivery::Reliable })
}

/// News that may be lost.
fn publish_lossy(at: UnixMs, to: Vec<StreamId>, news: News) -> Effect {
    Effect::Publish(Publication { at, news, to, delivery: Delivery::Lossy })
}
