use std::f32::consts::TAU;
use std::fs;

use super::*;
use crate::odd_files::tone_dbfs;

const FLAC: &[u8] = include_bytes!("../fixtures/stereo-16k.flac");
const MU_LAW: &[u8] = include_bytes!("../fixtures/stereo-mulaw-8k.wav");
const OPUS: &[u8] = include_bytes!("../fixtures/stereo.opus");
const OPUS_MONO: &[u8] = include_bytes!("../fixtures/mono.opus");
/// The fixtures' level: 0.3 of full scale.
const TONE_DBFS: f32 = -10.5;

/// A WAV file of 16-bit PCM.
fn wav(rate_hz: u32, channels: &[&[f32]]) -> Vec<u8> {
    let frames = channels[0].len();
    let data: Vec<u8> = (0..frames)
        .flat_map(|n| channels.iter().map(move |channel| channel[n]))
        .flat_map(|sample| ((sample * 32767.0) as i16).to_le_bytes())
        .collect();
    let (count, bytes) = (channels.len() as u16, data.len() as u32);
    let mut file = b"RIFF".to_vec();
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1_u16, count].into_iter().flat_map(u16::to_le_bytes));
    file.extend([rate_hz, rate_hz * u32::from(count) * 2].into_iter().flat_map(u32::to_le_bytes));
    file.extend([count * 2, 16].into_iter().flat_map(u16::to_le_bytes));
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend(data);
    file
}

fn tone(rate_hz: u32, frequency_hz: f32, seconds: f32) -> Vec<f32> {
    let samples = (seconds * rate_hz as f32) as usize;
    (0..samples).map(|n| 0.3 * (TAU * frequency_hz * n as f32 / rate_hz as f32).sin()).collect()
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn import_all(files: &[(&str, &[u8])]) -> Imported {
    import_dir(folder(files).path(), Broken::Skip).unwrap()
}

/// The reason why the only file is of no use.
fn reason(files: &[(&str, &[u8])]) -> String {
    let folder = folder(files);
    let refused = import_dir(folder.path(), Broken::Refuse).unwrap_err();
    assert!(matches!(refused, ImportError::Refused(_)), "{refused}");
    let skipped = import_dir(folder.path(), Broken::Skip).unwrap_err();
    let ImportError::Empty(_, reasons) = skipped else { panic!("{skipped}") };
    assert_eq!(reasons, [refused.to_string()]);
    refused.to_string()
}

/// The caller says 440 Hz, the agent 1000 Hz, and neither has anything of the other.
fn assert_parties(recorded: &Recorded, crosstalk_dbfs_max: f32) {
    assert_eq!(recorded.caller.len(), recorded.agent.len());
    assert_eq!(recorded.caller.len() % 960, 0);
    assert_eq!(recorded.frames(), recorded.caller.len() / 960);
    for (signal, own, other) in
        [(&recorded.caller, 440.0, 1000.0), (&recorded.agent, 1000.0, 440.0)]
    {
        let signal = &signal[9_600..48_000];
        let (own, other) = (tone_dbfs(signal, own), tone_dbfs(signal, other));
        assert!((own - TONE_DBFS).abs() < 0.5, "{}: {own} dBFS", recorded.name);
        assert!(other < crosstalk_dbfs_max, "{}: {other} dBFS", recorded.name);
    }
}

#[test]
fn stereo_files_of_every_format_become_two_parties() {
    let imported = import_all(&[
        ("flac.FLAC", FLAC),
        ("mu-law.wav", MU_LAW),
        ("opus.ogg", OPUS),
        ("a.md", b"-"),
    ]);
    assert_eq!(imported.skipped, [""; 0]);
    assert_eq!(imported.shortened, [""; 0]);
    let names: Vec<_> = imported.recordings.iter().map(|recorded| recorded.name.as_str()).collect();
    assert_eq!(names, ["flac", "mu-law", "opus"]);
    for recorded in &imported.recordings {
        // 1.5 s, to the frame: no delay is left of Opus and none of the resampler.
        assert_eq!(recorded.frames(), 75, "{}", recorded.name);
        assert_parties(recorded, -50.0);
    }
}

#[test]
fn every_rate_becomes_48_khz_in_place() {
    for rate_hz in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 12_345] {
        let (caller, agent) = (tone(rate_hz, 440.0, 1.5), tone(rate_hz, 1000.0, 1.5));
        let imported = import_all(&[("x.wav", &wav(rate_hz, &[&caller, &agent]))]);
        let recorded = &imported.recordings[0];
        assert_eq!(recorded.frames(), 75, "{rate_hz} Hz");
        assert_parties(recorded, -70.0);
        // In place to half a sample of the file (rubato's filter has a middle only for even lengths).
        let ideal = tone(SAMPLE_RATE_HZ, 440.0, 1.5);
        let error = recorded.caller[4_800..67_000]
            .iter()
            .zip(&ideal[4_800..])
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        let late_s = error / (0.3 * TAU * 440.0);
        assert!(late_s < 0.51 / rate_hz as f32, "{rate_hz} Hz: {late_s} s");
    }
}

#[test]
fn pairs_of_mono_files_are_put_together() {
    let agent = wav(16_000, &[&tone(16_000, 1000.0, 2.0)]);
    let script = b"queue: sales\ncaller: Priya Nair | voice\n";
    let imported =
        import_all(&[("x.caller.opus", OPUS_MONO), ("x.agent.wav", &agent), ("x.txt", script)]);
    let recorded = &imported.recordings[0];
    assert_eq!(recorded.name, "x");
    assert_eq!(recorded.queue.as_deref(), Some("sales"));
    assert_eq!(recorded.caller_name.as_deref(), Some("Priya Nair"));
    // As long as the longer.
    assert_eq!(recorded.frames(), 100);
    assert_parties(recorded, -60.0);
    assert_eq!(recorded.caller[95_000], 0.0);
}

#[test]
fn what_is_of_no_use_is_named_with_the_reason() {
    let (a, b) = (tone(8_000, 440.0, 1.5), tone(8_000, 1000.0, 1.5));
    let (quiet, high) = (vec![0.0; a.len()], tone(96_000, 440.0, 1.5));
    let short = tone(8_000, 440.0, 0.5);
    let cases: [(&str, &[u8], &str); 13] = [
        ("empty.wav", b"", "empty.wav: empty"),
        ("text.wav", b"Dear colleague, find attached", "not a WAV, FLAC or Ogg Opus file"),
        ("nothing.wav", &wav(8_000, &[&[], &[]]), "nothing.wav: empty"),
        ("mono.wav", &wav(8_000, &[&a]), "mono.wav: it is mono"),
        ("mono.opus", OPUS_MONO, "mono.opus: it is mono"),
        ("twice.wav", &wav(8_000, &[&a, &a]), "the same sound"),
        ("one.wav", &wav(8_000, &[&a, &quiet]), "the agent is silent throughout"),
        ("three.wav", &wav(8_000, &[&a, &b, &a]), "3 channels"),
        ("high.wav", &wav(96_000, &[&high, &high]), "96000 Hz"),
        ("short.wav", &wav(8_000, &[&short, &short]), "shorter than a second"),
        ("song.mp3", b"ID3", "song.mp3: MP3, which is not read; convert it: ffmpeg"),
        ("half.caller.wav", &wav(8_000, &[&a]), "its other half, *.agent.*, is missing"),
        (
            "cut.flac",
            &FLAC[..9_000],
            "cut.flac: shorter than a second (cut.flac: cut off: 0.5 s of 1.5 s",
        ),
    ];
    for (name, bytes, expected) in cases {
        let reason = reason(&[(name, bytes)]);
        assert!(reason.contains(expected), "{name}: {reason}");
    }
    let pair = reason(&[("x.caller.wav", &wav(8_000, &[&a])), ("x.agent.flac", FLAC)]);
    assert_eq!(pair, "x.agent.flac: one of a pair must be mono, it has 2 channels");
}

/// However a file is cut off or damaged, it is read as far as it goes or named.
#[test]
fn nothing_panics_and_nothing_becomes_longer() {
    let whole = [("x.opus", OPUS), ("x.flac", FLAC), ("x.wav", MU_LAW)];
    for (name, bytes) in whole {
        for at in (0..bytes.len()).step_by(97) {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 0xFF;
            for bytes in [&bytes[..at], &damaged] {
                let folder = folder(&[(name, bytes)]);
                match import_dir(folder.path(), Broken::Skip) {
                    Ok(imported) => assert!(imported.recordings[0].frames() <= 76, "{name} {at}"),
                    Err(error) => assert!(error.to_string().contains(name), "{error}"),
                }
            }
        }
    }
}

#[test]
fn a_broken_file_does_not_spoil_the_others() {
    let imported = import_all(&[("a.wav", b"?"), ("b.flac", FLAC), ("c.mp3", b"?")]);
    assert_eq!(imported.recordings.len(), 1);
    assert_eq!(imported.skipped.len(), 2, "{:?}", imported.skipped);
    assert!(import_dir(Path::new("/nowhere/at/all"), Broken::Skip).is_err());
    let nothing = import_dir(folder(&[]).path(), Broken::Skip).unwrap_err().to_string();
    assert!(nothing.contains("*.caller.wav"), "{nothing}");
}

#[test]
fn long_recordings_are_cut() {
    let long = wav(8_000, &[&tone(8_000, 440.0, 610.0), &tone(8_000, 1000.0, 610.0)]);
    let imported = import_all(&[("0.wav", &long)]);
    assert_eq!(imported.shortened, ["0"]);
    assert_eq!(imported.recordings[0].duration(), crate::PARTY_DURATION_MAX);
}

#[test]
fn what_does_not_fit_is_left_out_by_name() {
    let files = [("a.flac", FLAC), ("b.flac", FLAC), ("c.flac", FLAC), ("d.flac", b"")];
    let folder = folder(&files);
    let imported = import(folder.path(), Broken::Skip, Duration::from_secs(3)).unwrap();
    assert_eq!(imported.recordings.len(), 2);
    assert_eq!(imported.skipped.len(), 2);
    assert_eq!(imported.skipped[0], "c: left out, a folder's first 3 s are used");
}

#[test]
fn the_demo_calls_are_decoded() {
    let calls = Recorded::demo_calls().unwrap();
    let ready = crate::Recording::demo_calls().unwrap();
    assert_eq!(calls.len(), 4);
    for (decoded, ready) in calls.iter().zip(&ready) {
        assert_eq!(decoded.name, ready.name);
        assert_eq!(decoded.queue.as_deref(), Some(ready.queue.as_str()));
        assert_eq!(decoded.caller_name.as_deref(), Some(ready.caller_name.as_str()));
        assert!(decoded.frames().abs_diff(ready.caller.len()) <= 1);
        assert!(correlation(&decoded.caller, &decoded.agent).abs() < 0.05);
    }
}
