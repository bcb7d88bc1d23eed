//! What a call, a task of its own, has the user agent do.

use sip::{Binding, CallKey, OfferKey, Outgoing, PhoneId, Refusal};
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
    /// Calls somebody; what comes of it is told to `news`, by the key that `reply` gets.
    Call {
        outgoing: Box<Outgoing>,
        news: mpsc::Sender<(CallKey, News)>,
        reply: oneshot::Sender<CallKey>,
    },
    /// Where the telephones of an account are.
    Bindings(PhoneId, oneshot::Sender<Vec<Binding>>),
}
