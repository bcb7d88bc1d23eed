//! The types of the API as TypeScript, in the layout that the pages' formatter gives them.

use std::collections::BTreeMap;

use super::syntax::{Declaration, Field, Kind};

/// The longest line that the formatter lets stand.
const WIDTH: usize = 120;

/// All declarations, in the order of their names.
pub fn print(declarations: &BTreeMap<String, Declaration>) -> String {
    let printed = declarations.values().map(|declaration| {
        let kind = with_names(&declaration.kind, &declaration.name, declarations);
        let docs = comment(&declaration.docs, "");
        format!(
            "{docs}export type {} ={};\n",
            declaration.name,
            right_side(&declaration.name, &kind)
        )
    });
    printed.collect::<Vec<_>>().join("\n")
}

/// ts-rs writes out what a message is flattened from: where that has a name, the name says it.
fn with_names(kind: &Kind, own: &str, declarations: &BTreeMap<String, Declaration>) -> Kind {
    let Kind::Intersection(members) = kind else { return kind.clone() };
    let named = members.iter().map(|member| {
        let same = declarations.values().find(|it| it.name != own && it.kind == *member);
        same.map_or_else(|| member.clone(), |it| Kind::Named(it.name.clone()))
    });
    Kind::Intersection(named.collect())
}

/// What follows the `=` of a declaration: on its line, or one member a line.
fn right_side(name: &str, kind: &Kind) -> String {
    let Kind::Union(members) = kind else { return format!(" {}", inline(kind, "")) };
    let on_one_line = !members.iter().any(is_block);
    let joined = members.iter().map(|it| inline(it, "")).collect::<Vec<_>>().join(" | ");
    let length = format!("export type {name} = {joined};").chars().count();
    if on_one_line && length <= WIDTH {
        return format!(" {joined}");
    }
    members.iter().map(|member| format!("\n  | {}", union_member(member))).collect()
}

fn union_member(kind: &Kind) -> String {
    match kind {
        Kind::Intersection(_) => format!("({})", inline(kind, "    ")),
        Kind::Object(fields) if fields.len() > 1 => inline(kind, "    "),
        Kind::Object(_)
        | Kind::Primitive(_)
        | Kind::Literal(_)
        | Kind::Named(_)
        | Kind::Array(_)
        | Kind::Record(_)
        | Kind::Union(_) => inline(kind, "  "),
    }
}

/// Whether a type is written on several lines.
fn is_block(kind: &Kind) -> bool {
    match kind {
        Kind::Object(fields) => !fits_inline(fields),
        Kind::Intersection(members) => members.iter().any(is_block),
        Kind::Union(members) => members.iter().any(is_block),
        Kind::Primitive(_)
        | Kind::Literal(_)
        | Kind::Named(_)
        | Kind::Array(_)
        | Kind::Record(_) => false,
    }
}

/// `{ type: "snapshot" }`: the tag of a variant, or its only field.
fn fits_inline(fields: &[Field]) -> bool {
    fields.len() == 1 && fields.iter().all(|field| field.docs.is_empty())
}

/// A type where `indent` is that of the line it begins on.
fn inline(kind: &Kind, indent: &str) -> String {
    match kind {
        Kind::Primitive(name) | Kind::Named(name) => name.clone(),
        Kind::Literal(text) => format!("\"{text}\""),
        Kind::Array(inner) => format!("Array<{}>", inline(inner, indent)),
        Kind::Record(inner) => format!("Record<string, {}>", inline(inner, indent)),
        Kind::Union(members) => {
            members.iter().map(|it| inline(it, indent)).collect::<Vec<_>>().join(" | ")
        }
        Kind::Intersection(members) => {
            members.iter().map(|it| inline(it, indent)).collect::<Vec<_>>().join(" & ")
        }
        Kind::Object(fields) if fits_inline(fields) => {
            format!("{{ {} }}", signature(&fields[0], indent))
        }
        Kind::Object(fields) => {
            let inside = format!("{indent}  ");
            let lines = fields.iter().map(|field| {
                format!("{}{inside}{};\n", comment(&field.docs, &inside), signature(field, &inside))
            });
            format!("{{\n{}{indent}}}", lines.collect::<String>())
        }
    }
}

fn signature(field: &Field, indent: &str) -> String {
    let optional = if field.is_optional { "?" } else { "" };
    format!("{}{optional}: {}", field.name, inline(&field.kind, indent))
}

/// A documentation comment; none for no lines.
fn comment(lines: &[String], indent: &str) -> String {
    match lines {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        _ => {
            let inside =
                lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n");
            format!("{indent}/**\n{}{indent} */\n", inside.collect::<String>())
        }
    }
}
