//! Which devices there are, and which one is meant. The choice is pure; only [`list`] asks the system.

use cpal::traits::{DeviceTrait, HostTrait};

use super::{AudioError, DeviceKind};

/// ALSA's names for one card are many. These prefixes are what people want, best first; the rest comes after them.
const PREFERRED: [&str; 5] = ["default", "pipewire", "pulse", "sysdefault", "plughw"];
/// Raw or special access to a card that has better names, too.
const HIDDEN: [&str; 10] = [
    "hw:",
    "front:",
    "surround",
    "dmix",
    "dsnoop",
    "iec958",
    "hdmi:",
    "usbstream:",
    "samplerate",
    "speexrate",
];

/// A device as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DeviceInfo {
    /// The system's id, stable: `default`, `plughw:CARD=0,DEV=0`.
    pub id: String,
    /// The name for people: `Jabra Evolve2 65`.
    pub name: String,
    /// May be used as a microphone.
    pub hears: bool,
    /// May be used as a speaker.
    pub plays: bool,
}

impl DeviceInfo {
    /// Whether it may serve as this.
    pub fn serves(&self, kind: DeviceKind) -> bool {
        match kind {
            DeviceKind::Microphone => self.hears,
            DeviceKind::Speaker | DeviceKind::Ringer => self.plays,
        }
    }
}

/// The devices of this moment, one for each name, the system's default first.
///
/// # Errors
/// [`AudioError::Host`].
pub fn list(host: &cpal::Host) -> Result<Vec<DeviceInfo>, AudioError> {
    let devices = host.devices().map_err(AudioError::Host)?;
    let infos = devices.filter_map(|device| {
        let id = device.id().ok()?.id().to_owned();
        let name = device.description().ok()?.name().to_owned();
        Some(DeviceInfo {
            id,
            name,
            hears: device.supports_input(),
            plays: device.supports_output(),
        })
    });
    Ok(for_people(infos.collect()))
}

/// The device with this id.
pub fn find(host: &cpal::Host, id: &str) -> Option<cpal::Device> {
    host.devices().ok()?.find(|device| device.id().is_ok_and(|found| found.id() == id))
}

/// Sorts by what people want, and leaves out what is another name of the same.
fn for_people(mut infos: Vec<DeviceInfo>) -> Vec<DeviceInfo> {
    infos.retain(|info| {
        info.id != "null" && !HIDDEN.iter().any(|hidden| info.id.starts_with(hidden))
    });
    infos.sort_by_key(|info| {
        PREFERRED.iter().position(|first| info.id.starts_with(first)).unwrap_or(PREFERRED.len())
    });
    let mut kept: Vec<DeviceInfo> = Vec::with_capacity(infos.len());
    for info in infos {
        let is_known =
            |k: &DeviceInfo| k.name == info.name && k.hears >= info.hears && k.plays >= info.plays;
        if !kept.iter().any(is_known) {
            kept.push(info);
        }
    }
    kept
}

/// The device meant by what the user wrote: its name or id, or a part of exactly one name.
pub fn named<'a>(
    devices: &'a [DeviceInfo],
    kind: DeviceKind,
    wanted: &str,
) -> Option<&'a DeviceInfo> {
    let wanted = wanted.trim().to_lowercase();
    let serving = || devices.iter().filter(move |device| device.serves(kind));
    let exact =
        serving().find(|d| d.name.to_lowercase() == wanted || d.id.to_lowercase() == wanted);
    exact.or_else(|| {
        let mut partly = serving().filter(|d| d.name.to_lowercase().contains(&wanted));
        let first = partly.next()?;
        partly.next().is_none().then_some(first)
    })
}

/// What to try, in order: the wanted device, then the system's default, then whatever there is.
pub fn candidates<'a>(
    devices: &'a [DeviceInfo],
    kind: DeviceKind,
    wanted: Option<&str>,
) -> Vec<&'a DeviceInfo> {
    let first = wanted.and_then(|wanted| named(devices, kind, wanted));
    let mut order: Vec<&DeviceInfo> = first.into_iter().collect();
    // A ring on just any device would be a surprise to somebody.
    if kind != DeviceKind::Ringer {
        order.extend(devices.iter().filter(|d| d.serves(kind) && Some(*d) != first));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, name: &str, hears: bool, plays: bool) -> DeviceInfo {
        DeviceInfo { id: id.to_owned(), name: name.to_owned(), hears, plays }
    }

    fn desk() -> Vec<DeviceInfo> {
        for_people(vec![
            device("hw:CARD=1,DEV=0", "Jabra Evolve2 65", true, true),
            device("plughw:CARD=1,DEV=0", "Jabra Evolve2 65", true, true),
            device("surround51:CARD=0,DEV=0", "HDA Intel", false, true),
            device("plughw:CARD=0,DEV=0", "HDA Intel", true, true),
            device("sysdefault:CARD=0", "HDA Intel", true, true),
            device("null", "Discard all samples", true, true),
            device("default", "Default Audio Device", true, true),
            device("plughw:CARD=2,DEV=0", "Webcam C920", true, false),
        ])
    }

    #[test]
    fn the_list_is_for_people() {
        let ids: Vec<String> = desk().into_iter().map(|device| device.id).collect();
        let wanted = ["default", "sysdefault:CARD=0", "plughw:CARD=1,DEV=0", "plughw:CARD=2,DEV=0"];
        assert_eq!(ids, wanted);
    }

    #[test]
    fn a_device_is_named_by_name_id_or_an_unmistakable_part() {
        let desk = desk();
        let id =
            |wanted| named(&desk, DeviceKind::Microphone, wanted).map(|device| device.id.as_str());
        assert_eq!(id("jabra evolve2 65"), Some("plughw:CARD=1,DEV=0"));
        assert_eq!(id("sysdefault:card=0"), Some("sysdefault:CARD=0"));
        assert_eq!(id("jabra"), Some("plughw:CARD=1,DEV=0"));
        assert_eq!(id("e"), None, "which one?");
        assert_eq!(id("Plantronics"), None);
        assert!(named(&desk, DeviceKind::Speaker, "webcam").is_none(), "it can't play");
    }

    #[test]
    fn a_missing_device_is_replaced_by_the_default_but_never_for_ringing() {
        let desk = desk();
        let first = |kind, wanted| candidates(&desk, kind, wanted).first().map(|d| d.id.as_str());
        assert_eq!(first(DeviceKind::Microphone, Some("jabra")), Some("plughw:CARD=1,DEV=0"));
        assert_eq!(first(DeviceKind::Microphone, Some("gone")), Some("default"));
        assert_eq!(first(DeviceKind::Speaker, None), Some("default"));
        assert_eq!(first(DeviceKind::Ringer, Some("gone")), None);
        assert_eq!(first(DeviceKind::Ringer, None), None);
        let all = candidates(&desk, DeviceKind::Speaker, Some("jabra"));
        assert_eq!(all.iter().filter(|d| d.name.starts_with("Jabra")).count(), 1);
        assert!(all.iter().all(|device| device.plays));
    }
}
