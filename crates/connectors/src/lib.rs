//! Other channels (WhatsApp, Facebook, …): a connector stands between the channel and this server.
//!
//! It posts what customers write, signed ([`signature`]), and is posted what customers are told.
//! What that is, is made in [`posts`] from the same disclosure as a requester's event stream, and
//! kept in the store's outbox with what happened; [`sender`] empties it. How a customer's message
//! becomes a conversation is the orchestrator's. No channel's own protocol is known here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, Url, redirect};
use tokio::sync::{Mutex, Notify};

pub use config::{ChannelConfig, Secret};

use seen::Seen;
use signature::{Binding, NotSigned};

mod answer;
mod config;
pub mod posts;
mod seen;
pub mod sender;
pub mod signature;

/// How long a connector may take to answer a post.
const POST_TIMEOUT: Duration = Duration::from_secs(10);

/// The channels, by name. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    all: Arc<BTreeMap<String, Arc<Channel>>>,
}

/// One channel.
#[derive(Debug)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What its messages are signed with.
    pub secret: Secret,
    /// The queue that its conversations are opened to.
    pub queue: String,
    /// The connector is told who joins and leaves, too, and of the end.
    pub notices: bool,
    /// Whoever takes a message in holds it: one customer never opens two conversations.
    pub turn: Mutex<()>,
    url: Url,
    client: Client,
    /// Where signatures were good, if another channel has the same secret.
    seen: Option<Arc<SyncMutex<Seen>>>,
    /// There is something to be told.
    waiting: Notify,
}

/// Why the channels can't be served.
#[derive(Debug, thiserror::Error)]
pub enum ChannelsError {
    /// TLS can't be used.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    /// Refused when the configuration is checked.
    #[error("the channel {0} has no address")]
    Address(String),
}

impl Channels {
    /// The channels of a configuration that has been checked.
    ///
    /// # Errors
    /// See [`ChannelsError`].
    pub fn new(configs: &[ChannelConfig]) -> Result<Self, ChannelsError> {
        let mut all = BTreeMap::new();
        let shared: Arc<SyncMutex<Seen>> = Arc::default();
        for config in configs {
            let url =
                Url::parse(&config.url).map_err(|_| ChannelsError::Address(config.name.clone()))?;
            let client = Client::builder()
                .timeout(POST_TIMEOUT)
                // What is signed for one address goes to no other.
                .redirect(redirect::Policy::none());
            // What stays on this machine is for no proxy to read.
            let client = if is_loopback(&url) { client.no_proxy() } else { client };
            let shares = configs.iter().filter(|it| it.secret == config.secret).count() > 1;
            if shares {
                tracing::warn!(
                    channel = config.name,
                    "another channel has the same secret: give each its own"
                );
            }
            let channel = Channel {
                name: config.name.clone(),
                secret: config.secret.clone(),
                queue: config.queue.clone(),
                notices: config.notices,
                turn: Mutex::default(),
                url,
                client: client.build()?,
                seen: shares.then(|| shared.clone()),
                waiting: Notify::new(),
            };
            all.insert(config.name.clone(), Arc::new(channel));
        }
        Ok(Self { all: Arc::new(all) })
    }

    /// The channel of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Channel>> {
        self.all.get(name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Channel>> {
        self.all.values()
    }
}

/// Whether the address is this machine's own.
pub fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

impl Channel {
    /// Whether the channel's connector signed this about now (Unix seconds), for this channel. What
    /// is signed by the secret alone is good at one channel, also where several have that secret.
    ///
    /// # Errors
    /// See [`NotSigned`].
    pub fn verify(
        &self,
        timestamp: &str,
        signature: &str,
        signed: &[u8],
        now_s: u64,
    ) -> Result<(), NotSigned> {
        let binding =
            signature::verify(&self.secret, &self.name, timestamp, signature, signed, now_s)?;
        match (&self.seen, binding) {
            (Some(seen), Binding::Secret) => {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let signature = signature.to_ascii_lowercase();
                if seen.admit(&self.name, &signature, now_s) {
                    Ok(())
                } else {
                    Err(NotSigned::Wrong)
                }
            }
            (None, Binding::Secret) | (_, Binding::Channel) => Ok(()),
        }
    }

    /// Something is kept that the connector is to be told.
    pub fn wake(&self) {
        self.waiting.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn config(name: &str, url: &str) -> ChannelConfig {
        ChannelConfig {
            name: name.to_owned(),
            secret: Secret::new("a secret of the tests, 32 bytes or more"),
            url: url.to_owned(),
            queue: "support".to_owned(),
            notices: false,
        }
    }

    #[test]
    fn only_channels_that_share_a_secret_remember_signatures() {
        let here = "http://127.0.0.1:9/";
        let mut other = config("sms", here);
        other.secret = Secret::new("another secret of the tests, 32 bytes");
        let all = [config("whatsapp", here), config("facebook", here), other];
        let channels = Channels::new(&all).unwrap();
        let remembers = |name| channels.get(name).unwrap().seen.is_some();
        assert_eq!(["whatsapp", "facebook", "sms"].map(remembers), [true, true, false]);
    }

    #[tokio::test]
    async fn a_post_to_this_machine() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4_096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        });
        let channels = Channels::new(&[config("whatsapp", &url)]).unwrap();
        let channel = channels.get("whatsapp").unwrap();
        let answer = channel.client.post(channel.url.clone()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 204);
    }

    #[test]
    fn what_stays_on_this_machine_is_for_no_proxy() {
        // Nobody listens there.
        let proxy = "http://127.0.0.1:9";
        let names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "tests::a_post_to_this_machine"]);
        test.envs(names.map(|name| (name, proxy))).env_remove("NO_PROXY").env_remove("no_proxy");
        let output = test.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
