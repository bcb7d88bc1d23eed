//! Handing calls over, at the front door: what is answered, refused, told and kept.

use wire::{
    ConferenceRequest, ConsultationAction, Destination, EndReason, Event, HandoverKind,
    HandoverOutcome, HelpAction, HelpRequest, PresenceState, TransferRequest,
};

use crate::{PATIENCE, Person, Server, Talk, kinds, refusal, refused};

fn queue(key: &str, consult: bool) -> TransferRequest {
    let note = Some("Wants a refund".to_owned());
    TransferRequest { to: Destination::Queue(key.to_owned()), note, consult }
}

async fn ready(server: &Server, username: &str) -> Person {
    let person = server.person(username).await;
    person.session.ready().await.unwrap();
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_transferred_to_another_team() {
    let server = Server::start().await;
    let Talk { mut caller, mut agent, call } = server.talk().await;
    caller.until("call.started").await;
    let mut lena = ready(&server, "agent5").await;
    let mut kim = server.person("supervisor3").await;
    assert_eq!(refusal(kim.api().call(&call).await), refused(404, "not-found"));

    let list = agent.api().destinations().await.unwrap();
    let counts: Vec<(&str, u32)> =
        list.queues.iter().map(|it| (it.queue.as_str(), it.available)).collect();
    assert_eq!(counts, [("sales", 1), ("support", 0)]);
    let there: Vec<&str> = list
        .agents
        .iter()
        .filter(|it| it.state == PresenceState::Ready)
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(there, ["Lena Fischer"]);
    assert_eq!(refusal(caller.api().destinations().await), refused(403, "not-allowed"));

    let request = agent.api().transfer(&call, &queue("sales", false)).await.unwrap();
    assert_eq!((request.kind, request.to_name.as_str()), (HandoverKind::Transfer, "Sales"));
    assert_eq!(refusal(agent.api().call(&call).await), refused(404, "not-found"));
    let told = caller.until("leg.left").await;
    assert_eq!(kinds(&told), ["call.updated", "leg.left"]);
    let Event::LegLeft { call: view, .. } = &told[1].event else { unreachable!() };
    assert_eq!(view.transferring_to.as_deref(), Some("Sales"));
    assert!(view.handovers.is_empty() && view.ringing.is_none());

    let told = lena.until("call.offered").await;
    let Event::CallOffered { handover: Some(shown), .. } = &told.last().unwrap().event else {
        panic!("{told:?}")
    };
    assert_eq!(
        (shown.from.name.as_str(), shown.note.as_deref()),
        ("Ana Duarte", Some("Wants a refund"))
    );
    kim.until("call.handover_requested").await;
    lena.session.answer(&call).await.unwrap();
    caller.until("leg.joined").await;
    let told = agent.until("call.handover_ended").await;
    let Event::HandoverEnded { outcome, by, .. } = &told.last().unwrap().event else {
        unreachable!()
    };
    assert_eq!(
        (*outcome, by.as_ref().unwrap().name.as_str()),
        (HandoverOutcome::Accepted, "Lena Fischer")
    );
    assert_eq!(kim.api().call(&call).await.unwrap().transferring_to, None);
    lena.session.hang_up(&call).await.unwrap();
    caller.until("call.ended").await;
    in_the_books(server, &call).await;
}

async fn in_the_books(server: Server, call: &str) {
    let store = server.running.store.clone();
    server.running.orchestrator().stop().await;
    let record = store.interaction(call).await.unwrap().expect("an ended call is an interaction");
    let ended = (record.kind, record.end_reason.as_deref());
    assert_eq!(ended, (store::InteractionKind::Call, Some("agent")));
    let events = store.events_of(call, 0, 100).await.unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    let expected = [
        "leg_joined",
        "leg_joined",
        "handover_requested",
        "leg_left",
        "handover_ended",
        "leg_joined",
        "leg_left",
        "leg_left",
        "ended",
    ];
    assert_eq!(kinds, expected);
    let request = &events[2];
    // The caller is told that the call is handed over; of the note, staff alone.
    assert!(!request.private && request.data.contains("Wants a refund"), "{}", request.data);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_it_and_the_sender_is_told() {
    let server = Server::start().await;
    let Talk { mut caller, mut agent, call } = server.talk().await;
    let mut luis = ready(&server, "agent2").await;
    let to = Destination::Agent(luis.session.user().id.clone());
    let ask = ConferenceRequest { to: to.clone(), note: None };
    let first = agent.api().conference(&call, &ask).await.unwrap();
    assert_eq!(first.to_name, "Luis Herrera");
    luis.until("call.offered").await;
    luis.session.decline(&call).await.unwrap();
    let told = agent.until("call.handover_ended").await;
    let Event::HandoverEnded { outcome, .. } = told.last().unwrap().event else { unreachable!() };
    assert_eq!(outcome, HandoverOutcome::Declined);
    assert!(agent.api().call(&call).await.unwrap().handovers.is_empty());

    // A transfer that rings in vain: the call ends, for its agent has left.
    let transfer = TransferRequest { to, note: None, consult: false };
    agent.api().transfer(&call, &transfer).await.unwrap();
    let told = agent.until("call.handover_ended").await;
    let Event::HandoverEnded { outcome, .. } = told.last().unwrap().event else { unreachable!() };
    assert_eq!(outcome, HandoverOutcome::NoAgents);
    let told = caller.until("call.ended").await;
    let Event::CallEnded { call: over } = &told.last().unwrap().event else { unreachable!() };
    assert_eq!(over.end_reason, Some(EndReason::NoAgent));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_allowed_is_refused() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    let lena = server.person("agent5").await;
    let blind = queue("sales", false);
    assert_eq!(refusal(caller.api().transfer(&call, &blind).await), refused(403, "not-allowed"));
    assert_eq!(refusal(sam.api().transfer(&call, &blind).await), refused(403, "not-allowed"));
    assert_eq!(refusal(lena.api().transfer(&call, &blind).await), refused(404, "not-found"));
    let nowhere = queue("nowhere", false);
    assert_eq!(refusal(agent.api().transfer(&call, &nowhere).await), refused(404, "not-found"));
    let myself = Destination::Agent(agent.session.user().id.clone());
    let myself = TransferRequest { to: myself, note: None, consult: false };
    assert_eq!(refusal(agent.api().transfer(&call, &myself).await), refused(409, "call-refused"));
    let long = TransferRequest { note: Some("x".repeat(501)), ..queue("sales", false) };
    assert_eq!(refusal(agent.api().transfer(&call, &long).await), refused(400, "bad-input"));
    let merge = agent.api().consultation(&call, ConsultationAction::Merge).await;
    assert_eq!(refusal(merge), refused(409, "call-refused"));

    let request = agent.api().transfer(&call, &queue("sales", true)).await.unwrap();
    let view = agent.api().call(&call).await.unwrap();
    assert!(view.held && view.handovers == [request.clone()] && view.consultation.is_some());
    let of_caller = caller.api().call(&call).await.unwrap();
    assert!(of_caller.handovers.is_empty() && of_caller.consultation.is_none());
    assert_eq!(of_caller.transferring_to, None, "a consultation is not told");
    assert_eq!(refusal(agent.api().transfer(&call, &blind).await), refused(409, "call-refused"));
    assert_eq!(refusal(sam.api().take_back(&call, &request.id).await), refused(403, "not-allowed"));
    assert_eq!(refusal(agent.api().take_back(&call, "99").await), refused(404, "not-found"));
    agent.api().take_back(&call, &request.id).await.unwrap();
    assert_eq!(refusal(agent.api().take_back(&call, &request.id).await), refused(404, "not-found"));
    let view = agent.api().call(&call).await.unwrap();
    assert!(view.held && view.handovers.is_empty() && view.consultation.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn help_on_a_call_is_in_the_report_while_it_goes_on() {
    let server = Server::start().await;
    let Talk { caller: _caller, agent, call } = server.talk().await;
    let mut sam = server.person("supervisor1").await;
    agent.session.ask_for_help(&call, "A refund").await.unwrap();
    let take = HelpRequest { action: HelpAction::Take, reason: None };
    sam.api().help(&call, &take).await.unwrap();
    let told = sam.until("help.changed").await;
    let Event::HelpChanged { request, .. } = &told.last().unwrap().event else { unreachable!() };
    assert_eq!(request.state, wire::HelpState::Open);
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let kept = server.running.store.help_of(&call).await.unwrap();
        if let [only] = &kept[..]
            && only.stage == "in_progress"
        {
            assert_eq!((only.reason.as_deref(), only.taken_by.is_some()), (Some("A refund"), true));
            assert!(only.team.is_some() && only.queue.as_deref() == Some("support"));
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{kept:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
