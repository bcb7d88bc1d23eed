//! The track from the client and those to it: SRTP around them, RTCP beside them.
//!
//! What the client is sent of RTCP is a function of its own packets, of what was sent to it, and of the time. A spare
//! track gives nothing away: until its first packet no report names it, nor does a goodbye.

use std::ops::Range;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use rtp::red::{Blocks, Restored, RestoredSet, Restorer};
use rtp::rtcp::{self, Heard, SenderInfo};
use rtp::srtp::{Keys, Window};
use rtp::{Reception, Rtp, SendSequence, extension, units_65536};

use crate::answer::SentTrack;
use crate::demux;
use crate::dtls::Shaken;
use crate::fault::{Fault, Faults};
use crate::ice;
use crate::offer::Offer;
use crate::sources::{Admission, Sources};
use crate::types::{Dropped, Received, RtpOut, SendError, StationStats, TRACKS_MAX};

/// Between two reports, on average (RFC 3550 §6.2).
const REPORT_INTERVAL: Duration = Duration::from_secs(5);
/// Characters of a name that says nothing, for this session alone (RFC 7022 §4.2).
const CNAME_CHARS: usize = 16;
const CLOCK_HZ: u32 = 48_000;
/// A round trip that takes longer is nonsense.
const ROUND_TRIP_MAX: Duration = Duration::from_secs(10);
/// The highest bit of an audio level: this is speech (RFC 6464 §3).
const VOICE: u8 = 0x80;

/// Sound and reports, both ways.
pub(super) struct Media {
    /// Opus as it comes from the client; `None`: it only listens.
    up: Option<u8>,
    /// The same with copies of earlier packets.
    up_redundant: Option<u8>,
    /// The header extension with the client's levels.
    level_id: Option<u8>,
    started_at: Instant,
    /// One for all tracks (RFC 8834 §4.9).
    cname: String,
    /// In the order of the offer. The first one is there also if the client only speaks: its reports come from there.
    outgoing: Vec<Outgoing>,
    incoming: Incoming,
    faults: Faults,
    /// Once the handshake is through.
    keys: Option<SessionKeys>,
    /// Of the last report.
    rtcp_index: u32,
    /// When the next report is due.
    report_at: Instant,
    /// Draws that: nothing else that is drawn moves a report.
    timing: StdRng,
}

struct SessionKeys {
    ours: Keys,
    theirs: Keys,
}

struct Outgoing {
    /// Opus as it goes to the client; `None`: it only speaks.
    payload_type: Option<u8>,
    ssrc: u32,
    sequence: SendSequence,
    /// As RTCP counts them.
    packets: u32,
    bytes: u32,
    /// The last packet's timestamp, and when it went.
    last: Option<(u32, Instant)>,
    /// Something was sent since the last report.
    has_sent: bool,
}

struct Incoming {
    sources: Sources,
    /// What has come from each of them that is known or tried.
    windows: Vec<(u32, Window)>,
    /// Of the present one.
    reception: Option<Reception>,
    restorer: Restorer,
    /// Whose reports are taken, and which have come.
    reporter: (u32, Window),
}

impl Outgoing {
    fn new(payload_type: Option<u8>, ssrc: u32) -> Self {
        Self {
            payload_type,
            ssrc,
            sequence: SendSequence::default(),
            packets: 0,
            bytes: 0,
            last: None,
            has_sent: false,
        }
    }
}

impl Media {
    pub(super) fn new(offer: &Offer, rng: &mut StdRng, now: Instant) -> Self {
        let timing = StdRng::seed_from_u64(rng.next_u64());
        let mut outgoing: Vec<Outgoing> = Vec::with_capacity(offer.down.len().max(1));
        for payload_type in offer.down.iter().copied().map(Some).take(TRACKS_MAX) {
            outgoing.push(Outgoing::new(payload_type, fresh_ssrc(&outgoing, rng)));
        }
        if outgoing.is_empty() {
            outgoing.push(Outgoing::new(None, fresh_ssrc(&outgoing, rng)));
        }
        Self {
            up: offer.up,
            up_redundant: offer.up_redundant,
            level_id: offer.audio_level_id,
            started_at: now,
            cname: ice::ice_string(rng, CNAME_CHARS),
            outgoing,
            incoming: Incoming {
                sources: Sources::new(&offer.sources, now),
                windows: Vec::new(),
                reception: None,
                restorer: Restorer::default(),
                reporter: (0, Window::default()),
            },
            faults: Faults::default(),
            keys: None,
            rtcp_index: 0,
            report_at: now,
            timing,
        }
    }

    /// How many tracks the client receives.
    pub(super) fn tracks(&self) -> usize {
        self.outgoing.iter().filter(|track| track.payload_type.is_some()).count()
    }

    /// How many SSRCs there are to report from.
    pub(super) fn streams(&self) -> usize {
        self.outgoing.len()
    }

    pub(super) fn ssrc(&self) -> u32 {
        self.outgoing[0].ssrc
    }

    pub(super) fn ssrc_of(&self, track: usize) -> Option<u32> {
        self.outgoing.get(track).map(|track| track.ssrc)
    }

    /// What the answer says of the tracks.
    pub(super) fn sent_tracks(&self) -> Vec<SentTrack<'_>> {
        let receives = self.outgoing.iter().filter(|track| track.payload_type.is_some());
        receives.map(|it| SentTrack { ssrc: it.ssrc, cname: &self.cname }).collect()
    }

    pub(super) fn set_awaited(&mut self, now: Instant, awaited: bool) {
        self.faults.set_awaited(now, awaited && self.up.is_some());
    }

    pub(super) fn fault(&self, now: Instant) -> Option<Fault> {
        self.faults.fault(now)
    }

    /// The handshake is through: packets flow from now on.
    pub(super) fn connected(&mut self, shaken: Shaken, now: Instant) {
        self.keys = Some(SessionKeys { ours: shaken.ours, theirs: shaken.theirs });
        self.faults.connected(now);
        // The first one soon (RFC 3550 §6.2: half of the minimum).
        self.put_off(now, 0.25..0.75);
    }

    /// Opens one RTP packet where it lies.
    pub(super) fn open(&mut self, now: Instant, bytes: &mut [u8]) -> Result<Received, Dropped> {
        let opened = self.open_rtp(now, bytes);
        match &opened {
            Ok(received) => self.faults.heard(now, received.audio_level_dbov),
            Err(dropped) => self.faults.refused(now, *dropped),
        }
        opened
    }

    fn open_rtp(&mut self, now: Instant, bytes: &mut [u8]) -> Result<Received, Dropped> {
        let opus = self.up.ok_or(Dropped::UnknownPayloadType)?;
        let payload_type = demux::rtp_payload_type(bytes).ok_or(Dropped::Malformed)?;
        let is_redundant = Some(payload_type) == self.up_redundant;
        if payload_type != opus && !is_redundant {
            return Err(Dropped::UnknownPayloadType);
        }
        let ssrc = demux::rtp_ssrc(bytes).ok_or(Dropped::Malformed)?;
        let Some(keys) = &self.keys else { return Err(Dropped::NotAuthentic) };
        let incoming = &mut self.incoming;
        match incoming.sources.admit(ssrc, now) {
            Admission::Known => {}
            Admission::Refused => return Err(Dropped::UnknownSource),
            Admission::Trial { instead_of } => {
                instead_of.into_iter().for_each(|it| incoming.forget(it))
            }
        }
        let length = keys.theirs.open_rtp(incoming.window(ssrc), bytes);
        let bytes = &bytes[..length.map_err(|_| Dropped::NotAuthentic)?];
        let packet = Rtp::parse(bytes).ok_or(Dropped::Malformed)?;
        if let Some(forgotten) = incoming.sources.confirm(ssrc, now) {
            incoming.forget(forgotten);
        }
        incoming.count(now, &packet);
        let level = self.level_id.and_then(|id| extension(bytes, id)?.first().copied());
        let start = packet.payload.as_ptr().addr() - bytes.as_ptr().addr();
        let (payload, restored) = incoming.unpack(&packet, is_redundant.then_some(opus))?;
        let placed = |it: Range<usize>| start + it.start..start + it.end;
        let restored =
            restored.map(|it| it.map(|it| Restored { payload: placed(it.payload), ..it }));
        Ok(Received {
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            marker: packet.marker,
            audio_level_dbov: level.map(|level| -((level & !VOICE).cast_signed())),
            voice_activity: level.map(|level| level & VOICE != 0),
            payload: placed(payload),
            restored,
        })
    }

    /// Writes one RTP packet, protected, in place of what `datagram` held.
    pub(super) fn write(
        &mut self,
        track: usize,
        now: Instant,
        packet: RtpOut<'_>,
        datagram: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let keys = self.keys.as_ref().ok_or(SendError::NotConnected)?;
        let outgoing = self.outgoing.get_mut(track).ok_or(SendError::NoSuchTrack { track })?;
        let payload_type = outgoing.payload_type.ok_or(SendError::NotReceiving)?;
        let RtpOut { sequence, timestamp, marker, payload } = packet;
        let index = outgoing.sequence.take(sequence).ok_or(SendError::SequenceUsed { sequence })?;
        let ssrc = outgoing.ssrc;
        Rtp { payload_type, marker, sequence, timestamp, ssrc, payload }.write_to(datagram);
        keys.ours.seal_rtp(index, datagram).expect("a packet that was just written is one");
        outgoing.packets = outgoing.packets.wrapping_add(1);
        outgoing.bytes = outgoing.bytes.wrapping_add(payload.len() as u32);
        outgoing.last = Some((timestamp, now));
        outgoing.has_sent = true;
        Ok(())
    }

    /// Takes a compound of the client's reports.
    pub(super) fn take_reports(
        &mut self,
        now: Instant,
        bytes: &mut [u8],
        stats: &mut StationStats,
    ) -> Result<(), Dropped> {
        let Some(keys) = &self.keys else { return Err(Dropped::NotAuthentic) };
        let ssrc = bytes.get(4..).and_then(|it| it.first_chunk()).ok_or(Dropped::Malformed)?;
        let ssrc = u32::from_be_bytes(*ssrc);
        // Tried beside the present reporter's: whoever forges one does not take its place.
        let (reporter, window) = &self.incoming.reporter;
        let mut window = if *reporter == ssrc { window.clone() } else { Window::default() };
        let length =
            keys.theirs.open_rtcp(&mut window, bytes).map_err(|_| Dropped::NotAuthentic)?;
        self.incoming.reporter = (ssrc, window);
        // What is authentic and no report, an extended one alone say, is none of ours. Only what is said of the first
        // track counts: of a spare one nothing arrives, and that is as it should be.
        let Some(heard) = Heard::parse(&bytes[..length], self.ssrc()) else { return Ok(()) };
        if let (Some(info), Some(reception)) = (heard.sender, &mut self.incoming.reception)
            && reception.ssrc() == heard.ssrc
        {
            reception.sender_report(now, &info);
        }
        if let Some(block) = heard.report {
            stats.loss_out = Some(f32::from(block.fraction_lost) / 256.0);
            stats.jitter_out_ms = Some(milliseconds(block.jitter));
            self.faults.reported(Some(f32::from(block.fraction_lost) / 255.0));
            let trip = self.compact_ntp(now).wrapping_sub(block.last_sender_report);
            let trip = trip.wrapping_sub(block.delay);
            if block.last_sender_report != 0 && trip < units_65536(ROUND_TRIP_MAX) {
                stats.rtt_ms = Some(trip as f32 * 1_000.0 / 65_536.0);
            }
        }
        Ok(())
    }

    /// When the next report is due; `None`: not before the handshake.
    pub(super) fn report_at(&self) -> Option<Instant> {
        self.keys.is_some().then_some(self.report_at)
    }

    /// The next report is due at random within half and one and a half of the interval (RFC 3550 §6.2).
    pub(super) fn put_off_report(&mut self, now: Instant) {
        self.put_off(now, 0.5..1.5);
    }

    fn put_off(&mut self, now: Instant, intervals: Range<f64>) {
        self.report_at = now + REPORT_INTERVAL.mul_f64(self.timing.random_range(intervals));
    }

    /// A compound of one track's reports, protected; `None`: there is nothing to report. What was received is reported
    /// by the first one.
    pub(super) fn report(
        &mut self,
        track: usize,
        now: Instant,
        is_goodbye: bool,
        stats: &mut StationStats,
    ) -> Option<Vec<u8>> {
        let ntp = self.ntp(now);
        let keys = self.keys.as_ref()?;
        let outgoing = self.outgoing.get_mut(track)?;
        let has_sent = std::mem::take(&mut outgoing.has_sent);
        let sender = outgoing.last.filter(|_| has_sent).map(|(timestamp, at)| {
            let since = now.saturating_duration_since(at).as_micros();
            let samples = since * u128::from(CLOCK_HZ) / 1_000_000;
            let rtp_timestamp = timestamp.wrapping_add(samples as u32);
            SenderInfo { ntp, rtp_timestamp, packets: outgoing.packets, bytes: outgoing.bytes }
        });
        let reception = self.incoming.reception.as_mut().filter(|_| track == 0);
        let report = reception.map(|reception| {
            stats.jitter_in_ms = Some(reception.jitter_ms());
            reception.report(now)
        });
        stats.loss_in = report.map(|it| f32::from(it.fraction_lost) / 256.0).or(stats.loss_in);
        let is_last = is_goodbye && outgoing.last.is_some();
        if sender.is_none() && report.is_none() && !is_last {
            return None;
        }
        let mut compound = rtcp::compound(outgoing.ssrc, sender, report, &self.cname, is_last);
        self.rtcp_index += 1;
        keys.ours.seal_rtcp(self.rtcp_index, &mut compound).ok()?;
        Some(compound)
    }

    fn ntp(&self, now: Instant) -> u64 {
        rtcp::ntp(now.saturating_duration_since(self.started_at))
    }

    fn compact_ntp(&self, now: Instant) -> u32 {
        (self.ntp(now) >> 16) as u32
    }
}

impl Incoming {
    fn window(&mut self, ssrc: u32) -> &mut Window {
        let at = self.windows.iter().position(|(it, _)| *it == ssrc).unwrap_or_else(|| {
            self.windows.push((ssrc, Window::default()));
            self.windows.len() - 1
        });
        &mut self.windows[at].1
    }

    fn forget(&mut self, ssrc: u32) {
        self.windows.retain(|(it, _)| *it != ssrc);
    }

    /// Where the packet's own sound is in its payload, and the lost ones that it brings, if its blocks are of a type.
    fn unpack(
        &mut self,
        packet: &Rtp<'_>,
        blocks_of: Option<u8>,
    ) -> Result<(Range<usize>, RestoredSet), Dropped> {
        let Rtp { sequence, timestamp, payload, .. } = *packet;
        let blocks = match blocks_of {
            Some(opus) => Some(Blocks::parse(payload, opus).ok_or(Dropped::Malformed)?),
            None => None,
        };
        if !self.restorer.take(sequence, timestamp) {
            return Err(Dropped::Restored);
        }
        Ok(match blocks {
            Some(blocks) => {
                let restored = self.restorer.restore(sequence, timestamp, &blocks);
                (blocks.primary, restored)
            }
            None => (0..payload.len(), RestoredSet::default()),
        })
    }

    fn count(&mut self, now: Instant, packet: &Rtp<'_>) {
        if self.reception.as_ref().is_none_or(|it| it.ssrc() != packet.ssrc) {
            self.reception = Some(Reception::new(packet.ssrc, CLOCK_HZ, packet.sequence, now));
            self.restorer = Restorer::default();
        }
        if let Some(reception) = &mut self.reception {
            reception.packet(now, packet.sequence, packet.timestamp);
        }
    }
}

fn fresh_ssrc(taken: &[Outgoing], rng: &mut StdRng) -> u32 {
    loop {
        let ssrc = rng.next_u32().max(1);
        if taken.iter().all(|track| track.ssrc != ssrc) {
            return ssrc;
        }
    }
}

fn milliseconds(samples: u32) -> f32 {
    samples as f32 * 1_000.0 / CLOCK_HZ as f32
}
