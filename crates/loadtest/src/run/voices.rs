//! Who speaks with which voice.

use std::sync::Arc;

use codec::{CodecError, FRAME_SAMPLES, OpusEncoderConfig};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use recordings::Recorded;

use crate::measure::routes::{PartyId, Role};
use crate::measure::voice::Voice;
use crate::telephone::TelephoneCodec;

/// Longer voices are cut: a minute is enough to tell parties apart, and to encode.
const VOICE_FRAMES_MAX: usize = 60 * 50;
/// Supervisors speak faster and higher by this, so that theirs are voices of their own.
const SUPERVISOR_PACE: f64 = 1.07;
/// The noise under a supervisor's voice: a first-order low-pass at 2.7 kHz, at some −32 dBFS.
const BREATH_PASS: f32 = 0.3;
const BREATH_AMPLITUDE: f32 = 0.1;
/// The golden section: places taken by its multiples are never near each other.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// All voices, encoded once.
pub struct Voices {
    callers: Vec<Arc<Voice>>,
    agents: Vec<Arc<Voice>>,
    supervisors: Vec<Arc<Voice>>,
}

impl Voices {
    /// Encodes what is said in the recordings. Supervisors say what agents say, without pauses: they
    /// are to be heard from the first moment on. With `keeps_sound` callers' and agents' voices keep
    /// what they were made of; callers' are made for telephones with these codecs, too.
    ///
    /// # Errors
    /// [`CodecError`], for want of memory.
    pub fn encode(
        recordings: &[Recorded],
        keeps_sound: bool,
        telephone: &[TelephoneCodec],
    ) -> Result<Self, CodecError> {
        let config = OpusEncoderConfig::default();
        let plain = |name: &str, signal: &[f32]| -> Result<Voice, CodecError> {
            let length = signal.len().min(VOICE_FRAMES_MAX * FRAME_SAMPLES);
            Voice::new(name, &signal[..length], config)
        };
        let party = |name: &str, signal: &Arc<[f32]>| -> Result<Voice, CodecError> {
            let voice = plain(name, signal)?;
            Ok(if keeps_sound { voice.with_sound(signal.clone()) } else { voice })
        };
        let all = std::thread::scope(|scope| {
            let threads: Vec<_> = recordings
                .iter()
                .map(|it| {
                    scope.spawn(move || {
                        let coach = breathing(faster(&Voice::without_pauses(&it.agent)));
                        let caller = party(&it.name, &it.caller)?;
                        Ok([
                            Arc::new(caller.with_telephone(&it.caller, telephone)),
                            Arc::new(party(&it.name, &it.agent)?),
                            Arc::new(plain(&it.name, &coach)?),
                        ])
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| match thread.join() {
                    Ok(voices) => voices,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect::<Result<Vec<[Arc<Voice>; 3]>, CodecError>>()
        })?;
        let pick = |n: usize| all.iter().map(|voices| voices[n].clone()).collect();
        Ok(Self { callers: pick(0), agents: pick(1), supervisors: pick(2) })
    }

    /// A party's voice, and where in it the party begins. A caller's is that of the recording.
    pub fn of(&self, role: Role, party: PartyId, recording: usize) -> (Arc<Voice>, usize) {
        let (voices, index) = match role {
            Role::Caller => (&self.callers, recording),
            Role::Agent => (&self.agents, usize::from(party)),
            Role::Supervisor => (&self.supervisors, usize::from(party)),
        };
        let voice = voices[index % voices.len()].clone();
        let place = (f64::from(party) * GOLDEN).fract();
        let offset = (place * voice.len() as f64) as usize;
        (voice, offset)
    }
}

/// The signal with a soft noise under it: even between two sounds there is something to be heard, so
/// that the beginning and the end of a whisper can be told to 10 ms.
fn breathing(mut signal: Vec<f32>) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(signal.len() as u64);
    let mut soft = 0.0_f32;
    for sample in &mut signal {
        soft += BREATH_PASS * (random.random_range(-1.0..1.0) - soft);
        *sample = (*sample + BREATH_AMPLITUDE * soft).clamp(-1.0, 1.0);
    }
    signal
}

/// The signal at another pace, by linear interpolation: whom it was said by can't be told any more.
fn faster(signal: &[f32]) -> Vec<f32> {
    let length = (signal.len() as f64 / SUPERVISOR_PACE) as usize;
    (0..length.saturating_sub(1))
        .map(|n| {
            let at = n as f64 * SUPERVISOR_PACE;
            let (index, part) = (at as usize, at.fract() as f32);
            signal[index] * (1.0 - part) + signal[(index + 1).min(signal.len() - 1)] * part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_who_says_next_to_nothing_has_a_voice() {
        let second = FRAME_SAMPLES * 50;
        let mut agent = vec![0.002; second];
        agent[second / 2..][..FRAME_SAMPLES].fill(0.1);
        let recorded = Recorded {
            name: "one click".to_owned(),
            queue: None,
            caller_name: None,
            caller: vec![0.1; second].into(),
            agent: agent.into(),
        };
        let voices = Voices::encode(&[recorded], false, &[]).unwrap();
        assert!(voices.of(Role::Supervisor, 1, 0).0.len() > 40);
    }
}
