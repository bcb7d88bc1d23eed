//! Letters that are not what they seem: what people write is kept as it is, and names, file names and
//! lines of text are made of it that can't deceive.

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
            || matches!(letter,
                '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
                | '\u{e0100}'..='\u{e01ef}')
    };
    text.chars().all(is_unseen)
}

/// A name as others are to see it, in one line, cut to `chars_max`; `None`: there is nothing to be
/// seen. Joiners stay, which emoji and some scripts need.
pub fn display_name(name: &str, chars_max: usize) -> Option<String> {
    let is_joiner = |letter: char| matches!(letter, '\u{200c}' | '\u{200d}');
    let is_dropped = |letter: &char| is_format(*letter) && !is_joiner(*letter);
    let is_gap =
        |letter: char| letter.is_whitespace() || letter.is_control() || is_line_break(letter);
    let visible: String = name.chars().filter(|letter| !is_dropped(letter)).collect();
    let words: Vec<&str> = visible.split(is_gap).filter(|word| !word.is_empty()).collect();
    let cut: String = words.join(" ").chars().take(chars_max).collect();
    let cut = cut.trim_end();
    (!is_blank(cut)).then(|| cut.to_owned())
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
        for blank in ["", " \t", "\u{200b}", "\u{2800}", "\u{3164}\u{2060}", "\u{202e}", "\u{fe0f}"]
        {
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
    }

    #[test]
    fn controls_are_shown_and_do_nothing() {
        assert_eq!(without_controls("a\x1b[31m\0\x7f\u{9b}\tb\n"), "a␛[31m␀␡\u{fffd}\tb\n");
    }
}
