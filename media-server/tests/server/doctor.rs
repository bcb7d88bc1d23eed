//! `media-server doctor`: what it finds, and that it changes nothing.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use media_server::config::TlsKind;
use rcgen::{CertificateParams, KeyPair};

use super::*;

/// What it says with these options, and whether it finds nothing to put right.
fn doctor(data: &Path, arguments: &[&str]) -> (String, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_media-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOTTO_")) {
        command.env_remove(name);
    }
    command.args(["doctor", "--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--workers", "1"]);
    let output = command.arg("--data").arg(data).args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{said}{}", String::from_utf8_lossy(&output.stderr));
    (said, code == Some(0))
}

/// The line about this, whose grade must be this one.
fn line<'a>(said: &'a str, grade: &str, what: &str) -> &'a str {
    let head = format!("{grade:<5} {what}");
    let found = said.lines().find(|line| line.starts_with(&head));
    found.unwrap_or_else(|| panic!("no `{head}`:\n{said}"))
}

#[test]
fn a_machine_without_a_server_is_looked_at_and_left_as_it_is() {
    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("data");
    let (said, well) = doctor(&data, &[]);
    assert!(well, "{said}");
    for what in ["configuration", "files", "disk", "database", "clock", "http", "media", "UDP path"]
    {
        line(&said, "ok", what);
    }
    assert!(!data.exists());
}

#[test]
fn what_is_in_the_way_is_said_with_what_to_do() {
    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(data.join("sotto.db"), "no database at all, but long enough to look at")
        .unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let tcp = TcpListener::bind(tcp).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (http, media) =
        (tcp.local_addr().unwrap().to_string(), udp.local_addr().unwrap().to_string());
    let (said, well) = doctor(&data, &["--http", &http, "--media", &media]);
    assert!(!well, "{said}");
    assert!(line(&said, "warn", "file modes").contains("chmod -R go= "));
    line(&said, "FAIL", "database");
    assert!(line(&said, "FAIL", "http").contains("ss -lnp"));
    assert!(line(&said, "FAIL", "media").contains(&media));
    let (said, _) = doctor(&data, &["--media", "192.0.2.77:10000"]);
    assert!(line(&said, "FAIL", "media").contains("public_address"), "{said}");
    let few = "ulimit -n 256; exec \"$@\"";
    let mut limited = Command::new("sh");
    limited.args(["-c", few, "sh", env!("CARGO_BIN_EXE_media-server"), "doctor", "--data"]);
    let said = limited.arg(outer.path().join("other")).args(["--http", "127.0.0.1:0"]).output();
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    assert!(line(&said, "warn", "open files").contains("LimitNOFILE"), "{said}");
}

#[test]
fn a_certificate_is_read_as_browsers_read_it() {
    let outer = tempfile::tempdir().unwrap();
    let (chain, key) = (outer.path().join("chain.pem"), outer.path().join("key.pem"));
    let write = |days: i64| {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["voice.example".to_owned()]).unwrap();
        let now = std::time::SystemTime::now();
        let day = std::time::Duration::from_secs(24 * 3600 * days.unsigned_abs());
        params.not_before = (now - std::time::Duration::from_secs(30 * 24 * 3600)).into();
        params.not_after = if days < 0 { (now - day).into() } else { (now + day).into() };
        std::fs::write(&chain, params.self_signed(&pair).unwrap().pem()).unwrap();
        std::fs::write(&key, pair.serialize_pem()).unwrap();
    };
    let said = |public: &str| {
        let (chain, key) = (chain.to_str().unwrap(), key.to_str().unwrap());
        let options = ["--tls-cert", chain, "--tls-key", key, "--public-url", public];
        doctor(&outer.path().join("data"), &options).0
    };
    write(90);
    let good = said("https://voice.example");
    assert!(line(&good, "ok", "certificate").contains("89 days"), "{good}");
    assert!(line(&good, "warn", "certificate").contains("signed by itself"));
    let other = said("https://calls.example");
    assert!(line(&other, "FAIL", "certificate").contains("is for voice.example, not for calls"));
    write(5);
    assert!(line(&said("https://voice.example"), "warn", "certificate").contains("4 days"));
    write(-1);
    assert!(line(&said("https://voice.example"), "FAIL", "certificate").contains("expired"));
    std::fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let mismatch = said("https://voice.example");
    assert!(line(&mismatch, "FAIL", "certificate").contains("is not the one"), "{mismatch}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_is_asked_at_its_public_address() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("https://localhost:{}", address.port());
    let server = TestServer::with(|config| {
        config.http = address;
        config.tls = Some(TlsKind::SelfSigned);
        config.public_url = Some(url.parse().unwrap());
    })
    .await;
    let data = server._data.path().to_owned();
    let http = address.to_string();
    let ask = move || {
        let options =
            ["--demo", "0", "--http", &http, "--tls", "self-signed", "--public-url", &url];
        doctor(&data, &options)
    };
    let (said, well) = tokio::task::spawn_blocking(ask).await.unwrap();
    assert!(well, "{said}");
    assert!(line(&said, "ok", "http").contains("a server that runs"), "{said}");
    line(&said, "ok", "database");
    line(&said, "ok", "public address");
    line(&said, "ok", "WebSockets");
    server.running.stop().await;
}

/// A proxy that passes everything on as it came, with a header added.
async fn proxy(to: std::net::SocketAddr, header: &'static str) -> std::net::SocketAddr {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut inside = tokio::net::TcpStream::connect(to).await.unwrap();
                let mut request = vec![0; 16 << 10];
                // Requests without a body come in one piece here, and each goes to one connection: none is kept.
                let length = outside.read(&mut request).await.unwrap();
                let text = String::from_utf8(request[..length].to_vec()).unwrap();
                let (line, rest) = text.split_once("\r\n").unwrap_or((&text, ""));
                let close = if rest.contains("pgrade") { "" } else { "connection: close\r\n" };
                let passed = format!("{line}\r\n{header}{close}{rest}");
                inside.write_all(passed.as_bytes()).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_does_not_say_for_whom_it_asks_is_told() {
    const NAMED: &str = "x-forwarded-for: 192.0.2.7\r\n";
    let trusted = vec!["127.0.0.1".to_owned()];
    let cases = [
        (NAMED, trusted.clone(), "ok", "are believed"),
        (NAMED, vec!["192.0.2.1".to_owned()], "FAIL", "trusted_proxies"),
        ("", trusted, "FAIL", "X-Forwarded-For"),
    ];
    for (header, trusted_proxies, grade, told) in cases {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (http, operate) = (free(), free());
        let public = format!("http://localhost:{}", proxy(http, header).await.port());
        let url = public.clone();
        let server = TestServer::with(|config| {
            config.http = http;
            config.operate = Some(operate.to_string().parse().unwrap());
            config.trusted_proxies = trusted_proxies;
            config.public_url = Some(url.parse().unwrap());
        })
        .await;
        let data = server._data.path().to_owned();
        let (http, operate) = (http.to_string(), operate.to_string());
        let ask = move || {
            let options = ["--http", &http, "--operate", &operate, "--public-url", &public];
            doctor(&data, &options).0
        };
        let said = tokio::task::spawn_blocking(ask).await.unwrap();
        assert!(line(&said, grade, "proxy headers").contains(told), "{said}");
        server.running.stop().await;
    }
}
