//! TypeScript types of the API's messages, from crate `wire`, in one file for the pages.
//!
//! Types only: what decodes and checks them in the browser is the pages' own. A test keeps the file fresh.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use ts_rs::{Config, TS, TypeVisitor};

/// Where the types go, from the repository's root.
pub const GENERATED_TYPES: &str = "supervisor-ui/src/wire/generated.ts";

const HEADER: &str = "\
// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.
";

/// Writes the types to [`GENERATED_TYPES`] under `root`.
pub fn write(root: &Path) -> anyhow::Result<ExitCode> {
    let path = root.join(GENERATED_TYPES);
    let types = typescript();
    // An unchanged file keeps its time stamp, so that the pages are not built anew.
    if fs::read_to_string(&path).is_ok_and(|present| present == types) {
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    fs::write(&path, types).with_context(|| format!("writing {}", path.display()))?;
    println!("codegen: wrote {GENERATED_TYPES}");
    Ok(ExitCode::SUCCESS)
}

/// Fails if the file under `root` is not what [`write`] would make.
pub fn check(root: &Path) -> anyhow::Result<ExitCode> {
    let path = root.join(GENERATED_TYPES);
    let present =
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    if present == typescript() {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "error: {GENERATED_TYPES}:1: not what crate `wire` says: run `cargo run -p xtask -- codegen`"
    );
    Ok(ExitCode::FAILURE)
}

/// All types that the requests, answers and events are made of.
fn typescript() -> String {
    let mut types = Types::default();
    // What is sent or received as a whole; what is inside these comes along.
    types.visit::<wire::LoginRequest>();
    types.visit::<wire::LoginResponse>();
    types.visit::<wire::GuestRequest>();
    types.visit::<wire::QueueList>();
    types.visit::<wire::PresenceRequest>();
    types.visit::<wire::PlaceCall>();
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
    types.visit::<wire::CannedReplyList>();
    types.visit::<wire::SaveReply>();
    types.visit::<wire::AuditPage>();
    types.into_file()
}

#[derive(Default)]
struct Types {
    config: Config,
    seen: HashSet<TypeId>,
    /// Name to declaration.
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only declared types have an output path: numbers, lists and options do not.
        if T::output_path().is_none() || !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}\n", T::decl(&self.config));
        self.declarations.insert(T::ident(&self.config), declaration);
        T::visit_dependencies(self);
    }
}

impl Types {
    fn into_file(self) -> String {
        let mut file = HEADER.to_owned();
        for declaration in self.declarations.values() {
            file.push('\n');
            file.push_str(declaration);
        }
        // The generator leaves blanks at some lines' ends.
        file.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> std::path::PathBuf {
        crate::repository_root().unwrap()
    }

    #[test]
    fn the_pages_types_are_fresh() {
        let present = fs::read_to_string(root().join(GENERATED_TYPES)).unwrap();
        assert!(
            present == typescript(),
            "run `cargo run -p xtask -- codegen` and commit {GENERATED_TYPES}"
        );
    }

    #[test]
    fn no_type_of_wire_is_left_out() {
        let generated = typescript();
        let mut derived = 0;
        for entry in fs::read_dir(root().join("crates/wire/src")).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for after in text.split("TS)]\n").skip(1) {
                let line = after.lines().find(|line| line.starts_with("pub ")).unwrap();
                let name = line.split([' ', '<', '(']).nth(2).unwrap();
                let declared = format!("export type {name} = ");
                assert!(generated.contains(&declared), "{name}: add it to `typescript`");
                derived += 1;
            }
        }
        assert!(derived > 20, "found {derived} types: has the derive's form changed?");
    }

    #[test]
    fn a_stale_file_is_found_and_made_fresh() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(GENERATED_TYPES);
        assert!(check(folder.path()).is_err());
        write(folder.path()).unwrap();
        assert_eq!(check(folder.path()).unwrap(), ExitCode::SUCCESS);
        fs::write(&path, "// changed by hand\n").unwrap();
        assert_eq!(check(folder.path()).unwrap(), ExitCode::FAILURE);
    }
}
