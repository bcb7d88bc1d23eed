//! The station: what was negotiated, and what follows from it for packets in both directions.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rtc_station::{Fault, Faults};

use crate::crypto::Master;
use crate::downlink::Downlink;
use crate::dtmf::{DigitsIn, DigitsOut};
use crate::inflow::Inflow;
use crate::latch::Latch;
use crate::passage::Passage;
use crate::sdp::{Session, Writer};
use crate::srtp::Protection;
use crate::types::{CloseReason, OUTPUTS_MAX, Output, StationConfig, StationStats};
use crate::uplink::Uplink;
use rtp::Reception;

mod incoming;
mod negotiation;
mod outgoing;

/// A peer that has sent is called quiet after so long without anything: two of its RTCP reports are missing.
const QUIET_AFTER: Duration = Duration::from_secs(12);

/// One leg of the telephone network; see the crate's documentation for the run loop.
pub struct Station {
    config: StationConfig,
    sdp: Negotiation,
    sound: Option<Sound>,
    rtp: Latch,
    rtcp: Latch,
    inflow: Inflow,
    incoming: Incoming,
    outgoing: Outgoing,
    faults: Faults,
    outputs: VecDeque<Output>,
    /// `None`: it has not ended.
    ended: Option<CloseReason>,
    created_at: Instant,
    /// When the last good datagram came.
    last_received_at: Instant,
    /// When the peer said last that it is there and has nothing to send: a report, or comfort noise.
    silent_at: Option<Instant>,
    /// Since when silence is a loss; `None`: the peer has sent nothing yet, or is not to.
    awaited_since: Option<Instant>,
    stats: StationStats,
    rng: StdRng,
}

/// Offers and answers.
struct Negotiation {
    writer: Writer,
    masters: [Master; 2],
    session: Option<Session>,
    /// Our offer waits for its answer.
    is_offering: bool,
}

/// What the agreed codec needs.
struct Sound {
    up: Up,
    down: Downlink,
    protection: Option<Protection>,
}

enum Up {
    Opus(Passage),
    Telephone(Box<Uplink>),
}

/// What comes.
struct Incoming {
    reception: Option<Reception>,
    /// When the last RTP packet of the present source came.
    heard_at: Option<Instant>,
    digits: DigitsIn,
    /// When the last packet of an event came.
    event_at: Option<Instant>,
}

/// What goes.
struct Outgoing {
    ssrc: u32,
    cname: String,
    sequence: u16,
    /// Of the last packet of sound.
    timestamp: u32,
    sound_at: Option<Instant>,
    digits: DigitsOut,
    /// When the next step of a key press is due, and the timestamp of that event.
    digit_at: Option<Instant>,
    event_timestamp: u32,
    packets: u32,
    bytes: u32,
    /// Sent since the last report.
    has_sent: bool,
    report_at: Instant,
}

impl Station {
    fn new(config: StationConfig, now: Instant) -> Self {
        let mut rng = StdRng::from_seed(config.seed);
        let mut masters = [Master([0; crate::crypto::MASTER_BYTES]); 2];
        masters.iter_mut().for_each(|it| rng.fill_bytes(&mut it.0));
        let outgoing = Outgoing::new(&mut rng, now);
        // RFC 3264 §5: the number of a session fits 64 bits, signed.
        let writer = Writer::new(rng.next_u64() >> 2);
        Self {
            sdp: Negotiation { writer, masters, session: None, is_offering: false },
            sound: None,
            rtp: Latch::new(config.plain.signalled_from),
            rtcp: Latch::new(config.plain.signalled_from),
            inflow: Inflow::new(now),
            incoming: Incoming {
                reception: None,
                heard_at: None,
                digits: DigitsIn::default(),
                event_at: None,
            },
            outgoing,
            faults: Faults::default(),
            outputs: VecDeque::new(),
            ended: None,
            created_at: now,
            last_received_at: now,
            silent_at: None,
            awaited_since: None,
            stats: StationStats::default(),
            rng,
            config,
        }
    }

    /// Whether offer and answer are exchanged.
    pub fn is_connected(&self) -> bool {
        self.ended.is_none() && self.sdp.session.is_some()
    }

    /// Whether the peer takes no sound of ours.
    pub fn is_held(&self) -> bool {
        self.sdp.session.as_ref().is_some_and(|it| !it.we_send())
    }

    /// The SSRC of everything this station sends, for its whole life.
    pub fn ssrc(&self) -> u32 {
        self.outgoing.ssrc
    }

    /// When the last datagram was taken; the start, if none was.
    pub fn last_received_at(&self) -> Instant {
        self.last_received_at
    }

    /// Whether a peer that has sent, and is to, gives no sign any more.
    pub fn is_quiet(&self, now: Instant) -> bool {
        self.awaited_since.is_some_and(|since| {
            now.saturating_duration_since(since.max(self.last_received_at)) > QUIET_AFTER
        })
    }

    /// Says whether packets of the peer's are waited for from now on: it is on a call, and nobody has muted
    /// it. [`Station::fault`] depends on it.
    pub fn set_awaited(&mut self, now: Instant, awaited: bool) {
        self.faults.set_awaited(now, awaited);
    }

    /// What is wrong with the media of a connected station. A peer that is silent and says so, by reports or comfort
    /// noise, is well: many telephones send no sound while nobody speaks.
    pub fn fault(&self, now: Instant) -> Option<Fault> {
        let fault = self.is_connected().then(|| self.faults.fault(now)).flatten();
        let is_expected = self.sdp.session.as_ref().is_some_and(Session::peer_sends);
        let says_so =
            self.silent_at.is_some_and(|at| now.saturating_duration_since(at) < QUIET_AFTER);
        fault.filter(|it| *it != Fault::NothingReceived || (is_expected && !says_so))
    }

    /// Counts and network figures so far.
    pub fn stats(&self) -> StationStats {
        self.stats
    }

    /// Lets time pass; to be called at the instant of [`Output::Wait`] at the latest.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ended.is_some() {
            return;
        }
        if self.deadline().is_some_and(|at| at <= now) {
            self.finish(now, CloseReason::MediaTimeout);
            return;
        }
        self.step_digits(now);
        self.fill(now);
        self.report_if_due(now);
    }

    /// Ends the station: an RTCP BYE is among the outputs if anything was sent.
    pub fn close(&mut self, now: Instant) {
        if self.ended.is_none() {
            self.finish(now, CloseReason::Requested);
        }
    }

    /// The next thing to do; drain until [`Output::Wait`] or [`Output::Done`].
    pub fn poll_output(&mut self) -> Output {
        if let Some(output) = self.outputs.pop_front() {
            return output;
        }
        if self.ended.is_some() {
            return Output::Done;
        }
        let times = [self.deadline(), self.outgoing.digit_at, self.fill_at()];
        Output::Wait(times.into_iter().flatten().fold(self.outgoing.report_at, Instant::min))
    }

    /// When silence ends the station.
    fn deadline(&self) -> Option<Instant> {
        let since = self.awaited_since?;
        Some(since.max(self.last_received_at) + self.config.plain.media_timeout)
    }

    fn finish(&mut self, now: Instant, reason: CloseReason) {
        self.say_goodbye(now);
        self.ended = Some(reason);
        // Always told, however full the queue: it is the last one.
        self.outputs.push_back(Output::Closed(reason));
    }

    fn push(&mut self, output: Output) {
        push(&mut self.outputs, &mut self.stats, output);
    }
}

/// Queues an output; packets only as far as there is room.
fn push(outputs: &mut VecDeque<Output>, stats: &mut StationStats, output: Output) {
    let is_packet = matches!(output, Output::Transmit { .. } | Output::Rtp(_));
    if is_packet && outputs.len() >= OUTPUTS_MAX {
        stats.outputs_dropped += 1;
    } else {
        outputs.push_back(output);
    }
}

impl Up {
    fn interrupt(&mut self) {
        match self {
            Self::Opus(passage) => passage.interrupt(),
            Self::Telephone(uplink) => uplink.interrupt(),
        }
    }

    fn position(&self, now: Instant) -> (u16, u32) {
        match self {
            Self::Opus(passage) => passage.position(now),
            Self::Telephone(uplink) => uplink.position(),
        }
    }
}

impl std::fmt::Debug for Station {
    /// Without keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Station")
            .field("ended", &self.ended)
            .field("stats", &self.stats)
            .finish_non_exhaustive()
    }
}
