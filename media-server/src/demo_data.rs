//! A demo's accounts stay in demos: their password is public.

use demo::accounts::{PASSWORD, people};
use store::{Store, StoreError};

use crate::config::Config;
use crate::private;

/// Why a server does not start on these data.
#[derive(Debug, thiserror::Error)]
pub enum DemoDataError {
    /// It is no demo, and the data are one's.
    #[error(
        "{path} holds a demo's accounts, whose password is public: whoever reaches the server could \
         sign in. Start with --demo, or with another --data"
    )]
    Served {
        /// The data directory.
        path: String,
    },
    /// The accounts can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The file that tells a demo's data from others'.
const MARK: &str = "DEMO";
const MARK_TEXT: &str = "These are a demo's accounts, whose password is public. \
                         media-server serves them with --demo only.\n";

/// Marks a demo's data as such.
///
/// # Errors
/// The file can't be written.
pub fn mark(config: &Config) -> std::io::Result<()> {
    match config.demo {
        Some(_) => private::write(&config.data_directory().join(MARK), MARK_TEXT.as_bytes()),
        None => Ok(()),
    }
}

/// Refuses to serve a demo's data to anybody but a demo's visitors: what is marked as such, and what
/// has an account that opens with the public password, wherever it was copied to.
///
/// # Errors
/// See [`DemoDataError`].
pub async fn refuse_accounts(config: &Config, store: &Store) -> Result<(), DemoDataError> {
    if config.demo.is_some() {
        return Ok(());
    }
    let data = config.data_directory();
    let path = data.display().to_string();
    if data.join(MARK).exists() {
        return Err(DemoDataError::Served { path });
    }
    for account in people() {
        // Most are not there, and a password costs time to compare.
        if store.user_by_name(&account.username).await?.is_some()
            && store.verify_password(&account.username, PASSWORD).await?.is_some()
        {
            return Err(DemoDataError::Served { path });
        }
    }
    Ok(())
}
