//! Calls that agents make to the telephone network. The telephone side finds a trunk, and calls; what becomes of
//! it is told here.
//!
//! Whoever is called is a caller like any other: a guest without a page, on a station of a telephone.

use std::sync::Arc;

use accounts::{User, unix_now};
use control_plane::{
    Adding, AddingProgress, CallEnd, CallerInfo, LiveState, NewCall, NotReached, Pool,
};
use interaction::{
    CallId, CallState, Command, DialedNumber, LegId, Permission, Refusal, StationId,
};
use tokio::sync::{mpsc, oneshot};

use super::error::{
    AddNumberError, CallError, CallNumberError, DialError, DialRefusal, NotItsAgent,
};
use crate::drain::Draining;
use crate::error::NotFound;
use crate::{Orchestrator, ShownCall, lock, require};

/// Numbers that may wait for the telephone side; one more is refused.
const DIALS_MAX: usize = 64;

/// What a number is called for.
#[derive(Debug)]
pub enum DialPurpose {
    /// A call of its own, on this station of the agent's.
    Call(StationId),
    /// To join a call that goes on.
    Join(DialedIn),
}

/// A call that somebody outside is called to.
#[derive(Debug)]
pub struct DialedIn {
    /// The call.
    pub call: CallId,
    /// The leg of the agent who calls.
    pub by: LegId,
    /// The agent leaves the call to the two then.
    pub transfer: bool,
    /// Ends when the agent takes it back.
    pub wanted: oneshot::Receiver<()>,
}

/// A number that an agent wants to be called; the telephone side answers.
#[derive(Debug)]
pub struct Dial {
    /// The agent.
    pub agent: Arc<User>,
    /// The number.
    pub number: DialedNumber,
    /// What it is for.
    pub purpose: DialPurpose,
    /// The call, which the agent is on, or why there is none.
    pub reply: oneshot::Sender<Result<CallId, DialError>>,
}

/// Who calls numbers, and which.
#[derive(Debug)]
pub(crate) struct Dialer {
    dials: mpsc::Sender<Dial>,
    prefixes: Vec<String>,
}

impl Orchestrator {
    /// From now on whoever holds the receiver calls numbers that begin with one of these prefixes. `None`: somebody
    /// does so already.
    pub fn serve_dials(&self, prefixes: Vec<String>) -> Option<mpsc::Receiver<Dial>> {
        let (dials, receiver) = mpsc::channel(DIALS_MAX);
        self.inner.dialer.set(Dialer { dials, prefixes }).ok().map(|()| receiver)
    }

    /// The prefixes of the numbers that agents may call; none: there are none.
    pub fn dialed_prefixes(&self) -> &[String] {
        self.inner.dialer.get().map_or(&[], |it| &it.prefixes)
    }

    /// An agent calls a number. The agent is on the call at once, whoever is called once they take it.
    ///
    /// # Errors
    /// [`CallNumberError`].
    pub async fn dial(
        &self,
        user: &Arc<User>,
        station: StationId,
        number: DialedNumber,
    ) -> Result<ShownCall, CallNumberError> {
        require(user, Permission::TakeCalls)?;
        self.may_begin()?;
        self.own_station(user.id, station)?;
        self.check(user)?;
        let call = self.order_dial(user, number, DialPurpose::Call(station)).await?;
        Ok(self.call(user, call)?)
    }

    /// An agent calls somebody outside to a call that goes on: they join it once they take it, and with `transfer` the
    /// agent leaves it to the two then.
    ///
    /// # Errors
    /// [`AddNumberError`]; [`DialRefusal::AgentBusy`], too, if somebody is being called to it already.
    pub async fn dial_in(
        &self,
        user: &Arc<User>,
        call: CallId,
        (number, transfer): (DialedNumber, bool),
    ) -> Result<ShownCall, AddNumberError> {
        require(user, Permission::TakeCalls)?;
        self.may_begin()?;
        self.check(user)?;
        let by = self.own_agent_leg(user, call)?;
        self.not_taken_over(call)?;
        let adding = Adding {
            by: user.id,
            number: number.to_string(),
            transfer,
            progress: AddingProgress::Calling,
        };
        let begun = self.change(|live, now| match talks(live, call, by) {
            true => live.handle_adding(now, call, adding),
            false => (false, Vec::new()),
        });
        if !begun {
            return Err(DialRefusal::AgentBusy.into());
        }
        let (want, wanted) = oneshot::channel();
        lock(&self.inner.dialed_in).insert(call, want);
        let purpose = DialPurpose::Join(DialedIn { call, by, transfer, wanted });
        let ordered = self.order_dial(user, number, purpose).await;
        if ordered.is_err() {
            self.dialed_in(call, None);
        }
        ordered?;
        Ok(self.call(user, call)?)
    }

    /// While a supervisor has taken the call over, the agent brings nobody to it.
    fn not_taken_over(&self, call: CallId) -> Result<(), CallError> {
        let live = self.live();
        let state = live.live_call(call).map(|it| &it.state);
        match state.is_some_and(|it| it.taken_over_by().is_some()) {
            true => Err(CallError::Refused { refusal: Refusal::TakenOver, call: None }),
            false => Ok(()),
        }
    }

    /// Whether the user is somebody who may call somebody outside to the call.
    ///
    /// # Errors
    /// No such call, or the user is no agent on it.
    pub fn may_dial_in(&self, user: &User, call: CallId) -> Result<(), NotItsAgent> {
        self.own_agent_leg(user, call).map(drop)
    }

    /// The agent takes back that somebody outside is called to the call.
    ///
    /// # Errors
    /// No such call, the user is no agent on it, or nobody is being called.
    pub fn stop_dialing_in(&self, user: &User, call: CallId) -> Result<(), NotItsAgent> {
        self.own_agent_leg(user, call)?;
        let wanted = lock(&self.inner.dialed_in).remove(&call);
        wanted.map(drop).ok_or(NotFound("request"))?;
        self.dialed_in(call, None);
        Ok(())
    }

    /// How far it is with whoever is called to a call; `None`: nobody is any more.
    pub fn dialed_in(&self, call: CallId, progress: Option<AddingProgress>) {
        if !progress.is_some_and(AddingProgress::is_open) {
            lock(&self.inner.dialed_in).remove(&call);
        }
        self.change(|live, now| ((), live.handle_added(now, call, progress)));
    }

    /// Whoever was called to a call has taken it, on this station.
    ///
    /// # Errors
    /// The call is over, or the agent who called is not on it any more.
    pub async fn join_dialed_in(
        &self,
        callee: &User,
        (call, by, transfer): (CallId, LegId, bool),
        station: StationId,
    ) -> Result<(), CallError> {
        self.own_station(callee.id, station)?;
        self.live().learn(call, callee);
        let join = Command::JoinOutside { user: callee.id, by, transfer };
        self.command(callee, call, join, Some(station)).await?;
        self.dialed_in(call, None);
        Ok(())
    }

    /// Returns once this agent's leg does not talk with the call's caller any more, or a supervisor does so in
    /// their stead.
    pub async fn talks_no_more(&self, call: CallId, by: LegId) {
        let mut changes = self.inner.reached.subscribe();
        while talks(&self.live(), call, by) {
            // Without anybody who tells of changes the server has stopped.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn order_dial(
        &self,
        user: &Arc<User>,
        number: DialedNumber,
        purpose: DialPurpose,
    ) -> Result<CallId, DialError> {
        let dialer = self.inner.dialer.get().ok_or(DialRefusal::NotAllowed)?;
        number.allowed_by(&dialer.prefixes).ok_or(DialRefusal::NotAllowed)?;
        let (reply, called) = oneshot::channel();
        let dial = Dial { agent: user.clone(), number, purpose, reply };
        dialer.dials.try_send(dial).map_err(|_| DialRefusal::TooMany)?;
        // Without an answer the telephone side has ended, as the server does.
        called.await.map_err(|_| Draining)?
    }

    /// Begins the call of an agent's: the agent is on it.
    ///
    /// # Errors
    /// The agent's station is busy or gone, the agent is, or there is no room.
    pub async fn open_dialed(
        &self,
        (agent, station): (&Arc<User>, StationId),
        callee: &Arc<User>,
        info: CallerInfo,
    ) -> Result<CallId, DialError> {
        self.may_begin()?;
        let id = self.inner.media.call_beside(station);
        let policy = self.inner.settings.policy();
        let new = |teams| NewCall {
            id,
            caller: callee.clone(),
            info,
            queue: None,
            teams,
            placed_at: unix_now(),
            dialed_by: Some(agent.id),
            mood: true,
            tells_place: false,
            state: CallState::new(id, policy.clone()),
        };
        {
            let mut live = self.live();
            self.check_guest(&live, callee, Pool::Calls)?;
            let teams = live.agent(agent.id).map(|it| it.teams.clone()).unwrap_or_default();
            let busy = |_| DialRefusal::AgentBusy;
            live.handle_dialing(new(teams), agent).map_err(busy)?;
        }
        if let Err(error) = self.inner.media.open_call(id, policy.clone(), None).await {
            self.live().handle_opening_failed(id);
            return Err(error.into());
        }
        let join = Command::JoinAgent { user: agent.id };
        if let Err(error) = self.command(agent, id, join, Some(station)).await {
            self.live().handle_opening_failed(id);
            // Nobody is on it; the worker need not keep it.
            self.clone().command_as_server(id, Command::Hangup).await;
            return Err(error.into());
        }
        metrics::counter!("sotto_calls_dialed_total").increment(1);
        Ok(id)
    }

    /// It rings where the agent has called.
    pub fn dialed_rings(&self, call: CallId) {
        self.change(|live, now| ((), live.handle_dialed_rings(now, call)));
    }

    /// Whoever was called has taken the call, on this station.
    ///
    /// # Errors
    /// It is over, as the agent has hung up.
    pub async fn dialed_taken(
        &self,
        callee: &User,
        call: CallId,
        station: StationId,
    ) -> Result<(), CallError> {
        self.own_station(callee.id, station)?;
        let join = Command::JoinCaller { user: callee.id };
        self.command(callee, call, join, Some(station)).await.map(drop)
    }

    /// Nobody takes it where the agent has called: the call ends.
    pub fn dialed_in_vain(&self, call: CallId, why: NotReached) {
        let end = CallEnd::NotReached(why).name();
        metrics::counter!("sotto_calls_not_reached_total", "why" => end).increment(1);
        self.change(|live, _| ((), live.handle_not_reached(call, why)));
    }
}

/// Whether this agent's leg talks with the call's caller.
fn talks(live: &LiveState, call: CallId, by: LegId) -> bool {
    let state = live.live_call(call).map(|it| &it.state);
    state.is_some_and(|it| {
        // Whose call is taken over brings nobody to it, whom they have called before neither.
        let directs = it.caller().is_some() && it.taken_over_by().is_none();
        directs && it.talking_agents().any(|leg| leg.id == by)
    })
}
