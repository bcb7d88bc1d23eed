//! What anybody can throw at the server from outside, and how late the calls' packets are meanwhile.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use rand::Rng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use crate::cast::Cast;
use crate::delay;
use crate::invites;
use crate::server::Server;

/// The argument that makes this program a flood.
pub const FLOOD: &str = "flood";
/// Calls that run meanwhile.
const CALLS: usize = 50;
/// Datagrams a second of a flood of datagrams, if the machine can send as many.
const DATAGRAMS_PER_S: f64 = 50_000.0;
const SOCKETS: usize = 8;
/// Different datagrams; they are sent round.
const DATAGRAMS: usize = 4_000;
/// Requests and connections under way at a time.
const REQUESTS: usize = 64;
const CONNECTIONS: usize = 400;
/// A flood begins before the watching and ends after it.
const LEAD: Duration = Duration::from_secs(2);

const KINDS: [&str; 8] =
    [NOTHING, "noise", "checks", "handshakes", "speech", "sign-ins", "guests", "connections"];

const NOTHING: &str = "nothing";
const INVITES: &str = "invites";

/// Prints the lateness of running calls beside each flood.
pub async fn measured() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let cast = Cast::gather(&server, CALLS, true).await?;
    println!("{CALLS} calls; forwarding delay in the server while it is flooded with");
    for kind in KINDS {
        let mut flood = Flood::begin(kind, &server)?;
        tokio::time::sleep(LEAD).await;
        let late = delay::forwarded(&cast, delay::MEASURING).await?;
        println!("{kind:12} {late}; {}", flood.end().await?);
    }
    drop(cast);
    server.stop().await
}

/// Prints the lateness of running calls, without supervisors, while one peer calls as often as it can, and the server's memory.
pub async fn invites_measured() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let cast = Cast::gather(&server, CALLS, false).await?;
    println!("{CALLS} calls; forwarding delay in the server while a peer calls");
    for kind in [NOTHING, INVITES] {
        let mut flood = Flood::begin(kind, &server)?;
        tokio::time::sleep(LEAD).await;
        let memory = invites::memory(&server);
        let (late, memory) = tokio::join!(delay::forwarded(&cast, invites::MEASURING), memory);
        println!("{kind:12} {}; {}", late?, flood.end().await?);
        println!("{:12} the server's memory each 5 s: {}", "", memory?);
    }
    drop(cast);
    server.stop().await
}

/// A flood as a process of its own, which counts as somebody from another address.
struct Flood {
    child: Option<Child>,
}

impl Flood {
    fn begin(kind: &str, server: &Server) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let to = [&server.url, &server.media, &server.sip];
        command.args([FLOOD, kind]).args(to).stdout(Stdio::piped());
        Ok(Self { child: Some(command.spawn()?) })
    }

    /// Waits for its end; what it sent.
    async fn end(&mut self) -> anyhow::Result<String> {
        let child = self.child.take().context("it has ended")?;
        let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await??;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

/// The other half: floods for a while, and says how much it sent.
pub async fn run(kind: &str, url: &str, media: &str, sip: &str) -> anyhow::Result<()> {
    if kind == INVITES {
        let until = Instant::now() + LEAD + invites::MEASURING + LEAD;
        println!("{}", invites::flood(sip, until)?);
        return Ok(());
    }
    let until = Instant::now() + LEAD + delay::MEASURING + LEAD;
    let sent = match kind {
        NOTHING => {
            tokio::time::sleep_until(until.into()).await;
            0
        }
        "noise" => datagrams(media, until, noise)?,
        "checks" => datagrams(media, until, check)?,
        "handshakes" => datagrams(media, until, handshake)?,
        "speech" => datagrams(media, until, speech)?,
        "sign-ins" => {
            requests(url, until, "/api/v1/login", r#"{"username":"agent1","password":"wrong"}"#)
                .await?
        }
        "guests" => requests(url, until, "/api/v1/guests", r#"{"name":"Nobody"}"#).await?,
        "connections" => connections(url, until).await?,
        _ => anyhow::bail!("what is {kind}?"),
    };
    let seconds = (LEAD * 2 + delay::MEASURING).as_secs_f64();
    println!("{:.0} a second", sent as f64 / seconds);
    Ok(())
}

fn datagrams(media: &str, until: Instant, make: fn(&mut [u8])) -> anyhow::Result<u64> {
    let to: Vec<SocketAddr> = media.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let sockets: Vec<UdpSocket> =
        (0..SOCKETS).map(|_| UdpSocket::bind("127.0.0.2:0")).collect::<Result<_, _>>()?;
    let pool: Vec<[u8; 172]> = std::iter::repeat_with(|| {
        let mut bytes = [0; 172];
        rand::rng().fill_bytes(&mut bytes);
        make(&mut bytes);
        bytes
    })
    .take(DATAGRAMS)
    .collect();
    let (begun, mut sent) = (Instant::now(), 0u64);
    while Instant::now() < until {
        let due = (begun.elapsed().as_secs_f64() * DATAGRAMS_PER_S) as u64;
        while sent < due {
            let number = sent as usize;
            // A full buffer loses the datagram: the flood goes on.
            let _ =
                sockets[number % SOCKETS].send_to(&pool[number % DATAGRAMS], to[number % to.len()]);
            sent += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(sent)
}

/// Bytes of no protocol.
fn noise(bytes: &mut [u8]) {
    bytes[0] = 0xff;
}

/// A STUN binding request with a user name of nobody's (RFC 8489 §5).
fn check(bytes: &mut [u8]) {
    let length = (bytes.len() - 20) as u16;
    bytes[..2].copy_from_slice(&[0, 1]);
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    bytes[4..8].copy_from_slice(&0x2112_a442u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&[0, 6, 0, 13]);
    bytes[24..37].copy_from_slice(b"zzzzzzzz:abcd");
}

/// A DTLS handshake record.
fn handshake(bytes: &mut [u8]) {
    let length = (bytes.len() - 13) as u16;
    bytes[..11].copy_from_slice(&[22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes[11..13].copy_from_slice(&length.to_be_bytes());
}

/// RTP with a dynamic payload type.
fn speech(bytes: &mut [u8]) {
    bytes[..2].copy_from_slice(&[0x80, 111]);
}

/// As many requests as are answered, from another address than the calls' people.
async fn requests(
    url: &str,
    until: Instant,
    path: &str,
    body: &'static str,
) -> anyhow::Result<u64> {
    let elsewhere = "127.0.0.3".parse()?;
    let client = reqwest::Client::builder().local_address(Some(elsewhere)).build()?;
    let mut tasks = JoinSet::new();
    for _ in 0..REQUESTS {
        let (client, url) = (client.clone(), format!("{url}{path}"));
        tasks.spawn(async move {
            let mut answered = 0u64;
            while Instant::now() < until {
                let request =
                    client.post(&url).header("content-type", "application/json").body(body);
                answered += u64::from(request.send().await.is_ok());
            }
            answered
        });
    }
    Ok(tasks.join_all().await.into_iter().sum())
}

/// Connections that send half a request and read nothing; each that is closed is opened anew.
async fn connections(url: &str, until: Instant) -> anyhow::Result<u64> {
    let to: SocketAddr = url.trim_start_matches("http://").parse()?;
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        tasks.spawn(async move {
            let mut opened = 0u64;
            while Instant::now() < until {
                let Ok(socket) = tokio::net::TcpSocket::new_v4() else { continue };
                let bound = socket.bind(SocketAddr::from(([127, 0, 0, 4], 0)));
                let Ok(mut stream) = async {
                    bound?;
                    socket.connect(to).await
                }
                .await
                else {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                };
                opened += 1;
                let _ = stream.write_all(b"GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\n").await;
                let _ = tokio::time::timeout_at(until.into(), stream.read(&mut [0; 64])).await;
            }
            opened
        });
    }
    Ok(tasks.join_all().await.into_iter().sum())
}
