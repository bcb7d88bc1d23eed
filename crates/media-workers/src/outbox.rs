//! What a worker tells the other workers and whoever runs them.

use std::collections::VecDeque;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tracing::error;

use crate::MediaEvent;
use crate::mailbox::{Mailbox, Message, Unposted};

/// Messages and events that can wait for a full mailbox or hub.
const BACKLOG_MAX: usize = 65_536;

/// What a worker tells others; nothing is lost when one of them is slow.
pub(crate) struct Outbox {
    pub(crate) index: usize,
    pub(crate) mailboxes: Vec<Mailbox>,
    events: mpsc::Sender<MediaEvent>,
    pub(crate) unsent: VecDeque<(usize, Message)>,
    pub(crate) untold: VecDeque<MediaEvent>,
    /// Messages of this worker to itself.
    pub(crate) own: VecDeque<Message>,
}

impl Outbox {
    /// The outbox of the worker with this index among `mailboxes`.
    pub fn new(index: usize, mailboxes: Vec<Mailbox>, events: mpsc::Sender<MediaEvent>) -> Self {
        let (unsent, untold, own) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        Self { index, mailboxes, events, unsent, untold, own }
    }

    /// Sends a message to the worker that owns `id`.
    pub fn send(&mut self, id: u64, message: Message) {
        let worker = worker_of(id, self.mailboxes.len());
        if worker == self.index {
            self.own.push_back(message);
        } else if self.unsent.len() < BACKLOG_MAX {
            self.unsent.push_back((worker, message));
        } else {
            error!("a media worker does not take its messages; one was dropped");
        }
    }

    /// Tells the hub. Meters are dropped when it is behind; nothing else is.
    pub fn tell(&mut self, event: MediaEvent) {
        if matches!(event, MediaEvent::Meters { .. }) {
            let _ = self.events.try_send(event);
        } else if self.untold.len() < BACKLOG_MAX {
            self.untold.push_back(event);
            self.flush_events();
        } else {
            error!("the events hub does not take its events; one was dropped");
        }
    }

    /// Hands on what waits, as far as the others have room.
    pub fn flush(&mut self) {
        self.flush_events();
        self.flush_messages();
    }

    /// Hands on what the other workers are to do. Whoever is answered after this finds it done: what they
    /// send next stands behind it in the same mailbox.
    pub fn flush_messages(&mut self) {
        for _ in 0..self.unsent.len() {
            let Some((worker, message)) = self.unsent.pop_front() else { return };
            if let Err(Unposted::Full(message)) = self.mailboxes[worker].post(message) {
                self.unsent.push_back((worker, message));
            }
        }
    }

    /// Whether nothing waits to be handed on.
    pub fn is_empty(&self) -> bool {
        self.unsent.is_empty() && self.untold.is_empty() && self.own.is_empty()
    }

    fn flush_events(&mut self) {
        while let Some(event) = self.untold.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.untold.push_front(event);
                    return;
                }
                Err(TrySendError::Closed(_)) => return,
            }
        }
    }

    /// Lets this worker look at its own messages.
    pub fn wake_self(&self) {
        self.mailboxes[self.index].wake();
    }
}

/// The worker that owns the station or call with this id.
pub(crate) fn worker_of(id: u64, workers: usize) -> usize {
    (id % workers as u64) as usize
}
