//! What stations refuse, in HTTP's terms.

use control_plane::STATIONS_PER_USER_MAX;
use media_workers::{PatchError, StationError};
use orchestrator::{ChangeStationError, OpenStationError};

use super::{FULL_RETRY_S, overloaded, sentence};
use crate::{Kind, Problem};

const CONNECTIONS_FULL: &str =
    "The server has as many stations as it may. Try again in a few minutes.";

impl From<OpenStationError> for Problem {
    fn from(error: OpenStationError) -> Self {
        match error {
            OpenStationError::NotCurrent(why) => why.into(),
            OpenStationError::NoRoom(why) => why.into(),
            OpenStationError::TooMany => too_many(),
            OpenStationError::Station(why) => problem(&why),
        }
    }
}

impl From<ChangeStationError> for Problem {
    fn from(error: ChangeStationError) -> Self {
        match error {
            ChangeStationError::NotCurrent(why) => why.into(),
            ChangeStationError::NotFound(what) => what.into(),
            ChangeStationError::Station(why) => problem(&why),
        }
    }
}

/// What the media workers say of a station.
pub(super) fn problem(error: &StationError) -> Problem {
    match error {
        StationError::Offer(media_workers::OfferError::NoLocalAddress)
        | StationError::Config(_) => Problem::internal(error),
        StationError::Patch(PatchError::Outdated) => {
            Problem::new(Kind::IceRestarted, sentence(&error.to_string()))
        }
        StationError::Patch(PatchError::Closed) => Problem::not_found("station"),
        // No road of the API's leads to a plain station.
        StationError::Digit(_) | StationError::OtherKind | StationError::NoSocket(_) => {
            Problem::internal(error)
        }
        StationError::Offer(_) | StationError::Patch(_) | StationError::Plain(_) => {
            Problem::new(Kind::BadSdp, format!("{error}. Correct the SDP and send it again."))
        }
        StationError::NoSuchStation => Problem::not_found("station"),
        StationError::NoPlainPorts | StationError::Full | StationError::PortsExhausted => {
            Problem::new(Kind::Overloaded, CONNECTIONS_FULL).retry_after_s(FULL_RETRY_S)
        }
        StationError::Overloaded => overloaded(),
    }
}

fn too_many() -> Problem {
    let detail = format!("You have {STATIONS_PER_USER_MAX} stations. Delete one of them first.");
    Problem::new(Kind::Overloaded, detail)
}
