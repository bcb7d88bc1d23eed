//! Who is in an interaction, in which mode, and who hears whom.
//!
//! This crate is the model that everything else obeys. [`CallState`] is one call: a command goes
//! in, facts ([`Event`]) or a [`Refusal`] come out. [`RoutePlan::derive`] is the only place in
//! Sotto that decides who hears whom, [`access`](access::access) the only one that decides who may
//! read an interaction, running or over, and [`disclose`] the only one that decides who is told of
//! an event.
//!
//! [`Conversation`] is the same for text, with the same modes and rights ([`conversation`] has
//! its one rule), and [`Chat`] is two people of the centre who write to each other. What calls and
//! conversations decide alike is in [`roster`], [`help`] and [`handover`]. [`Offers`] says what an
//! agent is, and to whom what waits is offered.
//!
//! Calls, conversations and chats speak one dialect: `decide` turns a command into events and
//! changes nothing, `evolve` makes an event true and is the only thing that does. Between the two
//! the shell keeps the events; read again in order, they make the same state.
//!
//! It deliberately knows no audio, no network, no storage and no clock: time is an argument, and
//! media, wire and database formats are translated by others. With the feature `serde` the facts of
//! a call can be serialised, as they are kept.

pub mod access;
pub mod actor;
pub mod call;
pub mod chat;
pub mod conversation;
pub mod customer;
pub mod dialing;
pub mod disclosure;
pub mod handover;
pub mod help;
pub mod ids;
pub mod keeps_open;
pub mod leg;
pub mod offers;
pub mod people;
pub mod permission;
pub mod policy;
pub mod reports;
pub mod roster;
pub mod sign_in;
pub mod sound;
pub mod source;
pub mod station;
pub mod text;

pub use access::{Access, access};
pub use actor::Actor;
pub use call::route::{Delivery, RoutePlan, Row};
pub use call::{Applied, CallState, Command, Event, Refusal};
pub use chat::Chat;
pub use conversation::Conversation;
pub use customer::{CustomerKey, VisitorId};
pub use dialing::{DialedNumber, NumberError};
pub use disclosure::{Disclosed, Viewer, disclose};
pub use handover::{Handover, HandoverId, HandoverKind, HandoverOutcome, Target};
pub use help::{Help, HelpCancel, HelpStage};
pub use ids::{
    AttachmentId, CallId, ChatId, ConversationId, LegId, QueueId, Revision, SkillId, StationId,
    TeamId, UnixMs, UserId, UserKind,
};
pub use keeps_open::{Open, keeps_open};
pub use leg::{LeaveReason, Leg, Mode, ModeKind, Party, Rights, Role};
pub use offers::Offers;
pub use people::{AccountRole, Membership, QueueRef, User};
pub use permission::{Permission, Permissions};
pub use policy::{Policy, TonePolicy};
pub use sign_in::{Authority, RightsVersion, SignIn, SignInId};
pub use sound::LegSound;
pub use source::{Audience, Gain, Slot, Source, SourceSet, Tone};
pub use station::{MediaFault, StationEnd, StationState};

/// A caller and agents that one call can hold at the same time.
pub const PARTIES_MAX: usize = 8;

/// Supervisors that one call can hold at the same time: counted apart, so that no party learns from
/// [`Refusal::Full`] how many listen.
pub const SUPERVISORS_MAX: usize = 16;

/// Legs that one call can hold at the same time.
pub const LEGS_MAX: usize = PARTIES_MAX + SUPERVISORS_MAX;
