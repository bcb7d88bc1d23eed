//! Agents who have their calls transferred by their telephones' own keys.

use std::time::{Duration, Instant};

use sip::message::Method;
use sip_testkit::{AGENT, CALLER, Carrier, DeskPhone, PATIENCE, Phone, SUPERVISOR, Sound};
use telephony::PhonesConfig;

use crate::centre::Centre;
use crate::outbound::{NUMBER, OUTSIDE, trunk, until};
use crate::phones::{SECRET, phones};

const TRYING: &str = "SIP/2.0 100 Trying";

/// A centre with a carrier, in which telephones may refer, or not; the agent's telephone.
async fn centre(carrier: &Carrier, refer: bool) -> (Centre, DeskPhone) {
    let phones = PhonesConfig { refer, ..phones() };
    let centre = Centre::with_all(trunk(carrier), Vec::new(), Some(phones)).await;
    until(|| centre.orchestrator.telephony_status().trunks[0].answered_at.is_some()).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    (centre, desk)
}

async fn assert_told(desk: &DeskPhone, line: &str, is_last: bool) {
    assert_eq!(desk.told().await, (line.to_owned(), is_last));
}

async fn until_heard(sound: &Sound, hz: f32) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let from = Instant::now();
        tokio::time::sleep(Duration::from_millis(500)).await;
        if sound.tones(&[hz], from) == [hz] {
            return;
        }
        assert!(Instant::now() < deadline, "{hz} Hz is not heard");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephones_call_goes_to_a_queue_and_the_caller_learns_of_no_supervisor() {
    let carrier = Carrier::new().await;
    let (centre, desk) = centre(&carrier, true).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    let call = supervisor.only_call();
    let begun = Instant::now();
    supervisor.listen(call).await;
    let second = centre.agent("second", OUTSIDE).await;
    assert_eq!(desk.refers(&rings, 1, "support").await, 202);
    assert_told(&desk, TRYING, false).await;
    assert_told(&desk, "SIP/2.0 200 OK", true).await;
    desk.hung_up().await;
    assert_eq!(second.take().await.sight.card.id, call);
    until_heard(&caller.sound, OUTSIDE).await;
    assert!(!caller.sound.ever(SUPERVISOR, begun));
    caller.hang_up().await;
    second.until_no_call().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephones_call_goes_to_a_number_once_somebody_takes_it() {
    let carrier = Carrier::new().await;
    let (centre, desk) = centre(&carrier, true).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    // Whoever is called first has no time: the call goes on as it was.
    assert_eq!(desk.refers(&rings, 1, NUMBER).await, 202);
    assert_told(&desk, TRYING, false).await;
    let invite = carrier.request(&Method::Invite).await;
    assert_eq!(desk.refers(&rings, 2, NUMBER).await, 491, "one at a time");
    carrier.replies(&invite, "180 Ringing", "", "").await;
    assert_told(&desk, "SIP/2.0 180 Ringing", false).await;
    carrier.refuses(&invite, "486 Busy Here").await;
    assert_told(&desk, "SIP/2.0 486 Busy Here", true).await;
    until_heard(&caller.sound, AGENT).await;

    assert_eq!(desk.refers(&rings, 3, NUMBER).await, 202);
    assert_told(&desk, TRYING, false).await;
    let invite = carrier.request(&Method::Invite).await;
    carrier.answers(&invite, OUTSIDE).await;
    assert_told(&desk, "SIP/2.0 200 OK", true).await;
    desk.hung_up().await;
    until_heard(&caller.sound, OUTSIDE).await;
    until_heard(&carrier.sound, CALLER).await;
    tokio::join!(caller.hang_up(), carrier.hung_up());
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_telephones_call_does_not_go() {
    let carrier = Carrier::new().await;
    let (centre, desk) = centre(&carrier, true).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    for (sequence, (to, last)) in (1..).zip([
        ("no-such-queue", "SIP/2.0 404 Not Found"),
        // No trunk may call there: who refers must not get further than the page.
        ("+1900123456", "SIP/2.0 403 Forbidden"),
    ]) {
        assert_eq!(desk.refers(&rings, sequence, to).await, 202);
        assert_told(&desk, TRYING, false).await;
        assert_told(&desk, last, true).await;
    }
    until_heard(&caller.sound, AGENT).await;
    assert!(carrier.is_quiet(Duration::from_millis(300)).await);
    desk.hangs_up(&rings).await;
    caller.hung_up().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_transfers_nothing_unless_it_is_switched_on() {
    let carrier = Carrier::new().await;
    let (centre, desk) = centre(&carrier, false).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    assert_eq!(desk.refers(&rings, 1, NUMBER).await, 405);
    until_heard(&caller.sound, AGENT).await;
    assert!(carrier.is_quiet(Duration::from_millis(300)).await);
    caller.hang_up().await;
    desk.hung_up().await;
    centre.stop().await;
}
