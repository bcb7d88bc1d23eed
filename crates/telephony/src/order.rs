//! What a call, a task of its own, has the user agent do.

use sip::admission::TrunkId;
use sip::{Binding, CallKey, OfferKey, Outgoing, Peer, PhoneId, Refusal};
use tokio::sync::{mpsc, oneshot};

use crate::news::News;

/// What a call wants of the user agent.
#[derive(Debug)]
pub(crate) enum Order {
    Ring(CallKey, String),
    Accept(CallKey, String),
    Refuse(CallKey, Refusal),
    AnswerOffer(CallKey, OfferKey, Result<String, Refusal>),
    HangUp(CallKey),
    /// How far it is with what a REFER has asked.
    ReferIs(CallKey, u16),
    /// Calls somebody; what comes of it is told to `news`, by the key that `reply` gets.
    Call {
        outgoing: Box<Outgoing>,
        news: mpsc::Sender<(CallKey, News)>,
        reply: oneshot::Sender<CallKey>,
    },
    /// Where calls by a trunk go, one after the other.
    Servers(TrunkId, oneshot::Sender<Vec<Peer>>),
    /// Where the telephones of an account are.
    Bindings(PhoneId, oneshot::Sender<Vec<Binding>>),
}
