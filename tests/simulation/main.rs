//! One call in virtual time: what each party hears, to the byte and to the sample, whether the stations
//! get mixes or one source a track.

#![expect(clippy::duplicate_mod, reason = "the same tests are run on both deliveries")]

/// Every station has one track.
#[path = "."]
mod mixed {
    const TRACKS: usize = 1;

    mod acoustic;
    mod differential;
    mod supervision;
}

/// Every station has as many tracks as are used.
#[path = "."]
mod by_tracks {
    const TRACKS: usize = call_engine::TRACKS_MAX;

    mod acoustic;
    mod differential;
    mod supervision;
}
