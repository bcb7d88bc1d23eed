//! What users ask of calls: place, answer, supervise, hang up.
//!
//! Each asks the rights first, then the call's worker, and answers once it is done and told.

pub mod dialing;
pub mod handover;
pub(crate) mod progress;
pub(crate) mod stations;

use std::sync::Arc;

use interaction::Target;
use interaction::{
    CallId, CallState, Command, LeaveReason, LegId, ModeKind, Permission, QueueId, Refusal,
    StationId, TeamId, Viewer,
};

use crate::opening::Opening;
use crate::{Destination, Error, NotBegun, Orchestrator, ShownCall, require};
use accounts::{QueueRef, User, queue_ref, unix_now};
use control_plane::{CallerInfo, NewCall, Pool, Subject};

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
    /// No right, no such station, queue or agent, the station is busy, no room, none for guests, or
    /// the server drains.
    pub async fn place(&self, user: &Arc<User>, placement: Placement) -> Result<ShownCall, Error> {
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
            return Err(error);
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
            return Err(Error::LinesBusy);
        }
        // The server may have begun to drain since it was asked; the call is given up then.
        self.may_begin()?;
        self.call(user, id)
    }

    /// The offered agent takes the call.
    ///
    /// # Errors
    /// No right, no such call or station, it does not ring here, the station is busy.
    pub async fn answer(&self, user: &User, call: CallId, station: StationId) -> Result<(), Error> {
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
            Error::Refused { refusal: Refusal::NoHandover, .. } => Error::OfferGone,
            other => other,
        })
    }

    /// The offered agent does not take the call.
    ///
    /// # Errors
    /// No right, no such call, it does not ring here.
    pub fn decline(&self, user: &User, call: CallId) -> Result<(), Error> {
        require(user, Permission::TakeCalls)?;
        self.check(user)?;
        let declined = self.change(|live, now| match live.handle_declined(now, call, user.id) {
            Ok(effects) => (Ok(()), effects),
            Err(error) => (Err(error), Vec::new()),
        });
        declined.map_err(|_| self.not_offered(user, call))
    }

    /// Begins to supervise, in Listen.
    ///
    /// # Errors
    /// No such call, no right, another mode than Listen, or the call refuses.
    pub async fn supervise(
        &self,
        user: &User,
        call: CallId,
        station: StationId,
        mode: ModeKind,
    ) -> Result<LegNow, Error> {
        let begin = async {
            self.may_supervise(user, call)?;
            if mode != ModeKind::Listen {
                return Err(Error::NotListen(Box::new(self.call(user, call)?)));
            }
            self.own_station(user.id, station)?;
            self.live().learn(call, user);
            let rights = user.permissions.rights();
            let command = Command::Supervise { user: user.id, rights };
            let begun = self.command(user, call, command, Some(station));
            self.in_sight(user, Subject::Call(call), begun).await
        };
        let reply = self.audited(user, call, mode, false, begin).await?;
        let leg = reply.applied.joined.ok_or(Error::Bug("supervision made no leg"))?;
        self.leg_now(Viewer::Supervisor, &reply.state, leg)
    }

    /// Begins to supervise, which belongs to a sign-in that has an event stream, and ends with the
    /// last one of it.
    pub(crate) async fn in_sight<T>(
        &self,
        user: &User,
        what: Subject,
        begin: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let before = {
            let mut live = self.live();
            self.check(user)?;
            let sign_in = user.authority.sign_in().filter(|it| live.has_stream(user.id, it.id));
            let sign_in = sign_in.ok_or(NotBegun::NoEventStream)?;
            live.handle_supervision_beginning(what, user.id, sign_in.id)
        };
        let begun = begin.await;
        if begun.is_err() {
            self.live().handle_supervision_failed(what, user.id, before);
        }
        begun
    }

    /// Changes a leg of the user's own; what then holds.
    ///
    /// # Errors
    /// No such call or leg, somebody else's leg, no right, or the call refuses.
    pub async fn change_leg(
        &self,
        user: &User,
        call: CallId,
        leg: &str,
        change: LegChange,
    ) -> Result<LegNow, Error> {
        match change {
            LegChange::Mode { mode, coach, announce, revision } => {
                let wanted = self.set_mode(user, call, leg, (mode, coach, announce, revision));
                self.audited(user, call, mode, mode == ModeKind::Listen, wanted).await
            }
            LegChange::Muted(muted) => {
                let command = |leg| Command::SetMuted { leg, muted };
                self.change_own_leg(user, call, leg, command, None).await
            }
            LegChange::Echo(echo) => {
                let command = |leg| Command::SetEcho { leg, echo };
                self.change_own_leg(user, call, leg, command, None).await
            }
            LegChange::Station(station) => {
                if self.viewer(user, call)? == Viewer::Supervisor {
                    return Err(Error::NotAllowed(
                        "Supervision can't move to another station. Start again with POST /calls/{id}/legs.",
                    ));
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
    ) -> Result<LegNow, Error> {
        let viewer = self.viewer(user, call)?;
        let leg = self.find_leg(viewer, call, leg)?;
        let reply = self.command(user, call, command(leg), station).await?;
        self.leg_now(viewer, &reply.state, leg)
    }

    async fn set_mode(
        &self,
        user: &User,
        call: CallId,
        leg: &str,
        (mode, coach, announce, revision): (ModeKind, Option<String>, bool, Option<u64>),
    ) -> Result<LegNow, Error> {
        let viewer = self.viewer(user, call)?;
        let leg = self.find_leg(viewer, call, leg)?;
        // The rights of this very moment; the leg learns of a change a little later.
        if !user.permissions.rights().allow(mode) {
            return Err(Error::Lacks(right_for(mode)));
        }
        let coach = coach.map(|it| self.find_leg(viewer, call, &it)).transpose()?;
        let expected = revision.map(interaction::Revision);
        let command = Command::SetMode { leg, mode, coach, announce, expected };
        let reply = self.command(user, call, command, None).await?;
        self.leg_now(viewer, &reply.state, leg)
    }

    /// Takes a leg of the user's own out of the call.
    ///
    /// # Errors
    /// No such call or leg, or somebody else's leg.
    pub async fn leave(&self, user: &User, call: CallId, leg: &str) -> Result<(), Error> {
        let viewer = self.viewer(user, call)?;
        let leg = self.find_leg(viewer, call, leg)?;
        let command = Command::Leave { leg, reason: LeaveReason::HungUp };
        self.command(user, call, command, None).await.map(drop)
    }

    /// A caller or agent hangs up. The caller's and the last agent's ends the call.
    ///
    /// # Errors
    /// No such call, or the user is no party of it.
    pub async fn hang_up(&self, user: &User, call: CallId) -> Result<(), Error> {
        self.leave_for(user, call, LeaveReason::HungUp).await
    }

    /// The same for a caller or agent of whom nothing is heard, told by whoever holds their line.
    ///
    /// # Errors
    /// As [`Self::hang_up`].
    pub async fn lose(&self, user: &User, call: CallId) -> Result<(), Error> {
        self.leave_for(user, call, LeaveReason::Lost).await
    }

    async fn leave_for(&self, user: &User, call: CallId, reason: LeaveReason) -> Result<(), Error> {
        let leg = match self.viewer(user, call)? {
            Viewer::Supervisor => {
                return Err(Error::NotAllowed(
                    "You are no party of this call. To stop supervising, delete your own leg.",
                ));
            }
            Viewer::Agent(None) => {
                return Err(Error::NotAllowed("You are not on this call. Decline it instead."));
            }
            Viewer::Agent(Some(leg)) => leg,
            Viewer::Caller => self.own_leg(user, call)?,
        };
        let command = Command::Leave { leg, reason };
        self.command(user, call, command, None).await.map(drop)
    }

    /// Parts caller and agents, or brings them together.
    ///
    /// # Errors
    /// No such call, or the user is no agent on it.
    pub async fn hold(&self, user: &User, call: CallId, held: bool) -> Result<(), Error> {
        match self.viewer(user, call)? {
            Viewer::Agent(Some(_)) => {
                self.command(user, call, Command::SetHeld { held }, None).await.map(drop)
            }
            _ => Err(Error::NotAllowed("Only an agent on the call can hold and resume it.")),
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
    ) -> Result<(), Error> {
        let viewer = self.viewer(user, call)?;
        let command = match (action, viewer) {
            (HelpAction::Raise, Viewer::Agent(Some(_))) if !self.has_help(call) => {
                return Err(Error::NotAllowed("Asking for help is switched off for this queue."));
            }
            (HelpAction::Raise, Viewer::Agent(Some(leg))) => Command::RequestHelp { leg, reason },
            (HelpAction::Raise, _) => {
                return Err(Error::NotAllowed("Only an agent on the call can ask for help."));
            }
            (HelpAction::Take, Viewer::Supervisor) => {
                self.live().learn(call, user);
                Command::TakeHelp { user: user.id }
            }
            (HelpAction::Take, _) => {
                return Err(Error::NotAllowed("Only a supervisor can take on a help request."));
            }
            (HelpAction::Close, Viewer::Supervisor | Viewer::Agent(Some(_))) => Command::CloseHelp,
            (HelpAction::Close, _) => {
                return Err(Error::NotAllowed("Only the call's staff can close a help request."));
            }
        };
        self.command(user, call, command, None).await.map(drop)
    }

    /// Where a call goes: its target, its queue, and the teams who may see it.
    pub(crate) async fn destination(
        &self,
        user: &User,
        to: &Destination,
    ) -> Result<(Target, Option<QueueRef>, Vec<TeamId>), Error> {
        match to {
            Destination::Queue(key) => {
                let queues = self.stored_queues().await?;
                let queue = queues
                    .into_iter()
                    .find(|it| it.key == *key && (it.open_to_guests || !user.is_guest()))
                    .map(queue_ref)
                    .ok_or(Error::NotFound("queue"))?;
                let (target, team) = (Target::Queue(queue.id), queue.team);
                Ok((target, Some(queue), vec![team]))
            }
            Destination::Agent(_) if user.is_guest() => {
                Err(Error::NotAllowed("A guest calls a queue, not an agent."))
            }
            Destination::Agent(id) | Destination::Line(id) => {
                let id = *id;
                let live = self.live();
                let agent = live.agent(id).ok_or(Error::NotFound("agent"))?;
                Ok((Target::Agent(id), None, agent.teams.clone()))
            }
        }
    }

    /// Whether a queue takes who comes from outside at this moment.
    pub fn opening(&self, queue: QueueId) -> Opening {
        self.inner.settings.opening(queue, unix_now())
    }

    /// Refuses who comes to a queue that is closed.
    pub(crate) fn check_open(&self, queue: Option<&QueueRef>) -> Result<(), Error> {
        match queue.map_or(Opening::Open, |queue| self.opening(queue.id)) {
            Opening::Open => Ok(()),
            Opening::Closed { opens_at } => Err(Error::Closed { opens_at }),
        }
    }

    /// 404 for a call that is none of the agent's business, else "no longer rings here".
    fn not_offered(&self, user: &User, call: CallId) -> Error {
        let live = self.live();
        let went_to = |queue: QueueId| {
            let live = live.live_call(call);
            live.is_some_and(|live| live.participants.queue_of(queue).is_some())
        };
        let known = live.seen(user, call).is_some() || user.queues.iter().any(|it| went_to(it.id));
        if known { Error::OfferGone } else { Error::NotFound("call") }
    }

    fn may_supervise(&self, user: &User, call: CallId) -> Result<(), Error> {
        match self.viewer(user, call)? {
            Viewer::Supervisor => Ok(()),
            Viewer::Caller | Viewer::Agent(_) if user.permissions.may_supervise() => {
                Err(Error::NotAllowed("You are on this call yourself and can't supervise it."))
            }
            Viewer::Caller | Viewer::Agent(_) => Err(Error::Lacks(Permission::MonitorLiveCalls)),
        }
    }

    /// Whether the call's queue has help requests switched on.
    fn has_help(&self, call: CallId) -> bool {
        let live = self.live();
        let queue = live.live_call(call).and_then(|record| record.queue.as_ref());
        queue.is_none_or(|queue| self.inner.settings.queue(queue.id).help)
    }

    fn own_leg(&self, user: &User, call: CallId) -> Result<LegId, Error> {
        let live = self.live();
        let record = live.live_call(call).ok_or(Error::NotFound("call"))?;
        record.state.leg_of(user.id).map(|leg| leg.id).ok_or(Error::NotFound("leg"))
    }

    fn find_leg(&self, viewer: Viewer, call: CallId, name: &str) -> Result<LegId, Error> {
        let live = self.live();
        let record = live.live_call(call).ok_or(Error::NotFound("call"))?;
        let leg = live.leg_names().find(&record.state, viewer, name);
        leg.map(|leg| leg.id).ok_or(Error::NotFound("leg"))
    }

    fn leg_now(&self, viewer: Viewer, state: &CallState, id: LegId) -> Result<LegNow, Error> {
        let leg = state.leg(id).ok_or(Error::NotFound("leg"))?;
        Ok(LegNow {
            leg: self.live().leg_names().name(state.id(), viewer, leg),
            mode: leg.mode().map(|mode| mode.kind()),
            revision: (viewer == Viewer::Supervisor).then_some(state.revision()),
        })
    }
}

fn right_for(mode: ModeKind) -> Permission {
    match mode {
        ModeKind::Listen => Permission::MonitorLiveCalls,
        ModeKind::Whisper => Permission::WhisperLiveCalls,
        ModeKind::Barge | ModeKind::TakeOver => Permission::BargeLiveCalls,
    }
}
