//! The promise, for a caller on the telephone: they hear a supervisor while the mode is Barge or take-over,
//! and never otherwise.

use std::time::Duration;

use budget::Networks;
use sip_testkit::{AGENT, CALLER, Phone, SUPERVISOR, Stage};
use telephony::TrunkConfig;

use crate::centre::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_on_the_telephone_hears_a_supervisor_in_barge_and_take_over_and_never_otherwise() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", AGENT).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let call = agent.take().await.sight.card.id;
    let phone = calling.await.unwrap();
    let stage = Stage { caller: &phone.sound, agent: &agent.sound, supervisor: &supervisor.sound };
    supervisor.plays(call, stage).await;
    phone.hang_up().await;
    agent.until_no_call().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_hangs_up() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", AGENT).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    agent.take().await;
    let phone = calling.await.unwrap();
    tokio::join!(phone.hung_up(), centre.stop());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_is_silent_and_reports_is_there_and_one_who_gives_no_sign_is_lost() {
    let mut trunk = TrunkConfig::new("here", Networks::parse(["127.0.0.1"]).unwrap());
    trunk.media.media_timeout = Duration::from_secs(5);
    let centre = Centre::with(trunk).await;
    let agent = centre.agent("agent", AGENT).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let call = agent.take().await.sight.card.id;
    let phone = calling.await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    phone.sound.falls_silent(true).await;
    tokio::time::sleep(Duration::from_secs(14)).await;
    assert_eq!(agent.only_call(), call, "it goes on");
    phone.sound.falls_silent(false).await;
    assert_eq!(centre.record(call).await.end_reason, "lost");
    phone.hung_up().await;
    centre.stop().await;
}

/// A PBX connects two of its calls: somebody else is the caller now, and what holds of the one holds of the other.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_the_callers_place_hears_a_supervisor_as_little() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", AGENT).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let call = agent.take().await.sight.card.id;
    let first = calling.await.unwrap();
    let leg = supervisor.listen(call).await;
    let second = Phone::in_place_of(&first, CALLER).await;
    let from = std::time::Instant::now();
    first.hung_up().await;
    assert_eq!(agent.only_call(), call, "it is the same call");
    let stage = Stage { caller: &second.sound, agent: &agent.sound, supervisor: &supervisor.sound };
    let rows: [&[f32]; 3] = [&[AGENT], &[CALLER], &[CALLER, AGENT]];
    stage.until_heard("with somebody else", rows).await;
    assert!(!second.sound.ever(SUPERVISOR, from), "who listened before listens on, unheard");
    supervisor.leave(call, &leg).await;
    supervisor.plays(call, stage).await;
    second.hang_up().await;
    agent.until_no_call().await;
    centre.stop().await;
}
