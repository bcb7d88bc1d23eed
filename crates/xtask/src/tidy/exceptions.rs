//! What is not as it should be yet, crate by crate. An exception that is no longer needed is itself a finding.

use super::{Finding, Tree};

/// A crate whose modules may still go in circles, and which may still have items that nobody uses.
struct Exception {
    /// Its folder.
    folder: &'static str,
    /// Since when, and until what.
    why: &'static str,
}

const EXCEPTIONS: &[Exception] =
    &[];

/// Leaves out what is excepted, and adds the exceptions that nothing needs.
pub fn apply(tree: &Tree, findings: Vec<Finding>) -> Vec<Finding> {
    let is_of = |finding: &Finding, it: &Exception| finding.path.starts_with(it.folder);
    let stale: Vec<Finding> = EXCEPTIONS
        .iter()
        .filter(|it| !findings.iter().any(|finding| is_of(finding, it)))
        .filter_map(|it| stale(tree, it))
        .collect();
    findings
        .into_iter()
        .filter(|finding| !EXCEPTIONS.iter().any(|it| is_of(finding, it)))
        .chain(stale)
        .collect()
}

/// That an exception is no longer needed, at its line; none in a tree that is not this repository's.
fn stale(tree: &Tree, exception: &Exception) -> Option<Finding> {
    let file = tree.file("crates/xtask/src/tidy/exceptions.rs")?;
    let Exception { folder, why } = exception;
    let (line, _) = file.lines().find(|(_, line)| line.contains(&format!("\"{folder}\"")))?;
    let what = format!("`{folder}` needs no exception any more ({why})");
    Some(Finding::new(file, line, what, "take its line out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = "crates/store/";

    fn finding(path: &str) -> Finding {
        Finding { path: path.to_owned(), line: 1, what: "x".to_owned(), advice: "y".to_owned() }
    }

    #[test]
    fn what_is_excepted_is_left_out_and_nothing_else() {
        let left = apply(&Tree::of(&[]), vec![finding("crates/store/src/lib.rs"), finding("a.rs")]);
        assert_eq!(left, [finding("a.rs")]);
    }

    #[test]
    fn an_exception_that_nothing_needs_is_found_at_its_line() {
        let text = format!("//! x\n    folder: \"{FOLDER}\",\n");
        let tree = Tree::of(&[("crates/xtask/src/tidy/exceptions.rs", &text)]);
        let found = apply(&tree, Vec::new());
        assert_eq!((found.len(), found[0].line), (1, 2));
        assert_eq!(apply(&tree, vec![finding("crates/store/src/lib.rs")]), []);
    }
}
