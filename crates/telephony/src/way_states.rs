//! How the trunks and lines are: for who chooses one to call out by, for administrators, and for the metrics.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use accounts::unix_now;
use interaction::UnixMs;
use orchestrator::Orchestrator;
use orchestrator::telephony_status::{TelephonyStatus, WayState, WayStatus};
use sip::admission::TrunkId;
use sip::{LineId, LineState, TrunkState};

use crate::config::{LineConfig, TrunkConfig};

/// The trunks and lines.
pub(crate) struct WayStates {
    orchestrator: Orchestrator,
    status: Mutex<TelephonyStatus>,
}

impl WayStates {
    /// Nothing is known of them yet.
    pub(crate) fn new(
        orchestrator: Orchestrator,
        trunks: &[TrunkConfig],
        lines: &[LineConfig],
    ) -> Self {
        let trunk = |it: &TrunkConfig| match it.outbound {
            Some(_) => status(&it.name, WayState::Unknown),
            None => status(&it.name, WayState::NotAsked),
        };
        let line = |it: &LineConfig| status(&it.extension, WayState::Unknown);
        let status = TelephonyStatus {
            trunks: trunks.iter().map(trunk).collect(),
            lines: lines.iter().map(line).collect(),
        };
        orchestrator.set_telephony_status(status.clone());
        Self { orchestrator, status: Mutex::new(status) }
    }

    /// Whether a trunk, by its place in the configuration, answers.
    pub(crate) fn is_up(&self, trunk: usize) -> bool {
        self.lock().trunks.get(trunk).is_some_and(|it| it.state == WayState::Up)
    }

    /// A trunk has answered, or has not.
    pub(crate) fn trunk_is(&self, now: Instant, id: TrunkId, state: TrunkState) {
        let mut status = self.lock();
        let Some(trunk) = status.trunks.get_mut(id.0) else { return };
        let before = trunk.state;
        match state {
            TrunkState::Unknown => trunk.state = WayState::Unknown,
            TrunkState::Up { since, answered_at, status } => {
                trunk.state = WayState::Up;
                trunk.since = Some(unix(now, since));
                trunk.answered_at = Some(unix(now, answered_at));
                trunk.status = Some(status);
            }
            TrunkState::Down { since, status } => {
                trunk.state = WayState::Down;
                trunk.since = Some(unix(now, since));
                trunk.status = Some(status);
            }
        }
        let (name, is_up) = (trunk.name.clone(), trunk.state == WayState::Up);
        if before != trunk.state {
            let status = trunk.status;
            match is_up {
                true => tracing::info!(trunk = %name, "a trunk answers"),
                false => {
                    tracing::warn!(trunk = %name, ?status, "a trunk does not answer, or not well")
                }
            }
        }
        metrics::gauge!("sotto_sip_trunk_up", "trunk" => name).set(f64::from(u8::from(is_up)));
        self.orchestrator.set_telephony_status(status.clone());
    }

    /// A line is registered, or is not.
    pub(crate) fn line_is(&self, now: Instant, id: LineId, state: LineState) {
        let mut status = self.lock();
        let Some(line) = status.lines.get_mut(id.0) else { return };
        let before = line.state;
        match state {
            LineState::Registering => line.state = WayState::Unknown,
            LineState::Registered { until } => {
                line.state = WayState::Up;
                line.answered_at = Some(unix_now());
                line.status = Some(200);
                line.registered_until = Some(unix(now, until));
            }
            LineState::Failed { status } => {
                line.state = WayState::Down;
                line.status = Some(status);
                line.registered_until = None;
            }
        }
        if before != line.state {
            line.since = Some(unix_now());
        }
        self.orchestrator.set_telephony_status(status.clone());
    }

    fn lock(&self) -> MutexGuard<'_, TelephonyStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn status(name: &str, state: WayState) -> WayStatus {
    WayStatus {
        name: name.to_owned(),
        state,
        since: None,
        answered_at: None,
        status: None,
        registered_until: None,
    }
}

/// A moment on people's clock.
fn unix(now: Instant, at: Instant) -> UnixMs {
    let past = now.saturating_duration_since(at).as_millis() as u64;
    let future = at.saturating_duration_since(now).as_millis() as u64;
    UnixMs((unix_now().0 + future).saturating_sub(past))
}
