//! A caller's telephone: a line, and plain RTP with one codec both ways.
//!
//! It speaks from the moment its call is taken until it is over, whatever anybody's mode is, as stations do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use client::media::RtpReceived;
use demo::line::{Line, LineError, media_address, offer};
use rtp::Rtp;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::environment::Environment;
use super::party::{Punctuality, doubt_proxy};
use super::sip;
use crate::impair::proxy::Proxy;
use crate::measure::book::Book;
use crate::measure::probe::Inbox;
use crate::measure::routes::{PartyId, Role};
use crate::measure::voice::Speaker;
use crate::scenario::PlannedCall;
use crate::telephone::{Connection, TelephoneCodec};

/// From the answer until the first frame.
const LEAD_IN: Duration = Duration::from_millis(20);
/// Larger than any packet of sound.
const DATAGRAM_BYTES_MAX: usize = 2_048;

/// Why a call by telephone failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TelephoneError {
    /// The call came to nothing, or broke.
    #[error(transparent)]
    Line(#[from] LineError),
    /// There is no socket for its sound.
    #[error("a telephone's socket: {0}")]
    Socket(#[from] std::io::Error),
    /// The run has no telephones.
    #[error("it is not known where SIP is spoken")]
    NoTelephones,
    /// There are too many parties.
    #[error("no mark is free")]
    NoMark,
}

/// The answer to a call that nobody took, or that nobody is there to take.
const NOT_TAKEN: u16 = 480;

/// A caller's telephone with one call.
pub(super) struct Telephone {
    /// The number in the book.
    pub party: PartyId,
    environment: Arc<Environment>,
    codec: TelephoneCodec,
    recording: usize,
    /// An agent is to answer.
    is_for_an_agent: bool,
    called: String,
    line: Line,
    rtp: Arc<UdpSocket>,
    inbox: Inbox,
    proxy: Option<Proxy>,
    sound: Vec<JoinHandle<()>>,
}

impl Drop for Telephone {
    fn drop(&mut self) {
        self.sound.iter().for_each(JoinHandle::abort);
    }
}

impl Telephone {
    /// A telephone that calls nobody yet; `caller` is the name that is shown, and the number.
    pub async fn open(
        environment: &Arc<Environment>,
        plan: &PlannedCall,
        codec: TelephoneCodec,
        caller: (&str, &str),
    ) -> Result<Self, TelephoneError> {
        let Some(target) = &environment.sip else { return Err(TelephoneError::NoTelephones) };
        let any_queue = environment.any_queue.get();
        let called = target.number.as_ref().or(plan.queue.as_ref()).or(any_queue);
        let called = called.cloned().unwrap_or_default();
        let line = Line::new(target.address, &called, caller).await?;
        let rtp = Arc::new(UdpSocket::bind((line.own().ip(), 0)).await?);
        let connection = Connection::Telephone(codec);
        let entered = environment.enter(Role::Caller, caller.0, connection);
        let (party, inbox) = entered.ok_or(TelephoneError::NoMark)?;
        Ok(Self {
            proxy: environment.proxy(Role::Caller, party).map_err(std::io::Error::other)?,
            party,
            environment: environment.clone(),
            codec,
            recording: plan.recording,
            is_for_an_agent: plan.answer_after.is_some(),
            called,
            line,
            rtp,
            inbox,
            sound: Vec::new(),
        })
    }

    /// Calls, and speaks and hears from the answer on; whether there was one while the caller had patience.
    pub async fn answered(&mut self, patience: Duration) -> Result<bool, TelephoneError> {
        let offer = offer(self.rtp.local_addr()?, (self.codec.payload_type(), self.codec.rtpmap()));
        let session = match self.line.call(offer, patience).await {
            Ok(session) => session,
            Err(LineError::NotTaken) => return Ok(false),
            Err(LineError::Refused { status: NOT_TAKEN, .. }) if !self.is_for_an_agent => {
                return Ok(false);
            }
            Err(error) => {
                self.tell(&error);
                return Err(error.into());
            }
        };
        let media = media_address(&session).ok_or(LineError::Unfit("an address for media"))?;
        let to = match &self.proxy {
            Some(proxy) => proxy.detour(media)?,
            None => media,
        };
        let book = &self.environment.book;
        let (voice, offset) = self.environment.voices.of(Role::Caller, self.party, self.recording);
        let speaker = book.speaks(self.party, voice, offset, Instant::now() + LEAD_IN);
        let mouth = Mouth { rtp: self.rtp.clone(), to, codec: self.codec, speaker };
        let hearing = hear(self.rtp.clone(), self.codec, self.inbox.recorder());
        self.sound = vec![tokio::spawn(mouth.speak(book.clone())), tokio::spawn(hearing)];
        Ok(true)
    }

    /// Waits until the other end hangs up.
    pub async fn ended(&mut self) -> Result<(), TelephoneError> {
        Ok(self.line.hung_up().await?)
    }

    /// Takes the call back, or hangs up.
    pub async fn hang_up(&mut self) -> Result<(), TelephoneError> {
        Ok(self.line.end().await?)
    }

    /// Falls silent.
    pub fn close(&self) {
        doubt_proxy(self.proxy.as_ref(), &self.environment.book);
    }

    /// Why there was no call is told once for each reason.
    fn tell(&self, error: &LineError) {
        let advice = match error {
            LineError::Refused { status, .. } => sip::advice(*status),
            _ => "",
        };
        let called = self.called.escape_debug();
        let note = format!("a call by SIP to `{called}` came to nothing: {error}{advice}");
        self.environment.book.note(note);
    }
}

/// The half that speaks.
struct Mouth {
    rtp: Arc<UdpSocket>,
    to: SocketAddr,
    codec: TelephoneCodec,
    speaker: Speaker,
}

impl Mouth {
    async fn speak(self, book: Book) {
        let mut punctuality = Punctuality::default();
        let (mut sequence, mut timestamp): (u16, u32) = (rand::random(), rand::random());
        let (ssrc, payload_type) = (rand::random(), self.codec.payload_type());
        // The first packet of a talk spurt (RFC 3551 §4.1).
        let mut marker = true;
        let mut bytes = Vec::new();
        for n in 0.. {
            let due = self.speaker.due(n);
            tokio::time::sleep_until(due.into()).await;
            let Some(frame) = self.speaker.telephone_frame(self.codec, n) else { return };
            if punctuality.is_late(due, &book) {
                marker = true;
            } else {
                let payload = &frame[..];
                Rtp { payload_type, marker, sequence, timestamp, ssrc, payload }
                    .write_to(&mut bytes);
                // The other end may have gone: that is told by SIP.
                let _ = self.rtp.send_to(&bytes, self.to).await;
                sequence = sequence.wrapping_add(1);
                marker = false;
            }
            timestamp = timestamp.wrapping_add(self.codec.frame_ticks());
        }
    }
}

/// The half that hears.
async fn hear(
    rtp: Arc<UdpSocket>,
    codec: TelephoneCodec,
    mut record: impl FnMut(RtpReceived) + Send,
) {
    let mut clock = Clock { tick_samples: codec.tick_samples(), last: None };
    let mut bytes = [0; DATAGRAM_BYTES_MAX];
    loop {
        // An error is of a datagram that was sent before.
        let Ok((length, _)) = rtp.recv_from(&mut bytes).await else { continue };
        let arrived_at = Instant::now();
        let bytes = &bytes[..length];
        let packet = Rtp::parse(bytes).filter(|it| it.payload_type == codec.payload_type());
        let Some(packet) = packet else { continue };
        record(RtpReceived {
            sequence: packet.sequence,
            timestamp: clock.samples(packet.timestamp),
            marker: packet.marker,
            payload_type: packet.payload_type,
            payload: Bytes::copy_from_slice(packet.payload),
            arrived_at,
            track: 0,
            ssrc: packet.ssrc,
            has_csrc: bytes[0] & 0x0F != 0,
            has_extension: bytes[0] & 0x10 != 0,
        });
    }
}

/// From a telephone's RTP clock to that of 48 kHz, past the end of its numbers.
struct Clock {
    tick_samples: u32,
    /// A time of each.
    last: Option<(u32, u32)>,
}

impl Clock {
    fn samples(&mut self, ticks: u32) -> u32 {
        let (then, samples) = self.last.unwrap_or((ticks, 0));
        // Backwards, too: the numbers wrap alike.
        let samples =
            samples.wrapping_add(ticks.wrapping_sub(then).wrapping_mul(self.tick_samples));
        self.last = Some((ticks, samples));
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_go_on_past_the_end_of_their_numbers_and_back() {
        let mut clock = Clock { tick_samples: 6, last: None };
        let times = [u32::MAX - 159, 0, 320, 160, 480].map(|ticks| clock.samples(ticks));
        assert_eq!(times, [0, 960, 2_880, 1_920, 3_840]);
    }
}
