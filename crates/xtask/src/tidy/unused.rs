//! No public item that nobody uses. The compiler finds unused private ones; of a public one it cannot know.
//!
//! By name: what is defined, public to other crates, and whose name stands nowhere else in all the Rust of the
//! repository. So it finds only what is surely unused, and keeps quiet of what shares its name.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};

use super::{Finding, SourceFile, Tree};

/// What defines an item whose name follows.
const DEFINING: [&str; 7] = ["fn", "struct", "enum", "trait", "type", "static", "const"];
/// What may stand between `pub` and the word that defines.
const QUALIFIERS: [&str; 4] = ["const", "async", "unsafe", "extern"];

/// Finds public items of our crates that nobody uses.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut defined = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_rust()) {
        // What is no Rust is found when the modules are read.
        let Ok(tokens) = file.text.parse::<TokenStream>() else { continue };
        count(tokens, file, &mut counts, &mut defined);
    }
    defined.retain(|item| counts.get(&item.name) == Some(&1));
    let finding = |item: Defined<'_>| {
        let what = format!("`{}` is public, and nobody uses it", item.name);
        Finding::new(item.file, item.line, what, "take it out")
    };
    defined.into_iter().map(finding).collect()
}

struct Defined<'a> {
    name: String,
    file: &'a SourceFile,
    line: usize,
}

fn count<'a>(
    tokens: TokenStream,
    file: &'a SourceFile,
    counts: &mut BTreeMap<String, usize>,
    defined: &mut Vec<Defined<'a>>,
) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) => {
                *counts.entry(ident.to_string()).or_default() += 1;
                if ident == "pub" && file.path.contains("src/") {
                    let line = ident.span().start().line;
                    defined.extend(name(&tokens[at + 1..]).map(|name| Defined {
                        name,
                        file,
                        line,
                    }));
                }
            }
            TokenTree::Group(group) => count(group.stream(), file, counts, defined),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The name of the item that is defined after `pub`; none if it is a field, an import or `pub(crate)`.
fn name(tokens: &[TokenTree]) -> Option<String> {
    let mut words = tokens.iter().filter(|token| !matches!(token, TokenTree::Literal(_)));
    let mut word = words.next()?.to_string();
    let mut next = words.next()?.to_string();
    while QUALIFIERS.contains(&word.as_str()) && DEFINING.contains(&next.as_str())
        || (QUALIFIERS.contains(&word.as_str()) && QUALIFIERS.contains(&next.as_str()))
    {
        (word, next) = (next, words.next()?.to_string());
    }
    DEFINING.contains(&word.as_str()).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn what_stands_nowhere_else_is_found_at_its_line() {
        let found = check(&Tree::of(&[("crates/c/src/lib.rs", "//! c\n\npub fn lonely() {}\n")]));
        assert_eq!((found.len(), found[0].line), (1, 3));
        assert!(found[0].what.contains("`lonely`"));
    }

    #[test]
    fn every_kind_of_item_is_found() {
        for item in [
            "pub struct X;",
            "pub enum X {}",
            "pub const X: u8 = 1;",
            "pub const fn X() {}",
            "pub async fn X() {}",
            "pub unsafe extern \"C\" fn X() {}",
            "pub type X = u8;",
            "impl T { pub fn X(&self) {} }",
            "pub static X: u8 = 1;",
        ] {
            assert_eq!(names(&[("crates/c/src/lib.rs", item)]).len(), 1, "{item}");
        }
    }

    #[test]
    fn what_is_used_anywhere_or_not_public_is_not() {
        let used = ("crates/c/src/lib.rs", "pub fn used() {}\npub use x::y;\n");
        assert_eq!(names(&[used, ("tests/a/main.rs", "fn main() { c::used() }")]), [""; 0]);
        let own =
            "pub(crate) fn a() {}\nfn b() {}\npub struct S { pub field: u8 }\nfn f(_: S) {}\n";
        assert_eq!(names(&[("crates/c/src/lib.rs", own)]), [""; 0]);
    }

    #[test]
    fn a_name_in_words_is_no_use() {
        let text =
            "/// [`lonely`] is good.\npub fn lonely() {}\n// lonely\nconst A: &str = \"lonely\";\n";
        assert_eq!(names(&[("crates/c/src/lib.rs", text)]).len(), 1);
    }
}
