//! An agent's telephone has its call transferred (REFER, RFC 3515): what the agent would do in the page, done by its
//! key for it.
//!
//! To a queue, to another agent by their extension, or to a number where a trunk allows it, always blind: the caller
//! goes there, and the agent's telephone is hung up. It happens by the agent's rights of that moment, and by nothing
//! that the page could not do. Calls from the network are not transferred by it: a trunk moves its own end
//! (Replaces).

use std::sync::Arc;
use std::time::Duration;

use accounts::User;
use control_plane::{AddingProgress, NotReached};
use interaction::{CallId, DialedNumber, HandoverKind};
use orchestrator::calls::error::{
    AddNumberError, CallError, DialError, DialRefusal, HandOverError, PartError,
};
use orchestrator::error::LookupError;
use orchestrator::{CallProgress, Destination, Handover};
use sip::CallKey;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::call::{Answering, order};
use crate::order::Order;
use crate::refusal::refusal_of_station;

/// How often it is looked how far the call to a number is.
const LOOK: Duration = Duration::from_millis(200);

/// Where a call goes, as a telephone has named it.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Inside(Destination),
    Number(DialedNumber),
}

/// A number that is being called in an agent's place.
pub(crate) struct Referral {
    call: CallId,
    key: CallKey,
    told_ringing: bool,
    looks: Interval,
}

/// Begins to transfer the call as the telephone wants it, and tells it how far that is. `Some`: a number is being
/// called.
pub(crate) async fn begin(
    answering: &Answering,
    user: &Arc<User>,
    (call, key): (CallId, CallKey),
    to: &str,
) -> Option<Referral> {
    let done = match place(answering, to).await {
        Ok(Place::Inside(to)) => {
            let handover = Handover { kind: HandoverKind::Transfer, to, note: None };
            let handed = answering.orchestrator.hand_over(user, call, handover).await;
            handed.map(|_| None).map_err(|error| status_of_handover(&error))
        }
        Ok(Place::Number(number)) => {
            let dialed = answering.orchestrator.dial_in(user, call, (number, true)).await;
            dialed.map(|_| Some(Referral::new(call, key))).map_err(|error| status_of_adding(&error))
        }
        Err(status) => Err(status),
    };
    match done {
        Ok(Some(referral)) => return Some(referral),
        Ok(None) => order(answering, Order::ReferIs(key, 200)).await,
        Err(status) => {
            tracing::info!(%call, status, "a telephone's call is not transferred");
            order(answering, Order::ReferIs(key, status)).await;
        }
    }
    None
}

/// A queue by its key, an agent by their extension, or a number. `Err`: the status that says why it is none.
async fn place(answering: &Answering, to: &str) -> Result<Place, u16> {
    let unreadable = |error: accounts::Error| {
        tracing::error!(%error, "where a call is to go can't be read");
        503_u16
    };
    let mut extensions = answering.phones.iter().flat_map(|it| &it.phones);
    if let Some(phone) = extensions.find(|it| it.extension == to) {
        let agent = answering.auth.user_named(&phone.username).await.map_err(unreadable)?;
        return agent.map(|it| Place::Inside(Destination::Agent(it))).ok_or(404);
    }
    match DialedNumber::parse(to) {
        Ok(number) => Ok(Place::Number(number)),
        // Whether there is such a queue, the orchestrator says.
        Err(_) => Ok(Place::Inside(Destination::Queue(to.to_owned()))),
    }
}

impl Referral {
    fn new(call: CallId, key: CallKey) -> Self {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { call, key, told_ringing: false, looks }
    }

    /// Returns when it is time to look.
    pub(crate) async fn tick(&mut self) {
        self.looks.tick().await;
    }

    /// Looks how far it is, and tells it; `false`: it has come to nothing.
    pub(crate) async fn look(&mut self, answering: &Answering, user: &User) -> bool {
        let shown = answering.orchestrator.call(user, self.call);
        // Gone, or taken: the end of the agent's leg tells of it.
        let adding = shown.ok().and_then(|it| it.sight.card.adding.clone());
        match adding.map(|it| it.progress) {
            None | Some(AddingProgress::Calling) => true,
            Some(AddingProgress::Ringing) => {
                if !std::mem::replace(&mut self.told_ringing, true) {
                    order(answering, Order::ReferIs(self.key, 180)).await;
                }
                true
            }
            Some(AddingProgress::Failed(why)) => {
                order(answering, Order::ReferIs(self.key, status_of_vain(why))).await;
                false
            }
        }
    }

    /// The agent's leg is over: the caller is with whoever was called, or the call has ended.
    pub(crate) async fn over(self, answering: &Answering) {
        let progress = *answering.orchestrator.call_progress(self.call).borrow();
        let status = if matches!(progress, CallProgress::Ended(_)) { 487 } else { 200 };
        order(answering, Order::ReferIs(self.key, status)).await;
    }
}

/// Why a call is not handed over, as SIP says it.
fn status_of_handover(error: &HandOverError) -> u16 {
    match error {
        HandOverError::Part(error) => status_of_part(error),
        HandOverError::To(LookupError::NotFound(_)) => 404,
        HandOverError::Draining(_) => 503,
        HandOverError::To(LookupError::Unread(_)) | HandOverError::Bug(_) => 500,
    }
}

/// Why nobody is called to take it, as SIP says it.
fn status_of_adding(error: &AddNumberError) -> u16 {
    match error {
        AddNumberError::Lacks(_) => 403,
        AddNumberError::Part(error) => status_of_part(error),
        AddNumberError::NotDialed(error) => match error {
            DialError::Refused(DialRefusal::NotAllowed) => 403,
            DialError::Refused(DialRefusal::AgentBusy) => 486,
            DialError::Refused(DialRefusal::TrunkDown | DialRefusal::TooMany)
            | DialError::LinesBusy
            | DialError::NoRoom(_)
            | DialError::Draining(_) => 503,
            DialError::Station(error) => refusal_of_station(error).status,
            DialError::Call(error) => status_of_call(error),
        },
    }
}

fn status_of_part(error: &PartError) -> u16 {
    match error {
        PartError::NotAllowed(_) => 403,
        PartError::Call(error) => status_of_call(error),
    }
}

fn status_of_call(error: &CallError) -> u16 {
    match error {
        CallError::NotCurrent(_) | CallError::Refused { .. } => 403,
        CallError::NotFound(_) => 404,
        CallError::Overloaded => 503,
        CallError::StationBusy => 500,
    }
}

/// Why nobody took the call to a number, as SIP says it.
fn status_of_vain(why: NotReached) -> u16 {
    match why {
        NotReached::Busy => 486,
        NotReached::Declined => 603,
        NotReached::NoAnswer => 480,
        NotReached::NoSuchNumber => 404,
        NotReached::TrunkRefused => 403,
        NotReached::NoCommonCodec => 488,
        NotReached::TrunkFailed => 503,
    }
}
