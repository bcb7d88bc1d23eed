//! Lines: SIPp plays the PBX, which asks who we are by digest, and its callers call the extension.

use budget::Networks;
use sip::Peer;
use sip::digest::Secret;
use sip_testkit::{AGENT, CALLER, Phone};
use telephony::{LineConfig, Login, Servers, TrunkConfig, TrunkId};

use crate::centre::Centre;
use crate::sipp::{By, Scenario, free_port};

const SECRET: &str = "from the pbx";

/// An extension of a PBX's on this machine.
pub fn line(port: u16) -> LineConfig {
    LineConfig {
        trunk: TrunkId(0),
        servers: Servers::At(vec![Peer::udp(([127, 0, 0, 1], port).into())]),
        domain: "127.0.0.1".to_owned(),
        extension: "200".to_owned(),
        login: Login { username: "sotto200".to_owned(), secret: Secret::new(SECRET) },
        username: "agent".to_owned(),
    }
}

async fn centre(line: LineConfig) -> Centre {
    let trunk = TrunkConfig::new("pbx", Networks::parse(["127.0.0.1"]).unwrap());
    Centre::with_all(trunk, vec![line], None).await
}

/// SIPp verifies the response by its own MD5.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_proves_who_it_is_at_sipp_and_its_calls_go_to_its_agent() {
    let port = free_port();
    let registering =
        tokio::spawn(async move { Scenario::registrar("sotto200", SECRET).play_at(port).await });
    let centre = centre(line(port)).await;
    registering.await.unwrap();
    let agent = centre.agent("agent", AGENT).await;
    let _other = centre.agent("second", AGENT).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "200", CALLER));
    let call = agent.take().await.sight.card;
    assert_eq!(call.queue, None, "it is nobody's but the agent's");
    calling.await.unwrap().hang_up().await;
    agent.until_no_call().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_whose_agent_is_not_there_is_refused() {
    let centre = centre(line(free_port())).await;
    let _other = centre.agent("second", AGENT).await;
    let closed = Scenario::invite().may(100).expect_with(480, "Retry-After: 60").ack_refusal(1);
    closed.play(centre.sip, "200", By::Udp).await;
    centre.stop().await;
}
