//! The scenario on the command line: one flag a key, in the same words as in a file.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{CALLS_MAX, ScenarioError, read_file};

/// The scenario on the command line. Each flag is the key of the same name.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Scenario")]
pub struct ScenarioFlags {
    /// The scenario's TOML file; the flags go before it
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Calls at a time
    #[arg(long, value_name = "N")]
    pub calls: Option<String>,
    /// New calls a second: 2/s, or '2/s poisson'
    #[arg(long, value_name = "RATE")]
    pub ramp: Option<String>,
    /// How long the run lasts: 60s, 10m
    #[arg(long, value_name = "TIME")]
    pub duration: Option<String>,
    /// How long a call is held: 30s, 20s-60s. Default: to the end
    #[arg(long, value_name = "TIME")]
    pub hold: Option<String>,
    /// How long agents let it ring: 1s-4s
    #[arg(long, value_name = "TIME")]
    pub answer: Option<String>,
    /// Share of calls never answered
    #[arg(long, value_name = "SHARE")]
    pub unanswered: Option<String>,
    /// How long a caller waits who is never answered
    #[arg(long, value_name = "TIME")]
    pub patience: Option<String>,
    /// Who hangs up: caller, agent, either
    #[arg(long, value_name = "WHO")]
    pub hangs_up: Option<String>,
    /// Another call follows one that has ended
    #[arg(long)]
    pub churn: bool,
    /// How long after
    #[arg(long, value_name = "TIME")]
    pub pause: Option<String>,
    /// Share of calls that is supervised: 20%
    #[arg(long, value_name = "SHARE")]
    pub supervised: Option<String>,
    /// Supervisors on each of those: 1, 1-3
    #[arg(long, value_name = "N")]
    pub supervisors: Option<String>,
    /// How long after the answer a supervisor comes
    #[arg(long, value_name = "TIME")]
    pub join: Option<String>,
    /// What they do: 'listen 10s, whisper 5s, barge 5s', or a file of it
    #[arg(long, value_name = "FILE|TEXT")]
    pub script: Option<String>,
    /// How much each step varies
    #[arg(long, value_name = "SHARE")]
    pub script_jitter: Option<String>,
    /// Share of calls in which the agent asks for help
    #[arg(long, value_name = "SHARE")]
    pub help_requests: Option<String>,
    /// How long after the answer
    #[arg(long, value_name = "TIME")]
    pub help_after: Option<String>,
    /// Queues to call, with commas. Default: the recordings' own
    #[arg(long, value_name = "KEYS")]
    pub queues: Option<String>,
    /// How stations get what is heard: mixed, tracks
    #[arg(long, value_name = "HOW")]
    pub delivery: Option<String>,
    /// Share of calls that come by SIP. Default with --sip: all
    #[arg(long, value_name = "SHARE")]
    pub sip_share: Option<String>,
    /// What their telephones speak, with commas: pcma, pcmu, g722, opus
    #[arg(long, value_name = "CODECS")]
    pub sip_codecs: Option<String>,
    /// What the network does: 'loss=2%, delay=80ms', 'caller: loss=2%', or a file of it
    #[arg(long, value_name = "FILE|TEXT")]
    pub impair: Option<String>,
    /// The same seed gives the same run
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

impl ScenarioFlags {
    /// The keys that were given. A script or an impairment that is a file's name is read.
    pub(super) fn table(&self) -> Result<Table, ScenarioError> {
        let mut table = Table::new();
        let texts = [
            ("ramp", &self.ramp),
            ("duration", &self.duration),
            ("hold", &self.hold),
            ("answer", &self.answer),
            ("unanswered", &self.unanswered),
            ("patience", &self.patience),
            ("hangs_up", &self.hangs_up),
            ("pause", &self.pause),
            ("supervised", &self.supervised),
            ("supervisors", &self.supervisors),
            ("join", &self.join),
            ("script_jitter", &self.script_jitter),
            ("help_requests", &self.help_requests),
            ("help_after", &self.help_after),
            ("delivery", &self.delivery),
            ("sip_share", &self.sip_share),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                table.insert(key.to_owned(), Value::String(text.clone()));
            }
        }
        for (key, text) in [("script", &self.script), ("impair", &self.impair)] {
            if let Some(text) = text {
                table.insert(key.to_owned(), Value::String(file_or_text(text)?));
            }
        }
        if let Some(calls) = &self.calls {
            let calls: u32 = calls.parse().map_err(|_| {
                ScenarioError::key("calls", format!("`{calls}` is not a number, 1 to {CALLS_MAX}"))
            })?;
            table.insert("calls".to_owned(), Value::Integer(calls.into()));
        }
        if self.churn {
            table.insert("churn".to_owned(), Value::Boolean(true));
        }
        for (key, list) in [("queues", &self.queues), ("sip_codecs", &self.sip_codecs)] {
            if let Some(list) = list {
                let each = list.split(',').map(|one| Value::String(one.trim().to_owned()));
                table.insert(key.to_owned(), Value::Array(each.collect()));
            }
        }
        if let Some(seed) = self.seed {
            table.insert("seed".to_owned(), Value::String(seed.to_string()));
        }
        Ok(table)
    }
}

fn file_or_text(argument: &str) -> Result<String, ScenarioError> {
    let path = Path::new(argument);
    if path.is_file() { read_file(path) } else { Ok(argument.to_owned()) }
}
