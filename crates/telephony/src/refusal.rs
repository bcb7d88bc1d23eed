//! What SIP says when a call is not taken, or ends before anybody took it: each cause by its own status.

use std::time::Duration;

use accounts::unix_now;
use control_plane::CallEnd;
use interaction::UnixMs;
use orchestrator::Error;
use sip::Refusal;

/// When a caller who finds no room may try again.
pub(crate) const BUSY_RETRY: Duration = Duration::from_secs(10);
/// When a caller who finds nobody at work may try again.
pub(crate) const NOBODY_RETRY: Duration = Duration::from_secs(60);

/// What SIP says to a call that the orchestrator refuses.
pub(crate) fn refusal_of(error: &Error) -> Refusal {
    match error {
        Error::NotFound(_) => Refusal::new(404),
        Error::Lacks(_) | Error::NotAllowed(_) | Error::NotCurrent(_) => Refusal::new(403),
        Error::Closed { opens_at } => closed(*opens_at),
        Error::LinesBusy
        | Error::GuestsFull(_)
        | Error::ClientFull(_)
        | Error::StationsFull
        | Error::Overloaded
        | Error::Draining => Refusal::for_now(503, BUSY_RETRY),
        other => {
            tracing::warn!(error = %other, "a call by SIP could not be placed");
            Refusal::new(500)
        }
    }
}

/// What SIP says to a call to a queue that is closed: nobody is there, until it opens.
pub(crate) fn closed(opens_at: Option<UnixMs>) -> Refusal {
    let left = |at: UnixMs| at.0.saturating_sub(unix_now().0).div_ceil(1_000);
    match opens_at.map(left) {
        Some(seconds) => Refusal::for_now(480, Duration::from_secs(seconds)),
        None => Refusal::new(480),
    }
}

/// What SIP says to a call that ended before anybody took it.
pub(crate) fn refusal_of_end(end: CallEnd) -> Refusal {
    match end {
        CallEnd::NoAgent => Refusal::for_now(480, NOBODY_RETRY),
        CallEnd::Caller => Refusal::new(487),
        CallEnd::Agent => Refusal::new(480),
        // The last of them is said of calls that agents make, and so to nobody who calls.
        CallEnd::NoMedia | CallEnd::Lost | CallEnd::NotReached(_) => Refusal::new(480),
        CallEnd::Server => Refusal::for_now(503, BUSY_RETRY),
    }
}
