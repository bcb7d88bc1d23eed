//! What breaks under a softphone, and how it goes on.

use std::time::{Duration, Instant};

use client::api::Api;
use client::events::SILENCE_MAX;
use serde_json::json;

use crate::lines::{DataLine, SoundLine};
use crate::people::{CALLER_HZ, Person, Server};
use crate::process::{AGENT_HZ, Softphone};
use crate::{in_the_ears, talk};

/// Longer than ICE waits before it says that nothing comes any more, and than the server before it calls a leg lost.
const CUT: Duration = Duration::from_secs(8);
const TONES: [f32; 2] = [CALLER_HZ, AGENT_HZ];

async fn both_hear(phone: &Softphone, caller: &Person) {
    assert_eq!(in_the_ears(phone, &TONES).await, [CALLER_HZ]);
    assert_eq!(caller.hears(&TONES).await, [AGENT_HZ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_sound_connection_is_mended_and_the_call_goes_on() {
    let server = Server::start().await;
    let line = SoundLine::to(server.media()).await;
    let mut phone = Softphone::start_via(&server.url(), "agent1", &[line.near]);
    let (caller, call) = talk(&server, &mut phone).await;
    both_hear(&phone, &caller).await;

    line.cut(true);
    let cut_at = Instant::now();
    assert_eq!(phone.until("sound").await["up"], false);
    println!("noticed after {:?}", cut_at.elapsed());
    tokio::time::sleep(CUT.saturating_sub(cut_at.elapsed())).await;
    assert!(caller.hears(&TONES).await.is_empty());
    line.cut(false);
    let healed_at = Instant::now();
    assert_eq!(phone.until("sound").await["up"], true);
    println!("back {:?} after the line", healed_at.elapsed());
    both_hear(&phone, &caller).await;

    assert!(!phone.has_said("call_ended"), "it was one call all the time");
    phone.order(json!({"do": "hang_up"}));
    assert_eq!(phone.until("call_ended").await["call"], call);
    phone.order(json!({"do": "quit"}));
    assert!(phone.exit().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_softphone_that_died_comes_back_onto_its_call() {
    let server = Server::start().await;
    let mut phone = Softphone::start(&server.url(), "agent1");
    let (caller, call) = talk(&server, &mut phone).await;
    both_hear(&phone, &caller).await;
    // Killed: no goodbye to anybody.
    drop(phone);
    tokio::time::sleep(CUT).await;
    let mut phone = Softphone::start(&server.url(), "agent1");
    assert_eq!(phone.until("call_started").await["call"], call);
    both_hear(&phone, &caller).await;
    phone.order(json!({"do": "hang_up"}));
    phone.until("call_ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_event_stream_is_noticed_and_opened_anew_while_the_call_goes_on() {
    let server = Server::start().await;
    let line = DataLine::to(server.http()).await;
    let mut phone = Softphone::start(&line.url(), "agent1");
    let (caller, _) = talk(&server, &mut phone).await;
    phone.until("heard").await;
    line.freeze();
    tokio::time::sleep(SILENCE_MAX).await;
    let lost = phone.until("connection").await;
    assert_eq!(lost["up"], false, "{lost}");
    assert!(lost["text"].as_str().unwrap().contains("Your call goes on"), "{lost}");
    assert_eq!(phone.until("connection").await["up"], true);
    both_hear(&phone, &caller).await;
    // And it is of use.
    phone.order(json!({"do": "mute", "on": true}));
    phone.until_heard_with("muted", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_has_ended_is_renewed_and_if_it_cannot_be_that_is_said() {
    let server = Server::start().await;
    let line = DataLine::to(server.http()).await;
    let mut phone = Softphone::start(&line.url(), "agent1");
    phone.until_all(&["signed_in", "connection", "device"]).await;
    let first = Api::new(server.url()).unwrap().with_token(line.token());
    first.logout().await.unwrap();
    phone.order(json!({"do": "ready"}));
    assert_eq!(phone.until("signed_in").await["role"], "agent");
    phone.until_state("presence", "ready").await;
    assert_eq!(first.me().await.unwrap_err().status(), Some(401), "that one is over");

    server.disable("agent1").await;
    let ended = phone.until("ended").await;
    let text = ended["text"].as_str().unwrap();
    assert!(text.contains("Your sign-in has ended"), "{text}");
    assert!(text.contains("check the user and the password"), "{text}");
    assert!(phone.exit().await);
}
