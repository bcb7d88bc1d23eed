//! What the event stream tells of conversations and chats.
//!
//! These events come over the same WebSocket as [`Event`](crate::Event), in the same envelope and
//! counted by the same `seq`. They are a type of their own, so that a reader of calls need not
//! know them. A change carries the whole conversation as its reader may see it, without messages;
//! a message comes by itself, and a gap in its `number` says that one was lost.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    ChatMessageView, ChatView, ConversationView, DeliveryFailureView, HandoverOutcome,
    HandoverView, MarkView, MemberView, MessageView, UserRef,
};

/// One message of the WebSocket about text: the envelope of [`Envelope`](crate::Envelope), counted
/// by the same `seq`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TextEnvelope {
    /// Counts up by one on each connection, over all messages; absent on lossy ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub seq: Option<u64>,
    /// The server's clock, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: TextEvent,
}

/// What happened, as one user is told of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
#[serde(tag = "type")]
pub enum TextEvent {
    /// All conversations and chats that this user may see at this moment; right after the snapshot
    /// of calls.
    #[serde(rename = "text.snapshot")]
    Snapshot(Box<TextSnapshot>),
    /// A conversation, or a request within one, is offered to this agent.
    #[serde(rename = "conversation.offered")]
    Offered(ConversationOffer),
    /// An offer to this agent is over.
    #[serde(rename = "conversation.offer_ended")]
    OfferEnded {
        /// The conversation.
        conversation: String,
        /// The request, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        handover: Option<String>,
        /// Who was faster, if somebody was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        taken_by: Option<UserRef>,
    },
    /// The list of a pull queue changed.
    #[serde(rename = "conversation.list_changed")]
    ListChanged {
        /// The queue's key.
        queue: String,
        /// What one may pick or join, oldest first; the agents among the members are in it.
        waiting: Vec<ConversationView>,
    },
    /// Something about it changed that is none of the below.
    #[serde(rename = "conversation.updated")]
    Updated {
        /// The conversation.
        conversation: ConversationView,
    },
    /// Somebody joined whom the viewer may know of: "Sam has joined the conversation".
    #[serde(rename = "conversation.joined")]
    Joined {
        /// The conversation.
        conversation: ConversationView,
        /// Who.
        member: MemberView,
    },
    /// Somebody left whom the viewer knew of.
    #[serde(rename = "conversation.left")]
    Left {
        /// The conversation.
        conversation: ConversationView,
        /// Who.
        member: UserRef,
    },
    /// Somebody was tagged in by this user's name; to that user.
    #[serde(rename = "conversation.tagged")]
    Tagged {
        /// The conversation.
        conversation: ConversationView,
        /// By whom.
        by: UserRef,
    },
    /// A message. Private ones never reach a customer.
    #[serde(rename = "message.posted")]
    MessagePosted {
        /// The conversation.
        conversation: String,
        /// The message.
        message: MessageView,
    },
    /// Somebody types in public, or stopped; forget it after 6 s. Lossy.
    #[serde(rename = "message.typing")]
    Typing {
        /// The conversation.
        conversation: String,
        /// Who.
        user: UserRef,
        /// Typing, or stopped.
        typing: bool,
    },
    /// Public messages reached somebody.
    #[serde(rename = "message.marked")]
    Marked {
        /// The conversation.
        conversation: String,
        /// How far.
        mark: MarkView,
    },
    /// A public message never reaches the customer, who writes at another channel; staff only.
    #[serde(rename = "message.not_delivered")]
    NotDelivered {
        /// The conversation.
        conversation: String,
        /// The message's place among the public ones.
        #[ts(type = "number")]
        public: u64,
        /// Why.
        failure: DeliveryFailureView,
    },
    /// The help request of a conversation changed; staff only.
    #[serde(rename = "conversation.help_changed")]
    HelpChanged {
        /// The conversation, with the request if one is open.
        conversation: ConversationView,
    },
    /// "Your request is being transferred to …, please wait!"; staff are told of requests instead.
    #[serde(rename = "conversation.transferring")]
    Transferring {
        /// The conversation.
        conversation: ConversationView,
        /// The name of the queue or agent.
        to: String,
    },
    /// A request to hand over or to ask somebody in was made; staff only.
    #[serde(rename = "conversation.handover_requested")]
    HandoverRequested {
        /// The conversation.
        conversation: ConversationView,
        /// The request.
        handover: HandoverView,
    },
    /// Such a request ended; staff only, and its sender even after leaving.
    #[serde(rename = "conversation.handover_ended")]
    HandoverEnded {
        /// The conversation's id.
        conversation: String,
        /// The request.
        handover: HandoverView,
        /// How.
        outcome: HandoverOutcome,
    },
    /// The conversation is over; it goes from the lists.
    #[serde(rename = "conversation.ended")]
    Ended {
        /// The conversation, as it was.
        conversation: ConversationView,
    },
    /// A chat was opened, answered, read or ended.
    #[serde(rename = "chat.updated")]
    ChatUpdated {
        /// The chat.
        chat: ChatView,
    },
    /// A message of a chat.
    #[serde(rename = "chat.message")]
    ChatMessage {
        /// The chat, with the new counts.
        chat: ChatView,
        /// The message.
        message: ChatMessageView,
    },
}

/// All conversations and chats that a user may see at one moment.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct TextSnapshot {
    /// The conversations that go on.
    pub conversations: Vec<ConversationView>,
    /// What is offered to this agent.
    pub offers: Vec<ConversationOffer>,
    /// What this agent may pick or join from pull queues, oldest first.
    pub waiting: Vec<ConversationView>,
    /// The chats that go on.
    pub chats: Vec<ChatView>,
}

/// A conversation, or a request within one, that is offered to an agent. The messages can be read
/// once it is accepted.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ConversationOffer {
    /// The conversation.
    pub conversation: ConversationView,
    /// The request, with its note: "Conference request from …".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub handover: Option<HandoverView>,
    /// Until when, Unix ms.
    #[ts(type = "number")]
    pub expires_at: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_s_message_says_nothing_that_is_for_staff() {
        let author = UserRef { user: "7".to_owned(), name: "Ana".to_owned() };
        let message = MessageView {
            number: 1,
            public: Some(1),
            author,
            part: crate::MemberPart::Agent,
            at: 5,
            text: "hi".to_owned(),
            attachments: Vec::new(),
            client_id: None,
            delivery_failure: None,
        };
        let posted = TextEvent::MessagePosted { conversation: "k".to_owned(), message };
        let json = serde_json::to_string(&posted).unwrap();
        assert_eq!(
            json,
            r#"{"type":"message.posted","conversation":"k","message":{"number":1,"public":1,"author":{"user":"7","name":"Ana"},"part":"agent","at":5,"text":"hi","attachments":[]}}"#
        );
        assert_eq!(serde_json::from_str::<TextEvent>(&json).unwrap(), posted);
    }

    #[test]
    fn unknown_fields_of_requests_are_refused() {
        let post = |json| serde_json::from_str::<crate::PostMessage>(json);
        let good = post(r#"{"text":"x","visibility":"private","client_id":"1"}"#).unwrap();
        assert_eq!(good.visibility, crate::Visibility::Private);
        assert!(good.attachments.is_empty());
        for bad in [
            r#"{"text":"x","client_id":"1"}"#,
            r#"{"text":"x","visibility":"staff","client_id":"1"}"#,
            r#"{"text":"x","visibility":"public","client_id":"1","as":"sam"}"#,
        ] {
            assert!(post(bad).is_err(), "{bad}");
        }
        let mode = serde_json::from_str::<crate::SupervisionRequest>(r#"{"mode":"join"}"#).unwrap();
        assert!(mode.mode == crate::Mode::Barge && !mode.announce);
    }
}
