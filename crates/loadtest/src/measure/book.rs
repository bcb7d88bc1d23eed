//! The book of a run: who is there, what was asked of the server, and what it answered.
//!
//! The parties write it as they go; the verifier reads a copy. Everything in it is a fact with a time.
//! Nobody holds it for long: whoever waits for it is a party who ought to speak.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::probe::Inbox;
use super::routes::{CallNumber, ModeName, Parties, PartyId, Role, Routes};
use super::voice::{Speaker, Voice};
use crate::report::percentiles::Collector;
use crate::telephone::Connection;

/// The book. Clones share it.
#[derive(Clone)]
pub struct Book(Arc<Sheets>);

struct Sheets {
    pages: Mutex<Pages>,
    tally: Mutex<Tally>,
}

/// What is written in the book.
#[derive(Clone)]
pub struct Pages {
    /// When the run began.
    pub began: Instant,
    /// Everybody who ever had a station or a telephone, by number.
    pub parties: Vec<Party>,
    /// Who may hear whom.
    pub routes: Routes,
    /// The calls, in the order in which they were answered.
    pub calls: Vec<Call>,
    /// The mode changes that the server has done.
    pub changes: Vec<Change>,
}

/// What is counted. No judgement hangs on it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Delays that are known without listening.
    pub delays: KnownDelays,
    /// Counts.
    pub counts: Counts,
    /// Why the run can't be believed.
    pub doubts: Vec<String>,
    /// What else is worth a word.
    pub notes: Vec<String>,
}

/// Somebody with a station or a telephone.
#[derive(Clone)]
pub struct Party {
    /// Role.
    pub role: Role,
    /// Name.
    pub name: String,
    /// How it is connected.
    pub connection: Connection,
    /// What the party says; set once the station stands, or the telephone's call is taken.
    pub speaker: Option<Speaker>,
    /// What the party hears.
    pub inbox: Inbox,
    /// The calls that the party was on.
    pub on: Vec<Stay>,
}

/// A party's time on a call.
#[derive(Debug, Clone, Copy)]
pub struct Stay {
    /// The call.
    pub call: CallNumber,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Option<Instant>,
}

/// A call that was answered.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its number.
    pub number: CallNumber,
    /// Who is there, as far as the server has acknowledged it.
    pub parties: Parties,
    /// When it was placed.
    pub placed: Instant,
    /// When it was answered.
    pub from: Instant,
    /// When it ended.
    pub until: Option<Instant>,
    /// Supervisors' modes: who, which, from when, until when.
    pub modes: Vec<(PartyId, ModeName, Instant, Option<Instant>)>,
}

/// A mode change that the server has done.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The supervisor.
    pub supervisor: PartyId,
    /// The agent.
    pub agent: PartyId,
    /// Whether the supervisor was heard by the agent before.
    pub was_heard: bool,
    /// Whether the supervisor is now.
    pub is_heard: bool,
    /// When it was asked for.
    pub asked: Instant,
    /// When it was acknowledged.
    pub acknowledged: Instant,
}

/// Delays that are known without listening, ms.
#[derive(Debug, Default)]
pub struct KnownDelays {
    /// From a station's offer until media can flow.
    pub station_setup_ms: Collector,
    /// From a mode's request to its acknowledgement.
    pub mode_change_ms: Collector,
    /// How late the packets were sent.
    pub lateness_ms: Collector,
    /// The worst of them since it was last looked at.
    pub lateness_max_ms: f64,
}

/// Counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Calls placed.
    pub asked: usize,
    /// Calls answered.
    pub connected: usize,
    /// Calls that came to nothing.
    pub failed: usize,
    /// Mode changes asked for.
    pub changes_asked: usize,
    /// Mode changes done.
    pub changes_done: usize,
    /// Mode changes refused.
    pub changes_failed: usize,
    /// Packets that were left out because the generator was too late for them.
    pub skipped: u64,
}

impl Book {
    /// An empty book.
    pub fn new(began: Instant, grace: Duration) -> Self {
        let pages = Pages {
            began,
            parties: Vec::new(),
            routes: Routes::new(grace),
            calls: Vec::new(),
            changes: Vec::new(),
        };
        Self(Arc::new(Sheets { pages: Mutex::new(pages), tally: Mutex::default() }))
    }

    /// The pages, to be read or written at once.
    pub fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pages as they are now, to be read at leisure.
    pub fn copy(&self) -> Pages {
        self.open().clone()
    }

    /// What is counted, to be read or written at once.
    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody comes in, whose packets will go to the inbox returned. `None` when there are more
    /// than a mark can tell apart.
    pub fn enter(
        &self,
        role: Role,
        name: &str,
        connection: Connection,
    ) -> Option<(PartyId, Inbox)> {
        let mut pages = self.open();
        let id = PartyId::try_from(pages.parties.len()).ok()?;
        let inbox = Inbox::new(connection);
        pages.parties.push(Party {
            role,
            name: name.to_owned(),
            connection,
            speaker: None,
            inbox: inbox.clone(),
            on: Vec::new(),
        });
        Some((id, inbox))
    }

    /// A party begins to speak.
    pub fn speaks(
        &self,
        party: PartyId,
        voice: Arc<Voice>,
        offset_frames: usize,
        began: Instant,
    ) -> Speaker {
        let speaker = Speaker { party, voice, began, offset_frames };
        if let Some(page) = self.open().parties.get_mut(usize::from(party)) {
            page.speaker = Some(speaker.clone());
        }
        speaker
    }

    /// An agent asks to take a call: from now on the two may hear each other.
    pub fn answering(&self, caller: PartyId, agent: PartyId, now: Instant) {
        let parties = Parties::talking(caller, agent);
        self.open().routes.ask(&Parties::default(), &parties, now);
    }

    /// The server has connected them; the number of the call.
    pub fn answered(
        &self,
        number: CallNumber,
        (caller, agent): (PartyId, PartyId),
        placed: Instant,
        now: Instant,
    ) {
        let parties = Parties::talking(caller, agent);
        self.tally().counts.connected += 1;
        let mut pages = self.open();
        pages.routes.acknowledge(&Parties::default(), &parties, now);
        for party in [caller, agent] {
            pages.stay(party, number, now);
        }
        pages.calls.push(Call {
            number,
            parties,
            placed,
            from: now,
            until: None,
            modes: Vec::new(),
        });
    }

    /// The answer was refused.
    pub fn not_answered(&self, caller: PartyId, agent: PartyId, now: Instant) {
        let parties = Parties::talking(caller, agent);
        self.open().routes.withdraw(&parties, &Parties::default(), now);
    }

    /// Somebody asks for the end of a call.
    pub fn hanging_up(&self, number: CallNumber, now: Instant) {
        self.open().change(number, now, |_| Parties::default(), Step::Ask);
    }

    /// A call is over.
    pub fn ended(&self, number: CallNumber, now: Instant) {
        let mut pages = self.open();
        pages.change(number, now, |_| Parties::default(), Step::Done);
        for party in &mut pages.parties {
            let own = party.on.iter_mut().filter(|stay| stay.call == number);
            own.for_each(|stay| _ = stay.until.get_or_insert(now));
        }
        if let Some(call) = pages.calls.iter_mut().find(|call| call.number == number) {
            call.until.get_or_insert(now);
            call.modes.iter_mut().for_each(|mode| _ = mode.3.get_or_insert(now));
        }
    }

    /// A supervisor asks for a mode; `None`: to leave.
    pub fn asks_for(
        &self,
        number: CallNumber,
        supervisor: PartyId,
        mode: Option<ModeName>,
        now: Instant,
    ) {
        self.tally().counts.changes_asked += 1;
        let mut pages = self.open();
        pages.change(number, now, |parties| supervised(parties, supervisor, mode), Step::Ask);
    }

    /// The server has done it.
    pub fn has(
        &self,
        number: CallNumber,
        supervisor: PartyId,
        mode: Option<ModeName>,
        asked: Instant,
        now: Instant,
    ) {
        let mut pages = self.open();
        let Some(call) = pages.calls.iter().find(|call| call.number == number).cloned() else {
            return;
        };
        let before = call.parties.supervisors.iter().find(|(it, _)| *it == supervisor);
        let is_heard = |mode: Option<ModeName>| mode.is_some_and(|it| it != ModeName::Listen);
        if let Some(agent) = call.parties.agent {
            pages.changes.push(Change {
                supervisor,
                agent,
                was_heard: is_heard(before.map(|(_, mode)| *mode)),
                is_heard: is_heard(mode),
                asked,
                acknowledged: now,
            });
        }
        let mut tally = self.tally();
        tally.counts.changes_done += 1;
        tally.delays.mode_change_ms.push(ms(now - asked));
        drop(tally);
        pages.change(number, now, |parties| supervised(parties, supervisor, mode), Step::Done);
        if before.is_none() {
            pages.stay(supervisor, number, now);
        } else if mode.is_none() {
            pages.leave(supervisor, number, now);
        }
        let own = pages.calls.iter_mut().find(|call| call.number == number);
        if let Some(call) = own {
            let open = call.modes.iter_mut().filter(|it| it.0 == supervisor);
            open.for_each(|it| _ = it.3.get_or_insert(now));
            call.modes.extend(mode.map(|mode| (supervisor, mode, now, None)));
        }
    }

    /// The server has refused it.
    pub fn refused(
        &self,
        number: CallNumber,
        supervisor: PartyId,
        mode: Option<ModeName>,
        now: Instant,
    ) {
        self.tally().counts.changes_failed += 1;
        let mut pages = self.open();
        pages.change(number, now, |parties| supervised(parties, supervisor, mode), Step::Refused);
    }

    /// The server has taken a supervisor back to Listen by itself.
    pub fn fell_back(&self, number: CallNumber, supervisor: PartyId, now: Instant) {
        let mut pages = self.open();
        let listen = |parties: &Parties| parties.with(supervisor, ModeName::Listen);
        pages.change(number, now, listen, Step::Done);
        if let Some(call) = pages.calls.iter_mut().find(|call| call.number == number) {
            let open = call.modes.iter_mut().filter(|it| it.0 == supervisor && it.3.is_none());
            open.for_each(|it| it.3 = Some(now));
            call.modes.push((supervisor, ModeName::Listen, now, None));
        }
    }

    /// Something worth a word, said once.
    pub fn note(&self, what: impl Into<String>) {
        let what = what.into();
        let mut tally = self.tally();
        if !tally.notes.contains(&what) {
            tally.notes.push(what);
        }
    }

    /// The run can't be believed, for this reason.
    pub fn doubt(&self, why: impl Into<String>) {
        let why = why.into();
        let mut tally = self.tally();
        if !tally.doubts.contains(&why) {
            tally.doubts.push(why);
        }
    }
}

enum Step {
    Ask,
    Done,
    Refused,
}

impl Pages {
    fn change(
        &mut self,
        number: CallNumber,
        now: Instant,
        to: impl FnOnce(&Parties) -> Parties,
        step: Step,
    ) {
        let Some(call) = self.calls.iter_mut().find(|call| call.number == number) else { return };
        let after = to(&call.parties);
        match step {
            Step::Ask => self.routes.ask(&call.parties, &after, now),
            Step::Refused => self.routes.withdraw(&after, &call.parties, now),
            Step::Done => {
                self.routes.acknowledge(&call.parties, &after, now);
                call.parties = after;
            }
        }
    }

    fn stay(&mut self, party: PartyId, call: CallNumber, from: Instant) {
        if let Some(party) = self.parties.get_mut(usize::from(party)) {
            party.on.push(Stay { call, from, until: None });
        }
    }

    fn leave(&mut self, party: PartyId, call: CallNumber, now: Instant) {
        if let Some(party) = self.parties.get_mut(usize::from(party)) {
            let own = party.on.iter_mut().filter(|stay| stay.call == call);
            own.for_each(|stay| _ = stay.until.get_or_insert(now));
        }
    }

    /// What is known of a party.
    pub fn party(&self, id: PartyId) -> Option<&Party> {
        self.parties.get(usize::from(id))
    }

    /// The call that the party was on at that moment, or just before.
    pub fn call_of(&self, party: PartyId, at: Instant) -> Option<CallNumber> {
        let stays = &self.parties.get(usize::from(party))?.on;
        stays.iter().rev().find(|stay| stay.from <= at).map(|stay| stay.call)
    }
}

/// Milliseconds of a duration.
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn supervised(parties: &Parties, supervisor: PartyId, mode: Option<ModeName>) -> Parties {
    match mode {
        Some(mode) => parties.with(supervisor, mode),
        None => parties.without(supervisor),
    }
}
