//! Text in columns: a name takes as many cells as its column has, whatever signs it is written with.

use ratatui::style::Style;
use ratatui::text::Span;

/// The text in exactly so many cells: cut between whole signs, padded with spaces. What would move the cursor or turn
/// the row round is left out.
pub(super) fn fit(text: &str, cells: usize) -> String {
    let plain: String = text.chars().filter(|it| !it.is_control() && !turns(*it)).collect();
    let span = Span::raw(plain.as_str());
    let (mut fitted, mut taken) = (String::new(), 0);
    for sign in span.styled_graphemes(Style::new()) {
        let width = Span::raw(sign.symbol).width();
        if taken + width > cells {
            break;
        }
        fitted.push_str(sign.symbol);
        taken += width;
    }
    fitted.extend(std::iter::repeat_n(' ', cells - taken));
    fitted
}

/// Signs that change the direction of what follows (Unicode Standard Annex #9).
fn turns(sign: char) -> bool {
    matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_it_is_whatever_is_in_it() {
        for (text, fitted) in [
            ("Ana", "Ana     "),
            ("", "        "),
            ("Maximilian", "Maximili"),
            ("佐藤 花子", "佐藤 花 "),
            ("Jose\u{301} Lima", "Jose\u{301} Lim"),
            ("\u{202e}anA", "anA     "),
            ("A\u{1b}[31mB", "A[31mB  "),
        ] {
            assert_eq!(fit(text, 8), fitted);
        }
        // How wide a family is, terminals do not agree on; the column is.
        for text in ["👨‍👩‍👧‍👦 Miller", "🇯🇵 花子", "שרה כהן", "𠮷田 一郎", "ＡＢＣＤＥ"]
        {
            assert_eq!(Span::raw(fit(text, 8)).width(), 8, "{text}");
        }
        assert_eq!(fit("佐藤", 0), "");
        assert_eq!(fit("佐藤", 1), " ");
    }
}
