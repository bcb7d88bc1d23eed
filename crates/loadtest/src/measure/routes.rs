//! Who may hear whom, and when: the rule of the product, stated anew from what was asked for and
//! what the server acknowledged.
//!
//! A route is *surely open* from its acknowledgement until its end is asked for, and *surely
//! closed* before it was asked for and after its end was acknowledged. Between them either is right.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A party's number.
pub type PartyId = u16;
/// A call's number in the run, from 1.
pub type CallNumber = usize;

/// Opening takes so long to be heard: a packet, a tick, the playout buffer.
const SETTLE: Duration = Duration::from_millis(1_000);

/// A packet is played so late at most: the playout buffer, and a machine that has too much to do.
const LATE_MAX: Duration = Duration::from_secs(2);

/// A supervisor's mode.
pub use crate::report::data::{ModeName, Role};

/// Which way a route goes: from the mouth of `source` to the ear of `listener`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair {
    /// Who listens.
    pub listener: PartyId,
    /// Who is heard.
    pub source: PartyId,
}

/// What a listener is to hear of a source in some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// It must be heard.
    Must,
    /// It may be: something changes, or a policy decides.
    May,
    /// It must not be heard.
    MustNot,
}

/// One opening of a route.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Opening {
    /// Whether it has to be heard once open.
    must: bool,
    asked: Instant,
    open: Option<Instant>,
    close_asked: Option<Instant>,
    closed: Option<Instant>,
}

/// All routes of a run.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    openings: HashMap<Pair, Vec<Opening>>,
    grace: Duration,
}

/// The parties of a call, as far as they are there.
#[derive(Debug, Clone, Default)]
pub struct Parties {
    /// The caller.
    pub caller: Option<PartyId>,
    /// The agent.
    pub agent: Option<PartyId>,
    /// The supervisors and their modes.
    pub supervisors: Vec<(PartyId, ModeName)>,
}

impl Routes {
    /// No routes yet. What was on its way when a route closed may be heard for `grace`.
    pub fn new(grace: Duration) -> Self {
        Self { openings: HashMap::new(), grace }
    }

    /// Somebody asks for the parties of a call to be `after` instead of `before`: what that opens
    /// may be heard from now on, what it closes need not be.
    pub fn ask(&mut self, before: &Parties, after: &Parties, now: Instant) {
        let (old, new) = (before.routes(), after.routes());
        for (pair, must) in &new {
            if !old.iter().any(|(was, _)| was == pair) {
                self.openings.entry(*pair).or_default().push(Opening {
                    must: *must,
                    asked: now,
                    open: None,
                    close_asked: None,
                    closed: None,
                });
            }
        }
        for (pair, _) in old.iter().filter(|(was, _)| !new.iter().any(|(pair, _)| pair == was)) {
            for opening in self.unclosed(*pair) {
                opening.close_asked.get_or_insert(now);
            }
        }
    }

    /// The server has done it: the parties are as `now_there`.
    pub fn acknowledge(&mut self, before: &Parties, now_there: &Parties, now: Instant) {
        let (old, new) = (before.routes(), now_there.routes());
        for (pair, _) in &new {
            for opening in self.unclosed(*pair) {
                opening.open.get_or_insert(now);
            }
        }
        for (pair, _) in old.iter().filter(|(was, _)| !new.iter().any(|(pair, _)| pair == was)) {
            for opening in self.unclosed(*pair) {
                opening.close_asked.get_or_insert(now);
                opening.closed.get_or_insert(now);
            }
        }
    }

    /// The server has refused: what was asked for is withdrawn, and the parties are as `there`.
    pub fn withdraw(&mut self, asked_for: &Parties, there: &Parties, now: Instant) {
        self.acknowledge(asked_for, there, now);
        for (pair, _) in there.routes() {
            for opening in self.unclosed(pair) {
                opening.close_asked = None;
            }
        }
    }

    /// What is to be heard from `from` until `to`.
    pub fn duty(&self, pair: Pair, from: Instant, to: Instant) -> Duty {
        let since = from.checked_sub(self.grace).unwrap_or(from);
        let own = || self.openings.get(&pair).into_iter().flatten();
        if !own().any(|it| it.asked <= to && it.closed.is_none_or(|closed| closed >= since)) {
            return Duty::MustNot;
        }
        let is_sure = |it: &Opening| {
            it.must
                && it.open.is_some_and(|open| open + SETTLE <= from)
                && it.close_asked.is_none_or(|asked| asked >= to)
        };
        if own().any(is_sure) { Duty::Must } else { Duty::May }
    }

    /// The same for a packet that was said at `said`: one that set out while its route was open was
    /// on its way, however late it was played.
    pub fn packet_duty(&self, pair: Pair, said: Instant, from: Instant, to: Instant) -> Duty {
        let earliest = from.checked_sub(LATE_MAX).unwrap_or(from);
        self.duty(pair, said.clamp(earliest, from), to)
    }

    /// All pairs that ever were to be heard and overlap this time.
    pub fn pairs(&self, from: Instant, to: Instant) -> impl Iterator<Item = Pair> + '_ {
        let overlaps =
            move |it: &Opening| it.asked <= to && it.closed.is_none_or(|closed| closed >= from);
        let own = self.openings.iter();
        own.filter(move |(_, openings)| openings.iter().any(overlaps)).map(|(pair, _)| *pair)
    }

    /// Forgets what was closed before that moment.
    pub fn forget(&mut self, before: Instant) {
        let grace = self.grace;
        self.openings.retain(|_, openings| {
            openings.retain(|it| it.closed.is_none_or(|at| at + grace + LATE_MAX >= before));
            !openings.is_empty()
        });
    }

    fn unclosed(&mut self, pair: Pair) -> impl Iterator<Item = &mut Opening> {
        let own = self.openings.get_mut(&pair).into_iter().flatten();
        own.filter(|it| it.closed.is_none())
    }
}

impl Parties {
    /// A caller and an agent, and nobody else.
    pub fn talking(caller: PartyId, agent: PartyId) -> Self {
        Self { caller: Some(caller), agent: Some(agent), supervisors: Vec::new() }
    }

    /// Who hears whom, and whether it is a must. Whether supervisors hear each other in Whisper is the
    /// centre's policy, which a load tester is not told; of a take-over the default is held to be true:
    /// agents hear on.
    fn routes(&self) -> Vec<(Pair, bool)> {
        let mut routes = Vec::new();
        let mut hears = |listener: Option<PartyId>, source: Option<PartyId>, must| {
            if let (Some(listener), Some(source)) = (listener, source) {
                routes.push((Pair { listener, source }, must));
            }
        };
        let taken_over = self.supervisors.iter().any(|(_, mode)| *mode == ModeName::TakeOver);
        hears(self.agent, self.caller, true);
        if !taken_over {
            hears(self.caller, self.agent, true);
        }
        for (supervisor, mode) in &self.supervisors {
            let own = Some(*supervisor);
            hears(own, self.caller, true);
            if !taken_over {
                hears(own, self.agent, true);
            }
            match mode {
                ModeName::Listen => continue,
                ModeName::Whisper => hears(self.agent, own, true),
                ModeName::Barge | ModeName::TakeOver => {
                    hears(self.agent, own, true);
                    hears(self.caller, own, true);
                }
            }
            for (other, _) in self.supervisors.iter().filter(|(other, _)| other != supervisor) {
                hears(Some(*other), own, false);
            }
        }
        routes
    }

    /// With a supervisor in that mode, who may be new.
    pub fn with(&self, supervisor: PartyId, mode: ModeName) -> Self {
        let mut parties = self.without(supervisor);
        parties.supervisors.push((supervisor, mode));
        parties
    }

    /// Without a supervisor.
    pub fn without(&self, supervisor: PartyId) -> Self {
        let mut parties = self.clone();
        parties.supervisors.retain(|(it, _)| *it != supervisor);
        parties
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: PartyId = 1;
    const AGENT: PartyId = 2;
    const SAM: PartyId = 3;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn duty(routes: &Routes, listener: PartyId, source: PartyId, at: Instant) -> Duty {
        routes.duty(Pair { listener, source }, at, at + ms(20))
    }

    #[test]
    fn a_whisper_is_for_the_agent_and_between_request_and_answer_either_is_right() {
        let t = Instant::now();
        let mut routes = Routes::new(ms(300));
        let talk = Parties::talking(CALLER, AGENT);
        let nobody = Parties::default();
        routes.ask(&nobody, &talk, t);
        routes.acknowledge(&nobody, &talk, t + ms(10));
        let listen = talk.with(SAM, ModeName::Listen);
        routes.ask(&talk, &listen, t + ms(100));
        routes.acknowledge(&talk, &listen, t + ms(110));
        let whisper = talk.with(SAM, ModeName::Whisper);
        assert_eq!(duty(&routes, AGENT, SAM, t + ms(1_900)), Duty::MustNot);
        routes.ask(&listen, &whisper, t + ms(2_000));
        assert_eq!(duty(&routes, AGENT, SAM, t + ms(2_000)), Duty::May);
        routes.acknowledge(&listen, &whisper, t + ms(2_010));
        assert_eq!(duty(&routes, AGENT, SAM, t + ms(3_500)), Duty::Must);
        for at in [500, 2_005, 3_500] {
            assert_eq!(duty(&routes, CALLER, SAM, t + ms(at)), Duty::MustNot);
        }
        assert_eq!(duty(&routes, SAM, CALLER, t + ms(3_500)), Duty::Must);

        routes.ask(&whisper, &listen, t + ms(4_000));
        assert_eq!(duty(&routes, AGENT, SAM, t + ms(4_000)), Duty::May);
        routes.acknowledge(&whisper, &listen, t + ms(4_050));
        assert_eq!(duty(&routes, AGENT, SAM, t + ms(4_300)), Duty::May, "it was on its way");
        assert_eq!(duty(&routes, AGENT, SAM, t + ms(4_400)), Duty::MustNot);
    }

    #[test]
    fn a_barge_is_for_all_and_a_refusal_takes_it_back() {
        let t = Instant::now();
        let mut routes = Routes::new(ms(300));
        let talk = Parties::talking(CALLER, AGENT);
        routes.ask(&Parties::default(), &talk, t);
        routes.acknowledge(&Parties::default(), &talk, t);
        let barge = talk.with(SAM, ModeName::Barge);
        routes.ask(&talk, &barge, t + ms(1_000));
        assert_eq!(duty(&routes, CALLER, SAM, t + ms(1_000)), Duty::May);
        routes.withdraw(&barge, &talk, t + ms(1_020));
        assert_eq!(duty(&routes, CALLER, SAM, t + ms(1_400)), Duty::MustNot);
        assert_eq!(duty(&routes, CALLER, AGENT, t + ms(2_500)), Duty::Must);
    }

    #[test]
    fn a_take_over_silences_the_agent_who_hears_on() {
        let t = Instant::now();
        let mut routes = Routes::new(ms(300));
        let talk = Parties::talking(CALLER, AGENT);
        routes.ask(&Parties::default(), &talk, t);
        routes.acknowledge(&Parties::default(), &talk, t);
        let taken = talk.with(SAM, ModeName::TakeOver);
        routes.ask(&talk, &taken, t + ms(1_000));
        routes.acknowledge(&talk, &taken, t + ms(1_010));
        let then = t + ms(3_000);
        for listener in [CALLER, SAM] {
            assert_eq!(duty(&routes, listener, AGENT, then), Duty::MustNot, "{listener}");
        }
        for (listener, source) in [(CALLER, SAM), (SAM, CALLER), (AGENT, CALLER), (AGENT, SAM)] {
            assert_eq!(duty(&routes, listener, source, then), Duty::Must, "{listener} {source}");
        }
        let barge = talk.with(SAM, ModeName::Barge);
        routes.ask(&taken, &barge, then);
        routes.acknowledge(&taken, &barge, then + ms(10));
        assert_eq!(duty(&routes, CALLER, AGENT, then + ms(1_500)), Duty::Must, "handed back");
    }

    #[test]
    fn what_was_said_in_time_may_come_late_and_what_was_said_later_may_not() {
        let t = Instant::now();
        let mut routes = Routes::new(ms(300));
        let (nobody, talk) = (Parties::default(), Parties::talking(CALLER, AGENT));
        routes.ask(&nobody, &talk, t);
        routes.acknowledge(&nobody, &talk, t);
        routes.ask(&talk, &nobody, t + ms(5_000));
        routes.acknowledge(&talk, &nobody, t + ms(5_010));
        let pair = Pair { listener: AGENT, source: CALLER };
        let duty =
            |said, heard| routes.packet_duty(pair, t + ms(said), t + ms(heard), t + ms(heard + 20));
        assert_eq!(duty(4_900, 5_600), Duty::May);
        assert_eq!(duty(5_400, 5_600), Duty::MustNot);
        assert_eq!(duty(4_900, 7_400), Duty::MustNot, "nobody's machine is as late as that");
    }

    #[test]
    fn nobody_of_another_call_is_ever_to_be_heard() {
        let t = Instant::now();
        let mut routes = Routes::new(ms(300));
        let one =
            Parties { caller: Some(1), agent: Some(2), supervisors: vec![(5, ModeName::Barge)] };
        let two =
            Parties { caller: Some(3), agent: Some(4), supervisors: vec![(6, ModeName::Barge)] };
        for parties in [&one, &two] {
            routes.ask(&Parties::default(), parties, t);
            routes.acknowledge(&Parties::default(), parties, t);
        }
        for (listener, source) in [(1, 3), (1, 4), (1, 6), (2, 5), (5, 3), (5, 6), (6, 1)] {
            let wanted = if (listener, source) == (2, 5) { Duty::Must } else { Duty::MustNot };
            assert_eq!(duty(&routes, listener, source, t + ms(2_000)), wanted);
        }
    }
}
