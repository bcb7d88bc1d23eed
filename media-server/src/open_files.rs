//! How many files and sockets the process may have open, and how many connections that is.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is kept for everything but connections: the database, the media sockets, attachments, the log.
const OTHERS: u64 = 64;
/// Connections at least, whatever the limit says.
const CONNECTIONS_MIN: usize = 16;

/// Raises the limit of open files as far as the system lets us (getrlimit(2)); how many connections
/// then fit, of `wanted`.
pub fn fitted(wanted: usize) -> usize {
    let limit = raised();
    let connections = fitting(wanted, limit);
    if connections < wanted {
        tracing::warn!(
            open_files = limit,
            connections,
            wanted,
            "fewer connections than `limits.connections_max`: the limit of open files is low (ulimit -n, LimitNOFILE)"
        );
    } else {
        tracing::info!(open_files = limit, connections, "connections that fit");
    }
    connections
}

/// How many of `wanted` connections would fit once the limit is raised, and that limit, if there is one.
pub fn would_fit(wanted: usize) -> (usize, Option<u64>) {
    let limit = getrlimit(Resource::Nofile).maximum;
    (fitting(wanted, limit), limit)
}

/// `None`: there is no limit.
fn raised() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let highest = Rlimit { current: maximum, maximum };
    match setrlimit(Resource::Nofile, highest) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files can't be raised");
            current
        }
    }
}

fn fitting(wanted: usize, limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return wanted };
    let left = usize::try_from(limit.saturating_sub(OTHERS)).unwrap_or(usize::MAX);
    // An upload or download takes a file beside its connection.
    let room = left.min(left / 4 * 3 + CONNECTIONS_MIN);
    wanted.min(room.max(CONNECTIONS_MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_connections_than_files() {
        assert_eq!(fitting(4_096, None), 4_096);
        assert_eq!(fitting(4_096, Some(1_048_576)), 4_096);
        assert_eq!(fitting(4_096, Some(1_024)), 736);
        assert_eq!(fitting(4_096, Some(128)), 64);
        assert_eq!(fitting(4_096, Some(20)), CONNECTIONS_MIN);
    }
}
