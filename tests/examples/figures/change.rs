//! From the server's answer to a change of mode to the sound of it.

use std::time::{Duration, Instant};

use client::media::FRAME_SAMPLES;
use client::playout::Signal;
use client::probe::tone_dbfs;
use wire::{LegUpdate, Mode};

use crate::cast::{CHANGED, Cast, SUPERVISOR_HZ};
use crate::statistics::Times;

const CHANGES: usize = 60;
/// The first packet of a tone that ramps in is quieter than the rest.
const AUDIBLE_DBFS: f32 = -45.0;
/// Between two changes; the second part differs, so that all phases of a tick come.
const PAUSE: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_micros(1_700);
/// What the decoder is given before the change.
const RUN_UP: Duration = Duration::from_millis(200);

/// For each of many changes to Whisper: from its acknowledgement to the arrival at the agent of the
/// first packet with the supervisor in it. A change can be heard before it is acknowledged: then
/// the time is below zero.
pub async fn to_first_sample(cast: &Cast, legs: &[String]) -> anyhow::Result<Times> {
    let (call, supervisor) = (&cast.calls[CHANGED], &cast.supervisors[CHANGED]);
    let update = |mode| LegUpdate { mode: Some(mode), ..LegUpdate::default() };
    let mut times = Vec::new();
    for index in 0..CHANGES {
        tokio::time::sleep(PAUSE + STEP * index as u32).await;
        let asked = Instant::now();
        supervisor.api.update_leg(&call.id, &legs[CHANGED], &update(Mode::Whisper)).await?;
        let acknowledged = Instant::now();
        tokio::time::sleep(PAUSE).await;
        let mut packets = call.agent.heard.packets();
        packets.retain(|packet| packet.arrived_at + RUN_UP >= asked);
        let signal = Signal::decode(&packets)?;
        let has_tone = |(place, at): &(usize, Instant)| {
            let frame = signal.samples.get(*place..*place + FRAME_SAMPLES as usize)?;
            (*at >= asked && tone_dbfs(frame, SUPERVISOR_HZ) > AUDIBLE_DBFS).then_some(*at)
        };
        let first = signal.arrivals.iter().find_map(has_tone);
        let first = first.ok_or_else(|| anyhow::anyhow!("whisper {index} was not heard"))?;
        let late = first.saturating_duration_since(acknowledged).as_secs_f64();
        let early = acknowledged.saturating_duration_since(first).as_secs_f64();
        times.push((late - early) * 1_000.0);
        supervisor.api.update_leg(&call.id, &legs[CHANGED], &update(Mode::Listen)).await?;
    }
    Ok(Times::new(times))
}
