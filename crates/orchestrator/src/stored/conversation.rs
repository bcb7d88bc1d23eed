//! The JSON of a conversation's events, as it stands in the store.
//!
//! It is read by this server alone, so names in it are the domain's. A name that was written once
//! never changes: old conversations are read again.

use interaction::Target;
use interaction::conversation::{EndReason, Event, MarkKind, Member, Part, PartKind};
use interaction::{
    Handover, HandoverId, HandoverKind, HandoverOutcome, Help, HelpCancel, HelpStage, LeaveReason,
    ModeKind, QueueId, Rights, UnixMs, UserId,
};
use serde::{Deserialize, Serialize};

/// One thing that happened. `type` is also the event's name in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fact {
    /// It began.
    Opened {
        /// The customer.
        member: MemberFact,
    },
    /// Somebody came in.
    Joined {
        /// Who.
        member: MemberFact,
    },
    /// Somebody left.
    Left {
        /// Who, as they were.
        member: MemberFact,
        /// Why.
        reason: LeaveFact,
    },
    /// A supervisor's mode changed.
    ModeChanged {
        /// The supervisor, as they are now.
        member: MemberFact,
        /// The mode before.
        from: ModeFact,
    },
    /// What a member may do changed.
    RightsChanged {
        /// Whose.
        user: u64,
        /// May whisper.
        whisper: bool,
        /// May barge.
        barge: bool,
    },
    /// Somebody wrote.
    Posted {
        /// The message's place among all.
        position: u64,
        /// Who.
        author: u64,
    },
    /// Public messages reached somebody.
    Marked {
        /// Whom.
        user: u64,
        /// As what.
        part: PartFact,
        /// They were looked at, not only delivered.
        read: bool,
        /// Up to this public place.
        up_to: u64,
    },
    /// A help request was raised, taken up, or ended.
    HelpChanged {
        /// The request, as it is now.
        help: HelpFact,
    },
    /// A request to hand over or to ask somebody in was made.
    HandoverRequested {
        /// The request.
        handover: HandoverFact,
    },
    /// Such a request ended.
    HandoverEnded {
        /// The request.
        handover: HandoverFact,
        /// How.
        outcome: OutcomeFact,
    },
    /// It is over.
    Ended {
        /// How.
        reason: EndFact,
    },
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFact {
    /// Who.
    pub user: u64,
    /// As what.
    pub part: PartFact,
    /// Since when, Unix ms.
    pub since: u64,
    /// May whisper.
    #[serde(default)]
    pub whisper: bool,
    /// May barge.
    #[serde(default)]
    pub barge: bool,
    /// Who tagged them in, a colleague's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagged_by: Option<u64>,
    /// A supervisor's mode, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<(ModeFact, u64)>,
    /// A supervisor's: everybody has been told once.
    #[serde(default)]
    pub announced: bool,
}

/// A help request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpFact {
    /// Counts the interaction's requests from 1.
    pub number: u64,
    /// Who asked.
    pub agent: u64,
    /// Why.
    pub reason: Option<String>,
    /// When, Unix ms.
    pub raised_at: u64,
    /// When it was taken up, Unix ms.
    pub taken_at: Option<u64>,
    /// How far it got.
    pub stage: HelpStageFact,
}

/// A request to hand over or to ask somebody in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverFact {
    /// Its number within the conversation.
    pub id: u64,
    /// What becomes of who accepts.
    pub kind: HandoverKindFact,
    /// Who asks.
    pub from: u64,
    /// Who is wanted.
    pub to: TargetFact,
    /// The note to the receiver.
    pub note: Option<String>,
    /// Since when, Unix ms.
    pub requested_at: u64,
}

/// Who is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetFact {
    /// Anybody who serves this queue.
    Queue(u64),
    /// This agent.
    Agent(u64),
}

/// How far a help request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HelpStageFact {
    /// Nobody has taken it up.
    Open,
    /// This supervisor is on it.
    InProgress(u64),
    /// Settled: by whom, when.
    Closed(Option<u64>, u64),
    /// Withdrawn by the agent, when.
    Withdrawn(u64),
    /// The interaction was transferred, when.
    Transferred(u64),
    /// The agent left, when.
    AgentLeft(u64),
    /// The interaction ended, when.
    Ended(u64),
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeFact {
    /// This agent accepted.
    Accepted(u64),
    /// Nobody was available.
    NoAgents,
    /// Who was asked by name declined.
    Declined,
    /// It was taken back.
    Cancelled,
}

/// Names of a domain enum, here and there.
macro_rules! names {
    ($(#[$doc:meta])* $fact:ident = $domain:ident { $($variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[allow(missing_docs, reason = "the variants are those of the domain")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $fact { $($variant),* }

        impl From<$domain> for $fact {
            fn from(domain: $domain) -> Self {
                match domain { $($domain::$variant => Self::$variant),* }
            }
        }

        impl From<$fact> for $domain {
            fn from(fact: $fact) -> Self {
                match fact { $($fact::$variant => Self::$variant),* }
            }
        }
    };
}

names!(
    /// [`PartKind`].
    PartFact = PartKind { Requester, Agent, Colleague, Supervisor }
);
names!(
    /// [`ModeKind`].
    ModeFact = ModeKind { Listen, Whisper, Barge, TakeOver }
);
names!(
    /// [`LeaveReason`].
    LeaveFact = LeaveReason { HungUp, CallEnded, Lost, Replaced, Revoked, Transferred }
);
names!(
    /// [`EndReason`].
    EndFact = EndReason { Requester, Agent, NoAgents, Server }
);
names!(
    /// [`HandoverKind`].
    HandoverKindFact = HandoverKind { Transfer, Consultation, Conference }
);

impl Fact {
    /// What is kept of the event; `None`: nothing (somebody types).
    pub fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Opened(member) => Self::Opened { member: member.into() },
            Event::Joined(member) => Self::Joined { member: member.into() },
            Event::Left(member, reason) => {
                Self::Left { member: member.into(), reason: (*reason).into() }
            }
            Event::ModeChanged(member, from) => {
                Self::ModeChanged { member: member.into(), from: (*from).into() }
            }
            Event::RightsChanged(user, rights) => {
                let Rights { whisper, barge } = *rights;
                Self::RightsChanged { user: user.0, whisper, barge }
            }
            Event::Posted(message) => {
                Self::Posted { position: message.position, author: message.author.0 }
            }
            Event::Typing(..) => return None,
            Event::Marked { user, part, kind, up_to } => Self::Marked {
                user: user.0,
                part: (*part).into(),
                read: *kind == MarkKind::Read,
                up_to: *up_to,
            },
            Event::HelpChanged(help) => Self::HelpChanged { help: help.into() },
            Event::HandoverRequested(handover) => {
                Self::HandoverRequested { handover: handover.into() }
            }
            Event::HandoverEnded(handover, outcome) => {
                Self::HandoverEnded { handover: handover.into(), outcome: (*outcome).into() }
            }
            Event::Ended(reason) => Self::Ended { reason: (*reason).into() },
        })
    }

    /// Back into the domain; `None` for a message, whose text is elsewhere, and for what makes no
    /// sense.
    pub fn event(self) -> Option<Event> {
        Some(match self {
            Self::Opened { member } => Event::Opened(member.member()?),
            Self::Joined { member } => Event::Joined(member.member()?),
            Self::Left { member, reason } => Event::Left(member.member()?, reason.into()),
            Self::ModeChanged { member, from } => Event::ModeChanged(member.member()?, from.into()),
            Self::RightsChanged { user, whisper, barge } => {
                Event::RightsChanged(UserId(user), Rights { whisper, barge })
            }
            Self::Posted { .. } => return None,
            Self::Marked { user, part, read, up_to } => {
                let kind = if read { MarkKind::Read } else { MarkKind::Delivered };
                Event::Marked { user: UserId(user), part: part.into(), kind, up_to }
            }
            Self::HelpChanged { help } => Event::HelpChanged(help.help()),
            Self::HandoverRequested { handover } => Event::HandoverRequested(handover.handover()),
            Self::HandoverEnded { handover, outcome } => {
                Event::HandoverEnded(handover.handover(), outcome.into())
            }
            Self::Ended { reason } => Event::Ended(reason.into()),
        })
    }
}

impl From<&Member> for MemberFact {
    fn from(member: &Member) -> Self {
        let rights = match member.part {
            Part::Requester => Rights::default(),
            Part::Agent { rights }
            | Part::Colleague { rights, .. }
            | Part::Supervisor { rights, .. } => rights,
        };
        let (tagged_by, mode, announced) = match member.part {
            Part::Colleague { tagged_by, .. } => (Some(tagged_by.0), None, false),
            Part::Supervisor { mode, mode_since, announced, .. } => {
                (None, Some((mode.into(), mode_since.0)), announced)
            }
            _ => (None, None, false),
        };
        Self {
            user: member.user.0,
            part: member.part.kind().into(),
            since: member.since.0,
            whisper: rights.whisper,
            barge: rights.barge,
            tagged_by,
            mode,
            announced,
        }
    }
}

impl MemberFact {
    fn member(&self) -> Option<Member> {
        let rights = Rights { whisper: self.whisper, barge: self.barge };
        let part = match self.part {
            PartFact::Requester => Part::Requester,
            PartFact::Agent => Part::Agent { rights },
            PartFact::Colleague => Part::Colleague { rights, tagged_by: UserId(self.tagged_by?) },
            PartFact::Supervisor => {
                let (mode, since) = self.mode?;
                Part::Supervisor {
                    mode: mode.into(),
                    mode_since: UnixMs(since),
                    rights,
                    announced: self.announced,
                }
            }
        };
        Some(Member { user: UserId(self.user), part, since: UnixMs(self.since) })
    }
}

impl From<&Help> for HelpFact {
    fn from(help: &Help) -> Self {
        let stage = match help.stage {
            HelpStage::Open => HelpStageFact::Open,
            HelpStage::InProgress { by } => HelpStageFact::InProgress(by.0),
            HelpStage::Closed { by, at } => HelpStageFact::Closed(by.map(|user| user.0), at.0),
            HelpStage::Cancelled { why, at } => match why {
                HelpCancel::Withdrawn => HelpStageFact::Withdrawn(at.0),
                HelpCancel::Transferred => HelpStageFact::Transferred(at.0),
                HelpCancel::AgentLeft => HelpStageFact::AgentLeft(at.0),
                HelpCancel::Ended => HelpStageFact::Ended(at.0),
            },
        };
        Self {
            number: help.number,
            agent: help.agent.0,
            reason: help.reason.clone(),
            raised_at: help.raised_at.0,
            taken_at: help.taken_at.map(|at| at.0),
            stage,
        }
    }
}

impl HelpFact {
    fn help(self) -> Help {
        let cancelled = |why, at| HelpStage::Cancelled { why, at: UnixMs(at) };
        Help {
            number: self.number,
            agent: UserId(self.agent),
            reason: self.reason,
            raised_at: UnixMs(self.raised_at),
            taken_at: self.taken_at.map(UnixMs),
            stage: match self.stage {
                HelpStageFact::Open => HelpStage::Open,
                HelpStageFact::InProgress(by) => HelpStage::InProgress { by: UserId(by) },
                HelpStageFact::Closed(by, at) => {
                    HelpStage::Closed { by: by.map(UserId), at: UnixMs(at) }
                }
                HelpStageFact::Withdrawn(at) => cancelled(HelpCancel::Withdrawn, at),
                HelpStageFact::Transferred(at) => cancelled(HelpCancel::Transferred, at),
                HelpStageFact::AgentLeft(at) => cancelled(HelpCancel::AgentLeft, at),
                HelpStageFact::Ended(at) => cancelled(HelpCancel::Ended, at),
            },
        }
    }
}

impl From<&Handover> for HandoverFact {
    fn from(handover: &Handover) -> Self {
        Self {
            id: handover.id.0,
            kind: handover.kind.into(),
            from: handover.from.0,
            to: match handover.to {
                Target::Queue(queue) => TargetFact::Queue(queue.0),
                Target::Agent(agent) => TargetFact::Agent(agent.0),
            },
            note: handover.note.clone(),
            requested_at: handover.requested_at.0,
        }
    }
}

impl HandoverFact {
    fn handover(self) -> Handover {
        Handover {
            id: HandoverId(self.id),
            kind: self.kind.into(),
            from: UserId(self.from),
            to: match self.to {
                TargetFact::Queue(queue) => Target::Queue(QueueId(queue)),
                TargetFact::Agent(agent) => Target::Agent(UserId(agent)),
            },
            note: self.note,
            requested_at: UnixMs(self.requested_at),
        }
    }
}

impl From<HandoverOutcome> for OutcomeFact {
    fn from(outcome: HandoverOutcome) -> Self {
        match outcome {
            HandoverOutcome::Accepted(by) => Self::Accepted(by.0),
            HandoverOutcome::NoAgents => Self::NoAgents,
            HandoverOutcome::Declined => Self::Declined,
            HandoverOutcome::Cancelled => Self::Cancelled,
        }
    }
}

impl From<OutcomeFact> for HandoverOutcome {
    fn from(fact: OutcomeFact) -> Self {
        match fact {
            OutcomeFact::Accepted(by) => Self::Accepted(UserId(by)),
            OutcomeFact::NoAgents => Self::NoAgents,
            OutcomeFact::Declined => Self::Declined,
            OutcomeFact::Cancelled => Self::Cancelled,
        }
    }
}
