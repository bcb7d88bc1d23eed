//! Noise suppression: what it takes out of a loud room, what it leaves of a voice, and when it is on.

use clap::Parser;
use recordings::Recording;
use softphone::audio::FRAME_SAMPLES;
use softphone::cli::Cli;
use softphone::noise::NoiseSuppressor;

/// What the noise of a room must lose while nobody speaks, and what a voice in it may lose, dB.
const NOISE_FALLS_DB: f32 = 25.0;
const VOICE_FALLS_DB: f32 = 1.0;
/// Later by so much.
const DELAY: usize = 480;

/// Somebody of the demo's calls, in whole frames.
fn voice() -> Vec<f32> {
    let calls = Recording::demo_calls().unwrap();
    let mut sound = recordings::decode(&calls[0].agent).unwrap();
    sound.truncate(sound.len() / FRAME_SAMPLES * FRAME_SAMPLES);
    sound
}

/// The rush of fans and traffic: noise with less the higher it is, RMS −40 dBFS.
fn room(samples: usize) -> Vec<f32> {
    let (mut random, mut low) = (1_u32, 0.0);
    let noise = |_| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        low += 0.1 * ((random >> 8) as f32 / (1 << 23) as f32 - 1.0 - low);
        low
    };
    let noise: Vec<f32> = (0..samples).map(noise).collect();
    let gain = 0.01 / power(&noise).sqrt();
    noise.iter().map(|it| it * gain).collect()
}

fn power(sound: &[f32]) -> f32 {
    sound.iter().map(|it| it * it).sum::<f32>() / sound.len() as f32
}

fn suppressed(sound: &[f32]) -> Vec<f32> {
    let mut suppressor = NoiseSuppressor::default();
    let mut out = Vec::new();
    for frame in sound.as_chunks::<FRAME_SAMPLES>().0 {
        let mut frame = *frame;
        suppressor.suppress(&mut frame);
        out.extend_from_slice(&frame);
    }
    out
}

fn db(ratio: f32) -> f32 {
    10.0 * ratio.log10()
}

#[test]
fn the_noise_of_a_room_falls_and_the_voice_in_it_stays() {
    let voice = voice();
    let room = room(voice.len());
    let noisy: Vec<f32> = voice.iter().zip(&room).map(|(a, b)| a + b).collect();
    let heard = suppressed(&noisy);
    let (mut noise, mut kept) = (Vec::new(), Vec::new());
    // After two seconds, in which it learns what the room is like.
    for at in (96_000..voice.len() - 2 * FRAME_SAMPLES).step_by(FRAME_SAMPLES) {
        let around = power(&voice[at - 9_600..(at + 9_600).min(voice.len())]);
        let [said, went_in] = [&voice, &noisy].map(|it| power(&it[at..at + FRAME_SAMPLES]));
        let came_out = power(&heard[at + DELAY..at + DELAY + FRAME_SAMPLES]);
        if around < 1e-6 {
            noise.push((came_out, went_in));
        } else if said > 1e-3 {
            kept.push((came_out, went_in));
        }
    }
    assert!(noise.len() > 50 && kept.len() > 50, "{}, {}", noise.len(), kept.len());
    let fall = |frames: &[(f32, f32)]| {
        let sum = |of: fn(&(f32, f32)) -> f32| frames.iter().map(of).sum::<f32>();
        -db(sum(|it| it.0) / sum(|it| it.1))
    };
    let [noise, voice] = [fall(&noise), fall(&kept)];
    println!("the noise falls by {noise} dB, the voice by {voice}");
    assert!(noise > NOISE_FALLS_DB, "{noise} dB");
    assert!(voice.abs() < VOICE_FALLS_DB, "{voice} dB");
}

#[test]
fn silence_stays_silence() {
    assert!(suppressed(&[0.0; 48_000]).iter().all(|it| it.abs() < 1e-4));
}

#[test]
fn it_is_off_until_it_is_wished_for_and_then_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("softphone.toml");
    let chosen = |arguments: &[&str]| {
        let settings = ["softphone", "--settings", path.to_str().unwrap()];
        let cli = Cli::parse_from(settings.iter().chain(arguments));
        let choices = cli.choices().unwrap();
        choices.write(&path).unwrap();
        choices.noise_suppression
    };
    assert!(!chosen(&[]));
    assert!(chosen(&["--noise-suppression"]));
    assert!(chosen(&[]), "remembered");
    assert!(!chosen(&["--noise-suppression=off"]));
    assert!(chosen(&["--noise-suppression=on", "check"]));
}
