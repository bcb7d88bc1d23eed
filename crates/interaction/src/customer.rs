//! By what a customer is known from one contact to the next.
//!
//! What counts is what nobody can say of somebody else: a number that the telephone network states or an agent has
//! called, a connector's own id, an account, and a random id that only one browser knows. A name proves nothing, nor
//! does a number that was typed into a page: whoever states another's would see the staff taken in by it. Guests
//! without any of it are known by nothing, and each of their contacts stands for itself.
//!
//! It decides nothing about who may read what: that is [`access`](crate::access())'s, for each contact by itself.

use std::fmt;
use std::str::FromStr;

use crate::{UserId, UserKind};

/// Digits that a number has at least: extensions have three.
const DIGITS_MIN: usize = 3;
/// Digits that it may have: an international number (ITU-T E.164 §6) behind the prefixes of a PBX.
const DIGITS_MAX: usize = 20;
/// What is written between digits (RFC 3966 §5.1.1), and spaces.
const SEPARATORS: [char; 5] = [' ', '-', '.', '(', ')'];

/// What identifies a customer. Two contacts with the same key are taken for those of one customer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CustomerKey {
    /// A telephone number as the network stated it, or as an agent called it: digits, perhaps behind a plus.
    Number(String),
    /// An account.
    Account(UserId),
    /// Somebody whom a connector knows.
    Channel(UserId),
    /// A browser, in which a site's widget keeps a random id; whoever uses it.
    Visitor(VisitorId),
}

/// A random id that a browser keeps. It says which browser writes, and gives no rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VisitorId(pub u128);

/// A text that is no key of this version's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not by what a customer is known")]
pub struct NotAKey;

impl CustomerKey {
    /// By what a customer is known. `customer` is their id in this contact, if they have one yet; `number` one that the
    /// network has stated, or that an agent has called: never one that the customer typed; `visitor` what a guest's
    /// browser says of itself.
    pub fn of(
        customer: Option<UserId>,
        number: Option<&str>,
        visitor: Option<VisitorId>,
    ) -> Option<Self> {
        match customer.map(|id| (id, id.kind())) {
            Some((id, UserKind::Account)) => Some(Self::Account(id)),
            Some((id, UserKind::External)) => Some(Self::Channel(id)),
            // A guest's id is another one each time.
            Some((_, UserKind::Guest)) | None => {
                let number = number.and_then(plain).map(Self::Number);
                number.or_else(|| visitor.map(Self::Visitor))
            }
        }
    }
}

/// As it is kept.
impl fmt::Display for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "number:{number}"),
            Self::Account(id) => write!(f, "account:{}", id.0),
            Self::Channel(id) => write!(f, "channel:{}", id.0),
            Self::Visitor(id) => write!(f, "visitor:{id}"),
        }
    }
}

impl FromStr for CustomerKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let (kind, value) = text.split_once(':').ok_or(NotAKey)?;
        let id = || value.parse().map(UserId).map_err(|_| NotAKey);
        match kind {
            "number" => plain(value).map(Self::Number).ok_or(NotAKey),
            "account" => Ok(Self::Account(id()?)),
            "channel" => Ok(Self::Channel(id()?)),
            "visitor" => value.parse().map(Self::Visitor),
            _ => Err(NotAKey),
        }
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for VisitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for VisitorId {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return Err(NotAKey);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| NotAKey)
    }
}

/// The number without separators; `None`: it is none, as where the caller withholds it. `0049…` and `+49…` stay two:
/// what a prefix means depends on where the call came from.
fn plain(number: &str) -> Option<String> {
    let plain: String = number.chars().filter(|it| !SEPARATORS.contains(it)).collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len());
    is_number.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<CustomerKey> {
        CustomerKey::of(Some(UserId::guest(7)), Some(text), None)
    }

    #[test]
    fn a_guest_is_known_by_the_networks_number_alone() {
        assert_eq!(CustomerKey::of(Some(UserId::guest(7)), None, None), None);
        let key = Some(CustomerKey::Number("+4930123456".to_owned()));
        assert_eq!(number("+49 (30) 123-456"), key);
        assert_eq!(number("+4930123456"), key, "whoever the guest is");
        assert_ne!(number("004930123456"), key);
        assert_eq!(CustomerKey::of(None, Some("+4930123456"), None), key, "called, not there yet");
        for none in
            ["", "Anonymous", "anonymous", "+", "12", "alice", "+49x", "٣٣٣٣", &"1".repeat(21)]
        {
            assert_eq!(number(none), None, "{none}");
        }
    }

    #[test]
    fn whoever_has_an_id_of_their_own_is_known_by_it() {
        let (account, channel) = (UserId(5), UserId::external(5));
        let visitor = Some(VisitorId(7));
        let key = CustomerKey::of(Some(account), None, visitor);
        assert_eq!(key, Some(CustomerKey::Account(account)));
        let key = CustomerKey::of(Some(channel), Some("+4930123456"), visitor);
        assert_eq!(key, Some(CustomerKey::Channel(channel)));
        let guest = Some(UserId::guest(7));
        let key = CustomerKey::of(guest, Some("+4930123456"), visitor);
        assert_eq!(key, Some(CustomerKey::Number("+4930123456".to_owned())));
        assert_eq!(CustomerKey::of(guest, None, visitor), visitor.map(CustomerKey::Visitor));
    }

    #[test]
    fn a_key_that_was_kept_comes_back() {
        for key in [
            CustomerKey::Number("+4930123456".to_owned()),
            CustomerKey::Number("100".to_owned()),
            CustomerKey::Account(UserId(5)),
            CustomerKey::Channel(UserId::external(5)),
            CustomerKey::Visitor(VisitorId(5)),
            CustomerKey::Visitor(VisitorId(u128::MAX)),
        ] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        let upper = format!("visitor:{}", "A".repeat(32));
        let odd = ["", "number", "number:", "number:x", "account:", "account:-1", "fax:123"];
        for odd in
            odd.into_iter().chain(["visitor:5", &upper, "visitor:+0000000000000000000000000000005"])
        {
            assert_eq!(odd.parse::<CustomerKey>(), Err(NotAKey), "{odd}");
        }
    }
}
