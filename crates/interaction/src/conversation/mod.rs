//! One text conversation: who is in it, what is written, and what may change it.
//!
//! [`Conversation::decide`] turns a command into what happens ([`Entry`]) or says why nothing does
//! ([`Refusal`]); [`Conversation::evolve`] makes an entry true. [`may_read`] decides who reads what,
//! and [`disclose`] what each one is told of an event. What holds:
//!
//! 1. A refusal changes nothing, and [`decide`](Conversation::decide) never does.
//! 2. The state is made of its entries alone: [`Conversation::replay`] brings one back after a
//!    restart, typing left out.
//! 3. The same `client_id` of the same author is the same message, whatever has changed since.
//! 4. Public messages are numbered without a gap, and nothing private counts in what the customer
//!    is told.
//! 5. A user takes part once; each part has room of its own, so that nobody hidden takes a place.
//! 6. A supervisor begins in Listen and holds no mode without its right; nobody comes to Barge or
//!    take-over unannounced, and one at most takes over.
//! 7. A message costs the same however many there are.
//!
//! Texts themselves are not kept here, only what is needed to number messages and to recognise a
//! retry; they are in the entries, which the shell stores before it acknowledges anything. It
//! knows no clock, no names of people and no limits of an agent's load (see
//! [`offers`](crate::offers)).
//!
//! ```
//! use interaction::conversation::{
//!     Channel, Command, Conversation, ConversationConfig, Draft, Features, Refusal, Visibility,
//! };
//! use interaction::{Actor, ConversationId, Policy, QueueId, UnixMs, UserId};
//!
//! let customer = UserId(7);
//! let (mut it, _opened) = Conversation::open(UnixMs(0), ConversationConfig {
//!     id: ConversationId(1),
//!     requester: customer,
//!     channel: Channel::WebChat,
//!     queue: Some(QueueId(1)),
//!     policy: Policy::default(),
//!     features: Features::default(),
//! });
//! let post = |visibility| Command::Post(Draft {
//!     visibility,
//!     client_id: "m1".to_owned(),
//!     text: "Hello".to_owned(),
//!     attachments: Vec::new(),
//! });
//! let by = Actor::User(customer);
//! assert_eq!(it.decide(UnixMs(1), by, post(Visibility::Private)), Err(Refusal::NotPermitted));
//! let entries = it.decide(UnixMs(1), by, post(Visibility::Public))?;
//! // The shell keeps the entries here; what could not be kept did not happen.
//! entries.iter().for_each(|entry| it.evolve(entry));
//! assert_eq!(it.decide(UnixMs(2), by, post(Visibility::Public))?, [], "a retry is harmless");
//! # Ok::<(), Refusal>(())
//! ```

mod command;
mod disclosure;
mod members;
mod message;
mod party;
mod reading;
mod requests;
mod rights;
mod transcript;
mod writing;

use std::collections::{BTreeMap, HashMap};

pub use command::{Applied, Command, EndReason, Entry, Event, Refusal};
pub use disclosure::{Disclosed, MemberView, MessageView, Phase, Told, View, disclose};
pub use message::{
    ATTACHMENTS_MAX, CLIENT_ID_CHARS_MAX, Draft, MESSAGES_MAX, MarkKind, Message, Receipt,
    TEXT_CHARS_MAX, Visibility,
};
pub use party::{Member, Part, PartKind};
pub use reading::{Reader, Viewer, may_read, may_write, sees, sees_mode};
pub use rights::{StaffRole, WhisperRule, text_rights};
pub use transcript::{Line, Said, Transcript, TranscriptKind, may_have_transcript, transcript};
use writing::Written;

use crate::handover::Handover;
use crate::help::{Help, HelpDesk};
use crate::{Actor, CallId, ConversationId, Policy, QueueId, Revision, UnixMs, UserId};

/// Agents that a conversation can have.
pub const AGENTS_MAX: usize = 8;
/// Colleagues that can be tagged in.
pub const COLLEAGUES_MAX: usize = 16;
/// Supervisors that can be in it. Each part is counted apart: nobody invisible takes a place.
pub const SUPERVISORS_MAX: usize = 16;
/// Requests to hand over or to ask in that can wait at a time.
pub const HANDOVERS_MAX: usize = 4;

/// What a conversation is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationConfig {
    /// Its id.
    pub id: ConversationId,
    /// The customer.
    pub requester: UserId,
    /// How the customer's messages come and go.
    pub channel: Channel,
    /// The queue that it was opened to; `None`: straight to an agent.
    pub queue: Option<QueueId>,
    /// The centre's choices about supervision.
    pub policy: Policy,
    /// What the queue has switched on.
    pub features: Features,
}

/// How the customer's messages come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Our own chat page or widget.
    WebChat,
    /// Beside this voice call.
    BesideCall(CallId),
    /// A connector by webhook; its name is the shell's.
    External,
}

/// What a queue has switched on. Default: all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Private messages.
    pub private_chat: bool,
    /// Help requests.
    pub help: bool,
    /// The customer may have the external transcript.
    pub transcript_download: bool,
}

/// One conversation. Cloning it copies the index of its messages, too: no step needs that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    config: ConversationConfig,
    revision: Revision,
    members: Vec<Member>,
    /// Every message by author and client id, to recognise a retry: at most twice [`MESSAGES_MAX`].
    written: HashMap<(UserId, String), Written>,
    public_count: u64,
    private_count: u64,
    marks: BTreeMap<(UserId, MarkKind), u64>,
    help: HelpDesk,
    handovers: Vec<Handover>,
    handovers_made: u64,
    opened_at: UnixMs,
    answered_at: Option<UnixMs>,
    ended: Option<EndReason>,
}

impl Conversation {
    /// Opens one: the requester is in it, and it waits for an agent.
    pub fn open(at: UnixMs, config: ConversationConfig) -> (Self, Entry) {
        let requester = Member { user: config.requester, part: Part::Requester, since: at };
        let entry = Entry { at, event: Event::Opened(requester) };
        let mut conversation = Self::empty(config);
        conversation.evolve(&entry);
        (conversation, entry)
    }

    /// The conversation that these events made. Send it [`Command::Recover`] before anybody else
    /// may use it: supervision is off after a restart.
    pub fn replay<'a>(
        config: ConversationConfig,
        entries: impl IntoIterator<Item = &'a Entry>,
    ) -> Self {
        let mut conversation = Self::empty(config);
        for entry in entries {
            conversation.evolve(entry);
        }
        conversation
    }

    /// What a command would make happen, in order; nothing has changed yet. No entries: everything
    /// is as asked already. Messages, typing and marks copy nothing; any other change is worked out
    /// on a copy of the roster (see [`Self::draft`]).
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn decide(&self, at: UnixMs, by: Actor, command: Command) -> Result<Vec<Entry>, Refusal> {
        if self.ended.is_some() {
            return Err(Refusal::Ended);
        }
        match command {
            Command::Post(draft) => self.post(at, by, draft).map(Vec::from_iter),
            Command::Typing { visibility, on } => {
                self.typing(at, by, visibility, on).map(Vec::from_iter)
            }
            Command::Mark { kind, up_to } => self.mark(at, by, kind, up_to).map(Vec::from_iter),
            Command::JoinAgent { user, rights, handover } => {
                self.draft(at, |it, out| it.join_agent(user, rights, handover, out))
            }
            Command::Tag { user, rights } => {
                self.draft(at, |it, out| it.tag(by, user, rights, out))
            }
            Command::Supervise { user, rights } => {
                self.draft(at, |it, out| it.supervise(user, rights, out))
            }
            Command::SetMode { mode, announce, expected } => {
                self.draft(at, |it, out| it.set_mode(by, mode, announce, expected, out))
            }
            Command::SetRights { user, rights } => self.draft(at, |it, out| {
                it.set_rights(user, rights, out);
                Ok(())
            }),
            Command::Leave { user, reason } => {
                self.draft(at, |it, out| it.leave(by, user, reason, out))
            }
            Command::RaiseHelp { reason } => {
                self.draft(at, |it, out| it.raise_help(by, reason, out))
            }
            Command::TakeHelp => self.draft(at, |it, out| it.take_help(by, out)),
            Command::ReleaseHelp { user } => {
                self.draft(at, |it, out| it.release_help_by(by, user, out))
            }
            Command::CloseHelp => self.draft(at, |it, out| it.close_help(by, out)),
            Command::Transfer { to, note } => {
                self.draft(at, |it, out| it.transfer(by, to, note, out))
            }
            Command::Invite { to, note } => self.draft(at, |it, out| it.invite(by, to, note, out)),
            Command::EndHandover { handover, outcome } => {
                self.draft(at, |it, out| it.end_handover(by, handover, outcome, out))
            }
            Command::Recover => self.draft(at, |it, out| {
                it.recover(out);
                Ok(())
            }),
            Command::End => self.draft(at, |it, out| it.end_by(by, out)),
        }
    }

    /// [`Self::decide`], with the answer to whoever sent the command.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn answer(&self, at: UnixMs, by: Actor, command: Command) -> Result<Applied, Refusal> {
        let sent = if let (Actor::User(user), Command::Post(draft)) = (by, &command) {
            Some((user, draft.client_id.clone()))
        } else {
            None
        };
        let entries = self.decide(at, by, command)?;
        let written = entries.iter().find_map(|entry| entry.event.message().map(Message::receipt));
        let receipt = written.or_else(|| sent.and_then(|sent| self.receipt(&sent)));
        let handover = entries.iter().find_map(|entry| entry.event.requested().map(|it| it.id));
        Ok(Applied { entries, receipt, handover })
    }

    /// Decides and makes it true at once. On a refusal nothing has changed.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn apply(&mut self, at: UnixMs, by: Actor, command: Command) -> Result<Applied, Refusal> {
        let applied = self.answer(at, by, command)?;
        applied.entries.iter().for_each(|entry| self.evolve(entry));
        Ok(applied)
    }

    /// What it is made of.
    pub fn config(&self) -> &ConversationConfig {
        &self.config
    }

    /// Counts the changes of who is there, in which mode, and what waits; messages do not count.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Who is in it, in the order in which they came.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The user, if they are in it.
    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.user == user)
    }

    /// The agents in it.
    pub fn agents(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.part.kind() == PartKind::Agent)
    }

    /// The user's eyes; `otherwise` for somebody who is not in it.
    pub fn viewer(&self, user: UserId, otherwise: Option<Reader>) -> Option<Viewer> {
        let own = self.member(user).map(|member| Reader::of(&member.part));
        own.or(otherwise).map(|reader| Viewer { user, reader })
    }

    /// The help request that is open or in progress.
    pub fn help(&self) -> Option<&Help> {
        self.help.live()
    }

    /// The requests that wait for an agent.
    pub fn handovers(&self) -> &[Handover] {
        &self.handovers
    }

    /// When it was opened.
    pub fn opened_at(&self) -> UnixMs {
        self.opened_at
    }

    /// When the first agent came.
    pub fn answered_at(&self) -> Option<UnixMs> {
        self.answered_at
    }

    /// How it ended; `None`: it goes on.
    pub fn ended(&self) -> Option<EndReason> {
        self.ended
    }

    /// Where it stands.
    pub fn phase(&self) -> Phase {
        if self.ended.is_some() {
            Phase::Ended
        } else if self.agents().next().is_some() {
            Phase::Active
        } else if let Some(transfer) = self.transfer_pending() {
            Phase::Parked(transfer.to)
        } else {
            Phase::Waiting
        }
    }

    /// Messages that were written, private ones counted.
    pub fn messages(&self) -> u64 {
        self.public_count + self.private_count
    }

    /// How far public messages got at a user, by public position.
    pub fn marked(&self, user: UserId, kind: MarkKind) -> u64 {
        self.marks.get(&(user, kind)).copied().unwrap_or(0)
    }

    fn empty(config: ConversationConfig) -> Self {
        Self {
            config,
            revision: Revision::default(),
            members: Vec::new(),
            written: HashMap::new(),
            public_count: 0,
            private_count: 0,
            marks: BTreeMap::new(),
            help: HelpDesk::default(),
            handovers: Vec::new(),
            handovers_made: 0,
            opened_at: UnixMs::default(),
            answered_at: None,
            ended: None,
        }
    }

    /// Works a change of the roster out on a copy of it, without what was written: of the agents,
    /// colleagues, supervisors and requests that there may be, not of messages.
    fn draft(
        &self,
        at: UnixMs,
        change: impl FnOnce(&mut Self, &mut Change) -> Result<(), Refusal>,
    ) -> Result<Vec<Entry>, Refusal> {
        let mut draft = Self {
            config: self.config.clone(),
            revision: self.revision,
            members: self.members.clone(),
            written: HashMap::new(),
            public_count: self.public_count,
            private_count: self.private_count,
            marks: BTreeMap::new(),
            help: self.help.clone(),
            handovers: self.handovers.clone(),
            handovers_made: self.handovers_made,
            opened_at: self.opened_at,
            answered_at: self.answered_at,
            ended: self.ended,
        };
        let mut out = Change { at, entries: Vec::new() };
        change(&mut draft, &mut out)?;
        Ok(out.entries)
    }

    /// Makes an event true and tells of it.
    fn emit(&mut self, event: Event, out: &mut Change) {
        let entry = Entry { at: out.at, event };
        self.evolve(&entry);
        out.entries.push(entry);
    }

    /// Makes an event true, at once or when it is read again. The only place that changes the state.
    pub fn evolve(&mut self, entry: &Entry) {
        if entry.event.changes_roster() {
            self.revision.0 += 1;
        }
        match &entry.event {
            Event::Opened(member) => {
                self.opened_at = entry.at;
                self.members.push(member.clone());
            }
            Event::Joined(member) => {
                if member.part.kind() == PartKind::Agent {
                    self.answered_at.get_or_insert(entry.at);
                }
                self.members.push(member.clone());
            }
            Event::Left(member, _) => self.members.retain(|it| it.user != member.user),
            Event::ModeChanged(member, _) => {
                if let Some(place) = self.members.iter_mut().find(|it| it.user == member.user) {
                    *place = member.clone();
                }
            }
            Event::RightsChanged(user, rights) => self.take_rights(*user, *rights),
            Event::Posted(message) => self.take_message(message),
            Event::Typing(..) => {}
            Event::Marked { user, kind, up_to, .. } => {
                self.marks.insert((*user, *kind), *up_to);
            }
            Event::HelpChanged(help) => self.help.set(help),
            Event::HandoverRequested(handover) => {
                self.handovers_made = self.handovers_made.max(handover.id.0);
                self.handovers.push(handover.clone());
            }
            Event::HandoverEnded(handover, _) => {
                self.handovers.retain(|it| it.id != handover.id);
            }
            Event::Ended(reason) => self.ended = Some(*reason),
        }
    }

    /// The sender, who must be in it.
    fn sender(&self, by: Actor) -> Result<Member, Refusal> {
        match by {
            Actor::User(user) => self.member(user).cloned().ok_or(Refusal::NotAMember),
            Actor::System => Err(Refusal::NotAMember),
        }
    }

    /// The sender, who must be an agent in it.
    fn sending_agent(&self, by: Actor) -> Result<Member, Refusal> {
        let member = self.sender(by)?;
        match member.part.kind() {
            PartKind::Agent => Ok(member),
            PartKind::Requester | PartKind::Colleague | PartKind::Supervisor => {
                Err(Refusal::WrongPart)
            }
        }
    }
}

/// A change in the making.
struct Change {
    at: UnixMs,
    entries: Vec<Entry>,
}
