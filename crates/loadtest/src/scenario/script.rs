//! What a supervisor does on a call: `listen 10s, whisper 5s, listen, barge 3s-8s`.
//!
//! Steps stand in a row, divided by commas or lines; `#` begins a remark. After the last the first
//! follows again, for as long as the call lasts. A supervisor always begins with Listen at the
//! server; a script that begins with another mode takes it at once.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use wire::Mode;

use crate::units::{Raw, Share, Span, from_text};

/// Steps of a script.
pub const SCRIPT_STEPS_MAX: usize = 100;
/// The shortest step: changes that follow each other faster can't be told apart when heard.
pub const STEP_MIN: Duration = Duration::from_millis(200);
/// How long a step lasts that says no time.
pub const STEP_DEFAULT: Duration = Duration::from_secs(5);

/// A supervisor's script: one step or more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Raw", into = "String")]
pub struct Script(Vec<Step>);

/// A mode, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The mode.
    pub mode: Mode,
    /// For how long.
    pub span: Span,
}

/// What is wrong with a script, and where. Shown with the line and a mark under the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// What is wrong, and what is allowed.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, characters from 1.
    pub column: usize,
    /// The word; empty if something is missing.
    pub word: String,
    /// The line itself.
    pub text: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} (line {}, column {})", self.message, self.line, self.column)?;
        writeln!(f, "  {}", self.text)?;
        let (before, width) = (self.column + 1, self.word.chars().count().max(1));
        write!(f, "{}{}", " ".repeat(before), "^".repeat(width))
    }
}

impl std::error::Error for ScriptError {}

impl Script {
    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The modes over a time of `total`: since when each, from 0. Every step is made longer or
    /// shorter by up to `jitter` of itself. At most `changes_max`; then the last mode stays.
    pub fn play(
        &self,
        total: Duration,
        jitter: Share,
        changes_max: usize,
        random: &mut impl Rng,
    ) -> Vec<(Duration, Mode)> {
        let mut at = Duration::ZERO;
        let mut played: Vec<(Duration, Mode)> = Vec::new();
        for step in self.0.iter().cycle() {
            // The same mode again is no change.
            if played.last().is_none_or(|(_, mode)| *mode != step.mode) {
                played.push((at, step.mode));
            }
            let factor = 1.0 + jitter.get() * random.random_range(-1.0..=1.0);
            at += step.span.draw(random).mul_f64(factor).max(STEP_MIN);
            let is_one_mode = self.0.iter().all(|other| other.mode == step.mode);
            if at >= total || played.len() >= changes_max || is_one_mode {
                break;
            }
        }
        played
    }
}

impl Default for Script {
    /// `listen 10s, whisper 5s, listen 5s, barge 5s`.
    fn default() -> Self {
        let step = |mode, seconds| Step { mode, span: Span::seconds(seconds, seconds) };
        Self(vec![
            step(Mode::Listen, 10),
            step(Mode::Whisper, 5),
            step(Mode::Listen, 5),
            step(Mode::Barge, 5),
        ])
    }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut steps = Vec::new();
        for (line, line_text) in text.lines().enumerate() {
            let code = line_text.split('#').next().unwrap_or_default();
            for part in code.split(',').filter(|part| !part.trim().is_empty()) {
                let fail = |word: &str, message| error(line_text, line + 1, word, message);
                if steps.len() == SCRIPT_STEPS_MAX {
                    let message = format!("a script has at most {SCRIPT_STEPS_MAX} steps");
                    return Err(fail(part.trim(), message));
                }
                steps.push(step(part.trim(), fail)?);
            }
        }
        if steps.is_empty() {
            let first = text.lines().next().unwrap_or_default();
            let message = "a script has steps, such as `listen 10s, whisper 5s`".to_owned();
            return Err(error(first, 1, "", message));
        }
        Ok(Self(steps))
    }
}

fn step(part: &str, fail: impl Fn(&str, String) -> ScriptError) -> Result<Step, ScriptError> {
    let (word, time) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
    let mode = match word.to_lowercase().as_str() {
        "listen" | "monitor" => Mode::Listen,
        "whisper" | "coach" => Mode::Whisper,
        "barge" | "join" => Mode::Barge,
        "take-over" => Mode::TakeOver,
        _ => {
            let message = format!("`{word}` is no mode: listen, whisper, barge or take-over");
            return Err(fail(word, message));
        }
    };
    let time = time.trim();
    if time.is_empty() {
        return Ok(Step { mode, span: Span::fixed(STEP_DEFAULT) });
    }
    let span: Span = time.parse().map_err(|error| fail(time, format!("{error}")))?;
    if span.min < STEP_MIN {
        return Err(fail(time, format!("a step lasts at least {} ms", STEP_MIN.as_millis())));
    }
    Ok(Step { mode, span })
}

/// `word` is a part of `text`: its place is found by its address, not by its letters, which may
/// stand there twice.
fn error(text: &str, line: usize, word: &str, message: String) -> ScriptError {
    let offset = (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..offset).filter(|_| !word.is_empty()).unwrap_or_default();
    ScriptError {
        message,
        line,
        column: before.chars().count() + 1,
        word: word.to_owned(),
        text: text.to_owned(),
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            let mode = match step.mode {
                Mode::Listen => "listen",
                Mode::Whisper => "whisper",
                Mode::Barge => "barge",
                Mode::TakeOver => "take-over",
            };
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{mode} {}", step.span)?;
        }
        Ok(())
    }
}

from_text!(Script);

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_script_is_read_and_written_back() {
        let script: Script =
            "listen 10s, Whisper 5s,\n  listen # a breath\nbarge 3s-8s, take-over,\n"
                .parse()
                .unwrap();
        let all = "listen 10s, whisper 5s, listen 5s, barge 3s-8s, take-over 5s";
        assert_eq!(script.to_string(), all);
        assert_eq!(script.to_string().parse(), Ok(script));
        let aliases: Script = "monitor 1s, coach 1s, join 1s".parse().unwrap();
        assert_eq!(aliases.to_string(), "listen 1s, whisper 1s, barge 1s");
    }

    #[test]
    fn errors_point_at_the_word() {
        let error = "listen 10s, wisper 5s".parse::<Script>().unwrap_err();
        assert_eq!((error.line, error.column, error.word.as_str()), (1, 13, "wisper"));
        let lines: Vec<_> = error.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines[1], "  listen 10s, wisper 5s");
        assert_eq!(lines[2], "              ^^^^^^");
        assert!(lines[0].contains("listen, whisper, barge or take-over"), "{}", lines[0]);

        let error = "listen 10s\n# é\nbarge 5s, é, whisper 5".parse::<Script>().unwrap_err();
        assert_eq!((error.line, error.column, error.word.as_str()), (3, 11, "é"));
        let error = "listen 5s, whisper 5".parse::<Script>().unwrap_err();
        assert_eq!((error.column, error.word.as_str()), (20, "5"));
        let error = "whisper 10ms".parse::<Script>().unwrap_err();
        assert!(error.message.contains("200 ms"), "{error}");
        assert!(" # nothing".parse::<Script>().unwrap_err().message.contains("has steps"));
        let many = "listen 1s,".repeat(SCRIPT_STEPS_MAX + 1);
        assert!(many.parse::<Script>().unwrap_err().message.contains("at most 100"));
    }

    #[test]
    fn a_script_repeats_while_the_call_lasts() {
        let script: Script = "listen 10s, whisper 5s".parse().unwrap();
        let mut random = StdRng::seed_from_u64(1);
        let played = script.play(seconds(32), Share::NONE, 100, &mut random);
        let expected = [
            (seconds(0), Mode::Listen),
            (seconds(10), Mode::Whisper),
            (seconds(15), Mode::Listen),
            (seconds(25), Mode::Whisper),
            (seconds(30), Mode::Listen),
        ];
        assert_eq!(played, expected);
        assert_eq!(script.play(seconds(1000), Share::NONE, 3, &mut random).len(), 3);
        let one: Script = "listen 10s, listen 3s".parse().unwrap();
        assert_eq!(one.play(seconds(1000), Share::NONE, 9, &mut random).len(), 1);
    }

    #[test]
    fn jitter_is_a_share_of_each_step() {
        let script: Script = "listen 10s, barge 10s".parse().unwrap();
        let share = Share::new(0.2).unwrap();
        let mut random = StdRng::seed_from_u64(7);
        let played = script.play(seconds(20_000), share, 10_000, &mut random);
        let lengths: Vec<_> = played.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert!(lengths.iter().all(|length| (8.0..=12.0).contains(&length.as_secs_f64())));
        let mean = lengths.iter().sum::<Duration>().as_secs_f64() / lengths.len() as f64;
        assert!((mean - 10.0).abs() < 0.1, "{mean}");
        let again = script.play(seconds(20_000), share, 10_000, &mut StdRng::seed_from_u64(7));
        assert_eq!(played, again);
    }
}
