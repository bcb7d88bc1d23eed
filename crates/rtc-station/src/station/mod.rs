//! The station: ICE, DTLS and SRTP, and our rules about who gets in and what goes out around them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use is::{Candidate, IceAgent, IceCreds, Protocol};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use self::media::Media;
use crate::answer::{self, Carrier, Local};
use crate::certificate::{Certificate, Fingerprint};
use crate::dtls::Dtls;
use crate::fault::Fault;
use crate::fragment::{self, IfMatch, PatchError};
use crate::ice::{self, Peers};
use crate::inflow::Inflow;
use crate::liveness::{Liveness, State};
use crate::offer::{Offer, OfferError};
use crate::types::{
    Answer, CloseReason, Output, RTP_PAYLOAD_BYTES_MAX, RtpOut, SendError, StationConfig,
    StationStats,
};

mod datagrams;
mod media;

/// Datagrams of a handshake that wait until somebody answers: a flight has about four.
const HELD_BACK_MAX: usize = 8;

/// Credentials of ICE sessions that are over: fragments that were on their way when ICE was restarted.
const FORMER_SESSIONS_MAX: usize = 16;

/// One user's WebRTC connection; see the crate's documentation for the run loop.
pub struct Station {
    media: Media,
    ice: Ice,
    dtls: Dtls,
    inflow: Inflow,
    /// Of the certificates that the client may have.
    fingerprints: Vec<Fingerprint>,
    liveness: Liveness,
    outputs: VecDeque<Output>,
    /// Of the handshake: what waits for a path, or for somebody to answer there; at most [`HELD_BACK_MAX`].
    held_back: VecDeque<Vec<u8>>,
    /// When time matters next.
    wake_at: Instant,
    stats: StationStats,
}

/// Our side of ICE, and what an ICE restart needs.
struct Ice {
    /// Answers the client's checks.
    agent: IceAgent,
    local: IceCreds,
    remote: IceCreds,
    /// The client's former ones, the latest last.
    former: VecDeque<IceCreds>,
    candidates: Vec<SocketAddr>,
    carrier: Carrier,
    peers: Peers,
    rng: StdRng,
}

impl Station {
    /// Sets up a station from a client's SDP offer.
    ///
    /// This takes a fraction of a millisecond (a key pair and a certificate). A station is `Send`: make it off the
    /// thread that has packets to serve.
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
        let agent = agent(&offer, &local, &config.local_candidates)?;
        let certificate = Certificate::generate().expect("OpenSSL makes keys on P-256");
        let media = Media::new(&offer, &mut rng, now);
        let sdp = answer::answer(
            &offer,
            &Local {
                session_id: u64::from(rng.next_u32()),
                candidates: &config.local_candidates,
                ice: &local,
                fingerprint: &certificate.fingerprint,
                tracks: media.sent_tracks(),
            },
        );
        let mut station = Self {
            media,
            ice: Ice {
                agent,
                local,
                remote: offer.ice.clone(),
                former: VecDeque::new(),
                candidates: config.local_candidates,
                carrier: Carrier::of(&offer),
                peers: Peers::default(),
                rng,
            },
            dtls: Dtls::new(&certificate).expect("OpenSSL takes a certificate that it has made"),
            inflow: Inflow::new(now),
            fingerprints: offer.fingerprints,
            liveness: Liveness {
                state: State::Connecting,
                created_at: now,
                last_received_at: now,
                consent_timeout: config.consent_timeout,
            },
            outputs: VecDeque::new(),
            held_back: VecDeque::new(),
            wake_at: now,
            stats: StationStats::default(),
        };
        station.advance(now);
        Ok((station, Answer { sdp }))
    }

    /// The username fragment ICE checks for this station carry; an ICE restart changes it.
    pub fn ice_ufrag(&self) -> &str {
        &self.ice.local.ufrag
    }

    /// Names the present ICE session, without quotes: another one after a restart (RFC 9725 §4.3.1).
    pub fn entity_tag(&self) -> &str {
        &self.ice.local.ufrag
    }

    /// Whether `address` is this station's alone: something authentic came from there lately.
    pub fn holds(&self, address: SocketAddr, now: Instant) -> bool {
        self.liveness.state != State::Closed && self.ice.peers.hold(address, now)
    }

    /// Says whether packets of the client's are waited for from now on: it is on a call, and nobody
    /// has muted it. [`Station::fault`] depends on it.
    pub fn set_awaited(&mut self, now: Instant, awaited: bool) {
        self.media.set_awaited(now, awaited);
    }

    /// What is wrong with the media of a connected station.
    pub fn fault(&self, now: Instant) -> Option<Fault> {
        self.is_connected().then(|| self.media.fault(now)).flatten()
    }

    /// How many tracks the client receives: as many as its offer had sections for them, bundled, at most
    /// [`crate::TRACKS_MAX`]; 0: it only speaks.
    pub fn tracks(&self) -> usize {
        self.media.tracks()
    }

    /// The SSRC of the first track, for the station's whole life.
    pub fn ssrc(&self) -> u32 {
        self.media.ssrc()
    }

    /// The SSRC of one of the tracks, for the station's whole life.
    pub fn ssrc_of(&self, track: usize) -> Option<u32> {
        self.media.ssrc_of(track)
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

    /// Lets time pass; to be called at the instant of [`Output::Wait`] at the latest.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.liveness.state == State::Closed {
            return;
        }
        self.advance(now);
        if now >= self.liveness.deadline() {
            // Without consent nothing may be sent any more, not even a goodbye (RFC 7675 §5.1).
            self.finish(match self.liveness.state {
                State::Connecting if self.ice.peers.is_empty() => CloseReason::NoIce,
                State::Connecting => CloseReason::NoDtls,
                State::Connected | State::Closed => CloseReason::ConsentExpired,
            });
        }
    }

    /// Writes a packet of the first track; see [`Station::send_rtp_on`].
    ///
    /// # Errors
    /// [`SendError`]; there is nothing to be sent then.
    pub fn send_rtp(
        &mut self,
        now: Instant,
        packet: RtpOut<'_>,
        datagram: &mut Vec<u8>,
    ) -> Result<SocketAddr, SendError> {
        self.send_rtp_on(0, now, packet, datagram)
    }

    /// Writes a packet of the track in this place, numbered as the caller says, into `datagram`, in place of what
    /// that held; says where the datagram is to be sent. Each track has numbers of its own.
    ///
    /// # Errors
    /// [`SendError`]; there is nothing to be sent then.
    pub fn send_rtp_on(
        &mut self,
        track: usize,
        now: Instant,
        packet: RtpOut<'_>,
        datagram: &mut Vec<u8>,
    ) -> Result<SocketAddr, SendError> {
        if self.liveness.state != State::Connected {
            return Err(SendError::NotConnected);
        }
        let bytes = packet.payload.len();
        if bytes > RTP_PAYLOAD_BYTES_MAX {
            return Err(SendError::TooLarge { bytes });
        }
        self.media.write(track, now, packet, datagram)?;
        let path = self.ice.peers.path().ok_or(SendError::NotConnected)?;
        if !self.ice.peers.may_send(path.remote, datagram.len()) {
            self.stats.held_back += 1;
            return Err(SendError::HeldBack);
        }
        self.stats.packets_out += 1;
        self.stats.bytes_out += bytes as u64;
        Ok(path.remote)
    }

    /// Takes a `trickle-ice-sdpfrag` (RFC 8840). With new credentials this is an ICE restart, and
    /// the answer's fragment comes back with ours, which [`Station::ice_ufrag`] then names; media
    /// flows on meanwhile. With the current ones, former ones, or none it is trickle and there is
    /// nothing to answer: what was on its way when ICE was restarted undoes nothing.
    ///
    /// # Errors
    /// [`PatchError`]; nothing changes then.
    pub fn handle_patch(
        &mut self,
        fragment: &str,
        if_match: Option<&IfMatch>,
        now: Instant,
    ) -> Result<Option<String>, PatchError> {
        let remote = fragment::credentials(fragment)?;
        if self.liveness.state == State::Closed {
            return Err(PatchError::Closed);
        }
        if if_match.is_some_and(|it| !it.allows(self.entity_tag())) {
            return Err(PatchError::Outdated);
        }
        let Some(remote) = remote else { return Ok(None) };
        if remote == self.ice.remote || self.ice.former.contains(&remote) {
            return Ok(None);
        }
        self.ice.local = ice::fresh_credentials(&mut self.ice.rng);
        if self.ice.former.len() == FORMER_SESSIONS_MAX {
            self.ice.former.pop_front();
        }
        self.ice.former.push_back(std::mem::replace(&mut self.ice.remote, remote));
        self.ice.agent.set_local_credentials(self.ice.local.clone());
        self.ice.agent.set_remote_credentials(self.ice.remote.clone());
        self.advance(now);
        let Ice { carrier, local, candidates, .. } = &self.ice;
        Ok(Some(answer::restart_fragment(carrier, local, candidates)))
    }

    /// Ends the station: RTCP BYE and DTLS close_notify are among the outputs if it was connected.
    pub fn close(&mut self, now: Instant) {
        if self.liveness.state == State::Closed {
            return;
        }
        self.report(now, true);
        self.dtls.close();
        self.send_handshake();
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
}

/// An agent that answers the checks of the client that made the offer.
fn agent(
    offer: &Offer,
    local: &IceCreds,
    addresses: &[SocketAddr],
) -> Result<IceAgent, OfferError> {
    let mut agent = IceAgent::new(local.clone());
    agent.set_ice_lite(true);
    agent.set_controlling(false);
    agent.set_remote_credentials(offer.ice.clone());
    if addresses.is_empty() {
        return Err(OfferError::NoLocalAddress);
    }
    for address in addresses {
        let candidate =
            Candidate::host(*address, Protocol::Udp).map_err(|_| OfferError::NoLocalAddress)?;
        agent.add_local_candidate(candidate);
    }
    Ok(agent)
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
