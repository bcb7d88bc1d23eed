//! Names of people: in one line, in one form, and none of which nothing is seen.

use serde::Deserialize;

use super::{Findings, Text, table};
use crate::Server;
use client::session::Session;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: Text,
    #[serde(default)]
    refused: bool,
    /// What others see, if it is not the name as it was sent.
    shown: Option<Text>,
    /// What is looked at.
    why: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_seen_as_they_are_or_refused() {
    let server = Server::start().await;
    let mut findings = Findings::default();
    for row in table::<Name>("text/names.jsonl") {
        let name = row.name.whole();
        let right = row.shown.map_or_else(|| name.clone(), |shown| shown.whole());
        let right = (!row.refused).then_some(right);
        let guest = Session::guest(&server.url(), &name).await.ok();
        let shown = guest.map(|guest| guest.user().name.clone());
        findings.check(&format!("{name:?} ({})", row.why), "the name", shown, right);
    }
    findings.end();
}
