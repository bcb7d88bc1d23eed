//! What SIP says when a call is not taken, or ends before anybody took it: each cause by its own status.

use std::time::Duration;

use accounts::unix_now;
use control_plane::CallEnd;
use interaction::UnixMs;
use media_workers::{SdpError, StationError};
use orchestrator::calls::error::{CallError, PlaceError};
use orchestrator::error::LookupError;
use orchestrator::{ChangeStationError, OpenStationError};
use sip::Refusal;

/// When a caller who finds no room may try again.
pub(crate) const BUSY_RETRY: Duration = Duration::from_secs(10);
/// When a caller who finds nobody at work may try again.
pub(crate) const NOBODY_RETRY: Duration = Duration::from_secs(60);

/// What SIP says to a call that is not placed.
pub(crate) fn refusal_of(error: &PlaceError) -> Refusal {
    match error {
        PlaceError::To(LookupError::NotFound(_)) | PlaceError::Call(CallError::NotFound(_)) => {
            Refusal::new(404)
        }
        PlaceError::Lacks(_)
        | PlaceError::NotAllowed(_)
        | PlaceError::Call(CallError::NotCurrent(_)) => Refusal::new(403),
        PlaceError::Closed(queue) => closed(queue.opens_at),
        // Told apart as they are before a call is placed.
        PlaceError::Station(error) => refusal_of_station(error),
        PlaceError::LinesBusy
        | PlaceError::NoRoom(_)
        | PlaceError::Call(CallError::Overloaded)
        | PlaceError::Draining(_) => Refusal::for_now(503, BUSY_RETRY),
        PlaceError::To(LookupError::Unread(_))
        | PlaceError::Call(CallError::Refused { .. } | CallError::StationBusy) => {
            tracing::warn!(%error, "a call by SIP could not be placed");
            Refusal::new(500)
        }
    }
}

/// What SIP says where the media of a call can't be had.
pub(crate) fn refusal_of_opening(error: &OpenStationError) -> Refusal {
    match error {
        OpenStationError::NotCurrent(_) => Refusal::new(403),
        OpenStationError::NoRoom(_) | OpenStationError::TooMany => {
            Refusal::for_now(503, BUSY_RETRY)
        }
        OpenStationError::Station(error) => refusal_of_station(error),
    }
}

/// What SIP says where the media of a call stay as they are.
pub(crate) fn refusal_of_change(error: &ChangeStationError) -> Refusal {
    match error {
        ChangeStationError::NotFound(_) => Refusal::new(404),
        ChangeStationError::NotCurrent(_) => Refusal::new(403),
        ChangeStationError::Station(error) => refusal_of_station(error),
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

/// What SIP says to a station that can't be had.
pub(crate) fn refusal_of_station(error: &StationError) -> Refusal {
    match error {
        StationError::NoPlainPorts | StationError::NoSocket(_) => Refusal::new(503),
        StationError::Full | StationError::Overloaded | StationError::PortsExhausted => {
            Refusal::for_now(503, BUSY_RETRY)
        }
        StationError::NoSuchStation => Refusal::new(481),
        StationError::Plain(SdpError::NotSdp | SdpError::TooLong | SdpError::TooManyMediaLines) => {
            Refusal::new(400)
        }
        // Another offer or answer is under way.
        StationError::Plain(SdpError::OutOfTurn) => Refusal::new(491),
        StationError::Plain(SdpError::Closed) => Refusal::new(481),
        StationError::Plain(_)
        | StationError::Offer(_)
        | StationError::Patch(_)
        | StationError::Config(_)
        | StationError::Digit(_)
        | StationError::OtherKind => Refusal::new(488),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_has_too_much_to_do_says_when_to_try_again() {
        let busy = Refusal::for_now(503, BUSY_RETRY);
        for error in [CallError::Overloaded.into(), StationError::Overloaded.into()] {
            assert_eq!(refusal_of(&error), busy, "{error}");
        }
        for error in [OpenStationError::TooMany, StationError::Full.into()] {
            assert_eq!(refusal_of_opening(&error), busy, "{error}");
        }
        assert_eq!(refusal_of_change(&StationError::Overloaded.into()), busy);
    }
}
