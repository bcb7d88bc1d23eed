//! Text that is not UTF-8: what spreadsheets and old systems save. It is kept as it came, and its
//! encoding is told, so that it can be shown as it was meant.

use std::fs::File;
use std::io::{Read, Result, Seek};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding};

use super::kind::is_binary_control;

/// Bytes that are read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// The encoding in which all of the file is text without controls that only binary files have;
/// `None`: it is no text.
///
/// # Errors
/// It can't be read.
pub fn of_file(path: &Path) -> Result<Option<&'static Encoding>> {
    let mut file = File::open(path)?;
    let encoding = guess(&mut file)?;
    file.rewind()?;
    Ok(is_text(&mut file, encoding)?.then_some(encoding))
}

/// The media type of text in this encoding.
pub fn media_type(encoding: &'static Encoding) -> String {
    format!("text/plain; charset={}", encoding.name().to_ascii_lowercase())
}

/// What makes UTF-8 of a text of this media type; `None`: it is no text.
pub fn decoder(media_type: &str) -> Option<Decoder> {
    let charset = media_type.strip_prefix("text/plain; charset=")?;
    Some(Encoding::for_label(charset.as_bytes())?.new_decoder())
}

/// By its mark, else by what its letters look like.
fn guess(file: &mut impl Read) -> Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut piece = vec![0; PIECE_BYTES];
    let mut is_first = true;
    loop {
        let length = file.read(&mut piece)?;
        let bytes = &piece[..length];
        if let Some((marked, _)) = Encoding::for_bom(bytes).filter(|_| is_first) {
            return Ok(marked);
        }
        is_first = false;
        detector.feed(bytes, length == 0);
        if length == 0 {
            return Ok(detector.guess(None, Utf8Detection::Deny));
        }
    }
}

fn is_text(file: &mut impl Read, encoding: &'static Encoding) -> Result<bool> {
    let mut decoder = encoding.new_decoder();
    let mut piece = vec![0; PIECE_BYTES];
    let mut text = String::with_capacity(PIECE_BYTES);
    loop {
        let length = file.read(&mut piece)?;
        let mut rest = &piece[..length];
        loop {
            text.clear();
            let (result, read) =
                decoder.decode_to_string_without_replacement(rest, &mut text, length == 0);
            if text.chars().any(is_no_text) || matches!(result, DecoderResult::Malformed(..)) {
                return Ok(false);
            }
            rest = &rest[read..];
            if result == DecoderResult::InputEmpty {
                break;
            }
        }
        if length == 0 {
            return Ok(true);
        }
    }
}

/// Controls of binary files, and what Unicode will never give a meaning.
fn is_no_text(letter: char) -> bool {
    match u8::try_from(letter) {
        Ok(byte) if byte.is_ascii() => is_binary_control(byte),
        _ => letter.is_control() || matches!(u32::from(letter) & 0xffff, 0xfffe..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Option<&'static str> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        of_file(file.path()).unwrap().map(Encoding::name)
    }

    fn utf_16(text: &str, big: bool) -> Vec<u8> {
        let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        ['\u{feff}']
            .into_iter()
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(unit)
            .collect()
    }

    #[test]
    fn lists_of_former_days_are_read_as_they_were_meant() {
        let japanese = "氏名,住所\r\n見本 花子,東京都\r\n";
        let german = "Name;Straße;Preis\r\nJürgen Muster;Größenweg 1;5 €\r\n";
        let russian = "Имя;Город\r\nИван Петров;Москва\r\n";
        for (text, name) in [
            (japanese, "Shift_JIS"),
            (japanese, "EUC-JP"),
            (german, "windows-1252"),
            (russian, "windows-1251"),
            ("订单编号 4711，请尽快发货，谢谢\n", "GBK"),
            ("訂單編號 4711，請盡快出貨，謝謝您的幫忙\n", "Big5"),
            ("주문 번호 4711, 환불을 요청합니다\n", "EUC-KR"),
        ] {
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            let (bytes, _, is_lossy) = encoding.encode(text);
            assert!(!is_lossy);
            assert_eq!(found(&bytes), Some(name), "{text}");
            let mut decoder = decoder(&media_type(encoding)).unwrap();
            let mut read = String::with_capacity(400);
            let _ = decoder.decode_to_string(&bytes, &mut read, true);
            assert_eq!(read, text);
        }
        assert_eq!(found(&utf_16(german, false)), Some("UTF-16LE"));
        assert_eq!(found(&utf_16(japanese, true)), Some("UTF-16BE"));
        let long = utf_16(&japanese.repeat(5_000), false);
        assert_eq!(found(&long), Some("UTF-16LE"), "in several pieces");
    }

    #[test]
    fn what_is_binary_is_no_text() {
        let mut half = utf_16("ab", false);
        half.extend(0xd83d_u16.to_le_bytes());
        assert_eq!(found(&half), None, "half an emoji");
        assert_eq!(found(&[0xff, 0xfe, 0, 0, 1, 0]), None);
        assert_eq!(found(b"\xff\xfea"), None, "half a letter");
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(found(&all.repeat(300)), None);
    }
}
