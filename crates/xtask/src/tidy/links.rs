//! Links within the documentation lead somewhere: to a file that is there, and to a heading in it.
//!
//! Only links that are written as Markdown's `[text](target)` are looked at, and of those only relative ones.

use super::{Finding, SourceFile, Tree};

/// Finds links to files or headings that are not there.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_markdown()) {
        for (number, target) in links(file) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = resolved(&file.path, path);
            let advice = "write a link that leads somewhere";
            if !path.is_empty() && !tree.contains(&path) {
                findings.push(Finding::new(file, number, format!("no file {path}"), advice));
                continue;
            }
            let linked = if path.is_empty() { Some(file) } else { tree.file(&path) };
            let Some(linked) = linked.filter(|linked| linked.is_markdown()) else { continue };
            if !heading.is_empty() && !anchors(linked).any(|anchor| anchor == heading) {
                let what = format!("no heading #{heading} in {}", linked.path);
                findings.push(Finding::new(file, number, what, advice));
            }
        }
    }
    findings
}

/// Relative links, each with its line.
fn links(file: &SourceFile) -> impl Iterator<Item = (usize, &str)> {
    prose(file).flat_map(|(number, line)| {
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let is_relative = |it: &&str| !it.contains(':') && !it.contains(' ') && !it.is_empty();
        targets.filter(is_relative).map(move |target| (number, target))
    })
}

/// The lines outside of fenced code.
fn prose(file: &SourceFile) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    file.lines().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// What headings are linked by: lower case, blanks as hyphens, without other signs.
fn anchors(file: &SourceFile) -> impl Iterator<Item = String> {
    prose(file).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept =
            heading.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
        kept.map(|it| if it == ' ' { '-' } else { it }).collect()
    })
}

/// `path` as seen from the file `from`, relative to the repository; empty for the file itself.
fn resolved(from: &str, path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let other = ("docs/other.md", "# Other\n\n## 3. Silent first, then told\n");
        let tree =
            Tree::of(&[("docs/a.md", text), other, ("crates/mixer/src/lib.rs", "//! Mixes.\n")]);
        check(&tree).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn files_folders_and_headings_that_are_there_are_fine() {
        let text = "# A\n[o](other.md), [h](other.md#3-silent-first-then-told), [s](#a), [c](../crates/mixer/src)\n\
            [web](https://voice.example/#x) `a](b c)`\n```\n[code](nowhere.md)\n```\n";
        assert!(found(text).is_empty(), "{:?}", found(text));
    }

    #[test]
    fn what_is_not_there_is_found() {
        assert_eq!(found("[a](gone.md)"), ["no file docs/gone.md"]);
        assert_eq!(found("[a](other.md#gone)"), ["no heading #gone in docs/other.md"]);
        assert_eq!(found("# A\n[a](#b) [a](#a)"), ["no heading #b in docs/a.md"]);
        assert_eq!(found("[a](../crates/codec/)"), ["no file crates/codec"]);
    }
}
