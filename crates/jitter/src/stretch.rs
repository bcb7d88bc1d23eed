//! Makes decoded speech a little shorter or longer, by whole periods of its pitch: waveform-similarity overlap-add
//! (Verhelst and Roelands, 1993). Nothing is left out that has no like beside it, so that nobody hears a drop.

/// Two pieces are faded into each other over this many samples: 5 ms.
const FADE: usize = 240;
/// Shortest period looked for: 2.5 ms (400 Hz).
const PERIOD_MIN: usize = 120;
/// Longest: 15 ms (67 Hz).
pub(crate) const PERIOD_MAX: usize = 720;
/// The search compares every fourth sample, as at 12 kHz: pitch is far below that.
const STRIDE: usize = 4;
/// Pieces that are less alike than this are no two periods of one pitch.
const ALIKE_MIN: f32 = 0.85;
/// Where nothing is alike and it has to be, this much of it is taken: 10 ms.
const ANY_PERIOD: usize = 480;
/// Below this mean power (−60 dBFS) it does not matter what is like what.
const QUIET_POWER: f32 = 1e-6;
/// Pieces are compared over as much as this, samples: 10 ms.
const COMPARED_MAX: usize = 480;
/// Sound needed to do anything, samples: 15 ms.
const NEEDED_MIN: usize = ANY_PERIOD + FADE;

/// Takes one period out of the sound in `signal[..length]`; the new length. The same if nothing in it can be spared,
/// unless it `must`.
pub(crate) fn shorten(signal: &mut [f32], length: usize, must: bool) -> usize {
    let Some(period) = period(&signal[..length.min(signal.len())], must) else { return length };
    // From the beginning into what is one period later; it goes on from there.
    for n in 0..FADE {
        let later = share(n);
        signal[n] = signal[n] * (1.0 - later) + signal[n + period] * later;
    }
    signal.copy_within(FADE + period..length, FADE);
    length - period
}

/// Puts one period more into the sound in `signal[..length]`, as far as there is room behind it; the new length.
pub(crate) fn lengthen(signal: &mut [f32], length: usize, must: bool) -> usize {
    let Some(period) = period(&signal[..length.min(signal.len())], must) else { return length };
    if length + period > signal.len() {
        return length;
    }
    // The first period, then from what comes after it back into the beginning; it goes on from there.
    let mut head = [0.0; PERIOD_MAX + FADE];
    let head = &mut head[..period + FADE];
    head.copy_from_slice(&signal[..period + FADE]);
    for n in 0..FADE {
        let later = share(n);
        head[period + n] = head[period + n] * (1.0 - later) + signal[n] * later;
    }
    signal.copy_within(FADE..length, period + FADE);
    signal[..period + FADE].copy_from_slice(head);
    length + period
}

/// After how many samples the sound's beginning comes again.
fn period(signal: &[f32], must: bool) -> Option<usize> {
    if signal.len() < NEEDED_MIN {
        return None;
    }
    let power = signal.iter().map(|it| it * it).sum::<f32>() / signal.len() as f32;
    if power < QUIET_POWER {
        return Some(ANY_PERIOD);
    }
    let (mut best, mut most_alike) = (None, if must { f32::MIN } else { ALIKE_MIN });
    for lag in (PERIOD_MIN..=PERIOD_MAX.min(signal.len() - FADE)).step_by(STRIDE) {
        let compared = COMPARED_MAX.min(signal.len() - lag);
        let alike = alike(&signal[..compared], &signal[lag..lag + compared]);
        if alike > most_alike {
            (best, most_alike) = (Some(lag), alike);
        }
    }
    best
}

/// How much alike two pieces are: 1 for the same, at most; a difference of level counts as well.
fn alike(a: &[f32], b: &[f32]) -> f32 {
    let (mut product, mut power_a, mut power_b) = (0.0, f32::MIN_POSITIVE, 0.0);
    for (a, b) in a.iter().zip(b).step_by(STRIDE) {
        product += a * b;
        power_a += a * a;
        power_b += b * b;
    }
    2.0 * product / (power_a + power_b)
}

fn share(n: usize) -> f32 {
    (n as f32 + 0.5) / FADE as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voiced sound with a pitch of `hz`.
    fn voice(hz: f32, n: usize) -> f32 {
        let at = std::f32::consts::TAU * hz * n as f32 / 48_000.0;
        0.2 * (at.sin() + 0.5 * (2.0 * at).sin() + 0.25 * (3.0 * at + 1.0).sin())
    }

    /// The largest step from one sample to the next.
    fn step_max(signal: &[f32]) -> f32 {
        signal.windows(2).map(|it| (it[1] - it[0]).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn voiced_sound_changes_by_whole_periods_without_a_click() {
        for hz in [75.0, 110.0, 180.0, 220.0, 390.0] {
            let plain: Vec<f32> = (0..2_000).map(|n| voice(hz, n)).collect();
            for (name, change) in
                [("shorter", shorten as fn(&mut [f32], usize, bool) -> usize), ("longer", lengthen)]
            {
                let mut signal = plain[..1_920].to_vec();
                signal.resize(3_000, 0.0);
                let length = change(&mut signal, 1_920, false);
                let period = 48_000.0 / hz;
                let changed = length.abs_diff(1_920) as f32;
                let rest = (changed / period).round() * period - changed;
                assert!(changed > 0.0 && rest.abs() <= STRIDE as f32, "{hz} Hz, {name}: {changed}");
                let step = step_max(&signal[..length]) / step_max(&plain);
                assert!(step < 1.1, "{hz} Hz, {name}: a click, {step}");
                // The end is where the next packet goes on.
                assert_eq!(signal[length - 900..length], plain[1_020..1_920], "{hz} Hz, {name}");
            }
        }
    }

    #[test]
    fn what_has_no_like_is_left_unless_it_must_go() {
        let mut random = 1_u32;
        let mut noise = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let mut signal: Vec<f32> = (0..960).map(|_| noise()).collect();
        assert_eq!(shorten(&mut signal, 960, false), 960);
        assert!(shorten(&mut signal, 960, true) <= 960 - PERIOD_MIN);
        let mut silence = [0.0; 960];
        assert_eq!(shorten(&mut silence, 960, false), 960 - ANY_PERIOD);
        assert_eq!(lengthen(&mut silence, 960, false), 960, "no room");
        assert_eq!(shorten(&mut silence, NEEDED_MIN - 1, true), NEEDED_MIN - 1);
        assert_eq!(shorten(&mut silence, 0, true), 0);
    }
}
