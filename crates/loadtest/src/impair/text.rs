//! Impairments as people write them, in scenario files and on the command line.
//!
//! ```text
//! loss=2%, burst=1%x5, delay=80ms, jitter=10ms, reorder=1%, duplicate=0.5%, rebind=20s
//! down.delay=80ms, up.loss=5%
//! caller: loss=2%; supervisor: delay=40ms
//! ```
//!
//! | key | meaning |
//! |---|---|
//! | `loss` | packets lost independently |
//! | `burst=1%x5` | 1 % of the packets fall into bursts of 5 in the mean, and are lost |
//! | `burst-loss` | what share of them is (default 100 %) |
//! | `delay`, `jitter` | every packet's, and what is drawn from 0 to it |
//! | `reorder`, `duplicate` | packets held back behind the next; packets that come twice |
//! | `rebind` | how often the client's address changes, as seen by the server |
//!
//! `up.` means from the client to the server, `down.` the other way; without either it is both.
//! In a TOML file a table of the same keys can stand instead: `{ loss = 0.02, delay = "80ms" }`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::model::{BURST_PACKETS_MAX, Burst, Impairment};
use crate::report::data::Role;
use crate::units::{Raw, Share, parse_time, time_text};

/// No packet is delayed for longer, nor jittered.
pub const DELAY_MAX: Duration = Duration::from_secs(5);
/// The shortest time between two changes of address. ICE needs some seconds to follow with what
/// goes down; with less than that it never does.
pub const REBIND_MIN: Duration = Duration::from_secs(1);

/// The keys, as they are named in errors.
const KEYS: &str = "loss, burst, burst-loss, delay, jitter, reorder, duplicate, rebind";

/// Why a text is no impairment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(String);

/// What one leg's network does.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Profile {
    /// From the client to the server.
    pub up: Impairment,
    /// From the server to the client.
    pub down: Impairment,
    /// How often the address changes from which the server sees the client.
    pub rebind: Option<Duration>,
}

/// What the networks of a run's legs do, by role.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Impairments {
    /// The callers'.
    pub caller: Option<Profile>,
    /// The agents'.
    pub agent: Option<Profile>,
    /// The supervisors'.
    pub supervisor: Option<Profile>,
}

impl Impairments {
    /// The profile of a role's legs.
    pub fn of(&self, role: Role) -> Option<&Profile> {
        match role {
            Role::Caller => self.caller.as_ref(),
            Role::Agent => self.agent.as_ref(),
            Role::Supervisor => self.supervisor.as_ref(),
        }
    }

    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn slot(&mut self, role: &str) -> Option<&mut Option<Profile>> {
        match role {
            "caller" => Some(&mut self.caller),
            "agent" => Some(&mut self.agent),
            "supervisor" => Some(&mut self.supervisor),
            _ => None,
        }
    }

    /// For the roles that have none of their own.
    fn fill(&mut self, profile: Profile) {
        for slot in [&mut self.caller, &mut self.agent, &mut self.supervisor] {
            *slot = slot.or(Some(profile));
        }
    }
}

impl FromStr for Impairments {
    type Err = TextError;

    /// A role that is named has its own profile; `all`, or no name, is for those that are not.
    fn from_str(text: &str) -> Result<Self, TextError> {
        let (mut read, mut all, mut seen) = (Self::default(), None, Vec::new());
        for part in text.split([';', '\n']).map(without_remark).filter(|part| !part.is_empty()) {
            let (role, profile) = part.split_once(':').unwrap_or(("all", part));
            let role = role.trim();
            if seen.contains(&role) {
                return Err(TextError(format!("`{role}` stands twice")));
            }
            seen.push(role);
            let slot = if role == "all" { Some(&mut all) } else { read.slot(role) };
            *slot.ok_or_else(|| unknown_role(role))? = Some(profile.parse()?);
        }
        if let Some(profile) = all {
            read.fill(profile);
        }
        Ok(read)
    }
}

fn unknown_role(role: &str) -> TextError {
    TextError(format!("`{role}` is no role of an impairment: caller, agent, supervisor, all"))
}

fn without_remark(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

impl fmt::Display for Impairments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles =
            [("caller", self.caller), ("agent", self.agent), ("supervisor", self.supervisor)];
        let mut divider = "";
        for (role, profile) in roles {
            if let Some(profile) = profile {
                write!(f, "{divider}{role}: {profile}")?;
                divider = "; ";
            }
        }
        Ok(())
    }
}

impl FromStr for Profile {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let mut profile = Self::default();
        let mut seen = Vec::new();
        for part in text.split([',', '\n']).map(without_remark).filter(|part| !part.is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(TextError(format!("`{part}`: key=value is wanted, of {KEYS}")));
            };
            let key = key.trim();
            if seen.contains(&key) {
                return Err(TextError(format!("`{key}` stands twice")));
            }
            seen.push(key);
            profile.set(key, value.trim())?;
        }
        profile.checked()
    }
}

impl Profile {
    fn set(&mut self, key: &str, value: &str) -> Result<(), TextError> {
        if key == "rebind" {
            // "every 20s" reads well.
            let time = time(key, value.strip_prefix("every ").unwrap_or(value))?;
            if time < REBIND_MIN {
                return Err(TextError(format!("`rebind={value}`: at most once a second")));
            }
            self.rebind = Some(time);
            return Ok(());
        }
        match key.split_once('.') {
            Some(("up", key)) => set(&mut self.up, key, value),
            Some(("down", key)) => set(&mut self.down, key, value),
            Some((other, _)) => {
                Err(TextError(format!("`{other}.` is no direction: up. (to the server) or down.")))
            }
            None => {
                set(&mut self.up, key, value)?;
                set(&mut self.down, key, value)
            }
        }
    }

    fn checked(self) -> Result<Self, TextError> {
        for burst in [self.up.burst, self.down.burst].into_iter().flatten() {
            if burst.packets == 0.0 {
                let message = "`burst-loss` needs bursts: burst=1%x5, say";
                return Err(TextError(message.to_owned()));
            }
        }
        Ok(self)
    }
}

/// No bursts, until they are named.
const NO_BURST: Burst = Burst { share: Share::NONE, packets: 0.0, loss: Share::ALL };

fn set(impairment: &mut Impairment, key: &str, value: &str) -> Result<(), TextError> {
    match key {
        "loss" => impairment.loss = share(key, value)?,
        "delay" => impairment.delay = delay(key, value)?,
        "jitter" => impairment.jitter = delay(key, value)?,
        "reorder" => impairment.reorder = share(key, value)?,
        "duplicate" => impairment.duplicate = share(key, value)?,
        "burst" => {
            let (share, packets) = burst(value)?;
            let bursts = impairment.burst.get_or_insert(NO_BURST);
            (bursts.share, bursts.packets) = (share, packets);
        }
        "burst-loss" | "burst_loss" => {
            impairment.burst.get_or_insert(NO_BURST).loss = share(key, value)?;
        }
        _ => return Err(TextError(format!("`{key}` is no impairment: {KEYS}"))),
    }
    Ok(())
}

fn share(key: &str, value: &str) -> Result<Share, TextError> {
    value.parse().map_err(|error| TextError(format!("{key}: {error}")))
}

fn time(key: &str, value: &str) -> Result<Duration, TextError> {
    parse_time(value).map_err(|error| TextError(format!("{key}: {error}")))
}

fn delay(key: &str, value: &str) -> Result<Duration, TextError> {
    let delay = time(key, value)?;
    if delay > DELAY_MAX {
        return Err(TextError(format!("{key}: at most {}, not {value}", time_text(DELAY_MAX))));
    }
    Ok(delay)
}

/// `1%x5`.
fn burst(value: &str) -> Result<(Share, f64), TextError> {
    let wrong = || {
        TextError(format!(
            "burst: `{value}` is not like 1%x5, 1 % of the packets in bursts of 5 (1 to {BURST_PACKETS_MAX}) in the mean"
        ))
    };
    let (share, packets) = value.split_once('x').ok_or_else(wrong)?;
    let packets: f64 = packets.trim().parse().map_err(|_| wrong())?;
    if !(1.0..=BURST_PACKETS_MAX).contains(&packets) {
        return Err(wrong());
    }
    Ok((share.parse().map_err(|_| wrong())?, packets))
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        if self.up == self.down {
            words.extend(self.up.words(""));
        } else {
            words.extend(self.up.words("up."));
            words.extend(self.down.words("down."));
        }
        words.extend(self.rebind.map(|time| format!("rebind={}", time_text(time))));
        f.write_str(&words.join(", "))
    }
}

impl Impairment {
    fn words(&self, prefix: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |is_on: bool, key: &str, value: String| {
            if is_on {
                words.push(format!("{prefix}{key}={value}"));
            }
        };
        add(self.loss > Share::NONE, "loss", self.loss.to_string());
        if let Some(burst) = self.burst {
            add(true, "burst", format!("{}x{}", burst.share, burst.packets));
            add(burst.loss < Share::ALL, "burst-loss", burst.loss.to_string());
        }
        add(!self.delay.is_zero(), "delay", time_text(self.delay));
        add(!self.jitter.is_zero(), "jitter", time_text(self.jitter));
        add(self.reorder > Share::NONE, "reorder", self.reorder.to_string());
        add(self.duplicate > Share::NONE, "duplicate", self.duplicate.to_string());
        words
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Impairments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Profile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a text or a table of {KEYS}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Profile, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Profile, A::Error> {
                let mut profile = Profile::default();
                while let Some((key, Raw(value))) = map.next_entry::<String, Raw>()? {
                    profile.set(&key, &value).map_err(A::Error::custom)?;
                }
                profile.checked().map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Keys)
    }
}

impl<'de> Deserialize<'de> for Impairments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Roles;
        impl<'de> Visitor<'de> for Roles {
            type Value = Impairments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a table of caller, agent, supervisor, all")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Impairments, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Impairments, A::Error> {
                let mut read = Impairments::default();
                let mut all = None;
                while let Some(role) = map.next_key::<String>()? {
                    if role == "all" {
                        all = Some(map.next_value()?);
                        continue;
                    }
                    *read.slot(&role).ok_or_else(|| A::Error::custom(unknown_role(&role)))? =
                        Some(map.next_value()?);
                }
                if let Some(profile) = all {
                    read.fill(profile);
                }
                Ok(read)
            }
        }
        deserializer.deserialize_any(Roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(text: &str) -> Profile {
        text.parse().unwrap()
    }

    #[test]
    fn everything_can_be_said_and_is_written_back() {
        let text = "loss=2%, burst=1%x5, burst-loss=80%, delay=80ms, jitter=10ms, reorder=1%, \
                    duplicate=0.5%, rebind=20s";
        let read = profile(text);
        assert_eq!(read.to_string(), text);
        assert_eq!(read.up, read.down);
        assert_eq!(read.rebind, Some(Duration::from_secs(20)));
        let burst = read.up.burst.unwrap();
        assert_eq!((burst.packets, burst.loss.to_string()), (5.0, "80%".to_owned()));
        assert_eq!(profile("rebind=every 20s # ICE follows"), profile("rebind=20s"));
        assert_eq!(profile(""), Profile::default());
    }

    #[test]
    fn a_direction_can_be_named() {
        let read = profile("delay=10ms, down.delay=80ms, up.loss=0.05");
        assert_eq!(read.up.delay, Duration::from_millis(10));
        assert_eq!(read.down.delay, Duration::from_millis(80));
        assert_eq!(read.up.loss.get(), 0.05);
        assert_eq!(read.down.loss, Share::NONE);
        assert_eq!(profile(&read.to_string()), read);
    }

    #[test]
    fn a_role_can_be_named() {
        let read: Impairments = "caller: loss=2%; delay=40ms".parse().unwrap();
        assert_eq!(read.of(Role::Caller), Some(&profile("loss=2%")));
        assert_eq!(read.of(Role::Agent), Some(&profile("delay=40ms")));
        assert_eq!(read.supervisor, read.agent);
        assert_eq!(read.to_string().parse(), Ok(read));
        assert_eq!("delay=40ms; caller: loss=2%".parse(), Ok(read));
        let one: Impairments = "supervisor: delay=40ms".parse().unwrap();
        assert_eq!((one.caller, one.agent), (None, None));
        assert!("".parse::<Impairments>().unwrap().is_none());
    }

    #[test]
    fn errors_name_the_key_and_what_is_allowed() {
        for (text, parts) in [
            ("los=2%", ["`los`", "burst-loss"]),
            ("loss=2", ["loss: `2`", "0% to 100%"]),
            ("loss", ["`loss`", "key=value"]),
            ("delay=80", ["delay: `80`", "80ms"]),
            ("delay=6s", ["delay", "at most 5s"]),
            ("burst=5%", ["burst: `5%`", "1%x5"]),
            ("burst=5%x0", ["burst: `5%x0`", "1 to 1000"]),
            ("burst-loss=5%", ["burst-loss", "burst=1%x5"]),
            ("rebind=10ms", ["rebind", "once a second"]),
            ("over.loss=1%", ["`over.`", "down."]),
            ("loss=1%, loss=2%", ["`loss`", "twice"]),
            ("calller: loss=1%", ["`calller`", "supervisor"]),
            ("agent: loss=1%; agent: loss=2%", ["`agent`", "twice"]),
        ] {
            let error = text.parse::<Impairments>().unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
        }
    }

    #[derive(Debug, Deserialize, Serialize)]
    struct File {
        impair: Impairments,
    }

    #[test]
    fn a_table_says_the_same_as_a_text() {
        let read = |text: &str| toml::from_str::<File>(text).map(|file| file.impair);
        let table =
            "[impair.all]\nloss = 0.02\n'down.delay' = '80ms'\n[impair.agent]\nburst = '1%x5'";
        let text = "impair = 'agent: burst=1%x5; loss=2%, down.delay=80ms'";
        assert_eq!(read(table).unwrap(), read(text).unwrap());
        let mixed = "[impair]\nall = 'loss=2%, down.delay=80ms'\nagent = { burst = '1%x5' }";
        assert_eq!(read(mixed).unwrap(), read(text).unwrap());
        let written = toml::to_string(&File { impair: read(text).unwrap() }).unwrap();
        assert_eq!(read(&written).unwrap(), read(text).unwrap());
        let wrong = read("[impair.agent]\nlos = 0.02").unwrap_err().to_string();
        assert!(wrong.contains("`los` is no impairment"), "{wrong}");
        assert!(read("[impair.agents]\nloss = 0.02").unwrap_err().to_string().contains("`agents`"));
    }
}
