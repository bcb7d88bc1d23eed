//! Who a client is, and how much it may do.
//!
//! A [`Client`] is whoever shares a budget: an IPv4 address, or an IPv6 network of 64 bits. Behind
//! proxies it is who they say ([`client_of`], [`proxy_protocol`]), as far as they are trusted.
//! [`Rates`] are the budgets that refill with time.
//!
//! Pure: it opens no socket and reads no clock; what arrived and the time are arguments. It knows no
//! user, no HTTP and no configuration.

mod client;
pub mod proxy_protocol;
mod rate;

pub use client::{Client, Forwarding, Networks, client_of};
pub use rate::{Rate, Rates};
