//! What a file is, found in its content while it arrives.
//!
//! A few letters are no proof of a picture or a program: what is UTF-8 without controls that only
//! binary files have is text, whatever it begins with. Its name never counts. Text in an encoding
//! of former days is known by all of it, so it is looked for once the file is whole
//! ([`encoding`](super::encoding)).

/// Bytes of the beginning in which magic numbers are looked for.
const HEAD_BYTES: usize = 4_096;
/// Text is given out as plain text, whatever it looks like.
pub const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
/// A document in the portable document format.
pub const PDF: &str = "application/pdf";
/// What it begins with (ISO 32000-1, 7.5.2).
const PDF_MAGIC: &[u8] = b"%PDF-";
/// What a program may write before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What a text in UTF-16 begins with, in either order of bytes.
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
/// Brands of photographs in HEIF's container (ISO/IEC 23008-12, annex B; AV1 Image File Format, 6).
const HEIF_BRANDS: [(&[u8], &str); 9] = [
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"heim", "image/heic"),
    (b"heis", "image/heic"),
    (b"hevc", "image/heic"),
    (b"mif1", "image/heif"),
    (b"msf1", "image/heif"),
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
];
/// Controls that logs and old text files have: bell, backspace, tab, line feed, vertical tab, form
/// feed, carriage return, the end of a DOS file, and escape, which begins colours.
const TEXT_CONTROLS: &[u8] = b"\x07\x08\t\n\x0b\x0c\r\x1a\x1b";

/// What a file is, as far as one knows while it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Of this media type.
    Type(&'static str),
    /// There is nothing in it.
    Empty,
    /// Text perhaps, in an encoding other than UTF-8.
    OtherText,
    /// None of the types that are taken.
    Unknown,
}

/// Looks at a file while it arrives.
#[derive(Debug, Default)]
pub struct Sniffer {
    head: Vec<u8>,
    text: TextScan,
}

/// Whether everything so far is text.
#[derive(Debug)]
struct TextScan {
    /// The beginning of a letter whose rest is still to come.
    cut: Vec<u8>,
    is_utf_8: bool,
    has_binary_control: bool,
}

impl Default for TextScan {
    fn default() -> Self {
        Self { cut: Vec::new(), is_utf_8: true, has_binary_control: false }
    }
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
        self.head.len() == HEAD_BYTES && self.found() == Found::Unknown
    }

    /// What all of it is.
    pub fn found(&self) -> Found {
        if self.head.is_empty() {
            return Found::Empty;
        }
        let behind_mark = self.head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.head);
        if behind_mark.starts_with(PDF_MAGIC) {
            return Found::Type(PDF);
        }
        if self.text.is_utf_8() {
            return Found::Type(PLAIN_TEXT);
        }
        if let Some(picture) = picture_type(&self.head) {
            return Found::Type(picture);
        }
        let is_marked = UTF_16_MARKS.iter().any(|mark| self.head.starts_with(mark));
        if is_marked || !self.text.has_binary_control { Found::OtherText } else { Found::Unknown }
    }
}

impl TextScan {
    fn update(&mut self, mut bytes: &[u8]) {
        self.has_binary_control |= bytes.iter().any(|byte| is_binary_control(*byte));
        // A letter has four bytes at most: this ends after three steps.
        while !self.cut.is_empty() && self.is_utf_8 {
            let Some((first, rest)) = bytes.split_first() else { return };
            self.cut.push(*first);
            bytes = rest;
            let letter = std::mem::take(&mut self.cut);
            self.scan(&letter);
        }
        if self.is_utf_8 {
            self.scan(bytes);
        }
    }

    /// Keeps what is cut off at the end.
    fn scan(&mut self, bytes: &[u8]) {
        if let Err(error) = std::str::from_utf8(bytes) {
            self.is_utf_8 = error.error_len().is_none();
            self.cut = bytes[error.valid_up_to()..].iter().copied().take(4).collect();
        }
    }

    fn is_utf_8(&self) -> bool {
        self.is_utf_8 && self.cut.is_empty() && !self.has_binary_control
    }
}

/// Whether only binary files have this control.
pub fn is_binary_control(byte: u8) -> bool {
    byte.is_ascii_control() && !TEXT_CONTROLS.contains(&byte)
}

/// The pictures that are taken, by more than a letter or two of what they begin with.
fn picture_type(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if head.starts_with(b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        return Some("image/gif");
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    let brand = head.get(4..8).filter(|kind| *kind == b"ftyp").and_then(|_| head.get(8..12))?;
    HEIF_BRANDS.iter().find(|(known, _)| *known == brand).map(|(_, media_type)| *media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By pieces of this size.
    fn sniffed(bytes: &[u8], size: usize) -> Found {
        let mut sniffer = Sniffer::default();
        bytes.chunks(size).for_each(|piece| sniffer.update(piece));
        sniffer.found()
    }

    #[test]
    fn content_counts_however_it_is_cut() {
        use Found::{OtherText, Type, Unknown};
        let text = Type(PLAIN_TEXT);
        let cases: [(&[u8], Found); 26] = [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Type("image/png")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Type("image/jpeg")),
            (b"GIF89a\0\0", Type("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Type("image/webp")),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Type("image/heic")),
            (b"\0\0\0\x1cftypmif1\0\0\0\0heic", Type("image/heif")),
            (b"\0\0\0\x1cftypavif\0\0\0\0avif", Type("image/avif")),
            (b"\0\0\0\x14ftypM4A \0\0\0\0isom", Unknown),
            (b"%PDF-1.7\n", Type(PDF)),
            (b"\xef\xbb\xbf%PDF-1.7\n", Type(PDF)),
            (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", Type(PDF)),
            ("Größe: 5\n".as_bytes(), text),
            ("請求書 👍🏽".as_bytes(), text),
            (b"<html><script>alert(1)</script></html>", text),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", text),
            (b"BM;4711;12.50\nBC;4712;3.20\n", text),
            (b"MZ-Liste, GIF89a, RIFF, ID3\n", text),
            (b"\x1b[31merror\x1b[0m\x0c", text),
            (b"GIF oder Gr\xf6\xdfe?", OtherText),
            (b"\xff\xfea\0b\0", OtherText),
            (b"cut off: \xe8\xab", OtherText),
            (b"\x7fELF\x02\x01\x01\0", Unknown),
            (b"PK\x03\x04", Unknown),
            (b"a\0b", Unknown),
            (b"\xe8\xab\x8b\0", Unknown),
            (b"", Found::Empty),
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
        let mut list = Sniffer::default();
        list.update(&b"Gr\xf6\xdfe;".repeat(HEAD_BYTES));
        assert!(!list.is_hopeless(), "text of former days");
    }
}
