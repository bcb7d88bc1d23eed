//! Which module of a crate uses which, drawn between siblings.
//!
//! A use of `media::peer` by `session::store` is one of `media` by `session`: it is drawn where the two ways part. That
//! a module uses what its parent defines, and the parent what is within it, is no edge: they are one thing in several
//! files.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::{ModulePath, Modules, Reference, Start};

/// Names that lead to names are followed so far.
const FOLLOWED_MAX: usize = 16;

/// The children of one module, and who of them uses whom.
#[derive(Debug, Default, PartialEq)]
pub struct Level {
    pub edges: BTreeMap<(String, String), Place>,
}

/// Where a use stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
}

/// All edges between siblings, by their parent.
pub fn levels(modules: &Modules) -> BTreeMap<ModulePath, Level> {
    let mut levels: BTreeMap<ModulePath, Level> = BTreeMap::new();
    for (path, module) in &modules.by_path {
        for reference in &module.references {
            let Some(owner) = owner(modules, path, reference, FOLLOWED_MAX) else { continue };
            let shared = path.iter().zip(&owner).take_while(|(a, b)| a == b).count();
            let (Some(from), Some(to)) = (path.get(shared), owner.get(shared)) else { continue };
            let level = levels.entry(path[..shared].to_vec()).or_default();
            let place = Place { file: module.file.clone(), line: reference.line };
            level.edges.entry((from.clone(), to.clone())).or_insert(place);
        }
    }
    levels
}

/// The module that defines what a path within `from` leads to; none if that is another crate's.
fn owner(
    modules: &Modules,
    from: &ModulePath,
    reference: &Reference,
    followed_max: usize,
) -> Option<ModulePath> {
    let mut at = match reference.start {
        Start::Root => Vec::new(),
        Start::Up(count) => from[..from.len().checked_sub(count)?].to_vec(),
        Start::Name => {
            let first = reference.segments.first()?;
            let is_here = modules.by_path.contains_key(&child(from, first))
                || modules.by_path[from]
                    .bindings
                    .get(first)
                    .is_some_and(|binding| binding != reference);
            if !is_here {
                return None;
            }
            from.clone()
        }
    };
    for (index, segment) in reference.segments.iter().enumerate() {
        let inner = child(&at, segment);
        if modules.by_path.contains_key(&inner) {
            at = inner;
            continue;
        }
        let here = &modules.by_path[&at];
        if here.items.contains(segment) || followed_max == 0 {
            return Some(at);
        }
        if let Some(binding) = here.bindings.get(segment).filter(|binding| *binding != reference) {
            let mut further = binding.clone();
            further.segments.extend_from_slice(&reference.segments[index + 1..]);
            return owner(modules, &at, &further, followed_max - 1);
        }
        // Among what is brought in wholesale: whoever defines that name.
        for glob in &here.globs {
            let target = owner(modules, &at, glob, followed_max - 1);
            if let Some(target) = target.filter(|it| modules.by_path[it].items.contains(segment)) {
                return Some(target);
            }
        }
        return Some(at);
    }
    Some(at)
}

fn child(path: &ModulePath, name: &str) -> ModulePath {
    let mut inner = path.clone();
    inner.push(name.to_owned());
    inner
}

impl Level {
    /// The shortest circle through each group of modules that all lead to each other; each begins with its first name.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let names: BTreeSet<&String> = self.edges.keys().flat_map(|(a, b)| [a, b]).collect();
        let mut told: BTreeSet<&String> = BTreeSet::new();
        let mut circles = Vec::new();
        for &name in &names {
            if told.contains(name) {
                continue;
            }
            if let Some(circle) = self.way(name, name) {
                // Whoever it leads to, and who leads back, is in the same group.
                let group = names.iter().filter(|other| {
                    self.way(name, other).is_some() && self.way(other, name).is_some()
                });
                told.extend(group);
                circles.push(circle);
            }
        }
        circles
    }

    /// The shortest way, with at least one step; the end is left out.
    fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![from.to_owned()]];
        let mut seen = BTreeSet::new();
        let mut next = 0;
        while let Some(way) = ways.get(next).cloned() {
            next += 1;
            let last = way.last().cloned().unwrap_or_default();
            for (_, target) in self.edges.keys().filter(|(source, _)| *source == last) {
                if target == to {
                    return Some(way);
                }
                if seen.insert(target.clone()) {
                    let mut further = way.clone();
                    further.push(target.clone());
                    ways.push(further);
                }
            }
        }
        None
    }
}
