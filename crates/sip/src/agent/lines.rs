//! Lines: extensions of a PBX's that we register at it (RFC 3261 §10.2), as its telephones do.

use std::time::{Duration, Instant};

use super::call::Purpose;
use super::{ALLOW, Timer, UserAgent};
use crate::digest::Challenge;
use crate::message::{Headers, Method, NameAddr, Response, Uri};
use crate::timers::TimerKey;
use crate::types::{Event, LineConfig, LineId, LineState, Peer};

/// How soon it is tried again when a server can't be reached, or is not well.
const RETRY: Duration = Duration::from_secs(5);
/// How soon after a server has said no: whoever asks more often is taken for somebody who guesses.
const REFUSED_RETRY: Duration = Duration::from_secs(300);
/// How long before its end a registration is renewed, at most.
const EARLY_MAX: Duration = Duration::from_secs(30);
/// How often one registration is asked who it is: a wrong secret is not tried again.
const CHALLENGES_MAX: u32 = 2;
/// The longest time that a server may want, s.
const EXPIRES_MAX_S: u32 = 86_400;

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    config: LineConfig,
    /// Which of its servers is asked.
    server: usize,
    call_id: String,
    tag: String,
    sequence: u32,
    expires_s: u32,
    /// How often the registration that is under way was asked who it is.
    challenged: u32,
    state: LineState,
    /// A server was asked, and has not answered.
    is_asked: bool,
    /// When it is registered again.
    again: Option<TimerKey>,
}

impl Line {
    pub(super) fn new(config: LineConfig, call_id: String, tag: String) -> Self {
        let expires_s = config.expires_s;
        Self {
            config,
            server: 0,
            call_id,
            tag,
            sequence: 0,
            expires_s,
            challenged: 0,
            state: LineState::Registering,
            is_asked: false,
            again: None,
        }
    }

    fn peer(&self) -> Option<Peer> {
        self.config.servers.get(self.server).copied()
    }

    /// Where the registrar is, as a URI.
    fn registrar(&self) -> Uri {
        Uri::sip(None, &self.config.domain, None)
    }
}

impl UserAgent {
    /// Registers every line; from then on they are kept. [`Event::Line`] says how each is.
    pub fn register_lines(&mut self, now: Instant) {
        for place in 0..self.lines.len() {
            self.begin_registration(now, LineId(place));
        }
    }

    /// Takes every registration back; nothing waits for the answers.
    pub fn unregister_lines(&mut self, now: Instant) {
        for place in 0..self.lines.len() {
            if matches!(self.lines[place].state, LineState::Registered { .. }) {
                self.lines[place].expires_s = 0;
                self.begin_registration(now, LineId(place));
            }
        }
    }

    /// A line is registered at one of these from now on, the most wanted first. The one that has it keeps it if it is
    /// among them.
    pub fn set_line_servers(&mut self, now: Instant, id: LineId, servers: Vec<Peer>) {
        let Some(line) = self.lines.get_mut(id.0) else { return };
        let before = line.peer();
        let stays = servers.iter().position(|it| Some(*it) == before);
        line.config.servers = servers;
        line.server = stays.unwrap_or(0);
        if stays.is_none() && !line.is_asked && line.expires_s > 0 {
            self.begin_registration(now, id);
        }
    }

    /// How a line is.
    pub fn line(&self, id: LineId) -> Option<LineState> {
        self.lines.get(id.0).map(|line| line.state)
    }

    /// A line is to be registered, or renewed.
    pub(super) fn begin_registration(&mut self, now: Instant, id: LineId) {
        let Some(line) = self.lines.get_mut(id.0) else { return };
        line.challenged = 0;
        if let Some(again) = line.again.take() {
            self.timers.cancel(again);
        }
        self.send_register(now, id, None);
    }

    /// `proof` is the header that answers a challenge.
    fn send_register(&mut self, now: Instant, id: LineId, proof: Option<(&str, String)>) {
        let Some(to) = self.lines.get(id.0).and_then(Line::peer) else { return };
        let own = self.own_address(to.transport);
        let transport = if to.transport.is_reliable() {
            format!(";transport={}", to.transport.name().to_ascii_lowercase())
        } else {
            String::new()
        };
        let line = &mut self.lines[id.0];
        line.sequence += 1;
        line.is_asked = true;
        let user = &line.config.user;
        let contact = Uri::sip(Some(user), &own.ip().to_string(), Some(own.port()));
        let address = Uri::sip(Some(user), &line.config.domain, None);
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        headers.push("From", format!("<{address}>;tag={}", line.tag));
        headers.push("To", format!("<{address}>"));
        headers.push("Call-ID", line.call_id.clone());
        headers.push("CSeq", format!("{} REGISTER", line.sequence));
        headers.push("Contact", format!("<{contact}{transport}>;expires={}", line.expires_s));
        headers.push("Expires", line.expires_s.to_string());
        headers.push("Allow", ALLOW);
        if let Some((name, value)) = proof {
            headers.push(name, value);
        }
        let start = format!("REGISTER {} SIP/2.0", line.registrar());
        self.send_request(now, (&start, headers, ""), &Method::Register, (to, Purpose::Line(id)));
    }

    /// No answer comes, which counts as this.
    pub(super) fn line_unanswered(&mut self, now: Instant, id: LineId, status: u16) {
        let Some(line) = self.lines.get_mut(id.0) else { return };
        line.is_asked = false;
        // Taken back: nobody waits for it.
        if line.expires_s > 0 {
            self.line_failed(now, id, status);
        }
    }

    /// The server's final answer.
    pub(super) fn line_answered(&mut self, now: Instant, id: LineId, response: &Response) {
        let Some(line) = self.lines.get_mut(id.0) else { return };
        line.is_asked = false;
        if line.expires_s == 0 {
            // Taken back.
            return;
        }
        let status = response.status;
        match status {
            200..300 => {
                let granted_s = granted_s(response, &line.config.user).unwrap_or(line.expires_s);
                let life = Duration::from_secs(granted_s.clamp(1, EXPIRES_MAX_S).into());
                self.line_is(id, LineState::Registered { until: now + life });
                let again = now + life - (life / 5).min(EARLY_MAX);
                self.line_again(again, id);
            }
            401 | 407 if line.challenged < CHALLENGES_MAX => match self.line_proof(id, response) {
                Some(proof) => self.send_register(now, id, Some(proof)),
                None => self.line_failed(now, id, status),
            },
            423 => {
                let least =
                    response.headers.get("Min-Expires").and_then(|it| it.trim().parse().ok());
                match least.filter(|it| (line.expires_s + 1..=EXPIRES_MAX_S).contains(it)) {
                    Some(least) => {
                        line.expires_s = least;
                        self.send_register(now, id, None);
                    }
                    None => self.line_failed(now, id, status),
                }
            }
            _other => self.line_failed(now, id, status),
        }
    }

    /// The header that answers the server's challenge; `None`: the secret was wrong, or it asks in a way that is
    /// not known here.
    fn line_proof(&mut self, id: LineId, response: &Response) -> Option<(&'static str, String)> {
        let (asks, answers) = challenge_headers(response.status);
        let challenge = Challenge::first(&response.headers, asks)?;
        let cnonce = self.token();
        let line = &mut self.lines[id.0];
        line.challenged += 1;
        if line.challenged > 1 && !challenge.stale {
            return None;
        }
        let login = &line.config.login;
        let who = (login.username.as_str(), &login.secret);
        let uri = line.registrar().to_string();
        Some((answers, challenge.answer(who, (&Method::Register, &uri), (1, &cnonce))))
    }

    /// The next server is asked; once all of them have failed, after a while.
    fn line_failed(&mut self, now: Instant, id: LineId, status: u16) {
        let Some(line) = self.lines.get_mut(id.0) else { return };
        line.server = (line.server + 1) % line.config.servers.len().max(1);
        let is_last = line.server == 0;
        let is_refused = matches!(status, 401 | 403 | 404 | 407);
        let after = match (is_last, is_refused) {
            (false, _) => Duration::ZERO,
            (true, true) => REFUSED_RETRY,
            (true, false) => RETRY,
        };
        self.line_is(id, LineState::Failed { status });
        self.line_again(now + after, id);
    }

    fn line_again(&mut self, at: Instant, id: LineId) {
        let again = self.timers.set(at, Timer::Line(id));
        if let Some(line) = self.lines.get_mut(id.0) {
            line.again = Some(again);
        }
    }

    fn line_is(&mut self, id: LineId, state: LineState) {
        let Some(line) = self.lines.get_mut(id.0) else { return };
        line.state = state;
        self.tell(Event::Line { line: id, state });
    }
}

/// By which header a status asks who somebody is, and by which that is answered (RFC 3261 §22.2, §22.3).
pub(super) fn challenge_headers(status: u16) -> (&'static str, &'static str) {
    match status {
        407 => ("Proxy-Authenticate", "Proxy-Authorization"),
        _unauthorized => ("WWW-Authenticate", "Authorization"),
    }
}

/// For how long the server has registered our contact.
fn granted_s(response: &Response, user: &str) -> Option<u32> {
    let contacts = response.headers.list("Contact").filter_map(NameAddr::parse);
    let ours = contacts.filter(|it| it.uri.user.as_deref() == Some(user));
    let own = ours.filter_map(|it| it.parameter("expires")?.parse().ok()).max();
    own.or_else(|| response.headers.get("Expires")?.trim().parse().ok())
}
