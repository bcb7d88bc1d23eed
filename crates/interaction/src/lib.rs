//! Who is in an interaction, in which mode, and who hears whom.
//!
//! This crate is the model that everything else obeys. [`CallState`] is one call: a command goes
//! in, facts ([`Event`]) or a [`Refusal`] come out. [`RoutePlan::derive`] is the only place in
//! Sotto that decides who hears whom, and [`disclose`] the only one that decides who is told of
//! it. [`Dispatcher`] decides at whom a waiting call rings.
//!
//! It deliberately knows no audio, no network, no storage, no serialisation and no clock: time
//! is an argument, and media, wire and database formats are translated by others.

pub mod call;
pub mod disclosure;
pub mod dispatch;
pub mod ids;
pub mod leg;
pub mod permission;
pub mod policy;
pub mod route;

pub use call::{Actor, Applied, CallState, Command, Event, HelpState, Refusal};
pub use disclosure::{Disclosed, Viewer, disclose};
pub use ids::{CallId, LegId, QueueId, Revision, StationId, TeamId, UnixMs, UserId};
pub use leg::{LeaveReason, Leg, Mode, ModeKind, Party, Rights, Role};
pub use permission::{Permission, Permissions};
pub use policy::{Policy, TonePolicy};
pub use route::{Gain, RoutePlan, Row, Slot, Source, SourceSet, Tone};

/// Legs that one call can hold at the same time: a caller, agents and supervisors.
pub const LEGS_MAX: usize = 16;
