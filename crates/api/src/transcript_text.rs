//! A transcript's text on a reader's clock. It is kept in UTC, once.

use orchestrator::conversations::TranscriptFile;
use serde::Deserialize;

use super::clock::Clock;

/// Characters of a time, as `2026-11-21 15:08:35`.
const TIME_CHARS: usize = 19;
/// What stands before a line that goes on with the message above it.
const INDENT: &str = "    ";

#[derive(Deserialize)]
struct Times {
    lines: Vec<Time>,
}

#[derive(Deserialize)]
struct Time {
    at: u64,
}

/// The text, its times by `clock`, which the first line names; and what its file may be called.
pub fn by_clock(made: &TranscriptFile, clock: &Clock) -> (String, String) {
    let times = serde_json::from_str(&made.json).unwrap_or(Times { lines: Vec::new() });
    let times: Vec<u64> = times.lines.iter().map(|line| line.at).collect();
    let first = times.first().copied().unwrap_or_default();
    let lines: Vec<&str> = made.text.split_terminator('\n').collect();
    let is_ours = |line: &&str| !line.starts_with(INDENT);
    let ours = lines.iter().filter(|line| is_ours(line));
    // What is not as we write it is given out as it is kept.
    let is_known = ours.clone().count() == times.len()
        && ours.clone().all(|line| line.is_char_boundary(TIME_CHARS) && line.len() > TIME_CHARS);
    let clock = if is_known { clock.clone() } else { Clock::utc() };
    let mut times = times.into_iter();
    let mut text = format!("Times: {}\n", clock.name(first));
    for line in &lines {
        let at = if is_known && is_ours(line) { times.next() } else { None };
        if let Some(at) = at {
            text.push_str(&clock.time(at));
        }
        text.push_str(&line[at.map_or(0, |_| TIME_CHARS)..]);
        text.push('\n');
    }
    (text, format!("transcript-{}.txt", clock.file_time(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> TranscriptFile {
        let json = r#"{"kind":"external","lines":[{"at":1795984925000},{"at":1795984985000}]}"#;
        TranscriptFile { text: text.to_owned(), json: json.to_owned() }
    }

    const TEXT: &str = "2026-11-29 20:42:05 Nora: 2026-11-29 20:42:05\n    2026-11-29 20:42:05 x\n\
                        2026-11-29 20:43:05 Ana: 見\n";

    #[test]
    fn times_are_the_readers_and_nothing_else_is_changed() {
        let tokyo = Clock::of_zone("Asia/Tokyo").unwrap();
        let (text, name) = by_clock(&file(TEXT), &tokyo);
        let right = "Times: Asia/Tokyo (UTC+09:00)\n\
                     2026-11-30 05:42:05 Nora: 2026-11-29 20:42:05\n    2026-11-29 20:42:05 x\n\
                     2026-11-30 05:43:05 Ana: 見\n";
        assert_eq!((text.as_str(), name.as_str()), (right, "transcript-2026-11-30T0542+0900.txt"));
        let (text, name) = by_clock(&file(TEXT), &Clock::utc());
        assert_eq!(text, format!("Times: UTC\n{TEXT}"));
        assert_eq!(name, "transcript-2026-11-29T2042+0000.txt");
    }

    #[test]
    fn a_text_that_is_not_as_we_write_it_stays_in_utc() {
        let tokyo = Clock::of_zone("Asia/Tokyo").unwrap();
        for odd in ["2026-11-29 20:42:05 Nora: x\n", "one\ntwo\n", "", "見積書を見積書を見\nb\n"]
        {
            assert_eq!(by_clock(&file(odd), &tokyo).0, format!("Times: UTC\n{odd}"), "{odd}");
        }
    }
}
