//! What the staff ask of chats: whom one may write to, start, write, read, end.
//!
//! Decide, keep, and only then make it true and tell the two: what was acknowledged is on the
//! disk, and what could not be kept did not happen.

use std::time::Duration;

use control_plane::{AgentSight, ChatMessage, ChatSight, LiveState, Pair};
use interaction::chat::{Chat, ChatApplied, ChatCommand, ChatEvent, Colleague, may_start};
use interaction::offers::Presence;
use interaction::{ChatId, Permission, TeamId, UnixMs, UserId};
use store::{ChatMessageRecord, ChatRecord, Kept, StaffRecord, Store};

use super::Orchestrator;
use super::chat_error::ChatError;
use accounts::{User, unix_now};

/// How long after its end an unread chat is still shown after a restart.
const UNREAD_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Somebody of the staff whom one may write to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reachable {
    /// Who, and whether they are there.
    pub sight: AgentSight,
    /// Supervises or manages.
    pub supervisor: bool,
}

/// A page of a chat's messages, in rising order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatPage {
    /// The messages.
    pub messages: Vec<ChatMessage>,
    /// There are older ones.
    pub more: bool,
}

impl Orchestrator {
    /// Takes up the chats that went on when the server stopped, or ended unread not long before.
    pub(super) async fn take_up_chats(&self) -> Result<(), store::StoreError> {
        let since = unix_now().0.saturating_sub(UNREAD_KEPT.as_millis() as u64);
        let mut records = self.inner.store.running_chats().await?;
        records.extend(self.inner.store.unread_chats(since).await?);
        for record in records {
            let pair = load(&self.inner.store, &record).await?;
            self.live().chats_mut().take_up(pair);
        }
        Ok(())
    }

    /// The people whom the user may write to, by name.
    ///
    /// # Errors
    /// A customer's asking; the store's.
    pub async fn colleagues(&self, user: &User) -> Result<Vec<Reachable>, ChatError> {
        let staff = self.within_reach(user).await?;
        let live = self.live();
        Ok(staff.iter().map(|member| colleague(&live, member)).collect())
    }

    /// Starts a chat; the one that goes on between the two, if there is one. Whether it is new.
    ///
    /// # Errors
    /// A customer's asking, somebody whom the user may not write to, the store's.
    pub async fn start_chat(
        &self,
        user: &User,
        with: UserId,
    ) -> Result<(ChatSight, bool), ChatError> {
        let staff = self.within_reach(user).await?;
        let _turn = self.turns().opening_a_chat().await;
        if let Some(pair) = self.live().chats().between(user.id, with) {
            return Ok((pair.sight(user.id), false));
        }
        let other = staff.into_iter().find(|member| member.id.0 == with.0);
        let other = other.ok_or(ChatError::NotFound("colleague"))?;
        let chat = Chat::open(ChatId(rand::random()), unix_now(), user.id, with);
        let record = ChatRecord {
            id: chat.id().to_string(),
            from: store::UserId(user.id.0),
            with: other.id,
            opened_at: chat.opened_at().0,
            ended_at: None,
            ended_by: None,
        };
        self.auth().check(user)?;
        self.inner.store.open_chat(&record).await.map_err(ChatError::Unsaved)?;
        let pair = Pair { chat, from_name: user.name.clone(), with_name: other.name };
        let view = pair.sight(user.id);
        self.change(|live, now| {
            let news = pair.opened();
            live.chats_mut().take_up(pair);
            ((), live.publish_each(now.unix, news))
        });
        Ok((view, true))
    }

    /// The user's chats that go on, or ended unread, newest first.
    ///
    /// # Errors
    /// A customer's asking.
    pub fn chats(&self, user: &User) -> Result<Vec<ChatSight>, ChatError> {
        staff_only(user)?;
        Ok(self.live().chats().of(user.id))
    }

    /// A page of a chat's messages: the newest ones before a number. Of an ended one, too.
    ///
    /// # Errors
    /// No such chat, the store's.
    pub async fn chat_messages(
        &self,
        user: &User,
        id: ChatId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<ChatPage, ChatError> {
        staff_only(user)?;
        if !self.live().chats().get(id).is_some_and(|pair| pair.has(user.id)) {
            self.ended_chat(user, id).await?;
        }
        let kept = self.inner.store.chat_messages(&id.to_string(), before, limit).await?;
        let more = kept.first().is_some_and(|first| first.position > 1);
        let messages = kept.iter().map(|message| message_view(user.id, message)).collect();
        Ok(ChatPage { messages, more })
    }

    /// Writes; the message, and whether it is new.
    ///
    /// # Errors
    /// Too fast, no such chat, the chat's rules, the store's.
    pub async fn post_to_chat(
        &self,
        user: &User,
        id: ChatId,
        client_id: String,
        text: String,
    ) -> Result<(ChatMessage, bool), ChatError> {
        staff_only(user)?;
        let paced = self
            .change(|live, now| (live.text_mut().take_message(now.instant, user.id), Vec::new()));
        paced.map_err(ChatError::TooFast)?;
        match self.chat_command(user, id, ChatCommand::Post { client_id, text }).await? {
            Outcome::Posted(message) => Ok((message_view(user.id, &message), true)),
            Outcome::There(position) => {
                let (id, before) = (id.to_string(), Some(position + 1));
                let kept = self.inner.store.chat_messages(&id, before, 1).await?;
                let message = kept.first().ok_or(ChatError::NotFound("message"))?;
                Ok((message_view(user.id, message), false))
            }
            Outcome::Other => Err(ChatError::NotFound("message")),
        }
    }

    /// Has read, or ends the chat.
    ///
    /// # Errors
    /// No such chat, the chat's rules, the store's.
    pub async fn change_chat(
        &self,
        user: &User,
        id: ChatId,
        command: ChatCommand,
    ) -> Result<(), ChatError> {
        self.chat_command(user, id, command).await.map(drop)
    }

    async fn chat_command(
        &self,
        user: &User,
        id: ChatId,
        command: ChatCommand,
    ) -> Result<Outcome, ChatError> {
        staff_only(user)?;
        let _turn = self.turns().chat(id).await;
        self.auth().check(user)?;
        let pair = self.live().chats().get(id).filter(|pair| pair.has(user.id)).map(|pair| {
            // Decided here and now: nobody else writes while it is this one's turn.
            pair.chat.answer(user.id, command.clone())
        });
        let applied = match pair {
            Some(decided) => decided?,
            None => self.ended_chat(user, id).await?.chat.answer(user.id, command)?,
        };
        let at = unix_now();
        let outcome = match &applied {
            ChatApplied::Done(event) => {
                self.keep_chat_event(at, id, event).await.map_err(ChatError::Unsaved)?
            }
            ChatApplied::There(position) => Outcome::There(*position),
            ChatApplied::Nothing => Outcome::Other,
        };
        if let (ChatApplied::Done(event), Outcome::Posted(_) | Outcome::Other) =
            (&applied, &outcome)
        {
            self.change(|live, _| {
                let news = live.chats_mut().evolve(at, id, event);
                ((), live.publish_each(at, news))
            });
        }
        Ok(outcome)
    }

    async fn keep_chat_event(
        &self,
        at: UnixMs,
        id: ChatId,
        event: &ChatEvent,
    ) -> Result<Outcome, store::StoreError> {
        let (store, id) = (&self.inner.store, id.to_string());
        match event {
            ChatEvent::Posted { position, author, client_id, text } => {
                let message = ChatMessageRecord {
                    position: *position,
                    at: at.0,
                    author: author.0,
                    client_id: client_id.clone(),
                    text: text.clone(),
                };
                match store.keep_chat_message(&id, &message).await? {
                    Kept::Done => return Ok(Outcome::Posted(message)),
                    Kept::There(position) => return Ok(Outcome::There(position)),
                }
            }
            ChatEvent::Read { user, up_to } => {
                store.keep_chat_read(&id, store::UserId(user.0), *up_to).await?;
            }
            ChatEvent::Ended { by } => store.end_chat(&id, store::UserId(by.0), at.0).await?,
        }
        Ok(Outcome::Other)
    }

    /// A chat that is over and that the user was in, from the store.
    async fn ended_chat(&self, user: &User, id: ChatId) -> Result<Pair, ChatError> {
        let record = self.inner.store.chat(&id.to_string()).await?;
        let own = |it: &ChatRecord| [it.from.0, it.with.0].contains(&user.id.0);
        let record = record.filter(own).ok_or(ChatError::NotFound("chat"))?;
        Ok(load(&self.inner.store, &record).await?)
    }

    async fn within_reach(&self, user: &User) -> Result<Vec<StaffRecord>, ChatError> {
        staff_only(user)?;
        let own: Vec<TeamId> = user.teams.iter().map(|team| team.id).collect();
        let me = Colleague { user: user.id, teams: &own, supervisor: reaches_all(user) };
        let mut staff = self.inner.store.staff().await?;
        staff.retain(|member| {
            let teams: Vec<TeamId> = member.teams.iter().map(|team| TeamId(team.0)).collect();
            may_start(me, Colleague { user: UserId(member.id.0), teams: &teams, supervisor: false })
        });
        Ok(staff)
    }
}

fn colleague(live: &LiveState, member: &StaffRecord) -> Reachable {
    let id = UserId(member.id.0);
    let supervisor = member.role != store::Role::Agent;
    let there = live.streams().count(id) > 0;
    let known = live.agent_sight(id).filter(|_| !supervisor);
    let sight = known.unwrap_or_else(|| AgentSight {
        user: id,
        name: member.name.clone(),
        queues: Vec::new(),
        presence: if there { Presence::Ready } else { Presence::Offline },
        reason: None,
        since: UnixMs(0),
        until: None,
    });
    Reachable { sight, supervisor }
}

/// What came of a command.
enum Outcome {
    /// This was written.
    Posted(ChatMessageRecord),
    /// A retry of the message at this position.
    There(u64),
    /// Read, ended, or nothing to do.
    Other,
}

fn staff_only(user: &User) -> Result<(), ChatError> {
    if user.role == store::Role::Caller { Err(ChatError::NotStaff) } else { Ok(()) }
}

/// Supervisors and admins write across groups.
fn reaches_all(user: &User) -> bool {
    user.permissions.has(Permission::ViewContactCenterDashboard)
        || user.permissions.has(Permission::Administer)
}

fn message_view(viewer: UserId, message: &ChatMessageRecord) -> ChatMessage {
    let own = message.author == viewer.0;
    ChatMessage {
        number: message.position,
        own,
        at: UnixMs(message.at),
        text: message.text.clone(),
        client_id: own.then(|| message.client_id.clone()),
    }
}

/// The chat as it was left, out of everything that was kept of it.
async fn load(store: &Store, record: &ChatRecord) -> Result<Pair, store::StoreError> {
    // Chats have ids of ours only; one that can't be read would be nobody's.
    let id = record.id.parse().unwrap_or(ChatId(0));
    let (from, with) = (UserId(record.from.0), UserId(record.with.0));
    let mut chat = Chat::open(id, UnixMs(record.opened_at), from, with);
    for message in all_messages(store, &record.id).await? {
        chat.evolve(&ChatEvent::Posted {
            position: message.position,
            author: UserId(message.author),
            client_id: message.client_id,
            text: message.text,
        });
    }
    for (user, up_to) in store.chat_reads(&record.id).await? {
        chat.evolve(&ChatEvent::Read { user: UserId(user.0), up_to });
    }
    if let Some(by) = record.ended_by {
        chat.evolve(&ChatEvent::Ended { by: UserId(by) });
    }
    let name = async |user| store.user(user).await.map(|it| it.map(|it| it.name));
    let (from_name, with_name) = (name(record.from).await?, name(record.with).await?);
    Ok(Pair {
        chat,
        from_name: from_name.unwrap_or_default(),
        with_name: with_name.unwrap_or_default(),
    })
}

async fn all_messages(
    store: &Store,
    chat: &str,
) -> Result<Vec<ChatMessageRecord>, store::StoreError> {
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = store.chat_messages(chat, before, store::PAGE_ROWS_MAX).await?;
        before = page.first().map(|first| first.position);
        match before {
            Some(position) if position > 1 => pages.push(page),
            _ => {
                pages.push(page);
                pages.reverse();
                return Ok(pages.concat());
            }
        }
    }
}
