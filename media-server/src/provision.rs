//! A centre's teams, queues and accounts from a TOML file, `--provision FILE`, read at each start.
//!
//! The whole file is checked before anything is done, and it is self-contained: it names only
//! teams and queues of its own. It says what is to be, and deletes nothing: what it does not name
//! stays as it is. Passwords are never in it, but in files of their own, or made here at random.

use std::path::Path;

use interaction::Permission;
use serde_json::json;
use store::{
    Act, Entitlement, Provision, ProvisionedChange, ProvisionedUser, Role, Store, StoreError,
};

use accounts::permission_name;

mod file;

/// The first administrator's username.
const ADMIN: &str = "admin";
/// Who changes accounts by the file, in the administrators' audit.
const ACTOR_NAME: &str = "Provisioning file";

/// An account made just now with a password that nobody knows yet.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// What one signs in with.
    pub username: String,
    /// The password, to be shown once.
    pub password: String,
}

/// Why a file can't be applied: nothing of it was.
#[derive(Debug, thiserror::Error)]
#[error("--provision {file}: {reason}")]
pub struct ProvisionError {
    file: String,
    reason: String,
}

/// Reads and checks the file, and the password files that it names.
///
/// # Errors
/// The first thing that is wrong: where, what, and what is allowed. It never holds a password.
pub fn read(file: &Path) -> Result<Provision, ProvisionError> {
    let refused = |reason| ProvisionError { file: file.display().to_string(), reason };
    let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    // Password files are found from where the file is, wherever the server was started.
    let directory = file.parent().unwrap_or(Path::new(""));
    file::parsed(&text).and_then(|file| file::checked(file, directory)).map_err(refused)
}

/// Makes it so. A new account without a password gets one at random, and an empty server an
/// administrator, if there is none in `provision`. Returns the accounts to be told of.
///
/// # Errors
/// The database's; nothing has changed then.
pub async fn apply(store: &Store, mut provision: Provision) -> Result<Vec<NewAccount>, StoreError> {
    let is_admin = |user: &ProvisionedUser| user.role == Role::Admin || user.username == ADMIN;
    if !provision.users.iter().any(is_admin) && store.user_count().await? == 0 {
        provision.users.push(administrator());
    }
    let mut made = Vec::new();
    for user in provision.users.iter_mut().filter(|user| user.password.is_none()) {
        if store.user_by_name(&user.username).await?.is_none() {
            let password = format!("{:024x}", rand::random::<u128>() >> 32);
            user.password = Some(password.clone());
            made.push(NewAccount { username: user.username.clone(), password });
        }
    }
    store.provision(&provision, |change| Some(act(change))).await?;
    Ok(made)
}

/// The entry of a change by the file in the administrators' audit. Of a password only that it is new.
fn act(change: &ProvisionedChange) -> Act {
    let told = |user: &ProvisionedUser| {
        json!({
            "username": user.username,
            "name": user.name,
            "role": user.role.name(),
            "permissions": user.permissions,
            "teams": user.teams,
            "queues": user.queues,
            "disabled": user.disabled,
        })
    };
    let mut after = told(&change.after);
    if change.new_password {
        after["password"] = json!("new");
    }
    Act {
        actor: store::UserId(0),
        entitlement: Entitlement::Provisioning,
        actor_name: ACTOR_NAME.to_owned(),
        action: if change.before.is_some() { "changed" } else { "created" }.to_owned(),
        kind: "user".to_owned(),
        subject_name: change.after.name.clone(),
        before: change.before.as_ref().map(|user| told(user).to_string()),
        after: Some(after.to_string()),
    }
}

/// What a role may do unless told otherwise, by name.
pub fn permissions_of(role: Role) -> Vec<String> {
    let permissions: &[Permission] = match role {
        Role::Supervisor => &[
            Permission::ViewContactCenterDashboard,
            Permission::MonitorLiveCalls,
            Permission::WhisperLiveCalls,
            Permission::BargeLiveCalls,
        ],
        Role::Agent => &[Permission::TakeCalls],
        Role::Admin => &[Permission::Administer, Permission::ReadAudit],
        Role::Caller => &[Permission::PlaceCalls],
    };
    permissions.iter().map(|permission| permission_name(*permission).to_owned()).collect()
}

fn administrator() -> ProvisionedUser {
    ProvisionedUser {
        username: ADMIN.to_owned(),
        name: "Administrator".to_owned(),
        role: Role::Admin,
        permissions: permissions_of(Role::Admin),
        teams: Vec::new(),
        queues: Vec::new(),
        disabled: false,
        password: None,
    }
}

#[cfg(test)]
mod tests {
    use accounts::PASSWORD_BYTES_MAX;

    use super::*;

    const CENTRE: &str = r#"
        [[team]]
        name = "Support"
        [[queue]]
        key = "support"
        name = "Support"
        team = "Support"
        [[user]]
        username = "ana"
        name = "Ana Duarte"
        role = "agent"
        teams = ["Support"]
        queues = ["support"]
    "#;

    fn read_text(text: &str) -> Result<Provision, String> {
        let directory = tempfile::tempdir().unwrap();
        for (name, password) in [
            ("good", "a good password\n"),
            ("short", "1234567\n"),
            ("lines", "one line\nanother"),
            ("long", &"x".repeat(PASSWORD_BYTES_MAX + 1)),
        ] {
            std::fs::write(directory.path().join(name), password).unwrap();
        }
        let file = directory.path().join("centre.toml");
        std::fs::write(&file, text).unwrap();
        read(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_follows_from_the_role() {
        let centre = read_text(CENTRE).ok().unwrap();
        let ana = &centre.users[0];
        assert_eq!((ana.role, ana.disabled), (Role::Agent, false));
        assert_eq!(ana.permissions, ["take_calls"]);
        assert!(ana.password.is_none());
        assert!(!centre.queues[0].open_to_guests);
        assert!(read_text("").ok().unwrap() == Provision::default());
    }

    #[test]
    fn a_password_is_the_line_in_its_file() {
        let text = format!("{CENTRE}\npassword_file = \"good\"");
        let centre = read_text(&text).ok().unwrap();
        assert_eq!(centre.users[0].password.as_deref(), Some("a good password"));
    }

    #[test]
    fn a_bad_file_is_refused_with_its_name_and_what_is_allowed() {
        const PERMISSIONS: &str = "permissions = [\"monitor_live_calls\", \"shout\"]";
        const SAME: &str = "[[user]]\nusername = \"ana\"\nname = \"Ana Lima\"\nrole = \"agent\"";
        // What is replaced in the good file, or added to its end when it is nothing.
        for (from, to, named, allowed) in [
            ("", "colour = \"red\"", "unknown field `colour`", "`password_file`"),
            ("", "password = \"hunter2hunter2\"", "unknown field `password`", "`password_file`"),
            ("[[team]]", "[[teem]]", "line 2: unknown field `teem`", "`team`"),
            ("key = \"support\"", "", "missing field `key`", "line 4"),
            (
                "role = \"agent\"",
                "role = \"boss\"",
                "user `ana`: there is no role `boss`",
                "agent, ",
            ),
            ("", PERMISSIONS, "no permission `shout`", "view_contact_center_dashboard, "),
            (
                "teams = [\"Support\"]",
                "teams = [\"Sales\"]",
                "`ana`: there is no team `Sales`",
                "Support",
            ),
            (
                "queues = [\"support\"]",
                "queues = [\"sales\"]",
                "there is no queue `sales`",
                "support",
            ),
            (
                "team = \"Support\"",
                "team = \"Night\"",
                "queue `support`: there is no team `Night`",
                "Support",
            ),
            ("[[team]]\n        name = \"Support\"", "", "there is no team `Support`", "has none"),
            ("[\"support\"]", "[\"support\", \"support\"]", "twice the queue `support`", "one"),
            ("", SAME, "two users `ana`", "one"),
            ("", "[[team]]\nname = \"Support\"", "two teams `Support`", "one"),
            (
                "key = \"support\"",
                "key = \"support\"\nwrap_up_codes = [\"a\", \"a\"]",
                "queue `support`: `wrap_up_codes`",
                "each another one",
            ),
            (
                "key = \"support\"",
                "key = \"support\"\nsigns = { hold_s = 5 }",
                "queue `support`: `signs.hold_s`",
                "10 to 3600",
            ),
            (
                "key = \"support\"",
                "key = \"support\"\nsigns = { talk_over_percent = 101 }",
                "queue `support`: `signs.talk_over_percent`",
                "5 to 100",
            ),
            ("key = \"support\"", "key = \"Su pport\"", "queue `Su pport`: `key`", "a to z"),
            ("\"ana\"", "\"\"", "user ``: `username`", "1 to 80"),
            ("\"Ana Duarte\"", "\"Ana\\u0007\"", "user `ana`: `name`", "1 to 80 printable"),
            ("role = \"agent\"", "role = \"supervisor\"", "user `ana`: `queues`", "agents only"),
            ("", "password_file = \"short\"", "user `ana`: password file", "8 to 256 bytes"),
            ("", "password_file = \"long\"", "user `ana`: password file", "8 to 256 bytes"),
            ("", "password_file = \"lines\"", "user `ana`: password file", "one line"),
            ("", "password_file = \"none\"", "user `ana`: password file", "No such file"),
            ("", "disabled = 1", "invalid type", "boolean"),
            ("", "disabled = = true", "line 15: ", "centre.toml"),
        ] {
            let text = match from {
                "" => format!("{CENTRE}\n{to}"),
                from => CENTRE.replacen(from, to, 1),
            };
            assert_ne!(text, CENTRE, "{from}");
            let refusal = read_text(&text).err().unwrap_or_else(|| panic!("{to} was accepted"));
            assert!(refusal.contains("centre.toml: "), "{to}: {refusal}");
            assert!(refusal.contains(named) && refusal.contains(allowed), "{to}: {refusal}");
            assert!(!refusal.contains("hunter2") && !refusal.contains("1234567"), "{refusal}");
        }
    }

    #[test]
    fn the_manuals_example_is_one() {
        let manual = include_str!("../../docs/operations.md");
        let example = manual.split("```toml").find(|block| block.contains("[[user]]")).unwrap();
        let example = example.split("```").next().unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("secrets")).unwrap();
        std::fs::write(directory.path().join("secrets/sam"), "a good password").unwrap();
        let file = directory.path().join("centre.toml");
        std::fs::write(&file, example).unwrap();
        let centre = read(&file).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((centre.teams.len(), centre.queues.len(), centre.users.len()), (1, 1, 3));
        // Every permission is in the manual, and so is every role.
        for permission in Permission::ALL {
            assert!(manual.contains(&format!("`{}`", permission_name(permission))));
        }
        for role in Role::ALL {
            assert!(manual.contains(&format!("| `{}` |", role.name())));
        }
    }

    #[tokio::test]
    async fn an_empty_server_gets_one_administrator() {
        let directory = tempfile::tempdir().unwrap();
        let location = store::Location::Directory(directory.path().to_owned());
        let store = Store::open(&location).await.unwrap();
        let made = apply(&store, Provision::default()).await.unwrap();
        assert_eq!(made.len(), 1);
        assert!(apply(&store, Provision::default()).await.unwrap().is_empty());
        let admin = store.verify_password(ADMIN, &made[0].password).await.unwrap().unwrap();
        assert_eq!(admin.permissions, ["administer", "read_audit"]);
    }

    #[tokio::test]
    async fn the_files_own_administrator_is_enough() {
        let directory = tempfile::tempdir().unwrap();
        let location = store::Location::Directory(directory.path().to_owned());
        let store = Store::open(&location).await.unwrap();
        let root = ProvisionedUser { username: "root".to_owned(), ..administrator() };
        let provision = Provision { users: vec![root], ..Provision::default() };
        let made = apply(&store, provision).await.unwrap();
        assert_eq!(made.iter().map(|account| &account.username).collect::<Vec<_>>(), ["root"]);
        assert_eq!(store.user_count().await.unwrap(), 1);
    }
}
