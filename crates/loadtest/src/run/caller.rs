//! A caller: a guest on a page, or somebody on the telephone, who places one call, speaks, and hangs up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::ClientError;
use client::events::Events;
use client::session::Session;
use tokio::task::JoinSet;
use wire::{CallerInfo, Event};

use super::environment::Environment;
use super::party::Party;
use super::placed::{Known, Placed};
use super::supervisor::{self, Supervisors};
use super::telephone::{Telephone, TelephoneError};
use crate::measure::routes::Role;
use crate::scenario::{PlannedCall, PlannedSupervisor};
use crate::telephone::TelephoneCodec;

/// Whoever is to be answered and has heard no agent by then hangs up: the call has failed.
const SETUP_MAX: Duration = Duration::from_secs(60);
/// How long the agent may take to hang up when the call's time is over.
const AGENT_HANGS_UP_WITHIN: Duration = Duration::from_secs(8);

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
enum CallError {
    /// Of one from a page.
    #[error(transparent)]
    Page(#[from] ClientError),
    /// Of one by telephone.
    #[error(transparent)]
    Telephone(#[from] TelephoneError),
    /// It was to be answered.
    #[error("no agent answered")]
    NotAnswered,
}

/// One call, from the caller's name to the end. What goes wrong is in the book.
pub(super) async fn one_call(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    plan: PlannedCall,
) {
    environment.book.tally().counts.asked += 1;
    let number = plan.number;
    let named = environment.caller_names.get(plan.recording).cloned().flatten();
    let name = named.unwrap_or_else(|| format!("Caller {number}"));
    let outcome = match plan.telephone {
        Some(codec) => by_telephone(environment, supervisors, (plan, codec), &name).await,
        None => from_a_page(environment, supervisors, plan, name).await,
    };
    if let Err(error) = outcome {
        environment.book.tally().counts.failed += 1;
        tracing::info!(number, %error, "a call failed");
    }
}

async fn by_telephone(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    (plan, codec): (PlannedCall, TelephoneCodec),
    name: &str,
) -> Result<(), CallError> {
    let number = environment.sip.as_ref().map(|target| target.caller_number(&plan));
    let number = number.unwrap_or_default();
    let telephone = Telephone::open(environment, &plan, codec, (name, &number)).await?;
    let placed = Arc::new(Placed::new(plan, telephone.party, Instant::now(), None));
    let mut phone = Phone::Telephone(Box::new(telephone));
    environment.calls.put(&number, placed.clone());
    let outcome = hold(environment, supervisors, &mut phone, &placed).await;
    environment.calls.remove(&number);
    phone.close().await;
    outcome
}

async fn from_a_page(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    plan: PlannedCall,
    name: String,
) -> Result<(), CallError> {
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
) -> Result<(), CallError> {
    let session = &party.session;
    let events = session.events().await?;
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
    let at = Instant::now();
    let id = session.place_call(&queue, Some(caller)).await?.id;
    let known = Known { id: id.clone(), queue };
    let placed = Arc::new(Placed::new(plan, party.id, at, Some(known)));
    environment.calls.put(&id, placed.clone());
    let mut phone = Phone::Page { session, events: Box::new(events), call: id.clone() };
    let outcome = hold(environment, supervisors, &mut phone, &placed).await;
    environment.calls.remove(&id);
    phone.close().await;
    outcome
}

/// Holds a call, and lets its supervisors come and go.
async fn hold(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    phone: &mut Phone<'_>,
    placed: &Arc<Placed>,
) -> Result<(), CallError> {
    let mut supervision = JoinSet::new();
    let supervise = |planned| {
        let (environment, supervisors) = (environment.clone(), supervisors.clone());
        supervision.spawn(supervisor::supervise(environment, supervisors, placed.clone(), planned));
    };
    let outcome = converse(environment, phone, placed, supervise).await;
    placed.over.cancel();
    while supervision.join_next().await.is_some() {}
    outcome
}

async fn converse(
    environment: &Arc<Environment>,
    phone: &mut Phone<'_>,
    placed: &Placed,
    supervise: impl FnMut(PlannedSupervisor),
) -> Result<(), CallError> {
    let answered = tokio::select! {
        () = environment.closing.cancelled() => false,
        answered = phone.answered(patience(&placed.plan)) => answered?,
    };
    if !answered {
        hang_up(environment, phone, placed).await;
        let as_planned = placed.plan.answer_after.is_none() || environment.closing.is_cancelled();
        return if as_planned { Ok(()) } else { Err(CallError::NotAnswered) };
    }
    placed.plan.supervisors.iter().cloned().for_each(supervise);
    let patience = match placed.plan.hangs_up {
        Role::Agent => AGENT_HANGS_UP_WITHIN,
        Role::Caller | Role::Supervisor => Duration::ZERO,
    };
    let over = tokio::select! {
        () = environment.closing.cancelled() => false,
        () = tokio::time::sleep(placed.plan.hold + patience) => false,
        ended = phone.ended() => { ended?; true }
    };
    match over {
        true => environment.book.ended(placed.plan.number, Instant::now()),
        false => hang_up(environment, phone, placed).await,
    }
    Ok(())
}

async fn hang_up(environment: &Environment, phone: &mut Phone<'_>, placed: &Placed) {
    environment.book.hanging_up(placed.plan.number, Instant::now());
    if let Err(error) = phone.hang_up().await {
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

/// What a caller calls with.
enum Phone<'a> {
    Page { session: &'a Session, events: Box<Events>, call: String },
    Telephone(Box<Telephone>),
}

impl Phone<'_> {
    /// Whether the call was answered, rather than ended, while the caller had patience.
    async fn answered(&mut self, patience: Duration) -> Result<bool, CallError> {
        match self {
            Self::Page { events, call, .. } => Ok(started(events, call, patience).await?),
            Self::Telephone(telephone) => Ok(telephone.answered(patience).await?),
        }
    }

    /// Waits for the call's end.
    async fn ended(&mut self) -> Result<(), CallError> {
        match self {
            Self::Page { events, call, .. } => Ok(ended(events, call).await?),
            Self::Telephone(telephone) => Ok(telephone.ended().await?),
        }
    }

    async fn hang_up(&mut self) -> Result<(), CallError> {
        match self {
            Self::Page { session, call, .. } => Ok(session.hang_up(call).await?),
            Self::Telephone(telephone) => Ok(telephone.hang_up().await?),
        }
    }

    async fn close(self) {
        match self {
            Self::Page { events, .. } => events.close().await,
            Self::Telephone(telephone) => telephone.close(),
        }
    }
}

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
