//! Full-text search over interactions.
//!
//! A query finds what contains all its words, whole; there is no ranking, newest comes first. Words
//! of private messages are found only by who may read those.

use crate::interaction::InteractionRecord;
use crate::list::{InteractionFilter, Scope};
use crate::words::query_terms;
use crate::{Store, StoreError};

/// Words of a query that count.
pub const QUERY_TERMS_MAX: usize = 8;

impl Store {
    /// Interactions in `scope` that contain every word of `query`, newest first; none for a query
    /// without words. `private`: private messages are searched as well.
    pub async fn search(
        &self,
        query: &str,
        private: bool,
        scope: &Scope,
        filter: &InteractionFilter,
    ) -> Result<Vec<InteractionRecord>, StoreError> {
        let terms = query_terms(query, QUERY_TERMS_MAX);
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        self.listed(scope, filter, &terms, private).await
    }
}

impl Store {
    /// Whether the interaction's names, subject and first `messages` messages contain every word
    /// of `query`, private ones included.
    pub async fn contains(
        &self,
        interaction: &str,
        query: &str,
        messages: u64,
    ) -> Result<bool, StoreError> {
        for term in &query_terms(query, QUERY_TERMS_MAX) {
            let found: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM search_terms \
                 WHERE interaction_id = $1 AND term = $2 AND message <= $3",
            )
            .bind(interaction)
            .bind(term)
            .bind(messages.cast_signed())
            .fetch_one(&self.reads)
            .await?;
            if found == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
