//! What is wrong with the media of a station that is connected: measured, not concluded.

use std::time::{Duration, Instant};

use crate::microphone::{Microphone, Unsound};
use crate::types::Dropped;

/// Sound that ought to come is missed after so long. Opus sends something every 400 ms at the least
/// (RFC 6716 §2.1.9).
const MISSED_AFTER: Duration = Duration::from_secs(5);
/// Packets that can't be taken are told of when they have come for so long, and nothing else.
const REFUSED_AFTER: Duration = Duration::from_secs(2);
/// They have ceased when none came for so long.
const CEASED_AFTER: Duration = Duration::from_secs(2);
/// The share of our packets that the client says it lost, from which on none arrives.
const LOST_ALL: f32 = 0.99;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Packets come, but none has the payload type that was negotiated.
    WrongPayloadType,
    /// Packets come, but from no SSRC that authenticates.
    WrongSource,
    /// The client is to be heard, but sends nothing.
    NothingReceived,
    /// The client reports that it receives none of our packets.
    NothingArrives,
    /// The client is to be heard, and sends nothing but zeros: its microphone is off.
    DigitalSilence,
    /// The client's microphone is too loud for its converter.
    Clipping,
}

/// What is known of a station's media.
#[derive(Debug, Default)]
pub struct Faults {
    /// When a packet was taken, or packets began to be waited for.
    heard_at: Option<Instant>,
    is_awaited: bool,
    /// Packets that were refused since one was taken: why, since when, until when.
    refused: Option<(Fault, Instant, Instant)>,
    nothing_arrives: bool,
    microphone: Microphone,
}

impl Faults {
    /// Media can flow from now on.
    pub fn connected(&mut self, now: Instant) {
        self.heard_at = Some(now);
    }

    /// Whether packets are waited for.
    pub fn set_awaited(&mut self, now: Instant, awaited: bool) {
        if awaited && !self.is_awaited {
            self.heard_at = self.heard_at.max(Some(now));
            self.microphone = Microphone::default();
        }
        self.is_awaited = awaited;
    }

    /// A packet was taken, with this level (RFC 6464), if it states one.
    pub fn heard(&mut self, now: Instant, level_dbov: Option<i8>) {
        self.heard_at = Some(now);
        self.refused = None;
        if let Some(level_dbov) = level_dbov {
            self.microphone.hear(now, level_dbov);
        }
    }

    /// A packet was not.
    pub fn refused(&mut self, now: Instant, dropped: Dropped) {
        let fault = match dropped {
            Dropped::UnknownPayloadType => Fault::WrongPayloadType,
            Dropped::UnknownSource | Dropped::NotAuthentic => Fault::WrongSource,
            _ => return,
        };
        let goes_on = |since: &(Fault, Instant, Instant)| {
            now.saturating_duration_since(since.2) < CEASED_AFTER
        };
        let since = self.refused.filter(goes_on).map_or(now, |(_, since, _)| since);
        self.refused = Some((fault, since, now));
    }

    /// The client reported which share of our packets it lost.
    pub fn reported(&mut self, lost: Option<f32>) {
        self.nothing_arrives = lost.map_or(self.nothing_arrives, |lost| lost >= LOST_ALL);
    }

    /// What is wrong now.
    pub fn fault(&self, now: Instant) -> Option<Fault> {
        let ago = |at: Instant| now.saturating_duration_since(at);
        if let Some((fault, since, last)) = self.refused
            && ago(last) < CEASED_AFTER
            && last.saturating_duration_since(since) >= REFUSED_AFTER
        {
            return Some(fault);
        }
        if self.is_awaited && self.heard_at.is_some_and(|at| ago(at) >= MISSED_AFTER) {
            return Some(Fault::NothingReceived);
        }
        if self.nothing_arrives {
            return Some(Fault::NothingArrives);
        }
        let unsound = self.microphone.unsound(now).filter(|_| self.is_awaited);
        unsound.map(|it| match it {
            Unsound::Zeros => Fault::DigitalSilence,
            Unsound::Clipped => Fault::Clipping,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn silence_is_a_fault_only_where_sound_is_awaited() {
        let (start, s) = (start(), Duration::from_secs);
        let mut faults = Faults::default();
        faults.connected(start);
        assert_eq!(faults.fault(start + s(60)), None);
        faults.set_awaited(start + s(60), true);
        assert_eq!(faults.fault(start + s(64)), None);
        assert_eq!(faults.fault(start + s(65)), Some(Fault::NothingReceived));
        faults.heard(start + s(66), None);
        assert_eq!(faults.fault(start + s(66)), None);
        faults.set_awaited(start + s(67), false);
        assert_eq!(faults.fault(start + s(90)), None);
    }

    #[test]
    fn packets_that_cannot_be_taken_are_told_of_until_they_cease() {
        let (start, ms) = (start(), Duration::from_millis);
        let mut faults = Faults::default();
        faults.connected(start);
        for packet in 0..=100 {
            assert_eq!(faults.fault(start + ms(20) * packet), None);
            faults.refused(start + ms(20) * packet, Dropped::UnknownPayloadType);
        }
        assert_eq!(faults.fault(start + ms(2_000)), Some(Fault::WrongPayloadType));
        assert_eq!(faults.fault(start + ms(4_000)), None);
        faults.refused(start + ms(2_000), Dropped::NotAuthentic);
        assert_eq!(faults.fault(start + ms(2_000)), Some(Fault::WrongSource));
        faults.heard(start + ms(2_001), None);
        assert_eq!(faults.fault(start + ms(2_001)), None);
    }

    #[test]
    fn what_the_client_reports_counts_until_it_reports_otherwise() {
        let (start, mut faults) = (start(), Faults::default());
        faults.reported(Some(1.0));
        faults.reported(None);
        assert_eq!(faults.fault(start), Some(Fault::NothingArrives));
        faults.reported(Some(0.3));
        assert_eq!(faults.fault(start), None);
    }

    #[test]
    fn a_microphone_counts_only_while_it_is_to_be_heard() {
        let (start, s) = (start(), Duration::from_secs);
        let mut faults = Faults::default();
        faults.connected(start);
        let zeros = |faults: &mut Faults, from: u64, to: u64| {
            (from..to).for_each(|n| faults.heard(start + s(n), Some(-127)));
        };
        zeros(&mut faults, 0, 60);
        assert_eq!(faults.fault(start + s(60)), None, "between calls it may be off");
        faults.set_awaited(start + s(60), true);
        zeros(&mut faults, 60, 65);
        assert_eq!(faults.fault(start + s(64)), None);
        assert_eq!(faults.fault(start + s(65)), Some(Fault::DigitalSilence));
        faults.heard(start + s(65), Some(-40));
        assert_eq!(faults.fault(start + s(66)), None);
        zeros(&mut faults, 66, 82);
        assert_eq!(faults.fault(start + s(82)), Some(Fault::DigitalSilence));
        faults.set_awaited(start + s(82), false);
        assert_eq!(faults.fault(start + s(83)), None, "muted");
    }
}
