//! What waits on one event stream, between the task that renders and the one that sends.
//!
//! Numbers are given when a message is taken, so that what is left out leaves no gap. Too much is not
//! kept: all of it goes, and the reader begins again with a snapshot.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use control_plane::Ending;
use interaction::{CallId, ConversationId, LegId, UserId};
use tokio::sync::{Notify, oneshot};

/// Messages that may wait on one stream; beyond, its reader begins again with a snapshot.
pub const OUTGOING_MESSAGES_MAX: usize = 256;
/// What the socket takes.
#[derive(Debug)]
pub struct Outbox {
    /// What waits.
    pub messages: Messages,
    /// Resolves when the server ends the stream.
    pub ending: oneshot::Receiver<Ending>,
}

/// The messages that wait on one stream.
#[derive(Debug)]
pub struct Messages(Arc<Waiting>);

/// What the socket has to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Message(String),
    /// Ask for a fresh snapshot: something was left out.
    Resynchronise,
}

/// Between the task that renders and the one that sends.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    lane: Mutex<Lane>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Lane {
    messages: VecDeque<Message>,
    /// Given when a message is taken, so that what is left out leaves no gap.
    next_seq: u64,
    state: LaneState,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LaneState {
    /// Nothing is missing.
    #[default]
    Live,
    /// Something was left out: until the next snapshot nothing can be told.
    Behind,
    /// The snapshot is asked for.
    Asked,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub is_numbered: bool,
    pub at: u64,
    pub event: Arc<str>,
    pub about: Option<About>,
}

/// What a message tells the present state of, so that a newer one makes it superfluous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Mute(CallId, LegId),
    MediaLost(CallId, LegId),
    Echo(CallId, LegId),
    Call(CallId),
    Presence(UserId),
    Conversation(ConversationId),
}

impl Messages {
    pub(crate) fn of(waiting: Arc<Waiting>) -> Self {
        Self(waiting)
    }

    /// What is to be done now, if anything.
    pub fn take(&self) -> Option<Next> {
        self.0.take()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.0.lane).messages.len()
    }

    /// Waits for the next thing to do. Cancel-safe.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.0.wake.notified().await;
        }
    }
}

impl Waiting {
    fn take(&self) -> Option<Next> {
        let mut lane = lock(&self.lane);
        if let Some(message) = lane.messages.pop_front() {
            let seq = message.is_numbered.then_some(lane.next_seq);
            lane.next_seq += u64::from(message.is_numbered);
            return Some(Next::Message(envelope(seq, message.at, &message.event)));
        }
        (lane.state == LaneState::Behind).then(|| {
            lane.state = LaneState::Asked;
            Next::Resynchronise
        })
    }

    /// Puts one more behind what waits. After something was left out only one that begins anew is taken.
    pub fn put(&self, message: Message, begins_anew: bool) {
        let mut lane = lock(&self.lane);
        match lane.state {
            LaneState::Live => {}
            LaneState::Behind | LaneState::Asked if begins_anew => lane.state = LaneState::Live,
            LaneState::Behind | LaneState::Asked => return,
        }
        if !message.is_numbered && !lane.messages.is_empty() {
            return;
        }
        lane.drop_superfluous(message.about);
        let is_full = lane.messages.len() >= OUTGOING_MESSAGES_MAX;
        if !is_full {
            lane.messages.push_back(message);
        }
        drop(lane);
        match is_full {
            true => self.fall_behind(),
            false => self.wake.notify_one(),
        }
    }

    /// Something can't be told.
    pub fn fall_behind(&self) {
        let mut lane = lock(&self.lane);
        lane.messages.clear();
        lane.state = LaneState::Behind;
        drop(lane);
        metrics::counter!("sotto_event_streams_behind_total").increment(1);
        self.wake.notify_one();
    }
}

impl Lane {
    /// Drops what a newer message about the same makes superfluous, as long as nothing stands between
    /// them but other news of that sort: the order of all else stays as it was.
    fn drop_superfluous(&mut self, about: Option<About>) {
        let Some(about) = about else { return };
        let states = self.messages.iter().rev().take_while(|it| it.about.is_some());
        if let Some(back) = states.clone().position(|it| it.about == Some(about)) {
            let index = self.messages.len() - 1 - back;
            self.messages.remove(index);
        }
    }
}

/// A [`wire::Envelope`] around an event that has been written as a JSON object.
pub(crate) fn envelope(seq: Option<u64>, at: u64, event: &str) -> String {
    let mut message = String::with_capacity(event.len() + 48);
    message.push('{');
    if let Some(seq) = seq {
        // Writing to a string does not fail.
        let _ = write!(message, "\"seq\":{seq},");
    }
    let _ = write!(message, "\"at\":{at},");
    message.push_str(&event[1..]);
    message
}

/// A panic while it was held left every outbox whole: each is changed in one step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
