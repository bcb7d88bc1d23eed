//! What a run found, as the JSON report holds it. No logic.
//!
//! Times named `_s` are seconds since the run began; delays are milliseconds; levels are dBFS.
//! A figure that could not be measured is absent (`null`), never 0.

use serde::Serialize;

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whether the run can be believed: the generator kept up, and what it had to check was checked.
    pub valid: bool,
    /// Why it is not.
    pub invalid_because: Vec<String>,
    /// How often a supervisor was heard by somebody who must not hear them. Anything but 0 fails.
    pub leaks: usize,
    /// How often somebody of another call was heard. Anything but 0 fails.
    pub crossed: usize,
    /// How often somebody who had to be heard was not.
    pub missing: usize,
    /// What was run.
    pub run: RunFacts,
    /// Calls by how they went.
    pub calls: CallCounts,
    /// Mode changes by how they went.
    pub mode_changes: ModeCounts,
    /// Delays over all legs and changes.
    pub percentiles: Delays,
    /// Estimated quality over all legs.
    pub mos: Option<Percentiles>,
    /// What was heard that must not be, or was not that must be.
    pub findings: Vec<Finding>,
    /// The limits of `--fail-if`, and how they came out.
    pub limits: Vec<LimitOutcome>,
    /// Each leg.
    pub legs: Vec<LegReport>,
    /// Each supervised call's story.
    pub supervised: Vec<SupervisedCall>,
    /// Figures over time, one a second.
    pub seconds: Vec<Second>,
}

/// What was run, so that it can be run again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunFacts {
    /// The server's address.
    pub server: String,
    /// The version of the load tester.
    pub version: String,
    /// When it began, RFC 3339, UTC.
    pub began_at: String,
    /// How long it took, s.
    pub duration_s: f64,
    /// What makes the run the same again.
    pub seed: u64,
    /// The scenario in force, as TOML.
    pub scenario: String,
    /// The recordings used, by name.
    pub recordings: Vec<String>,
    /// Recordings left out, and why.
    pub skipped: Vec<String>,
    /// What was wrong with recordings that were used.
    pub notes: Vec<String>,
}

/// Calls by how they went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CallCounts {
    /// Placed.
    pub asked: usize,
    /// Answered, with sound both ways.
    pub connected: usize,
    /// Not.
    pub failed: usize,
    /// The most at a time.
    pub at_once_max: usize,
}

/// Mode changes by how they went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ModeCounts {
    /// Requested.
    pub asked: usize,
    /// Acknowledged and heard (or fallen silent) as they should.
    pub done: usize,
    /// Refused by the server, or without the effect.
    pub failed: usize,
}

/// Delays, ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Delays {
    /// From the mouth to the ear: from when a sample would be spoken to when it would be played,
    /// the listener's playout buffer included.
    pub mouth_to_ear_ms: Option<Percentiles>,
    /// From the request to place a call until its first sound.
    pub setup_ms: Option<Percentiles>,
    /// From a station's offer until media can flow.
    pub station_setup_ms: Option<Percentiles>,
    /// From the answer until the first sound.
    pub first_audio_ms: Option<Percentiles>,
    /// From a mode's request to its acknowledgement.
    pub mode_change_ms: Option<Percentiles>,
    /// From the request for Whisper or Barge to the supervisor's first sample at the agent.
    pub mode_audible_ms: Option<Percentiles>,
    /// From the request to end it to the last sample at the agent.
    pub mode_silent_ms: Option<Percentiles>,
    /// How late the generator itself was with its packets.
    pub lateness_ms: Option<Percentiles>,
}

/// The distribution of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// Values counted.
    pub count: usize,
    /// The lowest.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// 95 of 100 are not above it.
    pub p95: f64,
    /// 99 of 100 are not above it.
    pub p99: f64,
    /// The highest.
    pub max: f64,
}

/// The role of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Who calls.
    Caller,
    /// Who answers.
    Agent,
    /// Who supervises.
    Supervisor,
}

/// One leg of one call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LegReport {
    /// The number of the call in this run, from 1.
    pub call: usize,
    /// Role.
    pub role: Role,
    /// The name under which it is known to the server.
    pub name: String,
    /// How it is connected: `webrtc`, or a telephone by its codec, such as `sip/pcma`.
    pub connection: String,
    /// When it was connected, and until when.
    pub from_s: f64,
    /// See `from_s`.
    pub until_s: f64,
    /// Packets that came.
    pub received: u64,
    /// Packets that were missing, by sequence number.
    pub lost: u64,
    /// Packets that came after a later one.
    pub reordered: u64,
    /// RFC 3550 §6.4.1 interarrival jitter at its highest, ms.
    pub jitter_ms: f64,
    /// What the playout buffer had to make up for, ms.
    pub concealed_ms: u64,
    /// The share of the sound heard that the server had mixed or transcoded, and so encoded a second time, 0 to 1.
    pub mixed: f64,
    /// Mouth to ear, ms, of those heard.
    pub mouth_to_ear_ms: Option<Percentiles>,
    /// Estimated mean opinion score, 1 to 4.5 (ITU-T G.107); of telephones only where they speak Opus.
    pub mos: Option<f64>,
}

/// What kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A supervisor was heard by somebody who must not hear them.
    Leak,
    /// Somebody of another call was heard.
    Crossed,
    /// Somebody who had to be heard was not.
    Missing,
}

/// Something that was heard, or not heard, against the route plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// When, s since the run began.
    pub at_s: f64,
    /// For how long, s.
    pub for_s: f64,
    /// The call of the listener.
    pub call: usize,
    /// The listener.
    pub listener: String,
    /// The listener's role.
    pub listener_role: Role,
    /// Who was heard, or was to be.
    pub source: String,
    /// The source's role.
    pub source_role: Role,
    /// The source's call, if it is another.
    pub source_call: Option<usize>,
    /// At what level, dBFS; absent for what was missing.
    pub level_dbfs: Option<f64>,
    /// How sure: the peak of the matched filter over its spread elsewhere.
    pub sigma: Option<f64>,
    /// The sound kept as evidence, relative to the report.
    pub evidence: Option<String>,
}

/// One limit of `--fail-if`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitOutcome {
    /// As given, such as `p99.mouth_to_ear_ms>150`.
    pub expression: String,
    /// What was measured; absent when nothing was, which misses the limit too.
    pub measured: Option<f64>,
    /// Whether the run fails by it.
    pub missed: bool,
}

/// A supervisor's mode on a call, for the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModeName {
    /// Hears.
    Listen,
    /// Is heard by the agent.
    Whisper,
    /// Is heard by all.
    Barge,
    /// Is heard by all, and the agent by nobody.
    TakeOver,
}

/// The story of one supervised call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SupervisedCall {
    /// The number of the call.
    pub call: usize,
    /// When it was answered, and until when.
    pub from_s: f64,
    /// See `from_s`.
    pub until_s: f64,
    /// The modes of its supervisors.
    pub modes: Vec<ModeSpan>,
    /// Who was heard by whom, and when.
    pub audible: Vec<AudibleSpan>,
}

/// A supervisor was in a mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModeSpan {
    /// Who.
    pub supervisor: String,
    /// The mode.
    pub mode: ModeName,
    /// Acknowledged at, s.
    pub from_s: f64,
    /// Left at, s.
    pub until_s: f64,
}

/// Somebody heard somebody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AudibleSpan {
    /// Who listened.
    pub listener: String,
    /// Who was heard.
    pub source: String,
    /// The source's role.
    pub source_role: Role,
    /// From, s.
    pub from_s: f64,
    /// Until, s.
    pub until_s: f64,
}

/// One second of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Second {
    /// s since the run began.
    pub at_s: f64,
    /// Calls that stand.
    pub calls: usize,
    /// Packets received by all legs in this second.
    pub packets: u64,
    /// Of those expected, how many did not come, 0 to 1.
    pub loss: f64,
    /// What was concealed, of all that was played, 0 to 1.
    pub concealed: f64,
    /// Mode changes in this second.
    pub mode_changes: usize,
    /// Calls that failed to be set up in this second.
    pub setup_failures: usize,
    /// Median and 99th percentile of the delays measured in this second, ms.
    pub mouth_to_ear_p50_ms: Option<f64>,
    /// See above.
    pub mouth_to_ear_p99_ms: Option<f64>,
    /// The generator's worst lateness in this second, ms.
    pub lateness_max_ms: Option<f64>,
    /// CPU of the server, cores.
    pub server_cpu: Option<f64>,
    /// Memory of the server, MiB.
    pub server_memory_mib: Option<f64>,
    /// CPU of the load tester, cores.
    pub own_cpu: Option<f64>,
    /// Memory of the load tester, MiB.
    pub own_memory_mib: Option<f64>,
}
