//! The control plane as a plain struct: who is there, which calls go on, and who is told.
//!
//! Every change is a `handle_…` with the time as an argument; what has to be done elsewhere comes
//! back as [`Effect`]s. [`Centre`](super::Centre) holds the one `Floor` behind a lock, carries
//! the effects out, and owns the clock, so that the whole of it can be tested without either.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interaction::dispatch::{Choice, DispatchConfig, DispatchError, Dispatcher, Target};
use interaction::text_dispatch::TextDispatchConfig;
use interaction::{
    CallId, Command, ConversationId, HandoverId, LeaveReason, LegId, Permission, Policy, QueueId,
    Role, StationId, TeamId, UnixMs, UserId, Viewer, conversation,
};
use wire::{EndReason, Event as Told, TextEvent};

use super::record::{CallRecord, NewCall};
use crate::auth::{QueueRef, User};
use crate::desk::Desk;
use crate::desk::chats::Chats;
use crate::hub::view::LegNames;
use crate::hub::{ConnectionId, Ending, Hub, HubError, Outbox};
use media_workers::MediaEvent;

mod calls;
mod handing;

pub use handing::Receiver;
pub(super) use handing::ended as handover_ended;

/// Stations that one user may have: a page, its reload, and a phone or two.
pub const STATIONS_PER_USER_MAX: usize = 4;
/// How long an agent whose last event stream ended still counts as there: a reload of the page.
pub const AWAY_GRACE: Duration = Duration::from_secs(5);

/// One moment, on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// For deadlines.
    pub instant: Instant,
    /// For people and records.
    pub unix: UnixMs,
}

/// What is to be done elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this command to the call's worker, in the name of the server.
    Command {
        /// The call.
        call: CallId,
        /// The command.
        command: Command,
    },
    /// Keep a call that is over.
    Finished(Box<store::CallRecord>),
    /// Keep what happened on it, after that.
    Happened {
        /// The call.
        call: String,
        /// From beginning to end.
        events: Vec<store::EventRecord>,
    },
    /// Keep a help request as it is now.
    Helped {
        /// The call.
        call: String,
        /// The request.
        request: store::HelpRecord,
    },
    /// Keep an act of supervision.
    Supervised(store::SupervisionRecord),
    /// A guest's only call is over.
    GuestDone(UserId),
    /// A command to a conversation, in the name of the server.
    Converse {
        /// The conversation.
        conversation: ConversationId,
        /// The command.
        command: conversation::Command,
    },
    /// Find the mood of what a customer wrote.
    Heard {
        /// The conversation.
        conversation: ConversationId,
        /// The message's place among the public ones.
        place: u64,
        /// What it says.
        text: String,
    },
    /// Let the conversation beside this call have the call's members.
    FollowCall(CallId),
    /// Make the transcripts of a conversation that has ended.
    Transcribe(ConversationId),
}

/// See the module.
#[derive(Debug)]
pub struct Floor {
    pub(crate) hub: Hub,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) calls: BTreeMap<CallId, CallRecord>,
    pub(crate) agents: BTreeMap<UserId, AgentEntry>,
    pub(crate) desk: Desk,
    pub(super) levels: BTreeMap<CallId, Vec<(LegId, i8, bool)>>,
    pub(super) names: LegNames,
    pub(crate) policy: Policy,
    pub(crate) chats: Chats,
    stations: BTreeMap<StationId, UserId>,
    /// Users whose last event stream has ended, and until when that is forgiven.
    away: BTreeMap<UserId, Instant>,
}

/// An agent of the centre, there or not.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentEntry {
    /// The name shown.
    pub name: String,
    /// The queues that the agent serves, by key.
    pub queues: Vec<String>,
    /// The same queues, by id.
    pub queue_ids: Vec<QueueId>,
    /// The agent's teams.
    pub teams: Vec<TeamId>,
    /// Since when the agent's presence holds.
    pub since: UnixMs,
}

impl Floor {
    /// Nobody is there and nothing goes on. `names` makes legs' ids.
    pub fn new(policy: Policy, dispatch: DispatchConfig, names: LegNames) -> Self {
        Self {
            hub: Hub::default(),
            dispatcher: Dispatcher::new(dispatch),
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            levels: BTreeMap::new(),
            names,
            policy,
            chats: Chats::default(),
            desk: Desk::new(TextDispatchConfig::default()),
            stations: BTreeMap::new(),
            away: BTreeMap::new(),
        }
    }

    /// The centre chose otherwise: for calls from now on.
    pub fn handle_settings(&mut self, policy: Policy, dispatch: DispatchConfig) {
        self.policy = policy;
        self.dispatcher.configure(dispatch);
    }

    /// Makes an agent known, so that supervisors see them before they first connect.
    pub fn handle_agent(&mut self, agent: UserId, entry: AgentEntry) {
        self.agents.insert(agent, entry);
    }

    /// A user opens an event stream; its first message is the snapshot.
    ///
    /// # Errors
    /// See [`HubError`].
    pub fn handle_connected(
        &mut self,
        now: Moment,
        user: &Arc<User>,
    ) -> Result<(ConnectionId, Outbox, Vec<Effect>), HubError> {
        self.hub.check(user.id)?;
        self.away.remove(&user.id);
        let mut effects = Vec::new();
        if user.permissions.has(Permission::TakeCalls) {
            effects = self.agent_arrives(now, user);
        }
        // What the arrival changes is in the snapshot, which comes first.
        let (id, outbox) = self.hub.open(user.clone())?;
        let snapshot = self.snapshot(user);
        self.hub.send(id, now.unix, Told::Snapshot(Box::new(snapshot)));
        let text = self.text_snapshot(now, user);
        self.hub.send(id, now.unix, TextEvent::Snapshot(Box::new(text)));
        Ok((id, outbox, effects))
    }

    /// An event stream has ended. With a user's last one, supervision ends at once.
    pub fn handle_disconnected(&mut self, now: Moment, id: ConnectionId) -> Vec<Effect> {
        let Some(user) = self.hub.close(id) else { return Vec::new() };
        if self.hub.count(user.id) > 0 {
            return Vec::new();
        }
        self.away.insert(user.id, now.instant + AWAY_GRACE);
        let lost = |(call, leg)| Effect::Command {
            call,
            command: Command::Leave { leg, reason: LeaveReason::Lost },
        };
        let mut effects: Vec<Effect> = self.supervised_by(user.id).map(lost).collect();
        effects.extend(self.text_supervision_lost(user.id));
        effects
    }

    /// What an agent wants to be. Takes effect once they are connected, too.
    pub fn handle_choice(&mut self, now: Moment, user: &User, choice: Choice) -> Vec<Effect> {
        self.agents.entry(user.id).or_insert_with(|| AgentEntry::of(user, now.unix));
        let decisions = self.dispatcher.handle_choice(now.instant, user.id, choice);
        self.carry_out(now, decisions)
    }

    /// Rights changed, or somebody signed out: `user` is who they are now, `None` nobody any more.
    pub fn handle_rights(&mut self, id: UserId, user: Option<&User>) -> Vec<Effect> {
        self.hub.end_user(id, Ending::RightsChanged);
        let calls: Vec<CallId> = self.supervised_by(id).map(|(call, _)| call).collect();
        let rights_on = |call: &CallId| {
            let record = self.calls.get(call)?;
            let user =
                user.filter(|user| record.teams.iter().any(|team| user.supervises(*team)))?;
            Some(user.permissions.rights())
        };
        calls
            .iter()
            .map(|call| {
                let command = Command::SetRights { user: id, rights: rights_on(call) };
                Effect::Command { call: *call, command }
            })
            .collect()
    }

    /// An account changed: an agent has another name, other queues or teams, or is none any more.
    pub fn handle_account(&mut self, now: Moment, id: UserId, user: Option<&User>) -> Vec<Effect> {
        match user.filter(|user| user.role == store::Role::Agent) {
            Some(user) => {
                let since = self.agents.get(&id).map_or(now.unix, |entry| entry.since);
                let entry = AgentEntry::of(user, since);
                if self.agents.get(&id) != Some(&entry) {
                    self.agents.insert(id, entry);
                    self.tell_presence(now.unix, id);
                    return self.handle_text_presence(now, id);
                }
                Vec::new()
            }
            None if self.agents.contains_key(&id) => {
                let decisions = self.dispatcher.handle_offline(now.instant, id);
                let effects = self.carry_out(now, decisions);
                self.agents.remove(&id);
                effects
            }
            None => Vec::new(),
        }
    }

    /// Reserves a station for a user; `false`: they have as many as they may.
    pub fn handle_station_opening(&mut self, id: StationId, owner: UserId) -> bool {
        let own = self.stations.values().filter(|it| **it == owner).count();
        if own >= STATIONS_PER_USER_MAX {
            return false;
        }
        self.stations.insert(id, owner);
        true
    }

    /// The station never came to be.
    pub fn handle_station_failed(&mut self, id: StationId) {
        self.stations.remove(&id);
    }

    /// Whether the station is the user's own.
    pub fn owns_station(&self, user: UserId, id: StationId) -> bool {
        self.stations.get(&id) == Some(&user)
    }

    /// The stations of a user.
    pub fn stations_of(&self, user: UserId) -> Vec<StationId> {
        let own = self.stations.iter().filter(|(_, owner)| **owner == user);
        own.map(|(id, _)| *id).collect()
    }

    /// A call is being placed: from now on its state's changes are told.
    pub fn handle_opening(&mut self, call: NewCall) {
        self.calls.insert(call.id, CallRecord::new(call));
    }

    /// The call could not be placed.
    pub fn handle_opening_failed(&mut self, call: CallId) {
        self.calls.remove(&call);
    }

    /// The caller is on the call: let it ring.
    ///
    /// # Errors
    /// See [`DispatchError`].
    pub fn handle_placed(
        &mut self,
        now: Moment,
        call: CallId,
        target: Target,
    ) -> Result<Vec<Effect>, DispatchError> {
        // The caller may have hung up meanwhile.
        if self.calls.get(&call).is_none_or(|record| record.state.ended()) {
            return Ok(Vec::new());
        }
        match self.dispatcher.handle_placed(now.instant, call, target) {
            Ok(decisions) => Ok(self.carry_out(now, decisions)),
            Err(error) => Err(error),
        }
    }

    /// The agent answers: a new call, or this request on one. [`Self::handle_claim_failed`] undoes
    /// it; the media event confirms it.
    ///
    /// # Errors
    /// See [`DispatchError`].
    pub fn handle_claim(
        &mut self,
        call: CallId,
        agent: &User,
    ) -> Result<Option<HandoverId>, DispatchError> {
        self.dispatcher.claim(call, agent.id)?;
        if let Some(record) = self.calls.get_mut(&call) {
            record.known.learn(agent.id, &agent.name, &agent.username);
        }
        Ok(self.waiting_handover(call))
    }

    /// The agent could not be connected.
    pub fn handle_claim_failed(&mut self, now: Moment, call: CallId, agent: UserId) -> Vec<Effect> {
        let decisions = self.dispatcher.handle_claim_failed(now.instant, call, agent);
        self.carry_out(now, decisions)
    }

    /// The agent does not take the call.
    ///
    /// # Errors
    /// See [`DispatchError`].
    pub fn handle_declined(
        &mut self,
        now: Moment,
        call: CallId,
        agent: UserId,
    ) -> Result<Vec<Effect>, DispatchError> {
        let decisions = self.dispatcher.handle_declined(now.instant, call, agent)?;
        let mut effects = self.carry_out(now, decisions);
        self.declined_by_name(call, agent, &mut effects);
        Ok(effects)
    }

    /// Something happened at the media workers.
    pub fn handle_media(&mut self, now: Moment, event: MediaEvent) -> Vec<Effect> {
        match event {
            MediaEvent::CallChanged { state, events } => self.call_changed(now, state, &events),
            MediaEvent::Meters { call, levels } => {
                if let Some(record) = self.calls.get_mut(&call) {
                    record.hear(now.unix, &levels);
                    self.levels.insert(call, levels);
                }
                Vec::new()
            }
            MediaEvent::StationConnected(_) => Vec::new(),
            MediaEvent::StationClosed(id) => {
                if let Some(owner) = self.stations.remove(&id) {
                    let station = id.to_string();
                    self.tell_user(now.unix, owner, Told::StationClosed { station });
                }
                Vec::new()
            }
            MediaEvent::CallFailed(id) => self.call_failed(now, id),
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
                let decisions = self.dispatcher.handle_offline(now.instant, user);
                effects.extend(self.carry_out(now, decisions));
            }
        }
        let decisions = self.dispatcher.handle_timeout(now.instant);
        effects.extend(self.carry_out(now, decisions));
        let decisions = self.desk.dispatcher.handle_timeout(now.instant);
        effects.extend(self.carry_out_text(now, decisions));
        effects
    }

    /// The server stops: every call ends.
    pub fn handle_stopping(&mut self) -> Vec<Effect> {
        let hang_up = |record: &mut CallRecord| {
            record.end_reason = Some(EndReason::Server);
            Effect::Command { call: record.id, command: Command::Hangup }
        };
        self.calls.values_mut().map(hang_up).collect()
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        let text = self.desk.dispatcher.next_deadline();
        self.away.values().copied().chain(self.dispatcher.next_deadline()).chain(text).min()
    }

    /// The call and through whose eyes the user sees it; `None`: there is none for this user.
    pub fn seen(&self, user: &User, call: CallId) -> Option<(&CallRecord, Viewer)> {
        let record = self.calls.get(&call)?;
        Some((record, record.viewer(user)?))
    }

    /// Lets the call remember who is about to join it.
    pub fn learn(&mut self, call: CallId, user: &User) {
        if let Some(record) = self.calls.get_mut(&call) {
            record.known.learn(user.id, &user.name, &user.username);
        }
    }

    /// A call of a queue may be placed to this agent; their teams, who may see it.
    pub fn agent(&self, id: UserId) -> Option<&AgentEntry> {
        self.agents.get(&id)
    }

    fn agent_arrives(&mut self, now: Moment, user: &User) -> Vec<Effect> {
        let since = self.agents.get(&user.id).map_or(now.unix, |entry| entry.since);
        self.agents.insert(user.id, AgentEntry::of(user, since));
        let queues: Vec<_> = user.queues.iter().map(|queue| queue.id).collect();
        let decisions = self.dispatcher.handle_online(now.instant, user.id, &queues);
        self.carry_out(now, decisions)
    }

    fn supervised_by(&self, user: UserId) -> impl Iterator<Item = (CallId, LegId)> {
        self.calls.values().filter_map(move |record| {
            let leg = record.state.leg_of(user)?;
            (leg.role() == Role::Supervisor).then_some((record.id, leg.id))
        })
    }
}

impl AgentEntry {
    fn of(user: &User, since: UnixMs) -> Self {
        Self {
            name: user.name.clone(),
            queues: user.queues.iter().map(|queue: &QueueRef| queue.key.clone()).collect(),
            queue_ids: user.queues.iter().map(|queue| queue.id).collect(),
            teams: user.teams.iter().map(|team| team.id).collect(),
            since,
        }
    }
}
