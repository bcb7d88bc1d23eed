//! How the sound of a call came, for its supervisors. Others were on it, and heard.

use interaction::UserId;
use interaction::conversation::Reader;
use orchestrator::records::ReadableInteraction;
use orchestrator::stored;
use wire::PartySound;

use crate::{AppState, Problem};

/// How the sound came of those who were on a call that is over; `None`: this reader is not told.
pub async fn of(
    state: &AppState,
    seen: &ReadableInteraction,
) -> Result<Option<Vec<PartySound>>, Problem> {
    match seen.access.reader {
        Reader::Supervisor | Reader::Overseer => {}
        Reader::Requester | Reader::Agent | Reader::Offered | Reader::Colleague => return Ok(None),
    }
    let is_over = seen.record.kind == store::InteractionKind::Call && !seen.runs;
    let kept = if is_over { state.store.call_record(&seen.record.id).await? } else { None };
    let party = |party: &store::PartyRecord| {
        let sound = stored::sound::of(party.sound.as_deref()?)?;
        Some(PartySound {
            user: UserId(party.user).to_string(),
            name: party.name.clone(),
            received_packets: sound.received_packets,
            restored_packets: sound.restored_packets,
            lost_packets: sound.lost_packets,
            late_packets: sound.late_packets,
            fec_ms: sound.fec_ms,
            concealed_ms: sound.concealed_ms,
            delay_ms: sound.delay_ms,
        })
    };
    Ok(kept.map(|record| record.parties.iter().filter_map(party).collect()))
}
