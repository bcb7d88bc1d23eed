//! The promise, for a caller on the telephone: they hear a supervisor while the mode is Barge or take-over,
//! and never otherwise.

use sip_testkit::{AGENT, CALLER, Phone, SUPERVISOR, Stage};

use crate::people::{Person, server, sip_address};

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_on_the_telephone_hears_a_supervisor_in_barge_and_take_over_and_never_otherwise() {
    let server = server().await;
    let agent = Person::ready(&server, "agent1", AGENT).await;
    let supervisor = Person::new(&server, "supervisor1", SUPERVISOR).await;
    let calling = tokio::spawn(Phone::call(sip_address(&server), "support", CALLER));
    let call = agent.take().await.id;
    let phone = calling.await.unwrap();
    let stage = Stage { caller: &phone.sound, agent: &agent, supervisor: &supervisor };
    supervisor.plays(&call, stage).await;
    phone.hang_up().await;
    agent.until_no_call().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_hangs_up() {
    let server = server().await;
    let agent = Person::ready(&server, "agent1", AGENT).await;
    let calling = tokio::spawn(Phone::call(sip_address(&server), "support", CALLER));
    agent.take().await;
    let phone = calling.await.unwrap();
    tokio::join!(phone.hung_up(), server.stop());
}
