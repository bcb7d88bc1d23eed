//! One call: its legs, its hold and help states, and what may change them.
//!
//! [`CallState::apply`] is the only way to change a call. It either changes it and says what
//! happened ([`Applied`]), or changes nothing and says why not ([`Refusal`]). Every fault (media
//! lost, rights revoked, the coached agent gone) takes supervision towards silence, never back.

use crate::{
    CallId, LEGS_MAX, LeaveReason, Leg, LegId, Mode, ModeKind, Party, Policy, Revision, Rights,
    Role, Slot, Source, SourceSet, Tone, UnixMs, UserId,
};

/// Characters that a help request's reason may have.
pub const HELP_REASON_CHARS_MAX: usize = 500;

/// One call. Cloning it gives a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallState {
    id: CallId,
    revision: Revision,
    policy: Policy,
    legs: Vec<Leg>,
    next_leg: u64,
    held: bool,
    answered_at: Option<UnixMs>,
    help: Option<HelpState>,
    ended: bool,
}

/// An agent's raised hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpState {
    /// Who asked.
    pub agent: LegId,
    /// Why, in the agent's words.
    pub reason: Option<String>,
    /// Since when.
    pub requested_at: UnixMs,
    /// The supervisor who took it up, once one did.
    pub taken_by: Option<UserId>,
}

/// Who sends a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user: may only move legs of their own.
    User(UserId),
    /// The server itself: timers, faults, dispatch.
    System,
}

/// What may be asked of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Attaches the caller. A call has one.
    JoinCaller {
        /// Whose leg it is.
        user: UserId,
    },
    /// Attaches an agent; the first one answers the call.
    JoinAgent {
        /// Whose leg it is.
        user: UserId,
    },
    /// Begins to supervise, always in Listen. An older leg of the same user is replaced.
    Supervise {
        /// Whose leg it is.
        user: UserId,
        /// What the user may choose besides Listen.
        rights: Rights,
    },
    /// Asks for a mode. Asking for the present one changes nothing and is no error.
    SetMode {
        /// The supervisor's leg.
        leg: LegId,
        /// The wanted mode.
        mode: ModeKind,
        /// Whom to coach in Whisper; `None`: the agent who answered first and is still there.
        coach: Option<LegId>,
        /// The revision that the decision was made on; refused when the call has moved on.
        expected: Option<Revision>,
    },
    /// The user's own mute (caller or agent).
    SetMuted {
        /// The leg.
        leg: LegId,
        /// On or off.
        muted: bool,
    },
    /// Parts caller and agents, or brings them together again.
    SetHeld {
        /// On or off.
        held: bool,
    },
    /// Takes a leg out. The caller's ends the call, and so does the last agent's.
    Leave {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: LeaveReason,
    },
    /// The leg's media went missing, or came back. A supervisor falls back to Listen.
    SetMediaLost {
        /// The leg.
        leg: LegId,
        /// Missing or back.
        lost: bool,
    },
    /// A user's rights changed: modes that are no longer allowed end.
    SetRights {
        /// Whose.
        user: UserId,
        /// What is allowed now; `None`: may not supervise at all any more.
        rights: Option<Rights>,
    },
    /// Raises an agent's hand; asking again replaces the reason.
    RequestHelp {
        /// The agent's leg.
        leg: LegId,
        /// Why.
        reason: Option<String>,
    },
    /// A supervisor takes the request up.
    TakeHelp {
        /// The supervisor.
        user: UserId,
    },
    /// The request is settled or withdrawn.
    CloseHelp,
    /// Ends the call for everybody.
    Hangup,
}

/// A fact about the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A caller or agent was attached.
    LegJoined(Leg),
    /// A caller or agent left.
    LegLeft(Leg, LeaveReason),
    /// A supervisor listens.
    SupervisionStarted(Leg),
    /// A supervisor's mode changed; the leg is as it is now.
    ModeChanged {
        /// The leg, with its new mode.
        leg: Leg,
        /// The mode before.
        from: Mode,
    },
    /// A supervisor is gone; the leg is as it was, its mode the last one.
    SupervisionEnded(Leg, LeaveReason),
    /// A caller's or agent's own mute changed.
    MuteChanged(Leg),
    /// Caller and agents were parted or brought together.
    HeldChanged(bool),
    /// A leg's media went missing or came back.
    MediaLostChanged(Leg),
    /// A help request was raised, taken up, or closed (`None`).
    HelpChanged(Option<HelpState>),
    /// The call is over.
    Ended,
}

/// A tone to be played once, and the legs that it is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Which tone.
    pub tone: Tone,
    /// Its listeners, as the sources of the same slots.
    pub listeners: SourceSet,
}

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What happened, in order. Empty: the call was already as asked.
    pub events: Vec<Event>,
    /// Tones to play.
    pub cues: Vec<Cue>,
    /// The leg that joined, if one did.
    pub joined: Option<LegId>,
}

/// Why a command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The call is over.
    #[error("the call has ended")]
    Ended,
    /// No such leg on this call.
    #[error("there is no such leg on this call")]
    NoSuchLeg,
    /// A user tried to move somebody else's leg.
    #[error("this leg belongs to somebody else")]
    NotYours,
    /// The command does not fit the leg's role.
    #[error("this leg's role does not allow that")]
    WrongRole,
    /// There is no agent to listen to or to coach.
    #[error("no agent is on the call")]
    NoAgent,
    /// The leg that was to be coached is no agent's.
    #[error("only an agent's leg can be coached")]
    NotAnAgent,
    /// The user lacks the right for this mode.
    #[error("the right for this mode is missing")]
    NotPermitted,
    /// The mode cannot be had while the supervisor's media are lost.
    #[error("the supervisor's media are lost; reconnect first")]
    MediaLost,
    /// The command was decided on an older state of the call.
    #[error("the call has changed since; look at its present state and decide again")]
    Stale,
    /// The user is on this call already, in another role.
    #[error("this user is a party of the call")]
    AlreadyParty,
    /// The call has a caller already.
    #[error("the call has a caller already")]
    CallerPresent,
    /// The call has no room for another leg.
    #[error("the call is full")]
    Full,
    /// Nobody has asked for help.
    #[error("no help request is open on this call")]
    NoHelpOpen,
    /// The reason is too long.
    #[error("a reason has at most {HELP_REASON_CHARS_MAX} characters")]
    ReasonTooLong,
}

impl CallState {
    /// A call without legs.
    pub fn new(id: CallId, policy: Policy) -> Self {
        Self {
            id,
            revision: Revision::default(),
            policy,
            legs: Vec::with_capacity(LEGS_MAX),
            next_leg: 1,
            held: false,
            answered_at: None,
            help: None,
            ended: false,
        }
    }

    /// Applies one command. On a refusal nothing has changed.
    pub fn apply(&mut self, at: UnixMs, by: Actor, command: Command) -> Result<Applied, Refusal> {
        if self.ended {
            return Err(Refusal::Ended);
        }
        let mut applied = Applied::default();
        match command {
            Command::JoinCaller { user } => self.join_caller(at, user, &mut applied)?,
            Command::JoinAgent { user } => self.join_agent(at, user, &mut applied)?,
            Command::Supervise { user, rights } => {
                self.supervise(at, user, rights, &mut applied)?
            }
            Command::SetMode { leg, mode, coach, expected } => {
                self.own_leg(by, leg)?;
                let mode = self.check_mode(leg, mode, coach, expected)?;
                self.set_mode(at, leg, mode, &mut applied);
            }
            Command::SetMuted { leg, muted } => {
                self.own_leg(by, leg)?;
                self.set_muted(leg, muted, &mut applied)?;
            }
            Command::SetHeld { held } => self.set_held(by, held, &mut applied)?,
            Command::Leave { leg, reason } => {
                self.own_leg(by, leg)?;
                self.leave(at, leg, reason, &mut applied);
            }
            Command::SetMediaLost { leg, lost } => {
                self.set_media_lost(at, leg, lost, &mut applied)?
            }
            Command::SetRights { user, rights } => self.set_rights(at, user, rights, &mut applied),
            Command::RequestHelp { leg, reason } => {
                self.own_leg(by, leg)?;
                self.request_help(at, leg, reason, &mut applied)?;
            }
            Command::TakeHelp { user } => self.take_help(user, &mut applied)?,
            Command::CloseHelp => self.close_help(&mut applied)?,
            Command::Hangup => self.end(LeaveReason::CallEnded, &mut applied),
        }
        if !applied.events.is_empty() {
            self.revision.0 += 1;
        }
        Ok(applied)
    }

    /// The call's id.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// How many times the call has changed.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The centre's choices that hold for this call.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The legs on the call, in the order in which they joined.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// The leg with this id, if it is on the call.
    pub fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    /// The user's leg, if the user is on the call.
    pub fn leg_of(&self, user: UserId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.user == user)
    }

    /// The agents' legs, the one who answered first at the front.
    pub fn agents(&self) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(|leg| leg.role() == Role::Agent)
    }

    /// The caller's leg.
    pub fn caller(&self) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.role() == Role::Caller)
    }

    /// The supervisors who whisper to this agent's leg.
    pub fn coaches_of(&self, agent: LegId) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(move |leg| leg.mode() == Some(Mode::Whisper { coached: agent }))
    }

    /// Whether a supervisor has barged.
    pub fn anybody_barges(&self) -> bool {
        self.legs.iter().any(|leg| leg.mode() == Some(Mode::Barge))
    }

    /// Whether caller and agents are parted.
    pub fn held(&self) -> bool {
        self.held
    }

    /// When the first agent answered.
    pub fn answered_at(&self) -> Option<UnixMs> {
        self.answered_at
    }

    /// The open help request.
    pub fn help(&self) -> Option<&HelpState> {
        self.help.as_ref()
    }

    /// Whether the call is over.
    pub fn ended(&self) -> bool {
        self.ended
    }

    fn join_caller(&mut self, at: UnixMs, user: UserId, out: &mut Applied) -> Result<(), Refusal> {
        if self.caller().is_some() {
            return Err(Refusal::CallerPresent);
        }
        let leg = self.attach(at, user, Party::Caller { muted: false })?;
        out.joined = Some(leg.id);
        out.events.push(Event::LegJoined(leg));
        Ok(())
    }

    fn join_agent(&mut self, at: UnixMs, user: UserId, out: &mut Applied) -> Result<(), Refusal> {
        let leg = self.attach(at, user, Party::Agent { muted: false })?;
        self.answered_at.get_or_insert(at);
        out.joined = Some(leg.id);
        out.events.push(Event::LegJoined(leg));
        Ok(())
    }

    fn supervise(
        &mut self,
        at: UnixMs,
        user: UserId,
        rights: Rights,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        if self.agents().next().is_none() {
            return Err(Refusal::NoAgent);
        }
        match self.leg_of(user).map(|leg| (leg.id, leg.role())) {
            Some((old, Role::Supervisor)) => self.detach(old, LeaveReason::Replaced, out),
            Some(_) => return Err(Refusal::AlreadyParty),
            None => {}
        }
        let mode = Mode::Listen;
        let leg = self.attach(at, user, Party::Supervisor { mode, mode_since: at, rights })?;
        out.joined = Some(leg.id);
        out.events.push(Event::SupervisionStarted(leg));
        Ok(())
    }

    fn check_mode(
        &self,
        id: LegId,
        wanted: ModeKind,
        coach: Option<LegId>,
        expected: Option<Revision>,
    ) -> Result<Mode, Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        let Party::Supervisor { rights, mode: present, .. } = leg.party else {
            return Err(Refusal::WrongRole);
        };
        // Back to Listen is never stale: the way to silence stays open.
        if wanted != ModeKind::Listen && expected.is_some_and(|it| it != self.revision) {
            return Err(Refusal::Stale);
        }
        if !rights.allow(wanted) {
            return Err(Refusal::NotPermitted);
        }
        if leg.media_lost && wanted != ModeKind::Listen {
            return Err(Refusal::MediaLost);
        }
        match wanted {
            ModeKind::Listen => Ok(Mode::Listen),
            ModeKind::Barge => Ok(Mode::Barge),
            ModeKind::Whisper => self.check_coach(coach, present),
        }
    }

    fn check_coach(&self, coach: Option<LegId>, present: Mode) -> Result<Mode, Refusal> {
        let coached = match (coach, present) {
            (Some(id), _) => {
                let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
                if leg.role() != Role::Agent {
                    return Err(Refusal::NotAnAgent);
                }
                id
            }
            (None, Mode::Whisper { coached }) => coached,
            (None, _) => self.agents().next().ok_or(Refusal::NoAgent)?.id,
        };
        Ok(Mode::Whisper { coached })
    }

    fn set_mode(&mut self, at: UnixMs, id: LegId, wanted: Mode, out: &mut Applied) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.id == id) else { return };
        let Party::Supervisor { mode, mode_since, .. } = &mut leg.party else { return };
        if *mode == wanted {
            return;
        }
        let from = std::mem::replace(mode, wanted);
        *mode_since = at;
        out.events.push(Event::ModeChanged { leg: leg.clone(), from });
        self.cue(wanted, out);
    }

    /// The tones of an entry into `mode`. The route plan says once more who may hear them.
    fn cue(&self, mode: Mode, out: &mut Applied) {
        let (tone, wanted): (Tone, &dyn Fn(&Leg) -> bool) = match mode {
            Mode::Listen => return,
            Mode::Whisper { coached } => (Tone::WhisperBeep, &move |leg| leg.id == coached),
            Mode::Barge => (Tone::Barge, &|leg| leg.role() != Role::Supervisor),
        };
        let plan = crate::RoutePlan::derive(self);
        let listeners = self
            .legs
            .iter()
            .filter(|leg| wanted(leg) && plan.row(leg.slot).gain(Source::Tone(tone)).is_some())
            .fold(SourceSet::EMPTY, |set, leg| set.with(Source::Leg(leg.slot)));
        if !listeners.is_empty() {
            out.cues.push(Cue { tone, listeners });
        }
    }

    fn set_muted(&mut self, id: LegId, wanted: bool, out: &mut Applied) -> Result<(), Refusal> {
        let leg = self.leg_mut(id)?;
        let (Party::Caller { muted } | Party::Agent { muted }) = &mut leg.party else {
            return Err(Refusal::WrongRole);
        };
        if *muted != wanted {
            *muted = wanted;
            out.events.push(Event::MuteChanged(leg.clone()));
        }
        Ok(())
    }

    fn set_held(&mut self, by: Actor, wanted: bool, out: &mut Applied) -> Result<(), Refusal> {
        if self.agents().next().is_none() {
            return Err(Refusal::NoAgent);
        }
        if let Actor::User(user) = by
            && self.leg_of(user).map(Leg::role) != Some(Role::Agent)
        {
            return Err(Refusal::WrongRole);
        }
        if self.held != wanted {
            self.held = wanted;
            out.events.push(Event::HeldChanged(wanted));
        }
        Ok(())
    }

    fn leave(&mut self, at: UnixMs, id: LegId, reason: LeaveReason, out: &mut Applied) {
        self.detach(id, reason, out);
        let over = self.caller().is_none()
            || (self.answered_at.is_some() && self.agents().next().is_none());
        if over {
            self.end(LeaveReason::CallEnded, out);
            return;
        }
        let orphans: Vec<LegId> = self.coaches_of(id).map(|leg| leg.id).collect();
        for orphan in orphans {
            self.set_mode(at, orphan, Mode::Listen, out);
        }
        if self.help.as_ref().is_some_and(|help| help.agent == id) {
            self.help = None;
            out.events.push(Event::HelpChanged(None));
        }
    }

    fn set_media_lost(
        &mut self,
        at: UnixMs,
        id: LegId,
        lost: bool,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        let leg = self.leg_mut(id)?;
        if leg.media_lost != lost {
            leg.media_lost = lost;
            out.events.push(Event::MediaLostChanged(leg.clone()));
        }
        if lost {
            self.set_mode(at, id, Mode::Listen, out);
        }
        Ok(())
    }

    fn set_rights(&mut self, at: UnixMs, user: UserId, wanted: Option<Rights>, out: &mut Applied) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.user == user) else { return };
        let Party::Supervisor { rights, mode, .. } = &mut leg.party else { return };
        let id = leg.id;
        match wanted {
            None => self.detach(id, LeaveReason::Revoked, out),
            Some(wanted) => {
                *rights = wanted;
                if !wanted.allow(mode.kind()) {
                    self.set_mode(at, id, Mode::Listen, out);
                }
            }
        }
    }

    fn request_help(
        &mut self,
        at: UnixMs,
        id: LegId,
        reason: Option<String>,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        if self.leg_mut(id)?.role() != Role::Agent {
            return Err(Refusal::WrongRole);
        }
        if reason.as_ref().is_some_and(|text| text.chars().count() > HELP_REASON_CHARS_MAX) {
            return Err(Refusal::ReasonTooLong);
        }
        let help = HelpState { agent: id, reason, requested_at: at, taken_by: None };
        self.help = Some(help.clone());
        out.events.push(Event::HelpChanged(Some(help)));
        Ok(())
    }

    fn take_help(&mut self, user: UserId, out: &mut Applied) -> Result<(), Refusal> {
        let help = self.help.as_mut().ok_or(Refusal::NoHelpOpen)?;
        if help.taken_by != Some(user) {
            help.taken_by = Some(user);
            out.events.push(Event::HelpChanged(Some(help.clone())));
        }
        Ok(())
    }

    fn close_help(&mut self, out: &mut Applied) -> Result<(), Refusal> {
        self.help.take().ok_or(Refusal::NoHelpOpen)?;
        out.events.push(Event::HelpChanged(None));
        Ok(())
    }

    fn end(&mut self, reason: LeaveReason, out: &mut Applied) {
        // Supervisors go first, so that no order of events ever shows one without a call.
        let mut ids: Vec<(bool, LegId)> =
            self.legs.iter().map(|leg| (leg.role() != Role::Supervisor, leg.id)).collect();
        ids.sort_unstable();
        for (_, id) in ids {
            self.detach(id, reason, out);
        }
        self.help = None;
        self.ended = true;
        out.events.push(Event::Ended);
    }

    fn attach(&mut self, at: UnixMs, user: UserId, party: Party) -> Result<Leg, Refusal> {
        if self.leg_of(user).is_some() {
            return Err(Refusal::AlreadyParty);
        }
        let slot = Slot::all()
            .find(|slot| self.legs.iter().all(|leg| leg.slot != *slot))
            .ok_or(Refusal::Full)?;
        let id = LegId(self.next_leg);
        self.next_leg += 1;
        let leg = Leg { id, slot, user, party, media_lost: false, joined_at: at };
        self.legs.push(leg.clone());
        Ok(leg)
    }

    fn detach(&mut self, id: LegId, reason: LeaveReason, out: &mut Applied) {
        let Some(index) = self.legs.iter().position(|leg| leg.id == id) else { return };
        let leg = self.legs.remove(index);
        out.events.push(match leg.role() {
            Role::Supervisor => Event::SupervisionEnded(leg, reason),
            Role::Caller | Role::Agent => Event::LegLeft(leg, reason),
        });
    }

    fn own_leg(&self, by: Actor, id: LegId) -> Result<(), Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        match by {
            Actor::System => Ok(()),
            Actor::User(user) if user == leg.user => Ok(()),
            Actor::User(_) => Err(Refusal::NotYours),
        }
    }

    fn leg_mut(&mut self, id: LegId) -> Result<&mut Leg, Refusal> {
        self.legs.iter_mut().find(|leg| leg.id == id).ok_or(Refusal::NoSuchLeg)
    }
}
