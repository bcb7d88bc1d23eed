//! `media-server doctor`: tries what a server needs of its machine and its network, with the options
//! that the server is started with, and says what to do about what it lacks. It changes nothing.

mod certificate;
mod machine;
mod network;
mod proxy;
mod store_check;

use std::fmt;
use std::io::{self, Write};

use crate::config::Config;

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As it should be.
    Ok,
    /// The server runs, but something will hurt sooner or later.
    Warn,
    /// The server does not start, or does not do its work.
    Fail,
}

/// One line of the doctor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub grade: Grade,
    /// With what, in a word or two.
    pub what: &'static str,
    /// What was found, and what to do about it.
    pub detail: String,
}

impl Finding {
    fn new(grade: Grade, what: &'static str, detail: impl Into<String>) -> Self {
        Self { grade, what, detail: detail.into() }
    }

    fn ok(what: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Grade::Ok, what, detail)
    }

    fn warn(what: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Grade::Warn, what, detail)
    }

    fn fail(what: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Grade::Fail, what, detail)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Ok => "ok",
            Grade::Warn => "warn",
            Grade::Fail => "FAIL",
        };
        write!(f, "{grade:<5} {:<13} {}", self.what, self.detail)
    }
}

/// Looks at everything, in the order in which a server meets it.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("configuration", "every value is allowed")];
    findings.extend(machine::files(config));
    findings.push(machine::disk(config));
    findings.push(store_check::database(config).await);
    findings.push(machine::clock(config));
    findings.push(machine::open_files(config));
    let (ports, is_running) = network::ports(config).await;
    findings.extend(ports);
    findings.push(network::buffers(config));
    findings.extend(network::udp_path(config, is_running));
    findings.extend(certificate::certificate(config));
    findings.extend(proxy::public_address(config, is_running).await);
    findings
}

/// Prints the findings and what they come to; the worst of them.
///
/// # Errors
/// Nobody takes the output.
pub fn print(findings: &[Finding], out: &mut impl Write) -> io::Result<Grade> {
    for finding in findings {
        writeln!(out, "{finding}")?;
    }
    let count = |grade| findings.iter().filter(|it| it.grade == grade).count();
    let (fails, warns) = (count(Grade::Fail), count(Grade::Warn));
    writeln!(out, "\n{} looked at: {fails} to put right, {warns} to know of", findings.len())?;
    Ok(findings.iter().map(|it| it.grade).max().unwrap_or(Grade::Ok))
}
