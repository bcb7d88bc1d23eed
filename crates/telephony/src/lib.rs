//! Calls from the telephone network: SIP's sockets, and what comes by them as calls of the orchestrator's.
//!
//! [`Telephony`] holds the sockets and drives one [`sip::UserAgent`], which decides everything that SIP's
//! rules decide. Each call that it lets in becomes a task of its own: a guest, a plain station, and a call
//! to the queue that was called. It rings (180) while the call waits or rings at an agent, and is
//! answered (200) when an agent takes it. What is sent hangs on the caller, the queue and the agents
//! alone: no task here ever learns who supervises.
//!
//! Everything that queues has a bound: see [`connection`] and [`run`].

mod call;
pub mod check;
pub mod config;
pub mod connection;
mod media_side;
mod order;
mod refusal;
pub mod run;

pub use config::{TelephonyConfig, TrunkConfig};
pub use run::Telephony;
