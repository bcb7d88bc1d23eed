//! What a trunk's address sends to SIP's port: datagrams, a stream, and time that passes. Nothing panics, and
//! nothing is sent to anybody else.
#![no_main]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use budget::Networks;
use libfuzzer_sys::fuzz_target;
use sip::admission::{TrunkId, TrunkPeers};
use sip::message::StreamFramer;
use sip::digest::{Algorithm, Secret};
use sip::{
    Addresses, AgentConfig, Event, LineConfig, Login, Output, Peer, PingConfig, Refusal, RegistrarConfig,
    UserAgent,
};

const SESSION: &str = "v=0\r\n";

fuzz_target!(|bytes: &[u8]| {
    let own: SocketAddr = "198.51.100.1:5060".parse().expect("an address");
    let peer = Peer::udp("192.0.2.1:5060".parse().expect("an address"));
    let trunk = TrunkPeers {
        peers: Networks::parse(["192.0.2.1"]).expect("a network"),
        calls_per_second: 100,
        calls_max: 10,
        calls_per_peer: 10,
        login: None,
    };
    let mut agent = UserAgent::new(AgentConfig {
        addresses: Addresses { udp: own, tcp: own, tls: None },
        trunks: vec![trunk],
        registrar: Some(RegistrarConfig {
            realm: "sotto".to_owned(),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            networks: Networks::parse(["192.0.2.1"]).expect("a network"),
            phones: vec![("500".to_owned(), Secret::new("correct horse battery"))],
        }),
        lines: vec![LineConfig {
            servers: vec![peer],
            domain: "pbx".to_owned(),
            user: "200".to_owned(),
            login: Login { username: "200".to_owned(), secret: Secret::new("from the pbx") },
            expires_s: 300,
        }],
        pings: vec![PingConfig { trunk: TrunkId(0), servers: vec![peer] }],
        product: "Sotto".to_owned(),
        seed: [0; 32],
    });
    let mut now = Instant::now();
    agent.register_lines(now);
    let mut framer = StreamFramer::default();
    framer.push(bytes);
    while let Ok(Some(message)) = framer.next_message() {
        agent.handle_bytes(now, peer, &message);
    }
    // Datagrams, with a second between them; calls are taken and refused in turn.
    for message in bytes.split(|byte| *byte == 0) {
        agent.handle_bytes(now, peer, message);
        while let Some(output) = agent.poll_output() {
            match output {
                Output::Send { to, .. } => assert_eq!(to.address.ip(), peer.address.ip()),
                Output::Event(Event::Invited(it)) if it.call.0 % 2 == 0 => {
                    agent.refuse(now, it.call, Refusal::new(486));
                }
                Output::Event(Event::Invited(it)) => {
                    agent.ring(now, it.call, SESSION.to_owned());
                    agent.accept(now, it.call, SESSION.to_owned());
                }
                Output::Event(Event::Reoffered { call, key, .. }) => {
                    agent.answer_offer(now, call, key, Ok(SESSION.to_owned()));
                }
                Output::Event(_) => {}
            }
        }
        now += Duration::from_secs(1);
        agent.handle_timeout(now);
    }
    now += Duration::from_secs(200_000);
    agent.handle_timeout(now);
    assert!(agent.calls_count() <= 10, "no more than were let in");
});
