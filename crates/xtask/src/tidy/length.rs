//! No file longer than a person reads in one sitting.

use super::{Finding, SourceFile, Tree};
use crate::codegen::GENERATED_FILES;

/// Above this a file is an error.
const LINES_MAX: usize = 800;

/// Above this a file is mentioned.
const LINES_LONG: usize = 500;

/// Files over the limit.
pub fn check(tree: &Tree) -> Vec<Finding> {
    over(tree, LINES_MAX, usize::MAX)
}

/// Files under the limit that get long.
pub fn long_files(tree: &Tree) -> Vec<Finding> {
    over(tree, LINES_LONG, LINES_MAX)
}

fn over(tree: &Tree, above: usize, up_to: usize) -> Vec<Finding> {
    let counted = |file: &&SourceFile| {
        (file.is_rust() || file.is_typescript()) && !GENERATED_FILES.contains(&file.path.as_str())
    };
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(counted) {
        let lines = file.text.lines().count();
        if lines > above && lines <= up_to {
            let what = format!("{lines} lines");
            let advice =
                format!("split it by what it decides; {LINES_LONG} is long, {LINES_MAX} the limit");
            findings.push(Finding::new(file, lines, what, advice));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(path: &str, lines: usize) -> Tree {
        Tree::of(&[(path, &"//! x\n".repeat(lines))])
    }

    #[test]
    fn the_limit_itself_is_fine_and_one_more_is_not() {
        assert_eq!(check(&tree("a.rs", LINES_MAX)), []);
        assert_eq!(check(&tree("a.rs", LINES_MAX + 1)).len(), 1);
        assert_eq!(check(&tree("a.tsx", LINES_MAX + 1)).len(), 1);
    }

    #[test]
    fn a_long_file_is_mentioned_only() {
        let long = tree("a.ts", LINES_LONG + 1);
        assert_eq!(check(&long), []);
        assert_eq!(long_files(&long).len(), 1);
    }

    #[test]
    fn generated_code_may_be_long() {
        for path in GENERATED_FILES {
            assert_eq!(check(&tree(path, LINES_MAX + 1)), []);
        }
    }
}
