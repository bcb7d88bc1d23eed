//! Calls by SIP through the whole server: a telephone of the tests' own on one side, real WebRTC agents and supervisors
//! on the other. What SIPp plays is tried with the telephone side alone, in `crates/telephony`.

mod contacts;
mod desk;
mod people;
mod supervised;
