//! Times, shares and counts as people write them: `80ms`, `20s-60s`, `2%`, `1-3`.
//!
//! Each has one text form, in scenario files and on the command line, and is written back in it.
//! What is wrong is said with what is allowed. (`humantime` writes `1m 30s`, which a script's
//! spaces would take apart.)

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::{Rng, RngExt};
use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize};

/// No time here is longer: a day.
pub const TIME_MAX: Duration = Duration::from_hours(24);

/// Why a text is no time, share or count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnitError(String);

fn wrong(text: &str, wanted: &str) -> UnitError {
    UnitError(format!("`{text}` is not {wanted}"))
}

/// A time: `500ms`, `30s`, `2m`, `1.5h`.
///
/// # Errors
/// No number, no unit, or longer than [`TIME_MAX`].
pub fn parse_time(text: &str) -> Result<Duration, UnitError> {
    const WANTED: &str = "a time, such as 80ms, 30s, 2m or 1h (at most 24h)";
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_alphabetic());
    let number: f64 = digits.trim_end().parse().map_err(|_| wrong(text, WANTED))?;
    let unit_s = match &text[digits.len()..] {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong(text, WANTED)),
    };
    Duration::try_from_secs_f64(number * unit_s)
        .ok()
        .filter(|time| *time <= TIME_MAX)
        .ok_or_else(|| wrong(text, WANTED))
}

/// The time as [`parse_time`] reads it.
pub fn time_text(time: Duration) -> String {
    let micros = time.as_micros();
    if micros.is_multiple_of(1_000_000) {
        format!("{}s", micros / 1_000_000)
    } else if micros.is_multiple_of(1000) {
        format!("{}ms", micros / 1000)
    } else {
        format!("{micros}us")
    }
}

/// A time that is fixed, or drawn anew each time from a range: `30s`, `20s-60s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Raw", into = "String")]
pub struct Span {
    /// The shortest.
    pub min: Duration,
    /// The longest; the same if it is fixed.
    pub max: Duration,
}

impl Span {
    /// Always the same.
    pub const fn fixed(time: Duration) -> Self {
        Self { min: time, max: time }
    }

    /// A whole number of seconds to another.
    pub const fn seconds(min: u64, max: u64) -> Self {
        Self { min: Duration::from_secs(min), max: Duration::from_secs(max) }
    }

    /// One of them, all alike probable.
    pub fn draw(self, random: &mut impl Rng) -> Duration {
        random.random_range(self.min..=self.max)
    }
}

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let Some((min, max)) = text.split_once('-') else {
            return parse_time(text).map(Self::fixed);
        };
        // `20-60s` means seconds both.
        let unit = max.trim().trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let has_unit = min.trim().ends_with(|c: char| c.is_alphabetic());
        let min = if has_unit { parse_time(min)? } else { parse_time(&format!("{min}{unit}"))? };
        let max = parse_time(max)?;
        if min > max {
            return Err(wrong(text, "a range from the shorter to the longer, such as 20s-60s"));
        }
        Ok(Self { min, max })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&time_text(self.min))?;
        if self.min < self.max { write!(f, "-{}", time_text(self.max)) } else { Ok(()) }
    }
}

/// A part of a whole, 0 to 1: `2%`, or `0.02`.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Deserialize, Serialize)]
#[serde(try_from = "Raw", into = "String")]
pub struct Share(f64);

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0.0);
    /// Everything.
    pub const ALL: Self = Self(1.0);

    /// `None` outside 0 to 1.
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Whether it is one of these. Always takes one value from `random`.
    pub fn draw(self, random: &mut impl Rng) -> bool {
        random.random::<f64>() < self.0
    }
}

impl FromStr for Share {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let text = text.trim();
        let (number, unit) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), 0.01),
            None => (text, 1.0),
        };
        let share = number.parse().ok().and_then(|number: f64| Self::new(number * unit));
        share.ok_or_else(|| wrong(text, "a share from 0% to 100% (or from 0.0 to 1.0)"))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ten digits bring every share back that somebody wrote with fewer.
        write!(f, "{}%", (self.0 * 1e12).round() / 1e10)
    }
}

/// A number that is fixed, or drawn anew each time from a range: `2`, `1-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Raw", into = "String")]
pub struct Count {
    /// The lowest.
    pub min: usize,
    /// The highest; the same if it is fixed.
    pub max: usize,
}

impl Count {
    /// Always the same.
    pub const fn fixed(count: usize) -> Self {
        Self { min: count, max: count }
    }

    /// One of them, all alike probable.
    pub fn draw(self, random: &mut impl Rng) -> usize {
        random.random_range(self.min..=self.max)
    }
}

impl FromStr for Count {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (min, max) = text.split_once('-').unwrap_or((text, text));
        match (min.trim().parse(), max.trim().parse()) {
            (Ok(min), Ok(max)) if min <= max => Ok(Self { min, max }),
            _ => Err(wrong(text.trim(), "a number or a range, such as 2 or 1-3")),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.min)?;
        if self.min < self.max { write!(f, "-{}", self.max) } else { Ok(()) }
    }
}

/// A value of a scenario file before its meaning is known: a text, or a number as its text.
#[derive(Debug, Clone)]
pub(crate) struct Raw(pub(crate) String);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a number")
            }

            fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
                Ok(Raw(text.to_owned()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
                Ok(Raw(number.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
                Ok(Raw(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
                Ok(Raw(number.to_string()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

macro_rules! from_text {
    ($($type:ty),*) => {$(
        impl TryFrom<Raw> for $type {
            type Error = <$type as FromStr>::Err;

            fn try_from(Raw(text): Raw) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    )*};
}
pub(crate) use from_text;

from_text!(Span, Share, Count);

/// [`Duration`] fields, by `#[serde(with)]`.
pub(crate) mod time {
    use super::*;

    pub(crate) fn serialize<S: serde::Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time_text(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        parse_time(&Raw::deserialize(deserializer)?.0).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_back() {
        for (text, millis, back) in [
            ("80ms", 80, "80ms"),
            (" 30 s ", 30_000, "30s"),
            ("1.5s", 1500, "1500ms"),
            ("2m", 120_000, "120s"),
            ("0s", 0, "0s"),
            ("24h", 86_400_000, "86400s"),
        ] {
            let time = parse_time(text).unwrap();
            assert_eq!(time, Duration::from_millis(millis), "{text}");
            assert_eq!(time_text(time), back);
        }
        assert_eq!(time_text(parse_time("2.5ms").unwrap()), "2500us");
        for text in ["", "80", "ms", "-3s", "25h", "5 parsecs", "NaNs", "infs", "1e99s", "30sä"] {
            let error = parse_time(text).unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")) && error.contains("80ms"), "{error}");
        }
    }

    #[test]
    fn ranges_are_read_and_written_back() {
        assert_eq!("20s-60s".parse(), Ok(Span::seconds(20, 60)));
        assert_eq!("20 - 60s".parse(), Ok(Span::seconds(20, 60)));
        assert_eq!(Span::seconds(20, 60).to_string(), "20s-60s");
        assert_eq!(Span::seconds(20, 20).to_string(), "20s");
        assert!("60s-20s".parse::<Span>().is_err());
        assert!("-20s".parse::<Span>().is_err());
        assert_eq!("1-3".parse(), Ok(Count { min: 1, max: 3 }));
        assert_eq!("2".parse::<Count>().unwrap().to_string(), "2");
        assert!("3-1".parse::<Count>().is_err());
        assert!("two".parse::<Count>().is_err());
    }

    #[test]
    fn shares_are_read_and_written_back() {
        for (text, share, back) in
            [("2%", 0.02, "2%"), ("0.5 %", 0.005, "0.5%"), ("0.3", 0.3, "30%"), ("1", 1.0, "100%")]
        {
            let read: Share = text.parse().unwrap();
            assert!((read.get() - share).abs() < 1e-12, "{text}");
            assert_eq!(read.to_string(), back);
            assert_eq!(back.parse(), Ok(read));
        }
        for text in ["2", "101%", "-1%", "half", "NaN", ""] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
