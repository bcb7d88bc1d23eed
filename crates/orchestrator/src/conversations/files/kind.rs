//! What a file is, found in its content while it arrives.
//!
//! A few letters are no proof of a picture or a program: what is UTF-8 without controls that only
//! binary files have is text, whatever it begins with. Its name never counts.

/// Bytes of the beginning in which magic numbers are looked for.
const HEAD_BYTES: usize = 4_096;
/// Pictures that are taken: what every browser shows.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Text is given out as plain text, whatever it looks like.
pub const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
/// A document in the portable document format.
pub const PDF: &str = "application/pdf";
/// What it begins with (ISO 32000-1, 7.5.2).
const PDF_MAGIC: &[u8] = b"%PDF-";
/// Controls that logs and old text files have: bell, backspace, tab, line feed, vertical tab, form
/// feed, carriage return, the end of a DOS file, and escape, which begins colours.
const TEXT_CONTROLS: &[u8] = b"\x07\x08\t\n\x0b\x0c\r\x1a\x1b";

/// Looks at a file while it arrives.
#[derive(Debug, Default)]
pub struct Sniffer {
    head: Vec<u8>,
    text: TextScan,
}

/// Whether everything so far is text.
#[derive(Debug, Default)]
struct TextScan {
    /// The beginning of a letter whose rest is still to come.
    cut: Vec<u8>,
    is_binary: bool,
}

impl Sniffer {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.text.update(bytes);
    }

    /// Whether it can't become anything that is taken, however it goes on.
    pub fn is_hopeless(&self) -> bool {
        self.text.is_binary && self.head.len() == HEAD_BYTES && binary_type(&self.head).is_none()
    }

    /// The media type of the whole; `None`: not one that is taken.
    pub fn media_type(&self) -> Option<&'static str> {
        if self.head.is_empty() {
            return None;
        }
        if self.head.starts_with(PDF_MAGIC) {
            return Some(PDF);
        }
        if self.text.is_text() { Some(PLAIN_TEXT) } else { binary_type(&self.head) }
    }
}

impl TextScan {
    fn update(&mut self, mut bytes: &[u8]) {
        // A letter has four bytes at most: this ends after three steps.
        while !self.cut.is_empty() && !self.is_binary {
            let Some((first, rest)) = bytes.split_first() else { return };
            self.cut.push(*first);
            bytes = rest;
            let letter = std::mem::take(&mut self.cut);
            self.scan(&letter);
        }
        if !self.is_binary {
            self.scan(bytes);
        }
    }

    /// Keeps what is cut off at the end.
    fn scan(&mut self, bytes: &[u8]) {
        let whole = match std::str::from_utf8(bytes) {
            Ok(_) => bytes,
            Err(error) => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                self.is_binary = error.error_len().is_some();
                self.cut = rest.iter().copied().take(4).collect();
                whole
            }
        };
        self.is_binary |= whole.iter().any(|byte| is_binary_control(*byte));
    }

    fn is_text(&self) -> bool {
        !self.is_binary && self.cut.is_empty()
    }
}

fn is_binary_control(byte: u8) -> bool {
    byte.is_ascii_control() && !TEXT_CONTROLS.contains(&byte)
}

fn binary_type(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(PDF_MAGIC) {
        return Some(PDF);
    }
    let found = infer::get(head)?;
    PICTURES.into_iter().find(|known| *known == found.mime_type())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By pieces of this size.
    fn sniffed(bytes: &[u8], size: usize) -> Option<&'static str> {
        let mut sniffer = Sniffer::default();
        bytes.chunks(size).for_each(|piece| sniffer.update(piece));
        sniffer.media_type()
    }

    #[test]
    fn content_counts_however_it_is_cut() {
        let cases: [(&[u8], Option<&str>); 16] = [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some("image/png")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Some("image/jpeg")),
            (b"%PDF-1.7\n", Some(PDF)),
            (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", Some(PDF)),
            ("Größe: 5\n".as_bytes(), Some(PLAIN_TEXT)),
            ("請求書 👍🏽".as_bytes(), Some(PLAIN_TEXT)),
            (b"<html><script>alert(1)</script></html>", Some(PLAIN_TEXT)),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Some(PLAIN_TEXT)),
            (b"BM;4711;12.50\nBC;4712;3.20\n", Some(PLAIN_TEXT)),
            (b"MZ-Liste, GIF89a, RIFF, ID3\n", Some(PLAIN_TEXT)),
            (b"\x1b[31merror\x1b[0m\x0c", Some(PLAIN_TEXT)),
            (b"\x7fELF\x02\x01\x01\0", None),
            (b"PK\x03\x04", None),
            (b"a\0b", None),
            (b"cut off: \xe8\xab", None),
            (b"", None),
        ];
        for (bytes, media_type) in cases {
            for size in 1..=9 {
                assert_eq!(sniffed(bytes, size), media_type, "{bytes:?} by {size}");
            }
        }
    }

    #[test]
    fn what_is_binary_and_unknown_is_given_up_after_its_head() {
        let mut sniffer = Sniffer::default();
        sniffer.update(&[0; HEAD_BYTES - 1]);
        assert!(!sniffer.is_hopeless());
        sniffer.update(&[0]);
        assert!(sniffer.is_hopeless());
        let mut picture = Sniffer::default();
        picture.update(b"\x89PNG\r\n\x1a\n");
        picture.update(&[0; HEAD_BYTES]);
        assert!(!picture.is_hopeless());
        assert_eq!(picture.head.len(), HEAD_BYTES, "no more is held");
    }
}
