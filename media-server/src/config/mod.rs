//! What the server is started with: defaults, then a TOML file, then `SOTTO_*` in the
//! environment, then flags; the later wins.
//!
//! Everything is checked here, before any socket opens: an unknown key or a value out of its
//! limits is refused with its name and with what is allowed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use api::PublicUrl;
use orchestrator::conversations::files::FileLimits;
use serde::{Deserialize, Serialize};

mod channels;
mod check;
mod flags;
mod keys;
mod lines;
mod media;
mod operate;
mod outbound;
mod phones;
mod policies;
mod secret_file;
mod server_name;
mod sip_media;
mod telephony;
#[cfg(test)]
mod tests;
mod tls;
mod trunk_tls;

pub use check::DEMO_CALLS_MAX;
pub use connectors::{ChannelConfig, Secret};
pub use flags::{Flags, parse};
pub use keys::{KEYS, Key};
pub use lines::LineSettings;
pub use operate::{Operate, OperateSocket};
pub use outbound::{OutboundSettings, OutboundTransport};
pub use phones::{DigestName, ExtensionSettings, PhonesSettings};
pub use sip_media::{CodecName, SrtpChoice};
pub use telephony::{TelephonySettings, TrunkSettings};
pub use tls::{ACME_DIRECTORY, AcmeSettings, TlsKind, TlsSource};

/// The server's configuration. `--help` and `docs/operations.md` describe every key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Demo mode with this many calls; `None`: the real thing.
    pub demo: Option<u32>,
    /// In a demo with calls: a day of records, chats, holds, help requests, and callers who wait.
    pub demo_scenes: bool,
    /// Where HTTP is served: through TLS with `tls` or `tls_cert`, otherwise in clear.
    pub http: SocketAddr,
    /// The address that browsers open.
    pub public_url: Option<PublicUrl>,
    /// Other names that requests may come by.
    pub allowed_hosts: Vec<String>,
    /// A proxy in front of the server speaks TLS, so that HTTP in clear may leave this machine.
    pub behind_proxy: bool,
    /// Where the certificate comes from, if from no file.
    pub tls: Option<TlsKind>,
    /// The certificate and its issuers', PEM.
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    pub tls_key: Option<PathBuf>,
    /// From whom the certificate is, by ACME.
    pub acme: AcmeSettings,
    /// Where whoever comes in clear is sent to `public_url`.
    pub http_redirect: Option<SocketAddr>,
    /// Where operators are answered; `None`: at the default, see [`Config::operate_socket`].
    pub operate: Option<Operate>,
    /// Proxies whose word about their clients is taken, by address or network.
    pub trusted_proxies: Vec<String>,
    /// Whether those proxies say first, by the PROXY protocol, whom they pass on.
    pub proxy_protocol: bool,
    /// The first media worker's UDP socket; the others take the ports after it.
    pub media: SocketAddr,
    /// The address that clients reach the media sockets at, when it is another.
    pub public_address: Option<IpAddr>,
    /// Where SIP is spoken, by UDP and by TCP; `None`: nowhere.
    pub sip: Option<SocketAddr>,
    /// Where SIP is spoken through TLS, besides; `None`: nowhere.
    pub sip_tls: Option<SocketAddr>,
    /// Media workers; `None`: one for each core.
    pub workers: Option<usize>,
    /// The directory for database and keys.
    pub data: PathBuf,
    /// The database's URL; `None`: SQLite in the data directory.
    pub database: Option<String>,
    /// The TOML file of teams, queues and accounts.
    pub provision: Option<PathBuf>,
    /// How long a call rings at one agent, s.
    pub ring_timeout_s: u64,
    /// How long running calls may go on after SIGTERM, s; `None`: see [`Config::drain`].
    pub drain_s: Option<u64>,
    /// The centre's choices about supervision.
    pub policy: PolicyConfig,
    /// The server's tones.
    pub tones: TonesConfig,
    /// How mixes are encoded.
    pub codec: CodecConfig,
    /// How much is let in.
    pub limits: LimitsConfig,
    /// How much may be attached to messages.
    pub attachments: AttachmentsConfig,
    /// What guests are asked for while a queue is flooded.
    pub challenge: ChallengeConfig,
    /// The chat in other sites' pages.
    pub widget: WidgetConfig,
    /// Calls from the telephone network.
    pub telephony: TelephonySettings,
    /// Channels of other makers, by connectors.
    pub channels: Vec<ChannelConfig>,
}

/// The centre's choices about supervision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyConfig {
    /// Agents are told of listeners.
    pub notify_agent_on_listen: bool,
    /// Supervisors on the same call hear each other's whispers.
    pub supervisors_hear_whispers: bool,
    /// The caller's gain for an agent who is being coached, dB.
    pub duck_db: i16,
    /// A caller on hold hears a tone.
    pub hold_tone: bool,
    /// The coached agent hears a beep at each Whisper.
    pub whisper_beep: bool,
    /// The caller hears the barge tone.
    pub barge_tone_caller: bool,
    /// The agents hear the barge tone.
    pub barge_tone_agents: bool,
    /// Agents whose call is taken over hear on what is said.
    pub agents_hear_take_over: bool,
}

/// The server's tones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TonesConfig {
    /// For the coached agent.
    pub whisper_beep: ToneConfig,
    /// At a Barge and a take-over.
    pub barge: ToneConfig,
    /// For a caller on hold.
    pub hold: ToneConfig,
    /// From one hold tone to the next, ms.
    pub hold_period_ms: u32,
}

/// A tone: bursts of a sine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToneConfig {
    /// Frequency, Hz.
    pub frequency_hz: f32,
    /// Level, dBFS.
    pub level_dbfs: f32,
    /// Length of a burst, ms.
    pub on_ms: u32,
    /// Silence between bursts, ms.
    pub off_ms: u32,
    /// Number of bursts.
    pub bursts: u32,
}

/// How mixes are encoded. What is forwarded is not encoded at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodecConfig {
    /// Opus bitrate, bit/s.
    pub bitrate_bps: u32,
    /// Opus complexity.
    pub complexity: u8,
    /// Queues whose calls are mixed otherwise.
    pub queues: Vec<QueueCodec>,
}

/// How the calls to one queue are mixed, where it is otherwise than for the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueCodec {
    /// The queue's key.
    pub queue: String,
    /// Opus bitrate, bit/s.
    pub bitrate_bps: Option<u32>,
    /// Opus complexity.
    pub complexity: Option<u8>,
}

/// How much is let in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// HTTP connections at the same time, event streams among them.
    pub connections_max: usize,
    /// Of them, those of one client.
    pub connections_per_client: usize,
    /// Guests of one client at the same time.
    pub guests_per_client: usize,
    /// Guests that one client may make in a minute.
    pub guests_per_client_minute: u32,
    /// Calls, and conversations, that guests of one client may have at the same time.
    pub interactions_per_client: usize,
    /// Commands that one person may send in a second.
    pub commands_per_second: u32,
    /// Clients without a budget of their own, by address or network.
    pub unlimited_clients: Vec<String>,
    /// Stations at the same time, all workers together.
    pub stations_max: usize,
    /// Calls at the same time, all workers together.
    pub calls_max: usize,
    /// Time for a request's headers to arrive, s.
    pub header_timeout_s: u64,
    /// Time for a request to be answered, s.
    pub request_timeout_s: u64,
    /// Part of the data directory's disk that attachments leave free, per cent.
    pub disk_reserve_percent: u8,
    /// The same in MiB; the larger counts.
    pub disk_reserve_mib: u32,
    /// Time without any packet or consent after which a station is gone, s.
    pub consent_timeout_s: u64,
}

/// How much may be attached to messages, and how fast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentsConfig {
    /// In all, by customers; as much again by staff. MiB.
    pub total_mib: u64,
    /// To one conversation, in public messages; as much again in private ones. MiB.
    pub conversation_mib: u64,
    /// By one person within 24 hours. MiB.
    pub person_mib: u64,
    /// By all the guests of one client within 24 hours. MiB.
    pub client_mib: u64,
    /// By a customer whose conversation nobody has accepted yet. MiB.
    pub waiting_mib: u64,
    /// Uploads at the same time by customers; as many again by staff.
    pub uploads_max: usize,
    /// Downloads at the same time by customers; as many again by staff.
    pub downloads_max: usize,
    /// Time for a whole upload, s.
    pub upload_timeout_s: u64,
    /// Time in which an upload brings nothing, or a download's reader takes nothing, s.
    pub stall_timeout_s: u64,
}

/// What guests are asked for while a queue is flooded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChallengeConfig {
    /// The page on which people get a proof; `None`: there is no challenge.
    pub url: Option<String>,
    /// The key that it shares with the server.
    pub key: Option<Secret>,
    /// Guests who wait in a queue from which on it takes a proof.
    pub waiting: usize,
}

impl Default for ChallengeConfig {
    fn default() -> Self {
        Self { url: None, key: None, waiting: 50 }
    }
}

/// The chat in other sites' pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WidgetConfig {
    /// The sites whose pages may show it, such as `https://shop.example`, besides our own.
    pub allowed_origins: Vec<String>,
}

/// Why the server can't be started like this.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key that there is not, a value of the wrong type, an unreadable file.
    #[error("{0}")]
    Unreadable(String),
    /// A value out of its limits.
    #[error("`{key}` is {value}; allowed: {allowed}")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// Two choices that don't go together.
    #[error("{0}")]
    Conflict(String),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            demo: None,
            demo_scenes: true,
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            allowed_hosts: Vec::new(),
            behind_proxy: false,
            tls: None,
            tls_cert: None,
            tls_key: None,
            acme: AcmeSettings::default(),
            http_redirect: None,
            operate: None,
            trusted_proxies: vec!["127.0.0.1".to_owned(), "::1".to_owned()],
            proxy_protocol: false,
            // Below the ports that Linux gives to outgoing connections (32768 – 60999).
            media: SocketAddr::from((Ipv4Addr::LOCALHOST, 10_000)),
            public_address: None,
            sip: None,
            sip_tls: None,
            workers: None,
            data: PathBuf::from("data"),
            database: None,
            provision: None,
            ring_timeout_s: 20,
            drain_s: None,
            policy: PolicyConfig::default(),
            tones: TonesConfig::default(),
            codec: CodecConfig::default(),
            limits: LimitsConfig::default(),
            attachments: AttachmentsConfig::default(),
            challenge: ChallengeConfig::default(),
            widget: WidgetConfig::default(),
            telephony: TelephonySettings::default(),
            channels: Vec::new(),
        }
    }
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self {
            notify_agent_on_listen: false,
            supervisors_hear_whispers: true,
            duck_db: -6,
            hold_tone: false,
            whisper_beep: true,
            barge_tone_caller: true,
            barge_tone_agents: true,
            agents_hear_take_over: true,
        }
    }
}

impl Default for TonesConfig {
    fn default() -> Self {
        let mixer = mixer::MixerConfig::default();
        Self {
            whisper_beep: mixer.whisper_beep.into(),
            barge: mixer.barge_tone.into(),
            hold: mixer.hold_tone.into(),
            hold_period_ms: mixer.hold_period_ms,
        }
    }
}

impl Default for CodecConfig {
    /// By sound and cost (`make quality`): from complexity 6 on libopus uses AVX2 in its slowest loop, so that 6 costs no
    /// more than 5 and sounds better; 32 kbit/s sounds better than 24 for a tenth more time, and is what browsers send.
    fn default() -> Self {
        Self { bitrate_bps: 32_000, complexity: 6, queues: Vec::new() }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections_max: 4096,
            connections_per_client: 1024,
            guests_per_client: 200,
            guests_per_client_minute: 60,
            interactions_per_client: 50,
            commands_per_second: 10,
            unlimited_clients: Vec::new(),
            stations_max: 2000,
            calls_max: 1000,
            header_timeout_s: 10,
            request_timeout_s: 30,
            disk_reserve_percent: 2,
            disk_reserve_mib: 256,
            consent_timeout_s: 30,
        }
    }
}

impl Default for AttachmentsConfig {
    fn default() -> Self {
        let files = FileLimits::default();
        Self {
            total_mib: files.total_mib,
            conversation_mib: files.conversation_mib,
            person_mib: files.person_mib,
            client_mib: files.client_mib,
            waiting_mib: files.waiting_mib,
            uploads_max: files.uploads_max,
            downloads_max: files.downloads_max,
            upload_timeout_s: files.upload_timeout.as_secs(),
            stall_timeout_s: files.stall_timeout.as_secs(),
        }
    }
}

impl Config {
    /// How much may be attached, as the files' keeper takes it.
    pub fn file_limits(&self) -> FileLimits {
        let files = &self.attachments;
        FileLimits {
            total_mib: files.total_mib,
            conversation_mib: files.conversation_mib,
            person_mib: files.person_mib,
            client_mib: files.client_mib,
            waiting_mib: files.waiting_mib,
            uploads_max: files.uploads_max,
            downloads_max: files.downloads_max,
            upload_timeout: Duration::from_secs(files.upload_timeout_s),
            stall_timeout: Duration::from_secs(files.stall_timeout_s),
        }
    }
}
