//! The API's messages in TypeScript, from crate `wire`: types, and the schemas with which the pages parse what comes
//! from outside. A test keeps the files fresh.

mod schemas;
mod syntax;
mod types;

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use schemas::Audience;
use syntax::Declaration;
use ts_rs::{Config, TS, TypeVisitor};

/// What is generated, from the repository's root: types, the staff's schemas, the customers' schemas,
/// those of the form with which customers come in, and those of the administrator's pages.
pub const GENERATED_FILES: [&str; 5] = [
    "supervisor-ui/src/wire/generated.ts",
    "supervisor-ui/src/wire/schemas.ts",
    "supervisor-ui/src/wire/customerSchemas.ts",
    "supervisor-ui/src/wire/formSchemas.ts",
    "supervisor-ui/src/wire/adminSchemas.ts",
];

/// A file of the pages, and what belongs into it.
struct Generated {
    path: &'static str,
    text: String,
}

const HEADER: &str = "\
// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.
";

const SCHEMAS: &str = "
import * as v from \"valibot\";
import type * as wire from \"./generated\";
import { SCHEMA_IMPORT } from \"./schema\";
";

/// Writes the files that are not fresh under `root`.
pub fn write(root: &Path) -> anyhow::Result<ExitCode> {
    for Generated { path, text } in generated() {
        let file = root.join(path);
        // An unchanged file keeps its time stamp, so that the pages are not built anew.
        if fs::read_to_string(&file).is_ok_and(|present| present == text) {
            continue;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        println!("codegen: wrote {path}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Fails if a file under `root` is not what [`write`] would make.
pub fn check(root: &Path) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for Generated { path, text } in generated() {
        let file = root.join(path);
        let present =
            fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        if present != text {
            println!(
                "error: {path}:1: not what crate `wire` says: run `cargo run -p xtask -- codegen`"
            );
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn generated() -> [Generated; 5] {
    let declarations = declarations();
    let schemas = |audience, imported: &str| {
        let imports = SCHEMAS.replace("SCHEMA_IMPORT", imported);
        format!("{HEADER}{imports}{}", schemas::print(&declarations, audience))
    };
    let [for_types, for_staff, for_customers, for_form, for_admin] = GENERATED_FILES;
    [
        Generated { path: for_types, text: format!("{HEADER}\n{}", types::print(&declarations)) },
        Generated { path: for_staff, text: schemas(Audience::Staff, "type Schema") },
        Generated {
            path: for_customers,
            text: schemas(Audience::Customers, "anyText, type Schema"),
        },
        Generated { path: for_form, text: schemas(Audience::Form, "type Schema") },
        Generated { path: for_admin, text: schemas(Audience::Admin, "type Schema") },
    ]
}

/// All types that the requests, answers and events are made of.
fn declarations() -> BTreeMap<String, Declaration> {
    let mut types = Types::default();
    // What is sent or received as a whole; what is inside these comes along.
    types.visit::<wire::LoginRequest>();
    types.visit::<wire::LoginResponse>();
    types.visit::<wire::GuestRequest>();
    types.visit::<wire::QueueList>();
    types.visit::<wire::SignInList>();
    types.visit::<wire::PasswordChange>();
    types.visit::<wire::QueueChoiceList>();
    types.visit::<wire::PresenceRequest>();
    types.visit::<wire::PresenceResult>();
    types.visit::<wire::AgentPresenceResult>();
    types.visit::<wire::PlaceCall>();
    types.visit::<wire::DialNumber>();
    types.visit::<wire::AddNumber>();
    types.visit::<wire::OutboundRule>();
    types.visit::<wire::AttachStation>();
    types.visit::<wire::LegUpdate>();
    types.visit::<wire::LegState>();
    types.visit::<wire::HelpRequest>();
    types.visit::<wire::CallList>();
    types.visit::<wire::Envelope>();
    types.visit::<wire::Event>(); // flattened into the envelope, and so not found there
    types.visit::<wire::Problem>();
    types.visit::<wire::OpenConversation>();
    types.visit::<wire::OfferAnswer>();
    types.visit::<wire::PostMessage>();
    types.visit::<wire::MessageReceipt>();
    types.visit::<wire::TypingRequest>();
    types.visit::<wire::MarkRequest>();
    types.visit::<wire::SupervisionRequest>();
    types.visit::<wire::SupervisionState>();
    types.visit::<wire::TagRequest>();
    types.visit::<wire::ConversationList>();
    types.visit::<wire::MessagePage>();
    types.visit::<wire::HelpReport>();
    types.visit::<wire::CallReport>();
    types.visit::<wire::OwnDay>();
    types.visit::<wire::SupervisionReport>();
    types.visit::<wire::TransferRequest>();
    types.visit::<wire::ConferenceRequest>();
    types.visit::<wire::ConsultationUpdate>();
    types.visit::<wire::DestinationList>();
    types.visit::<wire::AgentList>();
    types.visit::<wire::StartChat>();
    types.visit::<wire::PostChatMessage>();
    types.visit::<wire::ReadChat>();
    types.visit::<wire::ChatList>();
    types.visit::<wire::ChatMessagePage>();
    types.visit::<wire::InteractionPage>();
    types.visit::<wire::InteractionDetail>();
    types.visit::<wire::CustomerContacts>();
    types.visit::<wire::Timeline>();
    types.visit::<wire::TranscriptView>();
    types.visit::<wire::AddNote>();
    types.visit::<wire::TextEnvelope>();
    types.visit::<wire::TextEvent>(); // flattened, too
    types.visit::<wire::ColleagueList>();
    types.visit::<wire::AdminUserList>();
    types.visit::<wire::SaveUser>();
    types.visit::<wire::AdminTeamList>();
    types.visit::<wire::SaveName>();
    types.visit::<wire::AdminQueueList>();
    types.visit::<wire::SaveQueue>();
    types.visit::<wire::AdminSkillList>();
    types.visit::<wire::WhisperRuleView>();
    types.visit::<wire::PoliciesView>();
    types.visit::<wire::BrandView>();
    types.visit::<wire::CannedReplyList>();
    types.visit::<wire::SaveReply>();
    types.visit::<wire::AuditPage>();
    types.visit::<wire::TelephonyView>();
    types.declarations
}

#[derive(Default)]
struct Types {
    config: Config,
    seen: HashSet<TypeId>,
    declarations: BTreeMap<String, Declaration>,
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only declared types have an output path: numbers, lists and options do not.
        if T::output_path().is_none() || !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = syntax::declaration(&docs, &T::decl(&self.config));
        self.declarations.insert(T::ident(&self.config), declaration);
        T::visit_dependencies(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> std::path::PathBuf {
        crate::repository_root().unwrap()
    }

    #[test]
    fn the_pages_types_and_schemas_are_fresh() {
        assert_eq!(
            check(&root()).unwrap(),
            ExitCode::SUCCESS,
            "run `cargo run -p xtask -- codegen`"
        );
    }

    #[test]
    fn no_type_of_wire_is_left_out() {
        let [types, schemas, ..] = generated();
        let mut derived = 0;
        for entry in fs::read_dir(root().join("crates/wire/src")).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for after in text.split("TS)]\n").skip(1) {
                let line = after.lines().find(|line| line.starts_with("pub ")).unwrap();
                let name = line.split([' ', '<', '(']).nth(2).unwrap();
                assert!(
                    types.text.contains(&format!("export type {name} =")),
                    "{name}: add it to `declarations`"
                );
                assert!(
                    schemas.text.contains(&format!("export const {name}: ")),
                    "{name} has no schema"
                );
                derived += 1;
            }
        }
        assert!(derived > 20, "found {derived} types: has the derive's form changed?");
    }

    #[test]
    fn what_customers_load_holds_no_word_of_supervision() {
        let [_, staff, customers, form, _] = generated();
        // Types are gone by then; what stays are field names and values.
        let loaded = |text: &str| text.to_lowercase().replace("monitor_live_calls", "whisper");
        assert!(loaded(&staff.text).contains("whisper"));
        for word in ["supervis", "whisper", "barge", "coach", "monitor"] {
            assert!(!loaded(&customers.text).contains(word), "{word}");
            assert!(!loaded(&form.text).contains(word), "{word}");
        }
        assert!(customers.text.contains("export const TextEnvelope: "));
    }

    #[test]
    fn no_line_is_too_long() {
        for Generated { path, text } in generated() {
            for (number, line) in (1..).zip(text.lines()) {
                assert!(line.chars().count() <= 120, "{path}:{number}: {line}");
            }
        }
    }

    #[test]
    fn a_stale_file_is_found_and_made_fresh() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path()).is_err());
        write(folder.path()).unwrap();
        assert_eq!(check(folder.path()).unwrap(), ExitCode::SUCCESS);
        for Generated { path, .. } in generated() {
            fs::write(folder.path().join(path), "// changed by hand\n").unwrap();
            assert_eq!(check(folder.path()).unwrap(), ExitCode::FAILURE, "{path}");
            write(folder.path()).unwrap();
        }
    }
}
