//! What is remembered between two starts: server, user, devices. Never the password.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::audio::headset::Wishes;
use crate::audio::router::Ears;

/// The file within the user's configuration directory.
const FILE: &str = "sotto/softphone.toml";

/// The remembered choices. Keys that this version does not know are refused, so that a slip of the pen shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The server's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The microphone; without it, the system's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphone: Option<String>,
    /// The speaker; without it, the system's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Where it rings, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring_device: Option<String>,
    /// How the ears are used.
    pub ears: Ears,
    /// Whether the noise of the room is taken out of the microphone's sound.
    pub noise_suppression: bool,
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// There is no place for them.
    #[error(
        "no directory for settings: set HOME or XDG_CONFIG_HOME, or name a file with --settings"
    )]
    NoPlace,
    /// The file can't be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The file is not what it should be.
    #[error("{0} is not understood: {1}\nMend it, or delete it to begin anew")]
    Toml(PathBuf, Box<toml::de::Error>),
}

impl Settings {
    /// The file in the user's configuration directory.
    ///
    /// # Errors
    /// [`SettingsError::NoPlace`].
    pub fn default_path() -> Result<PathBuf, SettingsError> {
        let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let directory = from("XDG_CONFIG_HOME")
            .or_else(|| from("APPDATA"))
            .or_else(|| from("HOME").map(|home| home.join(".config")));
        Ok(directory.ok_or(SettingsError::NoPlace)?.join(FILE))
    }

    /// Reads a file; one that does not exist is empty.
    ///
    /// # Errors
    /// [`SettingsError::File`], [`SettingsError::Toml`].
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|error| SettingsError::Toml(path.to_owned(), Box::new(error))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(SettingsError::File(path.to_owned(), error)),
        }
    }

    /// Writes them whole, by way of a second file: a crash leaves the old ones.
    ///
    /// # Errors
    /// [`SettingsError::File`].
    pub fn write(&self, path: &Path) -> Result<(), SettingsError> {
        let text = toml::to_string(self).expect("strings and two choices are TOML");
        let draft = path.with_extension("toml.new");
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&draft, text))
            .and_then(|()| std::fs::rename(&draft, path));
        written.map_err(|error| SettingsError::File(path.to_owned(), error))
    }

    /// Takes other devices.
    pub fn wish(&mut self, wishes: &Wishes) {
        let Wishes { microphone, speaker, ringer } = wishes.clone();
        (self.microphone, self.speaker, self.ring_device) = (microphone, speaker, ringer);
    }

    /// The devices among them.
    pub fn wishes(&self) -> Wishes {
        Wishes {
            microphone: self.microphone.clone(),
            speaker: self.speaker.clone(),
            ringer: self.ring_device.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_back_as_they_were_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/down/softphone.toml");
        assert_eq!(Settings::read(&path).unwrap(), Settings::default());
        let settings = Settings {
            server: Some("http://127.0.0.1:8080".to_owned()),
            user: Some("agent1".to_owned()),
            microphone: Some("Jabra Evolve2 65".to_owned()),
            ears: Ears::Split,
            noise_suppression: true,
            ..Settings::default()
        };
        settings.write(&path).unwrap();
        assert_eq!(Settings::read(&path).unwrap(), settings);
        assert!(!std::fs::read_to_string(&path).unwrap().contains("password"));
    }

    #[test]
    fn a_slip_of_the_pen_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("softphone.toml");
        std::fs::write(&path, "micropone = \"Jabra\"\n").unwrap();
        let error = Settings::read(&path).unwrap_err().to_string();
        assert!(error.contains("micropone") && error.contains("softphone.toml"), "{error}");
    }
}
