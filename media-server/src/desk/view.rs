//! A conversation as one viewer may see it: from the domain to the wire.
//!
//! Who is told what is decided by [`interaction::conversation::disclose`] and
//! [`Conversation::view`](interaction::Conversation::view) alone; this only names things.

use interaction::conversation::{Conversation, MessageView};
use interaction::conversation::{
    Disclosed, EndReason, MarkKind, MemberView, Part, PartKind, Phase, TranscriptKind, Viewer,
    Visibility, may_have_transcript, may_write,
};
use interaction::dispatch::Target;
use interaction::{
    Handover, HandoverId, HandoverKind, HandoverOutcome, Help, HelpStage, UnixMs, UserId,
};
use wire::{
    AttachmentView, ConversationEnd, ConversationPhase, ConversationRights, ConversationView,
    Destination, HandoverView, HelpRequestView, HelpState, MarkView, MemberPart, TextEvent,
    UserRef,
};

use super::record::Record;
use crate::hub::view::mode_kind;

/// The conversation in the viewer's eyes, in a given state.
pub fn conversation(record: &Record, state: &Conversation, viewer: Viewer) -> ConversationView {
    let view = state.view(viewer);
    let transferring_to = match view.phase {
        Phase::Parked(target) => Some(record.known.target_name(target)),
        _ => None,
    };
    ConversationView {
        id: record.id().to_string(),
        state: phase(view.phase),
        channel: record.channel.clone(),
        call: record.call().map(|call| call.to_string()),
        queue: record.queue.as_ref().map(|queue| queue.key.clone()),
        requester: user_ref(record, record.requester.id),
        subject: record.subject.clone(),
        members: view.members.iter().map(|it| member(record, it)).collect(),
        messages: view.messages,
        marks: view.marks.iter().map(|(user, kind, up_to)| mark(*user, *kind, *up_to)).collect(),
        transferring_to,
        opened_at: view.opened_at.0,
        answered_at: view.answered_at.map(|at| at.0),
        may: rights(state, viewer),
        help: view.help.as_ref().map(|it| help(record, it)),
        handovers: view.handovers.iter().map(|it| handover(record, it)).collect(),
        mood: record.mood_for(viewer.reader),
        revision: view.revision.map(|revision| revision.0),
        end_reason: view.ended.map(end),
    }
}

/// What the viewer is told of, as an event; `at` is when it happened.
pub fn event(
    record: &Record,
    state: &Conversation,
    viewer: Viewer,
    at: UnixMs,
    what: Disclosed,
    files: &[AttachmentView],
) -> Option<TextEvent> {
    let id = record.id().to_string();
    let conversation = || conversation(record, state, viewer);
    Some(match what {
        Disclosed::Opened(_) | Disclosed::ModeChanged(..) | Disclosed::NotTransferred => {
            TextEvent::Updated { conversation: conversation() }
        }
        Disclosed::Joined(it) => {
            TextEvent::Joined { conversation: conversation(), member: member(record, &it) }
        }
        // The end says it for everybody.
        Disclosed::Left(..) if state.ended().is_some() => return None,
        Disclosed::Left(user, ..) => {
            TextEvent::Left { conversation: conversation(), member: user_ref(record, user) }
        }
        Disclosed::Posted(it) => {
            let message = message(record, state, at, it, files);
            TextEvent::MessagePosted { conversation: id, message }
        }
        Disclosed::Typing(user, typing) => {
            TextEvent::Typing { conversation: id, user: user_ref(record, user), typing }
        }
        Disclosed::Marked(user, kind, up_to) => {
            TextEvent::Marked { conversation: id, mark: mark(user, kind, up_to) }
        }
        Disclosed::HelpChanged(_) => TextEvent::HelpChanged { conversation: conversation() },
        Disclosed::Transferring(to) => TextEvent::Transferring {
            conversation: conversation(),
            to: record.known.target_name(to),
        },
        Disclosed::HandoverRequested(it) => TextEvent::HandoverRequested {
            conversation: conversation(),
            handover: handover(record, &it),
        },
        Disclosed::HandoverEnded(it, outcome) => handover_ended(record, &it, outcome),
        Disclosed::Ended(_) => TextEvent::Ended { conversation: conversation() },
    })
}

/// The end of a request, for who is still in it and for its sender.
pub fn handover_ended(record: &Record, it: &Handover, outcome: HandoverOutcome) -> TextEvent {
    TextEvent::HandoverEnded {
        conversation: record.id().to_string(),
        handover: handover(record, it),
        outcome: match outcome {
            HandoverOutcome::Accepted(_) => wire::HandoverOutcome::Accepted,
            HandoverOutcome::NoAgents => wire::HandoverOutcome::NoAgents,
            HandoverOutcome::Declined => wire::HandoverOutcome::Declined,
            HandoverOutcome::Cancelled => wire::HandoverOutcome::Cancelled,
        },
    }
}

/// A request that waits.
pub fn handover(record: &Record, it: &Handover) -> HandoverView {
    HandoverView {
        id: it.id.0.to_string(),
        kind: match it.kind {
            HandoverKind::Transfer => wire::HandoverKind::Transfer,
            HandoverKind::Consultation => wire::HandoverKind::Consultation,
            HandoverKind::Conference => wire::HandoverKind::Conference,
        },
        from: user_ref(record, it.from),
        to: destination(record, it.to),
        to_name: record.known.target_name(it.to),
        note: it.note.clone(),
        requested_at: it.requested_at.0,
    }
}

/// A request's id from the wire.
pub fn handover_id(text: &str) -> Option<HandoverId> {
    text.parse().ok().map(HandoverId)
}

/// A user by id and name.
pub fn user_ref(record: &Record, user: UserId) -> UserRef {
    UserRef { user: user.to_string(), name: record.known.name_of(user) }
}

/// A part's name on the wire.
pub fn part(part: PartKind) -> MemberPart {
    match part {
        PartKind::Requester => MemberPart::Requester,
        PartKind::Agent => MemberPart::Agent,
        PartKind::Colleague => MemberPart::Colleague,
        PartKind::Supervisor => MemberPart::Supervisor,
    }
}

/// A part by its name in the store.
pub fn part_named(name: &str) -> MemberPart {
    match name {
        "requester" => MemberPart::Requester,
        "agent" => MemberPart::Agent,
        "supervisor" => MemberPart::Supervisor,
        _ => MemberPart::Colleague,
    }
}

/// A mark's name from the wire.
pub fn wanted_mark(kind: wire::MarkKind) -> MarkKind {
    match kind {
        wire::MarkKind::Delivered => MarkKind::Delivered,
        wire::MarkKind::Read => MarkKind::Read,
    }
}

/// A tab from the wire.
pub fn visibility(visibility: wire::Visibility) -> Visibility {
    match visibility {
        wire::Visibility::Public => Visibility::Public,
        wire::Visibility::Private => Visibility::Private,
    }
}

/// A transcript's name from the wire.
pub fn transcript_kind(kind: wire::TranscriptKind) -> TranscriptKind {
    match kind {
        wire::TranscriptKind::External => TranscriptKind::External,
        wire::TranscriptKind::Internal => TranscriptKind::Internal,
    }
}

fn message(
    record: &Record,
    state: &Conversation,
    at: UnixMs,
    it: MessageView,
    files: &[AttachmentView],
) -> wire::MessageView {
    let attached = it.attachments.iter().map(ToString::to_string);
    wire::MessageView {
        number: it.number,
        public: it.public,
        part: state.member(it.author).map_or(MemberPart::Agent, |member| part(member.part.kind())),
        author: user_ref(record, it.author),
        at: at.0,
        text: it.text,
        attachments: attached
            .filter_map(|id| files.iter().find(|file| file.id == id).cloned())
            .collect(),
        client_id: it.client_id,
    }
}

fn member(record: &Record, it: &MemberView) -> wire::MemberView {
    wire::MemberView {
        user: it.user.to_string(),
        name: record.known.name_of(it.user),
        part: part(it.part),
        mode: it.mode.map(mode_kind),
        since: it.since.0,
    }
}

fn mark(user: UserId, kind: MarkKind, up_to: u64) -> MarkView {
    let kind = match kind {
        MarkKind::Delivered => wire::MarkKind::Delivered,
        MarkKind::Read => wire::MarkKind::Read,
    };
    MarkView { user: user.to_string(), kind, up_to }
}

fn phase(phase: Phase) -> ConversationPhase {
    match phase {
        Phase::Waiting => ConversationPhase::Waiting,
        Phase::Active => ConversationPhase::Active,
        Phase::Parked(_) => ConversationPhase::Parked,
        Phase::Ended => ConversationPhase::Ended,
    }
}

fn end(reason: EndReason) -> ConversationEnd {
    match reason {
        EndReason::Requester => ConversationEnd::Requester,
        EndReason::Agent => ConversationEnd::Agent,
        EndReason::NoAgents => ConversationEnd::NoAgents,
        EndReason::Server => ConversationEnd::Server,
    }
}

/// What the viewer may do: by the same rule that will be asked when they do it.
fn rights(state: &Conversation, viewer: Viewer) -> ConversationRights {
    let over = state.ended().is_some();
    let member = state.member(viewer.user).filter(|_| !over);
    let may = |visibility| member.is_some_and(|member| may_write(&member.part, visibility));
    let features = &state.config().features;
    let kind = TranscriptKind::External;
    let is_requester = member.is_some_and(|member| matches!(member.part, Part::Requester));
    ConversationRights {
        write_public: may(Visibility::Public),
        write_private: !is_requester && features.private_chat && may(Visibility::Private),
        transcript: over && may_have_transcript(viewer.reader, kind, features),
    }
}

fn help(record: &Record, it: &Help) -> HelpRequestView {
    HelpRequestView {
        agent: user_ref(record, it.agent),
        reason: it.reason.clone(),
        state: match it.stage {
            HelpStage::Open => HelpState::Open,
            HelpStage::InProgress { .. } => HelpState::InProgress,
            HelpStage::Closed { .. } => HelpState::Closed,
            HelpStage::Cancelled { .. } => HelpState::Cancelled,
        },
        raised_at: it.raised_at.0,
        taken_by: it.taken_by().map(|user| user_ref(record, user)),
        taken_at: it.taken_at.map(|at| at.0),
    }
}

fn destination(record: &Record, target: Target) -> Destination {
    match target {
        Target::Queue(queue) => Destination::Queue(
            record.known.queue_of(queue).map(|it| it.key.clone()).unwrap_or_default(),
        ),
        Target::Agent(agent) => Destination::Agent(agent.to_string()),
    }
}
