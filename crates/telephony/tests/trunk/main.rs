//! Calls from a trunk: SIPp (Debian's `sip-tester`, by `scripts/setup.sh tests`) and a telephone of our own on one
//! side, the control plane with its media workers, and agents and supervisors on plain stations, on the other.

mod calls;
mod centre;
mod flood;
mod lines;
mod name_server;
mod names;
mod outbound;
mod phones;
mod raw;
mod refers;
mod sipp;
mod streams;
mod supervised;
mod torture;
