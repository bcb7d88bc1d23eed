//! What a client may send on the event stream, and the JSON bodies of commands: strict, bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{LegUpdate, PlaceCall, parse_client_message};

fuzz_target!(|bytes: &[u8]| {
    if parse_client_message(bytes).is_ok() {
        assert!(bytes.len() <= wire::CLIENT_MESSAGE_BYTES_MAX);
    }
    // What is read can be written and read again: nothing is taken that means something else.
    if let Ok(update) = serde_json::from_slice::<LegUpdate>(bytes) {
        let text = serde_json::to_vec(&update).expect("a leg update is JSON");
        assert!(serde_json::from_slice::<LegUpdate>(&text).is_ok());
    }
    let _ = serde_json::from_slice::<PlaceCall>(bytes);
});
