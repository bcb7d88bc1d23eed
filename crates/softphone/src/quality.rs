//! How good the line is, in a word and three figures. Pure.

use std::collections::VecDeque;

use jitter::JitterStats;

/// Looked at over so many readings.
const READINGS_MAX: usize = 25;
/// Where speech begins to suffer, and where it is hard to follow; the limits of the pages.
const FAIR: Limit = Limit { lost_percent: 2.0, delay_ms: 120 };
const POOR: Limit = Limit { lost_percent: 5.0, delay_ms: 180 };

struct Limit {
    lost_percent: f32,
    delay_ms: u32,
}

/// A word for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Nothing comes, as between calls.
    #[default]
    Idle,
    /// Nothing to complain about.
    Good,
    /// Speech suffers.
    Fair,
    /// Hard to follow.
    Poor,
}

/// The line as the receiving end sees it, over the last seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Quality {
    /// In a word.
    pub word: Word,
    /// Packets that did not come, or came too late, percent.
    pub lost_percent: f32,
    /// Delay that the jitter buffer adds to even out the network, ms.
    pub buffer_ms: u32,
    /// Sound made up for what was missing, ms of the last seconds.
    pub concealed_ms: u32,
}

/// Makes [`Quality`] of the receiver's counters, read in regular steps.
#[derive(Debug, Default)]
pub struct QualityMeter {
    readings: VecDeque<JitterStats>,
}

impl QualityMeter {
    /// Takes the counters of this moment.
    pub fn read(&mut self, now: JitterStats) -> Quality {
        if self.readings.len() == READINGS_MAX {
            self.readings.pop_front();
        }
        self.readings.push_back(now);
        let first = self.readings[0];
        let received = now.received_packets - first.received_packets;
        let lost = now.lost_packets - first.lost_packets;
        let due = received + lost;
        let lost_percent = if due == 0 { 0.0 } else { 100.0 * lost as f32 / due as f32 };
        let concealed = now.concealed_samples - first.concealed_samples;
        Quality {
            word: word(received, lost_percent, now.target_ms),
            lost_percent,
            buffer_ms: now.target_ms,
            concealed_ms: u32::try_from(concealed / 48).unwrap_or(u32::MAX),
        }
    }
}

fn word(received: u64, lost_percent: f32, delay_ms: u32) -> Word {
    let over = |limit: &Limit| lost_percent > limit.lost_percent || delay_ms > limit.delay_ms;
    match received {
        0 => Word::Idle,
        _ if over(&POOR) => Word::Poor,
        _ if over(&FAIR) => Word::Fair,
        _ => Word::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(received: u64, lost: u64, target_ms: u32) -> JitterStats {
        JitterStats {
            received_packets: received,
            lost_packets: lost,
            target_ms,
            ..Default::default()
        }
    }

    #[test]
    fn the_word_follows_the_last_seconds() {
        let mut meter = QualityMeter::default();
        assert_eq!(meter.read(stats(0, 0, 20)).word, Word::Idle);
        assert_eq!(meter.read(stats(100, 0, 40)).word, Word::Good);
        assert_eq!(meter.read(stats(190, 10, 40)).word, Word::Fair);
        assert_eq!(meter.read(stats(270, 30, 40)).word, Word::Poor);
        for n in 1..=READINGS_MAX as u64 {
            meter.read(stats(270 + 10 * n, 30, 40));
        }
        let quality = meter.read(stats(600, 30, 40));
        assert_eq!((quality.word, quality.lost_percent), (Word::Good, 0.0));
        assert_eq!(meter.read(stats(610, 30, 200)).word, Word::Poor);
    }
}
