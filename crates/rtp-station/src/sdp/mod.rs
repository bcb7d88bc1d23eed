//! Session descriptions: offers and answers (RFC 3264, RFC 4566) for one audio line.

mod parse;
mod session;
mod write;

pub(crate) use parse::Description;
pub use parse::{MEDIA_LINES_MAX, SDP_BYTES_MAX};
pub(crate) use session::{Keys, Session, Terms};
pub(crate) use write::{Writer, answer, offer};

/// Why a description cannot be agreed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SdpError {
    /// Over [`SDP_BYTES_MAX`].
    #[error("the SDP has more than {SDP_BYTES_MAX} bytes")]
    TooLong,
    /// It does not begin with `v=0`, or a media line cannot be read.
    #[error("this is no SDP")]
    NotSdp,
    /// Over [`MEDIA_LINES_MAX`].
    #[error("the SDP has more than {MEDIA_LINES_MAX} media lines")]
    TooManyMediaLines,
    /// No audio line with a port.
    #[error("the SDP offers no audio")]
    NoAudio,
    /// The audio line is neither plain RTP nor SRTP with keys in the SDP.
    #[error("the audio is neither RTP/AVP nor RTP/SAVP")]
    Protocol,
    /// The peer wants encryption, and the configuration forbids it.
    #[error("the peer insists on SRTP, which is switched off for it")]
    SrtpNotAllowed,
    /// The configuration demands encryption, and the peer offers none.
    #[error("SRTP is required of this peer, which offers plain RTP alone")]
    SrtpRequired,
    /// Encryption without a usable `a=crypto` line.
    #[error("the SDP has no a=crypto line with AES_CM_128_HMAC_SHA1_80 or _32 and a key")]
    NoKeys,
    /// No codec in common.
    #[error("the SDP offers none of the codecs that are allowed here")]
    NoCodec,
    /// No `c=` line.
    #[error("the SDP says nowhere where media are to be sent")]
    NoAddress,
    /// IPv6 here and IPv4 there, or the other way about.
    #[error("the SDP's address is of another family (IPv4, IPv6) than this server's")]
    AddressFamily,
    /// A multicast or broadcast address, or one of this machine's.
    #[error("media may not be sent to the SDP's address")]
    AddressNotAllowed,
    /// An answer came to no offer, or an offer while one of ours waits for its answer (RFC 3264 §4).
    #[error("this is not the time for that: offers and answers take turns")]
    OutOfTurn,
    /// The station has closed.
    #[error("the station has closed")]
    Closed,
}

/// Reads a description as an offer for the configuration that allows most; for fuzzing.
///
/// # Errors
/// [`SdpError`], as [`crate::Station::accept_offer`] has it.
pub fn check_description(text: &str) -> Result<(), SdpError> {
    let config = crate::PlainConfig::default();
    let local = std::net::SocketAddr::from(([192, 0, 2, 1], 10_000));
    let masters = [crate::crypto::Master([0; crate::crypto::MASTER_BYTES]); 2];
    let terms = Terms { config: &config, local, masters, current: None };
    let description = Description::parse(text)?;
    let (line, session) = Session::from_offer(&description, &terms)?;
    let answer = answer(&description, line, &session, &terms);
    let whole = Writer::new(1).write(local, answer);
    // What we write we can read.
    Description::parse(&whole).map(|_| ())
}

#[cfg(test)]
mod tests;
