//! The command line, and how it goes together with the environment and the file.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Parser;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::Value;
use serde::Serialize;

use api::PublicUrl;

use super::{Config, ConfigError, Operate, TlsKind, keys};

/// Variables of this prefix are the configuration's…
const ENV_PREFIX: &str = "SOTTO_";
/// … but for those that only tests read.
const ENV_TEST_PREFIX: &str = "TEST_";

/// The Sotto server: listen, whisper and barge on live calls.
///
/// `media-server doctor`, with the same options, looks at what a server with them would meet, and says
/// what to do: files, database, clock, ports, UDP, certificate, proxy. It changes nothing; exit code 1 if
/// something is to be put right. `media-server sip check`, with the same options, asks each trunk's peers
/// whether they answer.
#[derive(Debug, Parser, Serialize)]
#[command(name = "media-server", version, override_usage = "media-server [doctor | sip check] [OPTIONS]", args_override_self = true, after_long_help = keys::help())]
pub struct Flags {
    /// Demo mode: demo accounts and N calls that go on for ever [0 to 50; without N: 3].
    ///
    /// The accounts' password is public, so only loopback addresses are allowed. The demo keeps
    /// its files in a directory of its own, `demo` within the data directory.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<u32>,
    /// Where HTTP is served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "IP:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<SocketAddr>,
    /// The address that browsers open, such as https://voice.example
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<PublicUrl>,
    /// A proxy in front of the server speaks TLS: HTTP may be served in clear on any address
    #[arg(long)]
    #[serde(skip_serializing_if = "is_false")]
    behind_proxy: bool,
    /// A certificate that the server makes (self-signed), or gets for --public-url (acme)
    #[arg(long, value_name = "self-signed|acme")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsKind>,
    /// The certificate and its issuers', PEM; read again when it changes
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_key: Option<PathBuf>,
    /// Where whoever comes in clear is sent to --public-url, such as 0.0.0.0:80
    #[arg(long, value_name = "IP:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    http_redirect: Option<SocketAddr>,
    /// Where operators are answered (/metrics, /readyz, /healthz), or `off`
    /// [default: 127.0.0.1:9090 if free; off with port 0 in --http]
    #[arg(long, value_name = "IP:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    operate: Option<Operate>,
    /// The first media worker's UDP socket; the others take the ports after it
    /// [default: 127.0.0.1:10000]
    #[arg(long, value_name = "IP:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<SocketAddr>,
    /// The address that clients reach the media sockets at, when it is another
    #[arg(long, value_name = "IP")]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_address: Option<IpAddr>,
    /// Where SIP is spoken, by UDP and by TCP. With --demo: an INVITE from this machine to
    /// sip:support@… is a call to queue support
    #[arg(long, value_name = "IP:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    sip: Option<SocketAddr>,
    /// Where SIP is spoken through TLS, besides, with the certificate of HTTPS
    #[arg(long, value_name = "IP:PORT", requires = "sip")]
    #[serde(skip_serializing_if = "Option::is_none")]
    sip_tls: Option<SocketAddr>,
    /// Media worker threads [1 to 64; default: one for each core]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<usize>,
    /// The directory for the database and the signing key [default: data]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
    /// postgres://… instead of SQLite in the data directory
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
    /// Make the teams, queues and accounts of this TOML file, at each start
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    provision: Option<PathBuf>,
    /// How long a call rings at one agent before the next one, s [1 to 300; default: 20]
    #[arg(long, value_name = "S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ring_timeout_s: Option<u64>,
    /// How long running calls may go on after SIGTERM, while none begins, s
    /// [0 to 3600; default: 30; 0 in demo mode]
    #[arg(long, value_name = "S")]
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_s: Option<u64>,
    /// Read this TOML file
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Set any key listed by --help, such as policy.duck_db=-9; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    #[serde(skip)]
    set: Vec<(String, String)>,
}

/// Reads command line, environment and file, and checks the whole. `--help`, `--version` and a
/// bad command line end the program here, as is usual.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Config, ConfigError> {
    Flags::parse_from(arguments).config()
}

impl Flags {
    /// The configuration that these flags lead to.
    ///
    /// # Errors
    /// A key or a value that is not allowed, by name; a file that can't be read.
    pub fn config(&self) -> Result<Config, ConfigError> {
        // No defaults as a layer of their own: serde has them, and a table is complete or absent.
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if let Some(file) = &self.config {
            let text = std::fs::read_to_string(file).map_err(|error| {
                ConfigError::Unreadable(format!("--config {}: {error}", file.display()))
            })?;
            figment = figment.merge(Toml::string(&text));
        }
        let environment =
            Env::prefixed(ENV_PREFIX).filter(|key| !key.starts_with(ENV_TEST_PREFIX)).split("__");
        figment = figment.merge(environment).merge(Serialized::defaults(self));
        for (key, value) in &self.set {
            let value: Value = value.parse().expect("every text is a value");
            figment = figment.merge((key.as_str(), value));
        }
        let config: Config = figment.extract().map_err(|error| unreadable(&error))?;
        config.check()?;
        Ok(config)
    }
}

/// A switch that was not given leaves the choice to the file and the environment.
fn is_false(switch: &bool) -> bool {
    !switch
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, such as policy.duck_db=-9".to_owned()),
    }
}

/// The key, what is wrong with it, and what is allowed there.
fn unreadable(error: &figment::Error) -> ConfigError {
    use figment::error::Kind;
    let path = error.path.join(".");
    let about = keys::KEYS.iter().find(|key| key.name == path);
    match &error.kind {
        Kind::UnknownField(field, _) => {
            let table = path.strip_suffix(field.as_str()).unwrap_or(&path).trim_end_matches('.');
            let within = if table.is_empty() { String::new() } else { format!("{table}.") };
            let allowed: Vec<&str> =
                keys::KEYS.iter().filter_map(|key| key.name.strip_prefix(&within)).collect();
            ConfigError::Unreadable(format!(
                "there is no key `{within}{field}`; allowed {}: {}",
                if table.is_empty() { "are".to_owned() } else { format!("in `{table}` are") },
                allowed.join(", ")
            ))
        }
        kind => ConfigError::Unreadable(match about {
            Some(key) => format!("`{path}`: {kind}; allowed: {}", key.allowed),
            None => error.to_string(),
        }),
    }
}
