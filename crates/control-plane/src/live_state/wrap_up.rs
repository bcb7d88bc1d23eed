//! How long agents write up a call: from when they left it until they are there for the next one.

use interaction::{CallId, Event, Role, UnixMs, UserId};

use super::{Effect, LiveState};
use crate::effect::{DomainEvent, WrapUp};

impl LiveState {
    /// Who left the call by these events and writes it up from now on.
    pub(super) fn wrap_ups_begun(&mut self, now: UnixMs, call: CallId, events: &[Event]) {
        let Some(live) = self.calls.get(&call) else { return };
        for event in events {
            let Event::LegLeft(leg, _) = event else { continue };
            if leg.role() != Role::Agent || self.offers.after_call(leg.user).is_none() {
                continue;
            }
            self.wrapping_up.entry(leg.user).or_insert_with(|| WrapUp {
                call,
                agent: leg.user,
                agent_name: live.participants.name_of(leg.user),
                queue: live.queue.as_ref().map(|queue| queue.key.clone()),
                team: live.team(),
                since: now,
                until: now,
            });
        }
    }

    /// What is to be kept, if the agent has just been done with it.
    pub(super) fn wrapped_up(&mut self, now: UnixMs, agent: UserId) -> Option<Effect> {
        if self.offers.after_call(agent).is_some() {
            return None;
        }
        let done = WrapUp { until: now, ..self.wrapping_up.remove(&agent)? };
        Some(Effect::Persist(DomainEvent::WrappedUp(done)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use interaction::offers::{LineConfig, Medium};
    use interaction::{Command, LeaveReason, Policy};

    use super::*;
    use crate::LegNames;
    use crate::testing::{CALL, Stage, agent, guest};

    fn kept(stage: &mut Stage) -> Vec<WrapUp> {
        let kept = std::mem::take(&mut stage.kept).into_iter();
        let wrap_up = |effect| match effect {
            Effect::Persist(DomainEvent::WrappedUp(it)) => Some(it),
            _ => None,
        };
        kept.filter_map(wrap_up).collect()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn an_agent_writes_a_call_up_until_they_are_ready_or_the_time_is_over() {
        for by_hand in [true, false] {
            let mut stage = Stage::new(&LegNames::default(), std::time::Instant::now());
            let calls =
                LineConfig { after_call: Duration::from_secs(60), ..LineConfig::of(Medium::Voice) };
            stage.live.handle_settings(Policy::default(), calls);
            let ana = agent(1, "Ana");
            stage.connect(&ana);
            stage.ready(&ana);
            stage.place(&guest());
            let leg = stage.answer(&ana);
            let began = stage.now.unix;
            stage.apply(Command::Leave { leg, reason: LeaveReason::HungUp }).unwrap();
            assert_eq!(kept(&mut stage), []);
            stage.pass(Duration::from_secs(25));
            if by_hand {
                stage.ready(&ana);
            } else {
                stage.pass(Duration::from_secs(35));
            }
            let [done] = &kept(&mut stage)[..] else { panic!("one wrap-up") };
            let length = done.until.0 - done.since.0;
            assert_eq!((done.call, done.since), (CALL, began));
            assert_eq!(length, if by_hand { 25_000 } else { 60_000 });
            assert_eq!((done.agent_name.as_str(), done.queue.as_deref()), ("Ana", Some("support")));
        }
    }
}
