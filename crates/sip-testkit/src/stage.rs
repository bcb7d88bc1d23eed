//! The promise, as tones: a caller hears a supervisor while the mode is Barge or take-over, and never
//! otherwise.

use std::time::{Duration, Instant};

use crate::{PATIENCE, Sound};

/// The tone that the caller says, Hz. No harmonic of one is another, nor a tone of the server's.
pub const CALLER: f32 = 1_211.0;
/// The agent's.
pub const AGENT: f32 = 1_633.0;
/// The supervisor's.
pub const SUPERVISOR: f32 = 2_137.0;

const ALL: [f32; 3] = [CALLER, AGENT, SUPERVISOR];
/// How long is listened each time.
const ATTENTION: Duration = Duration::from_millis(800);
/// What may still be on its way when a change is confirmed: a jitter buffer's length.
const ON_ITS_WAY: Duration = Duration::from_millis(250);

/// What the supervisor does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Begins to listen.
    Begin,
    /// Changes to Listen.
    Listen,
    /// Changes to Whisper.
    Whisper,
    /// Changes to Barge.
    Barge,
    /// Takes the call over.
    TakeOver,
}

/// Somebody who hears.
pub trait Ears {
    /// Which of the tones are heard since then, in most of the time.
    fn tones(&self, of: &[f32], since: Instant) -> Vec<f32>;
}

impl Ears for Sound {
    fn tones(&self, of: &[f32], since: Instant) -> Vec<f32> {
        Sound::tones(self, of, since)
    }
}

/// Caller, agent and supervisor on one call; each says their tone.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// The caller, on a telephone.
    pub caller: &'a Sound,
    /// The agent.
    pub agent: &'a dyn Ears,
    /// The supervisor.
    pub supervisor: &'a dyn Ears,
}

impl Stage<'_> {
    /// Goes through the modes, each by `act`, which returns once the change is confirmed, and holds who hears
    /// whom against the rule.
    pub async fn plays(&self, mut act: impl AsyncFnMut(Act)) {
        self.until_heard("before", [&[AGENT], &[CALLER], &[]]).await;

        act(Act::Begin).await;
        self.assert_unheard("Listen, just begun").await;
        self.until_heard("Listen", [&[AGENT], &[CALLER], &[CALLER, AGENT]]).await;

        act(Act::Whisper).await;
        self.assert_unheard("Whisper, just begun").await;
        self.until_heard("Whisper", [&[AGENT], &[CALLER, SUPERVISOR], &[CALLER, AGENT]]).await;

        act(Act::Barge).await;
        let caller = [AGENT, SUPERVISOR];
        self.until_heard("Barge", [&caller, &[CALLER, SUPERVISOR], &[CALLER, AGENT]]).await;

        act(Act::TakeOver).await;
        let agent = [CALLER, SUPERVISOR];
        self.until_heard("take-over", [&[SUPERVISOR], &agent, &[CALLER]]).await;

        act(Act::Listen).await;
        tokio::time::sleep(ON_ITS_WAY).await;
        self.assert_unheard("Listen again").await;
        self.until_heard("Listen again", [&[AGENT], &[CALLER], &[CALLER, AGENT]]).await;

        let heard = self.caller.packets();
        assert!(heard > 100, "{heard} packets");
    }

    /// Waits until caller, agent and supervisor hear exactly these tones.
    pub async fn until_heard(&self, what: &str, rows: [&[f32]; 3]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let from = Instant::now();
            tokio::time::sleep(ATTENTION).await;
            let ears: [&dyn Ears; 3] = [self.caller, self.agent, self.supervisor];
            let heard = ears.map(|ears| ears.tones(&ALL, from));
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
        assert!(!self.caller.ever(SUPERVISOR, from), "{what}: the caller hears the supervisor");
    }
}
