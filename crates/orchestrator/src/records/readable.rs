//! An interaction that somebody may read: what every door asks, be it messages, timeline, files,
//! transcripts, notes or lists.
//!
//! The facts are gathered here, from what runs and from what is kept; what follows from them is
//! `interaction`'s [`access`] alone.

use interaction::access::{InteractionFacts, PartTime, Place, Span};
use interaction::conversation::{PartKind, Reader, Viewer, Visibility, may_read};
use interaction::people::User;
use interaction::{Access, CallId, ConversationId, TeamId, UnixMs, UserId, access};
use store::{InteractionKind, InteractionRecord, MemberRecord};

use crate::Orchestrator;
use crate::error::{LookupError, NotFound};
use crate::stored::Opening;
use control_plane::LiveConversation;

/// An interaction that a user may see, and how far they may read it.
#[derive(Clone, Debug)]
pub struct ReadableInteraction {
    /// What is kept of it.
    pub record: InteractionRecord,
    /// Who took part.
    pub members: Vec<MemberRecord>,
    /// As what the user reads it, and how far.
    pub access: Access,
    /// The rules of its time.
    pub opening: Opening,
    /// It has not ended.
    pub runs: bool,
    user: UserId,
}

/// What runs, as far as it says who may read it.
struct Live {
    teams: Vec<TeamId>,
    part: Option<PartKind>,
    offered: bool,
}

impl ReadableInteraction {
    /// The reader, and who they are.
    pub fn viewer(&self) -> Viewer {
        Viewer { user: self.user, reader: self.access.reader }
    }

    /// Whether a note may be read: everybody's own is.
    pub fn reads_note(&self, author: u64, at: u64) -> bool {
        self.access.reads_note(UnixMs(at))
            || (self.access.reader.is_staff() && UserId(author) == self.user)
    }

    /// Whether the reader knows that this member took part.
    pub fn knows(&self, member: &MemberRecord) -> bool {
        if UserId(member.user) == self.user {
            return true;
        }
        let hidden = match self.access.reader {
            Reader::Supervisor | Reader::Overseer => false,
            Reader::Requester | Reader::Offered => member.part != PartKind::Agent,
            Reader::Agent | Reader::Colleague => member.part == PartKind::Supervisor,
        };
        // Of a former version it is not known when somebody came.
        let there = match self.access.span {
            Span::Until(place) => member.joined_event.is_some_and(|event| event <= place.event),
            Span::Nothing | Span::All => true,
        };
        !hidden && there
    }
}

impl Orchestrator {
    /// The interaction, as the user may read it at this moment.
    ///
    /// # Errors
    /// [`LookupError`], also of one that is not for this user to know of.
    pub async fn readable(
        &self,
        user: &User,
        id: &str,
        what: &'static str,
    ) -> Result<ReadableInteraction, LookupError> {
        let kept = self.store().interaction(id).await?;
        let record = kept.or_else(|| self.unwritten(id)).ok_or(NotFound(what))?;
        let members = self.store().members_of(id).await?;
        Ok(self.read_as(user, record, members).ok_or(NotFound(what))?)
    }

    /// As [`Self::readable`], of a conversation.
    ///
    /// # Errors
    /// As [`Self::readable`].
    pub async fn readable_conversation(
        &self,
        user: &User,
        id: ConversationId,
    ) -> Result<ReadableInteraction, LookupError> {
        let found = self.readable(user, &id.to_string(), "conversation").await?;
        if found.record.kind == InteractionKind::Conversation {
            Ok(found)
        } else {
            Err(NotFound("conversation").into())
        }
    }

    /// What was read from the store, as the user may read it at this moment; `None`: not at all.
    pub fn read_as(
        &self,
        user: &User,
        record: InteractionRecord,
        members: Vec<MemberRecord>,
    ) -> Option<ReadableInteraction> {
        let opening = Opening::of(record.opening.as_deref());
        // Last, so that what is read from the store can't be older than the right to it.
        let live = self.running(user, &record);
        let runs = live.is_some() || record.ended_at.is_none();
        let parts = parts(user.id, &members, runs, live.as_ref());
        let teams = match &live {
            Some(live) => live.teams.clone(),
            None => teams(user, &record, &opening),
        };
        let offered = live.is_some_and(|live| live.offered);
        let facts = InteractionFacts { runs, teams: &teams, parts: &parts, offered };
        let access = access(&facts, user)?;
        Some(ReadableInteraction { record, members, access, opening, runs, user: user.id })
    }

    /// The conversations that run and whose words the user reads, by id.
    pub fn read_by(&self, user: &User) -> Vec<String> {
        let live = self.live();
        let reads = |viewer: &Viewer| may_read(viewer.reader, Visibility::Public);
        let seen = live.text().of(user).into_iter().filter(|(_, viewer)| reads(viewer));
        seen.map(|(record, _)| record.id().to_string()).collect()
    }

    fn running(&self, user: &User, record: &InteractionRecord) -> Option<Live> {
        let state = self.live();
        if record.kind == InteractionKind::Conversation {
            let id: ConversationId = record.id.parse().ok()?;
            let conversation = state.text().get(id)?;
            return Some(Live {
                teams: conversation.teams.clone(),
                part: conversation.state.member(user.id).map(|member| member.part.kind()),
                offered: state.has_offered(user.id, id),
            });
        }
        let id: CallId = record.id.parse().ok()?;
        let call = state.live_call(id)?;
        Some(Live {
            teams: call.teams.clone(),
            part: call.part_of(user.id),
            offered: call.offer.is_some_and(|offer| offer.agent == user.id),
        })
    }

    /// A conversation beside a call that is not written yet.
    fn unwritten(&self, id: &str) -> Option<InteractionRecord> {
        let id: ConversationId = id.parse().ok()?;
        let live = self.live();
        live.text().get(id).map(as_kept)
    }
}

/// A conversation as it is to be kept.
pub fn as_kept(record: &LiveConversation) -> InteractionRecord {
    InteractionRecord {
        id: record.id().to_string(),
        kind: InteractionKind::Conversation,
        channel: record.channel.clone(),
        queue: record.queue.as_ref().map(|queue| queue.key.clone()),
        requester: record.requester.id.0,
        requester_name: record.requester.name.clone(),
        subject: record.subject.clone(),
        opened_at: record.state.opened_at().0,
        answered_at: record.state.answered_at().map(|at| at.0),
        ended_at: None,
        end_reason: None,
        opening: Some(Opening::new(&record.config().policy, &record.teams).json()),
        customer: record.customer.as_ref().map(ToString::to_string),
    }
}

/// The user's parts: present ones from what runs, former ones from what is kept.
fn parts(user: UserId, members: &[MemberRecord], runs: bool, live: Option<&Live>) -> Vec<PartTime> {
    let present = live.and_then(|live| live.part).map(|part| PartTime { part, left: None });
    let own = members.iter().filter(|member| UserId(member.user) == user);
    let former = own.filter_map(|member| {
        let left =
            member.left.map(|it| Place { event: it.event, message: it.message, at: UnixMs(it.at) });
        let part = member.part;
        // What runs knows who is in it. What could not be taken up again after a restart has at
        // least those who served and were served in it; supervision is off after any fault.
        let lost = live.is_none() && part != PartKind::Supervisor;
        (!runs || left.is_some() || lost).then_some(PartTime { part, left })
    });
    former.chain(present).collect()
}

/// Whose supervisors may see what is over: those of the team that has its queue now, as far as the
/// user has to do with it; without a queue, those of the teams that it was opened to.
fn teams(user: &User, record: &InteractionRecord, opening: &Opening) -> Vec<TeamId> {
    match &record.queue {
        Some(key) => {
            let queue = user.queues.iter().find(|queue| queue.key == *key);
            queue.map(|queue| queue.team).into_iter().collect()
        }
        None => opening.teams.clone(),
    }
}
