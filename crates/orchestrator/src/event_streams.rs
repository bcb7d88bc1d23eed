//! What waits to be sent on each event stream, and how it gets there.
//!
//! Publications come from the control plane in order. One task renders each of them once, outside
//! the control plane's lock, and hands the same text to everybody it is for; only the number in
//! front is the stream's own. A reader who falls behind is never waited for: of news that tell how
//! something now is, the last one is kept, and if too much waits all the same, all of it is dropped and
//! the reader gets a fresh snapshot. It decides nothing about who is told what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use control_plane::{Delivery, Ending, LegNames, News, Publication, StreamId};
use interaction::Disclosed;
use tokio::sync::{mpsc, oneshot};

use crate::outbox::{About, Message, Waiting, lock};
pub use crate::outbox::{Messages, Next, OUTGOING_MESSAGES_MAX, Outbox};

/// Publications that may wait to be rendered; beyond, every reader begins again with a snapshot.
pub const PUBLICATIONS_MAX: usize = 65_536;

/// Puts a piece of news into the words of the API, as a JSON object; `None`: there is nothing to say.
pub type Render = fn(&LegNames, &News) -> Option<String>;

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
    waiting: Arc<Waiting>,
    /// Taken once the stream is being ended; nothing is sent from then on.
    ending: Option<oneshot::Sender<Ending>>,
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
                            send(&outboxes, &publication, &event.into());
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
        let waiting = Arc::new(Waiting::default());
        let (ending, ended) = oneshot::channel();
        let mut outboxes = lock(&self.outboxes);
        outboxes.insert(id, Sender { waiting: waiting.clone(), ending: Some(ending) });
        metrics::gauge!("sotto_event_streams").set(outboxes.len() as f64);
        Outbox { messages: Messages::of(waiting), ending: ended }
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
        let Err(mpsc::error::TrySendError::Full(item)) = self.queue.try_send(item) else { return };
        metrics::counter!("sotto_publications_lost_total").increment(1);
        let mut outboxes = lock(&self.outboxes);
        match item {
            // Nobody may miss a number unnoticed: everybody begins again.
            Item::Publish(_) => outboxes.values().for_each(|sender| sender.waiting.fall_behind()),
            // What was to be told before it is lost with what waits.
            Item::End(id, ending) => {
                if let Some(sender) = outboxes.get_mut(&id) {
                    sender.end(ending);
                }
            }
            Item::EndAll(ending) => outboxes.values_mut().for_each(|sender| sender.end(ending)),
        }
    }
}

/// Puts a publication, which is this event, into each outbox that it is for.
fn send(outboxes: &Mutex<HashMap<StreamId, Sender>>, publication: &Publication, event: &Arc<str>) {
    let outboxes = lock(outboxes);
    let message = Message {
        is_numbered: publication.delivery == Delivery::Reliable,
        at: publication.at.0,
        event: event.clone(),
        about: about(&publication.news),
    };
    let begins_anew = matches!(publication.news, News::Snapshot(_));
    for id in &publication.to {
        if let Some(sender) = outboxes.get(id).filter(|sender| sender.ending.is_some()) {
            sender.waiting.put(message.clone(), begins_anew);
        }
    }
}

/// Of what the news tells the present state, and nothing else. Who came, went or supervises is told
/// step by step.
fn about(news: &News) -> Option<About> {
    match news {
        News::Call(sight, Disclosed::MuteChanged(leg)) => Some(About::Mute(sight.card.id, leg.id)),
        News::Call(sight, Disclosed::MediaLostChanged(leg)) => {
            Some(About::MediaLost(sight.card.id, leg.id))
        }
        News::Call(sight, Disclosed::EchoChanged(leg)) => Some(About::Echo(sight.card.id, leg.id)),
        News::CallUpdated(sight) => Some(About::Call(sight.card.id)),
        News::Presence(agent) => Some(About::Presence(agent.user)),
        News::ConversationUpdated(sight) => Some(About::Conversation(sight.card.id)),
        News::Snapshot(_)
        | News::TextSnapshot(_)
        | News::Call(..)
        | News::CallOffered(..)
        | News::CallOfferEnded(_)
        | News::CallHandoverEnded(..)
        | News::StationChanged(..)
        | News::StationClosed(..)
        | News::Meters(_)
        | News::CallMoods(_)
        | News::Conversation(_)
        | News::NotDelivered(..)
        | News::Tagged(..)
        | News::ConversationOffered(_)
        | News::ConversationOfferEnded(..)
        | News::ConversationHandoverEnded(..)
        | News::QueueList(..)
        | News::Chat(..) => None,
    }
}

impl Sender {
    fn end(&mut self, ending: Ending) {
        if let Some(sender) = self.ending.take() {
            // Nobody waits any more when the socket is gone already; it will say so itself.
            let _ = sender.send(ending);
        }
    }
}

#[cfg(test)]
mod tests {
    use control_plane::{AgentSight, News};
    use interaction::offers::Presence;
    use interaction::{StationEnd, StationId, UnixMs, UserId};

    use super::*;
    use crate::outbox::envelope;

    const ID: StreamId = StreamId(1);
    const EVENT: &str = r#"{"type":"station.closed","station":"1","reason":"lost"}"#;

    fn streams() -> EventStreams {
        EventStreams::new(LegNames::default(), |_, _| Some(EVENT.to_owned())).0
    }

    fn publication(delivery: Delivery) -> Publication {
        let news = News::StationClosed(StationId(1), StationEnd::Lost);
        Publication { at: UnixMs(7), news, to: vec![ID], delivery }
    }

    fn sent(streams: &EventStreams, delivery: Delivery) {
        send(&streams.outboxes, &publication(delivery), &EVENT.into());
    }

    /// An agent's presence, told as the number `n`.
    fn presence(streams: &EventStreams, agent: u64, n: u32) {
        let sight = AgentSight {
            user: UserId(agent),
            name: String::new(),
            queues: Vec::new(),
            presence: Presence::Ready,
            reason: None,
            since: UnixMs(1),
            until: None,
        };
        let publication =
            Publication { news: News::Presence(sight), ..publication(Delivery::Reliable) };
        send(&streams.outboxes, &publication, &format!("{{\"n\":{n}}}").into());
    }

    fn snapshot(streams: &EventStreams) {
        let me = control_plane::testing::agent(1, "Ana");
        let snapshot = control_plane::Snapshot {
            me,
            calls: Vec::new(),
            agents: Vec::new(),
            offer: None,
            notify_agent_on_listen: None,
        };
        let news = News::Snapshot(Box::new(snapshot));
        send(
            &streams.outboxes,
            &Publication { news, ..publication(Delivery::Reliable) },
            &"{\"n\":0}".into(),
        );
    }

    fn taken(outbox: &Outbox) -> Option<Next> {
        outbox.messages.take()
    }

    fn waiting(outbox: &Outbox) -> usize {
        outbox.messages.len()
    }

    fn text(next: Option<Next>) -> String {
        match next {
            Some(Next::Message(text)) => text,
            other => panic!("no message: {other:?}"),
        }
    }

    #[test]
    fn numbers_are_contiguous_and_lossy_messages_have_none() {
        let streams = streams();
        let outbox = streams.open(ID);
        sent(&streams, Delivery::Reliable);
        let first = text(taken(&outbox));
        sent(&streams, Delivery::Lossy);
        sent(&streams, Delivery::Reliable);
        let rest = [text(taken(&outbox)), text(taken(&outbox))];
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
    fn a_slow_reader_begins_anew_and_is_not_ended() {
        let streams = streams();
        let mut outbox = streams.open(ID);
        sent(&streams, Delivery::Reliable);
        text(taken(&outbox));
        for _ in 0..=OUTGOING_MESSAGES_MAX {
            sent(&streams, Delivery::Reliable);
        }
        assert_eq!(taken(&outbox), Some(Next::Resynchronise));
        sent(&streams, Delivery::Reliable);
        sent(&streams, Delivery::Lossy);
        assert_eq!(taken(&outbox), None, "what a snapshot does not rest on would be a gap");
        snapshot(&streams);
        sent(&streams, Delivery::Reliable);
        assert_eq!(
            text(taken(&outbox)),
            "{\"seq\":1,\"at\":7,\"n\":0}",
            "and no number is missing"
        );
        assert!(text(taken(&outbox)).starts_with("{\"seq\":2,"));
        assert!(outbox.ending.try_recv().is_err());
    }

    #[test]
    fn of_states_the_last_one_waits_and_the_order_of_all_else_stays() {
        let streams = streams();
        let outbox = streams.open(ID);
        for n in 0..10_000 {
            presence(&streams, u64::from(n % 2), n);
        }
        assert_eq!(waiting(&outbox), 2, "one for each of them");
        sent(&streams, Delivery::Reliable);
        presence(&streams, 0, 10_000);
        let told: Vec<String> =
            std::iter::from_fn(|| taken(&outbox)).map(|it| text(Some(it))).collect();
        let expected = ["\"n\":9998", "\"n\":9999", "station.closed", "\"n\":10000"];
        assert_eq!(told.len(), expected.len());
        assert!(told.iter().zip(expected).all(|(told, part)| told.contains(part)), "{told:?}");
    }

    #[test]
    fn lossy_messages_wait_for_an_empty_outbox() {
        let streams = streams();
        let outbox = streams.open(ID);
        sent(&streams, Delivery::Reliable);
        sent(&streams, Delivery::Lossy);
        assert_eq!(waiting(&outbox), 1);
        text(taken(&outbox));
        sent(&streams, Delivery::Lossy);
        assert_eq!(waiting(&outbox), 1);
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
        assert_eq!(waiting(&outbox), 1);
    }
}
