//! Nothing unfinished and no test switched off.

use super::{Finding, SourceFile, Tree};

// Taken apart so that this file does not find itself.
const IN_RUST: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it, or leave it out"),
    (concat!("unimplemented", "!("), "finish it, or leave it out"),
    (concat!("#[", "ignore"), "make the test pass, or remove it"),
];

const IN_TYPESCRIPT: &[(&str, &str)] = &[
    (concat!(".", "only("), "run all the tests"),
    (concat!(".", "skip("), "make the test pass, or remove it"),
    (concat!(".", "fixme("), "make the test pass, or remove it"),
    (concat!(".", "todo("), "write the test, or leave it out"),
];

/// Finds the marks that languages and test runners have for "later".
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            for (mark, advice) in marks_of(file).iter().filter(|(mark, _)| line.contains(mark)) {
                findings.push(Finding::new(file, number, format!("`{mark}`"), *advice));
            }
        }
    }
    findings
}

fn marks_of(file: &SourceFile) -> &'static [(&'static str, &'static str)] {
    if file.is_rust() {
        IN_RUST
    } else if file.is_typescript() {
        IN_TYPESCRIPT
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_found_in_its_language() {
        for (mark, _) in IN_RUST {
            assert_eq!(check(&Tree::of(&[("tests/a.rs", &format!("\n  {mark}"))]))[0].line, 2);
        }
        for (mark, _) in IN_TYPESCRIPT {
            assert_eq!(check(&Tree::of(&[("ui/a.test.ts", &format!("it{mark}'x'"))])).len(), 1);
        }
    }

    #[test]
    fn an_iterator_may_skip() {
        assert_eq!(check(&Tree::of(&[("a.rs", concat!("iter.", "skip(1)"))])), []);
    }
}
