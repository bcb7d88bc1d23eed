//! The tracks of a leg's station: which source is on which, and the outgoing run of each.
//!
//! A station with several tracks gets one source a track, passed on packet by packet: the ear mixes, and
//! ducks. A source keeps its track for as long as it is in its listener's row; which one it gets depends on
//! that row and its past alone, so that a track says nothing about anybody who is not to be heard.

use std::time::{Duration, Instant};

use interaction::{Delivery, LegId, Source, SourceSet, Tone};

use crate::egress::{Egress, RtpPosition};
use crate::kept::{Kept, KeptPacket};
use crate::packet::RtpPacket;

/// Tracks of one station that are used at most: a caller, two agents, and one more.
pub const TRACKS_MAX: usize = 4;

/// Timestamps are ahead of the time by 20 ms more in this time, at most.
const LEAD_INTERVAL: Duration = Duration::from_secs(10);

/// One of a station's tracks, by its place. The first one carries mixes, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Track(u8);

/// Where each of a station's tracks stands in its outgoing RTP: 1 to [`TRACKS_MAX`] of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackPositions {
    positions: [RtpPosition; TRACKS_MAX],
    count: usize,
}

/// What a leg's station is sent.
#[derive(Debug)]
pub(crate) struct Outlet {
    /// One to [`TRACKS_MAX`] of them.
    runs: Box<[Run]>,
    /// When a packet was passed on last whose sound is in a mix before it, too.
    led_at: Option<Instant>,
    /// Of each tone, the frame that comes after its end: silence, so that a decoder fades out.
    tails: [Option<usize>; Tone::ALL.len()],
}

#[derive(Debug)]
struct Run {
    egress: Egress,
    /// What was passed on last.
    kept: Kept,
    /// Whose track it is.
    source: Option<Source>,
}

impl Track {
    /// The one that every station has that receives.
    pub const FIRST: Self = Self(0);

    /// The track in this place, if there can be one.
    pub fn new(index: usize) -> Option<Self> {
        (index < TRACKS_MAX).then_some(Self(index as u8))
    }

    /// Its place, below [`TRACKS_MAX`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl TrackPositions {
    /// Of a station with these tracks, in their order; those beyond [`TRACKS_MAX`] are not used. `None`: a
    /// station without tracks.
    pub fn new(tracks: &[RtpPosition]) -> Option<Self> {
        let first = tracks.first()?;
        let positions = std::array::from_fn(|index| *tracks.get(index).unwrap_or(first));
        Some(Self { positions, count: tracks.len().min(TRACKS_MAX) })
    }

    /// The tracks in their order.
    pub fn all(&self) -> &[RtpPosition] {
        &self.positions[..self.count]
    }
}

impl From<RtpPosition> for TrackPositions {
    /// Of a station with one track.
    fn from(only: RtpPosition) -> Self {
        Self { positions: [only; TRACKS_MAX], count: 1 }
    }
}

impl Outlet {
    /// Goes on after `from`.
    pub fn new(from: TrackPositions) -> Self {
        let run = |it: &RtpPosition| Run {
            egress: Egress::new(*it),
            kept: Kept::new(it.at),
            source: None,
        };
        let tails = [None; Tone::ALL.len()];
        Self { runs: from.all().iter().map(run).collect(), led_at: None, tails }
    }

    /// Whether a packet may be passed on at `now` of which some sound is in the mix before it: then nothing is lost of that
    /// voice, and the timestamps are ahead of the time by as much. So it may be rarely, however often something changes.
    pub fn may_lead(&mut self, now: Instant) -> bool {
        let may = self.led_at.is_none_or(|at| now >= at + LEAD_INTERVAL);
        if may {
            self.led_at = Some(now);
        }
        may
    }

    /// The run of mixes, and of what is passed on to a station with one track.
    pub fn first(&mut self) -> &mut Egress {
        &mut self.runs[0].egress
    }

    /// The same, to be looked at.
    pub fn mixes(&self) -> &Egress {
        &self.runs[0].egress
    }

    /// The run of a track.
    pub fn run(&mut self, track: Track) -> &mut Egress {
        &mut self.runs[track.index()].egress
    }

    /// Keeps a packet of so many `samples` that was passed on of `source`.
    pub fn keep(
        &mut self,
        track: Track,
        at: Instant,
        source: LegId,
        packet: &RtpPacket<'_>,
        samples: u32,
    ) {
        self.runs[track.index()].kept.push(at, source, packet, samples);
    }

    /// Whether somebody's packets are passed on as they are.
    pub fn is_passing_on(&self) -> bool {
        self.runs.iter().any(|run| run.egress.is_forwarding())
    }

    /// What was passed on of late, if it goes on: on which track, of whom, and the last packets.
    pub fn running(
        &self,
        now: Instant,
    ) -> impl Iterator<Item = (Track, LegId, impl Iterator<Item = &KeptPacket> + Clone)> {
        self.runs.iter().enumerate().filter_map(move |(index, run)| {
            let (source, packets) = run.kept.running(now)?;
            Some((Track(index as u8), source, packets))
        })
    }

    /// The track that a source has.
    pub fn track_of(&self, source: Source) -> Option<Track> {
        let index = self.runs.iter().position(|run| run.source == Some(source))?;
        Track::new(index)
    }

    /// Gives every source of `row` a track, in the order of `sources`, which are those of the row;
    /// `takes_first` says who may have the first one. `false`: they are more than the tracks that there
    /// are, so that the row is to be mixed; nobody loses a track by that.
    pub fn seat(
        &mut self,
        row: SourceSet,
        sources: impl Iterator<Item = Source>,
        takes_first: impl Fn(Source) -> bool,
    ) -> bool {
        for tone in Tone::ALL.into_iter().filter(|tone| !row.contains(Source::Tone(*tone))) {
            self.tails[tone as usize] = None;
        }
        for run in &mut self.runs {
            if run.source.is_some_and(|source| !row.contains(source)) {
                run.source = None;
                run.egress.interrupt();
            }
        }
        if self.runs.len() == 1 {
            return false;
        }
        let mut fits = true;
        for source in sources {
            if self.track_of(source).is_some() {
                continue;
            }
            let first = usize::from(!takes_first(source));
            let free = self.runs[first..].iter_mut().find(|run| run.source.is_none());
            match free {
                Some(run) => run.source = Some(source),
                None => fits = false,
            }
        }
        fits
    }

    /// What is not passed on now, is not: what its source goes on to send meanwhile is no loss.
    pub fn interrupt_all_but(&mut self, delivery: Delivery) {
        for (index, run) in self.runs.iter_mut().enumerate() {
            let goes_on = match delivery {
                Delivery::Forward(_) => index == 0,
                Delivery::Tracks => run.source.is_some(),
                Delivery::Silent | Delivery::Mix => false,
            };
            if !goes_on {
                run.egress.interrupt();
                run.kept.clear();
            }
        }
    }

    /// What this source goes on to send has other numbers than before.
    pub fn interrupt_from(&mut self, source: LegId) {
        for run in &mut self.runs {
            run.egress.interrupt_from(source);
            run.kept.clear_of(source);
        }
    }

    /// The frame of a tone that is to be sent now, of the `frames` that its clip has: the one that plays,
    /// or what comes after the last one.
    pub fn tone_frame(
        &mut self,
        tone: Tone,
        playing: Option<usize>,
        frames: usize,
    ) -> Option<usize> {
        let tail = &mut self.tails[tone as usize];
        let frame = playing.or(*tail).filter(|frame| *frame < frames);
        *tail = frame.map(|frame| frame + 1);
        frame
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use interaction::Slot;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn outlet(tracks: usize) -> Outlet {
        let at = Instant::now();
        let starts: Vec<_> = (0..tracks).map(|it| RtpPosition::start(it as u16, 0, at)).collect();
        Outlet::new(TrackPositions::new(&starts).unwrap())
    }

    fn leg(index: usize) -> Source {
        Source::Leg(Slot::new(index).unwrap())
    }

    fn seat(outlet: &mut Outlet, sources: &[Source]) -> bool {
        let row = sources.iter().fold(SourceSet::EMPTY, |set, source| set.with(*source));
        outlet.seat(row, sources.iter().copied(), |source| source == leg(0))
    }

    fn places(outlet: &Outlet, sources: &[Source]) -> Vec<Option<usize>> {
        sources.iter().map(|it| outlet.track_of(*it).map(Track::index)).collect()
    }

    #[test]
    fn a_source_keeps_its_track_while_it_is_in_the_row() {
        let (caller, agent, other) = (leg(0), leg(1), leg(2));
        let all = [caller, agent, other];
        let mut outlet = outlet(3);
        assert!(seat(&mut outlet, &[agent]));
        assert_eq!(places(&outlet, &all), [None, Some(1), None], "the first one is the caller's");
        assert!(seat(&mut outlet, &[other, caller, agent]));
        assert_eq!(places(&outlet, &all), [Some(0), Some(1), Some(2)]);
        assert!(seat(&mut outlet, &[caller, other]));
        assert_eq!(places(&outlet, &all), [Some(0), None, Some(2)]);
        assert!(seat(&mut outlet, &all));
        assert_eq!(places(&outlet, &all), [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn more_sources_than_tracks_do_not_fit_and_nobody_loses_theirs() {
        let mut outlet = outlet(3);
        let four = [leg(0), leg(1), leg(2), leg(3)];
        assert!(seat(&mut outlet, &four[..3]));
        assert!(!seat(&mut outlet, &four));
        assert!(seat(&mut outlet, &[leg(0), leg(2), leg(3)]));
        assert_eq!(places(&outlet, &four), [Some(0), None, Some(2), Some(1)]);
    }

    #[test]
    fn one_track_alone_is_for_mixes() {
        let mut outlet = outlet(1);
        assert!(!seat(&mut outlet, &[leg(0)]));
        assert_eq!(outlet.track_of(leg(0)), None);
    }

    #[test]
    fn silence_comes_after_a_tone_and_not_after_one_that_was_taken_away() {
        let (tone, mut outlet) = (Tone::WhisperBeep, outlet(2));
        let row = SourceSet::EMPTY.with(Source::Tone(tone));
        let heard = |outlet: &mut Outlet, playing| outlet.tone_frame(tone, playing, 4);
        assert_eq!(heard(&mut outlet, Some(0)), Some(0));
        assert_eq!(heard(&mut outlet, Some(1)), Some(1));
        assert_eq!([(); 3].map(|()| heard(&mut outlet, None)), [Some(2), Some(3), None]);
        assert_eq!(heard(&mut outlet, Some(0)), Some(0));
        outlet.seat(row, std::iter::empty(), |_| true);
        assert_eq!(heard(&mut outlet, None), Some(1));
        outlet.seat(SourceSet::EMPTY, std::iter::empty(), |_| true);
        assert_eq!(heard(&mut outlet, None), None);
    }
}
