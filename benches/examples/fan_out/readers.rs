//! The supervisors' pages, in a process of their own: they note how late each message is.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use futures_util::StreamExt as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::centre::SUPERVISORS;

/// What was seen since the last answer.
#[derive(Default)]
struct Seen {
    /// How long after it happened each numbered event was there, ms.
    events: Vec<u64>,
    meters: usize,
    meter_bytes: usize,
}

/// Reads for all supervisors. A line on standard input asks what was seen since the last one.
pub async fn run(url: &str) -> anyhow::Result<()> {
    let seen = Arc::new(Mutex::new(Seen::default()));
    for supervisor in 0..SUPERVISORS {
        let (mut socket, _) = connect_async(format!("{url}/{supervisor}")).await?;
        // The two snapshots come first.
        for _ in 0..2 {
            socket.next().await.context("the stream ended before its snapshots")??;
        }
        let seen = seen.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    seen.lock().expect("no reader panics").note(&text);
                }
            }
            eprintln!("the stream of supervisor {supervisor} has ended");
            std::process::exit(1);
        });
    }
    println!("connected");
    let mut asked = BufReader::new(tokio::io::stdin()).lines();
    while asked.next_line().await?.is_some() {
        let seen = std::mem::take(&mut *seen.lock().expect("no reader panics"));
        println!("{}", seen.in_words());
    }
    Ok(())
}

/// Asks the readers what they have seen since they were asked last.
pub async fn ask(
    wishes: &mut ChildStdin,
    answers: &mut Lines<BufReader<ChildStdout>>,
) -> anyhow::Result<String> {
    wishes.write_all(b"\n").await?;
    match answers.next_line().await? {
        Some(answer) => Ok(answer),
        None => bail!("the readers are gone"),
    }
}

impl Seen {
    /// `{"seq":7,"at":1790000000000,…` or, for what may be left out, `{"at":1790000000000,…`.
    fn note(&mut self, text: &str) {
        if !text.starts_with("{\"seq\"") {
            self.meters += 1;
            self.meter_bytes += text.len();
            return;
        }
        let at = text.split("\"at\":").nth(1).and_then(|rest| rest.split(',').next());
        let at: u64 = at.and_then(|at| at.parse().ok()).expect("an envelope says when");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.events.push((now.as_millis() as u64).saturating_sub(at));
    }

    fn in_words(mut self) -> String {
        self.events.sort_unstable();
        let each = self.meter_bytes.checked_div(self.meters).unwrap_or_default();
        let meters = format!("{}, {each}", self.meters);
        let Some(last) = self.events.len().checked_sub(1) else {
            return format!("none | {meters}");
        };
        let at = |share: f64| self.events[(last as f64 * share) as usize];
        format!(
            "{} / {} / {} / {} ({} messages) | {meters}",
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0),
            last + 1,
        )
    }
}
