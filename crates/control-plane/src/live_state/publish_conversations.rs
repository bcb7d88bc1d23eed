//! Who is told what of conversations: each change, once for every kind of reader.

use interaction::conversation::{self, Conversation, Entry, Event, Part, Reader, Viewer, disclose};
use interaction::offers::{Medium, Ticket};
use interaction::{ConversationId, HandoverId, Permission, QueueId, UnixMs, User, UserId};

use super::{Effect, LiveState, Moment, publish, publish_lossy};
use crate::live_conversation::LiveConversation;
use crate::publication::{
    ConversationNews, ConversationOffer, ConversationSight, DeliveryFailure, FileCard, News,
    TextSnapshot,
};
use crate::streams::StreamId;

/// Readers who see a conversation alike.
struct Audience {
    viewer: Option<Viewer>,
    /// Named where what is told depends on it.
    user: UserId,
    streams: Vec<StreamId>,
}

impl LiveState {
    /// All conversations that the user may see now, and what is offered.
    pub fn text_snapshot(&self, now: Moment, user: &User) -> TextSnapshot {
        let offered = self.offers.offered_to(user.id, Medium::Text);
        let seen = self.text.of(user).into_iter();
        TextSnapshot {
            conversations: seen.map(|(live, viewer)| live.sight(viewer)).collect(),
            offers: offered
                .into_iter()
                .filter_map(|it| self.text_offer(now, user.id, it))
                .collect(),
            waiting: self.waiting_for(user.id, None),
            chats: self.chats.of(user.id),
        }
    }

    /// Tells the agent, on all their streams, that an offer is over.
    pub fn publish_offer_ended(
        &self,
        now: Moment,
        id: ConversationId,
        handover: Option<HandoverId>,
        agent: UserId,
    ) -> Vec<Effect> {
        let news = News::ConversationOfferEnded(id, handover);
        self.publish_to(now.unix, agent, news)
    }

    /// Tells each of these users, on all their event streams.
    pub fn publish_each(&self, at: UnixMs, news: Vec<(UserId, News)>) -> Vec<Effect> {
        news.into_iter().flat_map(|(user, news)| self.publish_to(at, user, news)).collect()
    }

    /// Tells of what changed, each as far as it concerns them: who left in it is told of it as who
    /// they were.
    pub(super) fn publish_conversation(
        &self,
        at: UnixMs,
        id: ConversationId,
        entries: &[Entry],
        files: &[FileCard],
    ) -> Vec<Effect> {
        let Some(live) = self.text.get(id) else { return Vec::new() };
        let senders = entries.iter().filter_map(|entry| match &entry.event {
            Event::HandoverEnded(handover, _) => Some(handover.from),
            _ => None,
        });
        let leaving: Vec<Viewer> =
            entries.iter().filter_map(|entry| leaving(live, entry)).collect();
        let mut effects = Vec::new();
        for audience in self.text_audiences(live, &leaving, senders) {
            for entry in entries {
                let Some(news) = news(live, &audience, entry, files) else { continue };
                let to = audience.streams.clone();
                effects.push(if entry.event.is_kept() {
                    publish(at, to, news)
                } else {
                    publish_lossy(at, to, news)
                });
            }
        }
        effects
    }

    /// Tells that somebody types, to whom it concerns and who has read all the rest. It is no change
    /// of the conversation, and is kept nowhere.
    pub fn publish_typing(&self, at: UnixMs, id: ConversationId, entry: &Entry) -> Vec<Effect> {
        self.publish_conversation(at, id, std::slice::from_ref(entry), &[])
    }

    /// The mood is another now.
    pub(super) fn publish_mood(&self, at: UnixMs, id: ConversationId) -> Vec<Effect> {
        let Some(live) = self.text.get(id) else { return Vec::new() };
        let audiences = self.text_audiences(live, &[], std::iter::empty()).into_iter();
        let shown = audiences.filter_map(|audience| {
            let viewer = audience.viewer.filter(|it| live.shows_mood(it.reader))?;
            let news = News::ConversationUpdated(Box::new(live.sight(viewer)));
            Some(publish(at, audience.streams, news))
        });
        shown.collect()
    }

    /// The customer's place in the queue is another one now.
    pub(super) fn publish_place(&self, at: UnixMs, id: ConversationId) -> Vec<Effect> {
        let Some(live) = self.text.get(id) else { return Vec::new() };
        let customer = Viewer { user: live.requester.id, reader: Reader::Requester };
        let news = News::ConversationUpdated(Box::new(live.sight(customer)));
        self.publish_to(at, live.requester.id, news)
    }

    /// A public message never reaches the customer. Told to staff who read it, and to no customer.
    pub(super) fn publish_not_delivered(
        &self,
        at: UnixMs,
        id: ConversationId,
        public_position: u64,
        failure: &DeliveryFailure,
    ) -> Vec<Effect> {
        let Some(live) = self.text.get(id) else { return Vec::new() };
        let audiences = self.text_audiences(live, &[], std::iter::empty()).into_iter();
        let told = audiences.filter_map(|audience| {
            match audience.viewer?.reader {
                Reader::Agent | Reader::Colleague | Reader::Supervisor => {}
                Reader::Requester | Reader::Offered | Reader::Overseer => return None,
            }
            let news = News::NotDelivered(id, public_position, failure.clone());
            Some(publish(at, audience.streams, news))
        });
        told.collect()
    }

    /// Tells those who pick from a queue's list what waits in it.
    pub(super) fn publish_list(&self, at: UnixMs, queue: QueueId) -> Vec<Effect> {
        let serving = self.streams.of_queue(queue);
        let takes = serving.filter(|(_, user)| user.permissions.has(Permission::TakeCalls));
        let list = |(stream, user): (StreamId, &std::sync::Arc<User>)| {
            let key = user.queues.iter().find(|it| it.id == queue)?.key.clone();
            let waiting = self.waiting_for(user.id, Some(&key));
            Some(publish(at, vec![stream], News::QueueList(key, waiting)))
        };
        takes.filter_map(list).collect()
    }

    /// What is offered to an agent, as they see it.
    pub(super) fn text_offer(
        &self,
        now: Moment,
        agent: UserId,
        ticket: Ticket,
    ) -> Option<ConversationOffer> {
        let live = self.text.get(ticket.interaction.conversation()?)?;
        let (_, until) = self.offers.offer(ticket)?;
        let left = until.saturating_duration_since(now.instant);
        let viewer = live.state.viewer(agent, Some(Reader::Offered))?;
        let handover = ticket
            .handover
            .and_then(|id| live.state.handovers().iter().find(|it| it.id == id).cloned());
        Some(ConversationOffer {
            sight: live.sight(viewer),
            handover,
            expires_at: UnixMs(now.unix.0 + left.as_millis() as u64),
        })
    }

    /// What the agent may pick, of one queue or of all.
    fn waiting_for(&self, agent: UserId, queue: Option<&str>) -> Vec<ConversationSight> {
        let viewer = Viewer { user: agent, reader: Reader::Offered };
        let tickets = self.offers.pullable(agent).into_iter();
        let live = tickets.filter_map(|it| self.text.get(it.interaction.conversation()?));
        let of_queue = |live: &&LiveConversation| {
            queue.is_none_or(|key| live.queue.as_ref().is_some_and(|it| it.key == key))
        };
        live.filter(of_queue).map(|live| live.sight(viewer)).collect()
    }

    /// Who is told of a change, those who see it alike together: of those who are not in it, only
    /// what they are counts, not who.
    fn text_audiences(
        &self,
        live: &LiveConversation,
        leaving: &[Viewer],
        senders: impl Iterator<Item = UserId>,
    ) -> Vec<Audience> {
        let members = live.state.members().iter().map(|member| member.user);
        let left = leaving.iter().map(|viewer| viewer.user);
        let users = members.chain(left).chain(senders);
        let mut audiences: Vec<Audience> = Vec::new();
        for (stream, user) in self.streams.concerned(users, &live.teams) {
            let viewer = match leaving.iter().find(|it| it.user == user.id) {
                Some(viewer) => Some(*viewer),
                None => live.viewer(user),
            };
            let outside = viewer.is_some_and(|viewer| viewer.reader == Reader::Overseer);
            let alike = audiences.iter_mut().find(|it| {
                let same = it.user == user.id && it.viewer == viewer;
                same || outside && it.viewer.is_some_and(|it| it.reader == Reader::Overseer)
            });
            match alike {
                Some(audience) => audience.streams.push(stream),
                None => audiences.push(Audience { viewer, user: user.id, streams: vec![stream] }),
            }
        }
        audiences
    }
}

/// The eyes of somebody who left, if they are not in it again.
fn leaving(live: &LiveConversation, entry: &Entry) -> Option<Viewer> {
    match &entry.event {
        Event::Left(member, _) if live.state.member(member.user).is_none() => {
            Some(Viewer { user: member.user, reader: Reader::of(&member.part) })
        }
        _ => None,
    }
}

/// What a reader is told of one entry.
fn news(
    live: &LiveConversation,
    audience: &Audience,
    entry: &Entry,
    files: &[FileCard],
) -> Option<News> {
    let state = &live.state;
    if let Event::Joined(member) = &entry.event
        && member.user == audience.user
        && let Part::Colleague { tagged_by, .. } = member.part
    {
        return Some(News::Tagged(Box::new(live.sight(audience.viewer?)), tagged_by));
    }
    let told = audience.viewer.and_then(|viewer| {
        let told = disclose(&live.config().policy, viewer, entry)?;
        // The end says it for everybody.
        let is_said =
            matches!(told.what, conversation::Disclosed::Left(..)) && state.ended().is_some();
        (!is_said).then(|| {
            News::Conversation(Box::new(ConversationNews {
                sight: live.sight(viewer),
                at: told.at,
                author_part: author_part(state, &told.what),
                what: told.what,
                files: files.to_vec(),
            }))
        })
    });
    match (&told, &entry.event) {
        // Who asked is told how it ended, even after leaving.
        (None, Event::HandoverEnded(handover, outcome)) if handover.from == audience.user => {
            let (handover, outcome) = (handover.clone(), *outcome);
            Some(News::ConversationHandoverEnded(live.card(), handover, outcome))
        }
        _ => told,
    }
}

fn author_part(
    state: &Conversation,
    what: &conversation::Disclosed,
) -> Option<conversation::PartKind> {
    match what {
        conversation::Disclosed::Posted(message) => {
            state.member(message.author).map(|member| member.part.kind())
        }
        _ => None,
    }
}
