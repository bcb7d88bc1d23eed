//! What calls and conversations decide alike about those who take part.
//!
//! A [`Leg`](crate::Leg) and a [`Member`](crate::conversation::Member) have little in common, so
//! there is no trait over them: the rules here take the few facts that they need. Help requests
//! are the same everywhere, too; they are in [`help`](crate::help).
//!
//! | question | rule |
//! |---|---|
//! | May a supervisor change to a mode? | [`Supervising::check`] |
//! | Which mode do other rights leave? | [`Supervising::under`] |
//! | May an agent ask for a transfer, consultation or conference? | [`Request::check`] |
//! | Who may end such a request, and how? | [`may_end`] |

use crate::Target;
use crate::handover::{Handover, HandoverId, HandoverKind, HandoverOutcome, NOTE_CHARS_MAX};
use crate::{Actor, ModeKind, Revision, Rights, UnixMs, UserId};

/// A supervisor, as far as modes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supervising {
    /// The mode that holds.
    pub mode: ModeKind,
    /// The modes that may be chosen besides Listen.
    pub rights: Rights,
}

/// Why a mode can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupervisionRefusal {
    /// The decision was made on an older revision.
    Stale,
    /// The right for the mode is missing.
    NotPermitted,
}

/// An agent's wish to hand an interaction over or to ask somebody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What becomes of who accepts.
    pub kind: HandoverKind,
    /// The agent who asks.
    pub from: UserId,
    /// Who is wanted.
    pub to: Target,
    /// A note to the receiver.
    pub note: Option<String>,
}

/// Why a request can't be made or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoverRefusal {
    /// The note has more than [`NOTE_CHARS_MAX`] characters.
    NoteTooLong,
    /// The agent who is wanted takes part already.
    TargetPresent,
    /// No such request waits.
    NotWaiting,
    /// Accepting is joining, not ending.
    NotAnEnd,
    /// Only its sender, as long as they take part, may take it back.
    NotYours,
}

impl Supervising {
    /// Whether `wanted` may follow the present mode. `expected` is the revision that the decision
    /// was made on, `revision` the present one.
    ///
    /// # Errors
    /// [`SupervisionRefusal::Stale`] before [`SupervisionRefusal::NotPermitted`]; never for
    /// Listen: the way to silence stays open.
    pub fn check(
        self,
        wanted: ModeKind,
        expected: Option<Revision>,
        revision: Revision,
    ) -> Result<(), SupervisionRefusal> {
        if wanted != ModeKind::Listen && expected.is_some_and(|it| it != revision) {
            return Err(SupervisionRefusal::Stale);
        }
        if self.rights.allow(wanted) { Ok(()) } else { Err(SupervisionRefusal::NotPermitted) }
    }

    /// The mode that is left under other rights: the present one, or Listen.
    pub fn under(self, rights: Rights) -> ModeKind {
        if rights.allow(self.mode) { self.mode } else { ModeKind::Listen }
    }
}

impl Request {
    /// Whether it may be made, by its note and its target. How many may wait is the machine's.
    ///
    /// # Errors
    /// [`HandoverRefusal::NoteTooLong`] before [`HandoverRefusal::TargetPresent`].
    pub fn check(&self, takes_part: impl Fn(UserId) -> bool) -> Result<(), HandoverRefusal> {
        if self.note.as_ref().is_some_and(|text| text.chars().count() > NOTE_CHARS_MAX) {
            return Err(HandoverRefusal::NoteTooLong);
        }
        match self.to {
            Target::Agent(user) if takes_part(user) => Err(HandoverRefusal::TargetPresent),
            Target::Agent(_) | Target::Queue(_) => Ok(()),
        }
    }

    /// The request, as the next one after `made` others.
    pub fn number(self, made: u64, requested_at: UnixMs) -> Handover {
        let Self { kind, from, to, note } = self;
        Handover { id: HandoverId(made + 1), kind, from, to, note, requested_at }
    }
}

/// The request that `by` may end in this way. Users may only take their own back; the server may
/// say anything but "accepted", which is joining.
///
/// # Errors
/// In this order: [`HandoverRefusal::NotWaiting`], [`HandoverRefusal::NotAnEnd`],
/// [`HandoverRefusal::NotYours`].
pub fn may_end<'a>(
    waiting: impl IntoIterator<Item = &'a Handover>,
    by: Actor,
    id: HandoverId,
    outcome: HandoverOutcome,
    takes_part: impl Fn(UserId) -> bool,
) -> Result<&'a Handover, HandoverRefusal> {
    let found = waiting.into_iter().find(|it| it.id == id);
    let handover = found.ok_or(HandoverRefusal::NotWaiting)?;
    match (outcome, by) {
        (HandoverOutcome::Accepted(_), _) => Err(HandoverRefusal::NotAnEnd),
        (_, Actor::System) => Ok(handover),
        (HandoverOutcome::Cancelled, Actor::User(user))
            if handover.from == user && takes_part(user) =>
        {
            Ok(handover)
        }
        (
            HandoverOutcome::Cancelled | HandoverOutcome::NoAgents | HandoverOutcome::Declined,
            Actor::User(_),
        ) => Err(HandoverRefusal::NotYours),
    }
}
