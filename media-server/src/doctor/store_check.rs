//! The database: whether it answers, can be written to, and is of this version.

use store::Probe;

use super::Finding;
use crate::config::Config;

const WHAT: &str = "database";

pub(super) async fn database(config: &Config) -> Finding {
    let probe = store::probe(&config.store_location()).await;
    match probe {
        Ok(Probe::Missing) => Finding::ok(WHAT, "will be made at the first start"),
        Ok(Probe::Empty) => Finding::ok(
            WHAT,
            "answers, can be written to, and is empty: the first start sets it up",
        ),
        Ok(Probe::Writable { newer: true, .. }) => Finding::fail(
            WHAT,
            "is of a newer version: start that one, or restore a backup of before the upgrade",
        ),
        Ok(Probe::Writable { pending: 0, .. }) => {
            Finding::ok(WHAT, "answers, and can be written to")
        }
        Ok(Probe::Writable { pending, .. }) => Finding::warn(
            WHAT,
            format!(
                "is of an older version: the next start brings it up to date ({pending} steps), and \
                 there is no way back. Make a backup first"
            ),
        ),
        Ok(Probe::ReadOnly(why)) => Finding::fail(
            WHAT,
            format!(
                "answers, but can't be written to: {why}. Give it to the server's user, or make room"
            ),
        ),
        Err(error) => Finding::fail(
            WHAT,
            format!(
                "{error}. Is it running, and the URL right (`database`, without it SQLite in `data`)?"
            ),
        ),
    }
}
