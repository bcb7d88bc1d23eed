//! The chats between two people of the centre: which there are, and how they look to each of them.
//!
//! What may happen in a chat is `interaction`'s. An event comes here once it is kept.

use std::collections::BTreeMap;

use interaction::chat::{Chat, ChatEvent};
use interaction::{ChatId, UnixMs, UserId};

use crate::publication::{ChatMessage, ChatSight, News};

/// A chat, and how its two are called.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The chat.
    pub chat: Chat,
    /// The name of the one who began.
    pub from_name: String,
    /// The name of the other one.
    pub with_name: String,
}

/// The chats that go on, or ended unread.
#[derive(Debug, Default)]
pub struct Chats {
    live: BTreeMap<ChatId, Pair>,
}

impl Chats {
    /// Adds a chat that begins, or that went on when the server stopped.
    pub fn take_up(&mut self, pair: Pair) {
        self.live.insert(pair.chat.id(), pair);
    }

    /// The chat of this id, if it goes on or ended with something unread.
    pub fn get(&self, id: ChatId) -> Option<&Pair> {
        self.live.get(&id)
    }

    /// The chat that goes on between the two, whoever began it.
    pub fn between(&self, one: UserId, other: UserId) -> Option<&Pair> {
        self.live.values().find(|pair| {
            let (from, with) = pair.chat.members();
            let both = (from, with) == (one, other) || (with, from) == (one, other);
            both && pair.chat.ended_by().is_none()
        })
    }

    /// The user's chats that go on, and those that ended before the user read them; newest first.
    pub fn of(&self, user: UserId) -> Vec<ChatSight> {
        let mut pairs: Vec<&Pair> = self.live.values().collect();
        pairs.retain(|pair| pair.has(user) && !pair.is_done_with(user));
        pairs.sort_by_key(|pair| std::cmp::Reverse((pair.chat.opened_at(), pair.chat.id())));
        pairs.into_iter().map(|pair| pair.sight(user)).collect()
    }

    /// Makes a kept event true, and says whom to tell of it. An ended chat is gone from here once
    /// both have read it.
    pub fn evolve(&mut self, at: UnixMs, id: ChatId, event: &ChatEvent) -> Vec<(UserId, News)> {
        let Some(pair) = self.live.get_mut(&id) else { return Vec::new() };
        pair.chat.evolve(event);
        let (from, with) = pair.chat.members();
        let news = [from, with].map(|user| (user, pair.news(user, at, event))).to_vec();
        if pair.is_done_with(from) && pair.is_done_with(with) {
            self.live.remove(&id);
        }
        news
    }
}

impl Pair {
    /// Whether the user is one of the two.
    pub fn has(&self, user: UserId) -> bool {
        let (from, with) = self.chat.members();
        user == from || user == with
    }

    /// It is over, and the user ended it or has read it all.
    fn is_done_with(&self, user: UserId) -> bool {
        let ended_by = self.chat.ended_by();
        ended_by.is_some_and(|by| by == user || self.chat.unread(user) == 0)
    }

    /// The chat as one of the two sees it.
    pub fn sight(&self, user: UserId) -> ChatSight {
        let (from, _) = self.chat.members();
        let other = self.chat.other(user);
        let name = if other == from { &self.from_name } else { &self.with_name };
        ChatSight {
            id: self.chat.id(),
            with: other,
            with_name: name.clone(),
            own: user == from,
            pending: self.chat.is_pending(),
            unread: self.chat.unread(user),
            read_up_to: self.chat.read_by(other),
            messages: self.chat.count(),
            opened_at: self.chat.opened_at(),
            ended: self.chat.ended_by().is_some(),
        }
    }

    /// What each of the two is told once the chat is there.
    pub fn opened(&self) -> Vec<(UserId, News)> {
        let (from, with) = self.chat.members();
        [from, with].map(|user| (user, News::Chat(self.sight(user), None))).to_vec()
    }

    fn news(&self, user: UserId, at: UnixMs, event: &ChatEvent) -> News {
        News::Chat(self.sight(user), ChatMessage::of(event, at, user))
    }
}

#[cfg(test)]
mod tests {
    use interaction::chat::{ChatApplied, ChatCommand};

    use super::*;

    const ANA: UserId = UserId(1);
    const BEN: UserId = UserId(2);
    const ID: ChatId = ChatId(7);

    fn chats() -> Chats {
        let mut chats = Chats::default();
        let chat = Chat::open(ID, UnixMs(5), ANA, BEN);
        let (from_name, with_name) = ("Ana".to_owned(), "Ben".to_owned());
        chats.take_up(Pair { chat, from_name, with_name });
        chats
    }

    fn posted(chats: &mut Chats, by: UserId, text: &str) -> Vec<(UserId, News)> {
        let command = ChatCommand::Post { client_id: text.to_owned(), text: text.to_owned() };
        let decided = chats.get(ID).unwrap().chat.answer(by, command).unwrap();
        let ChatApplied::Done(event) = decided else { panic!("a retry: {decided:?}") };
        chats.evolve(UnixMs(9), ID, &event)
    }

    #[test]
    fn both_are_told_of_a_message_and_the_client_id_only_its_author() {
        let mut chats = chats();
        let told = posted(&mut chats, ANA, "hello");
        let [(ANA, News::Chat(own, Some(mine))), (BEN, theirs)] = &told[..] else {
            panic!("{told:?}")
        };
        assert!(mine.own && own.own && own.pending);
        assert_eq!((mine.client_id.as_deref(), own.unread), (Some("hello"), 0));
        assert_eq!(own.with_name, "Ben");
        let News::Chat(chat, Some(message)) = theirs else { panic!("{theirs:?}") };
        assert!(!message.own && !chat.own && chat.pending);
        assert_eq!((&message.client_id, chat.unread, message.number), (&None, 1, 1));
        assert_eq!(chat.with_name, "Ana");
        posted(&mut chats, BEN, "hi");
        assert!(!chats.of(ANA)[0].pending);
    }

    #[test]
    fn what_was_only_decided_is_seen_by_nobody() {
        let chats = chats();
        let command = ChatCommand::Post { client_id: "a".to_owned(), text: "a".to_owned() };
        chats.get(ID).unwrap().chat.decide(ANA, command).unwrap();
        assert_eq!(chats.of(BEN)[0].messages, 0);
    }

    #[test]
    fn an_ended_chat_is_told_of_and_gone() {
        let mut chats = chats();
        assert!(chats.between(BEN, ANA).is_some());
        let told = chats.evolve(UnixMs(9), ID, &ChatEvent::Ended { by: BEN });
        let ended = |told: &(UserId, News)| matches!(&told.1, News::Chat(chat, None) if chat.ended);
        assert!(told.len() == 2 && told.iter().all(ended));
        assert!(chats.of(ANA).is_empty() && chats.between(ANA, BEN).is_none());
        assert!(chats.evolve(UnixMs(9), ID, &ChatEvent::Ended { by: BEN }).is_empty());
    }

    #[test]
    fn what_was_written_before_the_end_waits_until_it_is_read() {
        let mut chats = chats();
        posted(&mut chats, ANA, "call me");
        chats.evolve(UnixMs(9), ID, &ChatEvent::Ended { by: ANA });
        assert!(chats.of(ANA).is_empty() && chats.between(ANA, BEN).is_none());
        assert!(chats.of(BEN)[0].ended && chats.of(BEN)[0].unread == 1);
        let told = chats.evolve(UnixMs(9), ID, &ChatEvent::Read { user: BEN, up_to: 1 });
        assert_eq!(told.len(), 2);
        assert!(chats.of(BEN).is_empty() && chats.get(ID).is_none());
    }

    #[test]
    fn lists_are_ones_own_and_the_newest_comes_first() {
        let mut chats = chats();
        let chat = Chat::open(ChatId(3), UnixMs(6), UserId(4), ANA);
        chats.take_up(Pair { chat, from_name: "Di".to_owned(), with_name: "Ana".to_owned() });
        let names = |user| -> Vec<String> {
            chats.of(user).into_iter().map(|chat| chat.with_name).collect()
        };
        assert_eq!(names(ANA), ["Di", "Ben"]);
        assert_eq!(names(BEN), ["Ana"]);
        assert!(names(UserId(9)).is_empty());
    }
}
