//! One text conversation: who is in it, what is written, and what may change it.
//!
//! [`Conversation::apply`] is the only way to change one: it either says what happened
//! ([`Applied`]) or changes nothing and says why not ([`Refusal`]). Its state is made of its
//! events alone, so that [`Conversation::replay`] brings one back after a restart. [`may_read`]
//! decides who reads what, and [`disclose`] what each one is told of an event.
//!
//! Texts themselves are not kept here, only what is needed to number messages and to recognise a
//! retry; they are in the events, which the shell stores before it acknowledges anything. It
//! knows no clock, no names of people and no limits of an agent's load (see
//! [`TextDispatcher`](crate::text_dispatch::TextDispatcher)).

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

use std::collections::BTreeMap;

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

use crate::dispatch::Target;
use crate::handover::{Handover, HandoverId};
use crate::help::{Help, HelpDesk};
use crate::{
    Actor, AttachmentId, CallId, ConversationId, Policy, QueueId, Revision, UnixMs, UserId,
};

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

/// One conversation. Cloning it gives a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    config: ConversationConfig,
    revision: Revision,
    members: Vec<Member>,
    /// Every message by author and client id.
    written: BTreeMap<(UserId, String), Written>,
    /// The messages' attachments, with the visibility of the message.
    attached: BTreeMap<AttachmentId, Vec<Visibility>>,
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

    /// Applies one command. On a refusal nothing has changed.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn apply(&mut self, at: UnixMs, by: Actor, command: Command) -> Result<Applied, Refusal> {
        if self.ended.is_some() {
            return Err(Refusal::Ended);
        }
        let mut change = Change { at, applied: Applied::default() };
        let out = &mut change;
        match command {
            Command::JoinAgent { user, rights, handover } => {
                self.join_agent(user, rights, handover, out)?;
            }
            Command::Tag { user, rights } => self.tag(by, user, rights, out)?,
            Command::Supervise { user, rights } => self.supervise(user, rights, out)?,
            Command::SetMode { mode, announce, expected } => {
                self.set_mode(by, mode, announce, expected, out)?;
            }
            Command::SetRights { user, rights } => self.set_rights(user, rights, out),
            Command::Leave { user, reason } => self.leave(by, user, reason, out)?,
            Command::Post(draft) => self.post(by, draft, out)?,
            Command::Typing { visibility, on } => {
                out.applied.entries.extend(self.typing(at, by, visibility, on)?);
            }
            Command::Mark { kind, up_to } => self.mark(by, kind, up_to, out)?,
            Command::RaiseHelp { reason } => self.raise_help(by, reason, out)?,
            Command::TakeHelp => self.take_help(by, out)?,
            Command::CloseHelp => self.close_help(by, out)?,
            Command::Transfer { to, note } => self.transfer(by, to, note, out)?,
            Command::Invite { to, note } => self.invite(by, to, note, out)?,
            Command::EndHandover { handover, outcome } => {
                self.end_handover(by, handover, outcome, out)?;
            }
            Command::Recover => self.recover(out),
            Command::End => self.end_by(by, out)?,
        }
        Ok(change.applied)
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

    /// Whether the reader may have the attachment: it is in a message that they may read.
    pub fn may_fetch(&self, reader: Reader, attachment: AttachmentId) -> bool {
        let messages = self.attached.get(&attachment);
        messages.is_some_and(|all| all.iter().any(|visibility| may_read(reader, *visibility)))
    }

    fn empty(config: ConversationConfig) -> Self {
        Self {
            config,
            revision: Revision::default(),
            members: Vec::new(),
            written: BTreeMap::new(),
            attached: BTreeMap::new(),
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

    /// Makes an event true and tells of it.
    fn emit(&mut self, event: Event, out: &mut Change) {
        let entry = Entry { at: out.at, event };
        self.evolve(&entry);
        out.applied.entries.push(entry);
    }

    /// Makes an event true. The only place that changes the state.
    fn evolve(&mut self, entry: &Entry) {
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
            _ => Err(Refusal::WrongPart),
        }
    }
}

/// A change in the making.
struct Change {
    at: UnixMs,
    applied: Applied,
}

impl Handover {
    /// Whether the request is for `user` by name.
    fn is_for(&self, user: UserId) -> bool {
        self.to == Target::Agent(user)
    }
}

impl HandoverId {
    fn after(made: u64) -> Self {
        Self(made + 1)
    }
}
