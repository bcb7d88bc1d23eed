//! TLS: who is believed, what is replaced while connections go on, and what is never served in clear.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use client::session::Session;
use client::{ClientError, Trust};
use media_server::StartError;
use media_server::config::TlsKind;
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);

/// A certificate for this machine and its key in files of a directory of their own.
struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self { directory: tempfile::tempdir().unwrap() };
        files.renew();
        files
    }

    fn certificate(&self) -> PathBuf {
        self.directory.path().join("chain.pem")
    }

    fn key(&self) -> PathBuf {
        self.directory.path().join("key.pem")
    }

    /// Writes another certificate with another key; the certificate, PEM.
    fn renew(&self) -> String {
        let pair = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let pem = CertificateParams::new(names).unwrap().self_signed(&pair).unwrap().pem();
        std::fs::write(self.key(), pair.serialize_pem()).unwrap();
        std::fs::write(self.certificate(), &pem).unwrap();
        pem
    }

    async fn server(&self) -> TestServer {
        TestServer::with(|config| {
            config.tls_cert = Some(self.certificate());
            config.tls_key = Some(self.key());
            config.limits.header_timeout_s = 1;
        })
        .await
    }
}

async fn sign_in(server: &TestServer, trust: Trust) -> Result<Session, ClientError> {
    let server = client::Server::new(server.running.url(), trust);
    Session::sign_in(server, "agent1", "sotto-demo").await
}

/// Signs in once `certificate` is the one that is shown.
async fn signed_in_by(server: &TestServer, certificate: &str) -> Session {
    let start = Instant::now();
    loop {
        match sign_in(server, Trust::Pem(certificate.into())).await {
            Ok(session) => return session,
            Err(error) => assert!(start.elapsed() < PATIENCE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_made_certificate_is_for_who_knows_it_and_events_come_through_tls() {
    let server = TestServer::with(|config| config.tls = Some(TlsKind::SelfSigned)).await;
    assert!(server.running.url().starts_with("https://127.0.0.1:"));
    let pem = std::fs::read(server._data.path().join("demo/self-signed.pem")).unwrap();
    let session = sign_in(&server, Trust::Pem(pem)).await.unwrap();
    let mut events = session.events().await.unwrap();
    session.ready().await.unwrap();
    assert!(events.next().await.unwrap().is_some(), "a snapshot, through TLS");
    sign_in(&server, Trust::Anyone).await.unwrap();
    let stranger = sign_in(&server, Trust::System).await;
    assert!(matches!(stranger, Err(ClientError::Http(_))), "nobody vouches for it");
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_replaced_while_connections_go_on() {
    let files = Files::new();
    let server = files.server().await;
    let first = std::fs::read_to_string(files.certificate()).unwrap();
    let session = signed_in_by(&server, &first).await;
    let mut events = session.events().await.unwrap();

    let second = files.renew();
    signed_in_by(&server, &second).await;
    assert!(sign_in(&server, Trust::Pem(first.into())).await.is_err(), "the old one is not shown");
    session.ready().await.unwrap();
    let is_told = |envelope: wire::Envelope| {
        matches!(envelope.event, wire::Event::PresenceChanged { .. }).then_some(())
    };
    events.find("the change of presence", PATIENCE, is_told).await.unwrap();

    // A key without its certificate, and nothing at all: what can be used stays.
    std::fs::write(files.key(), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    std::fs::write(files.certificate(), "").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    sign_in(&server, Trust::Pem(second.into())).await.unwrap();
    let third = files.renew();
    signed_in_by(&server, &third).await;
    server.running.stop().await;
}

#[tokio::test]
async fn a_certificate_that_cant_be_used_is_told_at_the_start() {
    let (files, data) = (Files::new(), tempfile::tempdir().unwrap());
    let refused = async |certificate: &Path, key: &Path| {
        let (certificate, key) = (Some(certificate.to_owned()), Some(key.to_owned()));
        let config = Config { tls_cert: certificate, tls_key: key, ..config(&data) };
        match start(config).await {
            Ok(_) => panic!("started"),
            Err(error @ StartError::Certificate(_)) => error.to_string(),
            Err(error) => panic!("{error}"),
        }
    };
    let other = Files::new();
    let mismatch = refused(&files.certificate(), &other.key()).await;
    assert!(mismatch.contains("is not the one of the certificate"), "{mismatch}");
    let swapped = refused(&files.key(), &files.certificate()).await;
    assert!(swapped.contains("key.pem holds no certificate"), "{swapped}");
    let missing = refused(&files.certificate(), Path::new("/nowhere/key.pem")).await;
    assert!(missing.contains("/nowhere/key.pem"), "{missing}");
}

#[tokio::test]
async fn who_speaks_http_to_the_port_of_tls_is_told_and_who_says_nothing_is_not_waited_for() {
    let server = Files::new().server().await;
    let mut clear = TcpStream::connect(server.address()).await.unwrap();
    clear.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    clear.read_to_string(&mut answer).await.unwrap();
    drop(clear);
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("HTTPS"), "{answer}");

    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let mut halfway = TcpStream::connect(server.address()).await.unwrap();
    // A record of 512 bytes is announced.
    halfway.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    for stream in [&mut silent, &mut halfway] {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest));
        assert!(read.await.is_ok(), "still open");
    }
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_comes_in_time_through_tls() {
    let server = Files::new().server().await;
    let session = sign_in(&server, Trust::Anyone).await.unwrap();
    let _events = session.events().await.unwrap();
    let _silent = TcpStream::connect(server.address()).await.unwrap();
    let start = Instant::now();
    server.running.stop().await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn who_comes_in_clear_is_sent_to_the_public_address_wherever_they_meant() {
    let server = TestServer::with(|config| {
        config.tls = Some(TlsKind::SelfSigned);
        config.public_url = Some("https://voice.example".parse().unwrap());
        config.http_redirect = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    })
    .await;
    let redirect = server.running.http_redirect.unwrap();
    for (path, to) in [
        ("/chat?queue=support", "https://voice.example/chat?queue=support"),
        ("//evil.example/x", "https://voice.example//evil.example/x"),
    ] {
        let asked = server.http.get(format!("http://{redirect}{path}"));
        let response = asked.header("host", "evil.example").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(response.headers()["location"], to);
    }
    server.running.stop().await;
}
