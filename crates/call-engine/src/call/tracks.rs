//! Passing on: packets of legs, to a listener's one track or to a source's own, and tones as packets.

use std::time::Instant;

use interaction::{Delivery, Slot, Source, Tone, UserId};
use mixer::SlotSet;

use super::{Call, Outgoing, outgoing};
use crate::egress::MixFrame;
use crate::packet::RtpPacket;
use crate::tracks::Track;

impl Call {
    /// Gives the sources of each listener's row their tracks; the listeners who get one source a track.
    pub(super) fn seat_tracks(&mut self) -> SlotSet {
        let mut voices: Vec<(UserId, Slot)> =
            self.state.legs().iter().map(|leg| (leg.user, leg.slot)).collect();
        // In an order that does not say who came when, nor to whom else they listen.
        voices.sort_unstable_by_key(|(user, _)| *user);
        // The customer; somebody outside beside them is one of the others.
        let caller = self.state.caller().map(|leg| leg.slot);
        let tones = Tone::ALL.map(Source::Tone);
        let mut by_tracks = SlotSet::EMPTY;
        for (listener, media) in Slot::all().zip(&mut self.media) {
            let Some(media) = media else { continue };
            let row = self.plan.row(listener).sources();
            let legs = voices.iter().map(|(_, slot)| Source::Leg(*slot));
            let sources = legs.chain(tones).filter(|source| row.contains(*source));
            // Whoever works here finds the caller on the first track, and nobody else.
            let takes_first =
                |source| Some(listener) == caller || caller.map(Source::Leg) == Some(source);
            let fits = media.outlet.seat(row, sources, takes_first);
            let has_clips = self.config.clips.is_some() || row == self.plan.row(listener).voices();
            if fits && has_clips && !row.is_empty() {
                by_tracks = by_tracks.with(listener);
            }
        }
        by_tracks
    }

    /// Passes one packet of the leg in `source` on to the one in `listener`.
    pub(super) fn forward(
        &mut self,
        now: Instant,
        source: Slot,
        listener: Slot,
        packet: &RtpPacket<'_>,
        send: &mut impl FnMut(Outgoing<'_>),
    ) {
        let Some(leg) = self.media[source.index()].as_ref().map(|media| media.leg) else { return };
        let Some(media) = &mut self.media[listener.index()] else { return };
        let by_tracks = self.changes.delivery(&self.mixer, listener) == Delivery::Tracks;
        let track =
            if by_tracks { media.outlet.track_of(Source::Leg(source)) } else { Some(Track::FIRST) };
        // The row does not name it.
        let Some(track) = track else { return };
        // The last step before the socket: a bug of ours must become silence, never a leak.
        let is_allowed = if by_tracks {
            self.guard.allows_on_track(Source::Leg(source), listener)
        } else {
            self.guard.allows_forward(source, listener)
        };
        if !is_allowed {
            self.counters.guarded += 1;
            return;
        }
        let RtpPacket { sequence, timestamp, marker, payload, .. } = *packet;
        let samples = codec::packet::duration_samples(payload).unwrap_or(0) as u32;
        let run = media.outlet.run(track);
        if let Some(numbers) = run.forward(now, leg, sequence, timestamp, samples, marker) {
            self.counters.forwarded += 1;
            media.outlet.keep(track, now, leg, packet, samples);
            send(outgoing(media.leg, track, numbers, payload));
        }
    }

    /// Sends the frames of the tones that sound, to those who get them on a track of their own.
    pub(super) fn play_tones(&mut self, now: Instant, send: &mut impl FnMut(Outgoing<'_>)) {
        let Some(clips) = &self.config.clips else { return };
        for listener in self.mixer.seated().iter() {
            let Some(media) = &mut self.media[listener.index()] else { continue };
            if self.mixer.delivery(listener) != Delivery::Tracks {
                continue;
            }
            for tone in Tone::ALL {
                let Some(track) = media.outlet.track_of(Source::Tone(tone)) else { continue };
                let (clip, playing) = (clips.of(tone), self.mixer.tone_frame(listener, tone));
                let frame = media.outlet.tone_frame(tone, playing, clip.len());
                let Some(packet) = frame.map(|frame| &clip[frame]) else { continue };
                if !self.guard.allows_on_track(Source::Tone(tone), listener) {
                    self.counters.guarded += 1;
                    continue;
                }
                let frame = MixFrame { leader: media.leg, tick: self.ticks };
                let numbers = media.outlet.run(track).mixed(now, frame, 0);
                send(outgoing(media.leg, track, numbers, packet));
            }
        }
    }
}
