//! Calls that agents make: who is called, what the agent is told, and the promise to whoever was called.

use std::time::{Duration, Instant};

use budget::Networks;
use control_plane::{AddingProgress, Dialed, NotReached};
use interaction::{CallId, DialedNumber, ModeKind};
use orchestrator::calls::error::{AddNumberError, CallNumberError, DialError, DialRefusal};
use sip::digest::{Algorithm, Credentials, Secret, Verifier};
use sip::message::Method;
use sip_testkit::{AGENT, CALLER, Carrier, PATIENCE, Phone, SUPERVISOR, Sound, Stage};
use telephony::{Login, OutboundConfig, Peer, TrunkConfig};

use crate::centre::{Centre, Person};

/// A number that the carrier is allowed to be asked for.
pub const NUMBER: &str = "+4930123456";
/// What whoever is called to a call says, Hz.
pub const OUTSIDE: f32 = 2_711.0;
const LOOK: Duration = Duration::from_millis(20);

/// The carrier as a trunk that calls numbers.
pub fn trunk(carrier: &Carrier) -> TrunkConfig {
    let server = Peer::udp(carrier.address());
    let prefixes = vec!["+49".to_owned(), "*".to_owned()];
    let outbound = OutboundConfig {
        caller: Some("+4930999".to_owned()),
        calls_max: 2,
        ..OutboundConfig::new(server, prefixes)
    };
    let peers = Networks::parse(["127.0.0.1"]).unwrap();
    TrunkConfig { outbound: Some(outbound), ..TrunkConfig::new("carrier", peers) }
}

async fn centre(trunk: TrunkConfig) -> Centre {
    let centre = Centre::with(trunk).await;
    until(|| centre.orchestrator.telephony_status().trunks[0].answered_at.is_some()).await;
    centre
}

/// Waits until it is so.
pub async fn until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never is so");
        tokio::time::sleep(LOOK).await;
    }
}

/// The agent calls a number.
pub async fn dial(agent: &Person, number: &str) -> Result<CallId, CallNumberError> {
    let number = DialedNumber::parse(number).unwrap();
    let call = agent.orchestrator().dial(&agent.user, agent.station, number).await?;
    Ok(call.sight.card.id)
}

fn refusal(error: CallNumberError) -> DialRefusal {
    match error {
        CallNumberError::NotDialed(DialError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

async fn dial_in(agent: &Person, call: CallId, transfer: bool) -> Result<(), AddNumberError> {
    let wanted = (DialedNumber::parse(NUMBER).unwrap(), transfer);
    agent.orchestrator().dial_in(&agent.user, call, wanted).await.map(drop)
}

fn dialed(agent: &Person, call: CallId) -> Option<Dialed> {
    agent.orchestrator().call(&agent.user, call).unwrap().sight.card.dialed
}

/// Waits until somebody has taken it.
async fn until_taken(agent: &Person, call: CallId) {
    let state = || agent.orchestrator().call(&agent.user, call).unwrap().sight.card.state.clone();
    until(|| state().answered_at().is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_rings_is_taken_and_hears_a_supervisor_in_barge_alone() {
    let carrier = Carrier::new().await;
    let centre = centre(trunk(&carrier)).await;
    let agent = centre.agent("agent", AGENT).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let call = dial(&agent, NUMBER).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    assert_eq!(invite.request.uri.user.as_deref(), Some(NUMBER));
    let shown = invite.request.core.from.uri.user.as_deref();
    assert_eq!(shown, Some("+4930999"), "the trunk's own number, and nobody's name");
    assert_eq!(invite.request.core.from.name.as_deref().unwrap_or_default(), "");
    assert_eq!(dialed(&agent, call), Some(Dialed { by: agent.user.id, rings: false }));
    // Early media are nobody's: the page plays its own tone.
    carrier.replies(&invite, "183 Session Progress", "", &carrier.sound.sdp()).await;
    until(|| dialed(&agent, call).is_some_and(|it| it.rings)).await;
    let early =
        centre.orchestrator.supervise(&supervisor.user, call, supervisor.station, ModeKind::Listen);
    assert!(early.await.is_err(), "nobody has taken it");
    assert_eq!(carrier.sound.packets(), 0, "nothing is sent before it is taken");
    carrier.answers(&invite, CALLER).await;
    until_taken(&agent, call).await;
    let stage =
        Stage { caller: &carrier.sound, agent: &agent.sound, supervisor: &supervisor.sound };
    supervisor.plays(call, stage).await;
    let record = centre.orchestrator.call(&supervisor.user, call).unwrap().sight.card;
    assert_eq!(record.caller.number.as_deref(), Some(NUMBER));
    agent.hang_up(call).await;
    carrier.hung_up().await;
    agent.until_no_call().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_called_hangs_up_and_the_record_says_who_called_whom() {
    let carrier = Carrier::new().await;
    let centre = centre(trunk(&carrier)).await;
    let agent = centre.agent("agent", AGENT).await;
    let call = dial(&agent, "+49 (30) 123-456").await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.answers(&invite, CALLER).await;
    until_taken(&agent, call).await;
    carrier.hangs_up(&invite).await;
    agent.until_no_call().await;
    let record = centre.record(call).await;
    assert_eq!(record.caller_number.as_deref(), Some(NUMBER));
    assert_eq!(record.end_reason, "caller");
    let opening = centre.opening(call).await;
    assert_eq!(opening.dialed_by, Some(agent.user.id));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_its_own_words_and_leaves_the_agent_free() {
    let carrier = Carrier::new().await;
    let peers = trunk(&carrier);
    let outbound = peers.outbound.clone().map(|it| OutboundConfig { calls_per_minute: 100, ..it });
    let centre = centre(TrunkConfig { outbound, ..peers }).await;
    let agent = centre.agent("agent", AGENT).await;
    for (status, why) in [
        ("486 Busy Here", NotReached::Busy),
        ("603 Decline", NotReached::Declined),
        ("480 Temporarily Unavailable", NotReached::NoAnswer),
        ("404 Not Found", NotReached::NoSuchNumber),
        ("403 Forbidden", NotReached::TrunkRefused),
        ("488 Not Acceptable Here", NotReached::NoCommonCodec),
        ("503 Service Unavailable", NotReached::TrunkFailed),
        ("302 Moved Temporarily", NotReached::TrunkFailed),
    ] {
        let call = dial(&agent, NUMBER).await.unwrap();
        let invite = carrier.request(&Method::Invite).await;
        carrier.refuses(&invite, status).await;
        assert_eq!(centre.record(call).await.end_reason, why.name(), "{status}");
        agent.until_no_call().await;
    }
    // What is answered is no session.
    let call = dial(&agent, NUMBER).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.replies(&invite, "200 OK", "", "").await;
    assert_eq!(centre.record(call).await.end_reason, NotReached::NoCommonCodec.name());
    carrier.hung_up().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_hangs_up_while_it_rings_takes_it_back() {
    let carrier = Carrier::new().await;
    let centre = centre(trunk(&carrier)).await;
    let agent = centre.agent("agent", AGENT).await;
    let call = dial(&agent, NUMBER).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.replies(&invite, "180 Ringing", "", "").await;
    until(|| dialed(&agent, call).is_some_and(|it| it.rings)).await;
    let busy = dial(&agent, NUMBER).await.unwrap_err();
    assert_eq!(refusal(busy), DialRefusal::AgentBusy);
    agent.hang_up(call).await;
    carrier.cancelled(&invite).await;
    agent.until_no_call().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_rings_in_vain_is_given_up() {
    let carrier = Carrier::new().await;
    let config = trunk(&carrier);
    let ring_timeout = Duration::from_millis(800);
    let outbound = config.outbound.clone().map(|it| OutboundConfig { ring_timeout, ..it });
    let centre = centre(TrunkConfig { outbound, ..config }).await;
    let agent = centre.agent("agent", AGENT).await;
    let call = dial(&agent, NUMBER).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.replies(&invite, "180 Ringing", "", "").await;
    assert_eq!(centre.record(call).await.end_reason, NotReached::NoAnswer.name());
    carrier.cancelled(&invite).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_asks_is_told_the_secret() {
    let carrier = Carrier::new().await;
    let config = trunk(&carrier);
    let secret = Secret::new("of the carrier's");
    let login = Some(Login { username: "sotto".to_owned(), secret: secret.clone() });
    let outbound = config.outbound.clone().map(|it| OutboundConfig { login, ..it });
    let centre = centre(TrunkConfig { outbound, ..config }).await;
    let agent = centre.agent("agent", AGENT).await;
    let call = dial(&agent, NUMBER).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    let now = Instant::now();
    let mut verifier = Verifier::new("carrier", vec![Algorithm::Sha256], [1; 32]);
    let asks = format!("Proxy-Authenticate: {}\r\n", verifier.challenges(now, 1, false)[0]);
    carrier.replies(&invite, "407 Proxy Authentication Required", &asks, "").await;
    let again = carrier.request(&Method::Invite).await;
    let mut headers = sip::message::Headers::default();
    headers.push("Authorization", again.request.headers.get("Proxy-Authorization").unwrap());
    let credentials = Credentials::of(&headers, "carrier").unwrap();
    verifier.verify(now, ("INVITE", &again.request.uri), &credentials, Some(&secret)).unwrap();
    carrier.answers(&again, CALLER).await;
    until_taken(&agent, call).await;
    agent.hang_up(call).await;
    carrier.hung_up().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_allowed_is_not_called() {
    let carrier = Carrier::new().await;
    let centre = centre(trunk(&carrier)).await;
    let agent = centre.agent("agent", AGENT).await;
    let why = async |number: &str| refusal(dial(&agent, number).await.unwrap_err());
    assert_eq!(why("+1900555123").await, DialRefusal::NotAllowed);
    assert_eq!(centre.orchestrator.dialed_prefixes(), ["*", "+49"]);
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let refused = dial(&supervisor, NUMBER).await.unwrap_err();
    assert!(matches!(refused, CallNumberError::Lacks(_)), "{refused:?}");
    assert!(carrier.is_quiet(Duration::from_millis(300)).await);
    centre.stop().await;
    // Without a word about it, no number may be called at all.
    let plain = Centre::start().await;
    let agent = plain.agent("agent", AGENT).await;
    let refused = dial(&agent, NUMBER).await.unwrap_err();
    assert_eq!(refusal(refused), DialRefusal::NotAllowed);
    plain.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_is_down_calls_nobody() {
    let carrier = Carrier::new().await;
    carrier.set_up(false);
    let centre = centre_that_is_down(&carrier).await;
    let agent = centre.agent("agent", AGENT).await;
    let refused = dial(&agent, NUMBER).await.unwrap_err();
    assert_eq!(refusal(refused), DialRefusal::TrunkDown);
    // It is asked again five seconds later.
    carrier.set_up(true);
    until(|| centre.orchestrator.telephony_status().trunks[0].answered_at.is_some()).await;
    dial(&agent, NUMBER).await.unwrap();
    carrier.request(&Method::Invite).await;
    centre.stop().await;
}

async fn centre_that_is_down(carrier: &Carrier) -> Centre {
    let centre = Centre::with(trunk(carrier)).await;
    until(|| centre.orchestrator.telephony_status().trunks[0].status == Some(503)).await;
    centre
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_takes_a_call_and_never_sends_anything_is_lost() {
    let carrier = Carrier::new().await;
    let mut config = trunk(&carrier);
    config.media.media_timeout = Duration::from_secs(5);
    let centre = centre(config).await;
    let agent = centre.agent("agent", AGENT).await;
    let call = dial(&agent, NUMBER).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.replies(&invite, "200 OK", "", &carrier.sound.sdp()).await;
    carrier.request(&Method::Ack).await;
    let taken = Instant::now();
    assert_eq!(centre.record(call).await.end_reason, "lost");
    assert!(taken.elapsed() >= Duration::from_secs(4), "{:?}", taken.elapsed());
    carrier.hung_up().await;
    centre.stop().await;
}

/// The caller and whoever was called talk on without the agent; neither ever hears the supervisor before Barge.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_transferred_to_a_number() {
    let carrier = Carrier::new().await;
    let centre = centre(trunk(&carrier)).await;
    let agent = centre.agent("agent", AGENT).await;
    let supervisor = centre.person("supervisor", SUPERVISOR).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let call = agent.take().await.sight.card.id;
    let caller = calling.await.unwrap();
    let leg = supervisor.listen(call).await;
    dial_in(&agent, call, true).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.replies(&invite, "180 Ringing", "", "").await;
    let adding =
        || centre.orchestrator.call(&supervisor.user, call).unwrap().sight.card.adding.clone();
    until(|| adding().is_some_and(|it| it.progress == AddingProgress::Ringing)).await;
    let again = dial_in(&agent, call, false).await.unwrap_err();
    let busy = AddNumberError::NotDialed(DialRefusal::AgentBusy.into());
    assert_eq!(again.to_string(), busy.to_string());
    carrier.answers(&invite, OUTSIDE).await;
    until(|| adding().is_none()).await;
    let heard = async |sound: &Sound, of: &[f32], what: &str| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let from = Instant::now();
            tokio::time::sleep(Duration::from_millis(800)).await;
            let tones = sound.tones(&[CALLER, AGENT, SUPERVISOR, OUTSIDE], from);
            if tones == of {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: {tones:?} instead of {of:?}");
        }
    };
    heard(&caller.sound, &[OUTSIDE], "the caller, without the agent").await;
    heard(&carrier.sound, &[CALLER], "whoever was called").await;
    heard(&supervisor.sound, &[CALLER, OUTSIDE], "the supervisor who listens").await;
    supervisor.mode(call, &leg, ModeKind::Barge).await;
    heard(&caller.sound, &[SUPERVISOR, OUTSIDE], "the caller in Barge").await;
    heard(&carrier.sound, &[CALLER, SUPERVISOR], "whoever was called in Barge").await;
    supervisor.mode(call, &leg, ModeKind::Listen).await;
    heard(&carrier.sound, &[CALLER], "whoever was called, in Listen again").await;
    carrier.hangs_up(&invite).await;
    caller.hung_up().await;
    agent.until_no_call().await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_nobody_takes_leaves_the_call_as_it_was() {
    let carrier = Carrier::new().await;
    let centre = centre(trunk(&carrier)).await;
    let agent = centre.agent("agent", AGENT).await;
    let calling = tokio::spawn(Phone::call(centre.sip, "support", CALLER));
    let call = agent.take().await.sight.card.id;
    let caller = calling.await.unwrap();
    let adding = || centre.orchestrator.call(&agent.user, call).unwrap().sight.card.adding.clone();
    dial_in(&agent, call, true).await.unwrap();
    carrier.refuses(&carrier.request(&Method::Invite).await, "486 Busy Here").await;
    let busy = AddingProgress::Failed(NotReached::Busy);
    until(|| adding().is_some_and(|it| it.progress == busy)).await;
    dial_in(&agent, call, true).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.replies(&invite, "180 Ringing", "", "").await;
    until(|| adding().is_some_and(|it| it.progress == AddingProgress::Ringing)).await;
    centre.orchestrator.stop_dialing_in(&agent.user, call).unwrap();
    carrier.cancelled(&invite).await;
    assert_eq!(adding(), None);
    // One that is still ringing when the caller hangs up is taken back, too.
    dial_in(&agent, call, false).await.unwrap();
    let invite = carrier.request(&Method::Invite).await;
    carrier.replies(&invite, "180 Ringing", "", "").await;
    caller.hang_up().await;
    carrier.cancelled(&invite).await;
    agent.until_no_call().await;
    centre.stop().await;
}
