//! A reader's clock: by the name of a zone, which knows when summer time begins, or by one offset.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::{Kind, Problem};

/// How far a clock on earth may be from UTC, minutes.
const OFFSET_MINUTES_MAX: i64 = 14 * 60;
const DAY_MS: i64 = 86_400_000;

/// A clock that a reader looks at.
#[derive(Clone, Debug)]
pub struct Clock(TimeZone);

/// A span of time in which a clock is equally far from UTC throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its beginning, Unix ms.
    pub from: u64,
    /// Its end, Unix ms; it is not part of it.
    pub until: u64,
    /// To be added to UTC, ms.
    pub offset_ms: i64,
}

impl Clock {
    /// One that shows UTC.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// That of a zone, by its name in the IANA database: `Asia/Tokyo`.
    pub fn of_zone(name: &str) -> Result<Self, Problem> {
        let zone = TimeZone::get(name).map_err(|_| {
            let detail = "`zone` must be the name of a time zone, as Europe/Berlin or UTC.";
            Problem::new(Kind::BadInput, detail)
        })?;
        Ok(Self(zone))
    }

    /// What a reader asks for: a zone, or so many minutes before UTC, whatever the season; UTC, if neither.
    ///
    /// # Errors
    /// Both, or something that is no clock on earth.
    pub fn asked(zone: Option<&str>, offset_min: Option<i64>) -> Result<Self, Problem> {
        match (zone, offset_min) {
            (None, None) => Ok(Self::utc()),
            (Some(zone), None) => Self::of_zone(zone),
            (None, Some(minutes)) => Self::of_offset(minutes),
            (Some(_), Some(_)) => {
                let detail = "Send `zone` or `offset_min`, and not both.";
                Err(Problem::new(Kind::BadInput, detail))
            }
        }
    }

    /// The zone that it is of.
    pub fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// One that is always so many minutes before UTC.
    pub fn of_offset(minutes: i64) -> Result<Self, Problem> {
        let allowed = (-OFFSET_MINUTES_MAX..=OFFSET_MINUTES_MAX).contains(&minutes);
        let seconds = i32::try_from(minutes.saturating_mul(60)).ok().filter(|_| allowed);
        let offset = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok());
        let offset = offset.ok_or_else(|| {
            Problem::new(
                Kind::BadInput,
                format!("`offset_min` must be from -{OFFSET_MINUTES_MAX} to {OFFSET_MINUTES_MAX}."),
            )
        })?;
        Ok(Self(TimeZone::fixed(offset)))
    }

    /// The zone's name, and how far it is from UTC at this moment: `Asia/Tokyo (UTC+09:00)`.
    pub fn name(&self, at: u64) -> String {
        let offset = self.shown(at, "UTC%:z");
        match self.0.iana_name() {
            Some("UTC") => "UTC".to_owned(),
            Some(name) => format!("{name} ({offset})"),
            None => offset,
        }
    }

    /// As `2026-11-21 15:08:35`.
    pub fn time(&self, at: u64) -> String {
        self.shown(at, "%F %T")
    }

    /// As `2026-11-21T15:08:35+09:00` (RFC 3339).
    pub fn moment(&self, at: u64) -> String {
        self.shown(at, "%FT%T%:z")
    }

    /// As `2026-11-21T1508+0900`, for the name of a file.
    pub fn file_time(&self, at: u64) -> String {
        self.shown(at, "%FT%H%M%z")
    }

    /// The date, as `2026-11-21`.
    pub fn date(&self, at: u64) -> String {
        self.shown(at, "%F")
    }

    /// When the day began whose noon is the nearest to this count of days since 1970, Unix ms.
    pub fn day_begins(&self, day: i64) -> i64 {
        // Noon is on the same day wherever one is told about; midnight may not exist at all.
        let noon = Timestamp::from_millisecond(day * DAY_MS + DAY_MS / 2).unwrap_or_default();
        let date = TimeZone::UTC.to_datetime(noon).date();
        let begins = date.to_zoned(self.0.clone());
        begins.map_or(day * DAY_MS, |it| it.timestamp().as_millisecond())
    }

    /// The span, cut where the clock is changed.
    pub fn stretches(&self, from: u64, until: u64) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        let mut begin = from;
        for change in self.0.following(timestamp(from)) {
            let at = u64::try_from(change.timestamp().as_millisecond()).unwrap_or_default();
            if at >= until {
                break;
            }
            stretches.push(self.stretch(begin, at));
            begin = at;
        }
        stretches.push(self.stretch(begin, until));
        stretches
    }

    fn stretch(&self, from: u64, until: u64) -> Stretch {
        let offset = self.0.to_offset(timestamp(from));
        Stretch { from, until, offset_ms: i64::from(offset.seconds()) * 1_000 }
    }

    fn shown(&self, at: u64, format: &str) -> String {
        timestamp(at).to_zoned(self.0.clone()).strftime(format).to_string()
    }
}

/// What is after all times that can be written is the last of them.
fn timestamp(at: u64) -> Timestamp {
    let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    at.unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-29 20:42:05 UTC.
    const AT: u64 = 1_795_984_925_000;

    #[test]
    fn a_time_is_the_readers() {
        let tokyo = Clock::of_zone("Asia/Tokyo").unwrap();
        assert_eq!(tokyo.time(AT), "2026-11-30 05:42:05");
        assert_eq!(tokyo.file_time(AT), "2026-11-30T0542+0900");
        assert_eq!(tokyo.name(AT), "Asia/Tokyo (UTC+09:00)");
        assert_eq!(tokyo.moment(AT), "2026-11-30T05:42:05+09:00");
        assert_eq!(Clock::utc().name(AT), "UTC");
        assert_eq!(Clock::utc().time(AT), "2026-11-29 20:42:05");
        let newfoundland = Clock::of_offset(-210).unwrap();
        assert_eq!(newfoundland.name(AT), "UTC-03:30");
        assert_eq!(newfoundland.date(AT), "2026-11-29");
        assert_eq!(newfoundland.moment(AT), "2026-11-29T17:12:05-03:30");
        assert_eq!(Clock::utc().date(u64::MAX), "9999-12-30", "the last one");
        for wrong in ["", "Mars/Olympus", "../etc/passwd"] {
            assert!(Clock::of_zone(wrong).is_err(), "{wrong}");
        }
        assert!(Clock::of_offset(9_000).is_err() && Clock::of_offset(i64::MIN).is_err());
        assert!(Clock::asked(Some("UTC"), Some(0)).is_err(), "one of the two");
        assert!(Clock::asked(Some("Europe/Berlin"), None).is_ok());
        assert_eq!(Clock::asked(None, Some(540)).unwrap().name(AT), "UTC+09:00");
        assert_eq!(Clock::asked(None, None).unwrap().name(AT), "UTC");
    }

    #[test]
    fn days_begin_at_midnight_before_and_after_a_change_of_the_clock() {
        let berlin = Clock::of_zone("Europe/Berlin").unwrap();
        let midnight = |day: i64| berlin.time(berlin.day_begins(day).cast_unsigned());
        // 2026-10-24 to 26; the clock goes back on the 25th at 03:00.
        let days = [20_750, 20_751, 20_752].map(midnight);
        assert_eq!(days, ["2026-10-24 00:00:00", "2026-10-25 00:00:00", "2026-10-26 00:00:00"]);
        let day = |day: i64| (day * DAY_MS).cast_unsigned();
        let stretches = berlin.stretches(day(20_740), day(20_760));
        let change = day(20_751) + 3_600_000;
        assert_eq!(
            stretches,
            [
                Stretch { from: day(20_740), until: change, offset_ms: 7_200_000 },
                Stretch { from: change, until: day(20_760), offset_ms: 3_600_000 },
            ]
        );
        assert_eq!(Clock::of_offset(540).unwrap().stretches(0, 9).len(), 1);
    }
}
