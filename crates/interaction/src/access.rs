//! Who may read an interaction, as what, and how far: the one rule, for calls and for text, for what
//! runs and for what is over.
//!
//! [`access`] answers for every door: the live view, messages, timeline, records, search,
//! attachments, transcripts, notes. What is *told* of an event is [`disclose`](crate::disclose)'s;
//! which messages a reader of an interaction may read is
//! [`may_read`](crate::conversation::may_read)'s. Default deny: what no line below names is
//! [`None`], which is answered like something that does not exist.
//!
//! **It runs.** The first line that fits counts.
//!
//! | the user | reads as | how far |
//! |---|---|---|
//! | is its customer | requester | all |
//! | is an agent in it | agent | all: who answers a customer must see what is said |
//! | is a colleague in it, and staff | colleague | all |
//! | supervises in it, with the right | supervisor | all |
//! | has the right to supervise it | overseer | nothing: there is no reading without listening |
//! | has it offered to them, and is staff | offered | nothing |
//! | was an agent or a colleague in it, and is staff | agent, colleague | until they left |
//!
//! **It is over.**
//!
//! | the user | reads as | how far |
//! |---|---|---|
//! | was its customer | requester | all |
//! | was an agent in it, and is staff | agent | until they left; all with the right to supervise |
//! | has the right to supervise it | supervisor | all |
//! | was a colleague in it, and is staff | colleague | until they left |
//!
//! - *The right to supervise it* is that of this very moment: the permissions, and a team of the
//!   interaction. To have supervised gives nothing: whoever lost the right reads nothing.
//! - *Staff* is who may take calls or supervise at this moment. Without that nobody reads what they
//!   once took part in. An agent who is in a running interaction is not asked: rights that end
//!   their part end it by a command, and until then the customer is not left to nobody.
//! - *Until they left* is up to and including the change in which they left last, not a word
//!   further, for ever. Whoever was in it at its end did not leave.
//! - An agent's part comes before the right to supervise: nobody learns from a record who listened
//!   to themself.

use crate::conversation::{PartKind, Reader, Visibility, may_read};
use crate::people::User;
use crate::{Permission, TeamId, UnixMs};

/// An interaction, as far as it says who may read it, and one user's parts in it.
#[derive(Clone, Copy, Debug)]
pub struct InteractionFacts<'a> {
    /// It has not ended.
    pub runs: bool,
    /// The teams whose supervisors may see it.
    pub teams: &'a [TeamId],
    /// The user's parts in it, present and past, in any order.
    pub parts: &'a [PartTime],
    /// It is offered to the user, or waits in a list that they may pick from.
    pub offered: bool,
}

/// A part that the user has or had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartTime {
    /// Which.
    pub part: PartKind,
    /// Where they left it; `None`: they have it, or had it when the interaction ended.
    pub left: Option<Place>,
}

/// A place in an interaction's history: the last of what somebody still reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of the last event.
    pub event: u64,
    /// The number of the last message, among public and private ones.
    pub message: u64,
    /// When.
    pub at: UnixMs,
}

/// How far somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// No word: only that it is there, and what [`disclose`](crate::disclose) tells such a reader.
    Nothing,
    /// Up to and including this place.
    Until(Place),
    /// To its end, and while it runs.
    All,
}

/// What somebody may read of an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// As what.
    pub reader: Reader,
    /// How far.
    pub span: Span,
}

/// What `user` may read of the interaction; `None`: not even that it exists.
pub fn access(interaction: &InteractionFacts<'_>, user: &User) -> Option<Access> {
    let supervises = interaction.teams.iter().any(|team| user.supervises(*team));
    if interaction.runs {
        running(interaction, user, supervises)
    } else {
        over(interaction, user, supervises)
    }
}

/// Whether the user is of the staff at this moment: takes calls or supervises.
pub fn is_staff(user: &User) -> bool {
    user.permissions.has(Permission::TakeCalls) || user.permissions.may_supervise()
}

impl Access {
    /// Whether the message with this number may be read.
    pub fn reads_message(&self, visibility: Visibility, number: u64) -> bool {
        may_read(self.reader, visibility)
            && match self.span {
                Span::Nothing => false,
                Span::Until(place) => number <= place.message,
                Span::All => true,
            }
    }

    /// Whether any message may be read.
    pub fn reads_words(&self) -> bool {
        self.span != Span::Nothing && may_read(self.reader, Visibility::Public)
    }

    /// Whether the event with this number is within what may be told at all.
    pub fn reaches_event(&self, number: u64) -> bool {
        match self.span {
            // What they are told of is roster alone: see `disclose`.
            Span::Nothing | Span::All => true,
            Span::Until(place) => number <= place.event,
        }
    }

    /// Whether a note that staff wrote at this time may be read.
    pub fn reads_note(&self, at: UnixMs) -> bool {
        self.reader.is_staff()
            && match self.span {
                Span::Nothing => false,
                Span::Until(place) => at <= place.at,
                Span::All => true,
            }
    }
}

fn running(facts: &InteractionFacts<'_>, user: &User, supervises: bool) -> Option<Access> {
    let is = |part| facts.parts.iter().any(|it| it.part == part && it.left.is_none());
    let (reader, span) = if is(PartKind::Requester) {
        (Reader::Requester, Span::All)
    } else if is(PartKind::Agent) {
        (Reader::Agent, Span::All)
    } else if is(PartKind::Colleague) && is_staff(user) {
        (Reader::Colleague, Span::All)
    } else if is(PartKind::Supervisor) && supervises {
        (Reader::Supervisor, Span::All)
    } else if supervises {
        (Reader::Overseer, Span::Nothing)
    } else if facts.offered && is_staff(user) {
        (Reader::Offered, Span::Nothing)
    } else {
        former(facts, user)?
    };
    Some(Access { reader, span })
}

fn over(facts: &InteractionFacts<'_>, user: &User, supervises: bool) -> Option<Access> {
    let had = |part| facts.parts.iter().any(|it| it.part == part);
    let (reader, span) = if had(PartKind::Requester) {
        (Reader::Requester, Span::All)
    } else if had(PartKind::Agent) && supervises {
        (Reader::Agent, Span::All)
    } else if supervises {
        (Reader::Supervisor, Span::All)
    } else {
        former(facts, user)?
    };
    Some(Access { reader, span })
}

/// What somebody keeps of having been an agent or colleague: until they left, if they did.
fn former(facts: &InteractionFacts<'_>, user: &User) -> Option<(Reader, Span)> {
    let works = |part: PartKind| matches!(part, PartKind::Agent | PartKind::Colleague);
    let worked = || facts.parts.iter().filter(|it| works(it.part));
    if !is_staff(user) {
        return None;
    }
    let left = worked().map(|it| it.left).try_fold(None, |last, left| Some(last.max(Some(left?))));
    let span = match left {
        // Of one who was an agent and then a colleague, the later leaving counts.
        Some(Some(place)) => Span::Until(place),
        // There to the end; in what runs that is a part that `running` has seen.
        None if !facts.runs => Span::All,
        None | Some(None) => return None,
    };
    let was_agent = worked().any(|it| it.part == PartKind::Agent);
    Some((if was_agent { Reader::Agent } else { Reader::Colleague }, span))
}
