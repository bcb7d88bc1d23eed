//! The whole path through cpal and ALSA, with a recorded microphone: what is put in comes out.
//!
//! The program runs as a process of its own, because ALSA's configuration is the environment's.

use std::process::Command;

use client::probe::{rms_dbfs, sine, tone_track_dbfs};
use softphone::pipe_headset::{MICROPHONE, PipeHeadset, PipeHeadsetConfig, SPEAKER};

const TONE_HZ: f32 = 997.0;
const LEVEL_DBFS: f32 = -18.0;
const SECONDS: usize = 6;

/// What `softphone` prints with a headset of pipes of this speed.
fn softphone(headset: &PipeHeadset, settings: &std::path::Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_softphone"))
        .args(arguments)
        .arg("--settings")
        .arg(settings)
        .env("ALSA_CONFIG_PATH", headset.alsa_config())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn headset(directory: &std::path::Path, speed: f64) -> PipeHeadset {
    // Whole seconds of a whole number of hertz repeat without a jump.
    let recording = sine(TONE_HZ, LEVEL_DBFS, 48_000);
    PipeHeadset::start(directory, PipeHeadsetConfig { recording, speed }).unwrap()
}

/// The tone's level in the tenth of a second where it is weakest. Both ends' steering moves the pitch
/// by some tenths of a percent, the more the busier the machine is: it is followed there.
fn worst_tenth_dbfs(signal: &[f32]) -> f32 {
    let tracks: Vec<Vec<f32>> = (-6..=6)
        .map(|step| TONE_HZ * (1.0 + 0.001 * step as f32))
        .map(|hz| tone_track_dbfs(signal, hz, 4_800))
        .collect();
    let tenths = 0..tracks[0].len();
    let best = |n: usize| tracks.iter().map(|track| track[n]).fold(f32::MIN, f32::max);
    tenths.map(best).fold(0.0, f32::min)
}

#[test]
fn what_the_microphone_hears_comes_out_of_the_speaker() {
    for speed in [1.0, 1.002] {
        let directory = tempfile::tempdir().unwrap();
        let headset = headset(directory.path(), speed);
        let settings = directory.path().join("softphone.toml");
        let seconds = SECONDS.to_string();
        let devices = ["--microphone", MICROPHONE, "--speaker", SPEAKER];
        let arguments = [&["check", "--seconds", &seconds], &devices[..]].concat();
        let printed = softphone(&headset, &settings, &arguments);
        assert!(printed.contains("Microphone: Rig microphone"), "{printed}");
        assert!(
            printed.contains("microphone -21 dBFS"),
            "an RMS 3 dB below the tone's level: {printed}"
        );
        let heard = headset.heard();
        // The clock of both is the headset's, so the tone keeps its pitch whatever its speed is.
        let second = 48_000;
        let start =
            heard.iter().position(|[left, _]| left.abs() > 0.01).expect("something is heard");
        let steady: Vec<f32> =
            heard[start + second..start + 4 * second].iter().map(|[left, _]| *left).collect();
        let level = worst_tenth_dbfs(&steady);
        let all = rms_dbfs(&steady) + 3.01;
        println!("speed {speed}: tone {level:.2} dBFS, everything {all:.2} dBFS\n{printed}");
        assert!((level - LEVEL_DBFS).abs() < 0.5, "speed {speed}: {level} dBFS\n{printed}");
        assert!((all - level).abs() < 0.5, "speed {speed}: something else is heard, {all} dBFS");
        assert!(heard[start..].iter().all(|[left, right]| left == right));
    }
}

#[test]
fn devices_are_listed_and_a_missing_one_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let headset = headset(directory.path(), 1.0);
    let settings = directory.path().join("softphone.toml");
    let listed = softphone(&headset, &settings, &["devices"]);
    assert!(listed.contains(MICROPHONE) && listed.contains("rig_speaker"), "{listed}");
    let arguments = ["check", "--seconds", "2", "--microphone", "Jabra", "--speaker", SPEAKER];
    let printed = softphone(&headset, &settings, &arguments);
    let fallen = "Microphone: Jabra is not there. Rig microphone is used until it comes back.";
    assert!(printed.contains(fallen), "{printed}");
}
