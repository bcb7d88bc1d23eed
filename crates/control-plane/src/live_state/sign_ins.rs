//! What is open in whose name: event streams, stations, supervision. Each belongs to the sign-in that
//! opened it, and ends with it.

use interaction::conversation::PartKind;
use interaction::{
    Authority, CallId, Command, ConversationId, Help, LeaveReason, LegId, Open, Permissions, Role,
    SignIn, SignInId, StationId, StationState, User, UserId, conversation,
};

use super::{Effect, LiveState, Moment};
use crate::effect::Subject;
use crate::live_call::LiveCall;
use crate::streams::Ending;

/// Who opened a station, and how it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Opener {
    pub(super) user: UserId,
    pub(super) authority: Authority,
    pub(super) state: StationState,
}

/// What has to be done because something may not be open any more.
#[derive(Debug, Default)]
pub struct Ended {
    /// Effects; commands that silence somebody are among them.
    pub effects: Vec<Effect>,
    /// Stations to be closed, and with each its leg.
    pub stations: Vec<StationId>,
}

impl Opener {
    pub(super) fn of(user: &User) -> Self {
        Self { user: user.id, authority: user.authority, state: StationState::default() }
    }
}

impl Ended {
    /// Adds what else has ended.
    pub fn extend(&mut self, other: Self) {
        self.effects.extend(other.effects);
        self.stations.extend(other.stations);
    }
}

/// Whether the account is what it was, by whichever sign-in it was read.
pub(super) fn is_same(before: &User, now: &User) -> bool {
    let User { id, username, name, role, permissions, teams, queues, authority: _ } = before;
    *id == now.id
        && *username == now.username
        && *name == now.name
        && *role == now.role
        && *permissions == now.permissions
        && *teams == now.teams
        && *queues == now.queues
}

impl LiveState {
    /// Whether the user supervises anything.
    pub fn supervises(&self, user: UserId) -> bool {
        self.supervised_by(user).next().is_some() || !self.text.supervises(user).is_empty()
    }

    /// Every sign-in that has something open, and whose it is; one may be named more than once.
    pub fn sign_ins(&self) -> impl Iterator<Item = (UserId, SignIn)> {
        let streams = self.streams.iter().map(|(_, user)| (user.id, user.authority));
        let stations = self.stations.values().map(|opener| (opener.user, opener.authority));
        streams.chain(stations).filter_map(|(user, authority)| Some((user, *authority.sign_in()?)))
    }

    /// A sign-in has ended: so does everything that was opened by it, and nothing else.
    pub fn handle_sign_in_ended(&mut self, user: UserId, sign_in: SignInId) -> Ended {
        let end = |stream| Effect::EndStream(stream, Ending::SignInEnded);
        let mut effects: Vec<Effect> = self.streams.of_sign_in(user, sign_in).map(end).collect();
        effects.extend(self.end_supervision_of(user, Some(sign_in), LeaveReason::Revoked));
        let is_its = |opener: &Opener| {
            opener.user == user && opener.authority.sign_in().is_some_and(|it| it.id == sign_in)
        };
        let own = self.stations.iter().filter(|(_, opener)| is_its(opener));
        let stations = own.map(|(id, _)| *id).collect();
        Ended { effects, stations }
    }

    /// Whether a sign-in of the user's has an event stream.
    pub fn has_stream(&self, user: UserId, sign_in: SignInId) -> bool {
        self.streams.of_sign_in(user, sign_in).next().is_some()
    }

    /// A user is about to supervise by this sign-in; the one that did so before.
    pub fn handle_supervision_beginning(
        &mut self,
        what: Subject,
        user: UserId,
        sign_in: SignInId,
    ) -> Option<SignInId> {
        self.supervision.insert((what, user), sign_in)
    }

    /// It did not come to that: it is as it was before.
    pub fn handle_supervision_failed(
        &mut self,
        what: Subject,
        user: UserId,
        before: Option<SignInId>,
    ) {
        match before {
            Some(before) => self.supervision.insert((what, user), before),
            None => self.supervision.remove(&(what, user)),
        };
    }

    /// Whether the sign-in by which this is supervised has an event stream. What was begun by nobody's
    /// sign-in needs any stream of the user's.
    pub fn is_watched(&self, what: Subject, user: UserId) -> bool {
        match self.supervision.get(&(what, user)) {
            Some(sign_in) => self.has_stream(user, *sign_in),
            None => !self.away.contains_key(&user),
        }
    }

    /// Ends what a user supervises by this sign-in; all of it, if none is named.
    pub(super) fn end_supervision_of(
        &self,
        user: UserId,
        sign_in: Option<SignInId>,
        reason: LeaveReason,
    ) -> Vec<Effect> {
        let by_it = |what: Subject| {
            sign_in.is_none_or(|it| self.supervision.get(&(what, user)) == Some(&it))
        };
        let calls = self.supervised_by(user).filter(|(call, _)| by_it(Subject::Call(*call)));
        let leave = |(call, leg)| Effect::ToMedia { call, command: Command::Leave { leg, reason } };
        let conversations = self.text.supervises(user).into_iter();
        let conversations = conversations.filter(|id| by_it(Subject::Conversation(*id)));
        let leave_text = |conversation| {
            let command = conversation::Command::Leave { user, reason };
            Effect::ToConversation { conversation, command }
        };
        calls.map(leave).chain(conversations.map(leave_text)).collect()
    }

    /// Nobody is there any more who took these help requests up, whether or not they supervised: each waits
    /// again.
    pub(super) fn give_back_help(&self, user: UserId) -> Vec<Effect> {
        let helps = |live: &&LiveCall| live.state.help().and_then(Help::taken_by) == Some(user);
        let calls = self
            .calls
            .values()
            .filter(helps)
            .map(|live| Effect::ToMedia { call: live.id, command: Command::ReleaseHelp { user } });
        let conversations = self.text.helps_in(user).into_iter().map(|conversation| {
            let command = conversation::Command::ReleaseHelp { user };
            Effect::ToConversation { conversation, command }
        });
        calls.chain(conversations).collect()
    }

    /// Who is on the request, if their last event stream ended while that was on its way.
    pub(super) fn helper_who_left(&self, help: &Help) -> Option<UserId> {
        help.taken_by().filter(|user| self.away.contains_key(user))
    }

    /// Forgets by which sign-ins was supervised what is over.
    pub fn forget_ended_supervision(&mut self) {
        let (calls, text) = (&self.calls, &self.text);
        self.supervision.retain(|(what, _), _| match what {
            Subject::Call(call) => calls.contains_key(call),
            Subject::Conversation(id) => text.get(*id).is_some(),
        });
    }

    /// What a user's permissions no longer keep open; none of them, if there is no such user any more.
    /// Supervision is not here: it ends by its rights on each call and conversation.
    pub(super) fn handle_permissions(
        &mut self,
        now: Moment,
        user: UserId,
        permissions: Option<Permissions>,
    ) -> Vec<Effect> {
        let permissions = permissions.unwrap_or(Permissions::NONE);
        let mut effects = Vec::new();
        if !Open::AgentLeg.may_stay(permissions) {
            effects.extend(self.agent_legs_of(user).into_iter().map(|(call, leg)| {
                let reason = LeaveReason::Revoked;
                Effect::ToMedia { call, command: Command::Leave { leg, reason } }
            }));
        }
        if !Open::AgentPart.may_stay(permissions) {
            effects.extend(self.agent_parts_of(user).into_iter().map(|conversation| {
                // As lost: it waits for another agent.
                let reason = LeaveReason::Lost;
                let command = conversation::Command::Leave { user, reason };
                Effect::ToConversation { conversation, command }
            }));
        }
        if !Open::Offers.may_stay(permissions) && self.agents.contains_key(&user) {
            let decisions = self.offers.handle_offline(now.instant, user);
            effects.extend(self.carry_out(now, decisions));
        }
        effects
    }

    fn agent_legs_of(&self, user: UserId) -> Vec<(CallId, LegId)> {
        let legs = self.calls.values().filter_map(|live| {
            let leg = live.state.leg_of(user)?;
            (leg.role() == Role::Agent).then_some((live.id, leg.id))
        });
        legs.collect()
    }

    fn agent_parts_of(&self, user: UserId) -> Vec<ConversationId> {
        let mut works_in = self.text.works_in(user);
        works_in.retain(|id| {
            let member = self.text.get(*id).and_then(|live| live.state.member(user));
            member.is_some_and(|it| it.part.kind() == PartKind::Agent)
        });
        works_in
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use interaction::{Permission, RightsVersion, StationEnd, UnixMs};

    use super::*;
    use crate::effect::MediaFact;
    use crate::leg_names::LegNames;
    use crate::publication::News;
    use crate::testing::{CALL, SUPPORT, Stage, agent, guest, supervisor};

    /// The user, by this sign-in.
    fn by(user: &Arc<User>, id: u128) -> Arc<User> {
        let sign_in = SignIn {
            id: SignInId(id),
            expires_at: UnixMs(u64::MAX),
            generation: 0,
            rights: RightsVersion(0),
        };
        Arc::new(User { authority: Authority::SignIn(sign_in), ..User::clone(user) })
    }

    /// A call between a guest and an agent who is connected.
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn talk() -> (Stage, Arc<User>) {
        let mut stage = Stage::new(&LegNames::default(), std::time::Instant::now());
        let ana = by(&agent(1, "Ana"), 1);
        stage.connect(&ana);
        stage.ready(&ana);
        stage.place(&guest());
        stage.answer(&ana);
        (stage, ana)
    }

    fn supervise(stage: &mut Stage, user: &User) -> LegId {
        let sign_in = user.authority.sign_in().unwrap().id;
        stage.live.handle_supervision_beginning(Subject::Call(CALL), user.id, sign_in);
        stage.supervise(user)
    }

    fn legs(stage: &Stage) -> usize {
        stage.states[&CALL].legs().len()
    }

    #[test]
    fn what_a_sign_in_opened_ends_with_it_and_nothing_else() {
        let (mut stage, _) = talk();
        let sam = supervisor(7, "Sam", SUPPORT);
        let (here, elsewhere) = (by(&sam, 70), by(&sam, 71));
        let (_, inbox) = stage.connect(&here);
        let (_, other) = stage.connect(&elsewhere);
        assert!(stage.live.handle_station_opening(StationId(1), &here));
        assert!(stage.live.handle_station_opening(StationId(2), &elsewhere));
        supervise(&mut stage, &here);
        let ended = stage.live.handle_sign_in_ended(sam.id, SignInId(71));
        assert_eq!(ended.stations, [StationId(2)]);
        stage.run(ended.effects);
        assert_eq!(legs(&stage), 3, "another sign-in of the same person supervises");
        assert_eq!(other.ending(), Some(Ending::SignInEnded));
        assert_eq!(inbox.ending(), None);
        let ended = stage.live.handle_sign_in_ended(sam.id, SignInId(70));
        assert_eq!(ended.stations, [StationId(1)]);
        stage.run(ended.effects);
        assert_eq!(legs(&stage), 2);
    }

    #[test]
    fn a_station_is_its_owners_affair_and_is_open_once_its_media_are_up() {
        let (mut stage, _) = talk();
        let ana = by(&agent(2, "Luis"), 2);
        let sam = by(&supervisor(7, "Sam", SUPPORT), 70);
        let (_, inbox) = stage.connect_without_media(&ana);
        let (_, other) = stage.connect(&sam);
        let (now, station) = (stage.now, StationId(1));
        assert!(stage.live.handle_station_opening(station, &ana));
        let state = |stage: &Stage, user: &User| stage.live.station_state(user.id, station);
        assert_eq!(state(&stage, &ana), Some(StationState::Connecting));
        assert_eq!(state(&stage, &sam), None);
        assert!(!stage.live.has_connected_station(ana.id));
        drop((inbox.take(), other.take()));

        let up = StationState::Connected(None);
        let effects =
            stage.live.handle_media(now, MediaFact::StationChanged { station, state: up });
        stage.run(effects);
        assert_eq!(state(&stage, &ana), Some(up));
        assert!(stage.live.has_connected_station(ana.id));
        assert!(!stage.live.has_connected_station(sam.id));

        let end = StationEnd::Lost;
        let effects = stage.live.handle_media(now, MediaFact::StationClosed { station, end });
        stage.run(effects);
        assert_eq!(state(&stage, &ana), None);
        let told: Vec<News> = inbox.take().into_iter().map(|it| it.news).collect();
        assert_eq!(told, [News::StationChanged(station, up), News::StationClosed(station, end)]);
        assert_eq!(other.take(), []);
    }

    #[test]
    fn supervision_ends_with_the_last_stream_of_its_sign_in() {
        let (mut stage, _) = talk();
        let sam = supervisor(7, "Sam", SUPPORT);
        let (here, elsewhere) = (by(&sam, 70), by(&sam, 71));
        let (first, _) = stage.connect(&here);
        let (second, _) = stage.connect(&here);
        stage.connect(&elsewhere);
        supervise(&mut stage, &here);
        stage.disconnect(first);
        assert_eq!(legs(&stage), 3);
        stage.disconnect(second);
        assert_eq!(legs(&stage), 2, "a stream of another sign-in is none");
        // And it does not begin for a sign-in whose stream ended meanwhile.
        supervise(&mut stage, &here);
        assert_eq!(legs(&stage), 2);
    }

    #[test]
    fn help_waits_again_once_nobody_is_there_who_took_it_up() {
        let (mut stage, ana) = talk();
        let sam = supervisor(7, "Sam", SUPPORT);
        let eve = supervisor(8, "Eve", SUPPORT);
        let (first, _) = stage.connect(&by(&sam, 70));
        let (second, _) = stage.connect(&by(&sam, 71));
        let (_, others) = stage.connect(&by(&eve, 80));
        let leg = stage.states[&CALL].leg_of(ana.id).unwrap().id;
        stage.apply(Command::RequestHelp { leg, reason: None }).unwrap();
        // From the list, without listening.
        stage.apply(Command::TakeHelp { user: sam.id }).unwrap();
        let taken_by = |stage: &Stage| stage.states[&CALL].help().unwrap().taken_by();
        others.take();
        stage.disconnect(first);
        assert_eq!(taken_by(&stage), Some(sam.id), "Sam is there by another page");
        stage.disconnect(second);
        assert_eq!(taken_by(&stage), None);
        assert!(!others.take().is_empty(), "the others are told");
        // And it is not taken by whoever is gone when that arrives.
        stage.apply(Command::TakeHelp { user: sam.id }).unwrap();
        assert_eq!(taken_by(&stage), None);
        stage.apply(Command::TakeHelp { user: eve.id }).unwrap();
        assert_eq!(taken_by(&stage), Some(eve.id));
    }

    #[test]
    fn a_look_again_ends_only_what_has_changed() {
        let (mut stage, ana) = talk();
        let sam = supervisor(7, "Sam", SUPPORT);
        let (_, inbox) = stage.connect(&by(&sam, 70));
        let effects = stage.live.handle_rights(sam.id, Some(&sam));
        stage.run(effects);
        assert_eq!(inbox.ending(), None, "nothing has changed");
        let mut fewer = User::clone(&sam);
        fewer.permissions = Permissions::NONE;
        let effects = stage.live.handle_rights(sam.id, Some(&fewer));
        stage.run(effects);
        assert_eq!(inbox.ending(), Some(Ending::RightsChanged));
        assert_eq!(legs(&stage), 2);
        let (_, inbox) = stage.connect(&ana);
        let effects = stage.live.handle_rights(ana.id, None);
        stage.run(effects);
        assert_eq!(inbox.ending(), Some(Ending::RightsChanged), "nobody any more");
    }

    #[test]
    fn who_may_not_take_calls_any_more_has_none() {
        let (mut stage, ana) = talk();
        let mut without = User::clone(&ana);
        without.permissions = Permissions::NONE.with(Permission::PlaceCalls);
        let now = stage.now;
        let effects = stage.live.handle_account(now, ana.id, Some(&without));
        stage.run(effects);
        assert!(stage.states[&CALL].ended(), "the last agent left");
    }
}
