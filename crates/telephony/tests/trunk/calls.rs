//! What a PBX does, as SIPp plays it, by datagrams and by streams.

use std::time::Duration;

use budget::Networks;
use control_plane::CallerSource;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use orchestrator::opening::OpeningHours;
use telephony::digest::{Algorithm, Secret};
use telephony::{Login, TrunkConfig, TrunkLogin};

use crate::centre::Centre;
use crate::sipp::{By, Scenario, changed_sdp};

const SOON: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_waits_is_answered_and_hangs_up() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", 1_633.0).await;
    let taking = agent.take_all(SOON);
    for by in [By::Udp, By::Tcp] {
        let call = Scenario::invite().answered().pause_ms(500).bye(2);
        call.play(centre.sip, "support", by).await;
        agent.until_no_call().await;
    }
    taking.abort();
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_sees_name_and_number_as_the_networks_and_hangs_up() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", 1_633.0).await;
    for by in [By::Udp, By::Tcp] {
        let call = Scenario::invite().answered().expect_bye();
        let playing = tokio::spawn({
            let address = centre.sip;
            async move { call.play(address, "support", by).await }
        });
        let view = agent.take().await.sight.card;
        assert_eq!(view.caller.name, "Marek Novak");
        assert_eq!(view.caller.number.as_deref(), Some("+420601555014"));
        assert_eq!(view.caller.source, CallerSource::Network);
        tokio::time::sleep(SOON).await;
        agent.hang_up(view.id).await;
        playing.await.unwrap();
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_gives_up_while_it_rings() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", 1_633.0).await;
    for by in [By::Udp, By::Tcp] {
        let call = Scenario::invite().may(100).expect(180).pause_ms(300).cancel();
        let call = call.expect(200).expect(487).ack_refusal(1);
        call.play(centre.sip, "support", by).await;
        agent.until_no_call().await;
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_without_a_session() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", 1_633.0).await;
    let taking = agent.take_all(SOON);
    for by in [By::Udp, By::Tcp] {
        let call = Scenario::invite_with("", None).may(100).expect(180);
        let call = call.expect_with(200, "m=audio").ack_with_answer(1).pause_ms(500).bye(2);
        call.play(centre.sip, "support", by).await;
        agent.until_no_call().await;
    }
    taking.abort();
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_by_direction_and_by_address_and_back() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", 1_633.0).await;
    let taking = agent.take_all(SOON);
    let sendonly = changed_sdp("a=sendrecv", "a=sendonly");
    let nowhere = changed_sdp("c=IN IP[media_ip_type] [media_ip]", "c=IN IP4 0.0.0.0");
    let moved = changed_sdp("[media_port]", "[media_port+2]");
    for by in [By::Udp, By::Tcp] {
        let call = Scenario::invite().answered();
        let call = call.reinvite(2, &sendonly).pause_ms(200).reinvite(3, &nowhere).pause_ms(200);
        let call = call.reinvite(4, &moved).pause_ms(200).bye(5);
        call.play(centre.sip, "support", by).await;
        agent.until_no_call().await;
    }
    taking.abort();
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_each_for_its_own_reason() {
    let centre = Centre::start().await;
    let _agent = centre.agent("agent", 1_633.0).await;
    let video =
        "v=0\no=s 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 18\n";
    for by in [By::Udp, By::Tcp] {
        let address = centre.sip;
        let refused = |status| Scenario::invite().may(100).expect(status).ack_refusal(1);
        refused(404).play(address, "nobody", by).await;
        // In Sales nobody is at work.
        let closed = Scenario::invite().may(100).expect_with(480, "Retry-After: 60").ack_refusal(1);
        closed.play(address, "sales", by).await;
        let codec = Scenario::invite_with("", Some(video)).may(100).expect(488).ack_refusal(1);
        codec.play(address, "support", by).await;
        let extension = Scenario::invite_with("Require: magic\n", None);
        extension.expect_with(420, "Unsupported: magic").play(address, "support", by).await;
        let unknown = Scenario::default().send("SUBSCRIBE", 1, "Content-Length: 0\n\n");
        unknown.expect_with(405, "Allow: INVITE").play(address, "support", by).await;
        let options = Scenario::default().send("OPTIONS", 1, "Content-Length: 0\n\n");
        options.expect_with(200, "Allow: INVITE").play(address, "support", by).await;
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_queue_does_not_ring() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", 1_633.0).await;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let days: Vec<String> =
        [today, today.tomorrow().unwrap()].iter().map(ToString::to_string).collect();
    let holidays = OpeningHours::new("UTC", Vec::new(), &days).unwrap();
    centre.open_on("support", &holidays).await;
    for by in [By::Udp, By::Tcp] {
        // The agent is there, and is not rung.
        let closed = Scenario::invite().may(100).expect_with(480, "Retry-After: ").ack_refusal(1);
        closed.play(centre.sip, "support", by).await;
    }
    centre.open_on("support", &OpeningHours::default()).await;
    let call = Scenario::invite().answered().pause_ms(300).bye(2);
    let taking = agent.take_all(SOON);
    call.play(centre.sip, "support", By::Udp).await;
    taking.abort();
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_has_as_many_calls_as_it_may() {
    let peers = Networks::parse(["127.0.0.1"]).unwrap();
    let numbers = [("+4930123".to_owned(), "support".to_owned())].into();
    let trunk = TrunkConfig { calls_max: 1, numbers, ..TrunkConfig::new("pbx", peers) };
    let centre = Centre::with(trunk).await;
    let agent = centre.agent("agent", 1_633.0).await;
    let address = centre.sip;
    let first = tokio::spawn(async move {
        let call = Scenario::invite().answered().pause_ms(3_000).bye(2);
        // A number, by which the trunk's table finds the queue.
        call.play(address, "+4930123", By::Udp).await;
    });
    agent.take().await;
    let second = Scenario::invite().expect_with(503, "Retry-After: 10");
    second.play(address, "+4930123", By::Udp).await;
    first.await.unwrap();
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_calls_at_once_wait_for_one_agent() {
    let centre = Centre::start().await;
    let agent = centre.agent("agent", 1_633.0).await;
    let taking = agent.take_all(Duration::from_millis(20));
    let call = Scenario::invite().answered().pause_ms(300).bye(2);
    call.play_many(centre.sip, "support", By::Udp, 5).await;
    agent.until_no_call().await;
    taking.abort();
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_has_a_secret_proves_it() {
    let peers = Networks::parse(["127.0.0.1"]).unwrap();
    let secret = Secret::new("of-the-carrier");
    let login = Login { username: "carrier".to_owned(), secret };
    // SIPp knows no other, and cuts a password off at a blank.
    let login = Some(TrunkLogin { login, algorithms: vec![Algorithm::Md5] });
    let centre = Centre::with(TrunkConfig { login, ..TrunkConfig::new("carrier", peers) }).await;
    let agent = centre.agent("agent", 1_633.0).await;
    let taking = agent.take_all(SOON);
    let proves = Scenario::invite_proving("carrier", "of-the-carrier");
    let call = proves.may(100).expect(180).expect(200).ack(2).pause_ms(300).bye(3);
    call.play(centre.sip, "support", By::Udp).await;
    let guesses = Scenario::invite_proving("carrier", "guessed").expect(401).ack_refusal(2);
    guesses.play(centre.sip, "support", By::Udp).await;
    agent.until_no_call().await;
    taking.abort();
    centre.stop().await;
}
