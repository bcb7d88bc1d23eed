//! One call from the network: from the INVITE until it is over on both sides.

use std::sync::Arc;

use accounts::{Auth, NAME_CHARS_MAX, QueueRef, User};
use control_plane::{CallerInfo, CallerSource};
use interaction::CallId;
use interaction::text::display_name;
use orchestrator::opening::Opening;
use orchestrator::{CallProgress, Destination, Orchestrator, Placement};
use sip::{CallKey, Invitation, NetworkCaller, Refusal};
use tokio::sync::{mpsc, watch};

use crate::config::{LineConfig, PhonesConfig, TrunkConfig};
use crate::media_side::MediaSide;
use crate::news::News;
use crate::order::Order;
use crate::refusal::{BUSY_RETRY, NOBODY_RETRY, closed, refusal_of, refusal_of_end};
use crate::way_states::WayStates;

/// Characters that a number may have, as for everybody who states one.
const NUMBER_CHARS_MAX: usize = 40;
/// What a caller without name and number is called.
const UNKNOWN_CALLER: &str = "Anonymous";

/// What calls are taken with.
pub(crate) struct Answering {
    pub(crate) trunks: Vec<TrunkConfig>,
    pub(crate) lines: Vec<LineConfig>,
    pub(crate) phones: Option<PhonesConfig>,
    pub(crate) orchestrator: Orchestrator,
    pub(crate) auth: Auth,
    pub(crate) orders: mpsc::Sender<Order>,
    /// How the trunks and lines are.
    pub(crate) ways: Arc<WayStates>,
}

/// Takes a call, as far as it goes.
pub(crate) async fn take_call(
    answering: Arc<Answering>,
    mut invitation: Invitation,
    news: CallNews,
) {
    let key = invitation.call;
    let offer = invitation.offer.take();
    match begin(&answering, &invitation, offer).await {
        Ok(call) => {
            let (call_id, id) = (&invitation.call_id, call.id);
            tracing::info!(%call_id, call = %id, "a call has come in by SIP");
            call.run(&answering, key, news).await;
        }
        Err(refusal) => {
            let (call_id, status) = (&invitation.call_id, refusal.status);
            tracing::info!(%call_id, status, "a call by SIP is not taken");
            metrics::counter!("sotto_sip_refusals_total", "status" => status.to_string())
                .increment(1);
            order(&answering, Order::Refuse(key, refusal)).await;
        }
    }
}

/// What is told to a call's task, and of which call.
pub(crate) type CallNews = mpsc::Receiver<(CallKey, News)>;

/// A call that is placed, and its end that is on a telephone.
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) caller: Arc<User>,
    pub(crate) media: MediaSide,
    pub(crate) progress: watch::Receiver<CallProgress>,
}

/// Makes a guest, a station and a call of an INVITE.
async fn begin(
    answering: &Answering,
    invitation: &Invitation,
    offer: Option<String>,
) -> Result<Call, Refusal> {
    let trunk = answering.trunks.get(invitation.trunk.0).ok_or(Refusal::new(404))?;
    let orchestrator = &answering.orchestrator;
    let to = destination(answering, trunk, invitation).await?;
    let info = caller_info(&invitation.caller);
    let caller = answering.auth.network_caller(&info.name).await.map_err(|error| {
        tracing::warn!(%error, "no place for a caller from the network");
        Refusal::for_now(503, BUSY_RETRY)
    })?;
    let signalled_from = invitation.peer.address.ip();
    let media = trunk.media.station(signalled_from);
    let media = MediaSide::open(orchestrator, &caller, (offer, media)).await?;
    let placement = Placement { station: media.station, to, caller: info, awaits_media: false };
    match orchestrator.place(&caller, placement).await {
        Ok(shown) => {
            let id = shown.sight.card.id;
            let progress = orchestrator.call_progress(id);
            Ok(Call { id, caller, media, progress })
        }
        Err(error) => {
            media.close().await;
            Err(refusal_of(&error))
        }
    }
}

/// Who was called: the agent of a line, or a queue. Without anybody there who could ever take it: 480.
async fn destination(
    answering: &Answering,
    trunk: &TrunkConfig,
    invitation: &Invitation,
) -> Result<Destination, Refusal> {
    let orchestrator = &answering.orchestrator;
    let nobody = Refusal::for_now(480, NOBODY_RETRY);
    let is_its =
        |line: &&LineConfig| line.trunk == invitation.trunk && line.extension == invitation.called;
    let Some(line) = answering.lines.iter().find(is_its) else {
        let queue = queue(answering, trunk, &invitation.called).await?;
        if let Opening::Closed { opens_at } = orchestrator.opening(queue.id) {
            return Err(closed(opens_at));
        }
        let is_anybody_there = orchestrator.agents_present(&queue.key) > 0;
        return if is_anybody_there { Ok(Destination::Queue(queue.key)) } else { Err(nobody) };
    };
    let agent = answering.auth.user_named(&line.username).await.map_err(|error| {
        tracing::error!(%error, "a line's agent can't be read");
        Refusal::for_now(503, BUSY_RETRY)
    })?;
    let agent = agent.ok_or(Refusal::new(404))?;
    if orchestrator.is_present(agent) { Ok(Destination::Line(agent)) } else { Err(nobody) }
}

/// The queue that was called, if there is one.
async fn queue(
    answering: &Answering,
    trunk: &TrunkConfig,
    called: &str,
) -> Result<QueueRef, Refusal> {
    let open = answering.auth.open_queues().await.map_err(|error| {
        tracing::error!(%error, "the queues can't be read");
        Refusal::for_now(503, BUSY_RETRY)
    })?;
    let of_key = |key: &str| open.iter().find(|queue| queue.key == key).cloned();
    let default = || trunk.default_queue.as_deref().and_then(of_key);
    of_key(trunk.queue_of(called)).or_else(default).ok_or(Refusal::new(404))
}

impl Call {
    /// Rings, until an agent takes it; then carries the call to its end.
    async fn run(self, answering: &Answering, key: CallKey, news: CallNews) {
        order(answering, Order::Ring(key, self.media.sdp.clone())).await;
        self.carry(answering, key, news, false).await;
    }

    /// Carries what happens on either side to the other one, until the call is over.
    pub(crate) async fn carry(
        mut self,
        answering: &Answering,
        key: CallKey,
        mut news: CallNews,
        mut is_answered: bool,
    ) {
        let mut looks = self.media.looks();
        loop {
            let progress = *self.progress.borrow_and_update();
            match progress {
                CallProgress::Waiting => {}
                CallProgress::Answered if is_answered => {}
                CallProgress::Answered => {
                    is_answered = true;
                    looks.reset();
                    order(answering, Order::Accept(key, self.media.sdp.clone())).await;
                }
                CallProgress::Ended(end) => {
                    let ending = match is_answered {
                        true => Order::HangUp(key),
                        false => Order::Refuse(key, refusal_of_end(end)),
                    };
                    order(answering, ending).await;
                    break;
                }
            }
            tokio::select! {
                biased;
                told = news.recv() => {
                    let goes_on = match told {
                        Some((_, told)) => hear(answering, key, &self.media, told).await,
                        None => false,
                    };
                    if !goes_on {
                        self.hang_up(answering).await;
                        break;
                    }
                }
                // Its end is told as that of any other call.
                () = looks.tick(), if is_answered => if self.media.is_unheard(&mut looks) {
                    self.lose(answering).await;
                },
                changed = self.progress.changed() => if changed.is_err() {
                    // Nobody tells any more: its end has been told, or the server ends.
                    let end = *self.progress.borrow();
                    if !matches!(end, CallProgress::Ended(_)) {
                        order(answering, Order::HangUp(key)).await;
                        break;
                    }
                }
            }
        }
        self.media.close().await;
    }

    async fn lose(&self, answering: &Answering) {
        if let Err(error) = answering.orchestrator.lose(&self.caller, self.id).await {
            tracing::debug!(call = %self.id, %error, "a call was over before its caller was lost");
        }
    }

    async fn hang_up(&self, answering: &Answering) {
        // It may have ended in this moment.
        if let Err(error) = answering.orchestrator.hang_up(&self.caller, self.id).await {
            tracing::debug!(call = %self.id, %error, "a call was over before its caller hung up");
        }
    }
}

/// The other end of a call has done something; `false`: it is over.
pub(crate) async fn hear(
    answering: &Answering,
    key: CallKey,
    media: &MediaSide,
    told: News,
) -> bool {
    match told {
        News::Answered(answer) => {
            let is_answered = match answer {
                Some(sdp) => media.take_answer(sdp).await.is_ok(),
                None => false,
            };
            if !is_answered {
                order(answering, Order::HangUp(key)).await;
            }
            is_answered
        }
        News::Reoffered(number, offer) => {
            let answer = media.take_offer(offer).await;
            order(answering, Order::AnswerOffer(key, number, answer)).await;
            true
        }
        News::Digit(_) => {
            metrics::counter!("sotto_sip_digits_total").increment(1);
            true
        }
        // Of a call that rings: whoever waits for it has been told. Nor may anybody refer here.
        News::Ringing | News::Taken(_) | News::Refused(_) | News::Referred(_) => true,
        News::Ended(end) => {
            tracing::debug!(station = %media.station, ?end, "a telephone has gone");
            false
        }
    }
}

pub(crate) async fn order(answering: &Answering, order: Order) {
    // The telephone side has ended: nobody is left to be told anything.
    let _ = answering.orders.send(order).await;
}

/// Name and number as they are shown: cleaned, and never empty.
fn caller_info(caller: &NetworkCaller) -> CallerInfo {
    let number = caller.number.as_deref().and_then(|it| display_name(it, NUMBER_CHARS_MAX));
    let name = caller.name.as_deref().and_then(|it| display_name(it, NAME_CHARS_MAX));
    let name = name.or_else(|| number.clone()).unwrap_or_else(|| UNKNOWN_CALLER.to_owned());
    CallerInfo { name, number, source: CallerSource::Network }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_called_by_what_the_network_says_and_nothing_deceives() {
        let caller = |name: Option<&str>, number: Option<&str>| {
            let info = caller_info(&NetworkCaller {
                name: name.map(str::to_owned),
                number: number.map(str::to_owned),
            });
            (info.name, info.number)
        };
        let number = Some("+4930123".to_owned());
        assert_eq!(caller(Some("Ana"), Some("+4930123")), ("Ana".to_owned(), number.clone()));
        assert_eq!(caller(None, Some("+4930123")), ("+4930123".to_owned(), number));
        assert_eq!(caller(None, None), ("Anonymous".to_owned(), None));
        assert_eq!(caller(Some("A\u{202e}na\n"), None).0, "Ana");
        assert_eq!(caller(Some(&"x".repeat(500)), None).0.len(), NAME_CHARS_MAX);
    }
}
