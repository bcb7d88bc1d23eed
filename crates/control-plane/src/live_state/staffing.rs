//! What supervisors do with the agents of their teams.

use interaction::offers::{Choice, Medium};
use interaction::{User, UserId};

use super::{Effect, LiveState, Moment};

impl LiveState {
    /// Whether the user may direct this agent: supervises a team of theirs. Nobody directs themself;
    /// whoever takes calls chooses by their own right.
    pub fn directs(&self, user: &User, agent: UserId) -> bool {
        let teams = self.agents.get(&agent).map_or(&[][..], |entry| &entry.teams);
        user.id != agent && teams.iter().any(|team| user.supervises(*team))
    }

    /// A supervisor chose for an agent who is known. Takes effect like the agent's own choice.
    pub fn handle_choice_for(&mut self, now: Moment, agent: UserId, choice: Choice) -> Vec<Effect> {
        let decisions = self.offers.handle_choice(now.instant, agent, choice);
        self.carry_out(now, decisions)
    }

    /// Whether the agent is in a call or a conversation, which signing them out would end.
    pub fn is_at_work(&self, agent: UserId) -> bool {
        [Medium::Voice, Medium::Text]
            .into_iter()
            .any(|medium| self.offers.holds(agent, medium).next().is_some())
    }

    /// Whether anything that the user is in would end with their sign-ins.
    pub fn is_busy(&self, user: UserId) -> bool {
        self.is_at_work(user) || self.supervises(user)
    }
}

#[cfg(test)]
mod tests {
    use interaction::offers::Presence;

    use super::*;
    use crate::LegNames;
    use crate::testing::{SALES, SUPPORT, Stage, agent, supervisor};

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn supervisors_direct_the_agents_of_their_teams_alone() {
        let mut stage = Stage::new(&LegNames::default(), std::time::Instant::now());
        let ana = agent(1, "Ana");
        stage.connect(&ana);
        let (sam, dan) = (supervisor(7, "Sam", SUPPORT), supervisor(8, "Dan", SALES));
        assert!(stage.live.directs(&sam, ana.id));
        assert!(!stage.live.directs(&dan, ana.id), "of another team");
        assert!(!stage.live.directs(&ana, ana.id), "nobody directs themself");
        assert!(!stage.live.directs(&sam, UserId(99)), "nobody knows this one");
        let choice = Choice::NotReady { reason: Some("supervisor".to_owned()) };
        let effects = stage.live.handle_choice_for(stage.now, ana.id, choice);
        stage.run(effects);
        assert_eq!(stage.live.presence(ana.id), Presence::NotReady);
        let sight = stage.live.agent_sight(ana.id).unwrap();
        assert_eq!(sight.reason.as_deref(), Some("supervisor"));
    }
}
