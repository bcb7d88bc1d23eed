//! What connectors of other channels send and are sent. Pages know nothing of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::MemberPart;

/// `POST /channels/{name}/messages`: a customer wrote at a channel. The same `message_id` again
/// is the same message: a retry is harmless. Fields that are not named here are ignored.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct ChannelMessage {
    /// The customer's id at the channel: 1–512 bytes of any text without NUL.
    pub external_id: String,
    /// The customer's name. Without one, or with one of which nothing is seen, the id is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The queue's key, if it is not the channel's own; of account when a conversation begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The connector's id of this message, unique for the customer: 1–512 bytes of any text without
    /// NUL.
    pub message_id: String,
    /// The text. What is longer than 4,000 characters becomes several messages; what is empty is
    /// kept as a message without text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What came with it, to be described in the text: pictures, voice notes, places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<ChannelAttachment>>,
}

/// Something that came with a customer's message and stays with the channel: staff read what is said
/// of it here. Fields that are not named here are ignored.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct ChannelAttachment {
    /// Its media type, or what it is: `image/jpeg`, `voice`, `location`, `sticker`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was written beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where staff find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Of a place: degrees north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Of a place: degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
}

/// The answer to it: the message is kept.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ChannelReceipt {
    /// The conversation that it is in.
    pub conversation: String,
    /// Its number among the conversation's public messages.
    pub number: u64,
    /// When it was kept, Unix ms; for a retry, when it first was.
    pub at: u64,
}

/// What is posted to a connector: one thing that the customer is told of.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ChannelPost {
    /// The same for each attempt: what was there before is to be ignored.
    pub id: String,
    /// The conversation.
    pub conversation: String,
    /// Counts the conversation's posts, from 1 and without gaps.
    pub number: u64,
    /// The customer's id at the channel.
    pub external_id: String,
    /// When it happened, Unix ms.
    pub at: u64,
    /// What.
    #[serde(flatten)]
    pub news: ChannelNews,
}

/// What a customer of another channel is told: what is public, and nothing else.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChannelNews {
    /// Somebody wrote to the customer.
    Message {
        /// The author's name.
        author: String,
        /// As what: an agent, or a supervisor who has joined.
        part: MemberPart,
        /// The text.
        text: String,
        /// Ids of what is attached, for `GET /channels/{name}/attachments/{conversation}/{id}`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<String>,
    },
    /// Somebody joined; only if the channel has notices.
    Joined {
        /// Their name.
        name: String,
    },
    /// Somebody left; only if the channel has notices.
    Left {
        /// Their name.
        name: String,
    },
    /// It is handed over; only if the channel has notices.
    Transferring {
        /// The name of the queue or agent.
        to: String,
    },
    /// It is over; only if the channel has notices.
    Ended,
}
