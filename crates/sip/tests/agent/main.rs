//! The user agent in virtual time: what a peer sends, what it gets, and when.

mod calls;
mod refusals;
mod sessions;
mod torture;
mod world;
