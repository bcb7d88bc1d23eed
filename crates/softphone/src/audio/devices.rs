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
    /// The system's choice of a microphone.
    pub is_default_microphone: bool,
    /// The system's choice of a speaker.
    pub is_default_speaker: bool,
}

impl DeviceInfo {
    /// Whether it may serve as this.
    pub fn serves(&self, kind: DeviceKind) -> bool {
        match kind {
            DeviceKind::Microphone => self.hears,
            DeviceKind::Speaker | DeviceKind::Ringer => self.plays,
        }
    }

    /// Whether the system chooses it for this; it chooses none to ring.
    pub fn is_default(&self, kind: DeviceKind) -> bool {
        match kind {
            DeviceKind::Microphone => self.is_default_microphone,
            DeviceKind::Speaker => self.is_default_speaker,
            DeviceKind::Ringer => false,
        }
    }

    /// The card that ALSA's id names, such as `CARD=Headset`.
    fn card(&self) -> Option<&str> {
        let parameters = self.id.split_once(':')?.1.split(',');
        parameters.into_iter().find(|parameter| parameter.starts_with("CARD="))
    }

    /// What tells it from another one of the same name.
    fn distinction(&self) -> &str {
        self.card().unwrap_or(&self.id)
    }

    /// Whether `other` is this device under another id, rather than a second one of the same model.
    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.card() == other.card() && {
            // Without a card in it, an id is the device.
            self.card().is_some() || self.id == other.id
        }
    }
}

/// The devices of this moment, each once, the system's default first.
///
/// # Errors
/// [`AudioError::Host`].
pub fn list(host: &cpal::Host) -> Result<Vec<DeviceInfo>, AudioError> {
    let devices = host.devices().map_err(AudioError::Host)?;
    let id_of = |device: cpal::Device| Some(device.id().ok()?.id().to_owned());
    let microphone = host.default_input_device().and_then(id_of);
    let speaker = host.default_output_device().and_then(id_of);
    let infos = devices.filter_map(|device| {
        let id = device.id().ok()?.id().to_owned();
        let name = device.description().ok()?.name().to_owned();
        Some(DeviceInfo {
            is_default_microphone: microphone.as_ref() == Some(&id),
            is_default_speaker: speaker.as_ref() == Some(&id),
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

/// Sorts by what people want, leaves out what is another name of the same, and tells apart what has the same name.
fn for_people(mut infos: Vec<DeviceInfo>) -> Vec<DeviceInfo> {
    infos.retain(|info| {
        info.id != "null" && !HIDDEN.iter().any(|hidden| info.id.starts_with(hidden))
    });
    infos.sort_by_key(|info| {
        let is_default = info.is_default_microphone || info.is_default_speaker;
        let preferred = PREFERRED.iter().position(|first| info.id.starts_with(first));
        (!is_default, preferred.unwrap_or(PREFERRED.len()))
    });
    let mut kept: Vec<DeviceInfo> = Vec::with_capacity(infos.len());
    for info in infos {
        let is_known =
            |k: &DeviceInfo| k.is_same(&info) && k.hears >= info.hears && k.plays >= info.plays;
        if !kept.iter().any(is_known) {
            kept.push(info);
        }
    }
    tell_apart(&mut kept);
    kept
}

/// Two headsets of one model have one name: the first keeps it, so that whoever has asked for it by name gets one.
fn tell_apart(devices: &mut [DeviceInfo]) {
    let names: Vec<String> = devices.iter().map(|device| device.name.clone()).collect();
    for (n, device) in devices.iter_mut().enumerate() {
        if names[..n].contains(&device.name) {
            device.name = format!("{} ({})", device.name, device.distinction());
        }
    }
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
        let others = || devices.iter().filter(|d| d.serves(kind) && Some(*d) != first);
        order.extend(others().filter(|device| device.is_default(kind)));
        order.extend(others().filter(|device| !device.is_default(kind)));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, name: &str, hears: bool, plays: bool) -> DeviceInfo {
        let (id, name) = (id.to_owned(), name.to_owned());
        let (is_default_microphone, is_default_speaker) = (false, false);
        DeviceInfo { id, name, hears, plays, is_default_microphone, is_default_speaker }
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
    fn two_of_one_model_can_both_be_chosen() {
        let twins = for_people(vec![
            device("hw:CARD=Headset,DEV=0", "Jabra Evolve2 65", true, true),
            device("plughw:CARD=Headset,DEV=0", "Jabra Evolve2 65", true, true),
            device("plughw:CARD=Headset_1,DEV=0", "Jabra Evolve2 65", true, true),
            device("sysdefault:CARD=Headset_1", "Jabra Evolve2 65", true, true),
        ]);
        let names: Vec<_> = twins.iter().map(|device| device.name.as_str()).collect();
        assert_eq!(names, ["Jabra Evolve2 65", "Jabra Evolve2 65 (CARD=Headset)"]);
        let id = |wanted| named(&twins, DeviceKind::Speaker, wanted).map(|it| it.id.as_str());
        assert_eq!(id("Jabra Evolve2 65"), Some("sysdefault:CARD=Headset_1"));
        assert_eq!(id("jabra evolve2 65 (card=headset)"), Some("plughw:CARD=Headset,DEV=0"));
        assert_eq!(id("plughw:CARD=Headset,DEV=0"), Some("plughw:CARD=Headset,DEV=0"));
        // Other systems have ids without cards.
        let twins = for_people(vec![
            device("{0.0.1}.{a}", "Headset", true, false),
            device("{0.0.1}.{b}", "Headset", true, false),
        ]);
        assert_eq!(twins.len(), 2);
        assert_eq!(twins[1].name, "Headset ({0.0.1}.{b})");
    }

    #[test]
    fn without_a_wish_the_systems_choice_comes_first() {
        let mut desk = vec![
            device("hdmi-monitor", "Monitor", true, true),
            device("usb", "Headset", true, true),
        ];
        desk[1].is_default_speaker = true;
        let first = |kind, wanted| candidates(&desk, kind, wanted).first().map(|it| it.id.as_str());
        assert_eq!(first(DeviceKind::Speaker, None), Some("usb"));
        assert_eq!(first(DeviceKind::Speaker, Some("gone")), Some("usb"));
        assert_eq!(first(DeviceKind::Speaker, Some("Monitor")), Some("hdmi-monitor"));
        assert_eq!(first(DeviceKind::Microphone, None), Some("hdmi-monitor"));
        assert_eq!(for_people(desk.clone())[0].id, "usb");
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
