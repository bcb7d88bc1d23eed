//! A certificate by ACME, from a real authority for tests: Let's Encrypt's Pebble (Debian: pebble).

use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use client::Trust;
use client::api::Api;
use media_server::config::{AcmeSettings, TlsKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;

/// The name that the certificate is for; the authority's own names lead to this machine.
const NAME: &str = "voice.sotto.example";
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that ends with the test.
struct Program(Child);

impl Program {
    fn start(command: &mut Command) -> Self {
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(started.unwrap_or_else(|error| panic!("{command:?}: {error} (Debian: pebble)")))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The authority and its names, asking back at `tls_port`; the address of its directory.
fn authority(directory: &Path, tls_port: u16) -> (String, [Program; 2]) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &ca).unwrap();
    let file = |name: &str, text: String| {
        std::fs::write(directory.join(name), text).unwrap();
        directory.join(name)
    };
    file("ca.pem", ca.pem());
    let (listen, manage, http, dns) = (free_port(), free_port(), free_port(), dns_port());
    let config = json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{listen}"),
        "managementListenAddress": format!("127.0.0.1:{manage}"),
        "certificate": file("pebble.pem", certificate.pem()),
        "privateKey": file("pebble.key", key.serialize_pem()),
        "httpPort": http,
        "tlsPort": tls_port,
    }});
    let config = file("pebble.json", config.to_string());
    let dns = format!("127.0.0.1:{dns}");
    let names = Program::start(
        Command::new("pebble-challtestsrv")
            .args(["-defaultIPv6", "", "-defaultIPv4", "127.0.0.1", "-dns01", &dns])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", ""])
            .args(["-management", &format!("127.0.0.1:{}", free_port())]),
    );
    let pebble = Program::start(
        Command::new("pebble")
            .args(["-dnsserver", &dns, "-config"])
            .arg(config)
            .env("PEBBLE_VA_NOSLEEP", "1"),
    );
    // Whoever asks too soon waits for long before the next try.
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", listen)).is_err() {
        assert!(start.elapsed() < PATIENCE, "pebble does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    (format!("https://localhost:{listen}/dir"), [names, pebble])
}

/// One that is free for UDP and TCP.
fn dns_port() -> u16 {
    let is_free = |port: &u16| UdpSocket::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(free_port).find(is_free).expect("there are many ports")
}

/// What the server shows: the certificate's issuers, or nothing yet.
async fn shown(address: SocketAddr) -> Option<String> {
    let trust = Trust::Anyone;
    let url = format!("https://{address}");
    Api::new(client::Server::new(url, trust)).unwrap().queues().await.ok()?;
    let output = tokio::process::Command::new("openssl")
        .args(["s_client", "-connect", &address.to_string(), "-servername", NAME])
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_got_by_acme_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let http = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let (url, programs) = authority(directory.path(), http.port());
    let change = |config: &mut Config| {
        config.http = http;
        config.tls = Some(TlsKind::Acme);
        config.public_url = Some(format!("https://{NAME}").parse().unwrap());
        config.acme = AcmeSettings {
            directory: url.clone(),
            contact: Some("admin@sotto.example".to_owned()),
            ca: Some(directory.path().join("ca.pem")),
        };
    };
    let server = testkit::Server::with(change).await;
    let start = Instant::now();
    let certificate = loop {
        match shown(http).await {
            Some(certificate) => break certificate,
            None => assert!(start.elapsed() < PATIENCE, "no certificate"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert!(
        certificate.contains("issuer=CN = Pebble") || certificate.contains("issuer=CN=Pebble"),
        "{certificate}"
    );

    // It is kept: a server that starts again shows it, even if the authority is gone.
    drop(programs);
    let server = server.restart().await;
    let again = loop {
        match shown(http).await {
            Some(certificate) => break certificate,
            None => assert!(start.elapsed() < PATIENCE * 2, "no certificate after the restart"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let pem = |text: &str| {
        let (_, rest) = text.split_once("-----BEGIN").expect("a certificate");
        rest.split_once("-----END").expect("all of it").0.to_owned()
    };
    assert_eq!(pem(&again), pem(&certificate));
    server.stop().await;
}
