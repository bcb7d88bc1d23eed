//! A day at the demo's centre before anybody came, so that reports and History have something to show: calls with
//! waits, holds, help, whispers, missed rings and wrap-up codes; and canned replies. Made up, and made once.
//!
//! Every call is played through the real rules ([`CallState`], [`LiveCall`]), only at another time, and kept as any
//! other; nothing is written that a centre could not have lived through. Nobody has two calls at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounts::{queue_ref, unix_now};
use control_plane::{CallEntry, CallSummary, CallerInfo, CallerSource, LiveCall, NewCall};
use demo::accounts::REGULARS;
use interaction::{
    Actor, CallId, CallState, Command, Event, LeaveReason, LegId, ModeKind, Policy, QueueRef,
    Rights, UnixMs, User, UserId,
};
use orchestrator::{records, stored_rows};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use store::{
    Act, AgentOfferRecord, Entitlement, HelpRecord, InteractionKind, NoteRecord, OfferOutcome,
    ReplyChange, SUPERVISION_ASKED, Store, StoreError, SupervisionRecord, WrapUpRecord,
};

mod texts;

use texts::{NOTES, OTHERS, REASONS, REPLIES};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;
/// The day ends so long before now: what is live begins with the demo.
const BEFORE_NOW: u64 = 2 * MINUTE;
/// The busy part of the day, before its end.
const BUSY: u64 = 9 * 60 * MINUTE;

/// Makes the day, unless somebody has called in the last one. What can't be written is logged: a demo without a past
/// is still a demo.
pub async fn make(store: Store) {
    let now = unix_now().0;
    let made = async {
        if !store.call_facts(now.saturating_sub(DAY), now, 1).await?.is_empty() {
            return Ok(());
        }
        make_replies(&store).await?;
        let centre = Centre::of(&store).await?;
        let mut day =
            Day { centre, rng: StdRng::seed_from_u64(rand::random()), free_at: BTreeMap::new() };
        for call in day.calls(now - DAY, now - BEFORE_NOW) {
            keep(&store, &call).await?;
        }
        Ok::<(), StoreError>(())
    };
    if let Err(error) = made.await {
        tracing::warn!(%error, "the demo's day could not be made");
    }
}

/// Canned replies, unless there are some.
async fn make_replies(store: &Store) -> Result<(), StoreError> {
    if !store.replies().await?.is_empty() {
        return Ok(());
    }
    for (title, text) in REPLIES {
        let act = Act {
            actor: store::UserId(0),
            entitlement: Entitlement::Provisioning,
            actor_name: "The demo".to_owned(),
            action: "created".to_owned(),
            kind: "reply".to_owned(),
            subject_name: title.to_owned(),
            before: None,
            after: None,
        };
        let reply = ReplyChange { title: title.to_owned(), text: text.to_owned(), queue: None };
        store.create_reply(&reply, &act).await?;
    }
    Ok(())
}

/// Who works there.
struct Centre {
    queues: Vec<QueueRef>,
    agents: Vec<(UserId, String, Vec<u64>)>,
    supervisors: Vec<(UserId, String, String, Vec<u64>)>,
}

impl Centre {
    async fn of(store: &Store) -> Result<Self, StoreError> {
        let mut supervisors = Vec::new();
        for username in ["supervisor1", "supervisor2", "supervisor3"] {
            let Some(user) = store.user_by_name(username).await? else { continue };
            let teams = store.teams_of(user.id).await?.iter().map(|team| team.id.0).collect();
            supervisors.push((UserId(user.id.0), user.name, username.to_owned(), teams));
        }
        let agents = store.agents().await?.into_iter().map(|agent| {
            let queues = agent.queues.iter().map(|queue| queue.0).collect();
            (UserId(agent.id.0), agent.name, queues)
        });
        let queues = store.queues().await?.into_iter().map(queue_ref).collect();
        Ok(Self { queues, agents: agents.collect(), supervisors })
    }
}

/// The centre in its day.
struct Day {
    centre: Centre,
    rng: StdRng,
    /// Until when each agent is busy, Unix ms.
    free_at: BTreeMap<UserId, u64>,
}

/// A call that is over, and all that is kept beside it.
struct Played {
    summary: CallSummary,
    offers: Vec<AgentOfferRecord>,
    wrap_up: Option<WrapUpRecord>,
    note: Option<NoteRecord>,
    supervision: Vec<SupervisionRecord>,
}

/// A call that is being played.
struct Stage {
    live: LiveCall,
    supervision: Vec<SupervisionRecord>,
}

impl Day {
    /// Calls of both queues within these times, Unix ms, in the order in which they came.
    fn calls(&mut self, from: u64, until: u64) -> Vec<Played> {
        let (mut calls, mut at) = (Vec::new(), from);
        while !self.centre.queues.is_empty() {
            let is_busy = at + BUSY > until;
            at += self.rng.random_range(if is_busy {
                2 * MINUTE..9 * MINUTE
            } else {
                15 * MINUTE..50 * MINUTE
            });
            // The longest call takes less than half an hour, with all that follows.
            if at + 30 * MINUTE > until {
                break;
            }
            let queue =
                self.centre.queues[self.rng.random_range(0..self.centre.queues.len())].clone();
            calls.push(self.call(&queue, at));
        }
        calls
    }

    /// One call to this queue.
    fn call(&mut self, queue: &QueueRef, placed_at: u64) -> Played {
        let waited = self.rng.random_range(2 * SECOND..55 * SECOND);
        let at = placed_at + waited;
        let mut stage = self.placed(queue, placed_at);
        let free: Vec<(UserId, String)> = self.free_agents(queue, placed_at);
        let gives_up = self.rng.random_bool(0.09);
        let Some((agent, name)) = free.first().cloned().filter(|_| !gives_up) else {
            stage.hang_up(at);
            return stage.over(at);
        };
        let mut offers = Vec::new();
        let ring = |agent: &(UserId, String), from, until, outcome| AgentOfferRecord {
            interaction: stage.live.id.to_string(),
            kind: InteractionKind::Call,
            agent: agent.0.0,
            agent_name: agent.1.clone(),
            queue: Some(queue.key.clone()),
            team: Some(queue.team.0),
            offered_at: from,
            ended_at: until,
            outcome,
        };
        if let Some(missed) = free.get(1).filter(|_| waited > 48 * SECOND) {
            offers.push(ring(missed, placed_at, placed_at + 20 * SECOND, OfferOutcome::Missed));
        }
        let own = (agent, name.clone());
        let rang_at = at - self.rng.random_range(SECOND..2 * SECOND);
        offers.push(ring(&own, rang_at, at, OfferOutcome::Answered));
        stage.live.learn(agent, &name, "");
        let leg = stage.act(at, Actor::User(agent), Command::JoinAgent { user: agent });
        let ended_at = self.talk(&mut stage, (agent, leg), queue, at);
        stage.hang_up(ended_at);
        let wrapped_at = ended_at + self.rng.random_range(8 * SECOND..90 * SECOND);
        self.free_at.insert(agent, wrapped_at);
        let wrap_up = WrapUpRecord {
            interaction: stage.live.id.to_string(),
            agent: agent.0,
            agent_name: name.clone(),
            queue: Some(queue.key.clone()),
            team: Some(queue.team.0),
            began_at: ended_at,
            ended_at: wrapped_at,
        };
        let (code, text) = NOTES[self.rng.random_range(0..NOTES.len())];
        let note = NoteRecord {
            kind: "wrap_up".to_owned(),
            at: wrapped_at,
            author: agent.0,
            author_name: name,
            code: Some(code.to_owned()),
            text: text.to_owned(),
        };
        Played { offers, wrap_up: Some(wrap_up), note: Some(note), ..stage.over(ended_at) }
    }

    /// A caller on the line.
    fn placed(&mut self, queue: &QueueRef, at: u64) -> Stage {
        let one_of: &[(&str, &str)] = if self.rng.random_bool(0.4) { &REGULARS } else { &OTHERS };
        let (name, number) = one_of[self.rng.random_range(0..one_of.len())];
        let caller = User::guest(UserId::guest(self.rng.random()), name.to_owned(), Vec::new());
        let (id, user) = (CallId(self.rng.random()), caller.id);
        let mut stage = Stage {
            live: LiveCall::new(NewCall {
                id,
                caller: Arc::new(caller),
                info: CallerInfo {
                    name: name.to_owned(),
                    number: Some(number.to_owned()),
                    source: CallerSource::Network,
                },
                queue: Some(queue.clone()),
                teams: vec![queue.team],
                placed_at: UnixMs(at),
                dialed_by: None,
                mood: false,
                tells_place: false,
                state: CallState::new(id, Policy::default()),
            }),
            supervision: Vec::new(),
        };
        stage.act(at, Actor::User(user), Command::JoinCaller { user });
        stage
    }

    /// Who could take a call of this queue's, in any order.
    fn free_agents(&mut self, queue: &QueueRef, at: u64) -> Vec<(UserId, String)> {
        let free_at = &self.free_at;
        let is_free = |agent: UserId| free_at.get(&agent).is_none_or(|until| *until < at);
        let agents = self.centre.agents.iter();
        let mut free: Vec<(UserId, String)> = agents
            .filter(|(agent, _, queues)| queues.contains(&queue.id.0) && is_free(*agent))
            .map(|(agent, name, _)| (*agent, name.clone()))
            .collect();
        let by = if free.is_empty() { 0 } else { self.rng.random_range(0..free.len()) };
        free.rotate_left(by);
        free
    }

    /// What happens from the answer on; when it ends.
    fn talk(
        &mut self,
        stage: &mut Stage,
        (agent, leg): (UserId, LegId),
        queue: &QueueRef,
        answered_at: u64,
    ) -> u64 {
        let mut at = answered_at + self.rng.random_range(40 * SECOND..4 * MINUTE);
        let helper = self.supervisor(queue);
        if self.rng.random_bool(0.35) {
            stage.act(at, Actor::User(agent), Command::SetHeld { held: true });
            at += self.rng.random_range(10 * SECOND..100 * SECOND);
            stage.act(at, Actor::User(agent), Command::SetHeld { held: false });
        }
        at += self.rng.random_range(5 * SECOND..90 * SECOND);
        let asks = self.rng.random_bool(0.2);
        if asks {
            let reason = REASONS[self.rng.random_range(0..REASONS.len())].to_owned();
            let ask = Command::RequestHelp { leg, reason: Some(reason) };
            stage.act(at, Actor::User(agent), ask);
            at += self.rng.random_range(8 * SECOND..70 * SECOND);
        }
        let comes = asks || self.rng.random_bool(0.15);
        if let Some((user, name, username)) = helper.filter(|_| comes) {
            stage.live.learn(user, &name, &username);
            if asks {
                stage.act(at, Actor::User(user), Command::TakeHelp { user });
            }
            at = self.supervise(stage, (user, &username), at, asks);
            if asks {
                stage.act(at, Actor::User(user), Command::CloseHelp);
            }
        }
        at + self.rng.random_range(20 * SECOND..3 * MINUTE)
    }

    /// A supervisor listens, and mostly whispers to who asked for help; until when.
    fn supervise(
        &mut self,
        stage: &mut Stage,
        (user, username): (UserId, &str),
        from: u64,
        helps: bool,
    ) -> u64 {
        let by = Actor::User(user);
        let rights = Rights { whisper: true, barge: true };
        let leg = stage.act(from, by, Command::Supervise { user, rights });
        stage.note((user, username), from, "listen");
        let mut at = from + self.rng.random_range(15 * SECOND..70 * SECOND);
        let (wish, else_wish) = (self.rng.random_bool(0.8), self.rng.random_bool(0.15));
        if (helps && wish) || else_wish {
            let mode = Command::SetMode {
                leg,
                mode: ModeKind::Whisper,
                coach: None,
                announce: false,
                expected: None,
            };
            stage.act(at, by, mode);
            stage.note((user, username), at, "whisper");
            at += self.rng.random_range(20 * SECOND..2 * MINUTE);
        }
        stage.act(at, by, Command::Leave { leg, reason: LeaveReason::HungUp });
        stage.stopped((user, username), at);
        at
    }

    /// Somebody who supervises the queue's team.
    fn supervisor(&mut self, queue: &QueueRef) -> Option<(UserId, String, String)> {
        let team = queue.team.0;
        let own: Vec<_> =
            self.centre.supervisors.iter().filter(|(.., teams)| teams.contains(&team)).collect();
        if own.is_empty() {
            return None;
        }
        let (user, name, username, _) = own[self.rng.random_range(0..own.len())];
        Some((*user, name.clone(), username.clone()))
    }
}

impl Stage {
    /// One step of the call's, by its own rules; the leg that joined, if one did, else one that nobody has.
    fn act(&mut self, at: u64, by: Actor, command: Command) -> LegId {
        let mut state = CallState::clone(&self.live.state);
        let applied = state.apply(UnixMs(at), by, command).expect("the day asks for nothing odd");
        self.live.advance(UnixMs(at), Arc::new(state), &applied.events);
        applied.joined.unwrap_or(LegId(0))
    }

    /// The caller hangs up, which ends the call.
    fn hang_up(&mut self, at: u64) {
        let Some((leg, user)) = self.live.state.caller().map(|leg| (leg.id, leg.user)) else {
            return;
        };
        let reason = LeaveReason::HungUp;
        self.act(at, Actor::User(user), Command::Leave { leg, reason });
    }

    /// Somebody has asked for a mode, and has it.
    fn note(&mut self, (user, username): (UserId, &str), at: u64, action: &str) {
        for outcome in [SUPERVISION_ASKED, "done"] {
            self.supervision.push(self.entry(user, username, at, action, outcome));
        }
    }

    fn stopped(&mut self, (user, username): (UserId, &str), at: u64) {
        self.supervision.push(self.entry(user, username, at, "stop", "done"));
    }

    fn entry(
        &self,
        user: UserId,
        username: &str,
        at: u64,
        action: &str,
        outcome: &str,
    ) -> SupervisionRecord {
        SupervisionRecord {
            at,
            user: user.0,
            username: username.to_owned(),
            call: self.live.id.to_string(),
            action: action.to_owned(),
            outcome: outcome.to_owned(),
        }
    }

    fn over(self, at: u64) -> Played {
        Played {
            summary: self.live.summary(UnixMs(at)),
            offers: Vec::new(),
            wrap_up: None,
            note: None,
            supervision: self.supervision,
        }
    }
}

/// The requests for help of a call, as they were in the end.
fn requests(summary: &CallSummary) -> Vec<HelpRecord> {
    let card = &summary.card;
    let mut last = BTreeMap::new();
    for CallEntry { event, .. } in &summary.history {
        if let Event::HelpChanged(help) = event {
            last.insert(help.number, help);
        }
    }
    let record = |help: &&interaction::Help| {
        let queue = card.queue.as_ref();
        let (key, team) = (queue.map(|it| it.key.clone()), queue.map(|it| it.team));
        records::help::record(help, card.participants.name_of(help.agent), key, team)
    };
    last.values().map(record).collect()
}

async fn keep(store: &Store, call: &Played) -> Result<(), StoreError> {
    let id = call.summary.card.id.to_string();
    let events = stored_rows::rows(&call.summary, 0);
    store.record_call(&stored_rows::record(&call.summary), false, &events).await?;
    for request in requests(&call.summary) {
        store.keep_help(&id, &request).await?;
    }
    for offer in &call.offers {
        store.record_offer(offer).await?;
    }
    if let Some(wrap_up) = &call.wrap_up {
        store.record_wrap_up(wrap_up).await?;
    }
    if let Some(note) = &call.note {
        store.add_note(&id, note).await?;
    }
    if !call.supervision.is_empty() {
        store.record_supervision(&call.supervision).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed;

    #[tokio::test]
    async fn the_day_has_all_that_reports_show_and_is_made_once() {
        let directory = tempfile::tempdir().unwrap();
        let location = store::Location::Directory(directory.path().to_owned());
        let store = Store::open(&location).await.unwrap();
        seed::demo(&store, 6).await.unwrap();
        make(store.clone()).await;
        let now = unix_now().0;
        let calls = store.call_facts(now - DAY, now, 500).await.unwrap();
        assert!(calls.len() > 50, "{} calls", calls.len());
        assert!(calls.iter().all(|call| call.ended_at.is_some_and(|at| at < now)));
        let abandoned = calls.iter().filter(|call| call.answered_at.is_none()).count();
        assert!(abandoned > 0 && abandoned * 3 < calls.len(), "{abandoned} of {}", calls.len());
        assert!(!store.holds_of_calls(now - DAY, now).await.unwrap().is_empty());
        assert!(!store.wrap_ups_between(now - DAY, now, None, 500).await.unwrap().is_empty());
        assert!(!store.supervision_between(now - DAY, now, 500).await.unwrap().is_empty());
        let missed = |offer: &AgentOfferRecord| offer.outcome == OfferOutcome::Missed;
        let offers = store.offers_between(now - DAY, now, None, 500).await.unwrap();
        assert!(offers.iter().any(missed));
        assert_eq!(store.replies().await.unwrap().len(), REPLIES.len());
        // The same customers again: earlier contacts beside a call.
        let key = format!("number:{}", REGULARS[0].1);
        assert!(store.contacts_of(&key, None, 9).await.unwrap().len() > 1);

        make(store.clone()).await;
        assert_eq!(store.call_facts(now - DAY, now, 500).await.unwrap(), calls);
        assert_eq!(store.replies().await.unwrap().len(), REPLIES.len());
    }

    #[test]
    fn nobody_has_two_calls_at_a_time() {
        let queue = |id, key: &str| QueueRef {
            id: interaction::QueueId(id),
            key: key.to_owned(),
            name: key.to_owned(),
            team: interaction::TeamId(id),
        };
        let agent = |id, queue| (UserId(id), format!("Agent {id}"), vec![queue]);
        let centre = Centre {
            queues: vec![queue(1, "support"), queue(2, "sales")],
            agents: vec![agent(11, 1), agent(12, 1), agent(13, 2)],
            supervisors: vec![(UserId(21), "Sam".to_owned(), "sam".to_owned(), vec![1, 2])],
        };
        let mut day = Day { centre, rng: StdRng::seed_from_u64(7), free_at: BTreeMap::new() };
        let mut busy: BTreeMap<u64, u64> = BTreeMap::new();
        for call in day.calls(DAY, 2 * DAY) {
            let Some(wrap_up) = &call.wrap_up else { continue };
            let answered_at = call.summary.card.state.answered_at().unwrap().0;
            let before = busy.insert(wrap_up.agent, wrap_up.ended_at);
            assert!(before.is_none_or(|until| until < answered_at), "{}", wrap_up.agent);
        }
        assert_eq!(busy.len(), 3, "everybody had some");
    }
}
