//! The promise, with the agent on a SIP telephone, too: it hears a whisper, and the caller does not.

use std::net::{Ipv4Addr, SocketAddr};

use media_server::config::{DigestName, ExtensionSettings};
use sip_testkit::{AGENT, CALLER, DeskPhone, Phone, SUPERVISOR, Stage};
use tempfile::TempDir;
use testkit::Server;

use crate::people::{Person, sip_address};

const SECRET: &str = "correct horse battery";

/// A server at which the first agent may register a telephone.
async fn server(folder: &TempDir) -> Server {
    let secret_file = folder.path().join("500.secret");
    std::fs::write(&secret_file, format!("{SECRET}\n")).unwrap();
    Server::with(|config| {
        config.sip = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let phones = &mut config.telephony.phones;
        phones.networks = vec!["127.0.0.1".to_owned()];
        phones.digest = vec![DigestName::Sha256];
        phones.extensions = vec![ExtensionSettings {
            extension: "500".to_owned(),
            user: "agent1".to_owned(),
            secret_file,
            ready: true,
        }];
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_on_a_telephone_hears_a_whisper_and_the_caller_hears_barge_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    let address = sip_address(&server);
    let supervisor = Person::new(&server, "supervisor1", SUPERVISOR).await;
    let desk = DeskPhone::registered(address, "500", SECRET).await;
    supervisor.until_an_agent_is_ready().await;
    let calling = tokio::spawn(Phone::call(address, "support", CALLER));
    let rings = desk.rings().await;
    desk.answers(&rings, AGENT).await;
    let caller = calling.await.unwrap();
    let call = supervisor.only_call().await;
    let stage = Stage { caller: &caller.sound, agent: &desk.sound, supervisor: &supervisor };
    supervisor.plays(&call, stage).await;
    desk.hangs_up(&rings).await;
    caller.hung_up().await;
    supervisor.until_no_call().await;
    server.stop().await;
}
