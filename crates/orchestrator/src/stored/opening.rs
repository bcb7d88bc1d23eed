//! The rules that held when an interaction was opened. They hold for it to its end and in its
//! record: what an administrator chooses later changes nothing about what was.

use interaction::{Policy, TeamId, UserId};
use serde::{Deserialize, Serialize};

/// The version of what is written here.
const VERSION: u32 = 1;

/// What is kept of an interaction's beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The form; see the module.
    version: u32,
    /// The centre's choices about supervision.
    pub policy: Policy,
    /// The teams whose supervisors could see it. Of one that was opened to a queue the queue's team
    /// counts once it is over.
    pub teams: Vec<TeamId>,
    /// Of a call that an agent made: who; the customer is whom they called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialed_by: Option<UserId>,
}

impl Opening {
    /// What is to be kept.
    pub fn new(policy: &Policy, teams: &[TeamId]) -> Self {
        Self { version: VERSION, policy: policy.clone(), teams: teams.to_vec(), dialed_by: None }
    }

    /// The same, of a call that this agent made.
    #[must_use]
    pub fn dialed_by(self, agent: Option<UserId>) -> Self {
        Self { dialed_by: agent, ..self }
    }

    /// As it stands in the store.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("numbers, switches and lists")
    }

    /// What was kept. Of an interaction of a former version the strictest rules hold: the default
    /// policy, by which agents are told of nobody who only listens, and no team.
    pub fn of(json: Option<&str>) -> Self {
        let kept = json.and_then(|json| serde_json::from_str::<Self>(json).ok());
        kept.filter(|it| it.version == VERSION).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_comes_back_and_what_is_unreadable_is_the_strictest() {
        let policy = Policy { notify_agent_on_listen: true, ..Policy::default() };
        let opening = Opening::new(&policy, &[TeamId(3)]);
        assert_eq!(Opening::of(Some(&opening.json())), opening);
        for odd in [None, Some("{}"), Some(""), Some(&*opening.json().replace(":1,", ":9,"))] {
            assert!(!Opening::of(odd).policy.notify_agent_on_listen, "{odd:?}");
        }
    }

    #[test]
    fn who_called_out_is_kept() {
        let opening = Opening::new(&Policy::default(), &[]).dialed_by(Some(UserId(7)));
        assert_eq!(Opening::of(Some(&opening.json())).dialed_by, Some(UserId(7)));
    }

    #[test]
    fn what_was_written_once_is_read_for_ever() {
        let written = r#"{"version":1,"policy":{"notify_agent_on_listen":true,
            "supervisors_hear_whispers":true,"duck":-600,"hold_tone":false,
            "barge_tone":{"caller":true,"agents":true},"whisper_beep":true},"teams":[3]}"#;
        let policy = Policy { notify_agent_on_listen: true, ..Policy::default() };
        assert_eq!(Opening::of(Some(written)), Opening::new(&policy, &[TeamId(3)]));
    }
}
