//! How a call sounds: who talks, at once or not at all, and how loud. An indicator, from levels
//! alone; what is said is not listened to, and it is no judgement of a person.
//!
//! Levels come about ten times a second with the time as an argument; a figure covers the last
//! [`WINDOW_S`] seconds of the conversation. While the caller waits nothing is counted. It
//! deliberately knows no call and no clock. Levels of a forwarded voice are stated by its sender,
//! those of a mixed one are measured: they differ little, and a voice counts as raised only well
//! above its own beginning.
//!
//! How loud an agent is takes no part in the mood: to infer the emotions of employees is prohibited
//! in the EU (Regulation (EU) 2024/1689, Article 5 (1) (f)).

use std::collections::VecDeque;

use interaction::UnixMs;

/// The seconds that a figure covers.
pub const WINDOW_S: usize = 60;
/// Conversation that it takes for a first figure, ms.
pub const FIRST_MS: u64 = 10_000;
/// A pause between two reports that counts at most, ms: the rest was not heard.
const REPORT_MS_MAX: u64 = 500;
/// Speech from which a voice's usual level is taken, ms.
const USUAL_MS: u64 = 8_000;
/// How fast the present level follows, ms of speech.
const PRESENT_MS: f32 = 3_000.0;
/// A voice is raised so far above its usual level, and no longer so far, dB.
const RAISED_DB: f32 = 6.0;
const LOWERED_DB: f32 = 4.0;
/// What the trend looks back at, s.
const TREND_S: usize = 15;
/// A smaller change is none.
const TREND_MIN: f32 = 0.15;

/// The mood of a call in which all is well.
const CALM: f32 = 0.5;
/// What each sign takes off at its fullest.
const TALK_OVER_WEIGHT: f32 = 0.6;
const DEAD_AIR_WEIGHT: f32 = 0.5;
const CALLER_RAISED_WEIGHT: f32 = 0.5;
const ONE_SIDED_WEIGHT: f32 = 0.2;
/// Shares of the time at which a sign begins to count, and is at its fullest.
const TALK_OVER: (f32, f32) = (0.05, 0.25);
const DEAD_AIR: (f32, f32) = (0.35, 0.80);
/// How far from an even half the caller's share may be, and is at its fullest.
const ONE_SIDED: (f32, f32) = (0.35, 0.50);

/// What is heard of one side at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// dBFS, −127 … 0.
    pub dbfs: i8,
    /// Whether somebody of this side speaks.
    pub speaking: bool,
}

/// The figures, all shares 0 … 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallFigures {
    /// −1 (bad) … 1 (good).
    pub value: f32,
    /// How it changes: −1, 0 or 1.
    pub trend: i8,
    /// The caller's share of the talking; 0.5 while nobody has talked.
    pub caller_share: f32,
    /// The share of the time in which both talked at once.
    pub talk_over: f32,
    /// The share of the time in which nobody talked.
    pub dead_air: f32,
    /// For how long nobody has talked, ms.
    pub silent_ms: u64,
    /// The caller talks markedly louder than at first.
    pub caller_raised: bool,
    /// An agent does.
    pub agent_raised: bool,
}

/// What was heard so far of one call.
#[derive(Clone, Debug, Default)]
pub struct CallMood {
    last_at: Option<UnixMs>,
    heard_ms: u64,
    silent_ms: u64,
    /// The last seconds of conversation, the present one at the back; at most [`WINDOW_S`].
    seconds: VecDeque<Second>,
    caller: Voice,
    agent: Voice,
}

/// One second of conversation, in ms of each kind.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    total: u64,
    caller: u64,
    agent: u64,
    both: u64,
    neither: u64,
    /// The mood at its end.
    value: f32,
}

/// How loud one side speaks.
#[derive(Clone, Copy, Debug, Default)]
struct Voice {
    spoken_ms: u64,
    usual_db: f32,
    present_db: f32,
    raised: bool,
}

impl CallMood {
    /// Takes what is heard at this moment.
    pub fn handle_levels(&mut self, now: UnixMs, caller: Side, agent: Side) {
        let Some(last) = self.last_at.replace(now) else { return };
        let passed = now.0.saturating_sub(last.0).min(REPORT_MS_MAX);
        if passed == 0 {
            return;
        }
        self.heard_ms += passed;
        if self.seconds.back().is_none_or(|second| second.total >= 1_000) {
            if self.seconds.len() == WINDOW_S {
                self.seconds.pop_front();
            }
            self.seconds.push_back(Second::default());
        }
        if let Some(second) = self.seconds.back_mut() {
            second.add(passed, caller.speaking, agent.speaking);
        }
        let silent = !caller.speaking && !agent.speaking;
        self.silent_ms = if silent { self.silent_ms + passed } else { 0 };
        self.caller.hear(passed, caller);
        self.agent.hear(passed, agent);
        let value = self.value();
        if let Some(second) = self.seconds.back_mut() {
            second.value = value;
        }
    }

    /// The caller waits: what comes until the next levels does not count.
    pub fn handle_pause(&mut self) {
        self.last_at = None;
        self.silent_ms = 0;
    }

    /// The figures now; `None` while there is too little to tell.
    pub fn figures(&self) -> Option<CallFigures> {
        if self.heard_ms < FIRST_MS {
            return None;
        }
        let all = self.sum();
        let value = self.value();
        let before = self.seconds.iter().rev().nth(TREND_S).map_or(value, |second| second.value);
        let change = value - before;
        Some(CallFigures {
            value,
            trend: if change.abs() < TREND_MIN { 0 } else { change.signum() as i8 },
            caller_share: all.caller_share(),
            talk_over: all.share(all.both),
            dead_air: all.share(all.neither),
            silent_ms: self.silent_ms,
            caller_raised: self.caller.raised,
            agent_raised: self.agent.raised,
        })
    }

    fn value(&self) -> f32 {
        let all = self.sum();
        let fullness =
            |value: f32, (from, to): (f32, f32)| ((value - from) / (to - from)).clamp(0.0, 1.0);
        let sign = |is_there: bool| if is_there { 1.0 } else { 0.0 };
        let signs = [
            TALK_OVER_WEIGHT * fullness(all.share(all.both), TALK_OVER),
            DEAD_AIR_WEIGHT * fullness(all.share(all.neither), DEAD_AIR),
            ONE_SIDED_WEIGHT * fullness((all.caller_share() - 0.5).abs(), ONE_SIDED),
            CALLER_RAISED_WEIGHT * sign(self.caller.raised),
        ];
        (CALM - signs.iter().sum::<f32>()).clamp(-1.0, 1.0)
    }

    fn sum(&self) -> Second {
        let add = |sum: Second, it: &Second| Second {
            total: sum.total + it.total,
            caller: sum.caller + it.caller,
            agent: sum.agent + it.agent,
            both: sum.both + it.both,
            neither: sum.neither + it.neither,
            value: 0.0,
        };
        self.seconds.iter().fold(Second::default(), add)
    }
}

impl Second {
    fn add(&mut self, passed: u64, caller: bool, agent: bool) {
        let kinds = [
            (true, &mut self.total),
            (caller, &mut self.caller),
            (agent, &mut self.agent),
            (caller && agent, &mut self.both),
            (!caller && !agent, &mut self.neither),
        ];
        for (is_it, sum) in kinds {
            if is_it {
                *sum += passed;
            }
        }
    }

    fn share(&self, part: u64) -> f32 {
        if self.total == 0 { 0.0 } else { part as f32 / self.total as f32 }
    }

    fn caller_share(&self) -> f32 {
        let talk = self.caller + self.agent;
        if talk == 0 { 0.5 } else { self.caller as f32 / talk as f32 }
    }
}

impl Voice {
    fn hear(&mut self, passed: u64, side: Side) {
        if !side.speaking {
            return;
        }
        let level = f32::from(side.dbfs);
        self.spoken_ms += passed;
        // A mean at first, then one that follows; the usual level stays as it was at first.
        let weight = |over: f32| (passed as f32 / (self.spoken_ms as f32).min(over)).min(1.0);
        let (present, usual) = (weight(PRESENT_MS), weight(USUAL_MS as f32));
        self.present_db += present * (level - self.present_db);
        if self.spoken_ms <= USUAL_MS {
            self.usual_db += usual * (level - self.usual_db);
        }
        let threshold = if self.raised { LOWERED_DB } else { RAISED_DB };
        self.raised = self.spoken_ms > USUAL_MS && self.present_db - self.usual_db >= threshold;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Side = Side { dbfs: -127, speaking: false };

    fn voice(dbfs: i8) -> Side {
        Side { dbfs, speaking: true }
    }

    /// A call that is listened to ten times a second.
    #[derive(Default)]
    struct Line {
        mood: CallMood,
        now: u64,
    }

    impl Line {
        fn hear(&mut self, seconds: u64, caller: Side, agent: Side) -> &mut Self {
            for _ in 0..seconds * 10 {
                self.now += 100;
                self.mood.handle_levels(UnixMs(self.now), caller, agent);
            }
            self
        }

        /// Each in turn for five seconds.
        fn turns(&mut self, rounds: u64, caller: i8, agent: i8) -> &mut Self {
            for _ in 0..rounds {
                self.hear(5, voice(caller), QUIET).hear(5, QUIET, voice(agent));
            }
            self
        }

        fn figures(&self) -> CallFigures {
            self.mood.figures().expect("enough was heard")
        }
    }

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() < 0.02
    }

    #[test]
    fn nothing_is_said_before_ten_seconds_of_conversation() {
        let mut line = Line::default();
        assert_eq!(line.hear(9, voice(-20), QUIET).mood.figures(), None);
        assert!(line.hear(2, voice(-20), QUIET).mood.figures().is_some());
    }

    #[test]
    fn a_call_in_turns_is_calm() {
        let mut line = Line::default();
        let figures = line.turns(6, -20, -22).figures();
        assert!(near(figures.value, CALM) && figures.trend == 0, "{figures:?}");
        assert!(near(figures.caller_share, 0.5) && near(figures.talk_over, 0.0));
        assert!(near(figures.dead_air, 0.0) && figures.silent_ms == 0);
        assert!(!figures.caller_raised && !figures.agent_raised);
    }

    #[test]
    fn talk_over_lowers_it_and_the_trend_says_so() {
        let mut line = Line::default();
        line.turns(6, -20, -20);
        let figures = line.hear(15, voice(-20), voice(-20)).figures();
        assert!(near(figures.talk_over, 0.25), "{figures:?}");
        assert!(near(figures.value, CALM - TALK_OVER_WEIGHT) && figures.trend == -1);
        // Calm again for more than a minute: it is as if nothing had been.
        let figures = line.turns(8, -20, -20).figures();
        assert!(near(figures.value, CALM) && figures.trend == 0, "{figures:?}");
    }

    #[test]
    fn dead_air_counts_and_its_present_length_too() {
        let mut line = Line::default();
        line.turns(3, -20, -20);
        let figures = line.hear(30, QUIET, QUIET).figures();
        assert!(near(figures.dead_air, 0.5) && figures.silent_ms == 30_000, "{figures:?}");
        assert!(figures.value < CALM - 0.1);
        assert_eq!(line.hear(1, QUIET, voice(-20)).figures().silent_ms, 0);
    }

    #[test]
    fn how_loud_an_agent_is_makes_no_mood() {
        let mut line = Line::default();
        let calm = line.turns(4, -30, -30).figures();
        let loud = line.turns(4, -30, -12).figures();
        assert!(loud.agent_raised && near(loud.value, calm.value), "{loud:?}");
        assert_eq!(loud.trend, 0);
    }

    #[test]
    fn a_raised_voice_is_against_its_own_beginning() {
        let mut line = Line::default();
        // The agent is loud from the first word on: that is their voice.
        line.turns(4, -30, -12);
        let figures = line.figures();
        assert!(!figures.caller_raised && !figures.agent_raised);
        line.hear(8, voice(-20), QUIET);
        let figures = line.figures();
        assert!(figures.caller_raised && !figures.agent_raised, "{figures:?}");
        assert!(figures.value <= CALM - CALLER_RAISED_WEIGHT + 0.01);
        // Half-way down is not yet calm, for it must not flicker; quite down is.
        assert!(line.hear(6, voice(-25), QUIET).figures().caller_raised);
        assert!(!line.hear(8, voice(-30), QUIET).figures().caller_raised);
    }

    #[test]
    fn who_talks_alone_counts_as_one_sided() {
        let figures = Line::default().hear(60, voice(-20), QUIET).figures();
        assert!(near(figures.caller_share, 1.0) && near(figures.value, CALM - ONE_SIDED_WEIGHT));
    }

    #[test]
    fn waiting_does_not_count() {
        let mut line = Line::default();
        line.turns(2, -20, -20);
        let before = line.figures();
        line.now += 600_000;
        line.mood.handle_pause();
        let after = line.hear(1, voice(-20), QUIET).figures();
        assert!(near(after.dead_air, before.dead_air) && after.silent_ms == 0, "{after:?}");
        // Nor does a gap in the reports, but for a moment.
        line.now += 600_000;
        let after = line.hear(1, QUIET, QUIET).figures();
        assert!(after.silent_ms < 2_000, "{after:?}");
    }

    #[test]
    fn the_memory_is_bounded_and_the_value_within_its_limits() {
        let mut line = Line::default();
        line.hear(20, voice(-40), voice(-40)).hear(400, voice(-5), voice(-5));
        assert_eq!(line.mood.seconds.len(), WINDOW_S);
        let figures = line.figures();
        assert!((-1.0..=1.0).contains(&figures.value), "{figures:?}");
        assert!(near(figures.value, CALM - TALK_OVER_WEIGHT - CALLER_RAISED_WEIGHT), "{figures:?}");
    }
}
