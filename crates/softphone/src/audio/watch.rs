//! Which device is to be used for one thing at this moment, and what is told of it.
//!
//! Pure: it is told what there is, what the user wants and what happened. Opening and closing is the headset's.

use std::time::{Duration, Instant};

use super::DeviceKind;
use super::devices::{self, DeviceInfo};

/// A device that runs calls back every few milliseconds. One that has not for so long stands still, as some do after a
/// suspend or a hiccup of Bluetooth, without any error.
const STALLED_AFTER: Duration = Duration::from_secs(2);
/// A device that would not open is tried again after so many looks.
const RETRY_LOOKS: u32 = 5;

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

/// What is wrong with a running stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It has broken off.
    Failed,
    /// It stands still.
    Stalled,
    /// It stands still, and has since it was opened.
    NeverRan,
}

/// Whether a stream runs, by the count of its callbacks.
#[derive(Debug)]
pub(super) struct Pulse {
    callbacks: u64,
    since: Instant,
}

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self { callbacks: 0, since: now }
    }

    /// Takes the count of this moment.
    pub(super) fn look(&mut self, now: Instant, callbacks: u64) -> Option<Fault> {
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
pub(super) struct Watch {
    pub(super) kind: DeviceKind,
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
    pub(super) fn new(kind: DeviceKind) -> Self {
        let (in_use, told, default) = (None, None, None);
        Self { kind, in_use, told, shunned: Vec::new(), default, is_reopening: false }
    }

    /// A look: the devices to try, in order. `None`: stay with what is in use.
    pub(super) fn look(
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

    pub(super) fn shun(&mut self, id: String) {
        self.shunned.push((id, RETRY_LOOKS));
    }

    /// What is in use from now on; what to say about it, if that is news.
    pub(super) fn settled(
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

pub(super) fn is_meant(
    devices: &[DeviceInfo],
    kind: DeviceKind,
    wanted: &str,
    device: &DeviceInfo,
) -> bool {
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
