//! The agent's headset in a terminal; a supervisor can use it, too.
//!
//! - [`phone`]: what is to be done, as a pure state machine. [`line`]: sign-in, station, events, requests.
//! - [`audio`]: devices and streams. [`media`]: between headset and network, every 20 ms. [`playout`]: what comes, to the ears.
//! - [`echo`], [`quality`]: pure watchers. [`noise`]: a loud room, taken out. [`app`]: all of it put together.
//! - [`screen`], [`headless`]: two ways to drive it. [`cli`], [`settings`], [`check`]: around it.
//! - [`pipe_headset`]: a headset of pipes, for tests and machines without a sound card.
//!
//! It knows the server by its public API alone, cancels no echo, and opens no microphone before the server has said who
//! hears it.

pub mod app;
pub mod audio;
pub mod check;
pub mod cli;
pub mod echo;
pub mod headless;
pub mod line;
pub mod media;
pub mod noise;
pub mod phone;
pub mod pipe_headset;
pub mod playout;
pub mod quality;
pub mod screen;
pub mod settings;
