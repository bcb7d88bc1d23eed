//! A softphone as a process, with a headset of pipes, spoken to in JSON lines.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use client::probe::sine;
use serde_json::Value;
use softphone::pipe_headset::{PipeHeadset, PipeHeadsetConfig};
use tokio::sync::mpsc;

/// What the softphone's microphone hears, all the time, unless it is given something else.
pub const AGENT_HZ: f32 = 1_130.0;
/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same for what has to be heard in minutes of speech.
const LONG_PATIENCE: Duration = Duration::from_secs(120);
/// Lines of a softphone that nobody has looked at yet.
const LINES_MAX: usize = 1_000;

/// A running softphone.
pub struct Softphone {
    pub headset: PipeHeadset,
    process: Child,
    orders: ChildStdin,
    lines: mpsc::Receiver<Value>,
    said: Vec<Value>,
    _directory: tempfile::TempDir,
}

impl Softphone {
    pub fn start(server: &str, user: &str) -> Self {
        Self::start_via(server, user, &[])
    }

    /// The sound of its first station takes the first detour, and so on; the last one serves all later ones.
    pub fn start_via(server: &str, user: &str, detours: &[SocketAddr]) -> Self {
        Self::start_with(server, user, detours, sine(AGENT_HZ, -20.0, 48_000))
    }

    /// Its microphone hears this, 48 kHz, over and over.
    pub fn start_with(
        server: &str,
        user: &str,
        detours: &[SocketAddr],
        recording: Vec<f32>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let headset =
            PipeHeadset::start(directory.path(), PipeHeadsetConfig { recording, speed: 1.0 })
                .unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_test-softphone"))
            .args([server, user])
            .args(detours.iter().map(SocketAddr::to_string))
            .env("ALSA_CONFIG_PATH", headset.alsa_config())
            .env("SOTTO_PASSWORD", media_server::seed::DEMO_PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = process.stdin.take().expect("it is piped");
        let output = process.stdout.take().expect("it is piped");
        let (tell, lines) = mpsc::channel(LINES_MAX);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).expect("events are JSON");
                if tell.blocking_send(value).is_err() {
                    return;
                }
            }
        });
        Self { headset, process, orders, lines, said: Vec::new(), _directory: directory }
    }

    pub fn order(&mut self, order: Value) {
        writeln!(self.orders, "{order}").unwrap();
        self.orders.flush().unwrap();
    }

    /// The next event of this kind; what comes before it is kept for [`Softphone::has_said`].
    pub async fn until(&mut self, event: &str) -> Value {
        self.find(event, |_| true).await
    }

    /// The next `heard` whose field is so.
    pub async fn until_heard_with(&mut self, field: &str, is: bool) -> Value {
        self.find("heard", |value| value[field] == is).await
    }

    /// Waits until all of these have come, in whatever order.
    pub async fn until_all(&mut self, events: &[&str]) {
        let is_said =
            |said: &[Value], event: &str| said.iter().any(|value| value["event"] == event);
        for event in events {
            if !is_said(&self.said, event) {
                self.until(event).await;
            }
        }
    }

    /// The next `sound` that is so.
    pub async fn until_sound(&mut self, is_up: bool) -> Value {
        self.find("sound", |value| value["up"] == is_up).await
    }

    /// The next `echo`, found or over. Nobody can say how soon it comes: that is a matter of what is spoken.
    pub async fn until_echo(&mut self, is_on: bool) -> Value {
        self.find_within(LONG_PATIENCE, "echo", |value| value["on"] == is_on).await
    }

    /// The next event of this kind with a state.
    pub async fn until_state(&mut self, event: &str, state: &str) -> Value {
        self.find(event, |value| value["state"] == state).await
    }

    /// Whether an event of this kind has come since the start.
    pub fn has_said(&mut self, event: &str) -> bool {
        while let Ok(value) = self.lines.try_recv() {
            self.said.push(value);
        }
        self.said.iter().any(|value| value["event"] == event)
    }

    /// Waits until the process has ended; whether it was content.
    pub async fn exit(mut self) -> bool {
        let ended = async { while self.lines.recv().await.is_some() {} };
        tokio::time::timeout(PATIENCE, ended).await.expect("it ends");
        self.process.wait().unwrap().success()
    }

    async fn find(&mut self, event: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.find_within(PATIENCE, event, fits).await
    }

    async fn find_within(
        &mut self,
        patience: Duration,
        event: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Value {
        let search = async {
            loop {
                let value = self.lines.recv().await.expect("the softphone runs");
                self.said.push(value.clone());
                if value["event"] == event && fits(&value) {
                    return value;
                }
            }
        };
        let found = tokio::time::timeout(patience, search).await;
        found.unwrap_or_else(|_| panic!("no {event}; it said {:#?}", self.said))
    }
}

impl Drop for Softphone {
    fn drop(&mut self) {
        // It has ended, unless a test has failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
