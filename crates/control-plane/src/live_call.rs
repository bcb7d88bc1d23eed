//! What is known of one call beside its state: who placed it, where to, and its end.

use std::sync::Arc;

use interaction::access::{InteractionFacts, PartTime};
use interaction::conversation::{PartKind, Reader};
use interaction::{
    CallId, CallState, Event, LeaveReason, Leg, LegId, LegSound, MediaFault, QueueRef, Role,
    TeamId, UnixMs, User, UserId, Viewer, access,
};

use crate::call_mood::{CallFigures, CallMood, Side};
use crate::call_terms::{Adding, CallEnd, CallerInfo, Dialed, Offer};
use crate::participants::Participants;
use crate::publication::{CallCard, CallSight};

/// Events that are kept of one call; a further one is counted and left out.
pub const HISTORY_MAX: usize = 2_000;

/// One call, from the moment it is placed until it ends.
#[derive(Debug)]
pub struct LiveCall {
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
    /// Its place in the queue; `None`: it waits in none, or the caller is not told.
    pub place: Option<u32>,
    /// An agent makes it; `None`: the caller does.
    pub dialed: Option<Dialed>,
    /// Somebody outside is called to it, or was in vain.
    pub adding: Option<Adding>,
    /// How it ended, or why it is about to.
    pub end: Option<CallEnd>,
    /// Everybody's names.
    pub participants: Arc<Participants>,
    parties: Vec<PartyTime>,
    history: Vec<CallEntry>,
    /// How it sounds; `None`: switched off for its queue.
    mood: Option<CallMood>,
    /// What is wrong with the sound of its parties.
    faults: Vec<(UserId, MediaFault)>,
}

/// Something that happened on a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEntry {
    /// When.
    pub at: UnixMs,
    /// What.
    pub event: Event,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSummary {
    /// The call at its end.
    pub card: Arc<CallCard>,
    /// When it ended.
    pub ended_at: UnixMs,
    /// How.
    pub end: CallEnd,
    /// Who was on it, in which order.
    pub parties: Vec<PartyTime>,
    /// What happened on it.
    pub history: Vec<CallEntry>,
    /// The teams whose supervisors might see it.
    pub teams: Vec<TeamId>,
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
    /// The agent who makes it; `None`: the caller does.
    pub dialed_by: Option<UserId>,
    /// Whether its queue has the mood switched on.
    pub mood: bool,
    /// Whether the caller is told their place in the queue.
    pub tells_place: bool,
    /// Without legs.
    pub state: CallState,
}

/// Somebody who was on a call.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyTime {
    /// Their leg as it was at first.
    pub leg: Leg,
    /// When they left; `None`: they were there at the end.
    pub left_at: Option<UnixMs>,
    /// The last kept event of the change in which they left.
    pub left_event: Option<u64>,
    /// How their sound came; `None`: they are there, or supervise.
    pub sound: Option<LegSound>,
}

impl LiveCall {
    /// A call that nobody is on yet.
    pub fn new(call: NewCall) -> Self {
        let mut participants = Participants::default();
        participants.learn(call.caller.id, &call.info.name, &call.caller.username);
        call.queue.iter().for_each(|queue| participants.learn_queue(queue.clone()));
        Self {
            id: call.id,
            caller: call.caller,
            info: call.info,
            queue: call.queue,
            teams: call.teams,
            placed_at: call.placed_at,
            state: Arc::new(call.state),
            offer: None,
            place: None,
            dialed: call.dialed_by.map(|by| Dialed { by, rings: false }),
            adding: None,
            end: None,
            participants: Arc::new(participants),
            parties: Vec::new(),
            history: Vec::new(),
            mood: call.mood.then(CallMood::default),
            faults: Vec::new(),
        }
    }

    /// Remembers how somebody who has to do with it is called.
    pub fn learn(&mut self, user: UserId, name: &str, username: &str) {
        Arc::make_mut(&mut self.participants).learn(user, name, username);
    }

    /// Remembers a queue that it may be handed to.
    pub fn learn_queue(&mut self, queue: QueueRef) {
        Arc::make_mut(&mut self.participants).learn_queue(queue);
    }

    /// The call as it is now, to be shown.
    pub fn card(&self) -> Arc<CallCard> {
        self.card_in(self.state.clone())
    }

    /// The call in another state of its, to be shown.
    pub fn card_in(&self, state: Arc<CallState>) -> Arc<CallCard> {
        Arc::new(CallCard {
            id: self.id,
            state,
            caller: self.info.clone(),
            queue: self.queue.clone(),
            placed_at: self.placed_at,
            offer: self.offer,
            place: self.place,
            dialed: self.dialed,
            adding: self.adding.clone(),
            end: self.end,
            mood: self.mood(),
            faults: self.faults.clone(),
            participants: self.participants.clone(),
        })
    }

    /// The call as one user sees it through these eyes.
    pub fn sight(&self, viewer: Viewer, user: UserId) -> CallSight {
        CallSight { card: self.card(), viewer, own_leg: self.own_leg(user) }
    }

    /// The user's leg.
    pub fn own_leg(&self, user: UserId) -> Option<LegId> {
        self.state.leg_of(user).map(|leg| leg.id)
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
            Reader::Agent => Viewer::Agent(self.own_leg(user.id)),
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
        self.state.leg_of(user).map(|leg| match leg.role() {
            Role::Caller => PartKind::Requester,
            Role::Agent => PartKind::Agent,
            Role::Supervisor => PartKind::Supervisor,
        })
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

    /// Takes a new state; the one before, and how many events found no room in its history.
    pub fn advance(
        &mut self,
        now: UnixMs,
        state: Arc<CallState>,
        events: &[Event],
    ) -> (Arc<CallState>, usize) {
        let before = std::mem::replace(&mut self.state, state);
        let mut lost = 0;
        for event in events {
            self.note(now, event);
            if !is_kept(event) {
                continue;
            }
            if self.history.len() < HISTORY_MAX {
                self.history.push(CallEntry { at: now, event: event.clone() });
            } else {
                lost += 1;
            }
        }
        // Whoever left in this change knows of all of it.
        let events = self.history.len() as u64;
        for party in self.parties.iter_mut().filter(|party| party.left_at.is_some()) {
            party.left_event.get_or_insert(events);
        }
        (before, lost)
    }

    /// Takes the levels of its legs, for the mood.
    pub fn handle_levels(&mut self, now: UnixMs, levels: &[(LegId, i8, bool)]) {
        let Some(mood) = &mut self.mood else { return };
        let of = |leg: &Leg| levels.iter().find(|(id, ..)| *id == leg.id);
        let mut agents = self.state.talking_agents().peekable();
        // On hold, and while a supervisor speaks in the agents' stead, the two sides do not talk.
        let parted = self.state.held() || self.state.taken_over_by().is_some();
        let caller = self.state.caller().filter(|_| !parted && agents.peek().is_some());
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

    /// Takes how the sound of a leg had come: for its record.
    pub fn handle_sound(&mut self, leg: LegId, sound: LegSound) {
        if let Some(party) = self.parties.iter_mut().find(|party| party.leg.id == leg) {
            party.sound = Some(sound);
        }
    }

    /// Takes what is wrong with the sound of a party; whether that is news.
    pub fn handle_fault(&mut self, user: UserId, fault: Option<MediaFault>) -> bool {
        let is_party = self.state.leg_of(user).is_some_and(|leg| leg.role() != Role::Supervisor);
        let before = self.faults.iter().find(|(it, _)| *it == user).map(|(_, fault)| *fault);
        if before == fault || (fault.is_some() && !is_party) {
            return false;
        }
        self.faults.retain(|(it, _)| *it != user);
        self.faults.extend(fault.map(|fault| (user, fault)));
        true
    }

    /// How it sounds, once there is something to tell.
    pub fn mood(&self) -> Option<CallFigures> {
        self.mood.as_ref()?.figures()
    }

    /// What is kept of it: once it is over, and as if it were over now while it goes on.
    pub fn summary(&self, ended_at: UnixMs) -> CallSummary {
        CallSummary {
            card: self.card(),
            ended_at,
            end: self.end.unwrap_or(CallEnd::Server),
            parties: self.parties.clone(),
            history: self.history.clone(),
            teams: self.teams.clone(),
        }
    }

    /// The team whose call it is.
    pub fn team(&self) -> Option<TeamId> {
        self.queue.as_ref().map(|queue| queue.team).or(self.teams.first().copied())
    }

    fn note(&mut self, now: UnixMs, event: &Event) {
        match event {
            Event::LegJoined(leg) | Event::SupervisionStarted(leg) => {
                let leg = leg.clone();
                let (left_at, left_event, sound) = (None, None, None);
                self.parties.push(PartyTime { leg, left_at, left_event, sound });
            }
            Event::LegLeft(leg, reason) => {
                self.left(now, leg);
                if let Some(reason) = end_of(leg.role(), *reason) {
                    // The last one to leave by themself ended it.
                    self.end = self.given_up().or(Some(reason));
                }
            }
            Event::SupervisionEnded(leg, _) => self.left(now, leg),
            Event::Ended => {
                self.end.get_or_insert(CallEnd::Server);
            }
            _ => {}
        }
    }

    fn given_up(&self) -> Option<CallEnd> {
        self.end.filter(|reason| {
            use CallEnd::{NoAgent, NoMedia, NotReached, Server};
            matches!(reason, NoAgent | NoMedia | Server | NotReached(_))
        })
    }

    fn left(&mut self, now: UnixMs, leg: &Leg) {
        if let Some(party) = self.parties.iter_mut().find(|party| party.leg.id == leg.id) {
            party.left_at = Some(now);
        }
    }
}

/// Mutes and echoes come too often, and are of no interest later; rights are no event of the call's.
pub(crate) fn is_kept(event: &Event) -> bool {
    match event {
        Event::MuteChanged(_) | Event::EchoChanged(_) | Event::RightsChanged(_) => false,
        Event::LegJoined(_)
        | Event::LegLeft(..)
        | Event::SupervisionStarted(_)
        | Event::ModeChanged { .. }
        | Event::SupervisionEnded(..)
        | Event::HeldChanged(_)
        | Event::MediaLostChanged(_)
        | Event::HelpChanged(_)
        | Event::HandoverRequested(_)
        | Event::HandoverEnded(..)
        | Event::Admitted(_)
        | Event::Ended => true,
    }
}

fn end_of(role: Role, reason: LeaveReason) -> Option<CallEnd> {
    match (reason, role) {
        (LeaveReason::HungUp, Role::Caller) => Some(CallEnd::Caller),
        (LeaveReason::HungUp, _) => Some(CallEnd::Agent),
        (LeaveReason::Lost, _) => Some(CallEnd::Lost),
        (LeaveReason::Replaced | LeaveReason::Revoked, _) => Some(CallEnd::Server),
        (LeaveReason::CallEnded | LeaveReason::Transferred, _) => None,
    }
}
