//! What the control plane counts for the operators.

use control_plane::{CallEnd, Counter};
use interaction::HandoverKind;

/// Counts.
pub fn count(counter: Counter) {
    match counter {
        Counter::CallOffered => metrics::counter!("sotto_offers_total").increment(1),
        Counter::ConversationOffered => metrics::counter!("sotto_text_offers_total").increment(1),
        Counter::CallEnded(end) => ended(end),
        Counter::CallFailed => metrics::counter!("sotto_calls_failed_total").increment(1),
        Counter::ConversationEnded => {
            metrics::counter!("sotto_conversations_ended_total").increment(1);
        }
        Counter::HandoverRequested(kind) => {
            metrics::counter!("sotto_handovers_total", "kind" => kind_name(kind)).increment(1);
        }
        Counter::HistoryFull => metrics::counter!("sotto_book_entries_lost_total").increment(1),
    }
}

fn ended(end: CallEnd) {
    metrics::counter!("sotto_calls_ended_total", "reason" => end.name()).increment(1);
}

fn kind_name(kind: HandoverKind) -> &'static str {
    match kind {
        HandoverKind::Transfer => "transfer",
        HandoverKind::Consultation => "consultation",
        HandoverKind::Conference => "conference",
    }
}
