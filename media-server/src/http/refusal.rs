//! The centre's refusals in HTTP's terms: one table.

use std::time::Duration;

use interaction::Refusal;

use super::{Kind, Problem};
use crate::auth::permission_name;
use crate::centre::Error;
use crate::centre::floor::STATIONS_PER_USER_MAX;
use media_workers::StationError;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(what) => Self::not_found(what),
            Error::Lacks(permission) => Self::lacks(permission_name(permission)),
            Error::NotAllowed(detail) => Self::new(Kind::NotAllowed, detail),
            Error::NotListen(call) => Self::new(
                Kind::CallRefused,
                "Supervision begins in `listen`. Begin there, then ask for another mode.",
            )
            .with_call(*call),
            Error::OfferGone => Self::new(
                Kind::OfferGone,
                "This call does not ring at you, or no longer. Wait for the next one.",
            ),
            Error::StationsFull => Self::new(
                Kind::Overloaded,
                format!("You have {STATIONS_PER_USER_MAX} stations. Delete one first."),
            ),
            Error::LinesBusy => {
                Self::new(Kind::Overloaded, "All lines are busy. Call again in a few minutes.")
                    .retry_after_s(60)
            }
            Error::Refused { refusal, call } => {
                let problem = Self::new(refusal_kind(refusal), refusal_detail(refusal));
                // Only a conflict is about what the call is like now.
                match call.filter(|_| problem.kind().status() == axum::http::StatusCode::CONFLICT) {
                    Some(call) => problem.with_call(*call),
                    None => problem,
                }
            }
            Error::StationBusy => Self::new(
                Kind::StationBusy,
                "This station is on a call already. Leave that call first, or use another station.",
            ),
            Error::Station(error) => station(&error),
            Error::Text(refusal) => super::refusal_text::refused(refusal),
            Error::TextNotListen => Self::new(
                Kind::ConversationRefused,
                "Supervision begins in `listen`. Begin there, then ask for another mode.",
            ),
            Error::TextOfferGone => Self::new(
                Kind::OfferGone,
                "This is not offered to you, or no longer. Wait for the next offer.",
            ),
            Error::Taken(name) => Self::new(Kind::OfferGone, format!("{name} has taken it.")),
            Error::HoldsEnough => Self::new(
                Kind::HoldsEnough,
                "You hold as many conversations as you may. End or transfer one first.",
            ),
            Error::TooFast(wait) => too_fast(wait),
            Error::StillGoesOn => Self::new(
                Kind::ConversationRefused,
                "The conversation goes on. Its transcript is made at its end.",
            ),
            Error::UnknownType => Self::new(
                Kind::WrongMediaType,
                "Images (PNG, JPEG, GIF, WebP), PDF and plain text can be attached. Send one of these.",
            ),
            Error::TooManyUploads => Self::new(
                Kind::ConversationRefused,
                "Enough has been uploaded here. Send what you have uploaded, or begin a new \
                 conversation.",
            ),
            Error::NotKept => Self::new(
                Kind::Overloaded,
                "It could not be kept, so it has not happened. Send it again; the same client_id \
                 does no harm.",
            )
            .retry_after_s(1),
            Error::Overloaded => Self::new(
                Kind::Overloaded,
                "The media workers have too much to do. Try again in a moment.",
            )
            .retry_after_s(1),
        }
    }
}

fn refusal_kind(refusal: Refusal) -> Kind {
    match refusal {
        Refusal::Stale => Kind::StaleRevision,
        Refusal::NotPermitted | Refusal::NotYours | Refusal::WrongRole => Kind::NotAllowed,
        Refusal::NoSuchLeg => Kind::NotFound,
        Refusal::ReasonTooLong | Refusal::NoteTooLong => Kind::BadInput,
        Refusal::Ended
        | Refusal::NoAgent
        | Refusal::NotAnAgent
        | Refusal::MediaLost
        | Refusal::AlreadyParty
        | Refusal::CallerPresent
        | Refusal::Full
        | Refusal::NoHelpOpen
        | Refusal::TargetPresent
        | Refusal::HandoverPending
        | Refusal::NoHandover => Kind::CallRefused,
    }
}

fn refusal_detail(refusal: Refusal) -> String {
    sentence(&refusal.to_string())
}

/// Somebody sends more messages than may be sent.
pub(super) fn too_fast(wait: Duration) -> Problem {
    Problem::new(
        Kind::TooFast,
        "You send more messages than may be sent. Wait a moment and send it again.",
    )
    .retry_after_s(wait.as_secs() + 1)
}

/// What happened, as a model says it, as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn station(error: &StationError) -> Problem {
    match error {
        StationError::Offer(rtc_station::OfferError::NoLocalAddress) | StationError::Config(_) => {
            Problem::internal(error)
        }
        StationError::Offer(_) | StationError::Patch(_) => {
            Problem::new(Kind::BadSdp, format!("{error}. Correct the SDP and send it again."))
        }
        StationError::NoSuchStation => Problem::not_found("station"),
        StationError::Full => Problem::new(
            Kind::Overloaded,
            "The server carries as many connections as it may. Try again in a few minutes.",
        )
        .retry_after_s(60),
        StationError::Overloaded => Problem::from(Error::Overloaded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_status_that_the_api_promises() {
        let status = |refusal| {
            Problem::from(Error::Refused { refusal, call: None }).kind().status().as_u16()
        };
        assert_eq!(status(Refusal::Stale), 409);
        assert_eq!(status(Refusal::Ended), 409);
        assert_eq!(status(Refusal::NotPermitted), 403);
        assert_eq!(status(Refusal::NotYours), 403);
        assert_eq!(status(Refusal::NoSuchLeg), 404);
        assert_eq!(status(Refusal::ReasonTooLong), 400);
    }

    #[test]
    fn a_detail_is_a_sentence() {
        assert_eq!(refusal_detail(Refusal::Ended), "The call has ended.");
    }
}
