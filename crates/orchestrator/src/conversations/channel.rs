//! Customers who write by a connector: which conversation a message belongs to, and how far ours
//! got.
//!
//! They have no account and no token: the connector, who has signed, speaks for them. Their ids
//! are the store's, one for each id of the channel. A message goes to the conversation that runs,
//! or begins one.

use interaction::conversation::{
    CLIENT_ID_CHARS_MAX, Command, MarkKind, Refusal, TEXT_CHARS_MAX, Visibility,
};
use interaction::text::is_blank;
use interaction::{AttachmentId, ConversationId, UnixMs, UserId};
use sha2::{Digest, Sha256};

use super::Posting;
use super::commit::By;
use super::error::{ChannelMessageError, ConversationError, PostError};
use super::files::Download;
use super::files::error::DownloadError;
use crate::Orchestrator;
use crate::error::{NotFound, Unread, Unsaved};
use accounts::User;
use connectors::Channel;
use connectors::sender::Report;
use tokio::sync::mpsc;

/// What a customer wrote at a channel, its ids checked.
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
    /// The text, of any length; not empty.
    pub text: String,
}

/// A piece of a message, as long as one of ours may be.
struct Part {
    client_id: String,
    text: String,
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
    ) -> Result<(ChannelReceipt, bool), ChannelMessageError> {
        let _turn = channel.turn.lock().await;
        let fresh = UserId::external(rand::random()).0;
        let id = self.store().channel_customer(&channel.name, &message.external_id, fresh).await;
        let id = id.map_err(|error| ConversationError::from(Unsaved::of(error)))?;
        let user = User::external(UserId(id), &channel.name, message.name);
        let queue = message.queue.as_deref().unwrap_or(&channel.queue);
        let mut first = None;
        let mut all_were_there = true;
        for part in parts(&message.message_id, &message.text) {
            let (receipt, again) = self.channel_part(channel, &user, queue, part).await?;
            all_were_there &= again;
            first.get_or_insert(receipt);
        }
        let first = first.ok_or(ConversationError::Refused(Refusal::Empty))?;
        Ok((first, all_were_there))
    }

    async fn channel_part(
        &self,
        channel: &Channel,
        user: &User,
        queue: &str,
        part: Part,
    ) -> Result<(ChannelReceipt, bool), ChannelMessageError> {
        let there = self.store().message_by(user.id.0, &part.client_id).await;
        let there = there.map_err(Unread::from)?;
        if let Some((conversation, there)) = there {
            if there.text != part.text {
                return Err(ConversationError::Refused(Refusal::ClientIdReused).into());
            }
            let number = there.public_position.unwrap_or_default();
            return Ok((ChannelReceipt { conversation, number, at: UnixMs(there.at) }, true));
        }
        let posting = Posting {
            visibility: Visibility::Public,
            client_id: part.client_id,
            text: part.text,
            attachments: Vec::new(),
        };
        if let Some(running) = self.running_of(user.id) {
            match self.post_as(user, running, posting.clone()).await {
                // It ended in this moment.
                Err(PostError::Conversation(
                    ConversationError::NotFound(_) | ConversationError::Refused(Refusal::Ended),
                )) => {}
                posted => return Ok(posted?),
            }
        }
        let opened = self.open_by(user, queue, (None, None), Some(&channel.name)).await?;
        Ok(self.post_as(user, opened, posting).await?)
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
    ) -> Result<Download, DownloadError> {
        let row = self.store().interaction(&id.to_string()).await?;
        let row = row.filter(|row| {
            row.kind == store::InteractionKind::Conversation && row.channel == channel.name
        });
        let row = row.ok_or(NotFound("attachment"))?;
        let user = User::external(UserId(row.requester), &channel.name, row.requester_name);
        self.download(&user, id, attachment).await
    }

    /// Marks what connectors have taken and tells of what they never will, for as long as the server
    /// runs.
    pub(crate) async fn follow_deliveries(self, mut reports: mpsc::Receiver<Report>) {
        while let Some(Report { conversation, requester, public_position, result }) =
            reports.recv().await
        {
            match result {
                Ok(()) => self.delivered(conversation, requester, public_position).await,
                Err(failure) => self.change(|live, now| {
                    ((), live.handle_not_delivered(now, conversation, public_position, &failure))
                }),
            }
        }
    }

    /// Public messages up to this one are with the connector.
    async fn delivered(&self, id: ConversationId, requester: UserId, up_to: u64) {
        let command = Command::Mark { kind: MarkKind::Delivered, up_to };
        let marked = self.carry(id, By::Connector(requester), command, Vec::new()).await;
        if let Err(ConversationError::Unsaved(Unsaved::Outage(_))) = marked {
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
    ) -> Result<(ChannelReceipt, bool), PostError> {
        let (receipt, again) = self.post(user, id, posting).await?;
        let receipt =
            ChannelReceipt { conversation: id.to_string(), number: receipt.number, at: receipt.at };
        Ok((receipt, again))
    }
}

/// The message in pieces of [`TEXT_CHARS_MAX`] characters, cut at a blank where there is one. What a
/// retry makes of it is the same.
fn parts(message_id: &str, text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(piece_bytes(rest));
        rest = after;
        // Blanks alone are no message.
        if !is_blank(piece) {
            let client_id = client_id(message_id, parts.len());
            parts.push(Part { client_id, text: piece.to_owned() });
        }
    }
    parts
}

/// Bytes of the next piece.
fn piece_bytes(text: &str) -> usize {
    let Some((limit, _)) = text.char_indices().nth(TEXT_CHARS_MAX) else { return text.len() };
    let blank = text[..limit].rfind(char::is_whitespace).filter(|blank| *blank > limit / 2);
    let after = |blank: usize| text[blank..].chars().next().map(|it| blank + it.len_utf8());
    blank.and_then(after).unwrap_or(limit)
}

/// The id of a piece: the connector's own for the first one, if it is short enough.
fn client_id(message_id: &str, part: usize) -> String {
    if part == 0 && message_id.chars().count() <= CLIENT_ID_CHARS_MAX {
        return message_id.to_owned();
    }
    let mut digest = Sha256::new();
    digest.update(message_id.as_bytes());
    // No id has a NUL.
    digest.update(format!("\0{part}"));
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        parts("m", text).into_iter().map(|part| part.text).collect()
    }

    #[test]
    fn a_long_message_is_kept_whole_in_pieces() {
        for length in [1, TEXT_CHARS_MAX, TEXT_CHARS_MAX + 1, 4_096, 3 * TEXT_CHARS_MAX] {
            for letter in ["a", "請", "👍", "ab cd\n"] {
                let text: String = letter.chars().cycle().take(length).collect();
                let pieces = texts(&text);
                assert_eq!(pieces.concat(), text, "{length} of {letter}");
                assert!(pieces.iter().all(|piece| piece.chars().count() <= TEXT_CHARS_MAX));
                assert!(pieces.len() <= length.div_ceil(TEXT_CHARS_MAX / 2));
            }
        }
        let words = format!("{} {}", "a".repeat(3_990), "b".repeat(100));
        assert_eq!(texts(&words)[1], "b".repeat(100), "at a blank");
        assert_eq!(texts(&format!("x{}", " ".repeat(9_000))).len(), 1);
    }

    #[test]
    fn ids_of_pieces_are_different_and_always_the_same() {
        let long = "m".repeat(512);
        let ids = [("m", 0), ("m", 1), ("m", 2), ("n", 1), (&long, 0), (&long, 1)]
            .map(|(message, part)| client_id(message, part));
        assert_eq!(ids[0], "m", "as former versions had it");
        assert!(ids.iter().all(|id| id.chars().count() <= CLIENT_ID_CHARS_MAX));
        let different: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len());
        assert_eq!(client_id(&long, 1), ids[5]);
    }
}
