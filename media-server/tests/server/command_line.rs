//! The program itself: what it refuses, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn server() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_media-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOTTO_")) {
        command.env_remove(name);
    }
    command
}

/// What the program says when it refuses to start.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_bad_option_is_refused_by_name() {
    let refused = refusal(server().args(["--ring-timeout-s", "soon"]));
    assert!(refused.contains("--ring-timeout-s"), "{refused}");
    let refused = refusal(server().args(["--colour", "red"]));
    assert!(refused.contains("--colour"), "{refused}");
    let refused = refusal(server().args(["--demo", "--http", "0.0.0.0:0"]));
    assert!(refused.contains("`http`") && refused.contains("loopback"), "{refused}");
    let refused = refusal(server().args(["--operate", "9090"]));
    assert!(refused.contains("--operate") && refused.contains("IP:PORT nor off"), "{refused}");
}

#[test]
fn the_environment_is_read_and_flags_win() {
    let refused = refusal(server().env("SOTTO_POLICY__DUCK_DB", "9"));
    assert!(refused.contains("policy.duck_db") && refused.contains("-30 to 0"), "{refused}");
    let refused = refusal(server().env("SOTTO_RINGTIME", "9"));
    assert!(refused.contains("ringtime"), "{refused}");
    // The flag has won over the environment: what is refused is the other one.
    let refused = refusal(server().env("SOTTO_WORKERS", "0").args([
        "--workers",
        "1",
        "--set",
        "codec.complexity=99",
    ]));
    assert!(refused.contains("codec.complexity"), "{refused}");
}

#[test]
fn the_help_names_every_key() {
    let output = server().arg("--help").output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for key in media_server::config::KEYS {
        assert!(help.contains(key.name), "{}", key.name);
    }
}

#[test]
fn a_port_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let mut command = server();
    command.args(["--http", &address, "--media", "127.0.0.1:0", "--data"]).arg(data.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&address) && error.contains("--http"), "{error}");
}

#[test]
fn a_bad_centre_is_told_before_anything_is_done() {
    let directory = tempfile::tempdir().unwrap();
    let (file, data) = (directory.path().join("centre.toml"), directory.path().join("data"));
    std::fs::write(&file, "[[user]]\nusername = \"sam\"\nname = \"Sam\"\nrole = \"boss\"\n")
        .unwrap();
    let mut command = server();
    command.args(["--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data"]).arg(&data);
    let output = command.arg("--provision").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = String::from_utf8(output.stderr).unwrap();
    for word in ["centre.toml", "user `sam`", "`boss`", "caller, agent, supervisor, admin"] {
        assert!(error.contains(word), "{error}");
    }
    assert!(!data.exists());
}

#[test]
fn the_operators_port_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let mut command = server();
    command.args(["--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--operate", &address]);
    let output = command.arg("--data").arg(data.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&address) && error.contains("--operate off"), "{error}");
}

#[test]
fn it_says_where_it_is_and_ends_in_order() {
    let data = tempfile::tempdir().unwrap();
    let mut child = server()
        .args(["--demo", "0", "--http", "127.0.0.1:0", "--media", "127.0.0.1:0"])
        .args(["--operate", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "ended early: {said}");
    }
    for word in ["http://127.0.0.1:", "/metrics", "supervisor1", "agent6", "sotto-demo"] {
        assert!(said.contains(word), "{said}");
    }
    let start = Instant::now();
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let status = child.wait().unwrap();
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(status.code(), Some(0));
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
}
