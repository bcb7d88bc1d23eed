//! In whose name something is done: the sign-in, and the rights that it was read with.
//!
//! What is opened in somebody's name (event streams, stations, supervision) belongs to the
//! [sign-in](SignInId) that opened it and ends with it. What is done in somebody's name is checked
//! again where it becomes true, by comparing the [`RightsVersion`]; who compares is not known here.

use crate::UnixMs;

/// A sign-in: from the moment a token is given out until it is signed out, expires, or the
/// account's password is replaced. The same number as the token's own id (`jti`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignInId(pub u128);

/// Counts the changes of a user's rights and sign-ins, per user; only ever compared with another
/// one of the same user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RightsVersion(pub u64);

/// A valid sign-in at the moment when its user was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Which one.
    pub id: SignInId,
    /// When it ends by itself.
    pub expires_at: UnixMs,
    /// The account's generation: a new password raises it. A guest's is 0.
    pub generation: u64,
    /// The version of the rights that the user was read with.
    pub rights: RightsVersion,
}

/// What entitles a [`User`](crate::User) to act at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authority {
    /// Nothing: the user was looked up, and does not act. Refused wherever somebody acts.
    #[default]
    LookedUp,
    /// A sign-in.
    SignIn(SignIn),
    /// A connector, which has signed what it sends.
    Connector,
}

impl Authority {
    /// The sign-in, if it is one.
    pub fn sign_in(&self) -> Option<&SignIn> {
        match self {
            Self::SignIn(sign_in) => Some(sign_in),
            Self::LookedUp | Self::Connector => None,
        }
    }
}

/// As in the token: 32 hexadecimal digits.
impl std::fmt::Display for SignInId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Only the first digits: enough to tell sign-ins apart in a log.
impl std::fmt::Debug for SignInId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignInId({:08x}…)", self.0 >> 96)
    }
}

impl std::str::FromStr for SignInId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = SignInId(0xabc << 100 | 7);
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("".parse::<SignInId>().is_err());
    }
}
