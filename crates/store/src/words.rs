//! The words of interactions: an index of our own, in plain SQL.
//!
//! FTS5 and `tsvector` differ in what a word is, and neither divides Japanese; here both databases
//! find the same. A word is a run of letters and digits, [folded](interaction::text::folded); a run
//! of a script that is written without blanks is indexed as its characters and its pairs, so that any
//! piece of it is found. Words of private messages are marked.

use std::collections::HashSet;

use interaction::text::{folded, is_emoji, is_of_a_word, is_unspaced};
use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::write::Write;

/// Different words of one text that are indexed, the first ones. Each takes some 70 bytes of the
/// database: a hostile text must not become a multiple of itself in it.
pub const TERMS_PER_TEXT_MAX: usize = 500;
/// Characters of a word that count.
pub const TERM_CHARS_MAX: usize = 40;
/// Stands for the message of words in the subject and in names: whoever sees that the interaction
/// is there sees these.
pub(crate) const IN_NO_MESSAGE: u64 = 0;
/// Stands for the message of words in notes: only whoever reads the whole interaction finds them.
pub(crate) const IN_A_NOTE: u64 = i64::MAX as u64;
/// Rows of one INSERT: four values each, well below what the databases bind.
const ROWS_PER_INSERT: usize = 100;

/// Adds the words of a text to an interaction's, [`IN_NO_MESSAGE`] or [`IN_A_NOTE`]. Those of
/// messages come later, by the [indexer](crate::indexer).
pub(crate) async fn index(
    transaction: &mut Write,
    interaction: &str,
    text: &str,
    private: bool,
    message: u64,
) -> Result<(), StoreError> {
    let terms = terms(text, TERMS_PER_TEXT_MAX);
    index_terms(transaction, interaction, &terms, private, message).await
}

/// Adds words to an interaction's, of its message `message`. A word that is there keeps its first
/// message.
pub(crate) async fn index_terms(
    transaction: &mut Write,
    interaction: &str,
    terms: &[String],
    private: bool,
    message: u64,
) -> Result<(), StoreError> {
    for rows in terms.chunks(ROWS_PER_INSERT) {
        let values: Vec<String> =
            (0..rows.len()).map(|row| format!("(${}, $1, $2, $3)", row + 4)).collect();
        let insert = format!(
            "INSERT INTO search_terms (term, interaction_id, private, message) VALUES {} \
             ON CONFLICT (term, interaction_id, private) DO UPDATE \
             SET message = excluded.message WHERE excluded.message < search_terms.message",
            values.join(", ")
        );
        let mut query =
            sqlx::query(AssertSqlSafe(insert)).bind(interaction).bind(i64::from(private));
        query = query.bind(message.cast_signed());
        for term in rows {
            query = query.bind(term);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// The first `max` words of a text, each once.
pub(crate) fn terms(text: &str, max: usize) -> Vec<String> {
    words(text, max, |run| {
        let single = |letter: &char| letter.to_string();
        let pair = |pair: &[char]| String::from_iter(pair);
        let pairs = run.windows(2).map(pair).map(Some).chain([None]);
        run.iter()
            .map(single)
            .zip(pairs)
            .flat_map(|(one, two)| [Some(one), two])
            .flatten()
            .collect()
    })
}

/// The first `max` words that a query looks for: of a run without blanks the pairs, or the one
/// character that it is.
pub(crate) fn query_terms(query: &str, max: usize) -> Vec<String> {
    words(query, max, |run| match run {
        [one] => vec![one.to_string()],
        _ => run.windows(2).map(String::from_iter).collect(),
    })
}

/// The first `max` words, each once; `unspaced` takes apart what is written without blanks.
fn words(text: &str, max: usize, unspaced: impl Fn(&[char]) -> Vec<String>) -> Vec<String> {
    let text = folded(text);
    let (mut terms, mut known) = (Vec::new(), HashSet::new());
    let of_a_word = |letter: char| is_of_a_word(letter) || is_emoji(letter);
    for run in text.split(|letter| !of_a_word(letter)).filter(|run| !run.is_empty()) {
        let letters: Vec<char> = run.chars().collect();
        for part in letters.chunk_by(|a, b| is_unspaced(*a) == is_unspaced(*b)) {
            let found = if is_unspaced(part[0]) {
                unspaced(part)
            } else {
                vec![part.iter().take(TERM_CHARS_MAX).collect()]
            };
            for term in found {
                if known.insert(term.clone()) {
                    terms.push(term);
                }
                if terms.len() >= max {
                    return terms;
                }
            }
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_of_what_has_no_blanks_the_pieces() {
        let found = |text| terms(text, TERMS_PER_TEXT_MAX);
        assert_eq!(found("Refund, REFUND; order-4711!"), ["refund", "order", "4711"]);
        assert_eq!(found("返金request"), ["返", "返金", "金", "request"]);
        assert_eq!(found("ささや"), ["さ", "ささ", "さや", "や"]);
        assert_eq!(found("猫"), ["猫"]);
        assert_eq!(found(" \n— "), [""; 0]);
        assert_eq!(found("हिन्दी नमस्ते").len(), 2, "marks stay in their words");
        assert_eq!(found(&"x".repeat(500))[0].len(), TERM_CHARS_MAX);
        let asked = |query| query_terms(query, 8);
        assert_eq!(asked("ささやき 駅 Ｘ"), ["ささ", "さや", "やき", "駅", "x"]);
    }

    #[test]
    fn any_piece_of_an_unspaced_text_is_looked_for_by_words_that_it_has() {
        for text in [
            "駅で待っています",
            "ผมต้องการคืนสินค้า",
            "환불을요청합니다",
            "我想退货因为商品坏了",
            "👍🏽👨‍👩‍👧",
        ] {
            let (all, letters) =
                (terms(text, TERMS_PER_TEXT_MAX), text.chars().collect::<Vec<_>>());
            for length in 1..=letters.len() {
                for piece in letters.windows(length) {
                    let piece = String::from_iter(piece);
                    let asked = query_terms(&piece, 8);
                    assert!(asked.iter().all(|term| all.contains(term)), "{piece} of {text}");
                }
            }
        }
    }

    #[test]
    fn the_first_words_count() {
        assert_eq!(terms("d c b a", 2), ["d", "c"]);
        assert_eq!(terms("ささやき", 2), ["さ", "ささ"]);
    }
}
