//! What goes out: sound, key presses, reports.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, RngExt};
use rtc_station::{RTP_PAYLOAD_BYTES_MAX, RtpOut, SendError};

use super::{Outgoing, Station, push};
use crate::Digit;
use crate::downlink::Sound;
use crate::dtmf::DigitsOut;
use crate::latch::Latch;
use crate::sdp::Session;
use crate::srtp::Protection;
use crate::types::{Channel, DigitError, Output, StationStats};
use rtp::Rtp;
use rtp::rtcp::{self, SenderInfo};

/// Between two packets of a key press.
const DIGIT_STEP: Duration = Duration::from_millis(20);
/// Between two reports, on average (RFC 3550 §6.2).
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

/// What a packet needs on its way out, borrowed from a station.
struct Way<'a> {
    outgoing: &'a mut Outgoing,
    outputs: &'a mut VecDeque<Output>,
    stats: &'a mut StationStats,
    protection: Option<&'a mut Protection>,
    target: Option<std::net::SocketAddr>,
}

impl Outgoing {
    pub(super) fn new(rng: &mut StdRng, now: Instant) -> Self {
        Self {
            ssrc: rng.next_u32().max(1),
            // A name that says nothing, for this session alone (RFC 7022 §4.2).
            cname: format!("{:016x}", rng.next_u64()),
            // RFC 3550 §5.1: both begin at random; the sequence low enough not to wrap at once.
            sequence: (rng.next_u32() & 0x3FFF) as u16,
            timestamp: rng.next_u32(),
            sound_at: None,
            digits: DigitsOut::default(),
            digit_at: None,
            event_timestamp: 0,
            packets: 0,
            bytes: 0,
            has_sent: false,
            report_at: now + REPORT_INTERVAL.mul_f64(rng.random_range(0.25..0.75)),
        }
    }
}

impl Way<'_> {
    /// Numbers one packet of sound and sends it, unless a key is down.
    fn send_sound(&mut self, now: Instant, payload_type: u8, sound: &Sound<'_>) {
        let outgoing = &mut *self.outgoing;
        outgoing.timestamp = outgoing.timestamp.wrapping_add(sound.ticks);
        outgoing.sequence = outgoing.sequence.wrapping_add(sound.lost);
        outgoing.sound_at = Some(now);
        if outgoing.digit_at.is_none() {
            let timestamp = outgoing.timestamp;
            self.send(payload_type, sound.marker, timestamp, sound.payload);
        }
    }

    fn send(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) {
        let Some(to) = self.target else { return };
        let outgoing = &mut *self.outgoing;
        outgoing.sequence = outgoing.sequence.wrapping_add(1);
        let (sequence, ssrc) = (outgoing.sequence, outgoing.ssrc);
        let bytes = Rtp { payload_type, marker, sequence, timestamp, ssrc, payload }.write();
        let bytes = match &mut self.protection {
            Some(protection) => protection.protect_rtp(&bytes),
            None => Some(bytes),
        };
        // A key is used up after 2^48 packets; no call lasts so long.
        let Some(bytes) = bytes else { return };
        outgoing.packets = outgoing.packets.wrapping_add(1);
        outgoing.bytes = outgoing.bytes.wrapping_add(payload.len() as u32);
        outgoing.has_sent = true;
        self.stats.packets_out += 1;
        self.stats.bytes_out += payload.len() as u64;
        push(self.outputs, self.stats, Output::Transmit { channel: Channel::Rtp, to, bytes });
    }
}

impl Station {
    /// Sends what the call says to the peer, in its codec; the packets are among the outputs at once.
    ///
    /// # Errors
    /// [`SendError`]; the packet is not sent then.
    pub fn send_rtp(&mut self, now: Instant, packet: RtpOut<'_>) -> Result<(), SendError> {
        if self.ended.is_some() {
            return Err(SendError::NotConnected);
        }
        let session = self.sdp.session.as_ref().ok_or(SendError::NotConnected)?;
        if !session.we_send() {
            return Err(SendError::NotReceiving);
        }
        let bytes = packet.payload.len();
        if bytes > RTP_PAYLOAD_BYTES_MAX {
            return Err(SendError::TooLarge { bytes });
        }
        let payload_type = session.payload_type;
        let Some(sound) = &mut self.sound else { return Err(SendError::NotConnected) };
        let mut way = Way {
            outgoing: &mut self.outgoing,
            outputs: &mut self.outputs,
            stats: &mut self.stats,
            protection: sound.protection.as_mut(),
            target: self.rtp.target(),
        };
        let is_fresh = sound.down.handle(now, &packet, |it| way.send_sound(now, payload_type, &it));
        let sequence = packet.sequence;
        if is_fresh { Ok(()) } else { Err(SendError::SequenceUsed { sequence }) }
    }

    /// Presses a key at the peer's, after those that wait.
    ///
    /// # Errors
    /// [`DigitError`].
    pub fn send_digit(&mut self, now: Instant, digit: Digit) -> Result<(), DigitError> {
        let session = self.sdp.session.as_ref().filter(|_| self.ended.is_none());
        let takes = session.is_some_and(|it| it.we_send() && it.events_out.is_some());
        if !takes {
            return Err(DigitError::NotNegotiated);
        }
        if !self.outgoing.digits.press(digit) {
            return Err(DigitError::Full);
        }
        self.outgoing.digit_at.get_or_insert(now);
        Ok(())
    }

    /// Sends silence where the call sends nothing.
    pub(super) fn fill(&mut self, now: Instant) {
        let Some(session) = &self.sdp.session else { return };
        if !session.we_send() {
            return;
        }
        let payload_type = session.payload_type;
        let Some(sound) = &mut self.sound else { return };
        let mut way = Way {
            outgoing: &mut self.outgoing,
            outputs: &mut self.outputs,
            stats: &mut self.stats,
            protection: sound.protection.as_mut(),
            target: self.rtp.target(),
        };
        sound.down.handle_timeout(now, |it| way.send_sound(now, payload_type, &it));
    }

    /// When silence is to be sent.
    pub(super) fn fill_at(&self) -> Option<Instant> {
        let we_send = self.sdp.session.as_ref().is_some_and(Session::we_send);
        self.sound.as_ref().filter(|_| we_send)?.down.fill_at()
    }

    /// Sends the next packet of a key press if it is due.
    pub(super) fn step_digits(&mut self, now: Instant) {
        while let Some(at) = self.outgoing.digit_at
            && at <= now
        {
            let busy = self.outgoing.digits.is_busy();
            // After a long pause the steps are not made up for.
            let late = now.saturating_duration_since(at) > DIGIT_STEP * 2;
            let next = if late { now } else { at } + DIGIT_STEP;
            self.outgoing.digit_at = busy.then_some(next);
            let events = self.sdp.session.as_ref().and_then(|it| it.events_out);
            let (Some(events), true) = (events, busy) else { continue };
            let Some(event) = self.outgoing.digits.step(events.clock_hz) else { continue };
            if event.is_first {
                self.outgoing.event_timestamp = self.timestamp_at(now);
            }
            let timestamp = self.outgoing.event_timestamp;
            let mut way = Way {
                outgoing: &mut self.outgoing,
                outputs: &mut self.outputs,
                stats: &mut self.stats,
                protection: self.sound.as_mut().and_then(|it| it.protection.as_mut()),
                target: self.rtp.target(),
            };
            way.send(events.payload_type, event.is_first, timestamp, &event.payload);
        }
    }

    /// Reports, if it is time.
    pub(super) fn report_if_due(&mut self, now: Instant) {
        if self.outgoing.report_at > now {
            return;
        }
        // At random within half and one and a half of the interval (RFC 3550 §6.2).
        self.outgoing.report_at = now + REPORT_INTERVAL.mul_f64(self.rng.random_range(0.5..1.5));
        self.report(now, false);
    }

    pub(super) fn say_goodbye(&mut self, now: Instant) {
        if self.outgoing.packets > 0 {
            self.report(now, true);
        }
    }

    fn report(&mut self, now: Instant, goodbye: bool) {
        let has_sent = std::mem::take(&mut self.outgoing.has_sent);
        let sender = has_sent.then(|| SenderInfo {
            ntp: rtcp::ntp(now.saturating_duration_since(self.created_at)),
            rtp_timestamp: self.timestamp_at(now),
            packets: self.outgoing.packets,
            bytes: self.outgoing.bytes,
        });
        let report = self.incoming.reception.as_mut().map(|it| it.report(now));
        if let Some(block) = report {
            self.stats.loss_in = Some(f32::from(block.fraction_lost) / 256.0);
        }
        let Some(session) = &self.sdp.session else { return };
        let nothing_to_say = sender.is_none() && report.is_none();
        // An address of zeros is to be sent nothing at all (RFC 3264 §8.4).
        if session.remote.is_none() || (nothing_to_say && !goodbye) {
            return;
        }
        let is_muxed = session.rtcp_mux;
        let (channel, latch): (_, &Latch) =
            if is_muxed { (Channel::Rtp, &self.rtp) } else { (Channel::Rtcp, &self.rtcp) };
        let Some(to) = latch.target() else { return };
        let Outgoing { ssrc, cname, .. } = &self.outgoing;
        let bytes = rtcp::compound(*ssrc, sender, report, cname, goodbye);
        let bytes = match self.sound.as_mut().and_then(|it| it.protection.as_mut()) {
            Some(protection) => protection.protect_rtcp(&bytes),
            None => Some(bytes),
        };
        if let Some(bytes) = bytes {
            self.push(Output::Transmit { channel, to, bytes });
        }
    }

    /// RTP's clock of what is sent, Hz.
    pub(super) fn clock_hz(&self) -> u32 {
        self.sdp.session.as_ref().map_or(8_000, |it| it.codec.encoding().1)
    }

    /// The RTP timestamp of this moment.
    fn timestamp_at(&self, now: Instant) -> u32 {
        let since =
            self.outgoing.sound_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let ticks = since.as_micros() * u128::from(self.clock_hz()) / 1_000_000;
        self.outgoing.timestamp.wrapping_add(ticks as u32)
    }
}
