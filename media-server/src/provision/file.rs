//! The file's form, and what is checked of it: the first thing that is wrong is told with what is allowed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use accounts::{
    KEY_CHARS_MAX, NAME_CHARS_MAX, PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, checked_name,
    permission_name,
};
use api::admin::queues::{
    DEAD_AIR_S, HELP_S, HOLD_S, TALK_OVER_PERCENT, WRAP_UP_CODES_MAX, is_code_list,
};
use api::records::WRAP_UP_CHARS_MAX;
use interaction::Permission;
use serde::Deserialize;
use store::{Provision, ProvisionedQueue, ProvisionedUser, Role, SignThresholds};

use super::permissions_of;

/// The whole of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
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

/// The file's text in its form.
pub fn parsed(text: &str) -> Result<File, String> {
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

/// What the file wants, with the passwords of the files that it names.
pub fn checked(file: File, directory: &Path) -> Result<Provision, String> {
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
