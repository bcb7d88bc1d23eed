//! What comes in: whose it is, what it is, and where it goes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc_station::Dropped;

use super::{Station, Up, push};
use crate::original::claims_original;
use crate::sdp::Session;
use crate::types::{Accepted, Channel, Output, PlainCodec};
use crate::uplink::{Taken, Uplink};
use rtp::rtcp::{Heard, ntp};
use rtp::{Reception, units_65536};
use rtp::{Rtp, is_rtcp};

/// Another source is the peer's once the one before has been silent for so long.
const SOURCE_SILENT: Duration = Duration::from_millis(200);
/// An event whose end never came is over when nothing more of it came for so long.
const EVENT_OVER_AFTER: Duration = Duration::from_millis(200);

/// What one RTP packet is.
enum Kind {
    Sound(PlainCodec),
    Event,
    ComfortNoise,
}

impl Station {
    /// Takes a datagram that came from the address `from` to one of our sockets.
    ///
    /// # Errors
    /// [`Dropped`] says why it was not taken. A dropped datagram changes nothing.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        channel: Channel,
        from: SocketAddr,
        bytes: &[u8],
    ) -> Result<Accepted, Dropped> {
        if self.ended.is_some() {
            return Err(Dropped::Closed);
        }
        let latch = match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        };
        if !latch.admits(from, now) {
            return Err(Dropped::UncheckedSource);
        }
        if channel == Channel::Rtcp || is_rtcp(bytes) {
            return self.handle_rtcp(now, channel, from, bytes);
        }
        if !self.inflow.admits_rtp(now, bytes.len()) {
            return Err(Dropped::TooMany);
        }
        let taken = self.handle_rtp(now, from, bytes);
        match taken {
            // What its telephone states of levels, nothing is known of.
            Ok(_) => self.faults.heard(now, None),
            Err(dropped) => self.faults.refused(now, dropped),
        }
        taken
    }

    fn handle_rtp(
        &mut self,
        now: Instant,
        from: SocketAddr,
        bytes: &[u8],
    ) -> Result<Accepted, Dropped> {
        let outer = Rtp::parse(bytes).ok_or(Dropped::Malformed)?;
        let session = self.sdp.session.as_ref().ok_or(Dropped::UncheckedSource)?;
        let kind = Kind::of(session, outer.payload_type).ok_or(Dropped::UnknownPayloadType)?;
        self.check_source(now, outer.ssrc)?;
        let protection = self.sound.as_mut().and_then(|it| it.protection.as_mut());
        let opened = match protection {
            Some(protection) => {
                let opened = protection.open_rtp(outer.ssrc, bytes);
                Some(opened.ok_or(Dropped::NotAuthentic)?)
            }
            None => None,
        };
        let packet = match &opened {
            Some(opened) => Rtp::parse(opened).ok_or(Dropped::Malformed)?,
            None => outer,
        };
        if let Kind::Sound(codec) = kind
            && !self.inflow.admits_sound(now, duration(codec, packet.payload))
        {
            return Err(Dropped::TooMany);
        }
        self.rtp.confirm(from, now);
        self.received(now, &packet);
        Ok(match kind {
            Kind::Sound(codec) => self.handle_sound(now, codec, &packet),
            Kind::Event => self.handle_event(now, &packet),
            Kind::ComfortNoise => {
                self.skip(now, packet.sequence);
                self.silent_at = Some(now);
                Accepted::ComfortNoise
            }
        })
    }

    /// Whether the present source is this one, or may be from now on.
    fn check_source(&self, now: Instant, ssrc: u32) -> Result<(), Dropped> {
        let is_present = self.incoming.reception.as_ref().is_none_or(|it| it.ssrc() == ssrc);
        let is_silent = self
            .incoming
            .heard_at
            .is_none_or(|at| now.saturating_duration_since(at) >= SOURCE_SILENT);
        if is_present || is_silent { Ok(()) } else { Err(Dropped::UnknownSource) }
    }

    /// Counts a good packet.
    fn received(&mut self, now: Instant, packet: &Rtp<'_>) {
        let is_new = self.incoming.reception.as_ref().is_none_or(|it| it.ssrc() != packet.ssrc);
        if is_new {
            let is_opus = matches!(self.sound.as_ref().map(|it| &it.up), Some(Up::Opus(_)));
            let clock_hz = if is_opus { 48_000 } else { 8_000 };
            let reception = Reception::new(packet.ssrc, clock_hz, packet.sequence, now);
            self.incoming.reception = Some(reception);
            self.incoming.digits.reset();
            if let Some(sound) = &mut self.sound {
                sound.up.interrupt();
            }
        }
        if let Some(reception) = &mut self.incoming.reception {
            reception.packet(now, packet.sequence, packet.timestamp);
            self.stats.jitter_in_ms = Some(reception.jitter_ms());
        }
        self.incoming.heard_at = Some(now);
        self.heard(now);
        self.stats.packets_in += 1;
        self.stats.bytes_in += packet.payload.len() as u64;
        // The peer is there, so whatever is on its way to it finds the NAT open.
        let we_send = self.sdp.session.as_ref().is_some_and(Session::we_send);
        if we_send && let Some(sound) = &mut self.sound {
            sound.down.start(now);
        }
    }

    /// The peer gave a sign.
    fn heard(&mut self, now: Instant) {
        self.last_received_at = now;
        if self.sdp.session.as_ref().is_some_and(Session::peer_sends) {
            self.awaited_since.get_or_insert(now);
        }
    }

    fn handle_sound(&mut self, now: Instant, codec: PlainCodec, packet: &Rtp<'_>) -> Accepted {
        let is_over = self
            .incoming
            .event_at
            .is_some_and(|at| now.saturating_duration_since(at) >= EVENT_OVER_AFTER);
        if is_over {
            self.incoming.digits.end();
            self.incoming.event_at = None;
        }
        let mutes = self.incoming.digits.is_pressed();
        let is_expected = self.sdp.session.as_ref().is_some_and(Session::peer_sends);
        self.follow_up(now, codec);
        let (outputs, stats) = (&mut self.outputs, &mut self.stats);
        let taken = match self.sound.as_mut().map(|it| &mut it.up) {
            Some(Up::Telephone(uplink)) if is_expected => {
                uplink.handle(now, packet, mutes, |rtp| push(outputs, stats, Output::Rtp(rtp)))
            }
            // Nobody but this crate may put anything beside Opus.
            Some(Up::Opus(passage))
                if is_expected && (mutes || claims_original(packet.payload)) =>
            {
                // The tone of a key is no loss either.
                passage.skip(packet.sequence);
                Taken::Fresh
            }
            Some(Up::Opus(passage)) if is_expected => {
                push(outputs, stats, Output::Rtp(passage.handle(now, packet)));
                Taken::Fresh
            }
            // On hold both ways.
            Some(Up::Telephone(_) | Up::Opus(_)) | None => Taken::Fresh,
        };
        match taken {
            Taken::Fresh => Accepted::Sound,
            Taken::Late => {
                self.stats.late += 1;
                Accepted::Late
            }
        }
    }

    /// The peer speaks another of the agreed codecs than before.
    fn follow_up(&mut self, now: Instant, codec: PlainCodec) {
        let Some(sound) = &self.sound else { return };
        let fits = match &sound.up {
            Up::Opus(_) => codec == PlainCodec::Opus,
            Up::Telephone(uplink) => uplink.speaks(codec),
        };
        if !fits
            && let Ok(up) = self.new_up(now, codec)
            && let Some(sound) = &mut self.sound
        {
            sound.up = up;
        }
    }

    fn handle_event(&mut self, now: Instant, packet: &Rtp<'_>) -> Accepted {
        self.skip(now, packet.sequence);
        self.incoming.event_at = Some(now);
        let digit = self.incoming.digits.handle(packet.timestamp, packet.marker, packet.payload);
        if let Some(digit) = digit {
            self.push(Output::Digit(digit));
        }
        Accepted::Event
    }

    /// A packet that is no sound is not a lost one either.
    fn skip(&mut self, now: Instant, sequence: u16) {
        match self.sound.as_mut().map(|it| &mut it.up) {
            Some(Up::Telephone(uplink)) => uplink.skip(now, sequence),
            Some(Up::Opus(passage)) => passage.skip(sequence),
            None => {}
        }
    }

    fn handle_rtcp(
        &mut self,
        now: Instant,
        channel: Channel,
        from: SocketAddr,
        bytes: &[u8],
    ) -> Result<Accepted, Dropped> {
        if !self.inflow.admits_rtcp(now) {
            return Err(Dropped::TooMany);
        }
        if self.sdp.session.is_none() {
            return Err(Dropped::UncheckedSource);
        }
        let protection = self.sound.as_mut().and_then(|it| it.protection.as_mut());
        let opened = match protection {
            Some(protection) => Some(protection.open_rtcp(bytes).ok_or(Dropped::NotAuthentic)?),
            None => None,
        };
        let compound = opened.as_deref().unwrap_or(bytes);
        let heard = Heard::parse(compound, self.outgoing.ssrc).ok_or(Dropped::Malformed)?;
        if channel == Channel::Rtcp {
            self.rtcp.confirm(from, now);
        }
        self.take_report(now, &heard);
        Ok(Accepted::Rtcp)
    }

    fn take_report(&mut self, now: Instant, heard: &Heard) {
        if let Some(block) = heard.report {
            let lost = f32::from(block.fraction_lost) / 256.0;
            self.stats.loss_out = Some(lost);
            self.stats.jitter_out_ms = Some(block.jitter as f32 * 1_000.0 / self.clock_hz() as f32);
            self.faults.reported(Some(f32::from(block.fraction_lost) / 255.0));
            if block.last_sender_report != 0 {
                let since = now.saturating_duration_since(self.created_at);
                let compact = (ntp(since) >> 16) as u32;
                let trip = compact.wrapping_sub(block.last_sender_report).wrapping_sub(block.delay);
                // More than ten seconds is no trip but nonsense.
                if trip < units_65536(Duration::from_secs(10)) {
                    self.stats.rtt_ms = Some(trip as f32 * 1_000.0 / 65_536.0);
                }
            }
        }
        if let (Some(info), Some(reception)) = (heard.sender, &mut self.incoming.reception)
            && reception.ssrc() == heard.ssrc
        {
            reception.sender_report(now, &info);
        }
        if heard.goodbye {
            // The source is gone, the peer is not: another source may follow at once.
            self.incoming.heard_at = None;
        } else {
            self.heard_again(now);
        }
    }

    /// A report keeps a peer alive that has sent before, and says of one that sends nothing that it is there.
    fn heard_again(&mut self, now: Instant) {
        self.silent_at = Some(now);
        if self.awaited_since.is_some() {
            self.last_received_at = now;
        }
    }
}

impl Kind {
    fn of(session: &Session, payload_type: u8) -> Option<Self> {
        let codec = session.receives.iter().find(|(number, _)| *number == payload_type);
        if let Some((_, codec)) = codec {
            return Some(Self::Sound(*codec));
        }
        if session.events_in.is_some_and(|it| it.payload_type == payload_type) {
            return Some(Self::Event);
        }
        (session.comfort_noise == Some(payload_type)).then_some(Self::ComfortNoise)
    }
}

/// How long a packet of sound lasts.
fn duration(codec: PlainCodec, payload: &[u8]) -> Duration {
    let micros = match codec {
        PlainCodec::Opus => {
            codec::packet::duration_samples(payload).unwrap_or(0) as u64 * 1_000 / 48
        }
        PlainCodec::G722 | PlainCodec::Pcma | PlainCodec::Pcmu => {
            u64::from(Uplink::ticks(payload)) * 125
        }
    };
    Duration::from_micros(micros)
}
