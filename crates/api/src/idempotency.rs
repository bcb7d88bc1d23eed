//! Commands that may be repeated: an `Idempotency-Key` gets the answer of the first time.
//!
//! Kept in memory, per user, for ten minutes. A command is carried through even when its client
//! hangs up meanwhile, so that a retry finds the answer instead of doing it twice. Kept is what was
//! carried out: a refusal changed nothing, so the same command may simply be tried again.
//!
//! A map of our own: a cache such as moka has one bound for all, and one user's flood would push
//! the others' answers out.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use interaction::UserId;

use super::{BODY_BYTES_MAX, Kind, Problem, extract};
use crate::signed::Outcome;

/// The header.
pub const HEADER: &str = "idempotency-key";
/// How long an answer is kept.
pub const KEPT_FOR: Duration = Duration::from_secs(600);
/// Answers kept for one user; then their oldest goes.
pub const ANSWERS_PER_USER_MAX: usize = 64;
/// Bytes kept for one user; then their oldest answer goes.
pub const BYTES_PER_USER_MAX: usize = 256 * 1024;
/// Answers kept for all; then the oldest of whoever has most goes.
pub const ANSWERS_MAX: usize = 10_000;
/// Bytes kept for all; then the oldest answer of whoever has most goes.
pub const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of an answer that is kept; a command's answer is far shorter.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What an entry takes beside its key and its answer, roughly.
const ENTRY_BYTES: usize = 256;
/// Characters of a key.
const KEY_CHARS_MAX: usize = 128;

/// The answers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Idempotency {
    answers: Arc<Mutex<Answers>>,
    /// Digests need only be equal for equal requests of one process.
    digest: RandomState,
}

type Key = (UserId, String);

#[derive(Default)]
struct Answers {
    by_key: HashMap<Key, Entry>,
    /// Oldest first; the keys are those of `by_key`.
    order: VecDeque<Key>,
    /// What each user takes of it; nobody is in it for nothing.
    shares: HashMap<UserId, Share>,
    bytes: usize,
}

#[derive(Clone, Copy, Default)]
struct Share {
    answers: usize,
    bytes: usize,
}

struct Entry {
    digest: u64,
    since: Instant,
    bytes: usize,
    answer: Option<Answer>,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

enum Found {
    Nothing,
    Same(Answer),
    SameInProgress,
    Other,
}

/// The middleware: answers a repeated command with the first answer.
pub async fn replay(
    State(idempotency): State<Idempotency>,
    request: Request,
    next: Next,
) -> Response {
    match idempotency.handle(request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

impl Idempotency {
    async fn handle(&self, request: Request, next: Next) -> Result<Response, Problem> {
        let Some(key) = key(&request)? else {
            return Ok(next.run(request).await);
        };
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| extract::too_large())?;
        let digest = self.digest(&parts, &body);
        match self.answers().begin(&key, digest, Instant::now()) {
            Found::Nothing => {}
            Found::Same(answer) => return Ok(answer.again()),
            Found::SameInProgress => {
                return Err(Problem::new(
                    Kind::InProgress,
                    "The command with this Idempotency-Key is being carried out. Try again in a second.",
                )
                .retry_after_s(1));
            }
            Found::Other => {
                return Err(Problem::new(
                    Kind::KeyReused,
                    "This Idempotency-Key was used for another request. Use a new one for each command.",
                ));
            }
        }
        let request = Request::from_parts(parts, Body::from(body));
        let promise = Promise { idempotency: self.clone(), key: Some(key) };
        tokio::spawn(promise.carry_through(request, next)).await.map_err(Problem::internal)?
    }

    fn digest(&self, parts: &request::Parts, body: &[u8]) -> u64 {
        self.digest.hash_one((parts.method.as_str(), parts.uri.to_string(), body))
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().expect("no code panics while it holds the answers")
    }
}

/// That a begun command will be answered or forgotten, whatever happens to it.
struct Promise {
    idempotency: Idempotency,
    key: Option<Key>,
}

impl Promise {
    async fn carry_through(mut self, request: Request, next: Next) -> Result<Response, Problem> {
        let response = next.run(request).await;
        let length = response.body().size_hint().upper();
        let is_kept = response.status().is_success()
            && length.is_some_and(|length| length <= ANSWER_BYTES_MAX as u64);
        if !is_kept {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, ANSWER_BYTES_MAX).await.map_err(Problem::internal)?;
        if let Some(key) = self.key.take() {
            let answer =
                Answer { status: parts.status, headers: parts.headers.clone(), body: body.clone() };
            self.idempotency.answers().keep(&key, answer);
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.idempotency.answers().forget(&key);
        }
    }
}

impl Answers {
    /// Notes that the command begins, unless it is known.
    fn begin(&mut self, key: &Key, digest: u64, now: Instant) -> Found {
        self.forget_expired(now);
        if let Some(entry) = self.by_key.get(key) {
            return match &entry.answer {
                _ if entry.digest != digest => Found::Other,
                Some(answer) => Found::Same(answer.clone()),
                None => Found::SameInProgress,
            };
        }
        let bytes = ENTRY_BYTES + 2 * key.1.len();
        self.by_key.insert(key.clone(), Entry { digest, since: now, bytes, answer: None });
        self.order.push_back(key.clone());
        self.shares.entry(key.0).or_default().answers += 1;
        self.count(key.0, bytes);
        self.make_room(key);
        Found::Nothing
    }

    fn keep(&mut self, key: &Key, answer: Answer) {
        let Some(entry) = self.by_key.get_mut(key) else { return };
        let bytes = answer.bytes();
        entry.bytes += bytes;
        entry.answer = Some(answer);
        self.count(key.0, bytes);
        self.make_room(key);
    }

    fn count(&mut self, user: UserId, bytes: usize) {
        self.shares.entry(user).or_default().bytes += bytes;
        self.bytes += bytes;
    }

    fn forget_expired(&mut self, now: Instant) {
        while let Some(oldest) = self.order.front()
            && self
                .by_key
                .get(oldest)
                .is_none_or(|entry| now.duration_since(entry.since) >= KEPT_FOR)
        {
            let oldest = oldest.clone();
            self.forget(&oldest);
        }
    }

    /// Forgets what is too much, but not `newest`: first of its own user, then of whoever has most,
    /// so that a flood costs nobody else's answers.
    fn make_room(&mut self, newest: &Key) {
        while let share = self.share(newest.0)
            && (share.answers > ANSWERS_PER_USER_MAX || share.bytes > BYTES_PER_USER_MAX)
            && self.forget_oldest_of(newest.0, newest)
        {}
        while (self.by_key.len() > ANSWERS_MAX || self.bytes > BYTES_MAX)
            && let Some(user) = self.biggest(newest)
            && self.forget_oldest_of(user, newest)
        {}
    }

    fn share(&self, user: UserId) -> Share {
        self.shares.get(&user).copied().unwrap_or_default()
    }

    /// Who has most, among those who have anything but `newest`.
    fn biggest(&self, newest: &Key) -> Option<UserId> {
        let others = self.shares.iter().filter(|(user, it)| **user != newest.0 || it.answers > 1);
        others.max_by_key(|(_, share)| share.bytes).map(|(user, _)| *user)
    }

    /// Whether there was another one to forget.
    fn forget_oldest_of(&mut self, user: UserId, newest: &Key) -> bool {
        let oldest = self.order.iter().find(|key| key.0 == user && *key != newest).cloned();
        let Some(oldest) = oldest else { return false };
        self.forget(&oldest);
        true
    }

    fn forget(&mut self, key: &Key) {
        let Some(entry) = self.by_key.remove(key) else { return };
        if let Some(position) = self.order.iter().position(|other| other == key) {
            self.order.remove(position);
        }
        self.bytes -= entry.bytes;
        if let Some(share) = self.shares.get_mut(&key.0) {
            share.answers -= 1;
            share.bytes -= entry.bytes;
            if share.answers == 0 {
                self.shares.remove(&key.0);
            }
        }
    }
}

impl Answer {
    fn bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        self.body.len() + headers.sum::<usize>()
    }

    fn again(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        *response.headers_mut() = self.headers;
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
        response
    }
}

/// The key of a command by somebody who is signed in.
fn key(request: &Request) -> Result<Option<Key>, Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(None);
    }
    let Some(Outcome(Ok(signed))) = request.extensions().get::<Outcome>() else {
        return Ok(None);
    };
    let Some(key) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= KEY_CHARS_MAX => {
            Ok(Some((signed.user().id, key.to_owned())))
        }
        _ => Err(Problem::new(
            Kind::BadInput,
            format!("Idempotency-Key must have 1 to {KEY_CHARS_MAX} visible ASCII characters."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(user: u64, name: &str) -> Key {
        (UserId(user), name.to_owned())
    }

    fn answer(text: &'static str) -> Answer {
        Answer { status: StatusCode::CREATED, headers: HeaderMap::new(), body: Bytes::from(text) }
    }

    #[test]
    fn the_first_answer_is_given_again() {
        let now = Instant::now();
        let mut answers = Answers::default();
        assert!(matches!(answers.begin(&key(1, "k"), 7, now), Found::Nothing));
        assert!(matches!(answers.begin(&key(1, "k"), 7, now), Found::SameInProgress));
        answers.keep(&key(1, "k"), answer("first"));
        assert!(matches!(answers.begin(&key(1, "k"), 7, now), Found::Same(a) if a.body == "first"));
        assert!(matches!(answers.begin(&key(1, "k"), 8, now), Found::Other));
        assert!(
            matches!(answers.begin(&key(2, "k"), 8, now), Found::Nothing),
            "keys are each user's own"
        );
    }

    #[test]
    fn what_failed_is_forgotten_and_so_is_what_is_old() {
        let now = Instant::now();
        let mut answers = Answers::default();
        answers.begin(&key(1, "k"), 7, now);
        answers.forget(&key(1, "k"));
        assert!(matches!(answers.begin(&key(1, "k"), 9, now), Found::Nothing));
        answers.keep(&key(1, "k"), answer("second"));
        assert!(matches!(answers.begin(&key(1, "k"), 8, now + KEPT_FOR), Found::Nothing));
    }

    #[test]
    fn the_number_is_bounded_and_a_flood_costs_nobody_else() {
        let now = Instant::now();
        let mut answers = Answers::default();
        answers.begin(&key(0, "kept"), 1, now);
        for i in 0..1000 {
            answers.begin(&key(1, &i.to_string()), 1, now);
        }
        assert_eq!(answers.by_key.len(), ANSWERS_PER_USER_MAX + 1);
        for user in 1..=200 {
            for i in 0..ANSWERS_PER_USER_MAX {
                answers.begin(&key(user, &i.to_string()), 1, now);
            }
        }
        assert_eq!(answers.by_key.len(), ANSWERS_MAX);
        assert_eq!(answers.order.len(), ANSWERS_MAX);
        assert_eq!(answers.shares.values().map(|share| share.answers).sum::<usize>(), ANSWERS_MAX);
        assert!(answers.by_key.contains_key(&key(0, "kept")), "who has one loses none");
    }

    #[test]
    fn the_memory_is_bounded() {
        let now = Instant::now();
        let mut answers = Answers::default();
        answers.begin(&key(0, "kept"), 1, now);
        answers.keep(&key(0, "kept"), answer("short"));
        for user in 1..=500 {
            for i in 0..8 {
                let key = key(user, &i.to_string());
                answers.begin(&key, 1, now);
                let body = Bytes::from(vec![b'x'; ANSWER_BYTES_MAX]);
                let headers = HeaderMap::new();
                answers.keep(&key, Answer { status: StatusCode::OK, headers, body });
                assert!(answers.share(UserId(user)).bytes <= BYTES_PER_USER_MAX);
                assert!(answers.bytes <= BYTES_MAX);
                assert!(answers.by_key.contains_key(&key), "the newest is kept");
            }
        }
        assert!(answers.by_key.contains_key(&key(0, "kept")), "who has little loses nothing");
        let all: usize = answers.by_key.values().map(|entry| entry.bytes).sum();
        assert_eq!(answers.bytes, all);
        assert_eq!(answers.shares.values().map(|share| share.bytes).sum::<usize>(), all);
    }
}
