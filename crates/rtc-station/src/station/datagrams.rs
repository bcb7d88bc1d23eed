//! What comes in and what goes out: datagrams to `str0m` and from it.

use std::net::SocketAddr;
use std::time::Instant;

use rand::Rng;
use str0m::media::Mid;
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Event, Input};

use super::{HELD_BACK_MAX, Station};
use crate::demux::{self, BindingRequest, Class};
use crate::engine;
use crate::ice::Path;
use crate::liveness::State;
use crate::probe;
use crate::sources::Admission;
use crate::types::{Accepted, CloseReason, Dropped, OUTPUTS_MAX, Output, RtpIn};

const OPUS_TICKS_PER_MS: f32 = 48.0;

/// What came up while `str0m` was drained.
#[derive(Default)]
struct Drained {
    /// Whom an authentic ICE check was answered: `str0m` answers no other.
    answered: Option<SocketAddr>,
    /// How large the answer is, in bytes.
    answer_bytes: usize,
    /// An authentic, new RTP packet.
    rtp: Option<RtpIn>,
}

impl Station {
    /// Takes a datagram that came from the address `from` to our address `to`.
    ///
    /// # Errors
    /// [`Dropped`] says why it was not taken. A dropped datagram changes nothing.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
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
        self.send_held_back();
        match class {
            Class::Unknown => Err(Dropped::UnknownProtocol),
            Class::Stun => self.handle_stun(now, path, bytes),
            Class::Rtp => self.handle_rtp(now, path, bytes),
            Class::Dtls => self.handle_dtls(now, path, bytes),
            Class::Rtcp => self.feed(now, path, bytes).map(|_| Accepted::Rtcp),
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
        self.send_held_back();
        Ok(Accepted::Answer)
    }

    fn handle_dtls(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<Accepted, Dropped> {
        let fed = self.feed(now, path, bytes);
        if fed.is_err() && self.liveness.state == State::Connecting {
            // A handshake that has failed stays so.
            self.rtc.disconnect();
            self.finish(CloseReason::HandshakeFailed);
        }
        fed.map(|_| Accepted::Dtls)
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
        let drained = self.feed(now, path, bytes)?;
        if drained.answered != Some(path.remote) {
            return Err(Dropped::NotAuthentic);
        }
        self.liveness.last_received_at = now;
        let is_new = self.ice.peers.is_new(path.remote);
        if let Some(old) = self.ice.peers.checked(path, request.use_candidate, now) {
            self.push(Output::AddressChanged { from: old.remote, to: path.remote });
        }
        if is_new {
            // Only now is it known whose it was.
            self.ice.peers.received(path.remote, bytes.len());
            self.ice.peers.replied(path.remote, drained.answer_bytes);
        }
        self.probe(now);
        Ok(Accepted::Check)
    }

    /// Asks whether somebody is at the address that media are to go to.
    fn probe(&mut self, now: Instant) {
        let mut transaction = [0; 12];
        self.ice.rng.fill_bytes(&mut transaction);
        let Some(Path { local, remote }) = self.ice.peers.probe(now, transaction) else { return };
        let crypto = crate::dtls::crypto_provider();
        let bytes = probe::request(&crypto, &self.ice.local, &self.ice.remote, transaction);
        if self.ice.peers.may_send(remote, bytes.len()) {
            self.push(Output::Transmit { to: remote, from: local, bytes });
        }
    }

    fn handle_rtp(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<Accepted, Dropped> {
        let taken = self.take_rtp(now, path, bytes);
        match taken {
            Ok(()) => self.media.faults.heard(now),
            Err(dropped) => self.media.faults.refused(now, dropped),
        }
        taken.map(|()| Accepted::Rtp)
    }

    fn take_rtp(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<(), Dropped> {
        if demux::rtp_payload_type(bytes) != self.media.up {
            return Err(Dropped::UnknownPayloadType);
        }
        let ssrc = demux::rtp_ssrc(bytes).ok_or(Dropped::Malformed)?;
        match self.media.sources.admit(ssrc, now) {
            Admission::Known => {}
            Admission::Refused => return Err(Dropped::UnknownSource),
            Admission::Trial { instead_of } => {
                if let Some(old) = instead_of {
                    self.rtc.direct_api().remove_stream_rx(old.into());
                }
                engine::expect_source(&mut self.rtc, ssrc);
            }
        }
        let packet = self.feed(now, path, bytes)?.rtp.ok_or(Dropped::NotAuthentic)?;
        self.liveness.last_received_at = now;
        if !self.inflow.admits_speech(now, bytes.len()) {
            return Err(Dropped::TooMany);
        }
        self.stats.packets_in += 1;
        self.stats.bytes_in += packet.payload.len() as u64;
        self.push(Output::Rtp(packet));
        if let Some(forgotten) = self.media.sources.confirm(ssrc, now) {
            self.rtc.direct_api().remove_stream_rx(forgotten.into());
        }
        if let Some(old) = self.ice.peers.heard(path, now) {
            self.push(Output::AddressChanged { from: old.remote, to: path.remote });
            self.probe(now);
        }
        Ok(())
    }

    fn feed(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<Drained, Dropped> {
        let receive = Receive::new(Protocol::Udp, path.remote, path.local, bytes)
            .map_err(|_| Dropped::Malformed)?;
        let taken = self.rtc.handle_input(Input::Receive(now, receive));
        let drained = self.drain(now);
        // An error is the datagram's fault, perhaps a forged one's: the connection goes on.
        taken.map_err(|_| Dropped::Malformed).map(|()| drained)
    }

    pub(super) fn advance(&mut self, now: Instant) {
        // RTP mode has nothing on a timer that could fail; DTLS errors come from the poll.
        let _ = self.rtc.handle_input(Input::Timeout(now));
        self.drain(now);
    }

    /// `str0m` wants to be drained after every input; its outputs become ours.
    fn drain(&mut self, now: Instant) -> Drained {
        let mut drained = Drained::default();
        let mut ended = None;
        loop {
            match self.rtc.poll_output() {
                Ok(str0m::Output::Timeout(at)) => {
                    self.wake_at = at;
                    break;
                }
                Ok(str0m::Output::Transmit(transmit)) => {
                    if let Some((to, bytes)) = self.transmit(transmit) {
                        drained.answered = Some(to);
                        drained.answer_bytes = bytes;
                    }
                }
                Ok(str0m::Output::Event(Event::RtpPacket(packet))) => {
                    drained.rtp = Some(engine::rtp_in(packet, now));
                }
                Ok(str0m::Output::Event(event)) => {
                    ended = ended.or(self.handle_event(event, now));
                }
                Err(_) => {
                    self.rtc.disconnect();
                    ended = Some(CloseReason::HandshakeFailed);
                    break;
                }
            }
        }
        if let Some(reason) = ended {
            self.finish(reason);
        }
        drained
    }

    /// Puts a datagram on its path; returns whom it answers, and its size, if it is a reply to an ICE
    /// check.
    fn transmit(&mut self, transmit: Transmit) -> Option<(SocketAddr, usize)> {
        let bytes: Vec<u8> = transmit.contents.into();
        let length = bytes.len();
        let (mut from, mut to) = (transmit.source, transmit.destination);
        // A reply goes back where the check came from; everything else takes our path.
        let is_reply = demux::classify(&bytes) == Class::Stun;
        if let (false, Some(path)) = (is_reply, self.ice.peers.path()) {
            (from, to) = (path.local, path.remote);
        }
        if is_reply {
            self.ice.peers.replied(to, bytes.len());
        }
        if is_reply || self.ice.peers.may_send(to, bytes.len()) {
            self.push(Output::Transmit { to, from, bytes });
        } else {
            self.stats.held_back += 1;
            let path = Path { local: from, remote: to };
            if self.liveness.state == State::Connecting && self.held_back.len() < HELD_BACK_MAX {
                self.held_back.push_back((path, bytes));
            }
        }
        is_reply.then_some((to, length))
    }

    /// Sends what was held back, as far as it may be sent by now.
    fn send_held_back(&mut self) {
        while let Some((path, bytes)) = self.held_back.pop_front() {
            if !self.ice.peers.may_send(path.remote, bytes.len()) {
                self.held_back.push_front((path, bytes));
                return;
            }
            self.push(Output::Transmit { to: path.remote, from: path.local, bytes });
        }
    }

    fn handle_event(&mut self, event: Event, now: Instant) -> Option<CloseReason> {
        match event {
            Event::Connected => {
                let certificate = self.rtc.direct_api().remote_dtls_fingerprint().cloned();
                if !certificate.is_some_and(|it| self.fingerprints.contains(&it)) {
                    self.rtc.disconnect();
                    return Some(CloseReason::WrongCertificate);
                }
                self.liveness.state = State::Connected;
                self.ice.peers.connected();
                self.held_back.clear();
                self.media.faults.connected(now);
                self.push(Output::Connected);
            }
            Event::MediaIngressStats(figures) => {
                self.stats.loss_in = figures.loss.or(self.stats.loss_in);
                self.stats.jitter_in_ms = Some(figures.jitter as f32 / OPUS_TICKS_PER_MS);
            }
            // Of the first track: of a spare one nothing arrives, and that is as it should be.
            Event::MediaEgressStats(figures) if figures.mid == Mid::from(engine::MID) => {
                self.stats.loss_out = figures.loss.or(self.stats.loss_out);
                self.stats.rtt_ms = figures.rtt.map(engine::milliseconds).or(self.stats.rtt_ms);
                let jitter = figures.remote.map(|r| r.jitter as f32 / OPUS_TICKS_PER_MS);
                self.stats.jitter_out_ms = jitter.or(self.stats.jitter_out_ms);
                self.media.faults.reported(figures.loss);
            }
            Event::Closed => return Some(CloseReason::ByPeer),
            _ => {}
        }
        None
    }

    pub(super) fn finish(&mut self, reason: CloseReason) {
        if self.liveness.state != State::Closed {
            self.liveness.state = State::Closed;
            // Always told, however full the queue: it is the last one.
            self.outputs.push_back(Output::Closed(reason));
        }
    }

    fn push(&mut self, output: Output) {
        let is_packet = matches!(output, Output::Transmit { .. } | Output::Rtp(_));
        if is_packet && self.outputs.len() >= OUTPUTS_MAX {
            self.stats.outputs_dropped += 1;
        } else {
            self.outputs.push_back(output);
        }
    }
}
