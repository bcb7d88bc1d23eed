//! The headset as it is at this moment: a thread that opens devices, sees them vanish, falls back and comes back.
//!
//! Devices are opened and closed here only, because that may block. The decisions are in [`Watch`], which is pure; new
//! ends go to whoever plays and records over a bounded channel, changes are told by [`Change`]s.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::devices::{self, DeviceInfo};
use super::drift::{CaptureEnd, PlaybackEnd};
use super::stream::{self, Running};
use super::{AudioError, DeviceKind};

/// Between two looks at what is plugged in.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A device that would not open is tried again after so many looks.
const RETRY_LOOKS: u32 = 5;

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

/// What became of a device.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Change {
    /// In use: the one wanted, or the default where none was.
    Ready {
        /// Its name.
        name: String,
    },
    /// Another one is in use until the wanted one comes.
    FellBack {
        /// What was wanted or in use.
        wanted: String,
        /// What is used now.
        name: String,
    },
    /// None can be used.
    Missing {
        /// What was wanted, and why nothing else can be used.
        text: String,
    },
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

/// One slot's decisions. Pure: it is told what there is and what happened.
#[derive(Debug)]
struct Watch {
    kind: DeviceKind,
    /// The id in use.
    in_use: Option<String>,
    /// What was said last, so that it is said once.
    told: Option<Change>,
    /// Ids that would not open, and for how many looks they are left alone.
    shunned: Vec<(String, u32)>,
}

impl Watch {
    fn new(kind: DeviceKind) -> Self {
        Self { kind, in_use: None, told: None, shunned: Vec::new() }
    }

    /// A look: the devices to try, in order. `None`: stay with what is in use.
    fn look(
        &mut self,
        devices: &[DeviceInfo],
        wanted: Option<&str>,
        has_failed: bool,
    ) -> Option<Vec<DeviceInfo>> {
        for (_, looks) in &mut self.shunned {
            *looks = looks.saturating_sub(1);
        }
        self.shunned.retain(|(_, looks)| *looks > 0);
        let is_there = |id: &str| devices.iter().any(|device| device.id == id);
        let in_use = self.in_use.clone().filter(|id| is_there(id) && !has_failed);
        if has_failed && let Some(id) = self.in_use.take() {
            self.shun(id);
        }
        let mut order = devices::candidates(devices, self.kind, wanted);
        order.retain(|device| !self.shunned.iter().any(|(id, _)| *id == device.id));
        match in_use {
            // A better one has come, or none is better.
            Some(id) => {
                let best = order.first()?;
                (best.id != id && wanted.is_some_and(|w| is_meant(devices, self.kind, w, best)))
                    .then(|| vec![(*best).clone()])
            }
            None => Some(order.into_iter().cloned().collect()),
        }
    }

    fn shun(&mut self, id: String) {
        self.shunned.push((id, RETRY_LOOKS));
    }

    /// What is in use from now on; what to say about it, if that is news.
    fn settled(
        &mut self,
        now: Option<&DeviceInfo>,
        wanted: Option<&str>,
        is_wanted: bool,
    ) -> Option<Change> {
        self.in_use = now.map(|device| device.id.clone());
        let change = match (now, wanted) {
            (Some(device), Some(wanted)) if !is_wanted => {
                Change::FellBack { wanted: wanted.to_owned(), name: device.name.clone() }
            }
            (Some(device), _) => Change::Ready { name: device.name.clone() },
            (None, None) if self.kind == DeviceKind::Ringer => return None,
            (None, wanted) => Change::Missing { text: missing(self.kind, wanted) },
        };
        if self.told.as_ref() == Some(&change) {
            return None;
        }
        self.told = Some(change.clone());
        Some(change)
    }
}

fn is_meant(devices: &[DeviceInfo], kind: DeviceKind, wanted: &str, device: &DeviceInfo) -> bool {
    devices::named(devices, kind, wanted).is_some_and(|meant| meant.id == device.id)
}

fn missing(kind: DeviceKind, wanted: Option<&str>) -> String {
    let (what, consequence) = match kind {
        DeviceKind::Microphone => ("microphone", "Callers can't hear you."),
        DeviceKind::Speaker => ("speaker", "You can't hear callers."),
        DeviceKind::Ringer => ("ring device", "It rings in the headset only."),
    };
    match wanted {
        Some(wanted) => format!(
            "The {what} {wanted} is not there. {consequence} Plug it in, or choose another one."
        ),
        None => format!("There is no {what} that can be used. {consequence} Plug a headset in."),
    }
}

/// The thread's own.
struct DeviceManager<L> {
    host: cpal::Host,
    listener: L,
    slots: [(Watch, Option<Running>); 3],
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
            let has_failed = running.as_ref().is_some_and(Running::has_failed);
            let Some(order) = watch.look(&devices, wanted, has_failed) else { continue };
            if running.take().is_some() {
                self.listener.end(nothing(watch.kind));
            }
            let mut opened = None;
            for info in &order {
                match open(&self.host, watch.kind, info) {
                    Ok((stream, end)) => {
                        *running = Some(stream);
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
            if let Some(change) = watch.settled(opened, wanted, is_wanted) {
                self.listener.change(watch.kind, change);
            }
        }
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

/// ALSA writes its complaints to the terminal, where a screen may be; errors are told anyway. Done again, it drops what
/// was kept of them.
fn quiet() {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str) -> DeviceInfo {
        DeviceInfo { id: id.to_owned(), name: id.to_uppercase(), hears: true, plays: true }
    }

    fn ids(order: Option<Vec<DeviceInfo>>) -> Option<Vec<String>> {
        order.map(|order| order.into_iter().map(|device| device.id).collect())
    }

    fn settle(watch: &mut Watch, now: &str, is_wanted: bool) -> Option<Change> {
        watch.settled(Some(&device(now)), Some("jabra"), is_wanted)
    }

    #[test]
    fn a_vanished_headset_is_replaced_told_and_taken_back() {
        let (with, without) = ([device("default"), device("jabra")], [device("default")]);
        let mut watch = Watch::new(DeviceKind::Microphone);
        let wanted = Some("jabra");
        assert_eq!(ids(watch.look(&with, wanted, false)).unwrap()[0], "jabra");
        assert_eq!(
            settle(&mut watch, "jabra", true),
            Some(Change::Ready { name: "JABRA".to_owned() })
        );
        assert_eq!(watch.look(&with, wanted, false), None, "nothing to do");

        // Unplugged.
        assert_eq!(ids(watch.look(&without, wanted, true)), Some(vec!["default".to_owned()]));
        let fallen = Change::FellBack { wanted: "jabra".to_owned(), name: "DEFAULT".to_owned() };
        assert_eq!(settle(&mut watch, "default", false), Some(fallen));
        assert_eq!(watch.look(&without, wanted, false), None);

        // Plugged in again: it is given a few seconds to come up.
        let back = (0..2 * RETRY_LOOKS).find_map(|_| ids(watch.look(&with, wanted, false)));
        assert_eq!(back, Some(vec!["jabra".to_owned()]));
        assert_eq!(
            settle(&mut watch, "jabra", true),
            Some(Change::Ready { name: "JABRA".to_owned() })
        );
        assert_eq!(watch.look(&with, wanted, false), None);
    }

    #[test]
    fn what_would_not_open_is_left_alone_for_a_while() {
        let there = [device("default")];
        let mut watch = Watch::new(DeviceKind::Speaker);
        assert!(watch.look(&there, None, false).is_some());
        watch.shun("default".to_owned());
        let missing = watch.settled(None, None, false);
        assert!(matches!(missing, Some(Change::Missing { .. })));
        assert_eq!(ids(watch.look(&there, None, false)), Some(vec![]));
        assert_eq!(watch.settled(None, None, false), None, "said once");
        let again =
            (0..RETRY_LOOKS).find(|_| !ids(watch.look(&there, None, false)).unwrap().is_empty());
        assert!(again.is_some());
    }

    #[test]
    fn a_ring_device_is_optional_and_never_replaced() {
        let mut watch = Watch::new(DeviceKind::Ringer);
        assert_eq!(ids(watch.look(&[device("default")], None, false)), Some(vec![]));
        assert_eq!(watch.settled(None, None, false), None);
        assert_eq!(ids(watch.look(&[device("default")], Some("laptop"), false)), Some(vec![]));
        let change = watch.settled(None, Some("laptop"), false);
        assert!(matches!(change, Some(Change::Missing { text }) if text.contains("laptop")));
    }

    #[test]
    fn a_better_device_that_nobody_asked_for_changes_nothing() {
        let mut watch = Watch::new(DeviceKind::Microphone);
        watch.look(&[device("usb")], None, false);
        watch.settled(Some(&device("usb")), None, true);
        assert_eq!(watch.look(&[device("default"), device("usb")], None, false), None);
    }
}
