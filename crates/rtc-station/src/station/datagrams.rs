//! What comes in and what goes out: datagrams to ICE, DTLS and the track, and from them.

use std::net::SocketAddr;
use std::time::Instant;

use is::Protocol;
use is::stun::{StunMessage, StunPacket};
use rand::Rng;

use super::{HELD_BACK_MAX, Station};
use crate::demux::{self, BindingRequest, Class};
use crate::dtls::{Event, Shaken};
use crate::ice::Path;
use crate::liveness::State;
use crate::probe;
use crate::types::{Accepted, CloseReason, Dropped, OUTPUTS_MAX, Output};

impl Station {
    /// Takes a datagram that came from the address `from` to our address `to`. A packet of sound is opened in place:
    /// [`Accepted::Rtp`] says where its payload is.
    ///
    /// # Errors
    /// [`Dropped`] says why it was not taken. A dropped datagram changes nothing.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &mut [u8],
    ) -> Result<Accepted, Dropped> {
        if self.liveness.state == State::Closed {
            return Err(Dropped::Closed);
        }
        if !self.ice.candidates.contains(&to) {
            return Err(Dropped::UnknownLocalAddress);
        }
        let path = Path { local: to, remote: from };
        let class = demux::classify(bytes);
        match class {
            Class::Unknown => return Err(Dropped::UnknownProtocol),
            Class::Rtp | Class::Rtcp | Class::Dtls if !self.ice.peers.is_valid(from, now) => {
                return Err(Dropped::UncheckedSource);
            }
            Class::Stun | Class::Rtp | Class::Rtcp | Class::Dtls => {}
        }
        if !self.inflow.admits(now, class, bytes.len()) {
            return Err(Dropped::TooMany);
        }
        self.ice.peers.received(from, bytes.len());
        self.send_handshake();
        match class {
            Class::Unknown => Err(Dropped::UnknownProtocol),
            Class::Stun => self.handle_stun(now, path, bytes),
            Class::Rtp => self.handle_rtp(now, path, bytes),
            Class::Dtls => self.handle_dtls(now, bytes),
            Class::Rtcp => {
                self.media.take_reports(now, bytes, &mut self.stats).map(|()| Accepted::Rtcp)
            }
        }
    }

    fn handle_stun(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<Accepted, Dropped> {
        let Some(transaction) = probe::answered(bytes) else {
            return self.handle_check(now, path, bytes);
        };
        let moved = self.ice.peers.answered(path.remote, transaction);
        if let Some(old) = moved.ok_or(Dropped::UnexpectedStun)? {
            self.push(Output::AddressChanged { from: old.remote, to: path.remote });
        }
        self.send_handshake();
        Ok(Accepted::Answer)
    }

    fn handle_check(
        &mut self,
        now: Instant,
        path: Path,
        bytes: &[u8],
    ) -> Result<Accepted, Dropped> {
        let request = BindingRequest::parse(bytes).ok_or(Dropped::UnexpectedStun)?;
        if request.local_ufrag != self.ice.local.ufrag {
            return Err(Dropped::WrongUsername);
        }
        if !self.ice.peers.has_room_for(path.remote) {
            return Err(Dropped::TooManyAddresses);
        }
        let reply = self.answer_check(now, path, bytes)?;
        self.liveness.last_received_at = now;
        let is_new = self.ice.peers.is_new(path.remote);
        if let Some(old) = self.ice.peers.checked(path, request.use_candidate, now) {
            self.push(Output::AddressChanged { from: old.remote, to: path.remote });
        }
        if is_new {
            // Only now is it known whose it was.
            self.ice.peers.received(path.remote, bytes.len());
        }
        self.ice.peers.replied(path.remote, reply.len());
        self.push(Output::Transmit { to: path.remote, from: path.local, bytes: reply });
        self.send_handshake();
        self.probe(now);
        Ok(Accepted::Check)
    }

    /// The agent's answer to a check; it answers none that is not authentic.
    fn answer_check(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<Vec<u8>, Dropped> {
        let message = StunMessage::parse(bytes).map_err(|_| Dropped::Malformed)?;
        let agent = &mut self.ice.agent;
        let proto = Protocol::Udp;
        let packet = StunPacket { proto, source: path.remote, destination: path.local, message };
        let is_taken = agent.handle_packet(now, packet);
        let mut reply = None;
        while let Some(transmit) = agent.poll_transmit() {
            reply = Some(transmit.contents.into());
        }
        self.advance(now);
        reply.filter(|_| is_taken).ok_or(Dropped::NotAuthentic)
    }

    /// Asks whether somebody is at the address that media are to go to.
    fn probe(&mut self, now: Instant) {
        let mut transaction = [0; 12];
        self.ice.rng.fill_bytes(&mut transaction);
        let Some(Path { local, remote }) = self.ice.peers.probe(now, transaction) else { return };
        let bytes = probe::request(&self.ice.local, &self.ice.remote, transaction);
        if self.ice.peers.may_send(remote, bytes.len()) {
            self.push(Output::Transmit { to: remote, from: local, bytes });
        }
    }

    fn handle_dtls(&mut self, now: Instant, bytes: &[u8]) -> Result<Accepted, Dropped> {
        let handled = self.dtls.handle_datagram(bytes);
        if handled.is_err() && self.liveness.state == State::Connecting {
            self.finish(CloseReason::HandshakeFailed);
        }
        self.advance(now);
        // Once connected it is the datagram's fault, perhaps a forged one's: the connection goes on.
        handled.map_err(|_| Dropped::Malformed).map(|()| Accepted::Dtls)
    }

    fn handle_rtp(
        &mut self,
        now: Instant,
        path: Path,
        bytes: &mut [u8],
    ) -> Result<Accepted, Dropped> {
        let length = bytes.len();
        let received = self.media.open(now, bytes)?;
        self.liveness.last_received_at = now;
        if !self.inflow.admits_speech(now, length) {
            return Err(Dropped::TooMany);
        }
        self.stats.packets_in += 1;
        self.stats.bytes_in += received.payload.len() as u64;
        self.stats.restored_in += received.restored.iter().flatten().count() as u64;
        if let Some(old) = self.ice.peers.heard(path, now) {
            self.push(Output::AddressChanged { from: old.remote, to: path.remote });
            self.probe(now);
        }
        Ok(Accepted::Rtp(received))
    }

    /// Lets time pass for ICE, DTLS and the reports.
    pub(super) fn advance(&mut self, now: Instant) {
        let agent = &mut self.ice.agent;
        agent.handle_timeout(now);
        // Which path is used is decided here, not there.
        while agent.poll_event().is_some() {}
        let ice_wakes = agent.poll_timeout();
        self.dtls.handle_timeout(now);
        while let Some(event) = self.dtls.poll_event() {
            match event {
                Event::Shaken(shaken) => self.shaken(now, *shaken),
                Event::ClosedByPeer => {
                    self.send_handshake();
                    self.finish(CloseReason::ByPeer);
                }
            }
        }
        self.send_handshake();
        if self.media.report_at().is_some_and(|at| at <= now) {
            self.media.put_off_report(now);
            self.report(now, false);
        }
        let wakes = [ice_wakes, self.dtls.wake_at(), self.media.report_at()];
        let deadline = self.liveness.deadline();
        self.wake_at = wakes.into_iter().flatten().fold(deadline, Instant::min);
    }

    /// The handshake is through; the certificate has to be one that was offered.
    fn shaken(&mut self, now: Instant, shaken: Shaken) {
        if self.liveness.state != State::Connecting {
            return;
        }
        if !self.fingerprints.contains(&shaken.fingerprint) {
            return self.finish(CloseReason::WrongCertificate);
        }
        self.send_handshake();
        self.liveness.state = State::Connected;
        self.ice.peers.connected();
        self.media.connected(shaken, now);
        self.push(Output::Connected);
    }

    /// Sends what RTCP has to say.
    pub(super) fn report(&mut self, now: Instant, is_goodbye: bool) {
        let Some(path) = self.ice.peers.path() else { return };
        for track in 0..self.media.streams() {
            let report = self.media.report(track, now, is_goodbye, &mut self.stats);
            let Some(bytes) = report else { continue };
            if self.ice.peers.may_send(path.remote, bytes.len()) {
                self.push(Output::Transmit { to: path.remote, from: path.local, bytes });
            } else {
                self.stats.held_back += 1;
            }
        }
    }

    /// Sends DTLS's datagrams, as far as there is a path and they may be sent on it by now.
    pub(super) fn send_handshake(&mut self) {
        if self.liveness.state == State::Closed {
            return;
        }
        while let Some(datagram) = self.dtls.poll_transmit() {
            if self.held_back.len() < HELD_BACK_MAX {
                self.held_back.push_back(datagram);
            }
        }
        let Some(Path { local, remote }) = self.ice.peers.path() else { return };
        while let Some(bytes) = self.held_back.pop_front() {
            if !self.ice.peers.may_send(remote, bytes.len()) {
                self.stats.held_back += 1;
                self.held_back.push_front(bytes);
                return;
            }
            self.push(Output::Transmit { to: remote, from: local, bytes });
        }
    }

    pub(super) fn finish(&mut self, reason: CloseReason) {
        if self.liveness.state != State::Closed {
            self.liveness.state = State::Closed;
            // Always told, however full the queue: it is the last one.
            self.outputs.push_back(Output::Closed(reason));
        }
    }

    fn push(&mut self, output: Output) {
        let is_packet = matches!(output, Output::Transmit { .. });
        if is_packet && self.outputs.len() >= OUTPUTS_MAX {
            self.stats.outputs_dropped += 1;
        } else {
            self.outputs.push_back(output);
        }
    }
}
