//! Calls that agents make: from the first moment the agent is on it alone, and whoever is called joins as the
//! caller does once they take it.
//!
//! Until then nobody supervises it ([`Refusal::NoCaller`](interaction::Refusal::NoCaller)), and of whoever does
//! afterwards the one who was called knows as little as any caller.

use interaction::offers::Presence;
use interaction::{CallId, Command, User};

use super::{Effect, LiveState, Moment};
use crate::call_terms::{Adding, AddingProgress, CallEnd, NotReached};
use crate::live_call::NewCall;

/// The agent is on a call, makes one already, or one rings at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the agent is on a call, or one rings at them")]
pub struct AgentBusy;

impl LiveState {
    /// An agent calls out: from now on the call's changes are told. Undone by
    /// [`Self::handle_opening_failed`].
    ///
    /// # Errors
    /// [`AgentBusy`].
    pub fn handle_dialing(&mut self, call: NewCall, agent: &User) -> Result<(), AgentBusy> {
        let is_busy = match self.offers.presence(agent.id) {
            Presence::Ringing | Presence::Active => true,
            // Who calls out need not want calls, nor have a page open.
            Presence::Ready | Presence::NotReady | Presence::Offline => false,
        };
        let makes_one =
            || self.calls.values().any(|it| it.dialed.is_some_and(|it| it.by == agent.id));
        if is_busy || makes_one() {
            return Err(AgentBusy);
        }
        let id = call.id;
        self.handle_opening(call);
        self.learn(id, agent);
        Ok(())
    }

    /// It rings where the agent has called.
    pub fn handle_dialed_rings(&mut self, now: Moment, call: CallId) -> Vec<Effect> {
        let dialed = self.calls.get_mut(&call).and_then(|live| live.dialed.as_mut());
        match dialed {
            Some(dialed) if !dialed.rings => {
                dialed.rings = true;
                self.publish_update(now.unix, call)
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// An agent calls somebody outside to a call that goes on. `false`: somebody is being called to it, or is on it.
    pub fn handle_adding(
        &mut self,
        now: Moment,
        call: CallId,
        adding: Adding,
    ) -> (bool, Vec<Effect>) {
        let Some(live) = self.calls.get_mut(&call) else { return (false, Vec::new()) };
        let is_open = live.adding.as_ref().is_some_and(|it| it.progress.is_open());
        if is_open || live.state.outside().is_some() || live.state.ended() {
            return (false, Vec::new());
        }
        live.adding = Some(adding);
        (true, self.publish_update(now.unix, call))
    }

    /// It is further with whoever is called to a call. `None`: they are on it, or it was taken back.
    pub fn handle_added(
        &mut self,
        now: Moment,
        call: CallId,
        progress: Option<AddingProgress>,
    ) -> Vec<Effect> {
        let Some(live) = self.calls.get_mut(&call) else { return Vec::new() };
        let Some(adding) = &mut live.adding else { return Vec::new() };
        match progress {
            Some(progress) => adding.progress = progress,
            None => live.adding = None,
        }
        self.publish_update(now.unix, call)
    }

    /// Nobody takes it where the agent has called: it ends for this reason.
    pub fn handle_not_reached(&mut self, call: CallId, why: NotReached) -> Vec<Effect> {
        let Some(live) = self.calls.get_mut(&call) else { return Vec::new() };
        live.end = Some(CallEnd::NotReached(why));
        vec![Effect::ToMedia { call, command: Command::Hangup }]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use interaction::offers::Presence;
    use interaction::{Disclosed, ModeKind, Refusal, Rights, UserId};

    use super::*;
    use crate::leg_names::LegNames;
    use crate::publication::News;
    use crate::testing::{CALL, SUPPORT, Stage, agent, guest, supervisor};

    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn stage() -> Stage {
        Stage::new(&LegNames::default(), Instant::now())
    }

    #[test]
    fn an_agent_calls_out_and_is_on_the_call_from_the_first_moment() {
        let mut stage = stage();
        let (ana, callee, sam) = (agent(1, "Ana"), guest(), supervisor(9, "Sam", SUPPORT));
        let (_, inbox) = stage.connect(&ana);
        stage.connect(&sam);
        stage.ready(&ana);
        stage.dial(&ana, &callee).unwrap();
        assert_eq!(stage.live.presence(ana.id), Presence::Active);
        assert_eq!(stage.live.live_call(CALL).unwrap().state.answered_at(), None);
        inbox.take();
        let effects = stage.live.handle_dialed_rings(stage.now, CALL);
        stage.run(effects);
        let rings = |news: &News| match news {
            News::CallUpdated(sight) => sight.card.dialed.is_some_and(|it| it.rings),
            _other => false,
        };
        assert!(
            inbox.take().iter().any(|told| rings(&told.news)),
            "the agent is told that it rings"
        );
        let supervise = Command::Supervise { user: sam.id, rights: Rights::default() };
        let early = stage.apply(supervise);
        assert_eq!(early.unwrap_err(), Refusal::NoCaller, "nobody is there to be supervised");
        stage.apply(Command::JoinCaller { user: callee.id }).unwrap();
        let answered = stage.live.live_call(CALL).unwrap().state.answered_at();
        assert_eq!(answered, Some(stage.now.unix));
        let leg = stage.supervise(&sam);
        stage.set_mode(leg, ModeKind::Barge);
    }

    #[test]
    fn one_who_is_on_a_call_or_rung_calls_nobody() {
        let mut stage = stage();
        let (ana, caller) = (agent(1, "Ana"), guest());
        stage.connect(&ana);
        stage.ready(&ana);
        stage.place(&caller);
        assert_eq!(stage.dial(&ana, &caller), Err(AgentBusy), "it rings");
        stage.answer(&ana);
        assert_eq!(stage.dial(&ana, &caller), Err(AgentBusy), "on it");
    }

    #[test]
    fn a_call_that_nobody_takes_ends_for_its_own_reason() {
        let mut stage = stage();
        let (ana, callee) = (agent(1, "Ana"), guest());
        let (_, inbox) = stage.connect(&ana);
        stage.ready(&ana);
        stage.dial(&ana, &callee).unwrap();
        let effects = stage.live.handle_not_reached(CALL, NotReached::Busy);
        stage.run(effects);
        let ended = |news: &News| match news {
            News::Call(sight, Disclosed::Ended) => sight.card.end,
            _other => None,
        };
        let end = inbox.take().iter().find_map(|told| ended(&told.news));
        assert_eq!(end, Some(CallEnd::NotReached(NotReached::Busy)));
        assert_eq!(stage.live.presence(ana.id), Presence::Ready, "free again");
        assert_eq!(stage.dial(&ana, &callee), Ok(()));
        assert_eq!(stage.live.live_call(CALL).unwrap().dialed.map(|it| it.by), Some(UserId(1)));
    }
}
