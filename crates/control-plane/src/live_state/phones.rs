//! Agents' telephones: one that is registered is an event stream on which nothing is read but what rings, and
//! a way to be heard that needs no station before it rings.

use std::sync::Arc;

use interaction::offers::{MISSED_CALL, Presence};
use interaction::{User, UserId};

use super::{Effect, LiveState, Moment};
use crate::streams::{StreamId, StreamRefusal};

impl LiveState {
    /// A telephone of the user's is there: what rings at them rings there. No snapshot is told on its stream.
    ///
    /// # Errors
    /// See [`StreamRefusal`].
    pub fn handle_phone_connected(
        &mut self,
        now: Moment,
        user: &Arc<User>,
    ) -> Result<(StreamId, Vec<Effect>), StreamRefusal> {
        let id = self.streams.open(user.clone())?;
        self.away.remove(&user.id);
        self.phones.insert(id);
        Ok((id, self.agent_arrives(now, user)))
    }

    /// Whether the user is not ready because they have missed a call, and has no page on which to say that they
    /// are back.
    pub fn has_missed_without_page(&self, user: UserId) -> bool {
        let has_page = self.streams.of_user(user).any(|stream| !self.phones.contains(&stream));
        let is_away = self.offers.presence(user) == Presence::NotReady;
        !has_page && is_away && self.offers.reason(user) == Some(MISSED_CALL)
    }

    /// Whether somebody hears the user: by a station whose media are up, or at a telephone once it rings.
    pub fn can_be_heard(&self, user: UserId) -> bool {
        self.has_connected_station(user)
            || self.streams.of_user(user).any(|stream| self.phones.contains(&stream))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use interaction::offers::Presence;

    use crate::leg_names::LegNames;
    use crate::live_state::{AWAY_GRACE, Missing};
    use crate::publication::News;
    use crate::testing::{Stage, agent, guest};

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn an_agent_with_a_telephone_is_offered_calls_until_it_is_gone() {
        let mut stage = Stage::new(&LegNames::default(), Instant::now());
        let (ana, caller) = (agent(1, "Ana"), guest());
        let (id, inbox) = stage.connect_phone(&ana);
        assert!(inbox.take().iter().all(|told| !matches!(told.news, News::Snapshot(_))));
        assert_eq!(stage.live.missing(ana.id), [], "it needs no page");
        stage.ready(&ana);
        stage.place(&caller);
        let rings = |news: &News| matches!(news, News::CallOffered(..));
        assert!(inbox.take().iter().any(|told| rings(&told.news)));
        stage.disconnect(id);
        assert_eq!(stage.live.missing(ana.id), [Missing::EventStream, Missing::Station]);
        stage.pass(AWAY_GRACE + Duration::from_secs(1));
        assert_eq!(stage.live.presence(ana.id), Presence::Offline);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn who_misses_a_call_without_a_page_is_known() {
        let mut stage = Stage::new(&LegNames::default(), Instant::now());
        let (ana, caller) = (agent(1, "Ana"), guest());
        stage.connect_phone(&ana);
        assert!(!stage.live.has_missed_without_page(ana.id), "not ready, and nothing was missed");
        stage.ready(&ana);
        stage.place(&caller);
        stage.pass(Duration::from_secs(30));
        assert_eq!(stage.live.presence(ana.id), Presence::NotReady);
        assert!(stage.live.has_missed_without_page(ana.id));
        stage.connect_without_media(&ana);
        assert!(!stage.live.has_missed_without_page(ana.id), "the page asks");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn a_telephone_stands_for_a_page_without_a_headset() {
        let mut stage = Stage::new(&LegNames::default(), Instant::now());
        let ana = agent(1, "Ana");
        stage.connect_without_media(&ana);
        assert_eq!(stage.live.missing(ana.id), [Missing::Station]);
        let (id, _) = stage.connect_phone(&ana);
        assert_eq!(stage.live.missing(ana.id), []);
        stage.disconnect(id);
        assert_eq!(stage.live.missing(ana.id), [Missing::Station]);
    }
}
