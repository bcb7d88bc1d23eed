//! What is attached to messages of conversations: the bytes, in and out.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use interaction::AttachmentId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::AttachmentView;

use super::conversations::parse;
use super::extract::{Query, id};
use super::{AppState, Json, Kind, Path, Problem, whole};
use crate::Signed;
use crate::views;
use orchestrator::conversations::files::{ATTACHMENT_BYTES_MAX, Fetched};

/// The routes of this module; their bodies may be larger than others.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(download))
        // One byte more tells what is too large from what just fits.
        .layer(DefaultBodyLimit::max(ATTACHMENT_BYTES_MAX + 1))
}

/// How the upload is called.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct NameQuery {
    /// The file's name, as its readers will see it.
    name: String,
}

/// Uploads a file to attach to a message of yours. Its type is detected from its content.
#[utoipa::path(
    post, path = "/conversations/{id}/attachments", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), NameQuery),
    request_body(content_type = "application/octet-stream", description = "The bytes, at most 10 MB"),
    responses(
        (status = 201, description = "The upload; it is deleted after a day unless it is sent", body = AttachmentView),
        (status = 403, description = "You may not write here", body = wire::Problem),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 413, description = "Larger than 10 MB", body = wire::Problem),
        (status = 415, description = "Neither an image, a PDF nor text", body = wire::Problem),
    )
)]
async fn upload(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Query(query): Query<NameQuery>,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<(StatusCode, Json<AttachmentView>), Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    let too_large = || {
        let megabytes = ATTACHMENT_BYTES_MAX >> 20;
        Problem::new(Kind::TooLarge, format!("A file may have {megabytes} MB. Send a smaller one."))
    };
    let bytes = body.map_err(|_| too_large())?;
    if bytes.len() > ATTACHMENT_BYTES_MAX {
        return Err(too_large());
    }
    let bytes = bytes.to_vec();
    let kept = whole(async move { state.orchestrator.upload(&user, id, &query.name, bytes).await });
    Ok((StatusCode::CREATED, Json(views::conversation::file(&kept.await?))))
}

/// An attachment's content, for those who may read its message.
#[utoipa::path(
    get, path = "/conversations/{id}/attachments/{attachment}", tag = "conversations",
    params(
        ("id" = String, Path, description = "The conversation"),
        ("attachment" = String, Path, description = "The attachment"),
    ),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream"),
        (status = 404, description = "No such attachment, or you may not see it", body = wire::Problem),
    )
)]
async fn download(
    State(state): State<AppState>,
    signed: Signed,
    Path((conversation, attachment)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (user, conversation) = (signed.user().clone(), parse(&conversation)?);
    let attachment: AttachmentId = id(&attachment, "attachment")?;
    let fetched =
        whole(async move { state.orchestrator.fetch(&user, conversation, attachment).await })
            .await?;
    Ok(given_out(fetched))
}

/// The bytes, to be saved and not to be opened by themselves.
pub fn given_out(fetched: Fetched) -> Response {
    let media_type = HeaderValue::from_str(&fetched.card.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(&fetched.card.name));
    let disposition =
        HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    // Opened by itself it is a page of nobody's: it may load and run nothing.
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, fetched.bytes).into_response()
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
