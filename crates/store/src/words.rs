//! The words of interactions: an index of our own, in plain SQL.
//!
//! FTS5 and `tsvector` differ in what a word is, and neither divides Japanese; here both databases
//! find the same. A word is a run of letters and digits, in lower case; a run of Chinese or
//! Japanese characters is indexed as its pairs. Words of private messages are marked.

use std::collections::HashSet;

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
    let lower = text.to_lowercase();
    let (mut terms, mut known) = (Vec::new(), HashSet::new());
    let mut add = |term: String| {
        if known.insert(term.clone()) {
            terms.push(term);
        }
        terms.len() < max
    };
    for run in lower.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        let characters: Vec<char> = run.chars().collect();
        for part in characters.chunk_by(|a, b| is_cjk(*a) == is_cjk(*b)) {
            let goes_on = if is_cjk(part[0]) && part.len() > 1 {
                part.windows(2).all(|pair| add(String::from_iter(pair)))
            } else {
                add(part.iter().take(TERM_CHARS_MAX).collect())
            };
            if !goes_on {
                return terms;
            }
        }
    }
    terms
}

/// Kana and Han characters, which are written without spaces.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_pairs_of_characters() {
        let found = |text| terms(text, TERMS_PER_TEXT_MAX);
        assert_eq!(found("Refund, REFUND; order-4711!"), ["refund", "order", "4711"]);
        assert_eq!(found("返金request"), ["返金", "request"]);
        assert_eq!(found("ささやき"), ["ささ", "さや", "やき"]);
        assert_eq!(found("猫"), ["猫"]);
        assert_eq!(found(" \n— "), [""; 0]);
        assert_eq!(found(&"x".repeat(500))[0].len(), TERM_CHARS_MAX);
    }

    #[test]
    fn the_first_words_count() {
        assert_eq!(terms("d c b a", 2), ["d", "c"]);
        assert_eq!(terms("ささやき", 2), ["ささ", "さや"]);
    }
}
