//! Legs: who is attached to a call, in which role and mode.

use crate::{LegId, Slot, UnixMs, UserId};

/// A station's attachment to a call; what hears and is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Leg {
    /// Unique within the call, never used again in it.
    pub id: LegId,
    /// The leg's place in the call's tables; free for another leg once this one has left.
    #[cfg_attr(feature = "serde", serde(skip, default = "Slot::of_a_record"))]
    pub slot: Slot,
    /// Whose leg it is.
    pub user: UserId,
    /// Role, and what only that role has.
    pub party: Party,
    /// The station's media have been missing for longer than the server tolerates.
    pub media_lost: bool,
    /// An agent's client says that its microphone hears its loudspeaker: a whisper may reach the
    /// caller through the air.
    pub echo: bool,
    /// When the leg joined; of a consulted agent who was let in, when that was.
    pub joined_at: UnixMs,
}

/// A party's role and what only that role has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Party {
    /// The customer.
    Caller {
        /// The caller's own mute.
        muted: bool,
    },
    /// Somebody of the centre who talks with the customer.
    Agent {
        /// The agent's own mute: nobody hears the agent.
        muted: bool,
        /// Is asked by this agent's leg and hears it alone; `None`: talks with the caller.
        consulted_by: Option<LegId>,
    },
    /// Somebody who supervises.
    Supervisor {
        /// What the supervisor's voice may reach.
        mode: Mode,
        /// Since when the mode holds.
        mode_since: UnixMs,
        /// Which modes this supervisor may choose besides Listen.
        rights: Rights,
    },
}

/// What a supervisor's voice may reach. The default of a new leg is [`Mode::Listen`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Mode {
    /// Hears everybody; nobody hears the supervisor and nobody is told.
    #[default]
    Listen,
    /// The coached agent, and no other party, also hears the supervisor.
    Whisper {
        /// The agent's leg.
        coached: LegId,
    },
    /// Everybody hears everybody.
    Barge,
    /// Speaks with the caller in the agents' stead: heard like in Barge, while nobody hears an agent. One
    /// supervisor at a time.
    TakeOver,
}

/// A mode's name without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModeKind {
    /// See [`Mode::Listen`].
    Listen,
    /// See [`Mode::Whisper`].
    Whisper,
    /// See [`Mode::Barge`].
    Barge,
    /// See [`Mode::TakeOver`].
    TakeOver,
}

/// A leg's role, without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// See [`Party::Caller`].
    Caller,
    /// See [`Party::Agent`].
    Agent,
    /// See [`Party::Supervisor`].
    Supervisor,
}

/// The modes beyond Listen that a supervisor may choose on this call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rights {
    /// May whisper.
    pub whisper: bool,
    /// May barge, and take over: both are speaking with the caller.
    pub barge: bool,
}

/// Why a leg left its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LeaveReason {
    /// Its user hung up or stopped supervising.
    HungUp,
    /// The call ended around it.
    CallEnded,
    /// Its media or its control connection did not come back in time.
    Lost,
    /// The same user began to supervise from another station.
    Replaced,
    /// The user lost the permission.
    Revoked,
    /// The agent handed the interaction over.
    Transferred,
}

impl Mode {
    /// The mode's name.
    pub fn kind(self) -> ModeKind {
        match self {
            Self::Listen => ModeKind::Listen,
            Self::Whisper { .. } => ModeKind::Whisper,
            Self::Barge => ModeKind::Barge,
            Self::TakeOver => ModeKind::TakeOver,
        }
    }
}

impl ModeKind {
    /// Every mode, the one that reaches fewest first.
    pub const ALL: [Self; 4] = [Self::Listen, Self::Whisper, Self::Barge, Self::TakeOver];

    /// Whether the customer hears or reads a supervisor in this mode, and so knows of them.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Listen | Self::Whisper => false,
            Self::Barge | Self::TakeOver => true,
        }
    }
}

impl Rights {
    /// Whether `kind` may be chosen.
    pub fn allow(self, kind: ModeKind) -> bool {
        match kind {
            ModeKind::Listen => true,
            ModeKind::Whisper => self.whisper,
            ModeKind::Barge | ModeKind::TakeOver => self.barge,
        }
    }
}

impl Leg {
    /// The leg's role.
    pub fn role(&self) -> Role {
        match self.party {
            Party::Caller { .. } => Role::Caller,
            Party::Agent { .. } => Role::Agent,
            Party::Supervisor { .. } => Role::Supervisor,
        }
    }

    /// The supervisor's mode; `None` for the other roles.
    pub fn mode(&self) -> Option<Mode> {
        match self.party {
            Party::Supervisor { mode, .. } => Some(mode),
            Party::Caller { .. } | Party::Agent { .. } => None,
        }
    }

    /// By which agent's leg this one is consulted; `None` for everybody else.
    pub fn consulted_by(&self) -> Option<LegId> {
        match self.party {
            Party::Agent { consulted_by, .. } => consulted_by,
            Party::Caller { .. } | Party::Supervisor { .. } => None,
        }
    }

    /// Since when the leg is what others may know of: a supervisor's mode, else the leg itself.
    pub fn mode_since(&self) -> UnixMs {
        match self.party {
            Party::Supervisor { mode_since, .. } => mode_since,
            Party::Caller { .. } | Party::Agent { .. } => self.joined_at,
        }
    }

    /// Whether the user's own mute is on. Supervisors have none: they go back to Listen.
    pub fn muted(&self) -> bool {
        match self.party {
            Party::Caller { muted } | Party::Agent { muted, .. } => muted,
            Party::Supervisor { .. } => false,
        }
    }
}
