//! Tables as CSV (RFC 4180), for people who open them in a spreadsheet.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use crate::Problem;

/// U+FEFF: by it a spreadsheet takes the file for UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Whether CSV is named, and before JSON.
pub fn wants_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let accept = accept.unwrap_or_default().to_ascii_lowercase();
    match (accept.find("text/csv"), accept.find("application/json")) {
        (Some(csv), Some(json)) => csv < json,
        (found, None) => found.is_some(),
        (None, Some(_)) => false,
    }
}

/// The answer: a file of this name, its head first.
///
/// # Errors
/// [`Problem::internal`], should the table not be writable.
pub fn file<const N: usize>(
    name: &str,
    bom: bool,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Response, Problem> {
    let table = table(bom, head, rows).map_err(Problem::internal)?;
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, table).into_response())
}

fn table<const N: usize>(
    bom: bool,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, csv::Error> {
    let mark = if bom { BYTE_ORDER_MARK } else { "" };
    let mut csv = csv::Writer::from_writer(mark.as_bytes().to_vec());
    csv.write_record(head)?;
    for row in rows {
        csv.write_record(row.map(|cell| plain(&cell)))?;
    }
    csv.into_inner().map_err(|error| error.into_error().into())
}

/// Seconds with one decimal; empty for nothing.
pub fn seconds(ms: Option<u64>) -> String {
    ms.map_or_else(String::new, |ms| format!("{:.1}", ms as f64 / 1_000.0))
}

/// A text that no spreadsheet takes for a formula (OWASP, "CSV injection").
fn plain(text: &str) -> String {
    let first = text.trim_start_matches([' ', '\u{a0}']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula_and_needs_no_care() {
        let reasons = ["=HYPERLINK(\"x\")", "+1", " @a", "-2", "a, \"b\"\nc", "返金"];
        let rows = reasons.map(|reason| [reason.to_owned(), "1".to_owned()]);
        let csv = String::from_utf8(table(false, ["reason", "requests"], rows).unwrap()).unwrap();
        let mut read = csv::Reader::from_reader(csv.as_bytes());
        let cells: Vec<String> = read.records().map(|row| row.unwrap()[0].to_owned()).collect();
        let expected = ["'=HYPERLINK(\"x\")", "'+1", "' @a", "'-2", "a, \"b\"\nc", "返金"];
        assert_eq!(cells, expected);
    }

    #[test]
    fn a_byte_order_mark_is_there_only_if_it_is_wanted() {
        let bytes = |bom| table(bom, ["a"], [["1".to_owned()]]).unwrap();
        assert_eq!(bytes(false), b"a\n1\n");
        assert_eq!(bytes(true), [&[0xef, 0xbb, 0xbf][..], b"a\n1\n"].concat());
    }

    #[test]
    fn csv_has_to_be_asked_for() {
        let asked = |accept: &'static str| {
            wants_csv(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]))
        };
        assert!(asked("text/csv") && asked("text/csv, application/json;q=0.5"));
        assert!(!asked("*/*") && !asked("application/json") && !wants_csv(&HeaderMap::new()));
    }
}
