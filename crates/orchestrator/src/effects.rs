//! Does what the live state wants done elsewhere.

use control_plane::{DomainEvent, Effect};
use interaction::ConversationId;

use super::{Orchestrator, call_log, counters, in_background};

impl Orchestrator {
    /// Hands news to the event streams, in order; what else is to be done.
    pub(super) fn hand_on_news(&self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Publish(publication) => {
                    self.inner.phones.tell(&publication);
                    self.inner.streams.publish(publication);
                }
                Effect::EndStream(id, ending) => {
                    self.inner.phones.end(id, ending);
                    self.inner.streams.end(id, ending);
                }
                other => rest.push(other),
            }
        }
        rest
    }

    /// Does what came of a change. Not generic: what is made of each change is made once.
    pub(super) fn bring_about(&self, effects: Vec<Effect>) {
        let mut reached = false;
        for effect in effects {
            match effect {
                Effect::ToMedia { call, command } => {
                    in_background(self.clone().command_as_server(call, command));
                }
                Effect::Persist(DomainEvent::Supervised(act)) => {
                    self.inner.supervision_log.note(call_log::supervision_record(&act));
                }
                Effect::Persist(event) => {
                    if let DomainEvent::CallEnded(summary) = &event {
                        self.inner.followers.ended(summary.card.id, summary.end);
                    }
                    self.inner.call_log.keep(event);
                }
                Effect::GuestDone(user) => self.inner.auth.call_ended(user),
                Effect::ToConversation { conversation, command } => {
                    let orchestrator = self.clone();
                    in_background(async move {
                        orchestrator.converse_as_server(conversation, command).await;
                    });
                }
                Effect::ScoreMood { conversation, place, text } => {
                    in_background(self.clone().score_mood(conversation, place, text));
                }
                Effect::FollowCall(call) => in_background(self.clone().follow_call(call)),
                Effect::Transcribe(id) => in_background(self.clone().transcribe(id)),
                Effect::CallReached(call, _) => {
                    self.call_progressed(call);
                    reached = true;
                }
                Effect::Count(counter) => counters::count(counter),
                Effect::Publish(_) | Effect::EndStream(..) => {
                    unreachable!("news is handed on under the lock")
                }
            }
        }
        if reached {
            self.inner.reached.send_modify(|count| *count += 1);
        }
    }

    /// The mood of what a customer wrote.
    async fn score_mood(self, id: ConversationId, place: u64, text: String) {
        let score = crate::conversations::mood::score(&text);
        self.change(|live, now| ((), live.handle_mood(now, id, place, score)));
    }
}
