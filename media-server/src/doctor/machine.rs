//! The machine: files, disk, clock, and how much of them a process may have.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::statvfs;

use super::Finding;
use crate::config::Config;
use crate::{open_files, private};

/// Less is not enough for a day's attachments.
const DISK_FREE_MIN: u64 = 1 << 30;
/// Less, and soon nothing can be written down.
const DISK_FREE_FAIL: u64 = 100 << 20;
/// For so long both clocks are watched.
const WATCHED: Duration = Duration::from_millis(300);
/// How far they may come apart in that time.
const APART_MAX: Duration = Duration::from_millis(20);
/// How far ahead of the clock a file may have been written.
const AHEAD_MAX: Duration = Duration::from_secs(60);
/// No version of this program is older: 2026-01-01.
const NOT_BEFORE: Duration = Duration::from_secs(1_767_225_600);

/// The data directory: whether it can be written to, and who else may read it.
pub(super) fn files(config: &Config) -> Vec<Finding> {
    let data = config.data_directory();
    let shown = data.display();
    if !data.exists() {
        let above = existing(&data);
        return vec![match writable(&above) {
            Ok(()) => Finding::ok("files", format!("{shown} will be made at the first start")),
            Err(error) => Finding::fail(
                "files",
                format!(
                    "{shown} can't be made in {}: {error}. Make it, for the server's user, or \
                         name another one by --data",
                    above.display()
                ),
            ),
        }];
    }
    let mut findings = Vec::new();
    findings.push(match writable(&data) {
        Ok(()) => Finding::ok("files", format!("{shown} can be written to")),
        Err(error) => Finding::fail(
            "files",
            format!("{shown} can't be written to: {error}. It must belong to the server's user"),
        ),
    });
    findings.push(match private::open_to_others(&data) {
        Ok(open) if open.is_empty() => Finding::ok("file modes", "nobody else may read the data"),
        Ok(open) => Finding::warn(
            "file modes",
            format!(
                "other users of this machine may read {}{}: {}",
                open[0].display(),
                if open.len() > 1 {
                    format!(" and {} more", open.len() - 1)
                } else {
                    String::new()
                },
                private::mending(&data)
            ),
        ),
        Err(error) => Finding::warn("file modes", format!("{shown}: {error}")),
    });
    findings
}

/// Room on the disk.
pub(super) fn disk(config: &Config) -> Finding {
    let data = existing(&config.data_directory());
    let room = match statvfs(&data) {
        Ok(room) => room,
        Err(error) => return Finding::warn("disk", format!("{}: {error}", data.display())),
    };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let detail = format!("{} MB free at {}", free >> 20, data.display());
    if free < DISK_FREE_FAIL || (room.f_files > 0 && room.f_favail == 0) {
        let what = if room.f_favail == 0 { ", and no room for another file" } else { "" };
        return Finding::fail(
            "disk",
            format!("{detail}{what}. Messages and records will be refused: make room"),
        );
    }
    match free < DISK_FREE_MIN {
        true => Finding::warn("disk", format!("{detail}. Make room, before messages are refused")),
        false => Finding::ok("disk", detail),
    }
}

/// Whether time goes on, at the pace of the clock on the wall, from where it was.
pub(super) fn clock(config: &Config) -> Finding {
    let (wall, steady) = (SystemTime::now(), Instant::now());
    std::thread::sleep(WATCHED);
    let steady = steady.elapsed();
    let apart = match wall.elapsed() {
        Ok(wall) => wall.abs_diff(steady),
        Err(back) => steady + back.duration(),
    };
    let newest = newest_file(&config.data_directory());
    let ahead = newest.and_then(|at| at.duration_since(SystemTime::now()).ok());
    if apart > APART_MAX {
        Finding::fail(
            "clock",
            format!(
                "the time of day moved by {} ms against the steady clock within {} ms: let it be \
                 slewed (chrony, systemd-timesyncd), not set",
                apart.as_millis(),
                WATCHED.as_millis()
            ),
        )
    } else if wall < SystemTime::UNIX_EPOCH + NOT_BEFORE {
        Finding::fail(
            "clock",
            "the time of day is long past: sign-ins and certificates would not be valid. Set it \
             (chrony, systemd-timesyncd)",
        )
    } else if let Some(ahead) = ahead.filter(|ahead| *ahead > AHEAD_MAX) {
        Finding::warn(
            "clock",
            format!(
                "data were written {} s after now: the clock was set back, or is slow. Until then \
                 sign-outs and records are out of order",
                ahead.as_secs()
            ),
        )
    } else {
        Finding::ok("clock", "goes on steadily")
    }
}

/// Whether as many connections fit as are allowed, once the server has raised its limit.
pub(super) fn open_files(config: &Config) -> Finding {
    let wanted = config.limits.connections_max;
    let (fit, limit) = open_files::would_fit(wanted);
    let limit = limit.map_or("no limit".to_owned(), |limit| format!("{limit} at most"));
    match fit < wanted {
        true => Finding::warn(
            "open files",
            format!(
                "{limit}: {fit} connections instead of the {wanted} of limits.connections_max. \
                 systemd: LimitNOFILE=65536; docker: --ulimit nofile=65536"
            ),
        ),
        false => Finding::ok("open files", format!("{limit}, enough for {wanted} connections")),
    }
}

/// The path itself, or the nearest directory above it that there is.
fn existing(path: &Path) -> PathBuf {
    let start = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let found = start.ancestors().find(|it| it.exists());
    found.filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn writable(directory: &Path) -> std::io::Result<()> {
    let probe = directory.join(format!(".doctor-{:016x}", rand::random::<u64>()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe)?;
    let written = file.write_all(b"x").and_then(|()| file.sync_all());
    std::fs::remove_file(&probe)?;
    written
}

fn newest_file(data: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(data).ok()?.flatten();
    entries.filter_map(|it| it.metadata().ok()?.modified().ok()).max()
}
