//! DTLS by OpenSSL, for `str0m`.
//!
//! The DTLS that `str0m` comes with asks clients for ECDSA certificates only, so that a client with an
//! RSA one (GStreamer's always, others by choice) never gets past the handshake. OpenSSL takes both.
//! Whether the certificate is the one that was offered is checked by [`crate::Station`].
//!
//! OpenSSL's own timer follows the machine's clock. Flights are sent again by the time that is handed
//! in, too, so that a lost one is repaired in virtual time as well (RFC 6347 §4.2.4).

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::srtp::SrtpProfileId;
use openssl::ssl::{
    ErrorCode, ShutdownState, Ssl, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions,
    SslSessionCacheMode, SslStream, SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, KeyingMaterial,
    ProtocolVersion, SrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider};

/// Before a flight is sent again for the first time; then twice that, and so on.
const RETRANSMIT_FIRST: Duration = Duration::from_millis(500);
/// The longest time between two of them.
const RETRANSMIT_MAX: Duration = Duration::from_secs(8);
/// Records of one flight that are kept to be sent again: ours has about four.
const FLIGHT_DATAGRAMS_MAX: usize = 16;
/// The largest datagram, in bytes, if `str0m` names none.
const DATAGRAM_BYTES_MAX: usize = 1_200;
/// When there is nothing to wait for.
const FAR_OFF: Duration = Duration::from_secs(3_600);
/// The names of what RFC 5764 and RFC 7714 define, preferred first.
const SRTP_PROFILES: &str = "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
const CIPHERS: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES256:ECDHE+AES128";
/// RFC 5764 §4.2.
const EXPORTER_LABEL: &str = "EXTRACTOR-dtls_srtp";

/// What all stations' connections share.
static CONTEXT: LazyLock<Result<SslContext, ErrorStack>> = LazyLock::new(context);

/// `str0m`'s cryptography, with DTLS by OpenSSL.
static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    let own = str0m::crypto::from_feature_flags();
    Arc::new(CryptoProvider { dtls_provider: &OpenSsl, ..own })
});

/// The cryptography of a station.
pub(crate) fn crypto_provider() -> Arc<CryptoProvider> {
    PROVIDER.clone()
}

fn context() -> Result<SslContext, ErrorStack> {
    let mut context = SslContextBuilder::new(SslMethod::dtls_server())?;
    context.set_min_proto_version(Some(SslVersion::DTLS1_2))?;
    context.set_cipher_list(CIPHERS)?;
    context.set_tlsext_use_srtp(SRTP_PROFILES)?;
    // Any certificate: nobody has signed these but their owners. Its fingerprint counts.
    let mode = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
    context.set_verify_callback(mode, |_, _| true);
    context.set_session_cache_mode(SslSessionCacheMode::OFF);
    context.set_mode(SslMode::RELEASE_BUFFERS);
    context.set_options(
        SslOptions::NO_QUERY_MTU | SslOptions::NO_TICKET | SslOptions::NO_RENEGOTIATION,
    );
    Ok(context.build())
}

#[derive(Debug)]
struct OpenSsl;

impl DtlsProvider for OpenSsl {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        _version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let failed = |error: ErrorStack| CryptoError::Other(error.to_string());
        let context = CONTEXT.as_ref().map_err(|error| failed(error.clone()))?;
        let stream = stream(context, certificate, mtu.unwrap_or(DATAGRAM_BYTES_MAX));
        Ok(Box::new(Connection {
            stream: stream.map_err(failed)?,
            state: State::Handshaking,
            flight: Flight { datagrams: Vec::new(), due: None, wait: RETRANSMIT_FIRST },
            packets: VecDeque::new(),
            certificate: None,
            keys: None,
            untold: false,
            now,
        }))
    }
}

fn stream(
    context: &SslContext,
    certificate: &DtlsCert,
    mtu: usize,
) -> Result<SslStream<Datagrams>, ErrorStack> {
    let mut ssl = Ssl::new(context)?;
    ssl.set_certificate(X509::from_der(&certificate.certificate)?.as_ref())?;
    ssl.set_private_key(PKey::private_key_from_der(&certificate.private_key)?.as_ref())?;
    ssl.set_mtu(u32::try_from(mtu).unwrap_or(u32::MAX))?;
    SslStream::new(ssl, Datagrams::default())
}

/// What OpenSSL takes for its socket: one datagram in, any number out.
#[derive(Debug, Default)]
struct Datagrams {
    incoming: Option<Vec<u8>>,
    outgoing: Vec<Vec<u8>>,
}

impl io::Read for Datagrams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let datagram = self.incoming.take().ok_or(io::ErrorKind::WouldBlock)?;
        // What does not fit is cut off, as by a socket.
        let length = datagram.len().min(buffer.len());
        buffer[..length].copy_from_slice(&datagram[..length]);
        Ok(length)
    }
}

impl io::Write for Datagrams {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        self.outgoing.push(datagram.to_vec());
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Handshaking,
    Connected,
    /// The client said goodbye; `told`: so did we tell.
    ClosedByPeer {
        told: bool,
    },
    Closed,
    Failed,
}

/// The latest flight of a handshake, to be sent again unless the client answers it.
#[derive(Debug)]
struct Flight {
    datagrams: Vec<Vec<u8>>,
    /// When; `None`: not decided yet.
    due: Option<Instant>,
    wait: Duration,
}

struct Connection {
    stream: SslStream<Datagrams>,
    state: State,
    flight: Flight,
    packets: VecDeque<Vec<u8>>,
    certificate: Option<Vec<u8>>,
    keys: Option<(KeyingMaterial, SrtpProfile)>,
    /// Connected, and `str0m` does not know it yet.
    untold: bool,
    now: Instant,
}

impl std::fmt::Debug for Connection {
    /// Without keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Connection {
    /// Goes on with the handshake, as far as what came allows.
    fn shake_hands(&mut self) -> Result<(), DtlsImplError> {
        let Err(error) = self.stream.accept() else {
            return self.shaken().inspect_err(|_| self.state = State::Failed);
        };
        if error.code() == ErrorCode::WANT_READ {
            return Ok(());
        }
        self.state = State::Failed;
        Err(DtlsImplError::ConnectionClosed)
    }

    /// The handshake is through: whose certificate it is, and SRTP's keys.
    fn shaken(&mut self) -> Result<(), DtlsImplError> {
        let failed = |_| DtlsImplError::ConnectionClosed;
        let ssl = self.stream.ssl();
        let certificate = ssl.peer_certificate().ok_or(DtlsImplError::ConnectionClosed)?;
        let profile = ssl.selected_srtp_profile().ok_or(DtlsImplError::ConnectionClosed)?;
        let profile = match profile.id() {
            SrtpProfileId::SRTP_AEAD_AES_256_GCM => SrtpProfile::AEAD_AES_256_GCM,
            SrtpProfileId::SRTP_AEAD_AES_128_GCM => SrtpProfile::AEAD_AES_128_GCM,
            SrtpProfileId::SRTP_AES128_CM_SHA1_80 => SrtpProfile::AES128_CM_SHA1_80,
            _ => return Err(DtlsImplError::ConnectionClosed),
        };
        let mut keys = vec![0; profile.keying_material_len()];
        ssl.export_keying_material(&mut keys, EXPORTER_LABEL, None).map_err(failed)?;
        self.certificate = Some(certificate.to_der().map_err(failed)?);
        self.keys = Some((KeyingMaterial::new(&keys), profile));
        self.state = State::Connected;
        self.untold = true;
        Ok(())
    }

    /// After the handshake: the client's Finished again (OpenSSL repeats ours then), its goodbye, or
    /// data, of which nothing is wanted: there is no data channel.
    fn read(&mut self) {
        let mut data = [0; 2_048];
        while self.stream.ssl_read(&mut data).is_ok_and(|length| length > 0) {}
        let is_over = self.stream.get_shutdown().contains(ShutdownState::RECEIVED);
        if is_over && self.state == State::Connected {
            self.state = State::ClosedByPeer { told: false };
            // The answer to a goodbye (RFC 5246 §7.2.1); an error: it can't be sent any more.
            let _ = self.stream.shutdown();
        }
    }

    /// Takes out what OpenSSL wants sent.
    fn collect(&mut self) {
        let outgoing = std::mem::take(&mut self.stream.get_mut().outgoing);
        if self.state == State::Handshaking && !outgoing.is_empty() {
            let datagrams = outgoing.iter().take(FLIGHT_DATAGRAMS_MAX).cloned().collect();
            self.flight = Flight { datagrams, due: None, wait: RETRANSMIT_FIRST };
        }
        self.packets.extend(outgoing);
    }
}

impl DtlsInstance for Connection {
    fn set_active(&mut self, _active: bool) {
        // Passive always: an offer that wants the other role is refused.
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.stream.get_mut().incoming = Some(packet.to_vec());
        let result = match self.state {
            State::Handshaking => self.shake_hands(),
            State::Connected | State::ClosedByPeer { .. } | State::Closed | State::Failed => Ok(()),
        };
        if self.state == State::Connected {
            self.read();
        }
        self.stream.get_mut().incoming = None;
        self.collect();
        result
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        let mut put = |bytes: &[u8]| -> Result<usize, usize> {
            buffer.get_mut(..bytes.len()).ok_or(bytes.len())?.copy_from_slice(bytes);
            Ok(bytes.len())
        };
        if let Some(packet) = self.packets.pop_front() {
            return match put(&packet) {
                Ok(length) => DtlsOutput::Packet(&buffer[..length]),
                Err(needed) => DtlsOutput::BufferTooSmall { needed },
            };
        }
        if let Some(certificate) = self.certificate.take() {
            return match put(&certificate) {
                Ok(length) => DtlsOutput::PeerCert(&buffer[..length]),
                Err(needed) => DtlsOutput::BufferTooSmall { needed },
            };
        }
        if let Some((keys, profile)) = self.keys.take() {
            return DtlsOutput::KeyingMaterial(keys, profile);
        }
        if std::mem::take(&mut self.untold) {
            return DtlsOutput::Connected;
        }
        if self.state == (State::ClosedByPeer { told: false }) {
            self.state = State::ClosedByPeer { told: true };
            return DtlsOutput::CloseNotify;
        }
        let is_waiting = self.state == State::Handshaking && !self.flight.datagrams.is_empty();
        DtlsOutput::Timeout(match self.flight.due {
            Some(due) if is_waiting => due,
            // At once: how late it is says only the next call.
            None if is_waiting => self.now,
            Some(_) | None => self.now + FAR_OFF,
        })
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.now = now;
        let flight = &mut self.flight;
        if self.state != State::Handshaking || flight.datagrams.is_empty() {
            return Ok(());
        }
        match flight.due {
            None => flight.due = Some(now + flight.wait),
            Some(due) if due <= now => {
                self.packets.extend(flight.datagrams.iter().cloned());
                flight.wait = (flight.wait * 2).min(RETRANSMIT_MAX);
                flight.due = Some(now + flight.wait);
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn send_application_data(&mut self, _data: &[u8]) -> Result<usize, DtlsImplError> {
        // Nothing is ever sent over DTLS itself.
        Ok(0)
    }

    fn is_active(&self) -> bool {
        false
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        (self.state != State::Handshaking).then_some(ProtocolVersion::DTLS1_2)
    }

    fn is_closing(&self) -> bool {
        matches!(self.state, State::ClosedByPeer { .. } | State::Closed)
    }

    fn is_closed(&self) -> bool {
        self.is_closing() && self.packets.is_empty()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        if self.state == State::Connected {
            // An error: there is nobody to say goodbye to.
            let _ = self.stream.shutdown();
            self.collect();
        }
        self.state = State::Closed;
        Ok(())
    }
}
