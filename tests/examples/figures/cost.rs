//! CPU time and memory of the server's process.

use std::time::{Duration, Instant};

use crate::server::Server;

/// What has just begun settles first: handshakes, buffers, tones.
const SETTLING: Duration = Duration::from_secs(3);
const MEASURING: Duration = Duration::from_secs(10);

/// CPU time that the server takes in a second, ms.
pub async fn cpu_ms_per_s(server: &Server) -> anyhow::Result<f64> {
    tokio::time::sleep(SETTLING).await;
    let (began, before_ms) = (Instant::now(), server.cpu_ms()?);
    tokio::time::sleep(MEASURING).await;
    Ok((server.cpu_ms()? - before_ms) / began.elapsed().as_secs_f64())
}

/// CPU time of one call in a second beyond that of the empty server, as text, ms.
pub async fn measured(server: &Server, idle_ms: f64, calls: usize) -> anyhow::Result<String> {
    let ms = cpu_ms_per_s(server).await?;
    Ok(format!("{:.2}", (ms - idle_ms) / calls as f64))
}

/// Memory after things have settled, KiB.
pub async fn settled_kib(server: &Server) -> anyhow::Result<f64> {
    tokio::time::sleep(SETTLING).await;
    server.resident_kib()
}
