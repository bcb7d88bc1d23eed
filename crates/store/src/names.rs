//! Enums by the names that stand for them in the databases. A name that was written once is read for
//! ever.

use interaction::Role;
use interaction::conversation::PartKind;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::StoreError;

/// What kind of contact an interaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InteractionKind {
    /// A voice call.
    Call,
    /// Text.
    Conversation,
}

/// An enum of which each value has one name in the databases.
pub(crate) trait Named: Copy + 'static {
    /// Every value.
    const ALL: &'static [Self];
    /// What it is, for whoever reads of an unknown name.
    const WHAT: &'static str;

    /// The value's name.
    fn stored_name(self) -> &'static str;
}

/// The value that a column names.
pub(crate) fn named<T: Named>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    let value: String = row.try_get(column)?;
    let found = T::ALL.iter().copied().find(|it| it.stored_name() == value);
    found.ok_or(StoreError::Unreadable { what: T::WHAT, value })
}

impl Named for InteractionKind {
    const ALL: &'static [Self] = &[Self::Call, Self::Conversation];
    const WHAT: &'static str = "kind of interaction";

    fn stored_name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Conversation => "conversation",
        }
    }
}

impl Named for PartKind {
    const ALL: &'static [Self] = &[Self::Requester, Self::Agent, Self::Colleague, Self::Supervisor];
    const WHAT: &'static str = "part";

    fn stored_name(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Agent => "agent",
            Self::Colleague => "colleague",
            Self::Supervisor => "supervisor",
        }
    }
}

impl Named for Role {
    const ALL: &'static [Self] = &[Self::Caller, Self::Agent, Self::Supervisor];
    const WHAT: &'static str = "role on a call";

    fn stored_name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_distinct<T: Named>() -> bool {
        let names: std::collections::BTreeSet<_> =
            T::ALL.iter().map(|value| value.stored_name()).collect();
        names.len() == T::ALL.len()
    }

    #[test]
    fn no_name_stands_for_two() {
        assert!(are_distinct::<InteractionKind>());
        assert!(are_distinct::<PartKind>());
        assert!(are_distinct::<Role>());
    }
}
