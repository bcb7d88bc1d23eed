//! A chat between two people of the centre.
//!
//! [`Chat::decide`] turns a command into what happens ([`ChatEvent`]) or says why nothing does
//! ([`ChatRefusal`]); [`Chat::evolve`] makes an event true. The state is made of its events alone.
//!
//! Nobody accepts or rejects one: it is there from the first message on, *pending* until the other
//! one answers, and over when either ends it. Whose chats may begin is [`may_start`]. Texts are in
//! the events, which the shell keeps; here is only what numbers them and recognises a retry.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::conversation::{CLIENT_ID_CHARS_MAX, TEXT_CHARS_MAX};
use crate::{ChatId, TeamId, UnixMs, UserId};

/// Messages that a chat may have.
pub const CHAT_MESSAGES_MAX: u64 = 10_000;

/// Somebody of the centre, as far as chats go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colleague<'a> {
    /// Who.
    pub user: UserId,
    /// The functional groups they belong to.
    pub teams: &'a [TeamId],
    /// Supervises: may write to everybody.
    pub supervisor: bool,
}

/// One chat. Cloning it copies the index of its messages, too: no step needs that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    id: ChatId,
    from: UserId,
    with: UserId,
    opened_at: UnixMs,
    count: u64,
    answered: bool,
    /// How far each one has read: who began, who was written to.
    read: (u64, u64),
    /// Every message by author and client id, at most [`CHAT_MESSAGES_MAX`]: its position and a
    /// digest of its text.
    written: HashMap<(UserId, String), (u64, u64)>,
    ended_by: Option<UserId>,
}

/// What may be asked of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatCommand {
    /// Writes.
    Post {
        /// The client's own id of the message; the same again is the same message.
        client_id: String,
        /// The text.
        text: String,
    },
    /// Has read up to this position.
    Read {
        /// The position.
        up_to: u64,
    },
    /// Closes the chat for both.
    End,
}

/// A fact about a chat; both sides are told of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatEvent {
    /// Somebody wrote.
    Posted {
        /// Its place in the chat, from 1.
        position: u64,
        /// Who.
        author: UserId,
        /// The author's own id for it.
        client_id: String,
        /// What.
        text: String,
    },
    /// Somebody has read up to this position.
    Read {
        /// Who.
        user: UserId,
        /// The position.
        up_to: u64,
    },
    /// It is over.
    Ended {
        /// Who ended it.
        by: UserId,
    },
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatApplied {
    /// This happened; tell both and keep it.
    Done(ChatEvent),
    /// A retry: the message is there, at this position.
    There(u64),
    /// Everything was as asked already.
    Nothing,
}

/// Why a command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatRefusal {
    /// It is over.
    #[error("the chat has ended; start a new one")]
    Ended,
    /// The chat is between others.
    #[error("this user is not in the chat")]
    NotAMember,
    /// Nothing was written.
    #[error("a message needs a text")]
    Empty,
    /// The text is too long.
    #[error("a message has at most {TEXT_CHARS_MAX} characters")]
    TextTooLong,
    /// The client's id is empty or too long.
    #[error("a client_id has 1 to {CLIENT_ID_CHARS_MAX} characters")]
    BadClientId,
    /// The client's id belongs to another message of the same author.
    #[error("this client_id belongs to another message of yours")]
    ClientIdReused,
    /// The chat has all the messages that it may have.
    #[error("a chat has at most {CHAT_MESSAGES_MAX} messages")]
    Full,
    /// No such message.
    #[error("there is no such message")]
    NoSuchMessage,
}

/// Whether `one` may start a chat with `other`, and so whether `one` sees `other` in the list:
/// within a common group, and supervisors with everybody. To others, who is not listed is 404.
pub fn may_start(one: Colleague<'_>, other: Colleague<'_>) -> bool {
    one.user != other.user
        && (one.supervisor || one.teams.iter().any(|team| other.teams.contains(team)))
}

impl Chat {
    /// A chat in which nothing has been written.
    pub fn open(id: ChatId, at: UnixMs, from: UserId, with: UserId) -> Self {
        Self {
            id,
            from,
            with,
            opened_at: at,
            count: 0,
            answered: false,
            read: (0, 0),
            written: HashMap::new(),
            ended_by: None,
        }
    }

    /// What a command of `by` would make happen; nothing has changed yet. No events: everything is
    /// as asked already. A chat keeps no times, so none is asked for.
    ///
    /// # Errors
    /// See [`ChatRefusal`].
    pub fn decide(&self, by: UserId, command: ChatCommand) -> Result<Vec<ChatEvent>, ChatRefusal> {
        self.answer(by, command).map(|answer| match answer {
            ChatApplied::Done(event) => vec![event],
            ChatApplied::There(_) | ChatApplied::Nothing => Vec::new(),
        })
    }

    /// [`Self::decide`], with the answer to whoever sent the command: a command makes one thing
    /// happen at most.
    ///
    /// # Errors
    /// See [`ChatRefusal`].
    pub fn answer(&self, by: UserId, command: ChatCommand) -> Result<ChatApplied, ChatRefusal> {
        if by != self.from && by != self.with {
            return Err(ChatRefusal::NotAMember);
        }
        Ok(ChatApplied::Done(match command {
            // A retry is answered even after the end: the message is there.
            ChatCommand::Post { client_id, text } => match self.again(by, &client_id, &text)? {
                Some(position) => return Ok(ChatApplied::There(position)),
                None => self.posted(by, client_id, text)?,
            },
            ChatCommand::Read { up_to } if up_to > self.count => {
                return Err(ChatRefusal::NoSuchMessage);
            }
            ChatCommand::Read { up_to } if up_to <= self.read_by(by) => {
                return Ok(ChatApplied::Nothing);
            }
            ChatCommand::Read { up_to } => ChatEvent::Read { user: by, up_to },
            ChatCommand::End if self.ended_by.is_some() => return Ok(ChatApplied::Nothing),
            ChatCommand::End => ChatEvent::Ended { by },
        }))
    }

    /// Decides and makes it true at once. On a refusal nothing has changed.
    ///
    /// # Errors
    /// See [`ChatRefusal`].
    pub fn apply(&mut self, by: UserId, command: ChatCommand) -> Result<ChatApplied, ChatRefusal> {
        let applied = self.answer(by, command)?;
        if let ChatApplied::Done(event) = &applied {
            self.evolve(event);
        }
        Ok(applied)
    }

    /// Makes a kept event true, at once or after a restart.
    pub fn evolve(&mut self, event: &ChatEvent) {
        match event {
            ChatEvent::Posted { position, author, client_id, text } => {
                self.count = *position;
                self.answered |= *author == self.with;
                let written = (*position, digest(text));
                self.written.insert((*author, client_id.clone()), written);
                self.advance(*author, *position);
            }
            ChatEvent::Read { user, up_to } => self.advance(*user, *up_to),
            ChatEvent::Ended { by } => self.ended_by = Some(*by),
        }
    }

    /// The chat's id.
    pub fn id(&self) -> ChatId {
        self.id
    }

    /// When it was opened.
    pub fn opened_at(&self) -> UnixMs {
        self.opened_at
    }

    /// Who began, and with whom.
    pub fn members(&self) -> (UserId, UserId) {
        (self.from, self.with)
    }

    /// The other one.
    pub fn other(&self, user: UserId) -> UserId {
        if user == self.from { self.with } else { self.from }
    }

    /// Whether the other one has not answered yet.
    pub fn is_pending(&self) -> bool {
        !self.answered && self.ended_by.is_none()
    }

    /// Messages that the user has not read.
    pub fn unread(&self, user: UserId) -> u64 {
        self.count - self.read_by(user)
    }

    /// How far the user has read. Writing is reading.
    pub fn read_by(&self, user: UserId) -> u64 {
        if user == self.from { self.read.0 } else { self.read.1 }
    }

    /// Messages in it.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Who ended it; `None`: it goes on.
    pub fn ended_by(&self) -> Option<UserId> {
        self.ended_by
    }

    fn posted(
        &self,
        author: UserId,
        client_id: String,
        text: String,
    ) -> Result<ChatEvent, ChatRefusal> {
        if self.ended_by.is_some() {
            return Err(ChatRefusal::Ended);
        }
        if self.count >= CHAT_MESSAGES_MAX {
            return Err(ChatRefusal::Full);
        }
        Ok(ChatEvent::Posted { position: self.count + 1, author, client_id, text })
    }

    fn again(&self, by: UserId, id: &str, text: &str) -> Result<Option<u64>, ChatRefusal> {
        if text.len() > TEXT_CHARS_MAX * 4 || text.chars().count() > TEXT_CHARS_MAX {
            return Err(ChatRefusal::TextTooLong);
        }
        if crate::text::is_blank(text) {
            return Err(ChatRefusal::Empty);
        }
        if id.is_empty() || id.chars().count() > CLIENT_ID_CHARS_MAX {
            return Err(ChatRefusal::BadClientId);
        }
        match self.written.get(&(by, id.to_owned())) {
            None => Ok(None),
            Some((position, known)) if *known == digest(text) => Ok(Some(*position)),
            Some(_) => Err(ChatRefusal::ClientIdReused),
        }
    }

    fn advance(&mut self, user: UserId, up_to: u64) {
        let read = if user == self.from { &mut self.read.0 } else { &mut self.read.1 };
        *read = (*read).max(up_to);
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
