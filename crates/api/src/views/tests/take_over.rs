//! Take-over: what each is told, and what is not counted meanwhile.

use super::*;

#[test]
fn the_caller_is_told_as_of_a_barge_and_then_of_a_change_of_the_call() {
    let (mut stage, mut of_caller, mut of_agent) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    let (_, _of_sam) = stage.connect(&sam);
    let leg = stage.supervise(&sam);
    stage.set_mode(leg, ModeKind::TakeOver);
    assert_eq!(kinds(&mut of_caller), ["leg.joined"]);
    assert_eq!(kinds(&mut of_agent), ["supervision.started"]);
    stage.set_mode(leg, ModeKind::Barge);
    stage.set_mode(leg, ModeKind::TakeOver);
    let told = events(&mut of_caller);
    let [Event::LegChanged { .. }, Event::LegChanged { call }] = &told[..] else {
        panic!("the call has changed, twice: {told:?}")
    };
    assert!(call.legs.iter().any(|leg| leg.mode == Some(wire::Mode::TakeOver)));
    assert!(!call.agents_apart, "a choice of the centre's is none of the caller's business");
    let changed = "supervision.mode_changed";
    assert_eq!(kinds(&mut of_agent), [changed, changed]);
    stage.set_mode(leg, ModeKind::Listen);
    assert_eq!(kinds(&mut of_caller), ["leg.left"]);
    assert_eq!(kinds(&mut of_agent), ["supervision.ended"]);
}

/// The figures are of caller and agent: nobody is silent who may not speak.
#[test]
fn while_a_supervisor_speaks_with_the_caller_nothing_is_counted() {
    let (mut stage, _of_caller, _of_agent) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    stage.connect(&sam);
    let leg = stage.supervise(&sam);
    let after = |stage: &mut Stage| {
        for _ in 0..300 {
            stage.now.unix.0 += 100;
            stage.meters();
        }
        stage.live.live_call(CALL).unwrap().mood()
    };
    stage.set_mode(leg, ModeKind::TakeOver);
    assert_eq!(after(&mut stage), None);
    stage.set_mode(leg, ModeKind::Barge);
    assert!(after(&mut stage).is_some());
}
