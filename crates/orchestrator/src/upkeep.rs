//! What the centre does by itself, for as long as it runs: it follows its media workers and
//! administrators' choices, and keeps time. People's rights are [apart](super::sweep).

use std::time::Duration;

use control_plane::MediaFact;
use tokio::sync::mpsc;

use super::{Orchestrator, PlainNews};
use accounts::unix_now;
use media_workers::MediaEvent;

/// How often levels are sent.
const METER_INTERVAL: Duration = Duration::from_millis(100);
/// Meters between two looks at how calls sound: every 2 s.
const METERS_PER_MOOD: u32 = 20;

impl Orchestrator {
    pub(super) async fn follow_media(self, mut events: mpsc::Receiver<MediaEvent>) {
        while let Some(event) = events.recv().await {
            let fact = match event {
                MediaEvent::CallChanged { state, events } => {
                    MediaFact::CallChanged { state, events }
                }
                MediaEvent::LegMeasured { call, leg, sound } => {
                    MediaFact::LegMeasured { call, leg, sound }
                }
                MediaEvent::Meters { call, levels } => MediaFact::Meters { call, levels },
                MediaEvent::StationChanged { station, state } => {
                    MediaFact::StationChanged { station, state }
                }
                MediaEvent::StationClosed { station, end } => {
                    MediaFact::StationClosed { station, end }
                }
                // Facts of one line, not of the live state: whoever speaks SIP is told, see `plain_news`.
                MediaEvent::Dtmf { station, digit } => {
                    let _ = self.inner.plain_news.send(PlainNews::Dtmf { station, digit });
                    continue;
                }
                MediaEvent::StationHeld { station, held } => {
                    let _ = self.inner.plain_news.send(PlainNews::Held { station, held });
                    continue;
                }
                MediaEvent::CallFailed(id) => MediaFact::CallFailed(id),
            };
            self.change(|live, now| ((), live.handle_media(now, fact)));
        }
    }

    /// The text side as administrators chose it.
    pub(super) fn choose_text(&self) {
        let settings = &self.inner.settings;
        let (dispatch, messages) = (settings.text_dispatch(), settings.messages_per_minute());
        self.change(|live, _| (live.handle_text_settings(dispatch, messages), Vec::new()));
    }

    pub(super) async fn follow_settings(self) {
        let settings = &self.inner.settings;
        let (mut changes, mut rule) = (settings.changes(), settings.whisper_rule());
        while changes.changed().await.is_ok() {
            let (policy, dispatch) = (settings.policy(), settings.dispatch());
            self.change(|live, _| (live.handle_settings(policy, dispatch), Vec::new()));
            self.choose_text();
            let before = std::mem::replace(&mut rule, settings.whisper_rule());
            if before != rule {
                self.whisper_rule_changed().await;
            }
        }
    }

    pub(super) async fn keep_time(self) {
        loop {
            let deadline = self.live().next_deadline();
            let sleep = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = sleep => self.change(|live, now| ((), live.handle_timeout(now))),
                () = self.inner.changed.notified() => {}
            }
        }
    }

    pub(super) async fn send_meters(self) {
        let mut ticks = tokio::time::interval(METER_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        for count in 1_u32.. {
            ticks.tick().await;
            // Moods go first: meters are sent to those alone who have read all the rest.
            if count.is_multiple_of(METERS_PER_MOOD) {
                self.change_quietly(|live| live.handle_moods_due(unix_now()));
            }
            self.change_quietly(|live| live.handle_meters_due(unix_now()));
        }
    }
}
