//! How long stations take to connect over a bad network, and whether all do.
//!
//! `cargo run --release -p loadtest --example setups -- http://127.0.0.1:8080 1000 loss=5%`: so many guests open a
//! station each, eight at a time, through a network that does to both directions what the text says
//! ([`loadtest::impair`]). The server's `limits.guests_per_client`, `limits.guests_per_client_minute` and
//! `limits.interactions_per_client` must let so many in. Ends with status 1 if a station did not connect.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use client::media::StationConfig;
use client::session::Session;
use futures_util::{StreamExt as _, stream};
use loadtest::impair::{Impairments, Proxy};
use loadtest::report::data::Role;

/// Stations that connect at the same time.
const AT_ONCE: usize = 8;
/// Longer than any page waits.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt::init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, count, impairment, first @ ..] = arguments.as_slice() else {
        anyhow::bail!("usage: setups SERVER COUNT IMPAIRMENT [FIRST], such as loss=5%");
    };
    let count: u64 = count.parse().context("how many stations?")?;
    let first = first.first().map_or(Ok(0), |it| it.parse()).context("the first one's seed?")?;
    let outcomes: Vec<(u64, anyhow::Result<Duration>)> = stream::iter(first..first + count)
        .map(|seed| async move { (seed, setup(server, impairment, seed).await) })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut times = Vec::new();
    let mut failed = 0;
    for (seed, outcome) in outcomes {
        match outcome {
            Ok(time) => times.push(time),
            Err(error) => {
                failed += 1;
                println!("station {seed}: {error:#}");
            }
        }
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len().saturating_sub(1) * share / 100).copied();
    let [p50, p95, p99, max] = [50, 95, 99, 100].map(|share| at(share).unwrap_or_default());
    println!(
        "{impairment}: {} of {count} connected, {failed} not; p50 {p50:.2?}, p95 {p95:.2?}, p99 {p99:.2?}, longest {max:.2?}",
        times.len(),
    );
    Ok(ExitCode::from(u8::from(failed > 0)))
}

/// From the offer until media can flow.
async fn setup(server: &str, impairment: &str, seed: u64) -> anyhow::Result<Duration> {
    let impairments: Impairments = impairment.parse()?;
    let profile = impairments.of(Role::Caller).context("nothing is impaired")?;
    let proxy = Proxy::start(profile, seed)?;
    let config = StationConfig {
        via: Some(proxy.via()),
        connect_timeout: PATIENCE,
        ..StationConfig::for_server(server)
    };
    let mut session = Session::guest(server, &format!("Set-up {seed}")).await?;
    let began = Instant::now();
    session.open_station(&config, |_| ()).await?;
    let time = began.elapsed();
    session.close_station().await;
    Ok(time)
}
