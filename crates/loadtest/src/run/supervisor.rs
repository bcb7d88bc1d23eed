//! A supervisor: goes from call to call, and in each through the modes of the script.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use client::ClientError;
use client::events::Events;
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinHandle;
use wire::{Event, Mode};

use super::environment::Environment;
use super::party::Party;
use super::placed::Placed;
use crate::measure::book::Book;
use crate::measure::routes::{CallNumber, ModeName, PartyId};
use crate::scenario::PlannedSupervisor;

/// A supervisor with a station, who reads events.
pub struct Supervisor {
    party: Party,
    queues: HashSet<String>,
    post: Arc<Mutex<Option<Post>>>,
    reading: JoinHandle<()>,
}

/// Where a supervisor is, as the server has acknowledged it.
#[derive(Debug, Clone)]
struct Post {
    call: String,
    number: CallNumber,
    mode: ModeName,
}

impl Supervisor {
    /// Begins to read events.
    pub async fn new(environment: &Environment, party: Party) -> Result<Self, ClientError> {
        let events = party.session.events().await?;
        let user = party.session.user();
        let queues = user.queues.iter().map(|queue| queue.id.clone()).collect();
        let post = Arc::new(Mutex::new(None));
        let reader = Reader {
            user: user.id.clone(),
            party: party.id,
            post: post.clone(),
            book: environment.book.clone(),
        };
        Ok(Self { party, queues, post, reading: tokio::spawn(reader.read(events)) })
    }

    /// Closes the station.
    pub async fn leave(self, book: &Book) {
        self.reading.abort();
        self.party.close(book).await;
    }

    /// Notes where the supervisor is; where they were before.
    fn is_at(&self, post: Option<Post>) -> Option<Post> {
        std::mem::replace(&mut *self.post.lock().unwrap_or_else(PoisonError::into_inner), post)
    }
}

/// The supervisors of a run who have nothing to do.
pub struct Supervisors {
    free: AsyncMutex<Vec<Supervisor>>,
}

impl Supervisors {
    /// All of them, before the first call.
    pub fn new(all: Vec<Supervisor>) -> Self {
        Self { free: AsyncMutex::new(all) }
    }

    /// Closes the stations of those who are free.
    pub async fn leave(&self, book: &Book) {
        let all = std::mem::take(&mut *self.free.lock().await);
        for supervisor in all {
            supervisor.leave(book).await;
        }
    }

    /// One who supervises this queue, if there is one.
    async fn take(&self, queue: &str) -> Option<Supervisor> {
        let mut free = self.free.lock().await;
        let fitting = free.iter().position(|it| it.queues.contains(queue))?;
        Some(free.swap_remove(fitting))
    }
}

/// Supervises one call as planned, with a supervisor of its queue who is free.
pub(super) async fn supervise(
    environment: Arc<Environment>,
    supervisors: Arc<Supervisors>,
    placed: Arc<Placed>,
    plan: PlannedSupervisor,
) {
    tokio::select! {
        () = placed.over.cancelled() => return,
        () = tokio::time::sleep(plan.joins_after) => {}
    }
    let Some(known) = placed.known.get() else {
        tracing::info!(call = placed.plan.number, "somebody else's agent answered it");
        return;
    };
    let Some(supervisor) = supervisors.take(&known.queue).await else {
        tracing::info!(call = placed.plan.number, "no supervisor of this queue is free");
        return;
    };
    supervisor.party.speak(true);
    let visit = Visit {
        environment: &environment,
        supervisor: &supervisor,
        placed: &placed,
        call: &known.id,
    };
    if let Err(error) = go_through(&visit, &plan).await {
        tracing::info!(call = placed.plan.number, %error, "supervision ended early");
    }
    supervisor.party.speak(false);
    supervisor.is_at(None);
    supervisors.free.lock().await.push(supervisor);
}

async fn go_through(visit: &Visit<'_>, plan: &PlannedSupervisor) -> Result<(), ClientError> {
    let Visit { environment, supervisor, placed, call } = visit;
    let session = &supervisor.party.session;
    let listening = visit.change(Some(ModeName::Listen), session.listen(call)).await?;
    let leg = listening.leg;
    let joined = tokio::time::Instant::now();
    let mut mode = Mode::Listen;
    for (since, wanted) in &plan.steps {
        tokio::select! {
            () = placed.over.cancelled() => return Ok(()),
            () = environment.closing.cancelled() => break,
            () = tokio::time::sleep_until(joined + *since) => {}
        }
        if *wanted != mode {
            let asked = session.set_mode(call, &leg, *wanted);
            visit.change(Some(named(*wanted)), asked).await?;
            mode = *wanted;
        }
    }
    tokio::select! {
        () = placed.over.cancelled() => return Ok(()),
        () = environment.closing.cancelled() => {}
    }
    visit.change(None, session.stop(call, &leg)).await
}

/// A supervisor's time on a call.
struct Visit<'a> {
    environment: &'a Environment,
    supervisor: &'a Supervisor,
    placed: &'a Placed,
    /// The call's id at the server.
    call: &'a str,
}

impl Visit<'_> {
    /// Asks for a change and writes down what came of it.
    async fn change<T>(
        &self,
        mode: Option<ModeName>,
        request: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let (book, number) = (&self.environment.book, self.placed.plan.number);
        let party = self.supervisor.party.id;
        let asked = Instant::now();
        book.asks_for(number, party, mode, asked);
        // What the server does now it was asked for.
        let before = self.supervisor.is_at(None);
        let outcome = request.await;
        match &outcome {
            Ok(_) => {
                let call = self.call.to_owned();
                self.supervisor.is_at(mode.map(|mode| Post { call, number, mode }));
                book.has(number, party, mode, asked, Instant::now());
            }
            // The call ended meanwhile, so nothing was refused.
            Err(ClientError::Problem(problem))
                if problem.status == 404 || problem.status == 410 =>
            {
                let mut tally = book.tally();
                tally.counts.changes_asked = tally.counts.changes_asked.saturating_sub(1);
            }
            Err(_) => {
                self.supervisor.is_at(before);
                book.refused(number, party, mode, Instant::now());
            }
        }
        outcome
    }
}

/// Reads a supervisor's events: the server may take them back to Listen by itself.
struct Reader {
    user: String,
    party: PartyId,
    post: Arc<Mutex<Option<Post>>>,
    book: Book,
}

impl Reader {
    async fn read(self, mut events: Events) {
        loop {
            match events.next().await {
                Ok(Some(envelope)) => self.take(&envelope.event),
                Ok(None) | Err(_) => {
                    self.book.doubt("a supervisor's event stream ended");
                    return;
                }
            }
        }
    }

    fn take(&self, event: &Event) {
        let Event::SupervisionModeChanged { call, leg, .. } = event else { return };
        if leg.user != self.user || leg.mode != Some(Mode::Listen) {
            return;
        }
        let post = self.post.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(post) = post.filter(|it| it.call == call.id && it.mode != ModeName::Listen) {
            self.book.fell_back(post.number, self.party, Instant::now());
        }
    }
}

fn named(mode: Mode) -> ModeName {
    match mode {
        Mode::Listen => ModeName::Listen,
        Mode::Whisper => ModeName::Whisper,
        Mode::Barge => ModeName::Barge,
        Mode::TakeOver => ModeName::TakeOver,
    }
}
