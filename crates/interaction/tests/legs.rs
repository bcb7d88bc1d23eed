//! Places on a call: parties and supervisors have their own.

use interaction::{
    Actor, CallId, CallState, Command, LeaveReason, PARTIES_MAX, Policy, Refusal, Rights,
    SUPERVISORS_MAX, Slot, UnixMs, UserId,
};

/// Whether one more agent, or supervisor, finds a place is a matter of their own number alone.
#[test]
fn neither_pool_of_legs_knows_of_the_other() {
    let rights = Rights::default();
    for (agents, supervisors) in [(1, 0), (1, SUPERVISORS_MAX), (PARTIES_MAX - 1, 3)] {
        let mut call = CallState::new(CallId(1), Policy::default());
        let mut apply = |command| call.apply(UnixMs(1), Actor::System, command).map(|_| ());
        apply(Command::JoinCaller { user: UserId(1) }).unwrap();
        for user in (100..).map(UserId).take(agents) {
            apply(Command::JoinAgent { user }).unwrap();
        }
        for user in (200..).map(UserId).take(supervisors) {
            apply(Command::Supervise { user, rights }).unwrap();
        }
        let agent = apply(Command::JoinAgent { user: UserId(199) });
        let is_full = agents + 1 == PARTIES_MAX;
        assert_eq!(agent, if is_full { Err(Refusal::Full) } else { Ok(()) });
        let supervisor = apply(Command::Supervise { user: UserId(299), rights });
        let is_full = supervisors == SUPERVISORS_MAX;
        assert_eq!(supervisor, if is_full { Err(Refusal::Full) } else { Ok(()) });
    }
}

/// Slots order the sum of voices, so a party's slot may not depend on who listens.
#[test]
fn a_partys_slot_is_the_same_whoever_listens() {
    let slots = |supervised: bool| {
        let mut call = CallState::new(CallId(1), Policy::default());
        let mut apply = |command| call.apply(UnixMs(1), Actor::System, command).unwrap().joined;
        apply(Command::JoinCaller { user: UserId(1) });
        apply(Command::JoinAgent { user: UserId(2) });
        let rights = Rights::default();
        let supervisor =
            supervised.then(|| apply(Command::Supervise { user: UserId(3), rights }).unwrap());
        apply(Command::JoinAgent { user: UserId(4) });
        if let Some(leg) = supervisor {
            apply(Command::Leave { leg, reason: LeaveReason::HungUp });
        }
        apply(Command::JoinAgent { user: UserId(5) });
        call.legs().iter().map(|leg| leg.slot).collect::<Vec<_>>()
    };
    assert_eq!(slots(true), slots(false));
}

/// The last words of who left a slot may still fade out: it is used again as late as can be.
#[test]
fn a_slot_rests_for_as_long_as_others_are_free() {
    let mut call = CallState::new(CallId(1), Policy::default());
    let mut apply = |command| call.apply(UnixMs(1), Actor::System, command).unwrap().joined;
    apply(Command::JoinCaller { user: UserId(1) });
    apply(Command::JoinAgent { user: UserId(2) });
    let rights = Rights::default();
    let mut slots = Vec::new();
    for user in (100..).map(UserId).take(2 * SUPERVISORS_MAX) {
        let command = Command::Supervise { user, rights };
        let leg = call.apply(UnixMs(1), Actor::System, command).unwrap().joined.unwrap();
        slots.push(call.leg(leg).unwrap().slot);
        let reason = LeaveReason::HungUp;
        call.apply(UnixMs(1), Actor::System, Command::Leave { leg, reason }).unwrap();
    }
    let all: Vec<Slot> = Slot::supervisors().collect();
    assert_eq!(slots, [all.clone(), all].concat());
}
