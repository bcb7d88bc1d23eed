//! Handing calls over: transfer, consultation, conference, and where they can go.

use interaction::Target;
use interaction::{
    CallId, Command, Event, HandoverId, HandoverKind, HandoverOutcome, LegId, Permission, Viewer,
};

use super::error::{DestinationsError, HandOverError, NotItsAgent, PartError};
use crate::error::{Bug, LookupError, NotAllowed, NotFound, Unread};
use crate::{Destination, Orchestrator, require};
use accounts::{QueueRef, User, queue_ref};
use std::sync::Arc;

use control_plane::{CallCard, Destinations, Receiver};

/// What an agent wants done with a call.
#[derive(Clone, Debug)]
pub struct Handover {
    /// What becomes of who accepts.
    pub kind: HandoverKind,
    /// To whom.
    pub to: Destination,
    /// A note to the receiver.
    pub note: Option<String>,
}

/// What becomes of a consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsultationEnd {
    /// The consulting agent leaves the caller to the other.
    Transfer,
    /// All three talk.
    Merge,
    /// The consulted agent goes, or is not rung any more; the caller stays on hold.
    Cancel,
}

impl Orchestrator {
    /// An agent hands the call over, consults, or asks somebody in; the request, which now waits.
    ///
    /// # Errors
    /// No such call, queue or agent, the user is no agent on it, the call refuses, or the server
    /// drains, so that it would ring at nobody.
    pub async fn hand_over(
        &self,
        user: &User,
        call: CallId,
        wanted: Handover,
    ) -> Result<(Arc<CallCard>, interaction::Handover), HandOverError> {
        let leg = self.own_agent_leg(user, call)?;
        self.may_begin()?;
        let receiver = self.receiver(&wanted.to).await?;
        self.live().handle_receiver(call, &receiver);
        let (to, note) = (receiver.target, wanted.note);
        let command = match wanted.kind {
            HandoverKind::Transfer => Command::Transfer { leg, to, note },
            HandoverKind::Consultation => Command::Consult { leg, to, note },
            HandoverKind::Conference => Command::Invite { leg, to, note },
        };
        let reply = self.command(user, call, command, None).await?;
        let requested = reply.applied.events.iter().find_map(|event| match event {
            Event::HandoverRequested(handover) => Some(handover),
            _ => None,
        });
        let live = self.live();
        // The caller may have hung up in that moment.
        let live = live.live_call(call).ok_or(NotFound("call"))?;
        let requested = requested.ok_or(Bug("a request left no handover"))?;
        Ok((live.card(), requested.clone()))
    }

    /// The sender takes a request back. A blind transfer's has left the call, and can't.
    ///
    /// # Errors
    /// No such call or request, or it is not the user's.
    pub async fn take_back(
        &self,
        user: &User,
        call: CallId,
        request: &str,
    ) -> Result<(), PartError> {
        self.own_agent_leg(user, call)?;
        let handover = request.parse().map(HandoverId).map_err(|_| NotFound("request"))?;
        let waits = self.live().waiting_handover(call);
        if waits != Some(handover) {
            return Err(NotFound("request").into());
        }
        let outcome = HandoverOutcome::Cancelled;
        let command = Command::EndHandover { handover, outcome };
        self.command(user, call, command, None).await?;
        Ok(())
    }

    /// What becomes of the user's consultation.
    ///
    /// # Errors
    /// No such call, the user is no agent on it, or consults nobody.
    pub async fn consultation(
        &self,
        user: &User,
        call: CallId,
        end: ConsultationEnd,
    ) -> Result<(), PartError> {
        let leg = self.own_agent_leg(user, call)?;
        let command = match end {
            ConsultationEnd::Transfer => Command::CompleteTransfer { leg },
            ConsultationEnd::Merge => Command::MergeConsultation { leg },
            ConsultationEnd::Cancel => Command::CancelConsultation { leg },
        };
        self.command(user, call, command, None).await?;
        Ok(())
    }

    /// Where an agent can hand calls and conversations to, or whom ask in.
    ///
    /// # Errors
    /// The user is no agent, or the queues can't be read.
    pub async fn destinations(&self, user: &User) -> Result<Destinations, DestinationsError> {
        require(user, Permission::TakeCalls)?;
        let queues = self.queues().await?;
        Ok(self.live().destinations(user.id, queues))
    }

    /// What a destination means, to staff.
    pub(crate) async fn receiver(&self, to: &Destination) -> Result<Receiver, LookupError> {
        match to {
            Destination::Queue(key) => {
                let queues = self.queues().await?;
                let queue = queues.into_iter().find(|queue| queue.key == *key);
                let queue = queue.ok_or(NotFound("queue"))?;
                Ok(Receiver { target: Target::Queue(queue.id), queue: Some(queue) })
            }
            Destination::Agent(id) | Destination::Line(id) => {
                let id = *id;
                self.live().agent(id).ok_or(NotFound("agent"))?;
                Ok(Receiver { target: Target::Agent(id), queue: None })
            }
        }
    }

    /// All queues.
    async fn queues(&self) -> Result<Vec<QueueRef>, Unread> {
        Ok(self.stored_queues().await?.into_iter().map(queue_ref).collect())
    }

    pub(super) async fn stored_queues(&self) -> Result<Vec<store::Queue>, Unread> {
        Ok(self.inner.store.queues().await?)
    }

    /// The user's own leg as an agent.
    pub(super) fn own_agent_leg(&self, user: &User, call: CallId) -> Result<LegId, NotItsAgent> {
        match self.viewer(user, call)? {
            Viewer::Agent(Some(leg)) => Ok(leg),
            _ => Err(NotAllowed("Only an agent on the call can hand it over.").into()),
        }
    }
}
