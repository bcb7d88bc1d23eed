//! Calls that agents make to the telephone network. The telephone side finds a trunk, and calls; what becomes of
//! it is told here.
//!
//! Whoever is called is a caller like any other: a guest without a page, on a station of a telephone.

use std::sync::Arc;

use accounts::{User, unix_now};
use control_plane::{CallEnd, CallerInfo, NewCall, NotReached, Pool};
use interaction::{CallId, CallState, Command, DialedNumber, Permission, StationId};
use tokio::sync::{mpsc, oneshot};

use crate::{DialRefusal, Error, Orchestrator, ShownCall, require};

/// Numbers that may wait for the telephone side; one more is refused.
const DIALS_MAX: usize = 64;

/// A number that an agent wants to be called; the telephone side answers.
#[derive(Debug)]
pub struct Dial {
    /// The agent.
    pub agent: Arc<User>,
    /// The agent's station.
    pub station: StationId,
    /// The number.
    pub number: DialedNumber,
    /// The call, which the agent is on, or why there is none.
    pub reply: oneshot::Sender<Result<CallId, Error>>,
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
    /// No right, no such station, or the station is busy; [`Error::NotDialed`]; the server drains or is full.
    pub async fn dial(
        &self,
        user: &Arc<User>,
        station: StationId,
        number: DialedNumber,
    ) -> Result<ShownCall, Error> {
        require(user, Permission::TakeCalls)?;
        self.may_begin()?;
        let refused = Error::NotDialed(DialRefusal::NotAllowed);
        let dialer = self.inner.dialer.get().ok_or(refused.clone())?;
        number.allowed_by(&dialer.prefixes).ok_or(refused)?;
        self.own_station(user.id, station)?;
        self.check(user)?;
        let (reply, called) = oneshot::channel();
        let dial = Dial { agent: user.clone(), station, number, reply };
        dialer.dials.try_send(dial).map_err(|_| Error::NotDialed(DialRefusal::TooMany))?;
        // Without an answer the telephone side has ended, as the server does.
        let call = called.await.map_err(|_| Error::Draining)??;
        self.call(user, call)
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
    ) -> Result<CallId, Error> {
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
            state: CallState::new(id, policy.clone()),
        };
        {
            let mut live = self.live();
            self.check_guest(&live, callee, Pool::Calls)?;
            let teams = live.agent(agent.id).map(|it| it.teams.clone()).unwrap_or_default();
            let busy = |_| Error::NotDialed(DialRefusal::AgentBusy);
            live.handle_dialing(new(teams), agent).map_err(busy)?;
        }
        if let Err(error) = self.inner.media.open_call(id, policy.clone()).await {
            self.live().handle_opening_failed(id);
            return Err(error.into());
        }
        let join = Command::JoinAgent { user: agent.id };
        if let Err(error) = self.command(agent, id, join, Some(station)).await {
            self.live().handle_opening_failed(id);
            // Nobody is on it; the worker need not keep it.
            self.clone().command_as_server(id, Command::Hangup).await;
            return Err(error);
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
    ) -> Result<(), Error> {
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
