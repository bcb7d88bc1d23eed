//! The first look at every datagram: it must not panic, and must not read a name where none is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_station::demux::{Class, classify, stun_username_local_ufrag};

fuzz_target!(|datagram: &[u8]| {
    let class = classify(datagram);
    if let Some(ufrag) = stun_username_local_ufrag(datagram) {
        assert_eq!(class, Class::Stun);
        assert!(!ufrag.is_empty() && !ufrag.contains(':'));
    }
});
