//! One conversation as it goes on: its state, and who is called what.

use std::sync::Arc;

use interaction::access::{InteractionFacts, PartTime};
use interaction::conversation::{
    Channel, Conversation, ConversationConfig, Entry, Part, Reader, TranscriptKind, Viewer,
    Visibility, may_have_transcript, may_write,
};
use interaction::{CallId, ConversationId, CustomerKey, QueueRef, TeamId, User, UserId, access};

use crate::participants::Participants;
use crate::publication::{ConversationCard, ConversationRights, ConversationSight};
use crate::text_mood::{TextFigures, TextMood};

/// One conversation, from its opening until it ends.
#[derive(Debug)]
pub struct LiveConversation {
    /// What has happened, as far as it is kept.
    pub state: Conversation,
    /// `web_chat`, `voice` (beside a call), or a connector's name.
    pub channel: String,
    /// The queue that it was opened to.
    pub queue: Option<QueueRef>,
    /// The teams whose supervisors may see it.
    pub teams: Vec<TeamId>,
    /// The customer.
    pub requester: Customer,
    /// By what the customer is known; beside a call it is no contact of its own.
    pub customer: Option<CustomerKey>,
    /// What it is about.
    pub subject: Option<String>,
    /// Agents pick it from a list.
    pub pull: bool,
    /// Whether the customer is told their place in the queue.
    pub tells_place: bool,
    /// Their place; `None`: it waits in no queue, or the customer is not told.
    pub place: Option<u32>,
    /// The mood of the customer's last messages, if the queue has it on.
    pub mood: Option<TextMood>,
    /// Events that the store has.
    pub kept: u64,
    /// What happened before anything was written in one that stands beside a call: kept with the
    /// first message, or never.
    pub unkept: Vec<Entry>,
    /// Everybody's names.
    pub participants: Arc<Participants>,
}

/// Who is served.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Who.
    pub id: UserId,
    /// The name shown.
    pub name: String,
    /// Without an account: their token ends with the conversation.
    pub is_guest: bool,
}

/// What is needed for a new record.
#[derive(Debug)]
pub struct NewConversation {
    /// The conversation as it is.
    pub state: Conversation,
    /// See [`LiveConversation::channel`].
    pub channel: String,
    /// See [`LiveConversation::queue`].
    pub queue: Option<QueueRef>,
    /// See [`LiveConversation::teams`].
    pub teams: Vec<TeamId>,
    /// See [`LiveConversation::requester`].
    pub requester: Customer,
    /// See [`LiveConversation::customer`].
    pub customer: Option<CustomerKey>,
    /// See [`LiveConversation::subject`].
    pub subject: Option<String>,
    /// See [`LiveConversation::pull`].
    pub pull: bool,
    /// Whether the queue has that switched on. In a pull queue's list nobody has a place.
    pub tells_place: bool,
    /// Whether the queue has the mood on.
    pub mood: bool,
    /// See [`LiveConversation::kept`].
    pub kept: u64,
}

impl NewConversation {
    /// A connector's customers see no page of ours that could tell them, and a list to pick from has no places.
    fn tells_place(&self) -> bool {
        self.tells_place && !self.pull && self.state.config().channel == Channel::WebChat
    }
}

impl LiveConversation {
    /// A record of a conversation.
    pub fn new(new: NewConversation) -> Self {
        let tells_place = new.tells_place();
        let NewConversation { state, channel, queue, teams, requester, customer, .. } = new;
        let NewConversation { subject, pull, mood, kept, .. } = new;
        let mut participants = Participants::default();
        participants.learn(requester.id, &requester.name, "");
        queue.iter().for_each(|queue| participants.learn_queue(queue.clone()));
        Self {
            state,
            channel,
            queue,
            teams,
            requester,
            customer,
            subject,
            pull,
            tells_place,
            place: None,
            mood: mood.then(TextMood::default),
            kept,
            unkept: Vec::new(),
            participants: Arc::new(participants),
        }
    }

    /// Its id.
    pub fn id(&self) -> ConversationId {
        self.config().id
    }

    /// What it is made of.
    pub fn config(&self) -> &ConversationConfig {
        self.state.config()
    }

    /// The call that it stands beside.
    pub fn call(&self) -> Option<CallId> {
        match self.config().channel {
            Channel::BesideCall(call) => Some(call),
            Channel::WebChat | Channel::External => None,
        }
    }

    /// Through whose eyes the user sees it, if at all: as a member, else as one who may supervise
    /// it. To whom it is offered is known to the desk.
    pub fn viewer(&self, user: &User) -> Option<Viewer> {
        self.viewer_of(&self.state, user)
    }

    /// As [`Self::viewer`], in a given state.
    pub fn viewer_of(&self, state: &Conversation, user: &User) -> Option<Viewer> {
        self.viewer_with(state, user, false)
    }

    /// As [`Self::viewer_of`]; `offered`: to this user it is offered.
    pub fn viewer_with(&self, state: &Conversation, user: &User, offered: bool) -> Option<Viewer> {
        let part = state.member(user.id).map(|it| PartTime { part: it.part.kind(), left: None });
        let facts =
            InteractionFacts { runs: true, teams: &self.teams, parts: part.as_slice(), offered };
        access(&facts, user).map(|access| Viewer { user: user.id, reader: access.reader })
    }

    /// Remembers how somebody who has to do with it is called.
    pub fn learn(&mut self, user: UserId, name: &str, username: &str) {
        Arc::make_mut(&mut self.participants).learn(user, name, username);
    }

    /// Remembers a queue that it came to, or may be handed to.
    pub fn learn_queue(&mut self, queue: QueueRef) {
        Arc::make_mut(&mut self.participants).learn_queue(queue);
    }

    /// What does not change, to be shown.
    pub fn card(&self) -> Arc<ConversationCard> {
        Arc::new(ConversationCard {
            id: self.id(),
            channel: self.channel.clone(),
            call: self.call(),
            queue: self.queue.as_ref().map(|queue| queue.key.clone()),
            requester: self.requester.id,
            subject: self.subject.clone(),
            participants: self.participants.clone(),
        })
    }

    /// The conversation as a viewer sees it.
    pub fn sight(&self, viewer: Viewer) -> ConversationSight {
        ConversationSight {
            card: self.card(),
            view: self.state.view(viewer),
            may: rights(&self.state, viewer),
            mood: self.mood_for(viewer.reader),
            place: self.place.filter(|_| viewer.reader == Reader::Requester && !self.is_answered()),
        }
    }

    /// The customer's message at a public place had this score; `true`: the mood is another now.
    pub fn handle_score(&mut self, place: u64, score: Option<f32>) -> bool {
        let Some(mood) = &mut self.mood else { return false };
        let before = mood.figures();
        mood.handle_score(place, score);
        mood.figures() != before
    }

    /// The mood as a reader may see it: it is for staff. Who does not listen sees it, too: it is
    /// an indicator, and tells no text.
    pub fn mood_for(&self, reader: Reader) -> Option<TextFigures> {
        self.shows_mood(reader).then(|| self.mood.as_ref()?.figures()).flatten()
    }

    /// Whether the reader may see a mood here.
    pub fn shows_mood(&self, reader: Reader) -> bool {
        match reader {
            Reader::Agent | Reader::Colleague | Reader::Supervisor | Reader::Overseer => {
                self.mood.is_some()
            }
            Reader::Requester | Reader::Offered => false,
        }
    }

    /// Whether an agent has ever come.
    pub(crate) fn is_answered(&self) -> bool {
        self.state.answered_at().is_some()
    }

    /// Whether the store knows of it.
    pub fn is_kept(&self) -> bool {
        self.kept > 0
    }
}

/// What the viewer may do: by the same rule that will be asked when they do it.
fn rights(state: &Conversation, viewer: Viewer) -> ConversationRights {
    let over = state.ended().is_some();
    let member = state.member(viewer.user).filter(|_| !over);
    let taken_over = state.taken_over_by().is_some();
    let may =
        |visibility| member.is_some_and(|member| may_write(&member.part, visibility, taken_over));
    let features = &state.config().features;
    let is_requester = member.is_some_and(|member| matches!(member.part, Part::Requester));
    ConversationRights {
        write_public: may(Visibility::Public),
        write_private: !is_requester && features.private_chat && may(Visibility::Private),
        transcript: over && may_have_transcript(viewer.reader, TranscriptKind::External, features),
    }
}
