//! A conversation that has gone on for a while, for the programs that measure how the server carries it.

use interaction::conversation::{
    Channel, Command, Conversation, ConversationConfig, Draft, Entry, Event, Features, PartKind,
    Visibility,
};
use interaction::{Actor, ConversationId, Policy, QueueId, Rights, UnixMs, UserId};
use orchestrator::stored::entries as book;
use store::{
    InteractionChange, InteractionKind, InteractionRecord, MemberRecord, MessageRecord, Store,
};

const TEXT: &str = "Thank you, the parcel with the blue shoes came this morning";

/// A customer and an agent who write to each other.
pub struct Talk {
    pub id: ConversationId,
    pub customer: UserId,
    pub agent: UserId,
    pub agent_name: String,
    /// Messages that they have written, in turn.
    pub messages: u64,
}

impl Talk {
    /// Makes the conversation by the model and writes it as the server does.
    ///
    /// # Errors
    /// The model refuses a step, or the store cannot write.
    pub async fn write(&self, store: &Store, queue: QueueId) -> anyhow::Result<()> {
        let policy = Policy::default();
        let at = |minutes: u64| UnixMs(1_790_000_000_000 + minutes * 60_000);
        let config = ConversationConfig {
            id: self.id,
            requester: self.customer,
            channel: Channel::WebChat,
            queue: Some(queue),
            policy: policy.clone(),
            features: Features::default(),
        };
        let (mut state, opened) = Conversation::open(at(0), config);
        let join =
            Command::JoinAgent { user: self.agent, rights: Rights::default(), handover: None };
        let joined = state.apply(at(1), Actor::System, join)?.entries;
        let entries = std::iter::once(opened).chain(joined);
        let mut kept = 0;
        let mut rows = |entries: &mut dyn Iterator<Item = Entry>| {
            let row = |entry| {
                kept += 1;
                book::record(kept, &entry, &policy, self.customer)
            };
            entries.filter_map(row).collect()
        };
        let change = InteractionChange {
            events: rows(&mut entries.into_iter()),
            members: vec![
                member(self.customer, PartKind::Requester, &self.name()),
                member(self.agent, PartKind::Agent, &self.agent_name),
            ],
            answered_at: Some(at(1).0),
            ..InteractionChange::default()
        };
        store.open_interaction(&self.record(at(0)), &change).await?;
        for number in 0..self.messages {
            let author = if number % 2 == 0 { self.customer } else { self.agent };
            let draft = Draft {
                visibility: Visibility::Public,
                client_id: format!("m{number}"),
                text: format!("{TEXT} {number}"),
                attachments: Vec::new(),
            };
            let posted = state.apply(at(2 + number), Actor::User(author), Command::Post(draft))?;
            let message = posted.entries.iter().find_map(|entry| self.message(entry));
            let events = rows(&mut posted.entries.into_iter());
            let change = InteractionChange { events, message, ..InteractionChange::default() };
            store.keep(&self.id.to_string(), &change).await?;
        }
        Ok(())
    }

    fn name(&self) -> String {
        format!("Customer {}", self.id)
    }

    fn message(&self, entry: &Entry) -> Option<MessageRecord> {
        let Event::Posted(message) = &entry.event else { return None };
        let by_agent = message.author == self.agent;
        Some(MessageRecord {
            position: message.position,
            public_position: message.public,
            at: entry.at.0,
            author: message.author.0,
            author_name: if by_agent { self.agent_name.clone() } else { self.name() },
            client_id: message.client_id.clone(),
            text: message.text.clone(),
        })
    }

    fn record(&self, opened_at: UnixMs) -> InteractionRecord {
        InteractionRecord {
            id: self.id.to_string(),
            kind: InteractionKind::Conversation,
            channel: "web_chat".to_owned(),
            queue: Some("support".to_owned()),
            requester: self.customer.0,
            requester_name: self.name(),
            subject: Some("Where is my parcel?".to_owned()),
            opened_at: opened_at.0,
            answered_at: None,
            ended_at: None,
            end_reason: None,
            opening: None,
            customer: None,
        }
    }
}

fn member(user: UserId, part: PartKind, name: &str) -> MemberRecord {
    MemberRecord { user: user.0, part, name: name.to_owned(), joined_event: None, left: None }
}
