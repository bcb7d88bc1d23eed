//! What administrators see and change. Each change is one transaction with its entry in the
//! [record](crate::audit), and is refused as [`StoreError::Stale`] when somebody else was faster.

mod account;
mod name;
mod policy;
mod queue;
mod reply;

pub use account::{Account, AccountChange};
pub use name::NameRecord;
pub use policy::WhisperRuleRecord;
pub use queue::{QueueChange, QueueRecord};
pub use reply::{ReplyChange, ReplyRecord};

use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

use crate::StoreError;
use crate::write::Write;

/// Runs a change of the one row that has the id and the expected revision, with which the query's
/// `WHERE` ends; `taken` is what may be taken already.
async fn one(
    transaction: &mut Write,
    change: Query<'_, Any, AnyArguments>,
    taken: &'static str,
) -> Result<(), StoreError> {
    let done = change.execute(&mut **transaction).await;
    match done.map_err(|error| StoreError::taken(error, taken))?.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Stale),
    }
}
