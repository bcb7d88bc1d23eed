//! What a call, a task of its own, has the user agent do.

use sip::{CallKey, OfferKey, Refusal};

/// What a call wants of the user agent.
#[derive(Debug)]
pub(crate) enum Order {
    Ring(CallKey, String),
    Accept(CallKey, String),
    Refuse(CallKey, Refusal),
    AnswerOffer(CallKey, OfferKey, Result<String, Refusal>),
    HangUp(CallKey),
}
