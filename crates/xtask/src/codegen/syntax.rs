//! What ts-rs writes, read back: as much of TypeScript as the types of `wire` are made of.

/// A named type, with its documentation line by line.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    pub docs: Vec<String>,
    pub name: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `string`, `number`, `boolean`, `unknown`, `null`.
    Primitive(String),
    /// `"listen"`
    Literal(String),
    Named(String),
    Array(Box<Kind>),
    /// `Record<string, …>`
    Record(Box<Kind>),
    Object(Vec<Field>),
    Union(Vec<Kind>),
    Intersection(Vec<Kind>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub docs: Vec<String>,
    pub name: String,
    pub is_optional: bool,
    pub kind: Kind,
}

/// Reads one `type NAME = …;`, as ts-rs declares it.
///
/// # Panics
///
/// Panics on anything that the types of `wire` do not need so far: teach it here.
pub fn declaration(docs: &str, text: &str) -> Declaration {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    parser.expect("type");
    let name = parser.word();
    parser.expect("=");
    let kind = parser.kind();
    parser.expect(";");
    assert!(parser.at == parser.tokens.len(), "{name}: more than one type in {text}");
    Declaration { docs: doc_lines(docs), name, kind }
}

/// The text of a documentation comment.
fn doc_lines(comment: &str) -> Vec<String> {
    let inside = comment.trim().trim_start_matches("/**").trim_end_matches("*/");
    let lines = inside.lines().map(|line| {
        let line = line.trim();
        line.strip_prefix('*').unwrap_or(line).trim().to_owned()
    });
    let mut lines: Vec<String> = lines.skip_while(String::is_empty).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Words, strings with their quotes, comments, and single signs.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("/**") {
            rest.find("*/").expect("a comment ends") + 2
        } else if first == '"' {
            rest[1..].find('"').expect("a string ends") + 2
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    tokens
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn word(&mut self) -> String {
        self.at += 1;
        self.tokens.get(self.at - 1).expect("the type goes on").clone()
    }

    fn take(&mut self, token: &str) -> bool {
        let is_next = self.peek() == token;
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, token: &str) {
        let found = self.word();
        assert!(found == token, "{token} expected, not {found}: {}", self.tokens.join(" "));
    }

    /// A union binds weaker than an intersection.
    fn kind(&mut self) -> Kind {
        let mut members = vec![self.intersection()];
        while self.take("|") {
            members.push(self.intersection());
        }
        if members.len() == 1 { members.remove(0) } else { Kind::Union(members) }
    }

    fn intersection(&mut self) -> Kind {
        let mut members = vec![self.single()];
        while self.take("&") {
            members.push(self.single());
        }
        if members.len() == 1 { members.remove(0) } else { Kind::Intersection(members) }
    }

    fn single(&mut self) -> Kind {
        if self.take("(") {
            let kind = self.kind();
            self.expect(")");
            return kind;
        }
        if self.take("{") {
            return self.object();
        }
        let word = self.word();
        match word.as_str() {
            "string" | "number" | "boolean" | "unknown" | "null" => Kind::Primitive(word),
            "Array" => {
                self.expect("<");
                let inner = self.kind();
                self.expect(">");
                Kind::Array(Box::new(inner))
            }
            "Record" => {
                self.expect("<");
                self.expect("string");
                self.expect(",");
                let inner = self.kind();
                self.expect(">");
                Kind::Record(Box::new(inner))
            }
            _ if word.starts_with('"') => Kind::Literal(word.trim_matches('"').to_owned()),
            _ if word.chars().all(|sign| sign.is_alphanumeric() || sign == '_') => {
                Kind::Named(word)
            }
            _ => panic!("no type begins with {word}: {}", self.tokens.join(" ")),
        }
    }

    fn object(&mut self) -> Kind {
        let mut fields = Vec::new();
        while !self.take("}") {
            let docs =
                if self.peek().starts_with("/**") { doc_lines(&self.word()) } else { Vec::new() };
            let name = self.word().trim_matches('"').to_owned();
            let is_optional = self.take("?");
            self.expect(":");
            let kind = self.kind();
            fields.push(Field { docs, name, is_optional, kind });
            // The last field may go without.
            self.take(",");
        }
        Kind::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, is_optional: bool, kind: Kind) -> Field {
        Field { docs: Vec::new(), name: name.to_owned(), is_optional, kind }
    }

    fn primitive(name: &str) -> Kind {
        Kind::Primitive(name.to_owned())
    }

    #[test]
    fn an_object_with_documented_fields() {
        let text = "type Note = {\n/**\n * The text,\n * ≤ 4,000 characters.\n */\ntext: string,\nby?: Array<User>, };";
        let read = declaration("/**\n * A note.\n */\n", text);
        assert_eq!(read.docs, ["A note."]);
        let Kind::Object(fields) = read.kind else { panic!("{read:?}") };
        assert_eq!(fields[0].docs, ["The text,", "≤ 4,000 characters."]);
        let users = Kind::Array(Box::new(Kind::Named("User".to_owned())));
        assert_eq!(fields[1], field("by", true, users));
    }

    #[test]
    fn an_intersection_binds_stronger_than_a_union() {
        let read = declaration("", "type A = { at: number, } & ({ \"type\": \"b\" } & B | \"c\");");
        let Kind::Intersection(both) = read.kind else { panic!("{read:?}") };
        assert_eq!(both[0], Kind::Object(vec![field("at", false, primitive("number"))]));
        let Kind::Union(members) = &both[1] else { panic!("{both:?}") };
        assert!(matches!(&members[0], Kind::Intersection(inner) if inner.len() == 2));
        assert_eq!(members[1], Kind::Literal("c".to_owned()));
    }

    #[test]
    fn a_record_holds_one_kind_of_values() {
        let read = declaration("", "type A = Record<string, unknown>;");
        assert_eq!(read.kind, Kind::Record(Box::new(primitive("unknown"))));
    }

    #[test]
    #[should_panic(expected = "no type begins with [")]
    fn what_is_not_known_is_not_passed_over() {
        declaration("", "type A = [string, number];");
    }
}
