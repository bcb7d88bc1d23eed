//! What users ask of calls: place, answer, supervise, hang up.
//!
//! Each asks the rights first, then the call's worker, and answers once it is done and told.

pub mod dialing;
pub mod error;
pub mod handover;
pub(crate) mod progress;
pub(crate) mod stations;
mod supervision;

use std::sync::Arc;

use interaction::Target;
use interaction::{
    CallId, CallState, Command, LeaveReason, LegId, ModeKind, Permission, QueueId, Refusal,
    StationId, TeamId, Viewer,
};

use crate::error::{Closed, LookupError, NotAllowed, NotFound};
use crate::opening::Opening;
use crate::{Destination, Orchestrator, ShownCall, require};
use accounts::{QueueRef, User, queue_ref, unix_now};
use control_plane::{CallerInfo, NewCall, Pool};
use error::{
    AnswerError, CallError, ChangeLegError, DeclineError, NotOffered, PartError, PlaceError,
};

/// A call that a user wants to place.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The caller's station.
    pub station: StationId,
    /// Where it shall ring.
    pub to: Destination,
    /// Who calls, as the agent will see it.
    pub caller: CallerInfo,
    /// Whether it rings only once the caller can be heard: a telephone's media begin with the answer.
    pub awaits_media: bool,
}

/// What a user wants of a leg of their own.
#[derive(Clone, Debug)]
pub enum LegChange {
    /// A supervisor's mode.
    Mode {
        /// The mode.
        mode: ModeKind,
        /// Whom to coach, by the leg's id outside.
        coach: Option<String>,
        /// The user is sure that everybody shall be told.
        announce: bool,
        /// The revision on which the decision was made.
        revision: Option<u64>,
    },
    /// A caller's or agent's own mute.
    Muted(bool),
    /// An agent's own statement: the microphone hears the loudspeaker.
    Echo(bool),
    /// Another station of the user's carries the leg.
    Station(StationId),
}

/// What is done about help on a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpAction {
    /// The agent asks for it.
    Raise,
    /// A supervisor takes the request up.
    Take,
    /// It is settled, or the agent withdraws it.
    Close,
}

/// A leg of one's own, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegNow {
    /// Its name outside.
    pub leg: String,
    /// A supervisor's mode.
    pub mode: Option<ModeKind>,
    /// The call's revision; supervisors only.
    pub revision: Option<interaction::Revision>,
}

impl Orchestrator {
    /// Places a call: the caller is on it, and it begins to ring as soon as the caller can be heard.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub async fn place(
        &self,
        user: &Arc<User>,
        placement: Placement,
    ) -> Result<ShownCall, PlaceError> {
        require(user, Permission::PlaceCalls)?;
        self.may_begin()?;
        self.own_station(user.id, placement.station)?;
        let (target, queue, teams) = self.destination(user, &placement.to).await?;
        self.check_open(queue.as_ref())?;
        let id = self.inner.media.call_beside(placement.station);
        let settings = &self.inner.settings;
        let chosen = queue.as_ref().map(|queue| settings.queue(queue.id));
        let policy = self.inner.settings.policy();
        let codec = queue.as_ref().and_then(|it| self.inner.queue_codecs.get(&it.key)).copied();
        let new = NewCall {
            id,
            caller: user.clone(),
            info: placement.caller,
            queue,
            teams,
            placed_at: unix_now(),
            dialed_by: None,
            mood: chosen.is_none_or(|it| it.mood),
            tells_place: chosen.is_some_and(|it| it.tell_place),
            state: CallState::new(id, policy.clone()),
        };
        {
            let mut live = self.live();
            self.check_guest(&live, user, Pool::Calls)?;
            self.check_guest(&live, user, Pool::WaitingCalls)?;
            live.handle_opening(new);
        }
        if let Err(error) = self.inner.media.open_call(id, policy, codec).await {
            self.live().handle_opening_failed(id);
            return Err(error.into());
        }
        let join = Command::JoinCaller { user: user.id };
        if let Err(error) = self.command(user, id, join, Some(placement.station)).await {
            self.live().handle_opening_failed(id);
            // Nobody is on it; the worker need not keep it.
            self.clone().command_as_server(id, Command::Hangup).await;
            return Err(error.into());
        }
        metrics::counter!("sotto_calls_placed_total").increment(1);
        let station = placement.station;
        let placed = self.change(|live, now| {
            let placed = match placement.awaits_media {
                true => live.handle_placed(now, id, target, station),
                false => live.handle_placed_at_once(now, id, target),
            };
            match placed {
                Ok(effects) => (Ok(()), effects),
                Err(error) => (Err(error), Vec::new()),
            }
        });
        if placed.is_err() {
            self.clone().command_as_server(id, Command::Hangup).await;
            return Err(PlaceError::LinesBusy);
        }
        // The server may have begun to drain since it was asked; the call is given up then.
        self.may_begin()?;
        Ok(self.call(user, id)?)
    }

    /// The offered agent takes the call.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn answer(
        &self,
        user: &User,
        call: CallId,
        station: StationId,
    ) -> Result<(), AnswerError> {
        require(user, Permission::TakeCalls)?;
        self.own_station(user.id, station)?;
        self.check(user)?;
        let claimed = self.live().handle_claim(call, user);
        let join = match claimed.map_err(|_| self.not_offered(user, call))? {
            Some(handover) => Command::AcceptHandover { user: user.id, handover },
            None => Command::JoinAgent { user: user.id },
        };
        let Err(error) = self.command(user, call, join, Some(station)).await else {
            return Ok(());
        };
        self.change(|live, now| ((), live.handle_claim_failed(now, call, user.id)));
        Err(match error {
            // The request was taken back in that moment.
            CallError::Refused { refusal: Refusal::NoHandover, .. } => NotOffered::Gone.into(),
            other => other.into(),
        })
    }

    /// The offered agent does not take the call.
    ///
    /// # Errors
    /// [`DeclineError`].
    pub fn decline(&self, user: &User, call: CallId) -> Result<(), DeclineError> {
        require(user, Permission::TakeCalls)?;
        self.check(user)?;
        let declined = self.change(|live, now| match live.handle_declined(now, call, user.id) {
            Ok(effects) => (Ok(()), effects),
            Err(error) => (Err(error), Vec::new()),
        });
        Ok(declined.map_err(|_| self.not_offered(user, call))?)
    }

    /// Changes a leg of the user's own; what then holds.
    ///
    /// # Errors
    /// [`ChangeLegError`].
    pub async fn change_leg(
        &self,
        user: &User,
        call: CallId,
        leg: &str,
        change: LegChange,
    ) -> Result<LegNow, ChangeLegError> {
        match change {
            LegChange::Mode { mode, coach, announce, revision } => {
                let wanted = self.set_mode(user, call, leg, (mode, coach, announce, revision));
                self.audited(user, call, mode, mode == ModeKind::Listen, wanted).await
            }
            LegChange::Muted(muted) => {
                let command = |leg| Command::SetMuted { leg, muted };
                Ok(self.change_own_leg(user, call, leg, command, None).await?)
            }
            LegChange::Echo(echo) => {
                let command = |leg| Command::SetEcho { leg, echo };
                Ok(self.change_own_leg(user, call, leg, command, None).await?)
            }
            LegChange::Station(station) => {
                if self.viewer(user, call)? == Viewer::Supervisor {
                    let why = "Supervision can't move to another station. Start again with POST /calls/{id}/legs.";
                    return Err(NotAllowed(why).into());
                }
                self.own_station(user.id, station)?;
                let command = |leg| Command::MoveLeg { leg };
                let moved = self.change_own_leg(user, call, leg, command, Some(station)).await?;
                self.change(|live, now| ((), live.handle_moved(now, call, user.id, station)));
                self.inner.followers.leg_moved(call, user.id, station);
                Ok(moved)
            }
        }
    }

    async fn change_own_leg(
        &self,
        user: &User,
        call: CallId,
        leg: &str,
        command: impl FnOnce(LegId) -> Command,
        station: Option<StationId>,
    ) -> Result<LegNow, CallError> {
        let viewer = self.viewer(user, call)?;
        let leg = self.find_leg(viewer, call, leg)?;
        let reply = self.command(user, call, command(leg), station).await?;
        Ok(self.leg_now(viewer, &reply.state, leg)?)
    }

    /// Takes a leg of the user's own out of the call.
    ///
    /// # Errors
    /// No such call or leg, or somebody else's leg.
    pub async fn leave(&self, user: &User, call: CallId, leg: &str) -> Result<(), CallError> {
        let viewer = self.viewer(user, call)?;
        let leg = self.find_leg(viewer, call, leg)?;
        let command = Command::Leave { leg, reason: LeaveReason::HungUp };
        self.command(user, call, command, None).await.map(drop)
    }

    /// A caller or agent hangs up. The caller's and the last agent's ends the call.
    ///
    /// # Errors
    /// No such call, or the user is no party of it.
    pub async fn hang_up(&self, user: &User, call: CallId) -> Result<(), PartError> {
        self.leave_for(user, call, LeaveReason::HungUp).await
    }

    /// The same for a caller or agent of whom nothing is heard, told by whoever holds their line.
    ///
    /// # Errors
    /// As [`Self::hang_up`].
    pub async fn lose(&self, user: &User, call: CallId) -> Result<(), PartError> {
        self.leave_for(user, call, LeaveReason::Lost).await
    }

    async fn leave_for(
        &self,
        user: &User,
        call: CallId,
        reason: LeaveReason,
    ) -> Result<(), PartError> {
        let leg = match self.viewer(user, call)? {
            Viewer::Supervisor => {
                let why =
                    "You are no party of this call. To stop supervising, delete your own leg.";
                return Err(NotAllowed(why).into());
            }
            Viewer::Agent(None) => {
                return Err(NotAllowed("You are not on this call. Decline it instead.").into());
            }
            Viewer::Agent(Some(leg)) => leg,
            Viewer::Caller => self.own_leg(user, call)?,
        };
        let command = Command::Leave { leg, reason };
        self.command(user, call, command, None).await?;
        Ok(())
    }

    /// Parts caller and agents, or brings them together.
    ///
    /// # Errors
    /// No such call, or the user is no agent on it.
    pub async fn hold(&self, user: &User, call: CallId, held: bool) -> Result<(), PartError> {
        match self.viewer(user, call)? {
            Viewer::Agent(Some(_)) => {
                self.command(user, call, Command::SetHeld { held }, None).await?;
                Ok(())
            }
            _ => Err(NotAllowed("Only an agent on the call can hold and resume it.").into()),
        }
    }

    /// An agent asks for help; a supervisor takes the request up; either closes it.
    ///
    /// # Errors
    /// No such call, it is not the user's to do, or the call refuses.
    pub async fn help(
        &self,
        user: &User,
        call: CallId,
        action: HelpAction,
        reason: Option<String>,
    ) -> Result<(), PartError> {
        let viewer = self.viewer(user, call)?;
        let command = match (action, viewer) {
            (HelpAction::Raise, Viewer::Agent(Some(_))) if !self.has_help(call) => {
                return Err(NotAllowed("Asking for help is switched off for this queue.").into());
            }
            (HelpAction::Raise, Viewer::Agent(Some(leg))) => Command::RequestHelp { leg, reason },
            (HelpAction::Raise, _) => {
                return Err(NotAllowed("Only an agent on the call can ask for help.").into());
            }
            (HelpAction::Take, Viewer::Supervisor) => {
                self.live().learn(call, user);
                Command::TakeHelp { user: user.id }
            }
            (HelpAction::Take, _) => {
                return Err(NotAllowed("Only a supervisor can take on a help request.").into());
            }
            (HelpAction::Close, Viewer::Supervisor | Viewer::Agent(Some(_))) => Command::CloseHelp,
            (HelpAction::Close, _) => {
                return Err(NotAllowed("Only the call's staff can close a help request.").into());
            }
        };
        self.command(user, call, command, None).await?;
        Ok(())
    }

    /// Where a call goes: its target, its queue, and the teams who may see it.
    async fn destination(
        &self,
        user: &User,
        to: &Destination,
    ) -> Result<(Target, Option<QueueRef>, Vec<TeamId>), PlaceError> {
        match to {
            Destination::Queue(key) => {
                let queue = self.queue_for(user, key).await?;
                let (target, team) = (Target::Queue(queue.id), queue.team);
                Ok((target, Some(queue), vec![team]))
            }
            Destination::Agent(_) if user.is_guest() => {
                Err(NotAllowed("A guest calls a queue, not an agent.").into())
            }
            Destination::Agent(id) | Destination::Line(id) => {
                let id = *id;
                let live = self.live();
                let agent = live.agent(id).ok_or(NotFound("agent"))?;
                Ok((Target::Agent(id), None, agent.teams.clone()))
            }
        }
    }

    /// A queue that the user may come to.
    pub(crate) async fn queue_for(&self, user: &User, key: &str) -> Result<QueueRef, LookupError> {
        let mut queues = self.stored_queues().await?.into_iter();
        let queue = queues.find(|it| it.key == key && (it.open_to_guests || !user.is_guest()));
        Ok(queue.map(queue_ref).ok_or(NotFound("queue"))?)
    }

    /// Whether a queue takes who comes from outside at this moment.
    pub fn opening(&self, queue: QueueId) -> Opening {
        self.inner.settings.opening(queue, unix_now())
    }

    /// Refuses who comes to a queue that is closed.
    pub(crate) fn check_open(&self, queue: Option<&QueueRef>) -> Result<(), Closed> {
        match queue.map_or(Opening::Open, |queue| self.opening(queue.id)) {
            Opening::Open => Ok(()),
            Opening::Closed { opens_at } => Err(Closed { opens_at }),
        }
    }

    /// 404 for a call that is none of the agent's business, else "no longer rings here".
    fn not_offered(&self, user: &User, call: CallId) -> NotOffered {
        let live = self.live();
        let went_to = |queue: QueueId| {
            let live = live.live_call(call);
            live.is_some_and(|live| live.participants.queue_of(queue).is_some())
        };
        let known = live.seen(user, call).is_some() || user.queues.iter().any(|it| went_to(it.id));
        if known { NotOffered::Gone } else { NotFound("call").into() }
    }

    /// Whether the call's queue has help requests switched on.
    fn has_help(&self, call: CallId) -> bool {
        let live = self.live();
        let queue = live.live_call(call).and_then(|record| record.queue.as_ref());
        queue.is_none_or(|queue| self.inner.settings.queue(queue.id).help)
    }

    fn own_leg(&self, user: &User, call: CallId) -> Result<LegId, NotFound> {
        let live = self.live();
        let record = live.live_call(call).ok_or(NotFound("call"))?;
        record.state.leg_of(user.id).map(|leg| leg.id).ok_or(NotFound("leg"))
    }

    fn find_leg(&self, viewer: Viewer, call: CallId, name: &str) -> Result<LegId, NotFound> {
        let live = self.live();
        let record = live.live_call(call).ok_or(NotFound("call"))?;
        let leg = live.leg_names().find(&record.state, viewer, name);
        leg.map(|leg| leg.id).ok_or(NotFound("leg"))
    }

    fn leg_now(&self, viewer: Viewer, state: &CallState, id: LegId) -> Result<LegNow, NotFound> {
        let leg = state.leg(id).ok_or(NotFound("leg"))?;
        Ok(LegNow {
            leg: self.live().leg_names().name(state.id(), viewer, leg),
            mode: leg.mode().map(|mode| mode.kind()),
            revision: (viewer == Viewer::Supervisor).then_some(state.revision()),
        })
    }
}
