//! The extractor by which a handler says: only for somebody who is signed in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use interaction::{Permission, UnixMs};

use super::token::Claims;
use super::{User, permission_name};
use crate::http::{Kind, Problem};

/// The user who sends the request, with rights as of this request.
#[derive(Clone, Debug)]
pub struct Signed {
    user: Arc<User>,
    token_id: Arc<str>,
    expires_at: UnixMs,
    by_cookie: bool,
}

/// What authentication found; put into the request's extensions by the guard.
#[derive(Clone, Debug)]
pub(crate) struct Outcome(pub(crate) Result<Signed, Problem>);

impl Signed {
    pub(super) fn new(user: Arc<User>, claims: &Claims, by_cookie: bool) -> Self {
        Self {
            user,
            token_id: claims.jti.as_str().into(),
            expires_at: claims.expires_at(),
            by_cookie,
        }
    }

    /// Who it is.
    pub fn user(&self) -> &Arc<User> {
        &self.user
    }

    /// When the token ends; a WebSocket must not outlive it.
    pub fn expires_at(&self) -> UnixMs {
        self.expires_at
    }

    /// 403 without `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.user.permissions.has(permission) {
            Ok(())
        } else {
            Err(Problem::lacks(permission_name(permission)))
        }
    }

    pub(crate) fn token_id(&self) -> &str {
        &self.token_id
    }

    /// Whether a browser sent the token by itself, so that the request's origin counts.
    pub(crate) fn by_cookie(&self) -> bool {
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
