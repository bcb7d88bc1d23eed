//! The folder of attachments: one file each, under its id, never under what somebody called it.
//! Nothing in it is served as a page.
//!
//! A file arrives as `….part`, whole and on the disk before the store knows of it, and gets its name
//! after that. So what the server's death leaves behind is either known to the store, and gets its
//! name at the next start, or is nobody's.

use std::io::Result;
use std::path::{Path, PathBuf};

use interaction::AttachmentId;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::kind::{Found, Sniffer};

/// What a file is called that is not whole, or that the store does not know yet.
const PART: &str = "part";

/// The folder.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
}

/// A file that arrives. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct PartFile {
    file: tokio::fs::File,
    part: Leftover,
    whole: PathBuf,
    directory: PathBuf,
    sniffer: Sniffer,
    digest: Sha256,
    size_bytes: u64,
}

/// All of a file, on the disk. Dropped without [`WholeFile::keep`], it leaves nothing behind.
#[derive(Debug)]
pub struct WholeFile {
    part: Leftover,
    whole: PathBuf,
    /// What its content is.
    pub found: Found,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
}

/// A file to be removed when this is dropped.
#[derive(Debug)]
struct Leftover(Option<PathBuf>);

impl Directory {
    /// The folder within the server's data; made when it is missing.
    ///
    /// # Errors
    /// It can't be made.
    pub fn open(data: &Path) -> Result<Self> {
        let path = data.join("attachments");
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        // What customers and staff have sent each other is nobody's but the server's.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self { path })
    }

    /// Begins a file.
    pub async fn begin(&self, id: AttachmentId) -> Result<PartFile> {
        let whole = self.path_of(id);
        let part = whole.with_extension(PART);
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        Ok(PartFile {
            file: options.open(&part).await?,
            part: Leftover(Some(part)),
            whole,
            directory: self.path.clone(),
            sniffer: Sniffer::default(),
            digest: Sha256::new(),
            size_bytes: 0,
        })
    }

    /// Opens a file to be read.
    pub async fn read(&self, id: AttachmentId) -> Result<tokio::fs::File> {
        tokio::fs::File::open(self.path_of(id)).await
    }

    /// Makes a leftover of a file that the store is about to forget. One that is gone already is what
    /// was wanted.
    pub async fn set_aside(&self, id: AttachmentId) {
        let whole = self.path_of(id);
        let part = whole.with_extension(PART);
        if let Err(error) = gone_is_well(tokio::fs::rename(whole, part).await) {
            tracing::warn!(%error, "an attachment could not be set aside");
        }
    }

    /// The ids of what a former server left half done.
    pub async fn leftovers(&self) -> Result<Vec<AttachmentId>> {
        let mut entries = tokio::fs::read_dir(&self.path).await?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            let path = entry.path();
            if path.extension().is_none_or(|ending| ending != PART) {
                continue;
            }
            let id = path.file_stem().and_then(|stem| stem.to_str());
            let id = id.and_then(|id| u64::from_str_radix(id, 16).ok()).map(AttachmentId);
            found.extend(id.filter(|id| self.path_of(*id).with_extension(PART) == path));
        }
        Ok(found)
    }

    /// Gives a leftover that the store knows its name. One that is gone has nothing to be named.
    pub async fn complete(&self, id: AttachmentId) -> Result<()> {
        let whole = self.path_of(id);
        gone_is_well(tokio::fs::rename(whole.with_extension(PART), whole).await)
    }

    /// Removes a leftover that the store does not know.
    pub async fn discard(&self, id: AttachmentId) -> Result<()> {
        gone_is_well(tokio::fs::remove_file(self.path_of(id).with_extension(PART)).await)
    }

    fn path_of(&self, id: AttachmentId) -> PathBuf {
        self.path.join(format!("{:016x}", id.0))
    }
}

impl PartFile {
    /// Writes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.sniffer.update(bytes);
        self.digest.update(bytes);
        self.size_bytes += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    /// Its size so far.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Whether it can't become anything that is taken, however it goes on.
    pub fn is_hopeless(&self) -> bool {
        self.sniffer.is_hopeless()
    }

    /// Waits until all of it is on the disk, where the next start would find it.
    pub async fn end(mut self) -> Result<WholeFile> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        tokio::fs::File::open(&self.directory).await?.sync_all().await?;
        Ok(WholeFile {
            part: self.part,
            whole: self.whole,
            found: self.sniffer.found(),
            sha256: hex::encode(self.digest.finalize()),
            size_bytes: self.size_bytes,
        })
    }
}

impl WholeFile {
    /// Where it is at the moment, to be looked into.
    pub fn path(&self) -> Option<&Path> {
        self.part.0.as_deref()
    }

    /// The store knows it: gives it its name. If that fails, the next start does.
    pub async fn keep(mut self) -> Result<()> {
        match self.part.0.take() {
            Some(part) => tokio::fs::rename(part, &self.whole).await,
            None => Ok(()),
        }
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        let Some(path) = self.0.take() else { return };
        // One that is gone, or that can't be removed now, is looked for at the next start.
        let remove = move || drop(std::fs::remove_file(path));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

fn gone_is_well(done: Result<()>) -> Result<()> {
    match done {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Directory) -> Vec<String> {
        let entries = std::fs::read_dir(&directory.path).unwrap();
        let name = |entry: Result<std::fs::DirEntry>| entry.unwrap().file_name();
        entries.map(|entry| name(entry).into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_file_has_its_name_only_when_it_is_kept() {
        let data = tempfile::tempdir().unwrap();
        let directory = Directory::open(data.path()).unwrap();
        let id = AttachmentId(0x2a);
        let mut file = directory.begin(id).await.unwrap();
        file.write(b"Gr\xc3").await.unwrap();
        file.write(b"\xbc\xc3\x9fe").await.unwrap();
        assert!(directory.read(id).await.is_err());
        let whole = file.end().await.unwrap();
        assert_eq!(
            (whole.size_bytes, whole.found),
            (7, Found::Type(super::super::kind::PLAIN_TEXT))
        );
        assert_eq!(whole.sha256, hex::encode(Sha256::digest("Grüße")));
        whole.keep().await.unwrap();
        assert_eq!(names(&directory), ["000000000000002a"]);
        assert!(directory.read(id).await.is_ok());
        directory.set_aside(id).await;
        assert_eq!(
            directory.leftovers().await.unwrap(),
            [id],
            "a death now is ended by the next start"
        );
        for _ in 0..2 {
            directory.discard(id).await.unwrap();
            directory.set_aside(id).await;
        }
        assert_eq!(names(&directory), [""; 0]);
    }

    #[tokio::test]
    async fn what_is_given_up_leaves_nothing_and_leftovers_are_found() {
        let data = tempfile::tempdir().unwrap();
        let directory = Directory::open(data.path()).unwrap();
        let mut given_up = directory.begin(AttachmentId(1)).await.unwrap();
        given_up.write(&[0; 4_096]).await.unwrap();
        assert!(given_up.is_hopeless());
        drop(given_up);
        drop(directory.begin(AttachmentId(2)).await.unwrap().end().await.unwrap());
        while !names(&directory).is_empty() {
            tokio::task::yield_now().await;
        }
        for name in ["000000000000000a.part", "000000000000000b.part", "000000000000000c", "x.part"]
        {
            std::fs::write(directory.path.join(name), "x").unwrap();
        }
        let mut found = directory.leftovers().await.unwrap();
        found.sort();
        assert_eq!(found, [AttachmentId(0xa), AttachmentId(0xb)]);
        directory.complete(AttachmentId(0xa)).await.unwrap();
        directory.discard(AttachmentId(0xb)).await.unwrap();
        let mut left = names(&directory);
        left.sort();
        assert_eq!(left, ["000000000000000a", "000000000000000c", "x.part"]);
    }
}
