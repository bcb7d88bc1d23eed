//! Trunks and lines that are named: found by DNS, and followed by the next server when one is not well.

use std::time::Duration;

use orchestrator::calls::error::{CallNumberError, DialError, DialRefusal};
use sip::message::Method;
use sip_testkit::{AGENT, Carrier};
use telephony::{LineConfig, NamedServer, OutboundConfig, Servers, Transport, TrunkConfig};

use crate::centre::Centre;
use crate::lines::line;
use crate::name_server::{Known, NameServer, host, server};
use crate::outbound::{NUMBER, OUTSIDE, dial, trunk, until};

const HERE: [u8; 4] = [127, 0, 0, 1];
const SERVICE: &str = "_sip._udp.carrier.test";

fn named(host: &str, port: Option<u16>) -> Servers {
    Servers::Named(NamedServer { host: host.to_owned(), port, transport: Transport::Udp })
}

/// A trunk on this machine whose servers are named.
fn named_trunk(carrier: &Carrier) -> TrunkConfig {
    let trunk = trunk(carrier);
    let servers = named("carrier.test", None);
    let outbound = trunk.outbound.map(|it| OutboundConfig { servers, ..it });
    TrunkConfig { outbound, ..trunk }
}

/// Both carriers, the first one before the second.
fn both(first: &Carrier, second: &Carrier) -> Vec<Known> {
    vec![
        server(SERVICE, 20, ("b.test", second.address().port())),
        server(SERVICE, 10, ("a.test", first.address().port())),
        host("a.test", HERE),
        host("b.test", HERE),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_to_the_first_server_and_from_one_that_is_not_well_to_the_next() {
    for cuts in [false, true] {
        let (first, second) = (Carrier::new().await, Carrier::new().await);
        let dns = NameServer::new(both(&first, &second), cuts).await;
        let centre = Centre::with_dns(named_trunk(&first), Vec::new(), dns.address).await;
        centre.until_trunk_is("up").await;
        let agent = centre.agent("agent", AGENT).await;
        dial(&agent, NUMBER).await.unwrap();
        let invite = first.request(&Method::Invite).await;
        assert_eq!(invite.request.uri.as_str(), format!("sip:{NUMBER}@carrier.test"));
        first.refuses(&invite, "503 Service Unavailable").await;
        let invite = second.request(&Method::Invite).await;
        second.answers(&invite, OUTSIDE).await;
        let from = std::time::Instant::now();
        until(|| agent.sound.tones(&[OUTSIDE], from) == [OUTSIDE]).await;
        second.hangs_up(&invite).await;
        agent.until_no_call().await;
        centre.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_well_is_not_called_first() {
    let (first, second) = (Carrier::new().await, Carrier::new().await);
    first.set_up(false);
    let dns = NameServer::new(both(&first, &second), false).await;
    let centre = Centre::with_dns(named_trunk(&first), Vec::new(), dns.address).await;
    centre.until_trunk_is("up").await;
    let agent = centre.agent("agent", AGENT).await;
    let call = dial(&agent, NUMBER).await.unwrap();
    second.request(&Method::Invite).await;
    assert!(first.is_quiet(Duration::from_millis(300)).await);
    agent.hang_up(call).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_of_the_trunks_peers_is_not_called() {
    let (stranger, second) = (Carrier::new().await, Carrier::new().await);
    let elsewhere = [127, 0, 0, 2];
    let known = |b: [u8; 4]| {
        let mut known = both(&stranger, &second);
        known[2] = host("a.test", elsewhere);
        known[3] = host("b.test", b);
        known
    };
    let dns = NameServer::new(known(HERE), false).await;
    let centre = Centre::with_dns(named_trunk(&second), Vec::new(), dns.address).await;
    centre.until_trunk_is("up").await;
    let agent = centre.agent("agent", AGENT).await;
    let call = dial(&agent, NUMBER).await.unwrap();
    second.request(&Method::Invite).await;
    agent.hang_up(call).await;
    centre.stop().await;

    let dns = NameServer::new(known(elsewhere), false).await;
    let centre = Centre::with_dns(named_trunk(&second), Vec::new(), dns.address).await;
    let agent = centre.agent("agent", AGENT).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let refused = dial(&agent, NUMBER).await.unwrap_err();
    assert!(
        matches!(refused, CallNumberError::NotDialed(DialError::Refused(DialRefusal::TrunkDown))),
        "{refused:?}"
    );
    centre.stop().await;
}

/// Without a port by SRV, and with one, or where there is no SRV, by its address.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_registered_where_dns_says() {
    for has_port in [false, true] {
        let pbx = Carrier::new().await;
        let port = pbx.address().port();
        let known = vec![
            server("_sip._udp.pbx.test", 1, ("one.pbx.test", port)),
            host("one.pbx.test", HERE),
            host("pbx.test", HERE),
        ];
        let servers = named("pbx.test", has_port.then_some(port));
        let dns = NameServer::new(known, false).await;
        let lines = vec![LineConfig { servers, domain: "pbx.test".to_owned(), ..line(port) }];
        let centre = Centre::with_dns(trunk(&pbx), lines, dns.address).await;
        let register = pbx.request(&Method::Register).await;
        assert_eq!(register.request.uri.as_str(), "sip:pbx.test");
        pbx.replies(&register, "200 OK", "Expires: 300\r\n", "").await;
        until(|| centre.orchestrator.telephony_status().lines[0].registered_until.is_some()).await;
        centre.stop().await;
    }
}
