//! Agents' telephones: one that registers signs its agent in, and what is offered to the agent rings there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accounts::Session;
use control_plane::Ending;
use interaction::CallId;
use interaction::offers::Choice;
use orchestrator::phones::{PhoneLine, PhoneNews};
use sip::{Change, PhoneId};
use tokio::sync::{oneshot, watch};

use crate::call::Answering;
use crate::config::PhoneConfig;
use crate::ringing::Ringing;

/// After this a telephone's sign-in is made anew, as soon as it is in no call: long before it would end by itself.
const SIGN_IN_OLD: Duration = Duration::from_secs(12 * 3_600);

/// The tasks of the telephones, by their place in the configuration.
pub(crate) struct Phones {
    reaches: Vec<watch::Sender<Reach>>,
}

/// Whether a telephone is there. Each change is a reason to look again.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    is_there: bool,
    /// Counts those that came, or were started anew.
    arrivals: u64,
}

/// Why a telephone's stream is over.
enum Left {
    /// It is not there any more.
    Gone,
    /// Somebody has ended its sign-in: it may come back, and not just go on.
    SignedOut,
    /// To be begun again at once.
    Again,
    /// The server ends.
    Stopping,
}

impl Phones {
    /// None is there yet. The tasks end with this.
    pub(crate) fn start(answering: &Arc<Answering>) -> Self {
        let phones = answering.phones.iter().flat_map(|it| &it.phones).cloned().enumerate();
        let start = |(place, config): (usize, PhoneConfig)| {
            let (sender, reach) = watch::channel(Reach::default());
            let phone = Phone { answering: answering.clone(), id: PhoneId(place), config };
            tokio::spawn(phone.keep(reach));
            sender
        };
        Self { reaches: phones.map(start).collect() }
    }

    /// A telephone has registered, or is there no more.
    pub(crate) fn registered(&self, id: PhoneId, change: Change, is_there: bool) {
        let Some(reach) = self.reaches.get(id.0) else { return };
        reach.send_modify(|it| {
            it.is_there = is_there;
            it.arrivals += u64::from(change == Change::Arrived);
        });
    }
}

/// One telephone's account.
struct Phone {
    answering: Arc<Answering>,
    id: PhoneId,
    config: PhoneConfig,
}

impl Phone {
    /// Keeps the agent there for as long as the telephone is.
    async fn keep(self, mut reach: watch::Receiver<Reach>) {
        let mut signed_out = None;
        loop {
            let now = *reach.borrow_and_update();
            if now.is_there
                && signed_out != Some(now.arrivals)
                && let Some((session, line)) = self.sign_in().await
            {
                match self.attend(session, line, &mut reach).await {
                    Left::Gone => {}
                    Left::SignedOut => signed_out = Some(reach.borrow().arrivals),
                    Left::Again => continue,
                    Left::Stopping => return,
                }
            }
            // The next REGISTER, at the latest, is a reason to try again.
            if reach.changed().await.is_err() {
                return;
            }
        }
    }

    /// For how long an agent without a page is not ready after they have missed a call.
    fn missed_pause(&self) -> Duration {
        self.answering.phones.as_ref().map_or(Duration::ZERO, |it| it.missed_pause)
    }

    async fn sign_in(&self) -> Option<(Session, PhoneLine)> {
        let extension = &self.config.extension;
        let session = match self.answering.auth.phone(&self.config.username).await {
            Ok(Some(session)) => session,
            Ok(None) => {
                tracing::warn!(%extension, "a telephone's agent has no account, or one that is off");
                return None;
            }
            Err(error) => {
                tracing::error!(%extension, %error, "a telephone's agent can't be read");
                return None;
            }
        };
        let orchestrator = &self.answering.orchestrator;
        let line = orchestrator.connect_phone(&session.user).inspect_err(|error| {
            tracing::warn!(%extension, %error, "a telephone's agent can't take calls");
        });
        let line = line.ok()?;
        if line.has_come && self.config.ready {
            // Refused only if the account changes in this moment; the agent may choose by the page.
            if let Err(error) = orchestrator.set_presence(&session.user, Choice::Ready) {
                tracing::debug!(%extension, %error, "a telephone's agent is not made ready");
            }
        }
        tracing::info!(%extension, "a telephone is there");
        Some((session, line))
    }

    /// Lets ring what is offered, until the telephone or its sign-in is gone.
    async fn attend(
        &self,
        session: Session,
        mut line: PhoneLine,
        reach: &mut watch::Receiver<Reach>,
    ) -> Left {
        let since = Instant::now();
        let busy = Arc::new(());
        // One at a time, as calls are offered; each ends by its own news.
        let mut ringing: HashMap<CallId, oneshot::Sender<()>> = HashMap::new();
        let mut back_at = None;
        let left = loop {
            tokio::select! {
                biased;
                told = line.news.recv() => match told {
                    Some(PhoneNews::Offered { call, caller }) => {
                        let (withdraw, withdrawn) = oneshot::channel();
                        ringing.insert(call, withdraw);
                        let rings = Ringing {
                            answering: self.answering.clone(),
                            phone: self.id,
                            token: session.token.clone(),
                            call,
                            caller,
                            _busy: busy.clone(),
                        };
                        tokio::spawn(rings.run(withdrawn));
                    }
                    Some(PhoneNews::OfferEnded(call)) => {
                        ringing.remove(&call);
                        back_at = Some(Instant::now() + self.missed_pause());
                    }
                    Some(PhoneNews::Ended(ending)) => break left(ending),
                    None => break Left::Again,
                },
                () = until(back_at) => {
                    back_at = None;
                    if let Err(error) = self.answering.orchestrator.ready_after_miss(&session.user) {
                        let extension = &self.config.extension;
                        tracing::debug!(%extension, %error, "a telephone's agent is not made ready");
                    }
                }
                changed = reach.changed() => {
                    if changed.is_err() {
                        break Left::Stopping;
                    }
                    if !reach.borrow_and_update().is_there {
                        break Left::Gone;
                    }
                    if since.elapsed() > SIGN_IN_OLD && Arc::strong_count(&busy) == 1 {
                        break Left::Again;
                    }
                }
            }
        };
        self.answering.orchestrator.disconnect(line.stream);
        tracing::info!(extension = %self.config.extension, "a telephone is not there any more");
        left
    }
}

/// Returns at that moment; `None`: never.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

fn left(ending: Ending) -> Left {
    match ending {
        Ending::SignInEnded => Left::SignedOut,
        Ending::Stopping => Left::Stopping,
        Ending::TooSlow
        | Ending::RightsChanged
        | Ending::Silent
        | Ending::BadMessage
        | Ending::Broken => Left::Again,
    }
}
