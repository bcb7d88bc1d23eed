//! `softphone check`: hear yourself. What the microphone hears comes out of the speaker a moment later.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use client::probe::rms_dbfs;

use crate::audio::headset::{Change, End, Headset, Listener, Wishes};
use crate::audio::{AudioError, DeviceKind, FRAME_SAMPLES};
use crate::noise::NoiseSuppressor;

/// Between two frames.
const FRAME: Duration = Duration::from_millis(20);
/// A line every second.
const FRAMES_A_LINE: u32 = 50;
/// Events of the devices that wait for the next frame.
const EVENTS_MAX: usize = 32;

enum Event {
    End(End),
    Change(DeviceKind, Change),
}

struct Tell(std::sync::mpsc::SyncSender<Event>);

impl Listener for Tell {
    fn end(&mut self, end: End) {
        // The check has ended.
        let _ = self.0.send(Event::End(end));
    }

    fn change(&mut self, kind: DeviceKind, change: Change) {
        let _ = self.0.send(Event::Change(kind, change));
    }
}

/// Plays the microphone back for so long, without the noise of the room if that is wished for; `say` gets a line a second.
///
/// # Errors
/// No audio system.
pub fn run(
    wishes: Wishes,
    suppresses_noise: bool,
    duration: Duration,
    mut say: impl FnMut(&str),
) -> Result<(), AudioError> {
    let (tell, events) = sync_channel(EVENTS_MAX);
    let headset = Headset::start(wishes, Tell(tell))?;
    let end = Instant::now() + duration;
    play_back(&events, suppresses_noise, end, &mut say);
    // The headset's thread may be waiting to tell something.
    drop(events);
    drop(headset);
    Ok(())
}

fn play_back(
    events: &Receiver<Event>,
    suppresses_noise: bool,
    end: Instant,
    say: &mut impl FnMut(&str),
) {
    let mut noise = suppresses_noise.then(NoiseSuppressor::default);
    let (mut capture, mut playback) = (None, None);
    let mut frame = [0.0; FRAME_SAMPLES];
    let mut loudest = f32::MIN;
    let mut due = Instant::now();
    for frames in 1_u32.. {
        for event in events.try_iter() {
            match event {
                Event::End(End::Capture(new)) => capture = new,
                Event::End(End::Playback(new)) => playback = new,
                Event::End(End::Ringer(_)) => {}
                Event::Change(kind, change) => say(&crate::app::in_words(kind, &change)),
            }
        }
        if let Some(capture) = &mut capture {
            capture.pull(&mut frame);
            if let Some(noise) = &mut noise {
                noise.suppress(&mut frame);
            }
            loudest = loudest.max(rms_dbfs(&frame));
        }
        if let Some(playback) = &mut playback {
            playback.push(&frame.map(|sample| [sample; 2]));
        }
        if frames.is_multiple_of(FRAMES_A_LINE) {
            say(&line(loudest, capture.as_deref(), playback.as_deref()));
            loudest = f32::MIN;
        }
        due += FRAME;
        if due >= end {
            return;
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

fn line(
    loudest: f32,
    capture: Option<&crate::audio::drift::CaptureEnd>,
    playback: Option<&crate::audio::drift::PlaybackEnd>,
) -> String {
    let Some(capture) = capture else { return "no microphone".to_owned() };
    let Some(playback) = playback else { return "no speaker".to_owned() };
    let (microphone, speaker) = (capture.stats(), playback.stats());
    let interruptions = microphone.underruns + microphone.skips + speaker.underruns + speaker.skips;
    format!(
        "microphone {loudest:.0} dBFS · delay {:.0} ms · interruptions {interruptions}",
        microphone.fill_ms + speaker.fill_ms,
    )
}
