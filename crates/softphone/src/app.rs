//! The softphone, put together: phone, line, headset and media. A screen or a script drives it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use codec::CodecError;
use tokio::sync::{mpsc, watch};

use crate::audio::headset::{Change, End, Headset, Listener, Wishes};
use crate::audio::router::Ears;
use crate::audio::{AudioError, DeviceKind};
use crate::line::{Line, LineConfig, LineError, LineEvent};
use crate::media::{Media, MediaStats, Order};
use crate::phone::command::{Action, Command, Note};
use crate::phone::{Input, Phone};
use crate::settings::Settings;

/// Device changes that wait to be told.
const CHANGES_MAX: usize = 32;

/// What a softphone needs to start.
#[derive(Debug, Clone)]
pub struct PhoneConfig {
    /// Where it goes, and whose it is.
    pub line: LineConfig,
    /// The devices.
    pub wishes: Wishes,
    /// How the ears are used.
    pub ears: Ears,
    /// Whether the noise of the room is taken out of the microphone's sound.
    pub suppresses_noise: bool,
    /// Settings to be written once the sign-in has worked and when other devices are chosen, and where.
    pub remember: Option<(PathBuf, Settings)>,
}

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No line to the server.
    #[error(transparent)]
    Line(#[from] LineError),
    /// No audio system.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// No codec.
    #[error("the codec has no memory: {0}")]
    Codec(#[from] CodecError),
    /// What it writes to is gone.
    #[error("can't write: {0}")]
    Output(#[from] std::io::Error),
}

/// A running softphone.
pub struct App {
    phone: Phone,
    line: Line,
    media: Media,
    headset: Arc<Headset>,
    wishes: Wishes,
    remember: Option<(PathBuf, Settings)>,
    orders: mpsc::Sender<Order>,
    stats: watch::Receiver<MediaStats>,
    changes: mpsc::Receiver<(DeviceKind, Change)>,
    has_sound: bool,
    is_echo: bool,
    devices: [Option<Change>; 3],
}

impl App {
    /// Signs in and opens the devices. A missing device does not stop it: it is told.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: PhoneConfig) -> Result<Self, StartError> {
        let media = Media::start(config.ears, config.suppresses_noise)?;
        let line = Line::open(config.line).await?;
        let (tell, changes) = mpsc::channel(CHANGES_MAX);
        let ears = ToMedia { orders: media.orders(), tell };
        let headset = Arc::new(Headset::start(config.wishes.clone(), ears)?);
        let (orders, stats) = (media.orders(), media.stats());
        let app = Self {
            phone: Phone::default(),
            line,
            media,
            headset,
            wishes: config.wishes,
            remember: config.remember,
            orders,
            stats,
            changes,
            has_sound: true,
            is_echo: false,
            devices: [None, None, None],
        };
        app.write_settings();
        Ok(app)
    }

    /// Who is signed in, as a note.
    pub fn signed_in(&self) -> Note {
        Note::SignedIn { name: self.line.user.name.clone(), role: self.line.user.role }
    }

    /// The phone, to be looked at.
    pub fn phone(&self) -> &Phone {
        &self.phone
    }

    /// The figures of this moment.
    pub fn stats(&self) -> MediaStats {
        *self.stats.borrow()
    }

    /// The devices that are wished for.
    pub fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    /// Whether there is a sound connection.
    pub fn has_sound(&self) -> bool {
        self.has_sound
    }

    /// What became of a device.
    pub fn device(&self, kind: DeviceKind) -> Option<&Change> {
        self.devices[kind as usize].as_ref()
    }

    /// Waits until something has happened, and says what there is to tell. Cancel-safe.
    pub async fn next(&mut self) -> Vec<Note> {
        tokio::select! {
            Some(event) = self.line.next() => self.on_line(event).await,
            Some((kind, change)) = self.changes.recv() => {
                let text = in_words(kind, &change);
                self.devices[kind as usize] = Some(change.clone());
                vec![Note::Device { kind, change, text }]
            }
            Ok(()) = self.stats.changed() => self.on_stats().await,
            else => std::future::pending().await,
        }
    }

    /// Does what the user wants. [`Command::Quit`] is the driver's.
    pub async fn command(&mut self, command: Command) -> Vec<Note> {
        match command {
            Command::Devices {} => {
                let headset = self.headset.clone();
                let devices = tokio::task::spawn_blocking(move || headset.devices()).await;
                vec![Note::Devices { devices: devices.unwrap_or_default() }]
            }
            Command::Use { microphone, speaker, ring_device } => {
                let Wishes { microphone: m, speaker: s, ringer: r } = self.wishes.clone();
                self.wishes = Wishes {
                    microphone: microphone.or(m),
                    speaker: speaker.or(s),
                    ringer: ring_device.or(r),
                };
                self.headset.wish(self.wishes.clone());
                if let Some((_, settings)) = &mut self.remember {
                    settings.wish(&self.wishes);
                }
                self.write_settings();
                vec![]
            }
            command => self.input(Input::Command(command)).await,
        }
    }

    /// Leaves what one is on, and signs out.
    pub async fn close(mut self) {
        if self.phone.standing().talk.is_some() {
            self.input(Input::Command(Command::HangUp {})).await;
        }
        if !self.phone.is_supervisor() {
            self.input(Input::Command(Command::NotReady { reason: None })).await;
        }
        let Self { line, headset, media, .. } = self;
        line.close().await;
        // It waits for the devices to close.
        let _ = tokio::task::spawn_blocking(move || drop(headset)).await;
        drop(media);
    }

    async fn on_line(&mut self, event: LineEvent) -> Vec<Note> {
        match event {
            LineEvent::Server(envelope) => self.input(Input::Server(envelope)).await,
            LineEvent::Lost => self.input(Input::Lost).await,
            LineEvent::Done(request) => self.input(Input::Done(request)).await,
            LineEvent::Refused(request, text) => self.input(Input::Refused(request, text)).await,
            LineEvent::Station(station, packets) => {
                self.order(Order::Station(station, packets)).await;
                let mut notes = self.input(Input::Station).await;
                notes.extend(self.sound(true));
                notes
            }
            LineEvent::Sound => self.sound(true).into_iter().collect(),
            LineEvent::NoSound => {
                let mut notes = self.input(Input::NoSound).await;
                notes.extend(self.sound(false));
                notes
            }
            LineEvent::SignedIn => vec![self.signed_in()],
            LineEvent::SignedOut(text) => {
                let mut notes = self.input(Input::Lost).await;
                notes.push(Note::Ended { text });
                notes
            }
        }
    }

    /// Says that there is a sound connection again, or none.
    fn sound(&mut self, up: bool) -> Option<Note> {
        if std::mem::replace(&mut self.has_sound, up) == up {
            return None;
        }
        let text = if up {
            "The sound connection to the server stands again."
        } else {
            "There is no sound connection to the server. Trying again…"
        };
        Some(Note::Sound { up, text: text.to_owned() })
    }

    async fn on_stats(&mut self) -> Vec<Note> {
        let is_echo = self.stats.borrow_and_update().is_echo;
        if is_echo == self.is_echo {
            return vec![];
        }
        self.is_echo = is_echo;
        let mut notes = self.input(Input::Echo(is_echo)).await;
        notes.push(Note::Echo { on: is_echo, text: echo_text(is_echo).to_owned() });
        notes
    }

    async fn input(&mut self, input: Input) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut todo = std::collections::VecDeque::from(self.phone.handle(Instant::now(), input));
        while let Some(action) = todo.pop_front() {
            match action {
                Action::Say(note) => notes.push(note),
                Action::Microphone(is_open) => self.order(Order::Microphone(is_open)).await,
                Action::Ring(is_ringing) => self.order(Order::Ring(is_ringing)).await,
                Action::Coached(is_coached) => self.order(Order::Coached(is_coached)).await,
                Action::NewCall => self.order(Order::NewCall).await,
                Action::Ask(request) => {
                    if let Err(request) = self.line.ask(request) {
                        let text = "The server is slow: too much is waiting. Try again.".to_owned();
                        let input = Input::Refused(request, text);
                        todo.extend(self.phone.handle(Instant::now(), input));
                    }
                }
            }
        }
        notes
    }

    fn write_settings(&self) {
        if let Some((path, settings)) = &self.remember
            && let Err(error) = settings.write(path)
        {
            tracing::warn!(%error, "settings are not remembered");
        }
    }

    async fn order(&self, order: Order) {
        // The media task ends with the program only.
        let _ = self.orders.send(order).await;
    }
}

/// What is said of an echo.
pub fn echo_text(is_echo: bool) -> &'static str {
    if is_echo {
        "Your microphone hears your loudspeaker: the caller could hear a whisper. Put on a headset."
    } else {
        "The echo is gone."
    }
}

/// What is said of a device.
pub fn in_words(kind: DeviceKind, change: &Change) -> String {
    let what = match kind {
        DeviceKind::Microphone => "Microphone",
        DeviceKind::Speaker => "Speaker",
        DeviceKind::Ringer => "Ring device",
    };
    match change {
        Change::Ready { name } => format!("{what}: {name}"),
        Change::NarrowBand { name } => {
            format!("{what}: {name}. It is narrow-band: voices sound as on an old telephone.")
        }
        Change::Reopened { name } => {
            format!("{what}: {name} stood still, so that nothing was heard. It was opened anew.")
        }
        Change::FellBack { wanted, name } => {
            format!("{what}: {wanted} is not there. {name} is used until it comes back.")
        }
        Change::Missing { text } => text.clone(),
    }
}

/// From the headset's thread to the tasks; it never blocks the headset.
struct ToMedia {
    orders: mpsc::Sender<Order>,
    tell: mpsc::Sender<(DeviceKind, Change)>,
}

impl Listener for ToMedia {
    fn end(&mut self, end: End) {
        if self.orders.try_send(Order::End(end)).is_err() {
            tracing::warn!("the media task is not there for a device");
        }
    }

    fn change(&mut self, kind: DeviceKind, change: Change) {
        if self.tell.try_send((kind, change)).is_err() {
            tracing::warn!("a device's change is not told");
        }
    }
}
