//! One call: its dialog, how far it is, and when it is to be looked at again.

use std::time::{Duration, Instant};

use crate::admission::TrunkId;
use crate::dialog::Dialog;
use crate::digest::Login;
use crate::message::{Headers, Request};
use crate::server_transaction::ServerKey;
use crate::session_timer::SessionTimer;
use crate::timers::{GIVE_UP, T1, T2, TimerKey};
use crate::types::{CallKey, LineId, OfferKey, Peer};

/// How often it is said again that it rings, so that no proxy on the way gives up (RFC 3261 §13.3.1.1).
pub(super) const RING_AGAIN: Duration = Duration::from_secs(60);

/// Where a request was made, whichever way it came (RFC 3261 §8.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    call_id: String,
    from_tag: String,
    sequence: u32,
}

impl Origin {
    pub(super) fn of(request: &Request) -> Self {
        Self {
            call_id: request.core.call_id.clone(),
            from_tag: request.core.from.tag().unwrap_or_default().to_owned(),
            sequence: request.core.sequence,
        }
    }
}

/// What a request of ours is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Ends a call that is forgotten here already.
    Bye,
    /// Renews a session.
    Refresh(CallKey),
    /// Begins a call, at this URI.
    Call(CallKey, String),
    /// Registers a line, or takes that back.
    Line(LineId),
    /// Asks a trunk whether it is there, by its place among those that are asked.
    Ping(usize),
    /// Takes the INVITE of a call back; its own answer says what became of it.
    Cancel,
    /// Tells how far it is with a REFER; whoever asked may want to know it no more.
    Notify,
}

/// An INVITE that has no final answer.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) key: ServerKey,
    pub(super) request: Request,
    /// When it is said again that it rings.
    pub(super) ring_again: Option<Instant>,
    /// A provisional answer that has to be confirmed (RFC 3262).
    pub(super) reliable: Option<Reliable>,
    /// The peer requires those.
    pub(super) wants_reliable: bool,
    /// Taken, as soon as our offer has been answered.
    pub(super) taken: bool,
}

impl Pending {
    /// An INVITE that has just come.
    pub(super) fn new(key: ServerKey, request: Request) -> Self {
        let wants_reliable = request.names_option("Require", "100rel");
        Self { key, request, ring_again: None, reliable: None, wants_reliable, taken: false }
    }
}

/// A provisional answer that is repeated until its PRACK comes.
#[derive(Debug)]
pub(super) struct Reliable {
    pub(super) number: u32,
    pub(super) again: Repeated,
    pub(super) has_offer: bool,
}

/// Something that is sent again until it is confirmed.
#[derive(Debug)]
pub(super) struct Repeated {
    pub(super) to: Peer,
    pub(super) bytes: Vec<u8>,
    interval: Duration,
    at: Instant,
    pub(super) until: Instant,
}

impl Repeated {
    pub(super) fn new(now: Instant, to: Peer, bytes: Vec<u8>) -> Self {
        Self { to, bytes, interval: T1, at: now + T1, until: now + GIVE_UP }
    }

    fn deadline(&self) -> Instant {
        self.at.min(self.until)
    }

    /// What is to be sent again now.
    pub(super) fn due(&mut self, now: Instant) -> Option<(Peer, Vec<u8>)> {
        if self.at > now {
            return None;
        }
        self.interval = (self.interval * 2).min(T2);
        self.at = now + self.interval;
        Some((self.to, self.bytes.clone()))
    }
}

/// An accepted INVITE whose ACK has not come. Over every transport the acceptance is repeated
/// (RFC 3261 §13.3.1.4).
#[derive(Debug)]
pub(super) struct Unconfirmed {
    pub(super) sequence: u32,
    pub(super) again: Repeated,
    /// The ACK brings the answer to our offer.
    pub(super) has_offer: bool,
    /// It is the call's first one.
    pub(super) is_first: bool,
}

/// A change that the other end asked for and that is not answered yet.
#[derive(Debug)]
pub(super) struct Reoffer {
    pub(super) number: OfferKey,
    pub(super) key: ServerKey,
    pub(super) request: Request,
    /// It is an INVITE that takes the call's place.
    pub(super) successor: Option<Box<Successor>>,
}

/// What becomes of a call's dialog once the INVITE that takes its place is answered.
#[derive(Debug)]
pub(super) struct Successor {
    pub(super) dialog: Dialog,
    pub(super) peer: Peer,
    pub(super) session: Option<SessionTimer>,
}

/// What a REFER has asked, and is not done yet.
#[derive(Debug)]
pub(super) struct Referral {
    /// Event of the NOTIFYs; `None`: none are wanted.
    pub(super) event: Option<String>,
}

/// An INVITE of ours that has no final answer.
#[derive(Debug)]
pub(super) struct Calling {
    /// The branch of its transaction.
    pub(super) branch: String,
    /// Its request line and headers, but for Via, and its body.
    pub(super) request: (String, Headers, String),
    /// Its number.
    pub(super) sequence: u32,
    /// Somebody has answered something: only then it may be taken back (RFC 3261 §9.1).
    pub(super) is_heard: bool,
    /// Who we are, if we are asked.
    pub(super) login: Option<Login>,
    /// How often we were asked.
    pub(super) challenged: u32,
    /// Where it goes next, if nobody answers there.
    pub(super) then: std::vec::IntoIter<Peer>,
    /// We take it back; by then it is forgotten, whatever comes.
    pub(super) gives_up_at: Option<Instant>,
}

/// As what a call was let in.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) trunk: TrunkId,
    /// The peer as admission counted it.
    pub(super) address: std::net::IpAddr,
    pub(super) origin: Origin,
}

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    /// `None`: it is a call of ours.
    pub(super) admitted: Option<Admitted>,
    /// Where its last request came from, and ours go.
    pub(super) peer: Peer,
    pub(super) dialog: Dialog,
    pub(super) pending: Option<Pending>,
    pub(super) calling: Option<Calling>,
    pub(super) unconfirmed: Option<Unconfirmed>,
    pub(super) reoffer: Option<Reoffer>,
    /// Our own change is under way.
    pub(super) refreshing: bool,
    pub(super) session: Option<SessionTimer>,
    /// The other end takes UPDATE.
    pub(super) peer_updates: bool,
    /// The session description that we sent last.
    pub(super) local_sdp: Option<String>,
    /// We hang up as soon as we may (RFC 3261 §15: not before the ACK).
    pub(super) hanging_up: bool,
    /// Its timer, if it is set.
    pub(super) watched: Option<TimerKey>,
    /// The other end has offered nothing, and has not answered our offer yet.
    pub(super) owes_answer: bool,
    /// The other end may have the call transferred (REFER).
    pub(super) refers: bool,
    /// It has asked for that, and it is not done.
    pub(super) referral: Option<Referral>,
    /// It has asked for that at all.
    pub(super) was_referred: bool,
}

impl Call {
    /// A call that has just come in.
    pub(super) fn incoming(
        (trunk, peer): (TrunkId, Peer),
        dialog: Dialog,
        session: Option<SessionTimer>,
        pending: Pending,
    ) -> Self {
        let request = &pending.request;
        Self {
            admitted: Some(Admitted {
                trunk,
                address: peer.address.ip(),
                origin: Origin::of(request),
            }),
            peer,
            dialog,
            peer_updates: request.names_option("Allow", "UPDATE"),
            owes_answer: matches!(request.session_description(), Ok(None)),
            pending: Some(pending),
            calling: None,
            unconfirmed: None,
            reoffer: None,
            refreshing: false,
            session,
            local_sdp: None,
            hanging_up: false,
            watched: None,
            refers: false,
            referral: None,
            was_referred: false,
        }
    }

    /// A call of ours that has just begun.
    pub(super) fn outgoing(peer: Peer, dialog: Dialog, calling: Calling) -> Self {
        Self {
            admitted: None,
            peer,
            dialog,
            pending: None,
            local_sdp: Some(calling.request.2.clone()),
            calling: Some(calling),
            unconfirmed: None,
            reoffer: None,
            refreshing: false,
            session: None,
            peer_updates: false,
            hanging_up: false,
            watched: None,
            owes_answer: false,
            refers: false,
            referral: None,
            was_referred: false,
        }
    }

    /// When it is to be looked at again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let gives_up = self.calling.as_ref().and_then(|it| it.gives_up_at);
        let pending = self.pending.as_ref();
        let ring = pending.and_then(|it| it.ring_again);
        let reliable = pending.and_then(|it| it.reliable.as_ref()).map(|it| it.again.deadline());
        let unconfirmed = self.unconfirmed.as_ref().map(|it| it.again.deadline());
        let session = self.session.filter(|_| self.is_answered());
        let refresh = session.filter(|_| self.may_refresh()).and_then(|it| it.refresh_at());
        let expires = session.map(|it| it.expires_at());
        [gives_up, ring, reliable, unconfirmed, refresh, expires].into_iter().flatten().min()
    }

    /// Whether a change of ours may begin: no other one is under way.
    pub(super) fn may_refresh(&self) -> bool {
        !self.refreshing && self.unconfirmed.is_none() && self.reoffer.is_none()
    }

    /// Whether the INVITE that made it was accepted.
    pub(super) fn is_answered(&self) -> bool {
        self.pending.is_none() && self.calling.is_none()
    }
}
