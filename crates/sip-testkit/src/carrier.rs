//! A carrier: the server calls numbers by it, and whoever is called answers as the test wants.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sip::message::{Message, Method, Request, parse};
use tokio::net::UdpSocket;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::called::{bye, reply};
use crate::{PATIENCE, Sound};

/// Requests that wait for the test; a test that reads none needs no more.
const REQUESTS_MAX: usize = 256;
/// Whoever is called, in Contact.
const USER: &str = "callee";

/// A carrier, by datagrams. It answers OPTIONS as long as it is up.
#[derive(Debug)]
pub struct Carrier {
    sip: Arc<UdpSocket>,
    is_up: Arc<AtomicBool>,
    requests: Mutex<mpsc::Receiver<Incoming>>,
    task: JoinHandle<()>,
    /// What whoever is called says and hears.
    pub sound: Sound,
}

/// A request of the server's.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Where it came from.
    pub from: SocketAddr,
    /// What it is.
    pub request: Request,
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Carrier {
    /// One that is up.
    pub async fn new() -> Self {
        let sip = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a socket"));
        let is_up = Arc::new(AtomicBool::new(true));
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        let task = tokio::spawn(listen(sip.clone(), is_up.clone(), sender));
        let sound = Sound::new().await;
        Self { sip, is_up, requests: Mutex::new(requests), task, sound }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.sip.local_addr().expect("an address")
    }

    /// Answers OPTIONS by 503 from now on, or by 200 again.
    pub fn set_up(&self, is_up: bool) {
        self.is_up.store(is_up, Ordering::Relaxed);
    }

    /// The next request of this method; others are passed over.
    pub async fn request(&self, method: &Method) -> Incoming {
        let mut requests = self.requests.lock().await;
        let wait = async {
            loop {
                let incoming = requests.recv().await.expect("the carrier listens");
                if incoming.request.method == *method {
                    return incoming;
                }
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no {method} of the server's"))
    }

    /// Answers a request, with these headers besides, each with its line end.
    pub async fn replies(&self, to: &Incoming, status: &str, more: &str, sdp: &str) {
        let reply = reply(&to.request, (self.address(), USER), (status, more), sdp);
        self.send(to.from, &reply).await;
    }

    /// Refuses an INVITE, and waits until that is confirmed.
    pub async fn refuses(&self, invite: &Incoming, status: &str) {
        self.replies(invite, status, "", "").await;
        self.request(&Method::Ack).await;
    }

    /// Takes a call, and says a tone from then on.
    pub async fn answers(&self, invite: &Incoming, hz: f32) {
        let offer = std::str::from_utf8(&invite.request.body).expect("an offer");
        self.replies(invite, "200 OK", "", &self.sound.sdp()).await;
        self.request(&Method::Ack).await;
        self.sound.speak(offer, hz);
    }

    /// Waits until the call is taken back.
    pub async fn cancelled(&self, invite: &Incoming) {
        let cancel = self.request(&Method::Cancel).await;
        assert_eq!(cancel.request.core.via.branch(), invite.request.core.via.branch());
        self.replies(&cancel, "200 OK", "", "").await;
        self.refuses(invite, "487 Request Terminated").await;
    }

    /// Hangs up.
    pub async fn hangs_up(&self, invite: &Incoming) {
        self.send(invite.from, &bye(&invite.request, self.address(), invite.from)).await;
    }

    /// Waits until the server hangs up.
    pub async fn hung_up(&self) {
        let bye = self.request(&Method::Bye).await;
        self.replies(&bye, "200 OK", "", "").await;
    }

    /// Whether no INVITE comes within this time.
    pub async fn is_quiet(&self, time: std::time::Duration) -> bool {
        let mut requests = self.requests.lock().await;
        let wait = async {
            while let Some(incoming) = requests.recv().await {
                if incoming.request.method == Method::Invite {
                    return;
                }
            }
        };
        timeout(time, wait).await.is_err()
    }

    async fn send(&self, to: SocketAddr, message: &str) {
        self.sip.send_to(message.as_bytes(), to).await.expect("it is sent");
    }
}

async fn listen(sip: Arc<UdpSocket>, is_up: Arc<AtomicBool>, requests: mpsc::Sender<Incoming>) {
    let own = sip.local_addr().expect("an address");
    let mut bytes = [0; 8_192];
    while let Ok((length, from)) = sip.recv_from(&mut bytes).await {
        let Ok(Message::Request(request)) = parse(&bytes[..length]) else { continue };
        if request.method == Method::Options {
            let status = match is_up.load(Ordering::Relaxed) {
                true => "200 OK",
                false => "503 Service Unavailable",
            };
            let reply = reply(&request, (own, USER), (status, ""), "");
            // The server may have ended.
            let _ = sip.send_to(reply.as_bytes(), from).await;
        } else if requests.try_send(Incoming { from, request }).is_err() {
            return;
        }
    }
}
