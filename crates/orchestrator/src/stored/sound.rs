//! How the sound of a leg came, as it stands in the store.

use interaction::LegSound;
use serde::{Deserialize, Serialize};

/// The version of what is written here.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// The form; see the module.
    version: u32,
    #[serde(flatten)]
    sound: LegSound,
}

/// As it stands in the store.
pub fn json(sound: LegSound) -> String {
    serde_json::to_string(&Kept { version: VERSION, sound }).expect("numbers under text keys")
}

/// What was kept; `None`: not in this form.
pub fn of(json: &str) -> Option<LegSound> {
    let kept: Kept = serde_json::from_str(json).ok()?;
    (kept.version == VERSION).then_some(kept.sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_once_is_read_for_ever() {
        let written = r#"{"version":1,"received_packets":900,"restored_packets":40,
            "lost_packets":60,"late_packets":3,"fec_ms":800,"concealed_ms":460,"delay_ms":42}"#;
        let sound = LegSound {
            received_packets: 900,
            restored_packets: 40,
            lost_packets: 60,
            late_packets: 3,
            fec_ms: 800,
            concealed_ms: 460,
            delay_ms: 42,
        };
        assert_eq!(of(written), Some(sound));
        assert_eq!(of(&json(sound)), Some(sound));
        assert_eq!(of(&json(sound).replace(":1,", ":9,")), None);
        assert_eq!(of("{}"), None);
    }
}
