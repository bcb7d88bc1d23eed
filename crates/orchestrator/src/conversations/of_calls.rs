//! The conversation beside a call: staff may write to each other, and to the caller, while they
//! talk. Its members follow the call's.
//!
//! Every answered call has one, whether anybody writes or not: one that came with a supervisor
//! would give them away to the caller. Nothing of it is kept before its first message.

use interaction::conversation::{Command, Conversation, PartKind, StaffRole};
use interaction::{CallId, ConversationId, LeaveReason, Leg, Party, Rights, UserId};

use super::commands::features;
use control_plane::ConversationSight;

use crate::Orchestrator;
use crate::error::NotFound;
use accounts::User;

/// Steps that one reconciliation may take; a call has fewer legs.
const STEPS_MAX: usize = 64;

impl Orchestrator {
    /// The conversation beside a call, as the user may see it.
    ///
    /// # Errors
    /// No such call, or nobody has answered it yet.
    pub fn conversation_beside(
        &self,
        user: &User,
        call: CallId,
    ) -> Result<ConversationSight, NotFound> {
        let id = {
            let live = self.live();
            live.seen(user, call).ok_or(NotFound("call"))?;
            live.text().of_call(call).ok_or(NotFound("conversation"))?
        };
        self.conversation(user, id)
    }

    /// Makes the conversation's members those of the call, as both are at this moment. It can be
    /// asked for at any time and in any order.
    pub(crate) async fn follow_call(self, call: CallId) {
        let queue = {
            let live = self.live();
            let record = live.live_call(call);
            record.and_then(|record| record.queue.as_ref().map(|queue| queue.id))
        };
        let settings = match queue {
            Some(queue) => self.settings().queue(queue),
            None => store::QueueSettings::default(),
        };
        let features = features(&settings);
        let fresh = ConversationId(rand::random());
        let opened = self.change(|live, now| {
            let mood = settings.mood;
            (live.handle_call_conversation(now, call, fresh, features, mood), Vec::new())
        });
        let Some(id) = opened else { return };
        for _ in 0..STEPS_MAX {
            let Some(step) = self.next_step(call, id).await else { return };
            self.converse_as_server(id, step).await;
        }
    }

    /// The next command that brings the conversation closer to its call.
    async fn next_step(&self, call: CallId, id: ConversationId) -> Option<Command> {
        let step = {
            let live = self.live();
            let record = live.text().get(id)?;
            let Some(on_call) = live.live_call(call) else { return Some(Command::End) };
            difference(&record.state, &agents(on_call.state.legs()))
        }?;
        Some(match step {
            Step::Joins(user) => {
                let rights = match self.auth().load(user).await {
                    Ok(Some(user)) => {
                        self.learn_in(id, &user);
                        self.text_rights(&user, StaffRole::Agent).await.unwrap_or_default()
                    }
                    _ => Rights::default(),
                };
                Command::JoinAgent { user, rights, handover: None }
            }
            Step::Leaves(user) => Command::Leave { user, reason: LeaveReason::Lost },
        })
    }
}

/// What is to be done.
enum Step {
    Joins(UserId),
    Leaves(UserId),
}

/// The agents who talk with the caller: one who is only consulted is not there yet.
fn agents<'a>(legs: impl IntoIterator<Item = &'a Leg>) -> Vec<UserId> {
    let talks = |leg: &&Leg| matches!(leg.party, Party::Agent { consulted_by: None, .. });
    legs.into_iter().filter(talks).map(|leg| leg.user).collect()
}

fn difference(conversation: &Conversation, wanted: &[UserId]) -> Option<Step> {
    let is_agent = |user: UserId| {
        conversation.member(user).is_some_and(|it| it.part.kind() == PartKind::Agent)
    };
    let missing = wanted.iter().find(|user| !is_agent(**user)).map(|user| Step::Joins(*user));
    missing.or_else(|| {
        let gone = conversation.agents().find(|agent| !wanted.contains(&agent.user));
        gone.map(|agent| Step::Leaves(agent.user))
    })
}
