//! Calls from the telephone network: SIP's sockets, and what comes by them as calls of the orchestrator's.
//!
//! [`Telephony`] holds the sockets and drives one [`sip::UserAgent`], which decides everything that SIP's
//! rules decide. Each call that it lets in becomes a task of its own: a guest, a plain station, and a call
//! to the queue that was called. It rings (180) while the call waits or rings at an agent, and is
//! answered (200) when an agent takes it. What is sent hangs on the caller, the queue and the agents
//! alone: no task here ever learns who supervises.
//!
//! A number that an agent calls is called by a trunk that is allowed to ([`OutboundConfig`]), and is a caller like
//! any other once it is taken.
//!
//! An agent's telephone that registers is an event stream of the agent's, by a sign-in of its own; what is offered
//! to the agent rings there, and what the telephone does with it is what a click in the page would do.
//!
//! Everything that queues has a bound: see [`connection`] and [`run`].

mod call;
pub mod check;
pub mod config;
pub mod connection;
mod dialing;
mod dialing_in;
mod dns;
mod key_code;
mod media_side;
mod names;
mod news;
mod order;
mod phones;
mod referring;
mod refusal;
mod ringing;
pub mod run;
mod services;
mod tls_trust;
mod way_states;

pub use sip::admission::{TrunkId, TrunkLogin};
/// What telephones' secrets are, and how they are proved.
pub use sip::digest;
pub use sip::{Login, Peer, Transport};

pub use config::{
    LineConfig, MediaTerms, NamedServer, OutboundConfig, PhoneConfig, PhonesConfig, Servers,
    TelephonyConfig, TrunkConfig,
};
pub use key_code::{CODE_KEYS_MAX, KeyCode};
pub use run::Telephony;
pub use tls_trust::{TlsTrust, TlsTrustError};
