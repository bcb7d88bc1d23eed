//! A running softphone whose station is lost opens another one, and goes on: it is one process all the time.

use std::time::Instant;

use client::api::Api;
use serde_json::json;
use wire::Mode;

use crate::lines::{DataLine, SoundLine};
use crate::people::{CALLER_HZ, SUPERVISOR_HZ, Server};
use crate::process::{AGENT_HZ, Softphone};
use crate::{in_the_ears, takes_a_call, talk};

const TONES: [f32; 3] = [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ];

#[tokio::test(flavor = "multi_thread")]
async fn a_station_that_cannot_be_mended_is_replaced_and_its_call_comes_over() {
    let server = Server::start().await;
    let (line, other) = (SoundLine::to(server.media()).await, SoundLine::to(server.media()).await);
    let mut phone = Softphone::start_via(&server.url(), "agent1", &[line.near, other.near]);
    let (caller, call) = talk(&server, &mut phone).await;
    assert_eq!(in_the_ears(&phone, &TONES).await, [CALLER_HZ]);
    assert_eq!(caller.hears(&TONES).await, [AGENT_HZ]);
    let mut sam = server.account("supervisor1").await;
    let leg = sam.listen(&call).await;
    sam.mode(&call, &leg, Mode::Whisper).await;
    phone.until("coaching").await;
    let at_caller = caller.told().len();

    // For good: no restart of this station's ICE can lead anywhere.
    line.cut(true);
    let cut_at = Instant::now();
    assert_eq!(phone.until("sound").await["up"], false);
    println!("noticed after {:.1?}", cut_at.elapsed());
    assert_eq!(phone.until("sound").await["up"], true);
    println!("on another station after {:.1?}", cut_at.elapsed());
    assert_eq!(in_the_ears(&phone, &TONES).await, [CALLER_HZ, SUPERVISOR_HZ]);
    assert_eq!(caller.hears(&TONES).await, [AGENT_HZ], "and no whisper");
    assert!(!phone.has_said("call_ended"), "it was one call all the time");
    assert_eq!(sam.hears(&TONES).await, [CALLER_HZ, AGENT_HZ], "his whisper was not ended");
    assert_eq!(caller.told().len(), at_caller, "the caller was told nothing");

    phone.order(json!({"do": "hang_up"}));
    assert_eq!(phone.until("call_ended").await["call"], call);
    phone.order(json!({"do": "quit"}));
    assert!(phone.exit().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_station_that_the_server_has_closed_is_replaced_for_the_next_call() {
    let server = Server::start().await;
    let line = DataLine::to(server.http()).await;
    let mut phone = Softphone::start(&line.url(), "agent1");
    let (first, call) = talk(&server, &mut phone).await;
    let closed = line.station();
    let api = Api::new(server.url()).unwrap().with_token(line.token());
    // Its leg leaves with it: that call is over.
    api.delete_station(&closed).await.unwrap();
    phone.until_sound(true).await;
    assert_ne!(line.station(), closed);
    phone.until_all(&["call_ended"]).await;
    assert_eq!(first.hears(&TONES).await, [0.0; 0]);

    let next = server.guest("Lena Vogt").await;
    let second = takes_a_call(&mut phone, &next).await;
    assert_ne!(second, call);
    assert_eq!(in_the_ears(&phone, &TONES).await, [CALLER_HZ]);
    assert_eq!(next.hears(&TONES).await, [AGENT_HZ]);
    phone.order(json!({"do": "hang_up"}));
    assert_eq!(phone.until("call_ended").await["call"], second);
}
