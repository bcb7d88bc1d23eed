//! What comes of a change of a call: who is told, where it rings, what is kept.

use std::sync::Arc;

use interaction::offers::{Decision, Interaction};
use interaction::{
    Actor, CallId, CallState, Command, Event, HandoverOutcome, LeaveReason, Role, UnixMs, UserId,
};
use wire::{EndReason, Event as Told};

use super::{Effect, Floor, Moment};
use crate::centre::mode_name;
use crate::centre::record::{CallRecord, Offer, end_name};
use crate::records;

impl Floor {
    /// A worker told of a change.
    pub(super) fn call_changed(
        &mut self,
        now: Moment,
        state: Arc<CallState>,
        events: &[Event],
    ) -> Vec<Effect> {
        let call = state.id();
        let Some(record) = self.calls.get_mut(&call) else { return Vec::new() };
        let before = record.advance(now.unix, state.clone(), events);
        let mut effects: Vec<Effect> = supervised(now.unix, record, events);
        effects.extend(events.iter().filter_map(|event| helped(record, event)));
        let joins = |agent: UserId| {
            let is_it = |event: &Event| matches!(event, Event::LegJoined(leg) if leg.user == agent);
            events.iter().any(is_it)
        };
        let taken = record.offer.map(|offer| offer.agent).filter(|agent| joins(*agent));
        if taken.is_some() || state.ended() {
            record.offer = None;
        }
        self.widen(call, events);
        if let Some(agent) = taken {
            let ended = Told::CallOfferEnded { call: call.to_string() };
            self.tell_user(now.unix, agent, ended);
        }
        self.tell_change(now.unix, call, &before, events);
        effects.extend(self.dispatch_change(now, &state, events));
        for event in events {
            if let Event::SupervisionStarted(leg) = event
                && self.away.contains_key(&leg.user)
            {
                // The event stream ended while the command was on its way.
                let command = Command::Leave { leg: leg.id, reason: LeaveReason::Lost };
                effects.push(Effect::Command { call, command });
            }
        }
        if let Some(record) = self.calls.get(&call) {
            record.told.send_replace(state.revision());
        }
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
                Event::HandoverRequested(it) => decisions.extend(self.ring_for(now, call, it)),
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
                _ => {}
            }
        }
        self.carry_out(now, decisions)
    }

    pub(super) fn call_failed(&mut self, now: Moment, call: CallId) -> Vec<Effect> {
        let Some(record) = self.calls.get_mut(&call) else { return Vec::new() };
        record.end_reason = Some(EndReason::Server);
        metrics::counter!("sotto_calls_failed_total").increment(1);
        // The worker has nothing left of it: what its end would have been is worked out here.
        let mut state = CallState::clone(&record.state);
        match state.apply(now.unix, Actor::System, Command::Hangup) {
            Ok(applied) => self.call_changed(now, Arc::new(state), &applied.events),
            Err(_) => Vec::new(),
        }
    }

    fn finish(&mut self, now: Moment, call: CallId) -> Vec<Effect> {
        self.levels.remove(&call);
        let Some(record) = self.calls.remove(&call) else { return Vec::new() };
        let reason = end_name(record.end_reason.unwrap_or(EndReason::Server));
        metrics::counter!("sotto_calls_ended_total", "reason" => reason).increment(1);
        metrics::gauge!("sotto_calls").set(self.calls.len() as f64);
        let (id, events) = (record.id.to_string(), record.happened().to_vec());
        let mut effects = vec![
            Effect::Finished(Box::new(record.finished(now.unix))),
            Effect::Happened { call: id, events },
        ];
        if record.caller.is_guest() {
            effects.push(Effect::GuestDone(record.caller.id));
        }
        effects
    }

    /// Does what was decided about offers.
    pub(crate) fn carry_out(&mut self, now: Moment, decisions: Vec<Decision>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for decision in decisions {
            match decision {
                Decision::Offer { ticket, agent, expires_at } => match ticket.interaction {
                    Interaction::Call(call) => {
                        let left = expires_at.saturating_duration_since(now.instant);
                        let expires_at = UnixMs(now.unix.0 + left.as_millis() as u64);
                        self.offer(now.unix, call, Offer { agent, expires_at });
                    }
                    Interaction::Conversation(_) => self.offer_text(now, agent, ticket),
                },
                Decision::Withdraw { ticket, agent } => match ticket.interaction {
                    Interaction::Call(call) => self.withdraw(now.unix, call, agent),
                    Interaction::Conversation(id) => {
                        self.tell_offer_ended(now, id, ticket.handover, agent);
                    }
                },
                Decision::GiveUp { ticket } => match ticket.interaction {
                    Interaction::Call(call) => effects.extend(self.give_up(call)),
                    Interaction::Conversation(id) => {
                        effects.push(self.give_up_text(id, ticket.handover));
                    }
                },
                Decision::ListChanged { queue } => self.tell_list(now.unix, queue),
                Decision::PresenceChanged { agent } => {
                    if let Some(entry) = self.agents.get_mut(&agent) {
                        entry.since = now.unix;
                    }
                    self.tell_presence(now.unix, agent);
                }
            }
        }
        effects
    }

    fn offer(&mut self, now: UnixMs, call: CallId, offer: Offer) {
        let name = self.agents.get(&offer.agent).map(|entry| entry.name.clone());
        let Some(record) = self.calls.get_mut(&call) else { return };
        record.known.learn(offer.agent, &name.unwrap_or_default(), "");
        record.offer = Some(offer);
        metrics::counter!("sotto_offers_total").increment(1);
        self.tell_offer(now, call, offer);
        self.tell_update(now, call);
    }

    fn withdraw(&mut self, now: UnixMs, call: CallId, agent: UserId) {
        if let Some(record) = self.calls.get_mut(&call) {
            record.offer = None;
        }
        self.tell_user(now, agent, Told::CallOfferEnded { call: call.to_string() });
        self.tell_update(now, call);
    }
}

/// Whether an agent came, went, or was let in.
fn concerns_agents(event: &Event) -> bool {
    match event {
        Event::LegJoined(leg) | Event::LegLeft(leg, _) => leg.role() == Role::Agent,
        Event::Admitted(_) | Event::Ended => true,
        _ => false,
    }
}

/// The acts of supervision among `events`, for the books.
fn supervised(at: UnixMs, record: &CallRecord, events: &[Event]) -> Vec<Effect> {
    let act = |event: &Event| {
        let (leg, action, outcome) = match event {
            Event::SupervisionStarted(leg) => (leg, "listen", "done"),
            Event::ModeChanged { leg, .. } => (leg, mode_name(leg.mode()?.kind()), "done"),
            Event::SupervisionEnded(leg, reason) => (leg, "stop", leave_name(*reason)),
            _ => return None,
        };
        metrics::counter!("sotto_supervision_total", "action" => action).increment(1);
        Some(Effect::Supervised(store::SupervisionRecord {
            at: at.0,
            user: leg.user.0,
            username: record.known.username_of(leg.user),
            call: record.id.to_string(),
            action: action.to_owned(),
            outcome: outcome.to_owned(),
        }))
    };
    events.iter().filter_map(act).collect()
}

/// A step of a help request, for the books.
fn helped(record: &CallRecord, event: &Event) -> Option<Effect> {
    let Event::HelpChanged(help) = event else { return None };
    let queue = record.queue.as_ref();
    let team = queue.map(|queue| queue.team).or(record.teams.first().copied());
    let name = record.known.name_of(help.agent);
    let request = records::help::record(help, name, queue, team);
    Some(Effect::Helped { call: record.id.to_string(), request })
}

fn leave_name(reason: LeaveReason) -> &'static str {
    match reason {
        LeaveReason::HungUp => "done",
        LeaveReason::CallEnded => "call ended",
        LeaveReason::Lost => "lost",
        LeaveReason::Replaced => "replaced",
        LeaveReason::Revoked => "revoked",
        LeaveReason::Transferred => "transferred",
    }
}
