//! Keeps the station: mends it by an ICE restart when nothing comes any more, and opens another one when that does not help
//! or the server does not know it any longer.
//!
//! An ICE restart keeps the station's leg on its call, so it comes first. But the server keeps a silent station's leg for
//! 30 s only, and another station may find a way that this one does not. It carries nothing: bringing the leg over is
//! [`crate::phone`]'s to ask for, and until it had the time to, the failed one is left alone.

use std::sync::Arc;
use std::time::Duration;

use client::media::{StationConfig, Trouble, received_channel};
use client::session::OpenStation;
use tokio::sync::{mpsc, watch};

use super::account::Account;
use super::{LineEvent, RETRY_MAX, RETRY_MIN};
use crate::media::PACKETS_MAX;

/// A restart that has not brought the sound back by then is begun again, from another port.
const RESTART_MAX: Duration = Duration::from_secs(4);
/// So many restarts that the server has taken, and that have not brought the sound back: it needs another station.
const RESTARTS_MAX: usize = 2;
/// A failed station is ended so long after another one stands in its place.
const RETIRED: Duration = Duration::from_secs(10);

/// The station of this moment, for those who name it in a request.
pub(super) type Current = watch::Sender<Option<Arc<OpenStation>>>;

/// Holds the station of this moment, and sees to it that there is one.
pub(super) struct Reconnector {
    pub account: Arc<Account>,
    pub config: StationConfig,
    pub tell: mpsc::Sender<LineEvent>,
    pub current: Arc<Current>,
}

impl Reconnector {
    /// Keeps a station, for ever.
    pub async fn run(self, mut station: Arc<OpenStation>) {
        loop {
            let trouble = station.media.trouble().await;
            tracing::info!(?trouble, "the station");
            self.say(LineEvent::NoSound).await;
            if trouble == Trouble::Silent && self.mend(&station).await {
                self.say(LineEvent::Sound).await;
                continue;
            }
            station = self.replace(station).await;
        }
    }

    /// Restarts ICE until the sound is back; false: this station can't be mended.
    async fn mend(&self, station: &OpenStation) -> bool {
        let mut restarts = 0;
        while restarts < RESTARTS_MAX {
            match self.account.ask(async |api| station.restart(&api).await).await {
                Ok(()) if station.media.is_connected_within(RESTART_MAX).await => return true,
                Ok(()) => restarts += 1,
                // The server has answered: it has no such station, or takes no restart of it.
                Err(error) if error.status().is_some_and(|status| status < 500) => return false,
                Err(client::ClientError::Media(error)) => {
                    tracing::info!(%error, "restarting the station");
                    return false;
                }
                Err(error) => {
                    tracing::info!(%error, "restarting the station");
                    tokio::time::sleep(RETRY_MIN).await;
                }
            }
        }
        tracing::info!("restarts do not help");
        false
    }

    /// Opens another station, however long it takes.
    async fn replace(&self, failed: Arc<OpenStation>) -> Arc<OpenStation> {
        self.current.send_replace(None);
        let mut retry = RETRY_MIN;
        let (station, packets) = loop {
            let open = async |api| {
                let (on_rtp, packets) = received_channel(PACKETS_MAX);
                Ok((OpenStation::open(&api, &self.config, on_rtp).await?, packets))
            };
            match self.account.ask(open).await {
                Ok(opened) => break opened,
                Err(error) => tracing::info!(%error, "opening a station"),
            }
            tokio::time::sleep(retry).await;
            retry = (retry * 2).min(RETRY_MAX);
        };
        let station = Arc::new(station);
        self.current.send_replace(Some(station.clone()));
        self.say(LineEvent::Station(station.media.clone(), packets)).await;
        let account = self.account.clone();
        tokio::spawn(async move {
            tokio::time::sleep(RETIRED).await;
            failed.close(&account.api().await).await;
        });
        station
    }

    async fn say(&self, event: LineEvent) {
        // Nobody listens any more only when the program ends.
        let _ = self.tell.send(event).await;
    }
}
