//! A caller and a supervisor, to try an agent's softphone against a server in demo mode:
//!
//! `cargo run -p softphone --example scene -- http://127.0.0.1:8080`
//!
//! Marek calls Support and says his side of a demo call. Once he is answered, each line on stdin is what Sam does:
//! `listen`, `whisper`, `barge`, `take_over`, `stop`; `end` or the end of the input hangs up.

use std::io::BufRead;
use std::time::Duration;

use anyhow::Context;
use client::clip::{Clip, Speech};
use client::media::StationConfig;
use client::session::Session;
use recordings::Recording;
use wire::{CallerInfo, Event, Mode};

/// The demo's public password.
const PASSWORD: &str = "sotto-demo";
/// Nobody answers for so long: give up.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = std::env::args().nth(1).context("which server? scene URL")?;
    let recording = Recording::demo_calls()?.into_iter().next().context("there are demo calls")?;
    let mut caller = Session::guest(&server, "Marek Novák").await?;
    let _caller_speaks = speak(&mut caller, &Clip::from_packets(&recording.caller)?).await?;
    let mut events = caller.events().await?;
    let info =
        CallerInfo { name: "Marek Novák".to_owned(), number: Some("+420 601 555 014".to_owned()) };
    let call = caller.place_call("support", Some(info)).await?.id;
    println!("Marek calls");
    let answered = |event| matches!(event, Event::CallStarted { .. }).then_some(());
    events.find("an answer", PATIENCE, |envelope| answered(envelope.event)).await?;
    println!("Marek is answered");
    // A stream that is not read is closed by the server, and the caller with it.
    tokio::spawn(async move { while let Ok(Some(_)) = events.next().await {} });
    let mut sam = Session::sign_in(&server, "supervisor1", PASSWORD).await?;
    let _sam_speaks = speak(&mut sam, &Clip::from_packets(&recording.agent)?).await?;
    let mut told = sam.events().await?;
    tokio::spawn(async move { while let Ok(Some(_)) = told.next().await {} });
    let mut leg = String::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        println!("Sam: {line}");
        match line.trim() {
            "listen" if leg.is_empty() => leg = sam.listen(&call).await?.leg,
            "listen" => drop(sam.set_mode(&call, &leg, Mode::Listen).await?),
            "whisper" => drop(sam.set_mode(&call, &leg, Mode::Whisper).await?),
            "barge" => drop(sam.set_mode(&call, &leg, Mode::Barge).await?),
            "take_over" => drop(sam.set_mode(&call, &leg, Mode::TakeOver).await?),
            "stop" => sam.stop(&call, &std::mem::take(&mut leg)).await?,
            "end" => break,
            other => anyhow::bail!("{other}? listen, whisper, barge, take_over, stop or end"),
        }
    }
    // The agent may have hung up already.
    drop(caller.hang_up(&call).await);
    caller.close_station().await;
    sam.close_station().await;
    Ok(())
}

async fn speak(session: &mut Session, clip: &Clip) -> anyhow::Result<Speech> {
    let station = session.open_station(&StationConfig::default(), |_| {}).await?;
    Ok(clip.repeat(station))
}
