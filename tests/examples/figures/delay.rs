//! How long sound takes through the server, seen from the wire on both sides of it (loopback and
//! the waking of threads included).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use client::media::{FRAME_SAMPLES, RtpReceived, SAMPLE_RATE_HZ};
use client::playout::Signal;
use codec::{OpusDecoder, OpusEncoder, OpusEncoderConfig};

use crate::cast::{CHIRP_FRAME, Cast, Person, TAPPED};
use crate::statistics::Times;
use crate::tap::{Seen, Tap};

/// How long delays are watched, if nothing else is said.
pub const MEASURING: Duration = Duration::from_secs(12);
const FRAME: usize = FRAME_SAMPLES as usize;
/// A chirp and its edges in the codec.
const CHIRP_SAMPLES: usize = 7 * FRAME;
/// The longest delay that is looked for: 150 ms.
const DELAY_SAMPLES_MAX: usize = 7_200;

/// From a packet's arrival at the server to its departure as the packet that was forwarded, watched for so long.
pub async fn forwarded(cast: &Cast, measuring: Duration) -> anyhow::Result<Times> {
    let from = Instant::now();
    tokio::time::sleep(measuring).await;
    let mut times = Vec::new();
    for call in &cast.calls[..TAPPED] {
        let (caller, agent) = (tap(&call.caller)?, tap(&call.agent)?);
        for (source, listener) in [(caller, agent), (agent, caller)] {
            let sent = since(source.sent(), from);
            let received = since(listener.received(), from + Duration::from_millis(100));
            times.extend(matched(&sent, &received));
        }
    }
    Ok(Times::new(times))
}

/// From a sample's arrival at the server to its departure in the supervisor's mix, without the
/// look-ahead of the server's encoder. The chirps are found by correlation.
pub async fn mixed(cast: &Cast) -> anyhow::Result<Times> {
    let from = Instant::now() + Duration::from_secs(1);
    tokio::time::sleep(MEASURING).await;
    let encoder = OpusEncoder::new(OpusEncoderConfig::default())?;
    let look_ahead_ms = encoder.lookahead_samples() as f64 * 1_000.0 / f64::from(SAMPLE_RATE_HZ);
    let mut times = Vec::new();
    for (call, supervisor) in cast.calls.iter().zip(&cast.supervisors).take(TAPPED) {
        let chirp = sent_chirp(&call.caller)?;
        let heard = Departed::of(supervisor)?;
        let sent = tap(&call.caller)?.sent();
        let first = sent.first().context("the caller sent nothing")?.timestamp;
        let frames = call.caller.clip.frames().len() as u32;
        for packet in sent.iter().filter(|packet| packet.at >= from) {
            let index = packet.timestamp.wrapping_sub(first) / FRAME_SAMPLES % frames;
            if index as usize == CHIRP_FRAME
                && let Some(delay_ms) = heard.delay_ms(&chirp, packet.at)
            {
                times.push(delay_ms - look_ahead_ms);
            }
        }
    }
    Ok(Times::new(times))
}

fn tap(person: &Person) -> anyhow::Result<&Tap> {
    person.tap.as_ref().context("this station is on no tap")
}

fn since(mut packets: Vec<Seen>, from: Instant) -> Vec<Seen> {
    packets.retain(|packet| packet.at >= from);
    packets
}

/// Forwarded packets keep their timestamps but for one constant, which most pairs of neighbours
/// in time agree on.
fn matched(sent: &[Seen], received: &[Seen]) -> Vec<f64> {
    let mut votes: HashMap<u32, usize> = HashMap::new();
    for packet in received {
        if let Some(last) = sent.iter().rev().find(|it| it.at < packet.at) {
            *votes.entry(packet.timestamp.wrapping_sub(last.timestamp)).or_default() += 1;
        }
    }
    let Some((offset, _)) = votes.into_iter().max_by_key(|(_, votes)| *votes) else {
        return Vec::new();
    };
    let by_timestamp: HashMap<u32, Instant> =
        sent.iter().map(|it| (it.timestamp.wrapping_add(offset), it.at)).collect();
    let delay = |it: &Seen| Some((it.at - *by_timestamp.get(&it.timestamp)?).as_secs_f64() * 1e3);
    received.iter().filter_map(delay).collect()
}

/// The chirp as a decoder hears it, from the beginning of its first frame.
fn sent_chirp(caller: &Person) -> anyhow::Result<Vec<f32>> {
    let mut decoder = OpusDecoder::new()?;
    let mut signal = Vec::new();
    let mut frame = [0.0; codec::OPUS_PACKET_SAMPLES_MAX];
    // Twice: the clip is repeated, and the second time is like every later one.
    for it in caller.clip.frames().iter().chain(caller.clip.frames()) {
        let samples = decoder.decode_into(&it.payload, &mut frame)?;
        signal.extend_from_slice(&frame[..samples]);
    }
    let begin = (caller.clip.frames().len() + CHIRP_FRAME) * FRAME;
    Ok(signal[begin..begin + CHIRP_SAMPLES].to_vec())
}

/// What somebody heard, and when each packet of it left the server.
struct Departed {
    signal: Signal,
}

impl Departed {
    fn of(listener: &Person) -> anyhow::Result<Self> {
        let left: HashMap<u16, Instant> =
            tap(listener)?.received().iter().map(|it| (it.sequence, it.at)).collect();
        let mut packets: Vec<RtpReceived> = listener.heard.packets();
        packets.retain_mut(|packet| match left.get(&packet.sequence) {
            Some(at) => {
                packet.arrived_at = *at;
                true
            }
            None => false,
        });
        Ok(Self { signal: Signal::decode(&packets)? })
    }

    /// How long after `sent_at` the chirp is heard.
    fn delay_ms(&self, chirp: &[f32], sent_at: Instant) -> Option<f64> {
        let (begin, _) = self.signal.arrivals.iter().find(|(_, at)| *at >= sent_at)?;
        let part = self.signal.samples.get(*begin..begin + DELAY_SAMPLES_MAX + chirp.len())?;
        let score = |lag: usize| -> f32 { part[lag..].iter().zip(chirp).map(|(a, b)| a * b).sum() };
        let lag = (0..DELAY_SAMPLES_MAX).max_by(|a, b| score(*a).total_cmp(&score(*b)))?;
        // The sample's own packet says when it left.
        let found = begin + lag;
        let (place, left_at) =
            self.signal.arrivals.iter().rev().find(|(place, _)| *place <= found)?;
        let within_ms = (found - place) as f64 * 1_000.0 / f64::from(SAMPLE_RATE_HZ);
        Some(left_at.saturating_duration_since(sent_at).as_secs_f64() * 1_000.0 + within_ms)
    }
}
