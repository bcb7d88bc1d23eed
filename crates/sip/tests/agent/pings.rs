//! Whether a trunk is there: OPTIONS, in virtual time.

use std::time::Duration;

use sip::admission::TrunkId;
use sip::{Event, TrunkState};

use crate::world::{TRUNK, World, at, header};

fn answer(options: &str, status: &str) -> String {
    let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
    let copied = copied.map(|name| format!("{name}: {}\r\n", header(options, name).unwrap()));
    format!("SIP/2.0 {status}\r\n{}Content-Length: 0\r\n\r\n", copied.concat())
}

fn state(world: &mut World) -> TrunkState {
    let events = world.events();
    let [Event::Trunk { trunk: TrunkId(0), state }] = events.as_slice() else {
        panic!("{events:?}")
    };
    *state
}

#[test]
fn a_trunk_that_answers_is_up_and_asked_again_each_half_minute() {
    let mut world = World::new();
    world.act(|agent, now| agent.ping_trunks(now));
    let options = world.one();
    assert!(options.starts_with("OPTIONS sip:192.0.2.1:5060 SIP/2.0\r\n"), "{options}");
    let begun = world.now;
    world.take(&answer(&options, "405 Method Not Allowed"));
    let up = TrunkState::Up { since: begun, answered_at: begun, status: 405 };
    assert_eq!(state(&mut world), up, "whatever it says, it is there");
    world.pass(Duration::from_secs(29));
    assert!(world.sent().is_empty());
    world.pass(Duration::from_secs(1));
    let options = world.one();
    assert_eq!(header(&options, "CSeq").unwrap(), "2 OPTIONS");
    world.take(&answer(&options, "200 OK"));
    let up = TrunkState::Up { since: begun, answered_at: world.now, status: 200 };
    assert_eq!(state(&mut world), up);
    world.pass(Duration::from_secs(29));
    assert_eq!(world.agent.remembered(), 1, "the next time, and nothing else");
}

#[test]
fn a_trunk_that_is_silent_or_not_well_is_down_until_it_answers() {
    let mut world = World::new();
    world.act(|agent, now| agent.ping_trunks(now));
    let begun = world.now;
    world.pass(Duration::from_secs(31));
    assert!(world.events().is_empty(), "it is asked again for 32 s");
    world.pass(Duration::from_secs(1));
    let since = begun + Duration::from_secs(32);
    assert_eq!(state(&mut world), TrunkState::Down { since, status: 408 });
    world.sent();
    world.pass(Duration::from_secs(5));
    let options = world.one();
    world.take(&answer(&options, "503 Service Unavailable"));
    assert_eq!(state(&mut world), TrunkState::Down { since, status: 503 }, "since the first time");
    world.pass(Duration::from_secs(5));
    let options = world.one();
    world.take(&answer(&options, "200 OK"));
    let up = TrunkState::Up { since: world.now, answered_at: world.now, status: 200 };
    assert_eq!(state(&mut world), up);
}

#[test]
fn nobody_else_answers_for_a_trunk() {
    let mut world = World::new();
    world.act(|agent, now| agent.ping_trunks(now));
    let options = world.one();
    let trunk = world.peer;
    world.peer.address.set_ip([192, 0, 2, 9].into());
    world.take(&answer(&options, "200 OK"));
    assert!(world.events().is_empty(), "another peer of the trunk's");
    world.peer = trunk;
    world.take(&answer(&options, "200 OK"));
    assert!(matches!(state(&mut world), TrunkState::Up { .. }));
}

/// The one request that was sent, and to whom.
fn asked(world: &mut World, server: &str) -> String {
    let [(to, options)] = &world.sent[..] else { panic!("{:?}", world.sent) };
    assert_eq!(*to, at(server));
    world.peer = *to;
    let options = options.clone();
    world.sent.clear();
    options
}

#[test]
fn a_trunk_is_up_as_long_as_one_of_its_servers_answers() {
    const OTHER: &str = "192.0.2.2:5070";
    let mut world = World::new();
    let servers = vec![at(TRUNK), at(OTHER)];
    world.act(|agent, now| agent.set_trunk_servers(now, TrunkId(0), servers.clone()));
    world.act(|agent, now| agent.ping_trunks(now));
    let options = asked(&mut world, TRUNK);
    world.take(&answer(&options, "503 Service Unavailable"));
    assert!(world.events().is_empty(), "the other one is asked first");
    let options = asked(&mut world, OTHER);
    world.take(&answer(&options, "200 OK"));
    assert!(matches!(state(&mut world), TrunkState::Up { .. }));
    assert_eq!(world.agent.trunk_servers(TrunkId(0)), [at(OTHER), at(TRUNK)]);
    // DNS says the same in another order, and one more: whoever answers is asked on.
    let mut more = servers.clone();
    more.push(at("192.0.2.3:5060"));
    world.act(|agent, now| agent.set_trunk_servers(now, TrunkId(0), more));
    assert!(world.sent.is_empty());
    world.act(|agent, now| agent.set_trunk_servers(now, TrunkId(0), servers));
    world.pass(Duration::from_secs(30));
    let options = asked(&mut world, OTHER);
    world.take(&answer(&options, "503 Service Unavailable"));
    let options = asked(&mut world, TRUNK);
    world.take(&answer(&options, "503 Service Unavailable"));
    assert!(matches!(state(&mut world), TrunkState::Down { status: 503, .. }));
    world.pass(Duration::from_secs(5));
    asked(&mut world, OTHER);
}

#[test]
fn a_trunk_whose_servers_are_others_now_is_asked_there_once() {
    let mut world = World::new();
    world.act(|agent, now| agent.set_trunk_servers(now, TrunkId(0), Vec::new()));
    world.act(|agent, now| agent.ping_trunks(now));
    assert!(world.sent.is_empty() && world.agent.trunk_servers(TrunkId(0)).is_empty());
    for server in [TRUNK, "192.0.2.2:5070"] {
        world.act(|agent, now| agent.set_trunk_servers(now, TrunkId(0), vec![at(server)]));
        let options = asked(&mut world, server);
        world.take(&answer(&options, "200 OK"));
        assert!(matches!(state(&mut world), TrunkState::Up { .. }));
        world.pass(Duration::from_secs(10));
        assert!(world.sent.is_empty());
    }
    world.pass(Duration::from_secs(20));
    asked(&mut world, "192.0.2.2:5070");
}
