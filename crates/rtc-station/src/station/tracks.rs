//! The tracks that go to the client: fixed by its offer, each with an SSRC and a run of numbers of its own.
//!
//! A spare track gives nothing away: until its first packet `str0m` does not know its SSRC, and so sends no
//! report and no goodbye for it.

use std::time::Instant;

use rand::Rng;
use rand::rngs::StdRng;
use str0m::Rtc;
use str0m::media::{MediaKind, Mid, Pt};
use str0m::rtp::{RtpWrite, Ssrc};

use super::Station;
use crate::answer::SentTrack;
use crate::engine::MID;
use crate::liveness::State;
use crate::sequence::SendSequence;
use crate::types::{RTP_PAYLOAD_BYTES_MAX, RtpOut, SendError, TRACKS_MAX};

/// `str0m` needs a name for each section; it never leaves the process.
const SPARE_MIDS: [&str; TRACKS_MAX - 1] = ["audio1", "audio2", "audio3"];

/// One of them.
#[derive(Debug)]
pub(super) struct Track {
    payload_type: u8,
    ssrc: Ssrc,
    cname: String,
    mid: Mid,
    /// Whether `str0m` knows its SSRC.
    is_declared: bool,
    sequence: SendSequence,
}

impl Track {
    /// The tracks of a station whose client takes these payload types, one a track. `ssrc` is the first
    /// one's.
    pub fn declare(rtc: &mut Rtc, ssrc: Ssrc, down: &[u8], rng: &mut StdRng) -> Vec<Self> {
        let mut direct = rtc.direct_api();
        let first = Mid::from(MID);
        // Also for a client that only speaks: what it sends is of this section.
        let cname = direct.declare_media(first, MediaKind::Audio).cname().to_owned();
        direct.declare_stream_tx(ssrc, None, first, None);
        let mut tracks: Vec<Self> = Vec::with_capacity(down.len());
        for (index, payload_type) in down.iter().copied().take(TRACKS_MAX).enumerate() {
            let sequence = SendSequence::default();
            tracks.push(match index.checked_sub(1) {
                None => {
                    let (mid, cname) = (first, cname.clone());
                    Self { payload_type, ssrc, cname, mid, is_declared: true, sequence }
                }
                Some(spare) => {
                    let mid = Mid::from(SPARE_MIDS[spare]);
                    let cname = direct.declare_media(mid, MediaKind::Audio).cname().to_owned();
                    let ssrc = another_ssrc(&tracks, rng);
                    Self { payload_type, ssrc, cname, mid, is_declared: false, sequence }
                }
            });
        }
        tracks
    }

    /// What the answer says of it.
    pub fn sent(&self) -> SentTrack<'_> {
        SentTrack { ssrc: *self.ssrc, cname: &self.cname }
    }
}

fn another_ssrc(tracks: &[Track], rng: &mut StdRng) -> Ssrc {
    loop {
        let ssrc = Ssrc::from(rng.next_u32().max(1));
        if tracks.iter().all(|track| track.ssrc != ssrc) {
            return ssrc;
        }
    }
}

impl Station {
    /// How many tracks the client receives: as many as its offer had sections for them, bundled, at most
    /// [`TRACKS_MAX`]; 0: it only speaks.
    pub fn tracks(&self) -> usize {
        self.media.tracks.len()
    }

    /// The SSRC of one of the tracks, for the station's whole life.
    pub fn ssrc_of(&self, track: usize) -> Option<u32> {
        self.media.tracks.get(track).map(|track| *track.ssrc)
    }

    /// Sends a packet on the first track, numbered as the caller says; it is among the outputs at once.
    ///
    /// # Errors
    /// [`SendError`]; the packet is not sent then.
    pub fn send_rtp(&mut self, now: Instant, packet: RtpOut<'_>) -> Result<(), SendError> {
        self.send_rtp_on(0, now, packet)
    }

    /// Sends a packet on the track in this place, which has numbers of its own.
    ///
    /// # Errors
    /// [`SendError`]; the packet is not sent then.
    pub fn send_rtp_on(
        &mut self,
        track: usize,
        now: Instant,
        packet: RtpOut<'_>,
    ) -> Result<(), SendError> {
        if self.liveness.state != State::Connected {
            return Err(SendError::NotConnected);
        }
        if self.media.tracks.is_empty() {
            return Err(SendError::NotReceiving);
        }
        let known = self.media.tracks.get_mut(track);
        let track = known.ok_or(SendError::NoSuchTrack { track })?;
        let bytes = packet.payload.len();
        if bytes > RTP_PAYLOAD_BYTES_MAX {
            return Err(SendError::TooLarge { bytes });
        }
        let RtpOut { sequence, timestamp, marker, payload } = packet;
        let index = track.sequence.take(sequence).ok_or(SendError::SequenceUsed { sequence })?;
        let payload_type = Pt::new_with_value(track.payload_type);
        let write = RtpWrite::new(payload_type, index.into(), timestamp, now, payload);
        let mut direct = self.rtc.direct_api();
        if !std::mem::replace(&mut track.is_declared, true) {
            direct.declare_stream_tx(track.ssrc, None, track.mid, None).set_unpaced(true);
        }
        direct
            .stream_tx(&track.ssrc)
            .expect("the stream was declared and is never removed")
            .write_rtp(write.marker(marker));
        self.stats.packets_out += 1;
        self.stats.bytes_out += bytes as u64;
        self.advance(now);
        Ok(())
    }
}
