//! Empties a channel's outbox: in order within a conversation, several conversations at a time,
//! again and later when the connector does not take it.
//!
//! A post may arrive twice (the answer to the first was lost, or the server ended before it could
//! note it), always with the same id; it never overtakes another of its conversation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use control_plane::{DeliveryFailure, FailureCause};
use interaction::{ConversationId, UserId};
use reqwest::{Response, header};
use store::{GivenUpRecord, OutgoingEnd, Store, StoreError, WaitingRecord, unix_now};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use wire::ChannelPost;

use super::{Channel, answer, signature};

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

/// What became of a message to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its customer.
    pub requester: UserId,
    /// The message's place among the public ones.
    pub public_position: u64,
    /// Whether the connector has it, or why it never will: the message then stands aside, and those
    /// after it go on.
    pub result: Result<(), DeliveryFailure>,
}

/// A conversation whose post was not taken.
#[derive(Clone, Copy, Debug)]
struct Delayed {
    attempts: u32,
    /// The attempts at which the connector broke.
    breaks: u32,
    until: Instant,
}

/// What came of an attempt.
enum Outcome {
    /// It is off the outbox.
    Done,
    /// Later, and not before this time has passed.
    Later(Later),
}

/// Why a post has to wait, and how long at least.
#[derive(Clone, Copy, Debug, Default)]
struct Later {
    wait: Duration,
    /// The connector broke at it.
    is_break: bool,
}

/// Sends what waits, for as long as the server runs.
pub async fn run(store: Store, channel: Arc<Channel>, reports: mpsc::Sender<Report>) {
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
                let breaks = delayed.get(&id).map_or(0, |it| it.breaks);
                let post = Post { id: id.clone(), number, breaks };
                let post = attempt(store.clone(), channel.clone(), reports.clone(), post);
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
                    Err(error) => (error.id(), Outcome::Later(Later::default())),
                };
                let Some(id) = flying.remove(&task) else { continue };
                match outcome {
                    Outcome::Done => {
                        delayed.remove(&id);
                    }
                    Outcome::Later(Later { wait, is_break }) => {
                        let (attempts, breaks) =
                            delayed.get(&id).map_or((0, 0), |it| (it.attempts, it.breaks));
                        let (attempts, breaks) = (attempts + 1, breaks + u32::from(is_break));
                        let wait = backoff(attempts).max(wait.min(BACKOFF_MAX));
                        let until = Instant::now() + wait;
                        delayed.insert(id, Delayed { attempts, breaks, until });
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

/// What is to be sent now.
struct Post {
    /// The conversation.
    id: String,
    /// Its number among the conversation's posts.
    number: u64,
    /// How often the connector broke at it.
    breaks: u32,
}

async fn attempt(
    store: Store,
    channel: Arc<Channel>,
    reports: mpsc::Sender<Report>,
    post: Post,
) -> Outcome {
    let result = async {
        match store.outgoing(&post.id, post.number).await? {
            Some(waiting) => carry(&store, &channel, &reports, &post, waiting).await,
            // Nobody knows any more whom it was for.
            None => {
                store
                    .end_outgoing(&post.id, post.number, &given_up(FailureCause::Unsendable, None))
                    .await?;
                Ok(Outcome::Done)
            }
        }
    };
    result.await.unwrap_or_else(|error| {
        tracing::error!(channel = channel.name, %error, "the outbox can't be used");
        Outcome::Later(Later { wait: STORE_PAUSE, is_break: false })
    })
}

async fn carry(
    store: &Store,
    channel: &Channel,
    reports: &mpsc::Sender<Report>,
    post: &Post,
    waiting: WaitingRecord,
) -> Result<Outcome, StoreError> {
    let (id, number) = (post.id.as_str(), post.number);
    let (result, end) = match sent(channel, post, &waiting).await {
        Sent::Taken => (Ok(()), OutgoingEnd::Delivered),
        Sent::Later(later) => {
            count(channel, "later");
            return Ok(Outcome::Later(later));
        }
        Sent::Never(failure) => {
            let end = given_up(failure.cause, failure.detail.clone());
            (Err(failure), end)
        }
    };
    store.end_outgoing(id, number, &end).await?;
    match &result {
        Ok(()) => count(channel, "delivered"),
        Err(failure) => {
            count(channel, "given_up");
            let channel = &channel.name;
            tracing::warn!(channel, conversation = id, number, ?failure, "a post is given up");
        }
    }
    if let (Some(public_position), Ok(conversation)) = (waiting.what.public_position, id.parse()) {
        let requester = UserId(waiting.requester);
        // Whoever would tell of it has stopped.
        let _ = reports.send(Report { conversation, requester, public_position, result }).await;
    }
    Ok(Outcome::Done)
}

/// What came of sending something.
enum Sent {
    Taken,
    Later(Later),
    Never(DeliveryFailure),
}

async fn sent(channel: &Channel, post: &Post, waiting: &WaitingRecord) -> Sent {
    let Post { id, number, breaks } = post;
    let (id, number, breaks) = (id.as_str(), *number, *breaks);
    let never = |cause, detail| Sent::Never(DeliveryFailure { cause, detail });
    let Ok(news) = serde_json::from_str(&waiting.what.body) else {
        // Waiting makes no former version's news readable.
        return never(FailureCause::Unsendable, None);
    };
    let post = ChannelPost {
        id: format!("{id}.{number}"),
        conversation: id.to_owned(),
        number,
        external_id: waiting.external_id.clone(),
        at: waiting.what.at,
        news,
    };
    let body = serde_json::to_vec(&post).expect("a post is texts and numbers");
    let answer = send(channel, body).await;
    let status = answer.as_ref().ok().map(Response::status);
    let is_break = status.is_some_and(answer::is_break);
    let is_given_up =
        status.is_some_and(answer::is_final) || (is_break && breaks + 1 >= answer::BREAKS_MAX);
    let old = unix_now().0.saturating_sub(waiting.what.at) > GIVE_UP_AFTER.as_millis() as u64;
    match answer {
        Ok(_) if status.is_some_and(|it| it.is_success()) => Sent::Taken,
        Ok(answer) if is_given_up => {
            tell_of_move(channel, &answer);
            never(FailureCause::Refused, Some(answer::reason(answer).await))
        }
        Ok(answer) if old => never(FailureCause::Expired, Some(answer::reason(answer).await)),
        Err(_) if old => never(FailureCause::Expired, None),
        answer => {
            tell_of_delay(channel, id, number, &answer);
            let wanted = answer.ok().and_then(|it| answer::retry_after(&it, SystemTime::now()));
            Sent::Later(Later { wait: wanted.unwrap_or_default(), is_break })
        }
    }
}

fn given_up(cause: FailureCause, detail: Option<String>) -> OutgoingEnd {
    OutgoingEnd::GivenUp(GivenUpRecord { cause: cause.name().to_owned(), detail })
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

/// A connector that has moved takes nothing any more, so the operator is told.
fn tell_of_move(channel: &Channel, answer: &Response) {
    if answer.status().is_redirection() {
        let (channel, status) = (&channel.name, answer.status());
        tracing::warn!(
            channel, %status,
            "a connector has moved, and redirects are not followed: set the channel's `url`"
        );
    }
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
}
