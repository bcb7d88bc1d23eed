//! What the program writes is its own, and a demo's data stay a demo's.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program on free ports, by a shell that lets everybody read what it makes.
fn program(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "umask 022; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_media-server")]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOTTO_")) {
        command.env_remove(name);
    }
    command.args(["--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--workers", "1"]);
    command.arg("--data").arg(data).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts it, and waits until it is ready.
fn running(data: &Path, arguments: &[&str]) -> Child {
    let mut child = program(data, arguments).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "ended early: {said}");
    }
    child
}

/// Ends it; what it logged.
fn ended(mut child: Child) -> String {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{log}");
    log
}

/// What it says when it refuses to start.
fn refusal(command: &mut Command) -> String {
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("it started");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_it_writes_is_its_owners_alone_and_what_is_wider_is_told() {
    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("data");
    let child = running(&data, &["--tls", "self-signed"]);
    assert_eq!(mode(&data), 0o700);
    let names = ["sotto.db", "sotto.db-wal", "sotto.db-shm", "token.key", "self-signed.key"];
    for name in names {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&data.join("attachments")), 0o700);
    let log = ended(child);
    assert!(!log.contains("chmod"), "{log}");

    for (path, mode) in [(data.clone(), 0o755), (data.join("token.key"), 0o640)] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }
    let log = ended(running(&data, &[]));
    assert!(log.contains("WARN") && log.contains("chmod -R go= "), "{log}");
}

#[test]
fn a_demos_data_are_served_by_no_other_server() {
    let outer = tempfile::tempdir().unwrap();
    ended(running(outer.path(), &["--demo", "0"]));
    let demo = outer.path().join("demo");
    let told = refusal(&mut program(&demo, &[]));
    assert!(told.contains("--demo") && told.contains("password is public"), "{told}");

    // Wherever the database was copied to.
    let copy = outer.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    std::fs::copy(demo.join("sotto.db"), copy.join("sotto.db")).unwrap();
    let told = refusal(&mut program(&copy, &[]));
    assert!(told.contains("password is public"), "{told}");
    ended(running(outer.path(), &["--demo", "0"]));
}

#[test]
fn nothing_leaves_the_machine_in_clear_by_accident() {
    let data = tempfile::tempdir().unwrap();
    let told = |arguments: &[&str]| refusal(&mut program(data.path(), arguments));
    let clear = told(&["--http", "0.0.0.0:0"]);
    assert!(clear.contains("--tls-cert") && clear.contains("--behind-proxy"), "{clear}");
    let proxy = told(&["--http", "0.0.0.0:0", "--behind-proxy"]);
    assert!(proxy.contains("`public_url`"), "{proxy}");
    let plain = told(&["--public-url", "http://voice.example"]);
    assert!(plain.contains("public-url") && plain.contains("HTTPS"), "{plain}");
    let half = told(&["--tls-cert", "chain.pem"]);
    assert!(half.contains("`tls_key`"), "{half}");
    let acme = told(&["--tls", "acme"]);
    assert!(acme.contains("`public_url`"), "{acme}");
    let demo = told(&["--demo", "--behind-proxy", "--public-url", "https://voice.example"]);
    assert!(demo.contains("demo mode"), "{demo}");
    let any = ["--http", "0.0.0.0:0", "--behind-proxy", "--public-url", "https://voice.example"];
    ended(running(data.path(), &any));
}
