//! Stations: SDP over HTTP in the shape of WHIP (RFC 9725).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use interaction::StationId;
use media_workers::{IfMatch, Patched};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::id;
use super::{AppState, Path, Problem, Text, whole};
use crate::{Signed, views};

const SDP: &str = "application/sdp";
const SDP_FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(open)).routes(routes!(show, patch, close))
}

/// Opens a station: SDP offer in, SDP answer out.
///
/// The station stays open until it is deleted or has been silent for 30 s, and is attached to one
/// call after another without further negotiation.
///
/// An offer with one audio section gets everything mixed. Each further one in its bundle that is `recvonly` is a
/// track more, up to four: then each voice comes on a track of its own as it was sent, and tones on another, and it
/// is the client that mixes. On the first track are the caller alone (for staff), or a mix when there are more
/// sources than tracks.
#[utoipa::path(
    post, path = "/stations", tag = "stations",
    request_body(content = String, content_type = "application/sdp", description = "SDP offer with an audio section and Opus"),
    responses(
        (status = 201, description = "The station; `Location` is its address, `ETag` names its ICE session", body = String, content_type = "application/sdp"),
        (status = 413, description = "The offer is too large", body = wire::Problem),
        (status = 415, description = "The offer is not application/sdp", body = wire::Problem),
        (status = 422, description = "The offer can't be accepted; `detail` says why", body = wire::Problem),
        (status = 503, description = "No room for another station", body = wire::Problem),
    )
)]
async fn open(
    State(state): State<AppState>,
    signed: Signed,
    body: Text,
) -> Result<Response, Problem> {
    let offer = body.of_type(SDP)?;
    let owner = signed.user().clone();
    let (id, opened) =
        whole(async move { state.orchestrator.open_station(&owner, offer).await }).await?;
    let headers = [
        (header::CONTENT_TYPE, SDP.to_owned()),
        (header::LOCATION, format!("{}/stations/{id}", wire::API_ROOT)),
        (header::ETAG, quoted(&opened.entity_tag)),
    ];
    Ok((StatusCode::CREATED, headers, opened.sdp).into_response())
}

/// How a station is: whether its media are up, and what is wrong with them.
///
/// The event `station.changed` tells the same when it changes, and `station.closed` why one is gone.
#[utoipa::path(
    get, path = "/stations/{id}", tag = "stations",
    params(("id" = String, Path, description = "The station")),
    responses(
        (status = 200, description = "The station", body = wire::StationView),
        (status = 404, description = "No such station of yours", body = wire::Problem),
    )
)]
async fn show(
    State(state): State<AppState>,
    signed: Signed,
    Path(station): Path<String>,
) -> Result<Json<wire::StationView>, Problem> {
    let station: StationId = id(&station, "station")?;
    let now = state.orchestrator.station(signed.user().id, station)?;
    Ok(Json(views::station::station(station, now)))
}

/// Adds trickled candidates, or restarts ICE, which is answered with a fragment.
///
/// With `If-Match` it is carried out only if the station's ICE session is the one of that `ETag`, or
/// any, if it is `*` (RFC 9725). Candidates that come late, for a session before a restart, change nothing.
#[utoipa::path(
    patch, path = "/stations/{id}", tag = "stations",
    params(
        ("id" = String, Path, description = "The station"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the latest answer, or `*`"),
    ),
    request_body(content = String, content_type = "application/trickle-ice-sdpfrag"),
    responses(
        (status = 200, description = "ICE was restarted; `ETag` names the new session", body = String, content_type = "application/trickle-ice-sdpfrag"),
        (status = 204, description = "The candidates are added"),
        (status = 404, description = "No such station of yours", body = wire::Problem),
        (status = 412, description = "ICE was restarted since", body = wire::Problem),
        (status = 415, description = "Wrong content type", body = wire::Problem),
        (status = 422, description = "The fragment can't be accepted", body = wire::Problem),
    )
)]
async fn patch(
    State(state): State<AppState>,
    signed: Signed,
    Path(station): Path<String>,
    headers: HeaderMap,
    body: Text,
) -> Result<Response, Problem> {
    let station: StationId = id(&station, "station")?;
    let fragment = body.of_type(SDP_FRAGMENT)?;
    let if_match = headers.get(header::IF_MATCH).map(|value| {
        // What is no text names no session.
        IfMatch::read(value.to_str().unwrap_or_default())
    });
    let patching = state.orchestrator.patch_station(signed.user(), station, fragment, if_match);
    let Patched { fragment, entity_tag } = patching.await?;
    let etag = (header::ETAG, quoted(&entity_tag));
    Ok(match fragment {
        Some(fragment) => {
            let kind = (header::CONTENT_TYPE, SDP_FRAGMENT.to_owned());
            ([kind, etag], fragment).into_response()
        }
        None => (StatusCode::NO_CONTENT, [etag]).into_response(),
    })
}

/// An entity tag as a header has it (RFC 9110 §8.8.3).
fn quoted(entity_tag: &str) -> String {
    format!("\"{entity_tag}\"")
}

/// Closes a station; its leg leaves the call.
#[utoipa::path(
    delete, path = "/stations/{id}", tag = "stations",
    params(("id" = String, Path, description = "The station")),
    responses(
        (status = 204, description = "The station is closed"),
        (status = 404, description = "No such station of yours", body = wire::Problem),
    )
)]
async fn close(
    State(state): State<AppState>,
    signed: Signed,
    Path(station): Path<String>,
) -> Result<StatusCode, Problem> {
    let station: StationId = id(&station, "station")?;
    let owner = signed.user().id;
    whole(async move { state.orchestrator.close_station(owner, station).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
