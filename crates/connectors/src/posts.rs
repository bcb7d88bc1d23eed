//! What a connector is posted, out of what happened: exactly what `disclose` tells the customer.

use interaction::conversation::{Disclosed, Entry, Event, PartKind, Reader, Viewer, disclose};
use store::OutgoingRecord;
use wire::{ChannelNews, MemberPart};

use super::Channel;
use control_plane::LiveConversation;

/// What is to be posted of `entries`, in order; `record` is the conversation before them.
pub fn posts(
    channel: &Channel,
    record: &LiveConversation,
    entries: &[Entry],
) -> Vec<OutgoingRecord> {
    let customer = Viewer { user: record.requester.id, reader: Reader::Requester };
    let policy = &record.config().policy;
    let ends = entries.iter().any(|entry| matches!(entry.event, Event::Ended(_)));
    let post = |entry: &Entry| {
        let told = disclose(policy, customer, entry)?;
        let (public_position, news) = news(record, told.what, ends)?;
        if !channel.notices && !matches!(news, ChannelNews::Message { .. }) {
            return None;
        }
        Some(OutgoingRecord {
            channel: channel.name.clone(),
            at: told.at.0,
            public_position,
            body: serde_json::to_string(&news).expect("news are texts"),
        })
    };
    entries.iter().filter_map(post).collect()
}

/// What the customer is told, but for their own doings, and for signs that last a moment.
fn news(
    record: &LiveConversation,
    told: Disclosed,
    ends: bool,
) -> Option<(Option<u64>, ChannelNews)> {
    let own = record.requester.id;
    let notice = |news| Some((None, news));
    match told {
        Disclosed::Posted(message) if message.author != own => {
            let author = record.state.member(message.author);
            let part = author.map_or(PartKind::Agent, |member| member.part.kind());
            let news = ChannelNews::Message {
                author: record.participants.name_of(message.author),
                part: member_part(part),
                text: message.text,
                attachments: message.attachments.iter().map(ToString::to_string).collect(),
            };
            Some((message.public, news))
        }
        Disclosed::Joined(member) if member.user != own => {
            notice(ChannelNews::Joined { name: record.participants.name_of(member.user) })
        }
        // The end says it for everybody.
        Disclosed::Left(user, ..) if user != own && !ends => {
            notice(ChannelNews::Left { name: record.participants.name_of(user) })
        }
        Disclosed::Transferring(to) => {
            notice(ChannelNews::Transferring { to: record.participants.target_name(to) })
        }
        Disclosed::Ended(_) => notice(ChannelNews::Ended),
        Disclosed::Opened(_)
        | Disclosed::Joined(_)
        | Disclosed::Left(..)
        | Disclosed::ModeChanged(..)
        | Disclosed::Posted(_)
        | Disclosed::Typing(..)
        | Disclosed::Marked(..)
        | Disclosed::HelpChanged(_)
        | Disclosed::NotTransferred
        | Disclosed::HandoverRequested(_)
        | Disclosed::HandoverEnded(..) => None,
    }
}

fn member_part(part: PartKind) -> MemberPart {
    match part {
        PartKind::Requester => MemberPart::Requester,
        PartKind::Agent => MemberPart::Agent,
        PartKind::Colleague => MemberPart::Colleague,
        PartKind::Supervisor => MemberPart::Supervisor,
    }
}
