//! The command line: what it takes, and what it does with the settings.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
use client::{Server, Trust};

use crate::app::PhoneConfig;
use crate::audio::router::Ears;
use crate::line::LineConfig;
use crate::settings::{Settings, SettingsError};

/// The variable that the password comes from, if it is not asked for.
pub const PASSWORD_VARIABLE: &str = "SOTTO_PASSWORD";

/// Takes calls, or supervises them, with a headset on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "softphone",
    version,
    after_help = "A headset is assumed: on a loudspeaker the caller would hear a supervisor's whisper.\n\
                  Server, user and devices are remembered, the password never: it is asked for, or taken from \
                  SOTTO_PASSWORD.\nLogs go to a file if SOTTO_LOG names one."
)]
pub struct Cli {
    /// What to do instead of phoning.
    #[command(subcommand)]
    pub task: Option<Task>,
    /// The server's URL, such as https://sotto.example
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Trust these authorities (PEM), or this certificate of the server's own, and no others
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Take any certificate of the server: for trying out
    #[arg(long, conflicts_with = "ca")]
    pub insecure_tls: bool,
    /// The account's name
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// The devices.
    #[command(flatten)]
    pub devices: Devices,
    /// How the ears are used while a supervisor coaches
    #[arg(long, value_enum)]
    pub ears: Option<Ears>,
    /// Take the noise of a loud room out of the microphone's sound (remembered; =off for not any more)
    #[arg(
        long,
        value_name = "on|off",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "on",
        global = true
    )]
    pub noise_suppression: Option<bool>,
    /// JSON lines on stdin and stdout instead of a screen
    #[arg(long)]
    pub headless: bool,
    /// No bell in the terminal when a supervisor begins to coach
    #[arg(long)]
    pub no_bell: bool,
    /// Where server, user and devices are remembered [default: sotto/softphone.toml in the user's configuration]
    #[arg(long, value_name = "FILE", global = true)]
    pub settings: Option<PathBuf>,
}

/// Which devices to use: a name, an id, or a part of exactly one name. `default` is the system's.
#[derive(Debug, Clone, Default, Args)]
pub struct Devices {
    /// The microphone [default: the system's]
    #[arg(long, value_name = "DEVICE", global = true)]
    pub microphone: Option<String>,
    /// The speaker [default: the system's]
    #[arg(long, value_name = "DEVICE", global = true)]
    pub speaker: Option<String>,
    /// Where it rings, too
    #[arg(long, value_name = "DEVICE", global = true)]
    pub ring_device: Option<String>,
}

/// What to do instead of phoning.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// List the devices
    Devices,
    /// Hear yourself: the microphone comes out of the speaker
    Check {
        /// For so long, s
        #[arg(long, value_name = "S", default_value_t = 10)]
        seconds: u64,
    },
}

/// What is missing, and how to give it.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// No server.
    #[error(
        "which server? Say --server URL, such as --server http://127.0.0.1:8080 (it is remembered)"
    )]
    Server,
    /// Not a URL.
    #[error("{0} is not a server's URL: it begins with http:// or https://")]
    NotUrl(String),
    /// No user.
    #[error("who are you? Say --user NAME (it is remembered)")]
    User,
    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

impl Cli {
    /// The file of the settings.
    ///
    /// # Errors
    /// [`SettingsError::NoPlace`].
    pub fn settings_path(&self) -> Result<PathBuf, SettingsError> {
        self.settings.clone().map_or_else(Settings::default_path, Ok)
    }

    /// The remembered settings with what was said on the command line.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn choices(&self) -> Result<Settings, SettingsError> {
        let remembered = Settings::read(&self.settings_path()?)?;
        let Devices { microphone, speaker, ring_device } = self.devices.clone();
        Ok(Settings {
            server: self.server.clone().or(remembered.server),
            user: self.user.clone().or(remembered.user),
            microphone: microphone.or(remembered.microphone),
            speaker: speaker.or(remembered.speaker),
            ring_device: ring_device.or(remembered.ring_device),
            ears: self.ears.unwrap_or(remembered.ears),
            noise_suppression: self.noise_suppression.unwrap_or(remembered.noise_suppression),
        })
    }
}

/// What a phone needs of the settings.
///
/// # Errors
/// Something is missing.
pub fn phone_config(
    settings: &Settings,
    trust: Trust,
    password: impl FnOnce(&str, &str) -> String,
) -> Result<PhoneConfig, UsageError> {
    let server = settings.server.clone().ok_or(UsageError::Server)?;
    if !server.starts_with("http://") && !server.starts_with("https://") {
        return Err(UsageError::NotUrl(server));
    }
    let username = settings.user.clone().ok_or(UsageError::User)?;
    let password = password(&username, &server);
    let (wishes, ears) = (settings.wishes(), settings.ears);
    let suppresses_noise = settings.noise_suppression;
    let server = Server::new(server, trust);
    let line = LineConfig { server, username, password, via: None };
    Ok(PhoneConfig { line, wishes, ears, suppresses_noise, remember: None })
}

/// The length of a check.
pub fn check_duration(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(1, 3600))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_command_line_wins_over_what_is_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("softphone.toml");
        std::fs::write(&path, "server = \"http://a\"\nuser = \"agent1\"\nspeaker = \"Jabra\"\n")
            .unwrap();
        let path = path.to_str().unwrap();
        let cli = Cli::parse_from([
            "softphone",
            "--settings",
            path,
            "--user",
            "agent2",
            "--microphone",
            "Web",
        ]);
        let choices = cli.choices().unwrap();
        let config = phone_config(&choices, Trust::System, |user, _| format!("{user}'s")).unwrap();
        assert_eq!(
            (config.line.server.url(), config.line.username.as_str()),
            ("http://a", "agent2")
        );
        assert_eq!(config.line.password, "agent2's");
        assert_eq!(
            (config.wishes.speaker.as_deref(), config.wishes.microphone.as_deref()),
            (Some("Jabra"), Some("Web"))
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let ask = |settings: Settings| {
            phone_config(&settings, Trust::System, |_, _| String::new()).unwrap_err().to_string()
        };
        assert!(ask(Settings::default()).contains("--server"));
        let server = Some("sotto.example".to_owned());
        assert!(ask(Settings { server, ..Settings::default() }).contains("https://"));
        let server = Some("http://a".to_owned());
        assert!(ask(Settings { server, ..Settings::default() }).contains("--user"));
    }
}
