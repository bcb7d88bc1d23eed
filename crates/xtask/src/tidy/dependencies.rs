//! Dependencies point down only: which crate of ours may use which, and what the pure ones may not use at all.
//!
//! Reads the manifests alone, so it also sees what no code uses yet. Dev-dependencies are free, but nothing except the
//! tests and benches may depend on the server, in any way.

use std::collections::BTreeSet;

use super::{Finding, SourceFile, Tree};

/// What one crate may depend on.
struct Rule {
    krate: &'static str,
    may_use: MayUse,
}

enum MayUse {
    Only(&'static [&'static str]),
    Anything,
}

const RULES: &[Rule] = &[
    only("interaction", &[]),
    only("budget", &[]),
    only("jitter", &["codec"]),
    only("codec", &[]),
    only("mixer", &["interaction"]),
    only("call-engine", &["interaction", "jitter", "codec", "mixer"]),
    only("rtp", &[]),
    only("rtc-station", &["rtp"]),
    // The packets that both kinds of station hand to a call are one type.
    only("rtp-station", &["codec", "rtp", "rtc-station"]),
    only("media-workers", &["interaction", "call-engine", "rtc-station", "rtp-station"]),
    only("sip", &["budget"]),
    only("wire", &[]),
    only("store", &["interaction"]),
    only("accounts", &["budget", "interaction", "store"]),
    only("client", &["jitter", "codec", "wire"]),
    only("recordings", &["codec"]),
    only("demo", &["client", "codec", "recordings", "sip", "wire"]),
    only("loadtest", &["client", "demo", "jitter", "codec", "recordings", "rtp", "wire"]),
    only("softphone", &["client", "jitter", "codec", "mixer", "wire"]),
    only("sim", &["interaction", "jitter", "codec", "mixer", "call-engine", "rtc-station", "rtp"]),
    only("xtask", &["wire"]),
    only("control-plane", &["budget", "interaction"]),
    // The two edges where something is put into the API's words: HTTP and webhooks.
    only("connectors", &["interaction", "control-plane", "store", "wire"]),
    only(
        "orchestrator",
        &[
            "budget",
            "interaction",
            "control-plane",
            "media-workers",
            "accounts",
            "store",
            "connectors",
        ],
    ),
    only(
        "api",
        &[
            "budget",
            "interaction",
            "control-plane",
            "media-workers",
            "accounts",
            "store",
            "connectors",
            "orchestrator",
            "wire",
        ],
    ),
    // The other edge where calls come in.
    only(
        "telephony",
        &[
            "budget",
            "interaction",
            "control-plane",
            "media-workers",
            "accounts",
            "orchestrator",
            "sip",
        ],
    ),
    // Puts the parts together. The demo's callers and agents are clients of its own; mixer and codec for their
    // configuration types.
    only(
        "media-server",
        &[
            "budget",
            "interaction",
            "control-plane",
            "media-workers",
            "accounts",
            "store",
            "connectors",
            "orchestrator",
            "telephony",
            "api",
            "demo",
            "recordings",
            "call-engine",
            "codec",
            "mixer",
        ],
    ),
    only("postgres-testkit", &[]),
    only("sip-testkit", &["codec", "sip"]),
    Rule { krate: "testkit", may_use: MayUse::Anything },
    Rule { krate: "sotto-tests", may_use: MayUse::Anything },
    Rule { krate: "sotto-benches", may_use: MayUse::Anything },
];

/// Only what tests and measures may depend on these, even as a dev-dependency; but for the server's own tests.
const TOPMOST: [&str; 2] = ["media-server", "testkit"];

/// Crates of others that would bring clocks, sockets, files or threads into a pure crate.
const IMPURE: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "quinn-udp",
    "axum",
    "hyper",
    "reqwest",
    "sqlx",
    "webrtc",
    "chrono",
    "time",
    "crossbeam-channel",
];

const fn only(krate: &'static str, used: &'static [&'static str]) -> Rule {
    Rule { krate, may_use: MayUse::Only(used) }
}

/// Finds dependencies that point up or sideways, and crates without a rule.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut manifests = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        match Manifest::parse(file) {
            Ok(manifest) => manifests.extend(manifest),
            Err(error) => findings.push(Finding::new(
                file,
                1,
                format!("not a manifest: {error}"),
                "mend the TOML",
            )),
        }
    }
    // A package outside the workspace (the fuzz targets) tests ours and is bound by nothing.
    manifests.retain(|manifest| !manifest.is_workspace_of_its_own);
    let ours: BTreeSet<&str> = manifests.iter().map(|manifest| manifest.name.as_str()).collect();
    for manifest in &manifests {
        check_manifest(manifest, &ours, &mut findings);
    }
    findings
}

/// The packages of the workspace: each one's name and folder.
pub fn packages(tree: &Tree) -> Vec<(String, String)> {
    let manifests = tree.files.iter().filter_map(|file| {
        let folder = file.path.strip_suffix("/Cargo.toml")?;
        // One that is no manifest is found above.
        let manifest = Manifest::parse(file).ok()??;
        (!manifest.is_workspace_of_its_own).then(|| (manifest.name, folder.to_owned()))
    });
    manifests.collect()
}

fn check_manifest(manifest: &Manifest, ours: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    let name = &manifest.name;
    let Some(rule) = RULES.iter().find(|rule| rule.krate == name) else {
        findings.push(manifest.finding(
            name,
            format!("crate `{name}` has no dependency rule"),
            "give it one in crates/xtask/src/tidy/dependencies.rs, or make it a module",
        ));
        return;
    };
    let MayUse::Only(allowed) = rule.may_use else {
        return;
    };
    for Dependency { name: used, kind } in &manifest.dependencies {
        let is_ours = ours.contains(used.as_str());
        let is_own_test = *kind == Kind::Dev && name == "media-server" && used == "testkit";
        if is_ours && TOPMOST.contains(&used.as_str()) && !is_own_test {
            findings.push(manifest.finding(
                used,
                format!("`{name}` depends on `{used}`"),
                "only tests and benches may; move the test to tests/",
            ));
        } else if *kind == Kind::Normal && is_ours && !allowed.contains(&used.as_str()) {
            findings.push(manifest.finding(
                used,
                format!("`{name}` may not depend on `{used}`"),
                format!("it may use {}; dependencies point down only", in_words(allowed)),
            ));
        } else if *kind == Kind::Normal
            && super::purity::is_pure(name)
            && IMPURE.contains(&used.as_str())
        {
            findings.push(manifest.finding(
                used,
                format!("pure crate `{name}` depends on `{used}`"),
                "clocks and IO belong in the outermost loop: pass in what is needed",
            ));
        }
    }
}

fn in_words(allowed: &[&str]) -> String {
    if allowed.is_empty() { "none of ours".to_owned() } else { allowed.join(", ") }
}

#[derive(PartialEq)]
enum Kind {
    /// What ships: dependencies and build-dependencies, for any target.
    Normal,
    Dev,
}

struct Dependency {
    name: String,
    kind: Kind,
}

struct Manifest<'a> {
    file: &'a SourceFile,
    name: String,
    is_workspace_of_its_own: bool,
    dependencies: Vec<Dependency>,
}

impl<'a> Manifest<'a> {
    /// The package in a manifest; none in a workspace's own.
    fn parse(file: &'a SourceFile) -> Result<Option<Self>, toml::de::Error> {
        let table: toml::Table = file.text.parse()?;
        let Some(name) = table
            .get("package")
            .and_then(|package| package.get("name"))
            .and_then(|name| name.as_str())
        else {
            return Ok(None);
        };
        let mut dependencies = dependencies_in(&table);
        let targets = table.get("target").and_then(toml::Value::as_table);
        for target in targets.into_iter().flat_map(toml::Table::values) {
            dependencies.extend(target.as_table().into_iter().flat_map(dependencies_in));
        }
        Ok(Some(Self {
            file,
            name: name.to_owned(),
            is_workspace_of_its_own: table.contains_key("workspace"),
            dependencies,
        }))
    }

    /// A finding at the line where `key` is set or named.
    fn finding(&self, key: &str, what: String, advice: impl Into<String>) -> Finding {
        let line = self.file.lines().find(|(_, line)| {
            let rest = line.trim_start().strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with([' ', '.', '=']))
                || line.contains(&format!("\"{key}\""))
        });
        Finding::new(self.file, line.map_or(1, |(number, _)| number), what, advice)
    }
}

fn dependencies_in(table: &toml::Table) -> Vec<Dependency> {
    let sections = [
        ("dependencies", Kind::Normal),
        ("build-dependencies", Kind::Normal),
        ("dev-dependencies", Kind::Dev),
    ];
    let mut found = Vec::new();
    for (section, kind) in sections {
        let entries = table.get(section).and_then(toml::Value::as_table);
        for (key, value) in entries.into_iter().flatten() {
            let renamed = value.get("package").and_then(toml::Value::as_str);
            found.push(Dependency {
                name: renamed.unwrap_or(key).to_owned(),
                kind: if kind == Kind::Dev { Kind::Dev } else { Kind::Normal },
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERACTION: (&str, &str) =
        ("crates/interaction/Cargo.toml", "[package]\nname = \"interaction\"\n");
    const SERVER: (&str, &str) =
        ("media-server/Cargo.toml", "[package]\nname = \"media-server\"\n");

    fn findings_with(other: (&str, &str), name: &str, rest: &str) -> usize {
        let path = format!("crates/{name}/Cargo.toml");
        let text = format!("[package]\nname = \"{name}\"\n{rest}");
        check(&Tree::of(&[other, (&path, &text)])).len()
    }

    fn findings(name: &str, rest: &str) -> Vec<Finding> {
        let path = format!("crates/{name}/Cargo.toml");
        let text = format!("[package]\nname = \"{name}\"\n{rest}");
        check(&Tree::of(&[INTERACTION, SERVER, (&path, &text)]))
    }

    #[test]
    fn a_dependency_that_points_down_is_fine() {
        assert_eq!(findings("mixer", "[dependencies]\ninteraction.workspace = true\n"), []);
    }

    #[test]
    fn a_dependency_that_points_sideways_is_found_at_its_line() {
        let found =
            findings("jitter", "[dependencies]\nthiserror = \"2\"\ninteraction.workspace = true\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 5);
        assert_eq!(found[0].what, "`jitter` may not depend on `interaction`");
    }

    #[test]
    fn a_renamed_or_target_dependency_does_not_slip_through() {
        let renamed =
            "[dependencies]\nrules = { path = \"../interaction\", package = \"interaction\" }\n";
        assert_eq!(findings("wire", renamed).len(), 1);
        let target = "[target.'cfg(unix)'.dependencies]\ninteraction.workspace = true\n";
        assert_eq!(findings("wire", target).len(), 1);
        let build = "[build-dependencies]\ninteraction.workspace = true\n";
        assert_eq!(findings("wire", build).len(), 1);
    }

    #[test]
    fn dev_dependencies_are_free_except_on_the_server() {
        assert_eq!(findings("jitter", "[dev-dependencies]\ninteraction.workspace = true\n"), []);
        let found = findings("client", "[dev-dependencies]\nmedia-server.workspace = true\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("depends on `media-server`"));
    }

    #[test]
    fn a_server_for_tests_is_for_the_servers_own_tests_and_never_within_it() {
        let kit = ("crates/testkit/Cargo.toml", "[package]\nname = \"testkit\"\n");
        let found = |section: &str| {
            let text =
                format!("[package]\nname = \"media-server\"\n[{section}]\ntestkit = \"0\"\n");
            check(&Tree::of(&[kit, ("media-server/Cargo.toml", &text)])).len()
        };
        assert_eq!(found("dev-dependencies"), 0);
        assert_eq!(found("dependencies"), 1);
        assert_eq!(findings_with(kit, "client", "[dev-dependencies]\ntestkit = \"0\"\n"), 1);
    }

    #[test]
    fn a_crate_without_a_rule_is_found() {
        assert!(findings("helpers", "")[0].what.contains("no dependency rule"));
    }

    #[test]
    fn a_pure_crate_with_a_runtime_is_found() {
        let found = findings("mixer", "[dependencies]\ntokio.workspace = true\n");
        assert!(found[0].what.contains("pure crate `mixer` depends on `tokio`"));
    }

    #[test]
    fn a_package_outside_the_workspace_is_bound_by_nothing() {
        let text =
            "[package]\nname = \"fuzz\"\n[workspace]\n[dependencies]\nmedia-server = \"0\"\n";
        assert_eq!(check(&Tree::of(&[SERVER, ("fuzz/Cargo.toml", text)])), []);
    }

    #[test]
    fn a_broken_manifest_is_found() {
        assert_eq!(check(&Tree::of(&[("crates/jitter/Cargo.toml", "[package\n")])).len(), 1);
    }
}
