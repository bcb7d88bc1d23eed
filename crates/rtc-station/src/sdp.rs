//! Lines and words of SDP (RFC 8866), read as leniently as is safe.
//!
//! Template engines, gateways and text editors leave blank lines, blanks around values, a byte order
//! mark or another line end. None of it changes what is meant, so none of it is a reason to refuse.

/// The longest token that is repeated in an answer, in bytes.
const TOKEN_BYTES_MAX: usize = 64;

/// Where blanks are: some write tabs.
const BLANKS: [char; 2] = [' ', '\t'];

/// One line: `kind=value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Counted from 1, as an editor counts.
    pub(crate) number: usize,
    pub(crate) kind: char,
    /// Without blanks around it.
    pub(crate) value: &'a str,
}

/// The lines of a text that say something; `Err` is the number of one that is not SDP. Lines end with
/// CR LF, LF or CR.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, usize>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ends =
        text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
    ends.enumerate().filter_map(|(index, line)| {
        let line = line.trim_matches(BLANKS);
        (!line.is_empty()).then(|| read_line(index + 1, line).ok_or(index + 1))
    })
}

/// Values are printable: no control characters, but for the blanks.
fn read_line(number: usize, line: &str) -> Option<Line<'_>> {
    let (kind, value) = line.split_once('=')?;
    let [kind @ b'a'..=b'z'] = kind.as_bytes() else {
        return None;
    };
    let is_printable = !value.chars().any(|it| it.is_control() && it != '\t');
    let value = value.trim_matches(BLANKS);
    is_printable.then_some(Line { number, kind: char::from(*kind), value })
}

/// `name:value` of an attribute; the value is empty if there is none.
pub(crate) fn attribute(text: &str) -> (&str, &str) {
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    (name.trim_matches(BLANKS), value.trim_matches(BLANKS))
}

/// The words of a value.
pub(crate) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(BLANKS).filter(|word| !word.is_empty())
}

/// The first word, and what follows it.
pub(crate) fn first_word(value: &str) -> Option<(&str, &str)> {
    let (word, rest) = value.split_once(BLANKS)?;
    Some((word, rest.trim_matches(BLANKS)))
}

/// A word that is safe to repeat in an answer.
pub(crate) fn token(value: &str) -> Option<String> {
    token_of(value, TOKEN_BYTES_MAX)
}

/// The same, with another bound.
pub(crate) fn token_of(value: &str, bytes_max: usize) -> Option<String> {
    let is_graphic = value.bytes().all(|byte| byte.is_ascii_graphic());
    (is_graphic && (1..=bytes_max).contains(&value.len())).then(|| value.to_owned())
}

/// A value of several words that is safe to repeat in an answer.
pub(crate) fn phrase_of(value: &str, bytes_max: usize) -> Option<String> {
    let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    (is_plain && (1..=bytes_max).contains(&value.len())).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, char, &str)> {
        lines(text).map(|line| line.map(|it| (it.number, it.kind, it.value)).unwrap()).collect()
    }

    #[test]
    fn every_line_end_will_do_and_blanks_around_values_mean_nothing() {
        let expected = [(1, 'v', "0"), (2, 'a', "x:1 2"), (3, 'a', "y")];
        for text in [
            "v=0\r\na=x:1 2\r\na=y\r\n",
            "v=0\na=x:1 2\na=y",
            "v=0\ra=x:1 2\ra=y\r",
            "\u{feff}v=0 \r\n a=x:1 2\t\r\na= y\r\n\r\n",
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
        assert_eq!(read("v=0\n\n \t\na=x"), [(1, 'v', "0"), (4, 'a', "x")]);
    }

    #[test]
    fn what_is_no_line_is_told_by_its_number() {
        for (text, number) in [("v=0\n\nhello", 3), ("v=0\r\n=x", 2), ("V=0", 1), ("a=x\u{7}", 1)] {
            assert_eq!(lines(text).find_map(Result::err), Some(number), "{text:?}");
        }
    }

    #[test]
    fn attributes_are_read_with_their_blanks() {
        assert_eq!(attribute("setup: actpass"), ("setup", "actpass"));
        assert_eq!(attribute("recvonly "), ("recvonly", ""));
        assert_eq!(first_word("111 \t opus/48000/2"), Some(("111", "opus/48000/2")));
        assert_eq!(words("a\t b  c").collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
