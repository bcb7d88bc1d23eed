//! The parts of a tick, one by one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use codec::{
    FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusDecoder, OpusEncoder, OpusEncoderConfig, packet,
};
use criterion::{Criterion, criterion_group, criterion_main};
use interaction::source::AUDIENCES_MAX;
use interaction::{
    Actor, CallId, CallState, Command, LegId, ModeKind, Policy, Rights, RoutePlan, Slot, UnixMs,
    UserId,
};
use jitter::{JitterBuffer, JitterConfig, PacketRef, Playout};
use mixer::{Inputs, Mixer, MixerConfig};
use sotto_benches::{Scene, Situation, Speech, SpeechOf};

/// Legs of a call with many of them.
const MANY_LEGS: usize = 16;

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(2));
    targets = forward, mix, jitter_buffer, encode, decode, derive
}
criterion_main!(benches);

/// A call with a caller, an agent, and supervisors in a mode until it has `legs` legs.
fn call(legs: usize, mode: ModeKind) -> CallState {
    let mut call = CallState::new(CallId(1), Policy::default());
    let mut apply = |command| {
        let applied = call.apply(UnixMs(0), Actor::System, command);
        applied.expect("a command that the call's state allows").joined
    };
    apply(Command::JoinCaller { user: UserId(1) });
    apply(Command::JoinAgent { user: UserId(2) });
    let rights = Rights { whisper: true, barge: true };
    for user in 2..legs as u64 {
        let leg = apply(Command::Supervise { user: UserId(user + 1), rights });
        let leg = leg.unwrap_or(LegId(0));
        apply(Command::SetMode { leg, mode, coach: None, announce: false, expected: None });
    }
    call
}

fn forward(criterion: &mut Criterion) {
    let speech = Scene::speech().expect("the repository's recordings");
    let mut scene = Scene::new(Situation::Plain, &speech);
    criterion.bench_function("forward_packet", |bencher| {
        bencher.iter(|| scene.packet(black_box(0), &speech));
    });
}

fn mix(criterion: &mut Criterion) {
    let speech = Scene::speech().expect("the repository's recordings");
    let mut group = criterion.benchmark_group("mix");
    let calls = [
        ("listen", 3, ModeKind::Listen),
        ("whisper", 3, ModeKind::Whisper),
        ("barge", 3, ModeKind::Barge),
        ("barge_of_16_legs", MANY_LEGS, ModeKind::Barge),
    ];
    for (name, legs, mode) in calls {
        let mut mixer = Mixer::new(&MixerConfig::default()).expect("the default is valid");
        let plan = RoutePlan::derive(&call(legs, mode));
        mixer.set_plan(&plan, mixer::SlotSet::EMPTY);
        let mut frame = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                frame += 1;
                let said = std::array::from_fn(|index| {
                    let frames = &speech[index % speech.len()].frames;
                    plan.listener(Slot::new(index)?)?;
                    Some(&frames[(frame + 77 * index) % frames.len()])
                });
                let inputs: Inputs<'_> = [said; AUDIENCES_MAX];
                mixer.tick(&inputs).map(|mix| black_box(mix.samples)[0]).sum::<f32>()
            });
        });
    }
    group.finish();
}

fn jitter_buffer(criterion: &mut Criterion) {
    let speech = Speech::read(SpeechOf::Caller).expect("the repository's recordings");
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    let (mut now, mut frame) = (Instant::now(), 0);
    criterion.bench_function("jitter_insert_and_pop", |bencher| {
        bencher.iter(|| {
            let payload = &speech.packets[frame % speech.packets.len()];
            buffer.insert(
                now,
                PacketRef {
                    sequence: frame as u16,
                    timestamp: (frame * FRAME_SAMPLES) as u32,
                    marker: frame == 0,
                    duration_samples: packet::duration_samples(payload).unwrap_or(0),
                    payload,
                },
            );
            while black_box(buffer.pop(now)) != Playout::Covered {}
            frame += 1;
            now += Duration::from_millis(20);
        });
    });
}

fn encode(criterion: &mut Criterion) {
    let speech = Speech::read(SpeechOf::Agent).expect("the repository's recordings");
    let mut group = criterion.benchmark_group("encode");
    for complexity in [0, 5, 10] {
        let config = OpusEncoderConfig { complexity, ..OpusEncoderConfig::default() };
        let mut encoder = OpusEncoder::new(config).expect("a valid configuration");
        let mut out = [0; OPUS_PACKET_BYTES_MAX];
        let mut frame = 0;
        group.bench_function(format!("complexity_{complexity}"), |bencher| {
            bencher.iter(|| {
                frame += 1;
                encoder.encode_into(&speech.frames[frame % speech.frames.len()], &mut out)
            });
        });
    }
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let speech = Speech::read(SpeechOf::Agent).expect("the repository's recordings");
    let mut decoder = OpusDecoder::new().expect("memory for a decoder");
    let mut out = [0.0; FRAME_SAMPLES];
    let mut frame = 0;
    criterion.bench_function("decode", |bencher| {
        bencher.iter(|| {
            frame += 1;
            decoder.decode_into(&speech.packets[frame % speech.packets.len()], &mut out)
        });
    });
}

fn derive(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route_plan_derive");
    for legs in [3, MANY_LEGS] {
        let call = call(legs, ModeKind::Whisper);
        group.bench_function(format!("{legs}_legs"), |bencher| {
            bencher.iter(|| RoutePlan::derive(black_box(&call)));
        });
    }
    group.finish();
}
