//! What the centre does by itself, for as long as it runs: it follows its media workers, people's
//! rights and administrators' choices, and keeps time.

use std::time::Duration;

use interaction::UserId;
use tokio::sync::{broadcast, mpsc};

use super::Centre;
use crate::auth::unix_now;
use media_workers::MediaEvent;

/// How often levels are sent.
const METER_INTERVAL: Duration = Duration::from_millis(100);
/// Meters between two looks at how calls sound: every 2 s.
const METERS_PER_MOOD: u32 = 20;

impl Centre {
    pub(super) async fn follow_media(self, mut events: mpsc::Receiver<MediaEvent>) {
        while let Some(event) = events.recv().await {
            self.change(|floor, now| ((), floor.handle_media(now, event)));
        }
    }

    pub(super) async fn follow_rights(self, mut changes: broadcast::Receiver<UserId>) {
        loop {
            match changes.recv().await {
                Ok(id) => self.rights_changed(id).await,
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    // Whose change was missed is not known: everybody is looked at again.
                    let users: Vec<UserId> =
                        self.floor().hub.users().map(|(_, user)| user.id).collect();
                    for id in users {
                        self.rights_changed(id).await;
                    }
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// The text side as administrators chose it.
    pub(super) fn choose_text(&self) {
        let settings = &self.inner.settings;
        let (dispatch, messages) = (settings.text_dispatch(), settings.messages_per_minute());
        self.change(|floor, _| (floor.desk.handle_settings(dispatch, messages), Vec::new()));
    }

    pub(super) async fn follow_settings(self) {
        let settings = &self.inner.settings;
        let (mut changes, mut rule) = (settings.changes(), settings.whisper_rule());
        while changes.changed().await.is_ok() {
            let (policy, dispatch) = (settings.policy(), settings.dispatch());
            self.change(|floor, _| (floor.handle_settings(policy, dispatch), Vec::new()));
            self.choose_text();
            let before = std::mem::replace(&mut rule, settings.whisper_rule());
            if before != rule {
                self.whisper_rule_changed().await;
            }
        }
    }

    /// Rights changed, or somebody signed out. Of a user who can't be read only the supervision
    /// ends: that is the safe side.
    async fn rights_changed(&self, id: UserId) {
        let loaded = self.inner.auth.load(id).await;
        let is_gone = matches!(loaded, Ok(None));
        let user = loaded.ok().flatten();
        self.change(|floor, now| {
            let mut effects = floor.handle_rights(id, user.as_ref());
            if user.is_some() || is_gone {
                effects.extend(floor.handle_account(now, id, user.as_ref()));
            }
            ((), effects)
        });
        self.text_rights_changed(id, user.as_ref()).await;
        if is_gone {
            let stations = self.floor().stations_of(id);
            for station in stations {
                // One that is closed already is what was wanted.
                let _ = self.inner.media.close_station(station).await;
            }
        }
    }

    pub(super) async fn keep_time(self) {
        loop {
            let deadline = self.floor().next_deadline();
            let sleep = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = sleep => self.change(|floor, now| ((), floor.handle_timeout(now))),
                () = self.inner.changed.notified() => {}
            }
        }
    }

    pub(super) async fn send_meters(self) {
        let mut ticks = tokio::time::interval(METER_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        for count in 1_u32.. {
            ticks.tick().await;
            let mut floor = self.floor();
            // Moods go first: meters are sent to those alone who have read all the rest.
            if count.is_multiple_of(METERS_PER_MOOD) {
                floor.flush_moods(unix_now());
            }
            floor.flush_meters(unix_now());
        }
    }
}
