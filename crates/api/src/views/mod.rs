//! From the domain to the wire: what one kind of reader is shown, put into the API's words.
//!
//! Who is shown what has been decided before it comes here. Nothing here looks at a single reader:
//! a [`News`] is rendered once for everybody who sees it alike.

use control_plane::{
    AgentSight, CallFigures, ConversationOffer, Destinations, LegNames, News, QueueAvailability,
    Snapshot, TextFigures, TextSnapshot,
};
use interaction::offers::Presence;
use wire::{
    AgentDestination, AgentView, CallMood, DestinationList, Event, MoodView, PolicyView,
    PresenceState, QueueDestination, TextEvent,
};

use crate::people::user_view;
use orchestrator::ShownCall;

pub mod call;
pub mod chat;
pub mod conversation;
pub mod station;
#[cfg(test)]
mod tests;

/// An event of calls or of text.
#[derive(Debug)]
pub enum Rendered {
    /// Of calls, presence and stations.
    Call(Event),
    /// Of conversations and chats.
    Text(TextEvent),
}

/// The news as a JSON object; `None`: there is nothing to say.
pub fn render(names: &LegNames, news: &News) -> Option<String> {
    let written = match event(names, news)? {
        Rendered::Call(event) => serde_json::to_string(&event),
        Rendered::Text(event) => serde_json::to_string(&event),
    };
    Some(written.expect("events are texts, numbers and lists under text keys"))
}

/// The news as an event of the API.
pub fn event(names: &LegNames, news: &News) -> Option<Rendered> {
    Some(match news {
        News::Snapshot(it) => Event::Snapshot(Box::new(snapshot(names, it))).into(),
        News::Call(sight, disclosed) => call::event(names, sight, disclosed)?.into(),
        News::CallUpdated(sight) => Event::CallUpdated { call: call::call(names, sight) }.into(),
        News::CallOffered(sight, expires_at) => {
            let offer = call::offer(names, sight, *expires_at);
            let wire::Offer { call, handover, expires_at } = offer;
            Event::CallOffered { call, handover, expires_at }.into()
        }
        News::CallOfferEnded(call) => Event::CallOfferEnded { call: call.to_string() }.into(),
        News::CallHandoverEnded(card, handover, outcome) => {
            call::handover_ended(card, handover, *outcome).into()
        }
        News::Presence(it) => Event::PresenceChanged { agent: agent(it) }.into(),
        News::StationChanged(id, state) => {
            Event::StationChanged { station: station::station(*id, *state) }.into()
        }
        News::StationClosed(id, end) => {
            let reason = station::end(*end);
            Event::StationClosed { station: id.to_string(), reason }.into()
        }
        News::Meters(calls) => {
            let calls = calls.iter().map(call::meters).collect();
            Event::Meters { calls }.into()
        }
        News::CallMoods(calls) => {
            let mood = |(id, figures): &(interaction::CallId, CallFigures)| {
                let (mood, talk) = call::mood(figures);
                CallMood { call: id.to_string(), mood, talk }
            };
            Event::Moods { calls: calls.iter().map(mood).collect() }.into()
        }
        News::TextSnapshot(it) => TextEvent::Snapshot(Box::new(text_snapshot(it))).into(),
        News::Conversation(it) => conversation::event(it).into(),
        News::ConversationUpdated(it) => {
            TextEvent::Updated { conversation: conversation::conversation(it) }.into()
        }
        News::NotDelivered(id, public, why) => TextEvent::NotDelivered {
            conversation: id.to_string(),
            public: *public,
            failure: conversation::failure(why),
        }
        .into(),
        News::Tagged(it, by) => TextEvent::Tagged {
            conversation: conversation::conversation(it),
            by: conversation::user_ref(&it.card, *by),
        }
        .into(),
        News::ConversationOffered(it) => TextEvent::Offered(offer(it)).into(),
        News::ConversationOfferEnded(id, handover) => TextEvent::OfferEnded {
            conversation: id.to_string(),
            handover: handover.map(|id| id.0.to_string()),
            taken_by: None,
        }
        .into(),
        News::ConversationHandoverEnded(card, handover, outcome) => {
            conversation::handover_ended(card, handover, *outcome).into()
        }
        News::QueueList(queue, waiting) => TextEvent::ListChanged {
            queue: queue.clone(),
            waiting: waiting.iter().map(conversation::conversation).collect(),
        }
        .into(),
        News::Chat(chat, message) => chat::event(chat, message.as_ref()).into(),
    })
}

/// A call as somebody sees it.
pub fn shown(call: &ShownCall) -> wire::CallView {
    call::call(&call.names, &call.sight)
}

/// An agent as staff see them.
pub fn agent(sight: &AgentSight) -> AgentView {
    AgentView {
        user: sight.user.to_string(),
        name: sight.name.clone(),
        queues: sight.queues.clone(),
        state: presence(sight.presence),
        reason: sight.reason.clone(),
        since: sight.since.0,
        until: sight.until.map(|until| until.0),
        supervisor: false,
    }
}

/// A presence's name on the wire.
pub fn presence(presence: Presence) -> PresenceState {
    match presence {
        Presence::Ready => PresenceState::Ready,
        Presence::NotReady => PresenceState::NotReady,
        Presence::Ringing => PresenceState::Ringing,
        Presence::Active => PresenceState::Active,
        Presence::Offline => PresenceState::Offline,
    }
}

/// Where calls and conversations can go.
pub fn destinations(all: &Destinations) -> DestinationList {
    let queue = |it: &QueueAvailability| QueueDestination {
        available: it.available,
        queue: it.queue.key.clone(),
        name: it.queue.name.clone(),
    };
    let agent = |it: &AgentSight| AgentDestination {
        user: it.user.to_string(),
        name: it.name.clone(),
        state: presence(it.presence),
    };
    DestinationList {
        queues: all.queues.iter().map(queue).collect(),
        agents: all.agents.iter().map(agent).collect(),
    }
}

/// A conversation's mood.
pub fn text_mood(figures: TextFigures) -> MoodView {
    MoodView { value: figures.value, trend: figures.trend }
}

fn snapshot(names: &LegNames, it: &Snapshot) -> wire::Snapshot {
    wire::Snapshot {
        me: user_view(&it.me),
        calls: it.calls.iter().map(|sight| call::call(names, sight)).collect(),
        agents: it.agents.iter().map(agent).collect(),
        offer: it.offer.as_ref().map(|(sight, until)| call::offer(names, sight, *until)),
        policy: it
            .notify_agent_on_listen
            .map(|notify_agent_on_listen| PolicyView { notify_agent_on_listen }),
    }
}

fn text_snapshot(it: &TextSnapshot) -> wire::TextSnapshot {
    wire::TextSnapshot {
        conversations: it.conversations.iter().map(conversation::conversation).collect(),
        offers: it.offers.iter().map(offer).collect(),
        waiting: it.waiting.iter().map(conversation::conversation).collect(),
        chats: it.chats.iter().map(chat::chat).collect(),
    }
}

fn offer(it: &ConversationOffer) -> wire::ConversationOffer {
    wire::ConversationOffer {
        conversation: conversation::conversation(&it.sight),
        handover: it.handover.as_ref().map(|asked| conversation::handover(&it.sight.card, asked)),
        expires_at: it.expires_at.0,
    }
}

impl From<Event> for Rendered {
    fn from(event: Event) -> Self {
        Self::Call(event)
    }
}

impl From<TextEvent> for Rendered {
    fn from(event: TextEvent) -> Self {
        Self::Text(event)
    }
}
