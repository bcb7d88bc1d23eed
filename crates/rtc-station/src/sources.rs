//! Which SSRC the client's track has.
//!
//! An offer may announce it (`a=ssrc`, RFC 5576) and the client may yet send with another one: after a
//! restart, with a new encoder, or because somebody edited the offer. What counts is what authenticates.
//! One source at a time is the track: another one follows once it has been silent. Unknown sources are
//! tried one at a time and at a bounded rate, so that forged packets cannot make the station keep state
//! for each.

use std::time::{Duration, Instant};

use crate::rate::Rate;

/// The track may come from another source after so long without a packet: ten packets.
const SOURCE_SILENT: Duration = Duration::from_millis(200);
/// Between two sources that are tried, and how many may be at once, as time.
const TRIAL_INTERVAL: Duration = Duration::from_millis(100);
const TRIALS_BURST: Duration = Duration::from_millis(400);
/// Sources that are kept beside the announced ones.
const LEARNT_MAX: usize = 4;

#[derive(Debug)]
pub(crate) struct Sources {
    announced: Vec<u32>,
    /// That turned out to be the client's, the latest last.
    learnt: Vec<u32>,
    /// Being tried.
    trial: Option<u32>,
    trials: Rate,
    /// Whose packets are taken, and when the last one came.
    current: Option<(u32, Instant)>,
}

/// What is to be done with a packet's source before the packet is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is known.
    Known,
    /// It is tried, in place of this one.
    Trial { instead_of: Option<u32> },
    /// It is dropped.
    Refused,
}

impl Sources {
    pub(crate) fn new(announced: &[u32], now: Instant) -> Self {
        Self {
            announced: announced.to_vec(),
            learnt: Vec::with_capacity(LEARNT_MAX + 1),
            trial: None,
            trials: Rate::new(now, TRIALS_BURST),
            current: None,
        }
    }

    pub(crate) fn admit(&mut self, ssrc: u32, now: Instant) -> Admission {
        match self.current {
            Some((current, _)) if current == ssrc => return Admission::Known,
            Some((_, at)) if now.saturating_duration_since(at) < SOURCE_SILENT => {
                return Admission::Refused;
            }
            Some(_) | None => {}
        }
        if self.announced.contains(&ssrc) || self.learnt.contains(&ssrc) || self.trial == Some(ssrc)
        {
            return Admission::Known;
        }
        if ssrc == 0 || !self.trials.take(now, TRIAL_INTERVAL) {
            return Admission::Refused;
        }
        Admission::Trial { instead_of: self.trial.replace(ssrc) }
    }

    /// A packet with `ssrc` was authentic: it is the track now. Returns a source that is forgotten.
    pub(crate) fn confirm(&mut self, ssrc: u32, now: Instant) -> Option<u32> {
        self.current = Some((ssrc, now));
        if self.trial != Some(ssrc) {
            return None;
        }
        self.trial = None;
        self.learnt.push(ssrc);
        (self.learnt.len() > LEARNT_MAX).then(|| self.learnt.remove(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn the_track_follows_its_client_and_nobody_else() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut sources = Sources::new(&[7], start);
        assert_eq!(sources.admit(7, start), Admission::Known);
        assert_eq!(sources.admit(8, start), Admission::Trial { instead_of: None });
        assert_eq!(sources.confirm(8, start), None);
        assert_eq!(sources.admit(7, start + ms(100)), Admission::Refused, "one at a time");
        assert_eq!(sources.admit(7, start + ms(200)), Admission::Known);
        assert_eq!(sources.admit(0, start + ms(200)), Admission::Refused);
        let tried = |from: u32, sources: &mut Sources| {
            (from..from + 1_000)
                .filter(|ssrc| sources.admit(*ssrc, start + ms(1_000)) != Admission::Refused)
                .count()
        };
        assert_eq!(tried(100, &mut sources), 4);
        for ssrc in 1..=4 {
            let now = start + ms(10_000) * ssrc;
            sources.admit(ssrc + 1_000, now);
            assert_eq!(sources.confirm(ssrc + 1_000, now), (ssrc == 4).then_some(8));
        }
    }
}
