//! Accounts: whom a load test signs in as.
//!
//! A file has one account a line, `username password`; `#` begins a comment. [`make`] writes such a
//! file together with one for the server's `--provision`, so that a server of any size can be
//! populated for a test.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use demo::accounts::{PASSWORD, Post, people};
use rand::RngExt;
use rand::distr::Alphanumeric;

/// Characters of a made password: 119 bits.
const PASSWORD_CHARS: usize = 20;
/// Accounts of one kind that are made at most.
pub const ACCOUNTS_MAX: usize = 10_000;
/// The queue of the accounts made.
const QUEUE: &str = "loadtest";

/// A name and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What one signs in with.
    pub username: String,
    /// The password.
    pub password: String,
}

/// Why there are no accounts.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The file can't be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A line that is none.
    #[error("{0}, line {1}: write `username password`")]
    Line(PathBuf, usize),
    /// No account in it.
    #[error("{0}: no account in it")]
    Empty(PathBuf),
    /// Too many.
    #[error("at most {ACCOUNTS_MAX} agents and as many supervisors")]
    TooMany,
}

/// The agents and supervisors of a demo server.
pub fn demo() -> Vec<Account> {
    people()
        .into_iter()
        .filter(|person| person.post != Post::Administrator)
        .map(|person| Account { username: person.username, password: PASSWORD.to_owned() })
        .collect()
}

/// Reads a file of accounts.
///
/// # Errors
/// See [`AccountsError`].
pub fn read(path: &Path) -> Result<Vec<Account>, AccountsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| AccountsError::File(path.to_owned(), error))?;
    let mut accounts = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split_once('#').map_or(line, |(before, _)| before);
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (None, ..) => {}
            (Some(username), Some(password), None) => accounts
                .push(Account { username: username.to_owned(), password: password.to_owned() }),
            _ => return Err(AccountsError::Line(path.to_owned(), number)),
        }
    }
    if accounts.is_empty() {
        return Err(AccountsError::Empty(path.to_owned()));
    }
    Ok(accounts)
}

/// Makes accounts: in `folder`, `provision.toml` and `passwords/` for the server, `accounts.txt` for
/// the load test. Passwords are drawn at random.
///
/// # Errors
/// A folder that can't be written, or too many accounts.
pub fn make(folder: &Path, agents: usize, supervisors: usize) -> Result<(), AccountsError> {
    if agents > ACCOUNTS_MAX || supervisors > ACCOUNTS_MAX {
        return Err(AccountsError::TooMany);
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| AccountsError::File(path, error)
    };
    let passwords = folder.join("passwords");
    std::fs::create_dir_all(&passwords).map_err(failed(&passwords))?;
    let mut provision = format!(
        "[[team]]\nname = \"Load test\"\n\n[[queue]]\nkey = \"{QUEUE}\"\nname = \"Load test\"\nteam = \"Load test\"\n\
         open_to_guests = true\n"
    );
    let mut accounts = String::from("# username password\n");
    let people = (1..=agents)
        .map(|n| (format!("load-agent{n}"), format!("Load agent {n}"), "agent"))
        .chain((1..=supervisors).map(|n| {
            (format!("load-supervisor{n}"), format!("Load supervisor {n}"), "supervisor")
        }));
    for (username, name, role) in people {
        let random = rand::rng().sample_iter(Alphanumeric).take(PASSWORD_CHARS);
        let password: String = random.map(char::from).collect();
        let file = passwords.join(&username);
        std::fs::write(&file, &password).map_err(failed(&file))?;
        let queues =
            if role == "agent" { format!("queues = [\"{QUEUE}\"]\n") } else { String::new() };
        // Writing to a string does not fail.
        _ = write!(
            provision,
            "\n[[user]]\nusername = \"{username}\"\nname = \"{name}\"\nrole = \"{role}\"\n\
             teams = [\"Load test\"]\n{queues}password_file = \"passwords/{username}\"\n"
        );
        _ = writeln!(accounts, "{username} {password}");
    }
    for (name, text) in [("provision.toml", provision), ("accounts.txt", accounts)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), 3, 1).unwrap();
        let accounts = read(&folder.path().join("accounts.txt")).unwrap();
        assert_eq!(accounts.len(), 4);
        assert_eq!(accounts[3].username, "load-supervisor1");
        let password =
            std::fs::read_to_string(folder.path().join("passwords/load-agent2")).unwrap();
        assert_eq!(accounts[1].password, password);
        assert_ne!(accounts[0].password, accounts[1].password);
    }

    #[test]
    fn a_bad_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "# all\nann secret\nbob\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("line 3"));
        std::fs::write(&path, "# none\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("no account"));
        assert!(read(&folder.path().join("b.txt")).is_err());
        assert_eq!(demo().len(), 9);
    }
}
