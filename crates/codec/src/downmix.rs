//! Two channels of one voice as one.
//!
//! The mean of both is right only if both carry the voice. A stereo device with one capsule has the other channel open:
//! the mean halves the voice; a channel that is wired the wrong way round cancels it. Which of these it is, the
//! channels' energies over half a second tell, never one sample: a choice that changes from sample to sample is a rasp.

/// How long the past counts, s: it has faded to 1/e after this.
const MEMORY_S: f32 = 0.5;
/// A channel that is quieter than the other by this (power, 20 dB) carries none of the voice.
const SILENT_RATIO: f32 = 0.01;
/// A channel that takes part again must be louder than that by this: 3 dB.
const RETURN_FACTOR: f32 = 2.0;
/// Below this correlation the mean would cancel more than half of the voice's power.
const INVERTED_CORRELATION: f32 = -0.5;
/// The same, where one channel is taken already.
const STILL_INVERTED_CORRELATION: f32 = -0.3;
/// Blocks below this power (−70 dBFS) are pauses: they decide nothing.
const PAUSE_POWER: f32 = 1e-7;

/// What is taken of each channel.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Choice {
    Mean,
    First,
    Second,
}

impl Choice {
    fn gains(self) -> [f32; 2] {
        match self {
            Self::Mean => [0.5, 0.5],
            Self::First => [1.0, 0.0],
            Self::Second => [0.0, 1.0],
        }
    }
}

/// Makes one channel of two. Allocates nothing.
#[derive(Debug, Clone)]
pub struct Downmix {
    samples_per_memory: f32,
    /// Each channel's power, and the mean of their product.
    powers: [f32; 2],
    product: f32,
    choice: Choice,
}

impl Downmix {
    /// For sound at this rate.
    pub fn new(rate_hz: u32) -> Self {
        let samples_per_memory = rate_hz as f32 * MEMORY_S;
        Self { samples_per_memory, powers: [0.0; 2], product: 0.0, choice: Choice::Mean }
    }

    /// Begins anew, for another source.
    pub fn reset(&mut self) {
        (self.powers, self.product, self.choice) = ([0.0; 2], 0.0, Choice::Mean);
    }

    /// Takes the next block, such as 10 or 20 ms, and gives each of its frames as one sample to `put`, in order. A choice
    /// that changes is faded over the block.
    pub fn mix(
        &mut self,
        frames: impl ExactSizeIterator<Item = [f32; 2]> + Clone,
        mut put: impl FnMut(f32),
    ) {
        let count = frames.len() as f32;
        if count == 0.0 {
            return;
        }
        let is_first = self.powers == [0.0; 2];
        let before = self.choice.gains();
        self.listen(frames.clone(), count);
        let after = self.choice.gains();
        // What came before the first sound was silence: nothing fades.
        let before = if is_first { after } else { before };
        let step = [(after[0] - before[0]) / count, (after[1] - before[1]) / count];
        for (n, [first, second]) in frames.enumerate() {
            let n = n as f32 + 1.0;
            put(first * (before[0] + step[0] * n) + second * (before[1] + step[1] * n));
        }
    }

    fn listen(&mut self, frames: impl Iterator<Item = [f32; 2]>, count: f32) {
        let (mut powers, mut product) = ([0.0_f32; 2], 0.0_f32);
        for [first, second] in frames {
            powers[0] += first * first;
            powers[1] += second * second;
            product += first * second;
        }
        if powers[0].max(powers[1]) < PAUSE_POWER * count {
            return;
        }
        let is_first = self.powers == [0.0; 2];
        let kept = if is_first { 0.0 } else { (-count / self.samples_per_memory).exp() };
        let average = |past: f32, sum: f32| past * kept + sum / count * (1.0 - kept);
        self.powers = [average(self.powers[0], powers[0]), average(self.powers[1], powers[1])];
        self.product = average(self.product, product);
        self.choice = self.choose();
    }

    fn choose(&self) -> Choice {
        let [first, second] = self.powers;
        let silent = match self.choice {
            Choice::Mean => SILENT_RATIO,
            Choice::First | Choice::Second => SILENT_RATIO * RETURN_FACTOR,
        };
        let inverted = match self.choice {
            Choice::Mean => INVERTED_CORRELATION,
            Choice::First | Choice::Second => STILL_INVERTED_CORRELATION,
        };
        if second < first * silent {
            return Choice::First;
        }
        if first < second * silent {
            return Choice::Second;
        }
        if self.product >= inverted * (first * second).sqrt() {
            return Choice::Mean;
        }
        match self.choice {
            // Both carry the voice: the one that was taken stays.
            Choice::First | Choice::Second => self.choice,
            Choice::Mean if second > first => Choice::Second,
            Choice::Mean => Choice::First,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    /// A voice-like sound: a tone of 200 Hz that swells four times a second.
    fn voice(n: usize) -> f32 {
        let t = n as f32 / RATE as f32;
        0.3 * (std::f32::consts::TAU * 200.0 * t).sin() * (0.6 + 0.4 * (25.0 * t).sin())
    }

    /// One step of 16 bits, up or down or none: what an open input carries.
    fn step(n: usize) -> f32 {
        let random = (n as u32).wrapping_mul(2_654_435_761) >> 30;
        [-1.0, 0.0, 0.0, 1.0][random as usize] / 32_768.0
    }

    fn mixed(seconds: usize, block: usize, frame: impl Fn(usize) -> [f32; 2]) -> Vec<f32> {
        let mut downmix = Downmix::new(RATE);
        let all: Vec<_> = (0..seconds * RATE as usize).map(frame).collect();
        let mut out = Vec::with_capacity(all.len());
        for block in all.chunks(block) {
            downmix.mix(block.iter().copied(), |sample| out.push(sample));
        }
        out
    }

    fn level_db(signal: &[f32]) -> f32 {
        let power = signal.iter().map(|it| it * it).sum::<f32>() / signal.len() as f32;
        10.0 * power.log10()
    }

    fn difference_db(a: &[f32], b: &[f32]) -> f32 {
        let difference: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        level_db(&difference) - level_db(b)
    }

    #[test]
    fn one_capsule_is_heard_as_it_is() {
        let plain: Vec<f32> = (0..2 * RATE as usize).map(voice).collect();
        for open in [|_| 0.0, step] {
            let first = mixed(2, 480, |n| [voice(n), open(n)]);
            let second = mixed(2, 480, |n| [open(n), voice(n)]);
            assert!(difference_db(&first, &plain) < -70.0, "{}", difference_db(&first, &plain));
            assert!(difference_db(&second, &plain) < -70.0);
        }
        let both = mixed(2, 480, |n| [voice(n), voice(n)]);
        assert!(difference_db(&both, &plain) < -100.0);
    }

    #[test]
    fn an_inverted_channel_cancels_nothing() {
        let plain: Vec<f32> = (0..2 * RATE as usize).map(voice).collect();
        let inverted = mixed(2, 960, |n| [voice(n), -voice(n)]);
        assert!(difference_db(&inverted, &plain) < -100.0);
        // Two voices, of which neither is the other's opposite, are both heard.
        let other = |n: usize| 0.2 * (n as f32 * 0.11).sin();
        let two = mixed(2, 960, |n| [voice(n), other(n)]);
        let mean: Vec<f32> =
            plain.iter().enumerate().map(|(n, it)| (it + other(n)) / 2.0).collect();
        assert!(difference_db(&two, &mean) < -60.0);
    }

    #[test]
    fn a_pause_decides_nothing_and_a_change_does_not_click() {
        let rate = RATE as usize;
        // 1 s of one capsule, 10 s of its noise, then the voice again, then both channels.
        let frame = |n: usize| match n / rate {
            0 | 11 => [voice(n), step(n)],
            1..=10 => [step(n + 7), step(n)],
            _ => [voice(n), voice(n)],
        };
        let out = mixed(14, 480, frame);
        let plain: Vec<f32> = (0..14 * rate).map(voice).collect();
        let again = 11 * rate..12 * rate;
        assert!(difference_db(&out[again.clone()], &plain[again]) < -60.0);
        assert!(difference_db(&out[13 * rate..], &plain[13 * rate..]) < -60.0);
        let jump = out.windows(2).map(|it| (it[1] - it[0]).abs()).fold(0.0, f32::max);
        let own = plain.windows(2).map(|it| (it[1] - it[0]).abs()).fold(0.0, f32::max);
        assert!(jump < 1.5 * own, "a click of {jump} beside {own}");
    }
}
