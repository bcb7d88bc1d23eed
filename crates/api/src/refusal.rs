//! The centre's refusals in HTTP's terms: one table, and the sentences of it.

use std::time::Duration;

use interaction::{NumberError, Refusal, UnixMs};

use super::cause::{self, Cause};
use super::refusal_text::{refused, sentence};
use super::{Kind, Problem};
use crate::views;
use accounts::{permission_name, unix_now};
use control_plane::{STATIONS_PER_USER_MAX, StreamRefusal};
use media_workers::{PatchError, StationError};
use orchestrator::{DialRefusal, Error, NotBegun, Quota, ShownCall};
use store::Outage;

const NOT_LISTEN: &str =
    "Supervision starts in `listen`. Start there, then change to the mode that you want.";
const OFFER_GONE: &str = "This call is not offered to you, or no longer is. Wait for the next one.";
const TEXT_OFFER_GONE: &str =
    "This conversation is not offered to you, or no longer is. Wait for the next offer.";
const DRAINING: &str = "The server is about to restart: no call can begin or be handed over. Try \
                        again in a minute.";
const CLOSED: &str =
    "The queue is closed at this time. GET /api/v1/queues says when it opens: come again then.";
const LINES_BUSY: &str = "All lines are busy. Call again in a few minutes.";
const GUESTS_FULL: &str = "There is no room for more callers at the moment. Try again in a minute.";
const CLIENT_FULL: &str = "There are too many calls and conversations from where you are. End one of them, or try again later.";
const STATION_BUSY: &str =
    "This station is on a call already. Leave that call first, or use another station.";
const HOLDS_ENOUGH: &str =
    "You have as many conversations as you may. End or transfer one of them first.";
const TOO_FAST: &str = "You are sending messages too fast. Wait a moment, then send it again.";
const STILL_RUNNING: &str =
    "The conversation has not ended yet. Its transcript is made when it ends.";
const FILE_TOO_LARGE: &str = "A file may have 10 MiB (10,485,760 bytes). Send a smaller one.";
const PICTURE_TOO_LARGE: &str =
    "A picture may have 40 megapixels. Send a smaller copy of it, or send it as a PDF.";
const FILES_FULL: &str = "The server has no room for more files. Send the message without the \
                          file, and tell an administrator.";
const TRANSFERS_FULL: &str =
    "Too many files are being sent at the moment. Try again in a few seconds.";
const UNKNOWN_TYPE: &str = "This type of file can't be attached. Send a picture (PNG, JPEG, GIF, \
                            WebP, HEIC, AVIF), a PDF or text.";
const EMPTY_FILE: &str = "The file is empty. Look whether it is the right one, and send it again.";
const DAMAGED_PICTURE: &str =
    "The picture is damaged or cut off. Send it again, or a new copy of it.";
const TOO_MANY_UPLOADS: &str = "No more files can be uploaded here. Send those that you have \
                                uploaded, or open a new conversation.";
const NO_ROOM_FOR_FILES: &str = "The server's disk is nearly full, so it takes no files at the moment. \
                                 Write a message, and send the file later.";
const AGENT_AT_WORK: &str = "The agent is in a call or a conversation, which this would end. Set them \
                             to not ready, and sign them out once they are done.";
const NUMBER_NOT_ALLOWED: &str = "Numbers that begin like this may not be called from here. Look at the number, or \
                                  ask an administrator to allow its beginning on a trunk.";
const TRUNK_DOWN: &str = "The telephone network can't be reached at the moment. Try again in a minute, and tell an \
                          administrator if it keeps happening.";
const TOO_MANY_DIALED: &str =
    "As many calls to numbers go on, or begin, as the trunk may have. Try again in a minute.";
const AGENT_BUSY: &str =
    "You are on a call, or one rings at you. Finish it or decline it, then call the number.";
const OVERLOADED: &str = "The media workers are overloaded. Try again in a moment.";
const CONNECTIONS_FULL: &str =
    "The server has as many stations as it may. Try again in a few minutes.";

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

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        use Kind::{CallRefused, ConversationRefused, Overloaded};
        match error {
            Error::NotFound(what) => Self::not_found(what),
            Error::Lacks(permission) => Self::lacks(permission_name(permission)),
            Error::NotAllowed(detail) => Self::new(Kind::NotAllowed, detail),
            Error::NotCurrent(why) => why.into(),
            Error::NotBegun(why) => why.into(),
            Error::Streams(why) => streams_full(why),
            Error::NotListen(call) => Self::new(CallRefused, NOT_LISTEN)
                .because(Cause::StartsInListen)
                .with_call(views::shown(&call)),
            Error::AgentAtWork => Self::new(Kind::PresenceConflict, AGENT_AT_WORK),
            Error::NotDialed(why) => why.into(),
            Error::OfferGone => Self::new(Kind::OfferGone, OFFER_GONE),
            Error::StationsFull => stations_full(),
            Error::GuestsFull(_) => Self::new(Overloaded, GUESTS_FULL).retry_after_s(FULL_RETRY_S),
            Error::ClientFull(_) => {
                Self::new(Kind::TooManyAttempts, CLIENT_FULL).retry_after_s(FULL_RETRY_S)
            }
            Error::Draining => Self::new(Kind::Draining, DRAINING).retry_after_s(FULL_RETRY_S),
            Error::Closed { opens_at } => closed(opens_at),
            Error::LinesBusy => Self::new(Overloaded, LINES_BUSY).retry_after_s(FULL_RETRY_S),
            Error::Refused { refusal, call } => call_refused(refusal, call),
            Error::StationBusy => Self::new(Kind::StationBusy, STATION_BUSY),
            Error::Station(error) => station(&error),
            Error::Text(refusal) => refused(refusal),
            Error::TextNotListen => {
                Self::new(ConversationRefused, NOT_LISTEN).because(Cause::StartsInListen)
            }
            Error::TextOfferGone => Self::new(Kind::OfferGone, TEXT_OFFER_GONE),
            Error::Taken(name) => Self::new(Kind::OfferGone, format!("{name} has taken it.")),
            Error::HoldsEnough => Self::new(Kind::HoldsEnough, HOLDS_ENOUGH),
            Error::TooFast(wait) => too_fast(wait),
            Error::StillGoesOn => {
                Self::new(ConversationRefused, STILL_RUNNING).because(Cause::StillRunning)
            }
            Error::UnknownType => Self::new(Kind::WrongMediaType, UNKNOWN_TYPE),
            Error::EmptyFile => Self::new(Kind::EmptyFile, EMPTY_FILE),
            Error::DamagedPicture => Self::new(Kind::DamagedFile, DAMAGED_PICTURE),
            Error::FileTooLarge => Self::new(Kind::TooLarge, FILE_TOO_LARGE),
            Error::PictureTooLarge => Self::new(Kind::TooLarge, PICTURE_TOO_LARGE),
            Error::TooManyUploads => {
                Self::new(ConversationRefused, TOO_MANY_UPLOADS).because(Cause::TooManyUploads)
            }
            Error::TooMuchAttached(quota) => Self::new(Kind::TooMuchAttached, too_much(quota)),
            Error::FilesFull => Self::new(Overloaded, FILES_FULL).retry_after_s(FULL_RETRY_S),
            Error::TransfersFull => {
                Self::new(Overloaded, TRANSFERS_FULL).retry_after_s(STREAMS_RETRY_S)
            }
            Error::DiskReserved => {
                Self::new(Kind::NoRoomForFiles, NO_ROOM_FOR_FILES).retry_after_s(FULL_RETRY_S)
            }
            Error::StoreRead(outage) => for_a_moment(Kind::StoreUnavailable, &store_read(outage)),
            Error::StoreWrite(outage) => for_a_moment(Kind::NotSaved, &store_write(outage)),
            Error::Overloaded => for_a_moment(Overloaded, OVERLOADED),
            Error::Bug(cause) => Self::internal(cause),
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

impl From<NumberError> for Problem {
    fn from(error: NumberError) -> Self {
        Self::new(Kind::BadInput, sentence(&error.to_string()))
    }
}

fn too_much(quota: Quota) -> &'static str {
    match quota {
        Quota::Waiting => {
            "No more can be attached until somebody has answered. Send the rest then."
        }
        Quota::Conversation => {
            "No more can be attached to this conversation. Open a new one for the rest."
        }
        Quota::Person => "You can attach no more today. Send the rest tomorrow.",
        Quota::Client => {
            "From your network no more can be attached today. Send the rest tomorrow, or from elsewhere."
        }
    }
}

fn for_a_moment(kind: Kind, detail: &str) -> Problem {
    Problem::new(kind, detail).retry_after_s(MOMENT_RETRY_S)
}

fn store_read(outage: Outage) -> String {
    format!("It could not be read: {outage}. Try again in a moment.")
}

fn store_write(outage: Outage) -> String {
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

fn streams_full(why: StreamRefusal) -> Problem {
    let detail = format!("There is no room for another event stream: {why}.");
    Problem::new(Kind::Overloaded, detail).retry_after_s(STREAMS_RETRY_S)
}

/// `Retry-After` says when it opens.
fn closed(opens_at: Option<UnixMs>) -> Problem {
    let problem = Problem::new(Kind::QueueClosed, CLOSED);
    match opens_at {
        Some(at) => problem.retry_after_s(at.0.saturating_sub(unix_now().0).div_ceil(1_000)),
        None => problem,
    }
}

fn stations_full() -> Problem {
    let detail = format!("You have {STATIONS_PER_USER_MAX} stations. Delete one of them first.");
    Problem::new(Kind::Overloaded, detail)
}

fn call_refused(refusal: Refusal, call: Option<Box<ShownCall>>) -> Problem {
    let problem = Problem::new(refusal_kind(refusal), refusal_detail(refusal));
    let problem = problem.because(cause::of_call(refusal));
    // Only a conflict is about what the call is like now.
    match call.filter(|_| problem.kind().status() == axum::http::StatusCode::CONFLICT) {
        Some(call) => problem.with_call(views::shown(&call)),
        None => problem,
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

fn refusal_kind(refusal: Refusal) -> Kind {
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

fn refusal_detail(refusal: Refusal) -> String {
    sentence(&refusal.to_string())
}

/// Somebody sends more messages than may be sent.
pub(super) fn too_fast(wait: Duration) -> Problem {
    Problem::new(Kind::TooFast, TOO_FAST).retry_after_s(wait.as_secs() + 1)
}

fn station(error: &StationError) -> Problem {
    match error {
        StationError::Offer(media_workers::OfferError::NoLocalAddress)
        | StationError::Config(_) => Problem::internal(error),
        StationError::Patch(PatchError::Outdated) => {
            Problem::new(Kind::IceRestarted, sentence(&error.to_string()))
        }
        StationError::Patch(PatchError::Closed) => Problem::not_found("station"),
        // No road of the API's leads to a plain station.
        StationError::Digit(_) | StationError::OtherKind | StationError::NoSocket(_) => {
            Problem::internal(error)
        }
        StationError::Offer(_) | StationError::Patch(_) | StationError::Plain(_) => {
            Problem::new(Kind::BadSdp, format!("{error}. Correct the SDP and send it again."))
        }
        StationError::NoSuchStation => Problem::not_found("station"),
        StationError::NoPlainPorts | StationError::Full | StationError::PortsExhausted => {
            Problem::new(Kind::Overloaded, CONNECTIONS_FULL).retry_after_s(FULL_RETRY_S)
        }
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
        assert_eq!(status(Refusal::TakenOver), 409);
        assert_eq!(status(Refusal::AnnounceFirst), 409);
        assert_eq!(status(Refusal::NotPermitted), 403);
        assert_eq!(status(Refusal::NotYours), 403);
        assert_eq!(status(Refusal::NoSuchLeg), 404);
        assert_eq!(status(Refusal::ReasonTooLong), 400);
    }

    #[test]
    fn a_failure_names_its_true_cause() {
        let kind = |error| Problem::from(error).kind();
        let outage = || store::StoreError::NotConnected(Outage::DiskFull);
        assert_eq!(Problem::from(outage()).kind(), Kind::StoreUnavailable, "a read");
        assert_eq!(kind(Error::from(outage())), Kind::StoreUnavailable, "a read");
        assert_eq!(kind(Error::unsaved(outage())), Kind::NotSaved, "a write");
        let detail = Problem::from(Error::unsaved(outage())).detail().to_owned();
        assert!(detail.contains("because the disk is full"), "{detail}");
        assert_eq!(kind(Error::from(store::StoreError::Stale)), Kind::Internal, "our own mistake");
        assert_eq!(kind(Error::Bug("an impossible state")), Kind::Internal);
        assert_eq!(kind(Error::Overloaded), Kind::Overloaded);
    }

    #[test]
    fn each_conflict_over_a_call_says_its_cause() {
        for refusal in [Refusal::Ended, Refusal::NoAgent, Refusal::Full, Refusal::HandoverPending] {
            let problem = call_refused(refusal, None);
            assert_eq!(problem.kind(), Kind::CallRefused, "{refusal:?}");
            assert!(problem.cause().is_some(), "{refusal:?}");
        }
        assert_eq!(call_refused(Refusal::Stale, None).cause(), None, "its type says it");
    }

    #[test]
    fn a_detail_is_a_sentence() {
        assert_eq!(refusal_detail(Refusal::Ended), "The call has ended.");
    }
}
