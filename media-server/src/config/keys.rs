//! Every key that a file, the environment or `--set` may have, described once: for `--help`, for
//! `docs/operations.md`, and for the test that neither forgets one.

/// A key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name; a dot stands before a key within a table.
    pub name: &'static str,
    /// The unit, or what is allowed.
    pub allowed: &'static str,
    /// The default.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
}

const fn key(
    name: &'static str,
    allowed: &'static str,
    default: &'static str,
    about: &'static str,
) -> Key {
    Key { name, allowed, default, about }
}

const HZ: &str = "Hz, 100 to 8000";
const DBFS: &str = "dBFS, -60 to -6";
const ON_MS: &str = "ms, 20 to 2000";
const OFF_MS: &str = "ms, 0 to 2000";
const BURSTS: &str = "1 to 8";
const SWITCH: &str = "true or false";
/// The default of `operate`, which hangs on `http` and on what else runs.
pub(super) const OPERATE: &str = "127.0.0.1:9090 if free; off with port 0 in `http`";

/// The default of `drain_s`: the demo's calls are nobody's.
pub(super) const DRAIN: &str = "30; 0 in demo mode";

/// Every key.
pub const KEYS: &[Key] = &[
    key("demo", "0 to 50", "none", "demo mode with so many calls; see --demo"),
    key(
        "demo_scenes",
        SWITCH,
        "true",
        "in a demo with calls: a day of records at the start, chats, holds, help requests, more callers than agents",
    ),
    key(
        "http",
        "address:port",
        "127.0.0.1:8080",
        "where HTTP is served: through TLS if there is a certificate; in clear on loopback only, or with `behind_proxy`",
    ),
    key(
        "public_url",
        "https://name, or http:// on loopback",
        "none",
        "the address that browsers open; cookies, origins, HSTS and the names answered to follow from it",
    ),
    key(
        "allowed_hosts",
        "list of names",
        "none",
        "other names that requests may come by; localhost and plain addresses always may",
    ),
    key(
        "behind_proxy",
        SWITCH,
        "false",
        "a proxy in front of the server speaks TLS, so that `http` may be in clear elsewhere than on loopback",
    ),
    key(
        "tls",
        "self-signed or acme",
        "none",
        "where the certificate comes from: made by the server to try it out, or got by ACME for the name in `public_url`",
    ),
    key(
        "tls_cert",
        "path",
        "none",
        "the certificate and its issuers', PEM; read again when it changes",
    ),
    key("tls_key", "path", "none", "the certificate's key, PEM; read again when it changes"),
    key(
        "acme.directory",
        "URL",
        super::ACME_DIRECTORY,
        "the authority that certificates are got from by ACME",
    ),
    key("acme.contact", "e-mail address", "none", "whom the authority may write to"),
    key(
        "acme.ca",
        "path",
        "none",
        "the authorities that vouch for `acme.directory`, PEM; without it the public ones",
    ),
    key(
        "http_redirect",
        "address:port",
        "none",
        "where whoever comes in clear is sent to `public_url`, as in 0.0.0.0:80",
    ),
    key(
        "operate",
        "address:port or off",
        OPERATE,
        "where operators are answered: /metrics, /readyz, /healthz; no sign-in, so never an address that customers reach",
    ),
    key(
        "trusted_proxies",
        "list of addresses and networks",
        "127.0.0.1, ::1",
        "proxies whose Forwarded, X-Forwarded-For or PROXY header says who the client is",
    ),
    key(
        "proxy_protocol",
        SWITCH,
        "false",
        "trusted_proxies begin each connection with the PROXY protocol (version 1 or 2)",
    ),
    key(
        "media",
        "address:port",
        "127.0.0.1:10000",
        "the first media worker's UDP socket; the others take the ports after it; port 0: any free ports",
    ),
    key(
        "public_address",
        "address",
        "none",
        "the address that clients reach the media sockets at, when it is not the one in `media`",
    ),
    key(
        "sip",
        "address:port",
        "none",
        "where SIP is spoken, by UDP and TCP; whoever is at no trunk's address is not answered; in demo mode this machine is a trunk, and the user part names the queue",
    ),
    key(
        "sip_tls",
        "address:port",
        "none",
        "where SIP is spoken through TLS, besides `sip`, with the certificate of HTTPS",
    ),
    key(
        "workers",
        "1 to 64",
        "one for each core",
        "media workers, each with a UDP port; a thread for each, of which one does all while there is little to do",
    ),
    key("data", "path", "data", "the directory for the database and the signing key"),
    key(
        "database",
        "URL",
        "none",
        "postgres://user:password@host/name instead of SQLite in the data directory",
    ),
    key("provision", "path", "none", "a TOML file of teams, queues and accounts to be made"),
    key(
        "ring_timeout_s",
        "s, 1 to 300",
        "20",
        "how long a call rings at one agent before the next one",
    ),
    key(
        "drain_s",
        "s, 0 to 3600",
        DRAIN,
        "how long running calls may go on after SIGTERM, while none begins",
    ),
    key(
        "policy.notify_agent_on_listen",
        SWITCH,
        "false",
        "agents are told of supervisors who only listen",
    ),
    key(
        "policy.supervisors_hear_whispers",
        SWITCH,
        "true",
        "supervisors on the same call hear each other's whispers",
    ),
    key(
        "policy.duck_db",
        "dB, -30 to 0",
        "-6",
        "the caller's gain for an agent who is being coached",
    ),
    key(
        "policy.hold_tone",
        SWITCH,
        "false",
        "a caller on hold hears a tone instead of silence; one who waits in a transfer or consultation always does",
    ),
    key("policy.whisper_beep", SWITCH, "true", "the coached agent hears a beep at each Whisper"),
    key("policy.barge_tone_caller", SWITCH, "true", "the caller hears the barge tone"),
    key("policy.barge_tone_agents", SWITCH, "true", "the agents hear the barge tone"),
    key(
        "policy.agents_hear_take_over",
        SWITCH,
        "true",
        "agents whose call a supervisor has taken over hear on what is said; nobody hears them",
    ),
    key("tones.whisper_beep.frequency_hz", HZ, "880", "whisper beep: frequency"),
    key("tones.whisper_beep.level_dbfs", DBFS, "-20", "whisper beep: level"),
    key(
        "tones.whisper_beep.on_ms",
        ON_MS,
        "100",
        "whisper beep: length of a burst; 300 ms in all at most",
    ),
    key("tones.whisper_beep.off_ms", OFF_MS, "60", "whisper beep: silence between bursts"),
    key("tones.whisper_beep.bursts", BURSTS, "2", "whisper beep: number of bursts"),
    key("tones.barge.frequency_hz", HZ, "620", "barge tone: frequency"),
    key("tones.barge.level_dbfs", DBFS, "-20", "barge tone: level"),
    key("tones.barge.on_ms", ON_MS, "300", "barge tone: length of a burst; 2000 ms in all at most"),
    key("tones.barge.off_ms", OFF_MS, "0", "barge tone: silence between bursts"),
    key("tones.barge.bursts", BURSTS, "1", "barge tone: number of bursts"),
    key("tones.hold.frequency_hz", HZ, "440", "hold tone: frequency"),
    key("tones.hold.level_dbfs", DBFS, "-30", "hold tone: level"),
    key("tones.hold.on_ms", ON_MS, "150", "hold tone: length of a burst"),
    key("tones.hold.off_ms", OFF_MS, "150", "hold tone: silence between bursts"),
    key("tones.hold.bursts", BURSTS, "2", "hold tone: number of bursts"),
    key("tones.hold_period_ms", "ms, 500 to 60000", "5000", "from one hold tone to the next"),
    key(
        "codec.bitrate_bps",
        "bit/s, 6000 to 128000",
        "32000",
        "Opus bitrate of mixes; what is forwarded is not encoded",
    ),
    key(
        "codec.complexity",
        "0 to 10",
        "6",
        "Opus complexity of mixes: 0 is the cheapest, 10 the best",
    ),
    key(
        "codec.queues",
        "list of tables",
        "none",
        "queues whose calls are mixed otherwise; see below",
    ),
    key(
        "limits.connections_max",
        "16 to 100000",
        "4096",
        "HTTP connections at the same time, event streams among them; fewer where the limit of open files is low",
    ),
    key(
        "limits.connections_per_client",
        "4 to 100000",
        "1024",
        "of them, those of one client: an IPv4 address or an IPv6 /64",
    ),
    key("limits.guests_per_client", "1 to 10000", "200", "guests of one client at the same time"),
    key(
        "limits.guests_per_client_minute",
        "1 to 10000",
        "60",
        "guests that one client may make in a minute",
    ),
    key(
        "limits.interactions_per_client",
        "1 to 10000",
        "50",
        "calls, and conversations, of one client's guests at the same time",
    ),
    key(
        "limits.commands_per_second",
        "1 to 1000",
        "10",
        "commands that one person may send in a second; those of six seconds also at once",
    ),
    key(
        "limits.unlimited_clients",
        "list of addresses and networks",
        "none",
        "clients that these budgets do not count: a load tester, say; this machine, if there are demo calls",
    ),
    key("limits.stations_max", "1 to 100000", "2000", "stations at the same time"),
    key("limits.calls_max", "1 to 50000", "1000", "calls at the same time"),
    key("limits.header_timeout_s", "s, 1 to 60", "10", "time for a request's headers to arrive"),
    key("limits.request_timeout_s", "s, 1 to 300", "30", "time for a request to be answered"),
    key(
        "limits.disk_reserve_percent",
        "%, 0 to 50",
        "2",
        "part of the data directory's disk that attachments leave free, for messages and records",
    ),
    key(
        "limits.disk_reserve_mib",
        "MiB, 0 to 1048576",
        "256",
        "the same in MiB; the larger of both counts",
    ),
    key(
        "limits.consent_timeout_s",
        "s, 5 to 120",
        "30",
        "time without consent after which a station is gone (RFC 7675)",
    ),
    key(
        "attachments.total_mib",
        "MiB, 0 to 100000000",
        "10240",
        "what customers may attach in all; staff may as much again",
    ),
    key(
        "attachments.conversation_mib",
        "MiB, 0 to 100000",
        "200",
        "what may be attached to the public messages of a conversation; to private ones as much again",
    ),
    key(
        "attachments.person_mib",
        "MiB, 0 to 100000",
        "500",
        "what one person may upload within 24 hours",
    ),
    key(
        "attachments.client_mib",
        "MiB, 0 to 100000",
        "2000",
        "what all the guests of one client may upload within 24 hours",
    ),
    key(
        "attachments.waiting_mib",
        "MiB, 0 to 10000",
        "10",
        "what a customer may attach before somebody has accepted the conversation",
    ),
    key(
        "attachments.uploads_max",
        "1 to 1000",
        "16",
        "uploads at the same time by customers; by staff as many again",
    ),
    key(
        "attachments.downloads_max",
        "1 to 1000",
        "64",
        "downloads at the same time by customers; by staff as many again",
    ),
    key("attachments.upload_timeout_s", "s, 5 to 3600", "120", "time for a whole upload"),
    key(
        "attachments.stall_timeout_s",
        "s, 1 to 60",
        "10",
        "time in which an upload brings nothing, or a download's reader takes nothing, until it is let go",
    ),
    key(
        "challenge.url",
        "address",
        "none",
        "the page on which guests get a proof while a queue is flooded; see below",
    ),
    key(
        "challenge.key",
        "32 to 256 bytes",
        "none",
        "the key that this page shares with the server",
    ),
    key(
        "challenge.waiting",
        "1 to 10000",
        "50",
        "guests who wait in a queue from which on it takes others only with a proof",
    ),
    key(
        "widget.allowed_origins",
        "list of origins",
        "none",
        "sites whose pages may embed the chat, as in [\"https://shop.example\"]",
    ),
    key(
        "telephony.rtp_port_first",
        "even port, from 1024",
        "20000",
        "the first UDP port of SIP calls' media; each call has two",
    ),
    key("telephony.rtp_port_last", "port", "20999", "the last one"),
    key(
        "telephony.dns",
        "address with port",
        "none",
        "the name server that is asked where SIP servers are that are named; the machine's own unless it is set",
    ),
    key(
        "telephony.trunks",
        "list of tables",
        "none",
        "who calls by SIP: a PBX, a session border controller, a carrier; see docs/telephony.md",
    ),
    key(
        "telephony.lines",
        "list of tables",
        "none",
        "extensions of a PBX's that are registered there in agents' places; see docs/telephony.md",
    ),
    key(
        "telephony.phones.networks",
        "list of addresses and networks",
        "none",
        "where agents' telephones are; whoever else registers is not answered; see docs/telephony.md",
    ),
    key(
        "telephony.phones.realm",
        "1 to 80 characters",
        "sotto",
        "what telephones' secrets are for, as they are told",
    ),
    key(
        "telephony.phones.digest",
        "list of `sha256`, `md5`",
        "sha256, md5",
        "how secrets are proved, the better way first; some old telephones can't choose",
    ),
    key(
        "telephony.phones.codecs",
        "list of `opus`, `g722`, `pcma`, `pcmu`",
        "opus, g722, pcma, pcmu",
        "what is offered to telephones, the most wanted first",
    ),
    key(
        "telephony.phones.srtp",
        "`off`, `optional`, `required`",
        "optional",
        "media encrypted by keys within SIP",
    ),
    key(
        "telephony.phones.help_code",
        "2 to 8 keys, or empty",
        "*4",
        "what an agent presses on a telephone to ask for help",
    ),
    key(
        "telephony.phones.refer",
        "`true`, `false`",
        "false",
        "an agent may have a call transferred by the telephone's own key (REFER)",
    ),
    key(
        "telephony.phones.missed_pause_s",
        "5 to 3600",
        "60",
        "how long an agent with no page open is not ready after a missed call",
    ),
    key(
        "telephony.phones.extensions",
        "list of tables",
        "none",
        "extension, agent and secret of each; see docs/telephony.md",
    ),
    key("channels", "list of tables", "none", "other channels, by connectors; see below"),
];

/// The table below `--help`.
pub(super) fn help() -> String {
    use std::fmt::Write;
    let mut text = String::from(
        "Every key of the configuration (FILE: TOML; --set KEY=VALUE; environment: SOTTO_ and the \
         key in capitals, two underscores for a dot, as in SOTTO_POLICY__DUCK_DB). Flags win over \
         the environment, the environment over FILE.\n\n",
    );
    for key in KEYS {
        let _ = writeln!(
            text,
            "  {} [{}; default {}]\n      {}",
            key.name, key.allowed, key.default, key.about
        );
    }
    text.push_str("\nRUST_LOG sets what is logged to standard error (default: info).");
    text
}
