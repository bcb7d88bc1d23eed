//! What can go wrong with a station.

use std::time::Duration;

use webrtc::peer_connection::RTCPeerConnectionState;

/// Gathering host candidates asks nobody; longer than this is a fault.
pub(super) const GATHER_TIMEOUT: Duration = Duration::from_secs(5);

/// What is wrong with a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing has come for five seconds. An ICE restart may mend it.
    Silent,
    /// It was closed, here or by the server.
    Over,
}

/// Why there is no (longer a) station.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The WebRTC stack refused something, most often an answer it can't use.
    #[error("WebRTC: {0}")]
    WebRtc(#[from] webrtc::error::Error),
    /// The local candidates were not found in time.
    #[error("gathering candidates took longer than {GATHER_TIMEOUT:?}")]
    GatherTimeout,
    /// ICE or DTLS did not finish before [`StationConfig::connect_timeout`](super::StationConfig::connect_timeout).
    #[error("not connected within {0:?}")]
    ConnectTimeout(Duration),
    /// The connection went to this state instead of `connected`.
    #[error("the connection is {0}")]
    NotConnected(RTCPeerConnectionState),
    /// The server has closed the station.
    #[error("the server has closed the station")]
    Closed,
    /// The answer to an ICE restart holds no credentials.
    #[error("the server's fragment has no ICE credentials")]
    NoCredentials,
    /// The answer holds no Opus.
    #[error("the answer agrees to no Opus codec")]
    NoOpus,
    /// The answer names no UDP address, so no detour can be taken.
    #[error("the answer has no UDP candidate")]
    NoCandidate,
    /// The detour of [`StationConfig::via`](super::StationConfig::via) can't be taken.
    #[error("the detour: {0}")]
    Via(std::io::Error),
}
