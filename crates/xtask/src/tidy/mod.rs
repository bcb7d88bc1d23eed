//! Style as a test: each rule of the house that a machine can check, one module a rule.
//!
//! A rule is a function from a [`Tree`] to [`Finding`]s, so its tests run on small trees in memory.
//! What the compiler, clippy or tsc already check is not repeated here.

mod crate_docs;
mod dependencies;
mod length;
mod links;
mod modules;
mod purity;
mod tree;
mod unfinished;
mod unused;

use std::path::Path;
use std::process::ExitCode;

use tree::{SourceFile, Tree};

/// Checks the tree at `root`, prints what it found, and fails if anything is against a rule.
pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let tree = Tree::read(root)?;
    for finding in length::long_files(&tree) {
        println!("note: {finding}");
    }
    let findings = check(&tree);
    for finding in &findings {
        println!("error: {finding}");
    }
    if findings.is_empty() {
        println!("tidy: {} files, nothing to say", tree.files.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("tidy: {} to put right", findings.len());
    Ok(ExitCode::FAILURE)
}

fn check(tree: &Tree) -> Vec<Finding> {
    let rules = [
        dependencies::check,
        modules::check,
        unused::check,
        length::check,
        purity::check,
        crate_docs::check,
        unfinished::check,
        links::check,
    ];
    rules.iter().flat_map(|rule| rule(tree)).collect()
}

/// One thing against a rule: where it is, what it is, and what to do.
#[derive(Clone, Debug, PartialEq)]
struct Finding {
    path: String,
    /// Counted from 1.
    line: usize,
    what: String,
    advice: String,
}

impl Finding {
    fn new(
        file: &SourceFile,
        line: usize,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { path: file.path.clone(), line, what: what.into(), advice: advice.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.what, self.advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let tree = Tree::read(&crate::repository_root().unwrap()).unwrap();
        let findings: Vec<String> = check(&tree).iter().map(Finding::to_string).collect();
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }

    #[test]
    fn a_finding_reads_as_place_what_and_advice() {
        let tree = Tree::of(&[("crates/mixer/src/lib.rs", "fn f() {}\n")]);
        let shown = check(&tree)[0].to_string();
        assert!(shown.starts_with("crates/mixer/src/lib.rs:1: "), "{shown}");
    }
}
