//! One WebSocket: what waits in the [`Outbox`] goes out, and the peer has to show that it lives.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use wire::{CLIENT_MESSAGE_BYTES_MAX, parse_client_message};

use control_plane::Ending;

use orchestrator::event_streams::{Next, Outbox, close_frame, ending_name};

/// How often the server asks whether the client is there.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);
/// A client of whom nothing was heard, or who took nothing, for so long is gone.
pub const SILENCE_MAX: Duration = Duration::from_secs(25);
/// How long a goodbye may take.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);
/// Bytes read at a time. The buffer is there for each client, and is filled with zeros before each look whether
/// something came: what clients send is short.
const READ_BUFFER_BYTES: usize = 1 << 10;
/// Bytes of messages that the kernel did not take yet; a full snapshot has to fit.
const WRITE_BUFFER_BYTES_MAX: usize = 16 << 20;
/// Client messages within [`PING_INTERVAL`]; more is abuse.
const CLIENT_MESSAGES_MAX: u32 = 20;

/// What ended a connection from the client's side.
enum Gone {
    /// The client said goodbye, or the transport broke.
    Left,
    /// The server ended it.
    Ended(Ending),
}

/// Bounds what a client may send and what may pile up for it.
pub fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(CLIENT_MESSAGE_BYTES_MAX)
        .max_frame_size(CLIENT_MESSAGE_BYTES_MAX)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
}

/// Serves the connection until it ends, at the latest when the token does. `resynchronise` lets a fresh
/// snapshot be told on it.
pub async fn serve(
    mut socket: WebSocket,
    mut outbox: Outbox,
    token_ends_at: Instant,
    resynchronise: impl Fn(),
) {
    let gone = run(&mut socket, &mut outbox, token_ends_at, resynchronise).await;
    if let Gone::Ended(ending) = gone {
        metrics::counter!("sotto_event_streams_ended_total", "reason" => ending_name(ending))
            .increment(1);
        // A reader who is too slow may not take the goodbye either.
        let _ = timeout(GOODBYE_TIMEOUT, say_goodbye(&mut socket, &outbox, ending)).await;
    }
}

/// Closes the connection. A server that stops first says what it has published, the ends of its calls among it; whoever
/// lost a right is told nothing more.
async fn say_goodbye(
    socket: &mut WebSocket,
    outbox: &Outbox,
    ending: Ending,
) -> Result<(), axum::Error> {
    if ending == Ending::Stopping {
        while let Some(Next::Message(text)) = outbox.messages.take() {
            socket.send(Message::Text(text.into())).await?;
        }
    }
    let (code, reason) = close_frame(ending);
    socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
}

async fn run(
    socket: &mut WebSocket,
    outbox: &mut Outbox,
    token_ends_at: Instant,
    resynchronise: impl Fn(),
) -> Gone {
    // Not at once: the first message of a stream is its snapshot.
    let mut pings = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    let mut heard = 0;
    loop {
        let outgoing = tokio::select! {
            biased;
            ending = &mut outbox.ending => return Gone::Ended(ending.unwrap_or(Ending::Stopping)),
            () = sleep_until(token_ends_at) => return Gone::Ended(Ending::SignInEnded),
            () = sleep_until(heard_at + SILENCE_MAX) => return Gone::Ended(Ending::Silent),
            incoming = socket.recv() => {
                heard_at = Instant::now();
                heard += 1;
                match take(incoming) {
                    Ok(()) if heard <= CLIENT_MESSAGES_MAX => continue,
                    Ok(()) => return Gone::Ended(Ending::BadMessage),
                    Err(gone) => return gone,
                }
            }
            _ = pings.tick() => {
                heard = 0;
                Message::Ping(Default::default())
            }
            next = outbox.messages.next() => match next {
                Next::Message(text) => Message::Text(text.into()),
                Next::Resynchronise => {
                    resynchronise();
                    continue;
                }
            },
        };
        // While the peer takes nothing, only the ending counts, and how long that lasts.
        let taken_until = Instant::now() + SILENCE_MAX;
        tokio::select! {
            biased;
            sent = socket.send(outgoing) => {
                if sent.is_err() {
                    return Gone::Left;
                }
            }
            ending = &mut outbox.ending => return Gone::Ended(ending.unwrap_or(Ending::Stopping)),
            () = sleep_until(taken_until) => return Gone::Ended(Ending::TooSlow),
        }
    }
}

fn take(incoming: Option<Result<Message, axum::Error>>) -> Result<(), Gone> {
    match incoming {
        Some(Ok(Message::Text(text))) => match parse_client_message(text.as_bytes()) {
            Ok(_) => Ok(()),
            Err(_) => Err(Gone::Ended(Ending::BadMessage)),
        },
        Some(Ok(Message::Binary(_))) => Err(Gone::Ended(Ending::BadMessage)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
        Some(Ok(Message::Close(_))) | None => Err(Gone::Left),
        // A goodbye does no harm if the transport broke.
        Some(Err(_)) => Err(Gone::Ended(Ending::Broken)),
    }
}
