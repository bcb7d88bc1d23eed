//! Columns as the types of this crate.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::StoreError;

/// Rows that one page of any list can have.
pub const PAGE_ROWS_MAX: u32 = 500;

pub(crate) fn unsigned(row: &AnyRow, column: &str) -> Result<u64, StoreError> {
    Ok(row.try_get::<i64, _>(column)?.cast_unsigned())
}

pub(crate) fn optional(row: &AnyRow, column: &str) -> Result<Option<u64>, StoreError> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(i64::cast_unsigned))
}

pub(crate) fn switch(row: &AnyRow, column: &str) -> Result<bool, StoreError> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

/// How many rows a page has: what was asked for, within reason.
pub(crate) fn page(limit: u32) -> i64 {
    i64::from(limit.clamp(1, PAGE_ROWS_MAX))
}

/// `$from, $from+1, …`: placeholders for a list of `count` values.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    let all: Vec<String> = (from..from + count).map(|n| format!("${n}")).collect();
    all.join(", ")
}

/// A number that a narrower type holds; one that it does not hold was never written by this version.
pub(crate) fn within<T: TryFrom<i64>>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value)
        .map_err(|_| StoreError::Unreadable { what: column, value: value.to_string() })
}
