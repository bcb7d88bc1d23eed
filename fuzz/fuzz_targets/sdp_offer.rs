//! SDP offers come from anybody who can sign in: they must be read or refused, never panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_station::{OFFER_BYTES_MAX, check_offer};

fuzz_target!(|offer: &str| {
    if check_offer(offer).is_ok() {
        assert!(offer.len() <= OFFER_BYTES_MAX);
        // A byte order mark and blank lines may stand before it.
        let begins = offer.trim_start_matches(|it: char| it == '\u{feff}' || it.is_whitespace());
        assert!(begins.starts_with("v="));
    }
});
