//! What people and their programs really send: each input of `tests/cases` beside what is right for
//! it. A test tells of everything that is not so at once.

mod files;
mod names;
mod offers;
mod posts;
mod texts;

use std::fmt::Debug;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A file of the inputs.
fn input(path: &str) -> Vec<u8> {
    let all = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases"));
    std::fs::read(all.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A table of inputs: one JSON object a line.
fn table<T: DeserializeOwned>(path: &str) -> Vec<T> {
    let text = String::from_utf8(input(path)).expect("a table in UTF-8");
    let row = |line: &str| serde_json::from_str(line).unwrap_or_else(|it| panic!("{it}: {line}"));
    text.lines().map(row).collect()
}

/// A text of a table, written out or by what it repeats.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Long {
        #[serde(default)]
        before: String,
        repeat: String,
        times: usize,
        #[serde(default)]
        after: String,
    },
}

impl Text {
    fn whole(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Long { before, repeat, times, after } => {
                format!("{before}{}{after}", repeat.repeat(*times))
            }
        }
    }
}

/// A text as it stands in a query (RFC 3986, section 2.1).
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let byte =
        |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}

/// What was not right, all of it.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn check<T: PartialEq + Debug>(&mut self, case: &str, what: &str, is: T, right: T) {
        if is != right {
            self.0.push(format!("{case}: {what} is {is:?}, and {right:?} is right"));
        }
    }

    fn end(self) {
        assert!(self.0.is_empty(), "\n{}\n", self.0.join("\n"));
    }
}
