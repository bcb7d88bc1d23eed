//! What the centre knows of one call beside its state: who placed it, where to, and its end.

use std::sync::Arc;

use interaction::access::{InteractionFacts, PartTime};
use interaction::conversation::{PartKind, Reader};
use interaction::{
    CallId, CallState, Event, LeaveReason, Leg, LegId, Revision, Role, TeamId, UnixMs, UserId,
    Viewer, access,
};
use tokio::sync::watch;
use wire::{CallerInfo, EndReason};

use super::happened::{self, EVENTS_MAX};
use super::known::Known;
use super::mood::{Figures, Mood, Side};
use crate::auth::{QueueRef, User};
use crate::records::readable::part_of_role;
use crate::stored::Opening;

/// One call, from the moment it is placed until it ends.
#[derive(Debug)]
pub struct CallRecord {
    /// Opaque: drawn at random.
    pub id: CallId,
    /// Who placed it.
    pub caller: Arc<User>,
    /// Who calls, as the agent sees it.
    pub info: CallerInfo,
    /// The queue; `None` for a call placed straight to an agent.
    pub queue: Option<QueueRef>,
    /// The teams whose supervisors may see it.
    pub teams: Vec<TeamId>,
    /// When it was placed.
    pub placed_at: UnixMs,
    /// The latest state that the media workers told of.
    pub state: Arc<CallState>,
    /// At whom it rings.
    pub offer: Option<Offer>,
    /// How it ended, or why it is about to.
    pub end_reason: Option<EndReason>,
    /// The latest revision that everybody has been told of.
    pub told: watch::Sender<Revision>,
    /// Who and what had to do with it.
    pub known: Known,
    parties: Vec<PartyTime>,
    happened: Vec<store::EventRecord>,
    /// How it sounds; `None`: switched off for its queue.
    mood: Option<Mood>,
}

/// A call that rings at an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// At whom.
    pub agent: UserId,
    /// Until when.
    pub expires_at: UnixMs,
}

/// What is needed for a new record.
#[derive(Debug)]
pub struct NewCall {
    /// Drawn at random.
    pub id: CallId,
    /// Who places it.
    pub caller: Arc<User>,
    /// Who calls, as the agent sees it.
    pub info: CallerInfo,
    /// The queue, if it goes to one.
    pub queue: Option<QueueRef>,
    /// The teams whose supervisors may see it.
    pub teams: Vec<TeamId>,
    /// Now.
    pub placed_at: UnixMs,
    /// Whether its queue has the mood switched on.
    pub mood: bool,
    /// Without legs.
    pub state: CallState,
}

#[derive(Debug)]
struct PartyTime {
    leg: Leg,
    left_at: Option<UnixMs>,
    /// Events up to and including the change in which they left.
    left_event: Option<u64>,
}

impl CallRecord {
    /// A call that nobody is on yet.
    pub fn new(call: NewCall) -> Self {
        let mut known = Known::default();
        known.learn(call.caller.id, &call.info.name, &call.caller.username);
        call.queue.iter().for_each(|queue| known.learn_queue(queue.clone()));
        Self {
            id: call.id,
            caller: call.caller,
            info: call.info,
            queue: call.queue,
            teams: call.teams,
            placed_at: call.placed_at,
            state: Arc::new(call.state),
            offer: None,
            end_reason: None,
            told: watch::Sender::new(Revision::default()),
            known,
            parties: Vec::new(),
            happened: Vec::new(),
            mood: call.mood.then(Mood::default),
        }
    }

    /// Through whose eyes the user sees the call; `None`: not at all. Being a party of the call
    /// comes before any right to supervise it.
    pub fn viewer(&self, user: &User) -> Option<Viewer> {
        let part = self.part_of(user.id).map(|part| PartTime { part, left: None });
        let facts = InteractionFacts {
            runs: true,
            teams: &self.teams,
            parts: part.as_slice(),
            offered: self.offer.is_some_and(|offer| offer.agent == user.id),
        };
        Some(match access(&facts, user)?.reader {
            Reader::Requester => Viewer::Caller,
            Reader::Agent => Viewer::Agent(self.state.leg_of(user.id).map(|leg| leg.id)),
            Reader::Supervisor | Reader::Overseer => Viewer::Supervisor,
            Reader::Offered => Viewer::Agent(None),
            // Nobody is tagged into a call.
            Reader::Colleague => return None,
        })
    }

    /// The part that the user has in the call now.
    pub fn part_of(&self, user: UserId) -> Option<PartKind> {
        if user == self.caller.id {
            return Some(PartKind::Requester);
        }
        self.state.leg_of(user).map(|leg| part_of_role(leg.role()))
    }

    /// As [`Self::viewer`], for news of a change from `before`: who left in it is told of it.
    pub fn audience(&self, before: &CallState, user: &User) -> Option<Viewer> {
        let was_agent = before.leg_of(user.id).filter(|leg| leg.role() == Role::Agent);
        match (self.viewer(user), was_agent) {
            (Some(Viewer::Agent(None)), None) => None,
            (None | Some(Viewer::Agent(None) | Viewer::Supervisor), Some(leg)) => {
                Some(Viewer::Agent(Some(leg.id)))
            }
            (viewer, _) => viewer,
        }
    }

    /// Takes a new state; the one before.
    pub fn advance(
        &mut self,
        now: UnixMs,
        state: Arc<CallState>,
        events: &[Event],
    ) -> Arc<CallState> {
        let before = std::mem::replace(&mut self.state, state);
        for event in events {
            self.note(now, event);
            let kept = happened::record(self, now, event);
            if self.happened.len() >= EVENTS_MAX {
                metrics::counter!("sotto_book_entries_lost_total").increment(1);
            } else {
                self.happened.extend(kept);
            }
        }
        // Whoever left in this change knows of all of it.
        let events = self.happened.len() as u64;
        for party in self.parties.iter_mut().filter(|party| party.left_at.is_some()) {
            party.left_event.get_or_insert(events);
        }
        before
    }

    /// Takes the levels of its legs, for the mood.
    pub fn hear(&mut self, now: UnixMs, levels: &[(LegId, i8, bool)]) {
        let Some(mood) = &mut self.mood else { return };
        let of = |leg: &Leg| levels.iter().find(|(id, ..)| *id == leg.id);
        let mut agents = self.state.talking_agents().peekable();
        let caller = self.state.caller().filter(|_| !self.state.held() && agents.peek().is_some());
        match caller.and_then(of) {
            Some((_, dbfs, speaking)) => {
                // The loudest agent stands for their side.
                let agent = agents.filter_map(of).max_by_key(|(_, dbfs, _)| *dbfs);
                let silent = Side { dbfs: i8::MIN, speaking: false };
                let side = |(_, dbfs, speaking): &(LegId, i8, bool)| Side {
                    dbfs: *dbfs,
                    speaking: *speaking,
                };
                let caller = Side { dbfs: *dbfs, speaking: *speaking };
                mood.handle_levels(now, caller, agent.map_or(silent, side));
            }
            None => mood.handle_pause(),
        }
    }

    /// How it sounds, once there is something to tell.
    pub fn mood(&self) -> Option<Figures> {
        self.mood.as_ref()?.figures()
    }

    /// What has happened so far, for the record's timeline.
    pub fn happened(&self) -> &[store::EventRecord] {
        &self.happened
    }

    /// What goes into the books once the call is over.
    pub fn finished(&self, ended_at: UnixMs) -> store::CallRecord {
        let party = |party: &PartyTime| store::PartyRecord {
            user: party.leg.user.0,
            name: self.known.name_of(party.leg.user),
            role: role_name(party.leg.role()).to_owned(),
            joined_at: party.leg.joined_at.0,
            left_at: party.left_at.unwrap_or(ended_at).0,
            left_event: party.left_event.filter(|event| {
                let at = party.left_at.unwrap_or(ended_at);
                *event < self.happened.len() as u64 || at < ended_at
            }),
        };
        store::CallRecord {
            call: self.id.to_string(),
            queue: self.queue.as_ref().map(|queue| queue.key.clone()),
            caller_name: self.info.name.clone(),
            caller_number: self.info.number.clone(),
            placed_at: self.placed_at.0,
            answered_at: self.state.answered_at().map(|at| at.0),
            ended_at: ended_at.0,
            end_reason: end_name(self.end_reason.unwrap_or(EndReason::Server)).to_owned(),
            opening: Some(Opening::new(self.state.policy(), &self.teams).json()),
            parties: self.parties.iter().map(party).collect(),
        }
    }

    fn note(&mut self, now: UnixMs, event: &Event) {
        match event {
            Event::LegJoined(leg) | Event::SupervisionStarted(leg) => {
                let (leg, left_at) = (leg.clone(), None);
                self.parties.push(PartyTime { leg, left_at, left_event: None });
            }
            Event::LegLeft(leg, reason) => {
                self.left(now, leg);
                if let Some(reason) = end_of(leg.role(), *reason) {
                    // The last one to leave by themself ended it.
                    self.end_reason = self.given_up().or(Some(reason));
                }
            }
            Event::SupervisionEnded(leg, _) => self.left(now, leg),
            Event::Ended => {
                self.end_reason.get_or_insert(EndReason::Server);
            }
            _ => {}
        }
    }

    fn given_up(&self) -> Option<EndReason> {
        self.end_reason.filter(|reason| matches!(reason, EndReason::NoAgent | EndReason::Server))
    }

    fn left(&mut self, now: UnixMs, leg: &Leg) {
        if let Some(party) = self.parties.iter_mut().find(|party| party.leg.id == leg.id) {
            party.left_at = Some(now);
        }
    }
}

/// The name of an end in the API and in the metrics.
pub fn end_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Caller => "caller",
        EndReason::Agent => "agent",
        EndReason::NoAgent => "no_agent",
        EndReason::Lost => "lost",
        EndReason::Server => "server",
    }
}

fn end_of(role: Role, reason: LeaveReason) -> Option<EndReason> {
    match (reason, role) {
        (LeaveReason::HungUp, Role::Caller) => Some(EndReason::Caller),
        (LeaveReason::HungUp, _) => Some(EndReason::Agent),
        (LeaveReason::Lost, _) => Some(EndReason::Lost),
        (LeaveReason::Replaced | LeaveReason::Revoked, _) => Some(EndReason::Server),
        (LeaveReason::CallEnded | LeaveReason::Transferred, _) => None,
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Caller => "caller",
        Role::Agent => "agent",
        Role::Supervisor => "supervisor",
    }
}
