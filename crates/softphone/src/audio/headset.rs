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
use super::{AudioError, DeviceKind};

/// Between two looks at what is plugged in.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A device that runs calls back every few milliseconds. One that has not for so long stands still, as some do after a
/// suspend or a hiccup of Bluetooth, without any error.
const STALLED_AFTER: Duration = Duration::from_secs(2);
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
    /// In use, as for [`Change::Ready`], but at a telephone's rate: it offers no better one.
    NarrowBand {
        /// Its name.
        name: String,
    },
    /// In use again: it stood still without an error and was opened anew.
    Reopened {
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

/// What is wrong with a running stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It has broken off.
    Failed,
    /// It stands still.
    Stalled,
    /// It stands still, and has since it was opened.
    NeverRan,
}

/// Whether a stream runs, by the count of its callbacks.
#[derive(Debug)]
struct Pulse {
    callbacks: u64,
    since: Instant,
}

impl Pulse {
    fn new(now: Instant) -> Self {
        Self { callbacks: 0, since: now }
    }

    /// Takes the count of this moment.
    fn look(&mut self, now: Instant, callbacks: u64) -> Option<Fault> {
        if callbacks != self.callbacks {
            *self = Self { callbacks, since: now };
        }
        let is_late = now.saturating_duration_since(self.since) >= STALLED_AFTER;
        let fault = if callbacks == 0 { Fault::NeverRan } else { Fault::Stalled };
        is_late.then_some(fault)
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
    /// The system's choice at the last look.
    default: Option<String>,
    /// The device stood still and is being opened anew.
    is_reopening: bool,
}

impl Watch {
    fn new(kind: DeviceKind) -> Self {
        let (in_use, told, default) = (None, None, None);
        Self { kind, in_use, told, shunned: Vec::new(), default, is_reopening: false }
    }

    /// A look: the devices to try, in order. `None`: stay with what is in use.
    fn look(
        &mut self,
        devices: &[DeviceInfo],
        wanted: Option<&str>,
        fault: Option<Fault>,
    ) -> Option<Vec<DeviceInfo>> {
        for (_, looks) in &mut self.shunned {
            *looks = looks.saturating_sub(1);
        }
        self.shunned.retain(|(_, looks)| *looks > 0);
        let is_there = |id: &str| devices.iter().any(|device| device.id == id);
        let in_use = self.in_use.clone().filter(|id| is_there(id) && fault.is_none());
        match (fault, &self.in_use) {
            (Some(Fault::Failed | Fault::NeverRan), Some(id)) => self.shun(id.clone()),
            (Some(Fault::Stalled), Some(_)) => (self.is_reopening, self.told) = (true, None),
            (None, _) | (_, None) => {}
        }
        if fault.is_some() {
            self.in_use = None;
        }
        let default = devices.iter().find(|it| it.is_default(self.kind) && it.serves(self.kind));
        let default = default.map(|device| device.id.clone());
        let before = std::mem::replace(&mut self.default, default.clone());
        // Whoever has wished for nothing follows the system: it may have changed its choice.
        let has_moved = wanted.is_none() && before.is_some() && before != default;
        let mut order = devices::candidates(devices, self.kind, wanted);
        order.retain(|device| !self.shunned.iter().any(|(id, _)| *id == device.id));
        match in_use {
            // A better one has come, or none is better.
            Some(id) => {
                let best = order.first()?;
                let is_better = wanted.is_some_and(|w| is_meant(devices, self.kind, w, best))
                    || has_moved && best.is_default(self.kind);
                (best.id != id && is_better).then(|| vec![(*best).clone()])
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
        is_narrow: bool,
    ) -> Option<Change> {
        self.in_use = now.map(|device| device.id.clone());
        let is_reopened = std::mem::take(&mut self.is_reopening);
        let change = match (now, wanted) {
            (Some(device), Some(wanted)) if !is_wanted => {
                Change::FellBack { wanted: wanted.to_owned(), name: device.name.clone() }
            }
            (Some(device), _) if is_reopened => Change::Reopened { name: device.name.clone() },
            (Some(device), _) if is_narrow => Change::NarrowBand { name: device.name.clone() },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str) -> DeviceInfo {
        DeviceInfo {
            id: id.to_owned(),
            name: id.to_uppercase(),
            hears: true,
            plays: true,
            is_default_microphone: false,
            is_default_speaker: false,
        }
    }

    fn ids(order: Option<Vec<DeviceInfo>>) -> Option<Vec<String>> {
        order.map(|order| order.into_iter().map(|device| device.id).collect())
    }

    fn settle(watch: &mut Watch, now: &str, is_wanted: bool) -> Option<Change> {
        watch.settled(Some(&device(now)), Some("jabra"), is_wanted, false)
    }

    #[test]
    fn a_vanished_headset_is_replaced_told_and_taken_back() {
        let (with, without) = ([device("default"), device("jabra")], [device("default")]);
        let mut watch = Watch::new(DeviceKind::Microphone);
        let wanted = Some("jabra");
        assert_eq!(ids(watch.look(&with, wanted, None)).unwrap()[0], "jabra");
        assert_eq!(
            settle(&mut watch, "jabra", true),
            Some(Change::Ready { name: "JABRA".to_owned() })
        );
        assert_eq!(watch.look(&with, wanted, None), None, "nothing to do");

        // Unplugged.
        assert_eq!(
            ids(watch.look(&without, wanted, Some(Fault::Failed))),
            Some(vec!["default".to_owned()])
        );
        let fallen = Change::FellBack { wanted: "jabra".to_owned(), name: "DEFAULT".to_owned() };
        assert_eq!(settle(&mut watch, "default", false), Some(fallen));
        assert_eq!(watch.look(&without, wanted, None), None);

        // Plugged in again: it is given a few seconds to come up.
        let back = (0..2 * RETRY_LOOKS).find_map(|_| ids(watch.look(&with, wanted, None)));
        assert_eq!(back, Some(vec!["jabra".to_owned()]));
        assert_eq!(
            settle(&mut watch, "jabra", true),
            Some(Change::Ready { name: "JABRA".to_owned() })
        );
        assert_eq!(watch.look(&with, wanted, None), None);
    }

    #[test]
    fn what_would_not_open_is_left_alone_for_a_while() {
        let there = [device("default")];
        let mut watch = Watch::new(DeviceKind::Speaker);
        assert!(watch.look(&there, None, None).is_some());
        watch.shun("default".to_owned());
        let missing = watch.settled(None, None, false, false);
        assert!(matches!(missing, Some(Change::Missing { .. })));
        assert_eq!(ids(watch.look(&there, None, None)), Some(vec![]));
        assert_eq!(watch.settled(None, None, false, false), None, "said once");
        let again =
            (0..RETRY_LOOKS).find(|_| !ids(watch.look(&there, None, None)).unwrap().is_empty());
        assert!(again.is_some());
    }

    #[test]
    fn a_ring_device_is_optional_and_never_replaced() {
        let mut watch = Watch::new(DeviceKind::Ringer);
        assert_eq!(ids(watch.look(&[device("default")], None, None)), Some(vec![]));
        assert_eq!(watch.settled(None, None, false, false), None);
        assert_eq!(ids(watch.look(&[device("default")], Some("laptop"), None)), Some(vec![]));
        let change = watch.settled(None, Some("laptop"), false, false);
        assert!(matches!(change, Some(Change::Missing { text }) if text.contains("laptop")));
    }

    #[test]
    fn a_better_device_that_nobody_asked_for_changes_nothing() {
        let mut watch = Watch::new(DeviceKind::Microphone);
        watch.look(&[device("usb")], None, None);
        watch.settled(Some(&device("usb")), None, true, false);
        assert_eq!(watch.look(&[device("default"), device("usb")], None, None), None);
    }

    #[test]
    fn a_device_that_stands_still_is_noticed_within_three_seconds() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut pulse = Pulse::new(start);
        assert_eq!(pulse.look(at(1_000), 100), None);
        assert_eq!(pulse.look(at(2_000), 200), None);
        assert_eq!(pulse.look(at(3_000), 200), None);
        assert_eq!(pulse.look(at(4_000), 200), Some(Fault::Stalled));
        let mut dead = Pulse::new(start);
        assert_eq!(dead.look(at(1_000), 0), None);
        assert_eq!(dead.look(at(2_000), 0), Some(Fault::NeverRan));
    }

    #[test]
    fn a_device_that_stands_still_is_opened_anew_and_given_up_if_that_does_not_help() {
        let there = [device("default"), device("jabra")];
        let mut watch = Watch::new(DeviceKind::Microphone);
        let wanted = Some("jabra");
        watch.look(&there, wanted, None);
        settle(&mut watch, "jabra", true);
        for _ in 0..2 {
            let order = ids(watch.look(&there, wanted, Some(Fault::Stalled))).unwrap();
            assert_eq!(order[0], "jabra");
            let told = settle(&mut watch, "jabra", true);
            assert_eq!(told, Some(Change::Reopened { name: "JABRA".to_owned() }));
        }
        let order = ids(watch.look(&there, wanted, Some(Fault::NeverRan))).unwrap();
        assert_eq!(order, ["default"]);
        assert!(matches!(settle(&mut watch, "default", false), Some(Change::FellBack { .. })));
    }

    #[test]
    fn whoever_wished_for_nothing_follows_the_system() {
        let mut there = [device("monitor"), device("usb"), device("headset")];
        there[1].is_default_speaker = true;
        let mut watch = Watch::new(DeviceKind::Speaker);
        assert_eq!(ids(watch.look(&there, None, None)).unwrap()[0], "usb");
        watch.settled(Some(&there[1]), None, true, false);
        assert_eq!(watch.look(&there, None, None), None);
        (there[1].is_default_speaker, there[2].is_default_speaker) = (false, true);
        assert_eq!(ids(watch.look(&there, None, None)), Some(vec!["headset".to_owned()]));
        watch.settled(Some(&there[2]), None, true, false);
        assert_eq!(watch.look(&there, None, None), None);
        // Whoever has wished does not.
        let mut watch = Watch::new(DeviceKind::Speaker);
        watch.look(&there, Some("usb"), None);
        watch.settled(Some(&there[1]), Some("usb"), true, false);
        (there[0].is_default_speaker, there[2].is_default_speaker) = (true, false);
        assert_eq!(watch.look(&there, Some("usb"), None), None);
    }

    #[test]
    fn a_telephones_rate_is_told() {
        let mut watch = Watch::new(DeviceKind::Microphone);
        let change = watch.settled(Some(&device("cvsd")), None, true, true);
        assert_eq!(change, Some(Change::NarrowBand { name: "CVSD".to_owned() }));
    }
}
