//! A headset made of two pipes, for tests, demonstrations and machines without a sound card.
//!
//! ALSA's `file` plugin is a real device to cpal. Over a plain file it would run as fast as the processor, so its files
//! are named pipes here, and this is the clock at their other end: it writes the microphone's recording into one, and
//! reads what is played out of the other, both at 48 kHz times [`RigConfig::speed`]. A program that finds
//! [`Rig::alsa_config`] in the environment variable `ALSA_CONFIG_PATH` sees two devices, [`MICROPHONE`] and [`SPEAKER`].
//!
//! Unix with ALSA only; needs the command `mkfifo`. Samples are `f32`, the microphone's mono, the speaker's stereo, as
//! [`crate::audio::stream`] chooses them from a device that takes anything.

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

/// What a rig is like.
#[derive(Debug, Clone)]
pub struct RigConfig {
    /// What the microphone hears, mono at 48 kHz, over and over.
    pub recording: Vec<f32>,
    /// How fast its clock is: 1.001 is 0.1 % too fast.
    pub speed: f64,
}

/// A running rig. It runs until the program ends: a device whose clock stops would stall whoever uses it.
pub struct Rig {
    directory: PathBuf,
    heard: Arc<Mutex<Vec<[f32; 2]>>>,
    keeps: Arc<AtomicBool>,
}

impl Rig {
    /// Makes pipes and configuration in a directory and starts the clock.
    ///
    /// # Errors
    /// The directory can't be written to, or there is no `mkfifo`.
    pub fn start(directory: &Path, config: RigConfig) -> io::Result<Self> {
        let pipes = ["microphone", "speaker"].map(|name| directory.join(name));
        for pipe in &pipes {
            let made = Command::new("mkfifo").arg(pipe).status()?;
            if !made.success() {
                return Err(io::Error::other(format!("mkfifo {} failed", pipe.display())));
            }
        }
        let rig = Self {
            directory: directory.to_owned(),
            heard: Arc::default(),
            keeps: Arc::new(AtomicBool::new(true)),
        };
        std::fs::write(rig.alsa_config(), alsa_config(&pipes))?;
        // Open for both: opening waits for nobody, and no end is ever the last one to close.
        let open = |path: &PathBuf| OpenOptions::new().read(true).write(true).open(path);
        let (microphone, speaker) = (open(&pipes[0])?, open(&pipes[1])?);
        let lump = Duration::from_secs_f64(0.01 / config.speed);
        let (heard, keeps) = (rig.heard.clone(), rig.keeps.clone());
        std::thread::spawn(move || speak(microphone, &config.recording, lump));
        std::thread::spawn(move || hear(speaker, &heard, &keeps, lump));
        Ok(rig)
    }

    /// The value for `ALSA_CONFIG_PATH`.
    pub fn alsa_config(&self) -> PathBuf {
        self.directory.join("asoundrc")
    }

    /// What was played since the start or the last [`Rig::forget`], left and right.
    pub fn heard(&self) -> Vec<[f32; 2]> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets what was played so far.
    pub fn forget(&self) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for Rig {
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

fn speak(mut pipe: File, recording: &[f32], lump: Duration) {
    let mut sound = recording.iter().copied().cycle();
    let mut due = Instant::now();
    let mut bytes = Vec::with_capacity(4 * LUMP_FRAMES);
    loop {
        bytes.clear();
        // An empty recording is silence.
        bytes.extend((0..LUMP_FRAMES).flat_map(|_| sound.next().unwrap_or(0.0).to_ne_bytes()));
        if pipe.write_all(&bytes).is_err() {
            return;
        }
        due = wait(due, lump);
    }
}

fn hear(mut pipe: File, heard: &Mutex<Vec<[f32; 2]>>, keeps: &AtomicBool, lump: Duration) {
    let mut due = Instant::now();
    let mut bytes = [0; 8 * LUMP_FRAMES];
    loop {
        if pipe.read_exact(&mut bytes).is_err() {
            return;
        }
        if keeps.load(Relaxed) {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            let frames = bytes.as_chunks::<4>().0.as_chunks::<2>().0;
            let room = HEARD_FRAMES_MAX.saturating_sub(heard.len());
            heard.extend(frames.iter().take(room).map(|frame| frame.map(f32::from_ne_bytes)));
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
