//! What a file may be called: nothing that could hurt in a header, a file dialog or a folder, and an
//! ending that fits what was found in it.

use interaction::text::{composed, cut, is_format, is_line_break};

use super::kind::PDF;

/// Characters that a name may have.
pub const NAME_CHARS_MAX: usize = 120;
/// Bytes that a name may have: what file systems take.
pub const NAME_BYTES_MAX: usize = 255;
/// Endings of text that no system opens by running it. Another one gets `.txt` behind it.
const TEXT_ENDINGS: [&str; 14] = [
    "txt", "text", "csv", "tsv", "log", "md", "json", "yaml", "yml", "ini", "toml", "eml", "ics",
    "vcf",
];
/// Names that Windows has given to devices, whatever ending follows.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];
/// What a name that says nothing becomes.
const NAMELESS: &str = "attachment";

/// The last part of `name`, made harmless, with an ending of `media_type`.
pub fn safe_name(name: &str, media_type: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible = |letter: &char| {
        !letter.is_control()
            && !is_format(*letter)
            && !is_line_break(*letter)
            && !"\"<>:|?*".contains(*letter)
    };
    let plain: String = composed(last).chars().filter(visible).collect();
    // Windows forgets dots and blanks at the end: what ends in `.exe. ` would be an `.exe`.
    let plain = plain.trim_matches(|letter: char| letter.is_whitespace() || letter == '.');
    let plain = if plain.is_empty() { NAMELESS } else { plain };
    let stem = plain.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let device = if DEVICES.contains(&stem.as_str()) { "_" } else { "" };
    let ending = plain.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let endings = endings(media_type);
    if ending.as_deref().is_some_and(|ending| endings.contains(&ending)) {
        let (front, ending) = plain.rsplit_once('.').expect("there is an ending");
        return format!("{device}{}.{ending}", front_of(front, ending.len() + device.len() + 1));
    }
    match endings.first() {
        Some(ending) => {
            format!("{device}{}.{ending}", front_of(plain, ending.len() + device.len() + 1))
        }
        None => format!("{device}{}", front_of(plain, device.len())),
    }
}

/// What files of the type may end in, the usual one first; none: of a type that is not known.
fn endings(media_type: &str) -> &'static [&'static str] {
    match media_type {
        text if text.starts_with("text/plain") => &TEXT_ENDINGS,
        PDF => &["pdf"],
        "image/png" => &["png"],
        "image/jpeg" => &["jpg", "jpeg", "jpe", "jfif"],
        "image/gif" => &["gif"],
        "image/webp" => &["webp"],
        "image/heic" | "image/heif" => &["heic", "heif", "hif"],
        "image/avif" => &["avif"],
        // A type of a former or later version: what is saved opens with nothing.
        _ => &["bin"],
    }
}

/// As much of the front as leaves room for `rest` bytes of ASCII, at a whole letter.
fn front_of(front: &str, rest: usize) -> &str {
    cut(front, NAME_CHARS_MAX - rest, NAME_BYTES_MAX - rest).trim_end()
}

#[cfg(test)]
mod tests {
    use super::super::kind::PLAIN_TEXT;
    use super::*;

    const PNG: &str = "image/png";

    #[test]
    fn names_are_made_harmless() {
        let cases = [
            ("../../etc/passwd", PLAIN_TEXT, "passwd.txt"),
            ("C:\\x\\invoice \"1\".pdf", PDF, "invoice 1.pdf"),
            ("..\r\n", PDF, "attachment.pdf"),
            ("請求書.pdf", PDF, "請求書.pdf"),
            ("No\0ra\u{7}.png", PNG, "Nora.png"),
            ("CON.txt", PLAIN_TEXT, "_CON.txt"),
            ("nul", PNG, "_nul.png"),
            ("console.txt", PLAIN_TEXT, "console.txt"),
            ("\u{200b}\u{2060}", PNG, "attachment.png"),
        ];
        for (name, media_type, safe) in cases {
            assert_eq!(safe_name(name, media_type), safe, "{name:?}");
        }
    }

    #[test]
    fn the_ending_is_that_of_the_content() {
        let cases = [
            ("invoice.hta", PLAIN_TEXT, "invoice.hta.txt"),
            ("run.bat", PLAIN_TEXT, "run.bat.txt"),
            ("page.html", PLAIN_TEXT, "page.html.txt"),
            ("x.svg", PLAIN_TEXT, "x.svg.txt"),
            ("photo.exe", PNG, "photo.exe.png"),
            ("photo.JPG", PNG, "photo.JPG.png"),
            ("photo.JPEG", "image/jpeg", "photo.JPEG"),
            ("list.csv", PLAIN_TEXT, "list.csv"),
            ("run.exe. .", PNG, "run.exe.png"),
            ("notes", PLAIN_TEXT, "notes.txt"),
            // Reads as "rechnung", then "hta.pdf" backwards.
            ("rechnung\u{202e}fdp.hta", PLAIN_TEXT, "rechnungfdp.hta.txt"),
            ("what.ever", "application/x-former", "what.ever.bin"),
        ];
        for (name, media_type, safe) in cases {
            assert_eq!(safe_name(name, media_type), safe, "{name:?}");
            assert_eq!(safe_name(safe, media_type), safe, "made safe once");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = safe_name(&format!("{}.pdf", "x".repeat(500)), PDF);
        assert_eq!((long.len(), long.ends_with("x.pdf")), (NAME_CHARS_MAX, true));
        let long = safe_name(&format!("{}.csv", "請".repeat(500)), PLAIN_TEXT);
        assert!(long.len() <= NAME_BYTES_MAX && long.ends_with("請.csv"), "{long}");
        assert_eq!(safe_name(&"y".repeat(500), PNG).len(), NAME_CHARS_MAX);
    }
}
