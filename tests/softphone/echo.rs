//! An agent on a loudspeaker, all the way: from the sound of the caller in the microphone to the event that supervisors get;
//! and the caller gets none.

use std::time::{Duration, Instant};

use client::clip::Clip;
use client::events::Received;
use client::probe::rms_dbfs;
use codec::{FRAME_SAMPLES, OpusDecoder};
use recordings::Recording;
use serde_json::json;
use wire::{Event, Mode, Role};

use crate::people::{Person, Server};
use crate::process::Softphone;
use crate::{answered, settle};

/// How much weaker what is played is at the microphone of a loudspeaker's user.
const LOUDSPEAKER_DB: f32 = -15.0;
/// A headset's user is listened to for so long: longer than it takes until a loudspeaker is found.
const HEADSET: Duration = Duration::from_secs(18);
/// The agent says something for so long, and listens for so long: to a caller who speaks all the time.
const AGENT_SPEAKS: Duration = Duration::from_secs(2);
const AGENT_LISTENS: Duration = Duration::from_secs(8);

/// What people say in the demo's calls, without pauses: each caller and each agent of them.
fn speeches() -> (Vec<Clip>, Vec<Clip>) {
    let spoken = |packets: &[Vec<u8>]| -> Clip {
        let clip = Clip::from_packets(packets).unwrap();
        Clip::new(clip.frames().iter().filter(|frame| frame.voice).cloned().collect::<Vec<_>>())
    };
    let calls = Recording::demo_calls().unwrap();
    calls.iter().map(|call| (spoken(&call.caller), spoken(&call.agent))).unzip()
}

/// An agent who says something now and then.
fn microphone(speech: &Clip) -> Vec<f32> {
    let mut decoder = OpusDecoder::new().unwrap();
    let mut frame = [0.0; FRAME_SAMPLES];
    let mut sound = Vec::new();
    let samples = |duration: Duration| (duration.as_secs_f64() * 48_000.0) as usize;
    for packet in speech.frames() {
        decoder.decode_into(&packet.payload, &mut frame).unwrap();
        sound.extend_from_slice(&frame);
    }
    sound.truncate(samples(AGENT_SPEAKS));
    sound.resize(samples(AGENT_SPEAKS + AGENT_LISTENS), 0.0);
    sound
}

/// Waits until this person is told whether that call's agent is on a loudspeaker.
async fn until_echo(person: &Person, from: usize, call: &str, is_on: bool) {
    let is_told = |event: &Event| match event {
        Event::LegChanged { call: view } if view.id == call => {
            view.legs.iter().any(|leg| leg.role == Role::Agent && leg.echo == is_on).then_some(())
        }
        _ => None,
    };
    person.until(&format!("an echo that is {is_on}"), from, is_told).await;
}

/// The message as it came.
fn text(received: &Received) -> String {
    match received {
        Received::Call(envelope) => serde_json::to_string(envelope),
        Received::Text(envelope) => serde_json::to_string(envelope),
    }
    .unwrap()
}

fn kinds(told: &[Received]) -> Vec<String> {
    let kind = |received: &Received| -> String {
        let message: serde_json::Value = serde_json::from_str(&text(received)).unwrap();
        message["type"].as_str().unwrap().to_owned()
    };
    told.iter().map(kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loudspeaker_is_told_to_agent_and_supervisors_and_never_to_the_caller() {
    let (callers, agents) = speeches();
    let server = Server::start().await;
    let mut sam = server.account_who_says("supervisor1", &agents[1]).await;
    let caller = server.guest_who_says("Daniel Weber", &callers[0]).await;
    let mut phone = Softphone::start_with(&server.url(), "agent1", &[], microphone(&agents[2]));
    let call = answered(&mut phone, &caller).await;
    settle().await;
    let (at_sam, at_caller) = (sam.told().len(), caller.told().len());

    phone.order(json!({"do": "levels", "on": true}));
    phone.headset.forget();
    tokio::time::sleep(HEADSET).await;
    let heard: Vec<f32> = phone.headset.heard().iter().map(|[left, _]| *left).collect();
    assert!(rms_dbfs(&heard) > -40.0, "the caller speaks: {} dBFS", rms_dbfs(&heard));
    assert!(!phone.has_said("echo"), "a headset is suspected");
    assert_eq!(kinds(&sam.told()[at_sam..]), [""; 0]);

    phone.headset.loudspeaker(Some(LOUDSPEAKER_DB));
    let began = Instant::now();
    let echo = phone.until_echo(true).await;
    println!("a loudspeaker is found after {:.1?}", began.elapsed());
    assert!(echo["text"].as_str().unwrap().contains("the caller could hear a whisper"), "{echo}");
    until_echo(&sam, at_sam, &call, true).await;

    let leg = sam.listen(&call).await;
    sam.mode(&call, &leg, Mode::Whisper).await;
    phone.until("coaching").await;
    let view = sam.call_now(&call).await;
    let is_echo = |leg: &wire::LegView| leg.role == Role::Agent && leg.echo;
    assert!(view.legs.iter().any(is_echo), "it is known while he whispers: {view:?}");
    let own = caller.call_now(&call).await;
    assert!(own.legs.iter().all(|leg| !leg.echo), "{own:?}");

    phone.headset.loudspeaker(None);
    let (began, at_sam) = (Instant::now(), sam.told().len());
    assert_eq!(phone.until_echo(false).await["text"], "The echo is gone.");
    println!("and its end after {:.1?}: {}", began.elapsed(), phone.until("levels").await);
    until_echo(&sam, at_sam, &call, false).await;
    sam.stop(&call, &leg).await;

    phone.order(json!({"do": "hang_up"}));
    phone.until("call_ended").await;
    let is_over = |event: &Event| matches!(event, Event::CallEnded { .. }).then_some(());
    caller.until("the end", at_caller, is_over).await;
    // With the call ends the conversation beside it.
    let told = kinds(&caller.told()[at_caller..]);
    assert_eq!(told[0], "call.ended", "the caller was told nothing before: {told:?}");
    for message in caller.told().iter().map(text) {
        assert!(!message.contains("echo"), "{message}");
    }
    phone.order(json!({"do": "quit"}));
    assert!(phone.exit().await);
}
