//! The types of the API as schemas (valibot), with which the pages parse what comes from outside.
//!
//! Each schema is declared to yield its type, so that the pages' compiler proves that the two agree.
//!
//! There are four sets. What customers load must not hold a word of supervision: theirs has only what their pages read,
//! leaves out the fields and messages that a customer is never sent, and takes any text where one of the values would
//! be such a word. The form with which they come in has a set of its own, for the page begins with no more,
//! and so have the administrator's pages, with which neither the dashboard nor the desk begins.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::syntax::{Declaration, Field, Kind};

/// What no customer's browser is given, whatever the case of its letters.
const STAFF_WORDS: [&str; 6] = ["supervis", "whisper", "barge", "coach", "monitor", "listen"];

/// What the customers' pages read from the server; with them comes what they are made of, and nothing else.
const CUSTOMERS_READ: [&str; 11] = [
    "AttachmentView",
    "CallView",
    "ConversationView",
    "Envelope",
    "LegState",
    "LoginResponse",
    "MessagePage",
    "MessageReceipt",
    "TextEnvelope",
    "TranscriptView",
    "User",
];

/// What the form with which customers come in reads.
const FORM_READS: [&str; 1] = ["QueueList"];

/// What the administrator's pages read.
const ADMIN_READS: [&str; 10] = [
    "AdminQueueList",
    "AdminSkillList",
    "AdminTeamList",
    "AdminUserList",
    "AuditPage",
    "BrandView",
    "CannedReplyList",
    "PoliciesView",
    "TelephonyView",
    "WhisperRuleView",
];

const WIDTH: usize = 120;

#[derive(Clone, Copy, PartialEq)]
pub enum Audience {
    Staff,
    Customers,
    Form,
    Admin,
}

impl Audience {
    fn is_customers(self) -> bool {
        match self {
            Self::Customers | Self::Form => true,
            Self::Staff | Self::Admin => false,
        }
    }
}

/// All schemas for an audience, each after those that it is made of.
pub fn print(declarations: &BTreeMap<String, Declaration>, audience: Audience) -> String {
    let mut printer =
        Printer { declarations, audience, done: BTreeSet::new(), text: String::new() };
    match audience {
        Audience::Staff => declarations.keys().for_each(|name| printer.declare(name)),
        Audience::Customers => CUSTOMERS_READ.iter().for_each(|name| printer.declare(name)),
        Audience::Form => FORM_READS.iter().for_each(|name| printer.declare(name)),
        Audience::Admin => ADMIN_READS.iter().for_each(|name| printer.declare(name)),
    }
    printer.text
}

struct Printer<'a> {
    declarations: &'a BTreeMap<String, Declaration>,
    audience: Audience,
    done: BTreeSet<String>,
    text: String,
}

impl Printer<'_> {
    fn declare(&mut self, name: &str) {
        if !self.done.insert(name.to_owned()) {
            return;
        }
        let declaration = &self.declarations[name];
        if self.is_hidden(&Kind::Named(name.to_owned())) {
            return;
        }
        for needed in names(&declaration.kind) {
            self.declare(&needed);
        }
        let schema = self.schema(name, &declaration.kind, "");
        let _ = write!(self.text, "\nexport const {name}: Schema<wire.{name}> = {schema};\n");
    }

    /// `indent` is that of the line on which the schema begins.
    fn schema(&self, owner: &str, kind: &Kind, indent: &str) -> String {
        match kind {
            Kind::Primitive(name) => format!("v.{name}()"),
            Kind::Literal(text) => format!("v.literal(\"{text}\")"),
            Kind::Named(name) => name.clone(),
            Kind::Array(inner) => format!("v.array({})", self.schema(owner, inner, indent)),
            Kind::Record(inner) => {
                format!("v.record(v.string(), {})", self.schema(owner, inner, indent))
            }
            Kind::Object(fields) => self.object(owner, fields, indent),
            Kind::Intersection(_) => match self.flattened(kind) {
                Flat::Object(fields) => self.object(owner, &fields, indent),
                Flat::Variants(variants) => self.variants(owner, &variants, indent),
            },
            Kind::Union(members) => self.union(owner, kind, members, indent),
        }
    }

    fn union(&self, owner: &str, kind: &Kind, members: &[Kind], indent: &str) -> String {
        let texts: Option<Vec<&str>> = members
            .iter()
            .map(|member| if let Kind::Literal(text) = member { Some(text.as_str()) } else { None })
            .collect();
        if let Some(texts) = texts {
            if self.audience.is_customers() && texts.iter().any(|text| is_for_staff(text)) {
                return format!("anyText<wire.{owner}>()");
            }
            return picklist(owner, &texts, indent);
        }
        match self.flattened(kind) {
            Flat::Variants(variants) if variants.iter().all(|fields| has_tag(fields)) => {
                self.variants(owner, &variants, indent)
            }
            Flat::Variants(_) | Flat::Object(_) => {
                let inside = format!("{indent}  ");
                let lines = members
                    .iter()
                    .map(|member| format!("{inside}{},\n", self.schema(owner, member, &inside)));
                format!("v.union([\n{}{indent}])", lines.collect::<String>())
            }
        }
    }

    fn variants(&self, owner: &str, variants: &[Vec<Field>], indent: &str) -> String {
        let inside = format!("{indent}  ");
        let shown =
            variants.iter().filter(|fields| !self.is_hidden(&Kind::Object(fields.to_vec())));
        let lines =
            shown.map(|fields| format!("{inside}{},\n", self.object(owner, fields, &inside)));
        format!("v.variant(\"type\", [\n{}{indent}])", lines.collect::<String>())
    }

    fn object(&self, owner: &str, fields: &[Field], indent: &str) -> String {
        let inside = format!("{indent}  ");
        let mut lines = String::new();
        for field in fields {
            if self.is_hidden_field(field) {
                continue;
            }
            let schema = self.schema(owner, &field.kind, &inside);
            let schema =
                if field.is_optional { format!("v.exactOptional({schema})") } else { schema };
            let _ = writeln!(lines, "{inside}{}: {schema},", field.name);
        }
        format!("v.object({{\n{lines}{indent}}})")
    }

    /// Whether nobody but staff may be sent a value of this type. An optional field is left out instead.
    fn is_hidden(&self, kind: &Kind) -> bool {
        if !self.audience.is_customers() {
            return false;
        }
        match kind {
            Kind::Primitive(_) => false,
            Kind::Literal(text) => is_for_staff(text),
            Kind::Named(name) => {
                is_for_staff(name) || self.is_hidden(&self.declarations[name].kind)
            }
            Kind::Array(inner) | Kind::Record(inner) => self.is_hidden(inner),
            Kind::Object(fields) => {
                fields.iter().any(|field| !field.is_optional && self.is_hidden_field(field))
            }
            Kind::Intersection(members) => members.iter().any(|member| self.is_hidden(member)),
            // Texts are taken as any text; of messages those that are left stay.
            Kind::Union(_) => false,
        }
    }

    fn is_hidden_field(&self, field: &Field) -> bool {
        let is_customers = self.audience.is_customers();
        is_customers && (is_for_staff(&field.name) || self.is_hidden(&field.kind))
    }

    /// An intersection of objects is one object; one with a union has its fields in each member.
    fn flattened(&self, kind: &Kind) -> Flat {
        match kind {
            Kind::Object(fields) => Flat::Object(fields.clone()),
            Kind::Named(name) => self.flattened(&self.declarations[name].kind),
            Kind::Union(members) => Flat::Variants(
                members.iter().flat_map(|member| self.flattened(member).into_variants()).collect(),
            ),
            Kind::Intersection(members) => {
                let all = members.iter().map(|member| self.flattened(member));
                all.reduce(Flat::and).expect("an intersection has members")
            }
            Kind::Primitive(_) | Kind::Literal(_) | Kind::Array(_) | Kind::Record(_) => {
                panic!("{kind:?} has no fields")
            }
        }
    }
}

enum Flat {
    Object(Vec<Field>),
    Variants(Vec<Vec<Field>>),
}

impl Flat {
    fn into_variants(self) -> Vec<Vec<Field>> {
        match self {
            Self::Object(fields) => vec![fields],
            Self::Variants(variants) => variants,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Object(fields), Self::Object(more)) => Self::Object([fields, more].concat()),
            (one, other) => {
                let others = other.into_variants();
                let pairs = one.into_variants().into_iter().flat_map(|fields| {
                    others
                        .iter()
                        .map(move |more| [fields.clone(), more.clone()].concat())
                        .collect::<Vec<_>>()
                });
                Self::Variants(pairs.collect())
            }
        }
    }
}

fn picklist(owner: &str, texts: &[&str], indent: &str) -> String {
    let joined = texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>();
    let line = format!("v.picklist([{}])", joined.join(", "));
    let before = format!("export const {owner}: Schema<wire.{owner}> = ;");
    if before.chars().count() + line.chars().count() <= WIDTH {
        return line;
    }
    let lines = joined.iter().map(|text| format!("{indent}  {text},\n"));
    format!("v.picklist([\n{}{indent}])", lines.collect::<String>())
}

fn has_tag(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.name == "type" && matches!(field.kind, Kind::Literal(_)))
}

fn is_for_staff(word: &str) -> bool {
    let word = word.to_lowercase();
    STAFF_WORDS.iter().any(|staff| word.contains(staff))
}

/// The declared types that a type is made of.
fn names(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Primitive(_) | Kind::Literal(_) => Vec::new(),
        Kind::Named(name) => vec![name.clone()],
        Kind::Array(inner) | Kind::Record(inner) => names(inner),
        Kind::Object(fields) => fields.iter().flat_map(|field| names(&field.kind)).collect(),
        Kind::Union(members) | Kind::Intersection(members) => {
            members.iter().flat_map(names).collect()
        }
    }
}
