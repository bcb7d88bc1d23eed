//! A conversation as one kind of viewer may see it: from the domain to the wire.
//!
//! Who is told what is decided by [`interaction::conversation::disclose`] and
//! [`Conversation::view`](interaction::Conversation::view) alone; this only names things.

use control_plane::{
    ConversationCard, ConversationNews, ConversationSight, DeliveryFailure, FailureCause, FileCard,
};
use interaction::conversation::{
    Disclosed, EndReason, MarkKind, MemberView, MessageView, PartKind, Phase, TranscriptKind,
    Visibility,
};
use interaction::{
    Handover, HandoverId, HandoverKind, HandoverOutcome, Help, HelpStage, Target, UnixMs, UserId,
};
use wire::{
    AttachmentView, ConversationEnd, ConversationPhase, ConversationRights, ConversationView,
    Destination, HandoverView, HelpRequestView, HelpState, MarkView, MemberPart, TextEvent,
    UserRef,
};

use super::call::mode_kind;
use super::text_mood;
use orchestrator::conversations::{MessagePage, PageMessage, Posted};

/// The conversation as a viewer sees it.
pub fn conversation(sight: &ConversationSight) -> ConversationView {
    let (card, view) = (&*sight.card, &sight.view);
    let transferring_to = match view.phase {
        Phase::Parked(target) => Some(card.participants.target_name(target)),
        Phase::Waiting | Phase::Active | Phase::Ended => None,
    };
    ConversationView {
        id: card.id.to_string(),
        state: phase(view.phase),
        channel: card.channel.clone(),
        call: card.call.map(|call| call.to_string()),
        queue: card.queue.clone(),
        requester: user_ref(card, card.requester),
        subject: card.subject.clone(),
        members: view.members.iter().map(|it| member(card, it)).collect(),
        messages: view.messages,
        marks: view.marks.iter().map(|(user, kind, up_to)| mark(*user, *kind, *up_to)).collect(),
        transferring_to,
        opened_at: view.opened_at.0,
        answered_at: view.answered_at.map(|at| at.0),
        may: ConversationRights {
            write_public: sight.may.write_public,
            write_private: sight.may.write_private,
            transcript: sight.may.transcript,
        },
        help: view.help.as_ref().map(|it| help(card, it)),
        handovers: view.handovers.iter().map(|it| handover(card, it)).collect(),
        mood: sight.mood.map(text_mood),
        place: sight.place,
        revision: view.revision.map(|revision| revision.0),
        end_reason: view.ended.map(end),
    }
}

/// What a viewer is told of, as an event.
pub fn event(news: &ConversationNews) -> TextEvent {
    let card = &*news.sight.card;
    let id = card.id.to_string();
    let conversation = || conversation(&news.sight);
    match &news.what {
        Disclosed::Opened(_) | Disclosed::ModeChanged(..) | Disclosed::NotTransferred => {
            TextEvent::Updated { conversation: conversation() }
        }
        Disclosed::Joined(it) => {
            TextEvent::Joined { conversation: conversation(), member: member(card, it) }
        }
        Disclosed::Left(user, ..) => {
            TextEvent::Left { conversation: conversation(), member: user_ref(card, *user) }
        }
        Disclosed::Posted(it) => {
            let part = news.author_part.map_or(MemberPart::Agent, part);
            let message = message(card, part, news.at, it, &news.files);
            TextEvent::MessagePosted { conversation: id, message }
        }
        Disclosed::Typing(user, typing) => {
            let user = user_ref(card, *user);
            TextEvent::Typing { conversation: id, user, typing: *typing }
        }
        Disclosed::Marked(user, kind, up_to) => {
            TextEvent::Marked { conversation: id, mark: mark(*user, *kind, *up_to) }
        }
        Disclosed::HelpChanged(_) => TextEvent::HelpChanged { conversation: conversation() },
        Disclosed::Transferring(to) => TextEvent::Transferring {
            conversation: conversation(),
            to: card.participants.target_name(*to),
        },
        Disclosed::HandoverRequested(it) => TextEvent::HandoverRequested {
            conversation: conversation(),
            handover: handover(card, it),
        },
        Disclosed::HandoverEnded(it, outcome) => handover_ended(card, it, *outcome),
        Disclosed::Ended(_) => TextEvent::Ended { conversation: conversation() },
    }
}

/// The end of a request, for who is still in it and for its sender.
pub fn handover_ended(
    card: &ConversationCard,
    it: &Handover,
    outcome: HandoverOutcome,
) -> TextEvent {
    TextEvent::HandoverEnded {
        conversation: card.id.to_string(),
        handover: handover(card, it),
        outcome: match outcome {
            HandoverOutcome::Accepted(_) => wire::HandoverOutcome::Accepted,
            HandoverOutcome::NoAgents => wire::HandoverOutcome::NoAgents,
            HandoverOutcome::Declined => wire::HandoverOutcome::Declined,
            HandoverOutcome::Cancelled => wire::HandoverOutcome::Cancelled,
        },
    }
}

/// A request that waits.
pub fn handover(card: &ConversationCard, it: &Handover) -> HandoverView {
    HandoverView {
        id: it.id.0.to_string(),
        kind: match it.kind {
            HandoverKind::Transfer => wire::HandoverKind::Transfer,
            HandoverKind::Consultation => wire::HandoverKind::Consultation,
            HandoverKind::Conference => wire::HandoverKind::Conference,
        },
        from: user_ref(card, it.from),
        to: destination(card, it.to),
        to_name: card.participants.target_name(it.to),
        note: it.note.clone(),
        requested_at: it.requested_at.0,
    }
}

/// A request's id from the wire.
pub fn handover_id(text: &str) -> Option<HandoverId> {
    text.parse().ok().map(HandoverId)
}

/// A user by id and name.
pub fn user_ref(card: &ConversationCard, user: UserId) -> UserRef {
    UserRef { user: user.to_string(), name: card.participants.name_of(user) }
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
    card: &ConversationCard,
    part: MemberPart,
    at: UnixMs,
    it: &MessageView,
    files: &[FileCard],
) -> wire::MessageView {
    let attached = it.attachments.iter();
    wire::MessageView {
        number: it.number,
        public: it.public,
        part,
        author: user_ref(card, it.author),
        at: at.0,
        text: it.text.clone(),
        attachments: attached
            .filter_map(|id| files.iter().find(|file| file.id == *id).map(file))
            .collect(),
        client_id: it.client_id.clone(),
        delivery_failure: None,
    }
}

/// Why a message never reaches the customer.
pub fn failure(it: &DeliveryFailure) -> wire::DeliveryFailureView {
    let cause = match it.cause {
        FailureCause::Refused => wire::DeliveryFailureCause::Refused,
        FailureCause::Expired => wire::DeliveryFailureCause::Expired,
        FailureCause::Unsendable => wire::DeliveryFailureCause::Unsendable,
    };
    wire::DeliveryFailureView { cause, detail: it.detail.clone() }
}

/// An attachment.
pub fn file(file: &FileCard) -> AttachmentView {
    AttachmentView {
        id: file.id.to_string(),
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        size_bytes: file.size_bytes,
    }
}

fn member(card: &ConversationCard, it: &MemberView) -> wire::MemberView {
    wire::MemberView {
        user: it.user.to_string(),
        name: card.participants.name_of(it.user),
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

fn help(card: &ConversationCard, it: &Help) -> HelpRequestView {
    HelpRequestView {
        agent: user_ref(card, it.agent),
        reason: it.reason.clone(),
        state: match it.stage {
            HelpStage::Open => HelpState::Open,
            HelpStage::InProgress { .. } => HelpState::InProgress,
            HelpStage::Closed { .. } => HelpState::Closed,
            HelpStage::Cancelled { .. } => HelpState::Cancelled,
        },
        raised_at: it.raised_at.0,
        taken_by: it.taken_by().map(|user| user_ref(card, user)),
        taken_at: it.taken_at.map(|at| at.0),
    }
}

fn destination(card: &ConversationCard, target: Target) -> Destination {
    match target {
        Target::Queue(queue) => Destination::Queue(
            card.participants.queue_of(queue).map(|it| it.key.clone()).unwrap_or_default(),
        ),
        Target::Agent(agent) => Destination::Agent(agent.to_string()),
    }
}

/// A page of messages.
pub fn page(page: &MessagePage) -> wire::MessagePage {
    wire::MessagePage {
        messages: page.messages.iter().map(page_message).collect(),
        more: page.more,
    }
}

fn page_message(it: &PageMessage) -> wire::MessageView {
    wire::MessageView {
        number: it.number,
        public: it.public,
        author: UserRef { user: it.author.to_string(), name: it.author_name.clone() },
        part: part(it.part),
        at: it.at.0,
        text: it.text.clone(),
        attachments: it.files.iter().map(file).collect(),
        client_id: it.client_id.clone(),
        delivery_failure: it.delivery_failure.as_ref().map(failure),
    }
}

/// Where a message stands, for its author.
pub fn receipt(posted: &Posted) -> wire::MessageReceipt {
    let Posted { number, public, at } = *posted;
    wire::MessageReceipt { number, public, at: at.0 }
}
