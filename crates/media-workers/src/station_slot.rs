//! A station on its worker: where it stands, which call it is on, when it wants to be called.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use call_engine::{OPUS_PACKET_BYTES_MAX, RtpPosition, TRACKS_MAX, Track, TrackPositions};
use interaction::{CallId, MediaFault, StationState};
use rtc_station::{Fault, RtpOut, SendError, Station};
use rtp_station::opus_alone;

use crate::mailbox::Liveness;
use crate::plain::Plain;

/// A station whose client gave no sign for this long is called quiet. Browsers check the path
/// every 2.5 s, so one lost check is no silence; with the sweep's period it stays within 5 s.
const QUIET_AFTER: Duration = Duration::from_millis(4_200);

/// Which of the two kinds a station is.
pub(crate) enum Kind {
    /// A browser's or another WebRTC client's, on the worker's socket.
    Rtc(Box<Station>),
    /// One of the telephone network, on sockets of its own.
    Plain(Box<Plain>),
}

pub(crate) struct StationSlot {
    pub kind: Kind,
    /// The call that the station carries a leg of.
    pub call: Option<CallId>,
    /// Where the outgoing RTP of each track stands; those that it does not have are not used.
    positions: [RtpPosition; TRACKS_MAX],
    /// When the station wants to be called next.
    pub wake_at: Instant,
    /// Source addresses that lead to this station.
    pub addresses: Vec<SocketAddr>,
    /// The user fragment under which checks for it arrive.
    pub ufrag: String,
    /// What the call was last told.
    pub liveness: Liveness,
    /// The loss of what it was sent, as its call was last told: a share, 0 to 1.
    pub reception: Option<f32>,
    /// What the rest of the server was last told.
    pub state: StationState,
}

impl StationSlot {
    /// A fresh station; the outgoing RTP of each track begins where `begin` says, at random.
    pub fn new(kind: Kind, now: Instant, mut begin: impl FnMut() -> RtpPosition) -> Self {
        Self {
            ufrag: kind.ice_ufrag().to_owned(),
            kind,
            call: None,
            positions: std::array::from_fn(|_| begin()),
            wake_at: now,
            addresses: Vec::new(),
            liveness: Liveness::Alive,
            reception: None,
            state: StationState::Connecting,
        }
    }

    /// Sends one packet; says where the datagram goes that is now in `datagram`. A plain station has it among its
    /// outputs instead. Before the handshake is through there is nobody to send to: the packet is lost.
    pub fn send(
        &mut self,
        now: Instant,
        track: Track,
        packet: RtpOut<'_>,
        datagram: &mut Vec<u8>,
    ) -> Option<SocketAddr> {
        let sent = self.kind.send_rtp(now, track, packet, datagram);
        let position = &mut self.positions[track.index()];
        // What is held back has used its number up.
        let is_numbered = matches!(sent, Ok(_) | Err(SendError::HeldBack));
        if is_numbered && (packet.sequence.wrapping_sub(position.sequence) as i16) > 0 {
            let RtpOut { sequence, timestamp, payload, .. } = packet;
            *position = RtpPosition::after(sequence, timestamp, payload, now);
        }
        sent.ok().flatten()
    }

    /// Where the outgoing RTP of the station's tracks stands. One that receives nothing has one, too, on
    /// which nothing is sent.
    pub fn positions(&self) -> TrackPositions {
        let count = self.kind.tracks().clamp(1, TRACKS_MAX);
        let positions = TrackPositions::new(&self.positions[..count]);
        positions.expect("there is at least one")
    }

    /// How the station's media stand, if it is otherwise than was told; from now on it is told.
    pub fn state_change(&mut self, now: Instant) -> Option<StationState> {
        if !self.kind.is_connected() {
            return None;
        }
        let state = StationState::Connected(self.kind.fault(now).map(media_fault));
        (std::mem::replace(&mut self.state, state) != state).then_some(state)
    }

    /// What its client last reported to be lost of what it was sent, if it is otherwise than its call was told; from now on it
    /// is told.
    pub fn reception_change(&mut self) -> Option<f32> {
        let lost = self.kind.loss_out();
        (std::mem::replace(&mut self.reception, lost) != lost).then_some(lost).flatten()
    }

    /// The station's liveness, if it is another than its call was told; from now on it is told.
    pub fn liveness_change(&mut self, now: Instant) -> Option<Liveness> {
        let liveness = if self.kind.is_quiet(now) { Liveness::Quiet } else { Liveness::Alive };
        (std::mem::replace(&mut self.liveness, liveness) != liveness).then_some(liveness)
    }
}

impl Kind {
    /// The user fragment under which checks for it arrive; empty: none do.
    fn ice_ufrag(&self) -> &str {
        match self {
            Self::Rtc(station) => station.ice_ufrag(),
            Self::Plain(_) => "",
        }
    }

    fn is_connected(&self) -> bool {
        match self {
            Self::Rtc(station) => station.is_connected(),
            Self::Plain(plain) => plain.station.is_connected(),
        }
    }

    fn fault(&self, now: Instant) -> Option<Fault> {
        match self {
            Self::Rtc(station) => station.fault(now),
            Self::Plain(plain) => plain.station.fault(now),
        }
    }

    fn is_quiet(&self, now: Instant) -> bool {
        match self {
            Self::Rtc(station) => {
                now.saturating_duration_since(station.last_received_at()) > QUIET_AFTER
            }
            Self::Plain(plain) => plain.station.is_quiet(now),
        }
    }

    /// The share of what it was sent that its client last reported lost; `None`: no report yet.
    fn loss_out(&self) -> Option<f32> {
        match self {
            Self::Rtc(station) => station.stats().loss_out,
            Self::Plain(plain) => plain.station.stats().loss_out,
        }
    }

    /// Whether an address is this station's alone.
    pub fn holds(&self, address: SocketAddr, now: Instant) -> bool {
        match self {
            Self::Rtc(station) => station.holds(address, now),
            Self::Plain(_) => false,
        }
    }

    /// Whether its client's packets are waited for.
    pub fn set_awaited(&mut self, now: Instant, awaited: bool) {
        match self {
            Self::Rtc(station) => station.set_awaited(now, awaited),
            Self::Plain(plain) => plain.station.set_awaited(now, awaited),
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Rtc(station) => station.handle_timeout(now),
            Self::Plain(plain) => plain.station.handle_timeout(now),
        }
    }

    pub fn close(&mut self, now: Instant) {
        match self {
            Self::Rtc(station) => station.close(now),
            Self::Plain(plain) => plain.station.close(now),
        }
    }

    /// Tracks that its client receives.
    fn tracks(&self) -> usize {
        match self {
            Self::Rtc(station) => station.tracks(),
            Self::Plain(_) => 1,
        }
    }

    /// Writes a packet into `datagram` and says where it goes; `None`: a plain station sends it by itself.
    fn send_rtp(
        &mut self,
        now: Instant,
        track: Track,
        packet: RtpOut<'_>,
        datagram: &mut Vec<u8>,
    ) -> Result<Option<SocketAddr>, SendError> {
        match self {
            Self::Rtc(station) => {
                let mut room = [0; OPUS_PACKET_BYTES_MAX];
                let packet = RtpOut { payload: opus_alone(packet.payload, &mut room), ..packet };
                station.send_rtp_on(track.index(), now, packet, datagram).map(Some)
            }
            Self::Plain(_) if track != Track::FIRST => {
                Err(SendError::NoSuchTrack { track: track.index() })
            }
            Self::Plain(plain) => plain.station.send_rtp(now, packet).map(|()| None),
        }
    }
}

/// What is wrong, in the words of those who are told.
fn media_fault(fault: Fault) -> MediaFault {
    match fault {
        Fault::WrongPayloadType => MediaFault::WrongPayloadType,
        Fault::WrongSource => MediaFault::WrongSource,
        Fault::NothingReceived => MediaFault::NothingReceived,
        Fault::NothingArrives => MediaFault::NothingArrives,
        Fault::DigitalSilence => MediaFault::DigitalSilence,
        Fault::Clipping => MediaFault::Clipping,
    }
}
