//! The promise, for a caller on the telephone: they hear a supervisor while the mode is Barge or take-over,
//! and never otherwise.

use sip_testkit::{AGENT, CALLER, Phone, SUPERVISOR, Stage};

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
