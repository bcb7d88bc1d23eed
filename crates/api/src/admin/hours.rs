//! A queue's opening hours, between the API's words and the rule.

use jiff::civil;
use orchestrator::opening::{self, HoursError};
use wire::{OpenSpan, OpeningHours, Weekday};

use crate::{Kind, Problem};

const DAYS: [(Weekday, civil::Weekday); 7] = [
    (Weekday::Mon, civil::Weekday::Monday),
    (Weekday::Tue, civil::Weekday::Tuesday),
    (Weekday::Wed, civil::Weekday::Wednesday),
    (Weekday::Thu, civil::Weekday::Thursday),
    (Weekday::Fri, civil::Weekday::Friday),
    (Weekday::Sat, civil::Weekday::Saturday),
    (Weekday::Sun, civil::Weekday::Sunday),
];

/// The rule that these words are.
pub(super) fn checked(hours: &OpeningHours) -> Result<opening::OpeningHours, Problem> {
    let span = |it: &OpenSpan| {
        let (from_min, until_min) = minutes(&it.from).zip(minutes(&it.until))?;
        let day = DAYS.iter().find(|(day, _)| *day == it.day)?.1;
        Some(opening::OpenSpan { day, from_min, until_min })
    };
    let weekly: Option<Vec<opening::OpenSpan>> = hours.weekly.iter().map(span).collect();
    let weekly = weekly.ok_or_else(|| refused(&HoursError::Span))?;
    opening::OpeningHours::new(&hours.zone, weekly, &hours.closed_on)
        .map_err(|error| refused(&error))
}

/// The words for a rule.
pub(super) fn view(hours: &opening::OpeningHours) -> OpeningHours {
    let span = |it: &opening::OpenSpan| {
        let (day, _) = DAYS.iter().find(|(_, day)| *day == it.day)?;
        Some(OpenSpan { day: *day, from: clock(it.from_min), until: clock(it.until_min) })
    };
    OpeningHours {
        zone: hours.zone().to_owned(),
        weekly: hours.weekly().iter().filter_map(span).collect(),
        closed_on: hours.closed_on(),
    }
}

/// The hours for the record, in a line.
pub(super) fn told(hours: &opening::OpeningHours) -> String {
    let OpeningHours { zone, weekly, closed_on } = view(hours);
    if weekly.is_empty() && closed_on.is_empty() {
        return "always".to_owned();
    }
    let span = |it: &OpenSpan| format!("{:?} {}–{}", it.day, it.from, it.until);
    let mut parts: Vec<String> = weekly.iter().map(span).collect();
    if !closed_on.is_empty() {
        parts.push(format!("closed on {}", closed_on.join(", ")));
    }
    format!("{} ({zone})", parts.join("; "))
}

/// Minutes since midnight of `09:30`; `24:00` is the next midnight.
fn minutes(clock: &str) -> Option<u16> {
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
    let (hours, minutes) = clock.split_once(':').filter(|(a, b)| digits(a) && digits(b))?;
    let (hours, minutes) = hours.parse::<u16>().ok().zip(minutes.parse::<u16>().ok())?;
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn refused(error: &HoursError) -> Problem {
    Problem::new(Kind::BadInput, format!("What is allowed for {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_read_as_they_are_written() {
        for clock_of_day in ["00:00", "09:30", "23:59", "24:00"] {
            assert_eq!(clock(minutes(clock_of_day).unwrap()), clock_of_day);
        }
        for odd in ["", "9:30", "24:01", "09:60", "ab:cd", "09-30", "099:0", "-1:00", "+9:30"] {
            assert_eq!(minutes(odd), None, "{odd}");
        }
    }

    #[test]
    fn hours_are_shown_as_they_were_chosen() {
        let span = |day, from: &str, until: &str| OpenSpan {
            day,
            from: from.to_owned(),
            until: until.to_owned(),
        };
        let chosen = OpeningHours {
            zone: "Asia/Tokyo".to_owned(),
            weekly: vec![
                span(Weekday::Mon, "09:00", "17:30"),
                span(Weekday::Sun, "22:00", "24:00"),
            ],
            closed_on: vec!["2027-01-01".to_owned()],
        };
        let hours = checked(&chosen).unwrap();
        assert_eq!(view(&hours), chosen);
        let line = "Mon 09:00–17:30; Sun 22:00–24:00; closed on 2027-01-01 (Asia/Tokyo)";
        assert_eq!(told(&hours), line);
        assert_eq!(told(&opening::OpeningHours::default()), "always");
        let odd = OpeningHours { weekly: vec![span(Weekday::Mon, "9", "17:00")], ..chosen };
        assert!(checked(&odd).unwrap_err().detail().contains("`opening_hours.weekly`"));
    }
}
