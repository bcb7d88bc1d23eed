//! The live calls, as a supervisor sees them. Pure.

use std::time::Instant;

use serde::Serialize;
use wire::{CallPhase, CallView, Mode, Role};

use super::Phone;

/// A live call, as a supervisor sees it in the list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiveCall {
    /// The call.
    pub call: String,
    /// Who called.
    pub caller: String,
    /// Who talks to them.
    pub agent: String,
    /// The queue's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// How long they talk, s.
    pub seconds: u64,
    /// The caller is on hold.
    pub held: bool,
    /// The caller speaks at this moment.
    pub caller_speaks: bool,
    /// The agent speaks at this moment.
    pub agent_speaks: bool,
    /// The agent asks for help; why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The user's own mode on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

impl Phone {
    /// The live calls, those with a request for help first, then the longest.
    pub fn live_calls(&self, now: Instant) -> Vec<LiveCall> {
        let mut live: Vec<LiveCall> = self
            .calls
            .values()
            .filter(|call| call.state == CallPhase::Active)
            .map(|call| self.live_call(now, call))
            .collect();
        live.sort_by_key(|live| {
            (live.help.is_none(), std::cmp::Reverse(live.seconds), live.call.clone())
        });
        live
    }

    fn live_call(&self, now: Instant, call: &CallView) -> LiveCall {
        let leg = |role| call.legs.iter().find(|leg| leg.role == role);
        let speaks = |role| {
            leg(role)
                .and_then(|leg| self.meter(&call.id, &leg.id))
                .is_some_and(|meter| meter.speaking)
        };
        let own = call.own_leg.as_ref().and_then(|own| call.legs.iter().find(|leg| leg.id == *own));
        LiveCall {
            call: call.id.clone(),
            caller: call.caller.name.clone(),
            agent: leg(Role::Agent).map_or_else(String::new, |leg| leg.name.clone()),
            queue: call.queue.clone(),
            seconds: self.since(now, call.answered_at.unwrap_or(call.placed_at)),
            held: call.held,
            caller_speaks: speaks(Role::Caller),
            agent_speaks: speaks(Role::Agent),
            help: call.help.as_ref().map(|help| help.reason.clone().unwrap_or_default()),
            mode: own.and_then(|leg| leg.mode),
        }
    }
}
