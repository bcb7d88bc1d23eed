//! The mood of a customer's last messages: an indicator for staff, never a judgement of a person.
//!
//! Scores come from outside, one a message; what they are made of is not known here, and texts
//! are not kept. While a message without a score is among the last there is no mood at all: none
//! is better than a wrong one.

/// The last messages that the mood is of.
pub const MESSAGES: usize = 5;
/// How far the newest message must be from those before it to be a trend.
const TREND_STEP: f32 = 0.25;
/// Values are rounded to this, so that what nobody could see is not told.
const STEPS: f32 = 20.0;

/// The mood of one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextMood {
    /// By public place, rising: −1 … 1, or `None` for a message that could not be scored.
    scores: Vec<(u64, Option<f32>)>,
}

/// What is shown of a mood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextFigures {
    /// −1 (bad) … 1 (good).
    pub value: f32,
    /// How it changes: −1, 0 or 1.
    pub trend: i8,
}

impl TextMood {
    /// The customer's message at this public place had this score; messages may come in any order.
    pub fn handle_score(&mut self, place: u64, score: Option<f32>) {
        let at = self.scores.partition_point(|(other, _)| *other < place);
        self.scores.insert(at, (place, score));
        let more = self.scores.len().saturating_sub(MESSAGES);
        self.scores.drain(..more);
    }

    /// What is shown; `None`: nothing is known.
    pub fn figures(&self) -> Option<TextFigures> {
        let scores: Vec<f32> =
            self.scores.iter().map(|(_, score)| *score).collect::<Option<_>>()?;
        let value = mean(&scores)?;
        let (last, before) = scores.split_last()?;
        let step = mean(before).map_or(0.0, |before| last - before);
        let trend = i8::from(step >= TREND_STEP) - i8::from(step <= -TREND_STEP);
        Some(TextFigures { value: (value * STEPS).round() / STEPS, trend })
    }
}

fn mean(scores: &[f32]) -> Option<f32> {
    (!scores.is_empty()).then(|| scores.iter().sum::<f32>() / scores.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scores: &[Option<f32>]) -> Option<TextFigures> {
        let mut mood = TextMood::default();
        for (place, score) in (1..).zip(scores) {
            mood.handle_score(place, *score);
        }
        mood.figures()
    }

    #[test]
    fn the_trend_is_the_last_one_against_those_before() {
        let (good, bad) = (Some(0.8), Some(-0.8));
        assert_eq!(of(&[good, good, bad]).unwrap().trend, -1);
        assert_eq!(of(&[bad, bad, good]).unwrap().trend, 1);
        assert_eq!(of(&[bad, bad, bad]).unwrap().trend, 0);
        assert_eq!(of(&[bad]).unwrap().trend, 0, "there is nothing before it");
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn only_the_last_ones_count_in_whatever_order_they_come() {
        let score = |place: u64| Some(if place <= 3 { -1.0 } else { 1.0 });
        let (mut mood, mut in_order) = (TextMood::default(), TextMood::default());
        (1..=8).rev().for_each(|place| mood.handle_score(place, score(place)));
        (1..=8).for_each(|place| in_order.handle_score(place, score(place)));
        assert_eq!(in_order.figures(), Some(TextFigures { value: 1.0, trend: 0 }));
        assert_eq!(mood, in_order);
    }

    #[test]
    fn one_that_could_not_be_scored_hides_the_mood_while_it_is_among_the_last() {
        assert_eq!(of(&[Some(1.0), None, Some(1.0)]), None);
        let later = [None, Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0)];
        assert!(of(&later).is_some());
    }
}
