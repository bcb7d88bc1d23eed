//! Customers who write by a connector: which conversation a message belongs to, and how far ours
//! got.
//!
//! They have no account and no token: the connector, who has signed, speaks for them. Their ids
//! are the store's, one for each id of the channel. A message goes to the conversation that runs,
//! or begins one.

use interaction::conversation::{Command, MarkKind, Refusal, Visibility};
use interaction::{AttachmentId, ConversationId, UnixMs, UserId};

use super::Posting;
use super::commit::By;
use super::files::Fetched;
use crate::{Error, Orchestrator};
use accounts::User;
use connectors::Channel;
use connectors::sender::Delivered;
use tokio::sync::mpsc;

/// What a customer wrote at a channel, its lengths checked.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The customer's id at the channel.
    pub external_id: String,
    /// The customer's name.
    pub name: String,
    /// The queue, if it is not the channel's own.
    pub queue: Option<String>,
    /// The connector's id of the message.
    pub message_id: String,
    /// The text.
    pub text: String,
}

/// Where a customer's message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelReceipt {
    /// The conversation's id.
    pub conversation: String,
    /// Its number among the public ones.
    pub number: u64,
    /// When it was taken in.
    pub at: UnixMs,
}

impl Orchestrator {
    /// Takes a message in; `true`: it was there already.
    ///
    /// # Errors
    /// No such queue, no room, too much at once, or it could not be kept.
    pub async fn channel_message(
        &self,
        channel: &Channel,
        message: Incoming,
    ) -> Result<(ChannelReceipt, bool), Error> {
        let _turn = channel.turn.lock().await;
        let fresh = UserId::external(rand::random()).0;
        let id = self.store().channel_customer(&channel.name, &message.external_id, fresh).await;
        let id = id.map_err(Error::unsaved)?;
        if let Some((conversation, there)) =
            self.store().message_by(id, &message.message_id).await?
        {
            if there.text != message.text {
                return Err(Error::Text(Refusal::ClientIdReused));
            }
            let number = there.public_position.unwrap_or_default();
            return Ok((ChannelReceipt { conversation, number, at: UnixMs(there.at) }, true));
        }
        let user = User::external(UserId(id), &channel.name, message.name);
        let posting = Posting {
            visibility: Visibility::Public,
            client_id: message.message_id,
            text: message.text,
            attachments: Vec::new(),
        };
        if let Some(running) = self.running_of(user.id) {
            match self.post_as(&user, running, posting.clone()).await {
                // It ended in this moment.
                Err(Error::NotFound(_) | Error::Text(Refusal::Ended)) => {}
                posted => return posted,
            }
        }
        let queue = message.queue.as_deref().unwrap_or(&channel.queue);
        let opened = self.open_by(&user, queue, None, Some(&channel.name)).await?;
        self.post_as(&user, opened, posting).await
    }

    /// An attachment of a public message, for the connector to pass on.
    ///
    /// # Errors
    /// No such attachment in this channel's conversations, for its customer.
    pub async fn channel_attachment(
        &self,
        channel: &Channel,
        id: ConversationId,
        attachment: AttachmentId,
    ) -> Result<Fetched, Error> {
        let row = self.store().interaction(&id.to_string()).await?;
        let row = row.filter(|row| {
            row.kind == store::InteractionKind::Conversation && row.channel == channel.name
        });
        let row = row.ok_or(Error::NotFound("attachment"))?;
        let user = User::external(UserId(row.requester), &channel.name, row.requester_name);
        self.fetch(&user, id, attachment).await
    }

    /// Marks what connectors have taken, for as long as the server runs.
    pub(crate) async fn mark_delivered(self, mut deliveries: mpsc::Receiver<Delivered>) {
        while let Some(Delivered { conversation, requester, up_to }) = deliveries.recv().await {
            self.delivered(conversation, requester, up_to).await;
        }
    }

    /// Public messages up to this one are with the connector.
    async fn delivered(&self, id: ConversationId, requester: UserId, up_to: u64) {
        let command = Command::Mark { kind: MarkKind::Delivered, up_to };
        let marked = self.carry(id, By::Connector(requester), command, Vec::new()).await;
        if let Err(Error::StoreWrite) = marked {
            tracing::error!(%id, "a mark could not be kept");
        }
    }

    /// The customer's conversation that goes on.
    fn running_of(&self, requester: UserId) -> Option<ConversationId> {
        let live = self.live();
        let mut all = live.text().iter();
        let own = all.find(|it| it.requester.id == requester && it.state.ended().is_none());
        own.map(control_plane::LiveConversation::id)
    }

    async fn post_as(
        &self,
        user: &User,
        id: ConversationId,
        posting: Posting,
    ) -> Result<(ChannelReceipt, bool), Error> {
        let (receipt, again) = self.post(user, id, posting).await?;
        let receipt =
            ChannelReceipt { conversation: id.to_string(), number: receipt.number, at: receipt.at };
        Ok((receipt, again))
    }
}
