//! Reads the modules of one crate: what each defines, what names it brings in, and which paths it uses.
//!
//! By tokens, not by names resolved: no compiler is needed, and it is quick. What is for tests alone (`#[cfg(test)]`)
//! is left out. What a macro makes of its arguments is not known; paths within the arguments are seen.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tidy::Tree;

/// Where a module stands in its crate: `["media", "peer"]`. The root's is empty.
pub type ModulePath = Vec<String>;

/// The modules of a crate.
pub struct Modules {
    pub by_path: BTreeMap<ModulePath, Module>,
}

/// One module, in a file of its own or within its parent's.
#[derive(Default)]
pub struct Module {
    /// The file that it is in, relative to the repository.
    pub file: String,
    /// Names of the items that it defines.
    pub items: BTreeSet<String>,
    /// What `use` brings in, by the name that it has here.
    pub bindings: BTreeMap<String, Reference>,
    /// What `use …::*` brings in.
    pub globs: Vec<Reference>,
    /// Every path in it that may lead to another module of the crate.
    pub references: Vec<Reference>,
}

/// A path as it stands in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Counted from 1.
    pub line: usize,
    /// From the crate's root on, or from the module that it stands in.
    pub start: Start,
    pub segments: Vec<String>,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// `crate::`.
    Root,
    /// `self::`, or `super::` so many times.
    Up(usize),
    /// A name: a module within this one, something brought in, or another crate.
    Name,
}

/// Why a crate's modules can't be read: where, and what is wrong.
#[derive(Debug, PartialEq)]
pub struct Unreadable {
    pub file: String,
    pub what: String,
}

impl Modules {
    /// Reads the modules of the crate in `folder`, from its library's root on, or its program's if it has no library.
    ///
    /// # Errors
    /// A file that is no Rust, or a module without a file.
    pub fn read(tree: &Tree, folder: &str) -> Result<Option<Self>, Unreadable> {
        let roots = ["lib.rs", "main.rs"].map(|name| format!("{folder}/src/{name}"));
        let Some(root) = roots.into_iter().find(|root| tree.file(root).is_some()) else {
            return Ok(None);
        };
        let mut modules = Self { by_path: BTreeMap::new() };
        modules.read_file(tree, &format!("{folder}/src"), Vec::new(), root)?;
        Ok(Some(modules))
    }

    fn read_file(
        &mut self,
        tree: &Tree,
        source: &str,
        path: ModulePath,
        file: String,
    ) -> Result<(), Unreadable> {
        let unreadable = |what: &str| Unreadable { file: file.clone(), what: what.to_owned() };
        let text = &tree.file(&file).ok_or_else(|| unreadable("there is no such file"))?.text;
        let tokens: TokenStream =
            text.parse().map_err(|error: proc_macro2::LexError| unreadable(&error.to_string()))?;
        self.read_tokens(tree, source, path, file, tokens)
    }

    fn read_tokens(
        &mut self,
        tree: &Tree,
        source: &str,
        path: ModulePath,
        file: String,
        tokens: TokenStream,
    ) -> Result<(), Unreadable> {
        let mut walk =
            Walk { module: Module { file: file.clone(), ..Module::default() }, within: Vec::new() };
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        walk.items(&tokens, true);
        self.by_path.insert(path.clone(), walk.module);
        for (name, body) in walk.within {
            let mut inner = path.clone();
            inner.push(name);
            match body {
                Some(tokens) => self.read_tokens(tree, source, inner, file.clone(), tokens)?,
                None => {
                    let stem = format!("{source}/{}", inner.join("/"));
                    let files = [format!("{stem}.rs"), format!("{stem}/mod.rs")];
                    let found = files.into_iter().find(|file| tree.file(file).is_some());
                    let what = || format!("its module `{}` has no file", inner.join("::"));
                    let found =
                        found.ok_or_else(|| Unreadable { file: file.clone(), what: what() })?;
                    self.read_file(tree, source, inner, found)?;
                }
            }
        }
        Ok(())
    }
}

/// One walk through a module's tokens.
struct Walk {
    module: Module,
    /// The modules declared in this one, with their tokens where they are written within it.
    within: Vec<(String, Option<TokenStream>)>,
}

/// What defines an item whose name follows.
const DEFINING: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "union", "static", "const"];
/// What may stand between `const` or `static` and something else than its name.
const NOT_NAMES: [&str; 5] = ["fn", "unsafe", "async", "extern", "mut"];

impl Walk {
    /// Walks over `tokens`; at the module's own level, items and modules are noted, too.
    fn items(&mut self, tokens: &[TokenTree], is_module_level: bool) {
        let mut at = 0;
        while at < tokens.len() {
            if let Some(length) = test_only(&tokens[at..]) {
                at += length;
                continue;
            }
            let rest = &tokens[at..];
            match &tokens[at] {
                TokenTree::Ident(ident) if ident == "use" && !is_punct(rest.get(1), '<') => {
                    at += self.import(&rest[1..], is_module_level) + 1;
                }
                TokenTree::Ident(ident) if ident == "mod" && is_module_level => {
                    at += self.submodule(rest);
                }
                TokenTree::Ident(_) => {
                    if is_module_level {
                        self.definition(rest);
                    }
                    at += self.path(rest);
                }
                TokenTree::Group(group) => {
                    let within: Vec<TokenTree> = group.stream().into_iter().collect();
                    self.items(&within, false);
                    at += 1;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
            }
        }
    }

    /// `mod name;` or `mod name { … }`: how many tokens it has.
    fn submodule(&mut self, tokens: &[TokenTree]) -> usize {
        let Some(TokenTree::Ident(name)) = tokens.get(1) else { return 1 };
        match tokens.get(2) {
            Some(TokenTree::Group(body)) => {
                self.within.push((name.to_string(), Some(body.stream())));
            }
            _ => self.within.push((name.to_string(), None)),
        }
        3
    }

    fn definition(&mut self, tokens: &[TokenTree]) {
        if let [TokenTree::Ident(keyword), TokenTree::Ident(name), ..] = tokens
            && DEFINING.iter().any(|it| keyword == it)
            && !NOT_NAMES.iter().any(|it| name == it)
        {
            self.module.items.insert(name.to_string());
        }
    }

    /// A path that begins with `crate`, `self` or `super`, or one word: how many tokens it has.
    fn path(&mut self, tokens: &[TokenTree]) -> usize {
        let (reference, length) = leading(tokens);
        match reference {
            Some(reference) if reference.start != Start::Name => {
                self.module.references.push(reference);
                length
            }
            _ => 1,
        }
    }

    /// What follows `use`, up to its semicolon: how many tokens it has.
    fn import(&mut self, tokens: &[TokenTree], is_module_level: bool) -> usize {
        let end = tokens.iter().position(|token| is_punct(Some(token), ';'));
        let end = end.unwrap_or(tokens.len());
        let mut brought = Vec::new();
        use_tree(&tokens[..end], None, &mut brought);
        for Brought { reference, name } in brought {
            if is_module_level {
                match name {
                    Some(name) => drop(self.module.bindings.insert(name, reference.clone())),
                    None => self.module.globs.push(reference.clone()),
                }
            }
            self.module.references.push(reference);
        }
        end
    }
}

/// One leaf of a `use`: what it names, and its name here; none if it is `*`.
struct Brought {
    reference: Reference,
    name: Option<String>,
}

/// Takes a `use` apart; `prefix` is what stands before the braces.
fn use_tree(tokens: &[TokenTree], prefix: Option<&Reference>, brought: &mut Vec<Brought>) {
    for tree in tokens.split(|token| is_punct(Some(token), ',')) {
        if is_punct(tree.first(), ':') {
            continue; // `::name`: another crate's.
        }
        let (found, length) = match prefix {
            None => leading(tree),
            Some(prefix) => continued(tree, prefix.clone()),
        };
        let Some(reference) = found else { continue };
        match &tree[length..] {
            [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace => {
                let within: Vec<TokenTree> = group.stream().into_iter().collect();
                use_tree(&within, Some(&reference), brought);
            }
            [TokenTree::Punct(star), ..] if star.as_char() == '*' => {
                brought.push(Brought { reference, name: None });
            }
            [TokenTree::Ident(keyword), TokenTree::Ident(name), ..] if keyword == "as" => {
                brought.push(Brought { reference, name: Some(name.to_string()) });
            }
            _ => {
                let name = reference.segments.last().cloned();
                brought.push(Brought { reference, name: name.or_else(|| Some(String::new())) });
            }
        }
    }
}

/// The path that the tokens begin with, `::` before a brace or a star included, and how many tokens it has.
fn leading(tokens: &[TokenTree]) -> (Option<Reference>, usize) {
    let Some(TokenTree::Ident(first)) = tokens.first() else { return (None, 0) };
    let line = first.span().start().line;
    let reference = |start, segments| Reference { line, start, segments };
    let (mut start, mut at) = match first.to_string().as_str() {
        "crate" => (Start::Root, 1),
        "self" => (Start::Up(0), 1),
        "super" => (Start::Up(1), 1),
        _ => (Start::Name, 0),
    };
    if start != Start::Name && !is_path_separator(&tokens[at..]) {
        return (None, 1); // `self` alone, `pub(crate)`.
    }
    while let (Start::Up(count), [_, _, TokenTree::Ident(word), ..]) = (start, &tokens[at..])
        && word == "super"
        && is_path_separator(&tokens[at..])
    {
        (start, at) = (Start::Up(count + 1), at + 3);
    }
    if start == Start::Name {
        return continued(tokens, reference(start, Vec::new()));
    }
    let (found, length) = continued(&tokens[at + 2..], reference(start, Vec::new()));
    (found, at + 2 + length)
}

/// The path with the segments that the tokens begin with.
fn continued(tokens: &[TokenTree], mut path: Reference) -> (Option<Reference>, usize) {
    let mut at = 0;
    while let Some(TokenTree::Ident(segment)) = tokens.get(at) {
        if segment == "as" {
            break;
        }
        if segment != "self" {
            path.segments.push(segment.to_string());
        }
        at += 1;
        if !is_path_separator(&tokens[at..]) {
            break;
        }
        at += 2;
    }
    (Some(path), at)
}

/// How many tokens at the beginning are an item for tests alone, with its attributes.
fn test_only(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] = tokens else { return None };
    if hash.as_char() != '#' || attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
        return None;
    }
    let mut at = 2;
    while is_punct(tokens.get(at), '#') {
        at += 2; // Its further attributes.
    }
    let is_statement = tokens[at..].iter().take(3).any(|token| {
        let keyword = token.to_string();
        ["use", "const", "static", "type", "let"].contains(&keyword.as_str())
    });
    let is_item = tokens[at..].iter().take(4).any(|token| {
        let keyword = token.to_string();
        ["mod", "fn", "struct", "enum", "impl", "trait", "macro_rules"].contains(&keyword.as_str())
    });
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => {
            punct.as_char() == ';' || (!is_statement && !is_item && punct.as_char() == ',')
        }
        TokenTree::Group(group) => !is_statement && group.delimiter() == Delimiter::Brace,
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    };
    let end = tokens[at..].iter().position(is_end);
    Some(end.map_or(tokens.len(), |end| at + end + 1))
}

fn is_path_separator(tokens: &[TokenTree]) -> bool {
    is_punct(tokens.first(), ':') && is_punct(tokens.get(1), ':')
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}
