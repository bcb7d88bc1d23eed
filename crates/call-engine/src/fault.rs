//! A deliberate fault, for tests that prove that such a fault is found. Not in any server that is used.

use interaction::{Actor, CallState, Command, Mode, ModeKind, RoutePlan, UnixMs};

/// The plan as if every whisper were a barge.
pub(crate) fn leaky_plan(state: &CallState) -> RoutePlan {
    let mut faulty = state.clone();
    for leg in state.legs() {
        if matches!(leg.mode(), Some(Mode::Whisper { .. })) {
            let mode = ModeKind::Barge;
            let barge = Command::SetMode { leg: leg.id, mode, coach: None, expected: None };
            // A supervisor who may not barge does not leak, then.
            _ = faulty.apply(UnixMs(0), Actor::System, barge);
        }
    }
    RoutePlan::derive(&faulty)
}
