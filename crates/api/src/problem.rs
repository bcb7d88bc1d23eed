//! Refusals, as problem details (RFC 9457): a stable name, and a sentence that says what to do.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::cause::Cause;
use orchestrator::error::{Unread, Unsaved};

/// Characters that a detail may have of the client's own words: a refusal is no mirror.
pub const QUOTED_CHARS_MAX: usize = 200;
/// Characters of a whole detail, whoever's words are in it: a refusal costs next to nothing.
pub const DETAIL_CHARS_MAX: usize = 400;

/// A refusal on its way to the client. Handlers return it as their error.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    cause: Option<Cause>,
    call: Option<Box<wire::CallView>>,
    retry_after_s: Option<u64>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $status:ident, $name:literal, $title:literal;)*) => {
        /// Every kind of refusal. Names are part of the API and never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// Every kind, for the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name, a relative reference: `/problems/…`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => concat!("/problems/", $name),)* }
            }

            /// The kind in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }
        }
    };
}

kinds! {
    /// The request can't be read, or a value in it is not allowed.
    BadInput = BAD_REQUEST, "bad-input", "The request is not valid";
    /// No token, or one that is not (or no longer) valid.
    NotSignedIn = UNAUTHORIZED, "not-signed-in", "Not signed in";
    /// Unknown username or wrong password.
    WrongCredentials = UNAUTHORIZED, "wrong-credentials", "Wrong username or password";
    /// What was given as the present password is another one.
    WrongPassword = FORBIDDEN, "wrong-password", "Not the present password";
    /// Not signed with the channel's secret, or not within the last minutes.
    WrongSignature = UNAUTHORIZED, "wrong-signature", "The signature is missing or wrong";
    /// The user lacks a right.
    NotAllowed = FORBIDDEN, "not-allowed", "Not allowed";
    /// No trunk may call numbers that begin like this.
    NumberNotAllowed = FORBIDDEN, "number-not-allowed", "This number may not be called";
    /// A browser sent it from another site's page.
    CrossSite = FORBIDDEN, "cross-site", "Refused from another site";
    /// The request names a host that is not this server.
    WrongHost = MISDIRECTED_REQUEST, "wrong-host", "Not a name of this server";
    /// A guest's token is good for one call.
    GuestCallUsed = FORBIDDEN, "guest-call-used", "This guest has called already";
    /// Supervision needs an event stream of the same sign-in.
    NoEventStream = CONFLICT, "no-event-stream", "No event stream is open";
    /// The queue takes nobody at this time.
    QueueClosed = CONFLICT, "queue-closed", "The queue is closed at this time";
    /// Nothing is there, or nothing that this user may know of.
    NotFound = NOT_FOUND, "not-found", "Not found";
    /// The path has no such method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "No such method here";
    /// The request took too long to arrive.
    RequestTimeout = REQUEST_TIMEOUT, "request-timeout", "The request took too long";
    /// The call does not allow that now.
    CallRefused = CONFLICT, "call-refused", "The call does not allow that now";
    /// The thing has changed since the caller of the API looked at it.
    StaleRevision = CONFLICT, "stale-revision", "It has changed";
    /// The chat does not allow that now.
    ChatRefused = CONFLICT, "chat-refused", "The chat does not allow that now";
    /// The conversation does not allow that now.
    ConversationRefused = CONFLICT, "conversation-refused", "The conversation does not allow that now";
    /// Everybody will be told: that has to be confirmed.
    AnnounceFirst = CONFLICT, "announce-first", "Everybody will be told: confirm first";
    /// The agent holds as many conversations as they may.
    HoldsEnough = CONFLICT, "holds-enough", "Too many conversations";
    /// The station is attached to a call already.
    StationBusy = CONFLICT, "station-busy", "The station is in use";
    /// The call does not ring at this agent, or no longer.
    OfferGone = CONFLICT, "offer-gone", "The offer is gone";
    /// The agent's presence does not allow that.
    PresenceConflict = CONFLICT, "presence-conflict", "Not possible in this presence state";
    /// It would end a call, a conversation or supervision that the user is in.
    EndsWork = CONFLICT, "ends-work", "It would end what you are in";
    /// The same idempotency key is being worked on.
    InProgress = CONFLICT, "in-progress", "The same command is still being carried out";
    /// A name or key that must be the only one is another's.
    Taken = CONFLICT, "taken", "The name is taken";
    /// It can't be deleted while something refers to it.
    InUse = CONFLICT, "in-use", "It is in use";
    /// Somebody has to be left who may administer.
    LastAdministrator = CONFLICT, "last-administrator", "The last administrator can't go";
    /// The request is for an ICE session that is over.
    IceRestarted = PRECONDITION_FAILED, "ice-restarted", "ICE was restarted meanwhile";
    /// The body is too long.
    TooLarge = PAYLOAD_TOO_LARGE, "too-large", "Too large";
    /// As many bytes are attached as one person, or one conversation, may have.
    TooMuchAttached = CONFLICT, "too-much-attached", "No more can be attached";
    /// The body's type is not the one expected.
    WrongMediaType = UNSUPPORTED_MEDIA_TYPE, "wrong-media-type", "Wrong content type";
    /// The file has no bytes.
    EmptyFile = UNPROCESSABLE_ENTITY, "empty-file", "The file is empty";
    /// The file begins like a picture and can't be read as one.
    DamagedFile = UNPROCESSABLE_ENTITY, "damaged-file", "The file is damaged";
    /// An idempotency key was used for another request.
    KeyReused = UNPROCESSABLE_ENTITY, "idempotency-key-reused", "Idempotency key used for another request";
    /// The SDP can't be used.
    BadSdp = UNPROCESSABLE_ENTITY, "bad-sdp", "The SDP can't be used";
    /// More messages than a person writes.
    TooFast = TOO_MANY_REQUESTS, "too-fast", "Too many messages at once";
    /// Too many attempts.
    TooManyAttempts = TOO_MANY_REQUESTS, "too-many-attempts", "Too many attempts";
    /// The queue is flooded, and takes guests only with a proof.
    ChallengeRequired = TOO_MANY_REQUESTS, "challenge-required", "Show that you are a person";
    /// A bug of ours; the details are in the server's log.
    Internal = INTERNAL_SERVER_ERROR, "internal", "The server failed";
    /// The database could not be read, so the question has no answer yet.
    StoreUnavailable = SERVICE_UNAVAILABLE, "store-unavailable", "The database does not answer";
    /// The command could not be saved, so it was not carried out.
    NotSaved = SERVICE_UNAVAILABLE, "not-saved", "It could not be saved";
    /// The disk is nearly full: messages are taken, attachments are not.
    NoRoomForFiles = SERVICE_UNAVAILABLE, "no-room-for-files", "No room for files";
    /// The user's rights changed while the request was carried out, twice.
    RightsChanged = SERVICE_UNAVAILABLE, "rights-changed", "Your rights are changing";
    /// What is not written into the audit log is not done.
    AuditUnavailable = SERVICE_UNAVAILABLE, "audit-unavailable", "The audit log can't be written";
    /// Signed out, but a restart of the server would forget it: it could not be written down yet.
    SignOutNotKept = SERVICE_UNAVAILABLE, "sign-out-not-kept", "Signed out, but not saved yet";
    /// The server is about to stop: no call begins, or changes hands.
    Draining = SERVICE_UNAVAILABLE, "draining", "The server is about to stop";
    /// The trunk that could call this number is down.
    TrunkDown = SERVICE_UNAVAILABLE, "trunk-down", "The telephone network can't be reached";
    /// The server has no room for more.
    Overloaded = SERVICE_UNAVAILABLE, "overloaded", "The server is full";
}

impl Problem {
    /// A refusal of this kind; `detail` is a sentence for people: what happened, what to do.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        let detail = match shortened(&detail, DETAIL_CHARS_MAX) {
            Cow::Borrowed(_) => detail,
            Cow::Owned(shorter) => shorter,
        };
        Self { kind, detail, cause: None, call: None, retry_after_s: None }
    }

    /// A bug or a failing dependency of ours: `cause` goes to the log, not to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            Kind::Internal,
            "Something went wrong in the server; it has been logged. Try again, and tell an administrator if it keeps happening.",
        )
    }

    /// What could not be written; the command was not carried out.
    pub fn unsaved(error: store::StoreError) -> Self {
        Unsaved::of(error).into()
    }

    /// 404 for something that is not there, or that this user may not know of.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("There is no such {what}, or you may not see it."))
    }

    /// 403 for a missing right.
    pub fn lacks(permission: &str) -> Self {
        Self::new(
            Kind::NotAllowed,
            format!("This needs the permission `{permission}`. Ask an administrator for it."),
        )
    }

    /// Adds the true cause, where the kind has several.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Option<Cause>>) -> Self {
        self.cause = cause.into();
        self
    }

    /// Adds the call as it is now, in the eyes of the one who asked.
    #[must_use]
    pub fn with_call(mut self, call: wire::CallView) -> Self {
        self.call = Some(Box::new(call));
        self
    }

    /// Adds a `Retry-After` header.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The true cause, where the kind has several.
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// The sentence for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// `?` stands behind what reads. What writes says so by [`Problem::unsaved`].
impl From<store::StoreError> for Problem {
    fn from(error: store::StoreError) -> Self {
        match error.outage() {
            Some(outage) => {
                tracing::error!(%error, "the store could not be read");
                Unread::Outage(outage).into()
            }
            None => Self::internal(error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let body = wire::Problem {
            kind: self.kind.name().to_owned(),
            title: self.kind.title().to_owned(),
            status: status.as_u16(),
            detail: self.detail,
            cause: self.cause.map(|cause| cause.name().to_owned()),
            call: self.call,
        };
        let mut response = (status, axum::Json(body)).into_response();
        if self.kind == Kind::RightsChanged {
            response.extensions_mut().insert(RightsChanged);
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(wire::PROBLEM_CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Marks a [`Kind::RightsChanged`] on its way out.
#[derive(Clone, Copy)]
struct RightsChanged;

/// Whether nothing was done because the rights that the request was read with have changed since.
pub(super) fn is_about_changed_rights(response: &Response) -> bool {
    response.extensions().get::<RightsChanged>().is_some()
}

/// 404 for a path that the API does not have.
pub async fn no_such_route(uri: Uri) -> Problem {
    Problem::new(
        Kind::NotFound,
        format!("The API has no path {}. The paths are listed at /api/docs.", quoted(uri.path())),
    )
}

/// 405 for a method that a path does not have.
pub async fn no_such_method(uri: Uri) -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        format!("{} has no such method. The methods are listed at /api/docs.", quoted(uri.path())),
    )
}

/// What a client sent, or a message that holds it, at most [`QUOTED_CHARS_MAX`] characters of it:
/// of a longer one the middle is left out, for what was expected stands at the end.
pub fn quoted(text: &str) -> Cow<'_, str> {
    shortened(text, QUOTED_CHARS_MAX)
}

fn shortened(text: &str, chars_max: usize) -> Cow<'_, str> {
    // Bytes first: counting the letters of a huge text would take its time.
    if text.len() <= chars_max || text.chars().count() <= chars_max {
        return Cow::Borrowed(text);
    }
    let half = chars_max / 2;
    let start = text.chars().take(half);
    let end: Vec<char> = text.chars().rev().take(half - 1).collect();
    Cow::Owned(start.chain(['…']).chain(end.into_iter().rev()).collect())
}

/// The kinds of problems, as the page lists them.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, u16, &'static str)> {
    Kind::ALL.iter().map(|kind| (kind.name(), kind.status().as_u16(), kind.title()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_cut_in_its_middle() {
        assert_eq!(quoted("short"), "short");
        let exact = "é".repeat(QUOTED_CHARS_MAX);
        assert_eq!(quoted(&exact), exact);
        let long = format!("unknown field `{}`, expected `queue`", "k".repeat(60_000));
        let cut = quoted(&long);
        assert_eq!(cut.chars().count(), QUOTED_CHARS_MAX);
        assert!(cut.starts_with("unknown field `kk") && cut.ends_with("`, expected `queue`"));
    }

    #[test]
    fn no_detail_is_long_whoever_s_words_are_in_it() {
        let problem = Problem::new(Kind::OfferGone, format!("{} has it.", "N".repeat(60_000)));
        assert_eq!(problem.detail().chars().count(), DETAIL_CHARS_MAX);
        assert!(problem.detail().ends_with("N has it."));
    }
}
