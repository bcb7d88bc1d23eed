//! The station: `str0m` inside, our rules about who gets in and what goes out around it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use str0m::media::{MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::rtp::{RtpWrite, Ssrc};
use str0m::{Candidate, Event, IceCreds, Input, Rtc, RtcError};

use crate::answer::{self, Local};
use crate::demux::{self, BindingRequest, Class};
use crate::engine::{self, MID};
use crate::fragment::{self, PatchError};
use crate::ice::{self, Path, Peers};
use crate::liveness::{Liveness, State};
use crate::offer::{Offer, OfferError, Section};
use crate::sequence::SendSequence;
use crate::sources::Sources;
use crate::types::{
    Accepted, Answer, CloseReason, Dropped, OUTPUTS_MAX, Output, RTP_PAYLOAD_BYTES_MAX, RtpOut,
    SendError, StationConfig, StationStats,
};

const OPUS_TICKS_PER_MS: f32 = 48.0;

/// One user's WebRTC connection; see the crate's documentation for the run loop.
pub struct Station {
    rtc: Rtc,
    media: Media,
    ice: Ice,
    liveness: Liveness,
    outputs: VecDeque<Output>,
    /// When `str0m` wants to be called again.
    wake_at: Instant,
    stats: StationStats,
}

/// The one track each way.
struct Media {
    payload_type: u8,
    ssrc: Ssrc,
    client_receives: bool,
    sources: Sources,
    sequence: SendSequence,
}

/// Our side of ICE, and what an ICE restart needs.
struct Ice {
    local: IceCreds,
    remote: IceCreds,
    candidates: Vec<SocketAddr>,
    section: Section,
    peers: Peers,
    rng: StdRng,
}

/// What came up while `str0m` was drained.
#[derive(Default)]
struct Drained {
    /// Whom an authentic ICE check was answered: `str0m` answers no other.
    answered: Option<SocketAddr>,
    /// An authentic, new RTP packet.
    rtp: bool,
}

impl Station {
    /// Sets up a station from a client's SDP offer.
    ///
    /// This takes about a millisecond (a key pair, and `str0m`'s DTLS tests its cryptography for
    /// each connection). A station is `Send`: make it off the thread that has packets to serve.
    ///
    /// # Errors
    /// [`OfferError`] says what is wrong with the offer; nothing in an offer can panic.
    pub fn accept_offer(
        config: StationConfig,
        offer: &str,
        now: Instant,
    ) -> Result<(Self, Answer), OfferError> {
        let offer = Offer::parse(offer)?;
        let mut rng = StdRng::from_seed(config.seed);
        let local = ice::fresh_credentials(&mut rng);
        let ssrc = rng.next_u32().max(1);
        let mut rtc = engine::build(&offer, &local, now);
        if config.local_candidates.is_empty() {
            return Err(OfferError::NoLocalAddress);
        }
        for address in &config.local_candidates {
            let candidate =
                Candidate::host(*address, Protocol::Udp).map_err(|_| OfferError::NoLocalAddress)?;
            rtc.add_local_candidate(candidate);
        }
        let mut station = Self {
            media: Media {
                payload_type: offer.opus,
                ssrc: ssrc.into(),
                client_receives: offer.client_receives,
                sources: Sources::new(&offer.sources),
                sequence: SendSequence::default(),
            },
            ice: Ice {
                local,
                remote: offer.ice.clone(),
                candidates: config.local_candidates,
                section: offer.sections[offer.audio].clone(),
                peers: Peers::default(),
                rng,
            },
            liveness: Liveness {
                state: State::Connecting,
                created_at: now,
                last_received_at: now,
                consent_timeout: config.consent_timeout,
            },
            outputs: VecDeque::new(),
            wake_at: now,
            stats: StationStats::default(),
            rtc,
        };
        let sdp = station.negotiate(&offer);
        station.advance(now);
        Ok((station, Answer { sdp }))
    }

    /// The username fragment ICE checks for this station carry; an ICE restart changes it.
    pub fn ice_ufrag(&self) -> &str {
        &self.ice.local.ufrag
    }

    /// The SSRC of everything this station sends, for its whole life.
    pub fn ssrc(&self) -> u32 {
        *self.media.ssrc
    }

    /// Whether packets flow.
    pub fn is_connected(&self) -> bool {
        self.liveness.state == State::Connected
    }

    /// When the last authentic ICE check or RTP packet came; the start, if none did.
    pub fn last_received_at(&self) -> Instant {
        self.liveness.last_received_at
    }

    /// Counts and network figures so far.
    pub fn stats(&self) -> StationStats {
        self.stats
    }

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
            Class::Unknown => Err(Dropped::UnknownProtocol),
            Class::Stun => self.handle_check(now, path, bytes),
            _ if !self.ice.peers.is_valid(from, now) => Err(Dropped::UncheckedSource),
            Class::Rtp => self.handle_rtp(now, path, bytes),
            Class::Dtls => self.feed(now, path, bytes).map(|_| Accepted::Dtls),
            Class::Rtcp => self.feed(now, path, bytes).map(|_| Accepted::Rtcp),
        }
    }

    /// Lets time pass; to be called at the instant of [`Output::Wait`] at the latest.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.liveness.state == State::Closed {
            return;
        }
        self.advance(now);
        if now >= self.liveness.deadline() {
            // Without consent nothing may be sent any more, not even a goodbye (RFC 7675 §5.1).
            self.rtc.disconnect();
            self.finish(match self.liveness.state {
                State::Connecting if self.ice.peers.is_empty() => CloseReason::NoIce,
                State::Connecting => CloseReason::NoDtls,
                State::Connected | State::Closed => CloseReason::ConsentExpired,
            });
        }
    }

    /// Sends a packet, numbered as the caller says; it is among the outputs at once.
    ///
    /// # Errors
    /// [`SendError`]; the packet is not sent then.
    pub fn send_rtp(&mut self, now: Instant, packet: RtpOut<'_>) -> Result<(), SendError> {
        if self.liveness.state != State::Connected {
            return Err(SendError::NotConnected);
        }
        if !self.media.client_receives {
            return Err(SendError::NotReceiving);
        }
        let bytes = packet.payload.len();
        if bytes > RTP_PAYLOAD_BYTES_MAX {
            return Err(SendError::TooLarge { bytes });
        }
        let RtpOut { sequence, timestamp, marker, payload } = packet;
        let index =
            self.media.sequence.take(sequence).ok_or(SendError::SequenceUsed { sequence })?;
        let payload_type = Pt::new_with_value(self.media.payload_type);
        let write = RtpWrite::new(payload_type, index.into(), timestamp, now, payload);
        self.rtc
            .direct_api()
            .stream_tx(&self.media.ssrc)
            .expect("the stream is declared when the station is built and never removed")
            .write_rtp(write.marker(marker));
        self.stats.packets_out += 1;
        self.stats.bytes_out += bytes as u64;
        self.advance(now);
        Ok(())
    }

    /// Takes a `trickle-ice-sdpfrag` (RFC 8840). With new credentials this is an ICE restart, and
    /// the answer's fragment comes back with ours, which [`Station::ice_ufrag`] then names; media
    /// flows on meanwhile. With the current ones it is trickle and there is nothing to answer.
    ///
    /// # Errors
    /// [`PatchError`]; nothing changes then.
    pub fn handle_patch(
        &mut self,
        fragment: &str,
        now: Instant,
    ) -> Result<Option<String>, PatchError> {
        let remote = fragment::credentials(fragment)?;
        if self.liveness.state == State::Closed {
            return Err(PatchError::Closed);
        }
        if remote == self.ice.remote {
            return Ok(None);
        }
        self.ice.local = ice::fresh_credentials(&mut self.ice.rng);
        self.ice.remote = remote;
        let mut direct = self.rtc.direct_api();
        direct.set_local_ice_credentials(self.ice.local.clone());
        direct.set_remote_ice_credentials(self.ice.remote.clone());
        self.advance(now);
        Ok(Some(answer::restart_fragment(
            &self.ice.section,
            self.media.payload_type,
            &self.ice.local,
            &self.ice.candidates,
        )))
    }

    /// Ends the station: RTCP BYE and DTLS close_notify are among the outputs if it was connected.
    pub fn close(&mut self, now: Instant) {
        if self.liveness.state == State::Closed {
            return;
        }
        // An error means there was no handshake to end; then there is nothing to say either.
        let _ = self.rtc.close();
        self.advance(now);
        self.finish(CloseReason::Requested);
    }

    /// The next thing to do; drain until [`Output::Wait`] or [`Output::Done`].
    pub fn poll_output(&mut self) -> Output {
        if let Some(output) = self.outputs.pop_front() {
            return output;
        }
        if self.liveness.state == State::Closed {
            return Output::Done;
        }
        Output::Wait(self.wake_at.min(self.liveness.deadline()))
    }

    /// Declares the two streams and writes the answer.
    fn negotiate(&mut self, offer: &Offer) -> String {
        let mid = Mid::from(MID);
        let mut direct = self.rtc.direct_api();
        let cname = direct.declare_media(mid, MediaKind::Audio).cname().to_owned();
        direct.declare_stream_tx(self.media.ssrc, None, mid, None);
        for source in &offer.sources {
            engine::expect_source(&mut self.rtc, *source);
        }
        let mut direct = self.rtc.direct_api();
        let fingerprint = direct.local_dtls_fingerprint().clone();
        direct
            .start_dtls(false)
            .expect("a passive DTLS endpoint has nothing to fail on before its first datagram");
        answer::answer(
            offer,
            &Local {
                session_id: u64::from(self.ice.rng.next_u32()),
                candidates: &self.ice.candidates,
                ice: &self.ice.local,
                fingerprint: &fingerprint,
                ssrc: *self.media.ssrc,
                cname: &cname,
            },
        )
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
        if let Some(old) = self.ice.peers.checked(path, request.use_candidate, now) {
            self.push(Output::AddressChanged { from: old.remote, to: path.remote });
        }
        Ok(Accepted::Check)
    }

    fn handle_rtp(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<Accepted, Dropped> {
        if demux::rtp_payload_type(bytes) != Some(self.media.payload_type) {
            return Err(Dropped::UnknownPayloadType);
        }
        let ssrc = demux::rtp_ssrc(bytes).ok_or(Dropped::Malformed)?;
        if !self.media.sources.knows(ssrc) {
            if !self.media.sources.may_learn() || ssrc == 0 {
                return Err(Dropped::UnknownSource);
            }
            if let Some(old) = self.media.sources.try_out(ssrc) {
                self.rtc.direct_api().remove_stream_rx(old.into());
            }
            engine::expect_source(&mut self.rtc, ssrc);
        }
        if !self.feed(now, path, bytes)?.rtp {
            return Err(Dropped::NotAuthentic);
        }
        self.media.sources.confirm(ssrc);
        self.liveness.last_received_at = now;
        if let Some(old) = self.ice.peers.heard(path, now) {
            self.push(Output::AddressChanged { from: old.remote, to: path.remote });
        }
        Ok(Accepted::Rtp)
    }

    fn feed(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Result<Drained, Dropped> {
        let receive = Receive::new(Protocol::Udp, path.remote, path.local, bytes)
            .map_err(|_| Dropped::Malformed)?;
        let taken = self.rtc.handle_input(Input::Receive(now, receive));
        let drained = self.drain(now);
        // An error is the datagram's fault, perhaps a forged one's: the connection goes on.
        taken.map_err(|_| Dropped::Malformed).map(|()| drained)
    }

    fn advance(&mut self, now: Instant) {
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
                    if let Some(to) = self.transmit(transmit) {
                        drained.answered = Some(to);
                    }
                }
                Ok(str0m::Output::Event(event)) => {
                    drained.rtp |= matches!(event, Event::RtpPacket(_));
                    ended = ended.or(self.handle_event(event, now));
                }
                Err(error) => {
                    self.rtc.disconnect();
                    ended = Some(match error {
                        // Of the peer's certificate, once the handshake is through.
                        RtcError::RemoteSdp(_) => CloseReason::WrongCertificate,
                        _ => CloseReason::HandshakeFailed,
                    });
                    break;
                }
            }
        }
        if let Some(reason) = ended {
            self.finish(reason);
        }
        drained
    }

    /// Puts a datagram on its path; returns whom it answers if it is a reply to an ICE check.
    fn transmit(&mut self, transmit: Transmit) -> Option<SocketAddr> {
        let bytes: Vec<u8> = transmit.contents.into();
        let (mut from, mut to) = (transmit.source, transmit.destination);
        // A reply goes back where the check came from; everything else takes our path.
        let is_reply = demux::classify(&bytes) == Class::Stun;
        if let (false, Some(path)) = (is_reply, self.ice.peers.path()) {
            (from, to) = (path.local, path.remote);
        }
        self.push(Output::Transmit { to, from, bytes });
        is_reply.then_some(to)
    }

    fn handle_event(&mut self, event: Event, now: Instant) -> Option<CloseReason> {
        match event {
            Event::Connected => {
                self.liveness.state = State::Connected;
                self.push(Output::Connected);
            }
            Event::RtpPacket(packet) => {
                self.stats.packets_in += 1;
                self.stats.bytes_in += packet.payload.len() as u64;
                self.push(Output::Rtp(engine::rtp_in(packet, now)));
            }
            Event::MediaIngressStats(figures) => {
                self.stats.loss_in = figures.loss.or(self.stats.loss_in);
                self.stats.jitter_in_ms = Some(figures.jitter as f32 / OPUS_TICKS_PER_MS);
            }
            Event::MediaEgressStats(figures) => {
                self.stats.loss_out = figures.loss.or(self.stats.loss_out);
                self.stats.rtt_ms = figures.rtt.map(engine::milliseconds).or(self.stats.rtt_ms);
                let jitter = figures.remote.map(|r| r.jitter as f32 / OPUS_TICKS_PER_MS);
                self.stats.jitter_out_ms = jitter.or(self.stats.jitter_out_ms);
            }
            Event::Closed => return Some(CloseReason::ByPeer),
            _ => {}
        }
        None
    }

    fn finish(&mut self, reason: CloseReason) {
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

impl std::fmt::Debug for Station {
    /// Without credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Station")
            .field("state", &self.liveness.state)
            .field("stats", &self.stats)
            .finish_non_exhaustive()
    }
}
