//! The headset as it is at this moment: a thread that opens devices, sees them vanish, falls back and comes back.
//!
//! Devices are opened and closed here only, because that may block. The decisions are in [`Watch`], which is pure; new
//! ends go to whoever plays and records over a bounded channel, changes are told by [`Change`]s.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::devices::{self, DeviceInfo};
use super::drift::{CaptureEnd, PlaybackEnd};
use super::stream::{self, Running};
pub use super::watch::Change;
use super::watch::{Fault, Pulse, Watch, is_meant};
use super::{AudioError, DeviceKind};

/// Between two looks at what is plugged in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The devices that the user wants; `None`: the system's default, and no extra ring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The microphone.
    pub microphone: Option<String>,
    /// The speaker.
    pub speaker: Option<String>,
    /// Where it rings, too.
    pub ringer: Option<String>,
}

impl Wishes {
    fn of(&self, kind: DeviceKind) -> Option<&str> {
        match kind {
            DeviceKind::Microphone => self.microphone.as_deref(),
            DeviceKind::Speaker => self.speaker.as_deref(),
            DeviceKind::Ringer => self.ringer.as_deref(),
        }
    }
}

/// A stream's near end, for the media.
pub enum End {
    /// The microphone; `None`: there is none at the moment.
    Capture(Option<Box<CaptureEnd>>),
    /// The speaker.
    Playback(Option<Box<PlaybackEnd>>),
    /// The extra ring.
    Ringer(Option<Box<PlaybackEnd>>),
}

/// What to tell whom.
pub trait Listener: Send + 'static {
    /// A stream begins or ends.
    fn end(&mut self, end: End);
    /// What became of a device.
    fn change(&mut self, kind: DeviceKind, change: Change);
}

/// What can be asked of the headset.
#[derive(Debug)]
enum Order {
    Wish(Wishes),
    List(SyncSender<Vec<DeviceInfo>>),
    Stop,
}

/// The running headset; dropping it closes the devices.
pub struct Headset {
    orders: SyncSender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl Headset {
    /// Opens the devices in a thread of its own.
    ///
    /// # Errors
    /// [`AudioError::Host`].
    pub fn start(wishes: Wishes, listener: impl Listener) -> Result<Self, AudioError> {
        quiet();
        let host = cpal::default_host();
        devices::list(&host)?;
        let (orders, inbox) = std::sync::mpsc::sync_channel(8);
        let thread = std::thread::Builder::new()
            .name("headset".to_owned())
            .spawn(move || DeviceManager::new(host, listener).run(wishes, &inbox))
            .expect("the system has threads");
        Ok(Self { orders, thread: Some(thread) })
    }

    /// Other devices from now on.
    pub fn wish(&self, wishes: Wishes) {
        // It fails only when the thread has ended, with the program.
        let _ = self.orders.send(Order::Wish(wishes));
    }

    /// What there is. Blocks for some milliseconds.
    pub fn devices(&self) -> Vec<DeviceInfo> {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        let _ = self.orders.send(Order::List(reply));
        answer.recv_timeout(LOOK_EVERY * 5).unwrap_or_default()
    }
}

impl Drop for Headset {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's own.
struct DeviceManager<L> {
    host: cpal::Host,
    listener: L,
    slots: [(Watch, Option<(Running, Pulse)>); 3],
}

impl<L: Listener> DeviceManager<L> {
    fn new(host: cpal::Host, listener: L) -> Self {
        let kinds = [DeviceKind::Microphone, DeviceKind::Speaker, DeviceKind::Ringer];
        Self { host, listener, slots: kinds.map(|kind| (Watch::new(kind), None)) }
    }

    fn run(&mut self, mut wishes: Wishes, orders: &Receiver<Order>) {
        loop {
            self.look(&wishes);
            match orders.recv_timeout(LOOK_EVERY) {
                Ok(Order::Wish(new)) => {
                    self.let_go(&wishes, &new);
                    wishes = new;
                }
                Ok(Order::List(reply)) => {
                    // Whoever asked may have lost patience.
                    let _ = reply.try_send(devices::list(&self.host).unwrap_or_default());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// What another device was wished for is closed, so that the next look chooses anew.
    fn let_go(&mut self, old: &Wishes, new: &Wishes) {
        for (watch, running) in &mut self.slots {
            if old.of(watch.kind) != new.of(watch.kind) {
                *running = None;
                *watch = Watch::new(watch.kind);
                self.listener.end(nothing(watch.kind));
            }
        }
    }

    fn look(&mut self, wishes: &Wishes) {
        quiet();
        let devices = match devices::list(&self.host) {
            Ok(devices) => devices,
            Err(error) => {
                tracing::warn!(%error, "listing devices");
                return;
            }
        };
        for (watch, running) in &mut self.slots {
            let wanted = wishes.of(watch.kind);
            let fault = running.as_mut().and_then(|(running, pulse)| {
                let stalled = pulse.look(Instant::now(), running.callbacks());
                if running.has_failed() { Some(Fault::Failed) } else { stalled }
            });
            let Some(order) = watch.look(&devices, wanted, fault) else { continue };
            if let Some((old, _)) = running.take() {
                self.listener.end(nothing(watch.kind));
                close(old, fault);
            }
            let (mut opened, mut is_narrow) = (None, false);
            for info in &order {
                match open(&self.host, watch.kind, info) {
                    Ok((stream, end)) => {
                        is_narrow = stream.is_narrow_band();
                        *running = Some((stream, Pulse::new(Instant::now())));
                        self.listener.end(end);
                        opened = Some(info);
                        break;
                    }
                    Err(error) => {
                        tracing::info!(%error, "opening a device");
                        watch.shun(info.id.clone());
                    }
                }
            }
            let is_wanted = opened.is_some_and(|info| {
                wanted.is_none_or(|wanted| is_meant(&devices, watch.kind, wanted, info))
            });
            if let Some(change) = watch.settled(opened, wanted, is_wanted, is_narrow) {
                self.listener.change(watch.kind, change);
            }
        }
    }
}

/// Closes a stream. One that stands still may never let itself be closed: that must not stop the headset.
fn close(stream: Running, fault: Option<Fault>) {
    match fault {
        Some(Fault::Stalled | Fault::NeverRan) => {
            let closing = std::thread::Builder::new().name("closing".to_owned());
            if let Err(error) = closing.spawn(move || drop(stream)) {
                tracing::warn!(%error, "closing a device that stands still");
            }
        }
        Some(Fault::Failed) | None => drop(stream),
    }
}

fn open(
    host: &cpal::Host,
    kind: DeviceKind,
    info: &DeviceInfo,
) -> Result<(Running, End), AudioError> {
    let device = devices::find(host, &info.id).ok_or(AudioError::None("device of this name"))?;
    match kind {
        DeviceKind::Microphone => stream::open_capture(&device, &info.name)
            .map(|(running, end)| (running, End::Capture(Some(Box::new(end))))),
        DeviceKind::Speaker => stream::open_playback(&device, &info.name)
            .map(|(running, end)| (running, End::Playback(Some(Box::new(end))))),
        DeviceKind::Ringer => stream::open_playback(&device, &info.name)
            .map(|(running, end)| (running, End::Ringer(Some(Box::new(end))))),
    }
}

/// Keeps this thread's ALSA from the terminal: it writes its complaints there, where a screen may be, and errors are
/// told anyway. Done again, it drops what was kept of them.
pub fn quiet() {
    #[cfg(target_os = "linux")]
    if let Err(error) = alsa::Output::local_error_handler() {
        tracing::debug!(%error, "ALSA keeps its messages on the terminal");
    }
}

fn nothing(kind: DeviceKind) -> End {
    match kind {
        DeviceKind::Microphone => End::Capture(None),
        DeviceKind::Speaker => End::Playback(None),
        DeviceKind::Ringer => End::Ringer(None),
    }
}
