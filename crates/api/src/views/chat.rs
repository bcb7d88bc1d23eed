//! A chat between two people of the centre, as one of them sees it.

use control_plane::{ChatMessage, ChatSight};
use wire::{AgentView, ChatMessagePage, ChatMessageView, ChatView, TextEvent, UserRef};

use orchestrator::{ChatPage, Reachable};

/// What the reader is told.
pub fn event(sight: &ChatSight, said: Option<&ChatMessage>) -> TextEvent {
    let chat = chat(sight);
    match said {
        Some(said) => TextEvent::ChatMessage { chat, message: message(said) },
        None => TextEvent::ChatUpdated { chat },
    }
}

/// The chat.
pub fn chat(sight: &ChatSight) -> ChatView {
    ChatView {
        id: sight.id.to_string(),
        with: UserRef { user: sight.with.to_string(), name: sight.with_name.clone() },
        own: sight.own,
        pending: sight.pending,
        unread: sight.unread,
        read_up_to: sight.read_up_to,
        messages: sight.messages,
        opened_at: sight.opened_at.0,
        ended: sight.ended,
    }
}

/// One of its messages.
pub fn message(message: &ChatMessage) -> ChatMessageView {
    ChatMessageView {
        number: message.number,
        own: message.own,
        at: message.at.0,
        text: message.text.clone(),
        client_id: message.client_id.clone(),
    }
}

/// A page of its messages.
pub fn page(page: &ChatPage) -> ChatMessagePage {
    ChatMessagePage { messages: page.messages.iter().map(message).collect(), more: page.more }
}

/// Somebody to write to.
pub fn colleague(it: &Reachable) -> AgentView {
    AgentView { supervisor: it.supervisor, ..super::agent(&it.sight) }
}
