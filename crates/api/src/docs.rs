//! The API's documentation as a page: one section an operation, then the shapes, then the problems.
//!
//! Ours, because the pages of utoipa-scalar and utoipa-rapidoc load their scripts from elsewhere:
//! this one works offline and under a policy that allows our own files only.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::problem::kinds;

/// The page's style sheet; the content security policy allows no other way.
pub(super) const STYLE: &str = include_str!("../assets/docs.css");

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Renders an OpenAPI document.
pub(super) fn render(document: &Value) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sotto API</title>\
         <link rel=\"stylesheet\" href=\"/api/docs.css\"><main><h1>Sotto API</h1>",
    );
    page.push_str(&paragraphs(text(&document["info"]["description"])));
    page.push_str("<p>For programs: <a href=\"/api/v1/openapi.json\">openapi.json</a></p><nav>");
    let operations = operations(document);
    for operation in &operations {
        let _ = write!(
            page,
            "<a href=\"#{}\"><b>{}</b> <code>{}</code> {}</a>",
            operation.anchor(),
            operation.method,
            escape(operation.path),
            escape(text(&operation.value["summary"]))
        );
    }
    page.push_str("</nav><h2>Operations</h2>");
    for operation in &operations {
        operation.render(&mut page);
    }
    page.push_str("<h2>Shapes</h2>");
    for (name, schema) in object(&document["components"]["schemas"]) {
        let _ = write!(page, "<section id=\"{0}\"><h3>{0}</h3>", escape(name));
        page.push_str(&paragraphs(text(&schema["description"])));
        schema_body(&mut page, schema);
        page.push_str("</section>");
    }
    render_problems(&mut page);
    page.push_str("</main></html>");
    page
}

struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    fn anchor(&self) -> String {
        escape(text(&self.value["operationId"]))
    }

    fn render(&self, page: &mut String) {
        let _ = write!(
            page,
            "<section id=\"{}\"><h3><b>{}</b> <code>{}</code></h3>",
            self.anchor(),
            self.method,
            escape(self.path)
        );
        page.push_str(&paragraphs(text(&self.value["summary"])));
        page.push_str(&paragraphs(text(&self.value["description"])));
        let is_public = self.value["security"].as_array().is_some_and(|needed| {
            needed.iter().all(|scheme| scheme.as_object().is_some_and(Map::is_empty))
        });
        if is_public {
            page.push_str("<p class=\"note\">Needs no token.</p>");
        }
        page.push_str("<table><tbody>");
        for parameter in self.value["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or("idempotency-key");
            let place = parameter["in"].as_str().unwrap_or("header");
            row(page, &format!("{name} ({place})"), &escape(text(&parameter["description"])));
        }
        for (kind, content) in object(&self.value["requestBody"]["content"]) {
            row(page, "body", &format!("{} {}", escape(kind), shape(&content["schema"])));
        }
        for (status, response) in object(&self.value["responses"]) {
            if response.get("$ref").is_some() {
                row(page, "else", "<a href=\"#problems\">a problem</a>");
                continue;
            }
            let mut about = escape(text(&response["description"]));
            for (kind, content) in object(&response["content"]) {
                let _ = write!(about, " {} {}", escape(kind), shape(&content["schema"]));
            }
            row(page, status, &about);
        }
        page.push_str("</tbody></table></section>");
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in object(&document["paths"]) {
        for method in METHODS {
            if let Some(value) = item.get(method) {
                operations.push(Operation { method, path, value });
            }
        }
    }
    operations
}

fn render_problems(page: &mut String) {
    page.push_str("<h2 id=\"problems\">Problems</h2><table><tbody>");
    for (name, status, title) in kinds() {
        let short = name.rsplit('/').next().unwrap_or_default();
        let _ = write!(
            page,
            "<tr id=\"problem-{short}\"><th><code>{name}</code></th><td>{status} {}</td></tr>",
            escape(title)
        );
    }
    page.push_str("</tbody></table>");
}

/// Fields, variants or values of a schema.
fn schema_body(page: &mut String, schema: &Value) {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    page.push_str("<table><tbody>");
    for (name, field) in object(&schema["properties"]) {
        let optional = if required.contains(&name.as_str()) { "" } else { "?" };
        let about = format!("{} {}", shape(field), escape(text(&field["description"])));
        row(page, &format!("{name}{optional}"), &about);
    }
    for value in schema["enum"].as_array().into_iter().flatten() {
        row(page, text(value), "");
    }
    page.push_str("</tbody></table>");
    for key in ["oneOf", "allOf", "anyOf"] {
        for variant in schema[key].as_array().into_iter().flatten() {
            if variant.get("$ref").is_some() {
                let _ = write!(page, "<p>{}</p>", shape(variant));
            } else {
                page.push_str(&paragraphs(text(&variant["description"])));
                schema_body(page, variant);
            }
        }
    }
}

/// A schema in a word: a link, a type, a list of them.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(variants) = schema[key].as_array() {
            let variants: Vec<String> =
                variants.iter().filter(|variant| variant["type"] != "null").map(shape).collect();
            return variants.join(" or ");
        }
    }
    if schema["type"] == "array" {
        return format!("list of {}", shape(&schema["items"]));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(|value| escape(&value.to_string())).collect();
        return values.join(" or ");
    }
    match &schema["type"] {
        Value::String(kind) => escape(kind),
        Value::Array(kinds) => {
            escape(kinds.iter().map(text).find(|kind| *kind != "null").unwrap_or(""))
        }
        _ => String::new(),
    }
}

fn row(page: &mut String, name: &str, about: &str) {
    let _ = write!(page, "<tr><th><code>{}</code></th><td>{about}</td></tr>", escape(name));
}

fn paragraphs(text: &str) -> String {
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| format!("<p>{}</p>", escape(paragraph)))
        .collect()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
