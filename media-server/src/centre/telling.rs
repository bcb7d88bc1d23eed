//! Who is told what: the floor's news, on each event stream, in the eyes of its user.

use interaction::offers::{Medium, Presence};
use interaction::{CallId, CallState, Event, UnixMs, UserId, Viewer, disclose};
use wire::{
    AgentView, CallMeters, CallMood, CallView, Event as Told, PolicyView, PresenceState, Snapshot,
};

use super::floor::{Floor, handover_ended};
use super::record::{CallRecord, Offer};
use crate::auth::User;
use crate::http::account::user_view;
use crate::hub::{ConnectionId, News, view};

impl Floor {
    /// Everything that the user may see now.
    pub fn snapshot(&self, user: &User) -> Snapshot {
        let ringing = self.offers.offered_to(user.id, Medium::Voice);
        let offer = ringing.and_then(|ticket| ticket.interaction.call()).and_then(|call| {
            let (record, viewer) = self.seen(user, call)?;
            let expires_at = record.offer?.expires_at.0;
            Some(wire::Offer {
                call: self.view(record, &record.state, viewer, user.id),
                handover: record.state.handover().map(|it| view::handover(record, it)),
                expires_at,
            })
        });
        Snapshot {
            me: user_view(user),
            calls: self.calls_of(user),
            agents: self.agents_of(user),
            offer,
            // A caller is told of no supervision, not even that there are rules for it.
            policy: (user.role != store::Role::Caller).then_some(PolicyView {
                notify_agent_on_listen: self.policy.notify_agent_on_listen,
            }),
        }
    }

    /// The calls that the user may see; one that only rings at them is not among these.
    pub fn calls_of(&self, user: &User) -> Vec<CallView> {
        let mut seen: Vec<(&CallRecord, Viewer)> = self
            .calls
            .values()
            .filter_map(|record| Some((record, record.viewer(user)?)))
            .filter(|(_, viewer)| *viewer != Viewer::Agent(None))
            .collect();
        seen.sort_by_key(|(record, _)| (record.placed_at, record.id));
        let view = |(record, viewer): (&CallRecord, Viewer)| {
            self.view(record, &record.state, viewer, user.id)
        };
        seen.into_iter().map(view).collect()
    }

    /// A call in the eyes of a viewer, in a given state.
    pub fn view(
        &self,
        record: &CallRecord,
        state: &CallState,
        viewer: Viewer,
        own: UserId,
    ) -> CallView {
        view::call(&self.names, record, state, viewer, own)
    }

    /// An agent as the staff see them.
    pub fn agent_view(&self, agent: UserId) -> Option<AgentView> {
        let entry = self.agents.get(&agent)?;
        let state = match self.offers.presence(agent) {
            Presence::Ready => PresenceState::Ready,
            Presence::NotReady => PresenceState::NotReady,
            Presence::Ringing => PresenceState::Ringing,
            Presence::Active => PresenceState::Active,
            Presence::Offline => PresenceState::Offline,
        };
        let reason = self.offers.reason(agent).filter(|_| state == PresenceState::NotReady);
        Some(AgentView {
            user: agent.to_string(),
            name: entry.name.clone(),
            queues: entry.queues.clone(),
            state,
            reason: reason.map(str::to_owned),
            since: entry.since.0,
            supervisor: false,
        })
    }

    /// Sends the latest levels to those who have read all the rest: to supervisors, and to agents
    /// while they know of a supervisor. To others the levels would tell: a forwarded leg's is
    /// stated by its client, a mixed one's is measured, and the step from one to the other is
    /// somebody who begins to listen.
    pub fn flush_meters(&mut self, now: UnixMs) {
        let levels = std::mem::take(&mut self.levels);
        if levels.is_empty() {
            return;
        }
        let mut messages: Vec<(ConnectionId, Vec<CallMeters>)> = Vec::new();
        for (id, user) in self.hub.idle() {
            let of_call = |(call, levels): (&CallId, &Vec<_>)| {
                let (record, viewer) = self.seen(user, *call)?;
                let legs = view::meters(&self.names, &record.state, viewer, levels);
                let told = may_see_levels(&record.state, viewer) && !legs.is_empty();
                told.then(|| CallMeters { call: call.to_string(), legs })
            };
            let calls: Vec<CallMeters> = levels.iter().filter_map(of_call).collect();
            if !calls.is_empty() {
                messages.push((id, calls));
            }
        }
        for (id, calls) in messages {
            self.hub.send_lossy(id, now, Told::Meters { calls });
        }
    }

    /// Sends how calls sound to their supervisors, as far as those have read all the rest. Nobody
    /// else: it is made of the same levels as the meters.
    pub fn flush_moods(&mut self, now: UnixMs) {
        let of_call = |record: &CallRecord| {
            let (mood, talk) = view::mood(record)?;
            Some((record.id, CallMood { call: record.id.to_string(), mood, talk }))
        };
        let moods: Vec<(CallId, CallMood)> = self.calls.values().filter_map(of_call).collect();
        let mut messages: Vec<(ConnectionId, Vec<CallMood>)> = Vec::new();
        for (id, user) in self.hub.idle() {
            let told =
                |call: &CallId| matches!(self.seen(user, *call), Some((_, Viewer::Supervisor)));
            let calls: Vec<CallMood> =
                moods.iter().filter(|(call, _)| told(call)).map(|(_, mood)| mood.clone()).collect();
            if !calls.is_empty() {
                messages.push((id, calls));
            }
        }
        for (id, calls) in messages {
            self.hub.send_lossy(id, now, Told::Moods { calls });
        }
    }

    /// Tells of what changed on a call, each as far as it concerns them.
    pub(super) fn tell_change(
        &mut self,
        now: UnixMs,
        call: CallId,
        before: &CallState,
        events: &[Event],
    ) {
        let Some(record) = self.calls.get(&call) else { return };
        let state = &record.state;
        let mut messages = Vec::new();
        for (id, user) in self.hub.users() {
            let viewer = record.audience(before, user);
            for event in events {
                let told = viewer.and_then(|viewer| {
                    let disclosed = disclose(state.policy(), viewer, event)?;
                    view::event(&self.names, record, state, viewer, user.id, &disclosed)
                });
                let ended = handover_ended(record, viewer, user.id, event);
                messages.extend(told.into_iter().chain(ended).map(|told| (id, told)));
            }
        }
        for (id, told) in messages {
            self.hub.send(id, now, told);
        }
    }

    /// Tells that the call rings, or waits again: the caller and the supervisors, and of one that
    /// is handed over the staff alone. A caller is not to notice that somebody is consulted.
    pub(super) fn tell_update(&mut self, now: UnixMs, call: CallId) {
        let Some(record) = self.calls.get(&call).filter(|record| !record.state.ended()) else {
            return;
        };
        let mut messages = Vec::new();
        for (id, user) in self.hub.users() {
            let is_new = record.state.answered_at().is_none();
            let concerned = |viewer: &Viewer| match viewer {
                Viewer::Caller => is_new,
                Viewer::Supervisor | Viewer::Agent(Some(_)) => true,
                Viewer::Agent(None) => false,
            };
            if let Some(viewer) = record.viewer(user).filter(concerned) {
                let call = self.view(record, &record.state, viewer, user.id);
                messages.push((id, Told::CallUpdated { call }));
            }
        }
        for (id, told) in messages {
            self.hub.send(id, now, told);
        }
    }

    /// Rings at the agent.
    pub(super) fn tell_offer(&mut self, now: UnixMs, call: CallId, offer: Offer) {
        let Some(record) = self.calls.get(&call) else { return };
        let viewer = Viewer::Agent(None);
        let call = self.view(record, &record.state, viewer, offer.agent);
        let handover = record.state.handover().map(|it| view::handover(record, it));
        let expires_at = offer.expires_at.0;
        self.tell_user(now, offer.agent, Told::CallOffered { call, handover, expires_at });
    }

    /// Tells the agent and the supervisors of the agent's teams what the agent is now.
    pub(super) fn tell_presence(&mut self, now: UnixMs, agent: UserId) {
        let Some(view) = self.agent_view(agent) else { return };
        let concerned: Vec<ConnectionId> = self
            .hub
            .users()
            .filter(|(_, user)| self.sees_agent(user, agent))
            .map(|(id, _)| id)
            .collect();
        for id in concerned {
            self.hub.send(id, now, Told::PresenceChanged { agent: view.clone() });
        }
    }

    /// Tells one user, on all their event streams.
    pub(crate) fn tell_user(&mut self, now: UnixMs, user: UserId, told: impl Into<News>) {
        let told = told.into();
        let own: Vec<ConnectionId> =
            self.hub.users().filter(|(_, it)| it.id == user).map(|(id, _)| id).collect();
        for id in own {
            self.hub.send(id, now, told.clone());
        }
    }

    fn agents_of(&self, user: &User) -> Vec<AgentView> {
        let seen = self.agents.keys().filter(|agent| self.sees_agent(user, **agent));
        seen.filter_map(|agent| self.agent_view(*agent)).collect()
    }

    fn sees_agent(&self, user: &User, agent: UserId) -> bool {
        let teams = self.agents.get(&agent).map_or(&[][..], |entry| &entry.teams);
        user.id == agent || teams.iter().any(|team| user.supervises(*team))
    }
}

fn may_see_levels(state: &CallState, viewer: Viewer) -> bool {
    match viewer {
        Viewer::Supervisor => true,
        Viewer::Agent(Some(_)) => view::visible(state, viewer).any(|leg| leg.mode().is_some()),
        Viewer::Agent(None) | Viewer::Caller => false,
    }
}
