//! Opus there and back, with loss.

use codec::{
    CodecError, FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OPUS_PACKET_SAMPLES_MAX, OpusDecoder,
    OpusEncoder, OpusEncoderConfig, SAMPLE_RATE_HZ, packet,
};

type Frame = [f32; FRAME_SAMPLES];

/// A voiced sound: harmonics of a gliding pitch under a syllable's envelope. `index` counts frames.
fn voiced(index: usize) -> Frame {
    std::array::from_fn(|i| {
        let t = (index * FRAME_SAMPLES + i) as f32 / SAMPLE_RATE_HZ as f32;
        let phase = std::f32::consts::TAU * (140.0 * t + 6.0 * (3.0 * t).sin());
        let envelope = 0.15 + 0.1 * (std::f32::consts::TAU * 4.0 * t).sin();
        envelope
            * (1..=12)
                .map(|harmonic| (phase * harmonic as f32).sin() / harmonic as f32)
                .sum::<f32>()
    })
}

fn encode_all(encoder: &mut OpusEncoder, frames: impl Iterator<Item = Frame>) -> Vec<Vec<u8>> {
    let mut out = [0; OPUS_PACKET_BYTES_MAX];
    frames
        .map(|frame| {
            let length = encoder.encode_into(&frame, &mut out).expect("a frame encodes");
            out[..length].to_vec()
        })
        .collect()
}

fn signal_to_error_db(signal: &[f32], heard: &[f32]) -> f32 {
    let power = |x: &mut dyn Iterator<Item = f32>| x.map(|v| v * v).sum::<f32>();
    let error = power(&mut signal.iter().zip(heard).map(|(a, b)| a - b));
    10.0 * (power(&mut signal.iter().copied()) / error).log10()
}

#[test]
fn sound_survives_a_round_trip_after_the_lookahead() {
    let mut encoder =
        OpusEncoder::new(OpusEncoderConfig { bitrate_bps: 64_000, ..Default::default() }).unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let (mut sent, mut heard) = (Vec::new(), Vec::new());
    for index in 0..50 {
        let frame = voiced(index);
        sent.extend_from_slice(&frame);
        let packets = encode_all(&mut encoder, std::iter::once(frame));
        let mut out = [0.0; FRAME_SAMPLES];
        assert_eq!(packet::duration_samples(&packets[0]), Some(FRAME_SAMPLES));
        assert_eq!(decoder.decode_into(&packets[0], &mut out), Ok(FRAME_SAMPLES));
        heard.extend_from_slice(&out);
    }
    assert_eq!(encoder.lookahead_samples(), 312, "6.5 ms, as libopus documents for VOIP at 48 kHz");
    let settled = 10 * FRAME_SAMPLES..49 * FRAME_SAMPLES;
    let likeness = |lag: usize| {
        correlation(&sent[settled.clone()], &heard[settled.start + lag..settled.end + lag])
    };
    let best =
        (0..FRAME_SAMPLES).max_by(|&a, &b| likeness(a).total_cmp(&likeness(b))).expect("some lag");
    println!("lag {best} samples, correlation {:.3}", likeness(best));
    assert!(best.abs_diff(encoder.lookahead_samples()) <= 24, "{best} samples");
    assert!(likeness(best) > 0.8, "{}", likeness(best));
}

/// Normalised: 1 for equal shapes, about 0 for unrelated ones.
fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

#[test]
fn default_bitrate_is_kept() {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let bytes: usize = encode_all(&mut encoder, (0..250).map(voiced)).iter().map(Vec::len).sum();
    let bps = bytes * 8 / 5;
    assert!((18_000..30_000).contains(&bps), "{bps} bit/s");
}

/// Decodes `packets` but for number `lost`, which is replaced by what `replace` writes; returns the sound of that frame.
fn play_with_loss(
    packets: &[Vec<u8>],
    lost: usize,
    replace: impl Fn(&mut OpusDecoder, &[u8], &mut [f32]) -> Result<usize, CodecError>,
) -> Frame {
    let mut decoder = OpusDecoder::new().unwrap();
    let mut out = [0.0; FRAME_SAMPLES];
    for packet in &packets[..lost] {
        decoder.decode_into(packet, &mut out).unwrap();
    }
    assert_eq!(replace(&mut decoder, &packets[lost + 1], &mut out), Ok(FRAME_SAMPLES));
    out
}

#[test]
fn inband_fec_restores_more_than_concealment() {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let packets = encode_all(&mut encoder, (0..100).map(voiced));
    let (mut with_fec_db, mut concealed_db) = (0.0, 0.0);
    for lost in (20..90).step_by(5) {
        let intact = play_with_loss(&packets, lost, |decoder, _, out| {
            decoder.decode_into(&packets[lost], out)
        });
        let fec = play_with_loss(&packets, lost, |decoder, next, out| {
            decoder.decode_fec_into(next, FRAME_SAMPLES, out)
        });
        let concealed = play_with_loss(&packets, lost, |decoder, _, out| {
            decoder.conceal_into(FRAME_SAMPLES, out)
        });
        with_fec_db += signal_to_error_db(&intact, &fec) / 14.0;
        concealed_db += signal_to_error_db(&intact, &concealed) / 14.0;
    }
    println!(
        "restored frame against the intact one: FEC {with_fec_db:.1} dB, concealment {concealed_db:.1} dB"
    );
    assert!(
        with_fec_db > concealed_db + 3.0,
        "FEC {with_fec_db} dB, concealment {concealed_db} dB"
    );
}

#[test]
fn dtx_yields_packets_that_need_not_be_sent() {
    let mut encoder =
        OpusEncoder::new(OpusEncoderConfig { dtx: true, ..Default::default() }).unwrap();
    let packets = encode_all(&mut encoder, (0..100).map(|_| [0.0; FRAME_SAMPLES]));
    let dtx = packets.iter().filter(|packet| packet::is_dtx(packet)).count();
    assert!(dtx > 70, "{dtx} of 100");
    let spoken = encode_all(&mut encoder, (0..20).map(voiced));
    assert!(spoken.iter().all(|packet| !packet::is_dtx(packet)));
}

#[test]
fn stereo_and_long_packets_decode_to_mono() {
    let mut stereo =
        opus::Encoder::new(SAMPLE_RATE_HZ, opus::Channels::Stereo, opus::Application::Audio)
            .unwrap();
    stereo.set_force_channels(Some(opus::Channels::Stereo)).unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let mut out = [0.0; OPUS_PACKET_SAMPLES_MAX];
    for duration in [120, 240, 480, 960, 1920, 2880, 3840, 4800, 5760] {
        let interleaved: Vec<f32> =
            (0..6).flat_map(voiced).take(duration).flat_map(|x| [x, x]).collect();
        let packet = stereo.encode_vec_float(&interleaved, 4 * OPUS_PACKET_BYTES_MAX).unwrap();
        assert_eq!(packet::duration_samples(&packet), Some(duration));
        assert_eq!(decoder.decode_into(&packet, &mut out), Ok(duration));
    }
    assert!(out.iter().any(|x| x.abs() > 0.01));
}

#[test]
fn reset_makes_codecs_as_good_as_new() {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let first = encode_all(&mut encoder, (0..10).map(voiced));
    encoder.reset();
    assert_eq!(first, encode_all(&mut encoder, (0..10).map(voiced)));

    let mut decoder = OpusDecoder::new().unwrap();
    let mut play = || {
        let mut out = [0.0; FRAME_SAMPLES];
        first.iter().for_each(|packet| assert!(decoder.decode_into(packet, &mut out).is_ok()));
        decoder.reset();
        out
    };
    assert_eq!(play(), play());
}

#[test]
fn bad_input_is_refused() {
    let config = OpusEncoderConfig::default();
    let refused = |config| OpusEncoder::new(config).unwrap_err();
    assert_eq!(
        refused(OpusEncoderConfig { bitrate_bps: 5_999, ..config }),
        CodecError::Bitrate(5_999)
    );
    assert_eq!(
        refused(OpusEncoderConfig { bitrate_bps: u32::MAX, ..config }),
        CodecError::Bitrate(u32::MAX)
    );
    assert_eq!(refused(OpusEncoderConfig { complexity: 11, ..config }), CodecError::Complexity(11));
    assert_eq!(
        refused(OpusEncoderConfig { expected_loss_percent: 101, ..config }),
        CodecError::ExpectedLoss(101)
    );

    let mut encoder = OpusEncoder::new(config).unwrap();
    assert_eq!(encoder.encode_into(&voiced(0), &mut []), Err(CodecError::BufferTooSmall));
    assert_eq!(encoder.set_expected_loss_percent(101), Err(CodecError::ExpectedLoss(101)));
    assert_eq!(encoder.set_expected_loss_percent(30), Ok(()));

    let packets = encode_all(&mut encoder, (0..2).map(voiced));
    let mut decoder = OpusDecoder::new().unwrap();
    let mut out = [0.0; FRAME_SAMPLES];
    assert_eq!(decoder.decode_into(&[], &mut out), Err(CodecError::InvalidPacket));
    assert_eq!(decoder.decode_into(&[0x0B, 0], &mut out), Err(CodecError::InvalidPacket));
    assert_eq!(decoder.decode_into(&packets[0], &mut out[..959]), Err(CodecError::BufferTooSmall));
    assert_eq!(decoder.conceal_into(0, &mut out), Err(CodecError::Duration(0)));
    assert_eq!(decoder.conceal_into(121, &mut out), Err(CodecError::Duration(121)));
    assert_eq!(decoder.conceal_into(5880, &mut out), Err(CodecError::Duration(5880)));
    assert_eq!(decoder.conceal_into(1920, &mut out), Err(CodecError::BufferTooSmall));
    assert_eq!(
        decoder.decode_fec_into(&[], FRAME_SAMPLES, &mut out),
        Err(CodecError::InvalidPacket)
    );
    assert_eq!(
        decoder.decode_into(&packets[1], &mut out),
        Ok(FRAME_SAMPLES),
        "refusals leave it usable"
    );
}

#[test]
fn samples_that_are_no_numbers_pass_like_a_click() {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let broken = [[f32::NAN; FRAME_SAMPLES], [f32::INFINITY; FRAME_SAMPLES], [1e30; FRAME_SAMPLES]];
    let packets = encode_all(&mut encoder, broken.into_iter().chain((0..50).map(voiced)));
    let mut decoder = OpusDecoder::new().unwrap();
    let mut out = [0.0; FRAME_SAMPLES];
    for packet in &packets {
        assert_eq!(decoder.decode_into(packet, &mut out), Ok(FRAME_SAMPLES));
        assert!(out.iter().all(|sample| sample.is_finite()));
    }
    assert!(out.iter().any(|sample| sample.abs() > 0.05), "sound again");
}

proptest::proptest! {
    #[test]
    fn no_bytes_bring_the_decoder_down(
        packets in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..200), 1..20),
    ) {
        let mut decoder = OpusDecoder::new().unwrap();
        let mut out = [0.0; OPUS_PACKET_SAMPLES_MAX];
        for bytes in &packets {
            let decoded = decoder.decode_into(bytes, &mut out);
            proptest::prop_assert_eq!(decoded.ok(), packet::duration_samples(bytes).filter(|_| packet::is_valid(bytes)));
            let _ = decoder.decode_fec_into(bytes, FRAME_SAMPLES, &mut out);
            proptest::prop_assert_eq!(decoder.conceal_into(480, &mut out), Ok(480));
        }
    }
}
