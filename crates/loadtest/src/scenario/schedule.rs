//! What a scenario means in calls: pure, by seed.
//!
//! As many slots as there are calls at a time; the ramp says when each begins. A slot has one call
//! after the other (with churn) or just one. What happens in a call is drawn from a generator of
//! that call's own, so that it doesn't depend on any other call, nor on how long the run is.
//!
//! Times are those of the plan. Setting up takes time at a real server: a call of a slot begins
//! when it is planned, and not before the slot's last one has ended.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use wire::Mode;

use super::{HangsUp, Pace, Scenario};
use crate::impair::model::leg_seed;
use crate::report::data::Role;
use crate::telephone::TelephoneCodec;

/// Mode changes of one supervisor on one call.
pub const CHANGES_MAX: usize = 10_000;

/// What a schedule has to know about a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFacts {
    /// The queue that its caller calls, by key, if it says.
    pub queue: Option<String>,
    /// Its length in 20 ms frames.
    pub frames: usize,
}

impl From<&recordings::Recorded> for RecordingFacts {
    fn from(recorded: &recordings::Recorded) -> Self {
        Self { queue: recorded.queue.clone(), frames: recorded.frames() }
    }
}

/// A call as planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCall {
    /// From 1, in the order of `at`.
    pub number: usize,
    /// Which of the calls at a time, from 0.
    pub slot: usize,
    /// When it is placed, since the run began.
    pub at: Duration,
    /// The queue called, by key; `None` if neither scenario nor recording names one.
    pub queue: Option<String>,
    /// What the caller's telephone speaks; `None`: they call from a page.
    pub telephone: Option<TelephoneCodec>,
    /// The recording replayed, by its place in the list.
    pub recording: usize,
    /// Where in it the call begins. It goes around if the call is longer.
    pub from_frame: usize,
    /// How long the agent lets it ring; `None`: for ever.
    pub answer_after: Option<Duration>,
    /// How long it lasts, from the answer; without one, how long the caller waits.
    pub hold: Duration,
    /// Who hangs up.
    pub hangs_up: Role,
    /// Who supervises it.
    pub supervisors: Vec<PlannedSupervisor>,
    /// When the agent asks for help, since the answer, and why.
    pub help: Option<(Duration, String)>,
    /// For what the networks of its legs do: [`leg_seed`] with a number for each leg.
    pub impair_seed: u64,
}

/// A supervisor on a planned call.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSupervisor {
    /// When, since the answer.
    pub joins_after: Duration,
    /// The modes: since when, from joining on. The first begins at 0; the last stays to the end.
    pub steps: Vec<(Duration, Mode)>,
}

impl PlannedCall {
    /// When it ends as planned, since the run began.
    pub fn ends_at(&self) -> Duration {
        self.at + self.answer_after.unwrap_or_default() + self.hold
    }
}

/// The calls of a run in the order in which they are placed, made as they are asked for.
#[derive(Debug)]
pub struct Schedule<'a> {
    scenario: &'a Scenario,
    recordings: &'a [RecordingFacts],
    seed: u64,
    number: usize,
    /// When each slot's next call is due.
    due: BinaryHeap<Reverse<Due>>,
}

/// Ordered by time, then by slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Duration,
    slot: usize,
    /// How many calls the slot has had.
    round: u64,
}

impl<'a> Schedule<'a> {
    /// The calls that `seed` stands for. Without recordings there are none.
    pub fn new(scenario: &'a Scenario, seed: u64, recordings: &'a [RecordingFacts]) -> Self {
        // The ramp's generator is none of the calls'.
        let mut random = StdRng::seed_from_u64(leg_seed(seed, u64::MAX));
        let mut at = Duration::ZERO;
        let mut due = BinaryHeap::new();
        for slot in 0..scenario.calls {
            if at >= scenario.duration || recordings.is_empty() {
                break;
            }
            due.push(Reverse(Due { at, slot, round: 0 }));
            let chance: f64 = random.random();
            let gap_s = match scenario.ramp.pace {
                Pace::Even => 1.0 / scenario.ramp.per_s,
                // 1 − chance is above 0; the quantile of the exponential distribution.
                Pace::Poisson => -(1.0 - chance).ln() / scenario.ramp.per_s,
            };
            at += Duration::from_secs_f64(gap_s);
        }
        Self { scenario, recordings, seed, number: 0, due }
    }

    fn plan(&self, due: Due, random: &mut StdRng) -> PlannedCall {
        let scenario = self.scenario;
        let answer = scenario.answer.draw(random);
        let answer_after = (!scenario.unanswered.draw(random)).then_some(answer);
        let (held, waits) = match scenario.hold {
            Some(hold) => (hold.draw(random), scenario.patience.draw(random)),
            None => {
                let rest = scenario.duration.saturating_sub(due.at + answer);
                (rest, scenario.patience.draw(random))
            }
        };
        let hold = if answer_after.is_some() { held } else { waits };
        let hangs_up = match (scenario.hangs_up, random.random_bool(0.5)) {
            (HangsUp::Caller, _) | (HangsUp::Either, true) => Role::Caller,
            (HangsUp::Agent, _) | (HangsUp::Either, false) => Role::Agent,
        };
        let (queue, recording, from_frame) = self.sound(random);
        let help = self.help(hold, random).filter(|_| answer_after.is_some());
        let impair_seed = random.random();
        // Last, for they draw as often as they like.
        let supervisors = self.supervisors(hold, random);
        PlannedCall {
            number: self.number,
            slot: due.slot,
            at: due.at,
            queue,
            telephone: self.telephone(impair_seed),
            recording,
            from_frame,
            answer_after,
            hold,
            hangs_up: if answer_after.is_some() { hangs_up } else { Role::Caller },
            supervisors: if answer_after.is_some() { supervisors } else { Vec::new() },
            help,
            impair_seed,
        }
    }

    /// A queue, a recording made for it if there is one, and a place to begin.
    fn sound(&self, random: &mut StdRng) -> (Option<String>, usize, usize) {
        let queues = &self.scenario.queues;
        let chosen = random.random_range(0..queues.len().max(1));
        let queue = queues.get(chosen).cloned();
        let all = 0..self.recordings.len();
        let mut fitting: Vec<usize> =
            all.clone().filter(|&n| queue.is_none() || self.recordings[n].queue == queue).collect();
        if fitting.is_empty() {
            fitting.extend(all);
        }
        let recording = fitting[random.random_range(0..fitting.len())];
        let RecordingFacts { queue: own, frames } = &self.recordings[recording];
        let from_frame = random.random_range(0..(*frames).max(1));
        (queue.or_else(|| own.clone()), recording, from_frame)
    }

    /// By a generator of its own: a call is otherwise the same whether it comes by telephone or not.
    fn telephone(&self, seed: u64) -> Option<TelephoneCodec> {
        let mut random = StdRng::seed_from_u64(leg_seed(seed, u64::MAX));
        let comes_by_sip = self.scenario.sip_share.unwrap_or_default().draw(&mut random);
        let codecs = &self.scenario.sip_codecs;
        let codec = codecs.get(random.random_range(0..codecs.len().max(1)))?;
        comes_by_sip.then_some(*codec)
    }

    fn help(&self, hold: Duration, random: &mut StdRng) -> Option<(Duration, String)> {
        let reasons = &self.scenario.help_reasons;
        let asks = self.scenario.help_requests.draw(random);
        let after = self.scenario.help_after.draw(random);
        let reason = reasons.get(random.random_range(0..reasons.len().max(1)))?.clone();
        (asks && after < hold).then_some((after, reason))
    }

    fn supervisors(&self, hold: Duration, random: &mut StdRng) -> Vec<PlannedSupervisor> {
        let scenario = self.scenario;
        if !scenario.supervised.draw(random) {
            return Vec::new();
        }
        (0..scenario.supervisors.draw(random))
            .map(|_| {
                let joins_after = scenario.join.draw(random);
                let total = hold.saturating_sub(joins_after);
                let jitter = scenario.script_jitter;
                let steps = scenario.script.play(total, jitter, CHANGES_MAX, random);
                PlannedSupervisor { joins_after, steps }
            })
            .filter(|supervisor| supervisor.joins_after < hold)
            .collect()
    }
}

impl Iterator for Schedule<'_> {
    type Item = PlannedCall;

    fn next(&mut self) -> Option<PlannedCall> {
        let Reverse(due) = self.due.pop()?;
        self.number += 1;
        let of_slot = leg_seed(self.seed, due.slot as u64);
        let mut random = StdRng::seed_from_u64(leg_seed(of_slot, due.round));
        let pause = self.scenario.pause.draw(&mut random);
        let call = self.plan(due, &mut random);
        let at = call.ends_at() + pause;
        if self.scenario.churn && at < self.scenario.duration {
            self.due.push(Reverse(Due { at, slot: due.slot, round: due.round + 1 }));
        }
        Some(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Ramp, Script};
    use crate::units::{Count, Share, Span};

    fn recordings() -> Vec<RecordingFacts> {
        [("support", 4000), ("sales", 5000), ("support", 6000)]
            .map(|(queue, frames)| RecordingFacts { queue: Some(queue.to_owned()), frames })
            .into()
    }

    fn share(share: f64) -> Share {
        Share::new(share).unwrap()
    }

    fn busy() -> Scenario {
        Scenario {
            calls: 200,
            ramp: Ramp { per_s: 10.0, pace: Pace::Poisson },
            duration: Duration::from_mins(30),
            hold: Some(Span::seconds(20, 60)),
            answer: Span::seconds(1, 4),
            unanswered: share(0.05),
            churn: true,
            supervised: share(0.2),
            supervisors: Count { min: 1, max: 3 },
            script_jitter: share(0.2),
            help_requests: share(0.1),
            ..Scenario::default()
        }
    }

    fn calls(scenario: &Scenario, seed: u64) -> Vec<PlannedCall> {
        Schedule::new(scenario, seed, &recordings()).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_schedule() {
        let scenario = busy();
        let first = calls(&scenario, 1);
        assert_eq!(first, calls(&scenario, 1));
        assert_ne!(first, calls(&scenario, 2));
        // A call is what it is, however many there are beside it and however long the run.
        let longer = Scenario { duration: scenario.duration * 2, ..scenario.clone() };
        let half = Scenario { calls: 100, ..scenario };
        let of_slot = |calls: Vec<PlannedCall>| -> Vec<PlannedCall> {
            let mut calls: Vec<_> = calls.into_iter().filter(|call| call.slot == 7).collect();
            calls.iter_mut().for_each(|call| call.number = 0);
            calls
        };
        let expected = of_slot(first);
        assert_eq!(of_slot(calls(&half, 1)), expected);
        assert_eq!(of_slot(calls(&longer, 1))[..expected.len()], expected);
    }

    #[test]
    fn calls_are_numbered_in_order_and_slots_never_overlap() {
        let scenario = busy();
        let calls = calls(&scenario, 3);
        assert!(calls.iter().enumerate().all(|(n, call)| call.number == n + 1));
        assert!(calls.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert!(calls.iter().all(|call| call.at < scenario.duration));
        for slot in 0..scenario.calls {
            let of_slot: Vec<_> = calls.iter().filter(|call| call.slot == slot).collect();
            for pair in of_slot.windows(2) {
                let pause = pair[1].at - pair[0].ends_at();
                assert!(pause >= scenario.pause.min && pause <= scenario.pause.max);
            }
        }
    }

    #[test]
    fn the_ramp_has_its_rate() {
        let begins = |pace| -> Vec<f64> {
            let ramp = Ramp { per_s: 10.0, pace };
            let scenario = Scenario { calls: 5000, ramp, churn: false, ..busy() };
            calls(&scenario, 5).iter().map(|call| call.at.as_secs_f64()).collect()
        };
        let even = begins(Pace::Even);
        assert_eq!(even.len(), 5000);
        assert!(even.iter().enumerate().all(|(n, at)| (at - n as f64 / 10.0).abs() < 1e-3));
        let poisson = begins(Pace::Poisson);
        let gaps: Vec<_> = poisson.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((mean - 0.1).abs() < 0.005, "{mean}");
        // An exponential distribution's deviation is its mean.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.06, "{}", variance.sqrt() / mean);
    }

    #[test]
    fn shares_are_kept() {
        let calls = calls(&busy(), 11);
        assert!(calls.len() > 5000, "{}", calls.len());
        let part = |is: &dyn Fn(&PlannedCall) -> bool| {
            calls.iter().filter(|call| is(call)).count() as f64 / calls.len() as f64
        };
        let answered = part(&|call| call.answer_after.is_some());
        assert!((answered - 0.95).abs() < 0.01, "{answered}");
        let supervised = part(&|call| !call.supervisors.is_empty());
        assert!((supervised - 0.2 * answered).abs() < 0.02, "{supervised}");
        let help = part(&|call| call.help.is_some());
        assert!((help - 0.1 * answered).abs() < 0.015, "{help}");
        let by_caller = part(&|call| call.hangs_up == Role::Caller);
        assert!((by_caller - (0.5 * answered + 1.0 - answered)).abs() < 0.02, "{by_caller}");
        let two = part(&|call| call.supervisors.len() == 2) / supervised;
        assert!((two - 1.0 / 3.0).abs() < 0.05, "{two}");
        let second = part(&|call| call.recording == 1);
        assert!((second - 1.0 / 3.0).abs() < 0.02, "{second}");
    }

    #[test]
    fn the_same_calls_come_by_telephone_or_not() {
        let half = Scenario {
            sip_share: Share::new(0.5),
            sip_codecs: vec![TelephoneCodec::Pcma, TelephoneCodec::Opus],
            ..busy()
        };
        let (plain, mixed) = (calls(&busy(), 11), calls(&half, 11));
        let by = |codec| {
            let own = mixed.iter().filter(|call| call.telephone == codec);
            own.count() as f64 / mixed.len() as f64
        };
        assert!((by(None) - 0.5).abs() < 0.02, "{}", by(None));
        assert!((by(Some(TelephoneCodec::Opus)) - 0.25).abs() < 0.02);
        assert!(plain.iter().all(|call| call.telephone.is_none()));
        let by_page = |call: &PlannedCall| PlannedCall { telephone: None, ..call.clone() };
        assert_eq!(mixed.iter().map(by_page).collect::<Vec<_>>(), plain);
    }

    #[test]
    fn what_is_planned_is_within_the_call() {
        let scenario = busy();
        let recordings = recordings();
        for call in calls(&scenario, 13) {
            assert!(call.from_frame < recordings[call.recording].frames);
            assert_eq!(call.queue, recordings[call.recording].queue);
            if call.answer_after.is_none() {
                assert_eq!(call.hold, scenario.patience.min);
                assert!(call.supervisors.is_empty() && call.help.is_none());
                continue;
            }
            assert!(call.hold >= Duration::from_secs(20) && call.hold <= Duration::from_mins(1));
            assert!(call.help.iter().all(|(after, _)| *after < call.hold));
            for supervisor in &call.supervisors {
                assert!(supervisor.joins_after < call.hold);
                assert_eq!(supervisor.steps[0], (Duration::ZERO, Mode::Listen));
                let last = supervisor.steps.last().unwrap().0;
                assert!(supervisor.joins_after + last < call.hold);
                assert!(supervisor.steps.windows(2).all(|pair| pair[0].0 < pair[1].0));
            }
        }
    }

    #[test]
    fn without_churn_each_slot_has_one_call_to_the_end() {
        let scenario = Scenario { calls: 10, supervised: Share::ALL, ..Scenario::default() };
        let calls = calls(&scenario, 1);
        assert_eq!(calls.len(), 10);
        assert!(calls.iter().all(|call| call.ends_at() == scenario.duration));
        // Even at 24 hours of the shortest steps.
        let script: Script = "listen 200ms, barge 200ms".parse().unwrap();
        let duration = Duration::from_hours(24);
        let scenario = Scenario { calls: 1, duration, script, ..scenario };
        let call = Schedule::new(&scenario, 1, &recordings()).next().unwrap();
        assert_eq!(call.supervisors[0].steps.len(), CHANGES_MAX);
    }

    #[test]
    fn queues_bring_their_recordings() {
        let queues = vec!["sales".to_owned(), "returns".to_owned()];
        let scenario = Scenario { queues, ..busy() };
        for call in calls(&scenario, 1) {
            match call.queue.as_deref() {
                Some("sales") => assert_eq!(call.recording, 1),
                queue => assert_eq!(queue, Some("returns")),
            }
        }
        let nothing = Schedule::new(&scenario, 1, &[]);
        assert_eq!(nothing.count(), 0);
    }
}
