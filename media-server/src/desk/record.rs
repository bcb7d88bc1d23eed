//! One conversation as the desk keeps it: its state, and who is called what.

use std::sync::Arc;

use interaction::access::{InteractionFacts, PartTime};
use interaction::conversation::{Channel, Conversation, ConversationConfig, Entry, Reader, Viewer};
use interaction::{CallId, ConversationId, TeamId, UserId, access};

use super::mood::Mood;
use crate::auth::{QueueRef, User};
use crate::centre::known::Known;

/// One conversation, from its opening until it ends.
#[derive(Debug)]
pub struct Record {
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
    /// What it is about.
    pub subject: Option<String>,
    /// Agents pick it from a list.
    pub pull: bool,
    /// The mood of the customer's last messages, if the queue has it on.
    pub mood: Option<Mood>,
    /// Events that the store has.
    pub kept: u64,
    /// What happened before anything was written in one that stands beside a call: kept with the
    /// first message, or never.
    pub unkept: Vec<Entry>,
    /// Who and what had to do with it.
    pub known: Known,
    /// Whoever changes it holds this from reading the state until the change is kept.
    pub turn: Arc<tokio::sync::Mutex<()>>,
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
pub struct NewRecord {
    /// The conversation as it is.
    pub state: Conversation,
    /// See [`Record::channel`].
    pub channel: String,
    /// See [`Record::queue`].
    pub queue: Option<QueueRef>,
    /// See [`Record::teams`].
    pub teams: Vec<TeamId>,
    /// See [`Record::requester`].
    pub requester: Customer,
    /// See [`Record::subject`].
    pub subject: Option<String>,
    /// See [`Record::pull`].
    pub pull: bool,
    /// Whether the queue has the mood on.
    pub mood: bool,
    /// See [`Record::kept`].
    pub kept: u64,
}

impl Record {
    /// A record of a conversation.
    pub fn new(new: NewRecord) -> Self {
        let NewRecord { state, channel, queue, teams, requester, subject, pull, mood, kept } = new;
        let mut known = Known::default();
        known.learn(requester.id, &requester.name, "");
        queue.iter().for_each(|queue| known.learn_queue(queue.clone()));
        Self {
            state,
            channel,
            queue,
            teams,
            requester,
            subject,
            pull,
            mood: mood.then(Mood::default),
            kept,
            unkept: Vec::new(),
            known,
            turn: Arc::default(),
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

    /// The record as it would be in `state`, to be kept.
    pub fn draft(&self, state: Conversation) -> Self {
        Self {
            state,
            channel: self.channel.clone(),
            queue: self.queue.clone(),
            teams: self.teams.clone(),
            requester: self.requester.clone(),
            subject: self.subject.clone(),
            pull: self.pull,
            mood: self.mood.clone(),
            kept: self.kept,
            unkept: Vec::new(),
            known: self.known.clone(),
            turn: self.turn.clone(),
        }
    }

    /// The customer's message at a public place had this score; `true`: the mood is another now.
    pub fn heard(&mut self, place: u64, score: Option<f32>) -> bool {
        let Some(mood) = &mut self.mood else { return false };
        let before = mood.view();
        mood.heard(place, score);
        mood.view() != before
    }

    /// The mood as a reader may see it: it is for staff. Who does not listen sees it, too: it is
    /// an indicator, and tells no text.
    pub fn mood_for(&self, reader: Reader) -> Option<wire::MoodView> {
        self.shows_mood(reader).then(|| self.mood.as_ref()?.view()).flatten()
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

    /// Whether the store knows of it.
    pub fn is_kept(&self) -> bool {
        self.kept > 0
    }
}
