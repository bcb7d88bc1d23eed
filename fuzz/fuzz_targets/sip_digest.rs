//! The headers of digest: a challenge of anybody's and an answer of anybody's. Nothing panics, and nobody is let in.
#![no_main]

use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use sip::digest::{Algorithm, Challenge, Credentials, Secret, Verifier};
use sip::message::{Method, Uri};

fuzz_target!(|text: &str| {
    let secret = Secret::new("correct horse battery");
    if let Some(challenge) = Challenge::parse(text) {
        let who = ("500", &secret);
        let answer = challenge.answer(who, (&Method::Register, "sip:pbx"), (1, "cnonce"));
        let written = Challenge::parse(&challenge.to_header());
        assert!(written.is_some_and(|it| it.nonce == challenge.nonce), "read as it was written");
        if answer.contains("nc=") {
            assert!(Credentials::parse(&answer).is_some(), "what we say can be read: {answer}");
        }
    }
    if let Some(credentials) = Credentials::parse(text) {
        let mut verifier = Verifier::new("sotto", vec![Algorithm::Sha256, Algorithm::Md5], [7; 32]);
        let now = Instant::now();
        let uri = Uri::parse("sip:pbx").expect("a URI");
        assert!(verifier.verify(now, ("REGISTER", &uri), &credentials, Some(&secret)).is_err());
        assert!(verifier.verify(now, ("REGISTER", &uri), &credentials, None).is_err());
    }
});
