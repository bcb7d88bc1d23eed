//! The extractor by which a handler says: only for somebody who is signed in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use interaction::{Permission, User};

use super::{Kind, Problem};
use accounts::permission_name;

/// The user who sends the request, with rights as of the moment when its body was there.
#[derive(Clone, Debug)]
pub struct Signed {
    user: Arc<User>,
    by_cookie: bool,
}

/// What authentication found; put into the request's extensions by the guard.
#[derive(Clone, Debug)]
pub(super) struct Outcome(pub(super) Result<Signed, Problem>);

impl Signed {
    pub(super) fn new(user: Arc<User>, by_cookie: bool) -> Self {
        Self { user, by_cookie }
    }

    /// Who it is.
    pub fn user(&self) -> &Arc<User> {
        &self.user
    }

    /// 403 without `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.user.permissions.has(permission) {
            Ok(())
        } else {
            Err(Problem::lacks(permission_name(permission)))
        }
    }

    /// Whether a browser sent the token by itself, so that the request's origin counts.
    pub(super) fn by_cookie(&self) -> bool {
        self.by_cookie
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Outcome>() {
            Some(Outcome(outcome)) => outcome.clone(),
            None => Err(Problem::new(
                Kind::NotSignedIn,
                "Sign in with POST /api/v1/login, and send the token as Authorization: Bearer.",
            )),
        }
    }
}
