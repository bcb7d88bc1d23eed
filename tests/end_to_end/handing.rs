//! Transfer, consultation and conference: who hears whom at each step, and that a supervisor who
//! whispers to one agent all the while is never heard by anybody else.

use std::time::{Duration, Instant};

use wire::{ConferenceRequest, ConsultationAction, Destination, Event, Mode, TransferRequest};

use crate::ears::AUDIBLE_DBFS;
use crate::stage::{IN_FLIGHT, Party, Server, connect, until_heard};

const CALLER_HZ: f32 = 500.0;
const ANA_HZ: f32 = 1_130.0;
const SAM_HZ: f32 = 1_700.0;
const LUIS_HZ: f32 = 2_690.0;
const TONES: [f32; 4] = [CALLER_HZ, ANA_HZ, SAM_HZ, LUIS_HZ];
/// What a caller hears who waits, and how often, as it is by default.
const HOLD_HZ: f32 = 440.0;
const HOLD_PERIOD: Duration = Duration::from_millis(5_000);
/// Within it the hold tone has begun.
const HOLD_BEGINS: Duration = Duration::from_millis(900);

/// A call of Daniel's with Ana, on which Sam whispers to her; Luis is ready.
struct Scene {
    _server: Server,
    caller: Party,
    ana: Party,
    sam: Party,
    luis: Party,
    call: String,
    began: Instant,
}

impl Scene {
    async fn set() -> Self {
        let server = Server::measuring(0).await;
        let caller = server.guest("Daniel Weber", CALLER_HZ).await;
        let ana = server.account("agent1", ANA_HZ).await;
        let sam = server.account("supervisor1", SAM_HZ).await;
        let luis = server.account("agent2", LUIS_HZ).await;
        let began = Instant::now();
        ana.ready().await;
        let call = connect(&caller, &ana, "support").await;
        luis.ready().await;
        let leg = sam.listen(&call).await.leg;
        sam.mode(&call, &leg, Mode::Whisper).await;
        let scene = Self { _server: server, caller, ana, sam, luis, call, began };
        scene.hear("coached", &[ANA_HZ], &[CALLER_HZ, SAM_HZ], &[CALLER_HZ, ANA_HZ], &[]).await;
        scene
    }

    async fn hear(&self, what: &str, caller: &[f32], ana: &[f32], sam: &[f32], luis: &[f32]) {
        let rows = [(&self.caller, caller), (&self.ana, ana), (&self.sam, sam), (&self.luis, luis)];
        until_heard(what, &TONES, &rows).await;
    }

    /// Luis takes what rings at him; he has not heard anybody before.
    async fn luis_answers(&self, mark: crate::told::Mark) {
        let offered = self.luis.told.until(mark, "call.offered").await.event;
        let Event::CallOffered { handover: Some(handover), .. } = offered else {
            panic!("a request rings, not {offered:?}")
        };
        assert_eq!(handover.from.name, "Ana Duarte");
        self.luis.api.answer(&self.call, &self.luis.station_id).await.unwrap();
    }

    /// From the beginning until now, whoever was whispered to.
    fn assert_sam_was_never_heard_by(&self, parties: &[&Party]) {
        for party in parties {
            let level = party.ears.loudest(SAM_HZ, self.began, Instant::now());
            assert!(level < AUDIBLE_DBFS, "{} heard Sam at {level} dBFS", party.user.name);
        }
    }

    async fn assert_hold_tone(&self, from: Instant) {
        tokio::time::sleep_until((from + HOLD_BEGINS).into()).await;
        let level = self.caller.ears.loudest(HOLD_HZ, from, Instant::now());
        assert!(level > -36.0, "the caller hears the hold tone at {level} dBFS only");
        for party in [&self.ana, &self.luis, &self.sam] {
            let level = party.ears.loudest(HOLD_HZ, from, Instant::now());
            assert!(level < AUDIBLE_DBFS, "it is the caller's alone, not {}'s", party.user.name);
        }
    }

    async fn assert_no_hold_tone(&self, from: Instant) {
        let until = from + HOLD_PERIOD + HOLD_BEGINS;
        tokio::time::sleep_until(until.into()).await;
        let level = self.caller.ears.loudest(HOLD_HZ, from, until);
        assert!(level < AUDIBLE_DBFS, "the hold tone goes on, at {level} dBFS");
    }

    /// Nobody hears this tone from now on, but for what is on its way.
    fn assert_silent(&self, hz: f32, since: Instant, parties: &[&Party]) {
        for party in parties {
            let level = party.ears.loudest(hz, since + IN_FLIGHT, Instant::now());
            assert!(level < AUDIBLE_DBFS, "{} hears {hz} Hz at {level} dBFS", party.user.name);
        }
    }
}

fn to_queue(consult: bool) -> TransferRequest {
    TransferRequest { to: Destination::Queue("support".to_owned()), note: None, consult }
}

fn to(party: &Party, consult: bool) -> TransferRequest {
    TransferRequest { to: Destination::Agent(party.user.id.clone()), note: None, consult }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blind_transfer_with_a_tone_meanwhile() {
    let scene = Scene::set().await;
    let Scene { caller, ana, luis, call, .. } = &scene;
    let (at_luis, at_ana, at_caller) = (luis.told.mark(), ana.told.mark(), caller.told.mark());
    ana.api.transfer(call, &to_queue(false)).await.unwrap();
    let handed = Instant::now();
    scene.assert_hold_tone(handed).await;
    scene.hear("parked", &[], &[], &[CALLER_HZ], &[]).await;
    scene.assert_silent(ANA_HZ, handed, &[caller, luis]);

    scene.luis_answers(at_luis).await;
    let answered = Instant::now();
    scene.hear("taken", &[LUIS_HZ], &[], &[CALLER_HZ, LUIS_HZ], &[CALLER_HZ]).await;
    scene.assert_no_hold_tone(answered + IN_FLIGHT).await;
    scene.assert_sam_was_never_heard_by(&[caller, luis]);
    // The sender is told who took it, though no longer on the call.
    let ended = ana.told.until(at_ana, "call.handover_ended").await.event;
    let Event::HandoverEnded { by: Some(by), .. } = ended else { panic!("{ended:?}") };
    assert_eq!(by.name, "Luis Herrera");
    let told = caller.told.since(at_caller).concat();
    assert!(told.contains(r#""transferring_to":"Support""#), "{told}");
    for private in ["Sam Okafor", "handover", "supervis"] {
        assert!(!told.contains(private), "{private} in {told}");
    }
    luis.api.hang_up(call).await.unwrap();
    caller.told.until(at_caller, "call.ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_is_cancelled_then_merged_and_goes_on_without_who_began_it() {
    let scene = Scene::set().await;
    let Scene { caller, ana, luis, call, .. } = &scene;
    let (at_luis, at_caller) = (luis.told.mark(), caller.told.mark());
    ana.api.transfer(call, &to(luis, true)).await.unwrap();
    let held = Instant::now();
    scene.assert_hold_tone(held).await;
    scene.luis_answers(at_luis).await;
    let all = [CALLER_HZ, ANA_HZ, LUIS_HZ];
    scene.hear("consulted", &[], &[SAM_HZ, LUIS_HZ], &all, &[ANA_HZ]).await;
    scene.assert_silent(ANA_HZ, held, &[caller]);

    ana.api.consultation(call, ConsultationAction::Cancel).await.unwrap();
    scene.hear("cancelled", &[], &[SAM_HZ], &[CALLER_HZ, ANA_HZ], &[]).await;
    ana.api.resume(call).await.unwrap();
    scene.hear("resumed", &[ANA_HZ], &[CALLER_HZ, SAM_HZ], &[CALLER_HZ, ANA_HZ], &[]).await;
    let level = caller.ears.loudest(LUIS_HZ, scene.began, Instant::now());
    assert!(level < AUDIBLE_DBFS, "the caller heard who was consulted, at {level} dBFS");
    assert!(!caller.told.since(at_caller).concat().contains("Luis"), "nor was told of them");

    let at_luis = luis.told.mark();
    ana.api.transfer(call, &to_queue(true)).await.unwrap();
    scene.luis_answers(at_luis).await;
    scene.hear("again", &[], &[SAM_HZ, LUIS_HZ], &all, &[ANA_HZ]).await;
    ana.api.consultation(call, ConsultationAction::Merge).await.unwrap();
    let merged = Instant::now();
    let (to_ana, to_luis) = ([CALLER_HZ, SAM_HZ, LUIS_HZ], [CALLER_HZ, ANA_HZ]);
    scene.hear("merged", &[ANA_HZ, LUIS_HZ], &to_ana, &all, &to_luis).await;
    scene.assert_no_hold_tone(merged + IN_FLIGHT).await;

    ana.api.hang_up(call).await.unwrap();
    // The whisper was for Ana: it goes with her, and Sam listens.
    scene.hear("without Ana", &[LUIS_HZ], &[], &[CALLER_HZ, LUIS_HZ], &[CALLER_HZ]).await;
    scene.assert_sam_was_never_heard_by(&[caller, luis]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_becomes_a_transfer() {
    let scene = Scene::set().await;
    let Scene { caller, ana, luis, call, .. } = &scene;
    let at_luis = luis.told.mark();
    ana.api.transfer(call, &to_queue(true)).await.unwrap();
    scene.luis_answers(at_luis).await;
    let all = [CALLER_HZ, ANA_HZ, LUIS_HZ];
    scene.hear("consulted", &[], &[SAM_HZ, LUIS_HZ], &all, &[ANA_HZ]).await;
    ana.api.consultation(call, ConsultationAction::Transfer).await.unwrap();
    let handed = Instant::now();
    scene.hear("handed over", &[LUIS_HZ], &[], &[CALLER_HZ, LUIS_HZ], &[CALLER_HZ]).await;
    scene.assert_silent(ANA_HZ, handed, &[caller, luis]);
    scene.assert_sam_was_never_heard_by(&[caller, luis]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_agents_in_conference_of_whom_one_is_coached() {
    let scene = Scene::set().await;
    let Scene { caller, ana, sam, luis, call, .. } = &scene;
    let (at_luis, at_caller) = (luis.told.mark(), caller.told.mark());
    let note = Some("A second opinion, please".to_owned());
    let to = Destination::Queue("support".to_owned());
    ana.api.conference(call, &ConferenceRequest { to, note }).await.unwrap();
    // Nothing changes for the caller while it rings.
    scene.hear("ringing", &[ANA_HZ], &[CALLER_HZ, SAM_HZ], &[CALLER_HZ, ANA_HZ], &[]).await;
    assert_eq!(caller.told.since(at_caller), Vec::<String>::new());
    scene.luis_answers(at_luis).await;
    let all = [CALLER_HZ, ANA_HZ, LUIS_HZ];
    let (to_ana, to_luis) = ([CALLER_HZ, SAM_HZ, LUIS_HZ], [CALLER_HZ, ANA_HZ]);
    scene.hear("conference", &[ANA_HZ, LUIS_HZ], &to_ana, &all, &to_luis).await;
    caller.told.until(at_caller, "leg.joined").await;
    scene.assert_sam_was_never_heard_by(&[caller, luis]);

    // The coach turns to the other agent: from then on Ana hears nothing of Sam.
    let view = sam.api.call(call).await.unwrap();
    let leg_of = |user: &str| view.legs.iter().find(|leg| leg.user == user).unwrap().id.clone();
    let coach = wire::LegUpdate {
        mode: Some(Mode::Whisper),
        coach: Some(leg_of(&luis.user.id)),
        ..wire::LegUpdate::default()
    };
    sam.api.update_leg(call, &leg_of(&sam.user.id), &coach).await.unwrap();
    let turned = Instant::now();
    let (to_ana, to_luis) = ([CALLER_HZ, LUIS_HZ], [CALLER_HZ, ANA_HZ, SAM_HZ]);
    scene.hear("the other coached", &[ANA_HZ, LUIS_HZ], &to_ana, &all, &to_luis).await;
    scene.assert_silent(SAM_HZ, turned, &[ana]);

    ana.api.hang_up(call).await.unwrap();
    scene.hear("without Ana", &[LUIS_HZ], &[], &[CALLER_HZ, LUIS_HZ], &[CALLER_HZ, SAM_HZ]).await;
    scene.assert_sam_was_never_heard_by(&[caller]);
}
