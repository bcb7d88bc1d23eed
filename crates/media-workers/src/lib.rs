//! The media workers: each with one UDP socket, its stations and its calls. A plain station has two sockets of its
//! own. There are as many threads as workers; while there is little to do, one of them drives all workers
//! (`crew`).
//!
//! [`Media`] is the handle that the rest of the server holds. A station lives on one worker and a
//! call on one worker, both told by their ids; a station whose call is elsewhere hands RTP over
//! through a bounded [`link`]. Nothing here is shared and nothing is locked: a worker is told what
//! to do through its mailbox and says what happened in [`MediaEvent`]s.
//!
//! A command is answered, and what it changed is told, a slot after the tick that puts it in force: always, so that no
//! answer says by when it comes who else is on the call, or how much there was to mix for them.
//!
//! It deliberately knows no users, no rights, no queues, no HTTP and no database.

mod alarm;
mod batch;
mod bell;
mod call_slot;
mod calls;
mod counters;
mod crew;
mod link;
mod mailbox;
mod media;
mod outbox;
mod overload;
mod plain;
mod socket;
mod station_slot;
mod stations;
mod table;
mod thread;
mod worker;

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use call_engine::CallConfig;
use interaction::{
    Applied, CallId, CallState, Event, LegId, LegSound, Refusal, StationEnd, StationId,
    StationState,
};

pub use media::Media;
pub use rtc_station::{IfMatch, OfferError, PatchError};
pub use rtp_station::{Digit, DigitError, PlainCodec, PlainConfig, SdpError, Srtp};

/// What the media workers need to know before they start.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Address of the first worker's socket; the next workers take the ports after it. Port 0:
    /// each worker gets a free one.
    pub bind: SocketAddr,
    /// Address that clients reach the sockets at, when it is not the one bound to.
    pub public_address: Option<IpAddr>,
    /// Worker threads, at least 1.
    pub workers: usize,
    /// Silence after which a station is gone (RFC 7675: 30 s).
    pub consent_timeout: Duration,
    /// Stations that one worker carries at most.
    pub stations_max: usize,
    /// Calls that one worker carries at most.
    pub calls_max: usize,
    /// Codec, mixer and playout of every call.
    pub call: CallConfig,
    /// Where plain stations are reached; `None`: there are none.
    pub plain: Option<PlainPorts>,
}

/// How the mixes of one call are encoded. Within libopus's limits: whoever gives it has checked it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixCodec {
    /// Opus bitrate, bit/s.
    pub bitrate_bps: u32,
    /// Opus complexity, 0 to 10.
    pub complexity: u8,
}

/// The UDP ports of plain stations: each has an even one for RTP and the one after it for RTCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainPorts {
    /// Address that the sockets are bound to.
    pub bind: IpAddr,
    /// Address that peers reach them at, when it is not the one bound to.
    pub public_address: Option<IpAddr>,
    /// The ports.
    pub ports: RangeInclusive<u16>,
}

/// What the workers tell the rest of the server, in order for each call.
#[derive(Clone, Debug)]
pub enum MediaEvent {
    /// A call changed, by a command or by itself. What it took away is silent by now.
    CallChanged {
        /// The call as it is now.
        state: Arc<CallState>,
        /// What happened.
        events: Vec<Event>,
    },
    /// A party's leg has left, or is about to be told of as such: how its sound had come.
    LegMeasured {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// From its joining on.
        sound: LegSound,
    },
    /// Levels, about ten times a second; lossy.
    Meters {
        /// The call.
        call: CallId,
        /// Leg, dBFS, speaking.
        levels: Vec<(LegId, i8, bool)>,
    },
    /// A station's media came up, or something became wrong with them, or right again.
    StationChanged {
        /// The station.
        station: StationId,
        /// How it is now.
        state: StationState,
    },
    /// A station is gone; its legs are dealt with.
    StationClosed {
        /// The station.
        station: StationId,
        /// Why.
        end: StationEnd,
    },
    /// The peer of a plain station pressed a key. Told once a key press.
    Dtmf {
        /// The station.
        station: StationId,
        /// The key.
        digit: Digit,
    },
    /// The peer of a plain station put us on hold, or took us back.
    StationHeld {
        /// The station.
        station: StationId,
        /// Whether it takes no sound of ours now.
        held: bool,
    },
    /// A bug in one call dropped that call, and no other.
    CallFailed(CallId),
}

/// The answer to an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// `application/sdp`.
    pub sdp: String,
    /// Names the ICE session (RFC 9725 §4.3.1), without quotes; empty for a plain station.
    pub entity_tag: String,
}

/// What a fragment did to a station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patched {
    /// The answer to an ICE restart, `application/trickle-ice-sdpfrag`.
    pub fragment: Option<String>,
    /// Names the ICE session that there is now, without quotes.
    pub entity_tag: String,
}

/// What a command did to a call.
#[derive(Clone, Debug)]
pub struct CommandReply {
    /// What happened.
    pub applied: Applied,
    /// The call as it was right after.
    pub state: Arc<CallState>,
}

/// Why a command did nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommandError {
    /// The call's rules forbid it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The call as it is.
        state: Arc<CallState>,
    },
    /// The call is not there, or no longer.
    #[error("there is no such call")]
    NoSuchCall,
    /// The station is not there, or no longer.
    #[error("there is no such station; set up a new one")]
    NoSuchStation,
    /// The station carries a leg already.
    #[error("the station is on a call already; leave that one first")]
    StationBusy,
    /// The worker has too much to do, or is stopping.
    #[error("the media workers are overloaded; try again in a moment")]
    Overloaded,
}

/// Why a station was not set up or changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StationError {
    /// The offer cannot be accepted.
    #[error("{0}")]
    Offer(rtc_station::OfferError),
    /// The trickle or restart fragment cannot be accepted.
    #[error("{0}")]
    Patch(rtc_station::PatchError),
    /// The station is not there, or no longer.
    #[error("there is no such station; set up a new one")]
    NoSuchStation,
    /// The configured tones or ramps are out of their limits.
    #[error("{0}")]
    Config(call_engine::ConfigError),
    /// The description of a plain station's peer cannot be agreed with.
    #[error("{0}")]
    Plain(SdpError),
    /// The key press cannot be sent.
    #[error("{0}")]
    Digit(DigitError),
    /// The station is of the other kind.
    #[error("the station is not one of this kind")]
    OtherKind,
    /// This server has no ports for plain stations.
    #[error("no UDP ports are configured for calls from the telephone network")]
    NoPlainPorts,
    /// Every port for plain stations is in use.
    #[error("every UDP port for calls from the telephone network is in use; widen the range")]
    PortsExhausted,
    /// A socket for a plain station cannot be opened, for another reason than that its port is in use.
    #[error("no UDP socket can be opened for a call from the telephone network: {0}")]
    NoSocket(Arc<std::io::Error>),
    /// The worker carries all the stations or calls that it may.
    #[error("the server carries as many connections as it may; try again later")]
    Full,
    /// The worker has too much to do, or is stopping.
    #[error("the media workers are overloaded; try again in a moment")]
    Overloaded,
}
