//! Files: the report as JSON for machines, and how every file of a report is written.
//!
//! The keys are explained in `docs/load-testing.md`. Whoever watches the path sees the old file or the new
//! one, never half of one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::data::Report;

impl Report {
    /// The report as JSON, one key a line.
    pub fn to_json(&self) -> String {
        // Maps with other keys than texts and own `Serialize`s could fail; there are none in the data.
        let mut text = serde_json::to_string_pretty(self).expect("plain data is JSON");
        text.push('\n');
        text
    }

    /// Writes [`Report::to_json`] to a file, whole or not at all.
    pub fn write_json(&self, path: &Path) -> io::Result<()> {
        write_whole(path, self.to_json().as_bytes())
    }
}

/// Writes a file beside its place, then moves it there. Missing folders are made.
pub fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let unfinished = beside(path)?;
    let written = File::create(&unfinished)
        .and_then(|mut file| file.write_all(contents).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // The first error is the one to tell; what can't be removed stays, under a name that says so.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// A name of this process's own in the same folder, so that the move stays within a file system.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("not the name of a file"))?;
    let mut unfinished = std::ffi::OsString::from(".");
    unfinished.push(name);
    unfinished.push(format!(".{}.unfinished", std::process::id()));
    Ok(path.with_file_name(unfinished))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_issue_s_keys_are_there() {
        let json: serde_json::Value = serde_json::from_str(&sample::faulty().to_json()).unwrap();
        for key in ["valid", "leaks", "crossed"] {
            assert!(!json[key].is_null(), "{key}");
        }
        for key in ["asked", "connected", "failed"] {
            assert!(json["calls"][key].is_u64(), "{key}");
        }
        for delay in ["mouth_to_ear_ms", "setup_ms", "mode_change_ms", "lateness_ms"] {
            for key in ["p50", "p95", "p99", "max"] {
                assert!(json["percentiles"][delay][key].is_f64(), "{delay}.{key}");
            }
        }
        assert_eq!(json["legs"][0]["role"], "caller");
        assert_eq!(json["findings"][0]["kind"], "leak");
    }

    #[test]
    fn the_guide_explains_every_key() {
        let guide = include_str!("../../../../docs/load-testing.md");
        let json = serde_json::from_str(&sample::faulty().to_json()).unwrap();
        let mut missing = Vec::new();
        visit_keys(&json, &mut |key| {
            if !guide.contains(&format!("`{key}`")) {
                missing.push(key.to_owned());
            }
        });
        assert!(missing.is_empty(), "not in docs/load-testing.md: {missing:?}");
    }

    fn visit_keys(value: &serde_json::Value, visit: &mut impl FnMut(&str)) {
        match value {
            serde_json::Value::Object(keys) => {
                for (key, value) in keys {
                    visit(key);
                    visit_keys(value, visit);
                }
            }
            serde_json::Value::Array(values) => {
                values.iter().for_each(|value| visit_keys(value, visit));
            }
            _ => {}
        }
    }

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/report.json");
        write_whole(&path, b"old").unwrap();
        write_whole(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

        // A folder is in the way: the move fails, and nothing is left behind.
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("full")).unwrap();
        write_whole(&taken, b"new").unwrap_err();
        write_whole(Path::new("/"), b"new").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
