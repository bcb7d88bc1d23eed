//! The report of supervision: who listened to, whispered to, barged in on and took over from whom, when,
//! and how long. Made of the log that is written before anything is heard.

use std::collections::BTreeMap;

use interaction::people::User;
use interaction::reports::{Scope, names_reader};
use interaction::{ModeKind, UserId};
use store::{AgentTime, InteractionKind, SUPERVISION_ASKED, Store, SupervisionEntry};

use super::{Owners, Period, REPORT_FACTS_MAX, ReportError, whole};
use crate::mode_name;

/// A stretch of time in one mode, or an attempt that led to none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervised {
    /// Who.
    pub supervisor: UserId,
    /// Their name.
    pub name: String,
    /// In which mode.
    pub mode: ModeKind,
    /// The interaction's id.
    pub interaction: String,
    /// Voice or text; `None`: nothing is known of it.
    pub kind: Option<InteractionKind>,
    /// The queue's key.
    pub queue: Option<String>,
    /// The agents who were in it meanwhile.
    pub agents: Vec<(UserId, String)>,
    /// Since when, Unix ms; of an attempt when it was made.
    pub from: u64,
    /// Until when, Unix ms; `None`: it goes on, or there was nothing.
    pub until: Option<u64>,
    /// How it ended.
    pub end: SupervisedEnd,
}

/// How a stretch of supervision ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SupervisedEnd {
    /// It goes on.
    Running,
    /// The supervisor went on in another mode.
    ModeChanged,
    /// The supervisor stopped.
    Stopped,
    /// It ended otherwise: the log's word for it (`call ended`, `lost`, `revoked`, …).
    Other(String),
    /// It went with the server.
    CutOff,
    /// It never began: the refusal's words.
    Refused(String),
    /// It was asked for, and the server did not live to write what came of it.
    Unknown,
}

/// What is known of one supervisor on one interaction while the log is gone through.
#[derive(Default)]
struct Track {
    open: Option<Supervised>,
    asked: Option<(u64, ModeKind)>,
}

/// Everything in the period that `reader` may read of, oldest first; `supervisor` and `agent` narrow
/// it.
///
/// # Errors
/// [`ReportError`].
pub async fn report(
    store: &Store,
    reader: &User,
    scope: Scope,
    period: Period,
) -> Result<Vec<Supervised>, ReportError> {
    let Period { from, until } = period;
    let entries = store.supervision_between(from, until, REPORT_FACTS_MAX + 1).await?;
    let owners = Owners::new(store, scope).await?;
    let entries: Vec<SupervisionEntry> = whole(entries)?
        .into_iter()
        .filter(|entry| match &entry.interaction {
            Some(it) => owners.has(it.queue.as_deref(), it.opening.as_deref()),
            None => owners.has(None, None),
        })
        .collect();
    let mut ids: Vec<&str> = entries.iter().map(|entry| entry.act.call.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let agents = store.agent_times(&ids).await?;
    let mut found = stretches(&entries);
    found.retain(|it| from <= it.from && it.from < until);
    for it in &mut found {
        it.agents = agents_during(&agents, it);
    }
    found.retain(|it| !names_reader(reader.id, it.agents.iter().map(|(agent, _)| *agent)));
    Ok(found)
}

/// The log's entries, in their order, as stretches, by their beginning.
fn stretches(entries: &[SupervisionEntry]) -> Vec<Supervised> {
    let mut tracks: BTreeMap<(u64, &str), Track> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in entries {
        let act = &entry.act;
        let track = tracks.entry((act.user, &act.call)).or_default();
        let mode = mode_named(&act.action);
        match (act.outcome.as_str(), mode) {
            (SUPERVISION_ASKED, Some(mode)) => {
                found.extend(unanswered(track, entry));
                track.asked = Some((act.at, mode));
            }
            ("done", Some(mode)) => {
                track.asked = None;
                if track.open.as_ref().is_none_or(|open| open.mode != mode) {
                    found.extend(close(track, act.at, SupervisedEnd::ModeChanged));
                    track.open = Some(begun(entry, mode, act.at, SupervisedEnd::Running));
                }
            }
            (outcome, None) => {
                let end = match outcome {
                    "done" => SupervisedEnd::Stopped,
                    other => SupervisedEnd::Other(other.to_owned()),
                };
                found.extend(close(track, act.at, end));
            }
            (refusal, Some(mode)) => {
                track.asked = None;
                let end = SupervisedEnd::Refused(refusal.to_owned());
                found.push(begun(entry, mode, act.at, end));
            }
        }
    }
    // The last entry of each knows how its interaction is now.
    let last: BTreeMap<(u64, &str), &SupervisionEntry> =
        entries.iter().map(|entry| ((entry.act.user, &*entry.act.call), entry)).collect();
    for (key, mut track) in tracks {
        let Some(entry) = last.get(&key) else { continue };
        found.extend(unanswered(&mut track, entry));
        match entry.interaction.as_ref().and_then(|it| it.ended_at) {
            Some(at) => found.extend(close(&mut track, at, SupervisedEnd::CutOff)),
            None => found.extend(track.open),
        }
    }
    found.sort_by_key(|it| it.from);
    found
}

fn begun(entry: &SupervisionEntry, mode: ModeKind, from: u64, end: SupervisedEnd) -> Supervised {
    let about = entry.interaction.as_ref();
    Supervised {
        supervisor: UserId(entry.act.user),
        name: entry.name.clone(),
        mode,
        interaction: entry.act.call.clone(),
        kind: about.map(|it| it.kind),
        queue: about.and_then(|it| it.queue.clone()),
        agents: Vec::new(),
        from,
        until: None,
        end,
    }
}

fn close(track: &mut Track, at: u64, end: SupervisedEnd) -> Option<Supervised> {
    let open = track.open.take()?;
    // A clock that was set back makes nothing end before it began.
    Some(Supervised { until: Some(at.max(open.from)), end, ..open })
}

/// What was asked for, and never answered.
fn unanswered(track: &mut Track, entry: &SupervisionEntry) -> Option<Supervised> {
    let (at, mode) = track.asked.take()?;
    Some(begun(entry, mode, at, SupervisedEnd::Unknown))
}

fn agents_during(times: &[AgentTime], it: &Supervised) -> Vec<(UserId, String)> {
    let until = it.until.unwrap_or(match it.end {
        SupervisedEnd::Running => u64::MAX,
        _ => it.from,
    });
    let mut found: Vec<(UserId, String)> = Vec::new();
    // `agent_times` is by interaction.
    let first = times.partition_point(|time| time.interaction < it.interaction);
    for time in times[first..].iter().take_while(|time| time.interaction == it.interaction) {
        let meets = time.joined_at <= until && time.left_at.is_none_or(|left| left >= it.from);
        let agent = UserId(time.agent);
        if meets && found.iter().all(|(known, _)| *known != agent) {
            found.push((agent, time.name.clone()));
        }
    }
    found
}

fn mode_named(action: &str) -> Option<ModeKind> {
    ModeKind::ALL.into_iter().find(|mode| mode_name(*mode) == action)
}

#[cfg(test)]
mod tests {
    use store::{SupervisedRecord, SupervisionRecord};

    use super::*;

    fn entry(at: u64, action: &str, outcome: &str, ended_at: Option<u64>) -> SupervisionEntry {
        SupervisionEntry {
            act: SupervisionRecord {
                at,
                user: 7,
                username: "sam".to_owned(),
                call: "c1".to_owned(),
                action: action.to_owned(),
                outcome: outcome.to_owned(),
            },
            name: "Sam".to_owned(),
            interaction: Some(SupervisedRecord {
                kind: InteractionKind::Call,
                queue: Some("support".to_owned()),
                opening: None,
                ended_at,
            }),
        }
    }

    fn short(entries: &[SupervisionEntry]) -> Vec<(ModeKind, u64, Option<u64>, SupervisedEnd)> {
        stretches(entries).into_iter().map(|it| (it.mode, it.from, it.until, it.end)).collect()
    }

    #[test]
    fn each_mode_is_a_stretch_of_its_own() {
        let log = [
            entry(1, "listen", "asked", None),
            entry(2, "listen", "done", None),
            entry(5, "whisper", "asked", None),
            entry(6, "whisper", "done", None),
            entry(9, "barge", "asked", None),
            entry(9, "barge", "you may not barge in", None),
            entry(20, "stop", "call ended", None),
        ];
        let expected = [
            (ModeKind::Listen, 2, Some(6), SupervisedEnd::ModeChanged),
            (ModeKind::Whisper, 6, Some(20), SupervisedEnd::Other("call ended".to_owned())),
            (ModeKind::Barge, 9, None, SupervisedEnd::Refused("you may not barge in".to_owned())),
        ];
        assert_eq!(short(&log), expected);
    }

    #[test]
    fn what_the_server_did_not_live_to_write_is_said_to_be_so() {
        let asked = [entry(1, "listen", "asked", Some(50))];
        assert_eq!(short(&asked), [(ModeKind::Listen, 1, None, SupervisedEnd::Unknown)]);
        let cut_off = [entry(1, "listen", "asked", Some(50)), entry(2, "listen", "done", Some(50))];
        assert_eq!(short(&cut_off), [(ModeKind::Listen, 2, Some(50), SupervisedEnd::CutOff)]);
        let runs = [entry(2, "listen", "done", None)];
        assert_eq!(short(&runs), [(ModeKind::Listen, 2, None, SupervisedEnd::Running)]);
        let stopped = [entry(2, "listen", "done", None), entry(4, "stop", "done", None)];
        assert_eq!(short(&stopped), [(ModeKind::Listen, 2, Some(4), SupervisedEnd::Stopped)]);
    }

    #[test]
    fn only_agents_who_were_there_meanwhile_are_named() {
        let time = |agent, joined_at, left_at| AgentTime {
            interaction: "c1".to_owned(),
            agent,
            name: agent.to_string(),
            joined_at,
            left_at,
        };
        let times = [time(1, 0, Some(5)), time(2, 5, Some(9)), time(3, 30, None)];
        let log = [entry(6, "listen", "done", None), entry(12, "stop", "done", None)];
        let heard = agents_during(&times, &stretches(&log)[0]);
        assert_eq!(heard, [(UserId(2), "2".to_owned())]);
    }
}
