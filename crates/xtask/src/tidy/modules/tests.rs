use super::layers::Layers;
use super::*;

/// A crate `c` of these files under its `src`.
fn found(files: &[(&str, &str)], layers: &[Layers]) -> Vec<Finding> {
    let files: Vec<_> =
        files.iter().map(|(path, text)| (format!("crates/c/src/{path}"), *text)).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    check_crate(&Tree::of(&files), "c", "crates/c", layers)
}

fn circles_in(files: &[(&str, &str)]) -> Vec<String> {
    found(files, &[]).into_iter().map(|finding| finding.what).collect()
}

const ROOT: (&str, &str) = ("lib.rs", "mod a;\nmod b;\nmod c;\n");

#[test]
fn imports_that_point_one_way_are_fine() {
    let files = [
        ROOT,
        ("a.rs", "use crate::b::B;\nuse crate::c::C;\n"),
        ("b.rs", "use super::c::C;\n"),
        ("c.rs", ""),
    ];
    assert_eq!(found(&files, &[]), []);
}

#[test]
fn a_circle_is_told_with_each_step() {
    let files = [
        ROOT,
        ("a.rs", "//! a\n\nuse crate::b::B;\n"),
        ("b.rs", "use super::c;\n"),
        ("c.rs", "fn f() {\n    crate::a::f();\n}\n"),
    ];
    let found = found(&files, &[]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].path.as_str(), found[0].line), ("crates/c/src/a.rs", 3));
    assert_eq!(
        found[0].what,
        "modules of `c` go in a circle: a uses b (crates/c/src/a.rs:3), \
         b uses c (crates/c/src/b.rs:1), c uses a (crates/c/src/c.rs:2)"
    );
}

#[test]
fn every_way_of_writing_an_import_is_seen() {
    let back = ("b.rs", "use crate::a::A;\n");
    for forth in [
        "use crate::b::B;",
        "use crate::b;",
        "use crate::{b::B};",
        "use crate::{c::C, b::{self, B}};",
        "use super::b::*;",
        "use crate::b::B as Other;",
        "pub use crate::b::B;",
        "fn f(b: &crate::b::B) {}",
        "fn f() { g!(x, super::b::B) }",
        "mod d { use super::super::b::B; }",
        "impl crate::b::Trait for A {}",
    ] {
        let files = [ROOT, ("a.rs", forth), back, ("c.rs", "")];
        assert_eq!(circles_in(&files).len(), 1, "{forth}");
    }
}

#[test]
fn what_is_no_import_is_not_seen() {
    let back = ("b.rs", "use crate::a::A;\n");
    for none in [
        "// use crate::b::B;",
        "/// [`crate::b::B`]\nfn f() {}",
        "const T: &str = \"crate::b::B\";",
        "#[cfg(test)]\nmod tests { use crate::b::B; }",
        "#[cfg(test)]\nuse crate::b::B;\nfn f() {}",
        "use b::B;",
        "use ::b::B;",
        "pub(crate) fn f(&self) { self.b::<u8>() }",
    ] {
        let files = [ROOT, ("a.rs", none), back, ("c.rs", "")];
        assert_eq!(circles_in(&files), [""; 0], "{none}");
    }
}

#[test]
fn what_follows_something_for_tests_is_seen_again() {
    for hidden in [
        "use x::Y;",
        "fn f() {}",
        "const X: T = T { a: 1 };",
        "mod tests;",
        "#[rustfmt::skip]\nimpl T {}",
    ] {
        let a = format!("#[cfg(test)]\n{hidden}\nuse crate::b::B;\n");
        let files = [ROOT, ("a.rs", a.as_str()), ("b.rs", "use crate::a::A;\n"), ("c.rs", "")];
        assert_eq!(circles_in(&files).len(), 1, "{hidden}");
    }
}

#[test]
fn re_exports_are_followed_to_where_the_name_is_defined() {
    let root = ("lib.rs", "mod a;\nmod b;\npub use b::B;\n");
    let files = [root, ("a.rs", "use crate::B;\n"), ("b.rs", "use crate::a::f;\npub struct B;\n")];
    assert_eq!(circles_in(&files).len(), 1);
    let root = ("lib.rs", "mod a;\nmod b;\npub use b::*;\n");
    let files = [root, ("a.rs", "use crate::B;\n"), ("b.rs", "use crate::a::f;\npub struct B;\n")];
    assert_eq!(circles_in(&files).len(), 1);
    // Its parent's own is no sibling's.
    let root = ("lib.rs", "mod a;\nmod b;\npub struct B;\n");
    let files = [root, ("a.rs", "use crate::B;\n"), ("b.rs", "use crate::a::f;\n")];
    assert_eq!(circles_in(&files), [""; 0]);
}

#[test]
fn a_parent_and_what_is_within_it_are_one() {
    let files = [
        ("lib.rs", "mod a;\n"),
        ("a/mod.rs", "mod inner;\nuse inner::f;\npub struct A;\n"),
        ("a/inner.rs", "use super::A;\nuse crate::a::A;\n"),
    ];
    assert_eq!(circles_in(&files), [""; 0]);
}

#[test]
fn files_deep_within_are_held_against_each_other_where_their_ways_part() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\n"),
        ("a/mod.rs", "mod x;\nmod y;\n"),
        ("a/x.rs", "use crate::b::deep::Deep;\nuse super::y::Y;\n"),
        ("a/y.rs", "use super::x::X;\n"),
        ("b/mod.rs", "pub mod deep;\n"),
        ("b/deep.rs", "use crate::a::y::Y;\n"),
    ];
    let circles = circles_in(&files);
    assert_eq!(circles.len(), 2, "{circles:?}");
    assert!(circles[0].starts_with("modules of `c` go in a circle: a uses b"), "{circles:?}");
    assert!(circles[1].starts_with("modules of `c::a` go in a circle: x uses y"), "{circles:?}");
}

#[test]
fn two_circles_of_one_level_are_told_apart() {
    let root = ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;\nmod e;\n");
    let files = [
        root,
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "use crate::a::A;\nuse crate::c::C;"),
        ("c.rs", "use crate::d::D;"),
        ("d.rs", "use crate::e::E;"),
        ("e.rs", "use crate::c::C;"),
    ];
    assert_eq!(circles_in(&files).len(), 2);
}

const ORDER: &[Layers] = &[Layers { krate: "c", top_down: &[&["a"], &["b", "c"]] }];

#[test]
fn an_import_against_the_declared_order_is_found() {
    let down = [ROOT, ("a.rs", "use crate::b::f;"), ("b.rs", ""), ("c.rs", "")];
    assert_eq!(found(&down, ORDER), []);
    let up = [ROOT, ("a.rs", ""), ("b.rs", "\nuse crate::a::f;"), ("c.rs", "")];
    let found_up = found(&up, ORDER);
    assert_eq!(found_up.len(), 1);
    assert_eq!((found_up[0].path.as_str(), found_up[0].line), ("crates/c/src/b.rs", 2));
    let sideways = [ROOT, ("a.rs", ""), ("b.rs", "use crate::c::f;"), ("c.rs", "")];
    assert_eq!(found(&sideways, ORDER).len(), 1);
}

#[test]
fn the_declared_order_names_every_module_and_no_other() {
    let more = [
        ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;\n"),
        ("a.rs", ""),
        ("b.rs", ""),
        ("c.rs", ""),
        ("d.rs", ""),
    ];
    assert!(found(&more, ORDER)[0].what.contains("`d` stands in no layer"));
    let fewer = [("lib.rs", "mod a;\nmod b;\n"), ("a.rs", ""), ("b.rs", "")];
    assert!(found(&fewer, ORDER)[0].what.contains("no such module"));
}

#[test]
fn what_cannot_be_read_is_a_finding_and_not_passed_over() {
    assert!(found(&[("lib.rs", "mod a;\n")], &[])[0].what.contains("`a` has no file"));
    assert_eq!(found(&[("lib.rs", "fn f() {\n")], &[]).len(), 1);
}
