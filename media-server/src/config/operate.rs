//! Where operators are answered: an address of their own, or nowhere.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Config;

/// The default; Prometheus has the same one, so it is used only where it is free.
const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);
const OFF: &str = "off";
/// Most calls are over by then, and service managers wait longer (systemd: 90 s).
const DRAIN_S: u64 = 30;

/// What was chosen for the operator's listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Operate {
    /// There is none.
    Off,
    /// At this address; port 0: any free port.
    At(SocketAddr),
}

/// The address for the operator's listener, and what a taken one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperateSocket {
    /// No listener.
    None,
    /// The default: another program may have the port, and the server then goes without.
    IfFree(SocketAddr),
    /// Asked for by name: without it the server does not start.
    Required(SocketAddr),
}

impl Config {
    /// Which socket the operator's listener gets. A server on any free port (`http` with port 0)
    /// is one of several on its machine, so that it takes no port by default.
    pub fn operate_socket(&self) -> OperateSocket {
        match self.operate {
            Some(Operate::Off) => OperateSocket::None,
            Some(Operate::At(address)) => OperateSocket::Required(address),
            None if self.http.port() == 0 => OperateSocket::None,
            None => OperateSocket::IfFree(DEFAULT),
        }
    }
}

impl Config {
    /// How long calls that run may go on after SIGTERM. The demo's go on for ever, for nobody.
    pub fn drain(&self) -> Duration {
        let default = if self.demo.is_some() { 0 } else { DRAIN_S };
        Duration::from_secs(self.drain_s.unwrap_or(default))
    }
}

impl FromStr for Operate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            OFF => Ok(Self::Off),
            address => address
                .parse()
                .map(Self::At)
                .map_err(|_| format!("`{text}` is neither IP:PORT nor {OFF}")),
        }
    }
}

impl TryFrom<String> for Operate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Operate> for String {
    fn from(operate: Operate) -> Self {
        operate.to_string()
    }
}

impl fmt::Display for Operate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str(OFF),
            Self::At(address) => address.fmt(f),
        }
    }
}
