//! Somebody outside who is called to a call that goes on, and stays on it beside its caller.

use control_plane::{AddingProgress, NotReached};
use orchestrator::DialedIn;

use crate::call::{hear, order};
use crate::dialing::{Called, Dialing, not_reached};
use crate::news::News;
use crate::order::Order;

impl Dialing {
    /// Until somebody takes it, nobody does, the agent takes it back, or does not talk on the call any more.
    pub(crate) async fn bring(self, mut called: Called, to: DialedIn) {
        let DialedIn { call, by, transfer, mut wanted } = to;
        let orchestrator = &self.answering.orchestrator;
        let patience = tokio::time::sleep(self.patience());
        let gone = orchestrator.talks_no_more(call, by);
        tokio::pin!(patience, gone);
        let mut is_wanted = true;
        let why = loop {
            let told = tokio::select! {
                biased;
                told = called.news.recv() => told.map(|(_, told)| told),
                () = &mut patience => break Some(NotReached::NoAnswer),
                () = &mut gone => break None,
                _ = &mut wanted => {
                    is_wanted = false;
                    break None;
                }
            };
            match told {
                Some(News::Ringing) => {
                    orchestrator.dialed_in(call, Some(AddingProgress::Ringing));
                }
                Some(News::Taken(answer)) => {
                    if let Err(why) = Self::take_answer(&called, answer).await {
                        break Some(why);
                    }
                    let (callee, station) = (&called.callee, called.media.station);
                    let joined = orchestrator.join_dialed_in(callee, (call, by, transfer), station);
                    match joined.await {
                        Ok(()) => return self.stay(called).await,
                        Err(error) => {
                            tracing::debug!(%call, %error, "a call had changed before somebody outside took it");
                            break None;
                        }
                    }
                }
                Some(News::Refused(status)) => break Some(not_reached(status)),
                Some(News::Ended(_)) | None => break Some(NotReached::TrunkFailed),
                // Nothing of it is possible before it is taken.
                Some(
                    News::Answered(_) | News::Reoffered(..) | News::Digit(_) | News::Referred(_),
                ) => {}
            }
        };
        order(&self.answering, Order::HangUp(called.key)).await;
        if is_wanted {
            // What was taken back is told already, and another number may be being called.
            orchestrator.dialed_in(call, why.map(AddingProgress::Failed));
        }
        called.media.close().await;
    }

    /// Carries what happens on either side to the other one, until one of them ends.
    async fn stay(&self, called: Called) {
        let Called { id, key, callee, media, mut news } = called;
        let orchestrator = &self.answering.orchestrator;
        let mut looks = media.looks();
        let mut over = orchestrator.leg_is_over(id, callee.id, media.station);
        loop {
            tokio::select! {
                biased;
                told = news.recv() => {
                    let goes_on = match told {
                        Some((_, told)) => hear(&self.answering, key, &media, told).await,
                        None => false,
                    };
                    if !goes_on {
                        if let Err(error) = orchestrator.hang_up(&callee, id).await {
                            tracing::debug!(call = %id, %error, "a call was over before somebody outside hung up");
                        }
                        break;
                    }
                }
                // The end of its leg is told below.
                () = looks.tick() => if media.is_unheard(&mut looks)
                    && let Err(error) = orchestrator.lose(&callee, id).await
                {
                    tracing::debug!(call = %id, %error, "a call was over before somebody outside was lost");
                },
                // A guard of the watch's is not held while anything is waited for.
                () = async { drop(over.wait_for(|is_over| *is_over).await) } => {
                    order(&self.answering, Order::HangUp(key)).await;
                    break;
                }
            }
        }
        media.close().await;
    }
}
