//! The softphone against a real server: a headset of pipes through ALSA and cpal, JSON lines, and people who call,
//! listen and whisper.
//!
//! A softphone is a process of its own here (`program.rs`), for the devices come from the environment.

mod echo;
mod faults;
mod lines;
mod people;
mod process;
mod replacement;

use std::time::Duration;

use client::probe::{SILENCE_DBFS, tone_track_dbfs};
use serde_json::json;
use wire::Mode;

use people::{CALLER_HZ, Person, SUPERVISOR_HZ, Server};
use process::{AGENT_HZ, Softphone};

/// Above it a tone is there; everybody speaks at -20 dBFS.
const AUDIBLE_DBFS: f32 = -35.0;
/// Sound that was on its way, and meters and buffers, have settled by then.
const SETTLED: Duration = Duration::from_millis(1_200);
/// How long is listened.
const ATTENTION: Duration = Duration::from_millis(1_500);

/// The loudness that a tone has most of the time, over tenths of a second.
fn usual_level(sound: &[f32], hz: f32) -> f32 {
    let mut track = tone_track_dbfs(sound, hz, 4_800);
    track.sort_by(f32::total_cmp);
    track.get(track.len() / 2).copied().unwrap_or(SILENCE_DBFS)
}

/// Which of the tones are heard in the softphone's ears.
async fn in_the_ears(phone: &Softphone, tones: &[f32]) -> Vec<f32> {
    tokio::time::sleep(SETTLED).await;
    phone.headset.forget();
    tokio::time::sleep(ATTENTION).await;
    let sound: Vec<f32> = phone.headset.heard().iter().map(|[left, _]| *left).collect();
    tones.iter().copied().filter(|hz| usual_level(&sound, *hz) > AUDIBLE_DBFS).collect()
}

/// Lets what is on its way arrive.
async fn settle() {
    tokio::time::sleep(SETTLED).await;
}

/// The agent of this softphone is ready, a guest calls, and it is answered; the caller and the call.
async fn talk(server: &Server, phone: &mut Softphone) -> (Person, String) {
    let caller = server.guest("Daniel Weber").await;
    let call = answered(phone, &caller).await;
    (caller, call)
}

async fn answered(phone: &mut Softphone, caller: &Person) -> String {
    phone.until_all(&["signed_in", "connection", "device"]).await;
    phone.order(json!({"do": "ready"}));
    phone.until_state("presence", "ready").await;
    takes_a_call(phone, caller).await
}

async fn takes_a_call(phone: &mut Softphone, caller: &Person) -> String {
    let call = caller.call("support").await;
    phone.until("ringing").await;
    phone.order(json!({"do": "answer"}));
    phone.until("call_started").await;
    call
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_answers_is_coached_and_hangs_up() {
    let server = Server::start().await;
    let mut phone = Softphone::start(&server.url(), "agent1");
    assert_eq!(phone.until("signed_in").await["role"], "agent");
    phone.until_all(&["connection", "device"]).await;
    phone.order(json!({"do": "ready"}));
    phone.until_state("presence", "ready").await;

    let caller = server.guest("Daniel Weber").await;
    let call = caller.call("support").await;
    let ringing = phone.until("ringing").await;
    assert_eq!((&ringing["call"], &ringing["caller"]), (&json!(call), &json!("Daniel Weber")));
    let ring = softphone::audio::tone::RING_HZ[0];
    tokio::time::sleep(Duration::from_millis(300)).await;
    phone.order(json!({"do": "answer"}));
    assert_eq!(phone.until("call_started").await["caller"], "Daniel Weber");

    // Both ways through cpal.
    let tones = [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ, ring];
    assert_eq!(in_the_ears(&phone, &tones).await, [CALLER_HZ]);
    assert_eq!(caller.hears(&tones).await, [AGENT_HZ]);

    let mut sam = server.account("supervisor1").await;
    let leg = sam.listen(&call).await;
    assert_eq!(in_the_ears(&phone, &tones).await, [CALLER_HZ]);
    assert!(
        !phone.has_said("coaching") && !phone.has_said("listening"),
        "nothing shows that he listens"
    );
    assert_eq!(sam.hears(&tones).await, [CALLER_HZ, AGENT_HZ]);

    sam.mode(&call, &leg, Mode::Whisper).await;
    let coaching = phone.until("coaching").await;
    let text = coaching["text"].as_str().unwrap();
    assert!(text.starts_with("Sam is coaching you – only you can hear this."), "{text}");
    assert_eq!(in_the_ears(&phone, &tones).await, [CALLER_HZ, SUPERVISOR_HZ]);
    assert_eq!(caller.hears(&tones).await, [AGENT_HZ], "the caller hears nothing of it");

    sam.stop(&call, &leg).await;
    phone.until("supervisor_left").await;
    assert_eq!(in_the_ears(&phone, &tones).await, [CALLER_HZ]);

    phone.order(json!({"do": "mute", "on": true}));
    assert_eq!(
        phone.until_heard_with("muted", true).await["text"],
        "You are muted – nobody hears you"
    );
    assert!(caller.hears(&tones).await.is_empty());
    phone.order(json!({"do": "mute", "on": false}));
    phone.until_heard_with("muted", false).await;
    assert_eq!(caller.hears(&tones).await, [AGENT_HZ]);

    phone.order(json!({"do": "help", "reason": "Wants to cancel"}));
    assert_eq!(phone.until("help").await["state"], "asked");
    phone.order(json!({"do": "levels", "on": true}));
    let levels = phone.until("levels").await;
    assert_eq!((&levels["is_open"], &levels["is_echo"]), (&json!(true), &json!(false)), "{levels}");
    println!("{levels}");

    phone.order(json!({"do": "hang_up"}));
    assert_eq!(phone.until("call_ended").await["text"], "You hung up on Daniel Weber.");
    phone.order(json!({"do": "dance"}));
    assert!(phone.until("refused").await["text"].as_str().unwrap().contains("not a command"));
    phone.order(json!({"do": "quit"}));
    phone.until("ended").await;
    assert!(phone.exit().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_listens_whispers_and_barges_from_a_softphone() {
    let server = Server::start().await;
    let mut agent = server.account("agent1").await;
    agent.ready().await;
    let caller = server.guest("Lena Vogt").await;
    let call = caller.call("support").await;
    agent.answer_what_rings().await;

    let mut phone = Softphone::start(&server.url(), "supervisor1");
    assert_eq!(phone.until("signed_in").await["role"], "supervisor");
    phone.until("connection").await;
    phone.order(json!({"do": "calls"}));
    let calls = phone.until("calls").await;
    assert_eq!(
        (&calls["calls"][0]["call"], &calls["calls"][0]["caller"]),
        (&json!(call), &json!("Lena Vogt"))
    );

    // The microphone is called AGENT_HZ here: it is the softphone's.
    let (sam, agents) = (AGENT_HZ, SUPERVISOR_HZ);
    let tones = [CALLER_HZ, sam, agents];
    phone.order(json!({"do": "listen", "call": call}));
    assert_eq!(phone.until("supervising").await["text"], "Listening – nobody hears you");
    assert_eq!(in_the_ears(&phone, &tones).await, [CALLER_HZ, agents]);
    assert_eq!(
        (agent.hears(&tones).await, caller.hears(&tones).await),
        (vec![CALLER_HZ], vec![agents])
    );

    // The key to talk is held, and let go.
    phone.order(json!({"do": "talk", "on": true}));
    let whispering = phone.until("supervising").await;
    assert_eq!(whispering["mode"], "whisper", "{whispering}");
    assert!(whispering["text"].as_str().unwrap().starts_with("Whispering – only "), "{whispering}");
    tokio::time::sleep(SETTLED).await;
    assert_eq!(
        (agent.hears(&tones).await, caller.hears(&tones).await),
        (vec![CALLER_HZ, sam], vec![agents])
    );
    phone.order(json!({"do": "talk", "on": false}));
    assert_eq!(phone.until("supervising").await["mode"], "listen");
    assert_eq!(agent.hears(&tones).await, [CALLER_HZ]);

    phone.order(json!({"do": "barge"}));
    assert_eq!(phone.until("supervising").await["text"], "On the call – everyone hears you");
    tokio::time::sleep(SETTLED).await;
    assert_eq!(caller.hears(&tones).await, [sam, agents]);
    phone.order(json!({"do": "stop"}));
    assert_eq!(phone.until("supervision_ended").await["text"], "Not on a call – nobody hears you");
    assert_eq!(
        (agent.hears(&tones).await, caller.hears(&tones).await),
        (vec![CALLER_HZ], vec![agents])
    );
    phone.order(json!({"do": "quit"}));
    assert!(phone.exit().await);
}
