//! What users ask of conversations: open, accept, write, supervise, hand over, end.
//!
//! Each asks the rights first, lets the conversation decide, keeps what came of it, and answers
//! once it is kept and told. See [`keeping`](super::commit) for the order of these.

use std::sync::Arc;

use interaction::conversation::{
    Channel, Command, Conversation, ConversationConfig, Draft, Features, Reader, Refusal,
    StaffRole, Viewer, Visibility,
};
use interaction::offers::{OfferError, Ticket};
use interaction::{
    Actor, AttachmentId, ConversationId, CustomerKey, HandoverId, LeaveReason, ModeKind,
    Permission, Revision, UnixMs, UserId, VisitorId,
};

use control_plane::{
    CONVERSATIONS_MAX, ConversationSight, Customer, LiveConversation, NewConversation, Pool,
    Subject,
};

use super::error::{
    AcceptError, ConversationError, DeclineError, NotOffered, OpenConversationError, PartError,
    PostError, SignError, SuperviseError,
};
use crate::error::{Bug, NotAllowed, NotBegun, NotFound, TooFast};
use crate::{Orchestrator, require};
use accounts::{User, unix_now};

/// Characters that a subject may have.
pub const SUBJECT_CHARS_MAX: usize = 200;

/// A message that a user wants to send.
#[derive(Clone, Debug)]
pub struct Posting {
    /// For whom.
    pub visibility: Visibility,
    /// The client's own id of it.
    pub client_id: String,
    /// The text.
    pub text: String,
    /// What is attached.
    pub attachments: Vec<AttachmentId>,
}

/// Where a message stands, for its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its number in the author's eyes.
    pub number: u64,
    /// Its place among the public ones.
    pub public: Option<u64>,
    /// When it was written.
    pub at: UnixMs,
}

impl Orchestrator {
    /// Opens a conversation to a queue: it waits for an agent. `visitor`: what a guest's browser says of itself.
    ///
    /// # Errors
    /// No right, no such queue, no room, or it could not be kept.
    pub async fn open_conversation(
        &self,
        user: &Arc<User>,
        queue: &str,
        subject: Option<String>,
        visitor: Option<VisitorId>,
    ) -> Result<ConversationSight, OpenConversationError> {
        let id = self.open_by(user, queue, (subject, visitor), None).await?;
        Ok(self.conversation(user, id)?)
    }

    /// As [`Self::open_conversation`], by a connector's channel if one is named.
    pub(super) async fn open_by(
        &self,
        user: &User,
        queue: &str,
        (subject, visitor): (Option<String>, Option<VisitorId>),
        channel: Option<&str>,
    ) -> Result<ConversationId, OpenConversationError> {
        require(user, Permission::PlaceCalls)?;
        {
            let live = self.live();
            if live.text().len() >= CONVERSATIONS_MAX {
                return Err(OpenConversationError::LinesBusy);
            }
            self.check_guest(&live, user, Pool::Conversations)?;
        }
        let queue = self.queue_for(user, queue).await?;
        // What came by another channel waits there: nobody could take it back.
        if channel.is_none() {
            self.check_open(Some(&queue))?;
        }
        let settings = self.settings().queue(queue.id);
        let id = ConversationId(rand::random());
        let (state, entry) = Conversation::open(
            unix_now(),
            ConversationConfig {
                id,
                requester: user.id,
                channel: channel.map_or(Channel::WebChat, |_| Channel::External),
                queue: Some(queue.id),
                policy: self.settings().policy(),
                features: features(&settings),
            },
        );
        let requester =
            Customer { id: user.id, name: user.name.clone(), is_guest: user.is_guest() };
        let record = LiveConversation::new(NewConversation {
            state,
            channel: channel.unwrap_or("web_chat").to_owned(),
            teams: vec![queue.team],
            queue: Some(queue),
            customer: CustomerKey::of(Some(user.id), None, visitor),
            requester,
            subject,
            pull: settings.pull,
            tells_place: settings.tell_place,
            mood: settings.mood,
            kept: 1,
        });
        self.check(user)?;
        self.keep_opening(&record, &entry).await?;
        metrics::counter!("sotto_conversations_opened_total").increment(1);
        let has_room =
            self.change(|live, now| live.handle_conversation_opened(now, record, &entry));
        if !has_room {
            self.converse_as_server(id, Command::End).await;
            return Err(OpenConversationError::LinesBusy);
        }
        Ok(id)
    }

    /// The conversations that the user may see and that go on.
    pub fn conversations(&self, user: &User) -> Vec<ConversationSight> {
        let live = self.live();
        let seen = live.text().of(user).into_iter();
        seen.map(|(live, viewer)| live.sight(viewer)).collect()
    }

    /// One conversation as the user may see it.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn conversation(
        &self,
        user: &User,
        id: ConversationId,
    ) -> Result<ConversationSight, NotFound> {
        let live = self.live();
        let seen = live.seen_conversation(user, id);
        seen.map(|(live, viewer)| live.sight(viewer)).ok_or(NotFound("conversation"))
    }

    /// An agent takes what is offered to them, or picks it from a list.
    ///
    /// # Errors
    /// No right, not offered, taken by another one, or as many as they may hold.
    pub async fn accept_conversation(
        &self,
        user: &User,
        id: ConversationId,
        handover: Option<HandoverId>,
    ) -> Result<ConversationSight, AcceptError> {
        require(user, Permission::TakeCalls)?;
        let rights = self.text_rights(user, StaffRole::Agent).await?;
        let ticket = self.claim(user, id, handover)?;
        let command = Command::JoinAgent { user: user.id, rights, handover: ticket.handover };
        match self.converse(user, id, command).await {
            Ok(_) => {
                self.change(|live, now| {
                    ((), live.publish_offer_ended(now, id, ticket.handover, user.id))
                });
                Ok(self.conversation(user, id)?)
            }
            Err(error) => {
                self.change(|live, now| {
                    ((), live.handle_conversation_claim_failed(now, ticket, user.id))
                });
                Err(error.into())
            }
        }
    }

    /// The agent does not take what is offered: it goes on to the next.
    ///
    /// # Errors
    /// No right, or it is not offered.
    pub fn decline_conversation(
        &self,
        user: &User,
        id: ConversationId,
    ) -> Result<(), DeclineError> {
        require(user, Permission::TakeCalls)?;
        self.check(user)?;
        let declined =
            self.change(|live, now| match live.handle_conversation_declined(now, user.id, id) {
                Ok(effects) => (Ok(()), effects),
                Err(error) => (Err(error), Vec::new()),
            });
        Ok(declined.map_err(|_| self.not_offered_text(user, id))?)
    }

    /// Writes. The receipt says that it is kept.
    ///
    /// # Errors
    /// No such conversation, no right, too much at once, or the conversation refuses.
    pub async fn post(
        &self,
        user: &User,
        id: ConversationId,
        posting: Posting,
    ) -> Result<(Posted, bool), PostError> {
        let viewer = self.text_viewer(user, id)?;
        let taken = self
            .change(|live, now| (live.text_mut().take_message(now.instant, user.id), Vec::new()));
        taken.map_err(TooFast)?;
        let files = self.own_uploads(user, id, &posting.attachments).await?;
        let Posting { visibility, client_id, text, attachments } = posting;
        let draft = Draft { visibility, client_id, text, attachments };
        let kept = self.converse_with(user, id, Command::Post(draft), files).await?;
        let receipt = kept.receipt.ok_or(Bug("a post left no receipt"))?;
        let number = match viewer.reader {
            Reader::Requester => receipt.public.unwrap_or_default(),
            _ => receipt.position,
        };
        let at = match kept.entries.first() {
            Some(entry) => entry.at,
            None => self.written_at(id, viewer, number).await?,
        };
        Ok((Posted { number, public: receipt.public, at }, receipt.again))
    }

    /// A sign that costs little: typing, or how far messages got.
    ///
    /// # Errors
    /// No such conversation, too much at once, or the conversation refuses.
    pub async fn sign(
        &self,
        user: &User,
        id: ConversationId,
        command: Command,
    ) -> Result<(), SignError> {
        self.text_viewer(user, id)?;
        let taken =
            self.change(|live, now| (live.text_mut().take_sign(now.instant, user.id), Vec::new()));
        taken.map_err(TooFast)?;
        match command {
            Command::Typing { visibility, on } => self.typing(user, id, visibility, on)?,
            kept => drop(self.converse(user, id, kept).await?),
        }
        Ok(())
    }

    /// Tells that somebody types. It takes no turn and waits for no disk: else its time would tell
    /// a customer that something private is being kept.
    fn typing(
        &self,
        user: &User,
        id: ConversationId,
        visibility: Visibility,
        on: bool,
    ) -> Result<(), ConversationError> {
        self.check(user)?;
        let told = self.change(|live, now| {
            let Some(record) = live.text().get(id) else {
                return (Err(NotFound("conversation").into()), Vec::new());
            };
            match record.state.typing(now.unix, Actor::User(user.id), visibility, on) {
                Ok(entry) => {
                    let effects = entry.map(|entry| live.publish_typing(now.unix, id, &entry));
                    (Ok(()), effects.unwrap_or_default())
                }
                Err(refusal) => (Err(ConversationError::Refused(refusal)), Vec::new()),
            }
        });
        if told.is_err() {
            metrics::counter!("sotto_text_refusals_total").increment(1);
        }
        told
    }

    /// Begins to supervise, or changes the mode; what now holds.
    ///
    /// # Errors
    /// No such conversation, no right, another first mode than Listen, or it refuses.
    pub async fn supervise_conversation(
        &self,
        user: &User,
        id: ConversationId,
        mode: ModeKind,
        announce: bool,
        revision: Option<u64>,
    ) -> Result<(ModeKind, Revision), SuperviseError> {
        let supervises = self.live().text().supervises(user.id).contains(&id);
        let is_retreat = supervises && mode == ModeKind::Listen;
        let set = async {
            self.may_oversee(user, id)?;
            self.set_text_mode(user, id, mode, announce, revision).await
        };
        self.audited(user, id, mode, is_retreat, set).await
    }

    /// Leaves: stops supervising, or goes as an agent or colleague. The last agent's leaving, and
    /// the customer's, ends the conversation.
    ///
    /// # Errors
    /// No such conversation, or not in it.
    pub async fn leave_conversation(
        &self,
        user: &User,
        id: ConversationId,
    ) -> Result<(), ConversationError> {
        self.text_viewer(user, id)?;
        let command = Command::Leave { user: user.id, reason: LeaveReason::HungUp };
        self.converse(user, id, command).await.map(drop)
    }

    /// Stops supervising; nothing else.
    ///
    /// # Errors
    /// No such conversation, or not supervising it.
    pub async fn stop_supervising(&self, user: &User, id: ConversationId) -> Result<(), PartError> {
        match self.text_viewer(user, id)?.reader {
            Reader::Supervisor => Ok(self.leave_conversation(user, id).await?),
            // It is as wished already.
            Reader::Overseer => Ok(()),
            _ => Err(NotAllowed("You do not supervise this conversation.").into()),
        }
    }

    /// Ends the conversation: the customer or an agent.
    ///
    /// # Errors
    /// No such conversation, or not theirs to end.
    pub async fn end_conversation(
        &self,
        user: &User,
        id: ConversationId,
    ) -> Result<(), ConversationError> {
        self.text_viewer(user, id)?;
        self.converse(user, id, Command::End).await.map(drop)
    }

    /// How the user sees the conversation.
    pub(super) fn text_viewer(&self, user: &User, id: ConversationId) -> Result<Viewer, NotFound> {
        let live = self.live();
        let seen = live.seen_conversation(user, id).ok_or(NotFound("conversation"))?;
        Ok(seen.1)
    }

    async fn set_text_mode(
        &self,
        user: &User,
        id: ConversationId,
        mode: ModeKind,
        announce: bool,
        revision: Option<u64>,
    ) -> Result<(ModeKind, Revision), SuperviseError> {
        let rights = self.text_rights(user, StaffRole::Supervisor).await?;
        let reader = self.text_viewer(user, id)?.reader;
        if reader != Reader::Supervisor {
            if mode != ModeKind::Listen {
                return Err(SuperviseError::NotListen);
            }
            self.learn_in(id, user);
            let what = Subject::Conversation(id);
            let begin = self.converse(user, id, Command::Supervise { user: user.id, rights });
            self.in_sight::<_, _, SuperviseError>(user, what, begin).await?;
            if !self.live().is_watched(what, user.id) {
                // The event stream ended while this was kept.
                let lost = Command::Leave { user: user.id, reason: LeaveReason::Lost };
                self.converse_as_server(id, lost).await;
                return Err(NotBegun::NoEventStream.into());
            }
        } else {
            // The rights of this very moment; the member learns of a change a little later.
            if !rights.allow(mode) {
                return Err(ConversationError::Refused(Refusal::NotPermitted).into());
            }
            let expected = revision.map(Revision);
            self.converse(user, id, Command::SetMode { mode, announce, expected }).await?;
        }
        let live = self.live();
        let record = live.text().get(id).ok_or(NotFound("conversation"))?;
        let mode = record.state.member(user.id).and_then(|member| member.mode());
        Ok((mode.ok_or(NotFound("supervision"))?, record.state.revision()))
    }

    fn claim(
        &self,
        user: &User,
        id: ConversationId,
        handover: Option<HandoverId>,
    ) -> Result<Ticket, AcceptError> {
        self.check(user)?;
        let claimed =
            self.change(|live, _| (live.handle_conversation_claim(user, id, handover), Vec::new()));
        claimed.map_err(|error| match error {
            OfferError::LimitReached => AcceptError::HoldsEnough,
            OfferError::Taken { by } => self.taken(user, id, by),
            OfferError::NotOffered | OfferError::Full => self.not_offered_text(user, id).into(),
        })
    }

    /// Somebody was faster: by name, to those who serve its queue.
    fn taken(&self, user: &User, id: ConversationId, by: UserId) -> AcceptError {
        let live = self.live();
        match live.text().get(id) {
            Some(record) if serves(user, record) => {
                AcceptError::Taken(record.participants.name_of(by))
            }
            _ => NotFound("conversation").into(),
        }
    }

    /// 404 for one that is none of the agent's business, else "no longer offered".
    fn not_offered_text(&self, user: &User, id: ConversationId) -> NotOffered {
        let live = self.live();
        let known = live
            .text()
            .get(id)
            .is_some_and(|record| serves(user, record) || record.viewer(user).is_some());
        if known { NotOffered::Gone } else { NotFound("conversation").into() }
    }

    pub(super) fn learn_in(&self, id: ConversationId, user: &User) {
        self.live().text_mut().learn(id, user);
    }
}

/// What a queue has switched on, for its conversations.
pub(super) fn features(settings: &store::QueueSettings) -> Features {
    Features {
        private_chat: settings.private_chat,
        help: settings.help,
        transcript_download: settings.transcript_download,
    }
}

fn serves(user: &User, record: &LiveConversation) -> bool {
    let queue = record.queue.as_ref().map(|queue| queue.id);
    user.permissions.has(Permission::TakeCalls) && user.queues.iter().any(|it| Some(it.id) == queue)
}
