//! TLS for a listener: the handshake within its time, and what a connection is afterwards.
//!
//! Which certificate is shown is a [`ResolvesServerCert`]'s: [`Certificate`] is one that can be
//! replaced while connections go on.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// The protocol that is spoken within (RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";
/// The first byte of a TLS connection: a handshake record (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;
/// For whoever speaks HTTP to this port.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 54\r\n\r\n\
    This port speaks HTTPS. Open the address by https://.\n";

/// What a listener needs for TLS. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
}

/// A certificate with its key, which new connections see, and which may be replaced at any time.
#[derive(Debug)]
pub struct Certificate {
    shown: RwLock<Arc<CertifiedKey>>,
}

/// A connection, in clear or through TLS.
pub enum Stream {
    /// In clear.
    Clear(TcpStream),
    /// Through TLS; large, so elsewhere.
    Tls(Box<TlsStream<TcpStream>>),
}

/// The cryptography that all of the program uses; the tree of dependencies has another one, too.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

impl Tls {
    /// TLS 1.2 and 1.3 with the certificates of `shown`. `challenges`: other protocols than HTTP
    /// that may be agreed on, as for ACME's challenges; nothing is spoken within.
    ///
    /// # Errors
    /// The cryptography lacks what these versions need.
    pub fn new(
        shown: Arc<dyn ResolvesServerCert>,
        challenges: &[&[u8]],
    ) -> Result<Self, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(shown);
        let protocols = std::iter::once(HTTP_1_1).chain(challenges.iter().copied());
        config.alpn_protocols = protocols.map(<[u8]>::to_vec).collect();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// The same certificate for another protocol than HTTP, by its name (RFC 7301), which a client need not
    /// say.
    pub fn speaking(&self, protocol: &[u8]) -> TlsAcceptor {
        let mut config = ServerConfig::clone(self.acceptor.config());
        config.alpn_protocols = vec![protocol.to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// The handshake, within `limit`.
    ///
    /// # Errors
    /// What the client did wrong, or that it took too long.
    pub async fn accept(&self, stream: TcpStream, limit: Duration) -> io::Result<Stream> {
        let handshake = async {
            let mut first = [0];
            if stream.peek(&mut first).await? == 1 && first != [HANDSHAKE] {
                return Err(told_to_speak_tls(stream).await);
            }
            self.acceptor.accept(stream).await
        };
        let accepted = match tokio::time::timeout(limit, handshake).await {
            Ok(accepted) => accepted,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        if accepted.is_err() {
            metrics::counter!("sotto_tls_handshakes_failed_total").increment(1);
        }
        accepted.map(|stream| Stream::Tls(Box::new(stream)))
    }
}

async fn told_to_speak_tls(mut stream: TcpStream) -> io::Error {
    let tell = async {
        stream.write_all(SPEAK_TLS).await?;
        stream.shutdown().await?;
        // A socket that is closed with something unread resets, and takes the answer with it.
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok(())
    };
    match tell.await {
        Ok(()) => io::Error::new(io::ErrorKind::InvalidData, "the client speaks no TLS"),
        Err(error) => error,
    }
}

impl Certificate {
    /// Shows `first` until it is replaced.
    pub fn new(first: CertifiedKey) -> Arc<Self> {
        Arc::new(Self { shown: RwLock::new(Arc::new(first)) })
    }

    /// New connections see `next`; those that are open go on.
    pub fn replace(&self, next: CertifiedKey) {
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Clear(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_to_clear_http_has_the_length_that_it_says() {
        let text = std::str::from_utf8(SPEAK_TLS).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.ends_with(&format!("Content-Length: {}", body.len())),
            "{head} {}",
            body.len()
        );
    }
}
