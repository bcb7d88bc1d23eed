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
use store::{Outage, Store};

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

/// What happens can be written down, too, which is found out by writing, and the server does not drain:
/// traffic may come.
async fn readyz(State(state): State<OperateState>) -> Result<&'static str, Problem> {
    if state.orchestrator.is_draining() {
        let detail = "The server is about to stop and takes no new calls. Send them elsewhere.";
        return Err(Problem::new(Kind::Draining, detail));
    }
    match state.store.check_writable().await {
        Ok(()) => Ok("ready\n"),
        Err(outage) => {
            tracing::error!(%outage, "not ready: nothing can be written down");
            Err(Problem::new(
                Kind::StoreUnavailable,
                format!(
                    "Nothing can be written down, because {outage}. Calls go on; {}",
                    advice(outage)
                ),
            ))
        }
    }
}

/// What an operator does about it; the server notices by itself.
fn advice(outage: Outage) -> &'static str {
    match outage {
        Outage::DiskFull => "make room on the disk.",
        Outage::Locked => "end what else uses the database.",
        Outage::ReadOnly => "let the server write to its files, or point it to the primary.",
        Outage::Damaged => "restore the database from a backup.",
        Outage::TooSlow => "look at the load of the disk and the database.",
        Outage::Unreachable => "look whether the database runs; the server's log says more.",
    }
}

/// Metrics, in the text format of Prometheus; with `process_*`: CPU, memory, files, threads.
async fn metrics(State(state): State<OperateState>) -> impl IntoResponse {
    // Read when asked for: between two scrapes nobody wants to know.
    metrics_process::Collector::default().collect();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.render())
}
