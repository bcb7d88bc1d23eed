//! The agent's headset in a terminal, for supervisors too.
pub mod app;
pub mod audio;
pub mod check;
pub mod cli;
pub mod echo;
pub mod headless;
pub mod line;
pub mod media;
pub mod phone;
pub mod quality;
pub mod rig;
pub mod screen;
pub mod settings;
