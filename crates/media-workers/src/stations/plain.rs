//! Plain stations on their worker: datagrams of their own sockets, and what the peers' SIP side asks for.

use std::time::Instant;

use call_engine::RtpPacket;
use interaction::{StationEnd, StationId, StationState};
use rtc_station::{Dropped, RtpIn};
use rtp_station::{CloseReason, Digit, Output, Station};

use super::{StationNews, Stations};
use crate::StationError;
use crate::link::Destination;
use crate::plain::Plain;
use crate::station_slot::Kind;

/// Datagrams that are taken from one socket before the others have their turn: a telephone sends one in 20 ms.
const DATAGRAMS_PER_TURN: usize = 16;

impl Stations {
    /// Takes a fresh plain station in.
    pub fn add_plain(
        &mut self,
        now: Instant,
        id: StationId,
        mut plain: Plain,
    ) -> Result<(), StationError> {
        if self.slots.len() >= self.config.stations_max {
            return Err(StationError::Full);
        }
        // Only a want of memory in the kernel keeps a socket out of the poll.
        self.plain.register(id, &mut plain).map_err(|_| StationError::Overloaded)?;
        self.add_kind(now, id, Kind::Plain(Box::new(plain)))
    }

    /// The peer's answer to our offer.
    pub fn answer_plain(
        &mut self,
        now: Instant,
        id: StationId,
        answer: &str,
    ) -> Result<(), StationError> {
        self.with_plain(now, id, |station| {
            station.handle_answer(now, answer).map_err(StationError::Plain)
        })
    }

    /// The peer's new offer and our answer, or our offer if it has none.
    pub fn reoffer_plain(
        &mut self,
        now: Instant,
        id: StationId,
        offer: Option<&str>,
    ) -> Result<String, StationError> {
        self.with_plain(now, id, |station| {
            let sdp = match offer {
                Some(offer) => station.handle_offer(now, offer),
                None => station.handle_offer_request(),
            };
            sdp.map_err(StationError::Plain)
        })
    }

    /// Presses a key at the peer's.
    pub fn send_digit(
        &mut self,
        now: Instant,
        id: StationId,
        digit: Digit,
    ) -> Result<(), StationError> {
        self.with_plain(now, id, |station| {
            station.send_digit(now, digit).map_err(StationError::Digit)
        })
    }

    /// Whether there is a plain station, and so more than the worker's own socket.
    pub fn has_plain(&self) -> bool {
        !self.plain.is_empty()
    }

    /// A socket has something to read.
    pub fn plain_ready(&mut self, token: usize) {
        if self.plain.find(token).is_some() && !self.plain.ready.contains(&token) {
            self.plain.ready.push(token);
        }
    }

    /// Reads what came to the sockets that are ready, each in its turn; `true`: there may be more.
    pub fn take_plain(&mut self, now: Instant, buffer: &mut [u8]) -> bool {
        let ready = std::mem::take(&mut self.plain.ready);
        for token in ready {
            let mut taken = 0;
            while taken < DATAGRAMS_PER_TURN && self.take_plain_datagram(now, token, buffer) {
                taken += 1;
            }
            if taken == DATAGRAMS_PER_TURN && self.plain.find(token).is_some() {
                self.plain.ready.push(token);
            }
        }
        !self.plain.ready.is_empty()
    }

    /// Takes one datagram of a socket; `false`: there was none.
    fn take_plain_datagram(&mut self, now: Instant, token: usize, buffer: &mut [u8]) -> bool {
        let Some((id, channel)) = self.plain.find(token) else { return false };
        let Some(slot) = self.slots.get_mut(&id) else { return false };
        let Kind::Plain(plain) = &mut slot.kind else { return false };
        let Some((length, from)) = plain.receive(channel, buffer) else { return false };
        self.counters.datagrams_in += 1;
        match plain.station.handle_datagram(now, channel, from, &buffer[..length]) {
            Ok(_) => {}
            Err(Dropped::UncheckedSource) => self.counters.unknown_source += 1,
            Err(Dropped::TooMany) => self.counters.limited += 1,
            Err(_) => self.counters.rejected += 1,
        }
        self.drain_plain(now, id);
        true
    }

    /// Carries out what a plain station wants done.
    pub(super) fn drain_plain(&mut self, now: Instant, id: StationId) {
        loop {
            let Some(slot) = self.slots.get_mut(&id) else { return };
            let Kind::Plain(plain) = &mut slot.kind else { return };
            match plain.station.poll_output() {
                Output::Transmit { channel, to, bytes } => {
                    plain.transmit(channel, to, &bytes);
                    self.counters.datagrams_out += 1;
                }
                Output::Rtp(packet) => self.hand_to_call(id, rtp_packet(&packet)),
                Output::Digit(digit) => self.news.push(StationNews::Digit { station: id, digit }),
                Output::Held(held) => self.news.push(StationNews::Held { station: id, held }),
                Output::Connected => {
                    let state = StationState::Connected(None);
                    slot.state = state;
                    self.news.push(StationNews::Changed { station: id, state });
                }
                Output::Closed(reason) => {
                    tracing::debug!(station = %id, ?reason, "plain station closed");
                    let (call, end) = (slot.call.take(), end(reason));
                    self.news.push(StationNews::Closed { station: id, call, end });
                }
                Output::Wait(at) => {
                    slot.wake_at = at.max(now);
                    return;
                }
                Output::Done => return self.forget(id),
            }
        }
    }

    /// Lets a station's packet wait for the call that it is on, here or on another worker.
    fn hand_to_call(&mut self, id: StationId, packet: RtpPacket<'_>) {
        let Some(call) = self.slots.get(&id).and_then(|slot| slot.call) else { return };
        let owner = crate::outbox::worker_of(call.0, self.links.len());
        let to = Destination::Call { call, station: id };
        let sent = match &mut self.links[owner] {
            Some(link) => link.send(to, packet),
            None => self.arrivals.0.send(to, packet),
        };
        self.counters.link_full += u64::from(!sent);
    }

    fn with_plain<T>(
        &mut self,
        now: Instant,
        id: StationId,
        work: impl FnOnce(&mut Station) -> Result<T, StationError>,
    ) -> Result<T, StationError> {
        let slot = self.slots.get_mut(&id).ok_or(StationError::NoSuchStation)?;
        let Kind::Plain(plain) = &mut slot.kind else { return Err(StationError::OtherKind) };
        let result = work(&mut plain.station);
        self.drain_plain(now, id);
        result
    }
}

/// A packet as a call takes it.
pub(crate) fn rtp_packet(packet: &RtpIn) -> RtpPacket<'_> {
    RtpPacket {
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        marker: packet.marker,
        payload: &packet.payload,
        level_dbov: packet.audio_level_dbov.map(i8::unsigned_abs),
        is_restored: false,
    }
}

/// Why a plain station ended, in the words of those who are told.
fn end(reason: CloseReason) -> StationEnd {
    match reason {
        CloseReason::Requested => StationEnd::Closed,
        CloseReason::MediaTimeout => StationEnd::Lost,
    }
}
