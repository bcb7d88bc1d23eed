//! The schema's history: each step once, in the program.
//!
//! By name and not by `sqlx::migrate!`, which compiles all of `sqlx` and SQLite a second time for the compiler.

use std::sync::LazyLock;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Brings a database to the newest version.
pub(crate) static MIGRATIONS: LazyLock<Migrator> =
    LazyLock::new(|| Migrator::with_migrations(STEPS.iter().map(Step::migration).collect()));

struct Step {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

macro_rules! steps {
    ($(($version:literal, $name:literal, $file:literal)),* $(,)?) => {
        [$(Step { version: $version, name: $name, sql: include_str!(concat!("../migrations/", $file)) }),*]
    };
}

static STEPS: [Step; 17] = steps![
    (1, "accounts", "0001_accounts.sql"),
    (2, "records", "0002_records.sql"),
    (3, "interactions", "0003_interactions.sql"),
    (4, "administration", "0004_administration.sql"),
    (5, "channels", "0005_channels.sql"),
    (10, "access", "0010_access.sql"),
    (11, "supervision order", "0011_supervision_order.sql"),
    (12, "faults", "0012_faults.sql"),
    (13, "files and search", "0013_files_and_search.sql"),
    (14, "search folding", "0014_search_folding.sql"),
    (15, "attachment order", "0015_attachment_order.sql"),
    (20, "reports", "0020_reports.sql"),
    (23, "sign ins", "0023_sign_ins.sql"),
    (24, "wrap up", "0024_wrap_up.sql"),
    (25, "leg sound", "0025_leg_sound.sql"),
    (30, "opening hours", "0030_opening_hours.sql"),
    (31, "customers", "0031_customers.sql"),
];

impl Step {
    fn migration(&self) -> Migration {
        let sql = self.sql.into_sql_str();
        Migration::new(self.version, self.name.into(), MigrationType::Simple, sql, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_a_step() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let files = std::fs::read_dir(directory).unwrap();
        let mut files: Vec<String> =
            files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let names = STEPS.iter().map(|it| {
            let name = it.name.replace(' ', "_");
            format!("{:04}_{name}.sql", it.version)
        });
        assert_eq!(names.collect::<Vec<_>>(), files);
    }
}
