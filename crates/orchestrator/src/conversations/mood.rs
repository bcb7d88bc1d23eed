//! How well or badly a customer's message sounds: a score for the mood of a conversation.
//!
//! Scores come from VADER (Hutto & Gilbert 2014), an **English** lexicon with rules. A message in
//! another script has no score, and while one is among the last there is no mood at all: none is
//! better than a wrong one. Other languages in Latin script can't be told from English by so few
//! words and come out near 0. Pure: no clock, and texts are not kept.

use std::sync::LazyLock;

use vader_sentimental::SentimentIntensityAnalyzer;

/// The share of a message's letters that must be Latin for the lexicon to know its words.
const LATIN_SHARE_MIN: f32 = 0.8;
/// Bytes of a message that are looked at: a mood is told from less.
const TEXT_BYTES_MAX: usize = 2_000;

static ANALYZER: LazyLock<SentimentIntensityAnalyzer<'static>> =
    LazyLock::new(SentimentIntensityAnalyzer::new);

/// The score of a text, −1 (bad) … 1 (good); `None`: its words are in another script.
pub fn score(text: &str) -> Option<f32> {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    is_latin(text).then(|| ANALYZER.polarity_scores(text).compound as f32)
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

    #[test]
    fn good_is_above_nothing_and_bad_below() {
        assert!(score("Thank you so much, this is wonderful!").unwrap() > 0.5);
        assert!(score("This is terrible. I am very angry and disappointed.").unwrap() < -0.5);
        assert_eq!(score("The table is in the room."), Some(0.0));
    }

    #[test]
    fn a_denial_turns_it() {
        let good = score("It is good").unwrap();
        assert!(good > 0.0 && score("It is not good").unwrap() < 0.0);
    }

    #[test]
    fn another_script_has_no_mood_rather_than_a_wrong_one() {
        assert_eq!(score("返金はまだですか。とても怒っています。"), None);
        assert_eq!(score("Где мой заказ? Это ужасно."), None);
        assert_eq!(score("注文 ABC-4711 はどこですか"), None);
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
