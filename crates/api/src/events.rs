//! The event stream (WebSocket).

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AppState, Kind, Problem, Signed, cookie};
use crate::event_socket;
use accounts::unix_now;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(events))
}

/// The event stream (WebSocket): first a snapshot, then everything that concerns you.
///
/// Messages are JSON (`Envelope`, and `TextEnvelope` for text), numbered on each connection by `seq`
/// from 0. After a gap or a lost connection, connect again. A reader who falls behind gets another
/// snapshot in place of what it has missed, and goes on from there. The server pings every 10 s, and
/// closes a stream from which it hears nothing for 25 s, or whose reader takes nothing (4008).
///
/// A page that has a token but no cookie offers the protocols `sotto` and `sotto.bearer.<token>`.
#[utoipa::path(
    get, path = "/events", tag = "events",
    responses(
        (status = 101, description = "The stream; its messages have this shape", body = wire::Envelope),
        (status = 400, description = "Not a WebSocket upgrade", body = wire::Problem),
        (status = 401, description = "Not signed in", body = wire::Problem),
        (status = 403, description = "The request comes from another site's page", body = wire::Problem),
        (status = 503, description = "Too many event streams", body = wire::Problem),
    )
)]
async fn events(
    State(state): State<AppState>,
    signed: Signed,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|rejection| {
        Problem::new(
            Kind::BadInput,
            format!("Open this path as a WebSocket (RFC 6455): {}.", rejection.body_text()),
        )
    })?;
    let ends_at = signed.user().authority.sign_in().map_or(0, |sign_in| sign_in.expires_at.0);
    let left_ms = ends_at.saturating_sub(unix_now().0);
    let token_ends_at = tokio::time::Instant::now() + Duration::from_millis(left_ms);
    let orchestrator = state.orchestrator;
    // Checked again when the socket is there; here it can still be answered in HTTP.
    orchestrator.may_connect(signed.user())?;
    let user = signed.user().clone();
    let upgrade = event_socket::bounded(upgrade).protocols([cookie::EVENTS_PROTOCOL]);
    Ok(upgrade.on_upgrade(move |socket| async move {
        // With rights that have changed since the request began nothing is opened: the client asks again.
        let Ok((id, outbox)) = orchestrator.connect(&user) else { return };
        let guard = Disconnect { orchestrator, id };
        let resynchronise = || guard.orchestrator.resynchronise(id);
        event_socket::serve(socket, outbox, token_ends_at, resynchronise).await;
        drop(guard);
    }))
}

/// The centre hears of the end of a stream even if its task is cancelled or panics.
struct Disconnect {
    orchestrator: orchestrator::Orchestrator,
    id: control_plane::StreamId,
}

impl Drop for Disconnect {
    fn drop(&mut self) {
        self.orchestrator.disconnect(self.id);
    }
}
