//! For operators: is it alive, is it ready, what does it count.
//!
//! On a listener of its own. What is counted tells who supervises, which no customer may learn;
//! and it has to answer when the public listener has no connection left.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use orchestrator::Orchestrator;
use store::Store;

use super::serve::ServeConfig;
use super::{Kind, Problem, Site, guard};

/// How the operator's listener behaves: a few scrapers and probes, none of them slow. Its connections
/// are its own, whatever goes on at the public one.
pub fn serve_config() -> ServeConfig {
    ServeConfig::of_few(CONNECTIONS_MAX)
}

/// Connections to the operator's listener.
pub const CONNECTIONS_MAX: usize = 16;
/// Time for any answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for the database to answer; one that takes longer serves nobody.
const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// What the operator's listener answers from. Cheap to clone.
#[derive(Clone)]
pub struct OperateState {
    /// The database that readiness hangs on.
    pub store: Store,
    /// Whether the server is about to stop.
    pub orchestrator: Orchestrator,
    /// The names that the server is known by.
    pub site: Arc<Site>,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
}

/// The operator's listener: `GET /healthz`, `/readyz`, `/metrics`.
pub fn router(state: OperateState) -> Router {
    let site = state.site.clone();
    let router = Router::new()
        .merge(alive())
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(state);
    guard::protect_operators(router, ANSWER_TIMEOUT, site)
}

/// `GET /healthz` for either listener: that the process answers, and nothing else.
pub fn alive<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/healthz", get(healthz))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers too, and the server does not drain: traffic may come.
async fn readyz(State(state): State<OperateState>) -> Result<&'static str, Problem> {
    if state.orchestrator.is_draining() {
        let detail = "The server is about to stop and takes no new calls. Send them elsewhere.";
        return Err(Problem::new(Kind::Draining, detail));
    }
    match tokio::time::timeout(READY_TIMEOUT, state.store.ping()).await {
        Ok(Ok(())) => return Ok("ready\n"),
        Ok(Err(error)) => tracing::error!(%error, "not ready: the database refuses"),
        Err(_) => tracing::error!("not ready: the database did not answer in time"),
    }
    Err(Problem::new(
        Kind::StoreUnavailable,
        "The database does not answer. The server's log says why.",
    ))
}

/// Metrics, in the text format of Prometheus; with `process_*`: CPU, memory, files, threads.
async fn metrics(State(state): State<OperateState>) -> impl IntoResponse {
    // Read when asked for: between two scrapes nobody wants to know.
    metrics_process::Collector::default().collect();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.render())
}
