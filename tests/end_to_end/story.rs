//! One call as caller, agent and supervisor live it: what each hears and is told, mode by mode.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use wire::{EndReason, Event, LegUpdate, Mode};

use crate::ears::{AUDIBLE_DBFS, Ears, assert_one_source};
use crate::stage::{Change, IN_FLIGHT, PATIENCE, Party, Server, connect, until_heard};
use crate::told::Mark;

const CALLER_HZ: f32 = 500.0;
const AGENT_HZ: f32 = 1_130.0;
const SUPERVISOR_HZ: f32 = 1_700.0;
const TONES: [f32; 3] = [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ];
/// The server's own tones, as they are by default.
const BEEP_HZ: f32 = 880.0;
const BARGE_TONE_HZ: f32 = 620.0;
/// Both are over by then.
const CUE: Duration = Duration::from_millis(700);
/// A mute by the server after the supervisor's page is gone.
const MUTED_WITHIN: Duration = Duration::from_secs(2);
/// The leg's removal, too.
const REMOVED_WITHIN: Duration = Duration::from_secs(5);

/// What a supervisor's presence could be read from. (`listen` is also in the name of a setting,
/// in the snapshot.)
const TRACES: [&str; 8] =
    ["supervis", "Sam Okafor", "whisper", "listen", "barge", "coach", "mode", "revision"];

/// A caller and an agent in a call, and a supervisor who is not on it yet.
struct Scene {
    server: Server,
    caller: Party,
    agent: Party,
    sam: Party,
    call: String,
}

impl Scene {
    async fn set() -> Self {
        let server = Server::start().await;
        let caller = server.guest("Daniel Weber", CALLER_HZ).await;
        let agent = server.account("agent1", AGENT_HZ).await;
        let sam = server.account("supervisor1", SUPERVISOR_HZ).await;
        agent.ready().await;
        let call = connect(&caller, &agent, "support").await;
        Self { server, caller, agent, sam, call }
    }

    async fn hear(&self, what: &str, caller: &[f32], agent: &[f32], sam: &[f32]) {
        let rows = [(&self.caller, caller), (&self.agent, agent), (&self.sam, sam)];
        until_heard(what, &TONES, &rows).await;
    }

    async fn mode(&self, leg: &str, mode: Mode) -> Change {
        self.sam.mode(&self.call, leg, mode).await
    }
}

fn assert_never(ears: &Ears, hz: f32, from: Instant, until: Instant) {
    let level = ears.loudest(hz, from, until);
    assert!(level < AUDIBLE_DBFS, "{hz} Hz is heard at {level} dBFS");
}

/// A tone of the server's comes once at a change: these hear it, those don't.
async fn assert_cue(hz: f32, change: Change, by: &[&Party], not_by: &[&Party]) {
    tokio::time::sleep_until((change.acknowledged_at + CUE).into()).await;
    let (from, until) = (change.asked_at, Instant::now());
    for party in by {
        let level = party.ears.loudest(hz, from, until);
        assert!(level > -26.0, "{} hears {hz} Hz at {level} dBFS only", party.user.name);
    }
    for party in not_by {
        assert_never(&party.ears, hz, from, until);
    }
}

/// Nothing but meters of two legs came to a caller or agent.
fn assert_told_nothing(party: &Party, since: Mark) {
    assert_eq!(party.told.since(since), Vec::<String>::new(), "{}", party.user.name);
    assert!(party.told.legs_in_meters_since(since) <= 2, "{}", party.user.name);
}

/// No byte of it tells of supervision.
fn assert_no_trace(messages: &[String], sam: &Party) {
    for message in messages {
        for trace in TRACES.iter().copied().chain([sam.user.id.as_str()]) {
            assert!(!message.contains(trace), "{trace:?} in {message}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listen_whisper_barge_and_back() {
    let scene = Scene::set().await;
    let Scene { caller, agent, sam, call, .. } = &scene;
    scene.hear("plain", &[AGENT_HZ], &[CALLER_HZ], &[]).await;

    let (before, at_caller, at_agent) = (Instant::now(), caller.told.mark(), agent.told.mark());
    let leg = sam.listen(call).await.leg;
    scene.hear("listen", &[AGENT_HZ], &[CALLER_HZ], &[CALLER_HZ, AGENT_HZ]).await;
    assert_never(&agent.ears, SUPERVISOR_HZ, before, Instant::now());
    assert_told_nothing(agent, at_agent);

    let change = scene.mode(&leg, Mode::Whisper).await;
    assert_cue(BEEP_HZ, change, &[agent], &[caller, sam]).await;
    let all = [CALLER_HZ, SUPERVISOR_HZ];
    scene.hear("whisper", &[AGENT_HZ], &all, &[CALLER_HZ, AGENT_HZ]).await;
    let told = agent.told.until(at_agent, "supervision.started").await.event;
    let Event::SupervisionStarted { leg: shown, .. } = told else { unreachable!() };
    assert_eq!((shown.name.as_str(), shown.mode), ("Sam Okafor", Some(Mode::Whisper)));

    let back = scene.mode(&leg, Mode::Listen).await;
    scene.hear("back to listen", &[AGENT_HZ], &[CALLER_HZ], &[CALLER_HZ, AGENT_HZ]).await;
    let silent_from = back.acknowledged_at + IN_FLIGHT;
    assert_never(&agent.ears, SUPERVISOR_HZ, silent_from, Instant::now());
    agent.told.until(at_agent, "supervision.ended").await;

    let change = scene.mode(&leg, Mode::Whisper).await;
    assert_cue(BEEP_HZ, change, &[agent], &[caller, sam]).await;

    // Until here, to the caller, it was a plain call.
    let until = Instant::now();
    assert_never(&caller.ears, SUPERVISOR_HZ, before, until);
    assert_told_nothing(caller, at_caller);
    assert_forwarded(caller, agent, before, until);
    barge_and_leave(&scene, &leg, at_caller, at_agent).await;
}

async fn barge_and_leave(scene: &Scene, leg: &str, at_caller: Mark, at_agent: Mark) {
    let Scene { caller, agent, sam, call, .. } = scene;
    let change = scene.mode(leg, Mode::Barge).await;
    assert_cue(BARGE_TONE_HZ, change, &[caller, agent], &[sam]).await;
    let (to_caller, to_agent) = ([AGENT_HZ, SUPERVISOR_HZ], [CALLER_HZ, SUPERVISOR_HZ]);
    scene.hear("barge", &to_caller, &to_agent, &[CALLER_HZ, AGENT_HZ]).await;
    agent.told.until(at_agent, "supervision.mode_changed").await;
    let joined = caller.told.until(at_caller, "leg.joined").await;
    let Event::LegJoined { leg: shown, call: view } = joined.event else { unreachable!() };
    assert_eq!(shown.name, "Sam Okafor");
    assert_eq!((view.legs.len(), view.revision), (3, None));
    let snapshot_and_before = caller.told.since(Mark::BEGINNING).len() as u64;
    assert_eq!(joined.seq, Some(snapshot_and_before - 1), "no number was left out");

    let at_caller_then = caller.told.mark();
    let change = scene.mode(leg, Mode::TakeOver).await;
    assert_cue(BARGE_TONE_HZ, change, &[agent], &[caller, sam]).await;
    let taken = Instant::now();
    scene.hear("take-over", &[SUPERVISOR_HZ], &to_agent, &[CALLER_HZ]).await;
    assert_never(&caller.ears, AGENT_HZ, taken, Instant::now());
    let changed = caller.told.until(at_caller_then, "leg.changed").await;
    let Event::LegChanged { call: view } = changed.event else { unreachable!() };
    assert!(view.legs.iter().any(|leg| leg.mode == Some(Mode::TakeOver)));
    let held = agent.api.hold(call).await;
    assert!(held.is_err(), "nobody directs the call meanwhile");
    scene.mode(leg, Mode::Barge).await;
    scene.hear("handed back", &to_caller, &to_agent, &[CALLER_HZ, AGENT_HZ]).await;

    let back = scene.mode(leg, Mode::Listen).await;
    scene.hear("back again", &[AGENT_HZ], &[CALLER_HZ], &[CALLER_HZ, AGENT_HZ]).await;
    for party in [caller, agent] {
        let silent_from = back.acknowledged_at + IN_FLIGHT;
        assert_never(&party.ears, SUPERVISOR_HZ, silent_from, Instant::now());
    }
    caller.told.until(at_caller, "leg.left").await;

    let (after, now) = (caller.told.mark(), Instant::now());
    sam.api.delete_leg(call, leg).await.unwrap();
    scene.hear("stopped", &[AGENT_HZ], &[CALLER_HZ], &[]).await;
    assert_never(&caller.ears, SUPERVISOR_HZ, now, Instant::now());
    assert_told_nothing(caller, after);
    assert_one_source(&caller.ears.packets(call_began(caller), Instant::now()));
    caller.api.hang_up(call).await.unwrap();
}

fn call_began(party: &Party) -> Instant {
    let long_ago = Instant::now() - Duration::from_secs(3_600);
    party.ears.packets(long_ago, Instant::now())[0].arrived_at
}

/// What the caller gets are the agent's own packets: nothing was decoded, nothing was added.
fn assert_forwarded(caller: &Party, agent: &Party, from: Instant, until: Instant) {
    let sent: HashSet<&[u8]> = agent.clip.frames().iter().map(|it| &it.payload[..]).collect();
    let packets = caller.ears.packets(from, until);
    assert!(packets.len() > 100, "only {} packets", packets.len());
    assert!(packets.iter().all(|packet| sent.contains(&packet.payload[..])));
    for pair in packets.windows(2) {
        assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), 960);
    }
    assert_one_source(&packets);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_hangs_up_in_a_whisper_and_the_stations_serve_call_after_call() {
    let mut scene = Scene::set().await;
    let station_began = Instant::now();
    for round in 1..=3 {
        let Scene { caller, agent, sam, call, .. } = &scene;
        let (began, at_caller, at_sam) = (Instant::now(), caller.told.mark(), sam.told.mark());
        let leg = sam.listen(call).await.leg;
        scene.mode(&leg, Mode::Whisper).await;
        let all = [CALLER_HZ, SUPERVISOR_HZ];
        scene.hear("whisper", &[AGENT_HZ], &all, &[CALLER_HZ, AGENT_HZ]).await;
        agent.api.hang_up(call).await.unwrap();
        let over = Instant::now();

        let ended = caller.told.until(at_caller, "call.ended").await.event;
        let Event::CallEnded { call: view } = ended else { unreachable!() };
        assert_eq!((view.legs.len(), view.end_reason), (0, Some(EndReason::Agent)));
        let mut kinds = caller.told.kinds_since(at_caller);
        kinds.retain(|kind| kind != "conversation.ended");
        assert_eq!(kinds, ["call.ended"]);
        assert_no_trace(&caller.told.since(at_caller), sam);
        sam.told.until(at_sam, "call.ended").await;
        scene.hear("over", &[], &[], &[]).await;
        assert_never(&caller.ears, SUPERVISOR_HZ, began, Instant::now());
        assert_never(&agent.ears, SUPERVISOR_HZ, over + IN_FLIGHT, Instant::now());
        assert_eq!(
            sam.api.update_leg(call, &leg, &LegUpdate::default()).await.unwrap_err().status(),
            Some(400)
        );
        assert_eq!(sam.api.delete_leg(call, &leg).await.unwrap_err().status(), Some(404));
        if round < 3 {
            // The next guest; agent and supervisor are on the stations that they have.
            scene.caller = scene.server.guest("Lena Vogt", CALLER_HZ).await;
            scene.call = connect(&scene.caller, &scene.agent, "support").await;
        }
    }
    for party in [&scene.agent, &scene.sam] {
        assert_one_source(&party.ears.packets(station_began, Instant::now()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_reloaded_in_a_whisper_comes_back_switched_off() {
    let server = Server::start().await;
    let caller = server.guest("Daniel Weber", CALLER_HZ).await;
    let agent = server.account("agent1", AGENT_HZ).await;
    let (sam, line) = server.account_on_line("supervisor1", SUPERVISOR_HZ).await;
    agent.ready().await;
    let call = connect(&caller, &agent, "support").await;
    let (at_caller, at_agent) = (caller.told.mark(), agent.told.mark());
    let began = Instant::now();
    let leg = sam.listen(&call).await.leg;
    sam.mode(&call, &leg, Mode::Whisper).await;
    let whispered = [(&caller, &[AGENT_HZ][..]), (&agent, &[CALLER_HZ, SUPERVISOR_HZ])];
    until_heard("whisper", &TONES, &whispered).await;

    // The page is gone: event stream and media, with no goodbye.
    line.cut();
    drop(sam.told);
    let gone_at = Instant::now();
    agent.told.until(at_agent, "supervision.ended").await;
    assert!(gone_at.elapsed() < REMOVED_WITHIN, "{:?}", gone_at.elapsed());
    let plain = [(&caller, &[AGENT_HZ][..]), (&agent, &[CALLER_HZ])];
    until_heard("gone", &TONES, &plain).await;
    let heard_last = agent.ears.last(SUPERVISOR_HZ, began).expect("he was heard");
    assert!(heard_last.saturating_duration_since(gone_at) < MUTED_WITHIN);

    let sam = server.account("supervisor1", SUPERVISOR_HZ).await;
    let view = sam.api.call(&call).await.unwrap();
    assert_eq!((view.own_leg, view.legs.len()), (None, 2), "he is not on the call");
    let again = Instant::now();
    sam.listen(&call).await;
    until_heard("listen again", &TONES, &plain).await;
    assert_never(&agent.ears, SUPERVISOR_HZ, again, Instant::now());
    assert_never(&caller.ears, SUPERVISOR_HZ, began, Instant::now());
    assert_told_nothing(&caller, at_caller);
    assert_one_source(&caller.ears.packets(began, Instant::now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_line_is_cut_goes_on_over_another_station() {
    let server = Server::start().await;
    let caller = server.guest("Daniel Weber", CALLER_HZ).await;
    let (page, line) = server.account_on_line("agent1", AGENT_HZ).await;
    let sam = server.account("supervisor1", SUPERVISOR_HZ).await;
    page.ready().await;
    let call = connect(&caller, &page, "support").await;
    let began = Instant::now();
    let supervised = sam.listen(&call).await.leg;
    sam.mode(&call, &supervised, Mode::Whisper).await;
    let leg = page.api.call(&call).await.unwrap().own_leg.unwrap();

    line.cut();
    let headset = server.account("agent1", AGENT_HZ).await;
    let station = Some(headset.station_id.clone());
    let update = LegUpdate { station, ..LegUpdate::default() };
    headset.api.update_leg(&call, &leg, &update).await.unwrap();
    let rows = [
        (&caller, &[AGENT_HZ][..]),
        (&headset, &[CALLER_HZ, SUPERVISOR_HZ]),
        (&sam, &[CALLER_HZ, AGENT_HZ]),
    ];
    until_heard("on the other station", &TONES, &rows).await;
    // The old station's end takes nobody off the call.
    page.api.delete_station(&page.station_id).await.unwrap();
    until_heard("the old one is gone", &TONES, &rows).await;
    assert_never(&caller.ears, SUPERVISOR_HZ, began, Instant::now());
    assert_one_source(&caller.ears.packets(began, Instant::now()));
    assert_one_source(&headset.ears.packets(began, Instant::now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_and_mute() {
    let scene = Scene::set().await;
    let Scene { caller, agent, sam, call, .. } = &scene;
    let began = Instant::now();
    let leg = sam.listen(call).await.leg;
    agent.api.hold(call).await.unwrap();
    let held = Instant::now();
    scene.hear("held", &[], &[], &[CALLER_HZ, AGENT_HZ]).await;
    assert_never(&caller.ears, AGENT_HZ, held + IN_FLIGHT, Instant::now());
    scene.mode(&leg, Mode::Whisper).await;
    scene.hear("held, whisper", &[], &[SUPERVISOR_HZ], &[CALLER_HZ, AGENT_HZ]).await;
    agent.api.resume(call).await.unwrap();
    let all = [CALLER_HZ, SUPERVISOR_HZ];
    scene.hear("resumed", &[AGENT_HZ], &all, &[CALLER_HZ, AGENT_HZ]).await;

    let own = agent.api.call(call).await.unwrap().own_leg.unwrap();
    let mute = |muted| LegUpdate { muted: Some(muted), ..LegUpdate::default() };
    agent.api.update_leg(call, &own, &mute(true)).await.unwrap();
    let muted = Instant::now();
    scene.hear("agent muted", &[], &all, &[CALLER_HZ]).await;
    for party in [caller, sam] {
        assert_never(&party.ears, AGENT_HZ, muted + IN_FLIGHT, Instant::now());
    }
    agent.api.update_leg(call, &own, &mute(false)).await.unwrap();
    scene.hear("agent back", &[AGENT_HZ], &all, &[CALLER_HZ, AGENT_HZ]).await;
    assert_never(&caller.ears, SUPERVISOR_HZ, began, Instant::now());
    assert_one_source(&caller.ears.packets(began, Instant::now()));

    let at_caller = caller.told.mark();
    caller.api.hang_up(call).await.unwrap();
    let ended = tokio::time::timeout(PATIENCE, caller.told.until(at_caller, "call.ended"));
    assert!(matches!(ended.await.unwrap().event, Event::CallEnded { .. }));
}
