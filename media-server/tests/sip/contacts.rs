//! A caller from the network is known again by the number that the network states.

use std::time::{Duration, Instant};

use client::api::Method;
use serde_json::{Value, json};
use sip_testkit::{AGENT, CALLER, PATIENCE, Phone, SUPERVISOR};

use crate::people::{Person, server, sip_address};

/// The contacts of the customer of this call, once the call is written.
async fn contacts(person: &Person, call: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let path = format!("/interactions/{call}/contacts");
        let answer = person.session.api().request(Method::GET, &path).send().await.unwrap();
        if answer.status().is_success() {
            return answer.json().await.unwrap();
        }
        assert!(Instant::now() < deadline, "no record of the call");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_call_stand_the_earlier_ones_from_the_same_number() {
    let server = server().await;
    let agent = Person::ready(&server, "agent1", AGENT).await;
    let supervisor = Person::new(&server, "supervisor1", SUPERVISOR).await;
    let mut calls = Vec::new();
    for _ in 0..2 {
        let calling = tokio::spawn(Phone::call(sip_address(&server), "support", CALLER));
        let call = agent.take().await.id;
        let phone = calling.await.unwrap();
        // For whoever is on it, and for whoever may supervise it and does not listen.
        for person in [&agent, &supervisor] {
            let seen = contacts(person, &call).await;
            assert_eq!(seen["known_by"], "number");
            let ids: Vec<&Value> =
                seen["contacts"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
            assert_eq!(json!(ids), json!(calls), "all but the one that is open");
        }
        phone.hang_up().await;
        agent.until_no_call().await;
        calls.push(call);
    }
    server.stop().await;
}
