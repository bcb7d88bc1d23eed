//! Files that are nobody's but the server's: password hashes, keys, private messages.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What group and others may do with a file: nothing.
const OTHERS: u32 = 0o077;
/// Entries of the data directory that are looked at: it has a handful.
const ENTRIES_MAX: usize = 1_000;

/// Makes a directory and what is above it; a new one is its owner's alone.
///
/// # Errors
/// It can't be made.
pub fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file that its owner alone may read, whatever was there.
///
/// # Errors
/// It can't be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // One that was there keeps its mode.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What of a data directory others than its owner may read: the directory itself, and what is
/// directly within it.
///
/// # Errors
/// It can't be looked at.
pub fn open_to_others(data: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut look = |path: PathBuf| -> io::Result<()> {
        // A link has no mode of its own.
        let metadata = std::fs::symlink_metadata(&path)?;
        if !metadata.is_symlink() && metadata.permissions().mode() & OTHERS != 0 {
            found.push(path);
        }
        Ok(())
    };
    look(data.to_owned())?;
    for entry in std::fs::read_dir(data)?.take(ENTRIES_MAX) {
        match look(entry?.path()) {
            // SQLite's files come and go.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            looked => looked?,
        }
    }
    Ok(found)
}

/// The command that closes a data directory to others.
pub fn mending(data: &Path) -> String {
    format!("chmod -R go= {}", quoted(data))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_may_read_is_found() {
        let outer = tempfile::tempdir().unwrap();
        let data = outer.path().join("a").join("data");
        make_directory(&data).unwrap();
        write(&data.join("key"), b"secret").unwrap();
        assert_eq!(open_to_others(&data).unwrap(), Vec::<PathBuf>::new());

        let open = |path: &Path, mode| {
            std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        open(&data.join("key"), 0o640);
        assert_eq!(open_to_others(&data).unwrap(), [data.join("key")]);
        write(&data.join("key"), b"secret").unwrap();
        open(&data, 0o755);
        assert_eq!(open_to_others(&data).unwrap(), [data.as_path()]);
        assert_eq!(mending(Path::new("a'b")), r"chmod -R go= 'a'\''b'");
    }
}
