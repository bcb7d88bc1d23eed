//! What calls refuse, in HTTP's terms.

use axum::http::StatusCode;
use interaction::Refusal;
use orchestrator::ShownCall;
use orchestrator::calls::error::{
    AddNumberError, AnswerError, CallError, CallNumberError, ChangeLegError, DeclineError,
    DestinationsError, DialError, DialRefusal, HandOverError, NotItsAgent, NotOffered, PartError,
    PlaceError, SuperviseError,
};

use super::{FULL_RETRY_S, lines_busy, not_listen, overloaded, sentence, stations};
use crate::cause;
use crate::{Kind, Problem, views};

const OFFER_GONE: &str = "This call is not offered to you, or no longer is. Wait for the next one.";
const STATION_BUSY: &str =
    "This station is on a call already. Leave that call first, or use another station.";
const NUMBER_NOT_ALLOWED: &str = "Numbers that begin like this may not be called from here. Look at the number, or \
                                  ask an administrator to allow its beginning on a trunk.";
const TRUNK_DOWN: &str = "The telephone network can't be reached at the moment. Try again in a minute, and tell an \
                          administrator if it keeps happening.";
const TOO_MANY_DIALED: &str =
    "As many calls to numbers go on, or begin, as the trunk may have. Try again in a minute.";
const AGENT_BUSY: &str =
    "You are on a call, or one rings at you. Finish it or decline it, then call the number.";

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotCurrent(why) => why.into(),
            CallError::NotFound(what) => what.into(),
            CallError::Refused { refusal, call } => refused(refusal, call),
            CallError::StationBusy => Self::new(Kind::StationBusy, STATION_BUSY),
            CallError::Overloaded => overloaded(),
        }
    }
}

impl From<PlaceError> for Problem {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Lacks(what) => what.into(),
            PlaceError::Draining(why) => why.into(),
            PlaceError::NotAllowed(why) => why.into(),
            PlaceError::To(why) => why.into(),
            PlaceError::Closed(why) => why.into(),
            PlaceError::NoRoom(why) => why.into(),
            PlaceError::LinesBusy => lines_busy(),
            PlaceError::Station(why) => stations::problem(&why),
            PlaceError::Call(why) => why.into(),
        }
    }
}

impl From<NotOffered> for Problem {
    fn from(why: NotOffered) -> Self {
        match why {
            NotOffered::Gone => Self::new(Kind::OfferGone, OFFER_GONE),
            NotOffered::NotFound(what) => what.into(),
        }
    }
}

impl From<AnswerError> for Problem {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Lacks(what) => what.into(),
            AnswerError::NotOffered(why) => why.into(),
            AnswerError::Call(why) => why.into(),
        }
    }
}

impl From<DeclineError> for Problem {
    fn from(error: DeclineError) -> Self {
        match error {
            DeclineError::Lacks(what) => what.into(),
            DeclineError::NotCurrent(why) => why.into(),
            DeclineError::NotOffered(why) => why.into(),
        }
    }
}

impl From<SuperviseError> for Problem {
    fn from(error: SuperviseError) -> Self {
        match error {
            SuperviseError::NotBegun(why) => why.into(),
            SuperviseError::Lacks(what) => what.into(),
            SuperviseError::NotAllowed(why) => why.into(),
            SuperviseError::NotListen(call) => {
                not_listen(Kind::CallRefused).with_call(views::shown(&call))
            }
            SuperviseError::Call(why) => why.into(),
            SuperviseError::Bug(bug) => bug.into(),
        }
    }
}

impl From<ChangeLegError> for Problem {
    fn from(error: ChangeLegError) -> Self {
        match error {
            ChangeLegError::NotBegun(why) => why.into(),
            ChangeLegError::Lacks(what) => what.into(),
            ChangeLegError::NotAllowed(why) => why.into(),
            ChangeLegError::Call(why) => why.into(),
        }
    }
}

impl From<NotItsAgent> for Problem {
    fn from(why: NotItsAgent) -> Self {
        match why {
            NotItsAgent::NotFound(what) => what.into(),
            NotItsAgent::NotAllowed(why) => why.into(),
        }
    }
}

impl From<PartError> for Problem {
    fn from(error: PartError) -> Self {
        match error {
            PartError::NotAllowed(why) => why.into(),
            PartError::Call(why) => why.into(),
        }
    }
}

impl From<HandOverError> for Problem {
    fn from(error: HandOverError) -> Self {
        match error {
            HandOverError::Part(why) => why.into(),
            HandOverError::Draining(why) => why.into(),
            HandOverError::To(why) => why.into(),
            HandOverError::Bug(bug) => bug.into(),
        }
    }
}

impl From<DestinationsError> for Problem {
    fn from(error: DestinationsError) -> Self {
        match error {
            DestinationsError::Lacks(what) => what.into(),
            DestinationsError::Unread(why) => why.into(),
        }
    }
}

impl From<DialRefusal> for Problem {
    fn from(why: DialRefusal) -> Self {
        match why {
            DialRefusal::NotAllowed => Self::new(Kind::NumberNotAllowed, NUMBER_NOT_ALLOWED),
            DialRefusal::TrunkDown => {
                Self::new(Kind::TrunkDown, TRUNK_DOWN).retry_after_s(FULL_RETRY_S)
            }
            DialRefusal::TooMany => {
                Self::new(Kind::TooManyAttempts, TOO_MANY_DIALED).retry_after_s(FULL_RETRY_S)
            }
            DialRefusal::AgentBusy => Self::new(Kind::PresenceConflict, AGENT_BUSY),
        }
    }
}

impl From<DialError> for Problem {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Refused(why) => why.into(),
            DialError::LinesBusy => lines_busy(),
            DialError::NoRoom(why) => why.into(),
            DialError::Draining(why) => why.into(),
            DialError::Station(why) => stations::problem(&why),
            DialError::Call(why) => why.into(),
        }
    }
}

impl From<CallNumberError> for Problem {
    fn from(error: CallNumberError) -> Self {
        match error {
            CallNumberError::Lacks(what) => what.into(),
            CallNumberError::NotDialed(why) => why.into(),
        }
    }
}

impl From<AddNumberError> for Problem {
    fn from(error: AddNumberError) -> Self {
        match error {
            AddNumberError::Lacks(what) => what.into(),
            AddNumberError::Part(why) => why.into(),
            AddNumberError::NotDialed(why) => why.into(),
        }
    }
}

fn refused(refusal: Refusal, call: Option<Box<ShownCall>>) -> Problem {
    let problem = Problem::new(kind(refusal), detail(refusal));
    let problem = problem.because(cause::of_call(refusal));
    // Only a conflict is about what the call is like now.
    match call.filter(|_| problem.kind().status() == StatusCode::CONFLICT) {
        Some(call) => problem.with_call(views::shown(&call)),
        None => problem,
    }
}

fn kind(refusal: Refusal) -> Kind {
    match refusal {
        Refusal::Stale => Kind::StaleRevision,
        Refusal::AnnounceFirst => Kind::AnnounceFirst,
        Refusal::NotPermitted | Refusal::NotYours | Refusal::WrongRole => Kind::NotAllowed,
        Refusal::NoSuchLeg => Kind::NotFound,
        Refusal::ReasonTooLong | Refusal::NoteTooLong => Kind::BadInput,
        Refusal::Ended
        | Refusal::NoCaller
        | Refusal::NoAgent
        | Refusal::NotAnAgent
        | Refusal::MediaLost
        | Refusal::AlreadyParty
        | Refusal::CallerPresent
        | Refusal::Full
        | Refusal::NoHelpOpen
        | Refusal::TargetPresent
        | Refusal::HandoverPending
        | Refusal::NoHandover
        | Refusal::TakenOver => Kind::CallRefused,
    }
}

fn detail(refusal: Refusal) -> String {
    sentence(&refusal.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_status_that_the_api_promises() {
        let status = |refusal| {
            Problem::from(CallError::Refused { refusal, call: None }).kind().status().as_u16()
        };
        assert_eq!(status(Refusal::Stale), 409);
        assert_eq!(status(Refusal::Ended), 409);
        assert_eq!(status(Refusal::TakenOver), 409);
        assert_eq!(status(Refusal::AnnounceFirst), 409);
        assert_eq!(status(Refusal::NotPermitted), 403);
        assert_eq!(status(Refusal::NotYours), 403);
        assert_eq!(status(Refusal::NoSuchLeg), 404);
        assert_eq!(status(Refusal::ReasonTooLong), 400);
        assert_eq!(Problem::from(CallError::Overloaded).kind(), Kind::Overloaded);
    }

    #[test]
    fn each_conflict_over_a_call_says_its_cause() {
        for refusal in [Refusal::Ended, Refusal::NoAgent, Refusal::Full, Refusal::HandoverPending] {
            let problem = refused(refusal, None);
            assert_eq!(problem.kind(), Kind::CallRefused, "{refusal:?}");
            assert!(problem.cause().is_some(), "{refusal:?}");
        }
        assert_eq!(refused(Refusal::Stale, None).cause(), None, "its type says it");
    }

    #[test]
    fn a_detail_is_a_sentence() {
        assert_eq!(detail(Refusal::Ended), "The call has ended.");
    }
}
