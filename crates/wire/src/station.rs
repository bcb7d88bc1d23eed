//! Stations: how their media stand.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A station as its owner sees it. `201` says that the offer is answered; calls need `connected`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
pub struct StationView {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub state: StationState,
    /// What is wrong with the media of a connected station, as long as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fault: Option<MediaFault>,
}

/// How far a station is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum StationState {
    /// ICE and DTLS are not up yet.
    Connecting,
    /// Packets can flow.
    Connected,
}

/// What is wrong with the media of a connected station.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum MediaFault {
    /// Packets come, but none with the payload type that the answer names.
    WrongPayloadType,
    /// Packets come from several SSRCs, none of which can be taken for the track.
    WrongSource,
    /// The station is on a call, but nothing comes from the client.
    NothingReceived,
    /// The client reports that it receives none of the packets that are sent to it.
    NothingArrives,
    /// The client is to be heard and sends nothing but zeros: its microphone is off.
    DigitalSilence,
    /// The client's microphone is too loud: what it sends is cut off at full scale.
    Clipping,
}

/// Why a station ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum StationEnd {
    /// It was deleted, or the sign-in that opened it ended.
    Closed,
    /// The client ended the connection.
    ByClient,
    /// The client was connected and gave no sign for 30 s.
    Lost,
    /// No connectivity check came: the network lets no UDP through to the media ports.
    NoIce,
    /// ICE was up, but the DTLS handshake was never finished.
    NoDtls,
    /// The DTLS handshake failed.
    DtlsFailed,
    /// The client's certificate is none of those whose fingerprints it offered.
    WrongCertificate,
}
