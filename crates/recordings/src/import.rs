//! Recordings of any kind as two parties' sound at 48 kHz.
//!
//! A folder holds stereo files, `x.wav` (left is the caller, right the agent), and pairs of mono
//! files, `x.caller.wav` and `x.agent.wav`, each WAV, FLAC, Ogg Opus, AU or what a telephone system
//! writes without a header. A text `x.txt` beside them may name the queue and the caller, in lines
//! `queue: …` and `caller: …`.
//!
//! Files come as people have them: never finished, cut off, damaged. What can be read of them is used
//! and a note says what was wrong; what can't is named with what to do. Nothing is made louder, cleaned
//! or cut into sentences.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codec::{FRAME_SAMPLES, SAMPLE_RATE_HZ};

use crate::error::ImportError;
use crate::file;
use crate::folder::{Files, Folder, Source, file_name, shown};
use crate::sound::{Note, Sound, SoundError};
use crate::{DEMO_CALLS, DemoCall, ogg_opus, script};

/// All recordings of a folder together, at most; what doesn't fit is left out.
pub const FOLDER_DURATION_MAX: Duration = Duration::from_mins(60);
/// A shorter recording is not worth a call.
pub const PARTY_DURATION_MIN: Duration = Duration::from_secs(1);
/// A party that never gets above this peak (−60 dBFS) says nothing.
const SILENT_PEAK: f32 = 0.001;
/// Above this correlation two parties are one and the same sound. Two people's is about 0.
const SAME_CORRELATION: f64 = 0.95;
/// A recorded call: what each party says.
#[derive(Clone, PartialEq)]
pub struct Recorded {
    /// The file's name without its ending.
    pub name: String,
    /// The queue that the caller calls, by key, if a text beside the file names it.
    pub queue: Option<String>,
    /// The caller's name, likewise.
    pub caller_name: Option<String>,
    /// What the caller says: mono, 48 kHz, −1.0 … 1.0.
    pub caller: Arc<[f32]>,
    /// What the agent says; as many samples. Both are whole 20 ms frames.
    pub agent: Arc<[f32]>,
}

/// What to do about a recording that is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Broken {
    /// Leave it out and name it.
    #[default]
    Skip,
    /// Refuse the whole folder.
    Refuse,
}

/// What a folder gave.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The recordings, by name.
    pub recordings: Vec<Recorded>,
    /// Those left out, each with the reason: `x.wav: empty`.
    pub skipped: Vec<String>,
    /// Those of which only the first [`PARTY_DURATION_MAX`](crate::PARTY_DURATION_MAX) is used.
    pub shortened: Vec<String>,
    /// What was wrong with those that are used, and what else is worth a word: `x.wav: cut off: …`.
    pub notes: Vec<String>,
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("name", &self.name)
            .field("queue", &self.queue)
            .field("caller_name", &self.caller_name)
            .field("duration", &self.duration())
            .finish_non_exhaustive()
    }
}

impl Recorded {
    /// The project's own demo calls, decoded.
    ///
    /// # Errors
    /// None: a test reads them all.
    pub fn demo_calls() -> Result<Vec<Self>, ImportError> {
        DEMO_CALLS
            .iter()
            .map(|&DemoCall { name, opus, script }| {
                let failed = |error: Useless| ImportError::Demo(name, error.to_string());
                let sound = ogg_opus::read(io::Cursor::new(opus)).map_err(|e| failed(e.into()))?;
                let sound = Named { sound, notes: Vec::new() };
                let parties = Parties::of(sound).map_err(failed)?;
                Self::new(name, Some(script), parties).map_err(failed)
            })
            .collect()
    }

    /// How long it is.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.caller.len() as f64 / f64::from(SAMPLE_RATE_HZ))
    }

    /// How many 20 ms frames it is.
    pub fn frames(&self) -> usize {
        self.caller.len() / FRAME_SAMPLES
    }

    fn new(name: &str, script: Option<&str>, parties: Parties) -> Result<Self, Useless> {
        let Parties { mut caller, mut agent, .. } = parties;
        let samples = caller.len().max(agent.len());
        if Duration::from_secs_f64(samples as f64 / f64::from(SAMPLE_RATE_HZ)) < PARTY_DURATION_MIN
        {
            return Err(Useless::Short);
        }
        for (party, signal) in [("caller", &caller), ("agent", &agent)] {
            if signal.iter().all(|sample| sample.abs() < SILENT_PEAK) {
                return Err(Useless::Silent(party));
            }
        }
        if correlation(&caller, &agent) > SAME_CORRELATION {
            return Err(Useless::Same);
        }
        let whole = samples.next_multiple_of(FRAME_SAMPLES);
        caller.resize(whole, 0.0);
        agent.resize(whole, 0.0);
        let field = |key| script::field(script?, key).map(str::to_owned);
        Ok(Self {
            name: name.to_owned(),
            queue: field("queue"),
            caller_name: field("caller"),
            caller: caller.into(),
            agent: agent.into(),
        })
    }
}

/// Reads every recording in a folder (not in folders within).
///
/// # Errors
/// A folder that can't be read, that holds nothing of use, or, with [`Broken::Refuse`], anything
/// that is of no use.
pub fn import_dir(dir: &Path, broken: Broken) -> Result<Imported, ImportError> {
    import(dir, broken, FOLDER_DURATION_MAX)
}

fn import(dir: &Path, broken: Broken, duration_max: Duration) -> Result<Imported, ImportError> {
    let Folder { sources, notes } = Folder::read(dir)?;
    let mut imported =
        Imported { recordings: Vec::new(), skipped: Vec::new(), shortened: Vec::new(), notes };
    // A few at a time: each may take a quarter of a gigabyte.
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut total, mut is_full) = (Duration::ZERO, false);
    for sources in sources.chunks(at_once) {
        if is_full {
            imported.skipped.extend(sources.iter().map(|source| left_out(source, duration_max)));
            continue;
        }
        for (source, read) in sources.iter().zip(read_all(sources)) {
            match read {
                Ok(read) => {
                    total += read.recorded.duration();
                    is_full |= total > duration_max;
                    if is_full {
                        imported.skipped.push(left_out(source, duration_max));
                        continue;
                    }
                    if read.is_cut {
                        imported.shortened.push(shown(&source.name));
                    }
                    imported.notes.extend(read.notes);
                    imported.recordings.push(read.recorded);
                }
                Err(reason) if broken == Broken::Refuse => {
                    return Err(ImportError::Refused(reason));
                }
                Err(reason) => imported.skipped.push(reason),
            }
        }
    }
    if imported.recordings.is_empty() {
        imported.skipped.append(&mut imported.notes);
        return Err(ImportError::Empty(dir.to_owned(), imported.skipped));
    }
    Ok(imported)
}

fn left_out(source: &Source, duration_max: Duration) -> String {
    let name = shown(&source.name);
    format!("{name}: left out, a folder's first {} s are used", duration_max.as_secs())
}

/// Why a recording is of no use.
#[derive(Debug, thiserror::Error)]
enum Useless {
    #[error("{0}")]
    Sound(#[from] SoundError),
    #[error("it is mono; a call needs two parties (stereo, or x.caller.wav and x.agent.wav)")]
    Mono,
    #[error("one of a pair must be mono, it has {0} channels")]
    PairNotMono(usize),
    #[error("its other half, *.{0}.*, is missing")]
    Half(&'static str),
    #[error(
        "it is mono, and {0} looks like its other half: name the caller's x.caller.wav and the agent's \
         x.agent.wav (or .flac, .ulaw, …)"
    )]
    Unnamed(String),
    #[error("shorter than a second")]
    Short,
    #[error("the {0} is silent throughout")]
    Silent(&'static str),
    #[error("caller and agent are the same sound: a mono recording on both channels")]
    Same,
}

/// What a recording's files gave.
struct Read {
    recorded: Recorded,
    is_cut: bool,
    notes: Vec<String>,
}

/// One thread a recording.
fn read_all(sources: &[Source]) -> Vec<Result<Read, String>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            sources.iter().map(|source| scope.spawn(move || source.read())).collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(read) => read,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

impl Source {
    /// Reads its files; why that can't be, for each file that is to blame.
    fn read(&self) -> Result<Read, String> {
        let parties = self.files.read()?;
        let is_cut = parties.is_cut;
        let mut notes = parties.notes.clone();
        let script = self.script(&mut notes);
        let recorded = Recorded::new(&self.name, script.as_deref(), parties).map_err(|error| {
            // What was wrong with the file may be why so little of it is left.
            let notes = notes.iter().map(|note| format!(" ({note})")).collect::<String>();
            format!("{}: {error}{notes}", file_name(self.files.first()))
        })?;
        Ok(Read { recorded, is_cut, notes })
    }

    /// The text beside it; a text that says nothing is worth a word, since somebody wrote it.
    fn script(&self, notes: &mut Vec<String>) -> Option<String> {
        let name = file_name(&self.script);
        match script::read(&self.script) {
            Ok(Some(text)) => {
                let is_used =
                    ["queue", "caller"].iter().any(|it| script::field(&text, it).is_some());
                if !is_used {
                    notes.push(format!(
                        "{name}: not used, it has no line `queue: …` or `caller: …`"
                    ));
                }
                Some(text)
            }
            Ok(None) => None,
            Err(error) => {
                notes.push(format!("{name}: {error}"));
                None
            }
        }
    }
}

impl Files {
    fn first(&self) -> &Path {
        match self {
            Self::Stereo(path) | Self::Half(path, _) | Self::Unnamed(path, _) => path,
            Self::Pair { caller, .. } => caller,
        }
    }

    /// Both parties' sound, or what is wrong with the files.
    fn read(&self) -> Result<Parties, String> {
        let named = |path: &Path, error: Useless| format!("{}: {error}", file_name(path));
        match self {
            Self::Half(path, missing) => Err(named(path, Useless::Half(missing))),
            Self::Stereo(path) | Self::Unnamed(path, _) => {
                let read = || Parties::of(file::read(path)?.with_notes_of(path));
                read().map_err(|error| match (error, self) {
                    (Useless::Mono, Self::Unnamed(_, other)) => {
                        named(path, Useless::Unnamed(other.clone()))
                    }
                    (error, _) => named(path, error),
                })
            }
            Self::Pair { caller, agent } => match (one(caller), one(agent)) {
                (Ok(of_caller), Ok(of_agent)) => Ok(Parties::pair(of_caller, of_agent)),
                // Whoever mends one half wants to know of the other.
                (of_caller, of_agent) => {
                    let reasons = [(caller, of_caller.err()), (agent, of_agent.err())];
                    let reasons =
                        reasons.into_iter().filter_map(|(path, error)| Some(named(path, error?)));
                    Err(reasons.collect::<Vec<_>>().join("; "))
                }
            },
        }
    }
}

/// A sound whose notes say which file they are about.
struct Named {
    sound: Sound,
    notes: Vec<String>,
}

impl Sound {
    fn with_notes_of(self, path: &Path) -> Named {
        let named = |note: &Note| format!("{}: {note}", file_name(path));
        Named { notes: self.notes.iter().map(named).collect(), sound: self }
    }
}

/// Both parties' sound at 48 kHz.
struct Parties {
    caller: Vec<f32>,
    agent: Vec<f32>,
    is_cut: bool,
    notes: Vec<String>,
}

impl Parties {
    fn of(Named { sound, notes }: Named) -> Result<Self, Useless> {
        if sound.channels.len() == 1 {
            return Err(Useless::Mono);
        }
        let Sound { channels, is_cut, .. } = sound.resampled()?;
        match <[Vec<f32>; 2]>::try_from(channels) {
            Ok([caller, agent]) => Ok(Self { caller, agent, is_cut, notes }),
            Err(channels) => Err(SoundError::Channels(channels.len()).into()),
        }
    }

    fn pair(caller: Named, agent: Named) -> Self {
        let is_cut = caller.sound.is_cut || agent.sound.is_cut;
        let notes = caller.notes.into_iter().chain(agent.notes).collect();
        let mono = |mut sound: Sound| sound.channels.swap_remove(0);
        Self { caller: mono(caller.sound), agent: mono(agent.sound), is_cut, notes }
    }
}

fn one(path: &Path) -> Result<Named, Useless> {
    let sound = file::read(path)?;
    if sound.channels.len() != 1 {
        return Err(Useless::PairNotMono(sound.channels.len()));
    }
    Ok(sound.resampled()?.with_notes_of(path))
}

/// Normalised: 1 for the same shape at any level, about 0 for two people. A constant part, which two
/// inputs of one converter may share, is nobody's voice and does not count.
fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let mean = |signal: &[f32]| -> f64 {
        signal.iter().map(|&sample| f64::from(sample)).sum::<f64>() / signal.len().max(1) as f64
    };
    let product = |a: &[f32], b: &[f32]| -> f64 {
        let (mean_a, mean_b) = (mean(a), mean(b));
        a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - mean_a) * (f64::from(b) - mean_b)).sum()
    };
    product(a, b) / (product(a, a) * product(b, b)).sqrt().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
