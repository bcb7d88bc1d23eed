//! The configuration as the domain and the media workers want it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use call_engine::CallConfig;
use codec::OpusEncoderConfig;
use interaction::policy::TonePolicy;
use interaction::{Gain, Policy};
use mixer::MixerConfig;

use super::{Config, QueueCodec, ToneConfig};
use media_workers::{MediaConfig, MixCodec};

impl Config {
    /// The rules of every call.
    pub fn policy(&self) -> Policy {
        let policy = &self.policy;
        Policy {
            notify_agent_on_listen: policy.notify_agent_on_listen,
            supervisors_hear_whispers: policy.supervisors_hear_whispers,
            duck: Gain::from_db(policy.duck_db),
            hold_tone: policy.hold_tone,
            barge_tone: TonePolicy {
                caller: policy.barge_tone_caller,
                agents: policy.barge_tone_agents,
            },
            whisper_beep: policy.whisper_beep,
            agents_hear_take_over: policy.agents_hear_take_over,
        }
    }

    /// What the media workers need.
    pub fn media(&self) -> MediaConfig {
        let workers = self.workers();
        MediaConfig {
            bind: self.media,
            public_address: self.public_address,
            workers,
            consent_timeout: Duration::from_secs(self.limits.consent_timeout_s),
            stations_max: self.limits.stations_max.div_ceil(workers),
            calls_max: self.limits.calls_max.div_ceil(workers),
            call: self.call(),
            plain: self.plain_ports(),
        }
    }

    /// Media workers to start.
    pub fn workers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.workers.unwrap_or_else(cores).max(1)
    }

    /// Where this server's files are. The demo has a directory of its own: its accounts, whose
    /// passwords are public, must never be found by a server that is not a demo.
    pub fn data_directory(&self) -> PathBuf {
        match self.demo {
            Some(_) => self.data.join("demo"),
            None => self.data.clone(),
        }
    }

    /// Where the durable facts are.
    pub fn store_location(&self) -> store::Location {
        match &self.database {
            Some(url) => store::Location::Url(url.clone()),
            None => store::Location::Directory(self.data_directory()),
        }
    }

    pub(super) fn mixer(&self) -> MixerConfig {
        let tones = &self.tones;
        MixerConfig {
            whisper_beep: tones.whisper_beep.clone().into(),
            barge_tone: tones.barge.clone().into(),
            hold_tone: tones.hold.clone().into(),
            hold_period_ms: tones.hold_period_ms,
            ..MixerConfig::default()
        }
    }

    /// How mixes of calls to a queue are encoded, by its key, if otherwise than most.
    pub fn queue_codecs(&self) -> HashMap<String, MixCodec> {
        let codec = |it: &QueueCodec| MixCodec {
            bitrate_bps: it.bitrate_bps.unwrap_or(self.codec.bitrate_bps),
            complexity: it.complexity.unwrap_or(self.codec.complexity),
        };
        self.codec.queues.iter().map(|it| (it.queue.clone(), codec(it))).collect()
    }

    fn call(&self) -> CallConfig {
        CallConfig {
            mixer: self.mixer(),
            encoder: OpusEncoderConfig {
                bitrate_bps: self.codec.bitrate_bps,
                complexity: self.codec.complexity,
                ..OpusEncoderConfig::default()
            },
            ..CallConfig::default()
        }
    }
}

impl From<mixer::ToneConfig> for ToneConfig {
    fn from(tone: mixer::ToneConfig) -> Self {
        Self {
            frequency_hz: tone.frequency_hz,
            level_dbfs: tone.level_dbfs,
            on_ms: tone.on_ms,
            off_ms: tone.off_ms,
            bursts: tone.bursts,
        }
    }
}

impl From<ToneConfig> for mixer::ToneConfig {
    fn from(tone: ToneConfig) -> Self {
        Self {
            frequency_hz: tone.frequency_hz,
            level_dbfs: tone.level_dbfs,
            on_ms: tone.on_ms,
            off_ms: tone.off_ms,
            bursts: tone.bursts,
        }
    }
}
