//! HTTP: the API under `/api/v1`, the pages, and what operators ask for.
//!
//! Each module of routes gives an [`OpenApiRouter`], so that a route can't be served without being
//! documented. Handlers authenticate by the [`Signed`](crate::auth::Signed) extractor, translate
//! between `wire` and the domain, and answer with a [`Problem`] when they refuse. What decides
//! about calls is in [`centre`](crate::centre), not here.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_axum::router::OpenApiRouter;

use crate::auth::Auth;
use crate::centre::Centre;
use crate::channels::Channels;
use crate::config::Config;
use crate::settings::Settings;
use media_workers::Media;

pub mod account;
pub mod admin;
pub mod attachments;
pub mod calls;
pub mod channels;
pub mod chats;
pub mod conversation_staff;
pub mod conversations;
pub mod destinations;
mod docs;
pub mod events;
pub mod extract;
pub mod guard;
pub mod handing;
pub mod help;
pub mod idempotency;
pub mod openapi;
pub mod operate;
pub mod pages;
pub mod problem;
pub mod records;
mod refusal;
mod refusal_text;
pub mod reports;
pub mod serve;
pub mod stations;

pub use extract::{Json, Path, Text};
pub use idempotency::Idempotency;
pub use problem::{Kind, Problem};

/// Bytes that a request's body may have, JSON and SDP alike.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Durable facts.
    pub store: store::Store,
    /// Tokens, guests, sign-in.
    pub auth: Auth,
    /// Calls, stations, agents: the control plane.
    pub centre: Centre,
    /// What administrators chose.
    pub settings: Settings,
    /// Other channels.
    pub channels: Channels,
    /// The media workers.
    pub media: Media,
    /// What the server was started with.
    pub config: Arc<Config>,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// Answers to commands that may be repeated.
    pub idempotency: Idempotency,
}

/// Everything that the server answers to.
pub fn router(state: AppState) -> Router {
    let replay = middleware::from_fn_with_state(state.idempotency.clone(), idempotency::replay);
    let authenticate = middleware::from_fn_with_state(state.auth.clone(), guard::authenticate);
    let (routes, document) = versioned(others().merge(commands().layer(replay))).split_for_parts();
    let api = routes
        .merge(openapi::routes(openapi::complete(document)))
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(authenticate)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let router = Router::new()
        .merge(api)
        .merge(operate::routes())
        .fallback(pages::page)
        .with_state(state.clone());
    guard::protect(router, &state.config)
}

/// The API's documentation, as it is served at `/api/v1/openapi.json`.
pub fn document() -> serde_json::Value {
    openapi::complete(versioned(others().merge(commands())).into_openapi())
}

/// Carries a command out to its end, even if the client goes away meanwhile: what is done must also
/// be told.
async fn whole<T, E>(
    command: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Into<Problem> + Send + 'static,
{
    match tokio::spawn(command).await {
        Ok(result) => result.map_err(Into::into),
        Err(panicked) => Err(Problem::internal(panicked)),
    }
}

/// Commands, which may be repeated with their idempotency key.
fn commands() -> OpenApiRouter<AppState> {
    stations::routes()
        .merge(calls::routes())
        .merge(help::routes())
        .merge(conversations::routes())
        .merge(conversation_staff::routes())
        .merge(chats::routes())
        .merge(handing::routes())
        .merge(admin::routes())
        .merge(records::commands())
}

/// What needs no idempotency key: it reads, or says what shall be.
fn others() -> OpenApiRouter<AppState> {
    account::routes()
        .merge(events::routes())
        .merge(attachments::routes())
        .merge(channels::routes())
        .merge(destinations::routes())
        .merge(records::routes())
        .merge(reports::routes())
}

fn versioned(routes: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::frame()).nest(wire::API_ROOT, routes)
}
