//! What an administrator chose for a queue, as its callers meet it: opening hours, and the place in the queue.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client::api::Method;
use serde_json::{Value, json};
use wire::{CallPhase, ConversationPhase, Event, TextEvent};

use crate::text::Writer;
use crate::{PATIENCE, Person, Server, refusal, refused};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Changes Support, but for what `change` leaves alone.
async fn change(server: &Server, change: impl FnOnce(&mut Value)) {
    let admin = Writer::staff(server, "admin").await;
    let (_, list) = admin.ask(Method::GET, "/admin/queues", None).await;
    let queues = list["queues"].as_array().unwrap();
    let mut support = queues.iter().find(|it| it["key"] == "support").unwrap().clone();
    change(&mut support);
    let (status, told) = admin.ask(Method::PUT, "/admin/queues/support", Some(support)).await;
    assert_eq!(status, 200, "{told}");
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// Days since 1970, whose first was a Thursday, and the day's name.
fn weekday(days: u64) -> &'static str {
    DAYS[(days as usize + 3) % 7]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_queue_takes_nobody_from_outside_and_says_when_it_opens() {
    let server = Server::start().await;
    let mut ana = server.person("agent1").await;
    ana.session.ready().await.unwrap();
    let caller = server.guest("Daniel").await;
    let running = caller.session.place_call("support", None).await.unwrap().id;
    ana.events.offered(PATIENCE).await.unwrap();
    ana.session.answer(&running).await.unwrap();

    // Open for an hour in three days.
    let day = now().as_secs() / DAY.as_secs() + 3;
    let span = json!({"day": weekday(day), "from": "09:00", "until": "10:00"});
    let hours = json!({"zone": "UTC", "weekly": [span], "closed_on": []});
    change(&server, |support| support["opening_hours"] = hours).await;
    let opens_at = (day * DAY.as_secs() + 9 * 3_600) * 1_000;
    let late = server.guest("Noor").await;
    let queues = late.api().queues().await.unwrap();
    let support = queues.iter().find(|it| it.id == "support").unwrap();
    assert_eq!(support.closed.unwrap().opens_at, Some(opens_at));
    assert!(queues.iter().any(|it| it.closed.is_none()), "the others are open");

    // The token is not used up by it.
    for _ in 0..2 {
        let placed = late.session.place_call("support", None).await;
        assert_eq!(refusal(placed), refused(409, "queue-closed"));
    }
    let body = json!({"queue": "support"});
    let opened = late.api().request(Method::POST, "/conversations").json(&body).send().await;
    let opened = opened.unwrap();
    let retry: u64 = opened.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((opens_at / 1_000 - now().as_secs()).abs_diff(retry) < 10, "{retry}");
    let problem: Value = opened.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/queue-closed");
    late.session.place_call("sales", None).await.unwrap();

    // What goes on goes on, and staff may hand to it.
    assert_eq!(ana.api().call(&running).await.unwrap().state, CallPhase::Active);
    let always = json!({"zone": "UTC", "weekly": [], "closed_on": []});
    change(&server, |support| support["opening_hours"] = always).await;
    server.guest("Kim").await.session.place_call("support", None).await.unwrap();
}

/// The place that a waiting caller is told next.
async fn place(caller: &mut Person) -> Option<u32> {
    let found = caller.events.find("call.updated", PATIENCE, |envelope| match envelope.event {
        Event::CallUpdated { call } if call.state != CallPhase::Ended => Some(call.place),
        _ => None,
    });
    found.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_told_their_place_where_that_is_switched_on() {
    let server = Server::start().await;
    let nobody = server.guest("Ada").await;
    let call = nobody.session.place_call("support", None).await.unwrap();
    assert_eq!(call.place, None, "nothing is told by default");
    change(&server, |support| support["settings"]["tell_place"] = json!(true)).await;
    let mut second = server.guest("Ben").await;
    let mut third = server.guest("Cleo").await;
    // It waits once the caller can be heard.
    second.session.place_call("support", None).await.unwrap();
    while place(&mut second).await != Some(2) {}
    let waits = third.session.place_call("support", None).await.unwrap();
    while place(&mut third).await != Some(3) {}
    let sales = server.guest("Dan").await.session.place_call("sales", None).await.unwrap();
    assert_eq!(sales.place, None, "another queue's");

    // Staff see no place, and the first one still none.
    let sam = server.person("supervisor1").await;
    assert_eq!(sam.api().call(&waits.id).await.unwrap().place, None);
    assert_eq!(nobody.api().call(&call.id).await.unwrap().place, None);

    nobody.session.hang_up(&call.id).await.unwrap();
    assert_eq!(place(&mut second).await, Some(1));
    assert_eq!(place(&mut third).await, Some(2));
    let mut ana = server.person("agent1").await;
    ana.session.ready().await.unwrap();
    let offered = ana.events.offered(PATIENCE).await.unwrap();
    assert_eq!(offered.place, None);
    ana.session.answer(&offered.id).await.unwrap();
    while place(&mut third).await != Some(1) {}
    assert_eq!(second.api().call(&offered.id).await.unwrap().place, None, "it waits no more");
}

/// Waits until the customer is told this place; `None`: until an agent has come.
async fn text_place(customer: &mut Writer, place: Option<u32>) {
    customer
        .until(|event| match event {
            TextEvent::Updated { conversation } if place.is_some() => {
                (conversation.place == place).then_some(())
            }
            TextEvent::Joined { conversation, .. } => {
                assert_eq!(conversation.place, None, "it waits no more");
                place.is_none().then_some(())
            }
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_who_write_are_told_their_place_where_that_is_switched_on() {
    let server = Server::start().await;
    let untold = Writer::guest(&server, "Ada").await;
    let first = untold.open("support").await;
    assert_eq!(first.place, None, "nothing is told by default");
    change(&server, |support| support["settings"]["tell_place"] = json!(true)).await;
    let mut ben = Writer::guest(&server, "Ben").await;
    let second = ben.open("support").await;
    assert_eq!(second.place, Some(2));
    let mut cleo = Writer::guest(&server, "Cleo").await;
    let third = cleo.open("support").await;
    assert_eq!((third.state, third.place), (ConversationPhase::Waiting, Some(3)));
    let sales = Writer::guest(&server, "Dan").await.open("sales").await;
    assert_eq!(sales.place, None, "another queue's");

    // Staff see no place; calls have a line of their own.
    let sam = Writer::staff(&server, "supervisor1").await;
    let (status, seen) = sam.view(&third.id).await;
    assert_eq!((status, seen.get("place")), (200, None));
    server.guest("Eve").await.session.place_call("support", None).await.unwrap();

    let mut ana = Writer::ready(&server, "agent1").await;
    ana.take(&first.id).await;
    text_place(&mut ben, Some(1)).await;
    text_place(&mut cleo, Some(2)).await;
    ana.take(&second.id).await;
    text_place(&mut ben, None).await;
    text_place(&mut cleo, Some(1)).await;
    assert_eq!(cleo.view(&third.id).await.1["place"], 1);
    // An agent who picks from a list takes whom they like: nobody has a place in it.
    change(&server, |support| support["settings"]["delivery"] = json!("pull")).await;
    let picked = Writer::guest(&server, "Fay").await.open("support").await;
    assert_eq!(picked.place, None);
}
