//! Calls to numbers, which agents make: which trunk calls them, and what comes of it.
//!
//! Whoever is called gets nothing before they answer: no early media, and no sound of the call's. From then on they
//! are a caller, and what is sent to them hangs on the caller's part alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use accounts::User;
use budget::{Rate, Rates};
use control_plane::{CallerInfo, CallerSource, NotReached};
use interaction::{CallId, DialedNumber};
use orchestrator::calls::error::{DialError, DialRefusal};
use orchestrator::{CallProgress, Dial, DialPurpose, Draining};
use sip::admission::TrunkId;
use sip::message::Uri;
use sip::{CallKey, NetworkCaller, Outgoing, Peer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::call::{Answering, Call, CallNews, order};
use crate::config::{MediaTerms, OutboundConfig, TrunkConfig};
use crate::media_side::MediaSide;
use crate::news::{NEWS_MAX, News};
use crate::order::Order;

/// How numbers are called by one trunk.
struct Way {
    trunk: usize,
    config: OutboundConfig,
    media: MediaTerms,
    /// The calls that may go on at the same time.
    places: Arc<Semaphore>,
    begun: Mutex<Rates<()>>,
}

/// The trunks by which numbers can be called.
pub(crate) struct Ways(Vec<Arc<Way>>);

impl Ways {
    pub(crate) fn of(trunks: &[TrunkConfig]) -> Self {
        let way = |(trunk, it): (usize, &TrunkConfig)| {
            let config = it.outbound.clone()?;
            let per_minute = config.calls_per_minute.max(1);
            let rate = Rate::new(per_minute, Duration::from_secs(60) / per_minute);
            Some(Arc::new(Way {
                trunk,
                media: it.media.clone(),
                places: Arc::new(Semaphore::new(config.calls_max)),
                begun: Mutex::new(Rates::new(rate, 1)),
                config,
            }))
        };
        Self(trunks.iter().enumerate().filter_map(way).collect())
    }

    /// How a number has to begin so that one of them calls it; in order, each once.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        let all = self.0.iter().flat_map(|way| way.config.prefixes.iter().cloned());
        let distinct: std::collections::BTreeSet<String> = all.collect();
        distinct.into_iter().collect()
    }

    /// The trunk that names most of the number, of those that are up and have room.
    fn choose(
        &self,
        now: Instant,
        number: &DialedNumber,
        is_up: impl Fn(usize) -> bool,
    ) -> Result<(Arc<Way>, OwnedSemaphorePermit), DialRefusal> {
        let named = |way: &Arc<Way>| Some((number.allowed_by(&way.config.prefixes)?, way.clone()));
        let mut ways: Vec<(usize, Arc<Way>)> = self.0.iter().filter_map(named).collect();
        // The order of the configuration among equals: the sort is stable.
        ways.sort_by_key(|(named, _)| std::cmp::Reverse(*named));
        let mut refusal = DialRefusal::NotAllowed;
        for (_, way) in ways {
            if !is_up(way.trunk) {
                refusal = DialRefusal::TrunkDown;
                continue;
            }
            match way.place(now) {
                Some(permit) => return Ok((way, permit)),
                None => refusal = DialRefusal::TooMany,
            }
        }
        Err(refusal)
    }
}

impl Way {
    fn place(&self, now: Instant) -> Option<OwnedSemaphorePermit> {
        let permit = self.places.clone().try_acquire_owned().ok()?;
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.take(now, ()).ok().map(|()| permit)
    }

    /// Where the number is, for this trunk.
    fn uri(&self, number: &DialedNumber) -> Uri {
        let (host, port) = match &self.config.domain {
            Some(domain) => (domain.clone(), None),
            None => self.config.servers.host(),
        };
        Uri::sip(Some(number.as_str()), &host, port)
    }
}

/// Calls what agents want called, for as long as there is anybody who wants it.
pub(crate) async fn serve(ways: Ways, answering: Arc<Answering>, mut dials: mpsc::Receiver<Dial>) {
    while let Some(dial) = dials.recv().await {
        match ways.choose(Instant::now(), &dial.number, |trunk| answering.ways.is_up(trunk)) {
            Ok((way, permit)) => {
                let dialing = Dialing { answering: answering.clone(), way, _permit: permit };
                tokio::spawn(dialing.run(dial));
            }
            // Whoever asked may have gone.
            Err(refusal) => drop(dial.reply.send(Err(refusal.into()))),
        }
    }
}

/// One number that is called.
pub(crate) struct Dialing {
    pub(crate) answering: Arc<Answering>,
    way: Arc<Way>,
    /// Given back once the call is over.
    _permit: OwnedSemaphorePermit,
}

/// It is being called.
pub(crate) struct Called {
    pub(crate) id: CallId,
    pub(crate) key: CallKey,
    pub(crate) callee: Arc<User>,
    pub(crate) media: MediaSide,
    pub(crate) news: CallNews,
}

impl Dialing {
    /// How long it may ring.
    pub(crate) fn patience(&self) -> Duration {
        self.way.config.ring_timeout
    }

    async fn run(self, dial: Dial) {
        let number = dial.number.clone();
        let agent = dial.agent.id;
        let Dial { agent: user, purpose, reply, .. } = dial;
        match self.begin((&user, &number), &purpose).await {
            Ok(called) => {
                tracing::info!(call = %called.id, %agent, %number, "an agent calls a number");
                // Whoever asked may have gone; the agent is on the call all the same.
                drop(reply.send(Ok(called.id)));
                match purpose {
                    DialPurpose::Call(_) => self.wait(called).await,
                    DialPurpose::Join(to) => self.bring(called, to).await,
                }
            }
            Err(error) => {
                tracing::info!(%agent, %error, "a number is not called");
                drop(reply.send(Err(error)));
            }
        }
    }

    /// A guest, a station that offers a session, a call with the agent on it, and an INVITE.
    async fn begin(
        &self,
        (agent, to): (&Arc<User>, &DialedNumber),
        purpose: &DialPurpose,
    ) -> Result<Called, DialError> {
        let Self { answering, way, .. } = self;
        let number = to.as_str();
        let servers = self.servers().await?;
        let callee = answering.auth.network_caller(number).await.map_err(|error| {
            tracing::warn!(%error, "no place for somebody who is to be called");
            DialError::LinesBusy
        })?;
        let station = way.media.station(servers.0.address.ip());
        let media = MediaSide::open(&answering.orchestrator, &callee, (None, station)).await;
        let media = media.map_err(|refusal| {
            tracing::warn!(status = refusal.status, "no place for the media of a call to a number");
            DialError::LinesBusy
        })?;
        let opened = match purpose {
            DialPurpose::Join(to) => Ok(to.call),
            DialPurpose::Call(station) => {
                let info = CallerInfo {
                    name: number.to_owned(),
                    number: Some(number.to_owned()),
                    source: CallerSource::Dialed,
                };
                answering.orchestrator.open_dialed((agent, *station), &callee, info).await
            }
        };
        let invited = match opened {
            // Without an answer the telephone side has ended, and the server's calls with it.
            Ok(id) => {
                let invited = self.invite(servers, to, media.sdp.clone()).await;
                invited.ok_or(DialError::from(Draining)).map(|it| (id, it))
            }
            Err(error) => Err(error),
        };
        match invited {
            Ok((id, (key, news))) => Ok(Called { id, key, callee, media, news }),
            Err(error) => {
                media.close().await;
                Err(error)
            }
        }
    }

    /// Where the call goes, and then, if nobody answers there.
    async fn servers(&self) -> Result<(Peer, Vec<Peer>), DialError> {
        let (reply, servers) = oneshot::channel();
        order(&self.answering, Order::Servers(TrunkId(self.way.trunk), reply)).await;
        let mut servers = servers.await.map_err(|_| Draining)?;
        if servers.is_empty() {
            // DNS has named none.
            return Err(DialRefusal::TrunkDown.into());
        }
        Ok((servers.remove(0), servers))
    }

    async fn invite(
        &self,
        (to, then): (Peer, Vec<Peer>),
        number: &DialedNumber,
        sdp: String,
    ) -> Option<(CallKey, CallNews)> {
        let OutboundConfig { caller, login, .. } = &self.way.config;
        let outgoing = Outgoing {
            to,
            then,
            uri: self.way.uri(number),
            caller: NetworkCaller { name: None, number: caller.clone() },
            sdp,
            login: login.clone(),
            refers: false,
        };
        let (sender, news) = mpsc::channel(NEWS_MAX);
        let (reply, key) = oneshot::channel();
        let outgoing = Box::new(outgoing);
        order(&self.answering, Order::Call { outgoing, news: sender, reply }).await;
        key.await.ok().map(|key| (key, news))
    }

    /// Until somebody takes the call, nobody does, or the agent hangs up.
    async fn wait(self, mut called: Called) {
        let Self { answering, way, .. } = &self;
        let (id, key) = (called.id, called.key);
        let mut progress = answering.orchestrator.call_progress(id);
        let patience = tokio::time::sleep(way.config.ring_timeout);
        tokio::pin!(patience);
        let why = loop {
            if matches!(*progress.borrow_and_update(), CallProgress::Ended(_)) {
                break None;
            }
            let told = tokio::select! {
                biased;
                told = called.news.recv() => told.map(|(_, told)| told),
                () = &mut patience => break Some(NotReached::NoAnswer),
                // Without anybody to tell, the server ends.
                changed = progress.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => break None,
                },
            };
            match told {
                Some(News::Ringing) => answering.orchestrator.dialed_rings(id),
                Some(News::Taken(answer)) => match self.take_call(&called, answer).await {
                    Ok(()) => {
                        let Called { callee, media, news, .. } = called;
                        let call = Call { id, caller: callee, media, progress };
                        return call.carry(answering, key, news, true).await;
                    }
                    Err(why) => break why,
                },
                Some(News::Refused(status)) => break Some(not_reached(status)),
                Some(News::Ended(_)) | None => break Some(NotReached::TrunkFailed),
                // Nothing of it is possible before it is taken.
                Some(
                    News::Answered(_) | News::Reoffered(..) | News::Digit(_) | News::Referred(_),
                ) => {}
            }
        };
        order(answering, Order::HangUp(key)).await;
        if let Some(why) = why {
            answering.orchestrator.dialed_in_vain(id, why);
        }
        called.media.close().await;
    }

    /// Somebody has taken it: their session is put into force, if it is possible.
    pub(crate) async fn take_answer(
        called: &Called,
        answer: Option<String>,
    ) -> Result<(), NotReached> {
        let answer = answer.ok_or(NotReached::NoCommonCodec)?;
        called.media.take_answer(answer).await.map_err(|refusal| {
            let (call, status) = (called.id, refusal.status);
            tracing::info!(%call, status, "who was called has answered with no session that is possible");
            NotReached::NoCommonCodec
        })
    }

    /// The same, and they join the call. `Err(None)`: the agent has gone.
    async fn take_call(
        &self,
        called: &Called,
        answer: Option<String>,
    ) -> Result<(), Option<NotReached>> {
        Self::take_answer(called, answer).await.map_err(Some)?;
        let orchestrator = &self.answering.orchestrator;
        let station = called.media.station;
        orchestrator.dialed_taken(&called.callee, called.id, station).await.map_err(|error| {
            tracing::debug!(call = %called.id, %error, "the agent had gone before a call was taken");
            None
        })
    }
}

/// What a final answer to our INVITE means to whoever called (RFC 3261 §21).
pub(crate) fn not_reached(status: u16) -> NotReached {
    match status {
        486 | 600 => NotReached::Busy,
        // 607, 608: RFC 8197, RFC 8688.
        603 | 607 | 608 => NotReached::Declined,
        408 | 480 | 487 => NotReached::NoAnswer,
        404 | 410 | 414 | 416 | 484 | 485 | 604 => NotReached::NoSuchNumber,
        401 | 402 | 403 | 405 | 407 | 433 => NotReached::TrunkRefused,
        406 | 415 | 488 | 606 => NotReached::NoCommonCodec,
        // A redirection, too: whom a trunk names instead is nobody whom an operator has allowed.
        _failure => NotReached::TrunkFailed,
    }
}

#[cfg(test)]
mod tests {
    use budget::Networks;

    use super::*;

    fn trunk(prefixes: &[&str], calls_max: usize, calls_per_minute: u32) -> TrunkConfig {
        let server = Peer::udp(([192, 0, 2, 1], 5060).into());
        let prefixes = prefixes.iter().map(|it| (*it).to_owned()).collect();
        let outbound =
            OutboundConfig { calls_max, calls_per_minute, ..OutboundConfig::new(server, prefixes) };
        let peers = Networks::parse(["192.0.2.1"]).unwrap();
        TrunkConfig { outbound: Some(outbound), ..TrunkConfig::new("pbx", peers) }
    }

    fn number(text: &str) -> DialedNumber {
        DialedNumber::parse(text).unwrap()
    }

    #[test]
    fn the_trunk_that_names_most_of_a_number_calls_it_while_it_is_up() {
        let ways = Ways::of(&[trunk(&["+49"], 5, 60), trunk(&["+4930", "*"], 5, 60)]);
        assert_eq!(ways.prefixes(), ["*", "+49", "+4930"]);
        let now = Instant::now();
        let chosen = |text: &str, down: Option<usize>| {
            ways.choose(now, &number(text), |trunk| Some(trunk) != down).map(|(way, _)| way.trunk)
        };
        assert_eq!(chosen("+4930123", None), Ok(1));
        assert_eq!(chosen("+4930123", Some(1)), Ok(0));
        assert_eq!(chosen("+4989123", None), Ok(0));
        assert_eq!(chosen("*21#", Some(1)), Err(DialRefusal::TrunkDown));
        assert_eq!(chosen("+1900123456", None), Err(DialRefusal::NotAllowed));
        let none = Ways::of(&[TrunkConfig { outbound: None, ..trunk(&["+"], 5, 60) }]);
        let refused = none.choose(now, &number("+4930123"), |_| true).map(|(way, _)| way.trunk);
        assert_eq!(
            refused,
            Err(DialRefusal::NotAllowed),
            "nothing is allowed unless it is configured"
        );
    }

    #[test]
    fn calls_out_are_bounded_at_a_time_and_in_a_minute() {
        let now = Instant::now();
        let at_once = Ways::of(&[trunk(&["+"], 2, 60)]);
        let choose = |ways: &Ways| ways.choose(now, &number("+4930123"), |_| true);
        let held = (choose(&at_once).unwrap(), choose(&at_once).unwrap());
        assert_eq!(choose(&at_once).err(), Some(DialRefusal::TooMany));
        drop(held);
        assert!(choose(&at_once).is_ok());
        let slow = Ways::of(&[trunk(&["+"], 100, 3)]);
        for _ in 0..3 {
            assert!(choose(&slow).is_ok());
        }
        assert_eq!(choose(&slow).err(), Some(DialRefusal::TooMany));
        let later = slow.choose(now + Duration::from_secs(20), &number("+4930123"), |_| true);
        assert!(later.is_ok());
    }

    #[test]
    fn each_answer_has_its_own_words() {
        let told = [486, 603, 480, 404, 403, 488, 503, 302].map(not_reached).map(NotReached::name);
        let words =
            ["busy", "declined", "no_answer", "no_such_number", "trunk_refused", "no_common_codec"];
        assert_eq!(told[..6], words);
        assert_eq!(told[6..], ["trunk_failed"; 2]);
    }
}
