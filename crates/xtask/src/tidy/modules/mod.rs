//! Dependencies point down only, between the modules of one crate as well: no circles, and no import against the
//! declared order.
//!
//! A module is one at any level, a file or a folder; siblings are held against each other, at each level of a crate.
//! Imports are followed through re-exports to the module that defines the name. What no import shows is not seen: a
//! method that is defined in another module than its type.

mod graph;
mod layers;
mod reader;

use super::dependencies::packages;
use super::{Finding, Tree};
use graph::{Level, Place, levels};
use layers::{LAYERS, Layers};
use reader::{ModulePath, Modules};

/// Finds circles between modules, and imports that point up.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let packages = packages(tree);
    packages.iter().flat_map(|(krate, folder)| check_crate(tree, krate, folder, LAYERS)).collect()
}

fn check_crate(tree: &Tree, krate: &str, folder: &str, layers: &[Layers]) -> Vec<Finding> {
    let modules = match Modules::read(tree, folder) {
        Ok(Some(modules)) => modules,
        Ok(None) => return Vec::new(),
        Err(error) => {
            let advice = "xtask reads a crate's modules from its root on";
            return vec![Finding {
                path: error.file,
                line: 1,
                what: error.what,
                advice: advice.to_owned(),
            }];
        }
    };
    let levels = levels(&modules);
    let mut findings: Vec<Finding> =
        levels.iter().flat_map(|(parent, level)| circles(krate, parent, level)).collect();
    if let Some(layers) = layers.iter().find(|layers| layers.krate == krate) {
        findings.extend(against(layers, folder, &modules, levels.get(&Vec::new())));
    }
    findings
}

fn circles(krate: &str, parent: &ModulePath, level: &Level) -> Vec<Finding> {
    let place = |from: &String, to: &String| &level.edges[&(from.clone(), to.clone())];
    let parent = std::iter::once(krate.replace('-', "_")).chain(parent.iter().cloned());
    let parent = parent.collect::<Vec<_>>().join("::");
    let finding = |circle: Vec<String>| {
        let next = circle.iter().cycle().skip(1);
        let steps: Vec<String> = circle
            .iter()
            .zip(next)
            .map(|(from, to)| {
                let Place { file, line } = place(from, to);
                format!("{from} uses {to} ({file}:{line})")
            })
            .collect();
        let first = place(&circle[0], circle.get(1).unwrap_or(&circle[0]));
        Finding {
            path: first.file.clone(),
            line: first.line,
            what: format!("modules of `{parent}` go in a circle: {}", steps.join(", ")),
            advice: "move what both need below both, or turn one import round".to_owned(),
        }
    };
    level.circles().into_iter().map(finding).collect()
}

/// What is against a crate's declared layers.
fn against(
    layers: &Layers,
    folder: &str,
    modules: &Modules,
    level: Option<&Level>,
) -> Vec<Finding> {
    let layer = |name: &str| layers.top_down.iter().position(|layer| layer.contains(&name));
    let finding = |place: Place, what: String, advice: &str| Finding {
        path: place.file,
        line: place.line,
        what,
        advice: advice.to_owned(),
    };
    let mut findings = Vec::new();
    let edges = level.into_iter().flat_map(|level| &level.edges);
    for ((from, to), place) in edges {
        if let (Some(upper), Some(lower)) = (layer(from), layer(to))
            && upper >= lower
        {
            let what = format!("`{from}` may not use `{to}`, which does not stand below it");
            let advice =
                "the order is in crates/xtask/src/tidy/modules/layers.rs; imports point down";
            findings.push(finding(place.clone(), what, advice));
        }
    }
    let at_root = || Place { file: format!("{folder}/src/lib.rs"), line: 1 };
    let is_top = |path: &&ModulePath| path.len() == 1;
    for path in modules.by_path.keys().filter(is_top).filter(|path| layer(&path[0]).is_none()) {
        let what = format!("module `{}` stands in no layer", path[0]);
        findings.push(finding(
            at_root(),
            what,
            "give it its place in crates/xtask/src/tidy/modules/layers.rs",
        ));
    }
    for name in layers.top_down.iter().flat_map(|layer| layer.iter()) {
        if !modules.by_path.contains_key(&vec![(*name).to_owned()]) {
            let what = format!("the layers name `{name}`, and there is no such module");
            findings.push(finding(at_root(), what, "take it out of the layers"));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
