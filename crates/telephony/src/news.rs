//! What the other end of a call has done, told to the task that carries it.

use media_workers::Digit;
use sip::{OfferKey, SipEnd};

/// What may wait for one task to be noticed; a peer that asks for more is hung up on.
pub(crate) const NEWS_MAX: usize = 32;

/// What the other end of a call has done.
#[derive(Debug)]
pub(crate) enum News {
    /// It answered our offer.
    Answered(Option<String>),
    /// It asks for another session.
    Reoffered(OfferKey, Option<String>),
    /// It sent a key press as a message.
    Digit(Digit),
    /// It wants whoever it talks with to be connected with whom this user part names.
    Referred(String),
    /// It rings there.
    Ringing,
    /// It took our call.
    Taken(Option<String>),
    /// It did not take our call, for this reason.
    Refused(u16),
    /// It is over.
    Ended(SipEnd),
}
