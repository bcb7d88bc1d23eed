//! An agent: signs in, answers what rings, says the agent's side.

use std::sync::Arc;
use std::time::Duration;

use client::ClientError;
use client::events::Events;
use client::media::MediaError;
use client::session::Session;
use rand::RngExt;
use rand::rngs::StdRng;
use wire::{CallView, HelpAction, HelpRequest};

use super::{Shared, is_refusal};
use crate::replay::{Outcome, Plan, Side, await_end, replay};

/// Nothing rings for a whole day: the stream is stale, sign in again.
const IDLE_MAX: Duration = Duration::from_secs(24 * 3600);
/// Why agents ask for help.
const REASONS: [&str; 5] = [
    "Refund above my limit",
    "Caller asks for a supervisor",
    "Contract from before 2020, not in the system",
    "Caller is upset about the second delay",
    "Needs a discount that I can’t give",
];
/// How long the caller may take to hang up when the recording is over.
const CALLER_HANGS_UP_WITHIN: Duration = Duration::from_secs(6);

/// From sign-in until the demo closes or something fails.
pub(super) async fn serve(
    shared: &Arc<Shared>,
    pair: usize,
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    let config = &shared.config;
    let account = &config.agents[pair].username;
    let mut session = Session::sign_in(&config.server, account, &config.password).await?;
    let station = session.open_station(&config.station, |_| {}).await?;
    let mut events = session.events().await?;
    let outcome = tokio::select! {
        () = shared.closing.cancelled() => Ok(()),
        () = station.ended() => Err(MediaError::Closed.into()),
        outcome = take_calls(shared, &session, &mut events, rng) => outcome,
    };
    // In order, as far as the server is still there.
    drop(session.not_ready("The demo has ended").await);
    events.close().await;
    session.close_station().await;
    outcome
}

async fn take_calls(
    shared: &Arc<Shared>,
    session: &Session,
    events: &mut Events,
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    session.ready().await?;
    loop {
        let call = events.offered(IDLE_MAX).await?;
        tokio::time::sleep(Duration::from_millis(rng.random_range(1000..2000))).await;
        match session.answer(&call.id).await {
            Ok(()) => talk(shared, session, events, &call, rng).await?,
            Err(error) if is_refusal(&error) => {
                tracing::debug!(%error, "the call was gone before it was answered");
            }
            Err(error) => return Err(error),
        }
    }
}

async fn talk(
    shared: &Shared,
    session: &Session,
    events: &mut Events,
    call: &CallView,
    rng: &mut StdRng,
) -> Result<(), ClientError> {
    // Whoever calls by telephone knows no id of the call's; both know the number.
    let number = call.caller.number.as_deref().unwrap_or_default();
    let plan = shared.plans.get(&call.id).or_else(|| shared.plans.get(number));
    let plan = plan.unwrap_or_else(|| Arc::new(for_visitor(shared, call, rng)));
    let mut outcome = tokio::select! {
        outcome = replay(&plan, Side::Agent, &call.id, session, events) => outcome?,
        error = at_work(&call.id, session, rng), if shared.config.scenes => return Err(error),
    };
    if outcome == Outcome::Finished && plan.caller_hangs_up {
        outcome = await_end(&call.id, session, events, CALLER_HANGS_UP_WITHIN).await?;
    }
    if outcome == Outcome::Finished {
        match session.hang_up(&call.id).await {
            Err(error) if !is_refusal(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// What an agent does besides talking: on some calls a hold, on some a request for help, which is taken back after a
/// while if nobody came. It goes on until the talk is over, or something fails.
async fn at_work(call: &str, session: &Session, rng: &mut StdRng) -> ClientError {
    let work = async {
        pause(rng, 12..40).await;
        if rng.random_bool(0.4) {
            session.hold(call).await?;
            pause(rng, 6..16).await;
            session.resume(call).await?;
            pause(rng, 5..20).await;
        }
        if rng.random_bool(0.35) {
            let reason = REASONS[rng.random_range(0..REASONS.len())];
            session.ask_for_help(call, reason).await?;
            pause(rng, 40..80).await;
            let close = HelpRequest { action: HelpAction::Close, reason: None };
            session.api().help(call, &close).await?;
        }
        Ok::<(), ClientError>(())
    };
    match work.await {
        Err(error) if !is_refusal(&error) => error,
        // A supervisor was faster, or the call is over: its end is the talk's to see.
        _ => std::future::pending().await,
    }
}

async fn pause(rng: &mut StdRng, seconds: std::ops::Range<u64>) {
    let ms = seconds.start * 1_000..seconds.end * 1_000;
    tokio::time::sleep(Duration::from_millis(rng.random_range(ms))).await;
}

/// A visitor called: the agent says its side to whatever is said.
fn for_visitor(shared: &Shared, call: &CallView, rng: &mut StdRng) -> Plan {
    let queue = call.queue.as_deref().unwrap_or_default();
    let fitting = shared.scripts_for(queue);
    let script = fitting[rng.random_range(0..fitting.len())];
    Plan::new(script.clone(), queue.to_owned(), 0, false)
}
