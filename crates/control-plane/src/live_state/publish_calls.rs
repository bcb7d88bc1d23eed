//! Who is told what of calls and presence: each change, once for every kind of reader.

use std::collections::BTreeSet;
use std::sync::Arc;

use interaction::offers::{Medium, Presence};
use interaction::{
    AccountRole, CallId, CallState, Disclosed, Event, LegId, Role, TeamId, UnixMs, User, UserId,
    Viewer, disclose,
};

use super::{Effect, LiveState, publish, publish_lossy};
use crate::call_terms::Offer;
use crate::leg_names::visible;
use crate::live_call::LiveCall;
use crate::publication::{AgentSight, CallMeters, CallSight, News, Snapshot};
use crate::streams::StreamId;

/// Readers who see a call alike: through the same eyes, with the same leg of their own.
struct Audience {
    viewer: Option<Viewer>,
    own_leg: Option<LegId>,
    /// Named where what is told depends on it: the sender of a request.
    sender: bool,
    streams: Vec<StreamId>,
}

impl LiveState {
    /// Everything that the user may see now of calls and agents.
    pub fn snapshot(&self, user: &Arc<User>) -> Snapshot {
        let ringing = self.offers.offered_to(user.id, Medium::Voice);
        let offer = ringing.and_then(|ticket| ticket.interaction.call()).and_then(|call| {
            let (live, viewer) = self.seen(user, call)?;
            Some((live.sight(viewer, user.id), live.offer?.expires_at))
        });
        Snapshot {
            me: user.clone(),
            calls: self.calls_of(user),
            agents: self.agents_of(user),
            offer,
            // A caller is told of no supervision, not even that there are rules for it.
            notify_agent_on_listen: (user.role != AccountRole::Caller)
                .then_some(self.policy.notify_agent_on_listen),
        }
    }

    /// The calls that the user may see; one that only rings at them is not among these.
    pub fn calls_of(&self, user: &User) -> Vec<CallSight> {
        let mut seen: Vec<(&LiveCall, Viewer)> = self
            .calls
            .values()
            .filter_map(|live| Some((live, live.viewer(user)?)))
            .filter(|(_, viewer)| *viewer != Viewer::Agent(None))
            .collect();
        seen.sort_by_key(|(live, _)| (live.placed_at, live.id));
        seen.into_iter().map(|(live, viewer)| live.sight(viewer, user.id)).collect()
    }

    /// An agent as the staff see them.
    pub fn agent_sight(&self, agent: UserId) -> Option<AgentSight> {
        let entry = self.agents.get(&agent)?;
        let presence = self.offers.presence(agent);
        let not_ready = presence == Presence::NotReady;
        let reason = self.offers.reason(agent).filter(|_| not_ready);
        Some(AgentSight {
            user: agent,
            name: entry.name.clone(),
            queues: entry.queues.clone(),
            presence,
            reason: reason.map(str::to_owned),
            since: entry.since,
            until: entry.until.filter(|_| not_ready),
        })
    }

    /// The latest levels, for those who have read all the rest: supervisors, and agents while they
    /// know of a supervisor. To others the levels would tell: a forwarded leg's is stated by its
    /// client, a mixed one's is measured, and the step from one to the other is somebody who begins
    /// to listen.
    pub fn handle_meters_due(&mut self, now: UnixMs) -> Vec<Effect> {
        let levels = std::mem::take(&mut self.levels);
        self.lossy_by_audience(levels.keys().copied(), |of_call| {
            let meters = of_call.iter().filter_map(|(live, viewer)| {
                let levels = levels.get(&live.id)?;
                meters(live, *viewer, levels)
            });
            let meters: Vec<CallMeters> = meters.collect();
            (!meters.is_empty()).then_some(News::Meters(meters))
        })
        .into_iter()
        .map(|(to, news)| publish_lossy(now, to, news))
        .collect()
    }

    /// How calls sound, for their supervisors. Nobody else: it is made of the levels.
    pub fn handle_moods_due(&mut self, now: UnixMs) -> Vec<Effect> {
        self.lossy_by_audience(self.calls.keys().copied(), |of_call| {
            let heard = of_call.iter().filter(|(_, viewer)| *viewer == Viewer::Supervisor);
            let moods: Vec<_> =
                heard.filter_map(|(live, _)| Some((live.id, live.mood()?))).collect();
            (!moods.is_empty()).then_some(News::CallMoods(moods))
        })
        .into_iter()
        .map(|(to, news)| publish_lossy(now, to, news))
        .collect()
    }

    /// Tells of what changed on a call, each as far as it concerns them.
    pub(super) fn publish_change(
        &self,
        at: UnixMs,
        call: CallId,
        before: &CallState,
        events: &[Event],
    ) -> Vec<Effect> {
        let Some(live) = self.calls.get(&call) else { return Vec::new() };
        let card = live.card();
        let mut effects = Vec::new();
        for audience in self.audiences(live, before, events) {
            for event in events {
                let disclosed = audience.viewer.and_then(|viewer| {
                    Some((viewer, disclose(live.state.policy(), viewer, event)?))
                });
                if let Some((viewer, disclosed)) = disclosed {
                    let own_leg = audience.own_leg;
                    let sight = CallSight { card: card.clone(), viewer, own_leg };
                    if is_worth_telling(&sight, &disclosed) {
                        let news = News::Call(sight, disclosed);
                        effects.push(publish(at, audience.streams.clone(), news));
                    }
                }
                // Staff are told how a request ended, and its sender even after leaving.
                let concerned =
                    audience.viewer.map_or(audience.sender, |viewer| viewer != Viewer::Caller);
                if let Event::HandoverEnded(handover, outcome) = event
                    && concerned
                {
                    let news = News::CallHandoverEnded(card.clone(), handover.clone(), *outcome);
                    effects.push(publish(at, audience.streams.clone(), news));
                }
            }
        }
        effects
    }

    /// Tells of the call as it is now those who supervise it or may, and nobody else.
    pub(super) fn publish_to_supervisors(&self, at: UnixMs, call: CallId) -> Vec<Effect> {
        self.publish_card(at, call, |viewer| *viewer == Viewer::Supervisor)
    }

    /// Tells that the call rings, or waits again: the caller and the supervisors, and of one that
    /// is handed over the staff alone. A caller is not to notice that somebody is consulted.
    pub(super) fn publish_update(&self, at: UnixMs, call: CallId) -> Vec<Effect> {
        let Some(live) = self.calls.get(&call).filter(|live| !live.state.ended()) else {
            return Vec::new();
        };
        let is_new = live.state.answered_at().is_none();
        self.publish_card(at, call, |viewer| match viewer {
            Viewer::Caller => is_new,
            Viewer::Supervisor | Viewer::Agent(Some(_)) => true,
            Viewer::Agent(None) => false,
        })
    }

    pub(super) fn publish_card(
        &self,
        at: UnixMs,
        call: CallId,
        concerned: impl Fn(&Viewer) -> bool,
    ) -> Vec<Effect> {
        let Some(live) = self.calls.get(&call).filter(|live| !live.state.ended()) else {
            return Vec::new();
        };
        let card = live.card();
        let mut effects = Vec::new();
        for audience in self.audiences(live, &live.state, &[]) {
            if let Some(viewer) = audience.viewer.filter(&concerned) {
                let sight = CallSight { card: card.clone(), viewer, own_leg: audience.own_leg };
                effects.push(publish(at, audience.streams, News::CallUpdated(sight)));
            }
        }
        effects
    }

    /// Rings at the agent.
    pub(super) fn publish_offer(&self, at: UnixMs, call: CallId, offer: Offer) -> Vec<Effect> {
        let Some(live) = self.calls.get(&call) else { return Vec::new() };
        let sight = live.sight(Viewer::Agent(None), offer.agent);
        self.publish_to(at, offer.agent, News::CallOffered(sight, offer.expires_at))
    }

    /// Tells the agent and the supervisors of the agent's teams what the agent is now.
    pub(super) fn publish_presence(&self, at: UnixMs, agent: UserId) -> Vec<Effect> {
        let Some(sight) = self.agent_sight(agent) else { return Vec::new() };
        let teams = self.agents.get(&agent).map_or(&[][..], |entry| &entry.teams);
        let concerned = self.streams.concerned([agent], teams);
        let to: Vec<StreamId> = concerned.into_iter().map(|(id, _)| id).collect();
        if to.is_empty() { Vec::new() } else { vec![publish(at, to, News::Presence(sight))] }
    }

    /// Who is told of a change from `before`, those who see it alike together.
    fn audiences(&self, live: &LiveCall, before: &CallState, events: &[Event]) -> Vec<Audience> {
        let senders: Vec<UserId> = events
            .iter()
            .filter_map(|event| match event {
                Event::HandoverEnded(handover, _) => Some(handover.from),
                _ => None,
            })
            .collect();
        let legs = live.state.legs().iter().chain(before.legs()).map(|leg| leg.user);
        let rings = live.offer.map(|offer| offer.agent);
        let users = legs.chain([live.caller.id]).chain(rings).chain(senders.iter().copied());
        let mut audiences: Vec<Audience> = Vec::new();
        for (stream, user) in self.streams.concerned(users, &live.teams) {
            let viewer = live.audience(before, user);
            let (own_leg, sender) = (live.own_leg(user.id), senders.contains(&user.id));
            let alike = audiences
                .iter_mut()
                .find(|it| it.viewer == viewer && it.own_leg == own_leg && it.sender == sender);
            match alike {
                Some(audience) => audience.streams.push(stream),
                None => audiences.push(Audience { viewer, own_leg, sender, streams: vec![stream] }),
            }
        }
        audiences
    }

    /// For each set of calls that some readers see alike, what `make` has to say to them.
    fn lossy_by_audience(
        &self,
        calls: impl Iterator<Item = CallId>,
        make: impl Fn(&[(&LiveCall, Viewer)]) -> Option<News>,
    ) -> Vec<(Vec<StreamId>, News)> {
        let calls: Vec<&LiveCall> = calls.filter_map(|call| self.calls.get(&call)).collect();
        let mut parties: BTreeSet<UserId> = BTreeSet::new();
        for live in &calls {
            parties.insert(live.caller.id);
            parties.extend(live.state.legs().iter().map(|leg| leg.user));
        }
        // Supervisors of the same teams who are on no call as a party see all calls alike.
        let mut alike: Vec<(Vec<TeamId>, Vec<StreamId>, &Arc<User>)> = Vec::new();
        let mut told = Vec::new();
        let mut tell = |user: &User, to: Vec<StreamId>| {
            let seen = calls.iter().filter_map(|live| Some((*live, live.viewer(user)?)));
            let seen: Vec<(&LiveCall, Viewer)> = seen.collect();
            if let Some(news) = make(&seen) {
                told.push((to, news));
            }
        };
        for (stream, user) in self.streams.iter() {
            let is_party = parties.contains(&user.id) && !only_supervises(&calls, user.id);
            if is_party {
                tell(user, vec![stream]);
                continue;
            }
            let teams: Vec<TeamId> = user.supervised_teams().collect();
            if teams.is_empty() {
                continue;
            }
            match alike.iter_mut().find(|(other, ..)| *other == teams) {
                Some((_, streams, _)) => streams.push(stream),
                None => alike.push((teams, vec![stream], user)),
            }
        }
        for (_, streams, user) in alike {
            tell(user, streams);
        }
        told
    }

    fn agents_of(&self, user: &User) -> Vec<AgentSight> {
        let seen = self.agents.keys().filter(|agent| self.sees_agent(user, **agent));
        seen.filter_map(|agent| self.agent_sight(*agent)).collect()
    }

    fn sees_agent(&self, user: &User, agent: UserId) -> bool {
        let teams = self.agents.get(&agent).map_or(&[][..], |entry| &entry.teams);
        user.id == agent || teams.iter().any(|team| user.supervises(*team))
    }
}

/// What another event says for everybody is not told twice.
fn is_worth_telling(sight: &CallSight, disclosed: &Disclosed) -> bool {
    use interaction::HandoverOutcome::Accepted;
    let ended = sight.card.state.ended();
    match disclosed {
        // The end of the call says it.
        Disclosed::LegLeft(..) | Disclosed::NotTransferred => !ended,
        // Who joins says it.
        Disclosed::HandoverEnded(_, Accepted(_)) => false,
        Disclosed::HandoverEnded(..) => !ended,
        Disclosed::LegJoined(_)
        | Disclosed::ModeChanged(..)
        | Disclosed::SupervisionStarted(_)
        | Disclosed::SupervisionEnded(_)
        | Disclosed::MuteChanged(_)
        | Disclosed::HeldChanged(_)
        | Disclosed::MediaLostChanged(_)
        | Disclosed::EchoChanged(_)
        | Disclosed::HelpChanged(_)
        | Disclosed::Admitted(_)
        | Disclosed::Transferring(_)
        | Disclosed::HandoverRequested(_)
        | Disclosed::Ended => true,
    }
}

/// Whether the user is on these calls as a supervisor and nothing else.
fn only_supervises(calls: &[&LiveCall], user: UserId) -> bool {
    calls.iter().all(|live| {
        live.caller.id != user
            && live.state.leg_of(user).is_none_or(|leg| leg.role() == Role::Supervisor)
    })
}

fn meters(live: &LiveCall, viewer: Viewer, levels: &[(LegId, i8, bool)]) -> Option<CallMeters> {
    if !may_see_levels(&live.state, viewer) {
        return None;
    }
    let known: Vec<(LegId, i8, bool)> = visible(&live.state, viewer)
        .filter_map(|leg| levels.iter().find(|(id, ..)| *id == leg.id).copied())
        .collect();
    let state = live.state.clone();
    (!known.is_empty()).then_some(CallMeters { call: live.id, viewer, state, levels: known })
}

fn may_see_levels(state: &CallState, viewer: Viewer) -> bool {
    match viewer {
        Viewer::Supervisor => true,
        Viewer::Agent(Some(_)) => visible(state, viewer).any(|leg| leg.mode().is_some()),
        Viewer::Agent(None) | Viewer::Caller => false,
    }
}
