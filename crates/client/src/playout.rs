//! What a station has received, as a continuous signal: for measuring, not for playing.
//!
//! [`Heard`] collects the packets; [`Heard::signal`] decodes them by their timestamps, as if the
//! jitter buffer were perfect. Where packets are lost, the decoder conceals; where nothing was
//! sent, there is silence.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use codec::{CodecError, OPUS_GRAIN_SAMPLES, OPUS_PACKET_SAMPLES_MAX, OpusDecoder};

use crate::media::{RtpReceived, SAMPLE_RATE_HZ};

/// A longer hole in the timestamps is shortened to this: half a minute.
const GAP_SAMPLES_MAX: usize = 30 * SAMPLE_RATE_HZ as usize;

/// The packets that a station has received. Clones share them.
#[derive(Debug, Clone)]
pub struct Heard {
    packets: Arc<Mutex<Vec<RtpReceived>>>,
    packets_max: usize,
}

impl Heard {
    /// An empty collection; it keeps the first `packets_max` packets (50 a second).
    pub fn new(packets_max: usize) -> Self {
        Self { packets: Arc::default(), packets_max }
    }

    /// The callback that fills it, for [`Offer::new`](crate::media::Offer::new).
    pub fn recorder(&self) -> impl FnMut(RtpReceived) + Send + 'static {
        let heard = self.clone();
        move |packet| {
            let mut packets = heard.lock();
            if packets.len() < heard.packets_max {
                packets.push(packet);
            }
        }
    }

    /// A copy of the packets, in the order of arrival.
    pub fn packets(&self) -> Vec<RtpReceived> {
        self.lock().clone()
    }

    /// A copy of the packets that arrived after the first `count`.
    pub fn after(&self, count: usize) -> Vec<RtpReceived> {
        self.lock().get(count..).unwrap_or_default().to_vec()
    }

    /// Forgets everything heard so far.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Decodes everything heard so far.
    ///
    /// # Errors
    /// A payload that is no Opus packet.
    pub fn signal(&self) -> Result<Signal, CodecError> {
        Signal::decode(&self.packets())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RtpReceived>> {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A mono signal at 48 kHz, and when each part of it arrived.
#[derive(Debug, Clone, Default)]
pub struct Signal {
    /// The samples.
    pub samples: Vec<f32>,
    /// For each packet, in order: its first sample's place, and its arrival.
    pub arrivals: Vec<(usize, Instant)>,
}

/// Decodes one stream as it comes in, with one decoder from its first packet to its last.
///
/// A decoder that begins in the middle of a stream is wrong for a while (RFC 7845 §4.2 has 80 ms
/// for it), and after a steady tone for much longer: it rings at frequencies that nobody sent, at
/// up to full scale. Whoever measures what was heard has to decode from the beginning.
#[derive(Debug)]
pub struct Playback {
    decoder: OpusDecoder,
    room: Vec<f32>,
    /// What is due next: sequence number and timestamp.
    due: Option<(u16, u32)>,
    signal: Signal,
}

impl Playback {
    /// Nothing heard yet.
    ///
    /// # Errors
    /// [`CodecError::Library`] when libopus has no memory.
    pub fn new() -> Result<Self, CodecError> {
        Ok(Self {
            decoder: OpusDecoder::new()?,
            room: vec![0.0; OPUS_PACKET_SAMPLES_MAX],
            due: None,
            signal: Signal::default(),
        })
    }

    /// Decodes the next packet; one that overlaps what has been played is left out.
    ///
    /// # Errors
    /// A payload that is no Opus packet.
    pub fn push(&mut self, packet: &RtpReceived) -> Result<(), CodecError> {
        if let Some((sequence, timestamp)) = self.due {
            let ahead = packet.timestamp.wrapping_sub(timestamp).cast_signed();
            let Ok(gap) = usize::try_from(ahead) else {
                return Ok(());
            };
            self.fill(gap, packet.sequence != sequence)?;
        }
        let samples = self.decoder.decode_into(&packet.payload, &mut self.room)?;
        self.signal.arrivals.push((self.signal.samples.len(), packet.arrived_at));
        self.signal.samples.extend_from_slice(&self.room[..samples]);
        let duration = u32::try_from(samples).unwrap_or(0);
        self.due = Some((packet.sequence.wrapping_add(1), packet.timestamp.wrapping_add(duration)));
        Ok(())
    }

    /// What was heard so far.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    fn fill(&mut self, gap: usize, lost: bool) -> Result<(), CodecError> {
        let gap = gap.min(GAP_SAMPLES_MAX);
        let samples = &mut self.signal.samples;
        let mut silent = gap;
        let concealable =
            gap.min(OPUS_PACKET_SAMPLES_MAX) / OPUS_GRAIN_SAMPLES * OPUS_GRAIN_SAMPLES;
        if lost && concealable > 0 {
            let concealed = self.decoder.conceal_into(concealable, &mut self.room)?;
            samples.extend_from_slice(&self.room[..concealed]);
            silent -= concealed;
        }
        samples.resize(samples.len() + silent, 0.0);
        Ok(())
    }
}

impl Signal {
    /// Decodes packets of one stream, in whatever order they came. They should be all from the
    /// first on: see [`Playback`].
    ///
    /// # Errors
    /// A payload that is no Opus packet.
    pub fn decode(packets: &[RtpReceived]) -> Result<Self, CodecError> {
        let mut playback = Playback::new()?;
        in_sequence(packets).into_iter().try_for_each(|packet| playback.push(packet))?;
        Ok(playback.signal)
    }

    /// What arrived from that moment on.
    pub fn since(&self, from: Instant) -> &[f32] {
        &self.samples[self.place(from)..]
    }

    /// What arrived from one moment until before another.
    pub fn between(&self, from: Instant, until: Instant) -> &[f32] {
        let (from, until) = (self.place(from), self.place(until));
        &self.samples[from.min(until)..until]
    }

    fn place(&self, at: Instant) -> usize {
        self.arrivals
            .iter()
            .find(|(_, arrived_at)| *arrived_at >= at)
            .map_or(self.samples.len(), |(place, _)| *place)
    }
}

/// Sorts by sequence number across wraps, and leaves out duplicates.
fn in_sequence(packets: &[RtpReceived]) -> Vec<&RtpReceived> {
    let Some(first) = packets.first() else {
        return Vec::new();
    };
    let mut highest = i64::from(first.sequence);
    let mut numbered: Vec<(i64, &RtpReceived)> = packets
        .iter()
        .map(|packet| {
            // RFC 3550 §A.1: a number belongs to the nearest cycle.
            let low = (highest & 0xffff) as u16;
            let number = highest + i64::from(packet.sequence.wrapping_sub(low).cast_signed());
            highest = highest.max(number);
            (number, packet)
        })
        .collect();
    numbered.sort_by_key(|(number, _)| *number);
    numbered.dedup_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, packet)| packet).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clip::Clip;
    use crate::probe::{rms_dbfs, tone_dbfs};

    /// A second of a tone as packets, with wrapping sequence numbers and timestamps.
    fn packets() -> Vec<RtpReceived> {
        let clip = Clip::tone(600.0, -20.0, Duration::from_secs(1)).unwrap();
        let start = Instant::now();
        clip.frames()
            .iter()
            .zip(0_u32..)
            .map(|(frame, n)| RtpReceived {
                sequence: (u32::from(u16::MAX - 10) + n) as u16,
                timestamp: (u32::MAX - 20_000).wrapping_add(n * 960),
                marker: n == 0,
                payload_type: 111,
                payload: frame.payload.clone(),
                arrived_at: start + Duration::from_millis(20) * n,
                track: 0,
                ssrc: 1,
                has_csrc: false,
                has_extension: false,
            })
            .collect()
    }

    #[test]
    fn order_and_duplicates_do_not_matter() {
        let straight = packets();
        let mut shuffled = straight.clone();
        shuffled.swap(8, 12);
        shuffled.insert(20, straight[18].clone());
        let a = Signal::decode(&straight).unwrap();
        let b = Signal::decode(&shuffled).unwrap();
        assert_eq!(a.samples, b.samples);
        assert_eq!(a.samples.len(), 48_000);
        assert!((tone_dbfs(&a.samples[9600..], 600.0) + 20.0).abs() < 1.0);
    }

    #[test]
    fn a_loss_is_concealed_and_a_pause_is_silent() {
        let mut lossy = packets();
        lossy.remove(25);
        let signal = Signal::decode(&lossy).unwrap();
        assert_eq!(signal.samples.len(), 48_000);
        assert!(rms_dbfs(&signal.samples[25 * 960..26 * 960]) > -40.0);

        let mut paused = packets();
        for packet in &mut paused[25..] {
            packet.timestamp = packet.timestamp.wrapping_add(9600);
        }
        let signal = Signal::decode(&paused).unwrap();
        assert_eq!(signal.samples.len(), 57_600);
        assert!(rms_dbfs(&signal.samples[25 * 960..25 * 960 + 9600]) < -100.0);
    }

    #[test]
    fn the_signal_is_cut_by_time_of_arrival() {
        let packets = packets();
        let start = packets[0].arrived_at;
        let signal = Signal::decode(&packets).unwrap();
        let later = start + Duration::from_millis(500);
        assert_eq!(signal.since(later).len(), 24_000);
        assert_eq!(signal.between(start, later).len(), 24_000);
        assert_eq!(signal.between(later, start).len(), 0);
        assert!(signal.since(start + Duration::from_secs(9)).is_empty());
    }

    #[test]
    fn the_collection_is_bounded() {
        let heard = Heard::new(3);
        let mut record = heard.recorder();
        packets().into_iter().for_each(&mut record);
        assert_eq!(heard.packets().len(), 3);
        assert_eq!(heard.signal().unwrap().samples.len(), 3 * 960);
        heard.clear();
        assert!(heard.signal().unwrap().samples.is_empty());
    }
}
