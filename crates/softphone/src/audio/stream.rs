//! cpal's streams: the callbacks, and the rings behind them.
//!
//! In a callback nothing is allocated, locked or logged: samples are converted and copied into or out of a lock-free
//! ring, and what goes wrong is a flag that [`super::headset`] looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig,
    SupportedBufferSize, SupportedStreamConfigRange,
};
use rtrb::{Consumer, Producer, RingBuffer};

use super::drift::{CaptureEnd, PlaybackEnd};
use super::{AudioError, SAMPLE_RATE_HZ};

/// What a ring holds, ms: far more than [`super::drift`] lets pile up.
const RING_MS: u32 = 400;
/// How much a callback shall ask for, ms.
const PERIOD_MS: u32 = 10;
/// Sample formats that are converted, best first.
const FORMATS: [SampleFormat; 6] = [
    SampleFormat::F32,
    SampleFormat::I16,
    SampleFormat::I32,
    SampleFormat::I24,
    SampleFormat::U16,
    SampleFormat::U8,
];
/// Rates that are asked for, best first.
const RATES_HZ: [u32; 6] = [SAMPLE_RATE_HZ, 96_000, 44_100, 32_000, 24_000, 16_000];

/// A running stream; dropping it ends it.
pub struct Running {
    _stream: cpal::Stream,
    health: Arc<Health>,
}

/// What a stream's callbacks tell.
#[derive(Default)]
struct Health {
    has_failed: AtomicBool,
    hiccups: AtomicU64,
    callbacks: AtomicU64,
}

impl Health {
    fn note(&self, kind: ErrorKind) {
        match kind {
            // The stream goes on after these.
            ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {
                self.hiccups.fetch_add(1, Relaxed);
            }
            _ => self.has_failed.store(true, Relaxed),
        }
    }
}

impl Running {
    /// Whether it has broken off, as when the device was unplugged.
    pub fn has_failed(&self) -> bool {
        self.health.has_failed.load(Relaxed)
    }

    /// How often the device was served too late.
    pub fn hiccups(&self) -> u64 {
        self.health.hiccups.load(Relaxed)
    }

    /// How often it has called back.
    pub fn callbacks(&self) -> u64 {
        self.health.callbacks.load(Relaxed)
    }
}

/// Opens a microphone. `name` is for errors.
///
/// # Errors
/// [`AudioError::Open`], [`AudioError::Format`].
pub fn open_capture(
    device: &cpal::Device,
    name: &str,
) -> Result<(Running, CaptureEnd), AudioError> {
    let open = |error| AudioError::Open { device: name.to_owned(), error };
    let ranges: Vec<_> = device.supported_input_configs().map_err(open)?.collect();
    let (config, format) = choose(&ranges, 1).ok_or_else(|| AudioError::Format(name.to_owned()))?;
    let (ring, end) = RingBuffer::new((config.sample_rate * RING_MS / 1000) as usize);
    let health = Arc::new(Health::default());
    let stream = match format {
        SampleFormat::F32 => capture::<f32>(device, config, ring, &health),
        SampleFormat::I16 => capture::<i16>(device, config, ring, &health),
        SampleFormat::I32 => capture::<i32>(device, config, ring, &health),
        SampleFormat::I24 => capture::<cpal::I24>(device, config, ring, &health),
        SampleFormat::U16 => capture::<u16>(device, config, ring, &health),
        _ => capture::<u8>(device, config, ring, &health),
    }
    .map_err(open)?;
    let period = started(&stream, config).map_err(open)?;
    let end = CaptureEnd::new(end, config.sample_rate, period);
    Ok((Running { _stream: stream, health }, end))
}

/// Opens a speaker. `name` is for errors.
///
/// # Errors
/// [`AudioError::Open`], [`AudioError::Format`].
pub fn open_playback(
    device: &cpal::Device,
    name: &str,
) -> Result<(Running, PlaybackEnd), AudioError> {
    let open = |error| AudioError::Open { device: name.to_owned(), error };
    let ranges: Vec<_> = device.supported_output_configs().map_err(open)?.collect();
    let (config, format) = choose(&ranges, 2).ok_or_else(|| AudioError::Format(name.to_owned()))?;
    let (end, ring) = RingBuffer::new((config.sample_rate * RING_MS / 1000) as usize);
    let health = Arc::new(Health::default());
    let stream = match format {
        SampleFormat::F32 => playback::<f32>(device, config, ring, &health),
        SampleFormat::I16 => playback::<i16>(device, config, ring, &health),
        SampleFormat::I32 => playback::<i32>(device, config, ring, &health),
        SampleFormat::I24 => playback::<cpal::I24>(device, config, ring, &health),
        SampleFormat::U16 => playback::<u16>(device, config, ring, &health),
        _ => playback::<u8>(device, config, ring, &health),
    }
    .map_err(open)?;
    let period = started(&stream, config).map_err(open)?;
    let end = PlaybackEnd::new(end, config.sample_rate, period);
    Ok((Running { _stream: stream, health }, end))
}

fn started(stream: &cpal::Stream, config: StreamConfig) -> Result<u32, cpal::Error> {
    stream.play()?;
    Ok(stream.buffer_size().unwrap_or(config.sample_rate * PERIOD_MS / 1000))
}

fn capture<T>(
    device: &cpal::Device,
    config: StreamConfig,
    mut ring: Producer<f32>,
    health: &Arc<Health>,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels);
    let (health, failing) = (health.clone(), health.clone());
    let on_sound = move |data: &[T], _: &cpal::InputCallbackInfo| {
        health.callbacks.fetch_add(1, Relaxed);
        let frames = data.chunks_exact(channels);
        // What does not fit is lost; the other end sees that the ring is full.
        let fitting = frames.len().min(ring.slots());
        if let Ok(chunk) = ring.write_chunk_uninit(fitting) {
            chunk.fill_from_iter(frames.map(mono));
        }
    };
    let on_error = move |error: cpal::Error| failing.note(error.kind());
    device.build_input_stream::<T, _, _>(config, on_sound, on_error, None)
}

/// A headset has one microphone, and a stereo device has it on both channels or on the first.
fn mono<T>(frame: &[T]) -> f32
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let first = frame.first().map_or(0.0, |sample| f32::from_sample_(*sample));
    match frame.get(1) {
        Some(second) => {
            let second = f32::from_sample_(*second);
            if second == 0.0 { first } else { (first + second) / 2.0 }
        }
        None => first,
    }
}

fn playback<T>(
    device: &cpal::Device,
    config: StreamConfig,
    mut ring: Consumer<[f32; 2]>,
    health: &Arc<Health>,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
{
    let channels = usize::from(config.channels);
    let (health, failing) = (health.clone(), health.clone());
    let on_room = move |data: &mut [T], _: &cpal::OutputCallbackInfo| {
        health.callbacks.fetch_add(1, Relaxed);
        let frames = data.chunks_exact_mut(channels);
        let there = frames.len().min(ring.slots());
        let mut sound = ring.read_chunk(there).ok().into_iter().flatten();
        for frame in frames {
            let [left, right] = sound.next().unwrap_or_default();
            match frame {
                [only] => *only = T::from_sample_((left + right) / 2.0),
                [l, r, rest @ ..] => {
                    *l = T::from_sample_(left);
                    *r = T::from_sample_(right);
                    rest.fill(T::EQUILIBRIUM);
                }
                [] => {}
            }
        }
    };
    let on_error = move |error: cpal::Error| failing.note(error.kind());
    device.build_output_stream::<T, _, _>(config, on_room, on_error, None)
}

/// The best of what a device offers: 48 kHz if it can, a known sample format, the wanted channels or as few more as
/// can be.
fn choose(
    ranges: &[SupportedStreamConfigRange],
    channels_wanted: u16,
) -> Option<(StreamConfig, SampleFormat)> {
    let usable = ranges.iter().filter_map(|range| {
        let format = FORMATS.iter().position(|format| *format == range.sample_format())?;
        let fits = |rate: &u32| (range.min_sample_rate()..=range.max_sample_rate()).contains(rate);
        let rate = RATES_HZ.iter().position(fits)?;
        let channels = match range.channels() {
            0 => return None,
            channels if channels < channels_wanted => u16::MAX,
            channels => channels - channels_wanted,
        };
        Some(((rate, channels, format), range))
    });
    let ((rate, ..), range) = usable.min_by_key(|(order, _)| *order)?;
    let sample_rate = RATES_HZ[rate];
    let period = sample_rate * PERIOD_MS / 1000;
    let buffer_size = match *range.buffer_size() {
        SupportedBufferSize::Range { min, max } => {
            BufferSize::Fixed(period.clamp(min, max.max(min)))
        }
        SupportedBufferSize::Unknown => BufferSize::Default,
    };
    let config = StreamConfig { channels: range.channels(), sample_rate, buffer_size };
    Some((config, range.sample_format()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(channels: u16, rates: [u32; 2], format: SampleFormat) -> SupportedStreamConfigRange {
        let buffer = SupportedBufferSize::Range { min: 64, max: 4096 };
        SupportedStreamConfigRange::new(channels, rates[0], rates[1], buffer, format)
    }

    #[test]
    fn forty_eight_kilohertz_comes_first_then_channels_then_format() {
        let offered = [
            range(2, [44_100, 44_100], SampleFormat::F32),
            range(2, [48_000, 48_000], SampleFormat::I16),
            range(1, [8_000, 48_000], SampleFormat::I16),
            range(1, [8_000, 48_000], SampleFormat::F32),
        ];
        let (config, format) = choose(&offered, 1).unwrap();
        assert_eq!((config.channels, config.sample_rate, format), (1, 48_000, SampleFormat::F32));
        assert_eq!(config.buffer_size, BufferSize::Fixed(480));
        let (config, format) = choose(&offered, 2).unwrap();
        assert_eq!((config.channels, config.sample_rate, format), (2, 48_000, SampleFormat::I16));
    }

    #[test]
    fn a_headset_of_its_own_kind_is_taken_as_it_is() {
        let bluetooth = [range(1, [16_000, 16_000], SampleFormat::I16)];
        let (config, _) = choose(&bluetooth, 2).unwrap();
        assert_eq!((config.channels, config.sample_rate), (1, 16_000));
        assert!(choose(&[range(2, [4_000, 8_000], SampleFormat::I16)], 2).is_none());
        assert!(choose(&[range(2, [48_000, 48_000], SampleFormat::DsdU8)], 2).is_none());
    }

    #[test]
    fn a_stereo_microphone_is_one_voice() {
        assert_eq!(mono(&[0.5_f32]), 0.5);
        assert_eq!(mono(&[0.5_f32, 0.0]), 0.5, "the second channel is not wired");
        assert_eq!(mono(&[0.5_f32, 0.25]), 0.375);
        assert_eq!(mono(&[16_384_i16]), 0.5);
    }
}
