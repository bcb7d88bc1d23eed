//! Two threads driven by hand, in virtual time, with real sockets: what a packet costs them, and how workers go from
//! one to the other.

use std::net::{Ipv4Addr, SocketAddr};

use allocation_counter::measure;
use call_engine::{CallConfig, TrackPositions};
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use interaction::{Actor, CallId, Command, Policy, StationId, StationState, UserId};
use mio::Waker;
use rtc_station::demux::{Class, classify};
use rtc_station::{Station, StationConfig};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::bell::Sleepers;
use crate::mailbox::{Apply, Mailbox, Message};
use crate::{CommandError, MediaConfig, MediaEvent};

const CALL: CallId = CallId(2);
/// On the worker of the call.
const CALLER: StationId = StationId(4);
/// On the other one.
const AGENT: StationId = StationId(5);
const SLOT: Duration = TICK.checked_div(SLOTS_PER_TICK).unwrap();
const LOCALHOST: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A WebRTC client of another stack on a socket of its own.
struct Client {
    rtc: Rtc,
    mid: Mid,
    socket: std::net::UdpSocket,
    local: SocketAddr,
    /// Checks and reports, which wait until they are let through.
    held_back: Vec<(Vec<u8>, SocketAddr)>,
    /// Numbers of the packets that it was sent.
    heard: Vec<u16>,
    said: u64,
}

struct Stage {
    now: Instant,
    threads: Vec<Thread>,
    addresses: Vec<SocketAddr>,
    mailboxes: Vec<Mailbox>,
    events: mpsc::Receiver<MediaEvent>,
    clients: Vec<Client>,
    /// A packet of speech.
    payload: Vec<u8>,
}

impl Client {
    /// A client whose station is on the worker that is reached at `server`; the station.
    fn new(server: SocketAddr, seed: u8, now: Instant) -> (Self, Station) {
        let socket = std::net::UdpSocket::bind(LOCALHOST).unwrap();
        socket.set_nonblocking(true).unwrap();
        let local = socket.local_addr().unwrap();
        let builder = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false);
        let mut rtc = builder.build(now);
        rtc.add_local_candidate(Candidate::host(local, Protocol::Udp).unwrap());
        let mut api = rtc.sdp_api();
        let mid = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = api.apply().unwrap();
        let config = StationConfig {
            local_candidates: vec![server],
            consent_timeout: StationConfig::CONSENT_TIMEOUT,
            seed: [seed; 32],
        };
        let (station, answer) = Station::accept_offer(config, &offer.to_sdp_string(), now).unwrap();
        let answer = SdpAnswer::from_sdp_string(&answer.sdp).unwrap();
        rtc.sdp_api().accept_answer(pending, answer).unwrap();
        let (held_back, heard) = (Vec::new(), Vec::new());
        (Self { rtc, mid, socket, local, held_back, heard, said: 0 }, station)
    }

    fn say(&mut self, now: Instant, payload: &[u8]) {
        self.said += 1;
        let (number, timestamp) = (self.said.into(), (self.said * FRAME_SAMPLES as u64) as u32);
        let write = RtpWrite::new(Pt::new_with_value(111), number, timestamp, now, payload);
        self.rtc.direct_api().stream_tx_by_mid(self.mid, None).unwrap().write_rtp(write);
    }

    /// Takes what came, and sends what is to be sent; whether anything but sound came.
    fn run(&mut self, now: Instant) -> bool {
        let mut buffer = [0; 2_000];
        let mut is_other = false;
        while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
            is_other |= classify(&buffer[..length]) != Class::Rtp;
            let receive = Receive::new(Protocol::Udp, from, self.local, &buffer[..length]).unwrap();
            self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
            self.drain();
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain();
        is_other
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(it) if classify(&it.contents) == Class::Rtp => {
                    self.socket.send_to(&it.contents, it.destination).unwrap();
                }
                Output::Transmit(it) => {
                    self.held_back.push((it.contents.to_vec(), it.destination));
                }
                Output::Event(Event::RtpPacket(it)) => self.heard.push(it.header.sequence_number),
                Output::Event(_) => {}
            }
        }
    }

    fn let_through(&mut self) {
        for (bytes, to) in self.held_back.drain(..) {
            self.socket.send_to(&bytes, to).unwrap();
        }
    }
}

impl Stage {
    /// A caller and an agent on a call; the first thread drives both workers.
    fn new() -> Self {
        let config = MediaConfig {
            bind: LOCALHOST,
            public_address: None,
            workers: 2,
            consent_timeout: StationConfig::CONSENT_TIMEOUT,
            stations_max: 10,
            calls_max: 10,
            call: CallConfig::default(),
            plain: None,
        };
        let wakes = [Poll::new().unwrap(), Poll::new().unwrap()];
        let wakers = wakes.iter().map(|wakes| Waker::new(wakes.registry(), WAKE).unwrap());
        let crew = Arc::new(Crew::new(Arc::new(Sleepers::new(wakers.collect()))));
        let (to_hub, events) = mpsc::channel(10_000);
        let epoch = Instant::now();
        let (addresses, mailboxes, mut workers) =
            crate::media::make_workers(&config, &crew.sleepers, epoch, &to_hub).unwrap();
        let setups = wakes.into_iter().enumerate().map(|(index, wakes)| {
            let workers = std::mem::take(&mut workers);
            Setup { index, crew: crew.clone(), epoch, wakes, workers }
        });
        let threads = setups.map(|setup| Thread::new(setup).unwrap()).collect();
        let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
        let mut payload = vec![0; OPUS_PACKET_BYTES_MAX];
        let frame: [f32; FRAME_SAMPLES] = std::array::from_fn(|n| (n as f32 * 0.05).sin() * 0.2);
        let length = encoder.encode_into(&frame, &mut payload).unwrap();
        payload.truncate(length);
        let clients = Vec::new();
        let mut stage =
            Self { now: epoch, threads, addresses, mailboxes, events, clients, payload };
        stage.connect();
        stage.begin_call();
        stage
    }

    /// Asks a worker for something and runs until it answers.
    fn ask<T>(&mut self, id: u64, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> T {
        let (reply, mut answer) = oneshot::channel();
        let worker = crate::outbox::worker_of(id, self.mailboxes.len());
        assert!(self.mailboxes[worker].post(message(reply)).is_ok());
        for _ in 0..5 * SLOTS_PER_TICK {
            self.slot(false);
            if let Ok(answer) = answer.try_recv() {
                return answer;
            }
        }
        panic!("there was no answer");
    }

    fn connect(&mut self) {
        for (seed, id) in [CALLER, AGENT].into_iter().enumerate() {
            let worker = crate::outbox::worker_of(id.0, self.mailboxes.len());
            let (client, station) = Client::new(self.addresses[worker], seed as u8, self.now);
            self.clients.push(client);
            let station = Box::new(station);
            self.ask(id.0, |reply| Message::OpenStation { id, station, reply }).unwrap();
        }
        let mut connected = 0;
        for _ in 0..200 * SLOTS_PER_TICK {
            self.slot(false);
            while let Ok(event) = self.events.try_recv() {
                let MediaEvent::StationChanged { state, .. } = event else { continue };
                connected += u32::from(state == StationState::Connected(None));
            }
            if connected == 2 {
                return;
            }
        }
        panic!("{connected} of 2 connected in 4 s");
    }

    fn begin_call(&mut self) {
        let (policy, codec) = (Policy::default(), None);
        self.ask(CALL.0, |reply| Message::OpenCall { id: CALL, policy, codec, reply }).unwrap();
        let join = [
            (CALLER, Command::JoinCaller { user: UserId(1) }),
            (AGENT, Command::JoinAgent { user: UserId(2) }),
        ];
        for (station, command) in join {
            let reserve = |reply| Message::Reserve { station, call: CALL, reply };
            let from: Result<TrackPositions, CommandError> = self.ask(station.0, reserve);
            let station = Some((station, from.unwrap()));
            self.ask(CALL.0, |reply| {
                let by = Actor::System;
                Message::Apply(Box::new(Apply { call: CALL, by, command, station, reply }))
            })
            .unwrap();
        }
    }

    /// One slot; whether anything was allocated in it, on the way of sound alone.
    fn slot(&mut self, speak: bool) -> bool {
        self.now += SLOT;
        // What is no sound comes with the rounds, which make meters out of the heap.
        let workers = || self.threads.iter().flat_map(|thread| &thread.workers);
        let due = |worker: &Worker| worker.due_at().is_some_and(|at| at <= self.now);
        let is_round = workers().any(|it| due(it) && it.has_round_next());
        let is_tick = workers().any(due);
        for client in &mut self.clients {
            if is_round || !speak {
                client.let_through();
            }
            if is_tick && speak {
                client.say(self.now, &self.payload);
            }
            client.run(self.now);
        }
        let mut allocated = 0;
        for thread in &mut self.threads {
            thread.adopt();
            allocated += measure(|| thread.pass(self.now, true)).count_total;
        }
        // Reports and answers are made out of the heap, too: a few in a minute.
        let is_other =
            self.clients.iter_mut().fold(false, |any, client| client.run(self.now) | any);
        while speak && self.events.try_recv().is_ok() {}
        allocated > 0 && !is_round && !is_other
    }

    /// Both speak for so many ticks; slots in which their sound allocated something.
    fn speak(&mut self, ticks: u32) -> usize {
        (0..ticks * SLOTS_PER_TICK).filter(|_| self.slot(true)).count()
    }

    /// How many workers each thread drives.
    fn driven(&self) -> [usize; 2] {
        [self.threads[0].workers.len(), self.threads[1].workers.len()]
    }

    /// That each has heard everything that the other has said, once and in order.
    fn assert_all_is_heard(&mut self) {
        for _ in 0..2 * SLOTS_PER_TICK {
            self.slot(false);
        }
        for (client, other) in [(0, 1), (1, 0)] {
            let heard = &self.clients[client].heard;
            assert_eq!(heard.len() as u64, self.clients[other].said, "client {client}");
            assert!(heard.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "{heard:?}");
        }
    }
}

#[test]
fn from_socket_to_socket_nothing_is_allocated_for_five_seconds_of_packets() {
    let mut stage = Stage::new();
    // Tables and queues have their size after the first packets, and the handshakes' timers run out after half a second.
    stage.speak(40);
    // The second for less than it takes until the first thread gets everything back.
    for (driven, ticks) in [([2, 0], 250), ([1, 1], 200)] {
        assert_eq!(stage.driven(), driven);
        assert_eq!(stage.speak(ticks), 0, "slots with an allocation, {driven:?}");
        stage.threads[0].give_away();
        stage.speak(10);
    }
    assert_eq!(stage.clients[0].said, 40 + 250 + 10 + 200 + 10);
    stage.assert_all_is_heard();
}

#[test]
fn a_worker_goes_to_another_thread_and_back_without_a_packet_lost() {
    let mut stage = Stage::new();
    stage.speak(20);
    assert_eq!(stage.driven(), [2, 0], "there is little to do");
    stage.threads[0].load = 2 * SPREAD_ABOVE;
    stage.speak(u32::try_from(TICKS_PER_ROUND).unwrap());
    assert_eq!(stage.driven(), [1, 1], "too much for one");
    stage.speak(200);
    assert_eq!(stage.driven(), [1, 1], "it has to be calm for a while");
    stage.speak(200);
    assert_eq!(stage.driven(), [2, 0], "little to do again");
    stage.speak(20);
    stage.assert_all_is_heard();
}

#[test]
fn a_worker_that_fails_ends_alone() {
    let mut stage = Stage::new();
    let failed = each(&mut stage.threads[0].workers, |worker| {
        assert_ne!(worker.index, 1, "a bug of this test's");
        true
    });
    assert!(failed, "the other one has done its part");
    stage.threads[0].dismiss(stage.now);
    assert_eq!(stage.driven(), [1, 0]);
    assert!(stage.threads[1].crew.may_end(1) && !stage.threads[0].crew.may_end(0));
    let (reply, mut answer) = oneshot::channel();
    assert!(stage.mailboxes[1].post(Message::Stop).is_err(), "nobody is there");
    let (id, policy, codec) = (CallId(8), Policy::default(), None);
    let open = Message::OpenCall { id, policy, codec, reply };
    assert!(stage.mailboxes[0].post(open).is_ok());
    stage.slot(false);
    assert!(answer.try_recv().unwrap().is_ok(), "the other one goes on");
}

#[test]
fn a_thread_ends_with_the_worker_of_its_own_whoever_drives_it() {
    let mut stage = Stage::new();
    assert!(!stage.threads[1].crew.may_end(1), "it may be given its worker back");
    for mailbox in &stage.mailboxes {
        assert!(mailbox.post(Message::Stop).is_ok());
    }
    stage.slot(false);
    stage.threads[0].dismiss(stage.now);
    assert_eq!(stage.driven(), [0, 0]);
    assert!(stage.threads[1].crew.may_end(1) && stage.threads[0].crew.may_end(0));
}

#[test]
fn the_slots_of_a_tick_end_with_it_and_are_as_long_as_each_other() {
    let start = Instant::now();
    let next_tick = start + TICK;
    let mut ends = vec![start];
    let mut now = start;
    while now < next_tick {
        let end = slot_end(now, next_tick);
        assert!(end >= now && end <= next_tick);
        ends.extend((end > now).then_some(end));
        now = end + Duration::from_micros(3);
    }
    assert_eq!(ends.len(), 1 + SLOTS_PER_TICK as usize);
    assert_eq!(ends.last(), Some(&next_tick));
    let slot = TICK / SLOTS_PER_TICK;
    for pair in ends.windows(2) {
        assert!((pair[1] - pair[0]).abs_diff(slot) < Duration::from_micros(1), "{pair:?}");
    }
    assert_eq!(slot_end(next_tick + TICK, next_tick), next_tick, "late: at once");
}
