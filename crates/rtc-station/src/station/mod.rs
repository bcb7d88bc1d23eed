//! The station: `str0m` inside, our rules about who gets in and what goes out around it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use str0m::config::Fingerprint;
use str0m::net::Protocol;
use str0m::rtp::Ssrc;
use str0m::{Candidate, IceCreds, Rtc};

use crate::answer::{self, Carrier, Local};
use crate::engine;
use crate::fault::{Fault, Faults};
use crate::fragment::{self, IfMatch, PatchError};
use crate::ice::{self, Path, Peers};
use crate::inflow::Inflow;
use crate::liveness::{Liveness, State};
use crate::offer::{Offer, OfferError};
use crate::sources::Sources;
use crate::types::{Answer, CloseReason, Output, StationConfig, StationStats};

mod datagrams;
mod tracks;

use tracks::Track;

/// Datagrams of a handshake that wait until somebody answers: a flight has about four.
const HELD_BACK_MAX: usize = 8;

/// Credentials of ICE sessions that are over: fragments that were on their way when ICE was restarted.
const FORMER_SESSIONS_MAX: usize = 16;

/// One user's WebRTC connection; see the crate's documentation for the run loop.
pub struct Station {
    rtc: Rtc,
    media: Media,
    ice: Ice,
    inflow: Inflow,
    /// Of the certificates that the client may have.
    fingerprints: Vec<Fingerprint>,
    liveness: Liveness,
    outputs: VecDeque<Output>,
    /// Of the handshake, for an address that may not be sent so much yet: at most [`HELD_BACK_MAX`].
    held_back: VecDeque<(Path, Vec<u8>)>,
    /// When `str0m` wants to be called again.
    wake_at: Instant,
    stats: StationStats,
}

/// The one track from the client, and those to it.
struct Media {
    /// Opus as it comes from the client; `None`: it only listens.
    up: Option<u8>,
    /// In the order of the offer; none: the client only speaks.
    tracks: Vec<Track>,
    /// The first one's.
    ssrc: Ssrc,
    sources: Sources,
    faults: Faults,
}

/// Our side of ICE, and what an ICE restart needs.
struct Ice {
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
                up: offer.up,
                tracks: Vec::new(),
                ssrc: ssrc.into(),
                sources: Sources::new(&offer.sources, now),
                faults: Faults::default(),
            },
            ice: Ice {
                local,
                remote: offer.ice.clone(),
                former: VecDeque::new(),
                candidates: config.local_candidates,
                carrier: Carrier::of(&offer),
                peers: Peers::default(),
                rng,
            },
            inflow: Inflow::new(now),
            fingerprints: offer.fingerprints.clone(),
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
        self.media.faults.set_awaited(now, awaited && self.media.up.is_some());
    }

    /// What is wrong with the media of a connected station.
    pub fn fault(&self, now: Instant) -> Option<Fault> {
        self.is_connected().then(|| self.media.faults.fault(now)).flatten()
    }

    /// The SSRC of the first track, for the station's whole life.
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
        let mut direct = self.rtc.direct_api();
        direct.set_local_ice_credentials(self.ice.local.clone());
        direct.set_remote_ice_credentials(self.ice.remote.clone());
        self.advance(now);
        let Ice { carrier, local, candidates, .. } = &self.ice;
        Ok(Some(answer::restart_fragment(carrier, local, candidates)))
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

    /// Declares the streams and writes the answer.
    fn negotiate(&mut self, offer: &Offer) -> String {
        let (ssrc, rng) = (self.media.ssrc, &mut self.ice.rng);
        self.media.tracks = Track::declare(&mut self.rtc, ssrc, &offer.down, rng);
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
                tracks: self.media.tracks.iter().map(Track::sent).collect(),
            },
        )
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
