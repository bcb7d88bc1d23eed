//! The ids under which legs are known outside: pseudonyms that tell a viewer nothing.
//!
//! A leg's own id counts up within its call, so a caller could tell from a gap that somebody joined
//! unseen; a keyed hash has no gaps. To everybody but supervisors, a supervisor's leg is named
//! after the user: a second Barge looks the same whether the supervisor had stayed in between or
//! not.

use std::hash::{BuildHasher, RandomState};

use interaction::disclosure::sees;
use interaction::{CallId, CallState, Leg, LegId, Role, Viewer};

/// Makes legs' names. Copies of one make the same names; `Default` draws a new key.
#[derive(Clone, Debug, Default)]
pub struct LegNames {
    key: RandomState,
}

impl LegNames {
    /// The leg's name for this viewer.
    pub fn name(&self, call: CallId, viewer: Viewer, leg: &Leg) -> String {
        let hash = if leg.role() == Role::Supervisor && viewer != Viewer::Supervisor {
            self.key.hash_one((call, "user", leg.user))
        } else {
            self.key.hash_one((call, "leg", leg.id))
        };
        format!("{hash:016x}")
    }

    /// The name of an agent's leg, which depends on its id alone.
    pub fn agent_name(&self, call: CallId, agent: LegId) -> String {
        format!("{:016x}", self.key.hash_one((call, "leg", agent)))
    }

    /// The leg of this name, if this viewer sees it.
    pub fn find<'a>(&self, state: &'a CallState, viewer: Viewer, name: &str) -> Option<&'a Leg> {
        visible(state, viewer).find(|leg| self.name(state.id(), viewer, leg) == name)
    }
}

/// The legs that the viewer knows of.
pub fn visible(state: &CallState, viewer: Viewer) -> impl Iterator<Item = &Leg> {
    state.legs().iter().filter(move |leg| sees(state.policy(), viewer, leg))
}
