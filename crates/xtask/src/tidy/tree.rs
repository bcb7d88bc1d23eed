//! The files that the rules look at, with their text.

use std::fs;
use std::path::Path;

use anyhow::Context;

/// What is built, fetched or written at run time, and not ours to tidy.
const SKIPPED_FOLDERS: [&str; 7] =
    ["target", "node_modules", "dist", "data", "test-results", "corpus", "artifacts"];

/// Endings of the files that some rule reads.
const READ_ENDINGS: [&str; 6] = [".rs", ".ts", ".tsx", ".md", "/Cargo.toml", "/clippy.toml"];

pub struct SourceFile {
    /// Relative to the repository, with `/` between folders.
    pub path: String,
    pub text: String,
}

impl SourceFile {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub fn is_typescript(&self) -> bool {
        self.path.ends_with(".ts") || self.path.ends_with(".tsx")
    }

    pub fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }

    /// The lines with their numbers, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

pub struct Tree {
    /// Sorted by path.
    pub files: Vec<SourceFile>,
    /// The paths of all files, read or not, sorted.
    paths: Vec<String>,
}

impl Tree {
    /// Reads the sources under `root`.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut tree = Self { files: Vec::new(), paths: Vec::new() };
        read_folder(root, "", &mut tree)?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        tree.paths.sort();
        Ok(tree)
    }

    /// The file at this path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether there is such a file or folder.
    pub fn contains(&self, path: &str) -> bool {
        let is_within = |it: &String| {
            it.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.paths.iter().any(is_within)
    }

    /// A tree in memory, of paths and texts.
    #[cfg(test)]
    pub fn of(files_and_texts: &[(&str, &str)]) -> Self {
        let files = files_and_texts
            .iter()
            .map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        Self { files, paths: files_and_texts.iter().map(|(path, _)| (*path).to_owned()).collect() }
    }
}

fn read_folder(root: &Path, folder: &str, tree: &mut Tree) -> anyhow::Result<()> {
    let here = root.join(folder);
    let entries = fs::read_dir(&here).with_context(|| format!("reading {}", here.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !name.starts_with('.') && !SKIPPED_FOLDERS.contains(&name.as_str()) {
                read_folder(root, &path, tree)?;
            }
        } else if kind.is_file() {
            tree.paths.push(path.clone());
            if READ_ENDINGS.iter().any(|ending| path.ends_with(ending)) {
                let text =
                    fs::read_to_string(entry.path()).with_context(|| format!("reading {path}"))?;
                tree.files.push(SourceFile { path, text });
            }
        }
    }
    Ok(())
}
