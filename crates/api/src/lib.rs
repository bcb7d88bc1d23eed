//! HTTP: the API under `/api/v1` and the pages on the public listener, and what operators ask for
//! on theirs.
//!
//! Each module of routes gives an [`OpenApiRouter`], so that a route can't be served without being
//! documented. Handlers authenticate by the [`Signed`] extractor, translate
//! between `wire` and the domain, and answer with a [`Problem`] when they refuse. What decides
//! about calls is in [`orchestrator`], not here.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use utoipa_axum::router::OpenApiRouter;

use accounts::Auth;
use budget::Networks;
use connectors::Channels;
use media_workers::Media;
use orchestrator::Orchestrator;
use orchestrator::settings::Settings;

pub mod account;
pub mod admin;
pub mod agents;
pub mod attachments;
pub mod calls;
mod cause;
pub mod challenge;
mod channel_text;
pub mod channels;
pub mod chats;
pub mod clients;
mod clock;
pub mod conversation_staff;
pub mod conversations;
pub mod cookie;
pub mod destinations;
pub mod dialing;
mod docs;
pub mod event_socket;
pub mod events;
pub mod extract;
pub mod guard;
pub mod handover;
pub mod help;
pub mod idempotency;
mod json_text;
pub mod openapi;
pub mod operate;
pub mod own_account;
pub mod paced;
pub mod pages;
pub mod people;
pub mod problem;
pub mod records;
mod refusal;
pub mod reports;
pub mod serve;
pub mod signed;
pub mod site;
pub mod slots;
pub mod stations;
pub mod timeline;
pub mod tls;
mod transcript_text;
pub mod views;

use challenge::Challenge;
pub use extract::{Json, Path, Text};
use guard::Gate;
pub use idempotency::Idempotency;
pub use problem::{Kind, Problem};
pub use signed::Signed;
pub use site::{PublicUrl, Site};

/// Bytes that a request's body may have, JSON and SDP alike.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// What the operator chose about HTTP.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// How long a request may take.
    pub request_timeout: Duration,
    /// The proxies whose word about their clients is taken.
    pub trusted_proxies: Networks,
    /// Clients without a budget of their own.
    pub unlimited_clients: Networks,
    /// Commands that one person may send in a second.
    pub commands_per_second: u32,
    /// Sites whose pages may show the customer's chat in a frame.
    pub widget_origins: Vec<String>,
    /// How browsers come to the server.
    pub site: Arc<Site>,
}

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Durable facts.
    pub store: store::Store,
    /// Tokens, guests, sign-in.
    pub auth: Auth,
    /// Calls, stations, agents: the control plane.
    pub orchestrator: Orchestrator,
    /// What administrators chose.
    pub settings: Settings,
    /// Other channels.
    pub channels: Channels,
    /// The media workers.
    pub media: Media,
    /// What the operator chose about HTTP.
    pub config: Arc<ApiConfig>,
    /// Answers to commands that may be repeated.
    pub idempotency: Idempotency,
    /// What guests are asked for while a queue is flooded.
    pub challenge: Option<Arc<Challenge>>,
}

/// Everything that the public listener answers to.
pub fn router(state: AppState) -> Router {
    let replay = middleware::from_fn_with_state(state.idempotency.clone(), idempotency::replay);
    let gate = Arc::new(Gate::new(state.auth.clone(), state.orchestrator.clone(), &state.config));
    let authenticate = middleware::from_fn_with_state(gate.clone(), guard::authenticate);
    let (routes, document) = versioned(others().merge(commands().layer(replay))).split_for_parts();
    let api = routes
        .merge(openapi::routes(openapi::complete(document)))
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(authenticate)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let router = Router::new()
        .merge(api)
        .merge(operate::alive())
        .fallback(pages::page)
        .with_state(state.clone());
    let router = router.layer(middleware::from_fn_with_state(gate, guard::keep_places));
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
        .merge(dialing::routes())
        .merge(help::routes())
        .merge(conversations::routes())
        .merge(conversation_staff::routes())
        .merge(chats::routes())
        .merge(handover::routes())
        .merge(admin::routes())
        .merge(records::commands())
}

/// What needs no idempotency key: it reads, or says what shall be.
fn others() -> OpenApiRouter<AppState> {
    account::routes()
        .merge(own_account::routes())
        .merge(agents::routes())
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
