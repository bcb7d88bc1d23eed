//! The orchestrator's refusals in HTTP's terms: here the causes that several kinds of commands have in common, beside
//! it one table for each kind.

use accounts::{permission_name, unix_now};
use interaction::NumberError;
use orchestrator::error::{
    Bug, Closed, Lacks, LookupError, NotAllowed, NotBegun, NotFound, TooFast, Unread, Unsaved,
};
use orchestrator::{Draining, NoRoomForGuest};
use store::Outage;

use super::cause::Cause;
use super::{Kind, Problem};

mod calls;
mod conversations;
mod files;
mod presence;
mod sign_ins;
mod stations;
mod text;

pub(super) use text::sentence;

const NOT_LISTEN: &str =
    "Supervision starts in `listen`. Start there, then change to the mode that you want.";
const DRAINING: &str = "The server is about to restart: no call can begin or be handed over. Try \
                        again in a minute.";
const CLOSED: &str =
    "The queue is closed at this time. GET /api/v1/queues says when it opens: come again then.";
const LINES_BUSY: &str = "All lines are busy. Call again in a few minutes.";
const GUESTS_FULL: &str = "There is no room for more callers at the moment. Try again in a minute.";
const CLIENT_FULL: &str = "There are too many calls and conversations from where you are. End one of them, or try again later.";
const TOO_FAST: &str = "You are sending messages too fast. Wait a moment, then send it again.";
const OVERLOADED: &str = "The media workers are overloaded. Try again in a moment.";
const NO_EVENT_STREAM: &str = "Supervision needs an open event stream of the same sign-in. Open \
                               GET /api/v1/events, then try again.";
const REFUSED_TOO_OFTEN: &str =
    "You have been refused this too often. Wait a moment, then try again.";

/// Seconds until there may be room for an event stream, or for an entry in the audit log.
const STREAMS_RETRY_S: u64 = 5;
/// Seconds until what is full may have room.
const FULL_RETRY_S: u64 = 60;
/// Seconds until what failed for a moment may work.
const MOMENT_RETRY_S: u64 = 1;

impl From<NotFound> for Problem {
    fn from(NotFound(what): NotFound) -> Self {
        Self::not_found(what)
    }
}

impl From<Lacks> for Problem {
    fn from(Lacks(permission): Lacks) -> Self {
        Self::lacks(permission_name(permission))
    }
}

impl From<NotAllowed> for Problem {
    fn from(NotAllowed(detail): NotAllowed) -> Self {
        Self::new(Kind::NotAllowed, detail)
    }
}

impl From<Bug> for Problem {
    fn from(Bug(cause): Bug) -> Self {
        Self::internal(cause)
    }
}

impl From<Unread> for Problem {
    fn from(why: Unread) -> Self {
        match why {
            Unread::Outage(outage) => for_a_moment(Kind::StoreUnavailable, &not_read(outage)),
            Unread::Bug(bug) => bug.into(),
        }
    }
}

impl From<Unsaved> for Problem {
    fn from(why: Unsaved) -> Self {
        match why {
            Unsaved::Outage(outage) => for_a_moment(Kind::NotSaved, &not_saved(outage)),
            Unsaved::Bug(bug) => bug.into(),
        }
    }
}

impl From<LookupError> for Problem {
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::NotFound(what) => what.into(),
            LookupError::Unread(why) => why.into(),
        }
    }
}

impl From<Draining> for Problem {
    fn from(Draining: Draining) -> Self {
        Self::new(Kind::Draining, DRAINING).retry_after_s(FULL_RETRY_S)
    }
}

/// `Retry-After` says when it opens.
impl From<Closed> for Problem {
    fn from(Closed { opens_at }: Closed) -> Self {
        let problem = Self::new(Kind::QueueClosed, CLOSED);
        match opens_at {
            Some(at) => problem.retry_after_s(at.0.saturating_sub(unix_now().0).div_ceil(1_000)),
            None => problem,
        }
    }
}

impl From<NoRoomForGuest> for Problem {
    fn from(why: NoRoomForGuest) -> Self {
        let problem = match why {
            NoRoomForGuest::Full(_) => Self::new(Kind::Overloaded, GUESTS_FULL),
            NoRoomForGuest::ClientFull(_) => Self::new(Kind::TooManyAttempts, CLIENT_FULL),
        };
        problem.retry_after_s(FULL_RETRY_S)
    }
}

impl From<TooFast> for Problem {
    fn from(TooFast(wait): TooFast) -> Self {
        Self::new(Kind::TooFast, TOO_FAST).retry_after_s(wait.as_secs() + 1)
    }
}

impl From<NotBegun> for Problem {
    fn from(why: NotBegun) -> Self {
        match why {
            NotBegun::NoEventStream => Self::new(Kind::NoEventStream, NO_EVENT_STREAM),
            NotBegun::AuditUnavailable(outage) => {
                Self::new(Kind::AuditUnavailable, no_audit(outage)).retry_after_s(STREAMS_RETRY_S)
            }
            NotBegun::RefusedTooOften(wait) => Self::new(Kind::TooManyAttempts, REFUSED_TOO_OFTEN)
                .retry_after_s(wait.as_secs() + 1),
        }
    }
}

impl From<NumberError> for Problem {
    fn from(error: NumberError) -> Self {
        Self::new(Kind::BadInput, sentence(&error.to_string()))
    }
}

/// Supervision begins in Listen: of a call, or of a conversation.
fn not_listen(kind: Kind) -> Problem {
    Problem::new(kind, NOT_LISTEN).because(Cause::StartsInListen)
}

fn lines_busy() -> Problem {
    Problem::new(Kind::Overloaded, LINES_BUSY).retry_after_s(FULL_RETRY_S)
}

fn overloaded() -> Problem {
    for_a_moment(Kind::Overloaded, OVERLOADED)
}

fn for_a_moment(kind: Kind, detail: &str) -> Problem {
    Problem::new(kind, detail).retry_after_s(MOMENT_RETRY_S)
}

fn not_read(outage: Outage) -> String {
    format!("It could not be read: {outage}. Try again in a moment.")
}

fn not_saved(outage: Outage) -> String {
    format!(
        "It could not be saved, because {outage}, so nothing has changed. Send it again; the same \
         Idempotency-Key or client_id makes that safe."
    )
}

fn no_audit(outage: Outage) -> String {
    format!(
        "Supervision is written to the audit log before it starts. The log can't be written at the \
         moment, because {outage}, so nothing has changed. Tell an administrator."
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use control_plane::Pool;
    use interaction::{Permission, conversation};
    use orchestrator::OpenStationError;
    use orchestrator::calls::error::{self as calls_error, *};
    use orchestrator::conversations::error::{
        self as conversations_error, AcceptError, ConversationError,
    };
    use orchestrator::conversations::files::error::{ContentError, NotAWriter, WriteError};

    use super::*;

    #[test]
    fn a_failure_names_its_true_cause() {
        let outage = || store::StoreError::NotConnected(Outage::DiskFull);
        assert_eq!(Problem::from(outage()).kind(), Kind::StoreUnavailable, "a read");
        let read = |error| Problem::from(Unread::from(error));
        assert_eq!(read(outage()).kind(), Kind::StoreUnavailable, "a read");
        assert_eq!(read(store::StoreError::Stale).kind(), Kind::Internal, "our own mistake");
        let written = |error| Problem::from(Unsaved::of(error));
        assert_eq!(written(outage()).kind(), Kind::NotSaved, "a write");
        let detail = written(outage()).detail().to_owned();
        assert!(detail.contains("because the disk is full"), "{detail}");
        assert_eq!(written(store::StoreError::Stale).kind(), Kind::Internal, "our own mistake");
        assert_eq!(Problem::from(Bug("an impossible state")).kind(), Kind::Internal);
    }

    /// What a page or a program relies on: whichever command it is that has this cause.
    #[test]
    fn a_cause_has_its_status_its_name_and_its_words() {
        let missing = NotFound("call");
        let lacks = Lacks(Permission::TakeCalls);
        let own = NotAllowed("You are not on this call. Decline it instead.");
        let outage = Unread::Outage(Outage::Unreachable);
        let kept_out = NoRoomForGuest::ClientFull(Pool::Calls);
        let ended = conversation::Refusal::Ended;
        let told: [(Problem, u16, &str, &str); 22] = [
            (
                CallError::from(missing).into(),
                404,
                "not-found",
                "There is no such call, or you may",
            ),
            (LookupError::from(missing).into(), 404, "not-found", "There is no such call, or you"),
            (
                AnswerError::from(lacks).into(),
                403,
                "not-allowed",
                "This needs the permission `take_",
            ),
            (
                PartError::from(own).into(),
                403,
                "not-allowed",
                "You are not on this call. Decline it",
            ),
            (
                CallError::StationBusy.into(),
                409,
                "station-busy",
                "This station is on a call already",
            ),
            (CallError::Overloaded.into(), 503, "overloaded", "The media workers are overloaded."),
            (
                PlaceError::LinesBusy.into(),
                503,
                "overloaded",
                "All lines are busy. Call again in a",
            ),
            (
                PlaceError::from(Draining).into(),
                503,
                "draining",
                "The server is about to restart: no",
            ),
            (
                Closed { opens_at: None }.into(),
                409,
                "queue-closed",
                "The queue is closed at this time.",
            ),
            (
                kept_out.into(),
                429,
                "too-many-attempts",
                "There are too many calls and conversations",
            ),
            (
                NoRoomForGuest::Full(Pool::Calls).into(),
                503,
                "overloaded",
                "There is no room for more",
            ),
            (
                TooFast(Duration::ZERO).into(),
                429,
                "too-fast",
                "You are sending messages too fast. Wait",
            ),
            (
                NotBegun::NoEventStream.into(),
                409,
                "no-event-stream",
                "Supervision needs an open event",
            ),
            (
                DialError::from(DialRefusal::TrunkDown).into(),
                503,
                "trunk-down",
                "The telephone network",
            ),
            (
                HandOverError::from(LookupError::from(outage)).into(),
                503,
                "store-unavailable",
                "It could not be read",
            ),
            (
                ConversationError::Refused(ended).into(),
                409,
                "conversation-refused",
                "The conversation has",
            ),
            (NotAWriter::Ended.into(), 409, "conversation-refused", "The conversation has ended."),
            (
                AcceptError::HoldsEnough.into(),
                409,
                "holds-enough",
                "You have as many conversations as",
            ),
            (AcceptError::Taken("Bo".into()).into(), 409, "offer-gone", "Bo has taken it."),
            (
                WriteError::TooLarge.into(),
                413,
                "too-large",
                "A file may have 10 MiB (10,485,760 bytes).",
            ),
            (
                ContentError::Empty.into(),
                422,
                "empty-file",
                "The file is empty. Look whether it is the",
            ),
            (
                OpenStationError::TooMany.into(),
                503,
                "overloaded",
                "You have 4 stations. Delete one of",
            ),
        ];
        for (problem, status, name, words) in told {
            let kind = problem.kind();
            let expected = (status, format!("/problems/{name}"));
            assert_eq!((kind.status().as_u16(), kind.name().to_owned()), expected, "{words}");
            assert!(problem.detail().starts_with(words), "{}", problem.detail());
        }
    }

    #[test]
    fn an_offer_that_is_gone_says_of_what() {
        let call = Problem::from(calls_error::NotOffered::Gone);
        let conversation = Problem::from(conversations_error::NotOffered::Gone);
        assert_eq!((call.kind(), conversation.kind()), (Kind::OfferGone, Kind::OfferGone));
        assert!(call.detail().starts_with("This call is not offered to you"));
        assert!(conversation.detail().starts_with("This conversation is not offered to you"));
    }
}
