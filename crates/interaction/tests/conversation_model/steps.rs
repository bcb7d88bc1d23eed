//! What can happen in a conversation, in any order, and how often each.

use interaction::Policy;
use proptest::prelude::*;

use super::STAFF;

/// One step. What is hidden is left out of the second run.
#[derive(Clone, Debug)]
pub enum Step {
    Join(u64),
    Leave(u64),
    LeaveLost(u64),
    Transfer(u64, Option<u64>),
    EndTransfer,
    Public(u64, u64),
    PublicTyping(u64, bool),
    Mark(u64, bool, u64),
    Barge(u64),
    TakeOver(u64),
    /// Back from Barge or take-over: to Listen in the whole run, out of the conversation in the other.
    Unbarge(u64),
    Recover,
    End(u64),
    /// The requester tries what is not theirs, to see how it is refused.
    Probe(u64),
    Hidden(Hidden),
}

#[derive(Clone, Debug)]
pub enum Hidden {
    Supervise(u64),
    Mode(u64, bool),
    Tag(u64, u64),
    Private(u64, u64),
    Typing(u64),
    Help(u64, bool),
    TakeHelp(u64),
    ReleaseHelp(u64),
    CloseHelp(u64),
    Invite(u64, Option<u64>),
    EndInvite,
    Rights(u64, Option<bool>),
    StopReading(u64),
}

fn hidden() -> impl Strategy<Value = Hidden> {
    let user = || STAFF;
    prop_oneof![
        6 => user().prop_map(Hidden::Supervise),
        6 => (user(), any::<bool>()).prop_map(|(user, whisper)| Hidden::Mode(user, whisper)),
        3 => (user(), user()).prop_map(|(by, user)| Hidden::Tag(by, user)),
        8 => (user(), 0..30u64).prop_map(|(user, n)| Hidden::Private(user, n)),
        2 => user().prop_map(Hidden::Typing),
        2 => (user(), any::<bool>()).prop_map(|(user, why)| Hidden::Help(user, why)),
        1 => user().prop_map(Hidden::TakeHelp),
        1 => user().prop_map(Hidden::ReleaseHelp),
        1 => user().prop_map(Hidden::CloseHelp),
        2 => (user(), prop::option::of(user())).prop_map(|(by, to)| Hidden::Invite(by, to)),
        1 => Just(Hidden::EndInvite),
        2 => (user(), prop::option::of(any::<bool>())).prop_map(|(u, r)| Hidden::Rights(u, r)),
        2 => user().prop_map(Hidden::StopReading),
    ]
}

pub fn step() -> impl Strategy<Value = Step> {
    let user = || STAFF;
    let anybody = || 1..=7u64;
    prop_oneof![
        8 => user().prop_map(Step::Join),
        2 => user().prop_map(Step::Leave),
        1 => user().prop_map(Step::LeaveLost),
        2 => (user(), prop::option::of(user())).prop_map(|(by, to)| Step::Transfer(by, to)),
        1 => Just(Step::EndTransfer),
        12 => (anybody(), 0..30u64).prop_map(|(user, n)| Step::Public(user, n)),
        3 => (anybody(), any::<bool>()).prop_map(|(user, on)| Step::PublicTyping(user, on)),
        5 => (anybody(), any::<bool>(), 0..20u64).prop_map(|(u, read, n)| Step::Mark(u, read, n)),
        4 => user().prop_map(Step::Barge),
        4 => user().prop_map(Step::TakeOver),
        4 => user().prop_map(Step::Unbarge),
        1 => Just(Step::Recover),
        1 => (1..=20u64).prop_map(Step::End),
        4 => (1..=7u64).prop_map(Step::Probe),
        40 => hidden().prop_map(Step::Hidden),
    ]
}

pub fn policy() -> impl Strategy<Value = Policy> {
    any::<bool>().prop_map(|notify| Policy { notify_agent_on_listen: notify, ..Policy::default() })
}
