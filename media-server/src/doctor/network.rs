//! Ports, and whether a packet of media finds its way.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use rand::RngExt;
use socket2::{Domain, Socket, Type};

use super::Finding;
use crate::config::{Config, OperateSocket};

/// What the media workers ask the kernel for.
const MEDIA_BUFFER_BYTES: usize = 8 << 20;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Ports below belong to root, unless the machine says otherwise.
const PRIVILEGED: u16 = 1024;

/// Every port that the server opens; and whether a server answers at `http` already.
pub(super) async fn ports(config: &Config) -> (Vec<Finding>, bool) {
    let is_running = answers(config).await;
    let operate = match config.operate_socket() {
        OperateSocket::None => None,
        OperateSocket::IfFree(address) | OperateSocket::Required(address) => Some(address),
    };
    let listeners = [
        ("http", Some(config.http)),
        ("operate", operate),
        ("http_redirect", config.http_redirect),
    ];
    let mut findings: Vec<Finding> = listeners
        .into_iter()
        .filter_map(|(what, address)| Some((what, address?)))
        .map(|(what, address)| {
            port(what, address, TcpListener::bind(address).map(drop), is_running)
        })
        .collect();
    for address in media_addresses(config) {
        findings.push(port("media", address, UdpSocket::bind(address).map(drop), is_running));
    }
    (findings, is_running)
}

/// Whether the kernel gives a burst of packets room to wait in.
pub(super) fn buffers(config: &Config) -> Finding {
    let measured =
        Socket::new(Domain::for_address(config.media), Type::DGRAM, None).and_then(|socket| {
            socket.set_recv_buffer_size(MEDIA_BUFFER_BYTES)?;
            socket.recv_buffer_size()
        });
    match measured {
        // Linux counts its own bookkeeping, and so gives twice of what it allows.
        Ok(given) if given / 2 >= MEDIA_BUFFER_BYTES => {
            Finding::ok("buffers", format!("{} KiB for each media socket", given >> 11))
        }
        Ok(given) => Finding::warn(
            "buffers",
            format!(
                "{} KiB instead of {} for each media socket: packets are lost when many come at \
                 once. sysctl -w net.core.rmem_max={MEDIA_BUFFER_BYTES} \
                 net.core.wmem_max={MEDIA_BUFFER_BYTES}, and the same in /etc/sysctl.d/",
                given >> 11,
                MEDIA_BUFFER_BYTES >> 10
            ),
        ),
        Err(error) => Finding::warn("buffers", format!("can't be measured: {error}")),
    }
}

/// Sends packets to the address that clients are told. A running server has the port, so it can be
/// tried only while there is none.
pub(super) fn udp_path(config: &Config, is_running: bool) -> Vec<Finding> {
    let told = config.public_address.unwrap_or(config.media.ip());
    let Ok(inside) = UdpSocket::bind(config.media) else {
        // The port's own line says why.
        return match is_running {
            true => {
                vec![Finding::ok("UDP path", "not tried: a server has the port. Stop it to try")]
            }
            false => Vec::new(),
        };
    };
    let Ok(port) = inside.local_addr().map(|it| it.port()) else { return Vec::new() };
    let to = SocketAddr::new(told, port);
    vec![match (comes_through(&inside, to), config.public_address) {
        (Ok(true), _) => Finding::ok("UDP path", format!("packets to {to} arrive, sent from here")),
        (Ok(false), Some(_)) => Finding::warn(
            "UDP path",
            format!(
                "packets to {to}, the address that clients are told, do not come back to {}. Many \
                 routers turn none round that come from inside, so try it from outside: start the \
                 server, and call in at /call from another network. If there is no sound, forward \
                 UDP {to} (and the next ports, one a worker) to this machine, in the firewall, too",
                config.media
            ),
        ),
        (Ok(false), None) => Finding::fail(
            "UDP path",
            format!("packets to {to} do not arrive, sent from here: does a firewall drop UDP?"),
        ),
        (Err(error), _) => {
            Finding::fail("UDP path", format!("no packet can be sent to {to}: {error}"))
        }
    }]
}

/// Whether what another socket sends to `to` arrives at `inside`, as a STUN check would.
fn comes_through(inside: &UdpSocket, to: SocketAddr) -> io::Result<bool> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let outside = UdpSocket::bind((any, 0))?;
    let sent: [u8; 16] = rand::rng().random();
    inside.set_read_timeout(Some(PATIENCE / 4))?;
    let mut received = [0; 64];
    for _ in 0..4 {
        outside.send_to(&sent, to)?;
        match inside.recv_from(&mut received) {
            Ok((length, _)) if received[..length] == sent => return Ok(true),
            // Somebody else's, or nothing in time.
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn media_addresses(config: &Config) -> Vec<SocketAddr> {
    let first = config.media.port();
    let of = |port: u16| SocketAddr::new(config.media.ip(), port);
    match first {
        0 => vec![of(0)],
        first => {
            (0..config.workers() as u16).filter_map(|n| first.checked_add(n)).map(of).collect()
        }
    }
}

fn port(
    what: &'static str,
    address: SocketAddr,
    bound: io::Result<()>,
    is_running: bool,
) -> Finding {
    let error = match bound {
        Ok(()) => return Finding::ok(what, format!("{address} is free")),
        Err(error) => error,
    };
    match error.kind() {
        io::ErrorKind::AddrInUse if is_running => {
            Finding::ok(what, format!("{address} is taken, as it is by a server that runs"))
        }
        io::ErrorKind::AddrInUse => Finding::fail(
            what,
            format!(
                "{address} is another program's (ss -lnp shows whose): end it, or set another port"
            ),
        ),
        io::ErrorKind::AddrNotAvailable => Finding::fail(
            what,
            format!(
                "{address} is no address of this machine (ip addr shows them). Behind address \
                 translation name the inner one here, and the outer one as `public_address`"
            ),
        ),
        io::ErrorKind::PermissionDenied if address.port() < PRIVILEGED => Finding::fail(
            what,
            format!(
                "{address}: ports below {PRIVILEGED} are root's. systemd: \
                 AmbientCapabilities=CAP_NET_BIND_SERVICE; or setcap cap_net_bind_service+ep \
                 media-server"
            ),
        ),
        _ => Finding::fail(what, format!("{address}: {error}")),
    }
}

/// Whether a server answers at `http`, whoever vouches for its certificate.
async fn answers(config: &Config) -> bool {
    let scheme = if config.tls_source().is_some() { "https" } else { "http" };
    let address = match config.http.ip() {
        ip if !ip.is_unspecified() => config.http,
        IpAddr::V4(_) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), config.http.port()),
        IpAddr::V6(_) => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), config.http.port()),
    };
    let client = reqwest::Client::builder().timeout(PATIENCE).tls_danger_accept_invalid_certs(true);
    let Ok(client) = client.no_proxy().build() else { return false };
    let asked = client.get(format!("{scheme}://{address}/healthz")).send().await;
    match asked {
        Ok(answer) => answer.text().await.is_ok_and(|text| text == "ok\n"),
        Err(_) => false,
    }
}
