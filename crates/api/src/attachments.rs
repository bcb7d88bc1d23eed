//! What is attached to messages of conversations: the bytes, in and out.
//!
//! They pass through in pieces: an upload's next piece is read when the last one is written, a
//! download's when its reader has taken the one before.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use interaction::AttachmentId;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::AttachmentView;

use super::conversations::parse;
use super::extract::{Query, id};
use super::{AppState, Json, Kind, Path, Problem, whole};
use crate::Signed;
use crate::views;
use orchestrator::conversations::files::{Download, FileLimits, Upload};

/// Pieces of a download that are read before its reader takes them.
const PIECES_AHEAD: usize = 1;
/// How long the rest of a refused upload is taken and thrown away, so that its sender reads the
/// refusal instead of a broken connection.
const LINGER: Duration = Duration::from_secs(2);

/// The routes of this module. How much is taken is the upload's own to count.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(download))
        .layer(DefaultBodyLimit::disable())
}

/// How the upload is called.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct NameQuery {
    /// The file's name. Its readers see it without what could hurt (signs that are not seen, an
    /// ending that is not one of its type).
    name: String,
}

/// In what form it is given out.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct DownloadQuery {
    /// `utf-8`: a text that came in another encoding is converted, to be shown. Without it every
    /// file is given out as it came, and a text's encoding is in its content type.
    #[param(value_type = Option<String>)]
    charset: Option<Charset>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Charset {
    #[serde(rename = "utf-8")]
    Utf8,
}

/// Uploads a file to attach to a message of yours. Its type is detected from its content.
///
/// Whether it may be uploaded is decided before its first byte is read: send
/// `Expect: 100-continue` to learn of a refusal first.
#[utoipa::path(
    post, path = "/conversations/{id}/attachments", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), NameQuery),
    request_body(content_type = "application/octet-stream", description = "The bytes, at most 10 MiB"),
    responses(
        (status = 201, description = "The upload; it is deleted after a day unless it is sent", body = AttachmentView),
        (status = 403, description = "You may not write here", body = wire::Problem),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 408, description = "Nothing came for a while, or it took too long", body = wire::Problem),
        (status = 409, description = "As much is attached as may be", body = wire::Problem),
        (status = 413, description = "Larger than 10 MiB, or a picture of more than 40 megapixels", body = wire::Problem),
        (status = 415, description = "Neither a picture, a PDF nor text", body = wire::Problem),
        (status = 422, description = "Empty, or a damaged picture", body = wire::Problem),
        (status = 429, description = "Too many uploads in a short time", body = wire::Problem),
        (status = 503, description = "Too many uploads at the same time, or no room", body = wire::Problem),
    )
)]
async fn upload(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Query(query): Query<NameQuery>,
    request: Request,
) -> Result<(StatusCode, Json<AttachmentView>), Problem> {
    let (parts, body) = request.into_parts();
    let (user, orchestrator) = (signed.user().clone(), state.orchestrator);
    let mut body = body.into_data_stream();
    let received = async {
        let (id, length) = (parse(&conversation)?, content_length(&parts.headers));
        let mut upload = orchestrator.begin_upload(&user, id, &query.name, length).await?;
        receive(&mut upload, &mut body, orchestrator.file_limits()).await?;
        Ok(upload)
    };
    let upload = match received.await {
        Ok(upload) => upload,
        Err(problem) => {
            // Who waits for "100 Continue" has sent nothing, and now never will.
            if !parts.headers.contains_key(header::EXPECT) {
                tokio::spawn(throw_away(body));
            }
            return Err(problem);
        }
    };
    let kept = whole(async move { orchestrator.finish_upload(&user, upload).await });
    Ok((StatusCode::CREATED, Json(views::conversation::file(&kept.await?))))
}

/// An attachment's content, for those who may read its message.
#[utoipa::path(
    get, path = "/conversations/{id}/attachments/{attachment}", tag = "conversations",
    params(
        ("id" = String, Path, description = "The conversation"),
        ("attachment" = String, Path, description = "The attachment"),
        DownloadQuery,
    ),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream"),
        (status = 404, description = "No such attachment, or you may not see it", body = wire::Problem),
        (status = 503, description = "Too many downloads at the same time", body = wire::Problem),
    )
)]
async fn download(
    State(state): State<AppState>,
    signed: Signed,
    Path((conversation, attachment)): Path<(String, String)>,
    Query(query): Query<DownloadQuery>,
) -> Result<Response, Problem> {
    let conversation = parse(&conversation)?;
    let attachment: AttachmentId = id(&attachment, "attachment")?;
    let download = state.orchestrator.download(signed.user(), conversation, attachment).await?;
    let download = match query.charset {
        Some(Charset::Utf8) => download.as_utf_8(),
        None => download,
    };
    Ok(given_out(download, state.orchestrator.file_limits()))
}

/// The bytes, to be saved and not to be opened by themselves.
pub fn given_out(download: Download, limits: &FileLimits) -> Response {
    let media_type = HeaderValue::from_str(&download.card.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(&download.card.name));
    let disposition =
        HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    // Opened by itself it is a page of nobody's: it may load and run nothing.
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    let length = download.length();
    let (sender, mut pieces) = mpsc::channel(PIECES_AHEAD);
    tokio::spawn(hand_out(download, sender, limits.stall_timeout));
    let body = Body::from_stream(futures_util::stream::poll_fn(move |cx| pieces.poll_recv(cx)));
    let mut answer = (headers, body).into_response();
    if let Some(length) = length {
        answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    answer
}

/// Reads as fast as the reader takes. Its own task, since nobody asks for the next piece of a reader
/// who takes nothing: such a one is let go, and the answer breaks off.
async fn hand_out(
    mut download: Download,
    reader: mpsc::Sender<std::io::Result<Bytes>>,
    stall_timeout: Duration,
) {
    loop {
        let piece = match download.next().await {
            Ok(Some(piece)) => Ok(Bytes::from(piece)),
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "an attachment could not be read");
                Err(error)
            }
        };
        let is_last = piece.is_err();
        match timeout(stall_timeout, reader.send(piece)).await {
            Ok(Ok(())) if !is_last => {}
            Ok(_) => return,
            Err(_) => {
                metrics::counter!("sotto_stalled_downloads_total").increment(1);
                return;
            }
        }
    }
}

/// Takes the bytes in, each piece once the one before is written.
async fn receive(
    upload: &mut Upload,
    body: &mut BodyDataStream,
    limits: &FileLimits,
) -> Result<(), Problem> {
    let deadline = Instant::now() + limits.upload_timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let piece = timeout(limits.stall_timeout.min(left), body.next()).await;
        match piece.map_err(|_| too_slow(limits))? {
            Some(Ok(bytes)) => upload.write(&bytes).await?,
            Some(Err(_)) => {
                return Err(Problem::new(Kind::BadInput, "The file was cut off. Send it again."));
            }
            None => return Ok(()),
        }
    }
}

/// Takes what still comes, for a moment, and forgets it.
async fn throw_away(mut body: BodyDataStream) {
    let rest = async { while let Some(Ok(_)) = body.next().await {} };
    // Whoever sends longer than that finds the connection closed.
    let _ = timeout(LINGER, rest).await;
}

fn too_slow(limits: &FileLimits) -> Problem {
    let (stall, whole) = (limits.stall_timeout.as_secs(), limits.upload_timeout.as_secs());
    Problem::new(
        Kind::RequestTimeout,
        format!(
            "Nothing came for {stall} s, or the file took longer than {whole} s. Send it again \
             over a better connection, or a smaller one."
        ),
    )
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A name as RFC 8187 has it in headers.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_for_headers() {
        assert_eq!(encoded("a b\".pdf"), "a%20b%22.pdf");
        assert_eq!(encoded("請"), "%E8%AB%8B");
    }
}
