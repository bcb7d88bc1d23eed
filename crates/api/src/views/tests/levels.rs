//! Levels are told by the place of a leg among those of its call: in a viewer's eyes both are in one order.

use super::*;

/// A level that tells by its number whose it is; every other leg speaks.
fn level(leg: LegId) -> (i8, bool) {
    let number = i8::try_from(leg.0).unwrap();
    (-10 - number, number % 2 == 0)
}

/// The call as it was told last.
fn last_call(inbox: &mut Inbox) -> CallView {
    let call = |event| match event {
        Event::SupervisionStarted { call, .. } | Event::SupervisionModeChanged { call, .. } => {
            Some(call)
        }
        _ => None,
    };
    events(inbox).into_iter().rev().find_map(call).unwrap()
}

#[test]
fn a_level_stands_where_its_leg_stands_in_the_viewer_s_call() {
    let (mut stage, _of_caller, mut of_agent) = answered();
    let (sam, kim) = (supervisor(7, "Sam", SUPPORT), supervisor(8, "Kim", SUPPORT));
    let (_, mut of_sam) = stage.connect(&sam);
    let _of_kim = stage.connect(&kim);
    let (sams, kims) = (stage.supervise(&sam), stage.supervise(&kim));
    // Sam was there first, and Kim is the first of whom the agent learns.
    for leg in [kims, sams] {
        stage.pass(TICK);
        stage.set_mode(leg, ModeKind::Whisper);
    }
    let calls = [last_call(&mut of_agent), last_call(&mut of_sam)];
    let order = |call: &CallView| call.legs.iter().map(|leg| leg.user.clone()).collect::<Vec<_>>();
    assert_ne!(order(&calls[0]), order(&calls[1]), "or there is nothing to be told apart");

    let state = stage.live.live_call(CALL).unwrap().state.clone();
    let levels = state.legs().iter().map(|leg| {
        let (level, speaks) = level(leg.id);
        (leg.id, level, speaks)
    });
    let levels = levels.collect();
    let effects = stage.live.handle_media(stage.now, MediaFact::Meters { call: CALL, levels });
    stage.run(effects);
    let effects = stage.live.handle_meters_due(stage.now.unix);
    stage.run(effects);
    let told = |user: &String| {
        let leg = state.legs().iter().find(|leg| leg.user.to_string() == *user).unwrap();
        let (level, speaks) = level(leg.id);
        i16::from(level) + if speaks { 128 } else { 0 }
    };
    for (inbox, call) in [&mut of_agent, &mut of_sam].into_iter().zip(&calls) {
        let [Event::Meters { calls }] = &events(inbox)[..] else { panic!("levels alone") };
        let expected: Vec<i16> = order(call).iter().map(told).collect();
        assert_eq!(calls[0].legs, expected);
        assert_eq!(calls[0].legs.len(), 4);
    }
}

/// Whoever has just come has no level yet, and moves nobody else's.
#[test]
fn a_leg_without_a_level_is_silent_in_its_place() {
    let (mut stage, _of_caller, _of_agent) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    let (_, mut of_sam) = stage.connect(&sam);
    let state = stage.live.live_call(CALL).unwrap().state.clone();
    let levels = state.legs().iter().skip(1).map(|leg| (leg.id, -20, false)).collect();
    read(&mut of_sam);
    stage.live.handle_media(stage.now, MediaFact::Meters { call: CALL, levels });
    let effects = stage.live.handle_meters_due(stage.now.unix);
    stage.run(effects);
    let [Event::Meters { calls }] = &events(&mut of_sam)[..] else { panic!("levels alone") };
    assert_eq!(calls[0].legs, [-127, -20]);
}
