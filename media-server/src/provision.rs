//! A centre's teams, queues and accounts from a TOML file, `--provision FILE`, read at each start.
//!
//! The whole file is checked before anything is done, and it is self-contained: it names only
//! teams and queues of its own. It says what is to be, and deletes nothing: what it does not name
//! stays as it is. Passwords are never in it, but in files of their own, or made here at random.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use interaction::Permission;
use serde::Deserialize;
use serde_json::json;
use store::{
    Act, Entitlement, Provision, ProvisionedChange, ProvisionedQueue, ProvisionedUser, Role,
    SignThresholds, Store, StoreError,
};

use accounts::{
    KEY_CHARS_MAX, NAME_CHARS_MAX, PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, checked_name,
    permission_name,
};
use api::admin::queues::{
    DEAD_AIR_S, HELP_S, HOLD_S, TALK_OVER_PERCENT, WRAP_UP_CODES_MAX, is_code_list,
};
use api::records::WRAP_UP_CHARS_MAX;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    team: Vec<Team>,
    #[serde(default)]
    queue: Vec<Queue>,
    #[serde(default)]
    user: Vec<User>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Team {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Queue {
    key: String,
    name: String,
    team: String,
    #[serde(default)]
    open_to_guests: bool,
    wrap_up_codes: Option<Vec<String>>,
    signs: Option<Signs>,
}

/// From where on a queue's supervisors are told of something; what is left out is as usual.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Signs {
    dead_air_s: u32,
    talk_over_percent: u8,
    hold_s: u32,
    help_s: u32,
}

impl Default for Signs {
    fn default() -> Self {
        let SignThresholds { dead_air_s, talk_over_percent, hold_s, help_s } =
            SignThresholds::default();
        Self { dead_air_s, talk_over_percent, hold_s, help_s }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    username: String,
    name: String,
    role: String,
    permissions: Option<Vec<String>>,
    #[serde(default)]
    teams: Vec<String>,
    #[serde(default)]
    queues: Vec<String>,
    password_file: Option<PathBuf>,
    #[serde(default)]
    disabled: bool,
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
    parsed(&text).and_then(|file| checked(file, directory)).map_err(refused)
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

fn parsed(text: &str) -> Result<File, String> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        // Not the line itself, which may hold a password that somebody put there.
        let message = error.message().trim_end().replace('\n', "; ");
        match error.span() {
            Some(span) => {
                let before = text.bytes().take(span.start);
                let line = before.filter(|byte| *byte == b'\n').count() + 1;
                format!("line {line}: {message}")
            }
            None => message,
        }
    })
}

fn checked(file: File, directory: &Path) -> Result<Provision, String> {
    let teams: Vec<String> = file.team.into_iter().map(|team| team.name).collect();
    for team in &teams {
        printable(&format!("team `{team}`"), "name", team)?;
    }
    distinct("there are two teams", &teams)?;
    let queues = file.queue.into_iter().map(|queue| checked_queue(queue, &teams));
    let queues: Vec<ProvisionedQueue> = queues.collect::<Result<_, String>>()?;
    let keys: Vec<String> = queues.iter().map(|queue| queue.key.clone()).collect();
    distinct("there are two queues", &keys)?;
    let users = file.user.into_iter().map(|user| checked_user(user, &teams, &keys, directory));
    let users: Vec<ProvisionedUser> = users.collect::<Result<_, String>>()?;
    distinct("there are two users", users.iter().map(|user| &user.username))?;
    Ok(Provision { teams, queues, users })
}

fn checked_queue(queue: Queue, teams: &[String]) -> Result<ProvisionedQueue, String> {
    let whose = format!("queue `{}`", queue.key);
    let is_allowed = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
    };
    if !(1..=KEY_CHARS_MAX).contains(&queue.key.len()) || !queue.key.chars().all(is_allowed) {
        return Err(format!(
            "{whose}: `key`; allowed: 1 to {KEY_CHARS_MAX} of a to z, 0 to 9, - and _"
        ));
    }
    printable(&whose, "name", &queue.name)?;
    known(&whose, "team", std::slice::from_ref(&queue.team), teams)?;
    if queue.wrap_up_codes.as_ref().is_some_and(|codes| !is_code_list(codes)) {
        return Err(format!(
            "{whose}: `wrap_up_codes`; allowed: up to {WRAP_UP_CODES_MAX} of 1 to {WRAP_UP_CHARS_MAX} \
             printable characters, each another one"
        ));
    }
    let signs = queue.signs.map(|signs| checked_signs(&whose, &signs)).transpose()?;
    Ok(ProvisionedQueue {
        key: queue.key,
        name: queue.name,
        team: queue.team,
        open_to_guests: queue.open_to_guests,
        wrap_up_codes: queue.wrap_up_codes,
        signs,
    })
}

fn checked_signs(whose: &str, signs: &Signs) -> Result<SignThresholds, String> {
    let Signs { dead_air_s, talk_over_percent, hold_s, help_s } = *signs;
    let limits = [
        ("dead_air_s", dead_air_s, DEAD_AIR_S),
        ("hold_s", hold_s, HOLD_S),
        ("help_s", help_s, HELP_S),
        (
            "talk_over_percent",
            talk_over_percent.into(),
            (*TALK_OVER_PERCENT.start()).into()..=(*TALK_OVER_PERCENT.end()).into(),
        ),
    ];
    for (field, value, allowed) in limits {
        if !allowed.contains(&value) {
            let (least, most) = (allowed.start(), allowed.end());
            return Err(format!("{whose}: `signs.{field}`; allowed: {least} to {most}"));
        }
    }
    Ok(SignThresholds { dead_air_s, talk_over_percent, hold_s, help_s })
}

fn checked_user(
    user: User,
    teams: &[String],
    queues: &[String],
    directory: &Path,
) -> Result<ProvisionedUser, String> {
    let whose = format!("user `{}`", user.username);
    printable(&whose, "username", &user.username)?;
    printable(&whose, "name", &user.name)?;
    let role = Role::ALL.into_iter().find(|role| role.name() == user.role).ok_or_else(|| {
        unknown(&whose, "role", &user.role, &Role::ALL.map(|role| role.name().to_owned()))
    })?;
    let permissions = user.permissions.unwrap_or_else(|| permissions_of(role));
    let every = Permission::ALL.map(|permission| permission_name(permission).to_owned());
    known(&whose, "permission", &permissions, &every)?;
    known(&whose, "team", &user.teams, teams)?;
    known(&whose, "queue", &user.queues, queues)?;
    if role != Role::Agent && !user.queues.is_empty() {
        return Err(format!(
            "{whose}: `queues`; allowed for agents only: others see the queues of their teams"
        ));
    }
    let password = user.password_file.map(|file| password(&whose, &directory.join(file)));
    Ok(ProvisionedUser {
        username: user.username,
        name: user.name,
        role,
        permissions,
        teams: user.teams,
        queues: user.queues,
        disabled: user.disabled,
        password: password.transpose()?,
    })
}

/// What the file holds, but for the end of the line.
fn password(whose: &str, file: &Path) -> Result<String, String> {
    let whose = format!("{whose}: password file {}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| format!("{whose}: {error}"))?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    let is_long_enough = (PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&password.len());
    if !is_long_enough || password.chars().any(char::is_control) {
        return Err(format!(
            "{whose}; allowed: one line of {PASSWORD_BYTES_MIN} to {PASSWORD_BYTES_MAX} bytes"
        ));
    }
    Ok(password.to_owned())
}

fn printable(whose: &str, key: &str, name: &str) -> Result<(), String> {
    match checked_name(name) {
        Ok(trimmed) if trimmed == name => Ok(()),
        _ => Err(format!(
            "{whose}: `{key}`; allowed: 1 to {NAME_CHARS_MAX} printable characters, without \
             spaces around them"
        )),
    }
}

/// All of `names` are allowed, and each is there once.
fn known(whose: &str, what: &str, names: &[String], allowed: &[String]) -> Result<(), String> {
    match names.iter().find(|name| !allowed.contains(name)) {
        Some(name) => Err(unknown(whose, what, name, allowed)),
        None => distinct(&format!("{whose}: twice the {what}"), names),
    }
}

fn unknown(whose: &str, what: &str, name: &str, allowed: &[String]) -> String {
    let allowed = match allowed {
        [] => format!("a {what} of this file, which has none"),
        names => names.join(", "),
    };
    format!("{whose}: there is no {what} `{name}`; allowed: {allowed}")
}

fn distinct<'a>(problem: &str, names: impl IntoIterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = HashSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(format!("{problem} `{twice}`; allowed: one")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
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
