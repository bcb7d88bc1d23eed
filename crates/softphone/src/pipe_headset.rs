//! A headset made of two pipes, for tests, demonstrations and machines without a sound card.
//!
//! ALSA's `file` plugin is a real device to cpal. Over a plain file it would run as fast as the processor, so its files
//! are named pipes here, and this is the clock at their other end: it writes the microphone's recording into one, and
//! reads what is played out of the other, both at 48 kHz times [`PipeHeadsetConfig::speed`]. A program that finds
//! [`PipeHeadset::alsa_config`] in the environment variable `ALSA_CONFIG_PATH` sees two devices, [`MICROPHONE`] and [`SPEAKER`].
//! They are a headset's, until [`PipeHeadset::loudspeaker`] lets the one be heard by the other.
//!
//! Unix with ALSA only; needs the command `mkfifo`. Samples are `f32`, the microphone's mono, the speaker's stereo, as
//! [`crate::audio::stream`] chooses them from a device that takes anything.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::audio::SAMPLE_RATE_HZ;

/// The microphone's name.
pub const MICROPHONE: &str = "Rig microphone";
/// The speaker's name.
pub const SPEAKER: &str = "Rig speaker";

/// Frames that pass at a time: 10 ms.
const LUMP_FRAMES: usize = SAMPLE_RATE_HZ as usize / 100;
/// What is kept of what was played: ten minutes.
const HEARD_FRAMES_MAX: usize = 600 * SAMPLE_RATE_HZ as usize;
/// From a loudspeaker to the microphone: the air, the walls, and the devices' own buffers.
const AIR: Duration = Duration::from_millis(100);
/// Lumps that are in the air at most: more than come to the microphone late on a busy machine.
const AIR_LUMPS_MAX: usize = 100;

/// 10 ms of a mono signal.
type Lump = [f32; LUMP_FRAMES];

/// What a headset of pipes is like.
#[derive(Debug, Clone)]
pub struct PipeHeadsetConfig {
    /// What the microphone hears, mono at 48 kHz, over and over.
    pub recording: Vec<f32>,
    /// How fast its clock is: 1.001 is 0.1 % too fast.
    pub speed: f64,
}

/// A running headset of pipes. It runs until the program ends: a device whose clock stops would stall whoever uses it.
pub struct PipeHeadset {
    directory: PathBuf,
    heard: Arc<Mutex<Vec<[f32; 2]>>>,
    keeps: Arc<AtomicBool>,
    air: Arc<Mutex<Air>>,
}

impl PipeHeadset {
    /// Makes pipes and configuration in a directory and starts the clock.
    ///
    /// # Errors
    /// The directory can't be written to, or there is no `mkfifo`.
    pub fn start(directory: &Path, config: PipeHeadsetConfig) -> io::Result<Self> {
        let pipes = ["microphone", "speaker"].map(|name| directory.join(name));
        for pipe in &pipes {
            let made = Command::new("mkfifo").arg(pipe).status()?;
            if !made.success() {
                return Err(io::Error::other(format!("mkfifo {} failed", pipe.display())));
            }
        }
        let headset = Self {
            directory: directory.to_owned(),
            heard: Arc::default(),
            keeps: Arc::new(AtomicBool::new(true)),
            air: Arc::default(),
        };
        std::fs::write(headset.alsa_config(), alsa_config(&pipes))?;
        // Open for both: opening waits for nobody, and no end is ever the last one to close.
        let open = |path: &PathBuf| OpenOptions::new().read(true).write(true).open(path);
        let (microphone, speaker) = (open(&pipes[0])?, open(&pipes[1])?);
        let lump = Duration::from_secs_f64(0.01 / config.speed);
        let (heard, keeps) = (headset.heard.clone(), headset.keeps.clone());
        let (from, to) = (headset.air.clone(), headset.air.clone());
        std::thread::spawn(move || speak(microphone, &config.recording, &from, lump));
        std::thread::spawn(move || hear(speaker, &heard, &keeps, &to, lump));
        Ok(headset)
    }

    /// From now on the microphone hears what is played too, 100 ms later and changed by so much, as from a loudspeaker;
    /// `None`: no longer, as with a headset.
    pub fn loudspeaker(&self, gain_db: Option<f32>) {
        let gain = gain_db.map_or(0.0, |gain_db| 10_f32.powf(gain_db / 20.0));
        self.air.lock().unwrap_or_else(PoisonError::into_inner).gain = gain;
    }

    /// The value for `ALSA_CONFIG_PATH`.
    pub fn alsa_config(&self) -> PathBuf {
        self.directory.join("asoundrc")
    }

    /// What was played since the start or the last [`PipeHeadset::forget`], left and right.
    pub fn heard(&self) -> Vec<[f32; 2]> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets what was played so far.
    pub fn forget(&self) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for PipeHeadset {
    fn drop(&mut self) {
        self.keeps.store(false, Relaxed);
    }
}

fn alsa_config([microphone, speaker]: &[PathBuf; 2]) -> String {
    let (microphone, speaker) = (microphone.display(), speaker.display());
    format!(
        r#"pcm.null {{ type null }}
pcm.rig_microphone {{
    type file
    slave.pcm "null"
    file "/dev/null"
    infile "{microphone}"
    format raw
    hint {{ show on description "{MICROPHONE}" }}
}}
pcm.rig_speaker {{
    type file
    slave.pcm "null"
    file "{speaker}"
    format raw
    hint {{ show on description "{SPEAKER}" }}
}}
"#
    )
}

/// What is on its way from the speaker to the microphone, by the moments at which it was played. Both keep the time of
/// one clock, so that the way has one length, however late their threads come.
#[derive(Default)]
struct Air {
    gain: f32,
    played: VecDeque<(Instant, Lump)>,
}

impl Air {
    fn play(&mut self, due: Instant, lump: Lump) {
        if self.played.len() == AIR_LUMPS_MAX {
            self.played.pop_front();
        }
        self.played.push_back((due, lump));
    }

    /// Adds to what the microphone hears in the `length` from `due` on.
    fn arrive(&mut self, due: Instant, length: Duration, heard: &mut Lump) {
        let is_over = |(played_at, _): &mut (Instant, Lump)| *played_at + length + AIR <= due;
        while self.played.pop_front_if(is_over).is_some() {}
        let has_come = |(played_at, _): &mut (Instant, Lump)| *played_at + AIR <= due;
        if let Some((_, lump)) = self.played.pop_front_if(has_come) {
            heard.iter_mut().zip(lump).for_each(|(heard, sample)| *heard += self.gain * sample);
        }
    }
}

fn speak(mut pipe: File, recording: &[f32], air: &Mutex<Air>, lump: Duration) {
    let mut sound = recording.iter().copied().cycle();
    let mut due = Instant::now();
    let mut bytes = Vec::with_capacity(4 * LUMP_FRAMES);
    loop {
        // An empty recording is silence.
        let mut heard: Lump = std::array::from_fn(|_| sound.next().unwrap_or(0.0));
        air.lock().unwrap_or_else(PoisonError::into_inner).arrive(due, lump, &mut heard);
        bytes.clear();
        bytes.extend(heard.iter().flat_map(|sample| sample.to_ne_bytes()));
        if pipe.write_all(&bytes).is_err() {
            return;
        }
        due = wait(due, lump);
    }
}

fn hear(
    mut pipe: File,
    heard: &Mutex<Vec<[f32; 2]>>,
    keeps: &AtomicBool,
    air: &Mutex<Air>,
    lump: Duration,
) {
    let mut due = Instant::now();
    let mut bytes = [0; 8 * LUMP_FRAMES];
    loop {
        if pipe.read_exact(&mut bytes).is_err() {
            return;
        }
        let frames = bytes.as_chunks::<4>().0.as_chunks::<2>().0;
        let frames = frames.iter().map(|frame| frame.map(f32::from_ne_bytes));
        let mut mono = [0.0; LUMP_FRAMES];
        mono.iter_mut().zip(frames.clone()).for_each(|(mono, [l, r])| *mono = (l + r) / 2.0);
        air.lock().unwrap_or_else(PoisonError::into_inner).play(due, mono);
        if keeps.load(Relaxed) {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            let room = HEARD_FRAMES_MAX.saturating_sub(heard.len());
            heard.extend(frames.take(room));
        }
        due = wait(due, lump);
    }
}

/// Waits for the next lump's time. One that nobody took for long starts the clock anew.
fn wait(due: Instant, lump: Duration) -> Instant {
    let next = due + lump;
    let now = Instant::now();
    if now > next + lump * 10 {
        return now;
    }
    std::thread::sleep(next.saturating_duration_since(now));
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_millis(10);

    /// What the microphone hears of these lumps, each played at its number's time and full of it, at these times, ms.
    fn heard(gain: f32, played: &[u32], at: &[u64]) -> Vec<f32> {
        let start = Instant::now();
        let mut air = Air { gain, ..Air::default() };
        for n in played {
            air.play(start + LENGTH * *n, [*n as f32; LUMP_FRAMES]);
        }
        let hear = |at: &u64| {
            let mut heard = [0.5; LUMP_FRAMES];
            air.arrive(start + Duration::from_millis(*at), LENGTH, &mut heard);
            heard[0] - 0.5
        };
        at.iter().map(hear).collect()
    }

    #[test]
    fn what_is_played_is_heard_a_tenth_of_a_second_later_whoever_comes_late() {
        assert_eq!(
            heard(0.5, &[0, 1, 2, 3], &[95, 105, 115, 125, 135, 145]),
            [0.0, 0.0, 0.5, 1.0, 1.5, 0.0]
        );
        // Nothing was played for a while; a microphone that comes late has missed what was.
        assert_eq!(heard(1.0, &[1, 2, 5], &[110, 120, 130, 150, 160]), [1.0, 2.0, 0.0, 5.0, 0.0]);
        assert_eq!(heard(1.0, &[1, 2, 3, 4], &[140]), [4.0]);
        assert_eq!(heard(0.0, &[1, 2], &[110, 120]), [0.0, 0.0], "a headset");
    }
}
