//! Calls from the telephone network: SIPp (Debian's `sip-tester`, by `scripts/setup.sh tests`) and a phone of
//! our own on one side, a whole server in this process with real WebRTC agents and supervisors on the other.

mod calls;
mod flood;
mod people;
mod phone;
mod raw;
mod sipp;
mod supervised;
