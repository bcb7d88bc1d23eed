//! What connectors of other channels send and fetch. They sign; nobody is signed in here.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use interaction::conversation::Refusal;
use interaction::text::display_name;
use interaction::{AttachmentId, ConversationId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{ChannelMessage, ChannelReceipt};

use super::attachments::given_out;
use super::cause::Cause;
use super::channel_text::{mended, spoken};
use super::extract::{bad_bytes, bad_value, id, json};
use super::{AppState, Json, Kind, Path, Problem, whole};
use accounts::{NAME_CHARS_MAX, unix_now};
use connectors::Channel;
use connectors::signature::{self, NotSigned};
use orchestrator::conversations::Incoming;
use orchestrator::conversations::error::{ChannelMessageError, ConversationError, PostError};

/// Bytes that a customer's id at a channel may have, and a message's.
pub const CHANNEL_ID_BYTES_MAX: usize = 512;
/// Bytes of a post: the longest message of an app, 65,536 characters, with each of them escaped.
pub const CHANNEL_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Who has neither a name nor an id that can be seen.
const NAMELESS: &str = "?";

/// An id that had another text. Connectors do not send such a one again.
const REUSED: &str = "This message_id belongs to another message of this customer. Send an edited \
                      message under an id of its own.";

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(incoming))
        .layer(DefaultBodyLimit::max(CHANNEL_BODY_BYTES_MAX))
        .routes(routes!(attachment))
}

/// A customer's message from a channel. It goes to their running conversation, or opens one.
///
/// `Sotto-Timestamp` is the time in Unix seconds; `Sotto-Signature` is `v1=` and the HMAC-SHA256,
/// in hex, of the timestamp, a dot and the body as it is sent, with the channel's secret.
#[utoipa::path(
    post, path = "/channels/{name}/messages", tag = "channels", security(()),
    params(
        ("name" = String, Path, description = "The channel"),
        ("Sotto-Timestamp" = u64, Header, description = "Unix time in seconds, at most five minutes off"),
        ("Sotto-Signature" = String, Header, description = "`v1=…`"),
    ),
    request_body = ChannelMessage,
    responses(
        (status = 201, description = "It is saved", body = ChannelReceipt),
        (status = 200, description = "It had been saved before", body = ChannelReceipt),
        (status = 400, description = "It can't be read, an id is too long, or the id was another message's", body = wire::Problem),
        (status = 401, description = "The signature is missing or wrong, or the timestamp is too far off", body = wire::Problem),
        (status = 404, description = "No such queue", body = wire::Problem),
        (status = 413, description = "More than 1 MiB", body = wire::Problem),
        (status = 429, description = "Too many messages from this customer in a short time", body = wire::Problem),
    )
)]
async fn incoming(
    State(state): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<ChannelReceipt>), Problem> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail =
                format!("A post may have {CHANNEL_BODY_BYTES_MAX} bytes. Send it in parts.");
            Problem::new(Kind::TooLarge, detail)
        }
        _ => bad_bytes(&rejection),
    })?;
    let channel = signed(&state, &name, &headers, &body)?.clone();
    let message = mended(json(&body)?);
    let message = serde_json::from_value(message).map_err(|error| bad_value(&error))?;
    let message = checked(message)?;
    let taken = whole(async move {
        let taken = state.orchestrator.channel_message(&channel, message).await;
        taken.map_err(|error| match error {
            ChannelMessageError::NotWritten(PostError::Conversation(
                ConversationError::Refused(Refusal::ClientIdReused),
            )) => Problem::new(Kind::BadInput, REUSED).because(Cause::MessageIdReused),
            other => Problem::from(other),
        })
    });
    let (receipt, again) = taken.await?;
    let status = if again { StatusCode::OK } else { StatusCode::CREATED };
    let receipt = ChannelReceipt {
        conversation: receipt.conversation,
        number: receipt.number,
        at: receipt.at.0,
    };
    Ok((status, Json(receipt)))
}

/// The content of an attachment to a message that was posted to the connector. The signature is
/// over the path instead of a body.
#[utoipa::path(
    get, path = "/channels/{name}/attachments/{conversation}/{attachment}", tag = "channels",
    security(()),
    params(
        ("name" = String, Path, description = "The channel"),
        ("conversation" = String, Path, description = "The conversation"),
        ("attachment" = String, Path, description = "The attachment"),
        ("Sotto-Timestamp" = u64, Header, description = "Unix time in seconds, at most five minutes off"),
        ("Sotto-Signature" = String, Header, description = "`v1=…`"),
    ),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream"),
        (status = 401, description = "The signature is missing or wrong, or the timestamp is too far off", body = wire::Problem),
        (status = 404, description = "No such attachment for the customer", body = wire::Problem),
    )
)]
async fn attachment(
    State(state): State<AppState>,
    Path((name, conversation, attachment)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let channel = signed(&state, &name, &headers, uri.path().as_bytes())?.clone();
    let conversation: ConversationId = id(&conversation, "attachment")?;
    let attachment: AttachmentId = id(&attachment, "attachment")?;
    let orchestrator = state.orchestrator;
    let download = orchestrator.channel_attachment(&channel, conversation, attachment).await?;
    Ok(given_out(download, orchestrator.file_limits()))
}

/// The channel, if it was its connector who signed. A channel that there is not has no secret that
/// could be right.
fn signed<'a>(
    state: &'a AppState,
    name: &str,
    headers: &HeaderMap,
    what: &[u8],
) -> Result<&'a std::sync::Arc<Channel>, Problem> {
    let header = |name| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let wrong = || {
        Problem::new(
            Kind::WrongSignature,
            "Sign the request with the channel's secret, as the operator's manual describes.",
        )
    };
    let channel = state.channels.get(name).ok_or_else(wrong)?;
    let (timestamp, signature) = (header(signature::TIMESTAMP), header(signature::SIGNATURE));
    let now_s = unix_now().0 / 1000;
    match channel.verify(timestamp, signature, what, now_s) {
        Ok(()) => Ok(channel),
        Err(NotSigned::Wrong) => Err(wrong()),
        Err(NotSigned::NotNow) => Err(Problem::new(
            Kind::WrongSignature,
            "The timestamp is more than five minutes off. Set the clock, and sign each attempt afresh.",
        )),
    }
}

fn checked(message: ChannelMessage) -> Result<Incoming, Problem> {
    let check = |field: &str, id: &str| {
        if id.is_empty() || id.len() > CHANNEL_ID_BYTES_MAX || id.contains('\0') {
            let detail =
                format!("`{field}` must have 1 to {CHANNEL_ID_BYTES_MAX} bytes, none of them NUL.");
            return Err(Problem::new(Kind::BadInput, detail));
        }
        Ok(())
    };
    check("external_id", &message.external_id)?;
    check("message_id", &message.message_id)?;
    if let Some(queue) = &message.queue {
        check("queue", queue)?;
    }
    let shown = |name: &str| display_name(name, NAME_CHARS_MAX);
    let name = message.name.as_deref().and_then(shown).or_else(|| shown(&message.external_id));
    Ok(Incoming {
        text: spoken(&message),
        name: name.unwrap_or_else(|| NAMELESS.to_owned()),
        external_id: message.external_id,
        queue: message.queue,
        message_id: message.message_id,
    })
}
