//! A connected station: packets out, packets in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc::rtp;
use tokio::sync::mpsc;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use super::connection::Connection;
use super::error::{MediaError, Trouble};
use super::fragment;

/// The RTP clock of Opus (RFC 7587 §4.1).
pub const SAMPLE_RATE_HZ: u32 = 48_000;
/// Samples in the 20 ms frames everything here is made of.
pub const FRAME_SAMPLES: u32 = SAMPLE_RATE_HZ / 50;

/// One Opus packet to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpusFrame {
    /// The packet as the encoder made it.
    pub payload: Bytes,
    /// Duration in samples at 48 kHz; the next frame's timestamp is this much later.
    pub duration_samples: u32,
    /// RFC 6464: level below full scale, 0 (loudest) to 127 (silence), in −dBov.
    pub level_dbov: u8,
    /// RFC 6464: whether the sender takes it for speech.
    pub voice: bool,
}

impl OpusFrame {
    /// A 20 ms frame; it counts as speech when it is above −60 dBov.
    pub fn new(payload: impl Into<Bytes>, level_dbov: u8) -> Self {
        Self {
            payload: payload.into(),
            duration_samples: FRAME_SAMPLES,
            level_dbov: level_dbov.min(127),
            voice: level_dbov < 60,
        }
    }
}

/// One RTP packet from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtpReceived {
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp, 48 kHz.
    pub timestamp: u32,
    /// First packet after a silence.
    pub marker: bool,
    /// The negotiated payload type.
    pub payload_type: u8,
    /// The Opus packet.
    pub payload: Bytes,
    /// When it was read.
    pub arrived_at: Instant,
    /// On which track of the station it came, counted from 0.
    pub track: usize,
    /// The stream's source.
    pub ssrc: u32,
    /// Whether contributing sources are named (they would tell who is in the mix).
    pub has_csrc: bool,
    /// Whether there is any header extension.
    pub has_extension: bool,
}

impl RtpReceived {
    pub(super) fn new(packet: rtp::Packet, track: usize, arrived_at: Instant) -> Self {
        let header = packet.header;
        Self {
            sequence: header.sequence_number,
            timestamp: header.timestamp,
            marker: header.marker,
            payload_type: header.payload_type,
            payload: packet.payload,
            arrived_at,
            track,
            ssrc: header.ssrc,
            has_csrc: !header.csrc.is_empty(),
            has_extension: !header.extensions.is_empty(),
        }
    }
}

/// A callback for [`Offer::new`](super::Offer::new) and the bounded queue it fills. What a full
/// queue can't take is dropped, as any network would.
pub fn received_channel(
    packets_max: usize,
) -> (impl FnMut(RtpReceived) + Send + 'static, mpsc::Receiver<RtpReceived>) {
    let (tx, rx) = mpsc::channel(packets_max);
    (move |packet| drop(tx.try_send(packet)), rx)
}

/// A station that is connected to the server. Dropping it closes it.
pub struct Station {
    connection: Connection,
    outgoing: Outgoing,
}

impl Station {
    pub(super) fn new(connection: Connection, outgoing: Outgoing) -> Self {
        Self { connection, outgoing }
    }

    /// Sends the next frame: one sequence number on, the timestamp on by the last frame's
    /// duration, the marker set on the first frame and after a [`Station::pause`].
    pub async fn send(&self, frame: &OpusFrame) -> Result<(), MediaError> {
        self.outgoing.send(frame).await
    }

    /// Lets time pass with nothing sent, as a microphone in DTX does.
    pub fn pause(&self, samples: u32) {
        self.outgoing.clock().pause(samples);
    }

    /// The synchronisation source of what this station sends.
    pub fn ssrc(&self) -> u32 {
        self.outgoing.ssrc
    }

    /// The payload type agreed on for Opus.
    pub fn payload_type(&self) -> u8 {
        self.outgoing.payload_type
    }

    /// Whether the server takes audio levels (RFC 6464) from this station.
    pub fn sends_levels(&self) -> bool {
        self.outgoing.level_extension.is_some()
    }

    /// Whether media can flow at this moment.
    pub fn is_connected(&self) -> bool {
        self.connection.is_connected()
    }

    /// Returns when the connection is over: closed here or by the server, or ten seconds after
    /// the last sign of it.
    pub async fn ended(&self) {
        self.connection.ended().await;
    }

    /// Returns when something is wrong, and what.
    pub async fn trouble(&self) -> Trouble {
        self.connection.trouble().await
    }

    /// Whether media flow (again) within so long.
    pub async fn is_connected_within(&self, timeout: Duration) -> bool {
        self.connection.connected(timeout).await.is_ok()
    }

    /// Begins an ICE restart from a fresh local port, as after a change of network. Returns the
    /// fragment to `PATCH` the station with; the answer goes to [`Station::finish_restart`].
    pub async fn restart(&self) -> Result<String, MediaError> {
        Ok(fragment::of_offer(&self.connection.restart_offer().await?))
    }

    /// Takes the server's fragment; media flows from the new port as soon as it is checked.
    pub async fn finish_restart(&self, fragment: &str) -> Result<(), MediaError> {
        let answer = self.connection.answer().await?;
        let answer = fragment::merge(&answer, fragment).ok_or(MediaError::NoCredentials)?;
        self.connection.accept(answer).await
    }

    /// Ends the connection in order.
    pub async fn close(&self) {
        self.connection.close().await;
    }
}

/// The sending side.
pub(super) struct Outgoing {
    track: Arc<TrackLocalStaticRTP>,
    ssrc: u32,
    payload_type: u8,
    level_extension: Option<u8>,
    clock: Mutex<RtpClock>,
}

impl Outgoing {
    pub(super) fn new(
        track: Arc<TrackLocalStaticRTP>,
        ssrc: u32,
        payload_type: u8,
        level_extension: Option<u8>,
    ) -> Self {
        Self {
            track,
            ssrc,
            payload_type,
            level_extension,
            clock: Mutex::new(RtpClock::new(rand::random(), rand::random())),
        }
    }

    async fn send(&self, frame: &OpusFrame) -> Result<(), MediaError> {
        let stamp = self.clock().next(frame.duration_samples);
        let mut header = rtp::Header {
            version: 2,
            marker: stamp.marker,
            payload_type: self.payload_type,
            sequence_number: stamp.sequence,
            timestamp: stamp.timestamp,
            ssrc: self.ssrc,
            ..Default::default()
        };
        if let Some(id) = self.level_extension {
            let level = frame.level_dbov.min(127) | (u8::from(frame.voice) << 7);
            header.set_extension(id, Bytes::copy_from_slice(&[level]))?;
        }
        let packet = rtp::Packet { header, payload: frame.payload.clone() };
        Ok(self.track.write_rtp(packet).await?)
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, RtpClock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    sequence: u16,
    timestamp: u32,
    marker: bool,
}

/// Sequence numbers and timestamps (RFC 3550 §5.1: both start at random, both wrap).
#[derive(Debug)]
struct RtpClock {
    sequence: u16,
    timestamp: u32,
    after_silence: bool,
}

impl RtpClock {
    fn new(sequence: u16, timestamp: u32) -> Self {
        Self { sequence, timestamp, after_silence: true }
    }

    fn next(&mut self, duration_samples: u32) -> Stamp {
        let stamp = Stamp {
            sequence: self.sequence,
            timestamp: self.timestamp,
            marker: self.after_silence,
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(duration_samples);
        self.after_silence = false;
        stamp
    }

    fn pause(&mut self, samples: u32) {
        self.timestamp = self.timestamp.wrapping_add(samples);
        self.after_silence = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_and_the_marker_follows_silence() {
        let mut clock = RtpClock::new(u16::MAX, u32::MAX - 959);
        let first = clock.next(960);
        assert_eq!((first.sequence, first.marker), (u16::MAX, true));
        let second = clock.next(960);
        assert_eq!(second, Stamp { sequence: 0, timestamp: 0, marker: false });
        clock.pause(4800);
        let third = clock.next(960);
        assert_eq!(third, Stamp { sequence: 1, timestamp: 960 + 4800, marker: true });
    }

    #[test]
    fn quiet_frames_do_not_count_as_speech() {
        assert!(OpusFrame::new(vec![1], 20).voice);
        assert!(!OpusFrame::new(vec![1], 70).voice);
        assert_eq!(OpusFrame::new(vec![1], 255).level_dbov, 127);
    }
}
