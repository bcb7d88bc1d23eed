//! A connector that is reached by https: the server as a program of its own, with the certificates
//! that it is given to trust, and a connector whose certificate was signed by one of them, or not.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use client::session::Session;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::channels::{Connector, SECRET, said, written};
use crate::text::Writer;

/// Somebody who signs certificates.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Takes connections of those who trust its certificate, and counts the others.
struct TlsListener {
    tcp: TcpListener,
    tls: TlsAcceptor,
    refused: tokio::sync::watch::Sender<u32>,
}

impl TlsListener {
    async fn signed_by(authority: &CertifiedIssuer<'static, KeyPair>) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = CertificateDer::from(params.signed_by(&key, authority).unwrap());
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        // The one that the server's client uses; the tree has another, too.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate], key).unwrap();
        Self {
            tcp: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            tls: TlsAcceptor::from(Arc::new(config)),
            refused: tokio::sync::watch::Sender::default(),
        }
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = self.tcp.accept().await.unwrap();
            match self.tls.accept(stream).await {
                Ok(stream) => return (stream, address),
                Err(_) => self.refused.send_modify(|count| *count += 1),
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// The server as a program.
struct Program {
    child: Child,
    url: String,
}

impl Program {
    /// With a connector at this port, and trusting the certificates of this file.
    fn start(directory: &Path, port: u16, trusted: &CertifiedIssuer<'static, KeyPair>) -> Self {
        let (config, trust) = (directory.join("sotto.toml"), directory.join("trust.pem"));
        std::fs::write(&trust, trusted.pem()).unwrap();
        let channel = format!(
            "[[channels]]\nname = \"whatsapp\"\nsecret = \"{SECRET}\"\nqueue = \"support\"\n\
             url = \"https://localhost:{port}/out\"\n"
        );
        std::fs::write(&config, channel).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_media-server"))
            .env("SSL_CERT_FILE", &trust)
            .env_remove("SSL_CERT_DIR")
            .args(["--demo", "0", "--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--config"])
            .arg(&config)
            .arg("--data")
            .arg(directory.join("data"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // To its last word: it would rather end than say a new password to nobody.
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !said.contains("Ctrl-C") {
            assert!(lines.read_line(&mut said).unwrap() > 0, "ended early: {said}");
        }
        let url = said.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.expect("it says where it is").to_owned();
        Self { child, url }
    }

    /// What `agent1` writes to a customer of the channel.
    async fn answer(&self, text: &str) {
        let agent = Session::sign_in(&self.url, "agent1", "sotto-demo").await.unwrap();
        agent.ready().await.unwrap();
        let mut agent = Writer::new(agent).await;
        let id = written(&self.url, "m1", "Where is my parcel?").await.conversation;
        agent.take(&id).await;
        assert_eq!(agent.post(&id, "public", text).await.0, 201);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_is_posted_to_by_https() {
    let (directory, authority) = (tempfile::tempdir().unwrap(), authority());
    let listener = TlsListener::signed_by(&authority).await;
    let port = listener.tcp.local_addr().unwrap().port();
    let mut connector = Connector::on(listener);
    let server = Program::start(directory.path(), port, &authority);
    server.answer("It is on its way.").await;
    assert_eq!(said(&connector.taken().await.0), "It is on its way.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_whose_certificate_is_not_trusted_is_told_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let listener = TlsListener::signed_by(&authority()).await;
    let port = listener.tcp.local_addr().unwrap().port();
    let mut refused = listener.refused.subscribe();
    let mut connector = Connector::on(listener);
    let server = Program::start(directory.path(), port, &authority());
    server.answer("It is on its way.").await;
    // It is tried again, and again nothing is said to whoever stands there.
    tokio::time::timeout(crate::PATIENCE, refused.wait_for(|count| *count >= 2))
        .await
        .unwrap()
        .unwrap();
    assert!(connector.posts.try_recv().is_err());
}
