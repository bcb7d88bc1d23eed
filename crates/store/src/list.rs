//! Lists of interactions: whose one may see, narrowed, page by page.

use ::interaction::conversation::PartKind;
use sqlx::AssertSqlSafe;

use crate::interaction::{COLUMNS, InteractionRecord, interaction};
use crate::names::{InteractionKind, Named as _};
use crate::row::{page, placeholders};
use crate::{Store, StoreError};

/// Queues that one scope can name.
pub const SCOPE_QUEUES_MAX: usize = 200;
/// Running interactions that one scope can name.
pub const SCOPE_RUNNING_MAX: usize = 200;

/// Which interactions a user may see: all of some queues, and those with a part of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Queues by key; at most [`SCOPE_QUEUES_MAX`] are looked at.
    pub queues: Vec<String>,
    /// The user; having been the customer is no part of staff's.
    pub member: Option<u64>,
    /// What runs and may be searched for its words, by id; of anything else that runs only the
    /// names and the subject are. At most [`SCOPE_RUNNING_MAX`] are looked at.
    pub reads: Vec<String>,
}

/// What a list of interactions is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InteractionFilter {
    /// Only calls, or only conversations.
    pub kind: Option<InteractionKind>,
    /// Only what goes on (`true`) or is over (`false`).
    pub running: Option<bool>,
    /// Opened at or after, Unix ms.
    pub from: Option<u64>,
    /// Opened before, Unix ms.
    pub until: Option<u64>,
    /// Only of this queue, by key.
    pub queue: Option<String>,
    /// Only those in which this user is or was an agent.
    pub agent: Option<u64>,
    /// Only those in which somebody supervised.
    pub supervised: bool,
    /// Only those that were wrapped up with this code.
    pub code: Option<String>,
    /// The last one of the page before: its `opened_at` and id.
    pub before: Option<(u64, String)>,
    /// Rows at most; see [`crate::PAGE_ROWS_MAX`].
    pub limit: u32,
}

impl Store {
    /// A page of interactions that `scope` sees, newest first.
    pub async fn interactions(
        &self,
        scope: &Scope,
        filter: &InteractionFilter,
    ) -> Result<Vec<InteractionRecord>, StoreError> {
        self.listed(scope, filter, &[], false).await
    }

    /// The contacts of whom this key identifies, newest first, from the one after `before` (its `opened_at` and id)
    /// on. Whose they are to read is not asked here.
    pub async fn contacts_of(
        &self,
        customer: &str,
        before: Option<&(u64, String)>,
        limit: u32,
    ) -> Result<Vec<InteractionRecord>, StoreError> {
        let select = format!(
            "SELECT {COLUMNS} FROM interactions WHERE customer = $1 \
             AND (opened_at < $2 OR (opened_at = $2 AND id < $3)) \
             ORDER BY opened_at DESC, id DESC LIMIT $4"
        );
        let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.cast_signed(), id.as_str()));
        let query = sqlx::query(AssertSqlSafe(select)).bind(customer).bind(at).bind(id);
        let rows = query.bind(page(limit)).fetch_all(&self.reads).await?;
        rows.iter().map(interaction).collect()
    }

    /// A page of the list; with `terms` only what contains them all.
    pub(crate) async fn listed(
        &self,
        scope: &Scope,
        filter: &InteractionFilter,
        terms: &[String],
        private: bool,
    ) -> Result<Vec<InteractionRecord>, StoreError> {
        let queues = &scope.queues[..scope.queues.len().min(SCOPE_QUEUES_MAX)];
        let reads = &scope.reads[..scope.reads.len().min(SCOPE_RUNNING_MAX)];
        let mut next = 8;
        let mut place = |count: usize| {
            next += count;
            placeholders(next - count, count)
        };
        let in_queues = match queues {
            [] => "1 = 0".to_owned(),
            some => format!("queue IN ({})", place(some.len())),
        };
        let reads = if terms.is_empty() { &[] } else { reads };
        let readable = match reads {
            [] => "1 = 0".to_owned(),
            some => format!("id IN ({})", place(some.len())),
        };
        let contains: String = terms
            .iter()
            .map(|_| {
                let term = place(1);
                format!(
                    " AND EXISTS (SELECT 1 FROM search_terms WHERE interaction_id = id \
                     AND term = {term} AND private <= $7 \
                     AND (ended_at IS NOT NULL OR message = 0 OR {readable}))"
                )
            })
            .collect();
        let narrowed: Vec<(String, Narrowing)> = filter
            .narrowings()
            .into_iter()
            .map(|narrowing| (narrowing.condition(&place(1)), narrowing))
            .collect();
        let conditions: String = narrowed.iter().map(|(condition, _)| &**condition).collect();
        let running = match filter.running {
            None => "",
            Some(true) => " AND ended_at IS NULL",
            Some(false) => " AND ended_at IS NOT NULL",
        };
        // `$n` of every condition is bound, used or not: the text stays one for both databases.
        let select = format!(
            "SELECT {COLUMNS} FROM interactions WHERE ({in_queues} OR id IN (SELECT \
             interaction_id FROM interaction_members \
             WHERE user_id = $1 AND part <> 'requester')) \
             AND kind LIKE $2 AND opened_at >= $3 AND opened_at < $4 \
             AND (opened_at < $5 OR (opened_at = $5 AND id < $6)) AND $7 >= 0{running}{contains}{conditions} \
             ORDER BY opened_at DESC, id DESC LIMIT {}",
            page(filter.limit)
        );
        let (before_at, before_id) = match &filter.before {
            Some((at, id)) => (at.cast_signed(), id.as_str()),
            None => (i64::MAX, ""),
        };
        let mut query = sqlx::query(AssertSqlSafe(select))
            .bind(scope.member.map_or(0, u64::cast_signed))
            .bind(filter.kind.map_or("%", InteractionKind::stored_name))
            .bind(filter.from.unwrap_or(0).cast_signed())
            .bind(filter.until.map_or(i64::MAX, u64::cast_signed))
            .bind(before_at)
            .bind(before_id)
            .bind(i64::from(private));
        for queue in queues {
            query = query.bind(queue);
        }
        for id in reads {
            query = query.bind(id);
        }
        for term in terms {
            query = query.bind(term);
        }
        for (_, narrowing) in narrowed {
            query = match narrowing {
                Narrowing::Queue(key) => query.bind(key),
                Narrowing::Agent(user) => query.bind(user.cast_signed()),
                Narrowing::Part(part) => query.bind(part.stored_name()),
                Narrowing::Code(code) => query.bind(code),
            };
        }
        query.fetch_all(&self.reads).await?.iter().map(interaction).collect()
    }
}

/// One condition more, with one value.
enum Narrowing {
    Queue(String),
    Agent(u64),
    Part(PartKind),
    Code(String),
}

impl Narrowing {
    fn condition(&self, place: &str) -> String {
        match self {
            Self::Queue(_) => format!(" AND queue = {place}"),
            Self::Agent(_) => format!(
                " AND id IN (SELECT interaction_id FROM interaction_members \
                 WHERE part = 'agent' AND user_id = {place})"
            ),
            Self::Part(_) => format!(
                " AND id IN (SELECT interaction_id FROM interaction_members WHERE part = {place})"
            ),
            Self::Code(_) => {
                format!(" AND id IN (SELECT interaction_id FROM notes WHERE code = {place})")
            }
        }
    }
}

impl InteractionFilter {
    fn narrowings(&self) -> Vec<Narrowing> {
        let supervised = self.supervised.then_some(Narrowing::Part(PartKind::Supervisor));
        [
            self.queue.clone().map(Narrowing::Queue),
            self.agent.map(Narrowing::Agent),
            supervised,
            self.code.clone().map(Narrowing::Code),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
