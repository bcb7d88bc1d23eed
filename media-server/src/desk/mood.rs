//! The mood of a customer's last messages: an indicator for staff, never a judgement of a person.
//!
//! Scores come from VADER (Hutto & Gilbert 2014), an **English** lexicon with rules. A message in
//! another script has no score, and while one is among the last there is no mood at all: none is
//! better than a wrong one. Other languages in Latin script can't be told from English by so few
//! words and come out near 0. Pure: no clock, and texts are not kept.

use std::sync::LazyLock;

use vader_sentimental::SentimentIntensityAnalyzer;
use wire::MoodView;

/// The last messages that the mood is of.
pub const MESSAGES: usize = 5;
/// How far the newest message must be from those before it to be a trend.
const TREND_STEP: f32 = 0.25;
/// The share of a message's letters that must be Latin for the lexicon to know its words.
const LATIN_SHARE_MIN: f32 = 0.8;
/// Bytes of a message that are looked at: a mood is told from less.
const TEXT_BYTES_MAX: usize = 2_000;
/// Values are rounded to this, so that what nobody could see is not told.
const STEPS: f32 = 20.0;

static ANALYZER: LazyLock<SentimentIntensityAnalyzer<'static>> =
    LazyLock::new(SentimentIntensityAnalyzer::new);

/// The mood of one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mood {
    /// By public place, rising: −1 … 1, or `None` for a script that the lexicon does not know.
    scores: Vec<(u64, Option<f32>)>,
}

impl Mood {
    /// The customer's message at this public place had this score; messages may come in any order.
    pub fn heard(&mut self, place: u64, score: Option<f32>) {
        let at = self.scores.partition_point(|(other, _)| *other < place);
        self.scores.insert(at, (place, score));
        let more = self.scores.len().saturating_sub(MESSAGES);
        self.scores.drain(..more);
    }

    /// What is shown; `None`: nothing is known.
    pub fn view(&self) -> Option<MoodView> {
        let scores: Vec<f32> =
            self.scores.iter().map(|(_, score)| *score).collect::<Option<_>>()?;
        let value = mean(&scores)?;
        let (last, before) = scores.split_last()?;
        let step = mean(before).map_or(0.0, |before| last - before);
        let trend = i8::from(step >= TREND_STEP) - i8::from(step <= -TREND_STEP);
        Some(MoodView { value: (value * STEPS).round() / STEPS, trend })
    }
}

/// The score of a text, −1 (bad) … 1 (good); `None`: its words are in another script.
pub fn score(text: &str) -> Option<f32> {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    is_latin(text).then(|| ANALYZER.polarity_scores(text).compound as f32)
}

fn mean(scores: &[f32]) -> Option<f32> {
    (!scores.is_empty()).then(|| scores.iter().sum::<f32>() / scores.len() as f32)
}

/// Digits, signs and emoji belong to no script.
fn is_latin(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic());
    // Latin ends with its last extension of the basic plane; ª and º are letters by name.
    let (latin, all) = letters.fold((0_u32, 0_u32), |(latin, all), letter| {
        (latin + u32::from(letter <= '\u{24f}'), all + 1)
    });
    all == 0 || latin as f32 >= all as f32 * LATIN_SHARE_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Option<MoodView> {
        let mut mood = Mood::default();
        for (place, text) in (1..).zip(texts) {
            mood.heard(place, score(text));
        }
        mood.view()
    }

    #[test]
    fn good_is_above_nothing_and_bad_below() {
        assert!(of(&["Thank you so much, this is wonderful!"]).unwrap().value > 0.5);
        assert!(of(&["This is terrible. I am very angry and disappointed."]).unwrap().value < -0.5);
        assert_eq!(of(&["The table is in the room."]), Some(MoodView { value: 0.0, trend: 0 }));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_denial_turns_it() {
        let good = score("It is good").unwrap();
        assert!(good > 0.0 && score("It is not good").unwrap() < 0.0);
    }

    #[test]
    fn the_trend_is_the_last_one_against_those_before() {
        let (good, bad) = ("Great, thank you!", "This is horrible, I hate it.");
        assert_eq!(of(&[good, good, bad]).unwrap().trend, -1);
        assert_eq!(of(&[bad, bad, good]).unwrap().trend, 1);
        assert_eq!(of(&[bad, bad, bad]).unwrap().trend, 0);
        assert_eq!(of(&[bad]).unwrap().trend, 0, "there is nothing before it");
    }

    #[test]
    fn only_the_last_ones_count_in_whatever_order_they_come() {
        let mut mood = Mood::default();
        for place in (1..=8).rev() {
            mood.heard(place, Some(if place <= 3 { -1.0 } else { 1.0 }));
        }
        let mut in_order = Mood::default();
        for place in 1..=8 {
            in_order.heard(place, Some(if place <= 3 { -1.0 } else { 1.0 }));
        }
        assert_eq!(in_order.view(), Some(MoodView { value: 1.0, trend: 0 }));
        assert_eq!(mood, in_order);
    }

    #[test]
    fn another_script_has_no_mood_rather_than_a_wrong_one() {
        assert_eq!(score("返金はまだですか。とても怒っています。"), None);
        assert_eq!(score("Где мой заказ? Это ужасно."), None);
        assert_eq!(score("注文 ABC-4711 はどこですか"), None);
        assert_eq!(of(&["Great!", "最悪です", "Great!"]), None, "while it is among the last");
        assert!(of(&["最悪です", "Great!", "Great!", "Great!", "Great!", "Great!"]).is_some());
        assert!(score("Où est mon colis ?").is_some(), "Latin, and not told from English");
        assert!(score("😀👍").unwrap() > 0.0, "emoji are in the lexicon");
        assert_eq!(score("4711"), Some(0.0));
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let long = "é".repeat(TEXT_BYTES_MAX);
        assert_eq!(score(&format!("x{long}")), Some(0.0));
    }
}
