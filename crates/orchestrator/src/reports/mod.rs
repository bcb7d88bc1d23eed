//! Reports of what was: who supervised whom, and how calls were offered, answered and held.
//!
//! Of whose interactions is [`interaction::reports`]'s to say. Here facts are gathered and added up.

use std::collections::BTreeMap;

use interaction::TeamId;
use interaction::reports::Scope;
use store::{Store, StoreError};

use crate::stored::Opening;

pub mod calls;
mod spread;
pub mod supervision;

pub use spread::Spread;

/// Rows of the store that one report may be made of: calls, entries, offers, each by itself.
pub const REPORT_FACTS_MAX: u32 = 100_000;

/// A period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// At or after, Unix ms.
    pub from: u64,
    /// Before, Unix ms.
    pub until: u64,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// More than [`REPORT_FACTS_MAX`] rows: part of them would be a report that lies.
    #[error("the period has more than {REPORT_FACTS_MAX} entries")]
    TooMuch,
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose a queue is: what decides whose interactions are in a [`Scope`].
struct Owners {
    scope: Scope,
    by_queue: BTreeMap<String, TeamId>,
}

impl Owners {
    async fn new(store: &Store, scope: Scope) -> Result<Self, StoreError> {
        let queues = store.queues().await?;
        let by_queue = queues.into_iter().map(|queue| (queue.key, TeamId(queue.team.0)));
        Ok(Self { scope, by_queue: by_queue.collect() })
    }

    /// Whether an interaction is in the scope: by the team that has its queue now, as everywhere;
    /// without a queue by those to which it was opened.
    fn has(&self, queue: Option<&str>, opening: Option<&str>) -> bool {
        match queue {
            Some(key) => {
                let team = self.by_queue.get(key).copied();
                self.scope.has(team.as_slice())
            }
            None => self.scope.has(&Opening::of(opening).teams),
        }
    }

    /// The same of an offer, which knows its team itself.
    fn has_offer(&self, queue: Option<&str>, team: Option<u64>) -> bool {
        match queue {
            Some(_) => self.has(queue, None),
            None => self.scope.has(team.map(TeamId).as_slice()),
        }
    }
}

/// Refuses what was cut short.
fn whole<T>(rows: Vec<T>) -> Result<Vec<T>, ReportError> {
    if rows.len() > REPORT_FACTS_MAX as usize { Err(ReportError::TooMuch) } else { Ok(rows) }
}
