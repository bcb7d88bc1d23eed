//! Pure crates read no clock, do no IO and start no thread: time and packets are arguments.
//!
//! Works on the text, up to a file's test module; each pure crate's `clippy.toml` bans the clocks a second time, by
//! resolved name.

use super::{Finding, Tree};

/// The crates whose every decision must replay from its inputs alone.
pub const PURE_CRATES: [&str; 10] = [
    "interaction",
    "budget",
    "control-plane",
    "jitter",
    "mixer",
    "call-engine",
    "rtc-station",
    "rtp",
    "rtp-station",
    "sip",
];

/// What must not be in them, and what to do instead.
const BANNED: &[(&str, &str)] = &[
    ("Instant::now", "take `now: Instant` as an argument"),
    ("SystemTime", "take the time as an argument"),
    (".elapsed()", "take `now: Instant` and subtract"),
    ("thread::sleep", "return the deadline and let the caller wait"),
    ("thread::spawn", "threads belong to the media server's worker"),
    ("std::net::UdpSocket", "return the datagram to be sent"),
    ("std::net::Tcp", "return what is to be sent"),
    ("std::fs", "take the contents as an argument"),
    ("std::env", "take a setting as an argument"),
    ("tokio::", "return what is to be done; the outermost loop does it"),
    ("rand::rng()", "take a seed through the config"),
    ("thread_rng", "take a seed through the config"),
    ("println!", "return an event"), // and with it eprintln!
];

/// True if a crate of this name is one of the pure ones.
pub fn is_pure(krate: &str) -> bool {
    PURE_CRATES.contains(&krate)
}

/// Finds clocks, IO and threads in the pure crates, and pure crates without their `clippy.toml`.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_rust()) {
        let mut parts = file.path.split('/');
        let (Some("crates"), Some(krate), Some("src")) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let is_test =
            |part: &str| matches!(part, "tests" | "tests.rs") || part.ends_with("_tests.rs");
        if !is_pure(krate) || parts.any(is_test) {
            continue;
        }
        let shipped = file.lines().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        for (number, line) in shipped.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (banned, advice) in BANNED.iter().filter(|(banned, _)| line.contains(banned)) {
                let what = format!("`{banned}` in the pure crate `{krate}`");
                findings.push(Finding::new(file, number, what, *advice));
            }
        }
    }
    findings.extend(without_clippy_rules(tree));
    findings
}

fn without_clippy_rules(tree: &Tree) -> Vec<Finding> {
    let has = |path: &str| tree.files.iter().any(|file| file.path == path);
    let manifests = tree.files.iter().filter_map(|file| {
        let folder = file.path.strip_suffix("/Cargo.toml")?;
        is_pure(folder.strip_prefix("crates/")?).then_some((file, folder))
    });
    manifests
        .filter(|(_, folder)| !has(&format!("{folder}/clippy.toml")))
        .map(|(file, _)| {
            let advice = "copy another pure crate's, which bans clocks and sleeps";
            Finding::new(file, 1, "a pure crate without a `clippy.toml` beside it", advice)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)])).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_found_at_its_line() {
        let text = "//! x\nfn f() {\n    let t = std::time::Instant::now();\n}\n";
        assert_eq!(found("crates/mixer/src/lib.rs", text), [3]);
        assert_eq!(found("crates/rtc-station/src/a/b.rs", text), [3]);
    }

    #[test]
    fn each_banned_thing_is_found() {
        for (banned, _) in BANNED {
            assert_eq!(found("crates/jitter/src/lib.rs", banned), [1], "{banned}");
        }
    }

    #[test]
    fn what_does_io_may() {
        assert!(found("media-server/src/main.rs", "Instant::now()").is_empty());
        assert!(found("crates/client/src/lib.rs", "Instant::now()").is_empty());
    }

    #[test]
    fn a_pure_crate_without_clippy_rules_is_found() {
        let manifest = |krate: &str| (format!("crates/{krate}/Cargo.toml"), String::new());
        let (jitter, store) = (manifest("jitter"), manifest("store"));
        let rules = "crates/jitter/clippy.toml".to_owned();
        let tree = |paths: &[&String]| {
            let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
            check(&Tree::of(&files)).len()
        };
        assert_eq!(tree(&[&jitter.0]), 1);
        assert_eq!(tree(&[&jitter.0, &rules]), 0);
        assert_eq!(tree(&[&store.0]), 0);
    }

    #[test]
    fn comments_and_tests_may_name_it() {
        let comment = "/// Not `Instant::now`.\n";
        assert!(found("crates/mixer/src/lib.rs", comment).is_empty());
        let tests = "fn f() {}\n#[cfg(test)]\nmod tests {\n    Instant::now();\n}\n";
        assert!(found("crates/mixer/src/lib.rs", tests).is_empty());
        assert!(found("crates/mixer/src/tests.rs", "Instant::now()").is_empty());
        assert!(found("crates/mixer/src/a/b_tests.rs", "Instant::now()").is_empty());
        assert_eq!(found("crates/mixer/src/contests.rs", "Instant::now()").len(), 1);
        assert!(found("crates/mixer/tests/a.rs", "Instant::now()").is_empty());
    }
}
