//! What waits to be sent on each event stream, and how it gets there.
//!
//! Publications come from the control plane in order. One task renders each of them once, outside
//! the control plane's lock, and hands the same text to everybody it is for; only the number in
//! front is the stream's own. A reader who falls behind is closed, never waited for. It decides
//! nothing about who is told what.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use control_plane::{Delivery, Ending, LegNames, News, Publication, StreamId};
use tokio::sync::{mpsc, oneshot};

/// Messages that may wait on one stream before its reader counts as too slow.
pub const OUTGOING_MESSAGES_MAX: usize = 256;
/// Publications that may wait to be rendered; beyond it every reader begins again with a snapshot.
pub const PUBLICATIONS_MAX: usize = 65_536;

/// Puts a piece of news into the words of the API, as a JSON object; `None`: there is nothing to say.
pub type Render = fn(&LegNames, &News) -> Option<String>;

/// What the socket takes.
#[derive(Debug)]
pub struct Outbox {
    /// The messages, ready to be sent.
    pub messages: mpsc::Receiver<String>,
    /// Resolves when the server ends the stream.
    pub ending: oneshot::Receiver<Ending>,
}

/// The outboxes of all event streams. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EventStreams {
    outboxes: Arc<Mutex<HashMap<StreamId, Sender>>>,
    queue: mpsc::Sender<Item>,
}

#[derive(Debug)]
enum Item {
    Publish(Publication),
    End(StreamId, Ending),
    EndAll(Ending),
}

#[derive(Debug)]
struct Sender {
    messages: mpsc::Sender<String>,
    /// Taken once the stream is being ended; nothing is sent from then on.
    ending: Option<oneshot::Sender<Ending>>,
    next_seq: u64,
}

/// The WebSocket close code (RFC 6455 §7.4; 4000–4999 are ours) and the reason given.
pub fn close_frame(ending: Ending) -> (u16, &'static str) {
    match ending {
        Ending::TooSlow => (4008, "too slow: messages were not read in time; connect again"),
        Ending::RightsChanged => (4001, "rights or sign-in changed; connect again"),
        Ending::SignInEnded => (4003, "the sign-in has ended; sign in again"),
        Ending::Silent => (4009, "nothing heard for too long; connect again"),
        Ending::BadMessage => (1008, "the message is not one of this API"),
        Ending::Broken => (1002, "the message is too large or breaks the protocol"),
        Ending::Stopping => (1001, "the server stops"),
    }
}

/// The name in the metrics.
pub fn ending_name(ending: Ending) -> &'static str {
    match ending {
        Ending::TooSlow => "too_slow",
        Ending::RightsChanged => "rights_changed",
        Ending::SignInEnded => "sign_in_ended",
        Ending::Silent => "silent",
        Ending::BadMessage => "bad_message",
        Ending::Broken => "broken",
        Ending::Stopping => "stopping",
    }
}

impl EventStreams {
    /// No stream is open yet; the future renders and sends until the last copy is dropped.
    pub fn new(
        names: LegNames,
        render: Render,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, mut items) = mpsc::channel(PUBLICATIONS_MAX);
        let streams = Self { outboxes: Arc::default(), queue };
        let outboxes = streams.outboxes.clone();
        let publish = async move {
            while let Some(item) = items.recv().await {
                match item {
                    Item::Publish(publication) => {
                        if let Some(event) = render(&names, &publication.news) {
                            send(&outboxes, &publication, &event);
                        }
                    }
                    Item::End(id, ending) => {
                        if let Some(sender) = lock(&outboxes).get_mut(&id) {
                            sender.end(ending);
                        }
                    }
                    Item::EndAll(ending) => {
                        lock(&outboxes).values_mut().for_each(|sender| sender.end(ending));
                    }
                }
            }
        };
        (streams, publish)
    }

    /// A stream is open: what is published on it from now on waits in the outbox.
    pub fn open(&self, id: StreamId) -> Outbox {
        let (messages, receiver) = mpsc::channel(OUTGOING_MESSAGES_MAX);
        let (ending, ended) = oneshot::channel();
        let mut outboxes = lock(&self.outboxes);
        outboxes.insert(id, Sender { messages, ending: Some(ending), next_seq: 0 });
        metrics::gauge!("sotto_event_streams").set(outboxes.len() as f64);
        Outbox { messages: receiver, ending: ended }
    }

    /// A stream is over.
    pub fn close(&self, id: StreamId) {
        let mut outboxes = lock(&self.outboxes);
        outboxes.remove(&id);
        metrics::gauge!("sotto_event_streams").set(outboxes.len() as f64);
    }

    /// Tells, after everything that was published before. Never waits.
    pub fn publish(&self, publication: Publication) {
        self.put(Item::Publish(publication));
    }

    /// Ends a stream, after everything that was published before.
    pub fn end(&self, id: StreamId, ending: Ending) {
        self.put(Item::End(id, ending));
    }

    /// Ends all streams, after everything that was published before.
    pub fn end_all(&self, ending: Ending) {
        self.put(Item::EndAll(ending));
    }

    fn put(&self, item: Item) {
        if self.queue.try_send(item).is_err() {
            // Nobody may miss a number unnoticed: everybody begins again.
            metrics::counter!("sotto_publications_lost_total").increment(1);
            lock(&self.outboxes).values_mut().for_each(|sender| sender.end(Ending::TooSlow));
        }
    }
}

/// Puts a publication, which is this event, into each outbox that it is for.
fn send(outboxes: &Mutex<HashMap<StreamId, Sender>>, publication: &Publication, event: &str) {
    let mut outboxes = lock(outboxes);
    for id in &publication.to {
        let Some(sender) = outboxes.get_mut(id) else { continue };
        match publication.delivery {
            Delivery::Reliable => {
                let seq = sender.next_seq;
                sender.next_seq += 1;
                sender.enqueue(envelope(Some(seq), publication.at.0, event));
            }
            Delivery::Lossy if sender.is_idle() => {
                sender.enqueue(envelope(None, publication.at.0, event));
            }
            Delivery::Lossy => {}
        }
    }
}

/// A [`wire::Envelope`] around an event that has been written as a JSON object.
fn envelope(seq: Option<u64>, at: u64, event: &str) -> String {
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

impl Sender {
    fn is_idle(&self) -> bool {
        self.messages.capacity() == OUTGOING_MESSAGES_MAX
    }

    fn enqueue(&mut self, message: String) {
        if self.ending.is_some() && self.messages.try_send(message).is_err() {
            self.end(Ending::TooSlow);
        }
    }

    fn end(&mut self, ending: Ending) {
        if let Some(sender) = self.ending.take() {
            // Nobody waits any more when the socket is gone already; it will say so itself.
            let _ = sender.send(ending);
        }
    }
}

/// A panic while it was held left every outbox whole: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use control_plane::News;
    use interaction::{StationEnd, StationId, UnixMs};

    use super::*;

    const ID: StreamId = StreamId(1);
    const EVENT: &str = r#"{"type":"station.closed","station":"1","reason":"lost"}"#;

    fn publication(delivery: Delivery) -> Publication {
        let news = News::StationClosed(StationId(1), StationEnd::Lost);
        Publication { at: UnixMs(7), news, to: vec![ID], delivery }
    }

    fn sent(streams: &EventStreams, delivery: Delivery) {
        send(&streams.outboxes, &publication(delivery), EVENT);
    }

    #[test]
    fn numbers_are_contiguous_and_lossy_messages_have_none() {
        let (streams, _publish) =
            EventStreams::new(LegNames::default(), |_, _| Some(EVENT.to_owned()));
        let mut outbox = streams.open(ID);
        sent(&streams, Delivery::Reliable);
        let first = outbox.messages.try_recv().unwrap();
        sent(&streams, Delivery::Lossy);
        sent(&streams, Delivery::Reliable);
        let rest = std::iter::from_fn(|| outbox.messages.try_recv().ok());
        let seqs: Vec<Option<u64>> = std::iter::once(first)
            .chain(rest)
            .map(|text| serde_json::from_str::<wire::Envelope>(&text).unwrap().seq)
            .collect();
        assert_eq!(seqs, [Some(0), None, Some(1)]);
    }

    #[test]
    fn the_envelope_is_as_serde_writes_it() {
        let event =
            wire::Event::StationClosed { station: "1".to_owned(), reason: wire::StationEnd::Lost };
        let body = serde_json::to_string(&event).unwrap();
        for seq in [None, Some(12)] {
            let whole = wire::Envelope { seq, at: 34, event: event.clone() };
            assert_eq!(envelope(seq, 34, &body), serde_json::to_string(&whole).unwrap());
        }
    }

    #[test]
    fn a_slow_reader_is_ended_and_gets_nothing_more() {
        let (streams, _publish) =
            EventStreams::new(LegNames::default(), |_, _| Some(EVENT.to_owned()));
        let mut outbox = streams.open(ID);
        for _ in 0..OUTGOING_MESSAGES_MAX {
            sent(&streams, Delivery::Reliable);
        }
        assert!(outbox.ending.try_recv().is_err());
        sent(&streams, Delivery::Reliable);
        assert_eq!(outbox.ending.try_recv(), Ok(Ending::TooSlow));
        outbox.messages.try_recv().unwrap();
        sent(&streams, Delivery::Reliable);
        assert_eq!(outbox.messages.len(), OUTGOING_MESSAGES_MAX - 1, "a gap would show");
    }

    #[test]
    fn lossy_messages_wait_for_an_empty_outbox() {
        let (streams, _publish) =
            EventStreams::new(LegNames::default(), |_, _| Some(EVENT.to_owned()));
        let mut outbox = streams.open(ID);
        sent(&streams, Delivery::Reliable);
        sent(&streams, Delivery::Lossy);
        assert_eq!(outbox.messages.len(), 1);
        outbox.messages.try_recv().unwrap();
        sent(&streams, Delivery::Lossy);
        assert_eq!(outbox.messages.len(), 1);
    }

    #[tokio::test]
    async fn what_was_published_before_the_end_is_sent_before_it() {
        let (streams, publish) =
            EventStreams::new(LegNames::default(), |_, _| Some(EVENT.to_owned()));
        let mut outbox = streams.open(ID);
        streams.publish(publication(Delivery::Reliable));
        streams.end(ID, Ending::RightsChanged);
        streams.publish(publication(Delivery::Reliable));
        drop(streams);
        publish.await;
        assert_eq!(outbox.ending.try_recv(), Ok(Ending::RightsChanged));
        assert_eq!(outbox.messages.len(), 1);
    }
}
