//! What a run shall be like: how many calls, how long, who supervises, what happens on the way.
//!
//! A [`Scenario`] comes from a TOML file, from [`ScenarioFlags`], or both: flags win. What it means
//! in calls is the [`Schedule`], by a seed. [`script`] is what a
//! supervisor does; times and shares are written as [`units`](crate::units) has them.
//!
//! It knows no server: accounts, addresses and recordings are none of its business.

mod flags;
pub mod schedule;
pub mod script;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::Table;

use crate::impair::Impairments;
use crate::telephone::TelephoneCodec;
use crate::units::{Count, Raw, Share, Span, from_text};
pub use flags::ScenarioFlags;
pub use schedule::{PlannedCall, PlannedSupervisor, RecordingFacts, Schedule};
pub use script::Script;

/// Calls at a time.
pub const CALLS_MAX: usize = 10_000;
/// New calls a second.
pub const RAMP_PER_S_MAX: f64 = 1000.0;
/// The slowest ramp: a call every thousand seconds.
pub const RAMP_PER_S_MIN: f64 = 0.001;
/// The shortest run, and the shortest time that a call is held.
pub const HOLD_MIN: Duration = Duration::from_secs(1);
/// Supervisors on one call.
pub const SUPERVISORS_MAX: usize = 10;
/// Queues to call, and reasons for help.
pub const LIST_MAX: usize = 100;
/// A reason for help, characters: what the server takes.
pub const REASON_CHARS_MAX: usize = 500;
/// A scenario's file, bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// What a run shall be like. The default is one plain call for a minute.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Calls at a time, at most [`CALLS_MAX`].
    pub calls: usize,
    /// How new calls begin: `2/s`, or `2/s poisson`.
    pub ramp: Ramp,
    /// How long the run lasts: no call begins later.
    #[serde(with = "crate::units::time")]
    pub duration: Duration,
    /// How long a call is held from its answer on. Without it, to the end of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Span>,
    /// How long an agent lets it ring.
    pub answer: Span,
    /// The share of calls that an agent lets ring for ever.
    pub unanswered: Share,
    /// How long a caller waits who is never answered.
    pub patience: Span,
    /// Who hangs up.
    pub hangs_up: HangsUp,
    /// Whether another call follows one that has ended.
    pub churn: bool,
    /// How long after.
    pub pause: Span,
    /// The share of calls that is supervised.
    pub supervised: Share,
    /// Supervisors on each of those, at most [`SUPERVISORS_MAX`].
    pub supervisors: Count,
    /// How long after the answer each comes.
    pub join: Span,
    /// What they do.
    pub script: Script,
    /// How much longer or shorter each step of the script is, as a share of it.
    pub script_jitter: Share,
    /// The share of calls in which the agent asks for help.
    pub help_requests: Share,
    /// How long after the answer.
    pub help_after: Span,
    /// Why; one of these.
    pub help_reasons: Vec<String>,
    /// The queues called, by key. None: the recordings' own.
    pub queues: Vec<String>,
    /// What every station asks the server for.
    pub delivery: Delivery,
    /// The share of calls that come by SIP. None: all of them if it is known where SIP is spoken, otherwise none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_share: Option<Share>,
    /// What their telephones speak; one of these.
    pub sip_codecs: Vec<TelephoneCodec>,
    /// What the network does.
    #[serde(skip_serializing_if = "Impairments::is_none")]
    pub impair: Impairments,
    /// What makes the run the same again. None: a new one each time.
    #[serde(
        serialize_with = "write_seed",
        deserialize_with = "read_seed",
        skip_serializing_if = "Option::is_none"
    )]
    pub seed: Option<u64>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            calls: 1,
            ramp: Ramp { per_s: 1.0, pace: Pace::Even },
            duration: Duration::from_mins(1),
            hold: None,
            answer: Span::seconds(0, 0),
            unanswered: Share::NONE,
            patience: Span::seconds(20, 20),
            hangs_up: HangsUp::Either,
            churn: false,
            pause: Span::seconds(1, 3),
            supervised: Share::NONE,
            supervisors: Count::fixed(1),
            join: Span::seconds(1, 3),
            script: Script::default(),
            script_jitter: Share::NONE,
            help_requests: Share::NONE,
            help_after: Span::seconds(5, 15),
            help_reasons: vec!["The caller asks for something I may not promise".to_owned()],
            queues: Vec::new(),
            delivery: Delivery::Mixed,
            sip_share: None,
            sip_codecs: vec![TelephoneCodec::Pcma],
            impair: Impairments::default(),
            seed: None,
        }
    }
}

/// How new calls begin.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "Raw", into = "String")]
pub struct Ramp {
    /// Calls a second, in the mean.
    pub per_s: f64,
    /// Evenly or by chance.
    pub pace: Pace,
}

/// The times between calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All alike.
    Even,
    /// Exponentially distributed: calls come independently of each other.
    Poisson,
}

/// Who hangs up at a call's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HangsUp {
    /// The caller.
    Caller,
    /// The agent.
    Agent,
    /// One or the other.
    Either,
}

/// How stations get what their users hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// One track with everything on it.
    Mixed,
    /// One source a track, as the pages ask for it.
    Tracks,
}

impl Delivery {
    /// Tracks that a station asks for.
    pub fn tracks(self) -> usize {
        match self {
            Self::Mixed => 1,
            Self::Tracks => 4,
        }
    }
}

impl FromStr for Ramp {
    type Err = RampError;

    fn from_str(text: &str) -> Result<Self, RampError> {
        let wrong = || RampError(text.to_owned());
        let (rate, pace) = text.trim().split_once(' ').unwrap_or((text.trim(), "even"));
        let per_s = rate.strip_suffix("/s").unwrap_or(rate).parse().map_err(|_| wrong())?;
        let pace = match pace.trim() {
            "even" => Pace::Even,
            "poisson" => Pace::Poisson,
            _ => return Err(wrong()),
        };
        if !(RAMP_PER_S_MIN..=RAMP_PER_S_MAX).contains(&per_s) {
            return Err(wrong());
        }
        Ok(Self { per_s, pace })
    }
}

/// Why a text is no ramp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no ramp: calls a second, such as 2/s or `0.5/s poisson` ({RAMP_PER_S_MIN} to {RAMP_PER_S_MAX})"
)]
pub struct RampError(String);

impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pace = match self.pace {
            Pace::Even => "even",
            Pace::Poisson => "poisson",
        };
        write!(f, "{}/s {pace}", self.per_s)
    }
}

from_text!(Ramp);

/// As a number where TOML can hold it.
fn write_seed<S: Serializer>(seed: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match seed.map(|seed| (seed, i64::try_from(seed))) {
        None => serializer.serialize_none(),
        Some((_, Ok(seed))) => serializer.serialize_i64(seed),
        Some((seed, Err(_))) => serializer.serialize_str(&seed.to_string()),
    }
}

fn read_seed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let Raw(text) = Raw::deserialize(deserializer)?;
    let wrong = |_| serde::de::Error::custom(format!("`{text}` is no seed: 0 to {}", u64::MAX));
    text.parse().map(Some).map_err(wrong)
}

fn read_file(path: &Path) -> Result<String, ScenarioError> {
    let failed = |error| ScenarioError::Read(path.to_owned(), error);
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(ScenarioError::Large(path.to_owned()));
    }
    std::fs::read_to_string(path).map_err(failed)
}

/// Why there is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A file can't be read.
    #[error("{0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// A file is larger than [`FILE_BYTES_MAX`].
    #[error("{0}: larger than {FILE_BYTES_MAX} bytes")]
    Large(PathBuf),
    /// The file is no scenario; with the line.
    #[error("{0}: {1}")]
    File(PathBuf, Box<toml::de::Error>),
    /// A key's value is not allowed.
    #[error("{key}: {message}")]
    Key {
        /// The key, which is also the flag's name.
        key: String,
        /// What is wrong, and what is allowed.
        message: String,
    },
}

impl ScenarioError {
    fn key(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Key { key: key.into(), message: message.into() }
    }
}

impl Scenario {
    /// The scenario of a file, if one is named, and of the flags, which win.
    ///
    /// # Errors
    /// A file that can't be read, a key that there is not, a value that is not allowed.
    pub fn load(flags: &ScenarioFlags) -> Result<Self, ScenarioError> {
        let mut table = Table::new();
        if let Some(path) = &flags.scenario {
            let text = read_file(path)?;
            let failed = |error| ScenarioError::File(path.clone(), Box::new(error));
            // By itself first: only then do errors name the line.
            toml::from_str::<Self>(&text).map_err(failed)?;
            table = toml::from_str(&text).map_err(failed)?;
        }
        table.extend(flags.table()?);
        Self::from_table(table)
    }

    /// Reads a scenario from its TOML text.
    ///
    /// # Errors
    /// As [`Scenario::load`].
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let table = toml::from_str(text)
            .map_err(|error| ScenarioError::key("scenario", error.message()))?;
        Self::from_table(table)
    }

    /// The scenario in force, as a file that gives it again.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("every field of a scenario is a plain TOML value")
    }

    fn from_table(table: Table) -> Result<Self, ScenarioError> {
        // Key by key, so that the error can name it.
        for (key, value) in &table {
            let alone = Table::from_iter([(key.clone(), value.clone())]);
            if let Err(error) = alone.try_into::<Self>() {
                return Err(ScenarioError::key(key, error.message().trim_end()));
            }
        }
        let scenario: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ScenarioError::key("scenario", error.message()))?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Whether all of it can be done.
    ///
    /// # Errors
    /// The first key that is out of bounds.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let rules = [
            ((1..=CALLS_MAX).contains(&self.calls), "calls", format!("1 to {CALLS_MAX} at a time")),
            (self.duration >= HOLD_MIN, "duration", "at least 1s".to_owned()),
            (
                self.hold.is_none_or(|hold| hold.min >= HOLD_MIN),
                "hold",
                "at least 1s, or leave it out: to the end of the run".to_owned(),
            ),
            (
                !self.churn || self.hold.is_some(),
                "churn",
                "needs `hold`: a call that is held to the end is not followed by another"
                    .to_owned(),
            ),
            (self.patience.min >= HOLD_MIN, "patience", "at least 1s".to_owned()),
            (
                self.supervisors.min >= 1 && self.supervisors.max <= SUPERVISORS_MAX,
                "supervisors",
                format!("1 to {SUPERVISORS_MAX} on a call (`supervised` says on how many calls)"),
            ),
            (self.queues.len() <= LIST_MAX, "queues", format!("at most {LIST_MAX}")),
            (self.queues.iter().all(|key| !key.is_empty()), "queues", "an empty key".to_owned()),
            (
                (1..=LIST_MAX).contains(&self.help_reasons.len()),
                "help_reasons",
                format!("1 to {LIST_MAX} of them"),
            ),
            (
                self.help_reasons.iter().all(|text| text.chars().count() <= REASON_CHARS_MAX),
                "help_reasons",
                format!("at most {REASON_CHARS_MAX} characters each"),
            ),
            (
                (1..=LIST_MAX).contains(&self.sip_codecs.len()),
                "sip_codecs",
                format!("1 to {LIST_MAX} of pcma, pcmu, g722 and opus"),
            ),
        ];
        match rules.into_iter().find(|(is_kept, ..)| !is_kept) {
            Some((_, key, message)) => Err(ScenarioError::key(key, message)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        scenario: ScenarioFlags,
    }

    fn load(arguments: &[&str]) -> Result<Scenario, ScenarioError> {
        let arguments = ["loadtest"].iter().chain(arguments);
        Scenario::load(&Arguments::try_parse_from(arguments).unwrap().scenario)
    }

    const FULL: &str = r#"
        calls = 50
        ramp = "2.5/s poisson"
        duration = "10m"
        hold = "20s-60s"
        answer = "1-4s"
        unanswered = "5%"
        patience = "15s"
        hangs_up = "caller"
        churn = true
        pause = "500ms-2s"
        supervised = 0.2
        supervisors = "1-3"
        join = "2s"
        script = "listen 10s, whisper 5s, listen, barge 5s"
        script_jitter = "20%"
        help_requests = "10%"
        help_after = "5s"
        help_reasons = ["Refund", "Angry caller"]
        queues = ["support", "sales"]
        sip_share = "50%"
        sip_codecs = ["pcmu", "opus"]
        seed = 7
        [impair]
        caller = { loss = "2%", burst = "1%x5" }
        all = "down.delay=80ms"
    "#;

    #[test]
    fn a_scenario_is_read_and_written_back() {
        let full = Scenario::from_toml(FULL).unwrap();
        assert_eq!(full.ramp, Ramp { per_s: 2.5, pace: Pace::Poisson });
        assert_eq!(full.hold, Some(Span::seconds(20, 60)));
        assert_eq!(full.supervisors, Count { min: 1, max: 3 });
        assert_eq!(full.sip_share, Share::new(0.5));
        assert_eq!(full.sip_codecs, [TelephoneCodec::Pcmu, TelephoneCodec::Opus]);
        assert_eq!(full.seed, Some(7));
        for scenario in [full, Scenario::default()] {
            scenario.check().unwrap();
            let text = scenario.to_toml();
            assert_eq!(Scenario::from_toml(&text).unwrap(), scenario, "{text}");
        }
        let seed = Some(u64::MAX);
        let text = Scenario { seed, ..Scenario::default() }.to_toml();
        assert_eq!(Scenario::from_toml(&text).unwrap().seed, seed);
    }

    #[test]
    fn flags_win_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (file, script) = (folder.path().join("s.toml"), folder.path().join("script"));
        std::fs::write(&file, FULL).unwrap();
        std::fs::write(&script, "listen 3s\nbarge 3s").unwrap();
        let (file, script) = (file.to_str().unwrap(), script.to_str().unwrap());
        let flags = ["--scenario", file, "--calls", "3", "--script", script, "--seed", "9"];
        let changed = load(&flags).unwrap();
        let expected = Scenario {
            calls: 3,
            script: "listen 3s, barge 3s".parse().unwrap(),
            seed: Some(9),
            ..Scenario::from_toml(FULL).unwrap()
        };
        assert_eq!(changed, expected);

        let plain = load(&["--queues", "a, b", "--impair", "agent: loss=1%", "--supervised=20%"]);
        let plain = plain.unwrap();
        assert_eq!(plain.queues, ["a", "b"]);
        assert_eq!(plain.sip_share, None);
        let codecs = load(&["--sip-codecs", "g722, PCMA"]).unwrap().sip_codecs;
        assert_eq!(codecs, [TelephoneCodec::G722, TelephoneCodec::Pcma]);
        assert!(plain.impair.agent.is_some() && plain.impair.caller.is_none());
        assert_eq!(load(&[]).unwrap(), Scenario::default());
        assert!(load(&["--churn", "--hold", "5s"]).unwrap().churn);
    }

    #[test]
    fn errors_name_the_key_and_what_is_allowed() {
        for (flags, parts) in [
            (["--calls", "0"], ["calls: ", "1 to 10000"]),
            (["--calls", "many"], ["calls: ", "`many` is not a number"]),
            (["--ramp", "fast"], ["ramp: ", "2/s"]),
            (["--ramp", "2/s random"], ["ramp: ", "poisson"]),
            (["--duration", "10"], ["duration: ", "30s"]),
            (["--duration", "10ms"], ["duration: ", "at least 1s"]),
            (["--hold", "30-20s"], ["hold: ", "shorter to the longer"]),
            (["--hangs-up", "me"], ["hangs_up: ", "either"]),
            (["--delivery", "mono"], ["delivery: ", "tracks"]),
            (["--supervised", "20"], ["supervised: ", "0% to 100%"]),
            (["--supervisors", "0"], ["supervisors: ", "1 to 10"]),
            (["--script", "listn 5s"], ["script: ", "  ^^^^^"]),
            (["--impair", "los=5%"], ["impair: ", "burst-loss"]),
            (["--queues", "a,,b"], ["queues: ", "empty"]),
            (["--sip-share", "50"], ["sip_share: ", "0% to 100%"]),
            (["--sip-codecs", "pcma,g729"], ["sip_codecs: ", "`g729`"]),
            (["--scenario", "/nowhere.toml"], ["/nowhere.toml: ", "No such file"]),
        ] {
            let error = load(&flags).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{flags:?}: {error}");
        }
        assert!(load(&["--churn"]).unwrap_err().to_string().starts_with("churn: needs `hold`"));
    }

    #[test]
    fn a_files_errors_name_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("s.toml");
        let error = |text: &str| {
            std::fs::write(&file, text).unwrap();
            load(&["--scenario", file.to_str().unwrap()]).unwrap_err().to_string()
        };
        let unknown = error("calls = 3\ncals = 4\n");
        assert!(unknown.contains("line 2") && unknown.contains("`cals`"), "{unknown}");
        assert!(unknown.contains("`supervised`"), "{unknown}");
        let span = error("calls = 3\nhold = \"soon\"\n");
        assert!(span.contains("line 2") && span.contains("`soon`"), "{span}");
        let range = error("supervisors = 11\n");
        assert!(range.contains("supervisors: 1 to 10"), "{range}");
    }
}
