//! Whose turn it is: changes of one conversation or chat go one after the other, each decided on what
//! the store has kept.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use interaction::{ChatId, ConversationId};
use tokio::sync::OwnedMutexGuard;

/// Held from reading the state until the change is kept.
pub type Turn = OwnedMutexGuard<()>;

/// Who may change what next.
#[derive(Debug, Default)]
pub struct Turns {
    conversations: Queue<ConversationId>,
    chats: Queue<ChatId>,
    opening: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
struct Queue<K>(Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits for the turn to change a conversation.
    pub async fn conversation(&self, id: ConversationId) -> Turn {
        self.conversations.take(id).await
    }

    /// Waits for the turn to change a chat.
    pub async fn chat(&self, id: ChatId) -> Turn {
        self.chats.take(id).await
    }

    /// Waits for the turn to open a chat.
    pub async fn opening_a_chat(&self) -> Turn {
        self.opening.clone().lock_owned().await
    }
}

impl<K> Default for Queue<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash> Queue<K> {
    async fn take(&self, key: K) -> Turn {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody waits for or holds what only the map knows.
            locks.retain(|other, lock| *other == key || Arc::strong_count(lock) > 1);
            locks.entry(key).or_default().clone()
        };
        lock.lock_owned().await
    }
}
