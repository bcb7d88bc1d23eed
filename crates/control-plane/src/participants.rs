//! The names of the people and queues of one interaction, as they were when they came to it: guests
//! and deleted users have none later.

use std::collections::BTreeMap;

use interaction::{QueueId, QueueRef, Target, UserId};

/// The people and queues of one interaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Participants {
    people: BTreeMap<UserId, Person>,
    queues: BTreeMap<QueueId, QueueRef>,
}

#[derive(Clone, Debug, PartialEq)]
struct Person {
    name: String,
    username: String,
}

impl Participants {
    /// Remembers how a user is called; `username` is empty for somebody without an account.
    pub fn learn(&mut self, user: UserId, name: &str, username: &str) {
        let person = Person { name: name.to_owned(), username: username.to_owned() };
        self.people.insert(user, person);
    }

    /// Remembers a queue that it came to, or may be handed to.
    pub fn learn_queue(&mut self, queue: QueueRef) {
        self.queues.insert(queue.id, queue);
    }

    /// How the user is called; empty for somebody who never had to do with it.
    pub fn name_of(&self, user: UserId) -> String {
        self.people.get(&user).map(|person| person.name.clone()).unwrap_or_default()
    }

    /// The user's account name; empty for somebody without one.
    pub fn username_of(&self, user: UserId) -> String {
        self.people.get(&user).map(|person| person.username.clone()).unwrap_or_default()
    }

    /// The queue, if it had to do with it.
    pub fn queue_of(&self, queue: QueueId) -> Option<&QueueRef> {
        self.queues.get(&queue)
    }

    /// How the queue or agent is called; empty for one that had nothing to do with it.
    pub fn target_name(&self, target: Target) -> String {
        match target {
            Target::Queue(id) => self.queue_of(id).map(|it| it.name.clone()).unwrap_or_default(),
            Target::Agent(id) => self.name_of(id),
        }
    }
}
