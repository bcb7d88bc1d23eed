//! The words of interactions: an index of our own, in plain SQL.
//!
//! FTS5 and `tsvector` differ in what a word is, and neither divides Japanese; here both databases
//! find the same. A word is a run of letters and digits, in lower case; a run of Chinese or
//! Japanese characters is indexed as its pairs. Words of private messages are marked.

use std::collections::BTreeSet;

use sqlx::{Any, AssertSqlSafe, Transaction};

use crate::StoreError;

/// Different words of one text that are indexed.
pub const TERMS_PER_TEXT_MAX: usize = 1_000;
/// Characters of a word that count.
pub const TERM_CHARS_MAX: usize = 40;
/// Stands for the message of words in the subject and in names: whoever sees that the interaction
/// is there sees these.
pub(crate) const IN_NO_MESSAGE: u64 = 0;
/// Stands for the message of words in notes: only whoever reads the whole interaction finds them.
pub(crate) const IN_A_NOTE: u64 = i64::MAX as u64;
/// Rows of one INSERT: four values each, well below what the databases bind.
const ROWS_PER_INSERT: usize = 100;

/// Adds the words of a text to an interaction's: of its message `message`, or see
/// [`IN_NO_MESSAGE`] and [`IN_A_NOTE`]. A word that is there keeps its first message.
pub(crate) async fn index(
    transaction: &mut Transaction<'_, Any>,
    interaction: &str,
    text: &str,
    private: bool,
    message: u64,
) -> Result<(), StoreError> {
    let terms: Vec<String> = terms(text).into_iter().take(TERMS_PER_TEXT_MAX).collect();
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

/// The words of a text, each once.
pub(crate) fn terms(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let mut terms = BTreeSet::new();
    for run in lower.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        let characters: Vec<char> = run.chars().collect();
        for part in characters.chunk_by(|a, b| is_cjk(*a) == is_cjk(*b)) {
            if is_cjk(part[0]) && part.len() > 1 {
                terms.extend(part.windows(2).map(String::from_iter));
            } else {
                terms.insert(part.iter().take(TERM_CHARS_MAX).collect());
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
        let found = |text| terms(text).into_iter().collect::<Vec<_>>();
        assert_eq!(found("Refund, REFUND; order-4711!"), ["4711", "order", "refund"]);
        assert_eq!(found("返金request"), ["request", "返金"]);
        assert_eq!(
            found("ささやき"),
            ["さや", "ささ", "やき"]
                .map(str::to_owned)
                .into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert_eq!(found("猫"), ["猫"]);
        assert_eq!(found(" \n— "), [""; 0]);
        assert_eq!(terms(&"x".repeat(500)).first().unwrap().len(), TERM_CHARS_MAX);
    }
}
