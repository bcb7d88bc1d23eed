//! How much may be attached, and how much is: by one person or client, to one conversation, in all.
//!
//! What customers attach and what staff attach are counted apart everywhere: no refusal tells a
//! customer what staff have attached. Nobody is refused for what they must not know of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use budget::Client;
use interaction::conversation::{Reader, Visibility, may_read};
use interaction::{ConversationId, UserId};
use store::{AttachmentTotals, AttachmentUse};

use super::client_days::ClientDays;
use super::error::{Quota, QuotaError};

/// Bytes of a MiB, in which the limits are given.
const MIB: u64 = 1024 * 1024;
/// Bytes that an attachment may have.
pub const ATTACHMENT_BYTES_MAX: u64 = 10 * MIB;
/// Attachments that a conversation's public messages may have, and its private ones.
pub const ATTACHMENTS_PER_VISIBILITY_MAX: u64 = 500;
/// Uploads that one person has not sent yet.
pub const UNSENT_MAX: u64 = 20;

/// How much the operator lets people attach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimits {
    /// In all, by customers; as much again by staff. MiB.
    pub total_mib: u64,
    /// To one conversation, in public messages; as much again in private ones. MiB.
    pub conversation_mib: u64,
    /// By one person within 24 hours. MiB.
    pub person_mib: u64,
    /// By all the guests of one client within 24 hours. MiB.
    pub client_mib: u64,
    /// By a customer whose conversation nobody has accepted yet. MiB.
    pub waiting_mib: u64,
    /// Uploads at the same time by customers; as many again by staff.
    pub uploads_max: usize,
    /// Downloads at the same time by customers; as many again by staff.
    pub downloads_max: usize,
    /// How long a whole upload may take.
    pub upload_timeout: Duration,
    /// How long an upload brings nothing, or a download's reader takes nothing, before it is let go.
    pub stall_timeout: Duration,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            total_mib: 10_240,
            conversation_mib: 200,
            person_mib: 500,
            client_mib: 2_000,
            waiting_mib: 10,
            uploads_max: 16,
            downloads_max: 64,
            upload_timeout: Duration::from_secs(120),
            stall_timeout: Duration::from_secs(10),
        }
    }
}

/// Whose files: they are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Of customers.
    Customers,
    /// Of staff.
    Staff,
}

impl Side {
    /// Whose file it is that this reader uploads or downloads.
    pub fn of(reader: Reader) -> Self {
        match reader {
            Reader::Requester => Self::Customers,
            Reader::Offered
            | Reader::Overseer
            | Reader::Agent
            | Reader::Colleague
            | Reader::Supervisor => Self::Staff,
        }
    }
}

/// An upload that somebody wants to begin.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// To which conversation.
    pub conversation: ConversationId,
    /// By whom.
    pub person: UserId,
    /// From where, if it is a guest of whom that is known.
    pub client: Option<Client>,
    /// As what.
    pub reader: Reader,
    /// Nobody has accepted the conversation yet.
    pub waits: bool,
    /// Bytes that it may have.
    pub bytes: u64,
}

/// What is attached, and what is on its way.
#[derive(Debug, Default)]
pub struct Usage {
    ledger: Mutex<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    kept: AttachmentTotals,
    next: u64,
    on_their_way: BTreeMap<u64, Claim>,
    client_days: ClientDays,
}

/// Room for an upload, until this is dropped.
#[derive(Debug)]
pub struct Reservation {
    usage: Arc<Usage>,
    number: u64,
}

impl Usage {
    /// What the store keeps in all.
    pub fn set_kept(&self, kept: AttachmentTotals) {
        self.ledger().kept = kept;
    }

    /// What is on its way at this moment, for [`Usage::reserve`].
    pub fn on_their_way(&self) -> BTreeMap<u64, Claim> {
        self.ledger().on_their_way.clone()
    }

    /// Room for `claim`, beside what is `kept` of it. `before` was on its way before `kept` was
    /// read: what came in meanwhile counts twice for a moment, and never not at all.
    ///
    /// # Errors
    /// [`QuotaError`].
    pub fn reserve(
        self: &Arc<Self>,
        limits: &FileLimits,
        claim: Claim,
        before: BTreeMap<u64, Claim>,
        kept: AttachmentUse,
        now: Instant,
    ) -> Result<Reservation, QuotaError> {
        let mut ledger = self.ledger();
        let mut others = before;
        others.extend(ledger.on_their_way.iter());
        check(limits, &claim, &others, kept, ledger.kept)?;
        check_client(limits, &claim, &others, &ledger.client_days, now)?;
        let number = ledger.next;
        ledger.next += 1;
        ledger.on_their_way.insert(number, claim);
        drop(ledger);
        Ok(Reservation { usage: self.clone(), number })
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// So many bytes are kept: they count from now on.
    pub fn keep(self, bytes: u64, now: Instant) {
        let mut ledger = self.usage.ledger();
        if let Some(claim) = ledger.on_their_way.get(&self.number).copied() {
            *total(&mut ledger.kept, Side::of(claim.reader)) += bytes;
            if let Some(client) = claim.client {
                ledger.client_days.add(client, bytes, now);
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.usage.ledger().on_their_way.remove(&self.number);
    }
}

fn total(kept: &mut AttachmentTotals, side: Side) -> &mut u64 {
    match side {
        Side::Customers => &mut kept.customers_bytes,
        Side::Staff => &mut kept.staff_bytes,
    }
}

fn check(
    limits: &FileLimits,
    claim: &Claim,
    others: &BTreeMap<u64, Claim>,
    kept: AttachmentUse,
    mut totals: AttachmentTotals,
) -> Result<(), QuotaError> {
    let sum = |counts: &dyn Fn(&Claim) -> bool| -> u64 {
        others.values().filter(|it| counts(it)).map(|it| it.bytes).sum()
    };
    let own = |it: &Claim| it.person == claim.person;
    let own_here = |it: &Claim| own(it) && it.conversation == claim.conversation;
    let here = others.values().filter(|it| own_here(it)).count() as u64;
    let readable = [
        (Visibility::Public, kept.public, kept.public_bytes),
        (Visibility::Private, kept.private, kept.private_bytes),
    ];
    let readable = readable.into_iter().filter(|(it, ..)| may_read(claim.reader, *it));
    let (mut count, mut bytes) = (0, 0);
    for (_, attached, attached_bytes) in readable {
        count = attached.max(count);
        bytes = attached_bytes.max(bytes);
    }
    if count + kept.unsent + here >= ATTACHMENTS_PER_VISIBILITY_MAX
        || kept.unsent + here >= UNSENT_MAX
    {
        return Err(QuotaError::TooManyUploads);
    }
    let bytes = bytes + kept.unsent_bytes + sum(&own_here) + claim.bytes;
    if claim.waits && bytes > limits.waiting_mib * MIB {
        return Err(QuotaError::TooMuchAttached(Quota::Waiting));
    }
    if bytes > limits.conversation_mib * MIB {
        return Err(QuotaError::TooMuchAttached(Quota::Conversation));
    }
    if kept.recent_bytes + sum(&own) + claim.bytes > limits.person_mib * MIB {
        return Err(QuotaError::TooMuchAttached(Quota::Person));
    }
    let side = Side::of(claim.reader);
    let side_bytes = *total(&mut totals, side) + sum(&|it| Side::of(it.reader) == side);
    if side_bytes + claim.bytes > limits.total_mib * MIB {
        return Err(QuotaError::FilesFull);
    }
    Ok(())
}

/// Guests are counted together: a new one costs nothing.
fn check_client(
    limits: &FileLimits,
    claim: &Claim,
    others: &BTreeMap<u64, Claim>,
    days: &ClientDays,
    now: Instant,
) -> Result<(), QuotaError> {
    let Some(client) = claim.client else { return Ok(()) };
    let theirs = others.values().filter(|it| it.client == claim.client);
    let on_their_way: u64 = theirs.map(|it| it.bytes).sum();
    if days.bytes(client, now) + on_their_way + claim.bytes > limits.client_mib * MIB {
        return Err(QuotaError::TooMuchAttached(Quota::Client));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FileLimits = FileLimits {
        total_mib: 40,
        conversation_mib: 25,
        person_mib: 30,
        client_mib: 35,
        waiting_mib: 10,
        uploads_max: 9,
        downloads_max: 9,
        upload_timeout: Duration::ZERO,
        stall_timeout: Duration::ZERO,
    };

    fn claim(conversation: u64, person: u64, reader: Reader) -> Claim {
        let (conversation, person) = (ConversationId(conversation), UserId(person));
        let client = None;
        Claim { conversation, person, client, reader, waits: false, bytes: 10 * MIB }
    }

    fn reserve(
        usage: &Arc<Usage>,
        claim: Claim,
        kept: AttachmentUse,
    ) -> Result<Reservation, QuotaError> {
        usage.reserve(&LIMITS, claim, usage.on_their_way(), kept, Instant::now())
    }

    fn nothing() -> AttachmentUse {
        AttachmentUse::default()
    }

    #[test]
    fn what_is_on_its_way_counts() {
        let usage = Arc::default();
        let own = claim(1, 1, Reader::Requester);
        let first = reserve(&usage, own, nothing()).unwrap();
        let second = reserve(&usage, own, nothing()).unwrap();
        let third = reserve(&usage, own, nothing());
        assert!(
            matches!(third, Err(QuotaError::TooMuchAttached(Quota::Conversation))),
            "{third:?}"
        );
        drop(second);
        let third = reserve(&usage, own, nothing()).unwrap();
        // Whoever read the store before it was kept there counts it nevertheless.
        let before = usage.on_their_way();
        first.keep(10 * MIB, Instant::now());
        drop(third);
        let late = usage.reserve(&LIMITS, own, before, nothing(), Instant::now());
        assert!(matches!(late, Err(QuotaError::TooMuchAttached(Quota::Conversation))), "{late:?}");
    }

    #[test]
    fn each_quota_is_a_quota() {
        let usage = Arc::default();
        let waiting = Claim { waits: true, ..claim(1, 1, Reader::Requester) };
        let sent = AttachmentUse { public: 1, public_bytes: 1, ..nothing() };
        assert!(reserve(&usage, waiting, nothing()).is_ok());
        let refused = reserve(&usage, waiting, sent);
        assert!(matches!(refused, Err(QuotaError::TooMuchAttached(Quota::Waiting))), "{refused:?}");
        let today = AttachmentUse { recent_bytes: 21 * MIB, ..nothing() };
        let refused = reserve(&usage, claim(1, 1, Reader::Agent), today);
        assert!(matches!(refused, Err(QuotaError::TooMuchAttached(Quota::Person))), "{refused:?}");
        let many = AttachmentUse { unsent: UNSENT_MAX, ..nothing() };
        let refused = reserve(&usage, claim(1, 1, Reader::Agent), many);
        assert!(matches!(refused, Err(QuotaError::TooManyUploads)), "{refused:?}");
    }

    #[test]
    fn a_client_is_not_another_with_each_new_guest() {
        let usage: Arc<Usage> = Arc::default();
        let client = Some(Client::of(std::net::Ipv4Addr::new(192, 0, 2, 1).into()));
        let claim = |guest| Claim { client, ..claim(guest, guest, Reader::Requester) };
        for guest in 0..3 {
            let upload = reserve(&usage, claim(guest), nothing()).unwrap();
            upload.keep(10 * MIB, Instant::now());
        }
        let refused = reserve(&usage, claim(4), nothing());
        assert!(matches!(refused, Err(QuotaError::TooMuchAttached(Quota::Client))), "{refused:?}");
        let elsewhere = Some(Client::of(std::net::Ipv4Addr::new(192, 0, 2, 2).into()));
        let other = Claim { client: elsewhere, ..claim(5) };
        assert!(reserve(&usage, other, nothing()).is_ok());
    }

    #[test]
    fn customers_never_notice_what_staff_attach() {
        let usage = Arc::default();
        let private = AttachmentUse {
            private: ATTACHMENTS_PER_VISIBILITY_MAX,
            private_bytes: 25 * MIB,
            ..nothing()
        };
        assert!(reserve(&usage, claim(1, 1, Reader::Requester), private).is_ok());
        assert!(reserve(&usage, claim(1, 2, Reader::Supervisor), private).is_err());
        let uploads =
            (0..4).map(|it| reserve(&usage, claim(it, it, Reader::Supervisor), nothing()));
        let uploads: Vec<_> = uploads.collect::<Result<_, _>>().unwrap();
        let refused = reserve(&usage, claim(9, 9, Reader::Agent), nothing());
        assert!(matches!(refused, Err(QuotaError::FilesFull)), "{refused:?}");
        uploads.into_iter().for_each(|it| it.keep(10 * MIB, Instant::now()));
        let refused = reserve(&usage, claim(9, 9, Reader::Agent), nothing());
        assert!(
            matches!(refused, Err(QuotaError::FilesFull)),
            "kept, they count as well: {refused:?}"
        );
        assert!(reserve(&usage, claim(9, 9, Reader::Requester), nothing()).is_ok());
    }
}
