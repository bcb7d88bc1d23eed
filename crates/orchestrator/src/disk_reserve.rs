//! The part of the disk that attachments leave free: messages and records go on into it.
//!
//! Files are large and can wait; what people write and what happened can't. A disk that files have
//! filled would refuse both.

use std::path::{Path, PathBuf};

use super::Orchestrator;

/// The disk of the data directory, and how much of it is to stay free of attachments.
#[derive(Clone, Debug)]
pub struct DiskReserve {
    directory: PathBuf,
    /// Per cent of the disk.
    percent: u64,
    /// Bytes.
    bytes: u64,
}

impl DiskReserve {
    /// What is to stay free on the disk of this directory: so many per cent and so many MiB of it, of
    /// which the larger counts. Zero of both: nothing.
    pub fn new(directory: &Path, percent: u8, mib: u32) -> Self {
        let (percent, bytes) = (u64::from(percent), u64::from(mib) << 20);
        Self { directory: directory.to_owned(), percent, bytes }
    }

    /// Whether an attachment of this size leaves the reserve as it is.
    ///
    /// # Errors
    /// The disk can't be looked at.
    pub fn has_room(&self, size_bytes: u64) -> std::io::Result<bool> {
        let disk = rustix::fs::statvfs(&self.directory)?;
        let (total, free) = (disk.f_blocks, disk.f_bavail);
        let needed = (size_bytes + self.bytes).div_ceil(disk.f_frsize.max(1));
        // In blocks, and per cent without a division: no disk overflows that.
        Ok(free >= needed && u128::from(free) * 100 >= u128::from(total) * u128::from(self.percent))
    }
}

/// The disk is nearly full: what is left of it is for messages and records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rest of the disk is not for attachments")]
pub struct DiskReserved;

impl Orchestrator {
    /// Refuses an attachment of this size if it would go into the reserve.
    ///
    /// # Errors
    /// [`DiskReserved`].
    pub(crate) fn check_disk_reserve(&self, size_bytes: u64) -> Result<(), DiskReserved> {
        match self.inner.disk_reserve.has_room(size_bytes) {
            Ok(true) => Ok(()),
            Ok(false) => {
                metrics::counter!("sotto_attachments_refused_for_room_total").increment(1);
                Err(DiskReserved)
            }
            Err(error) => {
                // Writing it tells whether there is room.
                tracing::warn!(%error, "the disk's free space can't be read");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_reserve_counts_and_the_file_goes_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let reserve = |percent, mib| DiskReserve::new(directory.path(), percent, mib);
        let has_room = |it: DiskReserve, size| it.has_room(size).unwrap();
        assert!(has_room(reserve(0, 0), 1), "nothing is reserved");
        assert!(!has_room(reserve(100, 0), 1), "per cent");
        assert!(!has_room(reserve(0, u32::MAX), 1), "MiB");
        assert!(!has_room(reserve(0, 0), 1 << 60), "the file itself");
        assert!(DiskReserve::new(Path::new("/there/is/no/such"), 1, 1).has_room(1).is_err());
    }
}
