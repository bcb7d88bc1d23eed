//! Who reads what, who writes what, and who knows of whom: the one rule, for text.
//!
//! The modes and rights are those of a call, and so is the table (see
//! [`RoutePlan`](crate::RoutePlan)): what a supervisor says reaches the customer in Barge and in a
//! take-over only.
//! Default deny: what no line below names is not read. Unlike a spoken whisper, a written one is
//! for all staff of the conversation, so there is no coached leg.
//!
//! | | reads public | reads private | writes public | writes private |
//! |---|---|---|---|---|
//! | requester | yes | **no** | yes | no |
//! | agent | yes | yes | yes, unless it is taken over | with the right |
//! | colleague | yes | yes | no | with the right |
//! | supervisor: listen | yes | yes | no | no |
//! | whisper | yes | yes | no | yes |
//! | barge, take-over | yes | yes | yes | with the right |
//! | offered agent, overseer | no | no | – | – |

use super::{Conversation, Member, Part, Visibility};
use crate::disclosure::{Onlooker, knows_of};
use crate::{ModeKind, Policy, UserId};

/// Through whose eyes a conversation is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// The customer.
    Requester,
    /// An agent to whom it is offered.
    Offered,
    /// Somebody who may supervise it and does not: sees that it is there, reads nothing.
    Overseer,
    /// An agent in it.
    Agent,
    /// A colleague who was tagged in.
    Colleague,
    /// A supervisor in it, in any mode.
    Supervisor,
}

/// A reader and who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// As what.
    pub reader: Reader,
}

impl Reader {
    /// The eyes of somebody who takes part.
    pub fn of(part: &Part) -> Self {
        match part {
            Part::Requester => Self::Requester,
            Part::Agent { .. } => Self::Agent,
            Part::Colleague { .. } => Self::Colleague,
            Part::Supervisor { .. } => Self::Supervisor,
        }
    }

    /// Whether this is somebody of the centre.
    pub fn is_staff(self) -> bool {
        self != Self::Requester
    }
}

/// Whether `reader` may read what is for `visibility`: text, author, time, attachments, marks.
pub fn may_read(reader: Reader, visibility: Visibility) -> bool {
    match (reader, visibility) {
        (Reader::Agent | Reader::Colleague | Reader::Supervisor, _)
        | (Reader::Requester, Visibility::Public) => true,
        (Reader::Requester, Visibility::Private) | (Reader::Offered | Reader::Overseer, _) => false,
    }
}

/// Whether a member may write for `visibility`; `taken_over`: a supervisor has taken the conversation over.
pub fn may_write(part: &Part, visibility: Visibility, taken_over: bool) -> bool {
    match (*part, visibility) {
        (Part::Requester, Visibility::Public) => true,
        (Part::Agent { .. }, Visibility::Public) => !taken_over,
        (Part::Agent { rights } | Part::Colleague { rights, .. }, Visibility::Private) => {
            rights.whisper
        }
        (Part::Supervisor { mode, rights, .. }, Visibility::Private) => {
            mode != ModeKind::Listen && rights.whisper
        }
        (Part::Supervisor { mode, .. }, Visibility::Public) => mode.is_open(),
        (Part::Requester, Visibility::Private) | (Part::Colleague { .. }, Visibility::Public) => {
            false
        }
    }
}

impl Conversation {
    /// The supervisor who has taken it over.
    pub fn taken_over_by(&self) -> Option<&Member> {
        self.members().iter().find(|member| member.mode() == Some(ModeKind::TakeOver))
    }
}

/// Whether `reader` knows that `member` is there.
pub fn sees(policy: &Policy, reader: Reader, member: &Member) -> bool {
    match (reader, member.part) {
        (_, Part::Requester | Part::Agent { .. }) => true,
        (Reader::Offered, _) => false,
        (Reader::Requester, Part::Colleague { .. }) => false,
        (_, Part::Colleague { .. }) => true,
        (_, Part::Supervisor { mode, .. }) => sees_mode(policy, reader, mode),
    }
}

/// Whether `reader` knows of a supervisor in `mode`. A written whisper is meant for all staff.
pub fn sees_mode(policy: &Policy, reader: Reader, mode: ModeKind) -> bool {
    let onlooker = match reader {
        Reader::Requester => Onlooker::Customer,
        Reader::Offered => Onlooker::Outside,
        Reader::Agent | Reader::Colleague => Onlooker::Staff { whispered_to: true },
        Reader::Supervisor | Reader::Overseer => Onlooker::Supervisor,
    };
    knows_of(policy, onlooker, mode)
}
