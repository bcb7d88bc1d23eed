//! How a station's media stand, as its owner and the control plane are told.

/// How far a station is: an answer to its offer is not yet a path for sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StationState {
    /// The offer is answered; ICE and DTLS are not up yet.
    #[default]
    Connecting,
    /// ICE and DTLS are up. What is wrong with the media all the same, if anything.
    Connected(Option<MediaFault>),
}

impl StationState {
    /// Whether packets can flow, so that the station can carry a call.
    pub fn is_connected(self) -> bool {
        matches!(self, Self::Connected(_))
    }
}

/// What is wrong with the media of a station that is connected. It ends when sound flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaFault {
    /// Packets come, but none with the payload type that was negotiated.
    WrongPayloadType,
    /// Packets come, but from no SSRC that can be taken for the client's track.
    WrongSource,
    /// The station is on a call and its client is to send, but no packet comes.
    NothingReceived,
    /// The client reports that it receives none of the packets that are sent to it.
    NothingArrives,
    /// The client is to be heard and sends nothing but zeros: its microphone is off.
    DigitalSilence,
    /// The client's microphone is too loud for its converter: what it sends is cut off at full scale.
    Clipping,
}

/// Why a station ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StationEnd {
    /// Its owner or the server closed it.
    Closed,
    /// The client ended the connection.
    ByClient,
    /// The client was connected and gave no sign for the consent timeout (RFC 7675).
    Lost,
    /// No connectivity check of the client's ever came: UDP does not get through.
    NoIce,
    /// ICE was up, but the client never finished a DTLS handshake.
    NoDtls,
    /// DTLS failed: the two have no parameters in common, or the client refused.
    DtlsFailed,
    /// The client's certificate is not the one whose fingerprint it offered.
    WrongCertificate,
}
