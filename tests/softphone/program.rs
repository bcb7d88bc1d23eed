//! A softphone of its own process for the tests: `test-softphone SERVER USER [DETOUR…]`, JSON lines on both ends.
//!
//! The devices come from the environment (`ALSA_CONFIG_PATH`), the password from `SOTTO_PASSWORD`. With DETOURs, which are
//! addresses, its sound goes there instead of to where the server says: its first station's to the first one, and so on;
//! further stations take the last one.

use std::io::BufReader;
use std::net::SocketAddr;
use std::sync::Mutex;

use anyhow::Context;
use client::media::Via;
use softphone::app::PhoneConfig;
use softphone::audio::headset::Wishes;
use softphone::audio::router::Ears;
use softphone::line::LineConfig;
use softphone::pipe_headset::{MICROPHONE, SPEAKER};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("test-softphone SERVER USER [DETOUR…]");
    let (server, username) = (next()?, next()?);
    let detours: Vec<SocketAddr> = arguments.map(|text| text.parse()).collect::<Result<_, _>>()?;
    let via = detours.last().copied().map(|last| {
        let detours = Mutex::new(detours.into_iter());
        Via::new(move |_| Ok(detours.lock().expect("nobody panics").next().unwrap_or(last)))
    });
    let password = std::env::var("SOTTO_PASSWORD")?;
    let config = PhoneConfig {
        line: LineConfig { server: server.into(), username, password, via },
        wishes: Wishes {
            microphone: Some(MICROPHONE.to_owned()),
            speaker: Some(SPEAKER.to_owned()),
            ringer: None,
        },
        ears: Ears::Both,
        suppresses_noise: false,
        remember: None,
    };
    if let Ok(path) = std::env::var("SOTTO_LOG") {
        let file = std::fs::File::create(path)?;
        tracing_subscriber::fmt().with_writer(file).with_ansi(false).init();
    }
    let input = BufReader::new(std::io::stdin());
    Ok(softphone::headless::run(config, input, std::io::stdout()).await?)
}
