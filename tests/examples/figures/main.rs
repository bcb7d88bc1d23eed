//! Prints the figures of a server under real WebRTC clients on this machine: delays, the time
//! from a mode change to its sound, CPU time and memory a call.
//!
//! It measures and claims nothing: run it on a quiet machine, in release:
//! `cargo run -p sotto-tests --release --example figures`. The server is a process of its own (this
//! program once more), so that its memory and CPU time are its own. With `floods` it prints instead how
//! late the calls' packets are while somebody floods the server, kind by kind; with `invites` the same while one peer
//! calls by SIP 5,000 times a second, and the server's memory.

mod cast;
mod change;
mod cost;
mod delay;
mod flood;
mod invites;
mod server;
mod statistics;
mod tap;

use cast::Cast;
use server::Server;

/// Calls at which delays and CPU time are measured.
const CALLS: usize = 20;
/// Calls at which memory is measured.
const CALLS_FOR_MEMORY: usize = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [server::SERVE, data] => server::serve(data).await,
        [flood::FLOOD, kind, url, media, sip] => flood::run(kind, url, media, sip).await,
        ["floods"] => flood::measured().await,
        ["invites"] => flood::invites_measured().await,
        [] => costs_and_delays().await,
        _ => anyhow::bail!("usage: figures [floods|invites]"),
    }
}

async fn costs_and_delays() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let idle_cpu_ms = cost::cpu_ms_per_s(&server).await?;
    let cast = Cast::gather(&server, CALLS, true).await?;
    let plain = cost::measured(&server, idle_cpu_ms, CALLS);
    let (plain, forwarded) = tokio::join!(plain, delay::forwarded(&cast, delay::MEASURING));
    println!("{CALLS} calls, Opus 48 kHz, speech");
    println!("forwarding delay in the server: {}", forwarded?);
    println!("CPU, plain:    {} ms per s of call", plain?);

    let legs = cast.supervise().await?;
    let listened = cost::measured(&server, idle_cpu_ms, CALLS);
    let (listened, mixed) = tokio::join!(listened, delay::mixed(&cast));
    println!("delay of the mixed path beyond the codec's look-ahead: {}", mixed?);
    println!("CPU, listen:   {} ms per s of call", listened?);
    for (name, mode) in [("whisper: ", wire::Mode::Whisper), ("barge:   ", wire::Mode::Barge)] {
        cast.all_to(&legs, mode).await?;
        let cost = cost::measured(&server, idle_cpu_ms, CALLS).await?;
        println!("CPU, {name} {cost} ms per s of call");
    }
    cast.all_to(&legs, wire::Mode::Listen).await?;
    let change = change::to_first_sample(&cast, &legs).await?;
    println!("acknowledged Whisper to the first packet with it at the agent: {change}");
    drop(cast);
    server.stop().await?;

    let server = Server::start().await?;
    let empty_kib = server.resident_kib()?;
    let cast = Cast::gather(&server, CALLS_FOR_MEMORY, false).await?;
    let full_kib = cost::settled_kib(&server).await?;
    let each = (full_kib - empty_kib) / CALLS_FOR_MEMORY as f64 / 1_024.0;
    println!(
        "memory: {each:.2} MiB a plain call at {CALLS_FOR_MEMORY} calls ({empty_kib} KiB to {full_kib} KiB)"
    );
    drop(cast);
    server.stop().await
}
