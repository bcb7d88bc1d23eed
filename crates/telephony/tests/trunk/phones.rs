//! Agents on SIP telephones: they register, ring, take calls, and are whispered into.

use std::time::Duration;

use budget::Networks;
use sip::digest::{Algorithm, Secret};
use sip_testkit::{AGENT, CALLER, DeskPhone, PATIENCE, Phone, SUPERVISOR, Stage};
use telephony::{KeyCode, PhoneConfig, PhonesConfig, TrunkConfig};

use crate::centre::Centre;
use crate::sipp::{By, Scenario};

/// What the telephone of the agent knows.
pub const SECRET: &str = "correct-horse-battery";

/// The agent's telephone.
pub fn phones() -> PhonesConfig {
    let phone = PhoneConfig {
        extension: "500".to_owned(),
        username: "agent".to_owned(),
        secret: Secret::new(SECRET),
        ready: true,
    };
    PhonesConfig::new(Networks::parse(["127.0.0.1"]).unwrap(), vec![phone])
}

async fn centre(phones: PhonesConfig) -> Centre {
    let trunk = TrunkConfig::new("here", Networks::parse(["127.0.0.1"]).unwrap());
    Centre::with_all(trunk, Vec::new(), Some(phones)).await
}

impl Centre {
    pub async fn until_agents(&self, count: usize) {
        let wait = async {
            while self.orchestrator.agents_present("support") != count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the agent comes, or goes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_on_a_telephone_is_whispered_into_and_the_caller_hears_barge_alone() {
    let centre = centre(phones()).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    let from = rings.invite.core.from.as_str();
    assert!(from.starts_with("\"Phone\" <sip:500@"), "who calls is shown: {from}");
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    let call = supervisor.only_call();
    let stage = Stage { caller: &caller.sound, agent: &desk.sound, supervisor: &supervisor.sound };
    supervisor.plays(call, stage).await;
    desk.hangs_up(&rings).await;
    caller.hung_up().await;
    supervisor.until_no_call().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_hangs_the_agents_telephone_up() {
    let centre = centre(phones()).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    tokio::join!(caller.hang_up(), desk.hung_up());
    // And the agent is there for the next one.
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    calling.await.unwrap().hang_up().await;
    desk.hung_up().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_telephone_declines_goes_on_to_the_next_agent() {
    let centre = centre(phones()).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    let second = centre.agent("second", AGENT).await;
    desk.declines(&rings, "486 Busy Here").await;
    second.take().await;
    calling.await.unwrap().hang_up().await;
    assert!(desk.is_quiet(Duration::from_millis(300)).await);
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_taken_in_the_page_rings_no_longer_at_the_telephone() {
    let centre = centre(phones()).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    let other = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    let page = centre.agent("agent", AGENT).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let (rings, rings_too) = tokio::join!(desk.rings(), other.rings());
    page.take().await;
    tokio::join!(desk.cancelled(&rings), other.cancelled(&rings_too));
    calling.await.unwrap().hang_up().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_telephones_the_one_that_answers_first_has_the_call() {
    let centre = centre(phones()).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    let other = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let (rings, rings_too) = tokio::join!(desk.rings(), other.rings());
    tokio::join!(desk.answers(&rings, AGENT), other.cancelled(&rings_too));
    let caller = calling.await.unwrap();
    tokio::join!(caller.hang_up(), desk.hung_up());
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_there_for_as_long_as_the_telephone_is_and_a_wrong_secret_is_nobody() {
    let centre = centre(phones()).await;
    for (extension, secret) in [("500", "wrong"), ("999", SECRET)] {
        assert_eq!(DeskPhone::new(centre.sip, extension, secret).await.register(60).await, 401);
    }
    assert_eq!(centre.orchestrator.agents_present("support"), 0);
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    desk.leaves().await;
    centre.until_agents(0).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_on_a_telephone_asks_for_help_by_keys() {
    let with_code = PhonesConfig { help_code: KeyCode::parse("*4"), ..phones() };
    let centre = centre(with_code).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    assert!(!supervisor.sees_help());
    // RFC 4733 §3.2: `*` is 10.
    desk.sound.press(10).await;
    desk.sound.press(4).await;
    let wait = async {
        while !supervisor.sees_help() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("a supervisor sees it");
    tokio::join!(caller.hang_up(), desk.hung_up());
    centre.stop().await;
}

/// SIPp knows MD5 alone.
#[tokio::test(flavor = "multi_thread")]
async fn sipp_as_a_telephone_registers_is_called_answers_and_hangs_up() {
    let only_md5 = PhonesConfig { algorithms: vec![Algorithm::Md5], ..phones() };
    let centre = centre(only_md5).await;
    for by in [By::Tcp, By::Udp] {
        let registered = Scenario::register("500", SECRET).expect(200).pause_ms(4_000);
        let called = Scenario::called(300);
        let address = centre.sip;
        let playing = tokio::spawn(async move {
            registered.play_beside(address, "500", (by, 1), Some(&called)).await;
        });
        centre.until_agents(1).await;
        Phone::call(centre.sip, "support", CALLER).await.hung_up().await;
        playing.await.unwrap();
        if matches!(by, By::Tcp) {
            // With its stream the telephone is gone.
            centre.until_agents(0).await;
        }
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_misses_a_call_without_a_page_is_offered_the_next_one_after_a_while() {
    let centre = centre(PhonesConfig { missed_pause: Duration::from_secs(1), ..phones() }).await;
    let desk = DeskPhone::registered(centre.sip, "500", SECRET).await;
    centre.until_agents(1).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let missed = desk.rings().await;
    desk.cancelled(&missed).await;
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    calling.await.unwrap().hang_up().await;
    desk.hung_up().await;
    centre.stop().await;
}
