//! Every crate says at its top what it is and what it deliberately does not do.

use super::{Finding, Tree};

/// Finds crate roots whose first line is no module documentation.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let is_root = |path: &str| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_root(&file.path)) {
        let first = file.lines().find(|(_, line)| !line.trim().is_empty());
        let (number, line) = first.unwrap_or((1, ""));
        if !line.starts_with("//! ") {
            let advice = "begin with `//!` docs: what it is, and what it deliberately does not do";
            findings.push(Finding::new(file, number, "a crate without documentation", advice));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_documented_root_passes() {
        let check_text = |path, text| check(&Tree::of(&[(path, text)])).len();
        assert_eq!(check_text("crates/mixer/src/lib.rs", "//! Mixes.\n"), 0);
        assert_eq!(check_text("crates/mixer/src/lib.rs", "// Mixes.\n"), 1);
        assert_eq!(check_text("crates/mixer/src/lib.rs", ""), 1);
        assert_eq!(check_text("media-server/src/main.rs", "use std::fs;\n//! Late.\n"), 1);
        assert_eq!(check_text("crates/mixer/src/ramp.rs", "use std::fs;\n"), 0);
    }
}
