//! Whole calls: 20 ms of each situation, and the promise that a whispered call's tick costs at
//! most 1.15 times its libopus calls.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use call_engine::CallConfig;
use codec::{OPUS_PACKET_BYTES_MAX, OpusEncoderConfig, SAMPLE_RATE_HZ};
use criterion::Criterion;
use interaction::Policy;
use mixer::Frame;
use sotto_benches::{Scene, Situation, Speech};

/// The promise.
const RATIO_MAX: f64 = 1.15;
/// Of each frame the fastest of this many rounds counts: other processes only ever slow one down.
const ROUNDS: usize = 10;
const FRAMES: usize = 500;

fn main() -> anyhow::Result<ExitCode> {
    let speech = Scene::speech()?;
    let mut criterion = Criterion::default().configure_from_args();
    situations(&mut criterion, &speech)?;
    criterion.final_summary();
    judge(&speech)
}

fn situations(criterion: &mut Criterion, speech: &[Speech; 3]) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("call_tick");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    for situation in Situation::ALL {
        let name = format!("{situation:?}").to_lowercase();
        let mut scene = Scene::new(situation, speech);
        group.bench_function(name, |bencher| bencher.iter(|| scene.tick(speech)));
    }
    let mixes = Mixes::new(speech);
    let (mut libopus, mut frame) = (Libopus::new()?, 0);
    group.bench_function("whisper_libopus_alone", |bencher| {
        bencher.iter(|| {
            frame += 1;
            libopus.tick(speech, &mixes, frame)
        });
    });
    group.finish();
    Ok(())
}

/// Measures both, frame by frame in turn, and says whether the promise is kept.
fn judge(speech: &[Speech; 3]) -> anyhow::Result<ExitCode> {
    let mixes = Mixes::new(speech);
    let mut fastest = [[Duration::MAX; 2]; FRAMES];
    for round in 0..ROUNDS {
        // Both encode each mix: what is not encoded can't be compared.
        let config = CallConfig { mixes_always: true, ..CallConfig::default() };
        let mut scene = Scene::with(Situation::Whisper, speech, config);
        let mut libopus = Libopus::new()?;
        for frame in 0..scene.frame() {
            libopus.tick(speech, &mixes, frame)?;
        }
        let encoded = scene.encoded();
        for [whole, bare] in &mut fastest {
            let frame = scene.frame();
            // Who comes second finds libopus's code in the cache: they take turns.
            if (frame + round).is_multiple_of(2) {
                keep_fastest(whole, || scene.tick(speech));
                keep_fastest(bare, || libopus.tick(speech, &mixes, frame))?;
            } else {
                keep_fastest(bare, || libopus.tick(speech, &mixes, frame))?;
                keep_fastest(whole, || scene.tick(speech));
            }
        }
        let encoded = scene.encoded() - encoded;
        anyhow::ensure!(encoded == 2 * FRAMES as u64, "{encoded} encoded, not two a frame");
    }
    let sum_us =
        |which: usize| -> f64 { fastest.iter().map(|it| it[which].as_secs_f64() * 1e6).sum() };
    let mean_us = [sum_us(0), sum_us(1)].map(|sum| sum / FRAMES as f64);
    let ratio = mean_us[0] / mean_us[1];
    println!(
        "whispered call, µs a tick: {:.1}, of which libopus alone {:.1}: ratio {ratio:.3}, at most {RATIO_MAX}",
        mean_us[0], mean_us[1]
    );
    Ok(if ratio <= RATIO_MAX { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn keep_fastest<T>(fastest: &mut Duration, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = black_box(work());
    *fastest = begin.elapsed().min(*fastest);
    result
}

/// What a whispered call's encoders are given, mixed beforehand.
struct Mixes {
    agent: Vec<Frame>,
    supervisor: Vec<Frame>,
}

impl Mixes {
    fn new([caller, agent, supervisor]: &[Speech; 3]) -> Self {
        let duck = Policy::default().duck.amplitude();
        Self {
            agent: sum(&caller.frames, duck, &supervisor.frames),
            supervisor: sum(&caller.frames, 1.0, &agent.frames),
        }
    }
}

fn sum(one: &[Frame], gain: f32, other: &[Frame]) -> Vec<Frame> {
    let add = |(one, other): (&Frame, &Frame)| {
        std::array::from_fn(|index| one[index] * gain + other[index])
    };
    one.iter().zip(other).map(add).collect()
}

/// The library without us: what a whispered call cannot do without.
struct Libopus {
    decoders: [opus::Decoder; 3],
    encoders: [opus::Encoder; 2],
}

impl Libopus {
    fn new() -> opus::Result<Self> {
        let decoder = || opus::Decoder::new(SAMPLE_RATE_HZ, opus::Channels::Mono);
        Ok(Self {
            decoders: [decoder()?, decoder()?, decoder()?],
            encoders: [encoder()?, encoder()?],
        })
    }

    fn tick(&mut self, speech: &[Speech; 3], mixes: &Mixes, frame: usize) -> opus::Result<usize> {
        let mut decoded = [0.0; mixer::FRAME_SAMPLES];
        for (decoder, speech) in self.decoders.iter_mut().zip(speech) {
            let packet = &speech.packets[frame % speech.packets.len()];
            decoder.decode_float(packet, &mut decoded, false)?;
            black_box(&decoded);
        }
        let mut packet = [0; OPUS_PACKET_BYTES_MAX];
        let mut bytes = 0;
        for (encoder, mixes) in self.encoders.iter_mut().zip([&mixes.agent, &mixes.supervisor]) {
            bytes += encoder.encode_float(&mixes[frame % mixes.len()], &mut packet)?;
            black_box(&packet);
        }
        Ok(bytes)
    }
}

/// As the engine's encoders are.
fn encoder() -> opus::Result<opus::Encoder> {
    let config = OpusEncoderConfig::default();
    let mut encoder =
        opus::Encoder::new(SAMPLE_RATE_HZ, opus::Channels::Mono, opus::Application::Voip)?;
    encoder.set_bitrate(opus::Bitrate::Bits(config.bitrate_bps.cast_signed()))?;
    encoder.set_complexity(i32::from(config.complexity))?;
    encoder.set_inband_fec(config.inband_fec)?;
    encoder.set_packet_loss_perc(i32::from(config.expected_loss_percent))?;
    encoder.set_dtx(config.dtx)?;
    Ok(encoder)
}
