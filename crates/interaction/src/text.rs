//! Text as Unicode has it: what people write is kept as it is, and names, file names, lines of text and
//! words to be found are made of it that can't deceive and don't depend on how they were typed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Marks on one letter of a name: more than any script has would paint over the lines around it.
const MARKS_MAX: usize = 4;

/// Changes the direction of what stands beside it (Unicode 16, UAX #9): embeddings, overrides and
/// isolates.
pub fn is_bidi_control(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Is not seen, and changes how others are shown (Unicode 16, category Cf).
pub fn is_format(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
        | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

/// Ends a line for some program that shows text (Unicode 16, UAX #14: mandatory breaks).
pub fn is_line_break(letter: char) -> bool {
    matches!(letter, '\n' | '\x0b' | '\x0c' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether there is nothing to be seen in it: blanks, letters that are drawn as nothing, marks
/// without a letter of their own.
pub fn is_blank(text: &str) -> bool {
    let is_unseen = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || is_format(letter)
            || is_combining_mark(letter)
            || matches!(letter, '\u{115f}'..='\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
    };
    text.chars().all(is_unseen)
}

/// A name as others are to see it: in one line, in one form (NFC), cut to `chars_max` between two
/// letters as readers see them; `None`: there is nothing to be seen. Joiners stay, which emoji and
/// some scripts need.
pub fn display_name(name: &str, chars_max: usize) -> Option<String> {
    let is_joiner = |letter: char| matches!(letter, '\u{200c}' | '\u{200d}');
    let is_dropped = |letter: &char| is_format(*letter) && !is_joiner(*letter);
    let is_gap =
        |letter: char| letter.is_whitespace() || letter.is_control() || is_line_break(letter);
    let visible: String = name.chars().filter(|letter| !is_dropped(letter)).collect();
    let words: Vec<&str> = visible.split(is_gap).filter(|word| !word.is_empty()).collect();
    let composed: String = without_heaps(words.join(" ").nfc()).collect();
    let cut = cut(&composed, chars_max, usize::MAX).trim_end();
    (!is_blank(cut)).then(|| cut.to_owned())
}

/// The text in its composed form (NFC): the same to readers, and to those who compare.
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// Characters of a text in its composed form (NFC): the same however it was typed.
pub fn length_composed(text: &str) -> usize {
    text.nfc().count()
}

/// As much of the beginning as has so many characters and bytes, and ends between two letters as
/// readers see them (grapheme clusters, UAX #29): no family of emoji is cut in half. Of a first
/// letter that is longer than that, as much as fits.
pub fn cut(text: &str, chars_max: usize, bytes_max: usize) -> &str {
    let (mut chars, mut end) = (0, 0);
    for letter in text.graphemes(true) {
        chars += letter.chars().count();
        if chars > chars_max || end + letter.len() > bytes_max {
            break;
        }
        end += letter.len();
    }
    if end > 0 || text.is_empty() {
        return &text[..end];
    }
    let fits = |(place, letter): &(usize, char)| place + letter.len_utf8() <= bytes_max;
    let last = text.char_indices().take(chars_max).take_while(fits).last();
    &text[..last.map_or(0, |(place, letter)| place + letter.len_utf8())]
}

/// The letters, with no more than [`MARKS_MAX`] marks on each.
fn without_heaps(letters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    letters
        .scan(0, |marks, letter| {
            *marks = if is_combining_mark(letter) { *marks + 1 } else { 0 };
            Some((*marks <= MARKS_MAX).then_some(letter))
        })
        .flatten()
}

/// What two texts have in common that say the same to a reader who searches: compatible forms as
/// one (NFKC), no capitals, no accents, no signs that are not seen. Marks that make another letter of
/// theirs, as in kana and in the scripts of India, stay.
pub fn folded(text: &str) -> String {
    let plain = text.nfkd().filter(|letter| !is_accent(*letter) && !is_format(*letter));
    // By way of capitals, since these are fewer: both sigmas, ß and SS, the Turkish i without a dot.
    let cases = plain.flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    cases.filter(|letter| !is_accent(*letter)).map(without_stroke).nfc().collect()
}

/// Belongs to a word: letters and digits of all scripts, and the marks on them.
pub fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

/// A mark that readers of its script do without: accents of Latin, Greek and Cyrillic, vowel signs of
/// Hebrew and Arabic, what lengthens Arabic words, what chooses a variant.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}'
        | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Latin letters whose stroke is no mark of its own in Unicode, but is left out when typing.
fn without_stroke(letter: char) -> char {
    match letter {
        'ø' => 'o',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        'ŧ' => 't',
        other => other,
    }
}

/// Of a script that is written without blanks, or that joins to a word what belongs to it, so that
/// no word stands alone: Han, kana, Hangul, Thai, Lao, Burmese, Khmer and Tibetan. Emoji as well.
pub fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{19e0}'..='\u{19ff}' | '\u{1a20}'..='\u{1aaf}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3100}'..='\u{318f}'
        | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}' | '\u{a9e0}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aa7f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{1aff0}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
        || is_emoji(letter)
}

/// A picture among letters, the commonest blocks.
pub fn is_emoji(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

/// The picture of a control, which does what no reader of a text expects: ESC colours a terminal, NUL
/// ends a string. Line feed and tab stay.
pub fn without_controls(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        '\0'..='\x1f' => char::from_u32(0x2400 + letter as u32).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        control if control.is_control() => '\u{fffd}',
        seen => seen,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_blank() {
        for blank in [
            "",
            " \t",
            "\u{200b}",
            "\u{2800}",
            "\u{3164}\u{2060}",
            "\u{202e}",
            "\u{fe0f}",
            "\u{64e}\u{64f}",
            "\u{200d}\u{fe0f}\u{2060}",
            "\u{e0100}",
            "\u{301}",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for seen in [".", "🌸", "\u{200b}x", "é", "請"] {
            assert!(!is_blank(seen), "{seen:?}");
        }
    }

    #[test]
    fn names_are_one_line_that_reads_as_it_is_written() {
        let cases = [
            ("Nora Beispiel", Some("Nora Beispiel")),
            ("  Nora\n\t Beispiel\0 ", Some("Nora Beispiel")),
            ("Nora\u{2028}Beispiel", Some("Nora Beispiel")),
            ("\u{202e}anA", Some("anA")),
            ("Ana Duarte\u{200b}", Some("Ana Duarte")),
            ("👩\u{200d}💻", Some("👩\u{200d}💻")),
            (".", Some(".")),
            ("\u{200b}\u{2800}", None),
            ("", None),
        ];
        for (name, shown) in cases {
            assert_eq!(display_name(name, 80).as_deref(), shown, "{name:?}");
        }
        assert_eq!(display_name(&"N".repeat(81), 80), Some("N".repeat(80)));
        assert_eq!(display_name("Nora Lind", 5).as_deref(), Some("Nora"), "no blank at the end");
        assert_eq!(display_name("Jose\u{301}", 80).as_deref(), Some("José"), "one form");
        let heap = format!("A{}na", "\u{302}".repeat(78));
        assert_eq!(display_name(&heap, 80).unwrap().chars().count(), 3 + 4, "{heap}");
    }

    #[test]
    fn a_cut_goes_between_letters_as_readers_see_them() {
        const FAMILY: &str = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        let two = FAMILY.repeat(2);
        assert_eq!(cut(&two, 8, usize::MAX), FAMILY);
        assert_eq!(cut(&two, usize::MAX, FAMILY.len() + 3), FAMILY);
        assert_eq!(cut("ne\u{301}e", 2, 9), "n");
        assert_eq!(cut("請求書", 9, 8), "請求");
        assert_eq!(cut(FAMILY, 3, 99).chars().count(), 3, "one that is longer than allowed");
        assert_eq!(cut("", 3, 99), "");
    }

    #[test]
    fn what_says_the_same_folds_to_the_same() {
        let pairs = [
            ("MU\u{308}LLER", "müller"),
            ("Müller", "muller"),
            ("STRASSE", "straße"),
            ("ＦＵＬＬ", "full"),
            ("４７１１", "4711"),
            ("ｶﾞｽ", "ガス"),
            ("ﬁne", "fine"),
            ("İADE", "iade"),
            ("ISI", "ısı"),
            ("ΟΔΟΣ", "οδος"),
            ("café", "CAFE"),
            ("ёлка", "елка"),
            ("أحمد", "احمد"),
            ("كِتَاب", "كتاب"),
            ("שָׁלוֹם", "שלום"),
            ("Łódź", "lodz"),
            ("Søren", "soren"),
            ("Việt Nam", "viet nam"),
            ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
            ("co\u{ad}op", "coop"),
            ("㍻", "平成"),
            ("①", "1"),
            ("❤\u{fe0f}", "❤"),
        ];
        for (a, b) in pairs {
            assert_eq!(folded(a), folded(b), "{a} {b}");
        }
        for (a, b) in [("か", "が"), ("は", "ぱ"), ("คา", "ค่า"), ("कि", "क"), ("駅", "驛")]
        {
            assert_ne!(folded(a), folded(b), "{a} {b}");
        }
    }

    #[test]
    fn controls_are_shown_and_do_nothing() {
        assert_eq!(without_controls("a\x1b[31m\0\x7f\u{9b}\tb\n"), "a␛[31m␀␡\u{fffd}\tb\n");
    }
}
