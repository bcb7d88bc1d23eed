//! What recordings a folder holds: which files, and which of them belong together.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::{FILES_MAX, ImportError};
use crate::file::{ENDINGS, Kind};
use crate::foreign;
use crate::pcm::{HEAD_BYTES, Pcm, fill};

/// Endings of what lies beside recordings and is none: passed over without a word.
const OTHER_ENDINGS: [&str; 30] = [
    "txt", "md", "json", "jsonl", "csv", "tsv", "xml", "yaml", "yml", "toml", "ini", "log", "html",
    "htm", "srt", "vtt", "pdf", "doc", "docx", "xls", "xlsx", "png", "jpg", "jpeg", "gif", "webp",
    "zip", "gz", "sh", "py",
];
/// The two halves of a pair, and with what their names' ends begin.
const PARTIES: [&str; 2] = ["caller", "agent"];
const SEPARATORS: [char; 4] = ['.', '_', '-', ' '];
/// Halves as telephone systems name them, which do not tell whose they are.
const HALVES: [(&str, &str); 5] =
    [("in", "out"), ("rx", "tx"), ("left", "right"), ("read", "write"), ("inbound", "outbound")];
/// Folders within that are named; of more, the count.
const FOLDERS_NAMED_MAX: usize = 3;

/// What a folder holds.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// The recordings, by name.
    pub sources: Vec<Source>,
    /// What is not used and is worth a word.
    pub notes: Vec<String>,
}

/// A recording to be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub name: String,
    pub script: PathBuf,
    pub files: Files,
}

/// The files of a recording.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Files {
    Stereo(PathBuf),
    Pair {
        caller: PathBuf,
        agent: PathBuf,
    },
    /// One of a pair, and which the other is.
    Half(PathBuf, &'static str),
    /// One of what looks like a pair, and the file that looks like the other.
    Unnamed(PathBuf, String),
}

/// A name as it may be printed: signs that steer a terminal or turn the text around are spelled out.
pub(crate) fn shown(name: &str) -> String {
    let steers = |sign: char| {
        sign.is_control()
            || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    name.chars().fold(String::with_capacity(name.len()), |mut shown, sign| {
        match steers(sign) {
            true => shown.extend(sign.escape_unicode()),
            false => shown.push(sign),
        }
        shown
    })
}

/// The name of a file as it may be printed.
pub(crate) fn file_name(path: &Path) -> String {
    shown(&path.file_name().unwrap_or_default().to_string_lossy())
}

impl Folder {
    /// Looks what there is, not in folders within.
    ///
    /// # Errors
    /// A folder that can't be read, or with too many files.
    pub fn read(dir: &Path) -> Result<Self, ImportError> {
        let mut folder = Self::default();
        let (paths, folders) = entries(dir)?;
        folder.note_folders(&folders);
        let texts = texts(&paths);
        let script = |name: &str| {
            let text = texts.get(&name.to_lowercase()).cloned();
            text.unwrap_or_else(|| dir.join(format!("{name}.txt")))
        };
        let sounds: Vec<PathBuf> = paths.into_iter().filter(|path| is_sound(path)).collect();
        let mut pairs: BTreeMap<String, [Option<PathBuf>; 2]> = BTreeMap::new();
        for path in &sounds {
            let stem = stem(path);
            let half = half(&stem).filter(|half| half.is_certain || half.has_other(&sounds));
            let Some(half) = half else {
                let files = match other_half(&stem, &sounds) {
                    Some(other) => Files::Unnamed(path.clone(), other),
                    None => Files::Stereo(path.clone()),
                };
                folder.sources.push(Source { script: script(&stem), name: stem, files });
                continue;
            };
            let place = &mut pairs.entry(half.name.to_owned()).or_default()[half.party];
            match place {
                None => *place = Some(path.clone()),
                Some(used) => folder.notes.push(format!(
                    "{}: not used, {} is",
                    file_name(path),
                    file_name(used)
                )),
            }
        }
        for (name, pair) in pairs {
            let files = match pair {
                [Some(caller), Some(agent)] => Files::Pair { caller, agent },
                [Some(caller), None] => Files::Half(caller, "agent"),
                [None, Some(agent)] => Files::Half(agent, "caller"),
                [None, None] => continue,
            };
            folder.sources.push(Source { script: script(&name), name, files });
        }
        folder.sources.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(folder)
    }

    fn note_folders(&mut self, folders: &[PathBuf]) {
        let named: Vec<_> =
            folders.iter().take(FOLDERS_NAMED_MAX).map(|path| file_name(path) + "/").collect();
        let more = match folders.len().saturating_sub(FOLDERS_NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !named.is_empty() {
            self.notes
                .push(format!("{}{more}: folders within are not looked into", named.join(", ")));
        }
    }
}

/// The files and the folders in a folder, by name; hidden ones are not looked at.
fn entries(dir: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), ImportError> {
    let failed = |error| ImportError::Folder(dir.to_owned(), error);
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_file() {
            files.push(path);
        } else if path.is_dir() {
            folders.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(ImportError::TooMany(dir.to_owned()));
        }
    }
    files.sort();
    folders.sort();
    Ok((files, folders))
}

/// The texts, by the name of what they belong to in small letters.
fn texts(paths: &[PathBuf]) -> BTreeMap<String, PathBuf> {
    let texts = paths.iter().filter(|path| ending(path) == "txt");
    texts.map(|path| (stem(path).to_lowercase(), path.clone())).collect()
}

fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a file is sound, or anything that nobody would know not to be. One of another ending is
/// looked at: text is none.
fn is_sound(path: &Path) -> bool {
    let ending = ending(path);
    let ending = ending.as_str();
    if ENDINGS.contains(&ending)
        || Pcm::by_ending(ending).is_some()
        || foreign::by_ending(ending).is_some()
    {
        return true;
    }
    if OTHER_ENDINGS.contains(&ending) {
        return false;
    }
    let mut head = [0; HEAD_BYTES];
    let filled = File::open(path).and_then(|mut file| fill(&mut file, &mut head)).unwrap_or(0);
    let head = &head[..filled];
    let is_text = match str::from_utf8(head) {
        Ok(text) => !text.contains('\0'),
        // A sign may be cut in two where the head ends.
        Err(error) => error.error_len().is_none() && !head.contains(&0),
    };
    Kind::of(head) != Kind::Unknown || !is_text
}

/// One half of a pair by its name.
struct Half<'a> {
    /// The pair's name.
    name: &'a str,
    /// Its place in [`PARTIES`].
    party: usize,
    /// `x.caller` is nothing else; `x-caller` may be a stereo recording.
    is_certain: bool,
}

/// `x.caller`, `X.Caller`, `x_caller`, `x-caller`: the name, the party.
fn half(stem: &str) -> Option<Half<'_>> {
    PARTIES.iter().enumerate().find_map(|(party, ending)| {
        let (name, separator) = split(stem, ending)?;
        Some(Half { name, party, is_certain: separator == '.' })
    })
}

impl Half<'_> {
    fn has_other(&self, sounds: &[PathBuf]) -> bool {
        sounds.iter().any(|path| {
            let stem = stem(path);
            half(&stem).is_some_and(|it| it.name == self.name && it.party != self.party)
        })
    }
}

/// The name before a separator and an ending, in whatever case.
fn split<'a>(stem: &'a str, ending: &str) -> Option<(&'a str, char)> {
    let at = stem.len().checked_sub(ending.len())?;
    let (name, last) = stem.split_at_checked(at)?;
    let separator = name.chars().next_back().filter(|sign| SEPARATORS.contains(sign))?;
    let name = &name[..name.len() - separator.len_utf8()];
    (last.eq_ignore_ascii_case(ending) && !name.is_empty()).then_some((name, separator))
}

/// The file that looks like the other half, if the halves are named as telephone systems do.
fn other_half(stem: &str, sounds: &[PathBuf]) -> Option<String> {
    let both = HALVES.iter().flat_map(|&(a, b)| [(a, b), (b, a)]);
    let (name, _, other) = both
        .filter_map(|(this, other)| split(stem, this).map(|(name, sign)| (name, sign, other)))
        .next()?;
    let path = sounds
        .iter()
        .find(|path| split(&self::stem(path), other).is_some_and(|(found, _)| found == name))?;
    Some(file_name(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_known_by_their_names() {
        let found = |stem: &str| half(stem).map(|it| (it.name.to_owned(), it.party, it.is_certain));
        assert_eq!(found("x.caller"), Some(("x".to_owned(), 0, true)));
        assert_eq!(found("a.b.Agent"), Some(("a.b".to_owned(), 1, true)));
        assert_eq!(found("x_caller"), Some(("x".to_owned(), 0, false)));
        assert_eq!(found("caller"), None);
        assert_eq!(found("xcaller"), None);
        assert_eq!(found("é.agent"), Some(("é".to_owned(), 1, true)));
        assert_eq!(found("éagent"), None);
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        assert_eq!(shown("Anruf Müller \u{202e}gnp"), "Anruf Müller \\u{202e}gnp");
        assert_eq!(shown("\u{1b}[31m"), "\\u{1b}[31m");
        assert_eq!(shown("電話 1"), "電話 1");
    }
}
