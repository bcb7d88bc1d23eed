//! A contact centre without web pages: the control plane, its media workers, its telephone side, and people.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use accounts::{Auth, GuestBudget, User};
use budget::{Client, Networks};
use call_engine::CallConfig;
use connectors::Channels;
use control_plane::Capacity;
use interaction::offers::Choice;
use interaction::{CallId, ModeKind, StationId};
use media_workers::{Media, MediaConfig, PlainConfig, PlainPorts};
use orchestrator::conversations::files::{FileLimits, Files};
use orchestrator::event_streams::Outbox;
use orchestrator::opening::OpeningHours;
use orchestrator::settings::{Policies, Settings};
use orchestrator::stored::Opening;
use orchestrator::{DiskReserve, LegChange, Limits, Orchestrator, OrchestratorConfig, ShownCall};
use sip_testkit::{Act, PATIENCE, Sound, Stage};
use store::{
    CallRecord, Entitlement, Location, Provision, ProvisionedQueue, ProvisionedUser, QueueChange,
    QueueRecord, Role, Store,
};
use telephony::{LineConfig, PhonesConfig, Telephony, TelephonyConfig, TrunkConfig};
use tokio_rustls::TlsAcceptor;

/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(20);
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "a long password";

pub struct Centre {
    pub orchestrator: Orchestrator,
    pub sip: SocketAddr,
    pub sip_tls: Option<SocketAddr>,
    auth: Auth,
    store: Store,
    settings: Settings,
    media: Media,
    telephony: Telephony,
    _data: tempfile::TempDir,
}

impl Centre {
    /// With a trunk on this machine.
    pub async fn start() -> Self {
        Self::with(TrunkConfig::new("here", Networks::parse(["127.0.0.1"]).unwrap())).await
    }

    pub async fn with(trunk: TrunkConfig) -> Self {
        Self::with_all(trunk, Vec::new(), None).await
    }

    pub async fn with_all(
        trunk: TrunkConfig,
        lines: Vec<LineConfig>,
        phones: Option<PhonesConfig>,
    ) -> Self {
        Self::speaking((trunk, lines, phones), None, None).await
    }

    /// One that asks this name server where named servers are.
    pub async fn with_dns(trunk: TrunkConfig, lines: Vec<LineConfig>, dns: SocketAddr) -> Self {
        Self::speaking((trunk, lines, None), None, Some(dns)).await
    }

    /// One that speaks TLS, too.
    pub async fn with_tls(trunk: TrunkConfig, tls: TlsAcceptor) -> Self {
        Self::speaking((trunk, Vec::new(), None), Some(tls), None).await
    }

    async fn speaking(
        (trunk, lines, phones): (TrunkConfig, Vec<LineConfig>, Option<PhonesConfig>),
        tls: Option<TlsAcceptor>,
        dns: Option<SocketAddr>,
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Directory(data.path().to_owned())).await.unwrap();
        store.provision(&people(), |_| None).await.unwrap();
        let auth = Auth::open(data.path(), store.clone(), GuestBudget::default()).await.unwrap();
        let (media, events) = Media::start(media_config()).unwrap();
        let settings = Settings::open(store.clone(), policies()).await.unwrap();
        let orchestrator = Orchestrator::start(OrchestratorConfig {
            media: media.clone(),
            events,
            auth: auth.clone(),
            store: store.clone(),
            settings: settings.clone(),
            files: Files::open(data.path(), FileLimits::default()).unwrap(),
            disk_reserve: DiskReserve::new(data.path(), 0, 0),
            channels: Channels::new(&[]).unwrap(),
            // Nobody here reads what is told in the API's words.
            render: |_, _| None,
            limits: Limits {
                capacity: Capacity { stations: 100, calls: 100 },
                ..Limits::default()
            },
            queue_codecs: HashMap::new(),
        })
        .await
        .unwrap();
        let config = TelephonyConfig {
            bind: SocketAddr::new(HERE, 0),
            bind_tls: tls.is_some().then(|| SocketAddr::new(HERE, 0)),
            public_address: None,
            dns,
            trunks: vec![trunk],
            lines,
            phones,
            product: "Sotto".to_owned(),
        };
        let telephony =
            Telephony::start(config, orchestrator.clone(), auth.clone(), tls).await.unwrap();
        let (sip, sip_tls) = (telephony.address, telephony.tls_address);
        Self { orchestrator, sip, sip_tls, auth, store, settings, media, telephony, _data: data }
    }

    /// Waits until the trunk is as this.
    pub async fn until_trunk_is(&self, state: &str) {
        let deadline = Instant::now() + PATIENCE;
        let is = || format!("{:?}", self.orchestrator.telephony_status().trunks[0].state);
        while !is().eq_ignore_ascii_case(state) {
            assert!(Instant::now() < deadline, "the trunk is {}", is());
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What is kept of a call that is over.
    pub async fn record(&self, call: CallId) -> CallRecord {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let record = self.store.call_record(&call.to_string()).await.unwrap();
            // It is written as if it ended now while it goes on.
            if let Some(record) = record.filter(|it| it.end_reason != "server") {
                return record;
            }
            assert!(Instant::now() < deadline, "no record of the call");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What is kept of a call's beginning.
    pub async fn opening(&self, call: CallId) -> Opening {
        let kept = self.store.interaction(&call.to_string()).await.unwrap().unwrap();
        Opening::of(kept.opening.as_deref())
    }

    /// Changes when a queue is open.
    pub async fn open_on(&self, queue: &str, hours: &OpeningHours) {
        let queues = self.store.queue_records().await.unwrap();
        let record = queues.into_iter().find(|it| it.queue.key == queue).unwrap();
        let QueueRecord { queue, settings, wrap_up_codes, revision, .. } = record;
        let change = QueueChange {
            name: queue.name,
            team: queue.team,
            open_to_guests: queue.open_to_guests,
            settings,
            wrap_up_codes,
            opening_hours: hours.written(),
        };
        let act = store::Act {
            actor: store::UserId(1),
            entitlement: Entitlement::Provisioning,
            actor_name: "test".to_owned(),
            action: "changed".to_owned(),
            kind: "queue".to_owned(),
            subject_name: String::new(),
            before: None,
            after: None,
        };
        self.store.change_queue(queue.id, revision, &change, &act).await.unwrap();
        self.settings.reload().await.unwrap();
    }

    /// Ends it in the server's order.
    pub async fn stop(self) {
        self.orchestrator.stop().await;
        self.telephony.stop().await;
        self.media.stop().await;
        self.store.close().await;
    }

    /// Somebody with an account, an event stream, and a station on which they say a tone.
    pub async fn person(&self, username: &str, hz: f32) -> Person {
        let session = self.auth.login(username, PASSWORD, Client::of(HERE)).await.unwrap();
        let user = session.user;
        // Sees what rings, and all that goes on.
        let watcher = self.auth.login("supervisor", PASSWORD, Client::of(HERE)).await.unwrap().user;
        let stream = Arc::new(self.orchestrator.connect(&user).unwrap().1);
        let sound = Sound::new().await;
        let config = PlainConfig { signalled_from: HERE, ..PlainConfig::default() };
        let opened = self.orchestrator.open_plain_station(&user, Some(sound.sdp()), config).await;
        let (station, opened) = opened.unwrap();
        sound.speak(&opened.sdp, hz);
        let orchestrator = self.orchestrator.clone();
        Person { user, watcher, station, sound, orchestrator, _stream: stream }
    }

    /// An agent who is ready.
    pub async fn agent(&self, username: &str, hz: f32) -> Person {
        let person = self.person(username, hz).await;
        self.orchestrator.set_presence(&person.user, Choice::Ready).unwrap();
        person
    }
}

/// Somebody who works here.
#[derive(Clone)]
pub struct Person {
    pub user: Arc<User>,
    watcher: Arc<User>,
    pub station: StationId,
    pub sound: Sound,
    orchestrator: Orchestrator,
    _stream: Arc<Outbox>,
}

impl Person {
    /// The control plane that this person works at.
    pub fn orchestrator(&self) -> &Orchestrator {
        &self.orchestrator
    }

    /// The next call that rings here.
    pub async fn offered(&self) -> ShownCall {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rings = |call: &ShownCall| {
                call.sight.card.offer.is_some_and(|offer| offer.agent == self.user.id)
            };
            if let Some(call) = self.orchestrator.calls(&self.watcher).into_iter().find(rings) {
                return call;
            }
            assert!(Instant::now() < deadline, "no call rings");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes the next call that rings here.
    pub async fn take(&self) -> ShownCall {
        let call = self.offered().await;
        self.orchestrator.answer(&self.user, call.sight.card.id, self.station).await.unwrap();
        call
    }

    /// Takes every call that rings here, after a while.
    pub fn take_all(&self, after: Duration) -> tokio::task::JoinHandle<()> {
        let person = self.clone();
        tokio::spawn(async move {
            loop {
                let call = person.offered().await.sight.card.id;
                tokio::time::sleep(after).await;
                // It may be taken back by then.
                let _ = person.orchestrator.answer(&person.user, call, person.station).await;
            }
        })
    }

    pub async fn hang_up(&self, call: CallId) {
        self.orchestrator.hang_up(&self.user, call).await.unwrap();
    }

    /// Whether an agent asks for help.
    pub fn sees_help(&self) -> bool {
        let calls = self.orchestrator.calls(&self.watcher);
        calls.iter().any(|call| call.sight.card.state.help().is_some())
    }

    /// The one call that goes on.
    pub fn only_call(&self) -> CallId {
        let calls = self.orchestrator.calls(&self.watcher);
        assert_eq!(calls.len(), 1);
        calls[0].sight.card.id
    }

    /// Goes through the modes on this call, as the stage wants it.
    pub async fn plays(&self, call: CallId, stage: Stage<'_>) {
        let mut leg = String::new();
        let act = async |act| match act {
            Act::Begin => leg = self.listen(call).await,
            Act::Listen => self.mode(call, &leg, ModeKind::Listen).await,
            Act::Whisper => self.mode(call, &leg, ModeKind::Whisper).await,
            Act::Barge => self.mode(call, &leg, ModeKind::Barge).await,
            Act::TakeOver => self.mode(call, &leg, ModeKind::TakeOver).await,
        };
        stage.plays(act).await;
    }

    /// Begins to listen; the leg's name.
    pub async fn listen(&self, call: CallId) -> String {
        let begun = self.orchestrator.supervise(&self.user, call, self.station, ModeKind::Listen);
        begun.await.unwrap().leg
    }

    /// Supervises no longer.
    pub async fn leave(&self, call: CallId, leg: &str) {
        self.orchestrator.leave(&self.user, call, leg).await.unwrap();
    }

    pub async fn mode(&self, call: CallId, leg: &str, mode: ModeKind) {
        let change = LegChange::Mode { mode, coach: None, announce: true, revision: None };
        let now = self.orchestrator.change_leg(&self.user, call, leg, change).await.unwrap();
        assert_eq!(now.mode, Some(mode));
    }

    /// Waits until no call goes on.
    pub async fn until_no_call(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.orchestrator.calls(&self.watcher).is_empty() {
            assert!(Instant::now() < deadline, "a call goes on");
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn people() -> Provision {
    let person = |username: &str, role, permissions: &[&str], queues: &[&str]| ProvisionedUser {
        username: username.to_owned(),
        name: username.to_owned(),
        role,
        permissions: permissions.iter().map(|it| (*it).to_owned()).collect(),
        teams: vec!["Support".to_owned()],
        queues: queues.iter().map(|it| (*it).to_owned()).collect(),
        disabled: false,
        password: Some(PASSWORD.to_owned()),
    };
    let queue = |key: &str| ProvisionedQueue {
        key: key.to_owned(),
        name: key.to_owned(),
        team: "Support".to_owned(),
        open_to_guests: true,
        wrap_up_codes: None,
        signs: None,
    };
    let supervises = [
        "view_contact_center_dashboard",
        "monitor_live_calls",
        "whisper_live_calls",
        "barge_live_calls",
    ];
    Provision {
        teams: vec!["Support".to_owned()],
        queues: vec![queue("support"), queue("sales")],
        users: vec![
            person("agent", Role::Agent, &["take_calls"], &["support"]),
            person("second", Role::Agent, &["take_calls"], &["support"]),
            person("supervisor", Role::Supervisor, &supervises, &[]),
        ],
    }
}

fn media_config() -> MediaConfig {
    MediaConfig {
        bind: SocketAddr::new(HERE, 0),
        public_address: None,
        workers: 2,
        consent_timeout: Duration::from_secs(30),
        stations_max: 100,
        calls_max: 100,
        call: CallConfig::default(),
        plain: Some(PlainPorts { bind: HERE, public_address: None, ports: 20_000..=21_999 }),
    }
}

fn policies() -> Policies {
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
        call_wait_s: 600,
        conversations_per_agent: 3,
        offer_timeout_s: 30,
        conversation_wait_s: 600,
        handover_wait_s: 60,
        after_call_s: 0,
        messages_per_minute: 60,
    }
}
