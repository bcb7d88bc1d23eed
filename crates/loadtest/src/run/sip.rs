//! Where telephones call, and what a refusal by SIP means.

use std::net::SocketAddr;

use demo::line::{Line, LineError};

use crate::scenario::PlannedCall;

/// RTP of this run's calls comes from numbers that begin like this, so that the agents know them.
const NUMBER: &str = "+4930";
/// Runs against one server at the same time are told apart by so many digits.
const RUN_DIGITS: u16 = 10_000;

/// Where telephones call.
#[derive(Debug, Clone)]
pub struct SipTarget {
    /// Where the server, or whoever stands in front of it, speaks SIP by UDP.
    pub address: SocketAddr,
    /// The number called; `None`: the queue's key, which a server takes for one.
    pub number: Option<String>,
    /// This run's own part of the callers' numbers.
    run: u16,
}

/// Nobody is there who speaks SIP with us.
#[derive(Debug, thiserror::Error)]
#[error("--sip {address}: {error}; {advice}")]
pub struct SipUnreachable {
    address: SocketAddr,
    error: LineError,
    advice: &'static str,
}

impl SipTarget {
    /// A run's target.
    pub fn new(address: SocketAddr, number: Option<String>) -> Self {
        Self { address, number, run: rand::random_range(0..RUN_DIGITS) }
    }

    /// The number that a call comes from.
    pub(super) fn caller_number(&self, plan: &PlannedCall) -> String {
        format!("{NUMBER}{:04}{:06}", self.run, plan.number)
    }

    /// Whether somebody is there who speaks SIP with this machine.
    ///
    /// # Errors
    /// What is wrong, and what may help.
    pub(super) async fn check(&self) -> Result<(), SipUnreachable> {
        let asked = async {
            let line = Line::new(self.address, "loadtest", ("loadtest", "loadtest")).await?;
            line.ask().await
        };
        let Err(error) = asked.await else { return Ok(()) };
        let advice = match &error {
            LineError::NobodyThere(_) => "start the server with `--sip` at this address",
            LineError::Silent(_) => {
                "a server answers nobody who is at no trunk's `peers`: name this machine's address there"
            }
            _ => "see docs/load-testing.md",
        };
        Err(SipUnreachable { address: self.address, error, advice })
    }
}

/// What a refusal means, in words; nothing that is not known.
pub(super) fn advice(status: u16) -> &'static str {
    match status {
        401 | 407 => {
            ": the trunk wants a proof, which this program has none of; try one without `login`"
        }
        403 => ": whoever is in front does not let this machine call",
        404 => ": no trunk has that number, and no queue of that key is open to guests",
        480 => ": nobody is signed in at that queue, or nobody took the call",
        488 => {
            ": no codec in common (`sip_codecs`), or the trunk requires SRTP, which is not spoken here"
        }
        503 => {
            ": the trunk has as many calls as it may (`calls_per_second`, `calls_max`, `calls_per_peer`), \
             or the server is full"
        }
        _ => "",
    }
}
