//! Calls from ring to hang-up.

use std::time::Duration;

use wire::{
    CallPhase, EndReason, Event, HelpAction, HelpRequest, LegUpdate, Mode, PresenceState, Role,
};

use crate::{PATIENCE, Server, Talk, conflicting_call, kinds, refusal, refused};

#[tokio::test(flavor = "multi_thread")]
async fn listen_whisper_barge_and_who_is_told() {
    let server = Server::start().await;
    let Talk { mut caller, mut agent, call } = server.talk().await;
    caller.until("call.started").await;
    agent.until("call.started").await;
    let sam = server.person("supervisor1").await;

    let leg = sam.session.listen(&call).await.unwrap();
    assert_eq!(leg.mode, Some(Mode::Listen));
    let whisper =
        |revision| LegUpdate { mode: Some(Mode::Whisper), revision, ..LegUpdate::default() };
    let stale = sam.api().update_leg(&call, &leg.leg, &whisper(Some(0))).await;
    let now = conflicting_call(stale);
    assert_eq!(now.revision, leg.revision);
    let whispering = sam.api().update_leg(&call, &leg.leg, &whisper(now.revision)).await.unwrap();
    assert_eq!(whispering.mode, Some(Mode::Whisper));
    let again = sam.api().update_leg(&call, &leg.leg, &whisper(None)).await.unwrap();
    assert_eq!(again, whispering, "asking again changes nothing");

    let told = agent.until("supervision.started").await;
    assert!(kinds(&told).iter().all(|it| it == "supervision.started" || it == "presence.changed"));
    sam.session.set_mode(&call, &leg.leg, Mode::Barge).await.unwrap();
    agent.until("supervision.mode_changed").await;
    let told = caller.until("leg.joined").await;
    assert_eq!(told.len(), 1, "nothing before the barge: {:?}", kinds(&told));
    let Event::LegJoined { leg: shown, call: view } = &told[0].event else { unreachable!() };
    assert_eq!((shown.name.as_str(), shown.role), ("Sam Okafor", Role::Supervisor));
    assert_eq!((view.revision, view.legs.len()), (None, 3));

    sam.session.stop(&call, &leg.leg).await.unwrap();
    caller.until("leg.left").await;
    agent.until("supervision.ended").await;
    agent.session.hang_up(&call).await.unwrap();
    let told = caller.until("call.ended").await;
    assert_eq!(kinds(&told), ["call.ended"]);
    let Event::CallEnded { call: over } = &told[0].event else { unreachable!() };
    assert_eq!((over.state, over.end_reason), (CallPhase::Ended, Some(EndReason::Agent)));
    assert_eq!(refusal(sam.api().call(&call).await), refused(404, "not-found"));
    in_the_books(server, &call).await;
}

async fn in_the_books(server: Server, call: &str) {
    let store = server.running.store.clone();
    server.running.orchestrator().stop().await;
    let record = store.call_record(call).await.unwrap().expect("the call was kept");
    assert_eq!((record.end_reason.as_str(), record.parties.len()), ("agent", 3));
    let sound = record.parties.iter().map(|it| (it.role, it.sound.is_some()));
    let is_party = |role| role != interaction::Role::Supervisor;
    assert!(sound.clone().all(|(role, is_known)| is_known == is_party(role)), "{record:?}");
    let acts = store.supervision_of_call(call).await.unwrap();
    let known = acts.into_iter().filter(|act| act.outcome != store::SUPERVISION_ASKED);
    let acts: Vec<(String, bool)> = known.map(|act| (act.action, act.outcome == "done")).collect();
    let expected =
        [("listen", true), ("whisper", false), ("whisper", true), ("barge", true), ("stop", true)];
    assert_eq!(acts, expected.map(|(action, done)| (action.to_owned(), done)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_rings_on_until_somebody_answers() {
    let server = Server::start().await;
    let mut ana = server.person("agent1").await;
    let mut luis = server.person("agent2").await;
    let mut yuki = server.person("agent3").await;
    for agent in [&ana, &luis, &yuki] {
        agent.session.ready().await.unwrap();
    }
    let mut caller = server.guest("Daniel").await;
    let call = caller.session.place_call("support", None).await.unwrap();
    assert_eq!(call.state, CallPhase::Ringing);
    ana.until("call.offered").await;
    ana.until("call.offer_ended").await;
    let told = ana.until("presence.changed").await;
    let Event::PresenceChanged { agent } = &told.last().unwrap().event else { unreachable!() };
    assert_eq!((agent.state, agent.reason.as_deref()), (PresenceState::NotReady, Some("missed")));
    assert_eq!(luis.events.offered(PATIENCE).await.unwrap().id, call.id);
    luis.session.decline(&call.id).await.unwrap();
    assert_eq!(refusal(luis.session.answer(&call.id).await), refused(409, "offer-gone"));
    assert_eq!(yuki.events.offered(PATIENCE).await.unwrap().id, call.id);
    yuki.session.answer(&call.id).await.unwrap();
    caller.until("call.started").await;
    assert_eq!(yuki.api().call(&call.id).await.unwrap().state, CallPhase::Active);
    assert_eq!(refusal(ana.api().call(&call.id).await), refused(404, "not-found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_mute_and_help() {
    let server = Server::start().await;
    let Talk { mut caller, agent, call } = server.talk().await;
    let mut sam = server.person("supervisor1").await;
    agent.session.hold(&call).await.unwrap();
    assert!(caller.api().call(&call).await.unwrap().held);
    agent.session.resume(&call).await.unwrap();
    let own = caller.api().call(&call).await.unwrap().own_leg.unwrap();
    caller.session.mute(&call, &own, true).await.unwrap();
    assert!(agent.api().call(&call).await.unwrap().legs[0].muted);
    caller.until("leg.changed").await;

    agent.session.ask_for_help(&call, "A refund").await.unwrap();
    sam.until("help.changed").await;
    let take = HelpRequest { action: HelpAction::Take, reason: None };
    sam.api().help(&call, &take).await.unwrap();
    let help = agent.api().call(&call).await.unwrap().help.unwrap();
    assert_eq!(help.taken_by.unwrap().name, "Sam Okafor");
    assert_eq!(caller.api().call(&call).await.unwrap().help, None);
    let close = HelpRequest { action: HelpAction::Close, reason: None };
    sam.api().help(&call, &close).await.unwrap();
    assert_eq!(refusal(sam.api().help(&call, &close).await), refused(409, "call-refused"));
    assert_eq!(refusal(caller.api().help(&call, &close).await), refused(403, "not-allowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_station_takes_its_user_off_the_call() {
    let server = Server::start().await;
    let Talk { mut caller, mut agent, call } = server.talk().await;
    agent.until("call.started").await;
    caller.session.close_station().await;
    let told = agent.until("call.ended").await;
    let Event::CallEnded { call: over } = &told.last().unwrap().event else { unreachable!() };
    assert_eq!(over.id, call);
    let told = caller.until("station.closed").await;
    let Event::StationClosed { reason, .. } = told.last().unwrap().event else { unreachable!() };
    assert_eq!(reason, wire::StationEnd::Closed);
    tokio::time::timeout(Duration::from_secs(5), agent.until("presence.changed")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_echo_reaches_the_supervisor_and_never_the_caller() {
    let server = Server::start().await;
    let Talk { mut caller, agent, call } = server.talk().await;
    caller.until("call.started").await;
    let mut sam = server.person("supervisor1").await;
    let leg = agent.api().call(&call).await.unwrap().own_leg.unwrap();
    agent.session.tell_echo(&call, &leg, true).await.unwrap();
    let told = sam.until("leg.changed").await;
    let Event::LegChanged { call: view } = &told.last().unwrap().event else { unreachable!() };
    let echoes: Vec<Role> = view.legs.iter().filter(|leg| leg.echo).map(|leg| leg.role).collect();
    assert_eq!(echoes, [Role::Agent]);
    let own = caller.api().call(&call).await.unwrap();
    assert!(own.legs.iter().all(|leg| !leg.echo), "{own:?}");
    let of_caller = caller.session.tell_echo(&call, &own.own_leg.unwrap(), true).await;
    assert_eq!(refusal(of_caller), refused(403, "not-allowed"));

    agent.session.tell_echo(&call, &leg, false).await.unwrap();
    let told = sam.until("leg.changed").await;
    let Event::LegChanged { call: view } = &told.last().unwrap().event else { unreachable!() };
    assert!(view.legs.iter().all(|leg| !leg.echo));
    agent.session.hang_up(&call).await.unwrap();
    let told = caller.until("call.ended").await;
    assert_eq!(kinds(&told), ["call.ended"], "the caller was told nothing of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_moves_to_another_own_station_and_supervision_does_not() {
    let server = Server::start().await;
    let Talk { mut caller, agent, call } = server.talk().await;
    caller.until("call.started").await;
    let leg = agent.api().call(&call).await.unwrap().own_leg.unwrap();
    let headset = server.person("agent1").await;
    let moved = headset.session.move_here(&call, &leg).await.unwrap();
    assert_eq!(moved.leg, leg);
    // The former station is free, and its end is no matter of the call's.
    let mut agent = agent;
    agent.session.close_station().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(headset.api().call(&call).await.unwrap().legs.len(), 2);

    let sam = server.person("supervisor1").await;
    let supervised = sam.session.listen(&call).await.unwrap().leg;
    let page = server.person("supervisor1").await;
    let moved = page.session.move_here(&call, &supervised).await;
    assert_eq!(refusal(moved), refused(403, "not-allowed"));
    let foreign = sam.session.move_here(&call, &leg).await;
    assert_eq!(refusal(foreign), refused(403, "not-allowed"));
    let other = LegUpdate {
        station: Some(caller.session.station_id().unwrap().to_owned()),
        ..LegUpdate::default()
    };
    let theirs = headset.api().update_leg(&call, &leg, &other).await;
    assert_eq!(refusal(theirs), refused(404, "not-found"));
    headset.session.hang_up(&call).await.unwrap();
    let told = caller.until("call.ended").await;
    assert_eq!(kinds(&told), ["call.ended"], "the caller noticed nothing");
}

/// A call is over from the moment at which somebody hung up, also until the tick that carries it out.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_ends_is_not_there_any_more_also_before_its_last_tick() {
    let server = Server::start().await;
    let Talk { caller, agent: _agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    let leg = sam.session.listen(&call).await.unwrap().leg;
    // One command after the other, some of them while the call waits for its last tick.
    let commands = (0..12).map(|step| {
        let (session, call, leg) = (&sam.session, &call, &leg);
        async move {
            tokio::time::sleep(Duration::from_millis(2 * step)).await;
            session.set_mode(call, leg, Mode::Listen).await
        }
    });
    let commands = futures_util::future::join_all(commands);
    let (ended, answers) = tokio::join!(caller.session.hang_up(&call), commands);
    ended.unwrap();
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(answer), refused(404, "not-found"));
    }
    let after = sam.session.set_mode(&call, &leg, Mode::Listen).await;
    assert_eq!(refusal(after), refused(404, "not-found"));
}
