//! The user agent in virtual time: what a peer sends, what it gets, and when.

mod calls;
mod lines;
mod outgoing;
mod phones;
mod pings;
mod refusals;
mod sessions;
mod torture;
mod transfers;
mod world;
