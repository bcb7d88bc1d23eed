//! Offers of other programs, at the door: an answer, or a refusal that is true. What an answer says is
//! tested in `rtc-station`, where the offers are.

use std::path::Path;

use client::api::Method;

use super::Findings;
use crate::Server;
use crate::text::Writer;

/// Offers that can't be used, and what the refusal has to name.
const REFUSED: [(&str, &str); 8] = [
    ("audio_behind_eight_videos.sdp", "m= sections"),
    ("opus_without_channels.sdp", "opus/48000/2"),
    ("setup_holdconn.sdp", "a=setup:actpass"),
    ("setup_passive.sdp", "a=setup:actpass"),
    ("sha_384_only.sdp", "sha-256"),
    ("sha_512_only.sdp", "sha-256"),
    ("ufrag_with_equals_sign.sdp", "ice-ufrag"),
    ("inactive.sdp", "inactive"),
];

#[tokio::test(flavor = "multi_thread")]
async fn offers_are_answered_or_refused_by_what_is_in_them() {
    let server = Server::start().await;
    let agent = Writer::staff(&server, "agent1").await;
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rtc-station/tests/fixtures/offers");
    let mut findings = Findings::default();
    let mut offers: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    offers.retain(|path| path.extension().is_some_and(|it| it == "sdp"));
    assert!(offers.len() >= 40, "{}", offers.len());
    for path in offers {
        let case = path.file_name().unwrap().to_str().unwrap().to_owned();
        let request = agent.api().request(Method::POST, "/stations");
        let request = request.header("Content-Type", "application/sdp");
        let answer = request.body(std::fs::read(&path).unwrap()).send().await.unwrap();
        let (status, location) =
            (answer.status().as_u16(), answer.headers().get("Location").cloned());
        let body = answer.text().await.unwrap();
        match REFUSED.iter().find(|(refused, _)| *refused == case) {
            None => findings.check(&case, "the status", status, 201),
            Some((_, names)) => {
                findings.check(&case, "the status", status, 422);
                findings.check(
                    &case,
                    &format!("naming {names}: {body}"),
                    body.contains(names),
                    true,
                );
            }
        }
        if let Some(location) = location {
            let path = location.to_str().unwrap().trim_start_matches("/api/v1").to_owned();
            agent.ask(Method::DELETE, &path, None).await;
        }
    }
    findings.end();
}
