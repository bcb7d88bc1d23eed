//! Help requests: an agent's raised hand, on a call or in a conversation.
//!
//! [`HelpDesk`] holds the one request that an interaction can have at a time and says what each
//! step makes of it. It reaches staff only; who is told is decided where the events are disclosed.

use crate::{Actor, UnixMs, UserId};

/// Characters that a help request's reason may have.
pub const HELP_REASON_CHARS_MAX: usize = 500;

/// One help request, from the raised hand to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Help {
    /// Counts up within its interaction, from 1.
    pub number: u64,
    /// Who asked.
    pub agent: UserId,
    /// Why, in the agent's words.
    pub reason: Option<String>,
    /// Since when.
    pub raised_at: UnixMs,
    /// How far it got.
    pub stage: HelpStage,
    /// When a supervisor first took it up; kept after its end, for the reports.
    pub taken_at: Option<UnixMs>,
}

/// How far a help request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum HelpStage {
    /// It waits for a supervisor; for another one, if [`Help::taken_at`] says that one was on it.
    Open,
    /// A supervisor is on it.
    InProgress {
        /// Who.
        by: UserId,
    },
    /// Settled.
    Closed {
        /// By whom; `None`: by the server.
        by: Option<UserId>,
        /// When.
        at: UnixMs,
    },
    /// It came to nothing.
    Cancelled {
        /// Why.
        why: HelpCancel,
        /// When.
        at: UnixMs,
    },
}

/// Why a help request came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum HelpCancel {
    /// The agent took the hand down before anybody came.
    Withdrawn,
    /// The interaction was transferred.
    Transferred,
    /// The agent left the interaction.
    AgentLeft,
    /// The interaction ended.
    Ended,
}

/// Why a step was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelpRefusal {
    /// Nobody has asked for help.
    #[error("no help request is open here")]
    NotOpen,
    /// The reason is too long.
    #[error("a reason has at most {HELP_REASON_CHARS_MAX} characters")]
    ReasonTooLong,
}

/// The request that an interaction has now, if any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpDesk {
    live: Option<Help>,
    raised: u64,
}

impl Help {
    /// Whether it is open or in progress.
    pub fn is_live(&self) -> bool {
        matches!(self.stage, HelpStage::Open | HelpStage::InProgress { .. })
    }

    /// The supervisor who is on it now.
    pub fn taken_by(&self) -> Option<UserId> {
        match self.stage {
            HelpStage::InProgress { by } => Some(by),
            HelpStage::Open | HelpStage::Closed { .. } | HelpStage::Cancelled { .. } => None,
        }
    }
}

impl HelpDesk {
    /// The request that is open or in progress.
    pub fn live(&self) -> Option<&Help> {
        self.live.as_ref()
    }

    /// What raising a hand makes: a new request, or the live one with the new reason.
    ///
    /// # Errors
    /// [`HelpRefusal::ReasonTooLong`].
    pub fn raised(
        &self,
        at: UnixMs,
        agent: UserId,
        reason: Option<String>,
    ) -> Result<Help, HelpRefusal> {
        if reason.as_ref().is_some_and(|text| text.chars().count() > HELP_REASON_CHARS_MAX) {
            return Err(HelpRefusal::ReasonTooLong);
        }
        Ok(match &self.live {
            Some(live) => Help { reason, ..live.clone() },
            None => Help {
                number: self.raised + 1,
                agent,
                reason,
                raised_at: at,
                stage: HelpStage::Open,
                taken_at: None,
            },
        })
    }

    /// What taking the live request up makes; `None`: this supervisor has it already.
    ///
    /// # Errors
    /// [`HelpRefusal::NotOpen`].
    pub fn taken(&self, at: UnixMs, by: UserId) -> Result<Option<Help>, HelpRefusal> {
        let live = self.live.as_ref().ok_or(HelpRefusal::NotOpen)?;
        let taken_at = live.taken_at.or(Some(at));
        let help = Help { stage: HelpStage::InProgress { by }, taken_at, ..live.clone() };
        Ok((help != *live).then_some(help))
    }

    /// What closing makes. An agent who takes the own hand down before anybody came withdraws it.
    ///
    /// # Errors
    /// [`HelpRefusal::NotOpen`].
    pub fn closed(&self, at: UnixMs, by: Actor) -> Result<Help, HelpRefusal> {
        let live = self.live.as_ref().ok_or(HelpRefusal::NotOpen)?;
        let stage = match by {
            Actor::User(user) if user == live.agent && live.stage == HelpStage::Open => {
                HelpStage::Cancelled { why: HelpCancel::Withdrawn, at }
            }
            Actor::User(user) => HelpStage::Closed { by: Some(user), at },
            Actor::System => HelpStage::Closed { by: None, at },
        };
        Ok(Help { stage, ..live.clone() })
    }

    /// What it makes of the live request that this supervisor goes, who is on it; `None`: they are on none.
    /// It waits for another one: nobody helps who is not there.
    pub fn released(&self, by: UserId) -> Option<Help> {
        let live = self.live.as_ref().filter(|live| live.taken_by() == Some(by))?;
        Some(Help { stage: HelpStage::Open, ..live.clone() })
    }

    /// What an end from outside makes of the live request, if there is one.
    pub fn cancelled(&self, at: UnixMs, why: HelpCancel) -> Option<Help> {
        let stage = HelpStage::Cancelled { why, at };
        self.live.as_ref().map(|live| Help { stage, ..live.clone() })
    }

    /// Takes what one of the functions above made.
    pub fn set(&mut self, help: &Help) {
        self.raised = self.raised.max(help.number);
        self.live = help.is_live().then(|| help.clone());
    }
}
