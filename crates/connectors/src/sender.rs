//! Empties a channel's outbox: in order within a conversation, several conversations at a time,
//! again and later when the connector does not take it.
//!
//! A post may arrive twice (the answer to the first was lost, or the server ended before it could
//! note it), always with the same id; it never overtakes another of its conversation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use interaction::{ConversationId, UserId};
use reqwest::{Response, StatusCode, header};
use store::{OutgoingEnd, Store, StoreError, WaitingRecord, unix_now};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use wire::ChannelPost;

use super::{Channel, signature};

/// Posts to one connector at the same time, of as many conversations.
pub const POSTS_AT_ONCE_MAX: usize = 8;
/// How long until the second attempt; each further wait is twice as long.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
pub const BACKOFF_MAX: Duration = Duration::from_secs(5 * 60);
/// For so long what happened is tried again; then it is given up.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 3600);
/// How long until the store is asked again that could not be read.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Messages that the connector has: up to this public position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its customer.
    pub requester: UserId,
    /// How far.
    pub up_to: u64,
}

/// A conversation whose post was not taken.
#[derive(Clone, Copy, Debug)]
struct Delayed {
    attempts: u32,
    until: Instant,
}

/// What came of an attempt.
enum Outcome {
    /// It is off the outbox.
    Done,
    /// Later, and not before this time has passed.
    Later(Duration),
}

/// Sends what waits, for as long as the server runs.
pub async fn run(store: Store, channel: Arc<Channel>, delivered: mpsc::Sender<Delivered>) {
    let mut delayed: BTreeMap<String, Delayed> = BTreeMap::new();
    let mut flying: BTreeMap<Id, String> = BTreeMap::new();
    let mut posts = JoinSet::new();
    loop {
        let heads = match store.outbox(&channel.name).await {
            Ok(heads) => heads,
            Err(error) => {
                tracing::error!(channel = channel.name, %error, "the outbox can't be read");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
        delayed.retain(|id, _| heads.iter().any(|(head, _)| head == id));
        let now = Instant::now();
        let mut next = None;
        for (id, number) in heads {
            if flying.len() >= POSTS_AT_ONCE_MAX {
                break;
            }
            let until = delayed.get(&id).map(|it| it.until).filter(|until| *until > now);
            if let Some(until) = until {
                next = Some(next.map_or(until, |next: Instant| next.min(until)));
            } else if !flying.values().any(|it| *it == id) {
                let post =
                    attempt(store.clone(), channel.clone(), delivered.clone(), id.clone(), number);
                flying.insert(posts.spawn(post).id(), id);
            }
        }
        let sleep = async {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(ended) = posts.join_next_with_id() => {
                let (task, outcome) = match ended {
                    Ok(ended) => ended,
                    // Our own fault, and of this post alone.
                    Err(error) => (error.id(), Outcome::Later(Duration::ZERO)),
                };
                let Some(id) = flying.remove(&task) else { continue };
                match outcome {
                    Outcome::Done => {
                        delayed.remove(&id);
                    }
                    Outcome::Later(wanted) => {
                        let attempts = delayed.get(&id).map_or(0, |it| it.attempts) + 1;
                        let wait = backoff(attempts).max(wanted.min(BACKOFF_MAX));
                        delayed.insert(id, Delayed { attempts, until: Instant::now() + wait });
                    }
                }
            }
            () = channel.waiting.notified() => {}
            () = sleep => {}
        }
    }
}

/// The wait after so many attempts.
fn backoff(attempts: u32) -> Duration {
    BACKOFF_FIRST.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1))).min(BACKOFF_MAX)
}

async fn attempt(
    store: Store,
    channel: Arc<Channel>,
    delivered: mpsc::Sender<Delivered>,
    id: String,
    number: u64,
) -> Outcome {
    let result = async {
        match store.outgoing(&id, number).await? {
            Some(waiting) => post(&store, &channel, &delivered, (&id, number), waiting).await,
            // Nobody knows any more whom it was for.
            None => {
                store.end_outgoing(&id, number, OutgoingEnd::GivenUp).await?;
                Ok(Outcome::Done)
            }
        }
    };
    result.await.unwrap_or_else(|error| {
        tracing::error!(channel = channel.name, %error, "the outbox can't be used");
        Outcome::Later(STORE_PAUSE)
    })
}

async fn post(
    store: &Store,
    channel: &Channel,
    delivered: &mpsc::Sender<Delivered>,
    (id, number): (&str, u64),
    waiting: WaitingRecord,
) -> Result<Outcome, StoreError> {
    let WaitingRecord { what, requester, external_id } = waiting;
    let news = serde_json::from_str(&what.body)
        .map_err(|_| StoreError::Unreadable { what: "news of a channel", value: id.to_owned() })?;
    let post = ChannelPost {
        id: format!("{id}.{number}"),
        conversation: id.to_owned(),
        number,
        external_id,
        at: what.at,
        news,
    };
    let body = serde_json::to_vec(&post).expect("a post is texts and numbers");
    let answer = send(channel, body).await;
    let status = answer.as_ref().ok().map(Response::status);
    let old = unix_now().0.saturating_sub(what.at) > GIVE_UP_AFTER.as_millis() as u64;
    let end = match status {
        Some(status) if status.is_success() => OutgoingEnd::Delivered,
        Some(status) if is_final(status) => OutgoingEnd::GivenUp,
        _ if old => OutgoingEnd::GivenUp,
        _ => {
            count(channel, "later");
            tell_of_delay(channel, id, number, &answer);
            let wanted = answer.as_ref().ok().and_then(retry_after).unwrap_or_default();
            return Ok(Outcome::Later(wanted));
        }
    };
    store.end_outgoing(id, number, end).await?;
    match end {
        OutgoingEnd::Delivered => {
            count(channel, "delivered");
            if let (Some(up_to), Ok(id)) = (what.public_position, id.parse()) {
                let told = Delivered { conversation: id, requester: UserId(requester), up_to };
                // Whoever would mark it has stopped.
                let _ = delivered.send(told).await;
            }
        }
        OutgoingEnd::GivenUp => {
            count(channel, "given_up");
            let channel = &channel.name;
            tracing::warn!(channel, conversation = id, number, ?status, "a post is given up");
        }
    }
    Ok(Outcome::Done)
}

async fn send(channel: &Channel, body: Vec<u8>) -> reqwest::Result<Response> {
    let now_s = unix_now().0 / 1000;
    let request = channel
        .client
        .post(channel.url.clone())
        .header(header::CONTENT_TYPE, "application/json")
        .header(signature::TIMESTAMP, now_s)
        .header(signature::SIGNATURE, signature::sign(&channel.secret, now_s, &body));
    request.body(body).send().await
}

/// Says why a post has to wait: a certificate that isn't trusted looks like nothing from outside.
fn tell_of_delay(channel: &Channel, id: &str, number: u64, answer: &reqwest::Result<Response>) {
    let channel = &channel.name;
    match answer {
        Ok(answer) => {
            let status = answer.status();
            tracing::info!(channel, conversation = id, number, %status, "a post was not taken");
        }
        Err(error) => {
            let error: &dyn std::error::Error = error;
            tracing::warn!(channel, conversation = id, number, error, "a connector is not reached");
        }
    }
}

/// The connector says that it will never take it.
fn is_final(status: StatusCode) -> bool {
    status.is_client_error()
        && status != StatusCode::REQUEST_TIMEOUT
        && status != StatusCode::TOO_MANY_REQUESTS
}

fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn count(channel: &Channel, outcome: &'static str) {
    let labels = [("channel", channel.name.clone()), ("outcome", outcome.to_owned())];
    metrics::counter!("sotto_channel_posts_total", &labels).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound() {
        assert_eq!(backoff(1), BACKOFF_FIRST);
        assert_eq!(backoff(2), BACKOFF_FIRST * 2);
        assert_eq!(backoff(5), BACKOFF_FIRST * 16);
        assert_eq!(backoff(40), BACKOFF_MAX);
        assert_eq!(backoff(u32::MAX), BACKOFF_MAX);
    }

    #[test]
    fn only_a_plain_no_is_final() {
        let of = |status: u16| is_final(StatusCode::from_u16(status).unwrap());
        for status in [400, 401, 404, 410, 422] {
            assert!(of(status), "{status}");
        }
        for status in [301, 408, 429, 500, 503] {
            assert!(!of(status), "{status}");
        }
    }
}
