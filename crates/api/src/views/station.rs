//! Stations, as their owners see them.

use interaction::{MediaFault, StationEnd, StationId, StationState};

/// A station that is there.
pub fn station(id: StationId, state: StationState) -> wire::StationView {
    let (state, fault) = match state {
        StationState::Connecting => (wire::StationState::Connecting, None),
        StationState::Connected(fault) => (wire::StationState::Connected, fault.map(media_fault)),
    };
    wire::StationView { id: id.to_string(), state, fault }
}

/// Why one is gone.
pub fn end(end: StationEnd) -> wire::StationEnd {
    match end {
        StationEnd::Closed => wire::StationEnd::Closed,
        StationEnd::ByClient => wire::StationEnd::ByClient,
        StationEnd::Lost => wire::StationEnd::Lost,
        StationEnd::NoIce => wire::StationEnd::NoIce,
        StationEnd::NoDtls => wire::StationEnd::NoDtls,
        StationEnd::DtlsFailed => wire::StationEnd::DtlsFailed,
        StationEnd::WrongCertificate => wire::StationEnd::WrongCertificate,
    }
}

/// What is wrong with one.
pub fn media_fault(fault: MediaFault) -> wire::MediaFault {
    match fault {
        MediaFault::WrongPayloadType => wire::MediaFault::WrongPayloadType,
        MediaFault::WrongSource => wire::MediaFault::WrongSource,
        MediaFault::NothingReceived => wire::MediaFault::NothingReceived,
        MediaFault::NothingArrives => wire::MediaFault::NothingArrives,
        MediaFault::DigitalSilence => wire::MediaFault::DigitalSilence,
        MediaFault::Clipping => wire::MediaFault::Clipping,
    }
}
