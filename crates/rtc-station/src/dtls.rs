//! DTLS by OpenSSL: the handshake that SRTP's keys come from (RFC 5764).
//!
//! OpenSSL takes clients with ECDSA and with RSA certificates (GStreamer's always, others by choice). Whether the
//! certificate is the one that was offered is checked by [`crate::Station`].
//!
//! OpenSSL's own timer follows the machine's clock. Flights are sent again by the time that is handed
//! in, too, so that a lost one is repaired in virtual time as well (RFC 6347 §4.2.4).

use std::collections::VecDeque;
use std::io;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::srtp::SrtpProfileId;
use openssl::ssl::{
    ErrorCode, ShutdownState, Ssl, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions,
    SslSessionCacheMode, SslStream, SslVerifyMode, SslVersion,
};
use rtp::srtp::{Keys, Profile};

use crate::certificate::{Certificate, Fingerprint};

/// Before a flight is sent again for the first time; then twice that, and so on.
const RETRANSMIT_FIRST: Duration = Duration::from_millis(500);
/// The longest time between two of them.
const RETRANSMIT_MAX: Duration = Duration::from_secs(8);
/// Records of one flight that are kept to be sent again: ours has about four.
const FLIGHT_DATAGRAMS_MAX: usize = 16;
/// The largest datagram, in bytes: it passes every path that IPv6 has.
const DATAGRAM_BYTES_MAX: u32 = 1_200;
/// The names of what RFC 5764 and RFC 7714 define, preferred first.
const SRTP_PROFILES: &str = "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
const CIPHERS: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES256:ECDHE+AES128";
/// RFC 5764 §4.2.
const EXPORTER_LABEL: &str = "EXTRACTOR-dtls_srtp";

/// What all stations' connections share.
static CONTEXT: LazyLock<Result<SslContext, ErrorStack>> = LazyLock::new(context);

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

fn stream(certificate: &Certificate) -> Result<SslStream<Datagrams>, ErrorStack> {
    let mut ssl = Ssl::new(CONTEXT.as_ref().map_err(Clone::clone)?)?;
    ssl.set_certificate(&certificate.x509)?;
    ssl.set_private_key(&certificate.key)?;
    ssl.set_mtu(DATAGRAM_BYTES_MAX)?;
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

/// The handshake has failed, or was refused; it stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HandshakeFailed;

/// The handshake is through.
pub(crate) struct Shaken {
    /// Of the client's certificate.
    pub(crate) fingerprint: Fingerprint,
    /// What we send with.
    pub(crate) ours: Keys,
    /// What the client sends with.
    pub(crate) theirs: Keys,
}

/// What came of the datagrams.
pub(crate) enum Event {
    Shaken(Box<Shaken>),
    ClosedByPeer,
}

/// The server's end of one connection.
pub(crate) struct Dtls {
    stream: SslStream<Datagrams>,
    state: State,
    flight: Flight,
    packets: VecDeque<Vec<u8>>,
    /// Not told yet.
    shaken: Option<Box<Shaken>>,
}

impl std::fmt::Debug for Dtls {
    /// Without keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dtls").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Dtls {
    /// Waits for a client.
    ///
    /// # Errors
    /// OpenSSL cannot be set up: the machine's fault.
    pub(crate) fn new(certificate: &Certificate) -> Result<Self, ErrorStack> {
        Ok(Self {
            stream: stream(certificate)?,
            state: State::Handshaking,
            flight: Flight { datagrams: Vec::new(), due: None, wait: RETRANSMIT_FIRST },
            packets: VecDeque::new(),
            shaken: None,
        })
    }

    /// Takes a datagram of the client's.
    ///
    /// # Errors
    /// [`HandshakeFailed`].
    pub(crate) fn handle_datagram(&mut self, datagram: &[u8]) -> Result<(), HandshakeFailed> {
        self.stream.get_mut().incoming = Some(datagram.to_vec());
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

    /// Sends the latest flight again, if it is time.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let flight = &mut self.flight;
        if self.state != State::Handshaking || flight.datagrams.is_empty() {
            return;
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
    }

    /// When the flight is to be sent again, once [`Dtls::handle_timeout`] has seen it.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        (self.state == State::Handshaking).then_some(self.flight.due).flatten()
    }

    /// The next datagram to be sent.
    pub(crate) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.packets.pop_front()
    }

    /// What came of the datagrams, each once.
    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        if let Some(shaken) = self.shaken.take() {
            return Some(Event::Shaken(shaken));
        }
        (self.state == State::ClosedByPeer { told: false }).then(|| {
            self.state = State::ClosedByPeer { told: true };
            Event::ClosedByPeer
        })
    }

    /// Says goodbye, if there is anybody to say it to.
    pub(crate) fn close(&mut self) {
        if self.state == State::Connected {
            // An error: it can't be sent any more.
            let _ = self.stream.shutdown();
            self.collect();
        }
        self.state = State::Closed;
    }

    /// Goes on with the handshake, as far as what came allows.
    fn shake_hands(&mut self) -> Result<(), HandshakeFailed> {
        let Err(error) = self.stream.accept() else {
            self.shaken = Some(self.shaken().inspect_err(|_| self.state = State::Failed)?);
            self.state = State::Connected;
            return Ok(());
        };
        if error.code() == ErrorCode::WANT_READ {
            return Ok(());
        }
        self.state = State::Failed;
        Err(HandshakeFailed)
    }

    /// The handshake is through: whose certificate it is, and SRTP's keys (RFC 5764 §4.2).
    fn shaken(&self) -> Result<Box<Shaken>, HandshakeFailed> {
        let ssl = self.stream.ssl();
        let certificate = ssl.peer_certificate().ok_or(HandshakeFailed)?;
        let digest = certificate.digest(MessageDigest::sha256()).map_err(|_| HandshakeFailed)?;
        let profile = match ssl.selected_srtp_profile().ok_or(HandshakeFailed)?.id() {
            SrtpProfileId::SRTP_AEAD_AES_256_GCM => Profile::AeadAes256Gcm,
            SrtpProfileId::SRTP_AEAD_AES_128_GCM => Profile::AeadAes128Gcm,
            SrtpProfileId::SRTP_AES128_CM_SHA1_80 => Profile::Aes128CmSha1_80,
            _ => return Err(HandshakeFailed),
        };
        let (key, salt) = (profile.key_bytes(), profile.salt_bytes());
        let mut material = vec![0; 2 * (key + salt)];
        ssl.export_keying_material(&mut material, EXPORTER_LABEL, None)
            .map_err(|_| HandshakeFailed)?;
        let (keys, salts) = material.split_at(2 * key);
        let (their_key, our_key) = keys.split_at(key);
        let (their_salt, our_salt) = salts.split_at(salt);
        let keys = |key, salt| Keys::new(profile, key, salt).map_err(|_| HandshakeFailed);
        Ok(Box::new(Shaken {
            fingerprint: Fingerprint(digest.to_vec()),
            ours: keys(our_key, our_salt)?,
            theirs: keys(their_key, their_salt)?,
        }))
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
