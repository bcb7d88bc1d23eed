//! Telephones of the tests' own, a caller's, an agent's, and a carrier behind which anybody may be; the promise as three
//! tones: who hears whom in each mode; and the messages of RFC 4475, which are hard to read.
//!
//! For tests alone, and so it panics when something can't be had. It knows neither server nor control plane: how
//! a supervisor's mode is changed is the test's own affair.

mod called;
mod carrier;
mod desk_phone;
mod phone;
mod sound;
mod stage;
mod torture;

use std::time::Duration;

pub use carrier::{Carrier, Incoming};
pub use desk_phone::{DeskPhone, Rings};
pub use phone::Phone;
pub use sound::Sound;
pub use stage::{AGENT, Act, CALLER, Ears, SUPERVISOR, Stage};
pub use torture::{RFC_4475, Torture};

/// Longer than anything here may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);
