//! Whether somebody can be heard: a call rings only once its caller's media are up, and only at agents
//! whose own are.

use std::time::{Duration, Instant};

use interaction::offers::OfferError;
use interaction::{
    CallId, Command, MediaFault, StationEnd, StationId, StationState, Target, UserId,
};

use super::{Effect, LiveState, Moment};
use crate::call_terms::CallEnd;
use crate::publication::News;

/// How long a call waits for its caller's media before it ends. An ICE agent gives up after that, too
/// (RFC 8445 leaves it open; browsers take about 15 s).
pub const MEDIA_PATIENCE: Duration = Duration::from_secs(15);

/// A call that does not ring yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Awaiting {
    station: StationId,
    target: Target,
    pub(super) until: Instant,
}

/// What keeps an agent from being offered calls, whatever they choose to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nobody would see it ring: no event stream is open.
    EventStream,
    /// Nobody would hear the caller: no station is open whose media can flow, and no telephone is there.
    Station,
}

impl LiveState {
    /// The caller is on the call with this station: it rings as soon as the station's media can flow.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn handle_placed(
        &mut self,
        now: Moment,
        call: CallId,
        target: Target,
        station: StationId,
    ) -> Result<Vec<Effect>, OfferError> {
        if self.is_connected(station) {
            return self.handle_placed_at_once(now, call, target);
        }
        // The caller may have hung up meanwhile.
        if self.calls.get(&call).is_none_or(|live| live.state.ended()) {
            return Ok(Vec::new());
        }
        let until = now.instant + MEDIA_PATIENCE;
        self.awaiting.insert(call, Awaiting { station, target, until });
        Ok(Vec::new())
    }

    /// The same for a caller whose media begin with the answer, as a telephone's do: it rings at once.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn handle_placed_at_once(
        &mut self,
        now: Moment,
        call: CallId,
        target: Target,
    ) -> Result<Vec<Effect>, OfferError> {
        // The caller may have hung up meanwhile.
        if self.calls.get(&call).is_none_or(|live| live.state.ended()) {
            return Ok(Vec::new());
        }
        self.ring(now, call, target)
    }

    /// A party of the call goes on with another station.
    pub fn handle_moved(
        &mut self,
        now: Moment,
        call: CallId,
        user: UserId,
        station: StationId,
    ) -> Vec<Effect> {
        let is_caller = self.calls.get(&call).is_some_and(|live| live.caller.id == user);
        if let Some(awaiting) = self.awaiting.get_mut(&call).filter(|_| is_caller) {
            awaiting.station = station;
        }
        self.ring_those_with(now, station)
    }

    /// What keeps the agent from being offered calls.
    pub fn missing(&self, agent: UserId) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.streams.count(agent) == 0 {
            missing.push(Missing::EventStream);
        }
        if !self.can_be_heard(agent) {
            missing.push(Missing::Station);
        }
        missing
    }

    /// A station's media came up, or something is wrong with them. Its owner is told.
    pub(super) fn station_changed(
        &mut self,
        now: Moment,
        id: StationId,
        state: StationState,
    ) -> Vec<Effect> {
        let Some(station) = self.stations.get_mut(&id) else { return Vec::new() };
        station.state = state;
        let user = station.user;
        let mut effects = self.publish_to(now.unix, user, News::StationChanged(id, state));
        effects.extend(self.ring_those_with(now, id));
        effects.extend(self.reach_changed(now, user));
        let fault = match state {
            StationState::Connected(fault) => fault,
            StationState::Connecting => None,
        };
        effects.extend(self.fault_changed(now, user, fault));
        effects
    }

    /// Something is wrong with somebody's sound, or right again: the supervisors of the calls that they are on as a
    /// party are told.
    fn fault_changed(
        &mut self,
        now: Moment,
        user: UserId,
        fault: Option<MediaFault>,
    ) -> Vec<Effect> {
        let changed = self.calls.values_mut().filter_map(|live| {
            let is_news = live.handle_fault(user, fault);
            is_news.then_some(live.id)
        });
        let changed: Vec<CallId> = changed.collect();
        let told = changed.into_iter().flat_map(|call| self.publish_to_supervisors(now.unix, call));
        told.collect()
    }

    pub(super) fn station_closed(
        &mut self,
        now: Moment,
        id: StationId,
        end: StationEnd,
    ) -> Vec<Effect> {
        let Some(station) = self.stations.remove(&id) else { return Vec::new() };
        let mut effects = self.publish_to(now.unix, station.user, News::StationClosed(id, end));
        effects.extend(self.reach_changed(now, station.user));
        effects.extend(self.fault_changed(now, station.user, None));
        effects
    }

    /// Ends the calls whose caller's media have not come.
    pub(super) fn give_up_silent(&mut self, now: Moment) -> Vec<Effect> {
        let over = self.awaiting.iter().filter(|(_, it)| it.until <= now.instant);
        let over: Vec<CallId> = over.map(|(call, _)| *call).collect();
        let end = |call: CallId| {
            self.awaiting.remove(&call);
            self.calls.get_mut(&call)?.end = Some(CallEnd::NoMedia);
            Some(Effect::ToMedia { call, command: Command::Hangup })
        };
        over.into_iter().filter_map(end).collect()
    }

    fn is_connected(&self, station: StationId) -> bool {
        self.stations.get(&station).is_some_and(|it| it.state.is_connected())
    }

    /// Lets the calls ring that waited for this station.
    fn ring_those_with(&mut self, now: Moment, station: StationId) -> Vec<Effect> {
        if !self.is_connected(station) {
            return Vec::new();
        }
        let with_it = self.awaiting.iter().filter(|(_, it)| it.station == station);
        let with_it: Vec<(CallId, Target)> = with_it.map(|(call, it)| (*call, it.target)).collect();
        let mut effects = Vec::new();
        for (call, target) in with_it {
            self.awaiting.remove(&call);
            match self.ring(now, call, target) {
                Ok(ringing) => effects.extend(ringing),
                // As much waits as may: it ends as one that nobody took.
                Err(_) => effects.extend(self.give_up(call)),
            }
        }
        effects
    }

    pub(super) fn reach_changed(&mut self, now: Moment, user: UserId) -> Vec<Effect> {
        if !self.agents.contains_key(&user) {
            return Vec::new();
        }
        let decisions = self.offers.handle_reach(now.instant, user, self.can_be_heard(user));
        self.carry_out(now, decisions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{DomainEvent, MediaFact};
    use crate::leg_names::LegNames;
    use crate::testing::{CALL, Inbox, Stage, agent, guest, station_of};

    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn stage() -> Stage {
        Stage::new(&LegNames::default(), Instant::now())
    }

    fn rings(inbox: &Inbox) -> bool {
        inbox.take().iter().any(|told| matches!(told.news, News::CallOffered(..)))
    }

    fn connected(stage: &mut Stage, station: StationId) {
        let state = StationState::Connected(None);
        let fact = MediaFact::StationChanged { station, state };
        let effects = stage.live.handle_media(stage.now, fact);
        stage.run(effects);
    }

    #[test]
    fn a_call_rings_once_its_callers_media_are_up() {
        let (mut stage, ana, caller) = (stage(), agent(1, "Ana"), guest());
        let (_, inbox) = stage.connect(&ana);
        stage.ready(&ana);
        stage.place_silently(&caller);
        stage.pass(Duration::from_secs(5));
        assert!(!rings(&inbox), "nobody would be there to answer to");
        connected(&mut stage, station_of(caller.id));
        assert!(rings(&inbox));
    }

    #[test]
    fn a_call_without_media_ends_and_no_agent_has_missed_it() {
        let (mut stage, ana, caller) = (stage(), agent(1, "Ana"), guest());
        let (_, inbox) = stage.connect(&ana);
        stage.ready(&ana);
        stage.place_silently(&caller);
        assert_eq!(stage.live.next_deadline(), Some(stage.now.instant + MEDIA_PATIENCE));
        stage.pass(MEDIA_PATIENCE);
        assert!(stage.states[&CALL].ended());
        let end = stage.kept.iter().find_map(|effect| match effect {
            Effect::Persist(DomainEvent::CallEnded(summary)) => Some(summary.end),
            _ => None,
        });
        assert_eq!(end, Some(CallEnd::NoMedia));
        assert!(!rings(&inbox));
        assert_eq!(
            stage.live.agent_sight(ana.id).unwrap().presence,
            interaction::offers::Presence::Ready
        );
        // What comes too late rings nowhere.
        connected(&mut stage, station_of(caller.id));
        assert!(!rings(&inbox));
    }

    #[test]
    fn a_caller_may_change_the_station_meanwhile() {
        let (mut stage, ana, caller) = (stage(), agent(1, "Ana"), guest());
        let (_, inbox) = stage.connect(&ana);
        stage.ready(&ana);
        stage.place_silently(&caller);
        let other = StationId(77);
        assert!(stage.live.handle_station_opening(other, &caller));
        connected(&mut stage, other);
        assert!(!rings(&inbox), "the call is not on this one");
        let effects = stage.live.handle_moved(stage.now, CALL, caller.id, other);
        stage.run(effects);
        assert!(rings(&inbox));
    }

    #[test]
    fn an_agent_is_offered_calls_only_with_a_stream_and_media() {
        let (mut stage, ana, caller) = (stage(), agent(1, "Ana"), guest());
        assert_eq!(stage.live.missing(ana.id), [Missing::EventStream, Missing::Station]);
        let (_, inbox) = stage.connect_without_media(&ana);
        stage.ready(&ana);
        assert_eq!(stage.live.missing(ana.id), [Missing::Station]);
        stage.place(&caller);
        assert!(!rings(&inbox));
        let own = station_of(ana.id);
        assert!(stage.live.handle_station_opening(own, &ana));
        connected(&mut stage, own);
        assert_eq!(stage.live.missing(ana.id), []);
        assert!(rings(&inbox));
        let fact = MediaFact::StationClosed { station: own, end: StationEnd::Lost };
        let effects = stage.live.handle_media(stage.now, fact);
        stage.run(effects);
        let ended = inbox.take().iter().any(|told| matches!(told.news, News::CallOfferEnded(_)));
        assert!(ended, "it goes on to somebody who can hear it");
    }
}
