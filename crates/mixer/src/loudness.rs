//! How loud a voice is while it speaks, and by how much a coach is raised or lowered to stand beside the caller.
//!
//! A coached agent has set the volume for the caller. A supervisor who is 15 dB louder hurts them, one who is 15 dB quieter
//! is not understood beside the caller, ducked or not. So a coach is brought to the loudness that the ducked voices have
//! before they are ducked: the gain of the plan then says how far the coach stands above them.
//!
//! Loudness is the mean square of the frames in which somebody speaks, over some 3 s of them (the short term of ITU-R
//! BS.1770-5, gated by speech instead of by level, and without its weighting: Opus has taken the rumble out). The gain
//! moves only while the coach speaks, so that the noise between their words is not pumped up. Only the coach's gain moves:
//! the caller sounds the same to the agent before, during and after a whisper, but for the ducking.
//!
//! It follows from the frames that the listener's own audience decoded, and from nothing else.

use interaction::{LEGS_MAX, Slot, SourceSet};

use crate::meter::{Measured, measure};
use crate::{FRAME_SAMPLES, Frame, SAMPLE_RATE_HZ};

const FRAMES_PER_S: f32 = SAMPLE_RATE_HZ as f32 / FRAME_SAMPLES as f32;
/// The mean is exponential; a time constant of 1.5 s has the same memory as a window of 3 s. In frames of speech.
const MEAN_FRAMES_MAX: u16 = 75;
/// So much speech says how loud somebody is: 400 ms, the shortest window of BS.1770.
const MEAN_FRAMES_MIN: u16 = 20;
/// A frame is speech if it is above this, as a power (−55 dBov) …
const SPEECH_POWER_MIN: f32 = 3.162_277_7e-6;
/// … and by so much above the noise between words: 9 dB.
const SPEECH_OVER_FLOOR: f32 = 8.0;
/// The noise floor goes half the way to a quieter frame at once, and up by 3 dB a second.
const FLOOR_FALL: f32 = 0.5;
const FLOOR_RISE: f32 = 1.013_911_4;
/// No floor is below this: −80 dBov.
const FLOOR_POWER_MIN: f32 = 1e-8;
/// What a ducked voice is taken for until it has spoken: −26 dBov, the nominal speech level of telephone networks (ITU-T
/// P.56 measures it, G.712 and P.810 refer to it).
const NOMINAL_POWER: f32 = 2.511_886_4e-3;
/// How fast a coach is raised, and lowered, dB in a second of speech.
const RISE_DB_PER_S: f32 = 6.0;
const FALL_DB_PER_S: f32 = 12.0;

/// The loudness of one voice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loudness {
    /// Mean square of its speech.
    power: f32,
    /// Of how many frames, up to [`MEAN_FRAMES_MAX`].
    frames: u16,
    floor: Option<f32>,
}

impl Loudness {
    /// Takes a frame that is heard, `None` for silence; whether it is speech.
    pub fn hear(&mut self, frame: Option<&Frame>) -> bool {
        match frame.map(measure) {
            Some(Measured::Sound(power)) => self.take(power),
            Some(Measured::Silence) | None => self.take(0.0),
            // What is no sound says nothing.
            Some(Measured::Unusable) => false,
        }
    }

    /// Takes the mean square of a frame.
    fn take(&mut self, power: f32) -> bool {
        let floor = match self.floor {
            None => power,
            Some(floor) if power < floor => floor + (power - floor) * FLOOR_FALL,
            Some(floor) => (floor * FLOOR_RISE).min(power),
        };
        let floor = floor.max(FLOOR_POWER_MIN);
        self.floor = Some(floor);
        let is_speech = power > SPEECH_POWER_MIN && power > floor * SPEECH_OVER_FLOOR;
        if is_speech {
            self.frames = (self.frames + 1).min(MEAN_FRAMES_MAX);
            self.power += (power - self.power) / f32::from(self.frames);
        }
        is_speech
    }

    /// The mean square of its speech; `None`: too little was heard of it.
    pub fn power(&self) -> Option<f32> {
        (self.frames >= MEAN_FRAMES_MIN).then_some(self.power)
    }
}

/// What a coach's voice is raised or lowered by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MatchGain {
    db: f32,
}

impl MatchGain {
    /// Goes on towards the loudness `wanted`, by no more than `db_max` either way. Once for each frame in which the `coach`
    /// speaks. `wanted` is a mean square; `None`: the nominal level.
    pub fn follow(&mut self, coach: &Loudness, wanted: Option<f32>, db_max: f32) {
        let Some(power) = coach.power() else { return };
        let goal_db = 10.0 * (wanted.unwrap_or(NOMINAL_POWER) / power).log10();
        let way_db = goal_db.clamp(-db_max, db_max) - self.db;
        self.db += way_db.clamp(-FALL_DB_PER_S / FRAMES_PER_S, RISE_DB_PER_S / FRAMES_PER_S);
    }

    /// What the voice is multiplied by.
    pub fn amplitude(self) -> f32 {
        if self.db == 0.0 { 1.0 } else { 10f32.powf(self.db / 20.0) }
    }
}

/// The loudness of the voices in one listener's row, and the gains of the coaches among them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matching {
    gain_db_max: f32,
    voices: [Loudness; LEGS_MAX],
    gains: [MatchGain; LEGS_MAX],
}

impl Matching {
    /// Nothing is known yet; no gain will be more than `gain_db_max` either way.
    pub fn new(gain_db_max: f32) -> Self {
        let (voices, gains) = Default::default();
        Self { gain_db_max, voices, gains }
    }

    /// The leg in `slot` is another one.
    pub fn forget(&mut self, slot: Slot) {
        self.voices[slot.index()] = Loudness::default();
        self.gains[slot.index()] = MatchGain::default();
    }

    /// What the leg in `slot` is multiplied by.
    pub fn amplitude(&self, slot: Slot) -> f32 {
        self.gains[slot.index()].amplitude()
    }

    /// Takes the frames that are played next, and moves the gains of `coaches` towards the loudest of the `ducked`.
    pub fn hear(
        &mut self,
        frames: &[Option<&Frame>; LEGS_MAX],
        ducked: SourceSet,
        coaches: SourceSet,
    ) {
        let mut speaking = SourceSet::EMPTY;
        for source in ducked.union(coaches).iter() {
            if self.voices[source.index()].hear(frames[source.index()]) {
                speaking = speaking.with(source);
            }
        }
        let loudest = ducked.iter().filter_map(|source| self.voices[source.index()].power());
        let wanted = loudest.reduce(f32::max);
        for source in coaches.iter().filter(|source| speaking.contains(*source)) {
            let coach = &self.voices[source.index()];
            self.gains[source.index()].follow(coach, wanted, self.gain_db_max);
        }
    }
}

#[cfg(test)]
mod tests {
    use interaction::Source;

    use super::*;

    /// The mean square of frame `n` of somebody who says 150 ms, pauses 50 ms, and takes a breath of 400 ms every 2 s.
    fn talk(n: usize, dbov: f32, noise_dbov: f32) -> f32 {
        let is_word = n % 100 < 80 && n % 10 < 8;
        let power = |dbov: f32| 10f32.powf(dbov / 10.0);
        let syllable = [0.5, 1.0, 1.6, 1.4, 1.2, 1.0, 0.8, 0.5][n % 10 % 8];
        power(noise_dbov) + if is_word { power(dbov) * syllable } else { 0.0 }
    }

    fn loudness_db(frames: std::ops::Range<usize>, voice: impl Fn(usize) -> f32) -> Option<f32> {
        let mut loudness = Loudness::default();
        for n in frames {
            loudness.take(voice(n));
        }
        loudness.power().map(|power| 10.0 * power.log10())
    }

    #[test]
    fn loudness_is_that_of_the_speech_whatever_the_pauses_and_the_noise_are() {
        for (dbov, noise_dbov) in [(-26.0, -80.0), (-26.0, -45.0), (-40.0, -60.0), (-12.0, -50.0)] {
            let found = loudness_db(0..500, |n| talk(n, dbov, noise_dbov)).unwrap();
            assert!((found - dbov).abs() < 1.0, "{dbov} over {noise_dbov}: {found}");
            // A minute of noise alone changes nothing.
            let voice =
                |n| if n < 500 { talk(n, dbov, noise_dbov) } else { talk(99, -99.0, noise_dbov) };
            let later = loudness_db(0..3_500, voice).unwrap();
            assert!(
                (later - found).abs() < 0.1,
                "{dbov} over {noise_dbov}: {later} after a minute"
            );
        }
    }

    #[test]
    fn noise_and_too_little_speech_have_no_loudness() {
        assert_eq!(loudness_db(0..3_000, |_| 1e-4), None, "steady noise of −40 dBov");
        assert_eq!(loudness_db(0..3_000, |n| talk(n, -60.0, -90.0)), None, "far below speech");
        assert_eq!(loudness_db(0..20, |n| talk(n, -26.0, -80.0)), None, "some 300 ms");
    }

    #[test]
    fn a_shout_is_forgotten_within_seconds() {
        let voice = |n| talk(n, if n < 200 { -8.0 } else { -26.0 }, -70.0);
        let found = loudness_db(0..900, voice).unwrap();
        assert!((found + 26.0).abs() < 1.5, "{found}");
    }

    /// Caller and coach talk for so many frames; the coach's gain after each of them, dB.
    fn gains(frames: usize, caller_dbov: f32, coach_dbov: f32) -> Vec<f32> {
        let [caller, coach] = [0, LEGS_MAX - 1].map(|index| Slot::new(index).unwrap());
        let [ducked, coaches] =
            [caller, coach].map(|slot| SourceSet::EMPTY.with(Source::Leg(slot)));
        let mut matching = Matching::new(12.0);
        let gain = |n: usize| {
            let sounds = [talk(n, caller_dbov, -80.0), talk(n + 3, coach_dbov, -80.0)]
                .map(|power| [power.sqrt(); FRAME_SAMPLES]);
            let mut frames = [None; LEGS_MAX];
            frames[caller.index()] = Some(&sounds[0]);
            frames[coach.index()] = Some(&sounds[1]);
            matching.hear(&frames, ducked, coaches);
            20.0 * matching.amplitude(coach).log10()
        };
        (0..frames).map(gain).collect()
    }

    #[test]
    fn a_coach_comes_to_the_callers_loudness_by_no_more_than_12_db() {
        for (caller, coach, wanted_db) in [
            (-26.0, -26.0, 0.0),
            (-26.0, -34.0, 8.0),
            (-34.0, -26.0, -8.0),
            (-20.0, -45.0, 12.0),
            (-45.0, -12.0, -12.0),
        ] {
            let gains = gains(500, caller, coach);
            let end = gains[499];
            assert!((end - wanted_db).abs() < 1.0, "{caller} and {coach}: {end} dB");
            assert!(gains.iter().all(|gain| gain.abs() <= 12.001), "{caller} and {coach}");
            let steps = gains.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(steps.into_iter().all(|step| (-0.25..=0.13).contains(&step)), "slowly");
        }
    }

    #[test]
    fn the_gain_rests_while_the_coach_is_silent() {
        let gains = gains(500, -26.0, -34.0);
        // From the third frame of a breath on, which the coach takes three frames before.
        assert!(gains[402 - 22..400 - 3].windows(2).all(|pair| pair[0] == pair[1]), "in a breath");
        let until_silent = |n: usize| n < 10;
        assert!(
            gains.iter().enumerate().filter(|(n, _)| until_silent(*n)).all(|(_, it)| *it == 0.0)
        );
    }
}
