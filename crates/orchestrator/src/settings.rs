//! What administrators chose, as it is at this moment.
//!
//! [`Settings`] is a handle on a snapshot in memory, read without waiting. It is read anew from
//! the store after each change ([`Settings::reload`]), and [`Settings::changes`] tells of it. What
//! goes on keeps what it began with, unless its owner asks again. Nothing is decided here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use interaction::conversation::WhisperRule;
use interaction::offers::{LineConfig, Medium};
use interaction::policy::TonePolicy;
use interaction::{Gain, Policy, QueueId, SkillId, UnixMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{QueueRecord, QueueSettings, Store, StoreError};
use tokio::sync::{Mutex, watch};

use crate::opening::{Opening, OpeningHours};

/// The name of [`Policies`] among the store's settings.
pub const POLICIES: &str = "policies";
/// The name of [`Brand`] among the store's settings.
pub const BRAND: &str = "brand";

/// Choices for the whole centre. Calls and conversations that go on keep those they began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Agents are told when somebody only listens.
    pub notify_agent_on_listen: bool,
    /// Supervisors on the same call hear each other's whispers.
    pub supervisors_hear_whispers: bool,
    /// The coached agent hears a beep at each Whisper.
    pub whisper_beep: bool,
    /// The caller hears the barge tone.
    pub barge_tone_caller: bool,
    /// The agents hear the barge tone.
    pub barge_tone_agents: bool,
    /// A caller on hold hears a tone.
    pub hold_tone: bool,
    /// Agents whose call is taken over hear on what is said.
    #[serde(default = "agents_hear_take_over")]
    pub agents_hear_take_over: bool,
    /// The caller's level for an agent who is being coached, −30 to 0 dB.
    pub duck_db: i16,
    /// How long a call rings at one agent, 1–300 s.
    pub ring_timeout_s: u32,
    /// How long a call waits for an answer, 10–3600 s.
    pub call_wait_s: u32,
    /// Conversations that an agent may hold, 1–20.
    pub conversations_per_agent: u32,
    /// How long a conversation is offered to one agent, 5–300 s.
    pub offer_timeout_s: u32,
    /// How long a new conversation waits, 10–86400 s.
    pub conversation_wait_s: u32,
    /// How long a transfer or a request for a conference waits, 10–3600 s.
    pub handover_wait_s: u32,
    /// Messages that one person may write in a minute, 5–600.
    pub messages_per_minute: u32,
    /// For how long an agent who was on a call is offered nothing, to write it up, 0–900 s.
    #[serde(default)]
    pub after_call_s: u32,
}

/// How the centre presents itself to who calls and writes. What is empty was not chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// The colour of its name and of the buttons with which one comes in, as `#0a5c8f`.
    pub accent: String,
    /// Where its privacy notice is, by HTTPS.
    pub privacy_url: String,
    /// What is said when it is closed, beside when it opens.
    pub closed_message: String,
}

/// The centre's choices. Cheap to clone.
#[derive(Clone)]
pub struct Settings {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    /// What the server was started with: holds for what nobody has chosen.
    base: Policies,
    now: watch::Sender<Arc<Snapshot>>,
    /// One reads at a time: an older snapshot must not replace a newer one.
    reading: Mutex<()>,
}

/// All choices of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Those for the whole centre, within their limits.
    pub policies: Policies,
    /// How often they were changed.
    pub policies_revision: u64,
    /// Who may whisper in text.
    pub whisper_rule: WhisperRule,
    /// What queues have switched on; those not among them, the defaults.
    pub queues: HashMap<QueueId, QueueSettings>,
    /// When queues are open; those not among them, always.
    pub hours: HashMap<QueueId, OpeningHours>,
    /// How the centre presents itself.
    pub brand: Brand,
    /// How often that was changed.
    pub brand_revision: u64,
}

impl Settings {
    /// Reads the choices; `base` are those that hold until somebody chooses.
    ///
    /// # Errors
    /// The store's.
    pub async fn open(store: Store, base: Policies) -> Result<Self, StoreError> {
        let snapshot = read(&store, &base).await?;
        let now = watch::channel(Arc::new(snapshot)).0;
        let inner = Inner { store, base, now, reading: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// All of it.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.now.borrow().clone()
    }

    /// The rules of interactions that begin now.
    pub fn policy(&self) -> Policy {
        policy(&self.snapshot().policies)
    }

    /// How long calls ring and wait.
    pub fn dispatch(&self) -> LineConfig {
        dispatch(&self.snapshot().policies)
    }

    /// How long conversations are offered and wait, and how many an agent holds.
    pub fn text_dispatch(&self) -> LineConfig {
        text_dispatch(&self.snapshot().policies)
    }

    /// Messages that one person may write in a minute.
    pub fn messages_per_minute(&self) -> u32 {
        self.snapshot().policies.messages_per_minute
    }

    /// Who may whisper in text.
    pub fn whisper_rule(&self) -> WhisperRule {
        self.snapshot().whisper_rule.clone()
    }

    /// What a queue has switched on.
    pub fn queue(&self, queue: QueueId) -> QueueSettings {
        self.snapshot().queues.get(&queue).copied().unwrap_or_default()
    }

    /// Whether a queue takes who comes from outside at this moment.
    pub fn opening(&self, queue: QueueId, now: UnixMs) -> Opening {
        self.snapshot().hours.get(&queue).map_or(Opening::Open, |hours| hours.at(now))
    }

    /// Tells of each change; what is in it is the newest snapshot.
    pub fn changes(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.inner.now.subscribe()
    }

    /// Reads the choices anew.
    ///
    /// # Errors
    /// The store's; what was read last holds on.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let _turn = self.inner.reading.lock().await;
        let fresh = read(&self.inner.store, &self.inner.base).await?;
        self.inner.now.send_if_modified(|now| {
            let changed = **now != fresh;
            if changed {
                *now = Arc::new(fresh);
            }
            changed
        });
        Ok(())
    }
}

async fn read(store: &Store, base: &Policies) -> Result<Snapshot, StoreError> {
    let chosen = store.centre_setting(POLICIES).await?;
    let policies_revision = chosen.as_ref().map_or(0, |(_, revision)| *revision);
    let (rule, _) = store.whisper_rule().await?;
    let queues = store.queue_records().await?;
    let brand = store.centre_setting(BRAND).await?;
    let brand_revision = brand.as_ref().map_or(0, |(_, revision)| *revision);
    Ok(Snapshot {
        policies: over(base, chosen.map(|(value, _)| value).as_deref()),
        policies_revision,
        whisper_rule: WhisperRule {
            agents: rule.agents,
            colleagues: rule.colleagues,
            supervisors: rule.supervisors,
            skills: rule.skills.iter().map(|skill| SkillId(skill.0)).collect(),
        },
        queues: queues.iter().map(|it| (QueueId(it.queue.id.0), it.settings)).collect(),
        hours: queues.iter().filter_map(hours).collect(),
        brand: brand.map(|(value, _)| chosen_brand(&value)).unwrap_or_default(),
        brand_revision,
    })
}

/// When the queue is open; `None`: always. What can't be read must not keep customers out.
fn hours(record: &QueueRecord) -> Option<(QueueId, OpeningHours)> {
    if record.opening_hours.is_empty() {
        return None;
    }
    let hours = OpeningHours::read(&record.opening_hours);
    let named = |error: &String| {
        tracing::warn!(queue = record.queue.key, %error, "a queue's opening hours can't be read");
    };
    Some((QueueId(record.queue.id.0), hours.inspect_err(named).ok()?))
}

/// A brand of another version is none.
fn chosen_brand(value: &str) -> Brand {
    serde_json::from_str(value).unwrap_or_else(|error| {
        tracing::warn!(%error, "the stored brand can't be read");
        Brand::default()
    })
}

/// What was chosen, over what holds otherwise. A choice that this version does not know, or can't
/// read, is left out: one of another version must not keep the server from starting.
fn over(base: &Policies, chosen: Option<&str>) -> Policies {
    let known = serde_json::to_value(base).expect("numbers and switches are plain JSON");
    let chosen = chosen.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut policies = base.clone();
    for (name, value) in chosen.as_ref().and_then(Value::as_object).into_iter().flatten() {
        let mut with = serde_json::to_value(&policies).expect("as above");
        if known.get(name).is_some() {
            with[name] = value.clone();
        }
        match serde_json::from_value(with) {
            Ok(read) => policies = read,
            Err(error) => tracing::warn!(name, %error, "a stored policy can't be read"),
        }
    }
    policies
}

/// The rules that these choices are.
pub fn policy(policies: &Policies) -> Policy {
    Policy {
        notify_agent_on_listen: policies.notify_agent_on_listen,
        supervisors_hear_whispers: policies.supervisors_hear_whispers,
        duck: Gain::from_db(policies.duck_db),
        hold_tone: policies.hold_tone,
        barge_tone: TonePolicy {
            caller: policies.barge_tone_caller,
            agents: policies.barge_tone_agents,
        },
        whisper_beep: policies.whisper_beep,
        agents_hear_take_over: policies.agents_hear_take_over,
    }
}

/// Of policies that were chosen before there was a choice.
fn agents_hear_take_over() -> bool {
    Policy::default().agents_hear_take_over
}

/// How long calls ring and wait.
pub fn dispatch(policies: &Policies) -> LineConfig {
    LineConfig {
        offer_timeout: Duration::from_secs(policies.ring_timeout_s.into()),
        max_wait: Duration::from_secs(policies.call_wait_s.into()),
        after_call: Duration::from_secs(policies.after_call_s.into()),
        ..LineConfig::of(Medium::Voice)
    }
}

/// How long conversations are offered and wait.
pub fn text_dispatch(policies: &Policies) -> LineConfig {
    LineConfig {
        offer_timeout: Duration::from_secs(policies.offer_timeout_s.into()),
        max_wait: Duration::from_secs(policies.conversation_wait_s.into()),
        handover_wait: Duration::from_secs(policies.handover_wait_s.into()),
        per_agent_max: policies.conversations_per_agent as usize,
        ..LineConfig::of(Medium::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Policies {
        Policies {
            notify_agent_on_listen: false,
            supervisors_hear_whispers: true,
            whisper_beep: true,
            barge_tone_caller: true,
            barge_tone_agents: true,
            hold_tone: false,
            agents_hear_take_over: true,
            duck_db: -6,
            ring_timeout_s: 20,
            call_wait_s: 300,
            conversations_per_agent: 4,
            offer_timeout_s: 30,
            conversation_wait_s: 300,
            handover_wait_s: 120,
            messages_per_minute: 120,
            after_call_s: 0,
        }
    }

    #[test]
    fn what_was_chosen_goes_over_what_holds_otherwise() {
        let base = base();
        assert_eq!(over(&base, None), base);
        let chosen = over(&base, Some(r#"{"hold_tone": true, "ring_timeout_s": 9}"#));
        assert!(chosen.hold_tone);
        assert_eq!((chosen.ring_timeout_s, chosen.call_wait_s), (9, base.call_wait_s));
    }

    #[test]
    fn choices_of_another_version_are_left_out() {
        let base = base();
        for text in ["", "[]", r#"{"colour": "red"}"#, r#"{"duck_db": "loud"}"#] {
            assert_eq!(over(&base, Some(text)), base, "{text}");
        }
    }

    #[tokio::test]
    async fn a_change_is_told_once() {
        let directory = tempfile::tempdir().unwrap();
        let location = store::Location::Directory(directory.path().to_owned());
        let store = Store::open(&location).await.unwrap();
        let settings = Settings::open(store.clone(), base()).await.unwrap();
        let mut changes = settings.changes();
        settings.reload().await.unwrap();
        assert!(!changes.has_changed().unwrap());
        let team = store.ensure_team("Support").await.unwrap();
        let queue = store::NewQueue { key: "q", name: "Q", team, open_to_guests: true };
        let queue = store.ensure_queue(queue).await.unwrap();
        let quiet = QueueSettings { help: false, pull: true, ..QueueSettings::default() };
        store.set_queue_settings(queue, &quiet).await.unwrap();
        settings.reload().await.unwrap();
        assert!(changes.has_changed().unwrap());
        let queue = QueueId(queue.0);
        assert_eq!(changes.borrow_and_update().queues[&queue], quiet);
        assert_eq!(settings.queue(queue), quiet);
        assert_eq!(settings.queue(QueueId(1)), QueueSettings::default());
        assert_eq!(settings.whisper_rule(), WhisperRule::default());
    }
}
