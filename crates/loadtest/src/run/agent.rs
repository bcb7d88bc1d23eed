//! An agent: is ready, answers when the plan says so, and stays until the call is over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::ClientError;
use client::events::Events;
use client::session::Session;
use wire::Event;

use super::environment::Environment;
use super::party::Party;
use super::placed::Placed;
use crate::measure::routes::Role;

/// Nothing rings for a whole day.
const IDLE_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long the other side may take to hang up when the call's time is over.
const OTHERS_HANG_UP_WITHIN: Duration = Duration::from_secs(10);

/// From being ready until the run closes.
pub(super) async fn serve(environment: Arc<Environment>, agent: Party) {
    let name = agent.session.user().name.clone();
    if let Err(error) = take_calls(&environment, &agent).await {
        environment.book.doubt(format!("agent {name} dropped out: {error}"));
    }
    // In order, as far as the server is still there.
    drop(agent.session.not_ready("The load test has ended").await);
    agent.close(&environment.book).await;
}

async fn take_calls(environment: &Environment, agent: &Party) -> Result<(), ClientError> {
    let session = &agent.session;
    let mut events = session.events().await?;
    session.ready().await?;
    environment.at_work.add_permits(1);
    loop {
        let call = tokio::select! {
            () = environment.closing.cancelled() => break,
            call = events.offered(IDLE_MAX) => call?,
        };
        match environment.calls.find(&call).await {
            Some(placed) => {
                agent.speak(true);
                let outcome = take(environment, agent, &mut events, (&call.id, &placed)).await;
                agent.speak(false);
                outcome?;
            }
            None => pass_on(session, &call.id).await?,
        }
        session.ready().await?;
    }
    events.close().await;
    Ok(())
}

async fn take(
    environment: &Environment,
    agent: &Party,
    events: &mut Events,
    (call, placed): (&str, &Placed),
) -> Result<(), ClientError> {
    let Some(answer_after) = placed.plan.answer_after else {
        return offer_ends(environment, events, call).await;
    };
    tokio::time::sleep(answer_after).await;
    environment.book.answering(placed.caller, agent.id, Instant::now());
    match agent.session.answer(call).await {
        Ok(()) => {}
        Err(ClientError::Problem(_)) => {
            environment.book.not_answered(placed.caller, agent.id, Instant::now());
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    let now = Instant::now();
    let pair = (placed.caller, agent.id);
    environment.book.answered(placed.plan.number, pair, placed.at, now);
    _ = placed.agent.set(agent.id);
    placed.answered.cancel();
    let outcome = talk(environment, &agent.session, events, (call, placed)).await;
    environment.book.ended(placed.plan.number, Instant::now());
    placed.over.cancel();
    outcome
}

async fn talk(
    environment: &Environment,
    session: &Session,
    events: &mut Events,
    (call, placed): (&str, &Placed),
) -> Result<(), ClientError> {
    let began = tokio::time::Instant::now();
    let patience = match placed.plan.hangs_up {
        Role::Agent => Duration::ZERO,
        Role::Caller | Role::Supervisor => OTHERS_HANG_UP_WITHIN,
    };
    let end = began + placed.plan.hold + patience;
    let mut help = placed.plan.help.clone();
    loop {
        let help_at = help.as_ref().map_or(end, |(after, _)| began + *after);
        tokio::select! {
            event = events.next() => match event?.ok_or(ClientError::EventsEnded)?.event {
                Event::CallEnded { call: ended } if ended.id == call => return Ok(()),
                _ => {}
            },
            () = tokio::time::sleep_until(help_at), if help.is_some() => {
                if let Some((_, reason)) = help.take() {
                    tolerate(session.ask_for_help(call, &reason).await)?;
                }
            }
            () = tokio::time::sleep_until(end) => {
                environment.book.hanging_up(placed.plan.number, Instant::now());
                return tolerate(session.hang_up(call).await);
            }
        }
    }
}

/// An agent who lets it ring.
async fn offer_ends(
    environment: &Environment,
    events: &mut Events,
    call: &str,
) -> Result<(), ClientError> {
    let over = events.find("the end of an offer", IDLE_MAX, |envelope| match envelope.event {
        Event::CallOfferEnded { call: ended } => (ended == call).then_some(()),
        _ => None,
    });
    tokio::select! {
        () = environment.closing.cancelled() => Ok(()),
        over = over => over,
    }
}

async fn pass_on(session: &Session, call: &str) -> Result<(), ClientError> {
    tolerate(session.decline(call).await)
}

/// A refusal means that the call has moved on.
fn tolerate(outcome: Result<(), ClientError>) -> Result<(), ClientError> {
    match outcome {
        Err(ClientError::Problem(_)) => Ok(()),
        other => other,
    }
}
