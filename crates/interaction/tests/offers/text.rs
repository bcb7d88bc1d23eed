//! Stories of conversations.

use std::time::{Duration, Instant};

use interaction::offers::{
    Choice, Decision, Delivery, Interaction, MISSED_CONVERSATION, Medium, OfferError, Offers,
    Presence, Ticket,
};
use interaction::{ConversationId, HandoverId, Target, UserId};

use super::{ANA, BEN, SUPPORT, start};

pub(super) struct Floor {
    pub offers: Offers,
    pub now: Instant,
}

pub(super) fn ticket(conversation: u64) -> Ticket {
    Interaction::Conversation(ConversationId(conversation)).ticket()
}

pub(super) fn request(conversation: u64) -> Ticket {
    Ticket { handover: Some(HandoverId(1)), ..ticket(conversation) }
}

impl Floor {
    pub fn with(agents: &[UserId]) -> Self {
        let mut floor = Self { offers: Offers::default(), now: start() };
        for agent in agents {
            floor.available(*agent, true);
            floor.now += Duration::from_secs(1);
        }
        floor
    }

    pub fn available(&mut self, agent: UserId, available: bool) -> Vec<Decision> {
        let mut decisions = self.offers.handle_online(self.now, agent, &[SUPPORT]);
        let choice = if available { Choice::Ready } else { Choice::NotReady { reason: None } };
        decisions.extend(self.offers.handle_choice(self.now, agent, choice));
        decisions
    }

    pub fn place(&mut self, ticket: Ticket, delivery: Delivery) -> Vec<Decision> {
        let target = Target::Queue(SUPPORT);
        self.offers.handle_placed(self.now, ticket, target, delivery, None).unwrap()
    }

    /// Accepts and joins.
    pub fn claim(&mut self, ticket: Ticket, agent: UserId) -> Result<Vec<Decision>, OfferError> {
        self.offers.claim(ticket, agent)?;
        Ok(self.offers.handle_joined(self.now, ticket, agent))
    }

    pub fn pass(&mut self, seconds: u64) -> Vec<Decision> {
        self.now += Duration::from_secs(seconds);
        self.offers.handle_timeout(self.now)
    }
}

pub(super) fn offers(decisions: &[Decision]) -> Vec<(u64, UserId)> {
    let offer = |it: &Decision| match it {
        Decision::Offer { ticket, agent, .. } => match ticket.interaction {
            Interaction::Conversation(id) => Some((id.0, *agent)),
            Interaction::Call(_) => None,
        },
        _ => None,
    };
    decisions.iter().filter_map(offer).collect()
}

#[test]
fn it_goes_to_the_one_with_the_fewest_and_no_further_than_the_limit() {
    let mut floor = Floor::with(&[ANA, BEN]);
    for (n, agent) in [(1, ANA), (2, BEN), (3, ANA), (4, BEN)] {
        assert_eq!(offers(&floor.place(ticket(n), Delivery::Push)), [(n, agent)]);
        floor.claim(ticket(n), agent).unwrap();
        floor.now += Duration::from_secs(1);
    }
    floor.available(BEN, false);
    for n in [5, 6] {
        assert_eq!(offers(&floor.place(ticket(n), Delivery::Push)), [(n, ANA)]);
        floor.claim(ticket(n), ANA).unwrap();
    }
    assert_eq!(offers(&floor.place(ticket(7), Delivery::Push)), [], "four are enough");
    let decisions = floor.offers.handle_left(floor.now, ticket(1).interaction, ANA);
    assert_eq!(offers(&decisions), [(7, ANA)]);
}

#[test]
fn of_two_who_accept_one_wins_and_the_other_is_told() {
    let mut floor = Floor::with(&[ANA, BEN]);
    floor.place(ticket(1), Delivery::Push);
    let decisions = floor.pass(30);
    assert!(decisions.contains(&Decision::Withdraw { ticket: ticket(1), agent: ANA }));
    assert!(decisions.contains(&Decision::PresenceChanged { agent: ANA }));
    assert_eq!(floor.offers.presence(ANA), Presence::NotReady);
    assert_eq!(floor.offers.reason(ANA), Some(MISSED_CONVERSATION));
    assert_eq!(offers(&decisions), [(1, BEN)]);
    assert_eq!(floor.claim(ticket(1), ANA), Err(OfferError::NotOffered));
    floor.claim(ticket(1), BEN).unwrap();
    assert_eq!(floor.claim(ticket(1), ANA), Err(OfferError::Taken { by: BEN }));
}

#[test]
fn a_declined_one_goes_on_and_comes_back_to_a_lone_agent() {
    let mut floor = Floor::with(&[ANA]);
    floor.place(ticket(1), Delivery::Push);
    let declined = floor.offers.handle_declined(floor.now, ticket(1), ANA).unwrap();
    assert_eq!(declined, [Decision::Withdraw { ticket: ticket(1), agent: ANA }]);
    assert_eq!(offers(&floor.pass(59)), []);
    assert_eq!(offers(&floor.pass(1)), [(1, ANA)]);
}

#[test]
fn nobody_is_found_in_the_end() {
    let mut floor = Floor::with(&[]);
    floor.place(ticket(1), Delivery::Push);
    assert_eq!(floor.pass(599), []);
    assert_eq!(floor.pass(1), [Decision::GiveUp { ticket: ticket(1) }]);
    assert_eq!(floor.offers.next_deadline(), None);
}

#[test]
fn a_request_goes_first_and_never_back_to_its_sender() {
    let mut floor = Floor::with(&[]);
    floor.place(ticket(1), Delivery::Push);
    let target = Target::Queue(SUPPORT);
    let placed =
        floor.offers.handle_placed(floor.now, request(2), target, Delivery::Push, Some(ANA));
    placed.unwrap();
    assert_eq!(offers(&floor.available(ANA, true)), [(1, ANA)]);
    assert_eq!(offers(&floor.available(BEN, true)), [(2, BEN)]);
    floor.available(BEN, false);
    assert_eq!(
        floor.pass(120),
        [
            Decision::GiveUp { ticket: request(2) },
            Decision::Withdraw { ticket: ticket(1), agent: ANA },
            Decision::PresenceChanged { agent: ANA },
        ]
    );
}

#[test]
fn a_request_to_one_agent_ends_with_their_no() {
    let mut floor = Floor::with(&[ANA, BEN]);
    let target = Target::Agent(BEN);
    let now = floor.now;
    let placed = floor.offers.handle_placed(now, request(1), target, Delivery::Push, Some(ANA));
    assert_eq!(offers(&placed.unwrap()), [(1, BEN)]);
    let declined = floor.offers.handle_declined(now, request(1), BEN).unwrap();
    assert_eq!(declined[1], Decision::GiveUp { ticket: request(1) });
}

#[test]
fn from_a_pull_queue_several_pick_the_same() {
    let mut floor = Floor::with(&[ANA, BEN]);
    let placed = floor.place(ticket(1), Delivery::Pull);
    let relisted = [Decision::ListChanged { queue: SUPPORT }];
    assert_eq!(placed, relisted);
    assert_eq!(floor.offers.pullable(ANA), [ticket(1)]);
    floor.claim(ticket(1), ANA).unwrap();
    assert_eq!(floor.offers.pullable(ANA), []);
    let now = floor.now;
    assert_eq!(floor.offers.handle_joined(now, ticket(1), ANA), relisted);
    floor.claim(ticket(1), BEN).unwrap();
    assert_eq!(floor.pass(3_600), [], "somebody is in it");
    let left = floor.offers.handle_left(floor.now, ticket(1).interaction, ANA);
    assert_eq!(left, relisted, "Ben alone is in it now");
    assert_eq!(floor.offers.pullable(ANA), [ticket(1)], "and Ana may come back");
    let stranger = UserId(9);
    assert_eq!(floor.claim(ticket(1), stranger), Err(OfferError::NotOffered));
    floor.offers.handle_ended(floor.now, ticket(1).interaction);
    assert_eq!(floor.offers.holds(ANA, Medium::Text).count(), 0);
}

#[test]
fn after_a_restart_more_may_join_whoever_is_in_it() {
    let mut floor = Floor::with(&[BEN]);
    floor.place(ticket(1), Delivery::Pull);
    floor.offers.handle_joined(floor.now, ticket(1), ANA);
    assert_eq!(floor.pass(3_600), [], "it waits for nobody");
    floor.claim(ticket(1), BEN).unwrap();
}

#[test]
fn picking_has_the_same_limit() {
    let mut floor = Floor::with(&[ANA]);
    for n in 1..=5 {
        floor.place(ticket(n), Delivery::Pull);
    }
    for n in 1..=4 {
        floor.claim(ticket(n), ANA).unwrap();
    }
    assert_eq!(floor.claim(ticket(5), ANA), Err(OfferError::LimitReached));
}
