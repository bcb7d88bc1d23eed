//! Secrets that are in files of their own, so that the configuration can be shown to anybody.

use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

use super::ConfigError;
use super::check::{value, within};

/// Reads a secret, without the end of its line. What is wrong with it is said without it.
///
/// # Errors
/// The file can't be read, or the secret does not have so many bytes.
pub(super) fn read_secret(
    key: &str,
    file: &Path,
    bytes: RangeInclusive<usize>,
) -> Result<String, ConfigError> {
    let refused = |error: io::Error| {
        let is = format!("{} ({error})", file.display());
        value(key, is, "a file of text that this user can read")
    };
    let text = std::fs::read_to_string(file).map_err(refused)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    within(&format!("{key} (bytes)"), secret.len(), bytes)?;
    Ok(secret.to_owned())
}
