//! The whole server in this process, and real WebRTC clients (another stack than the server's) on
//! the other end of real UDP, HTTP and WebSocket: what everybody hears and is told.
//!
//! Every party sends a tone of its own all the time; who hears whom is read off the tones that
//! arrive. What single layers promise (the rule, the mixer, the HTTP frame) is tested with them.

mod bad_input;
mod ears;
mod handing;
mod line;
mod stage;
mod story;
mod ten_calls;
mod told;
