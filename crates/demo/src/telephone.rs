//! A caller on a telephone: a line and G.711 A-law, to show what a trunk's calls sound like.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use client::clip::Pacer;
use codec::band::{Band, BandDecoder};
use codec::{CodecError, g711};
use rand::RngExt;
use rand::rngs::StdRng;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::Shared;
use crate::accounts::REGULARS;
use crate::caller;
use crate::line::{Line, LineError, media_address, offer};
use crate::replay::{Outcome, Plan, Side};

/// Whoever has heard no agent by then hangs up.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long the agent may take to hang up when the recording is over.
const AGENT_HANGS_UP_WITHIN: Duration = Duration::from_secs(6);
/// Samples of 20 ms at 8 kHz.
const FRAME_SAMPLES: usize = 160;
/// G.711 A-law (RFC 3551 §6).
const PCMA: u8 = 8;

/// Why a telephone's call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum TelephoneError {
    /// No socket for sound, or nothing could be sent.
    #[error("the telephone's sound: {0}")]
    Sound(#[from] std::io::Error),
    /// The call came to nothing.
    #[error("the call: {0}")]
    Line(#[from] LineError),
    /// A recording that can't be decoded.
    #[error("the recording: {0}")]
    Codec(#[from] CodecError),
}

/// One call, from the INVITE to the end.
pub(super) async fn one_call(
    shared: &Arc<Shared>,
    (server, pair, round): (SocketAddr, usize, usize),
    rng: &mut StdRng,
) -> Result<(), TelephoneError> {
    let plan = Arc::new(caller::plan(shared, pair, round, rng));
    let (preferred, number) = REGULARS[rng.random_range(0..REGULARS.len())];
    let name = shared.names.take(preferred, rng);
    let mut line = Line::new(server, &plan.queue, (name.as_str(), number)).await?;
    // The agent knows the call by this number.
    shared.plans.put(number, plan.clone());
    let outcome = tokio::select! {
        () = shared.closing.cancelled() => Ok(Outcome::Finished),
        outcome = converse(&mut line, &plan) => outcome,
    };
    shared.plans.remove(number);
    let ended = line.end().await;
    outcome?;
    Ok(ended?)
}

async fn converse(line: &mut Line, plan: &Plan) -> Result<Outcome, TelephoneError> {
    let rtp = UdpSocket::bind((line.own().ip(), 0)).await?;
    let session = line.call(offer(rtp.local_addr()?, (PCMA, "PCMA/8000")), PATIENCE).await?;
    let media = media_address(&session).ok_or(LineError::Unfit("an address for media"))?;
    let outcome = say(line, &rtp, plan, media).await?;
    if outcome == Outcome::Finished && !plan.caller_hangs_up {
        // If the agent doesn't, the caller does.
        if let Ok(hung_up) = timeout(AGENT_HANGS_UP_WITHIN, line.hung_up()).await {
            hung_up?;
            return Ok(Outcome::Ended);
        }
    }
    Ok(outcome)
}

/// Says the caller's side, until it is through or the other end hangs up.
async fn say(
    line: &mut Line,
    rtp: &UdpSocket,
    plan: &Plan,
    media: SocketAddr,
) -> Result<Outcome, TelephoneError> {
    let mut decoder = BandDecoder::new(Band::Narrow)?;
    let mut pacer = Pacer::from(plan.first_word());
    let hung_up = line.hung_up();
    tokio::pin!(hung_up);
    let (mut samples, mut sound) = ([0; FRAME_SAMPLES], [0; FRAME_SAMPLES]);
    for (number, frame) in plan.frames(Side::Caller).enumerate() {
        tokio::select! {
            () = pacer.tick() => {}
            ended = &mut hung_up => {
                ended?;
                return Ok(Outcome::Ended);
            }
        }
        decoder.decode_into(&frame.payload, &mut samples)?;
        g711::encode_alaw_into(&samples, &mut sound);
        rtp.send_to(&packet(number, &sound), media).await?;
    }
    Ok(Outcome::Finished)
}

/// RTP (RFC 3550 §5.1): the marker bit begins the talk.
fn packet(number: usize, sound: &[u8]) -> Vec<u8> {
    let marker = if number == 0 { 0x80 } else { 0 };
    let mut packet = vec![0x80, marker | PCMA];
    packet.extend((number as u16).to_be_bytes());
    packet.extend(((number * FRAME_SAMPLES) as u32).to_be_bytes());
    packet.extend(0x534F_5454_u32.to_be_bytes());
    packet.extend(sound);
    packet
}
