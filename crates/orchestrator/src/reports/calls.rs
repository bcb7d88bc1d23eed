//! The report of calls that came: how many were offered, answered and abandoned, how long callers waited, and
//! how long agents worked and held, by queue, agent, hour or day.

use std::collections::BTreeMap;

use control_plane::CallEnd;
use interaction::UserId;
use interaction::reports::Scope;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{
    AgentOfferRecord, AgentTime, CallFacts, HeldChange, InteractionKind, OfferOutcome, ServiceGoal,
    Store, WrapUpRecord,
};

use crate::stored::Opening;

use super::{Owners, Period, REPORT_FACTS_MAX, ReportError, Spread, whole};

const HOUR_MS: i64 = 3_600_000;

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// A queue.
    Queue,
    /// An agent.
    Agent,
    /// An hour on the reader's clock.
    Hour,
    /// A day on the reader's clock.
    Day,
}

/// What the report is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// This queue, by key.
    pub queue: Option<String>,
    /// This agent.
    pub agent: Option<UserId>,
}

/// Which calls a line counts. What is not named in it is none of its marks.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The beginning of the hour or day, Unix ms (UTC).
    pub start: Option<i64>,
    /// The queue's key; of calls by queue that came without one, too.
    pub queue: Option<String>,
    /// The agent.
    pub agent: Option<UserId>,
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLine {
    /// Which calls.
    pub group: Group,
    /// The agent's name, the latest if it changed; empty without an agent.
    pub agent_name: String,
    /// The figures.
    pub figures: Figures,
}

/// Figures of some calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls that came; of an agent, that rang at them or that they came to otherwise.
    pub offered: u64,
    /// Of these, answered.
    pub answered: u64,
    /// Of these, hung up by the caller before anybody answered; of an agent, none.
    pub abandoned: u64,
    /// Of these, answered within the goal of their queue; of an agent, none.
    pub within_goal: u64,
    /// Of an agent: let ring until it went on.
    pub missed: u64,
    /// Of an agent: conversations that they let run out; no other figure counts them.
    pub missed_chats: u64,
    /// Of an agent: did not want.
    pub declined: u64,
    /// How long callers waited until an agent answered.
    pub wait: Option<Spread>,
    /// How long the call was worked on: from the answer to the end, or as long as the agent was on
    /// it.
    pub handle: Option<Spread>,
    /// How long callers were on hold, of those who were.
    pub hold: Option<Spread>,
    /// How long agents wrote calls up afterwards, of those for whom there is such a time.
    pub wrap: Option<Spread>,
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReport {
    /// By [`Group`].
    pub lines: Vec<CallLine>,
    /// Of all calls, as of a queue.
    pub total: Figures,
}

/// Times and counts, before they are figures.
#[derive(Default)]
struct Sums {
    figures: Figures,
    name: String,
    wait: Vec<u64>,
    handle: Vec<u64>,
    hold: Vec<u64>,
    wrap: Vec<u64>,
}

/// What is known of the period.
struct Facts {
    calls: Vec<CallFacts>,
    agents: BTreeMap<String, Vec<AgentTime>>,
    holds: BTreeMap<String, Vec<(u64, u64)>>,
    offers: Vec<AgentOfferRecord>,
    wrap_ups: Vec<WrapUpRecord>,
    goals: BTreeMap<String, ServiceGoal>,
}

/// The report of the calls in `scope` that were placed in the period. `zone` says what an hour or a day is.
///
/// # Errors
/// [`ReportError`].
pub async fn report(
    store: &Store,
    scope: Scope,
    period: Period,
    narrowed: &Narrowed,
    (by, zone): (GroupBy, &TimeZone),
) -> Result<CallReport, ReportError> {
    let facts = gather(store, scope, period, narrowed).await?;
    let mut groups: BTreeMap<Group, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    for call in &facts.calls {
        total.add_call(call, &facts);
        match by {
            GroupBy::Agent => add_agents(&mut groups, call, &facts, narrowed.agent),
            GroupBy::Queue | GroupBy::Hour | GroupBy::Day => {
                groups.entry(group(call, by, zone)).or_default().add_call(call, &facts);
            }
        }
    }
    if by == GroupBy::Agent {
        add_offers(&mut groups, &facts.offers);
    }
    for wrap_up in &facts.wrap_ups {
        let length = wrap_up.ended_at.saturating_sub(wrap_up.began_at);
        total.wrap.push(length);
        let sums = groups.entry(group_of(wrap_up, by, zone)).or_default();
        sums.wrap.push(length);
        if by == GroupBy::Agent && sums.name.is_empty() {
            sums.name.clone_from(&wrap_up.agent_name);
        }
    }
    let lines = groups.into_iter().map(|(group, sums)| {
        let agent_name = sums.name.clone();
        CallLine { group, agent_name, figures: sums.figures() }
    });
    Ok(CallReport { lines: lines.collect(), total: total.figures() })
}

async fn gather(
    store: &Store,
    scope: Scope,
    period: Period,
    narrowed: &Narrowed,
) -> Result<Facts, ReportError> {
    let Period { from, until } = period;
    let calls = whole(store.call_facts(from, until, REPORT_FACTS_MAX + 1).await?)?;
    let one = narrowed.agent.map(|agent| agent.0);
    let offers = whole(store.offers_between(from, until, one, REPORT_FACTS_MAX + 1).await?)?;
    let wrap_ups = whole(store.wrap_ups_between(from, until, one, REPORT_FACTS_MAX + 1).await?)?;
    let mut agents: BTreeMap<String, Vec<AgentTime>> = BTreeMap::new();
    for time in store.agents_of_calls(from, until).await? {
        agents.entry(time.interaction.clone()).or_default().push(time);
    }
    let ends: BTreeMap<&str, Option<u64>> =
        calls.iter().map(|call| (&*call.call, call.ended_at)).collect();
    let holds = spans(store.holds_of_calls(from, until).await?, &ends);
    let owners = Owners::new(store, scope).await?;
    let is_meant = |queue: Option<&str>| {
        narrowed.queue.is_none() || queue.is_some_and(|key| narrowed.queue.as_deref() == Some(key))
    };
    let works = |call: &CallFacts| {
        let on = agents.get(&call.call).map_or(&[][..], Vec::as_slice);
        narrowed.agent.is_none_or(|agent| on.iter().any(|time| UserId(time.agent) == agent))
    };
    let goals = store.queue_records().await?.into_iter();
    let facts = Facts {
        calls: calls
            .iter()
            .filter(|call| owners.has(call.queue.as_deref(), call.opening.as_deref()))
            // Nobody waited for an agent in a call that an agent made.
            .filter(|call| Opening::of(call.opening.as_deref()).dialed_by.is_none())
            .filter(|call| is_meant(call.queue.as_deref()) && works(call))
            .cloned()
            .collect(),
        offers: offers
            .into_iter()
            .filter(|offer| is_meant(offer.queue.as_deref()))
            .filter(|offer| owners.has_offer(offer.queue.as_deref(), offer.team))
            .collect(),
        wrap_ups: wrap_ups
            .into_iter()
            .filter(|it| is_meant(it.queue.as_deref()))
            .filter(|it| owners.has_offer(it.queue.as_deref(), it.team))
            .collect(),
        goals: goals.map(|it| (it.queue.key, it.settings.goal)).collect(),
        agents,
        holds,
    };
    Ok(facts)
}

/// From changes to spans; one that is not over lasts to its call's end.
fn spans(
    changes: Vec<HeldChange>,
    ends: &BTreeMap<&str, Option<u64>>,
) -> BTreeMap<String, Vec<(u64, u64)>> {
    let mut spans: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    let mut since: BTreeMap<String, u64> = BTreeMap::new();
    for HeldChange { call, at, held } in changes {
        if held {
            since.entry(call).or_insert(at);
        } else if let Some(from) = since.remove(&call) {
            spans.entry(call).or_default().push((from, at));
        }
    }
    for (call, from) in since {
        if let Some(Some(end)) = ends.get(&*call) {
            spans.entry(call).or_default().push((from, *end));
        }
    }
    spans
}

fn group(call: &CallFacts, by: GroupBy, zone: &TimeZone) -> Group {
    match by {
        GroupBy::Queue | GroupBy::Agent => Group { queue: call.queue.clone(), ..Group::default() },
        GroupBy::Hour => Group { start: hour(call.placed_at, zone), ..Group::default() },
        GroupBy::Day => Group { start: day(call.placed_at, zone), ..Group::default() },
    }
}

/// The line of an agent's work after a call: when it began says which hour or day.
fn group_of(wrap_up: &WrapUpRecord, by: GroupBy, zone: &TimeZone) -> Group {
    match by {
        GroupBy::Queue => Group { queue: wrap_up.queue.clone(), ..Group::default() },
        GroupBy::Agent => Group { agent: Some(UserId(wrap_up.agent)), ..Group::default() },
        GroupBy::Hour => Group { start: hour(wrap_up.began_at, zone), ..Group::default() },
        GroupBy::Day => Group { start: day(wrap_up.began_at, zone), ..Group::default() },
    }
}

/// The beginning of the hour on the reader's clock, Unix ms (UTC). An hour that the clock shows twice is two.
fn hour(at: u64, zone: &TimeZone) -> Option<i64> {
    let at = Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()?;
    let offset_ms = i64::from(zone.to_offset(at).seconds()) * 1_000;
    let shown = at.as_millisecond() + offset_ms;
    Some(shown.div_euclid(HOUR_MS) * HOUR_MS - offset_ms)
}

/// The beginning of the day on the reader's clock, Unix ms (UTC); of 23 or 25 hours where the clock is changed.
fn day(at: u64, zone: &TimeZone) -> Option<i64> {
    let at = Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()?;
    let begins = at.to_zoned(zone.clone()).start_of_day().ok()?;
    Some(begins.timestamp().as_millisecond())
}

/// A call, in the lines of those who were on it.
fn add_agents(
    groups: &mut BTreeMap<Group, Sums>,
    call: &CallFacts,
    facts: &Facts,
    only: Option<UserId>,
) {
    let times = facts.agents.get(&call.call).map_or(&[][..], Vec::as_slice);
    let mut of_agent: BTreeMap<UserId, (u64, u64, &str)> = BTreeMap::new();
    for time in times.iter().filter(|time| only.is_none_or(|agent| agent.0 == time.agent)) {
        let until = time.left_at.unwrap_or(time.joined_at);
        let held: u64 = facts
            .holds
            .get(&call.call)
            .into_iter()
            .flatten()
            .map(|(from, to)| (*to).min(until).saturating_sub((*from).max(time.joined_at)))
            .sum();
        let sum = of_agent.entry(UserId(time.agent)).or_insert((0, 0, &time.name));
        sum.0 += until.saturating_sub(time.joined_at);
        sum.1 += held;
        sum.2 = &time.name;
    }
    for (agent, (handled, held, name)) in of_agent {
        let sums = groups.entry(Group { agent: Some(agent), ..Group::default() }).or_default();
        name.clone_into(&mut sums.name);
        sums.figures.offered += 1;
        sums.figures.answered += 1;
        // While it goes on nobody knows how long it takes.
        if call.ended_at.is_some() {
            sums.handle.push(handled);
            sums.hold.extend(Some(held).filter(|held| *held > 0));
        }
    }
}

/// What was offered to agents and they did not take; what they took is counted with its call.
fn add_offers(groups: &mut BTreeMap<Group, Sums>, offers: &[AgentOfferRecord]) {
    let counts = |offer: &&AgentOfferRecord| match offer.kind {
        InteractionKind::Call => offer.outcome != OfferOutcome::Answered,
        InteractionKind::Conversation => offer.outcome == OfferOutcome::Missed,
    };
    for offer in offers.iter().filter(counts) {
        let agent = Some(UserId(offer.agent));
        let sums = groups.entry(Group { agent, ..Group::default() }).or_default();
        if sums.name.is_empty() {
            sums.name.clone_from(&offer.agent_name);
        }
        if offer.kind == InteractionKind::Conversation {
            sums.figures.missed_chats += 1;
            continue;
        }
        sums.figures.offered += 1;
        match offer.outcome {
            OfferOutcome::Missed => sums.figures.missed += 1,
            OfferOutcome::Declined => sums.figures.declined += 1,
            OfferOutcome::Withdrawn | OfferOutcome::Answered => {}
        }
    }
}

impl Sums {
    fn add_call(&mut self, call: &CallFacts, facts: &Facts) {
        self.figures.offered += 1;
        let Some(answered_at) = call.answered_at else {
            let gone = [CallEnd::Caller, CallEnd::Lost].map(CallEnd::name);
            let gave_up = call.end_reason.as_deref().is_some_and(|end| gone.contains(&end));
            self.figures.abandoned += u64::from(gave_up);
            return;
        };
        self.figures.answered += 1;
        let wait = answered_at.saturating_sub(call.placed_at);
        let goal = call.queue.as_ref().and_then(|key| facts.goals.get(key)).copied();
        let goal_ms = u64::from(goal.unwrap_or_default().seconds) * 1_000;
        self.figures.within_goal += u64::from(wait <= goal_ms);
        self.wait.push(wait);
        // While it goes on nobody knows how long it takes.
        let Some(ended_at) = call.ended_at else { return };
        self.handle.push(ended_at.saturating_sub(answered_at));
        let held = facts.holds.get(&call.call).into_iter().flatten();
        let held: u64 = held.map(|(from, to)| to.saturating_sub(*from)).sum();
        self.hold.extend(Some(held).filter(|held| *held > 0));
    }

    fn figures(self) -> Figures {
        Figures {
            wait: Spread::of(self.wait),
            handle: Spread::of(self.handle),
            hold: Spread::of(self.hold),
            wrap: Spread::of(self.wrap),
            ..self.figures
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(
        id: &str,
        placed_at: u64,
        answered_at: Option<u64>,
        end: Option<(u64, &str)>,
    ) -> CallFacts {
        CallFacts {
            call: id.to_owned(),
            queue: Some("support".to_owned()),
            opening: None,
            placed_at,
            answered_at,
            ended_at: end.map(|(at, _)| at),
            end_reason: end.map(|(_, why)| why.to_owned()),
        }
    }

    fn facts(calls: Vec<CallFacts>) -> Facts {
        let goals = [("support".to_owned(), ServiceGoal { percent: 80, seconds: 10 })].into();
        let (agents, holds) = (BTreeMap::new(), BTreeMap::new());
        Facts { calls, agents, holds, offers: Vec::new(), wrap_ups: Vec::new(), goals }
    }

    fn summed(facts: &Facts) -> Figures {
        let mut sums = Sums::default();
        facts.calls.iter().for_each(|call| sums.add_call(call, facts));
        sums.figures()
    }

    #[test]
    fn a_call_is_answered_abandoned_or_neither() {
        let facts = facts(vec![
            call("fast", 0, Some(10_000), Some((70_000, "caller"))),
            call("slow", 0, Some(10_001), Some((30_001, "agent"))),
            call("gave up", 0, None, Some((5_000, "caller"))),
            call("line lost", 0, None, Some((5_000, "lost"))),
            call("nobody there", 0, None, Some((300_000, "no_agent"))),
            call("waits", 0, None, None),
            call("runs", 0, Some(4_000), None),
        ]);
        let figures = summed(&facts);
        let counted = (figures.offered, figures.answered, figures.abandoned, figures.within_goal);
        assert_eq!(counted, (7, 3, 2, 2));
        assert_eq!(figures.wait.map(|it| (it.median, it.max)), Some((10_000, 10_001)));
        assert_eq!(figures.handle.map(|it| (it.median, it.max)), Some((20_000, 60_000)));
        assert_eq!(figures.hold, None, "nobody was on hold");
    }

    #[test]
    fn a_hold_lasts_until_it_is_taken_back_or_the_call_ends() {
        let change = |call: &str, at, held| HeldChange { call: call.to_owned(), at, held };
        let changes = vec![
            change("a", 10, true),
            change("a", 15, true),
            change("a", 20, false),
            change("a", 40, true),
            change("runs", 5, true),
        ];
        let found = spans(changes, &BTreeMap::from([("a", Some(50)), ("runs", None)]));
        assert_eq!(found, BTreeMap::from([("a".to_owned(), vec![(10, 20), (40, 50)])]));
    }

    #[test]
    fn an_agents_time_is_their_own() {
        let mut facts = facts(vec![call("a", 0, Some(10), Some((100, "caller")))]);
        let time = |agent, joined_at, left_at| AgentTime {
            interaction: "a".to_owned(),
            agent,
            name: format!("agent {agent}"),
            joined_at,
            left_at: Some(left_at),
        };
        facts.agents.insert("a".to_owned(), vec![time(1, 10, 40), time(2, 40, 100)]);
        facts.holds.insert("a".to_owned(), vec![(30, 60)]);
        let mut groups = BTreeMap::new();
        add_agents(&mut groups, &facts.calls[0], &facts, None);
        let figures: Vec<(u64, u64)> =
            groups.into_values().map(|sums| (sums.handle[0], sums.hold[0])).collect();
        assert_eq!(figures, [(30, 10), (60, 20)]);
    }

    #[test]
    fn an_agent_misses_conversations_beside_calls() {
        let offer = |kind, outcome| AgentOfferRecord {
            interaction: "a".to_owned(),
            kind,
            agent: 1,
            agent_name: "Ana".to_owned(),
            queue: None,
            team: None,
            offered_at: 1,
            ended_at: 2,
            outcome,
        };
        let (voice, text) = (InteractionKind::Call, InteractionKind::Conversation);
        let mut groups = BTreeMap::new();
        let quiet = [offer(text, OfferOutcome::Answered), offer(text, OfferOutcome::Withdrawn)];
        add_offers(&mut groups, &quiet);
        assert!(groups.is_empty(), "a report of calls has no line for those");
        let missed = [voice, text, text].map(|kind| offer(kind, OfferOutcome::Missed));
        add_offers(&mut groups, &missed);
        let figures = groups.into_values().next().unwrap().figures;
        assert_eq!((figures.offered, figures.missed, figures.missed_chats), (1, 1, 2));
    }

    #[test]
    fn hours_and_days_are_the_readers_also_where_the_clock_is_changed() {
        let start = |by, zone: &TimeZone, at: i64| {
            group(&call("a", at.cast_unsigned(), None, None), by, zone).start.unwrap()
        };
        let zone = |name| TimeZone::get(name).unwrap();
        // 2026-11-21 15:00 UTC is midnight in Tokyo; half past an hour begins one in Kolkata.
        let at = 1_795_273_200_000;
        assert_eq!(start(GroupBy::Day, &zone("Asia/Tokyo"), at), at);
        assert_eq!(start(GroupBy::Day, &TimeZone::UTC, at), at - 15 * HOUR_MS);
        assert_eq!(start(GroupBy::Hour, &zone("Asia/Kolkata"), at), at - HOUR_MS / 2);
        // 2026-10-25: in Berlin the hour from two to three comes twice, and the day has 25.
        let (berlin, midnight_utc) = (zone("Europe/Berlin"), 20_751 * 24 * HOUR_MS);
        let (first, second) = (midnight_utc + HOUR_MS / 2, midnight_utc + HOUR_MS * 3 / 2);
        assert_eq!(start(GroupBy::Hour, &berlin, first), midnight_utc);
        assert_eq!(start(GroupBy::Hour, &berlin, second), midnight_utc + HOUR_MS);
        let begins = midnight_utc - 2 * HOUR_MS;
        for hour in [0, 12, 24] {
            assert_eq!(start(GroupBy::Day, &berlin, begins + hour * HOUR_MS), begins);
        }
        assert_eq!(start(GroupBy::Day, &berlin, begins + 25 * HOUR_MS), begins + 25 * HOUR_MS);
    }
}
