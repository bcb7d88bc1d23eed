use std::net::UdpSocket as Blocking;

use super::*;

/// A silence of this length is the end of what arrives.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longer than one packet may take on a busy machine.
const LONG_PATIENCE: Duration = Duration::from_secs(15);

fn profile(text: &str) -> Profile {
    text.parse().unwrap()
}

/// A server, a client, and the proxy between them.
struct Line {
    server: Arc<Blocking>,
    client: Arc<Blocking>,
    proxy: Proxy,
}

impl Line {
    fn new(text: &str, seed: u64) -> Self {
        let socket = || {
            let socket = Blocking::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            Arc::new(socket)
        };
        let (server, client) = (socket(), socket());
        let proxy = Proxy::start(&profile(text), seed).unwrap();
        let answer = format!(
            "v=0\r\na=candidate:1 1 UDP 1 127.0.0.1 {} typ host\r\n",
            server.local_addr().unwrap().port()
        );
        let led = proxy.via().apply(&answer).unwrap();
        let port = led.split(' ').nth(5).unwrap();
        client.connect(format!("127.0.0.1:{port}")).unwrap();
        assert!(proxy.via().apply(&answer).is_err(), "a second station");
        Self { server, client, proxy }
    }

    /// Sends numbered packets to the server, `every` apart; (sent, number) of each.
    fn send(&self, packets: u32, every: Duration) -> std::thread::JoinHandle<Vec<Instant>> {
        let client = self.client.clone();
        std::thread::spawn(move || {
            let send = |n: u32| {
                let sent_at = Instant::now();
                client.send(&n.to_be_bytes()).unwrap();
                std::thread::sleep(every);
                sent_at
            };
            (0..packets).map(send).collect()
        })
    }
}

/// (arrived, number) of every packet until none comes any more.
fn arrivals(socket: Arc<Blocking>) -> std::thread::JoinHandle<Vec<(Instant, u32)>> {
    std::thread::spawn(move || {
        let mut packet = [0; 4];
        let mut next = || {
            socket.recv(&mut packet).ok()?;
            Some((Instant::now(), u32::from_be_bytes(packet)))
        };
        std::iter::from_fn(&mut next).collect()
    })
}

async fn joined<T: Send + 'static>(thread: std::thread::JoinHandle<T>) -> T {
    tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap()
}

/// Delays of all packets that went up, ms, sorted.
async fn delays_up(line: &Line, packets: u32) -> Vec<f64> {
    let (heard, sent) =
        (arrivals(line.server.clone()), line.send(packets, Duration::from_millis(3)));
    let (sent, heard) = (joined(sent).await, joined(heard).await);
    let mut delays: Vec<f64> =
        heard.iter().map(|&(at, n)| (at - sent[n as usize]).as_secs_f64() * 1e3).collect();
    delays.sort_by(f64::total_cmp);
    delays
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delay_is_what_it_says() {
    let line = Line::new("up.delay=80ms", 1);
    let delays = delays_up(&line, 300).await;
    let at = |share: f64| delays[(share * (delays.len() - 1) as f64) as usize];
    println!("{:.2} {:.2} {:.2} {:.2} ms", at(0.0), at(0.5), at(0.95), at(1.0));
    assert_eq!(delays.len(), 300);
    assert!(at(0.0) > 79.0, "{}", at(0.0));
    // The machine may be busy with other tests, for a good part of the time.
    assert!(at(0.25) < 82.0, "{}", at(0.25));
    let counts = line.proxy.counts();
    assert_eq!((counts.up.received, counts.up.sent), (300, 300));
    println!("late by at most {:?}", counts.up.lateness_max);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_impairment_it_is_just_a_detour() {
    let line = Line::new("", 1);
    let delays = delays_up(&line, 200).await;
    println!("{:.3} {:.3} ms", delays[100], delays[190]);
    assert_eq!(delays.len(), 200);
    assert!(delays[50] < 1.0, "{}", delays[50]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_is_what_the_model_says() {
    let text = "up.loss=10%, up.burst=10%x4, down.loss=30%";
    let line = Line::new(text, 42);
    let (heard, sent) = (arrivals(line.server.clone()), line.send(500, Duration::from_micros(300)));
    joined(sent).await;
    let heard: Vec<u32> = joined(heard).await.into_iter().map(|(_, n)| n).collect();
    let mut path = Path::new(profile(text).up, leg_seed(42, 0));
    let expected: Vec<u32> = (0..500).filter(|_| path.pass(Instant::now()).out.is_some()).collect();
    assert_eq!(heard, expected);
    let counts = line.proxy.counts();
    assert_eq!(counts.up.lost as usize, 500 - expected.len());
    assert_eq!((counts.up.dropped, counts.down.received), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_are_doubled_and_put_out_of_order() {
    let line = Line::new("up.duplicate=20%, up.reorder=20%", 3);
    let (heard, sent) = (arrivals(line.server.clone()), line.send(200, Duration::from_millis(4)));
    joined(sent).await;
    let heard: Vec<u32> = joined(heard).await.into_iter().map(|(_, n)| n).collect();
    let up = line.proxy.counts().up;
    assert_eq!(heard.len() as u64, 200 + up.duplicated);
    assert!((20..60).contains(&up.duplicated), "{up:?}");
    assert!((20..60).contains(&up.reordered), "{up:?}");
    let backwards = heard.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(backwards >= 15, "{backwards}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_view_of_the_client_changes() {
    let line = Line::new("down.delay=20ms", 1);
    for socket in [&line.client, &line.server] {
        socket.set_read_timeout(Some(LONG_PATIENCE)).unwrap();
    }
    let mut packet = [0; 4];
    let mut addresses = Vec::new();
    for n in 0..4_u32 {
        line.client.send(&n.to_be_bytes()).unwrap();
        let (_, from) = line.server.recv_from(&mut packet).unwrap();
        addresses.push(from);
        line.server.send_to(&(n + 100).to_be_bytes(), from).unwrap();
        line.client.recv(&mut packet).unwrap();
        assert_eq!(u32::from_be_bytes(packet), n + 100);
        line.proxy.rebind();
        let asked = Instant::now();
        while line.proxy.counts().rebinds <= n.into() && asked.elapsed() < LONG_PATIENCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    addresses.dedup();
    assert_eq!(addresses.len(), 4);
    assert_eq!(line.proxy.counts().rebinds, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_changes_by_itself_in_time() {
    let line = Line::new("rebind=1s", 1);
    let began = Instant::now();
    let (heard, sent) = (arrivals(line.server.clone()), line.send(130, Duration::from_millis(20)));
    joined(sent).await;
    // Longer than it should, when the machine has other things to do.
    let (rebinds, seconds) = (line.proxy.counts().rebinds, began.elapsed().as_secs());
    assert!(rebinds >= 2 && rebinds.abs_diff(seconds) <= 1, "{rebinds} in {seconds} s");
    assert_eq!(joined(heard).await.len(), 130, "none is lost on the way from one to the other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_is_bounded() {
    let line = Line::new("up.delay=5s", 1);
    let packets = QUEUE_PACKETS_MAX as u32 + 500;
    joined(line.send(packets, Duration::from_micros(20))).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let up = line.proxy.counts().up;
    // What the kernel dropped before us was never received.
    assert_eq!(up.received - up.dropped, QUEUE_PACKETS_MAX as u64, "{up:?}");
    assert!(up.dropped > 0, "{up:?}");
    assert_eq!(up.sent, 0);
}
