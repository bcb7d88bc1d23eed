//! A PostgreSQL server of a test's own: Debian's `postgresql`, in a folder that goes with it, reached by a
//! socket in that folder, and so by nobody else.
//!
//! For tests alone: it panics when something can't be had, and it knows nothing of what is stored.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Debian's user without rights: PostgreSQL does not run as root.
const NOBODY: u32 = 65_534;
/// Longer than a start takes on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);

/// A server with an empty database. It ends with this.
pub struct Postgres {
    folder: TempDir,
    server: Option<Child>,
}

impl Postgres {
    /// Starts one.
    pub fn start() -> Self {
        // In memory, where there is such a folder: setting up a database writes 40 MB.
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        Self::start_in(folder.expect("a temporary folder"))
    }

    /// Starts one in this folder. Everybody may enter those around it.
    pub fn start_in(folder: TempDir) -> Self {
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("chown");
        }
        let made = command("initdb")
            .args(["--username=sotto", "--auth=trust", "--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(folder.path().join("data"))
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb").success(), "initdb");
        let mut postgres = Self { folder, server: None };
        postgres.restart();
        postgres
    }

    /// Where it is, for sqlx.
    pub fn url(&self) -> String {
        let folder = self.folder.path().to_str().expect("UTF-8").replace('/', "%2F");
        format!("postgres://sotto@{folder}/postgres")
    }

    /// Kills it: its connections break, and nobody answers.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            // At once and with all its children, which SIGKILL would leave behind.
            let stopped = command("pg_ctl")
                .args(["stop", "--mode=immediate", "--pgdata"])
                .arg(self.folder.path().join("data"))
                .stdout(Stdio::null())
                .status();
            assert!(stopped.expect("pg_ctl").success(), "pg_ctl stop");
            server.wait().expect("a child that ends");
        }
    }

    /// Starts it again, on what it has kept.
    pub fn restart(&mut self) {
        self.kill();
        let server = command("postgres")
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .arg("-k")
            .arg(self.folder.path())
            .args(["-c", "listen_addresses="])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres");
        self.server = Some(server);
        let begun = Instant::now();
        while !self.answers() {
            assert!(begun.elapsed() < START_MAX, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn answers(&self) -> bool {
        let mut asked = command("pg_isready");
        asked.arg("-h").arg(self.folder.path()).stdout(Stdio::null());
        asked.status().expect("pg_isready").success()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// One of PostgreSQL's programs, which are in no path on Debian.
fn command(name: &str) -> Command {
    let mut command = Command::new(program(name));
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/").stdin(Stdio::null());
    command
}

fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|it| it.path().join("bin").join(name)).collect();
    found.retain(|path| path.exists());
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(name))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self").metadata().expect("/proc").uid() == 0
}
