//! `media-server sip check`: asks each trunk's peers whether they are there, and says in words what is wrong.
//! It opens no port that is listened on, and changes nothing.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};

use telephony::check::{SIP_PORT, ask};

use crate::config::Config;

/// Asks, and prints a line for each peer; `true`: all of them answer.
///
/// # Errors
/// It can't be printed.
pub async fn run(config: &Config, out: &mut impl Write) -> io::Result<bool> {
    if config.telephony.trunks.is_empty() {
        writeln!(out, "FAIL  there is no trunk: name one in [[telephony.trunks]]")?;
        return Ok(false);
    }
    let mut all_well = true;
    for trunk in &config.telephony.trunks {
        for peer in &trunk.peers {
            let name = &trunk.name;
            let Ok(address) = peer.parse::<IpAddr>() else {
                writeln!(out, "      {name} {peer}: a network; only single addresses are asked")?;
                continue;
            };
            let answer = ask(SocketAddr::new(address, SIP_PORT)).await;
            all_well &= answer.is_well();
            let grade = if answer.is_well() { "ok  " } else { "FAIL" };
            writeln!(out, "{grade}  {name} {address}:{SIP_PORT}: {answer}")?;
        }
    }
    Ok(all_well)
}
