//! The promise, for a caller on the telephone: they hear a supervisor while the mode is Barge, and never
//! otherwise.

use std::time::{Duration, Instant};

use interaction::ModeKind::{Barge, Listen, Whisper};

use crate::centre::{Centre, PATIENCE, Person};
use crate::phone::Phone;

/// No harmonic of one is another, nor a tone of the server's.
const CALLER: f32 = 1_211.0;
const AGENT: f32 = 1_633.0;
const SUPERVISOR: f32 = 2_137.0;
const ALL: [f32; 3] = [CALLER, AGENT, SUPERVISOR];
/// How long is listened each time.
const ATTENTION: Duration = Duration::from_millis(800);

struct Stage {
    phone: Phone,
    agent: Person,
    supervisor: Person,
}

impl Stage {
    /// Waits until caller, agent and supervisor hear exactly these tones.
    async fn until_heard(&self, what: &str, rows: [&[f32]; 3]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let from = Instant::now();
            tokio::time::sleep(ATTENTION).await;
            let ends = [&self.phone.sound, &self.agent.sound, &self.supervisor.sound];
            let heard = ends.map(|end| end.tones(&ALL, from));
            if heard.iter().zip(rows).all(|(heard, row)| heard == row) {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: heard {heard:?} instead of {rows:?}");
        }
    }

    /// For a while the caller hears nothing of the supervisor, not even in a tenth of a second.
    async fn assert_unheard(&self, what: &str) {
        let from = Instant::now();
        tokio::time::sleep(ATTENTION).await;
        assert!(
            !self.phone.sound.ever(SUPERVISOR, from),
            "{what}: the caller hears the supervisor"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_on_the_telephone_hears_a_supervisor_in_barge_and_never_otherwise() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", AGENT).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let call = agent.take().await.sight.card.id;
    let phone = calling.await.unwrap();
    let stage = Stage { phone, agent, supervisor };
    stage.until_heard("before", [&[AGENT], &[CALLER], &[]]).await;

    let leg = stage.supervisor.listen(call).await;
    stage.assert_unheard("Listen, just begun").await;
    stage.until_heard("Listen", [&[AGENT], &[CALLER], &[CALLER, AGENT]]).await;

    stage.supervisor.mode(call, &leg, Whisper).await;
    stage.assert_unheard("Whisper, just begun").await;
    stage.until_heard("Whisper", [&[AGENT], &[CALLER, SUPERVISOR], &[CALLER, AGENT]]).await;

    stage.supervisor.mode(call, &leg, Barge).await;
    let caller = [AGENT, SUPERVISOR];
    stage.until_heard("Barge", [&caller, &[CALLER, SUPERVISOR], &[CALLER, AGENT]]).await;

    stage.supervisor.mode(call, &leg, Listen).await;
    // What was on its way when the answer came.
    tokio::time::sleep(Duration::from_millis(250)).await;
    stage.assert_unheard("Listen again").await;
    stage.until_heard("Listen again", [&[AGENT], &[CALLER], &[CALLER, AGENT]]).await;

    let heard = stage.phone.sound.packets();
    assert!(heard > 100, "{heard} packets");
    stage.phone.hang_up().await;
    stage.agent.until_no_call().await;
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
