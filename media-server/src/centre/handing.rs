//! Handing calls over: transfer, consultation, conference, and where they can go.

use interaction::Target;
use interaction::{
    CallId, Command, Event, HandoverId, HandoverKind, HandoverOutcome, LegId, Permission, UserId,
    Viewer,
};
use wire::{
    AgentDestination, ConsultationAction, Destination, DestinationList, HandoverView,
    QueueDestination,
};

use super::{Centre, Error, require};
use crate::auth::{QueueRef, User, queue_ref};
use crate::views;
use control_plane::{AgentSight, Destinations, QueueAvailability, Receiver};

/// What an agent wants done with a call.
#[derive(Clone, Debug)]
pub struct Handing {
    /// What becomes of who accepts.
    pub kind: HandoverKind,
    /// To whom.
    pub to: Destination,
    /// A note to the receiver.
    pub note: Option<String>,
}

impl Centre {
    /// An agent hands the call over, consults, or asks somebody in; the request, which now waits.
    ///
    /// # Errors
    /// No such call, queue or agent, the user is no agent on it, or the call refuses.
    pub async fn hand_over(
        &self,
        user: &User,
        call: CallId,
        handing: Handing,
    ) -> Result<HandoverView, Error> {
        let leg = self.own_agent_leg(user, call)?;
        let receiver = self.receiver(&handing.to).await?;
        self.floor().handle_receiver(call, &receiver);
        let (to, note) = (receiver.target, handing.note);
        let command = match handing.kind {
            HandoverKind::Transfer => Command::Transfer { leg, to, note },
            HandoverKind::Consultation => Command::Consult { leg, to, note },
            HandoverKind::Conference => Command::Invite { leg, to, note },
        };
        let reply = self.command(user, call, command, None).await?;
        let requested = reply.applied.events.iter().find_map(|event| match event {
            Event::HandoverRequested(handover) => Some(handover),
            _ => None,
        });
        let floor = self.floor();
        // The caller may have hung up in that moment.
        let live = floor.live_call(call).ok_or(Error::NotFound("call"))?;
        requested
            .map(|it| views::call::handover(&live.card(), it))
            .ok_or(Error::Bug("a request left no handover"))
    }

    /// The sender takes a request back. A blind transfer's has left the call, and can't.
    ///
    /// # Errors
    /// No such call or request, or it is not the user's.
    pub async fn take_back(&self, user: &User, call: CallId, request: &str) -> Result<(), Error> {
        self.own_agent_leg(user, call)?;
        let handover = request.parse().map(HandoverId).map_err(|_| Error::NotFound("request"))?;
        let waits = self.floor().waiting_handover(call);
        if waits != Some(handover) {
            return Err(Error::NotFound("request"));
        }
        let outcome = HandoverOutcome::Cancelled;
        let command = Command::EndHandover { handover, outcome };
        self.command(user, call, command, None).await.map(drop)
    }

    /// What becomes of the user's consultation.
    ///
    /// # Errors
    /// No such call, the user is no agent on it, or consults nobody.
    pub async fn consultation(
        &self,
        user: &User,
        call: CallId,
        action: ConsultationAction,
    ) -> Result<(), Error> {
        let leg = self.own_agent_leg(user, call)?;
        let command = match action {
            ConsultationAction::Transfer => Command::CompleteTransfer { leg },
            ConsultationAction::Merge => Command::MergeConsultation { leg },
            ConsultationAction::Cancel => Command::CancelConsultation { leg },
        };
        self.command(user, call, command, None).await.map(drop)
    }

    /// Where an agent can hand calls and conversations to, or whom ask in.
    ///
    /// # Errors
    /// The user is no agent, or the queues can't be read.
    pub async fn destinations(&self, user: &User) -> Result<DestinationList, Error> {
        require(user, Permission::TakeCalls)?;
        let queues = self.queues().await?;
        Ok(destinations(&self.floor().destinations(user.id, queues)))
    }

    /// What a destination means, to staff.
    async fn receiver(&self, to: &Destination) -> Result<Receiver, Error> {
        match to {
            Destination::Queue(key) => {
                let queues = self.queues().await?;
                let queue = queues.into_iter().find(|queue| queue.key == *key);
                let queue = queue.ok_or(Error::NotFound("queue"))?;
                Ok(Receiver { target: Target::Queue(queue.id), queue: Some(queue) })
            }
            Destination::Agent(id) => {
                let id: UserId = id.parse().map_err(|_| Error::NotFound("agent"))?;
                self.floor().agent(id).ok_or(Error::NotFound("agent"))?;
                Ok(Receiver { target: Target::Agent(id), queue: None })
            }
        }
    }

    /// All queues.
    async fn queues(&self) -> Result<Vec<QueueRef>, Error> {
        Ok(self.stored_queues().await?.into_iter().map(queue_ref).collect())
    }

    pub(super) async fn stored_queues(&self) -> Result<Vec<store::Queue>, Error> {
        Ok(self.inner.store.queues().await?)
    }

    /// The user's own leg as an agent.
    fn own_agent_leg(&self, user: &User, call: CallId) -> Result<LegId, Error> {
        match self.viewer(user, call)? {
            Viewer::Agent(Some(leg)) => Ok(leg),
            _ => Err(Error::NotAllowed("Only an agent on the call can hand it over.")),
        }
    }
}

/// Where calls and conversations can go, in the API's words.
fn destinations(all: &Destinations) -> DestinationList {
    let queue = |it: &QueueAvailability| QueueDestination {
        available: it.available,
        queue: it.queue.key.clone(),
        name: it.queue.name.clone(),
    };
    let agent = |it: &AgentSight| AgentDestination {
        user: it.user.to_string(),
        name: it.name.clone(),
        state: views::presence(it.presence),
    };
    DestinationList {
        queues: all.queues.iter().map(queue).collect(),
        agents: all.agents.iter().map(agent).collect(),
    }
}
