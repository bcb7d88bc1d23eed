//! What goes into a user agent, and what comes out.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::admission::{TrunkId, TrunkPeers};
use crate::digest::Login;
use crate::message::Uri;
use crate::registrar::{Change, PhoneId, RegistrarConfig};

pub use crate::peer::{Peer, Transport};

/// A call, as long as it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKey(pub u64);

/// A change of a call's session that the other end asks for; it is answered by this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OfferKey(pub u64);

/// How a user agent presents itself, and to whom.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// Our address as others reach it, for each transport.
    pub addresses: Addresses,
    /// Who may call.
    pub trunks: Vec<TrunkPeers>,
    /// The phones that may register; `None`: REGISTER is not done here.
    pub registrar: Option<RegistrarConfig>,
    /// Extensions of PBXs' that we register there.
    pub lines: Vec<LineConfig>,
    /// Trunks that are asked whether they are there.
    pub pings: Vec<PingConfig>,
    /// `User-Agent` and `Server`.
    pub product: String,
    /// Makes tags, branches and Call-IDs.
    pub seed: [u8; 32],
}

/// Our own addresses, as they go into Via and Contact.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// Datagrams.
    pub udp: SocketAddr,
    /// Streams.
    pub tcp: SocketAddr,
    /// Encrypted streams, if there are any.
    pub tls: Option<SocketAddr>,
}

/// What a user agent wants done, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// To be sent.
    Send {
        /// To whom.
        to: Peer,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Something has happened.
    Event(Event),
}

/// Who calls, as the network says: nobody has proved it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkCaller {
    /// The display name.
    pub name: Option<String>,
    /// The number, or the user part of the address.
    pub number: Option<String>,
}

/// A call that has come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Names it from now on.
    pub call: CallKey,
    /// By which trunk.
    pub trunk: TrunkId,
    /// The user part that was called.
    pub called: String,
    /// Who calls.
    pub caller: NetworkCaller,
    /// The session description; `None`: we are to offer one.
    pub offer: Option<String>,
    /// From where.
    pub peer: Peer,
    /// Its Call-ID, for logs.
    pub call_id: String,
}

/// Which line: its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineId(pub usize);

/// An extension of a PBX's that we register there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineConfig {
    /// Where it is registered: the first one that answers has it. All of them are peers of a trunk. None: it is not
    /// known yet.
    pub servers: Vec<Peer>,
    /// The host part of its address.
    pub domain: String,
    /// The user part: the extension.
    pub user: String,
    /// Who it is.
    pub login: Login,
    /// For how long it is registered each time, unless the server wants otherwise, s.
    pub expires_s: u32,
}

/// How a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// Nothing was answered yet.
    Registering,
    /// It is registered.
    Registered {
        /// Until when, unless it is renewed.
        until: Instant,
    },
    /// It is not; it is tried again.
    Failed {
        /// What the server said; 408 if it said nothing.
        status: u16,
    },
}

/// A trunk that is asked now and then whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PingConfig {
    /// Which.
    pub trunk: TrunkId,
    /// Where: some of its peers, the most wanted first. None: it is not known yet.
    pub servers: Vec<Peer>,
}

/// Whether a trunk is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrunkState {
    /// It was not asked, or has not answered yet.
    Unknown,
    /// It answers.
    Up {
        /// Since when.
        since: Instant,
        /// When it answered last.
        answered_at: Instant,
        /// What it said then.
        status: u16,
    },
    /// It does not, or is not well.
    Down {
        /// Since when.
        since: Instant,
        /// What it said last; 408 if it said nothing.
        status: u16,
    },
}

/// A call that we make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it is sent.
    pub to: Peer,
    /// And then, one after the other, as long as the one before does not answer at all, can't be reached, or is not
    /// well (503; RFC 3263 §4.3). By the same transport.
    pub then: Vec<Peer>,
    /// Whom it is for.
    pub uri: Uri,
    /// Who calls, as it is shown there.
    pub caller: NetworkCaller,
    /// Our offer.
    pub sdp: String,
    /// Who we are, if we are asked.
    pub login: Option<Login>,
    /// Whether its other end may have it transferred: REFER ([`Event::Referred`]).
    pub refers: bool,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody calls: [`accept`](crate::UserAgent::accept) or [`refuse`](crate::UserAgent::refuse).
    Invited(Box<Invitation>),
    /// The answer to the session description that we offered.
    Answered {
        /// Of which call.
        call: CallKey,
        /// `None`: there was none, so that the call has no media.
        sdp: Option<String>,
    },
    /// It rings where we call.
    Ringing {
        /// Which call.
        call: CallKey,
    },
    /// A call of ours was taken.
    Taken {
        /// Which one.
        call: CallKey,
        /// The answer to our offer; `None`: there was none, so that the call has no media.
        sdp: Option<String>,
    },
    /// A call of ours was not taken.
    Refused {
        /// Which one.
        call: CallKey,
        /// Why: 300 … 699; 408 if nobody answered at all.
        status: u16,
    },
    /// A phone has registered, is registered for longer, or is no longer there.
    Phone {
        /// Whose.
        phone: PhoneId,
        /// What has changed.
        change: Change,
        /// Whether a phone of this account is there now.
        is_there: bool,
    },
    /// A line is as this now.
    Line {
        /// Which one.
        line: LineId,
        /// How it is.
        state: LineState,
    },
    /// A trunk has answered, or has not.
    Trunk {
        /// Which one.
        trunk: TrunkId,
        /// How it is.
        state: TrunkState,
    },
    /// The other end asks for another session, to be answered by
    /// [`answer_offer`](crate::UserAgent::answer_offer).
    Reoffered {
        /// Of which call.
        call: CallKey,
        /// Names the question.
        key: OfferKey,
        /// The session description; `None`: we are to offer one.
        offer: Option<String>,
    },
    /// The other end wants whoever it talks with to be connected with somebody else;
    /// [`refer_is`](crate::UserAgent::refer_is) tells it how far that is.
    Referred {
        /// Of which call.
        call: CallKey,
        /// With whom.
        to: Uri,
    },
    /// A digit that came as a message (`application/dtmf-relay`), not in the media.
    Digit {
        /// Of which call.
        call: CallKey,
        /// The digit.
        digit: char,
    },
    /// It is over.
    Ended {
        /// Which call.
        call: CallKey,
        /// How.
        end: SipEnd,
    },
}

/// How a call ended, seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SipEnd {
    /// The caller took it back before it was answered.
    Cancelled,
    /// The other end hung up.
    Bye,
    /// We hung up, or refused it.
    Ours,
    /// Nobody confirmed our answer.
    NotConfirmed,
    /// Nobody renewed the session in time (RFC 4028).
    Expired,
    /// The other end has forgotten the call, or answers no more.
    Gone,
}

/// Why a call is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 400 … 699.
    pub status: u16,
    /// When it may be tried again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// Of this status.
    pub fn new(status: u16) -> Self {
        Self { status, retry_after: None }
    }

    /// To be tried again later.
    pub fn for_now(status: u16, retry_after: Duration) -> Self {
        Self { status, retry_after: Some(retry_after) }
    }
}
