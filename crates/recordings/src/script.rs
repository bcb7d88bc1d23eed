//! The text beside a recording: who calls whom.

use std::fs;
use std::io;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A field is looked for in the first lines: what follows may be a transcript, in which anybody says
/// anything.
const HEADER_LINES_MAX: usize = 20;
/// A longer value is something said and no name.
const VALUE_CHARS_MAX: usize = 64;

/// The text of a file, in whatever encoding editors write: UTF-8, UTF-16 with a byte order mark, or
/// else Windows-1252, of which Latin-1 is a part. `None`: there is no such file.
///
/// # Errors
/// The file can't be read.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let otherwise = if str::from_utf8(&bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let encoding = Encoding::for_bom(&bytes).map_or(otherwise, |(encoding, _)| encoding);
    Ok(Some(encoding.decode(&bytes).0.into_owned()))
}

/// The field's value in a script's header: of `queue: support` it is `support`, of
/// `caller: Ellen Park | voice` the name alone. Capitals, blanks and `=` do not matter.
pub(crate) fn field<'a>(script: &'a str, key: &str) -> Option<&'a str> {
    let lines = script.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
    lines.take(HEADER_LINES_MAX).find_map(|line| {
        let (name, value) = line.split_once([':', '=', '：'])?;
        let value = value.split('|').next()?.trim();
        let is_value = (1..=VALUE_CHARS_MAX).contains(&value.chars().count())
            && !value.chars().any(char::is_control);
        (is_value && name.trim().eq_ignore_ascii_case(key)).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_queue_and_caller() {
        let script = "queue: sales\ncaller: Priya Nair | voice\nC +0 hello";
        assert_eq!(field(script, "queue"), Some("sales"));
        assert_eq!(field(script, "caller"), Some("Priya Nair"));
        assert_eq!(field(script, "agent"), None);
    }

    #[test]
    fn a_field_is_found_as_people_write_it() {
        for script in ["Queue: sales", " queue : sales \r\n", "a\rQUEUE=sales\r", "queue：sales"] {
            assert_eq!(field(script, "queue"), Some("sales"), "{script:?}");
        }
        let said = format!("caller: {}", "I have been waiting for this ".repeat(9));
        assert_eq!(field(&said, "caller"), None);
        assert_eq!(field(&"hello\n".repeat(30).replace("o\nh", "o\nqueue: x\nh"), "agent"), None);
        assert_eq!(field("queue:", "queue"), None);
    }

    #[test]
    fn a_text_is_read_in_any_encoding() {
        let folder = tempfile::tempdir().unwrap();
        let read = |bytes: &[u8]| {
            fs::write(folder.path().join("x.txt"), bytes).unwrap();
            read(&folder.path().join("x.txt")).unwrap().unwrap()
        };
        let utf_16 = |unit: fn(u16) -> [u8; 2], mark: [u8; 2]| -> Vec<u8> {
            mark.into_iter().chain("José".encode_utf16().flat_map(unit)).collect()
        };
        assert_eq!(read("José".as_bytes()), "José");
        assert_eq!(read("\u{feff}José".as_bytes()), "José");
        assert_eq!(read(b"Jos\xe9 \x80"), "José €");
        assert_eq!(read(&utf_16(u16::to_le_bytes, [0xFF, 0xFE])), "José");
        assert_eq!(read(&utf_16(u16::to_be_bytes, [0xFE, 0xFF])), "José");
        assert!(super::read(&folder.path().join("y.txt")).unwrap().is_none());
    }
}
