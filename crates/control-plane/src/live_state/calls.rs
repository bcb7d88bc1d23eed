//! What comes of a change of a call: who is told, where it rings, what is kept.

use std::sync::Arc;

use interaction::offers::{Decision, Interaction, Medium};
use interaction::{
    Actor, CallId, CallState, Command, Event, HandoverOutcome, LeaveReason, ModeKind, Role, UnixMs,
    UserId,
};

use super::{Effect, LiveState, Moment};
use crate::call_terms::{CallEnd, Offer, OfferOutcome};
use crate::effect::{Counter, DomainEvent, OfferEnd, Subject, SupervisionAct, SupervisionAction};
use crate::live_call::{LiveCall, is_kept};
use crate::publication::News;

impl LiveState {
    /// A worker reports a change.
    pub(super) fn call_changed(
        &mut self,
        now: Moment,
        state: Arc<CallState>,
        events: &[Event],
    ) -> Vec<Effect> {
        let call = state.id();
        let Some(live) = self.calls.get_mut(&call) else { return Vec::new() };
        let (before, lost) = live.advance(now.unix, state.clone(), events);
        let mut effects: Vec<Effect> = acts(now.unix, live, events);
        // Of one that is over its end tells.
        if !state.ended() && events.iter().any(is_kept) {
            effects.push(Effect::Persist(DomainEvent::CallChanged(call)));
        }
        effects.extend((0..lost).map(|_| Effect::Count(Counter::HistoryFull)));
        effects.extend(events.iter().filter_map(|event| help_changed(live, event)));
        let joins = |agent: UserId| {
            let is_it = |event: &Event| matches!(event, Event::LegJoined(leg) if leg.user == agent);
            events.iter().any(is_it)
        };
        let taken = live.offer.map(|offer| offer.agent).filter(|agent| joins(*agent));
        if (taken.is_some() || state.ended())
            && let Some(offer) = live.offer.take()
        {
            let outcome =
                if taken.is_some() { OfferOutcome::Answered } else { OfferOutcome::Withdrawn };
            effects.push(offer_ended(now.unix, live, offer, outcome));
        }
        self.widen(call, events);
        if let Some(agent) = taken {
            effects.extend(self.publish_to(now.unix, agent, News::CallOfferEnded(call)));
        }
        effects.extend(self.publish_change(now.unix, call, &before, events));
        effects.extend(self.dispatch_change(now, &state, events));
        self.wrap_ups_begun(now.unix, call, events);
        for event in events {
            if let Event::SupervisionStarted(leg) = event
                && !self.is_watched(Subject::Call(call), leg.user)
            {
                // The event stream ended while the command was on its way.
                let command = Command::Leave { leg: leg.id, reason: LeaveReason::Lost };
                effects.push(Effect::ToMedia { call, command });
            }
            if let Event::HelpChanged(help) = event
                && let Some(user) = self.helper_who_left(help)
            {
                effects.push(Effect::ToMedia { call, command: Command::ReleaseHelp { user } });
            }
        }
        effects.push(Effect::CallReached(call, state.revision()));
        if events.iter().any(concerns_agents) {
            effects.push(Effect::FollowCall(call));
        }
        if state.ended() {
            effects.extend(self.finish(now, call));
        }
        effects
    }

    /// Keeps the offers informed of who is on the call.
    fn dispatch_change(&mut self, now: Moment, state: &CallState, events: &[Event]) -> Vec<Effect> {
        let call = state.id();
        let interaction = Interaction::Call(call);
        let mut effects = Vec::new();
        let mut decisions = Vec::new();
        for event in events {
            match event {
                Event::LegJoined(leg) if leg.role() == Role::Agent => {
                    let ticket = interaction.ticket();
                    decisions.extend(self.offers.handle_joined(now.instant, ticket, leg.user));
                }
                Event::LegLeft(leg, _) if leg.role() == Role::Agent => {
                    decisions.extend(self.offers.handle_left(now.instant, interaction, leg.user));
                }
                Event::HandoverRequested(it) => {
                    effects.push(Effect::Count(Counter::HandoverRequested(it.kind)));
                    decisions.extend(self.ring_for(now, call, it));
                }
                Event::HandoverEnded(it, HandoverOutcome::Accepted(by)) => {
                    let ticket = interaction.request(it.id);
                    decisions.extend(self.offers.handle_joined(now.instant, ticket, *by));
                }
                Event::HandoverEnded(it, _) => {
                    let ticket = interaction.request(it.id);
                    decisions.extend(self.offers.handle_withdrawn(now.instant, ticket));
                }
                Event::Ended => {
                    decisions.extend(self.offers.handle_ended(now.instant, interaction));
                }
                Event::LegJoined(_)
                | Event::LegLeft(..)
                | Event::SupervisionStarted(_)
                | Event::ModeChanged { .. }
                | Event::SupervisionEnded(..)
                | Event::RightsChanged(_)
                | Event::MuteChanged(_)
                | Event::HeldChanged(_)
                | Event::MediaLostChanged(_)
                | Event::EchoChanged(_)
                | Event::HelpChanged(_)
                | Event::Admitted(_) => {}
            }
        }
        effects.extend(self.carry_out(now, decisions));
        effects
    }

    pub(super) fn call_failed(&mut self, now: Moment, call: CallId) -> Vec<Effect> {
        let Some(live) = self.calls.get_mut(&call) else { return Vec::new() };
        live.end = Some(CallEnd::Server);
        // The worker has nothing left of it: what its end would have been is worked out here.
        let mut state = CallState::clone(&live.state);
        let Ok(applied) = state.apply(now.unix, Actor::System, Command::Hangup) else {
            return Vec::new();
        };
        let mut effects = vec![Effect::Count(Counter::CallFailed)];
        effects.extend(self.call_changed(now, Arc::new(state), &applied.events));
        effects
    }

    fn finish(&mut self, now: Moment, call: CallId) -> Vec<Effect> {
        self.levels.remove(&call);
        self.awaiting.remove(&call);
        self.telling_place.remove(&call);
        let Some(live) = self.calls.remove(&call) else { return Vec::new() };
        let summary = live.summary(now.unix);
        let mut effects = vec![
            Effect::Count(Counter::CallEnded(summary.end)),
            Effect::Persist(DomainEvent::CallEnded(Box::new(summary))),
        ];
        if live.caller.is_guest() {
            effects.push(Effect::GuestDone(live.caller.id));
        }
        effects
    }

    /// Does what was decided about offers.
    pub(super) fn carry_out(&mut self, now: Moment, decisions: Vec<Decision>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for decision in decisions {
            match decision {
                Decision::Offer { ticket, agent, expires_at } => match ticket.interaction {
                    Interaction::Call(call) => {
                        let left = expires_at.saturating_duration_since(now.instant);
                        let expires_at = now.unix.after(left);
                        let since = now.unix;
                        let offer = Offer { agent, since, expires_at, declined: false };
                        effects.extend(self.offer(now.unix, call, offer));
                    }
                    Interaction::Conversation(_) => {
                        effects.extend(self.offer_text(now, agent, ticket));
                    }
                },
                Decision::Withdraw { ticket, agent } => effects.extend(match ticket.interaction {
                    Interaction::Call(call) => self.withdraw(now.unix, call, agent),
                    Interaction::Conversation(id) => self.withdraw_text(now, id, ticket, agent),
                }),
                Decision::GiveUp { ticket } => effects.extend(match ticket.interaction {
                    Interaction::Call(call) => self.give_up(call),
                    Interaction::Conversation(id) => Some(self.give_up_text(id, ticket.handover)),
                }),
                Decision::ListChanged { queue } => {
                    effects.extend(self.publish_list(now.unix, queue));
                }
                Decision::PresenceChanged { agent } => {
                    let left = self.offers.after_call(agent);
                    let left = left.map(|at| at.saturating_duration_since(now.instant));
                    if let Some(entry) = self.agents.get_mut(&agent) {
                        entry.since = now.unix;
                        entry.until = left.map(|left| now.unix.after(left));
                    }
                    effects.extend(self.wrapped_up(now.unix, agent));
                    effects.extend(self.publish_presence(now.unix, agent));
                }
            }
        }
        effects.extend(self.places_changed(now.unix));
        effects
    }

    fn offer(&mut self, now: UnixMs, call: CallId, offer: Offer) -> Vec<Effect> {
        let name = self.agents.get(&offer.agent).map(|entry| entry.name.clone());
        let Some(live) = self.calls.get_mut(&call) else { return Vec::new() };
        live.learn(offer.agent, &name.unwrap_or_default(), "");
        live.offer = Some(offer);
        let mut effects = vec![Effect::Count(Counter::CallOffered)];
        effects.extend(self.publish_offer(now, call, offer));
        effects.extend(self.publish_update(now, call));
        effects
    }

    fn withdraw(&mut self, now: UnixMs, call: CallId, agent: UserId) -> Vec<Effect> {
        let missed = self.offers.reason(agent) == Some(Medium::Voice.missed());
        let mut effects = Vec::new();
        if let Some(live) = self.calls.get_mut(&call)
            && let Some(offer) = live.offer.take()
        {
            let outcome = match (offer.declined, missed) {
                (true, _) => OfferOutcome::Declined,
                // Whoever misses one is not ready from then on, for this reason alone.
                (false, true) => OfferOutcome::Missed,
                (false, false) => OfferOutcome::Withdrawn,
            };
            effects.push(offer_ended(now, live, offer, outcome));
        }
        effects.extend(self.publish_to(now, agent, News::CallOfferEnded(call)));
        effects.extend(self.publish_update(now, call));
        effects
    }
}

/// Whether an agent came, went, or was let in.
fn concerns_agents(event: &Event) -> bool {
    match event {
        Event::LegJoined(leg) | Event::LegLeft(leg, _) => leg.role() == Role::Agent,
        Event::Admitted(_) | Event::Ended => true,
        Event::SupervisionStarted(_)
        | Event::ModeChanged { .. }
        | Event::SupervisionEnded(..)
        | Event::RightsChanged(_)
        | Event::MuteChanged(_)
        | Event::HeldChanged(_)
        | Event::MediaLostChanged(_)
        | Event::EchoChanged(_)
        | Event::HelpChanged(_)
        | Event::HandoverRequested(_)
        | Event::HandoverEnded(..) => false,
    }
}

/// The acts of supervision among `events`, to be kept.
fn acts(at: UnixMs, live: &LiveCall, events: &[Event]) -> Vec<Effect> {
    let act = |event: &Event| {
        let (leg, action) = match event {
            Event::SupervisionStarted(leg) => (leg, SupervisionAction::Mode(ModeKind::Listen)),
            Event::ModeChanged { leg, .. } => (leg, SupervisionAction::Mode(leg.mode()?.kind())),
            Event::SupervisionEnded(leg, reason) => (leg, SupervisionAction::Stop(*reason)),
            _ => return None,
        };
        Some(Effect::Persist(DomainEvent::Supervised(SupervisionAct {
            at,
            user: leg.user,
            username: live.participants.username_of(leg.user),
            subject: Subject::Call(live.id),
            action,
        })))
    };
    events.iter().filter_map(act).collect()
}

/// What came of an offer, to be kept.
fn offer_ended(at: UnixMs, live: &LiveCall, offer: Offer, outcome: OfferOutcome) -> Effect {
    Effect::Persist(DomainEvent::OfferEnded(OfferEnd {
        subject: Subject::Call(live.id),
        agent: offer.agent,
        agent_name: live.participants.name_of(offer.agent),
        queue: live.queue.as_ref().map(|queue| queue.key.clone()),
        team: live.team(),
        since: offer.since,
        until: at,
        outcome,
    }))
}

/// A step of a help request, to be kept.
fn help_changed(live: &LiveCall, event: &Event) -> Option<Effect> {
    let Event::HelpChanged(help) = event else { return None };
    Some(Effect::Persist(DomainEvent::HelpChanged {
        call: live.id,
        help: help.clone(),
        agent_name: live.participants.name_of(help.agent),
        queue: live.queue.as_ref().map(|queue| queue.key.clone()),
        team: live.team(),
    }))
}
