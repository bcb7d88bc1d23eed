//! The living centre: who is there, what rings where, which calls, conversations and chats go on.
//!
//! [`LiveState`] is one plain struct. Each change is a `handle_…` method with the time as an
//! argument; what has to be done elsewhere comes back as [`Effect`]s, in order: commands to the
//! media workers, facts to be kept, news to be told, and streams to be closed. The shell around it
//! (the `orchestrator`) owns the clock, the lock and all IO, so that a whole day of a centre can be
//! run in a test in virtual time.
//!
//! It decides none of the three rules of the house, it asks for them: who hears whom
//! (`interaction::RoutePlan`), who may read what (`interaction::access`), who is told of what
//! (`interaction::disclose`). It deliberately knows no HTTP, no JSON, no database and no audio:
//! a [`Publication`] says what is told and to whom, and is put into words at the edge.
//!
//! Invariants:
//! 1. What is told about a change is made of the state after it, and only for those whom `disclose`
//!    names.
//! 2. An event of a conversation or chat comes here only once it is kept: what could not be kept
//!    did not happen.
//! 3. With a supervisor's last event stream their supervision ends, in the same step.
//! 4. Everything that grows has a bound with a name (`…_MAX`).

mod call_mood;
mod call_terms;
mod chats;
mod conversations;
mod effect;
mod leg_names;
mod live_call;
mod live_conversation;
mod live_state;
mod participants;
mod publication;
mod rates;
mod streams;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text_mood;
mod text_offers;

pub use call_mood::{CallFigures, CallMood, Side};
pub use call_terms::{
    Adding, AddingProgress, CallEnd, CallerInfo, CallerSource, Dialed, NotReached, Offer,
    OfferOutcome,
};
pub use chats::{Chats, Pair};
pub use conversations::{CONVERSATIONS_MAX, Change, Conversations};
pub use effect::{
    Counter, DomainEvent, Effect, MediaFact, Moment, OfferEnd, Subject, SupervisionAct,
    SupervisionAction, WrapUp,
};
pub use leg_names::{LegNames, visible};
pub use live_call::{CallEntry, CallSummary, HISTORY_MAX, LiveCall, NewCall, PartyTime};
pub use live_conversation::{Customer, LiveConversation, NewConversation};
pub use live_state::{
    AWAY_GRACE, AgentBusy, AgentEntry, Capacity, Destinations, Ended, LiveState, MEDIA_PATIENCE,
    Missing, Pool, QueueAvailability, Receiver, STATIONS_PER_USER_MAX, spoken,
};
pub use participants::Participants;
pub use publication::{
    AgentSight, CallCard, CallMeters, CallSight, ChatMessage, ChatSight, ConversationCard,
    ConversationNews, ConversationOffer, ConversationRights, ConversationSight, Delivery,
    DeliveryFailure, FailureCause, FileCard, News, Publication, Snapshot, TextSnapshot,
};
pub use rates::{MESSAGES_BURST, MESSAGES_PER_MINUTE, SIGN_INTERVAL, SIGNS_BURST};
pub use streams::{Ending, STREAMS_MAX, STREAMS_PER_USER_MAX, StreamId, StreamRefusal, Streams};
pub use text_mood::{MESSAGES as MOOD_MESSAGES, TextFigures, TextMood};
