//! A caller: comes in as a guest, calls a queue, says the caller's side, hangs up.

use std::sync::Arc;
use std::time::Duration;

use client::ClientError;
use client::events::Events;
use client::session::Session;
use rand::RngExt;
use rand::rngs::StdRng;
use wire::{CallerInfo, Event};

use super::{Shared, is_refusal};
use crate::replay::{Outcome, Plan, Side, await_end, replay};

/// Whoever has heard no agent by then hangs up.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long the agent may take to hang up when the recording is over.
const AGENT_HANGS_UP_WITHIN: Duration = Duration::from_secs(6);
/// The latest place at which the first calls may begin, as a share of the recording: then the
/// dashboard doesn't fill with greetings alone.
const FIRST_ROUND_INTO: f64 = 0.5;

/// One call, from the guest's name to the end.
pub(super) async fn one_call(
    shared: &Arc<Shared>,
    pair: usize,
    round: usize,
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    let plan = Arc::new(plan(shared, pair, round, rng));
    let name = shared.names.take(&plan.script.caller_name, rng);
    let mut session = Session::guest(&shared.config.server, name.as_str()).await?;
    session.open_station(&shared.config.station, |_| {}).await?;
    let mut events = session.events().await?;
    let mut call = None;
    let caller = CallerInfo {
        name: name.as_str().to_owned(),
        number: Some(format!(
            "+1 555 01{:02} {:03}",
            rng.random_range(0..100),
            rng.random_range(0..1000)
        )),
    };
    let outcome = tokio::select! {
        () = shared.closing.cancelled() => Ok(Outcome::Finished),
        outcome = converse(shared, &session, &mut events, &plan, caller, &mut call) => outcome,
    };
    if let Some(call) = call {
        shared.plans.remove(&call);
        if !matches!(outcome, Ok(Outcome::Ended)) {
            hang_up(&session, &call).await;
        }
    }
    events.close().await;
    session.close_station().await;
    outcome.map(drop)
}

async fn hang_up(session: &Session, call: &str) {
    match session.hang_up(call).await {
        Err(error) if !is_refusal(&error) => tracing::debug!(%error, "hanging up"),
        _ => {}
    }
}

async fn converse(
    shared: &Shared,
    session: &Session,
    events: &mut Events,
    plan: &Arc<Plan>,
    caller: CallerInfo,
    call: &mut Option<String>,
) -> Result<Outcome, ClientError> {
    let placed = session.place_call(&plan.queue, Some(caller)).await?;
    let id = call.insert(placed.id).as_str();
    shared.plans.put(id, plan.clone());
    if answered(events, id).await? == Outcome::Ended {
        return Ok(Outcome::Ended);
    }
    let outcome = replay(plan, Side::Caller, id, session, events).await?;
    if outcome == Outcome::Finished && !plan.caller_hangs_up {
        return await_end(id, session, events, AGENT_HANGS_UP_WITHIN).await;
    }
    Ok(outcome)
}

/// Waits for an agent; `Ended` if there is none.
async fn answered(events: &mut Events, id: &str) -> Result<Outcome, ClientError> {
    events
        .find("an agent", PATIENCE, |envelope| match envelope.event {
            Event::CallStarted { call } if call.id == id => Some(Outcome::Finished),
            Event::CallEnded { call } if call.id == id => Some(Outcome::Ended),
            _ => None,
        })
        .await
}

pub(super) fn plan(shared: &Shared, pair: usize, round: usize, rng: &mut StdRng) -> Plan {
    let agents = &shared.config.agents;
    let queue = &agents[pair].queue;
    let fitting = shared.scripts_for(queue);
    // Neighbours in a queue begin with different recordings, and everybody goes through all.
    let before = agents[..pair].iter().filter(|other| other.queue == *queue);
    let script = fitting[(before.count() + round) % fitting.len()].clone();

    let frames = script.caller.frames().len();
    let from_frame = if round == 0 {
        let share = rng.random_range(0.0..FIRST_ROUND_INTO);
        (frames as f64 * share) as usize
    } else {
        0
    };
    let again = if shared.config.scenes { rng.random_range(1..=2) } else { 0 };
    Plan::new(script, queue.clone(), from_frame, rng.random_bool(0.6)).again(again)
}
