//! When a queue is open: hours of the week in a zone's own time, and days on which it is closed.
//!
//! Pure: the time is an argument. It decides nothing of what goes on already, nor of what staff hand to the queue:
//! only who comes from outside is asked to come again.

use std::collections::BTreeSet;

use interaction::UnixMs;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Spans that a week may have: three a day.
pub const SPANS_MAX: usize = 21;
/// Days on which a queue may be closed.
pub const CLOSED_DAYS_MAX: usize = 100;
const DAY_MIN: u16 = 24 * 60;
/// How far ahead the next opening is looked for, days: beyond, it is not told.
const AHEAD_DAYS: usize = 400;

/// Hours in which a queue takes new calls and conversations. The default: always.
#[derive(Clone, Debug, PartialEq)]
pub struct OpeningHours {
    zone: TimeZone,
    /// In order, none touching another; empty: every hour of the week.
    weekly: Vec<OpenSpan>,
    closed_on: BTreeSet<Date>,
}

/// From when until when it is open on one day of the week, minutes since midnight by the zone's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSpan {
    /// The day.
    pub day: Weekday,
    /// 0–1,439.
    pub from_min: u16,
    /// 1–1,440, after `from_min`; 1,440 is the next midnight.
    pub until_min: u16,
}

/// Whether a queue is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It is.
    Open,
    /// It is not.
    Closed {
        /// When it opens next; `None`: not within a year.
        opens_at: Option<UnixMs>,
    },
}

/// Why something is no opening hours. Its words name the field of the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// The zone is not in the IANA database.
    #[error("`opening_hours.zone`: the name of a time zone, as Europe/Berlin")]
    Zone,
    /// A span that ends before it begins, or on no clock.
    #[error("`opening_hours.weekly`: `from` before `until`, from 00:00 to 24:00")]
    Span,
    /// Two spans of one day have time in common.
    #[error("`opening_hours.weekly`: spans of one day that do not overlap")]
    Overlap,
    /// More spans than a week may have.
    #[error("`opening_hours.weekly`: {SPANS_MAX} spans at most")]
    ManySpans,
    /// A day that is in no calendar.
    #[error("`opening_hours.closed_on`: dates as 2026-12-25")]
    Day,
    /// More days than may be closed.
    #[error("`opening_hours.closed_on`: {CLOSED_DAYS_MAX} days at most")]
    ManyDays,
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Written {
    zone: String,
    /// The day (Monday is 1), from, until.
    weekly: Vec<(i8, u16, u16)>,
    closed_on: Vec<String>,
}

impl Default for OpeningHours {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, weekly: Vec::new(), closed_on: BTreeSet::new() }
    }
}

impl OpeningHours {
    /// Hours in the zone of this name; `closed_on` as `2026-12-25`.
    ///
    /// # Errors
    /// See [`HoursError`].
    pub fn new(
        zone: &str,
        mut weekly: Vec<OpenSpan>,
        closed_on: &[String],
    ) -> Result<Self, HoursError> {
        let zone = TimeZone::get(zone).map_err(|_| HoursError::Zone)?;
        if weekly.len() > SPANS_MAX {
            return Err(HoursError::ManySpans);
        }
        if closed_on.len() > CLOSED_DAYS_MAX {
            return Err(HoursError::ManyDays);
        }
        if !weekly.iter().all(|it| it.from_min < it.until_min && it.until_min <= DAY_MIN) {
            return Err(HoursError::Span);
        }
        weekly.sort_by_key(|it| (it.day.to_monday_one_offset(), it.from_min));
        let overlap =
            |two: &[OpenSpan]| two[0].day == two[1].day && two[1].from_min < two[0].until_min;
        if weekly.windows(2).any(overlap) {
            return Err(HoursError::Overlap);
        }
        let day = |text: &String| text.parse::<Date>().map_err(|_| HoursError::Day);
        let closed_on = closed_on.iter().map(day).collect::<Result<_, _>>()?;
        Ok(Self { zone, weekly, closed_on })
    }

    /// What was kept by [`Self::written`]; empty: the default.
    ///
    /// # Errors
    /// It is of another version, or damaged.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let Written { zone, weekly, closed_on } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let span = |(day, from_min, until_min): (i8, u16, u16)| {
            let day = Weekday::from_monday_one_offset(day).map_err(|error| error.to_string())?;
            Ok(OpenSpan { day, from_min, until_min })
        };
        let weekly = weekly.into_iter().map(span).collect::<Result<_, String>>()?;
        Self::new(&zone, weekly, &closed_on).map_err(|error| error.to_string())
    }

    /// To be kept.
    pub fn written(&self) -> String {
        let span = |it: &OpenSpan| (it.day.to_monday_one_offset(), it.from_min, it.until_min);
        let written = Written {
            zone: self.zone().to_owned(),
            weekly: self.weekly.iter().map(span).collect(),
            closed_on: self.closed_on(),
        };
        serde_json::to_string(&written).expect("numbers and texts are plain JSON")
    }

    /// The zone's name.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// In order; empty: every hour of the week.
    pub fn weekly(&self) -> &[OpenSpan] {
        &self.weekly
    }

    /// The days on which it is closed, as `2026-12-25`, in order.
    pub fn closed_on(&self) -> Vec<String> {
        self.closed_on.iter().map(ToString::to_string).collect()
    }

    /// Whether it is open at this moment, and when it opens otherwise.
    pub fn at(&self, now: UnixMs) -> Opening {
        let Some(at) = timestamp(now) else { return Opening::Open };
        let mut date = at.to_zoned(self.zone.clone()).date();
        for _ in 0..AHEAD_DAYS {
            for (from, until) in self.on(date) {
                if now < until {
                    let is_open = from <= now;
                    return if is_open { Opening::Open } else { closed(Some(from)) };
                }
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        closed(None)
    }

    /// From when until when it is open on this date, in order. A time that the clocks leave out in spring is the
    /// one after it, and one that they show twice in autumn the first.
    fn on(&self, date: Date) -> impl Iterator<Item = (UnixMs, UnixMs)> {
        let is_closed = self.closed_on.contains(&date);
        let whole = OpenSpan { day: date.weekday(), from_min: 0, until_min: DAY_MIN };
        let whole = (self.weekly.is_empty() && !is_closed).then_some(whole);
        let spans = self.weekly.iter().filter(move |it| it.day == date.weekday() && !is_closed);
        spans.copied().chain(whole).filter_map(move |it| {
            Some((self.moment(date, it.from_min)?, self.moment(date, it.until_min)?))
        })
    }

    fn moment(&self, date: Date, minutes: u16) -> Option<UnixMs> {
        let date = if minutes == DAY_MIN { date.tomorrow().ok()? } else { date };
        let minutes =
            i8::try_from(minutes % DAY_MIN / 60).ok().zip(i8::try_from(minutes % 60).ok());
        let (hour, minute) = minutes?;
        let zoned = date.at(hour, minute, 0, 0).to_zoned(self.zone.clone()).ok()?;
        u64::try_from(zoned.timestamp().as_millisecond()).ok().map(UnixMs)
    }
}

fn closed(opens_at: Option<UnixMs>) -> Opening {
    Opening::Closed { opens_at }
}

fn timestamp(at: UnixMs) -> Option<Timestamp> {
    i64::try_from(at.0).ok().and_then(|at| Timestamp::from_millisecond(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(day: Weekday, from: u16, until: u16) -> OpenSpan {
        OpenSpan { day, from_min: from * 60, until_min: until * 60 }
    }

    fn unix(text: &str) -> UnixMs {
        let at: Timestamp = text.parse().unwrap();
        UnixMs(at.as_millisecond().cast_unsigned())
    }

    fn office() -> OpeningHours {
        let days = [Weekday::Monday, Weekday::Tuesday, Weekday::Friday];
        let mut weekly: Vec<OpenSpan> = days.map(|day| span(day, 9, 12)).to_vec();
        weekly.extend(days.map(|day| span(day, 13, 17)));
        OpeningHours::new("Europe/Berlin", weekly, &["2026-12-25".to_owned()]).unwrap()
    }

    #[test]
    fn it_opens_by_the_clocks_of_its_zone() {
        let hours = office();
        // Winter: an hour ahead of UTC. The 30th of November is a Monday.
        for (at, opening) in [
            ("2026-11-30T07:59:59.999Z", closed(Some(unix("2026-11-30T08:00:00Z")))),
            ("2026-11-30T08:00:00Z", Opening::Open),
            ("2026-11-30T10:59:59.999Z", Opening::Open),
            ("2026-11-30T11:00:00Z", closed(Some(unix("2026-11-30T12:00:00Z")))),
            ("2026-11-30T16:00:00Z", closed(Some(unix("2026-12-01T08:00:00Z")))),
            ("2026-12-01T16:00:00Z", closed(Some(unix("2026-12-04T08:00:00Z")))),
            // Summer: two hours ahead.
            ("2026-07-06T06:59:59Z", closed(Some(unix("2026-07-06T07:00:00Z")))),
            ("2026-07-06T07:00:00Z", Opening::Open),
            // The Friday is Christmas Day: the next one is a Monday.
            ("2026-12-24T12:00:00Z", closed(Some(unix("2026-12-28T08:00:00Z")))),
        ] {
            assert_eq!(hours.at(unix(at)), opening, "{at}");
        }
    }

    #[test]
    fn nights_go_on_over_midnight_and_over_a_change_of_the_clocks() {
        let nights = vec![span(Weekday::Saturday, 22, 24), span(Weekday::Sunday, 0, 6)];
        let hours = OpeningHours::new("Europe/Berlin", nights, &[]).unwrap();
        for open in ["2026-10-24T20:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T04:59:59Z"] {
            assert_eq!(hours.at(unix(open)), Opening::Open, "{open}");
        }
        // The clocks go back at three: the night has an hour more.
        let next = closed(Some(unix("2026-10-31T21:00:00Z")));
        assert_eq!(hours.at(unix("2026-10-25T05:00:00Z")), next);
        // In spring half past two is left out: it opens an hour later.
        let early = OpenSpan { day: Weekday::Sunday, from_min: 150, until_min: 300 };
        let hours = OpeningHours::new("Europe/Berlin", vec![early], &[]).unwrap();
        let opens = closed(Some(unix("2026-03-29T01:30:00Z")));
        assert_eq!(hours.at(unix("2026-03-29T00:59:00Z")), opens);
    }

    #[test]
    fn without_hours_it_is_open_but_on_days_that_it_is_closed() {
        let now = unix("2026-12-25T12:00:00Z");
        assert_eq!(OpeningHours::default().at(now), Opening::Open);
        assert_eq!(OpeningHours::default().at(UnixMs(u64::MAX)), Opening::Open);
        let holiday = ["2026-12-25".to_owned()];
        let tokyo = OpeningHours::new("Asia/Tokyo", Vec::new(), &holiday).unwrap();
        assert_eq!(tokyo.at(now), closed(Some(unix("2026-12-25T15:00:00Z"))));
        let days: Vec<String> = (1..=28).map(|day| format!("2027-02-{day:02}")).collect();
        let never = OpeningHours::new("UTC", vec![span(Weekday::Monday, 8, 9)], &days).unwrap();
        let next = closed(Some(unix("2027-03-01T08:00:00Z")));
        assert_eq!(never.at(unix("2027-01-31T12:00:00Z")), next);
    }

    #[test]
    fn what_was_written_is_read_and_what_is_wrong_is_named() {
        for hours in [OpeningHours::default(), office()] {
            assert_eq!(OpeningHours::read(&hours.written()).as_ref(), Ok(&hours));
        }
        assert_eq!(OpeningHours::read(""), Ok(OpeningHours::default()));
        let monday = |from_min, until_min| OpenSpan { day: Weekday::Monday, from_min, until_min };
        let new = |weekly: Vec<OpenSpan>| OpeningHours::new("UTC", weekly, &[]);
        assert_eq!(OpeningHours::new("Mars/Olympus", vec![], &[]), Err(HoursError::Zone));
        for odd in [monday(60, 60), monday(90, 60), monday(0, 1_441)] {
            assert_eq!(new(vec![odd]), Err(HoursError::Span), "{odd:?}");
        }
        assert_eq!(new(vec![monday(0, 90), monday(60, 120)]), Err(HoursError::Overlap));
        assert_eq!(new(vec![monday(0, 1); SPANS_MAX + 1]), Err(HoursError::ManySpans));
        let day = |text: &str| OpeningHours::new("UTC", vec![], &[text.to_owned()]);
        assert_eq!(day("2026-02-30"), Err(HoursError::Day));
        assert!(OpeningHours::read("{}").is_err() && OpeningHours::read(r#"{"zone":1"#).is_err());
    }
}
