//! For operators: is it alive, is it ready, what does it count.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use super::{AppState, Kind, Problem};

/// `GET /healthz`, `/readyz`, `/metrics`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers too: traffic may come.
async fn readyz(State(state): State<AppState>) -> Result<&'static str, Problem> {
    state.store.ping().await.map_err(|error| {
        tracing::error!(%error, "not ready");
        Problem::new(Kind::Overloaded, "The database does not answer. Wait, or look into the log.")
    })?;
    Ok("ready\n")
}

/// Metrics, in the text format of Prometheus; with `process_*`: CPU, memory, files, threads.
async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    // Read when asked for: between two questions nobody wants to know.
    metrics_process::Collector::default().collect();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.render())
}
