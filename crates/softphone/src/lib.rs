//! The agent's headset in a terminal, for supervisors too.
pub mod audio;
pub mod echo;
pub mod media;
pub mod quality;
