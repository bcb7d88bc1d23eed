//! A caller: a guest who places one call, speaks, and hangs up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::ClientError;
use client::events::Events;
use client::session::Session;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use wire::{CallerInfo, Event};

use super::environment::Environment;
use super::party::Party;
use super::placed::Placed;
use super::supervisor::{self, Supervisors};
use crate::measure::routes::Role;
use crate::scenario::{PlannedCall, PlannedSupervisor};

/// Whoever is to be answered and has heard no agent by then hangs up: the call has failed.
const SETUP_MAX: Duration = Duration::from_secs(60);
/// How long the agent may take to hang up when the call's time is over.
const AGENT_HANGS_UP_WITHIN: Duration = Duration::from_secs(8);

/// One call, from the guest's name to the end. What goes wrong is in the book.
pub(super) async fn one_call(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    plan: PlannedCall,
) {
    environment.book.tally().counts.asked += 1;
    let number = plan.number;
    if let Err(error) = call(environment, supervisors, plan).await {
        environment.book.tally().counts.failed += 1;
        tracing::info!(number, %error, "a call failed");
    }
}

async fn call(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    plan: PlannedCall,
) -> Result<(), ClientError> {
    let named = environment.caller_names.get(plan.recording).cloned().flatten();
    let name = named.unwrap_or_else(|| format!("Caller {}", plan.number));
    let session = Session::guest(&environment.server, &name).await?;
    let party = Party::open(environment, session, Role::Caller, plan.recording).await?;
    let outcome = on_station(environment, supervisors, &party, plan, name).await;
    party.close(&environment.book).await;
    outcome
}

async fn on_station(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    party: &Party,
    plan: PlannedCall,
    name: String,
) -> Result<(), ClientError> {
    let session = &party.session;
    let mut events = session.events().await?;
    let at = Instant::now();
    let caller = CallerInfo { name, number: None };
    // A recording's own queue, if this server has it open; else whichever it has.
    let open = &session.user().queues;
    let wanted = plan.queue.clone().filter(|wanted| open.iter().any(|queue| queue.id == *wanted));
    if let (Some(asked), None, Some(first)) = (&plan.queue, &wanted, open.first()) {
        let (asked, first) = (asked.escape_debug(), &first.id);
        let note = format!("no queue `{asked}` is open to guests, `{first}` was called instead");
        environment.book.note(note);
    }
    let queue = wanted.or(open.first().map(|queue| queue.id.clone())).unwrap_or_default();
    let call = session.place_call(&queue, Some(caller)).await?;
    let placed = Arc::new(Placed {
        id: call.id,
        plan,
        queue,
        caller: party.id,
        at,
        agent: std::sync::OnceLock::new(),
        answered: CancellationToken::new(),
        over: CancellationToken::new(),
    });
    environment.calls.put(placed.clone());
    let mut supervision = JoinSet::new();
    let supervise = |planned| {
        let (environment, supervisors) = (environment.clone(), supervisors.clone());
        supervision.spawn(supervisor::supervise(environment, supervisors, placed.clone(), planned));
    };
    let outcome = converse(environment, session, &mut events, &placed, supervise).await;
    environment.calls.remove(&placed.id);
    placed.over.cancel();
    while supervision.join_next().await.is_some() {}
    events.close().await;
    outcome
}

async fn converse(
    environment: &Arc<Environment>,
    session: &Session,
    events: &mut Events,
    placed: &Placed,
    supervise: impl FnMut(PlannedSupervisor),
) -> Result<(), ClientError> {
    let answered = tokio::select! {
        () = environment.closing.cancelled() => false,
        answered = started(events, &placed.id, patience(&placed.plan)) => answered?,
    };
    if !answered {
        hang_up(environment, session, placed).await;
        let as_planned = placed.plan.answer_after.is_none() || environment.closing.is_cancelled();
        return match as_planned {
            true => Ok(()),
            false => Err(ClientError::Timeout("an agent who answers")),
        };
    }
    placed.plan.supervisors.iter().cloned().for_each(supervise);
    let patience = match placed.plan.hangs_up {
        Role::Agent => AGENT_HANGS_UP_WITHIN,
        Role::Caller | Role::Supervisor => Duration::ZERO,
    };
    let over = tokio::select! {
        () = environment.closing.cancelled() => false,
        () = tokio::time::sleep(placed.plan.hold + patience) => false,
        ended = ended(events, &placed.id) => { ended?; true }
    };
    match over {
        true => environment.book.ended(placed.plan.number, Instant::now()),
        false => hang_up(environment, session, placed).await,
    }
    Ok(())
}

async fn hang_up(environment: &Environment, session: &Session, placed: &Placed) {
    environment.book.hanging_up(placed.plan.number, Instant::now());
    if let Err(error) = session.hang_up(&placed.id).await {
        tracing::debug!(%error, "the call was over before it was hung up");
    }
    environment.book.ended(placed.plan.number, Instant::now());
}

/// How long the caller waits for an agent.
fn patience(plan: &PlannedCall) -> Duration {
    match plan.answer_after {
        Some(after) => SETUP_MAX + after,
        None => plan.hold,
    }
}

/// Whether the call was answered, rather than ended, while the caller had patience.
async fn started(events: &mut Events, call: &str, patience: Duration) -> Result<bool, ClientError> {
    let found = events.find("an agent", patience, |envelope| match envelope.event {
        Event::CallStarted { call: started } if started.id == call => Some(true),
        Event::CallEnded { call: ended } if ended.id == call => Some(false),
        _ => None,
    });
    match found.await {
        Err(ClientError::Timeout(_)) => Ok(false),
        other => other,
    }
}

async fn ended(events: &mut Events, call: &str) -> Result<(), ClientError> {
    let forever = Duration::from_secs(365 * 24 * 3600);
    events
        .find("the end of the call", forever, |envelope| match envelope.event {
            Event::CallEnded { call: ended } if ended.id == call => Some(()),
            _ => None,
        })
        .await
}
