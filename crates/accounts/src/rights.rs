//! Rights that change: from then on nobody acts with what was read before, and what is open and no longer allowed
//! ends. What that is, whoever holds it knows; here they are told to look.

use std::time::Duration;

use interaction::{RightsVersion, UserId};

use super::{Auth, Changed, Error, permission_name};

/// How long an answer waits until what a change no longer allows has ended.
pub const SWEPT_PATIENCE: Duration = Duration::from_secs(1);

impl Auth {
    /// Replaces a user's permissions, and makes it count.
    pub async fn set_permissions(
        &self,
        id: UserId,
        permissions: interaction::Permissions,
    ) -> Result<(), Error> {
        let names: Vec<&str> = permissions.iter().map(permission_name).collect();
        self.inner.store.set_permissions(store::UserId(id.0), &names).await?;
        self.rights_changed(id).await;
        Ok(())
    }

    /// Switches an account off or on again, and makes it count.
    pub async fn set_disabled(&self, id: UserId, disabled: bool) -> Result<(), Error> {
        self.inner.store.set_disabled(store::UserId(id.0), disabled).await?;
        self.rights_changed(id).await;
        Ok(())
    }

    /// Ends every sign-in of the account, wherever it is; its password stays.
    pub async fn end_sign_ins(&self, id: UserId) -> Result<(), store::StoreError> {
        self.inner.store.end_sign_ins(store::UserId(id.0)).await?;
        self.rights_changed(id).await;
        Ok(())
    }

    /// Something about the account has changed in the store. From now on nobody acts with what was
    /// read before, and whatever is open and no longer allowed ends: it has when this returns,
    /// unless that takes longer than [`SWEPT_PATIENCE`].
    pub async fn rights_changed(&self, id: UserId) {
        let number = self.inner.changes.raise(id);
        if !self.inner.changes.swept(number, SWEPT_PATIENCE).await {
            tracing::warn!("what is no longer allowed is still being ended");
        }
    }

    /// Waits for changes of rights: whoever holds something in people's names compares it with what
    /// holds now, then says so with [`Self::looked_at`].
    pub async fn changed(&self) -> Changed {
        self.inner.changes.next().await
    }

    /// What was open and is no longer allowed has ended.
    pub fn looked_at(&self, changed: &Changed) {
        self.inner.changes.done(changed);
    }

    /// The version of a user's rights at this moment.
    pub fn version(&self, user: UserId) -> RightsVersion {
        self.inner.changes.version(user)
    }

    /// A user is to be looked at again.
    pub fn look_again(&self, id: UserId) {
        self.inner.changes.look_again(id);
    }
}
