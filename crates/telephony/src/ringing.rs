//! One call that rings at an agent's telephones, and goes on at the one that takes it.

use std::sync::Arc;
use std::time::Instant;

use accounts::User;
use control_plane::CallerInfo;
use interaction::CallId;
use media_workers::Digit;
use orchestrator::{HelpAction, PlainNews};
use sip::{Binding, CallKey, NetworkCaller, Outgoing, PhoneId};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot};

use crate::call::{Answering, CallNews, hear, order};
use crate::key_code::CodeListener;
use crate::media_side::MediaSide;
use crate::news::{NEWS_MAX, News};
use crate::order::Order;
use crate::referring::{self, Referral};

/// A call that is offered to an agent who has a telephone.
pub(crate) struct Ringing {
    pub(crate) answering: Arc<Answering>,
    pub(crate) phone: PhoneId,
    /// Of the telephone's sign-in: each act is done with the rights of its moment.
    pub(crate) token: String,
    pub(crate) call: CallId,
    pub(crate) caller: CallerInfo,
    /// For as long as it lives the telephone is in a call.
    pub(crate) _busy: Arc<()>,
}

/// One telephone of the agent's that rings.
struct Line {
    key: CallKey,
    media: MediaSide,
}

/// What became of the ringing.
enum Outcome {
    /// This one took it, and is on the call.
    Taken(Line),
    /// None of them takes it.
    Declined,
    /// It is offered no more.
    Withdrawn,
}

impl Ringing {
    /// Rings until it is taken, declined or `withdrawn` ends; then carries the call to its end.
    pub(crate) async fn run(self, withdrawn: oneshot::Receiver<()>) {
        let (sender, mut news) = mpsc::channel(NEWS_MAX);
        let mut lines = self.dial(sender).await;
        let outcome = self.wait(&mut lines, &mut news, withdrawn).await;
        for line in lines {
            self.drop_line(line).await;
        }
        match outcome {
            Outcome::Taken(line) => self.talk(line, news).await,
            Outcome::Declined => self.decline().await,
            Outcome::Withdrawn => {}
        }
    }

    /// Calls each telephone of the agent's.
    async fn dial(&self, news: mpsc::Sender<(CallKey, News)>) -> Vec<Line> {
        let (reply, bindings) = oneshot::channel();
        order(&self.answering, Order::Bindings(self.phone, reply)).await;
        let mut lines = Vec::new();
        for binding in bindings.await.unwrap_or_default() {
            lines.extend(self.dial_one(binding, news.clone()).await);
        }
        lines
    }

    async fn dial_one(
        &self,
        binding: Binding,
        news: mpsc::Sender<(CallKey, News)>,
    ) -> Option<Line> {
        let phones = self.answering.phones.as_ref()?;
        let owner = self.user().await?;
        let media = phones.media.station(binding.peer.address.ip());
        let media = MediaSide::open(&self.answering.orchestrator, &owner, (None, media)).await;
        let media = media.inspect_err(|refusal| {
            let (call, status) = (self.call, refusal.status);
            tracing::warn!(%call, status, "no place for the media of an agent's telephone");
        });
        let media = media.ok()?;
        let (name, number) = (Some(self.caller.name.clone()), self.caller.number.clone());
        let outgoing = Outgoing {
            to: binding.peer,
            then: Vec::new(),
            uri: binding.contact,
            caller: NetworkCaller { name, number },
            sdp: media.sdp.clone(),
            login: None,
            refers: phones.refer,
        };
        let (reply, key) = oneshot::channel();
        let outgoing = Box::new(outgoing);
        order(&self.answering, Order::Call { outgoing, news, reply }).await;
        match key.await {
            Ok(key) => Some(Line { key, media }),
            // The telephone side has ended.
            Err(_) => {
                media.close().await;
                None
            }
        }
    }

    async fn wait(
        &self,
        lines: &mut Vec<Line>,
        news: &mut CallNews,
        mut withdrawn: oneshot::Receiver<()>,
    ) -> Outcome {
        while !lines.is_empty() {
            let told = tokio::select! {
                biased;
                _ = &mut withdrawn => return Outcome::Withdrawn,
                told = news.recv() => told,
            };
            let Some((key, told)) = told else { return Outcome::Declined };
            let Some(place) = lines.iter().position(|line| line.key == key) else { continue };
            match told {
                News::Taken(answer) => {
                    let line = lines.swap_remove(place);
                    match self.take(&line, answer).await {
                        Ok(()) => return Outcome::Taken(line),
                        Err(outcome) => {
                            self.drop_line(line).await;
                            match outcome {
                                NotTaken::Unusable => {}
                                NotTaken::Gone => return Outcome::Withdrawn,
                            }
                        }
                    }
                }
                News::Refused(status) => {
                    tracing::debug!(call = %self.call, status, "a telephone does not take a call");
                    self.drop_line(lines.swap_remove(place)).await;
                }
                News::Ended(_) => self.drop_line(lines.swap_remove(place)).await,
                // Nothing of it is possible before it is taken.
                News::Ringing
                | News::Answered(_)
                | News::Reoffered(..)
                | News::Digit(_)
                | News::Referred(_) => {}
            }
        }
        Outcome::Declined
    }

    /// The telephone has answered: so has the agent, if the session is possible.
    async fn take(&self, line: &Line, answer: Option<String>) -> Result<(), NotTaken> {
        let answer = answer.ok_or(NotTaken::Unusable)?;
        line.media.take_answer(answer).await.map_err(|refusal| {
            let (call, status) = (self.call, refusal.status);
            tracing::info!(%call, status, "a telephone has answered with no session that is possible");
            NotTaken::Unusable
        })?;
        let user = self.user().await.ok_or(NotTaken::Gone)?;
        let (orchestrator, station) = (&self.answering.orchestrator, line.media.station);
        orchestrator.answer(&user, self.call, station).await.map_err(|error| {
            tracing::debug!(call = %self.call, %error, "a call was gone before a telephone took it");
            NotTaken::Gone
        })
    }

    async fn decline(&self) {
        let Some(user) = self.user().await else { return };
        // It may be offered no more by now.
        if let Err(error) = self.answering.orchestrator.decline(&user, self.call) {
            tracing::debug!(call = %self.call, %error, "a call was gone before a telephone declined it");
        }
    }

    /// Carries what happens on either side to the other one, until one of them ends.
    async fn talk(&self, line: Line, mut news: CallNews) {
        let Line { key, mut media } = line;
        let orchestrator = &self.answering.orchestrator;
        let mut keys = orchestrator.plain_news();
        let code = self.answering.phones.as_ref().and_then(|it| it.help_code.clone());
        let mut code = code.map(CodeListener::new);
        let mut looks = media.looks();
        let mut referral = None;
        let mut over = orchestrator.leg_is_over(self.call, media.owner.id, media.station);
        loop {
            tokio::select! {
                biased;
                told = news.recv() => {
                    self.refresh(&mut media).await;
                    let goes_on = match told {
                        Some((of, News::Referred(to))) if of == key => {
                            referral = self.refer(&media, key, &to).await;
                            true
                        }
                        Some((of, told)) if of == key => {
                            if let News::Digit(digit) = told {
                                self.press(&media.owner, &mut code, digit).await;
                            }
                            hear(&self.answering, key, &media, told).await
                        }
                        // Of another telephone that rang.
                        Some(_) => true,
                        None => false,
                    };
                    if !goes_on {
                        self.hang_up(&media.owner).await;
                        break;
                    }
                }
                pressed = keys.recv() => match pressed {
                    Ok(PlainNews::Dtmf { station, digit }) if station == media.station => {
                        self.refresh(&mut media).await;
                        self.press(&media.owner, &mut code, digit).await;
                    }
                    // Another telephone's; or so many were pressed everywhere that some were missed.
                    Ok(PlainNews::Dtmf { .. } | PlainNews::Held { .. }) | Err(RecvError::Lagged(_)) => {}
                    // The server ends, and so will the call.
                    Err(RecvError::Closed) => {}
                },
                // The end of its leg is told below.
                () = looks.tick() => if media.is_unheard(&mut looks) {
                    self.lose(&media.owner).await;
                },
                () = next_look(&mut referral) => {
                    let goes_on = match &mut referral {
                        Some(it) => it.look(&self.answering, &media.owner).await,
                        None => false,
                    };
                    referral = referral.filter(|_| goes_on);
                }
                // A guard of the watch's is not held while anything is waited for.
                () = async { drop(over.wait_for(|is_over| *is_over).await) } => {
                    if let Some(it) = referral.take() {
                        it.over(&self.answering).await;
                    }
                    order(&self.answering, Order::HangUp(key)).await;
                    break;
                }
            }
        }
        media.close().await;
    }

    /// The agent's rights as they are now.
    async fn refresh(&self, media: &mut MediaSide) {
        if let Some(user) = self.user().await {
            media.owner = user;
        }
    }

    /// The telephone wants its caller to be transferred.
    async fn refer(&self, media: &MediaSide, key: CallKey, to: &str) -> Option<Referral> {
        referring::begin(&self.answering, &media.owner, (self.call, key), to).await
    }

    /// A key was pressed; the code asks for help, as the button in the page does.
    async fn press(&self, user: &User, code: &mut Option<CodeListener>, digit: Digit) {
        let is_code = code.as_mut().is_some_and(|code| code.handle_key(Instant::now(), digit));
        if !is_code {
            return;
        }
        let asked = self.answering.orchestrator.help(user, self.call, HelpAction::Raise, None);
        // Switched off for the queue, or asked already.
        if let Err(error) = asked.await {
            tracing::debug!(call = %self.call, %error, "help was asked for in vain");
        }
    }

    async fn hang_up(&self, user: &User) {
        // It may have ended in this moment.
        if let Err(error) = self.answering.orchestrator.hang_up(user, self.call).await {
            tracing::debug!(call = %self.call, %error, "a call was over before its agent hung up");
        }
    }

    async fn lose(&self, user: &User) {
        if let Err(error) = self.answering.orchestrator.lose(user, self.call).await {
            tracing::debug!(call = %self.call, %error, "a call was over before its agent was lost");
        }
    }

    async fn drop_line(&self, line: Line) {
        order(&self.answering, Order::HangUp(line.key)).await;
        line.media.close().await;
    }

    /// The agent, with rights of this moment; `None`: the telephone's sign-in has ended.
    async fn user(&self) -> Option<Arc<User>> {
        self.answering.auth.authenticate(&self.token).await.ok()
    }
}

/// Returns when it is to be looked how far a transfer is; without one, never.
async fn next_look(referral: &mut Option<Referral>) {
    match referral {
        Some(referral) => referral.tick().await,
        None => std::future::pending().await,
    }
}

/// Why a telephone that has answered is not on the call.
enum NotTaken {
    /// What it answered is no session.
    Unusable,
    /// The call is not there to be taken any more.
    Gone,
}
