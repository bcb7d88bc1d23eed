//! What a worker gives up when it cannot keep time. Calls that run come first: before their ticks are late enough to be
//! heard, supervisors' mixes are made with less effort; if that is not enough, new calls are refused.
//!
//! What a caller or an agent hears is never made with less effort, so that nobody can tell from their own sound how many
//! others are listened to.

use std::time::Duration;

/// A second's ticks: what is judged at once.
const PIECE_TICKS: u32 = 50;
/// A tick that begins so late is strained: half of one. Playout buffers take that up.
const STRAINED_AFTER: Duration = Duration::from_millis(10);
/// A tick that begins so late is missed: a whole one.
const MISSED_AFTER: Duration = Duration::from_millis(20);
/// A piece with so many strained ticks asks for less effort.
const STRAINED_MIN: u32 = 10;
/// A piece with so many missed ones asks for no new calls: half of all.
const MISSED_MIN: u32 = 25;
/// Pieces in a row that ask for that before it is done: less effort comes first, and takes a moment to help.
const REFUSED_AFTER: u32 = 5;
/// A piece with no more strained ticks than this is calm.
const CALM_MAX: u32 = 1;
/// Calm pieces in a row before one step is taken back.
const RESTORED_AFTER: u32 = 10;

/// What is given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relief {
    /// Nothing.
    #[default]
    Nothing,
    /// Supervisors' mixes are encoded with the least effort.
    LessEffort,
    /// That, and new calls are refused.
    NoNewCalls,
}

/// How well a worker keeps time. Reads no clock.
#[derive(Debug, Default)]
pub(crate) struct Overload {
    /// Of the present piece.
    ticks: u32,
    strained: u32,
    missed: u32,
    /// Pieces in a row.
    drowning: u32,
    calm: u32,
    relief: Relief,
}

impl Overload {
    /// Takes a tick that began so late; what is given up from now on, if that is something else.
    pub fn handle_tick(&mut self, late: Duration) -> Option<Relief> {
        self.ticks += 1;
        self.strained += u32::from(late >= STRAINED_AFTER);
        self.missed += u32::from(late >= MISSED_AFTER);
        if self.ticks < PIECE_TICKS {
            return None;
        }
        let (strained, missed) = (self.strained, self.missed);
        (self.ticks, self.strained, self.missed) = (0, 0, 0);
        self.drowning = if missed >= MISSED_MIN { self.drowning + 1 } else { 0 };
        self.calm = if strained <= CALM_MAX { self.calm + 1 } else { 0 };
        let relief = self.next(strained);
        let is_other = relief != self.relief;
        if is_other {
            (self.relief, self.drowning, self.calm) = (relief, 0, 0);
        }
        is_other.then_some(relief)
    }

    fn next(&self, strained: u32) -> Relief {
        match self.relief {
            Relief::Nothing if strained >= STRAINED_MIN => Relief::LessEffort,
            Relief::LessEffort if self.drowning >= REFUSED_AFTER => Relief::NoNewCalls,
            Relief::LessEffort if self.calm >= RESTORED_AFTER => Relief::Nothing,
            Relief::NoNewCalls if self.calm >= RESTORED_AFTER => Relief::LessEffort,
            relief => relief,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given up after each of so many seconds, in which `late_of` says how late each tick begins, ms.
    fn after(overload: &mut Overload, seconds: u32, late_of: impl Fn(u32) -> u64) -> Vec<Relief> {
        (0..seconds)
            .map(|second| {
                for tick in 0..PIECE_TICKS {
                    let late = late_of(second * PIECE_TICKS + tick);
                    overload.handle_tick(Duration::from_millis(late));
                }
                overload.relief
            })
            .collect()
    }

    #[test]
    fn a_worker_that_keeps_time_gives_nothing_up() {
        let mut overload = Overload::default();
        // Now and then another program has the processor.
        let late = |tick: u32| if tick.is_multiple_of(9) { 60 } else { 2 };
        assert_eq!(after(&mut overload, 600, late), [Relief::Nothing; 600]);
    }

    #[test]
    fn effort_falls_first_and_new_calls_are_refused_only_if_that_does_not_help() {
        let mut overload = Overload::default();
        let strained = after(&mut overload, 60, |_| 12);
        assert_eq!(strained, [Relief::LessEffort; 60], "nobody misses a tick");
        let drowning = after(&mut overload, 6, |_| 25);
        assert_eq!(drowning[..4], [Relief::LessEffort; 4]);
        assert_eq!(drowning[4..], [Relief::NoNewCalls; 2]);
    }

    #[test]
    fn what_was_given_up_comes_back_step_by_step_and_does_not_flicker() {
        let mut overload = Overload::default();
        after(&mut overload, 10, |_| 30);
        assert_eq!(overload.relief, Relief::NoNewCalls);
        // Not calm for ten seconds in a row: nothing changes.
        let uneasy = after(&mut overload, 57, |tick| if tick % 400 < 10 { 15 } else { 1 });
        assert_eq!(uneasy, [Relief::NoNewCalls; 57]);
        let calm = after(&mut overload, 25, |_| 1);
        assert_eq!(calm[..9], [Relief::NoNewCalls; 9]);
        assert_eq!(calm[9..19], [Relief::LessEffort; 10]);
        assert_eq!(calm[19..], [Relief::Nothing; 6]);
    }

    #[test]
    fn each_change_is_told_once() {
        let mut overload = Overload::default();
        let told = |overload: &mut Overload, ticks: u32, late: u64| {
            let late = Duration::from_millis(late);
            (0..ticks).filter_map(|_| overload.handle_tick(late)).collect::<Vec<_>>()
        };
        assert_eq!(told(&mut overload, 1_000, 30), [Relief::LessEffort, Relief::NoNewCalls]);
        assert_eq!(told(&mut overload, 2_000, 0), [Relief::LessEffort, Relief::Nothing]);
    }
}
