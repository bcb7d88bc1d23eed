//! What a worker can be told: a bounded mailbox with a reply to each question.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use interaction::{Actor, CallId, Command, Policy, StationId};
use rtc_station::{IfMatch, Station};
use rtp_station::Digit;
use tokio::sync::oneshot;

use crate::bell::Bell;
use crate::plain::Plain;
use crate::{CommandError, CommandReply, MixCodec, Patched, StationError};
use call_engine::TrackPositions;

/// Messages that wait for a worker at most; beyond it the sender is told of the overload.
pub(crate) const MAILBOX_MESSAGES_MAX: usize = 1_024;

/// One thing to do.
pub(crate) enum Message {
    OpenStation {
        id: StationId,
        station: Box<Station>,
        reply: oneshot::Sender<Result<(), StationError>>,
    },
    PatchStation {
        id: StationId,
        fragment: String,
        if_match: Option<IfMatch>,
        reply: oneshot::Sender<Result<Patched, StationError>>,
    },
    CloseStation {
        id: StationId,
        reply: oneshot::Sender<Result<(), StationError>>,
    },
    OpenPlain {
        id: StationId,
        plain: Box<Plain>,
        reply: oneshot::Sender<Result<(), StationError>>,
    },
    /// The peer's answer to our offer.
    AnswerPlain {
        id: StationId,
        answer: String,
        reply: oneshot::Sender<Result<(), StationError>>,
    },
    /// The peer's new offer, or its wish for ours.
    ReofferPlain {
        id: StationId,
        offer: Option<String>,
        reply: oneshot::Sender<Result<String, StationError>>,
    },
    SendDigit {
        id: StationId,
        digit: Digit,
        reply: oneshot::Sender<Result<(), StationError>>,
    },
    OpenCall {
        id: CallId,
        policy: Policy,
        codec: Option<MixCodec>,
        reply: oneshot::Sender<Result<(), StationError>>,
    },
    Apply(Box<Apply>),
    /// Takes a station for a call; the reply says where its outgoing RTP stands.
    Reserve {
        station: StationId,
        call: CallId,
        reply: oneshot::Sender<Result<TrackPositions, CommandError>>,
    },
    /// The call does not need the station any more.
    Release {
        station: StationId,
        call: CallId,
    },
    /// A station that is on a call of this worker's is quiet, back, or gone.
    Liveness {
        call: CallId,
        station: StationId,
        liveness: Liveness,
    },
    /// What a station on a call of this worker's reports of the packets that it was sent: the share lost of late, 0 to 1.
    Reception {
        call: CallId,
        station: StationId,
        lost: f32,
    },
    /// Whether the call waits for packets from a station: a party's, who is not muted.
    Await {
        station: StationId,
        call: CallId,
        awaited: bool,
    },
    Stop,
}

/// A command for a call.
pub(crate) struct Apply {
    pub call: CallId,
    pub by: Actor,
    pub command: Command,
    pub station: Option<(StationId, TrackPositions)>,
    pub reply: oneshot::Sender<Result<CommandReply, CommandError>>,
}

/// Whether a station's client still gives signs of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Liveness {
    /// The client ended the connection: a page that is loaded again comes back with another station.
    Away,
    Alive,
    Quiet,
    Gone,
}

/// Why a message was not taken.
pub(crate) enum Unposted {
    /// The mailbox is full; here is the message.
    Full(Message),
    /// The worker has stopped.
    Closed,
}

/// The sending side of a worker's mailbox.
#[derive(Clone)]
pub(crate) struct Mailbox {
    sender: SyncSender<Message>,
    bell: Arc<Bell>,
}

impl Mailbox {
    /// A mailbox whose worker is woken by `bell`, and its receiving side.
    pub fn new(bell: Arc<Bell>) -> (Self, Receiver<Message>) {
        let (sender, receiver) = sync_channel(MAILBOX_MESSAGES_MAX);
        (Self { sender, bell }, receiver)
    }

    /// Puts a message in and wakes the worker.
    pub fn post(&self, message: Message) -> Result<(), Unposted> {
        match self.sender.try_send(message) {
            Ok(()) => {
                self.wake();
                Ok(())
            }
            Err(TrySendError::Full(message)) => Err(Unposted::Full(message)),
            Err(TrySendError::Disconnected(_)) => Err(Unposted::Closed),
        }
    }

    /// Wakes the worker if it sleeps.
    pub fn wake(&self) {
        self.bell.ring();
    }
}
