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

use codec::Downmix;

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
const RATES_HZ: [u32; 10] =
    [SAMPLE_RATE_HZ, 96_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000];
/// Below this rate a device is narrow-band: a Bluetooth headset with the codec CVSD, for instance.
const WIDE_BAND_HZ: u32 = 16_000;

/// A running stream; dropping it ends it.
pub struct Running {
    _stream: cpal::Stream,
    rate_hz: u32,
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

    /// Whether it carries no more than a telephone does.
    pub fn is_narrow_band(&self) -> bool {
        self.rate_hz < WIDE_BAND_HZ
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
    let rate_hz = config.sample_rate;
    let end = CaptureEnd::new(end, rate_hz, period);
    Ok((Running { _stream: stream, rate_hz, health }, end))
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
    let rate_hz = config.sample_rate;
    let end = PlaybackEnd::new(end, rate_hz, period);
    Ok((Running { _stream: stream, rate_hz, health }, end))
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
    let mut downmix = Downmix::new(config.sample_rate);
    let on_sound = move |data: &[T], _: &cpal::InputCallbackInfo| {
        health.callbacks.fetch_add(1, Relaxed);
        record(data, channels, &mut downmix, &mut ring);
    };
    let on_error = move |error: cpal::Error| failing.note(error.kind());
    device.build_input_stream::<T, _, _>(config, on_sound, on_error, None)
}

/// Puts what was heard into the ring. A headset has one microphone; a stereo device has it on both channels, or on one
/// of them with the other one open. Further channels are left out.
fn record<T>(data: &[T], channels: usize, downmix: &mut Downmix, ring: &mut Producer<f32>)
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let sample = |it: &T| f32::from_sample_(*it);
    let frames = data.chunks_exact(channels);
    // What does not fit is lost; the other end sees that the ring is full.
    let fitting = frames.len().min(ring.slots());
    let put = |sample| {
        // There is room for as many.
        let _ = ring.push(sample);
    };
    if channels == 1 {
        data[..fitting].iter().map(sample).for_each(put);
    } else {
        let pairs = frames.take(fitting).map(|frame| [sample(&frame[0]), sample(&frame[1])]);
        downmix.mix(pairs, put);
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
        for (offered, rate_hz) in
            [([4_000, 8_000], 8_000), ([8_000, 8_000], 8_000), ([11_025, 22_050], 22_050)]
        {
            let narrow = [range(1, offered, SampleFormat::I16)];
            assert_eq!(choose(&narrow, 1).unwrap().0.sample_rate, rate_hz);
        }
        assert!(choose(&[range(2, [4_000, 6_000], SampleFormat::I16)], 2).is_none());
        assert!(choose(&[range(2, [48_000, 48_000], SampleFormat::DsdU8)], 2).is_none());
    }

    /// A second of a voice on both channels as these make it, 10 ms at a time; the level that is recorded.
    fn recorded_db(channels: usize, frame: impl Fn(f32, usize) -> Vec<f32>) -> f32 {
        let (mut ring, mut end) = RingBuffer::new(48_000);
        let mut downmix = Downmix::new(48_000);
        let voice = |n: usize| 0.5 * (n as f32 * 0.03).sin();
        let all: Vec<f32> = (0..48_000).flat_map(|n| frame(voice(n), n)).collect();
        for data in all.chunks(480 * channels) {
            record(data, channels, &mut downmix, &mut ring);
        }
        let heard: Vec<f32> = std::iter::from_fn(|| end.pop().ok()).collect();
        assert_eq!(heard.len(), 48_000);
        let error: f32 = heard.iter().enumerate().map(|(n, it)| (it - voice(n)).powi(2)).sum();
        10.0 * (error / 48_000.0 / 0.125).max(1e-12).log10()
    }

    #[test]
    fn a_stereo_microphone_is_one_voice() {
        // An open input carries the converter's noise: one step of 16 bits, up, down or none.
        let open = |n: usize| [0.0, 1.0, -1.0, 0.0][n % 4] / 32_768.0;
        assert!(recorded_db(1, |voice, _| vec![voice]) < -100.0);
        assert!(recorded_db(2, |voice, _| vec![voice, voice]) < -100.0);
        assert!(recorded_db(2, |voice, _| vec![voice, 0.0]) < -100.0);
        assert!(recorded_db(2, |voice, n| vec![voice, open(n)]) < -80.0);
        assert!(recorded_db(2, |voice, n| vec![open(n), voice]) < -80.0);
        assert!(recorded_db(2, |voice, _| vec![voice, -voice]) < -100.0);
        assert!(recorded_db(4, |voice, _| vec![voice, voice, 0.9, -0.9]) < -100.0);
        let (mut ring, mut end) = RingBuffer::new(8);
        record(&[16_384_i16, 0], 1, &mut Downmix::new(48_000), &mut ring);
        assert_eq!((end.pop(), end.pop()), (Ok(0.5), Ok(0.0)));
    }
}
