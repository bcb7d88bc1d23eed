//! The stations of one worker and everything on the way between the socket and a call: demux,
//! decryption, links to other workers.

use std::net::SocketAddr;
use std::time::Instant;

use call_engine::{RtpPacket, RtpPosition, Track, TrackPositions};
use interaction::{CallId, StationEnd, StationId, StationState};
use mio::Registry;
use mio::net::UdpSocket;
use rand::RngExt;
use rtc_station::demux::{Class, classify, stun_username_local_ufrag};
use rtc_station::{Accepted, CloseReason, Dropped, IfMatch, Output, Received, RtpOut, Station};
use rtp_station::Digit;

use crate::batch::{Count, Inbound, Outbound};
use crate::counters::Counters;
use crate::link::{self, Destination, Link, Parcel, Payload, Receiver, Sender};
use crate::mailbox::Liveness;
use crate::plain::PlainSet;
use crate::station_slot::{Kind, StationSlot};
use crate::table::Table;
use crate::{CommandError, MediaConfig, Patched, StationError};

/// What happened to stations and is yet to be told.
#[derive(Debug)]
pub(crate) enum StationNews {
    Changed { station: StationId, state: StationState },
    Closed { station: StationId, call: Option<CallId>, end: StationEnd },
    Liveness { station: StationId, call: CallId, liveness: Liveness },
    Reception { station: StationId, call: CallId, lost: f32 },
    Digit { station: StationId, digit: Digit },
    Held { station: StationId, held: bool },
}

/// An RTP packet of a station's, open in the datagram that it came in, for a call of this worker.
pub(crate) struct Arrival {
    pub call: CallId,
    pub station: StationId,
    packet: Received,
}

impl Arrival {
    /// The packet, which is in `datagram`, after the lost ones that it brings.
    pub fn packets<'a>(&self, datagram: &'a [u8]) -> impl Iterator<Item = RtpPacket<'a>> {
        let Received { sequence, timestamp, marker, audio_level_dbov, .. } = self.packet;
        let level_dbov = audio_level_dbov.map(i8::unsigned_abs);
        let payload = &datagram[self.packet.payload.clone()];
        let is_restored = false;
        let own = RtpPacket { sequence, timestamp, marker, level_dbov, is_restored, payload };
        let restored = self.packet.restored.iter().flatten().map(|it| RtpPacket {
            sequence: it.sequence,
            timestamp: it.timestamp,
            marker: false,
            // What the client stated of it went with it.
            level_dbov: None,
            is_restored: true,
            payload: &datagram[it.payload.clone()],
        });
        restored.chain([own])
    }
}

/// The stations of one worker.
pub(crate) struct Stations {
    config: MediaConfig,
    socket: UdpSocket,
    reached_at: SocketAddr,
    links: Vec<Option<Link>>,
    slots: Table<StationId, StationSlot>,
    by_address: Table<SocketAddr, StationId>,
    by_ufrag: Table<String, StationId>,
    plain: PlainSet,
    /// From plain stations to calls of this worker.
    arrivals: (Sender, Receiver),
    /// What goes out with the next call.
    outbound: Outbound,
    /// Those whose time has come; empty but while they are called.
    due: Vec<StationId>,
    pub news: Vec<StationNews>,
    pub counters: Counters,
}

impl Stations {
    pub fn new(
        config: MediaConfig,
        socket: UdpSocket,
        reached_at: SocketAddr,
        links: Vec<Option<Link>>,
        registry: Registry,
    ) -> Self {
        Self {
            config,
            socket,
            reached_at,
            links,
            slots: Table::default(),
            by_address: Table::default(),
            by_ufrag: Table::default(),
            plain: PlainSet::new(registry),
            arrivals: link::ring(),
            outbound: Outbound::new(),
            due: Vec::new(),
            news: Vec::new(),
            counters: Counters::default(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Takes datagrams from the worker's own socket.
    pub fn receive(&self, inbound: &mut Inbound) -> Count {
        inbound.receive(&self.socket)
    }

    /// Takes one datagram: finds its station and lets it decide. A packet for a call of this worker is left to the
    /// caller; it lies open in `datagram`.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        datagram: &mut [u8],
    ) -> Option<Arrival> {
        self.counters.datagrams_in += 1;
        let named = match classify(datagram) {
            Class::Stun => {
                stun_username_local_ufrag(datagram).and_then(|ufrag| self.by_ufrag.get(ufrag))
            }
            Class::Dtls | Class::Rtp | Class::Rtcp | Class::Unknown => None,
        };
        let Some(id) = named.or_else(|| self.by_address.get(&from)).copied() else {
            self.counters.unknown_source += 1;
            return None;
        };
        // What is found by its address is the holder's.
        if named.is_some() && self.is_held_by_another(now, from, id) {
            self.counters.address_held += 1;
            return None;
        }
        let slot = self.slots.get_mut(&id)?;
        // Only these have addresses and fragments.
        let Kind::Rtc(station) = &mut slot.kind else { return None };
        let call = slot.call;
        match station.handle_datagram(now, from, self.reached_at, datagram) {
            // It would say one thing to telephones and another to everybody else.
            Ok(Accepted::Rtp(packet)) if pretends(&packet, datagram) => self.counters.rejected += 1,
            Ok(Accepted::Rtp(packet)) => {
                return self.received(Arrival { call: call?, station: id, packet }, datagram);
            }
            Ok(Accepted::Check) => {
                if self.by_address.insert(from, id) != Some(id) {
                    slot.addresses.push(from);
                }
            }
            Ok(Accepted::Answer | Accepted::Dtls | Accepted::Rtcp) => {}
            Err(Dropped::TooMany) => self.counters.limited += 1,
            Err(_) => self.counters.rejected += 1,
        }
        self.drain(now, id);
        None
    }

    /// Brings a packet on its way to the call that its station is on: here or on another worker.
    fn received(&mut self, arrival: Arrival, datagram: &[u8]) -> Option<Arrival> {
        let Arrival { call, station, .. } = arrival;
        let owner = crate::outbox::worker_of(call.0, self.links.len());
        let Some(link) = &mut self.links[owner] else { return Some(arrival) };
        for packet in arrival.packets(datagram) {
            let sent = link.send(Destination::Call { call, station }, packet);
            self.counters.link_full += u64::from(!sent);
        }
        None
    }

    /// Whether an address belongs to another station than `id`: to the first that is alive there.
    /// Otherwise whoever forges the source of one check would take another's packets away.
    fn is_held_by_another(&self, now: Instant, address: SocketAddr, id: StationId) -> bool {
        let holder = self.by_address.get(&address).filter(|holder| **holder != id);
        let holder = holder.and_then(|holder| self.slots.get(holder));
        holder.is_some_and(|slot| slot.kind.holds(address, now))
    }

    /// Sends one packet to a station, here or on another worker, on one of its tracks.
    pub fn deliver(&mut self, now: Instant, station: StationId, track: Track, packet: RtpOut<'_>) {
        let owner = crate::outbox::worker_of(station.0, self.links.len());
        if let Some(link) = &mut self.links[owner] {
            let sent = link.send(Destination::Station { station, track }, link::outgoing(packet));
            self.counters.link_full += u64::from(!sent);
        } else if let Some(slot) = self.slots.get_mut(&station) {
            if let Some(to) = slot.send(now, track, packet, self.outbound.spare()) {
                self.counters.unsent += self.outbound.push(to, &self.socket);
                self.counters.datagrams_out += 1;
            }
            if matches!(slot.kind, Kind::Plain(_)) {
                self.drain_plain(now, station);
            }
        }
    }

    /// Sends the datagrams that wait for a call to go with.
    pub fn send(&mut self) {
        self.counters.unsent += self.outbound.send(&self.socket);
    }

    /// The next packet that other workers or plain stations have sent; its payload is in `payload` then.
    pub fn next_parcel(&mut self, payload: &mut Payload) -> Option<Parcel> {
        let links = self.links.iter_mut().flatten();
        let mut parcel = links.map(|link| &mut link.receiver).find_map(|it| it.receive(payload));
        if parcel.is_none() {
            parcel = self.arrivals.1.receive(payload);
        }
        parcel
    }

    /// Wakes the workers to whom something was sent.
    pub fn announce(&mut self) {
        self.links.iter_mut().flatten().for_each(Link::announce);
    }

    /// Calls the stations whose time has come.
    pub fn handle_timeouts(&mut self, now: Instant) {
        let mut due = std::mem::take(&mut self.due);
        due.extend(self.slots.iter().filter(|(_, slot)| slot.wake_at <= now).map(|(id, _)| *id));
        for id in due.drain(..) {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.kind.handle_timeout(now);
            }
            self.drain(now, id);
        }
        self.due = due;
    }

    /// Looks which stations on calls have become quiet or came back, how what they were sent arrives, and what is wrong with
    /// media.
    pub fn sweep(&mut self, now: Instant) {
        for (id, slot) in &mut self.slots {
            if let Some(call) = slot.call
                && let Some(liveness) = slot.liveness_change(now)
            {
                self.news.push(StationNews::Liveness { station: *id, call, liveness });
            }
            if let Some(call) = slot.call
                && let Some(lost) = slot.reception_change()
            {
                self.news.push(StationNews::Reception { station: *id, call, lost });
            }
            if let Some(state) = slot.state_change(now) {
                self.news.push(StationNews::Changed { station: *id, state });
            }
        }
    }

    /// Whether the call that a station is on waits for its packets.
    pub fn set_awaited(&mut self, now: Instant, id: StationId, call: CallId, awaited: bool) {
        if let Some(slot) = self.slots.get_mut(&id)
            && slot.call == Some(call)
        {
            slot.kind.set_awaited(now, awaited);
        }
    }

    /// Takes a fresh station in.
    pub fn add(
        &mut self,
        now: Instant,
        id: StationId,
        station: Station,
    ) -> Result<(), StationError> {
        self.by_ufrag.insert(station.ice_ufrag().to_owned(), id);
        let added = self.add_kind(now, id, Kind::Rtc(Box::new(station)));
        added.inspect_err(|_| self.by_ufrag.retain(|_, it| *it != id))
    }

    fn add_kind(&mut self, now: Instant, id: StationId, kind: Kind) -> Result<(), StationError> {
        if self.slots.len() >= self.config.stations_max {
            return Err(StationError::Full);
        }
        let mut random = rand::rng();
        // RFC 3550 §5.1: both begin at random; the sequence low enough not to wrap at once.
        let begin = || RtpPosition::start(random.random_range(0..0x4000), random.random(), now);
        self.slots.insert(id, StationSlot::new(kind, now, begin));
        self.drain(now, id);
        Ok(())
    }

    pub fn patch(
        &mut self,
        now: Instant,
        id: StationId,
        fragment: &str,
        if_match: Option<&IfMatch>,
    ) -> Result<Patched, StationError> {
        let slot = self.slots.get_mut(&id).ok_or(StationError::NoSuchStation)?;
        let Kind::Rtc(station) = &mut slot.kind else { return Err(StationError::OtherKind) };
        let fragment =
            station.handle_patch(fragment, if_match, now).map_err(StationError::Patch)?;
        let entity_tag = station.entity_tag().to_owned();
        let ufrag = station.ice_ufrag().to_owned();
        if ufrag != slot.ufrag {
            self.by_ufrag.remove(&slot.ufrag);
            self.by_ufrag.insert(ufrag.clone(), id);
            slot.ufrag = ufrag;
        }
        self.drain(now, id);
        Ok(Patched { fragment, entity_tag })
    }

    pub fn close(&mut self, now: Instant, id: StationId) -> Result<(), StationError> {
        let slot = self.slots.get_mut(&id).ok_or(StationError::NoSuchStation)?;
        slot.kind.close(now);
        self.drain(now, id);
        Ok(())
    }

    pub fn close_all(&mut self, now: Instant) {
        let ids: Vec<StationId> = self.slots.keys().copied().collect();
        for id in ids {
            let _ = self.close(now, id);
        }
    }

    /// Takes a station for a call; says where the outgoing RTP of its tracks stands.
    pub fn reserve(&mut self, id: StationId, call: CallId) -> Result<TrackPositions, CommandError> {
        let slot = self.slots.get_mut(&id).ok_or(CommandError::NoSuchStation)?;
        if slot.call.is_some() {
            return Err(CommandError::StationBusy);
        }
        slot.call = Some(call);
        slot.liveness = Liveness::Alive;
        slot.reception = None;
        Ok(slot.positions())
    }

    /// Gives a station back, if it is still this call's.
    pub fn release(&mut self, now: Instant, id: StationId, call: CallId) {
        if let Some(slot) = self.slots.get_mut(&id)
            && slot.call == Some(call)
        {
            slot.call = None;
            slot.kind.set_awaited(now, false);
        }
    }

    /// Carries out what a station wants done.
    fn drain(&mut self, now: Instant, id: StationId) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let Kind::Rtc(station) = &mut slot.kind else { return self.drain_plain(now, id) };
        loop {
            match station.poll_output() {
                Output::Transmit { to, bytes, .. } => {
                    self.outbound.spare().clone_from(&bytes);
                    self.counters.unsent += self.outbound.push(to, &self.socket);
                    self.counters.datagrams_out += 1;
                }
                Output::Connected => {
                    let state = StationState::Connected(None);
                    slot.state = state;
                    self.news.push(StationNews::Changed { station: id, state });
                }
                Output::AddressChanged { .. } => {}
                Output::Closed(reason) => {
                    tell_of_failure(id, reason);
                    let (call, end) = (slot.call.take(), end(reason));
                    self.news.push(StationNews::Closed { station: id, call, end });
                }
                Output::Wait(at) => {
                    slot.wake_at = at.max(now);
                    return;
                }
                Output::Done => {
                    self.forget(id);
                    return;
                }
            }
        }
    }

    fn forget(&mut self, id: StationId) {
        let Some(slot) = self.slots.remove(&id) else { return };
        if let Kind::Plain(plain) = &slot.kind {
            self.plain.forget(plain);
        }
        self.by_ufrag.remove(&slot.ufrag);
        for address in slot.addresses {
            if self.by_address.get(&address) == Some(&id) {
                self.by_address.remove(&address);
            }
        }
    }
}

/// Whether a WebRTC client's packet pretends to have a telephone's own bytes beside it.
fn pretends(packet: &Received, datagram: &[u8]) -> bool {
    let restored = packet.restored.iter().flatten().map(|it| &it.payload);
    let mut all = restored.chain([&packet.payload]);
    all.any(|payload| rtp_station::claims_original(&datagram[payload.clone()]))
}

/// Why a station ended, in the words of those who are told.
fn end(reason: CloseReason) -> StationEnd {
    match reason {
        CloseReason::ConsentExpired => StationEnd::Lost,
        CloseReason::NoIce => StationEnd::NoIce,
        CloseReason::NoDtls => StationEnd::NoDtls,
        CloseReason::ByPeer => StationEnd::ByClient,
        CloseReason::Requested => StationEnd::Closed,
        CloseReason::HandshakeFailed => StationEnd::DtlsFailed,
        CloseReason::WrongCertificate => StationEnd::WrongCertificate,
    }
}

/// Media that never came up are the operator's matter, too: a firewall, most often.
fn tell_of_failure(station: StationId, reason: CloseReason) {
    let why = match reason {
        CloseReason::NoIce => "no ICE check of the client's came: is UDP open on the media ports?",
        CloseReason::NoDtls => "ICE was up, but the client never finished the DTLS handshake",
        CloseReason::HandshakeFailed => "the DTLS handshake failed",
        CloseReason::WrongCertificate => "the client's certificate is not the one that it offered",
        CloseReason::ConsentExpired | CloseReason::ByPeer | CloseReason::Requested => {
            return tracing::debug!(%station, ?reason, "station closed");
        }
    };
    tracing::info!(%station, why, "a station's media never came up");
}

pub(crate) mod plain;
#[cfg(test)]
mod tests;
