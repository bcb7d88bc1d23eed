//! The two transcripts of a conversation, made from the same events.
//!
//! The external one is what the customer was told, the internal one what an agent was told: both
//! go through [`disclose`], so that no second rule exists. Supervisors who only listened are in
//! neither. Text and data; the file formats are the shell's.

use std::fmt::Write as _;

use super::{Disclosed, EndReason, Entry, Features, Reader, Viewer, disclose};
use crate::Target;
use crate::handover::{HandoverKind, HandoverOutcome};
use crate::help::HelpStage;
use crate::text::{is_line_break, without_controls};
use crate::{AttachmentId, Policy, UnixMs, UserId};

/// What private lines begin with in the internal transcript.
const PRIVATE_PREFIX: &str = "[PRIVATE]";

/// What stands before what a customer wrote, in both transcripts: their name is theirs to choose, and may
/// be an agent's.
const CUSTOMER_PREFIX: &str = "[CUSTOMER]";

/// Which transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TranscriptKind {
    /// Public only.
    External,
    /// With private lines.
    Internal,
}

/// A transcript, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Which one.
    pub kind: TranscriptKind,
    /// The customer.
    pub requester: UserId,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: UnixMs,
    /// For staff only. Never in an external transcript.
    pub private: bool,
    /// What.
    pub said: Said,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Somebody wrote.
    Message {
        /// Who.
        author: UserId,
        /// What.
        text: String,
        /// With which attachments.
        attachments: Vec<AttachmentId>,
    },
    /// Somebody came.
    Joined(UserId),
    /// Somebody left.
    Left(UserId),
    /// It was handed over.
    Transferring(Target),
    /// Somebody was asked in.
    Invited(Target),
    /// No agent was found for a request of this kind.
    NoAgents(HandoverKind),
    /// An agent asked for help, or the request changed.
    Help {
        /// Who asked.
        agent: UserId,
        /// Why.
        reason: Option<String>,
        /// How far it got.
        stage: HelpStage,
    },
    /// It ended.
    Ended(EndReason),
}

/// Whether the reader may have the transcript: staff both, the customer the external one if the
/// queue allows it.
pub fn may_have_transcript(reader: Reader, kind: TranscriptKind, features: &Features) -> bool {
    match (reader, kind) {
        (Reader::Requester, TranscriptKind::External) => features.transcript_download,
        (Reader::Requester, TranscriptKind::Internal) | (Reader::Offered, _) => false,
        (
            Reader::Agent | Reader::Colleague | Reader::Supervisor | Reader::Overseer,
            TranscriptKind::External | TranscriptKind::Internal,
        ) => true,
    }
}

/// Makes a transcript of all that happened. `requester` is the customer.
pub fn transcript<'a>(
    kind: TranscriptKind,
    policy: &Policy,
    requester: UserId,
    entries: impl IntoIterator<Item = &'a Entry>,
) -> Transcript {
    let customer = Viewer { user: requester, reader: Reader::Requester };
    // An agent's eyes, of no agent in particular.
    let staff = Viewer { user: UserId(0), reader: Reader::Agent };
    let policy = &Policy { notify_agent_on_listen: false, ..policy.clone() };
    let line = |entry: &Entry| {
        let external = disclose(policy, customer, entry).and_then(|told| said(told.what));
        match kind {
            TranscriptKind::External => {
                external.map(|said| Line { at: entry.at, private: false, said })
            }
            TranscriptKind::Internal => {
                let said = disclose(policy, staff, entry).and_then(|told| said(told.what))?;
                Some(Line { at: entry.at, private: external.is_none(), said })
            }
        }
    };
    Transcript { kind, requester, lines: entries.into_iter().filter_map(line).collect() }
}

impl Transcript {
    /// As text: one line each, UTC. `user` and `target` give the names.
    pub fn text(
        &self,
        user: impl Fn(UserId) -> String,
        target: impl Fn(Target) -> String,
    ) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let is_customers =
                matches!(&line.said, Said::Message { author, .. } if *author == self.requester);
            let prefix = match (line.private, is_customers) {
                (true, _) => format!("{PRIVATE_PREFIX} "),
                (false, true) => format!("{CUSTOMER_PREFIX} "),
                (false, false) => String::new(),
            };
            let said = spoken(&line.said, &user, &target);
            // A line break within a message must not look like the beginning of a line of ours.
            let said = said.replace("\r\n", "\n").replace(is_line_break, "\n    ");
            let said = without_controls(&said);
            // Writing into a String cannot fail.
            let _ = writeln!(out, "{} {prefix}{said}", clock(line.at));
        }
        out
    }
}

impl Said {
    /// In a sentence; `user` and `target` give the names.
    pub fn sentence(
        &self,
        user: impl Fn(UserId) -> String,
        target: impl Fn(Target) -> String,
    ) -> String {
        spoken(self, &user, &target)
    }
}

fn said(what: Disclosed) -> Option<Said> {
    Some(match what {
        Disclosed::Posted(message) => Said::Message {
            author: message.author,
            text: message.text,
            attachments: message.attachments,
        },
        Disclosed::Joined(member) => Said::Joined(member.user),
        Disclosed::Left(user, ..) => Said::Left(user),
        Disclosed::Transferring(to) => Said::Transferring(to),
        Disclosed::NotTransferred => Said::NoAgents(HandoverKind::Transfer),
        Disclosed::HandoverRequested(handover) => match handover.kind {
            HandoverKind::Transfer => Said::Transferring(handover.to),
            HandoverKind::Consultation | HandoverKind::Conference => Said::Invited(handover.to),
        },
        Disclosed::HandoverEnded(handover, HandoverOutcome::NoAgents) => {
            Said::NoAgents(handover.kind)
        }
        Disclosed::HelpChanged(help) => {
            Said::Help { agent: help.agent, reason: help.reason, stage: help.stage }
        }
        Disclosed::Ended(reason) => Said::Ended(reason),
        Disclosed::Opened(_)
        | Disclosed::ModeChanged(..)
        | Disclosed::Typing(..)
        | Disclosed::Marked(..)
        | Disclosed::HandoverEnded(..) => return None,
    })
}

fn spoken(
    said: &Said,
    user: &impl Fn(UserId) -> String,
    target: &impl Fn(Target) -> String,
) -> String {
    match said {
        Said::Message { author, text, attachments } => {
            let files = match attachments.len() {
                0 => String::new(),
                1 => " (1 attachment)".to_owned(),
                n => format!(" ({n} attachments)"),
            };
            format!("{}: {text}{files}", user(*author))
        }
        Said::Joined(who) => format!("{} has joined the conversation", user(*who)),
        Said::Left(who) => format!("{} left the conversation", user(*who)),
        Said::Transferring(to) => format!("Transfer to {}", target(*to)),
        Said::Invited(to) => format!("Conference request to {}", target(*to)),
        Said::NoAgents(HandoverKind::Transfer) => "No agents were available".to_owned(),
        Said::NoAgents(HandoverKind::Consultation | HandoverKind::Conference) => {
            "No agents were available to join the conference conversation".to_owned()
        }
        Said::Help { agent, reason, stage } => help_line(&user(*agent), reason.as_deref(), stage),
        Said::Ended(EndReason::NoAgents) => "The conversation ended: no agents".to_owned(),
        Said::Ended(_) => "The conversation ended".to_owned(),
    }
}

fn help_line(agent: &str, reason: Option<&str>, stage: &HelpStage) -> String {
    match (stage, reason) {
        (HelpStage::Open, Some(reason)) => format!("{agent} asked for help: {reason}"),
        (HelpStage::Open, None) => format!("{agent} asked for help"),
        (HelpStage::InProgress { .. }, _) => format!("Help for {agent} is in progress"),
        (HelpStage::Closed { .. }, _) => format!("Help for {agent} was given"),
        (HelpStage::Cancelled { .. }, _) => format!("Help for {agent} was cancelled"),
    }
}

/// A time as `2026-11-21 15:08:35`, UTC (days to a date: H. Hinnant, "chrono-compatible
/// low-level date algorithms").
fn clock(at: UnixMs) -> String {
    let seconds = at.0 / 1_000;
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_dates() {
        assert_eq!(clock(UnixMs(0)), "1970-01-01 00:00:00");
        assert_eq!(clock(UnixMs(951_782_399_000)), "2000-02-28 23:59:59");
        assert_eq!(clock(UnixMs(951_782_400_999)), "2000-02-29 00:00:00");
        assert_eq!(clock(UnixMs(1_795_273_715_000)), "2026-11-21 15:08:35");
    }
}
