//! Handing a conversation over, asking somebody in, and help: what agents ask of others.

use std::sync::Arc;

use control_plane::{ConversationCard, Receiver};
use interaction::conversation::{Command, Reader};
use interaction::{ConversationId, Handover, HandoverId, HandoverOutcome};

use super::error::{ConversationError, HandOverError, PartError};
use crate::error::{Bug, NotAllowed, NotFound};
use crate::{Destination, Orchestrator};
use accounts::User;

/// A request to hand a conversation over, or to ask somebody in.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// To whom.
    pub to: Destination,
    /// A note to the receiver.
    pub note: Option<String>,
    /// Joins beside the sender, instead of taking their place.
    pub joins: bool,
}

impl Orchestrator {
    /// A help request: the agent raises a hand, a supervisor takes it up, either closes it.
    ///
    /// # Errors
    /// No such conversation, or not theirs to do.
    pub async fn help_in_conversation(
        &self,
        user: &User,
        id: ConversationId,
        command: Command,
    ) -> Result<(), PartError> {
        let viewer = self.text_viewer(user, id)?;
        let staff = matches!(
            viewer.reader,
            Reader::Agent | Reader::Colleague | Reader::Supervisor | Reader::Overseer
        );
        if !staff {
            return Err(NotAllowed("Only staff can ask for help.").into());
        }
        self.learn_in(id, user);
        self.converse(user, id, command).await?;
        Ok(())
    }

    /// Hands the conversation over, or asks another agent in.
    ///
    /// # Errors
    /// No such conversation, queue or agent, or it refuses.
    pub async fn hand_over_conversation(
        &self,
        user: &User,
        id: ConversationId,
        wanted: Transfer,
    ) -> Result<(Arc<ConversationCard>, Handover), HandOverError> {
        let viewer = self.text_viewer(user, id)?;
        if viewer.reader != Reader::Agent {
            return Err(NotAllowed("Only an agent in the conversation can do that.").into());
        }
        let Receiver { target: to, queue } = self.receiver(&wanted.to).await?;
        self.live().learn_conversation_target(id, to, queue);
        let note = wanted.note;
        let command = match wanted.joins {
            true => Command::Invite { to, note },
            false => Command::Transfer { to, note },
        };
        let kept = self.converse(user, id, command).await?;
        let made = kept.entries.iter().find_map(|entry| entry.event.requested());
        let made = made.ok_or(Bug("a request left no handover"))?;
        let live = self.live();
        let live = live.text().get(id).ok_or(NotFound("conversation"))?;
        Ok((live.card(), made.clone()))
    }

    /// The sender takes a request back.
    ///
    /// # Errors
    /// No such conversation or request, or not theirs.
    pub async fn cancel_handover(
        &self,
        user: &User,
        id: ConversationId,
        handover: HandoverId,
    ) -> Result<(), ConversationError> {
        self.text_viewer(user, id)?;
        let command = Command::EndHandover { handover, outcome: HandoverOutcome::Cancelled };
        self.converse(user, id, command).await.map(drop)
    }
}
