//! What is told, to whom, before anybody has put it into words.
//!
//! A [`Publication`] is made under the control plane's lock and rendered outside of it, once for
//! each audience: everybody in [`Publication::to`] gets the same bytes. So what is told must not
//! depend on the single reader, but on the [`CallSight`] or [`ConversationSight`] that they share.
//! Who is told what has been decided by `interaction`'s rules when a publication is made; whoever
//! renders it decides nothing.

use std::sync::Arc;

use interaction::chat::ChatEvent;
use interaction::conversation;
use interaction::offers::Presence;
use interaction::{
    AttachmentId, CallId, CallState, ChatId, ConversationId, Disclosed, Handover, HandoverOutcome,
    Leg, LegId, MediaFault, QueueRef, Role, StationEnd, StationId, StationState, UnixMs, User,
    UserId, Viewer,
};

use crate::call_mood::CallFigures;
use crate::call_terms::{Adding, CallEnd, CallerInfo, Dialed, Offer};
use crate::participants::Participants;
use crate::streams::StreamId;
use crate::text_mood::TextFigures;

/// One piece of news and the streams on which it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// When it happened.
    pub at: UnixMs,
    /// What.
    pub news: News,
    /// Where.
    pub to: Vec<StreamId>,
    /// How much it matters that it arrives.
    pub delivery: Delivery,
}

/// How much it matters that a piece of news arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Numbered: a reader who can't take it is cut off and begins again with a snapshot.
    Reliable,
    /// Not numbered, and left out for readers who are behind with anything else.
    Lossy,
}

/// A piece of news.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// What a user may see of calls and agents; the first thing on a stream.
    Snapshot(Box<Snapshot>),
    /// What a user may see of conversations and chats; the second.
    TextSnapshot(Box<TextSnapshot>),
    /// Something happened on a call.
    Call(CallSight, Disclosed),
    /// A call rings, or waits again.
    CallUpdated(CallSight),
    /// A call rings at the reader.
    CallOffered(CallSight, UnixMs),
    /// It no longer does.
    CallOfferEnded(CallId),
    /// A request to hand a call over, or to ask somebody in, has ended.
    CallHandoverEnded(Arc<CallCard>, Handover, HandoverOutcome),
    /// An agent's presence.
    Presence(AgentSight),
    /// A station of the reader's: its media came up, or something is wrong with them.
    StationChanged(StationId, StationState),
    /// A station of the reader's is gone, for this reason.
    StationClosed(StationId, StationEnd),
    /// The levels of calls, ten times a second.
    Meters(Vec<CallMeters>),
    /// How calls sound.
    CallMoods(Vec<(CallId, CallFigures)>),
    /// Something happened in a conversation.
    Conversation(Box<ConversationNews>),
    /// A conversation looks different now.
    ConversationUpdated(Box<ConversationSight>),
    /// A public message, by its place among them, never reaches the customer.
    NotDelivered(ConversationId, u64, DeliveryFailure),
    /// The reader was tagged in, by this user.
    Tagged(Box<ConversationSight>, UserId),
    /// A conversation is offered to the reader.
    ConversationOffered(Box<ConversationOffer>),
    /// It no longer is.
    ConversationOfferEnded(ConversationId, Option<interaction::HandoverId>),
    /// A request on a conversation has ended, to its sender who may have left.
    ConversationHandoverEnded(Arc<ConversationCard>, Handover, HandoverOutcome),
    /// What waits in a pull queue.
    QueueList(String, Vec<ConversationSight>),
    /// A chat between two people of the centre.
    Chat(ChatSight, Option<ChatMessage>),
}

/// A call at one moment: everything that any viewer may be shown of it, and more.
#[derive(Clone, Debug, PartialEq)]
pub struct CallCard {
    /// The call.
    pub id: CallId,
    /// Its state.
    pub state: Arc<CallState>,
    /// Who calls, as the agent sees it.
    pub caller: CallerInfo,
    /// The queue; `None` for a call placed straight to an agent.
    pub queue: Option<QueueRef>,
    /// When it was placed.
    pub placed_at: UnixMs,
    /// At whom it rings.
    pub offer: Option<Offer>,
    /// Its place in the queue, where the caller is told of it.
    pub place: Option<u32>,
    /// An agent makes it; `None`: the caller does.
    pub dialed: Option<Dialed>,
    /// Somebody outside is called to it, or was in vain; staff only.
    pub adding: Option<Adding>,
    /// How it ended, or why it is about to.
    pub end: Option<CallEnd>,
    /// How it sounds; supervisors only.
    pub mood: Option<CallFigures>,
    /// What is wrong with the sound of its parties; supervisors only.
    pub faults: Vec<(UserId, MediaFault)>,
    /// Everybody's names.
    pub participants: Arc<Participants>,
}

impl CallCard {
    /// What is wrong with a party's sound.
    pub fn fault_of(&self, leg: &Leg) -> Option<MediaFault> {
        let is_party = leg.role() != Role::Supervisor;
        let fault = self.faults.iter().find(|(user, _)| is_party && *user == leg.user);
        fault.map(|(_, fault)| *fault)
    }
}

/// A call through a viewer's eyes. Equal sights are rendered alike.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSight {
    /// The call.
    pub card: Arc<CallCard>,
    /// Through whose eyes.
    pub viewer: Viewer,
    /// The viewer's own leg.
    pub own_leg: Option<LegId>,
}

/// Calls and agents, as one user may see them.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Who.
    pub me: Arc<User>,
    /// The calls.
    pub calls: Vec<CallSight>,
    /// The agents.
    pub agents: Vec<AgentSight>,
    /// The call that rings at the user, and until when.
    pub offer: Option<(CallSight, UnixMs)>,
    /// Whether agents are told of listeners; `None`: the user is not told of supervision at all.
    pub notify_agent_on_listen: Option<bool>,
}

/// An agent as staff see them.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentSight {
    /// Who.
    pub user: UserId,
    /// The name shown.
    pub name: String,
    /// The queues that the agent serves, by key.
    pub queues: Vec<String>,
    /// What the agent is.
    pub presence: Presence,
    /// Why the agent is not ready.
    pub reason: Option<String>,
    /// Since when.
    pub since: UnixMs,
    /// Until when the agent writes up their last call; `None`: they do not.
    pub until: Option<UnixMs>,
}

/// The levels of one call's legs, for one kind of viewer.
#[derive(Clone, Debug, PartialEq)]
pub struct CallMeters {
    /// The call.
    pub call: CallId,
    /// Through whose eyes.
    pub viewer: Viewer,
    /// The call's state, for the legs' order.
    pub state: Arc<CallState>,
    /// Leg, dBFS, whether somebody speaks: the legs that the viewer knows of.
    pub levels: Vec<(LegId, i8, bool)>,
}

/// What does not change in a conversation, or is no secret of any part.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationCard {
    /// The conversation.
    pub id: ConversationId,
    /// `web_chat`, `voice` (of a call), or a connector's name.
    pub channel: String,
    /// The call that it belongs to.
    pub call: Option<CallId>,
    /// The queue that it was opened to, by key.
    pub queue: Option<String>,
    /// The customer.
    pub requester: UserId,
    /// What it is about.
    pub subject: Option<String>,
    /// Everybody's names.
    pub participants: Arc<Participants>,
}

/// A conversation through a viewer's eyes.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationSight {
    /// The conversation.
    pub card: Arc<ConversationCard>,
    /// What the viewer may see.
    pub view: conversation::View,
    /// What the viewer may do.
    pub may: ConversationRights,
    /// The mood, if the viewer may see one.
    pub mood: Option<TextFigures>,
    /// The customer's place in the queue, to the customer alone.
    pub place: Option<u32>,
}

/// What a viewer may do in a conversation: by the same rule that will be asked when they do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversationRights {
    /// Write to everybody.
    pub write_public: bool,
    /// Write to staff only.
    pub write_private: bool,
    /// Have the external transcript.
    pub transcript: bool,
}

/// Something that happened in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationNews {
    /// The conversation as the reader sees it now.
    pub sight: ConversationSight,
    /// When it happened.
    pub at: UnixMs,
    /// What.
    pub what: conversation::Disclosed,
    /// The part of a message's author.
    pub author_part: Option<conversation::PartKind>,
    /// What is attached to the message.
    pub files: Vec<FileCard>,
}

/// Why a message never reaches a customer of another channel. For staff only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryFailure {
    /// The cause.
    pub cause: FailureCause,
    /// What the connector said to it, in one line.
    pub detail: Option<String>,
}

/// Why a message was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCause {
    /// The connector refused it for good.
    Refused,
    /// The connector did not take it for too long.
    Expired,
    /// It can't be sent any more: what was kept of it, or of its customer, is not there.
    Unsendable,
}

impl FailureCause {
    /// Its name, as it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Unsendable => "unsendable",
        }
    }

    /// The cause of this name; former versions kept none, and gave up what was refused.
    pub fn named(name: &str) -> Self {
        let all = [Self::Refused, Self::Expired, Self::Unsendable];
        all.into_iter().find(|cause| cause.name() == name).unwrap_or(Self::Refused)
    }
}

/// An attachment, described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCard {
    /// Its id.
    pub id: AttachmentId,
    /// The name that its sender gave it, made safe.
    pub name: String,
    /// The media type, found by its content.
    pub media_type: String,
    /// How large it is.
    pub size_bytes: u64,
}

/// A conversation that is offered.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationOffer {
    /// The conversation.
    pub sight: ConversationSight,
    /// The request, if it is one.
    pub handover: Option<Handover>,
    /// Until when.
    pub expires_at: UnixMs,
}

/// Conversations and chats, as one user may see them.
#[derive(Clone, Debug, PartialEq)]
pub struct TextSnapshot {
    /// The conversations.
    pub conversations: Vec<ConversationSight>,
    /// What is offered.
    pub offers: Vec<ConversationOffer>,
    /// What may be picked from lists.
    pub waiting: Vec<ConversationSight>,
    /// The chats.
    pub chats: Vec<ChatSight>,
}

/// A chat as one of the two sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatSight {
    /// The chat.
    pub id: ChatId,
    /// The other one.
    pub with: UserId,
    /// The other one's name.
    pub with_name: String,
    /// Whether the reader began it.
    pub own: bool,
    /// Nobody has answered yet.
    pub pending: bool,
    /// Messages that the reader has not read.
    pub unread: u64,
    /// How far the other one has read.
    pub read_up_to: u64,
    /// How many messages there are.
    pub messages: u64,
    /// When it was opened.
    pub opened_at: UnixMs,
    /// It is over.
    pub ended: bool,
}

/// A message of a chat, as one of the two sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Its number.
    pub number: u64,
    /// Whether the reader wrote it.
    pub own: bool,
    /// When.
    pub at: UnixMs,
    /// What it says.
    pub text: String,
    /// The author's own id of it; to the author only.
    pub client_id: Option<String>,
}

impl ChatMessage {
    /// The message that an event made, as `reader` sees it.
    pub fn of(event: &ChatEvent, at: UnixMs, reader: UserId) -> Option<Self> {
        match event {
            ChatEvent::Posted { position, author, client_id, text } => {
                let own = *author == reader;
                Some(Self {
                    number: *position,
                    own,
                    at,
                    text: text.clone(),
                    client_id: own.then(|| client_id.clone()),
                })
            }
            ChatEvent::Read { .. } | ChatEvent::Ended { .. } => None,
        }
    }
}
