//! CPU and memory over time: of the server, by its process id or its `/metrics`, and of the load tester.
//!
//! Processes are read from `/proc`, so there only on Linux; elsewhere `/metrics` remains. The kernel counts
//! CPU in hundredths of a second, so a figure over one second is right to ±0.01 cores.

use std::io;
use std::time::{Duration, Instant};

/// A server that does not tell within this time has other things to do.
const METRICS_TIMEOUT: Duration = Duration::from_millis(900);
/// The longest `/metrics` that is read.
const METRICS_BYTES_MAX: usize = 4 << 20;
/// Linux counts times in `/proc` in this many parts of a second, on every architecture (USER_HZ).
const TICKS_A_SECOND: f64 = 100.0;
const MIB: f64 = (1 << 20) as f64;

/// What a process used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// CPU time since it began, s.
    pub cpu_s: f64,
    /// Resident memory, MiB.
    pub memory_mib: f64,
}

/// What a process uses now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Cores kept busy since the last question; absent at the first.
    pub cpu: Option<f64>,
    /// Resident memory, MiB.
    pub memory_mib: f64,
}

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The process is gone, or belongs to somebody else.
    #[error("process {pid} can't be read: {error}")]
    Process {
        /// Its id.
        pid: u32,
        /// What the kernel said.
        error: io::Error,
    },
    /// The address does not answer.
    #[error("{url} does not answer")]
    Metrics {
        /// The address of the metrics.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// There is an answer, but no such figures in it.
    #[error(
        "{0} has no CPU and memory figures (process_cpu_seconds_total, process_resident_memory_bytes)"
    )]
    NoFigures(String),
}

/// Watches a process. Ask once a second.
#[derive(Debug)]
pub struct Watch {
    source: Source,
    last: Option<(Instant, f64)>,
}

#[derive(Debug)]
enum Source {
    Process(u32),
    Metrics { url: String, http: reqwest::Client },
}

impl Watch {
    /// Of a process on this machine.
    pub fn process(pid: u32) -> Self {
        Self { source: Source::Process(pid), last: None }
    }

    /// Of the load tester itself.
    pub fn own() -> Self {
        Self::process(std::process::id())
    }

    /// Of a server, anywhere, by the address of its metrics, such as `http://server:9090/metrics`.
    pub fn metrics(url: &str) -> Result<Self, WatchError> {
        let http = reqwest::Client::builder().timeout(METRICS_TIMEOUT).build();
        let http = http.map_err(|source| WatchError::Metrics { url: url.to_owned(), source })?;
        Ok(Self { source: Source::Metrics { url: url.to_owned(), http }, last: None })
    }

    /// What it uses now.
    pub async fn load(&mut self) -> Result<Load, WatchError> {
        let usage = match &self.source {
            Source::Process(pid) => of_process(*pid)?,
            Source::Metrics { url, http } => of_metrics(url, http).await?,
        };
        Ok(self.since_last(Instant::now(), usage))
    }

    fn since_last(&mut self, now: Instant, usage: Usage) -> Load {
        let last = self.last.replace((now, usage.cpu_s));
        let cpu = last.and_then(|(then, cpu_s)| {
            let elapsed_s = now.saturating_duration_since(then).as_secs_f64();
            // A server that began anew counts from 0.
            (elapsed_s > 0.0 && usage.cpu_s >= cpu_s).then(|| (usage.cpu_s - cpu_s) / elapsed_s)
        });
        Load { cpu, memory_mib: usage.memory_mib }
    }
}

fn of_process(pid: u32) -> Result<Usage, WatchError> {
    let read = |file| std::fs::read_to_string(format!("/proc/{pid}/{file}"));
    let usage = || {
        let unknown = || io::Error::other("its /proc entry has another form");
        let cpu_s = cpu_of_stat(&read("stat")?).ok_or_else(unknown)?;
        let memory_mib = memory_of_status(&read("status")?).ok_or_else(unknown)?;
        Ok(Usage { cpu_s, memory_mib })
    };
    usage().map_err(|error| WatchError::Process { pid, error })
}

async fn of_metrics(url: &str, http: &reqwest::Client) -> Result<Usage, WatchError> {
    let failed = |source| WatchError::Metrics { url: url.to_owned(), source };
    let answer = http.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let mut answer = answer.map_err(failed)?;
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(failed)? {
        if body.len() + part.len() > METRICS_BYTES_MAX {
            break; // the figures of the process may still be in what came
        }
        body.extend_from_slice(&part);
    }
    usage_of_metrics(&String::from_utf8_lossy(&body))
        .ok_or_else(|| WatchError::NoFigures(url.to_owned()))
}

/// User and system time, s: fields 14 and 15 of `/proc/<pid>/stat`, see proc_pid_stat(5).
fn cpu_of_stat(stat: &str) -> Option<f64> {
    // The second field is the program's name in brackets, which may itself hold blanks and brackets.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let (user, system) = (fields.next()?.parse::<u64>().ok()?, fields.next()?.parse::<u64>().ok()?);
    Some((user + system) as f64 / TICKS_A_SECOND)
}

/// Resident memory, MiB: VmRSS of `/proc/<pid>/status`, which is in KiB whatever the size of a page.
fn memory_of_status(status: &str) -> Option<f64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(value.trim().strip_suffix("kB")?.trim_end().parse::<u64>().ok()? as f64 / 1024.0)
}

/// The two figures that Prometheus's clients give of every process.
fn usage_of_metrics(text: &str) -> Option<Usage> {
    let cpu_s = metric(text, "process_cpu_seconds_total")?;
    let memory = metric(text, "process_resident_memory_bytes")?;
    Some(Usage { cpu_s, memory_mib: memory / MIB })
}

/// The value of a metric in Prometheus's text format, with or without labels and a time.
fn metric(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| {
        let after = line.trim_start().strip_prefix(name)?;
        let values = match after.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once('}')?.1,
            None => after.starts_with([' ', '\t']).then_some(after)?,
        };
        let value = values.split_ascii_whitespace().next()?.parse::<f64>().ok()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_moves_no_field() {
        let stat =
            "42 (a) R (b) S 1 42 42 0 -1 4194560 900 0 2 0 250 50 7 8 20 0 4 0 100 1000 300 1 1";
        assert_eq!(cpu_of_stat(stat), Some(3.0));
        assert_eq!(cpu_of_stat("42 (a) S 1"), None);
        assert_eq!(cpu_of_stat(""), None);
    }

    #[test]
    fn memory_is_the_resident_one() {
        let status = "Name:\ta\nVmHWM:\t    9216 kB\nVmRSS:\t    2560 kB\nThreads:\t4\n";
        assert_eq!(memory_of_status(status), Some(2.5));
        assert_eq!(memory_of_status("Name:\tkernel thread\n"), None);
    }

    #[test]
    fn metrics_with_and_without_labels() {
        let text = "# TYPE process_cpu_seconds_total counter\n\
                    process_cpu_seconds_total_created 5\n\
                    process_cpu_seconds_total{job=\"a } b\"} 12.5 1700000000\n\
                    process_resident_memory_bytes 3145728\n";
        assert_eq!(usage_of_metrics(text), Some(Usage { cpu_s: 12.5, memory_mib: 3.0 }));
        assert_eq!(usage_of_metrics("process_cpu_seconds_total NaN\n"), None);
        assert_eq!(usage_of_metrics("process_cpu_seconds_total 1\n"), None);
    }

    #[test]
    fn load_is_what_was_used_since_the_last_question() {
        let mut watch = Watch::own();
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let mut load = |s, cpu_s| watch.since_last(at(s), Usage { cpu_s, memory_mib: 1.0 }).cpu;
        assert_eq!(load(0, 10.0), None);
        assert_eq!(load(2, 11.0), Some(0.5));
        assert_eq!(load(2, 11.0), None, "no time has passed");
        assert_eq!(load(3, 0.1), None, "another process by now");
        assert_eq!(load(4, 0.3), Some(0.3 - 0.1));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn this_process_uses_something() {
        let mut watch = Watch::own();
        watch.load().await.unwrap();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(150) {
            std::hint::black_box(begin);
        }
        let load = watch.load().await.unwrap();
        assert!(load.cpu.unwrap() > 0.05, "{load:?}");
        assert!(load.memory_mib > 1.0, "{load:?}");
        assert!(matches!(
            Watch::process(u32::MAX).load().await,
            Err(WatchError::Process { pid: u32::MAX, .. })
        ));
    }

    #[tokio::test]
    async fn a_server_is_asked_for_its_metrics() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bodies = [
            "process_cpu_seconds_total 1.5\nprocess_resident_memory_bytes 1048576\n",
            "other_total 3\n",
        ];
        let served = tokio::spawn(async move {
            for body in bodies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 1024]).await.unwrap();
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await.unwrap();
                stream.write_all(body.as_bytes()).await.unwrap();
            }
        });
        let mut watch = Watch::metrics(&format!("http://{address}/metrics")).unwrap();
        assert_eq!(watch.load().await.unwrap(), Load { cpu: None, memory_mib: 1.0 });
        assert!(matches!(watch.load().await, Err(WatchError::NoFigures(_))));
        served.await.unwrap();
        assert!(matches!(watch.load().await, Err(WatchError::Metrics { .. })));
    }
}
