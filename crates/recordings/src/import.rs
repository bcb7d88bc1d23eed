//! Recordings of any kind as two parties' sound at 48 kHz.
//!
//! A folder holds stereo files, `x.wav` (left is the caller, right the agent), and pairs of mono
//! files, `x.caller.wav` and `x.agent.wav`, each WAV, FLAC or Ogg Opus. A text `x.txt` beside them
//! may name the queue and the caller, in lines `queue: …` and `caller: …`. Files with other endings
//! are none of ours and not looked at, unless they are sound in a format that is not read.
//!
//! Nothing is made louder, cleaned or cut into sentences.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codec::{FRAME_SAMPLES, SAMPLE_RATE_HZ};

use crate::file;
use crate::sound::{Sound, SoundError};
use crate::{DEMO_CALLS, DemoCall, ogg_opus, script};

/// All recordings of a folder together, at most; what doesn't fit is left out.
pub const FOLDER_DURATION_MAX: Duration = Duration::from_mins(60);
/// Files looked at in a folder.
pub const FILES_MAX: usize = 10_000;
/// A shorter recording is not worth a call.
pub const PARTY_DURATION_MIN: Duration = Duration::from_secs(1);
/// A party that never gets above this peak (−60 dBFS) says nothing.
const SILENT_PEAK: f32 = 0.001;
/// Above this correlation two parties are one and the same sound. Two people's is about 0.
const SAME_CORRELATION: f64 = 0.95;
/// Endings of files that are read.
const ENDINGS: [&str; 6] = ["wav", "wave", "flac", "opus", "ogg", "oga"];
/// Endings of sound that is not: named, lest somebody wonders.
const FOREIGN_ENDINGS: [&str; 12] =
    ["mp3", "m4a", "aac", "wma", "aif", "aiff", "amr", "au", "caf", "gsm", "mp4", "webm"];

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
}

/// Why there is nothing to replay.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder can't be read.
    #[error("{0}: {1}")]
    Folder(PathBuf, io::Error),
    /// More than [`FILES_MAX`] files.
    #[error("{0}: more than {FILES_MAX} files")]
    TooMany(PathBuf),
    /// A recording is of no use, and [`Broken::Refuse`] was asked for.
    #[error("{0}")]
    Refused(String),
    /// No recording was of use; the reasons.
    #[error("no recording of use in {0}{reasons}", reasons = list(.1))]
    Empty(PathBuf, Vec<String>),
    /// A demo call within the program is broken. A test reads them all.
    #[error("{0}: {1}")]
    Demo(&'static str, String),
}

fn list(reasons: &[String]) -> String {
    match reasons {
        [] => " (*.wav, *.flac, *.opus; or pairs *.caller.wav, *.agent.wav)".to_owned(),
        reasons => format!(": {}", reasons.join("; ")),
    }
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
    let mut imported =
        Imported { recordings: Vec::new(), skipped: Vec::new(), shortened: Vec::new() };
    let sources = sources(dir)?;
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
                Ok((recorded, is_cut)) => {
                    total += recorded.duration();
                    is_full |= total > duration_max;
                    if is_full {
                        imported.skipped.push(left_out(source, duration_max));
                        continue;
                    }
                    if is_cut {
                        imported.shortened.push(source.name.clone());
                    }
                    imported.recordings.push(recorded);
                }
                Err(reason) if broken == Broken::Refuse => {
                    return Err(ImportError::Refused(reason));
                }
                Err(reason) => imported.skipped.push(reason),
            }
        }
    }
    if imported.recordings.is_empty() {
        return Err(ImportError::Empty(dir.to_owned(), imported.skipped));
    }
    Ok(imported)
}

fn left_out(source: &Source, duration_max: Duration) -> String {
    format!("{}: left out, a folder's first {} s are used", source.name, duration_max.as_secs())
}

/// A recording to be read.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    name: String,
    script: PathBuf,
    files: Files,
}

#[derive(Debug, PartialEq, Eq)]
enum Files {
    Stereo(PathBuf),
    Pair {
        caller: PathBuf,
        agent: PathBuf,
    },
    /// One of a pair, and which the other is.
    Half(PathBuf, &'static str),
    Foreign(PathBuf),
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
    #[error("not a format that is read (WAV, FLAC, Ogg Opus): convert it")]
    Foreign,
    #[error("shorter than a second")]
    Short,
    #[error("the {0} is silent throughout")]
    Silent(&'static str),
    #[error("caller and agent are the same sound: a mono recording on both channels")]
    Same,
}

/// What there is to read, by name.
fn sources(dir: &Path) -> Result<Vec<Source>, ImportError> {
    let failed = |error| ImportError::Folder(dir.to_owned(), error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
        if paths.len() > FILES_MAX {
            return Err(ImportError::TooMany(dir.to_owned()));
        }
    }
    paths.sort();
    let (mut sources, mut pairs) = (Vec::new(), BTreeMap::new());
    for path in paths.into_iter().filter(|path| path.is_file()) {
        let text = |part: Option<&std::ffi::OsStr>| {
            part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let (stem, ending) = (text(path.file_stem()), text(path.extension()).to_lowercase());
        let is_foreign = FOREIGN_ENDINGS.contains(&ending.as_str());
        if !is_foreign && !ENDINGS.contains(&ending.as_str()) {
            continue;
        }
        let party = ["caller", "agent"]
            .into_iter()
            .find_map(|party| Some((stem.strip_suffix(party)?.strip_suffix('.')?, party)));
        match party {
            Some((name, party)) if !is_foreign => {
                let (caller, agent) = pairs.entry(name.to_owned()).or_insert((None, None));
                *(if party == "caller" { caller } else { agent }) = Some(path);
            }
            _ => {
                let script = path.with_extension("txt");
                let files = if is_foreign { Files::Foreign(path) } else { Files::Stereo(path) };
                sources.push(Source { name: stem, script, files });
            }
        }
    }
    for (name, pair) in pairs {
        let files = match pair {
            (Some(caller), Some(agent)) => Files::Pair { caller, agent },
            (Some(caller), None) => Files::Half(caller, "agent"),
            (None, Some(agent)) => Files::Half(agent, "caller"),
            (None, None) => continue,
        };
        let script = dir.join(format!("{name}.txt"));
        sources.push(Source { name, script, files });
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sources)
}

type Read = Result<(Recorded, bool), String>;

/// One thread a recording.
fn read_all(sources: &[Source]) -> Vec<Read> {
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
    fn read(&self) -> Read {
        let named = |(path, error): (&Path, Useless)| {
            let file = path.file_name().unwrap_or_default();
            format!("{}: {error}", file.to_string_lossy())
        };
        let parties = self.files.read().map_err(named)?;
        let (is_cut, script) = (parties.is_cut, std::fs::read_to_string(&self.script).ok());
        let recorded = Recorded::new(&self.name, script.as_deref(), parties)
            .map_err(|error| named((self.files.first(), error)))?;
        Ok((recorded, is_cut))
    }
}

impl Files {
    fn first(&self) -> &Path {
        match self {
            Self::Stereo(path) | Self::Foreign(path) | Self::Half(path, _) => path,
            Self::Pair { caller, .. } => caller,
        }
    }

    /// Both parties' sound, or the file that is of no use.
    fn read(&self) -> Result<Parties, (&Path, Useless)> {
        let failed = |error| (self.first(), error);
        match self {
            Self::Foreign(_) => Err(failed(Useless::Foreign)),
            Self::Half(_, missing) => Err(failed(Useless::Half(missing))),
            Self::Stereo(path) => {
                file::read(path).map_err(Useless::from).and_then(Parties::of).map_err(failed)
            }
            Self::Pair { caller, agent } => {
                let of_caller = one(caller).map_err(|error| (caller.as_path(), error))?;
                let of_agent = one(agent).map_err(|error| (agent.as_path(), error))?;
                let is_cut = of_caller.1 || of_agent.1;
                Ok(Parties { caller: of_caller.0, agent: of_agent.0, is_cut })
            }
        }
    }
}

/// Both parties' sound at 48 kHz.
struct Parties {
    caller: Vec<f32>,
    agent: Vec<f32>,
    is_cut: bool,
}

impl Parties {
    fn of(sound: Sound) -> Result<Self, Useless> {
        if sound.channels.len() == 1 {
            return Err(Useless::Mono);
        }
        let Sound { channels, is_cut, .. } = sound.resampled()?;
        match <[Vec<f32>; 2]>::try_from(channels) {
            Ok([caller, agent]) => Ok(Self { caller, agent, is_cut }),
            Err(channels) => Err(SoundError::Channels(channels.len()).into()),
        }
    }
}

fn one(path: &Path) -> Result<(Vec<f32>, bool), Useless> {
    let sound = file::read(path)?;
    if sound.channels.len() != 1 {
        return Err(Useless::PairNotMono(sound.channels.len()));
    }
    let mut sound = sound.resampled()?;
    Ok((sound.channels.swap_remove(0), sound.is_cut))
}

/// Normalised: 1 for the same shape at any level, about 0 for two people.
fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let product = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    product(a, b) / (product(a, a) * product(b, b)).sqrt().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
