//! A server as a process of its own: one that can be killed, and that can be given a disk of its own.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than a start takes on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);

/// How servers are started, one after the other, on the same data and port.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    data: PathBuf,
    port: u16,
    disk_mib: Option<u32>,
}

/// A server that runs. It ends at once, and in no order, when it is dropped.
pub struct Process {
    child: Child,
    operate: String,
    /// From the start of the process until it said that it is ready.
    pub ready_after: Duration,
}

impl Program {
    /// The program at `path`, with the demo's accounts and what it keeps in `data`.
    pub fn new(path: &Path, data: &Path) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("its address").port();
        Self { path: path.to_owned(), data: data.to_owned(), port, disk_mib: None }
    }

    /// The same, with `data` on a disk of this size that ends with the server. It needs `unshare`
    /// (Debian: util-linux) and no rights.
    #[must_use]
    pub fn on_a_small_disk(self, mib: u32) -> Self {
        Self { disk_mib: Some(mib), ..self }
    }

    /// Where HTTP is served, each time.
    pub fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Starts a server and waits until it says that it is ready.
    ///
    /// # Errors
    /// What it said instead, on standard error.
    pub fn start(&self) -> Result<Process, String> {
        let begun = Instant::now();
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program that can be started");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let err = child.stderr.take().expect("piped");
        // A full pipe would stop it.
        let said = std::thread::spawn(move || {
            let mut last = String::new();
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                if std::env::var_os("SOTTO_TEST_LOG").is_some() {
                    eprintln!("server: {line}");
                }
                last = line;
            }
            last
        });
        let mut operate = String::new();
        let mut line = String::new();
        while !line.starts_with("Ctrl-C") {
            line.clear();
            if out.read_line(&mut line).unwrap_or(0) == 0 || begun.elapsed() > START_MAX {
                let _ = child.kill();
                let status = child.wait().expect("a child");
                return Err(format!("{status}: {}", said.join().unwrap_or_default()));
            }
            if let Some(url) = line.strip_prefix("For operators: ") {
                operate = url.split("/metrics").next().unwrap_or_default().to_owned();
            }
        }
        Ok(Process { child, operate, ready_after: begun.elapsed() })
    }

    fn command(&self) -> Command {
        let mut command = match self.disk_mib {
            None => Command::new(&self.path),
            Some(mib) => {
                std::fs::create_dir_all(&self.data).expect("a folder");
                let mut command = Command::new("unshare");
                let script = format!("mount -t tmpfs -o size={mib}m sotto \"$0\" && exec \"$@\"");
                command.args(["--map-root-user", "--mount", "sh", "-c", &script]);
                command.arg(&self.data).arg(&self.path);
                command
            }
        };
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOTTO_")) {
            command.env_remove(name);
        }
        let http = format!("{}:{}", Ipv4Addr::LOCALHOST, self.port);
        command.args(["--demo", "0", "--workers", "2", "--http", &http]);
        command.args(["--media", "127.0.0.1:0", "--operate", "127.0.0.1:0", "--data"]);
        command.arg(&self.data);
        command
    }
}

impl Process {
    /// Kills it as nothing can be kept from being killed (SIGKILL), and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    /// Where operators are answered.
    pub fn operate_url(&self) -> &str {
        &self.operate
    }

    /// A path as the process sees it: on its own disk, if it has one.
    pub fn path(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.child.id()));
        root.join(path.strip_prefix("/").expect("an absolute path"))
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        self.child.wait().expect("a child that ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
