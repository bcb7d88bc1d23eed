//! What each one is told: of an event, and of the whole.
//!
//! [`disclose`] and [`Conversation::view`] are built on [`may_read`] and [`sees`] alone. To the
//! customer nothing here counts, numbers, dates or orders anything private: public messages have
//! numbers of their own, and there is no revision.

use super::writing::marks_show;
use super::{
    Conversation, EndReason, Entry, Event, MarkKind, Member, Message, Part, PartKind, Reader,
    Viewer, Visibility, may_read, sees, sees_mode,
};
use crate::Target;
use crate::disclosure::{Sight, sight};
use crate::handover::{Handover, HandoverKind, HandoverOutcome};
use crate::help::Help;
use crate::{AttachmentId, LeaveReason, ModeKind, Policy, Revision, UnixMs, UserId};

/// A member as the viewer may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub user: UserId,
    /// As what.
    pub part: PartKind,
    /// A supervisor's mode; staff only.
    pub mode: Option<ModeKind>,
    /// Since when the viewer may know of them.
    pub since: UnixMs,
}

/// A message as the viewer may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// Its number in the viewer's eyes: for the customer among the public ones, else among all.
    pub number: u64,
    /// Its place among the public ones, for marks; `None`: it is private.
    pub public: Option<u64>,
    /// Who wrote it.
    pub author: UserId,
    /// The author's own id; told to the author only.
    pub client_id: Option<String>,
    /// What it says.
    pub text: String,
    /// What is attached.
    pub attachments: Vec<AttachmentId>,
}

/// What one viewer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disclosed {
    /// The conversation began.
    Opened(MemberView),
    /// Somebody came whom the viewer may know of, or became visible.
    Joined(MemberView),
    /// Somebody left, or ceased to be visible: of a supervisor only supervisors are told which,
    /// and customers are told of nobody why.
    Left(UserId, PartKind, Option<LeaveReason>),
    /// A visible supervisor's mode changed; staff only.
    ModeChanged(MemberView, ModeKind),
    /// Somebody wrote.
    Posted(MessageView),
    /// Somebody types in public, or stopped.
    Typing(UserId, bool),
    /// Public messages reached somebody, up to this public position.
    Marked(UserId, MarkKind, u64),
    /// A help request changed; staff only.
    HelpChanged(Help),
    /// The conversation is handed over, to be told to the customer.
    Transferring(Target),
    /// Nobody took it over, to be told to the customer.
    NotTransferred,
    /// A request was made; staff only.
    HandoverRequested(Handover),
    /// A request ended; staff only.
    HandoverEnded(Handover, HandoverOutcome),
    /// It is over.
    Ended(EndReason),
}

/// What one viewer is told, and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: UnixMs,
    /// What.
    pub what: Disclosed,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waits for an agent.
    Waiting,
    /// An agent is in it.
    Active,
    /// Handed over, and nobody has taken it yet.
    Parked(Target),
    /// Over.
    Ended,
}

/// The whole, as one viewer may see it; the messages are paged apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Where it stands.
    pub phase: Phase,
    /// When it was opened.
    pub opened_at: UnixMs,
    /// When the first agent came.
    pub answered_at: Option<UnixMs>,
    /// Who is in it, as far as the viewer may know.
    pub members: Vec<MemberView>,
    /// Messages that the viewer may read.
    pub messages: u64,
    /// How far public messages got: user, kind, public position.
    pub marks: Vec<(UserId, MarkKind, u64)>,
    /// The help request; staff only.
    pub help: Option<Help>,
    /// Requests that wait; staff only.
    pub handovers: Vec<Handover>,
    /// Counts changes; supervisors only, to guard their mode.
    pub revision: Option<Revision>,
    /// How it ended.
    pub ended: Option<EndReason>,
}

/// What `viewer` is told of `entry`; `None`: nothing at all.
pub fn disclose(policy: &Policy, viewer: Viewer, entry: &Entry) -> Option<Told> {
    let reader = viewer.reader;
    let inside = may_read(reader, Visibility::Public);
    let what = match &entry.event {
        Event::Opened(member) => Disclosed::Opened(shown(reader, member)),
        Event::Joined(member) => {
            sees(policy, reader, member).then(|| Disclosed::Joined(shown(reader, member)))?
        }
        Event::Left(member, reason) => left(policy, reader, member, *reason)?,
        Event::ModeChanged(member, from) => mode_changed(policy, reader, member, *from)?,
        Event::RightsChanged(..) => return None,
        Event::Posted(message) => Disclosed::Posted(read(viewer, message)?),
        Event::Typing(user, _, on) => {
            (inside && *user != viewer.user).then_some(Disclosed::Typing(*user, *on))?
        }
        Event::Marked { user, part, kind, up_to } => (inside
            && marks_show(*part, *user, viewer.user))
        .then_some(Disclosed::Marked(*user, *kind, *up_to))?,
        Event::HelpChanged(help) => {
            staff_business(reader).then(|| Disclosed::HelpChanged(help.clone()))?
        }
        Event::HandoverRequested(handover) => requested(reader, handover)?,
        Event::HandoverEnded(handover, outcome) => handover_ended(reader, handover, *outcome)?,
        Event::Ended(reason) => Disclosed::Ended(*reason),
    };
    Some(Told { at: entry.at, what })
}

impl Conversation {
    /// The whole as `viewer` may see it.
    pub fn view(&self, viewer: Viewer) -> View {
        let reader = viewer.reader;
        let policy = &self.config.policy;
        let visible = self.members.iter().filter(|member| sees(policy, reader, member));
        let mut members: Vec<MemberView> = visible.map(|member| shown(reader, member)).collect();
        if !matches!(reader, Reader::Supervisor | Reader::Overseer) {
            // In the order in which the viewer came to know of them: the order of coming would
            // tell how long somebody had been reading along.
            members.sort_by_key(|member| (member.since, member.user));
        }
        let staff = staff_business(reader);
        let inside = may_read(reader, Visibility::Public);
        let marks = self.marks.iter().filter(|_| inside);
        View {
            phase: self.phase(),
            opened_at: self.opened_at,
            answered_at: self.answered_at,
            members,
            messages: [
                (Visibility::Public, self.public_count),
                (Visibility::Private, self.private_count),
            ]
            .into_iter()
            .filter(|(visibility, _)| may_read(reader, *visibility))
            .map(|(_, count)| count)
            .sum(),
            marks: marks.map(|((user, kind), up_to)| (*user, *kind, *up_to)).collect(),
            help: self.help.live().filter(|_| staff).cloned(),
            handovers: if staff { self.handovers.clone() } else { Vec::new() },
            revision: matches!(reader, Reader::Supervisor | Reader::Overseer)
                .then_some(self.revision),
            ended: self.ended,
        }
    }
}

/// The message as `viewer` may see it; the same rule for events, pages of history and search.
pub(super) fn read(viewer: Viewer, message: &Message) -> Option<MessageView> {
    may_read(viewer.reader, message.visibility()).then(|| MessageView {
        number: match viewer.reader {
            Reader::Requester => message.public.unwrap_or_default(),
            _ => message.position,
        },
        public: message.public,
        author: message.author,
        client_id: (message.author == viewer.user).then(|| message.client_id.clone()),
        text: message.text.clone(),
        attachments: message.attachments.clone(),
    })
}

/// Whether help and requests are this reader's business.
fn staff_business(reader: Reader) -> bool {
    !matches!(reader, Reader::Requester | Reader::Offered)
}

fn shown(reader: Reader, member: &Member) -> MemberView {
    let mode = member.mode().filter(|_| reader.is_staff());
    let since = match (reader, member.part) {
        (Reader::Supervisor | Reader::Overseer, _) => member.since,
        // Since when they listened before is not said.
        (_, Part::Supervisor { .. }) => member.mode_since(),
        _ => member.since,
    };
    MemberView { user: member.user, part: member.part.kind(), mode, since }
}

fn left(
    policy: &Policy,
    reader: Reader,
    member: &Member,
    reason: LeaveReason,
) -> Option<Disclosed> {
    let part = member.part.kind();
    let told_why = match reader {
        Reader::Requester | Reader::Offered => false,
        // Why a colleague left would tell of one who goes on as a listener.
        Reader::Agent | Reader::Colleague => {
            matches!(part, PartKind::Requester | PartKind::Agent)
        }
        Reader::Supervisor | Reader::Overseer => true,
    };
    sees(policy, reader, member)
        .then(|| Disclosed::Left(member.user, part, told_why.then_some(reason)))
}

fn mode_changed(
    policy: &Policy,
    reader: Reader,
    member: &Member,
    from: ModeKind,
) -> Option<Disclosed> {
    let view = shown(reader, member);
    match sight(sees_mode(policy, reader, from), sees(policy, reader, member)) {
        Sight::Hidden => None,
        Sight::Appears => Some(Disclosed::Joined(view)),
        Sight::Vanishes => Some(Disclosed::Left(member.user, PartKind::Supervisor, None)),
        Sight::Stays if reader == Reader::Requester => None,
        Sight::Stays => Some(Disclosed::ModeChanged(view, from)),
    }
}

fn requested(reader: Reader, handover: &Handover) -> Option<Disclosed> {
    match (reader, handover.kind) {
        (Reader::Requester, HandoverKind::Transfer) => Some(Disclosed::Transferring(handover.to)),
        (Reader::Requester | Reader::Offered, _) => None,
        _ => Some(Disclosed::HandoverRequested(handover.clone())),
    }
}

fn handover_ended(
    reader: Reader,
    handover: &Handover,
    outcome: HandoverOutcome,
) -> Option<Disclosed> {
    let failed = !matches!(outcome, HandoverOutcome::Accepted(_));
    match (reader, handover.kind) {
        (Reader::Requester, HandoverKind::Transfer) => failed.then_some(Disclosed::NotTransferred),
        (Reader::Requester | Reader::Offered, _) => None,
        _ => Some(Disclosed::HandoverEnded(handover.clone(), outcome)),
    }
}
