//! One SIP user agent (RFC 3261): what peers send goes in, what is to be sent and what happened comes out.
//!
//! [`UserAgent`] takes bytes with their source, commands about calls, and the time, and is drained by
//! [`UserAgent::poll_output`]. It opens no socket and reads no clock, so that every timer of the RFC is
//! tried in virtual time. It deliberately knows no media (a session description is a text that it carries),
//! no queues, no agents and no supervision: nothing of what it sends depends on who listens.
//!
//! Invariants:
//! 1. Nothing is remembered of a request before its peer is known and [`admission`] has let it in: whatever
//!    is refused before that is answered without state (RFC 3261 §8.2.7).
//! 2. Bytes of a stranger are dropped unread, and unanswered; of a phone that is not registered, all but REGISTER.
//! 3. An answer goes to the address that the request came from, never to one that it only names.
//! 4. No header that authorizes is ever formatted: see [`message::Headers`].
//! 5. No bytes of a peer's make this panic.

pub mod admission;
mod agent;
mod client_transaction;
mod dialog;
pub mod digest;
pub mod message;
mod peer;
mod registrar;
mod server_transaction;
pub mod session_timer;
mod timers;
mod types;

pub use agent::{UserAgent, Verdict};
pub use digest::Login;
pub use registrar::{
    Binding, CONTACTS_MAX, Change, EXPIRES_MAX_S, EXPIRES_MIN_S, PhoneId, RegistrarConfig,
};
pub use types::{
    Addresses, AgentConfig, CallKey, Event, Invitation, LineConfig, LineId, LineState,
    NetworkCaller, OfferKey, Outgoing, Output, Peer, PingConfig, Refusal, SipEnd, Transport,
    TrunkState,
};
