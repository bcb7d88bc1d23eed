//! One call's replay: both sides in lockstep, whoever sends them.
//!
//! The caller registers a [`Plan`] under the call's id on the [`Plans`]; the agent who answers
//! finds it there. Each side paces itself from the one moment at which the call began, so they
//! stay together without talking to each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use client::ClientError;
use client::clip::{Clip, Pacer};
use client::events::Events;
use client::media::{MediaError, OpusFrame};
use client::session::Session;
use codec::CodecError;
use recordings::Recording;
use tokio::time::Instant;
use wire::{Envelope, Event};

/// From the answer until the first word: both sides know of the answer by then.
const LEAD_IN: Duration = Duration::from_millis(200);

/// What both sides of a call say.
#[derive(Debug)]
pub struct Script {
    /// The queue that the caller calls, by key.
    pub queue: String,
    /// The caller's name.
    pub caller_name: String,
    /// What the caller says.
    pub caller: Clip,
    /// What the agent says; as long as the caller's side.
    pub agent: Clip,
}

impl Script {
    /// The recording, ready to be said.
    ///
    /// # Errors
    /// A packet that is no Opus.
    pub fn new(recording: Recording) -> Result<Self, CodecError> {
        Ok(Self {
            caller: Clip::from_packets(&recording.caller)?,
            agent: Clip::from_packets(&recording.agent)?,
            queue: recording.queue,
            caller_name: recording.caller_name,
        })
    }
}

/// How a call will go.
#[derive(Debug)]
pub struct Plan {
    /// What is said.
    pub script: Arc<Script>,
    /// The queue called, by key.
    pub queue: String,
    /// Where in the recording the call begins, frames.
    pub from_frame: usize,
    /// Who hangs up at the end.
    pub caller_hangs_up: bool,
    /// How often it is said over from the beginning.
    again: usize,
    began: OnceLock<Instant>,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The left channel.
    Caller,
    /// The right channel.
    Agent,
}

impl Plan {
    /// A plan for a call that has not begun.
    pub fn new(
        script: Arc<Script>,
        queue: String,
        from_frame: usize,
        caller_hangs_up: bool,
    ) -> Self {
        Self { script, queue, from_frame, caller_hangs_up, again: 0, began: OnceLock::new() }
    }

    /// The same, said over so often: a longer call.
    #[must_use]
    pub fn again(self, times: usize) -> Self {
        Self { again: times, ..self }
    }

    /// When the first word is due; set by whoever asks first.
    pub fn first_word(&self) -> Instant {
        *self.began.get_or_init(|| Instant::now() + LEAD_IN)
    }

    /// What a side says from where the call begins.
    pub fn frames(&self, side: Side) -> impl Iterator<Item = &OpusFrame> {
        let whole = self.clip(side).frames();
        let rest = whole.get(self.from_frame..).unwrap_or_default();
        rest.iter().chain(std::iter::repeat_n(whole, self.again).flatten())
    }

    fn clip(&self, side: Side) -> &Clip {
        match side {
            Side::Caller => &self.script.caller,
            Side::Agent => &self.script.agent,
        }
    }
}

/// The plans of the calls under way, by call id.
#[derive(Debug, Default)]
pub struct Plans(Mutex<HashMap<String, Arc<Plan>>>);

impl Plans {
    /// Puts a plan up.
    pub fn put(&self, call: &str, plan: Arc<Plan>) {
        self.lock().insert(call.to_owned(), plan);
    }

    /// The plan of a call, if one of ours placed it.
    pub fn get(&self, call: &str) -> Option<Arc<Plan>> {
        self.lock().get(call).cloned()
    }

    /// Takes a plan down.
    pub fn remove(&self, call: &str) {
        self.lock().remove(call);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Plan>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a side's part came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is said; the call still stands.
    Finished,
    /// The other side, or the server, ended the call.
    Ended,
}

/// Says one side of the plan on the session's station until it is through or the call is over.
///
/// # Errors
/// The station or the event stream is gone.
pub async fn replay(
    plan: &Plan,
    side: Side,
    call: &str,
    session: &Session,
    events: &mut Events,
) -> Result<Outcome, ClientError> {
    let station = session.station()?;
    let mut pacer = Pacer::from(plan.first_word());
    for frame in plan.frames(side) {
        loop {
            tokio::select! {
                () = pacer.tick() => break,
                event = events.next() => if is_over(event?, call, session)? {
                    return Ok(Outcome::Ended);
                },
            }
        }
        station.send(frame).await?;
    }
    Ok(Outcome::Finished)
}

/// Waits for the end of the call, in silence, for as long as `patience`.
///
/// # Errors
/// The event stream is gone.
pub async fn await_end(
    call: &str,
    session: &Session,
    events: &mut Events,
    patience: Duration,
) -> Result<Outcome, ClientError> {
    let ended = async {
        while !is_over(events.next().await?, call, session)? {}
        Ok(Outcome::Ended)
    };
    tokio::time::timeout(patience, ended).await.unwrap_or(Ok(Outcome::Finished))
}

fn is_over(envelope: Option<Envelope>, call: &str, session: &Session) -> Result<bool, ClientError> {
    match envelope.ok_or(ClientError::EventsEnded)?.event {
        Event::CallEnded { call: ended } => Ok(ended.id == call),
        Event::StationClosed { station, .. } if station == session.station_id()? => {
            Err(MediaError::Closed.into())
        }
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_begin_at_the_same_moment() {
        let clip = Clip::new(Vec::new());
        let script = Script {
            queue: "support".to_owned(),
            caller_name: "C".to_owned(),
            caller: clip.clone(),
            agent: clip,
        };
        let plans = Plans::default();
        let plan = Plan::new(Arc::new(script), "support".to_owned(), 0, true);
        plans.put("1", Arc::new(plan));
        let (caller, agent) = (plans.get("1").unwrap(), plans.get("1").unwrap());
        let first = caller.first_word();
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(first, agent.first_word());
        assert!(plans.get("2").is_none());
        plans.remove("1");
        assert!(plans.get("1").is_none());
    }
}
